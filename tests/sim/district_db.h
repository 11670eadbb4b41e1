/* The sandbox's own way to SQLite: one call binds and runs, and dates as day numbers.
 * Never builds SQL from values; the stand-ins have helpers of their own. */
#pragma once
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim.h"

/* Days since 1970-01-01. */
#define SIM_DAY_NONE INT_MIN
int sim_day_make(int year, int month, int day);
void sim_day_text(int day, char out[11]);       /* "2026-08-17"; "" for none */
bool sim_day_parse(const char *text, int *out); /* YYYY-MM-DD alone */
int sim_day_of_ms(int64_t wall_ms);
/* The first `weekday` (0 Monday) on or after `day`. */
int sim_day_weekday(int day, int weekday);

/* Bound values, one letter each: i int64_t, n int, t text (NULL and "" become NULL),
 * e text that may be empty, d a day (SIM_DAY_NONE becomes NULL). */
sqlite3_stmt *sim_sql(sqlite3 *db, sr_err *err, const char *sql, const char *types, ...);
int sim_sql_run(sqlite3 *db, sr_err *err, const char *sql, const char *types, ...);
/* First column of the first row: 1, no row: 0 (`out` untouched), failure: -1. NULL reads as 0. */
int sim_sql_int(sqlite3 *db, int64_t *out, sr_err *err, const char *sql, const char *types, ...);
/* -1: PowerSchool has no school of that number. */
int sim_school_there(sqlite3 *db, int64_t number, sr_err *err);
/* Several statements without values, one after the other. */
int sim_sql_script(sqlite3 *db, const char *sql, sr_err *err);
/* Binds, runs and resets a prepared statement that returns no rows. */
int sim_stmt_run(sqlite3_stmt *stmt, sr_err *err, const char *types, ...);
int sim_stmt_vrun(sqlite3_stmt *stmt, sr_err *err, const char *types, va_list ap);
/* The next row: 1, end: 0, failure: -1. */
int sim_stmt_step(sqlite3_stmt *stmt, sr_err *err);

/* All or nothing around several statements; nests. `begin` and then exactly one `end`, which
 * rolls back if `rc` is not 0 and returns `rc`, or -1 if the release fails. */
int sim_sql_begin(sqlite3 *db, sr_err *err);
int sim_sql_end(sqlite3 *db, int rc, sr_err *err);

static inline void sim_stmt_done(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
}
typedef sqlite3_stmt *sim_stmt;
SR_AUTO_DEFINE(sim_stmt, sim_stmt_done);
