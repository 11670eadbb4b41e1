/* What happens to a district after it was made: the end of the year, and every small change.
 * Never touches Schoology's rosters; changes there are marked as somebody's own. */
#pragma once
#include <stdbool.h>

#include "sim.h"

typedef struct sim_eoy_options {
	int yearid;          /* into which year; 0: found out */
	const int64_t *only; /* these schools alone; none: all */
	size_t only_count;
	const int64_t *except; /* these schools lag behind, as sources and as receivers */
	size_t except_count;
	bool no_schedule; /* next year's sections and classes are not committed */
} sim_eoy_options;

/* PowerSchool's end-of-year process (contracts/powerschool.md section 9): students are moved in
 * place, their old spell goes to REENROLLMENTS, pre-registered ones become active, graduates go to
 * 999999, coursearchiveyear rises, next year's schedule is committed where it is missing. A school
 * without a year term of the new year receives nobody, so it lags behind; run again for it later.
 * `say` gets a line per school. -1: nothing was changed, `err` says why. */
int sim_eoy(sim_world *w, const sim_eoy_options *options, sr_buf *say, sr_err *err);

/* One small change by name; `argv` as in the table of mutations. -1: nothing was changed. */
int sim_mutate(sim_world *w, const char *name, int argc, const char *const *argv, sr_buf *say, sr_err *err);
/* The table, a line per mutation. */
void sim_mutations_help(sr_buf *out);

/* One day of a year's life (the world's date): what happens to a district on such a day, drawn from
 * `seed` and the day alone, so that a year in one go and day by day are the same. Each event is a
 * mutation; `say` gets it as a line of a script: `2026-08-18 mutate move-student 204017 21 32`.
 * Days without school bring only what the calendar holds. `count` rises by the events. */
int sim_year_day(sim_world *w, uint64_t seed, sr_buf *say, int64_t *count, sr_err *err);

/* "2025-2026", "2025" or a yearid below 200. False: none of these. */
bool sim_year_parse(const char *text, int *yearid);
