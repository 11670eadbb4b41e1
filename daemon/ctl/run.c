/* One call from request to exit code: local verbs by their handler, all others over the socket. A two-step verb
 * (`year set`) is two calls with a person (or a script's --token) between them. */
#include "ctl.h"

#include <string.h>

#include "client.h"
#include "progress.h"
#include "render.h"

#define PLAN_PAGE_ITEMS 2000

/* Everything one call needs; lives on the stack of ctl_run. */
typedef struct call {
	const ctl_io *io;
	const ctl_request *request;
	ctl_out out;
	const char *subject; /* "resume 101" */
} call;

/* --- Saying no --- */

static void refuse(const call *c, const char *error, const char *outcome, const json_t *details)
{
	fflush(c->io->out);
	if (c->request->common.json)
		ctl_render_json_error(c->io, error, details);
	else
		ctl_refusal(&c->out, c->subject, outcome, details, "what");
}

static ctl_exit refuse_code(const call *c, const char *outcome, const sr_refusal *refusal, ctl_exit code)
{
	json_auto_t *details = sr_refusal_json(refusal);

	refuse(c, SR_CTL_REFUSED, outcome, details);
	return code;
}

/* What went wrong on our side of the socket. */
static ctl_exit call_failed(const call *c, const sr_err *err)
{
	static const struct {
		sr_errc errc;
		sr_code code;
		ctl_exit exit;
	} rows[] = {
		{ SR_E_NET, SR_CODE_UNREACHABLE, CTL_UNREACHABLE },
		{ SR_E_FORBIDDEN, SR_CODE_NOT_PERMITTED, CTL_NOT_PERMITTED },
		{ SR_E_TIMEOUT, SR_CODE_TIMED_OUT, CTL_TIMED_OUT },
		{ SR_E_PARSE, SR_CODE_BAD_ANSWER, CTL_FAILED },
		{ SR_E_PROTO, SR_CODE_BAD_ANSWER, CTL_FAILED },
		{ SR_E_LIMIT, SR_CODE_BAD_ANSWER, CTL_FAILED },
	};
	bool changes = c->request->command->access > ACCESS_LOOK;
	const char *untouched = sr_starts(err->text, "cannot reach") || !changes
					? "Nothing was changed."
					: "What was asked for may have been done; look before you ask again.";

	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		if (rows[i].errc == err->code)
			return refuse_code(c, "failed",
				&(sr_refusal){ .code = rows[i].code, .what = err->text, .untouched = untouched },
				rows[i].exit);
	return refuse_code(c, "failed",
		&(sr_refusal){ .code = SR_CODE_INTERNAL, .what = err->text, .untouched = untouched }, CTL_FAILED);
}

static ctl_exit exit_of_code(const char *text)
{
	sr_code code;

	if (!text || !sr_code_parse(text, &code))
		return CTL_FAILED;
	switch (code) {
	case SR_CODE_NOT_PERMITTED:
		return CTL_NOT_PERMITTED;
	case SR_CODE_TOKEN_NEEDED:
		return CTL_WAITS;
	case SR_CODE_USAGE:
		return CTL_USAGE;
	case SR_CODE_TIMED_OUT:
		return CTL_TIMED_OUT;
	default:
		return CTL_FAILED;
	}
}

/* NotPermitted and Varlink's own errors, told in the form of a refusal. */
static ctl_exit told_as_refusal(const call *c, const sr_ctl_reply *reply)
{
	SR_AUTO(sr_buf) what = { 0 };
	bool permitted = !sr_streq(reply->error, SR_CTL_NOT_PERMITTED);
	bool usage = sr_streq(reply->error, SR_VARLINK_BAD_PARAMETER);
	sr_refusal refusal = { .code = permitted ? usage ? SR_CODE_USAGE : SR_CODE_BAD_ANSWER : SR_CODE_NOT_PERMITTED };
	json_auto_t *details = NULL;

	if (!permitted) {
		sr_buf_puts(&what, "this is for ");
		ctl_value(json_object_get(reply->params, "who"), &what);
	} else {
		sr_buf_puts(&what, usage ? "the daemon does not take the parameter " : "the daemon answered ");
		if (usage)
			ctl_value(json_object_get(reply->params, "parameter"), &what);
		else
			ctl_clean(&what, reply->error);
	}
	refusal.what = sr_buf_text(&what);
	details = sr_refusal_json(&refusal);
	if (c->request->common.json)
		ctl_render_json_error(c->io, reply->error, reply->params);
	else
		ctl_refusal(&c->out, c->subject, "refused", details, "what");
	return !permitted ? CTL_NOT_PERMITTED : usage ? CTL_USAGE : CTL_FAILED;
}

