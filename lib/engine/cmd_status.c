/* status: the district in one object, its schools worst first. The shape is the public contract. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/run_priv.h"

typedef struct status_row {
	int rank;
	int64_t number;
	bool rolled;
	json_t *json;
} status_row;

typedef struct status_ask {
	const sr_picks *picks;
	status_row *rows;
	char *district;
} status_ask;

/* --- One school --- */

static json_t *sis_json(const sr_facts *f)
{
	sr_json_obj o = sr_json_obj_new();

	sr_json_put_bool(&o, "terms", f->asked_terms);
	sr_json_put_bool(&o, "rolled", f->rolled);
	sr_json_put_int(&o, "promoted", f->promoted);
	sr_json_put_int(&o, "students", f->students);
	sr_json_put_int(&o, "sections", f->sections);
	sr_put_year(&o, "year", f->asked);
	return sr_json_obj_take(&o);
}

static json_t *blocks_json(sr_call *c, const sr_facts *f)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < f->block_count; i++) {
		const sr_block_def *def = sr_block_find(f->blocks[i].code);
		sr_json_obj o = sr_json_obj_new();

		sr_put_text(&o, "code", f->blocks[i].code);
		sr_put_when(&o, "since", f->blocks[i].since_ms);
		sr_json_put_text(&o, "clear", def ? def->clear : "");
		sr_put_text(&o, "why", f->blocks[i].why);
		sr_list_add(c, list, sr_json_obj_take(&o));
	}
	return list;
}

static json_t *overrides_json(sr_call *c, const sr_facts *f)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < f->override_count; i++)
		sr_list_add(c, list, sr_text_json(f->overrides[i].check));
	return list;
}

/* Of a run under way: how far it is, and how long it will take at its pace so far. */
static void put_pace(const sr_school *s, const sr_run_row *row, sr_json_obj *o)
{
	const sr_run *r = s->run;
	int64_t spent_s = (sr_now_ms(s->e) - row->started_ms) / 1000;

	if (!r || r->id != row->id || r->total <= 0)
		return;
	sr_json_put_int(o, "done", r->done);
	sr_json_put_int(o, "total", r->total);
	if (r->done > 0 && spent_s >= 0)
		sr_json_put_int(o, "eta_s", spent_s * (r->total - r->done) / r->done);
}

static json_t *last_run_json(const sr_school *s, const sr_facts *f)
{
	const json_t *admitted = sr_json_object(f->numbers.counts, "admitted");
	json_t *in = sr_json_object(admitted, "in"), *verdicts = sr_json_object(admitted, "verdicts");
	json_t *guards = json_object_get(f->numbers.counts, "guards");
	sr_json_obj o;

	if (!f->has_last)
		return json_null();
	o = sr_json_obj_new();
	sr_json_put_int(&o, "id", f->last.id);
	sr_json_put_text(&o, "kind", sr_run_kind_name(f->last.kind));
	sr_put_text(&o, "state", f->last.outcome ? f->last.outcome : sr_run_state_name(f->last.state));
	sr_put_when(&o, "at", f->last.ended_ms ? f->last.ended_ms : f->last.started_ms);
	sr_json_put(&o, "admitted", in ? json_incref(in) : json_object());
	sr_json_put(&o, "verdicts", verdicts ? json_incref(verdicts) : json_object());
	sr_run_numbers_put(&f->numbers, &o);
	sr_json_put(&o, "guards", guards ? json_incref(guards) : json_array());
	put_pace(s, &f->last, &o);
	return sr_json_obj_take(&o);
}

static void put_day_or_null(sr_json_obj *o, const char *key, sr_day day)
{
	char text[11];

	sr_day_print(day, text);
	sr_json_put_text(o, key, *text ? text : NULL);
}

