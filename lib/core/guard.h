/* Guards: how much of a plan may go out without a person. Numbers in, a decision and its reason out.
 * Never counts, never sends, never asks what time it is. DESIGN section 6. */
#pragma once
#include "core/model.h"

/* What is guarded, each by itself. */
typedef enum sr_guard_kind {
	SR_GD_STUDENTS, /* students' memberships that would be dropped */
	SR_GD_TEACHERS, /* teachers' memberships that would be dropped */
	SR_GD_LOGINS,   /* usernames and e-mail addresses that would change */
	SR_GD_NAMES,    /* names that would change */
	SR_GD_TITLES,   /* titles of sections that would change */
	SR_GD_KEYS,     /* keys that drift: they wait at any number */
	SR_GD_COUNT
} sr_guard_kind;

const char *sr_guard_name(sr_guard_kind kind); /* "students", "teachers", "logins", "names", "titles", "keys" */

typedef struct sr_guard_limits {
	int64_t drop_count, drop_percent, settle_percent;
	int64_t raised_percent; /* for this run alone, in place of the share; 0: not raised; 100: no share */
	int64_t login_changes, name_changes; /* names of people; titles of sections */
	bool settling;                       /* the season in which classes are still moved about */
	bool first_run;                      /* of a year: nothing is taken away without a person */
} sr_guard_limits;

typedef struct sr_guard_verdict {
	sr_guard_kind kind;
	int64_t n;             /* operations of the plan */
	int64_t of, percent;   /* drops: active memberships, and the share of them; else 0 */
	int64_t limit;         /* they wait from this many on ... */
	int64_t limit_percent; /* ... if this share is reached too; 0: the number alone decides */
	bool waits;
	char why[200]; /* when they wait: both numbers and the limit in words */
} sr_guard_verdict;

/* `n` operations of `kind`; drops: out of `of` memberships. "At least" is meant by every limit. */
void sr_guard_judge(const sr_guard_limits *l, sr_guard_kind kind, int64_t n, int64_t of, sr_guard_verdict *out);

/* Does the new year still settle? Without a first day of school that lies in the year (SR_DAY_NONE, or
 * last year's, or the next one's) the year's first day by its terms counts. */
bool sr_guard_settling(sr_day today, sr_day first_day, sr_day year_first, sr_day year_last, int settle_days);

/* A feed that has become so much smaller is more likely broken than true. */
#define SR_GUARD_SHRINK_MIN 50 /* rows before; fewer say nothing */
bool sr_guard_shrunk(int64_t before, int64_t now, int64_t shrink_percent);

/* The day whose drops a moment belongs to: they are sent by the first run that begins at or after
 * `drops_at_min`. By the district's calendar and clock alone, so that an hour that is skipped or comes
 * twice makes neither two of them nor none. */
sr_day sr_drops_slot(sr_day day, int minute, int drops_at_min);
