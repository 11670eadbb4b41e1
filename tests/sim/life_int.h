/* The table of mutations and the call in hand.
 * Never used outside life_*.c. */
#pragma once
#include "district_int.h"
#include "life.h"
#include "verify.h"

#define MUTATE_ARGS_MAX 5
/* Parameter numbers of what every statement may use. */
#define MUTATE_TODAY 11
#define MUTATE_ACTING_USER 12

typedef struct mutation mutation;

typedef struct mutate_arg {
	const char *text;
	int64_t n;
} mutate_arg;

typedef struct mutate_call {
	sim_world *world;
	sqlite3 *db;
	const mutation *row;
	int argc;
	mutate_arg args[MUTATE_ARGS_MAX];
	char today[11];
	sr_buf *say;
} mutate_call;

struct mutation {
	const char *name;
	const char *types; /* S section, P student, H school, n number, d date, y school year, t text */
	int optional;      /* how many of the last arguments may be left out */
	const char *args, *help;
	const char *sql;
	int (*fn)(mutate_call *call, sr_err *err); /* after the sql */
	bool touches_acting_user;
};

extern const mutation mutations[];
extern const size_t mutation_count;
/* life_school.c: what happens to whole schools and their people in the course of a year. */
extern const mutation school_mutations[];
extern const size_t school_mutation_count;
