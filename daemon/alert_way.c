/* The three ways: a program with the alert in its environment and on its standard input, a mail by the sendmail
 * interface, a signed request. */
#include <stdio.h>
#include <string.h>

#include "alert_carrier_priv.h"

#define ANSWER_BYTES_MAX (64 << 10)
#define PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* ---- programs ---- */

static void child_came(void *arg, bool ok, const char *outcome, const char *output)
{
	sr_alert_way *w = arg;
	char text[400];

	snprintf(text, sizeof(text), "%s %s%s%.250s", w->def->name, outcome, *output ? ": " : "", output);
	sr_alert_way_done(w, ok, false, 0, text);
}

static int run(
	sr_alert_way *w, const char *const *argv, const char *const *envp, const char *input, size_t bytes, sr_err *err)
{
	return sr_child_start(w->carrier->children,
		&(sr_child_ask){ .argv = argv,
			.envp = envp,
			.input = input,
			.input_bytes = bytes,
			.timeout_ms = w->carrier->c.config->alert.timeout_ms,
			.fn = child_came,
			.arg = w },
		err);
}

static bool command_configured(const sr_config_alert *a)
{
	return *a->command != '\0';
}

static int command_begin(sr_alert_way *w, size_t count, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	const sr_alert *alert = &TAILQ_FIRST(&w->queue)->alert;
	SR_AUTO_FREE char *json = sr_alert_json(alert);
	const char *envp[] = {
		PATH,
		"LANG=C.UTF-8",
		sr_arena_printf(&arena, "SISROLL_ALERT_CODE=%s", alert->code),
		sr_arena_printf(&arena, "SISROLL_ALERT_SCHOOL=%lld", (long long)alert->school),
		sr_arena_printf(&arena, "SISROLL_ALERT_TEXT=%s: %s", alert->subject, alert->text),
		sr_arena_printf(&arena, "SISROLL_ALERT_STATE=%s", sr_alert_state_name(alert->state)),
		NULL,
	};
	char **argv;

	(void)count;
	if (!json || !envp[2] || !envp[3] || !envp[4] || !envp[5])
		return sr_fail_nomem(err);
	if (sr_alert_words(w->carrier->c.config->alert.command, &arena, &argv, err) < 0)
		return -1;
	return run(w, (const char *const *)argv, envp, json, strlen(json), err);
}

/* ---- mail ---- */

static bool mail_configured(const sr_config_alert *a)
{
	return a->mail_to_count > 0;
}

static int mail_begin(sr_alert_way *w, size_t count, sr_err *err)
{
	const sr_config_alert *a = &w->carrier->c.config->alert;
	const sr_alert *alerts[SR_ALERT_BATCH_MAX];
	SR_AUTO_FREE char *program = sr_strdup(a->sendmail);
	const char *argv[] = { program, "-t", "-i", NULL };
	const char *envp[] = { PATH, "LANG=C.UTF-8", NULL };
	SR_AUTO(sr_buf) text = { 0 };
	const sr_alert_letter *l;
	size_t n = 0;

	TAILQ_FOREACH(l, &w->queue, link)
	if (n < count)
		alerts[n++] = &l->alert;
	sr_alert_mail_print(&(sr_alert_mail){ .to = a->mail_to,
				    .to_count = a->mail_to_count,
				    .from = a->mail_from,
				    .alerts = alerts,
				    .count = n,
				    .now_ms = sr_clock_wall_ms(sr_loop_clock(w->carrier->c.loop)) },
		&text);
	if (text.failed || !program)
		return sr_fail_nomem(err);
	return run(w, argv, envp, text.p, text.len, err);
}

/* ---- webhook ---- */

static bool webhook_configured(const sr_config_alert *a)
{
	return *a->webhook != '\0';
}

static void webhook_came(void *arg, uint64_t cookie, const sr_response *response)
{
	sr_alert_way *w = arg;
	int status = response->status;
	const char *after = status ? sr_response_header(response, "Retry-After") : NULL;
	int64_t wait_s = 0;
	char text[400];

	(void)cookie;
	if (status)
		snprintf(text, sizeof(text), "the webhook answered %d", status);
	else
		snprintf(text, sizeof(text), "the webhook did not answer: %s", response->err.text);
	if (!after || !sr_parse_i64(after, &wait_s) || wait_s < 0 || wait_s > 3600)
		wait_s = 0;
	sr_alert_way_done(
		w, status >= 200 && status < 300, status == 0 || status == 429 || status >= 500, wait_s * 1000, text);
}

static int webhook_begin(sr_alert_way *w, size_t count, sr_err *err)
{
	const sr_alert_carrier *k = w->carrier;
	SR_AUTO_FREE char *body = sr_alert_json(&TAILQ_FIRST(&w->queue)->alert);
	char signature[SR_ALERT_SIGNATURE_BYTES];
	sr_request request = {
		.method = "POST",
		.url = k->c.config->alert.webhook,
		.body = body,
		.timeout_ms = (int)k->c.config->alert.timeout_ms,
		.body_max_bytes = ANSWER_BYTES_MAX,
	};
	const sr_transport *transport = sr_http_transport(k->http);

	(void)count;
	if (!body)
		return sr_fail_nomem(err);
	request.body_bytes = strlen(body);
	if (sr_alert_sign(k->secret.text, k->secret.len, body, request.body_bytes, signature, err) < 0)
		return -1;
	sr_request_header(&request, "Content-Type", "application/json");
	sr_request_header(&request, "X-Sisroll-Signature", signature);
	return transport->submit(transport->self, &request, webhook_came, w, 0, err);
}

/* clang-format off */
const sr_alert_way_def sr_alert_way_defs[SR_AW_COUNT] = {
	[SR_AW_COMMAND] = { "command", command_configured, command_begin, 1, 0, 1 },
	[SR_AW_MAIL] =    { "mail", mail_configured, mail_begin, SR_ALERT_BATCH_MAX, 2000, 1 },
	[SR_AW_WEBHOOK] = { "webhook", webhook_configured, webhook_begin, 1, 0, 6 },
};
/* clang-format on */

/* ---- the configuration ---- */

void sr_alert_config_check(const sr_config_alert *a, sr_buf *problems)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_err err = { 0 };
	char **words;

	if (*a->command && sr_alert_words(a->command, &arena, &words, &err) < 0)
		sr_buf_printf(problems, "[alert] command: %s\n", err.text);
	if (*a->webhook && sr_http_check_url(a->webhook, &err) < 0)
		sr_buf_printf(problems, "[alert] webhook: %s\n", err.text);
	for (size_t i = 0; i < a->mail_to_count; i++)
		if (!sr_alert_address_ok(a->mail_to[i]))
			sr_buf_printf(problems, "[alert] mail_to: '%s' is no plain address like ops@example.org\n",
				a->mail_to[i]);
	if (*a->mail_from && !sr_alert_address_ok(a->mail_from))
		sr_buf_printf(problems, "[alert] mail_from: '%s' is no plain address\n", a->mail_from);
}
