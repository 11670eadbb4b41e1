/* The rows of commands.def, unfolded into two constant tables. They are short; a walk beats an index. */
#include "wire/commands.h"

#include <ctype.h>

#include "base/str.h"

static const sr_command commands[] = {
#define CTL_COMMAND(verb, min, max, access, handler, since, help) \
	{ verb, min, max, access, false, #handler, since, help },
#define CTL_LOCAL(verb, min, max, handler, since, help) { verb, min, max, ACCESS_LOOK, true, #handler, since, help },
#include "wire/commands.def"
};

/* Arguments stand before options in the file, hence here too. */
static const sr_param params[] = {
#define CTL_ARG(verb, field, type, metavar, help) { verb, NULL, #field, type, metavar, help },
#define CTL_OPTION(verb, option, field, type, metavar, help) { verb, option, #field, type, metavar, help },
#include "wire/commands.def"
};

static const struct {
	const char *verb;
	bool by_default;
} waits[] = {
#define CTL_WAIT(verb, by_default) { verb, by_default },
#include "wire/commands.def"
};

static const struct {
	const char *verb, *question;
} questions[] = {
#define CTL_ASK(verb, question) { verb, question },
#include "wire/commands.def"
};

static const char *const two_persons[] = {
#define CTL_TWO(verb) verb,
#include "wire/commands.def"
};

typedef struct field_type {
	const char *field;
	sr_param_type type;
} field_type;

static const field_type selector_fields[] = {
	{ "schools", TYPE_TEXTS },
	{ "all", TYPE_BOOL },
	{ "phase", TYPE_TEXT },
	{ "except", TYPE_TEXTS },
};

static const field_type common_fields[] = {
	{ "reason", TYPE_TEXT },
	{ "force", TYPE_BOOL },
	{ "yes", TYPE_BOOL },
	{ "wait", TYPE_BOOL },
};

size_t sr_command_count(void)
{
	return SR_COUNT_OF(commands);
}

const sr_command *sr_command_at(size_t index)
{
	return index < SR_COUNT_OF(commands) ? &commands[index] : NULL;
}

const sr_command *sr_command_find(const char *verb)
{
	for (size_t i = 0; i < SR_COUNT_OF(commands); i++)
		if (sr_streq(commands[i].verb, verb))
			return &commands[i];
	return NULL;
}

const sr_command *sr_command_find_method(const char *method)
{
	char name[SR_METHOD_BYTES];

	for (size_t i = 0; i < SR_COUNT_OF(commands); i++)
		if (!commands[i].local && sr_streq(sr_command_method(&commands[i], name), method))
			return &commands[i];
	return NULL;
}

const char *sr_command_method(const sr_command *command, char out[SR_METHOD_BYTES])
{
	bool upper = true;
	size_t n = 0;

	for (const char *v = command->verb; *v && n + 1 < SR_METHOD_BYTES; v++) {
		if (*v == ' ' || *v == '-') {
			upper = true;
			continue;
		}
		out[n++] = upper ? (char)toupper((unsigned char)*v) : *v;
		upper = false;
	}
	out[n] = '\0';
	return out;
}

const sr_param *sr_param_next(const sr_command *command, const sr_param *after)
{
	for (const sr_param *p = after ? after + 1 : params; p < params + SR_COUNT_OF(params); p++)
		if (sr_streq(p->verb, command->verb))
			return p;
	return NULL;
}

static bool find_field(const field_type *fields, size_t count, const char *field, sr_param_type *type)
{
	for (size_t i = 0; i < count; i++) {
		if (sr_streq(fields[i].field, field)) {
			*type = fields[i].type;
			return true;
		}
	}
	return false;
}

bool sr_command_field(const sr_command *command, const char *field, sr_param_type *type)
{
	for (const sr_param *p = sr_param_next(command, NULL); p; p = sr_param_next(command, p)) {
		if (p->type == TYPE_RENDER || p->type == TYPE_RENDER_TEXT)
			continue;
		if (p->type == TYPE_SCHOOLS) {
			if (find_field(selector_fields, SR_COUNT_OF(selector_fields), field, type))
				return true;
		} else if (sr_streq(p->field, field)) {
			*type = p->type;
			return true;
		}
	}
	return !command->local && command->access > ACCESS_LOOK &&
	       find_field(common_fields, SR_COUNT_OF(common_fields), field, type);
}

sr_wait sr_command_wait(const sr_command *command)
{
	for (size_t i = 0; i < SR_COUNT_OF(waits); i++)
		if (sr_streq(waits[i].verb, command->verb))
			return waits[i].by_default ? SR_WAIT_DEFAULT : SR_WAIT_ASKED;
	return SR_WAIT_NEVER;
}

const char *sr_command_question(const sr_command *command)
{
	for (size_t i = 0; i < SR_COUNT_OF(questions); i++)
		if (sr_streq(questions[i].verb, command->verb))
			return questions[i].question;
	return NULL;
}

bool sr_command_two_persons(const sr_command *command)
{
	for (size_t i = 0; i < SR_COUNT_OF(two_persons); i++)
		if (sr_streq(two_persons[i], command->verb))
			return true;
	return false;
}

const char *sr_access_name(sr_access access)
{
	static const char *const names[ACCESS_COUNT] = {
		[ACCESS_LOOK] = "look",
		[ACCESS_ADMIN] = "admin",
		[ACCESS_OPERATOR] = "operator",
	};

	return (unsigned)access < ACCESS_COUNT ? names[access] : "?";
}

const char *sr_access_who(sr_access access)
{
	static const char *const who[ACCESS_COUNT] = {
		[ACCESS_LOOK] = "members of group sisroll",
		[ACCESS_ADMIN] = "members of group sisroll-admin",
		[ACCESS_OPERATOR] = "the designated operator",
	};

	return (unsigned)access < ACCESS_COUNT ? who[access] : "?";
}
