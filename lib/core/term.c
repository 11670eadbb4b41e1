/* The linter is one table of rules, each a small function that says what it sees. They run once a
 * level, gravest first, so that the caller gets the errors even if he has room for few. */
#include "core/term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP_DAYS 3 /* a long weekend between two periods is no gap */

typedef struct lint {
	const sr_term_use *use;
	sr_yearid active;
	sr_day year_first, year_last;
	sr_lint_rule rule;
	sr_lint_level level;
	sr_lint_finding *out;
	size_t max, count;
} lint;

static void __attribute__((format(printf, 3, 4))) say(lint *l, int64_t period, const char *fmt, ...)
{
	sr_lint_finding *f;
	va_list ap;

	if (l->count++ >= l->max)
		return;
	f = &l->out[l->count - 1];
	*f = (sr_lint_finding){ .rule = l->rule, .level = l->level, .term = l->use->term.id, .period = period };
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

static bool has_days(sr_day first, sr_day last)
{
	return first != SR_DAY_NONE && last != SR_DAY_NONE;
}

/* The period if it exists and its days can be compared with the term's. */
static const sr_period *dated(const lint *l, size_t i)
{
	const sr_period *p = l->use->periods[i];

	return p->exists && has_days(p->start, p->end) && has_days(l->use->term.first, l->use->term.last) ? p : NULL;
}

static bool of_last_year(const lint *l, const sr_period *p)
{
	return p->used_last_year || (p->end != SR_DAY_NONE && l->year_first != SR_DAY_NONE && p->end < l->year_first);
}

static bool overlaps_term(const lint *l, const sr_period *p)
{
	return p->start <= l->use->term.last && p->end >= l->use->term.first;
}

static void lint_unmapped(lint *l)
{
	if (l->use->used && l->use->period_count == 0)
		say(l, 0, "no grading period: %lld sections and %lld enrollments wait", (long long)l->use->sections,
			(long long)l->use->enrollments);
}

static void lint_period_gone(lint *l)
{
	for (size_t i = 0; i < l->use->period_count; i++)
		if (!l->use->periods[i]->exists)
			say(l, l->use->periods[i]->id, "the grading period does not exist in Schoology any more");
}

static void lint_last_year_period(lint *l)
{
	char end[11];

	for (size_t i = 0; i < l->use->period_count; i++) {
		const sr_period *p = l->use->periods[i];

		if (!p->exists || !of_last_year(l, p))
			continue;
		sr_day_print(p->end, end);
		if (p->used_last_year)
			say(l, p->id, "sections of an earlier year use this grading period");
		else
			say(l, p->id, "the grading period ended on %s, before the active year began", end);
	}
}

static void lint_no_overlap(lint *l)
{
	for (size_t i = 0; i < l->use->period_count; i++) {
		const sr_period *p = dated(l, i);

		if (p && !of_last_year(l, p) && !overlaps_term(l, p))
			say(l, p->id, "the grading period has no day in common with the term");
	}
}

static int by_start(const void *a, const void *b)
{
	const sr_period *x = *(const sr_period *const *)a, *y = *(const sr_period *const *)b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Periods that overlap the term, by start. */
static size_t covering(const lint *l, const sr_period *out[SR_PERIODS_PER_TERM_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < l->use->period_count; i++) {
		const sr_period *p = dated(l, i);

		if (p && overlaps_term(l, p))
			out[n++] = p;
	}
	qsort(out, n, sizeof(out[0]), by_start);
	return n;
}

static void say_gap(lint *l, sr_day from, sr_day to)
{
	char a[11], b[11];

	if (to - from + 1 <= GAP_DAYS)
		return;
	sr_day_print(from, a);
	sr_day_print(to, b);
	say(l, 0, "%s to %s is in no grading period of the term", a, b);
}

static void lint_gap(lint *l)
{
	const sr_period *p[SR_PERIODS_PER_TERM_MAX];
	size_t n = covering(l, p);
	sr_day open = l->use->term.first;

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		say_gap(l, open, p[i]->start - 1);
		if (p[i]->end >= open)
			open = p[i]->end + 1;
	}
	say_gap(l, open, l->use->term.last);
}

static void lint_double_cover(lint *l)
{
	const sr_period *p[SR_PERIODS_PER_TERM_MAX];
	size_t n = covering(l, p);

	for (size_t i = 1; i < n; i++)
		if (p[i]->start <= p[i - 1]->end)
			say(l, p[i]->id, "the grading period overlaps period %lld of the same term",
				(long long)p[i - 1]->id);
}

static void lint_dates_differ(lint *l)
{
	const sr_period *p[SR_PERIODS_PER_TERM_MAX];
	size_t n = covering(l, p);
	sr_day end = SR_DAY_NONE;
	char a[11], b[11], c[11], d[11];

	for (size_t i = 0; i < n; i++)
		end = p[i]->end > end ? p[i]->end : end;
	if (n == 0 || (p[0]->start == l->use->term.first && end == l->use->term.last))
		return;
	sr_day_print(l->use->term.first, a);
	sr_day_print(l->use->term.last, b);
	sr_day_print(p[0]->start, c);
	sr_day_print(end, d);
	say(l, n == 1 ? p[0]->id : 0, "the term is %s to %s, its grading period %s to %s", a, b, c, d);
}

/* The number in the run of exactly `digits` digits at `s`, or -1. */
static int digit_run(const char *s, int digits)
{
	int n = 0, i = 0;

	for (; sr_is_digit(s[i]); i++)
		n = i < digits ? n * 10 + s[i] - '0' : n;
	return i == digits ? n : -1;
}

/* A calendar year in the title that is neither end of the active year, "2025" or "25-26"; or -1. */
static int foreign_year(const char *title, int start)
{
	for (const char *s = title; *s; s++) {
		int year = digit_run(s, 4), from = digit_run(s, 2), to;

		if (s > title && sr_is_digit(s[-1]))
			continue;
		if (year >= 1990 && year <= 2199 && year != start && year != start + 1)
			return year;
		if (from < 0 || (s[2] != '-' && s[2] != '/'))
			continue;
		to = digit_run(s + 3, 2);
		if (to == (from + 1) % 100 && from != start % 100 && !(s > title && s[-1] == '-'))
			return 2000 + from;
	}
	return -1;
}

static void lint_title_year(lint *l)
{
	for (size_t i = 0; i < l->use->period_count; i++) {
		const sr_period *p = l->use->periods[i];
		int year = p->title ? foreign_year(p->title, sr_year_start(l->active)) : -1;

		if (p->exists && year >= 0)
			say(l, p->id, "the title of the grading period speaks of %d", year);
	}
}

static void lint_not_used(lint *l)
{
	if (!l->use->used)
		say(l, 0, "no section of the active year refers to the term: it needs no grading period");
}

static const struct {
	const char *name;
	sr_lint_level level;
	bool forcible; /* --force may turn its error into a warning */
	void (*run)(lint *l);
} rules[SR_LINT_COUNT] = {
	/* clang-format off */
	[SR_LINT_UNMAPPED]         = { "unmapped",         SR_LINT_ERROR,   false, lint_unmapped },
	[SR_LINT_PERIOD_GONE]      = { "period-gone",      SR_LINT_ERROR,   false, lint_period_gone },
	[SR_LINT_LAST_YEAR_PERIOD] = { "last-year-period", SR_LINT_ERROR,   true,  lint_last_year_period },
	[SR_LINT_NO_OVERLAP]       = { "no-overlap",       SR_LINT_ERROR,   true,  lint_no_overlap },
	[SR_LINT_GAP]              = { "gap",              SR_LINT_WARNING, true,  lint_gap },
	[SR_LINT_DOUBLE_COVER]     = { "double-cover",     SR_LINT_WARNING, true,  lint_double_cover },
	[SR_LINT_DATES_DIFFER]     = { "dates-differ",     SR_LINT_WARNING, true,  lint_dates_differ },
	[SR_LINT_TITLE_YEAR]       = { "title-year",       SR_LINT_WARNING, true,  lint_title_year },
	[SR_LINT_NOT_USED]         = { "not-used",         SR_LINT_NOTE,    true,  lint_not_used },
	/* clang-format on */
};

const char *sr_lint_rule_name(sr_lint_rule rule)
{
	return (unsigned)rule < SR_LINT_COUNT ? rules[rule].name : "?";
}

static sr_lint_level level_of(sr_lint_rule rule, bool forced)
{
	sr_lint_level level = rules[rule].level;

	return level == SR_LINT_ERROR && forced && rules[rule].forcible ? SR_LINT_WARNING : level;
}

size_t sr_term_lint(
	const sr_term_use *use, sr_yearid active, sr_day year_first, sr_day year_last, sr_lint_finding *out, size_t max)
{
	lint l = {
		.use = use, .active = active, .year_first = year_first, .year_last = year_last, .out = out, .max = max
	};

	for (int level = SR_LINT_ERROR; level <= SR_LINT_NOTE; level++) {
		for (int r = 0; r < SR_LINT_COUNT; r++) {
			l.rule = (sr_lint_rule)r;
			l.level = level_of(l.rule, use->forced);
			if ((int)l.level == level)
				rules[r].run(&l);
		}
	}
	return l.count;
}

bool sr_term_sound(const sr_term_use *use, sr_yearid active, sr_day year_first, sr_day year_last)
{
	sr_lint_finding gravest;

	if (use->period_count == 0)
		return false;
	return sr_term_lint(use, active, year_first, year_last, &gravest, 1) == 0 || gravest.level != SR_LINT_ERROR;
}

/* While nothing refers to any term: what a school will surely need is its year and its shortest
 * terms (portion is a denominator: the greatest has the shortest terms). */
static void mark_default(sr_term_use *terms, size_t count, sr_yearid active)
{
	int finest = 0;

	for (size_t i = 0; i < count; i++)
		if (terms[i].term.yearid == active && terms[i].term.portion > finest)
			finest = terms[i].term.portion;
	for (size_t i = 0; i < count; i++)
		terms[i].used = terms[i].term.yearid == active &&
				(terms[i].term.is_year || terms[i].term.portion == finest);
}

void sr_term_mark_used(sr_term_use *terms, size_t count, sr_yearid active)
{
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		terms[i].used = terms[i].term.yearid == active && terms[i].sections > 0;
		any |= terms[i].used;
	}
	if (!any)
		mark_default(terms, count, active);
}

static bool contains(const sr_term *outer, const sr_term *inner)
{
	return outer->school == inner->school && outer->yearid == inner->yearid && outer->portion < inner->portion &&
	       has_days(outer->first, outer->last) && has_days(inner->first, inner->last) &&
	       outer->first <= inner->first && outer->last >= inner->last;
}

const sr_term *sr_term_parent(const sr_term_use *terms, size_t count, const sr_term *child)
{
	const sr_term *best = NULL;

	for (size_t i = 0; i < count; i++) {
		const sr_term *t = &terms[i].term;

		if (contains(t, child) && (!best || t->last - t->first < best->last - best->first))
			best = t;
	}
	return best;
}
