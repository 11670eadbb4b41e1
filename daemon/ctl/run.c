/* One call from request to exit code: local verbs by their handler, all others over the socket. The two-step verb,
 * `year set`, is two calls with a person (or a script's --token) between them. */
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

/* --- year set --- */

static ctl_exit waits_for_person(const call *c, const json_t *preview)
{
	const char *token = sr_json_text(preview, "token");
	SR_AUTO(sr_buf) text = { 0 };

	sr_buf_printf(&text, "\nNothing was changed. The token lives %lld minutes. To choose this:\nDo:  sisrollctl %s",
		(long long)sr_json_int(preview, "expires_s", 900) / 60, c->subject);
	if (json_object_get(c->request->params, "before_sis_rollover"))
		sr_buf_puts(&text, " --before-sis-rollover --reason 'TEXT'");
	sr_buf_puts(&text, " --token ");
	ctl_clean(&text, token ? token : "TOKEN");
	ctl_say(&c->out, "%s\n", sr_buf_text(&text));
	return CTL_WAITS;
}

static ctl_exit confirm(const call *c, const json_t *preview)
{
	SR_AUTO(sr_ctl_reply) reply = { 0 };
	json_auto_t *params = json_copy(c->request->params);
	sr_err err = { 0 };

	if (!params || json_object_set(params, "token", json_object_get(preview, "token")) != 0)
		return call_failed(c, &(sr_err){ .code = SR_E_NOMEM, .text = "out of memory" });
	if (ask(c, params, &reply, &err) != 0)
		return call_failed(c, &err);
	return reply.error[0] ? error_reply(c, &reply) : show(c, reply.params);
}

/* The year is typed, not a y: the hand must know what the eyes have read. */
static ctl_exit year_preview(const call *c, const json_t *params)
{
	const json_t *preview = sr_json_object(params, "preview");
	const char *year = sr_json_text(preview, "year");
	SR_AUTO(sr_buf) question = { 0 };
	sr_err err = { 0 };
	char line[64];

	if (c->request->common.json) {
		ctl_render_json(c->io, params);
		return CTL_WAITS;
	}
	if (ctl_render_preview(&c->out, preview, &err) != 0)
		return call_failed(c, &err);
	ctl_render_text(&c->out, c->request, params, &err); /* schools that are refused already */
	if (!c->io->interactive || !year)
		return waits_for_person(c, preview);
	sr_buf_puts(&question, "\nType the year (");
	ctl_clean(&question, year);
	sr_buf_puts(&question, ") to choose it: ");
	if (!read_line(c, sr_buf_text(&question), line, sizeof(line)))
		return waits_for_person(c, preview);
	if (sr_streq(line, year))
		return confirm(c, preview);
	return refuse_code(c, "refused",
		&(sr_refusal){ .code = SR_CODE_TOKEN_NEEDED,
			.what = "another year was typed",
			.untouched = "Nothing was changed." },
		CTL_FAILED);
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
	return sr_json_object(reply.params, "preview") ? year_preview(c, reply.params) : show(c, reply.params);
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
