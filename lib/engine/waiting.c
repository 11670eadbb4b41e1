/* A plan is made anew in every run, so what waits in it would wait for ever as if for the first time: the waiting
 * room outlives the plans. Drops pass through it twice a day: held until their hour, judged by the guards then. One
 * that waits for a person goes on waiting while it is held, and one that he approved is not held any longer. */
#include "engine/waiting.h"

#include <stdio.h>

#include "io/store_waiting.h"

static int64_t *counter(sr_planner *p, sr_item_state state)
{
	switch (state) {
	case SR_IS_PLANNED:
		return &p->planned;
	case SR_IS_WAITING:
		return &p->waiting;
	case SR_IS_HELD:
		return &p->held;
	default:
		return NULL;
	}
}

static int item_move(sr_run *r, sr_txn *t, const sr_item_row *row, sr_item_state to, const char *message, sr_err *err)
{
	int64_t *from = counter(&r->planner, row->state), *into = counter(&r->planner, to);

	if (sr_outbox_item_end(t, r->plan, row->item.seq, to, 0, message, sr_now_ms(r->e), err) < 0)
		return -1;
	if (from)
		--*from;
	if (into)
		++*into;
	return 0;
}

/* A limit that is raised for this run is a person's word on the drops that wait for their number. */
static bool raised(const sr_run *r, const sr_item_row *row)
{
	return row->item.op == SR_OP_DROP && r->scope.raised_percent > 0;
}

/* What the decision (or the want of one) makes of an item whose question is the one in the waiting room. */
static int item_decided(sr_run *r, sr_txn *t, const sr_item_row *row, const sr_waiting_row *room, sr_err *err)
{
	char text[400];

	switch (room->state) {
	case SR_WT_APPROVED:
		/* A person decided on what was shown, not on a pull that does not hold together. */
		if (row->state == SR_IS_PLANNED || (row->state == SR_IS_HELD && r->pull.unproven))
			return 0;
		snprintf(text, sizeof(text), "approved by %s", room->who ? room->who : "?");
		return item_move(r, t, row, SR_IS_PLANNED, text, err);
	case SR_WT_REJECTED:
		snprintf(text, sizeof(text), "rejected by %s%s%.250s", room->who ? room->who : "?",
			room->reason ? ": " : "", room->reason ? room->reason : "");
		return item_move(r, t, row, SR_IS_ABANDONED, text, err);
	default:
		return row->state == SR_IS_WAITING ? 0 : item_move(r, t, row, SR_IS_WAITING, room->why, err);
	}
}

static sr_waiting_row room_row(const sr_run *r, const sr_item_row *row)
{
	const sr_plan_item *item = &row->item;

	return (sr_waiting_row){ .school = r->s->number,
		.kind = item->kind,
		.ident = item->ident,
		.op = item->op,
		.year = r->year,
		.fields = item->fields,
		.digest = sr_plan_item_digest(r->e->seed, r->s->number, r->year, item),
		.key = item->key,
		.why = row->message ? row->message : item->why,
		.guarded = !item->waits,
		.plan = r->plan,
		.seq = item->seq,
		.since_ms = sr_now_ms(r->e) };
}

/* The question stands where it stood, in this plan now. */
static int item_again(sr_run *r, sr_txn *t, const sr_item_row *row, const sr_waiting_row *old, sr_err *err)
{
	sr_waiting_row now = room_row(r, row);

	now.why = old->why;
	now.guarded = old->guarded;
	if (sr_store_waiting_put(t, &now, err) < 0)
		return -1;
	return item_decided(r, t, row, old, err);
}

static int item_waits(sr_run *r, sr_txn *t, const sr_item_row *row, sr_arena *a, sr_err *err)
{
	sr_waiting_row old, now = room_row(r, row);
	int found = sr_store_waiting_get(t, a, now.school, now.kind, now.ident, &old, err);

	if (found < 0 || sr_store_waiting_put(t, &now, err) < 0)
		return -1;
	if (!found || !sr_hash_eq(&old.digest, &now.digest))
		return 0;
	return item_decided(r, t, row, &old, err);
}

static int waiting_items(sr_run *r, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_item_row *rows;
	int64_t after = 0;
	size_t count;

	do {
		sr_arena_clear(&arena);
		if (sr_store_plan_items(t, &arena, r->plan, after, SR_IS_WAITING, -1, SR_CHUNK, &rows, &count, err) < 0)
			return -1;
		for (size_t i = 0; i < count; i++) {
			after = rows[i].item.seq;
			if (item_waits(r, t, &rows[i], &arena, err) < 0)
				return -1;
		}
	} while (count == SR_CHUNK);
	return 0;
}

/* Asked before, and not made to wait by this plan: a drop is held until its hour, or the guard is content because
 * most of its like were decided meanwhile. That is no answer to what is still open, and none is undone by it. */
static int room_again(sr_run *r, sr_txn *t, const sr_waiting_row *old, sr_arena *a, sr_err *err)
{
	sr_item_row row;
	sr_hash digest;
	int found = sr_store_plan_item_of(t, a, r->plan, old->kind, old->ident, &row, err);

	if (found <= 0)
		return found;
	digest = sr_plan_item_digest(r->e->seed, r->s->number, r->year, &row.item);
	if ((row.state != SR_IS_HELD && row.state != SR_IS_PLANNED) || !sr_hash_eq(&old->digest, &digest))
		return 0;
	if (old->state == SR_WT_OPEN && row.state == SR_IS_PLANNED && (!old->guarded || raised(r, &row)))
		return 0;
	return item_again(r, t, &row, old, err);
}

static int room_rows(sr_run *r, sr_txn *t, sr_err *err)
{
	sr_waiting_row last = { .kind = SR_TGT_COUNT };
	size_t count;

	do {
		SR_AUTO(sr_arena) a = { 0 };
		sr_waiting_row *rows;

		if (sr_store_waiting_list(t, &a, r->s->number, r->year, last.kind == SR_TGT_COUNT ? NULL : &last,
			    SR_CHUNK, &rows, &count, err) < 0)
			return -1;
		for (size_t i = 0; i < count; i++) {
			last = (sr_waiting_row){ .kind = rows[i].kind, .ident = rows[i].ident };
			if (rows[i].plan != r->plan && room_again(r, t, &rows[i], &a, err) < 0)
				return -1;
		}
	} while (count == SR_CHUNK);
	return 0;
}

int sr_waiting_reconcile(sr_run *r, sr_txn *t, sr_err *err)
{
	static const bool asks[SR_RK_COUNT] = { [SR_RK_SCHEDULED] = true, [SR_RK_FIRST] = true, [SR_RK_MANUAL] = true };

	/* A rehearsal asks only before the gate: what is decided there holds for the first run that follows. */
	if (!asks[r->kind] && !(r->kind == SR_RK_REHEARSAL && r->s->row.state.phase == SR_PH_TERMS_MAPPED))
		return 0;
	if (waiting_items(r, t, err) < 0 || room_rows(r, t, err) < 0)
		return -1;
	if (sr_scope_confines(&r->scope))
		return 0;
	return sr_store_waiting_sweep(t, r->s->number, r->plan, err) < 0 ? -1 : 0;
}
