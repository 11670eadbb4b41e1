/* The queues: bounded, one delivery a way at a time, oldest first. Failures are said when they begin and when
 * they end, not once an alert. */
#include "alert_carrier.h"

#include <stdio.h>
#include <string.h>

#include "alert_carrier_priv.h"

#define QUEUE_MAX 500
#define RETRY_FIRST_MS 1000
#define RETRY_MAX_MS 60000

static const sr_timers *timers_of(const sr_alert_carrier *k)
{
	return sr_loop_timers(k->c.loop);
}

static void say(const sr_alert_carrier *k, sr_level level, const char *way, const char *text)
{
	char line[500];

	snprintf(line, sizeof(line), "alerts by %s: %s", way, text);
	sr_log_write(k->c.log, &(sr_log_entry){ .level = level, .id = SR_MSG_ALERT, .code = way, .text = line });
}

/* ---- letters ---- */

static void letter_free(sr_alert_letter *l)
{
	if (!l)
		return;
	free(l->code);
	free(l->subject);
	free(l->text);
	free(l);
}

static sr_alert_letter *letter_new(const sr_alert *alert)
{
	sr_alert_letter *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->code = sr_alert_clean(alert->code);
	l->subject = sr_alert_clean(alert->subject);
	l->text = sr_alert_clean(alert->text);
	l->alert = *alert;
	l->alert.code = l->code;
	l->alert.subject = l->subject;
	l->alert.text = l->text;
	if (!l->code || !l->subject || !l->text) {
		letter_free(l);
		return NULL;
	}
	return l;
}

static void drop_first(sr_alert_way *w)
{
	sr_alert_letter *l = TAILQ_FIRST(&w->queue);

	TAILQ_REMOVE(&w->queue, l, link);
	w->queued--;
	letter_free(l);
}

/* ---- one way's turn ---- */

static void way_turn(void *arg);

static void way_wake(sr_alert_way *w, int64_t delay_ms)
{
	if (w->timer || w->busy || !w->queued)
		return;
	w->timer = sr_timer_start(timers_of(w->carrier), delay_ms, way_turn, w);
}

static void tell_test(sr_alert_carrier *k, const char *way, bool ok, const char *text)
{
	if (k->told)
		k->told(k->told_arg, way, ok, text);
	if (--k->testing == 0 && k->told) {
		sr_alert_told_fn told = SR_TAKE(k->told);

		told(k->told_arg, NULL, true, "");
	}
}

static void note(sr_alert_way *w, bool ok, const char *text)
{
	char lost[80];

	if (!ok && !w->failing)
		say(w->carrier, SR_WARNING, w->def->name, text);
	else if (ok && w->failing)
		say(w->carrier, SR_NOTICE, w->def->name, "it works again");
	else
		say(w->carrier, SR_DEBUG, w->def->name, text);
	w->failing = !ok;
	if (!w->lost)
		return;
	snprintf(lost, sizeof(lost), "%lld were given up, since too many waited", (long long)w->lost);
	say(w->carrier, SR_WARNING, w->def->name, lost);
	w->lost = 0;
}

/* A test is answered at once: whoever asked for it waits. */
static bool try_again(sr_alert_way *w, int64_t wait_ms)
{
	int64_t delay = wait_ms ? wait_ms : (int64_t)RETRY_FIRST_MS << (w->tried - 1);

	if (w->tried >= w->def->tries || TAILQ_FIRST(&w->queue)->alert.state == SR_AL_TEST)
		return false;
	way_wake(w, delay < RETRY_MAX_MS ? delay : RETRY_MAX_MS);
	return true;
}

void sr_alert_way_done(sr_alert_way *w, bool ok, bool later, int64_t wait_ms, const char *text)
{
	bool test = TAILQ_FIRST(&w->queue)->alert.state == SR_AL_TEST;

	w->busy = false;
	note(w, ok, text);
	if (!ok && later && try_again(w, wait_ms))
		return;
	w->tried = 0;
	while (w->carried > 0) {
		drop_first(w);
		w->carried--;
	}
	way_wake(w, 0);
	if (test)
		tell_test(w->carrier, w->def->name, ok, text);
}

/* A test is a delivery of its own. */
static size_t batch_of(const sr_alert_way *w)
{
	const sr_alert_letter *l;
	size_t n = 0;

	TAILQ_FOREACH(l, &w->queue, link)
	{
		if (n == w->def->batch || (n && l->alert.state == SR_AL_TEST))
			break;
		n++;
		if (l->alert.state == SR_AL_TEST)
			break;
	}
	return n;
}

