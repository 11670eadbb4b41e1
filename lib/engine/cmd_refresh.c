/* refresh: what both systems' frames looked like before and after a poll, compared name by name. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

#define CHANGES_MAX 200 /* more than a person reads; the rest is counted */

/* What is compared: name -> a text that says all of it. Names of terms begin with their school. */
typedef enum frame { FRAME_SCHOOL, FRAME_TERM, FRAME_ROLE, FRAME_BUILDING, FRAME_PERIOD, FRAME_COUNT } frame;
static const char *const frame_names[FRAME_COUNT] = { "school", "term", "role", "building", "grading period" };

typedef struct snapshot {
	json_t *of[FRAME_COUNT];
} snapshot;

typedef struct refresh {
	sr_picks picks;
	snapshot before, after;
} refresh;

static void snapshot_done(snapshot *s)
{
	for (int f = 0; f < FRAME_COUNT; f++)
		json_decref(s->of[f]);
}

static void refresh_free(void *state)
{
	refresh *r = state;

	sr_picks_done(&r->picks);
	snapshot_done(&r->before);
	snapshot_done(&r->after);
	free(r);
}

static int note(snapshot *s, frame f, int64_t school, int64_t id, const char *text, sr_err *err)
{
	char key[48];

	if (school)
		snprintf(key, sizeof(key), "%lld/%lld", (long long)school, (long long)id);
	else
		snprintf(key, sizeof(key), "%lld", (long long)id);
	return json_object_set_new(s->of[f], key, sr_text_json(text)) == 0 ? 0 : sr_fail_nomem(err);
}

static int note_terms(sr_txn *t, sr_arena *a, int64_t school, snapshot *s, sr_err *err)
{
	sr_term_row *rows;
	size_t count;

	if (sr_store_terms(t, a, school, 0, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const sr_term *term = &rows[i].term;
		char text[200], first[11], last[11];

		sr_day_print(term->first, first);
		sr_day_print(term->last, last);
		snprintf(text, sizeof(text), "%.60s (%.20s), %s to %s", term->name ? term->name : "",
			term->abbreviation ? term->abbreviation : "", first, last);
		if (note(s, FRAME_TERM, school, term->id, text, err) < 0)
			return -1;
	}
	return 0;
}

static int note_schools(sr_txn *t, sr_arena *a, const refresh *r, snapshot *s, sr_err *err)
{
	for (size_t i = 0; i < r->picks.count; i++) {
		const sr_school *school = r->picks.at[i].s;
		char text[160];

		snprintf(text, sizeof(text), "%.120s%s", school->row.name ? school->row.name : "",
			school->row.listed ? "" : " (not listed any more)");
		if (note(s, FRAME_SCHOOL, 0, school->number, text, err) < 0 ||
			note_terms(t, a, school->number, s, err) < 0)
			return -1;
	}
	return 0;
}

static int note_target(sr_txn *t, sr_arena *a, snapshot *s, sr_err *err)
{
	sr_building_row *buildings;
	sr_period *periods;
	sr_role_row *roles;
	size_t nb, np, nr;

	if (sr_store_roles(t, a, &roles, &nr, err) < 0 || sr_store_buildings(t, a, &buildings, &nb, err) < 0 ||
		sr_store_periods(t, a, SR_YEARID_NONE, &periods, &np, err) < 0)
		return -1;
	for (size_t i = 0; i < nr; i++)
		if (note(s, FRAME_ROLE, 0, roles[i].id, roles[i].title, err) < 0)
			return -1;
	for (size_t i = 0; i < nb; i++)
		if (note(s, FRAME_BUILDING, 0, buildings[i].id, buildings[i].title, err) < 0)
			return -1;
	for (size_t i = 0; i < np; i++) {
		char text[200], start[11], end[11];

		if (!periods[i].exists)
			continue;
		sr_day_print(periods[i].start, start);
		sr_day_print(periods[i].end, end);
		snprintf(text, sizeof(text), "%.120s, %s to %s", periods[i].title, start, end);
		if (note(s, FRAME_PERIOD, 0, periods[i].id, text, err) < 0)
			return -1;
	}
	return 0;
}

static int snapshot_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	refresh *r = c->state;
	snapshot *s = arg;
	SR_AUTO(sr_arena) arena = { 0 };

	for (int f = 0; f < FRAME_COUNT; f++)
		if (!(s->of[f] = json_object()))
			return sr_fail_nomem(err);
	return note_schools(t, &arena, r, s, err) < 0 ? -1 : note_target(t, &arena, s, err);
}

