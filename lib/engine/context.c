/* Gathers from the database what one school is judged by, for one year. */
#include "engine/engine_priv.h"

#include <stdio.h>
#include <string.h>

void sr_context_done(sr_context *c)
{
	sr_arena_done(&c->arena);
}

static void year_dates(sr_context *c, sr_yearid year, sr_day today)
{
	c->year_first = c->year_last = SR_DAY_NONE;
	for (size_t i = 0; i < c->all_count; i++) {
		const sr_term *t = &c->all[i].term;

		if (t->yearid != year || !t->is_year)
			continue;
		c->year_exists = true;
		c->year_first = t->first;
		c->year_last = t->last;
	}
	c->year_over = c->year_exists && c->year_last != SR_DAY_NONE && today > c->year_last;
}

static const sr_period *period_find(const sr_context *c, int64_t id)
{
	for (size_t i = 0; i < c->period_count; i++)
		if (c->periods[i].id == id)
			return &c->periods[i];
	return NULL;
}

static int term_maps(sr_context *c, sr_term_use *use, const sr_map_row *maps, size_t count, sr_err *err)
{
	for (size_t i = 0; i < count; i++) {
		const sr_period *p;

		if (maps[i].term != use->term.id)
			continue;
		if (use->period_count == SR_PERIODS_PER_TERM_MAX)
			return sr_fail(err, SR_E_LIMIT, "term %lld is mapped to more than %d periods",
				(long long)use->term.id, SR_PERIODS_PER_TERM_MAX);
		p = period_find(c, maps[i].period);
		if (!p) {
			sr_period *gone = sr_arena_alloc(&c->arena, sizeof(*gone));

			if (!gone)
				return sr_fail_nomem(err);
			*gone = (sr_period){
				.id = maps[i].period, .title = "", .start = SR_DAY_NONE, .end = SR_DAY_NONE
			};
			p = gone;
		}
		use->periods[use->period_count++] = p;
		use->forced |= maps[i].forced_reason != NULL;
		if (maps[i].forced_reason)
			use->forced_why = maps[i].forced_reason;
	}
	return 0;
}

static int terms_of_year(sr_txn *t, sr_school *s, sr_yearid year, sr_context *c, sr_err *err)
{
	sr_map_row *maps;
	size_t count;

	if (sr_store_maps(t, &c->arena, s->number, &maps, &count, err) < 0)
		return -1;
	c->terms = sr_arena_alloc(&c->arena, (c->all_count + 1) * sizeof(*c->terms));
	if (!c->terms)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < c->all_count; i++) {
		sr_term_use *use = &c->terms[c->term_count];

		if (c->all[i].term.yearid != year)
			continue;
		use->term = c->all[i].term;
		for (size_t k = 0; k < s->counts_len && s->counts_year == year; k++)
			if (s->counts[k].term == use->term.id) {
				use->sections = s->counts[k].sections;
				use->enrollments = s->counts[k].enrollments;
			}
		if (term_maps(c, use, maps, count, err) < 0)
			return -1;
		c->term_count++;
	}
	sr_term_mark_used(c->terms, c->term_count, year);
	return 0;
}

static int64_t role_by_title(sr_context *c, const sr_role_row *rows, size_t count, const char *title)
{
	if (!title || !*title)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].title, title) == 0)
			return rows[i].id;
	if (count)
		snprintf(c->missing_role, sizeof(c->missing_role), "%s", title);
	return 0;
}

/* Role titles of every school count as mapped: a person may come from any of them. */
static int mapped_roles(sr_engine *e, sr_context *c, const sr_role_row *rows, size_t count, sr_err *err)
{
	c->mapped_roles = sr_arena_alloc(&c->arena, (e->school_count * 4 + 1) * sizeof(*c->mapped_roles));
	if (!c->mapped_roles)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < e->school_count; i++) {
		const sr_school_config *k = &e->schools[i]->config;
		const char *titles[] = { k->role_student, k->role_teacher, k->role_staff, k->role_substitute };

		for (size_t n = 0; n < SR_COUNT_OF(titles); n++) {
			int64_t id = k->sync ? role_by_title(c, rows, count, titles[n]) : 0;

			if (id)
				c->mapped_roles[c->mapped_roles_count++] = id;
		}
	}
	return 0;
}

static int roles_of(sr_txn *t, sr_school *s, sr_context *c, sr_err *err)
{
	const sr_school_config *k = &s->config;
	sr_role_row *rows;
	size_t count;

	if (sr_store_roles(t, &c->arena, &rows, &count, err) < 0 || mapped_roles(s->e, c, rows, count, err) < 0)
		return -1;
	c->missing_role[0] = '\0';
	c->role_student = role_by_title(c, rows, count, k->role_student);
	c->role_teacher = role_by_title(c, rows, count, k->role_teacher);
	c->role_staff = role_by_title(c, rows, count, k->role_staff);
	c->role_substitute = role_by_title(c, rows, count, k->role_substitute);
	return 0;
}

static void filter_ctx(const sr_school *s, sr_yearid year, sr_context *c)
{
	const sr_school_config *k = &s->config;

	c->filter = (sr_filter_ctx){
		.school = s->number,
		.school_synced = k->sync,
		.active = year,
		.year_first = c->year_first,
		.year_last = c->year_last,
		.today = sr_today(s->e),
		.end_grace_days = k->end_grace_days,
		.preregistered = k->preregistered,
		.role_student = c->role_student != 0,
		.role_teacher = c->role_teacher != 0,
		.role_staff = c->role_staff != 0,
		.role_substitute = c->role_substitute != 0,
		.exclude_courses = k->exclude_courses,
		.exclude_courses_count = k->exclude_courses_count,
		.exclude_grades = k->exclude_grades,
		.exclude_grades_count = k->exclude_grades_count,
	};
}

int sr_context_load(sr_txn *t, sr_school *s, sr_yearid year, sr_context *out, sr_err *err)
{
	*out = (sr_context){ 0 };
	if (sr_store_terms(t, &out->arena, s->number, 0, &out->all, &out->all_count, err) < 0 ||
		sr_store_periods(t, &out->arena, year, &out->periods, &out->period_count, err) < 0)
		return -1;
	year_dates(out, year, sr_today(s->e));
	if (terms_of_year(t, s, year, out, err) < 0 || roles_of(t, s, out, err) < 0)
		return -1;
	filter_ctx(s, year, out);
	return 0;
}

sr_term_fact sr_context_term(const sr_context *c, int64_t termid)
{
	sr_term_fact f = { 0 };
	int64_t id = termid < 0 ? -termid : termid;

	for (size_t i = 0; i < c->all_count; i++)
		if (c->all[i].term.id == id) {
			f = (sr_term_fact){ .known = true,
				.yearid = c->all[i].term.yearid,
				.first = c->all[i].term.first,
				.last = c->all[i].term.last };
			break;
		}
	for (size_t i = 0; i < c->term_count; i++)
		if (c->terms[i].term.id == id)
			f.mapped = sr_term_sound(&c->terms[i], c->filter.active, c->year_first, c->year_last);
	return f;
}

int sr_context_unmapped(const sr_context *c, int *used)
{
	int n = 0, unmapped = 0;

	for (size_t i = 0; i < c->term_count; i++) {
		if (!c->terms[i].used)
			continue;
		n++;
		if (!sr_term_sound(&c->terms[i], c->filter.active, c->year_first, c->year_last))
			unmapped++;
	}
	if (used)
		*used = n;
	return unmapped;
}