static ctl_exit error_reply(const call *c, const sr_ctl_reply *reply)
{
	if (!sr_streq(reply->error, SR_CTL_REFUSED))
		return told_as_refusal(c, reply);
	refuse(c, reply->error, "refused", reply->params);
	return exit_of_code(sr_json_text(reply->params, "code"));
}

/* --- Asking the daemon --- */

/* One connection a call: a person may think for long between the two calls of `year set`. */
static int ask(const call *c, json_t *params, sr_ctl_reply *reply, sr_err *err)
{
	CTL_AUTO_CLIENT ctl_client *client = NULL;
	const ctl_common *common = &c->request->common;
	int64_t deadline_ms = c->request->timeout_ms ? sr_clock_mono_ms(c->io->clock) + c->request->timeout_ms : 0;
	char method[SR_METHOD_BYTES];
	ctl_progress progress;
	int rc;

	if (ctl_connect(common->socket ? common->socket : c->io->socket, c->io->clock, deadline_ms, &client, err) != 0)
		return -1;
	ctl_progress_init(&progress, &c->out, common->json);
	rc = ctl_call(client, sr_command_method(c->request->command, method), params, c->request->waits,
		ctl_progress_report, &progress, reply, err);
	ctl_progress_done(&progress);
	return rc;
}

/* A plan comes in pages; they are put together, so that text, JSON and CSV show the whole. Someone who asks for a
 * page by --limit gets that page. */
static int ask_pages(const call *c, sr_ctl_reply *whole, sr_err *err)
{
	json_auto_t *params = json_copy(c->request->params);
	bool one_page = json_object_get(params, "limit") != NULL;

	if (!params || (!one_page && json_object_set_new(params, "limit", json_integer(PLAN_PAGE_ITEMS)) != 0))
		return sr_fail_nomem(err);
	if (ask(c, params, whole, err) != 0)
		return -1;
	while (!one_page && !whole->error[0] && sr_json_int(whole->params, "next", 0) > 0) {
		SR_AUTO(sr_ctl_reply) page = { 0 };
		json_t *items = sr_json_array(whole->params, "items");

		json_object_set(params, "after", json_object_get(whole->params, "next"));
		if (ask(c, params, &page, err) != 0)
			return -1;
		if (page.error[0] || json_array_size(sr_json_array(page.params, "items")) == 0)
			return sr_fail(err, SR_E_PROTO, "the plan changed while it was read");
		json_object_del(whole->params, "next");
		if (json_array_extend(items, sr_json_array(page.params, "items")) != 0 ||
			json_object_update_missing(whole->params, page.params) != 0)
			return sr_fail_nomem(err);
	}
	return 0;
}

static ctl_exit show(const call *c, const json_t *params)
{
	sr_err err = { 0 };
	ctl_exit code;

	if (c->request->common.json) {
		ctl_render_json(c->io, params);
		return ctl_reply_exit(c->request, params);
	}
	code = ctl_render_text(&c->out, c->request, params, &err);
	return err.code ? call_failed(c, &err) : code;
}

/* Reads one line of what a person typed. False: end of input. */
static bool read_line(const call *c, const char *question, char *line, size_t bytes)
{
	fputs(question, c->io->out);
	fflush(c->io->out);
	if (!fgets(line, (int)bytes, c->io->in))
		return false;
	sr_trim(line);
	return true;
}

/* --- Two steps: what a preview shows is confirmed by a token, and by typing what the eyes have read --- */

/* The word to type: the year of a choice, else the number of what is to be done, or of the term. */
static bool word_of(const json_t *preview, char *out, size_t size)
{
	const char *year = sr_json_text(preview, "year");
	int64_t count = sr_json_int(preview, "count", sr_json_int(preview, "term", -1));

	if (year)
		snprintf(out, size, "%s", year);
	else
		snprintf(out, size, "%lld", (long long)count);
	return year || count >= 0;
}

/* What narrows the command has to be typed again with the token; what the preview itself brings has not. */
static void own_options(const call *c, sr_buf *out)
{
	static const char *const brought[] = { "token", "count", "before_sis_rollover" };
	const sr_command *command = c->request->command;

	for (const sr_param *o = sr_param_next(command, NULL); o; o = sr_param_next(command, o)) {
		const json_t *value = o->option ? json_object_get(c->request->params, o->field) : NULL;
		bool skip = !value;

		for (size_t i = 0; i < SR_COUNT_OF(brought); i++)
			skip = skip || sr_streq(brought[i], o->field);
		if (skip)
			continue;
		sr_buf_printf(out, " %s", o->option);
		if (o->type == TYPE_BOOL)
			continue;
		sr_buf_putc(out, ' ');
		ctl_value(value, out);
	}
}

