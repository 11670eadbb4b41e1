/* Is somebody else writing here? A synced object that is neither ours nor was found by the inventory; a field of ours
 * that is put back to what it was within a day. Either is the trace of another integration, and blocks the school. */
#include "engine/check_priv.h"

#include <stdio.h>

#define DAY_MS (24 * 3600 * 1000LL)

static int stranger_add(struct sr_check *k, const sr_stranger *s, sr_err *err)
{
	size_t cap = k->stranger_cap ? 2 * k->stranger_cap : 16;
	sr_stranger *grown;

	if (k->stranger_count == k->stranger_cap) {
		grown = realloc(k->strangers, cap * sizeof(*grown));
		if (!grown)
			return sr_fail_nomem(err);
		k->strangers = grown;
		k->stranger_cap = cap;
	}
	grown = k->strangers;
	grown[k->stranger_count] = *s;
	grown[k->stranger_count].key = s->key ? sr_arena_strdup(&k->arena, s->key) : NULL;
	k->stranger_count++;
	return 0;
}

/* What was never inventoried under this year holds what it holds; only what came since is strange. */
static bool keeps(const sr_run *r)
{
	const sr_phase_state *st = &r->s->row.state;

	return r->s->row.inventory_year == r->year && st->verified == r->year && r->s->building;
}

/* 1: neither ours, nor found, nor accepted by a person. */
static int strange(sr_run *r, sr_txn *t, const sr_stranger *s, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_foreign_row known;
	bool ours = false, found = false;
	int seen;

	if (sr_store_mirror_has_id(t, s->kind, s->id, &ours, err) < 0)
		return -1;
	if (ours)
		return 0;
	if (sr_store_found_has(t, s->kind, s->id, &found, err) < 0)
		return -1;
	seen = found ? 0 : sr_store_foreign_get(t, &arena, r->s->number, s->kind, s->id, &known, err);
	if (seen < 0)
		return -1;
	return !found && !(seen && known.accepted_ms);
}

static int look(sr_run *r, sr_txn *t, const sr_stranger *s, sr_err *err)
{
	int is = keeps(r) ? strange(r, t, s, err) : 0;

	return is <= 0 ? is : stranger_add(r->check, s, err);
}

int sr_check_strange_course(sr_run *r, sr_txn *t, const sr_target_course *c, sr_err *err)
{
	return c->synced ? look(r, t, &(sr_stranger){ SR_TGT_COURSE, c->id, 0, c->code, true }, err) : 0;
}

int sr_check_strange_user(sr_run *r, sr_txn *t, const sr_target_user *u, sr_err *err)
{
	const sr_stranger of = { SR_TGT_USER, u->id, 0, u->school_uid, true };

	return u->synced && u->building_id == r->s->building ? look(r, t, &of, err) : 0;
}

int sr_check_strange_section(sr_run *r, sr_txn *t, const sr_target_section *s, sr_err *err)
{
	const sr_stranger of = { SR_TGT_SECTION, s->id, s->course_id, s->code, true };

	return s->synced ? look(r, t, &of, err) : 0;
}

/* What we wrote within a day reads again as it did before we wrote it. */
static bool put_back(const sr_item_row *item, const sr_record *now, uint32_t fields, sr_arena *a)
{
	sr_record before;

	if (!item->item.before.len ||
		sr_record_unpack(now->kind, item->item.before.bytes, item->item.before.len, a, &before, NULL) < 0)
		return false;
	for (size_t i = 0; i < now->kind->count; i++)
		if ((fields >> i & 1) && (item->item.fields >> i & 1) && before.v[i].set &&
			sr_value_eq(now->kind->fields[i].type, &before.v[i], &now->v[i]))
			return true;
	return false;
}

int sr_check_flipped(
	sr_run *r, sr_txn *t, const sr_mirror_row *row, const sr_record *now, uint32_t fields, sr_arena *a, sr_err *err)
{
	const sr_stranger of = { row->kind, row->object.sgy_id, 0, row->key, false };
	sr_foreign_row known;
	sr_item_row item;
	int found = 0, seen;

	/* A member is put back by hand every day of the year; titles and names are not. */
	if (row->kind != SR_TGT_MEMBERSHIP)
		found = sr_store_update_since(t, a, row->kind, row->ident, sr_now_ms(r->e) - DAY_MS, &item, err);
	if (found <= 0 || !put_back(&item, now, fields, a))
		return found < 0 ? -1 : 0;
	seen = sr_store_foreign_get(t, a, r->s->number, of.kind, of.id, &known, err);
	if (seen < 0)
		return -1;
	if (seen && known.accepted_ms > item.ended_ms)
		return 0; /* a person knows of this one */
	return stranger_add(r->check, &of, err) < 0 ? -1 : 1;
}

/* A school that shares the building may have made it just now, and not have read the answer yet. */
static bool others_write(const sr_run *r)
{
	for (size_t i = 0; i < r->e->school_count; i++) {
		const sr_school *s = r->e->schools[i];

		if (s != r->s && s->run && s->building == r->s->building)
			return true;
	}
	return false;
}

static int note(sr_run *r, sr_txn *t, const sr_stranger *s, sr_err *err)
{
	if (s->made)
		sr_check_found(r,
			&(sr_flaw){ .what = SR_FI_FOREIGN,
				.kind = s->kind,
				.key = s->key ? s->key : "",
				.text = sr_arena_printf(&r->check->arena, "Schoology id %lld", (long long)s->id) },
			true);
	r->check->foreign++;
	return sr_store_foreign_put(t,
		&(sr_foreign_row){ .school = r->s->number,
			.kind = s->kind,
			.id = s->id,
			.key = s->key,
			.parent = s->parent,
			.building = r->s->building,
			.made = s->made,
			.at_ms = sr_now_ms(r->e) },
		err);
}

int sr_check_strangers(sr_run *r, sr_txn *t, const char **why, sr_err *err)
{
	struct sr_check *k = r->check;
	const sr_stranger *first = NULL;

	*why = NULL;
	for (size_t i = 0; i < k->stranger_count; i++) {
		const sr_stranger *s = &k->strangers[i];
		int still = !s->made ? 1 : others_write(r) ? 0 : strange(r, t, s, err);

		if (still < 0 || (still && note(r, t, s, err) < 0))
			return -1;
		if (still && !first)
			first = s;
	}
	if (!first)
		return 0;
	*why = sr_arena_printf(&k->arena, "%s %lld %s%s", sr_tgt_name(first->kind), (long long)first->id,
		first->made ? "is synced and not sisroll's" : "was put back within a day of sisroll's change",
		k->foreign > 1 ? ", and others are like it" : "");
	return *why ? 0 : sr_fail_nomem(err);
}
