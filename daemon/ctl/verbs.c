/* The command line into a request: words find the row of commands.def, the row says what may follow.
 *
 *     sisrollctl [common option…] VERB [VERB] [argument…] [option…]
 *
 * Options may stand anywhere behind the verb they belong to; common ones in front of it too; `--` ends them. */
#include "ctl.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Where the words are being read, and what was made of them so far. */
typedef struct parser {
	char *const *argv;
	int argc, at;
	bool words_only; /* behind `--` */
	char verb[64];   /* words of a verb that is not whole yet */
	int position;    /* of the next argument */
	ctl_request *request;
	sr_buf typed;
	sr_err *err;
} parser;

typedef struct common_option {
	const char *name;
	size_t offset;
	bool takes_value;
} common_option;

static const common_option common_options[] = {
	{ "--socket", offsetof(ctl_common, socket), true },
	{ "--reason", offsetof(ctl_common, reason), true },
	{ "--timeout", offsetof(ctl_common, timeout), true },
	{ "--json", offsetof(ctl_common, json), false },
	{ "--yes", offsetof(ctl_common, yes), false },
	{ "--force", offsetof(ctl_common, force), false },
	{ "--quiet", offsetof(ctl_common, quiet), false },
	{ "--no-color", offsetof(ctl_common, no_color), false },
	{ "--wait", offsetof(ctl_common, wait), false },
	{ "--no-wait", offsetof(ctl_common, no_wait), false },
	{ "--help", offsetof(ctl_common, help), false },
	{ "--version", offsetof(ctl_common, version), false },
};

/* What a school selector brings with it. */
static const sr_param selector_options[] = {
	{ NULL, "--all", "all", TYPE_BOOL, NULL, NULL },
	{ NULL, "--phase", "phase", TYPE_TEXT, NULL, NULL },
	{ NULL, "--except", "except", TYPE_TEXTS, NULL, NULL },
};

static const struct {
	const char *alias, *name;
} aliases[] = {
	{ "-h", "--help" },
	{ "-q", "--quiet" },
	{ "-c", "--config" },
	{ "-V", "--version" },
};

