/* The two tables verify is made of: statements that derive what should be, and checks.
 * Never used outside verify*.c. */
#pragma once
#include "verify.h"

typedef struct verify_check {
	sim_verify_kind kind;
	const char *code; /* "user-missing" */
	const char *sql;  /* ids of what differs, one a row */
	bool drops;       /* tolerated by allow_drops */
} verify_check;

typedef struct verify_run {
	sim_world *world;
	sqlite3 *db;
	const sim_verify_options *o;
	sim_verify_report *report;
	char today[11];
	int yearid;
} verify_run;

/* Makes the temp.v_ tables of what should be, in place of those of an earlier run. */
int verify_build(verify_run *v, sr_err *err);

extern const char *const verify_derive[]; /* NULL at the end */
extern const verify_check verify_checks[];
extern const size_t verify_check_count;
