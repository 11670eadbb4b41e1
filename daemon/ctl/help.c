/* Help from the tables: a verb's page from its rows of commands.def, a code's from its row of codes.def. */
#include "ctl.h"

#include <string.h>

#include "render.h"

/* --- Verbs --- */

/* "YEAR [SCHOOL…]" */
static void add_arguments(const sr_command *command, sr_buf *text)
{
	int position = 0;

	for (const sr_param *a = sr_param_next(command, NULL); a && !a->option; a = sr_param_next(command, a)) {
		bool needed = position++ < command->min_args;

		sr_buf_printf(text, " %s%s%s%s", needed ? "" : "[", a->metavar, a->type == TYPE_SCHOOLS ? "…" : "",
			needed ? "" : "]");
	}
}

static void help_line(const ctl_io *io, const char *name, const char *metavar, const char *help)
{
	SR_AUTO(sr_buf) left = { 0 };

	sr_buf_printf(&left, "%s%s%s", name, metavar ? " " : "", metavar ? metavar : "");
	fprintf(io->out, "  %-26s %s\n", sr_buf_text(&left), help);
}

static void help_params(const ctl_io *io, const sr_command *command)
{
	bool selects = false;

	for (const sr_param *p = sr_param_next(command, NULL); p; p = sr_param_next(command, p)) {
		help_line(io, p->option ? p->option : p->metavar, p->option ? p->metavar : NULL, p->help);
		selects = selects || p->type == TYPE_SCHOOLS;
	}
	if (!selects)
		return;
	help_line(io, "--all", NULL, "all synced schools");
	help_line(io, "--phase", "PHASE", "schools in this phase: syncing, paused, year-set, terms-mapped, resumed");
	help_line(io, "--except", "SCHOOL,SCHOOL", "all the selected but these");
	fputs("\nA SCHOOL is a number, the beginning of a name, a range (300-319) or a group (@north).\n", io->out);
}

static void help_common(const ctl_io *io, const sr_command *command)
{
	sr_wait wait = command ? sr_command_wait(command) : SR_WAIT_ASKED;
	bool changes = !command || (!command->local && command->access > ACCESS_LOOK);

	fputs("\nCommon options:\n", io->out);
	help_line(io, "--json", NULL, "print the answer, or the refusal, as JSON");
	help_line(io, "--socket", "PATH", "the daemon's socket (or $SISROLL_SOCKET)");
	help_line(io, "--timeout", "TIME", "give up after 30s, 5m, 1h (60s unless waiting)");
	if (wait != SR_WAIT_NEVER) {
		help_line(io, "--wait", NULL,
			wait == SR_WAIT_DEFAULT ? "stay until the work has ended (the default here)"
						: "stay until the work has ended, with its progress");
		help_line(io, "--no-wait", NULL, "return as soon as the work has begun");
	}
	if (changes) {
		help_line(io, "--reason", "TEXT", "why; recorded with the change");
		help_line(io, "--force", NULL, "go on over a warning that says it can be forced");
		help_line(io, "--yes", NULL, "answer yes to a question; never stands for a token");
	}
	help_line(io, "--quiet", NULL, "print refusals only");
	help_line(io, "--no-color", NULL, "no colours (or $NO_COLOR)");
	help_line(io, "--help, --version", NULL, "this page; the version of sisrollctl");
}

static void help_verb_json(const ctl_io *io, const sr_command *command)
{
	json_auto_t *options = json_array();
	json_auto_t *document = NULL;

	for (const sr_param *p = sr_param_next(command, NULL); p; p = sr_param_next(command, p))
		json_array_append_new(options, json_pack("{s:s, s:s?, s:s}", "name", p->option ? p->option : p->metavar,
						       "value", p->option ? p->metavar : NULL, "help", p->help));
	document = json_pack("{s:s, s:s, s:s, s:s, s:O}", "verb", command->verb, "help", command->help, "access",
		command->local ? "local" : sr_access_name(command->access), "since", command->since, "takes", options);
	ctl_render_json(io, document);
}

