/* Aggregation by one sort, comparison by one walk over last year's rows: what was there and is not now. */
#include "core/figure.h"

#include <stdlib.h>
#include <string.h>

static int by_subject(const sr_figure_member *a, const sr_figure_member *b)
{
	if (a->grade != b->grade)
		return a->grade < b->grade ? -1 : 1;
	return strcmp(a->subject, b->subject);
}

static int by_section(const void *x, const void *y)
{
	const sr_figure_member *a = x, *b = y;
	int order = by_subject(a, b);

	return order ? order : a->section == b->section ? 0 : a->section < b->section ? -1 : 1;
}

/* A section has one subject, so a grade's sections are those of its subjects together. */
static size_t group(const sr_figure_member *m, size_t count, sr_figure *out)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		bool fresh = i == 0 || by_subject(&m[i - 1], &m[i]) != 0;

		if (fresh)
			out[n++] = (sr_figure){ .grade = m[i].grade, .subject = m[i].subject };
		out[n - 1].sections += fresh || m[i].section != m[i - 1].section;
		out[n - 1].memberships++;
	}
	return n;
}

static size_t add_grades(sr_figure *rows, size_t n)
{
	size_t subjects = n;

	for (size_t i = 0; i < subjects; i++) {
		if (i == 0 || rows[i].grade != rows[i - 1].grade)
			rows[n++] = (sr_figure){ .grade = rows[i].grade, .subject = SR_FIGURE_ALL };
		rows[n - 1].sections += rows[i].sections;
		rows[n - 1].memberships += rows[i].memberships;
	}
	return n;
}

int sr_figures_make(
	sr_figure_member *members, size_t count, sr_arena *a, sr_figure **out, size_t *out_count, sr_err *err)
{
	sr_figure *rows;
	size_t pairs = 0;

	if (count)
		qsort(members, count, sizeof(*members), by_section);
	for (size_t i = 0; i < count; i++)
		pairs += i == 0 || by_subject(&members[i - 1], &members[i]) != 0;
	rows = sr_arena_alloc(a, (2 * pairs + 1) * sizeof(*rows));
	if (!rows)
		return sr_fail_nomem(err);
	*out_count = add_grades(rows, group(members, count, rows));
	*out = rows;
	return 0;
}

const sr_figure *sr_figure_find(const sr_figure *rows, size_t count, int64_t grade, const char *subject)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].grade == grade && strcmp(rows[i].subject, subject) == 0)
			return &rows[i];
	return NULL;
}

static const struct {
	const char *what;
	size_t at;
} measures[] = {
	{ "sections", offsetof(sr_figure, sections) },
	{ "students", offsetof(sr_figure, students) },
	{ "memberships", offsetof(sr_figure, memberships) },
};

static int64_t measure(const sr_figure *f, size_t i)
{
	return f ? *(const int64_t *)(const void *)((const char *)f + measures[i].at) : 0;
}

static void put_whose(const sr_figure *last, sr_buf *out)
{
	sr_buf_puts(out, out->len ? "; " : "");
	if (last->grade == SR_FIGURE_SCHOOL)
		sr_buf_puts(out, "the school has ");
	else
		sr_buf_printf(out, "grade %lld has ", (long long)last->grade);
}

/* A total that has fallen too far; the first of its measures speaks for it. */
static int total_missing(const sr_figure_ask *ask, const sr_figure *last, sr_buf *out)
{
	const sr_figure *now = sr_figure_find(ask->now, ask->now_count, last->grade, last->subject);

	if (last->grade != SR_FIGURE_SCHOOL && last->students < SR_FIGURE_MIN)
		return 0;
	for (size_t i = 0; i < SR_COUNT_OF(measures); i++) {
		int64_t was = measure(last, i), is = measure(now, i);

		if (is * 100 >= was * ask->percent)
			continue;
		put_whose(last, out);
		sr_buf_printf(out, "%lld %s (last year %lld)", (long long)is, measures[i].what, (long long)was);
		return 1;
	}
	return 0;
}

static int subject_missing(const sr_figure_ask *ask, const sr_figure *last, sr_buf *out)
{
	const sr_figure *now = sr_figure_find(ask->now, ask->now_count, last->grade, last->subject);
	const sr_figure *grade = sr_figure_find(ask->now, ask->now_count, last->grade, SR_FIGURE_ALL);

	if (last->sections == 0 || (now && now->sections) || !*last->subject)
		return 0;
	if (!grade || grade->sections == 0)
		return 0; /* the whole grade is missing, which is said already or was too small to say */
	put_whose(last, out);
	sr_buf_printf(out, "no section in %s (last year %lld)", last->subject, (long long)last->sections);
	return 1;
}

int sr_figures_missing(const sr_figure_ask *ask, sr_buf *out)
{
	int n = 0;

	for (int pass = 0; pass < 3; pass++)
		for (size_t i = 0; i < ask->last_count; i++) {
			const sr_figure *last = &ask->last[i];
			bool all = strcmp(last->subject, SR_FIGURE_ALL) == 0, school = last->grade == SR_FIGURE_SCHOOL;

			if (pass != (!all ? 2 : school ? 0 : 1))
				continue;
			n += all ? total_missing(ask, last, out) : subject_missing(ask, last, out);
		}
	return n;
}