static ctl_exit waits_for_person(const call *c, const json_t *preview)
{
	const char *token = sr_json_text(preview, "token");
	int64_t count = sr_json_int(preview, "count", -1);
	SR_AUTO(sr_buf) text = { 0 };

	if (sr_json_text(preview, "confirm_by")) {
		sr_buf_puts(&text, "\nThis takes two persons: ");
		ctl_clean(&text, sr_json_text(preview, "confirm_by"));
		sr_buf_puts(&text, " has to type what follows.");
	}
	sr_buf_printf(&text, "\nNothing was changed. The token lives %lld minutes. To %s this:\nDo:  sisrollctl %s",
		(long long)sr_json_int(preview, "expires_s", 900) / 60,
		json_object_get(preview, "year") ? "choose" : "do", c->subject);
	if (json_object_get(c->request->params, "before_sis_rollover"))
		sr_buf_puts(&text, " --before-sis-rollover --reason 'TEXT'");
	else if (c->request->common.force)
		sr_buf_puts(&text, " --force --reason 'TEXT'");
	own_options(c, &text);
	sr_buf_puts(&text, " --token ");
	ctl_clean(&text, token ? token : "TOKEN");
	if (count >= 0)
		sr_buf_printf(&text, " --count %lld", (long long)count);
	ctl_say(&c->out, "%s\n", sr_buf_text(&text));
	return CTL_WAITS;
}

static ctl_exit confirm(const call *c, const json_t *preview)
{
	SR_AUTO(sr_ctl_reply) reply = { 0 };
	json_auto_t *params = json_copy(c->request->params);
	json_t *count = json_object_get(preview, "count");
	sr_err err = { 0 };

	if (!params || json_object_set(params, "token", json_object_get(preview, "token")) != 0 ||
		(count && json_object_set(params, "count", count) != 0))
		return call_failed(c, &(sr_err){ .code = SR_E_NOMEM, .text = "out of memory" });
	if (ask(c, params, &reply, &err) != 0)
		return call_failed(c, &err);
	return reply.error[0] ? error_reply(c, &reply) : show(c, reply.params);
}

/* Typed, not a y: the hand must know what the eyes have read. */
static ctl_exit typed_word(const call *c, const json_t *preview, const char *word)
{
	bool year = json_object_get(preview, "year") != NULL;
	SR_AUTO(sr_buf) question = { 0 };
	char line[64];

	sr_buf_printf(&question, "\nType the %s (", year ? "year" : "number");
	ctl_clean(&question, word);
	sr_buf_printf(&question, ") to %s: ", year ? "choose it" : "go on");
	if (!read_line(c, sr_buf_text(&question), line, sizeof(line)))
		return waits_for_person(c, preview);
	if (sr_streq(line, word))
		return confirm(c, preview);
	return refuse_code(c, "refused",
		&(sr_refusal){ .code = SR_CODE_TOKEN_NEEDED,
			.what = year ? "another year was typed" : "another number was typed",
			.untouched = "Nothing was changed." },
		CTL_FAILED);
}

static ctl_exit preview_step(const call *c, const json_t *params)
{
	const json_t *preview = sr_json_object(params, "preview");
	bool to_confirm = sr_json_text(preview, "token"); /* else it was only to be looked at */
	sr_err err = { 0 };
	ctl_exit code;
	char word[64];

	if (c->request->common.json) {
		ctl_render_json(c->io, params);
		return to_confirm ? CTL_WAITS : ctl_reply_exit(c->request, params);
	}
	if (ctl_render_preview(&c->out, preview, &err) != 0)
		return call_failed(c, &err);
	code = ctl_render_text(&c->out, c->request, params, &err); /* schools that are refused already */
	if (!to_confirm)
		return code;
	/* Where it takes two persons the one who asked cannot confirm, whatever he types. */
	if (!c->io->interactive || sr_json_text(preview, "confirm_by") || !word_of(preview, word, sizeof(word)))
		return waits_for_person(c, preview);
	return typed_word(c, preview, word);
}

/* --- A list of leavers as a file: the items of each plan that was made --- */

static ctl_exit show_plans_csv(const call *c, const json_t *made)
{
	const sr_command *command = sr_command_find("plan show");
	json_auto_t *all = json_pack("{s:[]}", "items");
	size_t i;
	json_t *result;

	json_array_foreach(sr_json_array(made, "results"), i, result) {
		SR_AUTO(sr_ctl_reply) page = { 0 };
		json_auto_t *params = json_pack("{s:O?}", "plan", json_object_get(result, "plan"));
		ctl_request request = { .command = command, .params = params, .common = c->request->common };
		call plan = *c;
		sr_err err = { 0 };

		if (!json_object_get(result, "plan"))
			continue;
		plan.request = &request;
		if (ask_pages(&plan, &page, &err) != 0)
			return call_failed(c, &err);
		if (page.error[0])
			return error_reply(c, &page);
		json_array_extend(sr_json_array(all, "items"), sr_json_array(page.params, "items"));
	}
	ctl_render_plan_csv(&c->out, all);
	return ctl_reply_exit(c->request, made);
}

