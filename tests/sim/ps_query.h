/* A PowerQuery call on its way from the request to the rows.
 * Never seen outside ps_query*.c. */
#pragma once
#include "ps_call.h"
#include "ps_filter.h"

/* An argument as it was given: one text, or a list of them. */
typedef struct sim_ps_value {
	const char *text; /* NULL: NULL */
	const char **list;
	size_t count;
} sim_ps_value;

/* A call that passed all checks. */
typedef struct sim_ps_run {
	sim_ps_call *c;
	const sim_ps_query *query;
	sim_ps_value values[SIM_PS_ARGS_MAX];
	bool shown[SIM_PS_COLUMNS_MAX]; /* the projection */
	sim_ps_selector selectors[SIM_PS_COLUMNS_MAX * 2];
	size_t selector_count;
	sim_ps_filter filter; /* `$q` */
	const char *order;    /* SQL behind "order by"; NULL: as the query says */
	int64_t since;        /* data version; -1: not asked for */
	int64_t version;      /* of this answer */
} sim_ps_run;

/* ---- ps_query_sql.c ---- */

/* The statement with its values bound; `count`: of the number of rows. NULL: the database failed.
 * The caller finalizes. */
sqlite3_stmt *sim_ps_run_prepare(const sim_ps_run *run, bool count);

/* ---- ps_query_rows.c ---- */

/* Steps over `skip` rows and writes at most `limit` (0: all), separated by commas. The number
 * written, or -1. */
int64_t sim_ps_run_write(const sim_ps_run *run, sqlite3_stmt *stmt, int64_t skip, int64_t limit, sr_buf *out);
