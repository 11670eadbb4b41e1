/* What a run counts for the years after: sections, students and memberships by grade and subject. A rehearsal
 * carries them in its counts, for the gate; a good full run leaves them as the year's. Nothing is decided here. */
#include "engine/run_priv.h"

#include <string.h>

#include "io/store_figure.h"

/* ---- subjects: an optional query of the plugin --------------------------------------------------- */

static void subjects_ask(sr_run *r);

static int subjects_keep(sr_run *r, sr_txn *t, const sr_subject_page *page, sr_err *err)
{
	if (r->figures.after == 0 && sr_store_subjects_forget(t, r->s->number, err) < 0)
		return -1;
	for (size_t i = 0; i < page->count; i++) {
		const sr_subject_row row = { sr_text_ident(page->rows[i].course_number), page->rows[i].subject };

		if (sr_store_subject_put(t, r->s->number, &row, err) < 0)
			return -1;
	}
	return 0;
}

static void subjects_came(void *arg, const sr_subject_page *page, const sr_err *failed)
{
	sr_run *r = arg;
	sr_err err;
	sr_txn *t;

	if (failed) {
		sr_run_fail(r, failed);
		return;
	}
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, subjects_keep(r, t, page, &err), &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	r->figures.after = page->last_key;
	if (page->last)
		r->figures.done(r);
	else
		subjects_ask(r);
}

static void subjects_ask(sr_run *r)
{
	const sr_page_ask ask = { .kind = SR_SRC_COURSE,
		.school = r->s->number,
		.termid_low = (int64_t)r->year * 100,
		.termid_high = (int64_t)r->year * 100 + 99,
		.after = r->figures.after,
		.page_size = (int)r->e->c.config->powerschool.page_size };

	r->e->c.source->subjects(r->e->c.source, &ask, subjects_came, r);
}

/* Courses change their subject hardly ever: only the runs around a rollover ask. */
void sr_run_subjects(sr_run *r, void (*done)(sr_run *r))
{
	bool asks = (r->kind == SR_RK_REHEARSAL || r->kind == SR_RK_FIRST) && r->e->c.source->subjects;

	r->figures.done = done;
	r->figures.after = 0;
	if (asks)
		subjects_ask(r);
	else
		done(r);
}

/* ---- counting, while memberships are judged ------------------------------------------------------ */

void sr_figures_reset(sr_run *r)
{
	r->figures.count = 0;
}

void sr_figures_free(sr_run *r)
{
	free(r->figures.members);
	sr_arena_done(&r->figures.arena);
	r->figures.members = NULL;
}

/* A class that is over counts as well: the year had it. */
int sr_figures_member(sr_run *r, const sr_source_row *row, sr_verdict verdict, sr_err *err)
{
	const sr_section_view *v = sr_judge_section(&r->judge, row->ident.a);
	const sr_person *p = sr_judge_person(&r->judge, row->ident.b);
	sr_figures *f = &r->figures;

	if (row->kind != SR_SRC_ENROLLMENT || (verdict != SR_V_IN && verdict != SR_V_COMPLETED) || !v || !p ||
		v->verdict != SR_V_IN)
		return 0;
	if (f->count == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 1024;
		sr_figure_member *grown = realloc(f->members, cap * sizeof(*grown));

		if (!grown)
			return sr_fail_nomem(err);
		f->members = grown;
		f->cap = cap;
	}
	f->members[f->count++] = (sr_figure_member){ .grade = p->grade, .section = v->dcid, .subject = "" };
	return 0;
}

/* ---- the end of judging --------------------------------------------------------------------------- */

static int subject_cmp(const void *key, const void *row)
{
	int64_t course = *(const int64_t *)key, of = ((const sr_subject_row *)row)->course;

	return course < of ? -1 : course > of;
}

static void subjects_fill(sr_run *r, const sr_subject_row *rows, size_t count)
{
	for (size_t i = 0; i < r->figures.count && count; i++) {
		sr_figure_member *m = &r->figures.members[i];
		const sr_section_view *v = sr_judge_section(&r->judge, m->section);
		const sr_subject_row *row = v ? bsearch(&v->course_ident, rows, count, sizeof(*rows), subject_cmp)
					      : NULL;

		if (row)
			m->subject = row->name;
	}
}

/* The row of a grade, made where nobody of it has a class. */
static sr_figure *grade_row(sr_figures *f, int64_t grade)
{
	for (size_t i = 0; i < f->row_count; i++)
		if (f->rows[i].grade == grade && strcmp(f->rows[i].subject, SR_FIGURE_ALL) == 0)
			return &f->rows[i];
	f->rows[f->row_count] = (sr_figure){ .grade = grade, .subject = SR_FIGURE_ALL };
	return &f->rows[f->row_count++];
}

#define GRADES_MAX 64 /* more than PowerSchool knows; people of further ones count for the school alone */