/* --- The whole --- */

/* True: go on. Only a person is asked; a script has read the manual. */
static bool agreed(const call *c)
{
	const char *question = sr_command_question(c->request->command);
	const ctl_common *common = &c->request->common;
	SR_AUTO(sr_buf) text = { 0 };
	char line[16];

	if (!question || !c->io->interactive || common->yes || common->json)
		return true;
	sr_buf_printf(&text, "%s Go on? [y/N] ", question);
	return read_line(c, sr_buf_text(&text), line, sizeof(line)) &&
	       (sr_strcaseeq(line, "y") || sr_strcaseeq(line, "yes"));
}

static ctl_exit run_remote(const call *c)
{
	SR_AUTO(sr_ctl_reply) reply = { 0 };
	sr_err err = { 0 };
	int rc;

	if (!agreed(c))
		return refuse_code(c, "refused",
			&(sr_refusal){ .code = SR_CODE_TOKEN_NEEDED,
				.what = "you did not agree",
				.untouched = "Nothing was changed.",
				.todo = { "Repeat the command and answer y, or give --yes" } },
			CTL_FAILED);
	if (sr_streq(c->request->command->verb, "plan show"))
		rc = ask_pages(c, &reply, &err);
	else
		rc = ask(c, c->request->params, &reply, &err);
	if (rc != 0)
		return call_failed(c, &err);
	if (reply.error[0])
		return error_reply(c, &reply);
	if (sr_streq(c->request->command->verb, "inactive plan") && json_object_get(c->request->render, "csv") &&
		!c->request->common.json)
		return show_plans_csv(c, reply.params);
	return sr_json_object(reply.params, "preview") ? preview_step(c, reply.params) : show(c, reply.params);
}

static ctl_exit run_local(const ctl_io *io, const ctl_request *request)
{
	static const struct {
		const char *handler;
		ctl_exit (*run)(const ctl_io *io, const ctl_request *request);
	} handlers[] = {
		{ "ctl_config_check", ctl_config_check },
		{ "ctl_config_example", ctl_config_example },
		{ "ctl_help", ctl_help },
	};

	for (size_t i = 0; i < SR_COUNT_OF(handlers); i++)
		if (sr_streq(handlers[i].handler, request->command->handler))
			return handlers[i].run(io, request);
	return CTL_USAGE;
}

ctl_exit ctl_run(const ctl_io *io, const ctl_request *request)
{
	SR_AUTO_FREE char *subject = NULL;
	call c = { .io = io, .request = request };

	if (request->command->local)
		return run_local(io, request);
	subject = sr_asprintf("%s%s%s", request->command->verb, *request->typed ? " " : "", request->typed);
	c.subject = subject ? subject : request->command->verb;
	c.out = (ctl_out){ .io = io,
		.quiet = request->common.quiet,
		.color = io->out_tty && !io->no_color && !request->common.no_color };
	return run_remote(&c);
}

static ctl_exit misused(const ctl_io *io, const ctl_request *request, const sr_err *err)
{
	const sr_command *command = request->command;
	SR_AUTO_FREE char *advice = sr_asprintf(
		"sisrollctl %s%s--help", command ? command->verb : "", command ? " " : "");
	call c = { .io = io, .request = request, .out = { .io = io }, .subject = "the command line" };

	return refuse_code(&c, "was not understood",
		&(sr_refusal){ .code = SR_CODE_USAGE,
			.what = err->text,
			.untouched = "Nothing was sent.",
			.todo = { advice } },
		CTL_USAGE);
}

ctl_exit ctl_main(const ctl_io *io, int argc, char *const *argv)
{
	SR_AUTO(ctl_request) request = { 0 };
	sr_err err = { 0 };

	if (ctl_parse(argc, argv, &request, &err) != 0) {
		/* Behind the mistake nothing was read: how the refusal is wanted still counts. */
		for (int i = 1; i < argc; i++)
			request.common.json |= sr_streq(argv[i], "--json");
		return misused(io, &request, &err);
	}
	if (request.common.version) {
		fprintf(io->out, "sisrollctl %s\n", SISROLL_VERSION);
		return CTL_DONE;
	}
	if (request.common.help) {
		if (request.command)
			ctl_help_verb(io, request.command, request.common.json);
		else
			ctl_help_overview(io);
		return CTL_DONE;
	}
	return ctl_run(io, &request);
}
