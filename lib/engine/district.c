/* What is true of the whole district: blocks, what an error of either system means, buildings. */
#include "engine/engine_priv.h"

#include <string.h>

static void block_write(sr_engine *e, int64_t school, sr_block code, const char *why, bool raise)
{
	const sr_block_def *def = &sr_blocks[code];
	sr_err err;
	sr_txn *t;
	int changed;

	if (sr_txn_begin(e->c.store, SR_TXN_DURABLE, &t, &err) < 0)
		return;
	changed = raise ? sr_store_block_set(t, school, def->code, why, sr_now_ms(e), &err)
			: sr_store_block_clear(t, school, def->code, &err);
	if (sr_txn_end(e, t, changed < 0 ? -1 : 0, &err) < 0 || changed <= 0)
		return;
	sr_engine_say(e, raise ? SR_ERROR : SR_NOTICE, raise ? SR_MSG_BLOCKED : SR_MSG_UNBLOCKED, school, def->code,
		raise ? "blocked: %s. %s" : "no longer blocked: %s", raise ? why : def->code, def->clear);
	sr_engine_notify(e, school ? sr_engine_school(e, school) : NULL);
	if (!raise)
		for (size_t i = 0; i < e->school_count; i++)
			if (!school || e->schools[i]->number == school)
				sr_sched_school(e->schools[i]);
}

void sr_block_raise(sr_engine *e, int64_t school, sr_block code, const char *why)
{
	block_write(e, school, code, why, true);
}

void sr_block_lift(sr_engine *e, int64_t school, sr_block code)
{
	block_write(e, school, code, "", false);
}

bool sr_blocked(sr_engine *e, sr_txn *t, const sr_school *s, bool reads, const char **code)
{
	SR_AUTO(sr_arena) arena = { 0 };
	const sr_block_def *gravest = NULL;
	sr_block_row *rows;
	size_t count;

	(void)e;
	/* Not to know is to be blocked. */
	if (sr_store_blocks(t, &arena, &rows, &count, NULL) < 0) {
		if (code)
			*code = "database";
		return true;
	}
	for (size_t i = 0; i < count; i++) {
		const sr_block_def *def = sr_block_find(rows[i].code);

		if (!def || (rows[i].school && rows[i].school != s->number))
			continue;
		if ((reads ? def->stops_reads : def->stops_writes) && (!gravest || def < gravest))
			gravest = def;
	}
	if (code)
		*code = gravest ? gravest->code : NULL;
	return gravest != NULL;
}

void sr_block_by_error(sr_engine *e, bool target, const sr_err *err)
{
	if (err->code == SR_E_AUTH)
		sr_block_raise(e, 0, target ? SR_BL_SCHOOLOGY_AUTH : SR_BL_POWERSCHOOL_AUTH, err->text);
	else if (err->code == SR_E_FORBIDDEN)
		sr_block_raise(e, 0, target ? SR_BL_ACTING_USER_INVALID : SR_BL_PLUGIN_RIGHT, err->text);
}

/* DESIGN section 8: the configured id, else the one building whose code is the school's number,
 * else the organisation where it has no buildings; never by title. */
static int64_t building_of(const sr_engine *e, const sr_school *s, const sr_building_row *rows, size_t count)
{
	int64_t found = 0, matches = 0, buildings = 0, code;

	if (s->config.building)
		return s->config.building;
	for (size_t i = 0; i < count; i++) {
		if (rows[i].is_school)
			continue;
		buildings++;
		if (rows[i].code && sr_parse_i64(rows[i].code, &code) && code == s->number) {
			found = rows[i].id;
			matches++;
		}
	}
	if (matches == 1)
		return found;
	return buildings == 0 ? e->org_id : 0;
}

void sr_district_find_buildings(sr_engine *e)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_building_row *rows;
	size_t count;
	sr_txn *t;

	if (sr_txn_begin(e->c.store, SR_TXN_READ, &t, NULL) < 0)
		return;
	if (sr_txn_end(e, t, sr_store_buildings(t, &arena, &rows, &count, NULL), NULL) < 0)
		return;
	if (count == 0)
		return; /* Schoology was never read: nothing can be said yet */
	for (size_t i = 0; i < e->school_count; i++) {
		sr_school *s = e->schools[i];

		s->building = building_of(e, s, rows, count);
		if (!s->config.sync)
			continue;
		if (s->building)
			sr_block_lift(e, s->number, SR_BL_NO_BUILDING);
		else
			sr_block_raise(e, s->number, SR_BL_NO_BUILDING,
				"no Schoology building has this school's number as its code");
	}
}

/* A configured role is a number or the end of a key. Of a key that may not be read nothing can be said against it. */
static bool is_role(const char *configured, const char *key, int64_t role_id)
{
	int64_t number;

	if (sr_parse_i64(configured, &number))
		return number == role_id;
	return !key || sr_ends(key, configured);
}

/* ROLEDEF.ROLEKEY is a stable code; where it may not be read every role teaches but for what the
 * configuration says (contracts/powerschool.md 16.10). */
bool sr_district_teaches(const sr_engine *e, const sr_school *s, int64_t role_id)
{
	const char *key = NULL;

	for (size_t i = 0; i < e->role_count; i++)
		if (e->role_ids[i] == role_id)
			key = e->role_keys[i];
	for (size_t i = 0; i < s->config.teaching_roles_count; i++)
		if (is_role(s->config.teaching_roles[i], key, role_id))
			return true;
	if (s->config.teaching_roles_count)
		return false;
	return !key || !(sr_ends(key, ".class.observer") || sr_ends(key, ".teacher.aide"));
}