/* --- The difference --- */

static void change_add(
	sr_call *c, json_t *list, frame f, const char *key, const char *how, const char *before, const char *now)
{
	SR_AUTO(sr_buf) text = { 0 };
	const char *slash = strchr(key, '/');
	sr_json_obj o;

	if (json_array_size(list) >= CHANGES_MAX)
		return;
	o = sr_json_obj_new();
	sr_buf_printf(&text, "%s %s: %s", slash ? slash + 1 : key, how, now ? now : before);
	if (before && now)
		sr_buf_printf(&text, " (was: %s)", before);
	sr_json_put(&o, "school", slash || f == FRAME_SCHOOL ? json_integer(strtoll(key, NULL, 10)) : json_null());
	sr_json_put_text(&o, "what", frame_names[f]);
	sr_put_text(&o, "text", sr_buf_text(&text));
	sr_list_add(c, list, sr_json_obj_take(&o));
}

static void compare(sr_call *c, json_t *list, frame f, json_t *before, json_t *after)
{
	const char *key;
	json_t *now;

	json_object_foreach(after, key, now) {
		const char *was = sr_json_text(before, key);

		if (!was)
			change_add(c, list, f, key, "new", NULL, json_string_value(now));
		else if (strcmp(was, json_string_value(now)) != 0)
			change_add(c, list, f, key, "changed", was, json_string_value(now));
	}
	json_object_foreach(before, key, now)
		if (!json_object_get(after, key))
			change_add(c, list, f, key, "gone", json_string_value(now), NULL);
}

/* Schools that came with this poll were not among those picked before it. */
static void new_schools(sr_call *c, refresh *r)
{
	sr_picks picks = { 0 };

	if (r->picks.given || sr_select(c, SR_PICK_EVERY, &picks) < 0)
		return;
	sr_picks_done(&r->picks);
	r->picks = picks;
}

static bool poll_failed(sr_call *c)
{
	const sr_engine *e = c->e;
	bool target = e->source_err.code == SR_E_OK;
	const sr_err *err = target ? &e->target_err : &e->source_err;
	sr_no no;

	if (err->code == SR_E_OK)
		return false;
	sr_no_init(&no, sr_code_of_system(target, err), "%s could not be read: %s",
		target ? "Schoology" : "PowerSchool", err->text);
	snprintf(no.untouched, sizeof(no.untouched), "What was known before stays known; nothing was synced.");
	sr_call_refuse_no(c, &no);
	return true;
}

static void counts_put(sr_call *c, json_t *reply, const refresh *r)
{
	json_t *counts = json_object();

	for (int f = 0; f < FRAME_COUNT && counts; f++)
		if (json_object_set_new(counts, frame_names[f],
			    json_pack("[i, i]", (int)json_object_size(r->before.of[f]),
				    (int)json_object_size(r->after.of[f]))) != 0)
			c->failed = true;
	if (!counts || json_object_set_new(reply, "counts", counts) != 0)
		c->failed = true;
}

static void refresh_step(sr_call *c)
{
	refresh *r = c->state;
	json_t *list, *reply;

	if (!sr_poll_over(c) && !sr_call_late(c))
		return;
	if (poll_failed(c))
		return;
	new_schools(c, r);
	if (c->over || sr_call_read(c, snapshot_read, &r->after) < 0)
		return;
	list = json_array();
	for (int f = 0; list && f < FRAME_COUNT; f++)
		compare(c, list, (frame)f, r->before.of[f], r->after.of[f]);
	reply = json_pack("{s:o, s:o}", "changes", list, "results", sr_results_take(c));
	if (reply)
		counts_put(c, reply, r);
	sr_call_done(c, reply);
}

void sr_cmd_refresh(sr_call *c)
{
	refresh *r = calloc(1, sizeof(*r));

	if (!r) {
		sr_call_done(c, NULL);
		return;
	}
	c->state = r;
	c->state_free = refresh_free;
	if (sr_select(c, SR_PICK_EVERY, &r->picks) < 0 || sr_call_read(c, snapshot_read, &r->before) < 0)
		return;
	sr_poll_begin(c);
	if (sr_call_waits(c))
		sr_call_hold(c, refresh_step);
	else
		sr_call_results(c);
}