static json_t *release_json(const sr_school *s, const sr_facts *f)
{
	sr_json_obj o = sr_json_obj_new();

	put_day_or_null(&o, "from", sr_school_released_from(s));
	sr_json_put_text(&o, "by", s->row.released_who);
	put_day_or_null(&o, "configured", s->config.students_from);
	sr_json_put_int(&o, "not_released", sr_facts_not_released(f));
	return sr_json_obj_take(&o);
}

static json_t *school_json(sr_call *c, const sr_school *s, const sr_facts *f, const sr_next *next)
{
	const sr_phase_state *st = &s->row.state;
	sr_json_obj o = sr_json_obj_new();

	sr_put_school(&o, s);
	sr_json_put(&o, "building", s->building ? json_integer(s->building) : json_null());
	sr_json_put_text(&o, "phase", sr_phase_name(st->phase));
	sr_put_when(&o, "since", s->row.since_ms);
	sr_put_text(&o, "by", s->row.by_who);
	sr_put_year(&o, "active_year", st->active);
	sr_put_year(&o, "chosen_year", st->chosen);
	sr_put_year(&o, "verified_year", st->verified);
	sr_json_put(&o, "sis", sis_json(f));
	sr_json_put(&o, "terms", json_pack("{s:i, s:i}", "used", f->used, "mapped", f->mapped));
	sr_json_put(&o, "blocks", blocks_json(c, f));
	sr_json_put_int(&o, "waiting", f->waiting.open);
	sr_put_when(&o, "waiting_oldest", f->waiting.oldest_ms);
	sr_json_put_int(&o, "quarantined", f->quarantined);
	sr_put_text(&o, "next", next->command);
	sr_put_text(&o, "next_why", *next->why ? next->why : NULL);
	if (f->canary)
		sr_json_put_int(&o, "follows", f->canary);
	sr_json_put(&o, "overrides", overrides_json(c, f));
	sr_json_put(&o, "release", release_json(s, f));
	sr_json_put(&o, "last_run", last_run_json(s, f));
	return sr_json_obj_take(&o);
}

static int school_read(sr_call *c, sr_txn *t, sr_school *s, status_row *out, sr_err *err)
{
	SR_AUTO(sr_facts) f = { 0 };
	sr_next next;

	if (sr_facts_load(t, s, &f, err) < 0)
		return -1;
	sr_next_of(s, &f, &next);
	*out = (status_row){
		.rank = next.rank, .number = s->number, .rolled = f.rolled, .json = school_json(c, s, &f, &next)
	};
	return 0;
}

/* --- The district --- */

static json_t *acting_json(const sr_engine *e)
{
	const sr_acting_user *a = &e->acting;
	sr_json_obj o = sr_json_obj_new();
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)a->id);
	sr_json_put_bool(&o, "ok", a->known && a->ok);
	sr_json_put_text(&o, "uid", a->id ? id : NULL);
	sr_put_text(&o, "role", *a->role ? a->role : NULL);
	sr_json_put_text(&o, "buildings", a->known && a->ok ? "all" : NULL);
	sr_put_when(&o, "checked_at", a->checked_ms);
	if (!a->known)
		sr_json_put_text(&o, "why", "not checked yet");
	else if (!a->ok)
		sr_put_text(&o, "why", a->why);
	return sr_json_obj_take(&o);
}

static json_t *system_json(int64_t ok_ms, const sr_err *err, int64_t rolled)
{
	sr_json_obj o = sr_json_obj_new();

	sr_json_put_bool(&o, "ok", ok_ms && err->code == SR_E_OK);
	sr_put_when(&o, "checked_at", ok_ms);
	if (rolled >= 0)
		sr_json_put_int(&o, "rolled", rolled);
	if (err->code != SR_E_OK)
		sr_put_text(&o, "why", err->text);
	else if (!ok_ms)
		sr_json_put_text(&o, "why", "not asked yet");
	return sr_json_obj_take(&o);
}