static void students_fill(sr_run *r, size_t room)
{
	sr_figures *f = &r->figures;
	sr_figure *school = grade_row(f, SR_FIGURE_SCHOOL);

	school->memberships = (int64_t)f->count;
	for (size_t i = 0; i < r->judge.section_count; i++)
		school->sections += r->judge.sections[i].verdict == SR_V_IN;
	for (size_t i = 0; i < r->judge.people_count; i++) {
		const sr_person *p = &r->judge.people[i];

		if (p->verdict != SR_V_IN || sr_person_is_staff(p->ident))
			continue;
		school->students++;
		if (f->row_count < room)
			grade_row(f, p->grade)->students++;
	}
}

static int figures_make(sr_run *r, sr_txn *t, sr_err *err)
{
	sr_figures *f = &r->figures;
	sr_subject_row *subjects;
	sr_figure *made, *rows;
	size_t count, n;

	sr_arena_clear(&f->arena);
	f->rows = NULL;
	f->row_count = 0;
	if (sr_store_subjects(t, &f->arena, r->s->number, &subjects, &count, err) < 0)
		return -1;
	f->subjects = count > 0;
	subjects_fill(r, subjects, count);
	if (sr_figures_make(f->members, f->count, &f->arena, &made, &n, err) < 0)
		return -1;
	rows = sr_arena_alloc(&f->arena, (n + GRADES_MAX) * sizeof(*rows));
	if (!rows)
		return sr_fail_nomem(err);
	if (n)
		memcpy(rows, made, n * sizeof(*rows));
	f->rows = rows;
	f->row_count = n;
	students_fill(r, n + GRADES_MAX);
	return 0;
}

int sr_figures_finish(sr_run *r, sr_err *err)
{
	sr_txn *t;

	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, err) < 0)
		return -1;
	return sr_txn_end(r->e, t, figures_make(r, t, err), err);
}

/* {"subjects": known, "rows": [[grade, subject, sections, students, memberships], ...]} of a rehearsal. */
json_t *sr_figures_json(const sr_run *r)
{
	const sr_figures *f = &r->figures;
	json_t *rows;

	if (r->kind != SR_RK_REHEARSAL || !f->row_count)
		return NULL;
	rows = json_array();
	for (size_t i = 0; i < f->row_count; i++)
		json_array_append_new(
			rows, json_pack("[I, s, I, I, I]", (json_int_t)f->rows[i].grade, f->rows[i].subject,
				      (json_int_t)f->rows[i].sections, (json_int_t)f->rows[i].students,
				      (json_int_t)f->rows[i].memberships));
	return json_pack("{s:b, s:o}", "subjects", f->subjects, "rows", rows);
}

int sr_figures_keep(const sr_run *r, sr_txn *t, sr_err *err)
{
	bool full = r->kind == SR_RK_FIRST || r->kind == SR_RK_SCHEDULED || r->kind == SR_RK_MANUAL;
	const sr_figures *f = &r->figures;

	/* What is still taught on the days after a year's end is not what the year was. */
	if (!full || sr_scope_confines(&r->scope) || r->pull.unproven || r->judge.ctx.year_over || !f->row_count)
		return 0;
	return sr_store_figures_set(t, r->s->number, r->year, f->rows, f->row_count, sr_now_ms(r->e), err);
}

/* ---- reading them again ---------------------------------------------------------------------------- */

int sr_figures_read(const json_t *counts, sr_arena *a, sr_figure **out, size_t *count, sr_err *err)
{
	const json_t *list = json_object_get(json_object_get(counts, "figures"), "rows");
	sr_figure *rows = sr_arena_alloc(a, (json_array_size(list) + 1) * sizeof(*rows));
	size_t i;
	json_t *row;

	if (!rows)
		return sr_fail_nomem(err);
	json_array_foreach((json_t *)list, i, row) {
		const char *subject = json_string_value(json_array_get(row, 1));

		rows[i] = (sr_figure){ .grade = json_integer_value(json_array_get(row, 0)),
			.subject = subject ? subject : "",
			.sections = json_integer_value(json_array_get(row, 2)),
			.students = json_integer_value(json_array_get(row, 3)),
			.memberships = json_integer_value(json_array_get(row, 4)) };
	}
	*out = rows;
	*count = json_array_size(list);
	return 0;
}

/* A year that was synced before figures were kept: what the mirror holds of it says the totals at least. */
static int figures_of_mirror(
	sr_txn *t, const sr_school *s, sr_yearid year, sr_arena *a, sr_figure **out, size_t *count, sr_err *err)
{
	sr_figure *row = sr_arena_alloc(a, sizeof(*row));

	if (!row)
		return sr_fail_nomem(err);
	*row = (sr_figure){ .grade = SR_FIGURE_SCHOOL, .subject = SR_FIGURE_ALL };
	if (sr_store_mirror_count(t, SR_TGT_SECTION, s->number, year, &row->sections, err) < 0 ||
		sr_store_mirror_count(t, SR_TGT_MEMBERSHIP, s->number, year, &row->memberships, err) < 0)
		return -1;
	*out = row;
	*count = row->sections > 0;
	return 0;
}

int sr_figures_of_year(
	sr_txn *t, const sr_school *s, sr_yearid year, sr_arena *a, sr_figure **out, size_t *count, sr_err *err)
{
	if (sr_store_figures(t, a, s->number, year, out, count, err) < 0)
		return -1;
	return *count ? 0 : figures_of_mirror(t, s, year, a, out, count, err);
}