void ctl_help_verb(const ctl_io *io, const sr_command *command, bool json)
{
	SR_AUTO(sr_buf) arguments = { 0 };

	if (json) {
		help_verb_json(io, command);
		return;
	}
	add_arguments(command, &arguments);
	fprintf(io->out, "Usage: sisrollctl %s%s [OPTION…]\n\n%s.\n", command->verb, sr_buf_text(&arguments),
		command->help);
	if (command->local)
		fprintf(io->out, "Needs no daemon. Since version %s.\n\n", command->since);
	else
		fprintf(io->out, "For %s. Since version %s.\n\n", sr_access_who(command->access), command->since);
	help_params(io, command);
	help_common(io, command);
}

void ctl_help_overview(const ctl_io *io)
{
	fputs("Usage: sisrollctl COMMAND [ARGUMENT…] [OPTION…]\n\nCommands:\n", io->out);
	for (size_t i = 0; i < sr_command_count(); i++)
		help_line(io, sr_command_at(i)->verb, NULL, sr_command_at(i)->help);
	help_common(io, NULL);
	fputs("\nExit codes: 0 done (a no-op too), 1 refused or failed, 2 usage, 3 daemon unreachable,\n"
	      "            4 waits for a person, 5 not permitted, 6 timed out.\n"
	      "More: sisrollctl COMMAND --help, sisrollctl help CODE\n",
		io->out);
}

static void overview_json(const ctl_io *io)
{
	json_auto_t *list = json_array(), *document = NULL;

	for (size_t i = 0; i < sr_command_count(); i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s}", "verb", sr_command_at(i)->verb, "help", sr_command_at(i)->help));
	document = json_pack("{s:O}", "commands", list);
	ctl_render_json(io, document);
}

/* --- Codes --- */

static void help_code_text(const ctl_io *io, const sr_code_row *row)
{
	fprintf(io->out, "%s: %s.\n\n%s\n\n", row->text, row->title, row->explanation);
	for (const char *line = row->todo; *line;) {
		int len = (int)strcspn(line, "\n");

		fprintf(io->out, "%s%.*s\n", line == row->todo ? "Do:  " : "     ", len, line);
		line += len + (line[len] == '\n');
	}
}

static void help_code_json(const ctl_io *io, sr_code code)
{
	const sr_code_row *row = sr_code_row_of(code);
	json_auto_t *advice = sr_refusal_json(&(sr_refusal){ .code = code, .what = row->title });
	json_auto_t *document = json_pack("{s:s, s:s, s:s, s:O*}", "code", row->text, "title", row->title,
		"explanation", row->explanation, "do", json_object_get(advice, "do"));

	ctl_render_json(io, document);
}

static ctl_exit no_such_topic(const ctl_io *io, bool json)
{
	const ctl_out o = { .io = io };
	json_auto_t *refusal = sr_refusal_json(&(sr_refusal){ .code = SR_CODE_USAGE,
		.untouched = "",
		.what = "there is no such code or command",
		.todo = { "sisrollctl help" } });

	if (json)
		ctl_render_json_error(io, SR_CTL_REFUSED, refusal);
	else
		ctl_refusal(&o, "help", "refused", refusal, "what");
	return CTL_USAGE;
}

ctl_exit ctl_help(const ctl_io *io, const ctl_request *request)
{
	const char *topic = sr_json_text(request->params, "code");
	const sr_command *command = topic ? sr_command_find(topic) : NULL;
	bool json = request->common.json;
	sr_code code;

	if (!topic && json)
		overview_json(io);
	else if (!topic)
		ctl_help_overview(io);
	else if (command)
		ctl_help_verb(io, command, json);
	else if (!sr_code_parse(topic, &code))
		return no_such_topic(io, json);
	else if (json)
		help_code_json(io, code);
	else
		help_code_text(io, sr_code_row_of(code));
	return CTL_DONE;
}
