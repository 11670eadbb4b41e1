/* year list: which school years PowerSchool knows, school by school, and what each means to it. */
#include "engine/cmd_priv.h"

#include <string.h>

typedef struct years {
	const sr_picks *picks;
	json_t *by_year[SR_YEARID_MAX + 1]; /* lists of schools; NULL: nobody knows the year */
} years;

static const char *use_of(const sr_phase_state *st, sr_yearid year)
{
	const struct {
		sr_yearid year;
		const char *use;
	} rows[] = { { st->active, "active" }, { st->chosen, "chosen" }, { st->fallback, "fallback" },
		{ st->verified, "verified" } };

	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		if (rows[i].year == year)
			return rows[i].use;
	return NULL;
}

typedef struct year_terms {
	int64_t count;
	sr_day first, last;
} year_terms;

static year_terms terms_of(const sr_term_row *rows, size_t count, sr_yearid year)
{
	year_terms out = { 0, SR_DAY_NONE, SR_DAY_NONE };

	for (size_t i = 0; i < count; i++) {
		if (rows[i].term.yearid != year)
			continue;
		out.count++;
		if (!rows[i].term.is_year)
			continue;
		out.first = rows[i].term.first;
		out.last = rows[i].term.last;
	}
	return out;
}

static json_t *at_school(const sr_school *s, const year_terms *terms, sr_yearid year)
{
	const sr_phase_state *st = &s->row.state;
	bool evidence = s->row.rolled_year == year;
	sr_rolled rolled = sr_rolled_judge(s->row.rolled_active, s->row.rolled_promoted);
	sr_json_obj o = sr_json_obj_new();

	sr_put_school(&o, s);
	sr_json_put_int(&o, "terms", terms->count);
	sr_put_day(&o, "first_day", terms->first);
	sr_put_day(&o, "last_day", terms->last);
	sr_json_put_bool(&o, "rolled", evidence ? rolled.rolled : st->verified && year <= st->verified);
	sr_json_put_int(&o, "promoted", evidence ? rolled.promoted : 0);
	sr_json_put_int(&o, "students", evidence ? rolled.active : 0);
	sr_json_put_text(&o, "use", use_of(st, year));
	return sr_json_obj_take(&o);
}

static int years_of_school(sr_call *c, sr_txn *t, const sr_school *s, years *y, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_term_row *rows;
	size_t count;

	if (sr_store_terms(t, &arena, s->number, 0, &rows, &count, err) < 0)
		return -1;
	for (sr_yearid year = SR_YEARID_MIN; year <= SR_YEARID_MAX; year++) {
		year_terms terms = terms_of(rows, count, year);

		if (terms.count == 0 && !use_of(&s->row.state, year))
			continue;
		if (!y->by_year[year] && !(y->by_year[year] = json_array()))
			return sr_fail_nomem(err);
		sr_list_add(c, y->by_year[year], at_school(s, &terms, year));
	}
	return 0;
}

static int years_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	years *y = arg;

	for (size_t i = 0; i < y->picks->count; i++)
		if (years_of_school(c, t, y->picks->at[i].s, y, err) < 0)
			return -1;
	return 0;
}

void sr_cmd_year_list(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	json_auto_t *list = json_array();
	years y = { .picks = &picks };
	char prefs[SR_YEAR_LABEL_BYTES];
	int rc;

	if (sr_select(c, SR_PICK_SYNCED, &picks) < 0)
		return;
	rc = sr_call_read(c, years_read, &y);
	for (sr_yearid year = SR_YEARID_MAX; year >= SR_YEARID_MIN; year--) {
		sr_json_obj o;

		if (!y.by_year[year])
			continue;
		o = sr_json_obj_new();
		sr_put_year(&o, "year", year);
		sr_json_put_int(&o, "yearid", year);
		sr_json_put(&o, "schools", y.by_year[year]);
		sr_list_add(c, list, sr_json_obj_take(&o));
	}
	sr_year_print(c->e->prefs_year, prefs);
	if (rc == 0)
		sr_call_done(c, json_pack("{s:O, s:s?}", "years", list, "prefs_year", c->e->prefs_year ? prefs : NULL));
}