static int misuse(parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int misuse(parser *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sr_vfail(p->err, SR_E_INVALID, fmt, ap);
	va_end(ap);
	return -1;
}

/* What was typed, as it would have to be typed again: refusals and advice repeat it. */
static void note_typed(parser *p, const char *word)
{
	bool plain = *word;

	for (const char *c = word; *c; c++)
		plain = plain && (isalnum((unsigned char)*c) || (unsigned char)*c >= 0x80 || strchr("@.,_/:+-", *c));
	sr_buf_puts(&p->typed, p->typed.len ? " " : "");
	if (plain) {
		sr_buf_puts(&p->typed, word);
		return;
	}
	sr_buf_putc(&p->typed, '\'');
	for (const char *c = word; *c; c++)
		if (*c == '\'')
			sr_buf_puts(&p->typed, "'\\''");
		else
			sr_buf_putc(&p->typed, *c);
	sr_buf_putc(&p->typed, '\'');
}

/* --- Values into fields --- */

static int append(parser *p, json_t *object, const char *field, json_t *stolen)
{
	json_t *list = json_object_get(object, field);

	if (!list) {
		list = json_array();
		if (json_object_set_new(object, field, list) != 0) {
			json_decref(stolen);
			return sr_fail_nomem(p->err);
		}
	}
	return json_array_append_new(list, stolen) == 0 ? 0 : sr_fail(p->err, SR_E_INVALID, "%s is not text", field);
}

/* `values` is a comma list; each part goes through `make`. */
static int append_parts(parser *p, json_t *object, const char *field, const char *values, bool numbers)
{
	SR_AUTO_FREE char *copy = sr_strdup(values);
	char *rest = copy, *part;
	int64_t n;

	if (!copy)
		return sr_fail_nomem(p->err);
	while ((part = strsep(&rest, ","))) {
		sr_trim(part);
		if (!*part)
			return misuse(p, "%s: '%s' has an empty part", field, values);
		if (numbers && !sr_parse_i64(part, &n))
			return misuse(p, "%s: '%s' is no number", field, part);
		if (append(p, object, field, numbers ? json_integer(n) : json_string(part)) != 0)
			return -1;
	}
	return 0;
}

static int set_once(parser *p, json_t *object, const char *field, json_t *stolen)
{
	if (json_object_get(object, field)) {
		json_decref(stolen);
		return misuse(p, "%s is given twice", field);
	}
	if (json_object_set_new(object, field, stolen) != 0)
		return misuse(p, "%s is not text", field);
	return 0;
}

static int set_int(parser *p, json_t *object, const char *field, const char *value)
{
	int64_t n;

	if (!sr_parse_i64(value, &n))
		return misuse(p, "%s: '%s' is no number", field, value);
	return set_once(p, object, field, json_integer(n));
}

/* The daemon has another working folder than we: a path is sent whole. */
static int set_path(parser *p, json_t *object, const char *field, const char *value)
{
	SR_AUTO_FREE char *here = NULL, *whole = NULL;

	if (value[0] == '/')
		return set_once(p, object, field, json_string(value));
	here = getcwd(NULL, 0);
	if (!here)
		return sr_fail(p->err, SR_E_IO, "the working folder cannot be told: %s", strerror(errno));
	whole = sr_asprintf("%s/%s", here, value);
	return whole ? set_once(p, object, field, json_string(whole)) : sr_fail_nomem(p->err);
}

/* 101,102 and 300-319,@north are lists; a name is never cut. */
static int add_schools(parser *p, json_t *object, const char *field, const char *value)
{
	if (strchr("0123456789@", value[0]))
		return append_parts(p, object, field, value, false);
	return append(p, object, field, json_string(value));
}

static int set_field(parser *p, const sr_param *param, const char *value)
{
	json_t *params = p->request->params;

	if (!sr_utf8_valid(value, strlen(value)))
		return misuse(p, "%s is not UTF-8 text", param->field);
	switch (param->type) {
	case TYPE_BOOL:
		return set_once(p, params, param->field, json_true());
	case TYPE_INT:
		return set_int(p, params, param->field, value);
	case TYPE_INTS:
		return append_parts(p, params, param->field, value, true);
	case TYPE_TEXTS:
	case TYPE_SCHOOLS:
		return add_schools(p, params, param->field, value);
	case TYPE_PATH:
		return set_path(p, params, param->field, value);
	case TYPE_RENDER:
		return set_once(p, p->request->render, param->field, json_true());
	case TYPE_RENDER_TEXT:
		return set_once(p, p->request->render, param->field, json_string(value));
	default:
		return set_once(p, params, param->field, json_string(value));
	}
}

/* --- Options --- */

static const common_option *find_common(const char *name)
{
	for (size_t i = 0; i < SR_COUNT_OF(common_options); i++)
		if (sr_streq(common_options[i].name, name))
			return &common_options[i];
	return NULL;
}

static const sr_param *find_option(const sr_command *command, const char *name)
{
	bool selects = false;

	if (!command)
		return NULL;
	for (const sr_param *o = sr_param_next(command, NULL); o; o = sr_param_next(command, o)) {
		if (sr_streq(o->option, name))
			return o;
		selects = selects || o->type == TYPE_SCHOOLS;
	}
	for (size_t i = 0; selects && i < SR_COUNT_OF(selector_options); i++)
		if (sr_streq(selector_options[i].option, name))
			return &selector_options[i];
	return NULL;
}

/* The value of an option: behind its `=`, else the next word. NULL: there is none. */
static const char *option_value(parser *p, const char *name, const char *attached)
{
	if (attached)
		return attached;
	if (p->at < p->argc)
		return p->argv[p->at++];
	misuse(p, "%s needs a value", name);
	return NULL;
}

static int take_common(parser *p, const common_option *o, const char *attached)
{
	char *place = (char *)&p->request->common + o->offset;

	if (o->takes_value) {
		const char *value = option_value(p, o->name, attached);

		if (value)
			*(const char **)place = value;
		return value ? 0 : -1;
	}
	if (attached)
		return misuse(p, "%s takes no value", o->name);
	*(bool *)place = true;
	return 0;
}

static int take_own(parser *p, const sr_param *o, const char *attached)
{
	bool is_switch = o->type == TYPE_BOOL || o->type == TYPE_RENDER;
	const char *value = "";

	if (is_switch && attached)
		return misuse(p, "%s takes no value", o->option);
	if (!is_switch && !(value = option_value(p, o->option, attached)))
		return -1;
	if (!o->verb) { /* of the school selector: part of whom the command is about */
		note_typed(p, o->option);
		if (!is_switch)
			note_typed(p, value);
	}
	return set_field(p, o, value);
}

static int take_option(parser *p, const char *word)
{
	const char *equals = strchr(word, '=');
	SR_AUTO_FREE char *name = equals ? sr_strndup(word, (size_t)(equals - word)) : sr_strdup(word);
	const char *attached = equals ? equals + 1 : NULL;
	const common_option *common;
	const sr_param *own;

	if (!name)
		return sr_fail_nomem(p->err);
	for (size_t i = 0; i < SR_COUNT_OF(aliases); i++)
		if (sr_streq(aliases[i].alias, name))
			return take_option(p, aliases[i].name);
	own = find_option(p->request->command, name);
	if (own)
		return take_own(p, own, attached);
	common = find_common(name);
	if (common)
		return take_common(p, common, attached);
	if (!p->request->command)
		return misuse(p, "%s is no common option; put it behind the command", name);
	return misuse(p, "%s takes no option %s", p->request->command->verb, name);
}

/* --- Words --- */

/* A first word of two-word verbs ("terms") waits for its second. */
static bool begins_verb(const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < sr_command_count(); i++)
		if (sr_starts(sr_command_at(i)->verb, word) && sr_command_at(i)->verb[len] == ' ')
			return true;
	return false;
}