static void put_zone(sr_json_obj *o, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char zone[16] = "";
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(zone, sizeof(zone), "%Z", &tm);
	sr_put_text(o, "timezone", *zone ? zone : NULL);
}

/* How much of Schoology's rate window is in use just now. */
static json_t *schoology_json(const sr_engine *e)
{
	json_t *system = system_json(e->target_ok_ms, &e->target_err, -1);
	int used = 0, credits = 0;

	if (!system || !e->c.usage)
		return system;
	e->c.usage(e->c.usage_arg, &used, &credits);
	json_object_set_new(system, "credits", json_integer(used));
	json_object_set_new(system, "budget", json_integer(credits));
	json_object_set_new(system, "window_s", json_integer((e->c.config->schoology.rate_window_ms + 999) / 1000));
	return system;
}

static json_t *daemon_json(const sr_engine *e, const char *district, int64_t rolled)
{
	sr_json_obj o = sr_json_obj_new();
	const char *designated = e->c.config->operator_.designated;

	sr_json_put_text(&o, "version", e->c.version);
	sr_put_when(&o, "now", sr_now_ms(e));
	put_zone(&o, sr_now_ms(e));
	sr_put_text(&o, "district", district);
	sr_put_text(&o, "operator", *designated ? designated : NULL);
	sr_json_put_text(&o, "second", e->c.config->operator_.two_person ? e->c.config->operator_.second : NULL);
	sr_json_put_int(&o, "other_year_writes", e->other_year_writes);
	sr_json_put(&o, "acting_user", acting_json(e));
	sr_json_put(&o, "powerschool", system_json(e->source_ok_ms, &e->source_err, rolled));
	sr_json_put(&o, "schoology", schoology_json(e));
	return sr_json_obj_take(&o);
}

/* The organisation's own title names the district. */
static int district_read(sr_txn *t, char **out, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_building_row *rows;
	size_t count;

	if (sr_store_buildings(t, &arena, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && !*out; i++)
		if (rows[i].is_school)
			*out = sr_strdup(rows[i].title);
	return 0;
}

static int status_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	status_ask *ask = arg;

	for (size_t i = 0; i < ask->picks->count; i++)
		if (school_read(c, t, ask->picks->at[i].s, &ask->rows[i], err) < 0)
			return -1;
	return district_read(t, &ask->district, err);
}

static int worst_first(const void *x, const void *y)
{
	const status_row *a = x, *b = y;

	if (a->rank != b->rank)
		return a->rank - b->rank;
	return a->number < b->number ? -1 : a->number > b->number;
}

static json_t *schools_json(sr_call *c, status_row *rows, size_t count, int64_t *rolled)
{
	json_t *list = json_array();

	qsort(rows, count, sizeof(*rows), worst_first);
	for (size_t i = 0; i < count; i++) {
		*rolled += rows[i].rolled;
		sr_list_add(c, list, SR_TAKE(rows[i].json));
	}
	return list;
}

void sr_cmd_status(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	SR_AUTO_FREE status_row *rows = NULL;
	status_ask ask = { .picks = &picks };
	int64_t rolled = 0;
	json_t *schools;

	if (sr_select(c, SR_PICK_SYNCED, &picks) < 0)
		return;
	ask.rows = rows = calloc(picks.count + 1, sizeof(*rows));
	if (!rows) {
		sr_call_done(c, NULL);
		return;
	}
	if (sr_call_read(c, status_read, &ask) == 0) {
		schools = schools_json(c, rows, picks.count, &rolled);
		sr_call_done(c,
			json_pack("{s:o, s:o}", "daemon", daemon_json(c->e, ask.district, rolled), "schools", schools));
	}
	for (size_t i = 0; i < picks.count; i++)
		json_decref(rows[i].json);
	free(ask.district);
}

void sr_cmd_acting_user_show(sr_call *c)
{
	sr_call_done(c, json_pack("{s:o}", "acting_user", acting_json(c->e)));
}
