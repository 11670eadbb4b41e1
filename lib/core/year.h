/* The school year as a value, and whether PowerSchool has rolled over to it.
 * Never looks at the clock: today's date is passed in where it matters. */
#pragma once
#include "core/model.h"

/* PowerSchool's yearid: first calendar year - 1990 (contracts/powerschool.md 9). 0: none. */
typedef int sr_yearid;
#define SR_YEARID_NONE 0
#define SR_YEARID_MIN 1
#define SR_YEARID_MAX 209

#define SR_YEAR_LABEL_BYTES 10 /* "2026-2027" and the NUL */

/* "2026-2027" or "2026-27"; both ends must fit. */
int sr_year_parse(const char *text, sr_yearid *out, sr_err *err);
/* "2026-2027"; "none" for SR_YEARID_NONE. Out of range prints "?". */
const char *sr_year_print(sr_yearid year, char out[SR_YEAR_LABEL_BYTES]);
static inline int sr_year_start(sr_yearid year)
{
	return year + 1990;
}
/* The year a term id belongs to by arithmetic: abs(termid) / 100. */
sr_yearid sr_year_of_termid(int64_t termid);

/* Evidence for "PowerSchool has rolled over to Y at this school" (DESIGN section 2). */
typedef struct sr_rolled {
	int64_t active;   /* active students of the school */
	int64_t promoted; /* of them, with an entry date after the last day of Y-1 */
	bool rolled;
} sr_rolled;

/* The first entry date that counts as promoted: the day after the last day of the year term
 * of Y-1; without such a term 60 days before the first day of Y; SR_DAY_NONE if Y has none. */
sr_day sr_rolled_since(sr_day last_day_of_previous, sr_day first_day_of_year);
/* At least half of the active students, and at least 5 of them (all, if fewer). No active
 * students at all: not rolled. */
sr_rolled sr_rolled_judge(int64_t active, int64_t promoted);
