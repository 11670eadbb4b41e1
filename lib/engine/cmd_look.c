/* Lists of what both systems have: schools with their buildings, roles, grading periods. */
#include "engine/cmd_priv.h"

#include <string.h>

/* Reads one list; `out` is its JSON array. */
typedef struct look {
	const sr_picks *picks;
	json_t *list;
	sr_yearid year;
} look;

/* --- schools list --- */

static const sr_building_row *building_of(const sr_building_row *rows, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].id == id)
			return &rows[i];
	return NULL;
}

static const char *building_by(const sr_school *s, const sr_building_row *row)
{
	if (s->config.building)
		return "configured";
	if (!s->building)
		return "none";
	return row && row->is_school ? "organisation" : "code";
}

static json_t *listed_school(const sr_school *s, const sr_building_row *row)
{
	sr_json_obj o = sr_json_obj_new();

	sr_put_school(&o, s);
	sr_json_put_bool(&o, "synced", s->config.sync);
	sr_json_put_bool(&o, "listed", s->row.listed);
	sr_json_put(&o, "building", s->building ? json_integer(s->building) : json_null());
	sr_put_text(&o, "building_title", row ? row->title : NULL);
	sr_json_put_text(&o, "building_by", building_by(s, row));
	sr_json_put_text(&o, "phase", s->config.sync ? sr_phase_name(s->row.state.phase) : NULL);
	sr_put_year(&o, "active_year", s->row.state.active);
	return sr_json_obj_take(&o);
}

static int schools_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	look *l = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	sr_building_row *rows;
	size_t count;

	if (sr_store_buildings(t, &arena, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < l->picks->count; i++) {
		const sr_school *s = l->picks->at[i].s;

		sr_list_add(c, l->list, listed_school(s, building_of(rows, count, s->building)));
	}
	return 0;
}

void sr_cmd_schools_list(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	json_auto_t *list = json_array();

	if (sr_select(c, SR_PICK_EVERY, &picks) == 0 && sr_call_read(c, schools_read, &(look){ &picks, list, 0 }) == 0)
		sr_call_done(c, json_pack("{s:O}", "schools", list));
}

/* --- roles list --- */

/* Which words of the configuration, at any synced school, name this role. */
static json_t *mapped_from(sr_call *c, const char *title)
{
	static const char *const words[] = { "student", "teacher", "staff", "substitute" };
	json_t *list = json_array();

	for (size_t w = 0; list && w < SR_COUNT_OF(words); w++) {
		bool named = false;

		for (size_t i = 0; i < c->e->school_count; i++) {
			const sr_school_config *k = &c->e->schools[i]->config;
			const char *titles[] = { k->role_student, k->role_teacher, k->role_staff, k->role_substitute };

			named |= k->sync && titles[w] && strcmp(titles[w], title) == 0;
		}
		if (named)
			sr_list_add(c, list, json_string(words[w]));
	}
	return list;
}

static int roles_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	look *l = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	sr_role_row *rows;
	size_t count;

	if (sr_store_roles(t, &arena, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		sr_json_obj o = sr_json_obj_new();

		sr_json_put_int(&o, "id", rows[i].id);
		sr_put_text(&o, "title", rows[i].title);
		sr_json_put_text(&o, "kind", rows[i].role_type == 2 ? "building" : "organisation");
		sr_json_put(&o, "mapped_from", mapped_from(c, rows[i].title));
		sr_list_add(c, l->list, sr_json_obj_take(&o));
	}
	return 0;
}

void sr_cmd_roles_list(sr_call *c)
{
	json_auto_t *list = json_array();

	if (sr_call_read(c, roles_read, &(look){ NULL, list, 0 }) == 0)
		sr_call_done(c, json_pack("{s:O}", "roles", list));
}

/* --- periods list --- */

static json_t *used_by(sr_call *c, const sr_map_row *maps, size_t count, int64_t period)
{
	json_t *list = json_array();
	int64_t last = -1;

	/* Maps come by school: a school that uses it for several terms stands there once. */
	for (size_t i = 0; list && i < count; i++) {
		if (maps[i].period != period || maps[i].school == last)
			continue;
		last = maps[i].school;
		sr_list_add(c, list, json_integer(last));
	}
	return list;
}

/* Does the period touch the year, by the year terms of any school? */
static bool touches(sr_txn *t, const sr_engine *e, sr_yearid year, const sr_period *p)
{
	for (size_t i = 0; i < e->school_count; i++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_term_row *rows;
		size_t count;

		if (sr_store_terms(t, &arena, e->schools[i]->number, year, &rows, &count, NULL) < 0)
			return false;
		for (size_t k = 0; k < count; k++)
			if (rows[k].term.is_year && p->start <= rows[k].term.last && p->end >= rows[k].term.first)
				return true;
	}
	return false;
}

static int periods_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	look *l = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	size_t count, map_count;
	sr_period *rows;
	sr_map_row *maps;

	if (sr_store_periods(t, &arena, l->year, &rows, &count, err) < 0 ||
		sr_store_maps(t, &arena, 0, &maps, &map_count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		sr_json_obj o;

		if (!rows[i].exists || (l->year && !touches(t, c->e, l->year, &rows[i])))
			continue;
		o = sr_json_obj_new();
		sr_json_put_int(&o, "id", rows[i].id);
		sr_put_text(&o, "title", rows[i].title);
		sr_put_day(&o, "start", rows[i].start);
		sr_put_day(&o, "end", rows[i].end);
		sr_json_put(&o, "used_by_schools", used_by(c, maps, map_count, rows[i].id));
		sr_list_add(c, l->list, sr_json_obj_take(&o));
	}
	return 0;
}

void sr_cmd_periods_list(sr_call *c)
{
	const char *text = sr_json_text(c->params, "year");
	json_auto_t *list = json_array();
	look l = { NULL, list, SR_YEARID_NONE };
	sr_err err = { 0 };
	sr_no no;

	if (text && sr_year_parse(text, &l.year, &err) < 0)
		sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_UNKNOWN_YEAR, "%s", err.text));
	else if (sr_call_read(c, periods_read, &l) == 0)
		sr_call_done(c, json_pack("{s:O}", "periods", list));
}