static int no_such_verb(parser *p)
{
	const char *near = ctl_suggest(p->verb);

	if (near)
		return misuse(p, "there is no command '%s'; did you mean '%s'?", p->verb, near);
	return misuse(p, "there is no command '%s'", p->verb);
}

static int take_verb_word(parser *p, const char *word)
{
	size_t len = strlen(p->verb);
	int n = snprintf(p->verb + len, sizeof(p->verb) - len, "%s%s", len ? " " : "", word);

	if (n < 0 || (size_t)n >= sizeof(p->verb) - len)
		return misuse(p, "there is no command of that name");
	p->request->command = sr_command_find(p->verb);
	if (p->request->command || (len == 0 && begins_verb(p->verb)))
		return 0;
	return no_such_verb(p);
}

/* The argument at this position; the last one stays if it takes all that is left. */
static const sr_param *argument_at(const sr_command *command, int position)
{
	const sr_param *last = NULL;

	for (const sr_param *a = sr_param_next(command, NULL); a && !a->option; a = sr_param_next(command, a)) {
		last = a;
		if (position-- == 0)
			return a;
	}
	return last && last->type == TYPE_SCHOOLS ? last : NULL;
}

static int take_argument(parser *p, const char *word)
{
	const sr_command *command = p->request->command;
	const sr_param *argument = argument_at(command, p->position);

	note_typed(p, word);
	/* `help year set` names a verb of two words. */
	if (command->local && sr_streq(command->verb, "help") && p->position == 1) {
		json_t *first = json_object_get(p->request->params, "code");
		SR_AUTO_FREE char *both = sr_asprintf("%s %s", json_string_value(first), word);

		p->position++;
		return both && json_object_set_new(p->request->params, "code", json_string(both)) == 0
			       ? 0
			       : misuse(p, "'%s' is not text", word);
	}
	if (!argument || (command->max_args >= 0 && p->position >= command->max_args))
		return misuse(p, "%s: '%s' is one argument too many", command->verb, word);
	p->position++;
	return set_field(p, argument, word);
}

