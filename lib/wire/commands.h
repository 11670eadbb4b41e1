/* The rows of commands.def as values: find a command, walk what it takes.
 * Never runs a command; never keeps state. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef enum sr_access { ACCESS_LOOK, ACCESS_ADMIN, ACCESS_OPERATOR, ACCESS_COUNT } sr_access;

typedef enum sr_param_type {
	TYPE_BOOL,
	TYPE_INT,
	TYPE_INTS, /* []int; typed as a comma list */
	TYPE_TEXT,
	TYPE_TEXTS, /* []string; the option may be repeated */
	TYPE_PATH,  /* a file of the daemon's machine, sent absolute */
	TYPE_SCHOOLS,
	TYPE_RENDER,      /* a switch that stays in sisrollctl */
	TYPE_RENDER_TEXT, /* the same with a value */
	TYPE_COUNT
} sr_param_type;

typedef enum sr_wait { SR_WAIT_NEVER, SR_WAIT_ASKED, SR_WAIT_DEFAULT } sr_wait;

typedef struct sr_command {
	const char *verb;
	int min_args, max_args; /* -1: any number */
	sr_access access;
	bool local; /* sisrollctl's own: has no method */
	const char *handler;
	const char *since, *help;
} sr_command;

/* What is typed behind a verb (`option` NULL), or an option of it. */
typedef struct sr_param {
	const char *verb, *option, *field;
	sr_param_type type;
	const char *metavar, *help;
} sr_param;

size_t sr_command_count(void);
const sr_command *sr_command_at(size_t index); /* local ones too, in the table's order */
const sr_command *sr_command_find(const char *verb);
const sr_command *sr_command_find_method(const char *method); /* "YearSet"; never a local one */

#define SR_METHOD_BYTES 48
/* "year set" -> "YearSet", "acting-user show" -> "ActingUserShow". Returns `out`. */
const char *sr_command_method(const sr_command *command, char out[SR_METHOD_BYTES]);

/* Walks the command's arguments, then its options; begin with NULL, ends with NULL. */
const sr_param *sr_param_next(const sr_command *command, const sr_param *after);
/* How a field of the request is typed for this command (fields of the school selector and the
 * common ones included); false: it takes no such field. */
bool sr_command_field(const sr_command *command, const char *field, sr_param_type *type);

sr_wait sr_command_wait(const sr_command *command);
const char *sr_command_question(const sr_command *command); /* NULL: asks nothing */
bool sr_command_two_persons(const sr_command *command);     /* the second account may take part in it */
const char *sr_access_name(sr_access access);               /* "look", "admin", "operator" */
const char *sr_access_who(sr_access access);                /* "members of group sisroll", ... */