static void way_turn(void *arg)
{
	sr_alert_way *w = arg;
	sr_err err = { 0 };

	w->timer = NULL;
	if (!w->carried)
		w->carried = batch_of(w);
	w->busy = true;
	w->tried++;
	if (!w->def->configured(&w->carrier->c.config->alert))
		sr_alert_way_done(w, false, false, 0, "is not configured any more");
	else if (w->def->begin(w, w->carried, &err) < 0)
		sr_alert_way_done(w, false, false, 0, err.text);
}

static bool way_push(sr_alert_way *w, const sr_alert *alert)
{
	sr_alert_letter *l = w->queued < QUEUE_MAX ? letter_new(alert) : NULL;

	if (!l) {
		w->lost++;
		return false;
	}
	TAILQ_INSERT_TAIL(&w->queue, l, link);
	w->queued++;
	way_wake(w, alert->state == SR_AL_TEST ? 0 : w->def->gather_ms);
	return true;
}

/* ---- what the engine calls ---- */

static void carrier_send(void *self, const sr_alert *alert)
{
	sr_alert_carrier *k = self;

	for (size_t i = 0; i < SR_AW_COUNT; i++)
		if (k->way[i].def->configured(&k->c.config->alert))
			way_push(&k->way[i], alert);
}

static int carrier_test(void *self, const sr_alert *alert, sr_alert_told_fn told, void *arg)
{
	sr_alert_carrier *k = self;

	if (k->testing)
		return -1;
	for (size_t i = 0; i < SR_AW_COUNT; i++)
		if (k->way[i].def->configured(&k->c.config->alert))
			k->testing += way_push(&k->way[i], alert);
	if (!k->testing)
		return -1;
	k->told = told;
	k->told_arg = arg;
	return 0;
}

static void carrier_forget(void *self, void *arg)
{
	sr_alert_carrier *k = self;

	if (k->told_arg == arg)
		k->told = NULL;
}

const sr_alert_ways *sr_alert_carrier_ways(sr_alert_carrier *k)
{
	return &k->ways;
}

/* ---- life ---- */

int sr_alert_carrier_configure(sr_alert_carrier *k, const sr_config *config, sr_err *err)
{
	const sr_config_alert *a = &config->alert;
	sr_secret secret = { 0 };

	if (*a->webhook) {
		sr_http_options options = { .ca_file = *a->ca_file ? a->ca_file : NULL, .connections_max = 1 };

		if (sr_secret_read(a->secret_file, k->c.credentials_dir, "alert-secret", &secret, err) < 0)
			return sr_err_prefix(err, "[alert] webhook");
		if (!k->http && !(k->http = sr_http_new(k->c.loop, &options, err))) {
			sr_secret_done(&secret);
			return -1;
		}
	}
	sr_secret_done(&k->secret);
	k->secret = secret;
	k->c.config = config;
	return 0;
}

int sr_alert_carrier_new(const sr_alert_carrier_config *config, sr_alert_carrier **out, sr_err *err)
{
	sr_alert_carrier *k = calloc(1, sizeof(*k));

	if (!k)
		return sr_fail_nomem(err);
	k->c = *config;
	k->ways = (sr_alert_ways){ k, carrier_send, carrier_test, carrier_forget };
	for (size_t i = 0; i < SR_AW_COUNT; i++) {
		k->way[i].def = &sr_alert_way_defs[i];
		k->way[i].carrier = k;
		TAILQ_INIT(&k->way[i].queue);
	}
	k->children = sr_children_new(k->c.loop, err);
	if (!k->children || sr_alert_carrier_configure(k, config->config, err) < 0) {
		sr_alert_carrier_free(k);
		return -1;
	}
	*out = k;
	return 0;
}

void sr_alert_carrier_free(sr_alert_carrier *k)
{
	if (!k)
		return;
	sr_http_free(k->http);
	sr_children_free(k->children);
	for (size_t i = 0; i < SR_AW_COUNT; i++) {
		sr_timer_cancel(timers_of(k), k->way[i].timer);
		while (k->way[i].queued)
			drop_first(&k->way[i]);
	}
	sr_secret_done(&k->secret);
	free(k);
}