static int take_word(parser *p, const char *word)
{
	if (!p->words_only && sr_streq(word, "--")) {
		p->words_only = true;
		return 0;
	}
	if (!p->words_only && word[0] == '-' && word[1])
		return take_option(p, word);
	return p->request->command ? take_argument(p, word) : take_verb_word(p, word);
}

/* --- The whole --- */

/* SECONDS, or a number with s, m or h. */
static int read_timeout(parser *p)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "", 1000 } };
	const char *text = p->request->common.timeout;
	size_t digits = text ? strspn(text, "0123456789") : 0;
	SR_AUTO_FREE char *number = text ? sr_strndup(text, digits) : NULL;
	int64_t n;

	if (!text)
		return 0;
	for (size_t i = 0; i < SR_COUNT_OF(units); i++) {
		if (!sr_streq(units[i].unit, text + digits))
			continue;
		if (number && sr_parse_i64(number, &n) && n > 0 && n <= 31 * 86400) {
			p->request->timeout_ms = n * units[i].ms;
			return 0;
		}
	}
	return misuse(p, "--timeout: '%s' is no time; write 30, 30s, 5m or 1h", text);
}

#define TIMEOUT_DEFAULT_MS 60000

/* Common options become fields where the command changes something. */
static int add_common_fields(parser *p)
{
	ctl_request *r = p->request;
	sr_wait wait = sr_command_wait(r->command);
	int rc = 0;

	if (r->common.wait && r->common.no_wait)
		return misuse(p, "--wait and --no-wait contradict each other");
	r->waits = wait != SR_WAIT_NEVER && !r->common.no_wait && (r->common.wait || wait == SR_WAIT_DEFAULT);
	if (!r->waits && !r->timeout_ms)
		r->timeout_ms = TIMEOUT_DEFAULT_MS;
	if (r->command->local || r->command->access == ACCESS_LOOK)
		return 0;
	if (r->common.reason)
		rc |= json_object_set_new(r->params, "reason", json_string(r->common.reason));
	if (r->common.force)
		rc |= json_object_set_new(r->params, "force", json_true());
	if (r->common.yes)
		rc |= json_object_set_new(r->params, "yes", json_true());
	if (r->waits)
		rc |= json_object_set_new(r->params, "wait", json_true());
	return rc == 0 ? 0 : misuse(p, "--reason is not UTF-8 text");
}

static int check_whole(parser *p)
{
	const sr_command *command = p->request->command;

	if (p->request->common.help || p->request->common.version)
		return 0;
	if (!command)
		return p->verb[0] ? no_such_verb(p) : misuse(p, "no command was given");
	if (p->position < command->min_args)
		return misuse(p, "%s needs %s", command->verb, argument_at(command, p->position)->metavar);
	return read_timeout(p) != 0 ? -1 : add_common_fields(p);
}

int ctl_parse(int argc, char *const *argv, ctl_request *out, sr_err *err)
{
	SR_AUTO(ctl_request) request = { .params = json_object(), .render = json_object() };
	parser p = { .argv = argv, .argc = argc, .at = 1, .request = &request, .err = err };
	int rc = request.params && request.render ? 0 : sr_fail_nomem(err);

	while (rc == 0 && p.at < p.argc)
		rc = take_word(&p, p.argv[p.at++]);
	if (rc == 0)
		rc = check_whole(&p);
	request.typed = sr_buf_take(&p.typed);
	sr_buf_done(&p.typed);
	if (rc == 0 && !request.typed)
		rc = sr_fail_nomem(err);
	/* What was asked for before the mistake still holds: --json decides how the mistake is told. */
	*out = request;
	request = (ctl_request){ 0 };
	return rc;
}

void ctl_request_done(ctl_request *request)
{
	json_decref(request->params);
	json_decref(request->render);
	free(request->typed);
	*request = (ctl_request){ 0 };
}
