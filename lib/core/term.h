/* Terms of a school, the grading periods they are mapped to, and what is wrong with the map.
 * Never creates or changes a period. DESIGN section 2 (linter), contracts/powerschool.md 16.3. */
#pragma once
#include "base/str.h"
#include "core/year.h"

typedef struct sr_term {
	int64_t id; /* TERMS.ID; unique only within the school */
	int64_t dcid;
	int64_t school;
	sr_yearid yearid;
	bool is_year;
	int portion; /* denominator: 1 year, 2 semester, ... */
	const char *name, *abbreviation;
	sr_day first, last; /* both inclusive */
} sr_term;

typedef struct sr_period {
	int64_t id; /* Schoology's grading period */
	const char *title;
	sr_day start, end;   /* both inclusive */
	bool exists;         /* seen at the last poll */
	bool used_last_year; /* a known section of an earlier year uses it */
} sr_period;

#define SR_PERIODS_PER_TERM_MAX 12

/* One term with its map and its use. */
typedef struct sr_term_use {
	sr_term term;
	const sr_period *periods[SR_PERIODS_PER_TERM_MAX];
	size_t period_count;
	bool used; /* a section of the active year refers to it, or the default rule says so */
	int64_t sections, enrollments;
	bool forced; /* mapped with --force --reason: errors count as warnings */
	const char *forced_why;
} sr_term_use;

typedef enum sr_lint_rule {
	SR_LINT_UNMAPPED,
	SR_LINT_PERIOD_GONE,
	SR_LINT_LAST_YEAR_PERIOD,
	SR_LINT_NO_OVERLAP,
	SR_LINT_GAP,
	SR_LINT_DOUBLE_COVER,
	SR_LINT_DATES_DIFFER,
	SR_LINT_TITLE_YEAR,
	SR_LINT_NOT_USED,
	SR_LINT_COUNT
} sr_lint_rule;

typedef enum sr_lint_level { SR_LINT_ERROR, SR_LINT_WARNING, SR_LINT_NOTE } sr_lint_level;

typedef struct sr_lint_finding {
	sr_lint_rule rule;
	sr_lint_level level;  /* errors stop `resume` unless forced */
	int64_t term, period; /* period 0: the term itself */
	char text[200];
} sr_lint_finding;

const char *sr_lint_rule_name(sr_lint_rule rule); /* "last-year-period" */

/* Judges one term's map in its year (`year_first`, `year_last` from the year term). Writes at
 * most `max` findings, gravest first; returns how many there are. */
size_t sr_term_lint(const sr_term_use *use, sr_yearid active, sr_day year_first, sr_day year_last, sr_lint_finding *out,
	size_t max);
/* A map is sound: at least one period, all existing, none with an unforced error. */
bool sr_term_sound(const sr_term_use *use, sr_yearid active, sr_day year_first, sr_day year_last);

/* DESIGN section 2, "used term": marks terms some section refers to (`sections` > 0); while no
 * term of the active year is, the year term and the terms of the smallest portion. */
void sr_term_mark_used(sr_term_use *terms, size_t count, sr_yearid active);

/* Parent: smallest containing range with a smaller portion, same school and year; NULL: none. */
const sr_term *sr_term_parent(const sr_term_use *terms, size_t count, const sr_term *child);
