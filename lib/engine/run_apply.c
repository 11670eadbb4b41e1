/* Applying a sealed plan: one function takes the rate token, checks epoch, phase, block and fence,
 * marks the batch sent, commits, and hands it over, all in one turn of the loop. */
#include "engine/apply_priv.h"

#include <stdio.h>
#include <string.h>

#define ATTEMPTS_MAX 5
#define BUSY_MS 200

static void apply_turn(void *arg);

static int fence_refused(sr_run *r, sr_txn *t, sr_load *l, sr_fence_verdict verdict, size_t which, sr_err *err)
{
	const sr_plan_item *item = l->items[which];

	if (verdict == SR_FENCE_OTHER_YEAR) {
		r->e->other_year_writes++;
		sr_log_write(
			r->e->c.log, &(sr_log_entry){ .level = SR_ERROR,
					     .id = SR_MSG_OTHER_YEAR,
					     .school = r->s->number,
					     .run = r->id,
					     .plan = r->plan,
					     .operation = item->seq,
					     .event = sr_tgt_name(item->kind),
					     .text = "the year fence refused an operation on another year's object" });
		if (sr_meta_set_int(t, "other_year_writes", r->e->other_year_writes, err) < 0)
			return -1;
		if (sr_store_block_set(t, r->s->number, sr_blocks[SR_BL_OTHER_YEAR_WRITE].code,
			    "the fence refused an operation on another year's object", sr_now_ms(r->e), err) < 0)
			return -1;
	}
	r->deferred++;
	r->done++;
	if (sr_outbox_item_end(
		    t, r->plan, item->seq, SR_IS_DEFERRED, 0, sr_fence_verdict_name(verdict), sr_now_ms(r->e), err) < 0)
		return -1;
	sr_load_remove(l, which);
	return 0;
}

/* The fence judges from the school's state inside this very transaction. */
static int pass_fence(sr_run *r, sr_txn *t, sr_load *l, sr_permit **permit, sr_fence_verdict *verdict, sr_err *err)
{
	sr_fence_state state;

	if (sr_school_reload_row(r->s, t, err) < 0)
		return -1;
	state = (sr_fence_state){ .school = r->s->row.state,
		.school_number = r->s->number,
		.plan_epoch = r->epoch,
		.manual = r->manual,
		.year_over = r->judge.ctx.year_over,
		.blocked = sr_blocked(r->e, t, r->s, false, NULL),
		.stop = r->stopping || r->e->stopping,
		.inactivates = r->kind == SR_RK_INACTIVE };
	while (l->n) {
		size_t which = 0;

		*permit = sr_fence_pass(&state, l->fence, l->n, verdict, &which);
		if (*permit)
			return 0;
		if (*verdict == SR_FENCE_OK)
			return sr_fail_nomem(err);
		if (which >= l->n)
			return 0; /* the school itself may not write now */
		if (fence_refused(r, t, l, *verdict, which, err) < 0)
			return -1;
		if (*verdict == SR_FENCE_OTHER_YEAR) {
			l->n = 0;
			return 0;
		}
	}
	*verdict = SR_FENCE_OK;
	return 0;
}

static int flights_begin(sr_run *r, const sr_load *l, int64_t batch, sr_err *err)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->write[i].kind == SR_TGT_USER && sr_flight_add(r->e, l->items[i]->ident.a, batch) < 0)
			return sr_fail_nomem(err);
	return 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

/* An operation that Schoology is too busy for is tried again after a while, and after a few times by the
 * next run: nothing is wrong with the object, so it is not set aside. */
static sr_item_state retry_state(sr_run *r, const sr_item_row *row)
{
	if (row->attempts < ATTEMPTS_MAX) {
		r->busy = true;
		return SR_IS_PLANNED;
	}
	r->deferred++;
	r->done++;
	return SR_IS_DEFERRED;
}

static bool gone_already(const sr_item_row *row, const sr_item_result *res)
{
	return row->item.op == SR_OP_DROP && res->end == SR_ITEM_REJECTED && res->code == 404;
}

static int item_answered(sr_run *r, sr_txn *t, const sr_item_row *row, const sr_item_result *res, sr_err *err)
{
	sr_item_state state = SR_IS_CONFIRMED;

	if (gone_already(row, res))
		return sr_item_gone(r, t, row, err) < 0
			       ? -1
			       : sr_outbox_item_end(t, r->plan, row->item.seq, state, res->code, "it was gone already",
					 sr_now_ms(r->e), err);
	switch (res->end) {
	case SR_ITEM_DONE:
		if (sr_item_confirm(r, t, row, r->year, res->id, err) < 0)
			return -1;
		break;
	case SR_ITEM_RETRY:
		state = retry_state(r, row);
		break;
	case SR_ITEM_REJECTED:
		state = SR_IS_QUARANTINED;
		if (sr_item_refuse(r, t, row, res->code, res->message, err) < 0)
			return -1;
		break;
	case SR_ITEM_UNKNOWN:
		state = SR_IS_LOST;
		break;
	}
	return sr_outbox_item_end(t, r->plan, row->item.seq, state, res->code, res->message, sr_now_ms(r->e), err);
}

/* What a call came to: its items' results, or why it has none. */
typedef struct sr_came {
	int64_t batch;
	const sr_item_result *results;
	size_t count;
	bool lost;      /* carried out or not: nobody knows */
	bool throttled; /* not carried out: too much just now */
	bool refused;   /* not carried out: Schoology will not take it as it is */
	const sr_err *failed;
} sr_came;

/* Of a call that is not taken as a whole, one object may be the cause: each is sent alone then, and
 * one that is not taken alone either is the one. */
static int item_not_taken(sr_run *r, sr_txn *t, const sr_came *c, const sr_item_row *row, size_t n, sr_err *err)
{
	const sr_item_result alone = { .end = SR_ITEM_REJECTED,
		.code = c->failed->code == SR_E_NOTFOUND ? 404 : 400,
		.message = c->failed->text };

	if (c->refused && n == 1)
		return item_answered(r, t, row, &alone, err);
	return sr_outbox_item_end(t, r->plan, row->item.seq, SR_IS_PLANNED, 0, NULL, 0, err);
}

static int batch_answered(sr_run *r, sr_txn *t, sr_came *c, sr_err *err)
{
	static const sr_item_result unknown = { .end = SR_ITEM_UNKNOWN };
	SR_AUTO(sr_arena) arena = { 0 };
	sr_item_row *rows;
	size_t n;

	if (sr_store_plan_batch_items(t, &arena, c->batch, &rows, &n, err) < 0)
		return -1;
	if (c->refused && n > 1)
		r->alone = n;
	for (size_t i = 0; i < n; i++) {
		const sr_item_result *res = c->failed || i >= c->count ? &unknown : &c->results[i];
		int rc = c->failed && !c->lost ? item_not_taken(r, t, c, &rows[i], n, err)
					       : item_answered(r, t, &rows[i], res, err);

		if (rc < 0)
			return -1;
		c->lost |= !c->failed && res->end == SR_ITEM_UNKNOWN;
	}
	r->lost_batches += c->lost;
	return sr_outbox_batch_state(t, c->batch, c->lost ? SR_BS_LOST : SR_BS_ANSWERED, err);
}

/* How long the next batch waits after an answer that said "not now" of an object. */
static int64_t pace_ms(sr_run *r)
{
	const sr_config_sync *k = &r->e->c.config->sync;
	sr_backoff b = { .first_ms = k->retry_first_ms, .max_ms = k->retry_max_ms };

	if (!r->busy) {
		r->attempts = 0;
		return 0;
	}
	return sr_backoff_ms(&b, ++r->attempts, (uint32_t)sr_random_u32(r->e), NULL);
}

static void apply_go_on(sr_run *r)
{
	if (sr_run_close_late(r))
		return;
	if (sr_run_stale(r) && r->in_flight == 0)
		sr_run_raise(r, SR_RE_STOP, r->stop_why);
	else if (!sr_run_stale(r))
		sr_run_later(r, pace_ms(r), apply_turn);
}

/* 404 is about an object only where one stands in the address. */
static bool not_taken(const sr_run *r, const sr_err *failed)
{
	return failed->code == SR_E_REJECTED || (failed->code == SR_E_NOTFOUND && sr_stage_by_section(r->stage));
}

static sr_came came(
	const sr_run *r, uint64_t cookie, const sr_item_result *results, size_t count, bool sent, const sr_err *failed)
{
	sr_came c = { .batch = (int64_t)cookie, .results = results, .count = count, .failed = failed };

	if (!failed)
		return c;
	c.throttled = failed->code == SR_E_THROTTLED;
	c.refused = !sent && not_taken(r, failed);
	c.lost = sent && !c.throttled && failed->code != SR_E_AUTH && failed->code != SR_E_FORBIDDEN;
	return c;
}

static void apply_answer(
	void *arg, uint64_t cookie, const sr_item_result *results, size_t count, bool sent, const sr_err *failed)
{
	sr_run *r = arg;
	sr_came c = came(r, cookie, results, count, sent, failed);
	sr_err err;
	sr_txn *t;

	r->in_flight--;
	r->busy = false;
	sr_flights_end(r->e, c.batch);
	if (sr_txn_begin(r->e->c.store, SR_TXN_DURABLE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, batch_answered(r, t, &c, &err), &err) < 0) {
		/* The batch stays marked as sent: the next run asks about it. */
		if (!sr_run_close_late(r))
			sr_run_fail(r, &err);
		return;
	}
	sr_run_progress(r);
	if (failed && !c.lost && !c.throttled && !c.refused && !r->closing) {
		sr_block_by_error(r->e, true, failed);
		sr_run_fail(r, failed);
		return;
	}
	apply_go_on(r);
}

/* ---- sending --------------------------------------------------------------------------------- */

static int unmark(sr_run *r, sr_txn *t, const sr_load *l, int64_t batch, sr_err *err)
{
	for (size_t i = 0; i < l->n; i++)
		if (sr_outbox_item_end(t, r->plan, l->seqs[i], SR_IS_PLANNED, 0, NULL, 0, err) < 0)
			return -1;
	return sr_outbox_batch_state(t, batch, SR_BS_SETTLED, err);
}

static void hand_over(sr_run *r, sr_load *l, sr_permit *permit, int64_t batch)
{
	sr_err failed, err;
	sr_txn *t;

	r->stage = (int)l->items[0]->stage;
	r->in_flight++;
	r->alone -= r->alone > 0;
	if (flights_begin(r, l, batch, &failed) == 0 &&
		r->e->c.target->write(r->e->c.target, l->items[0]->stage, l->write, l->n, permit, apply_answer, r,
			(uint64_t)batch, &failed) == 0) {
		sr_run_later(r, 0, apply_turn);
		return;
	}
	r->in_flight--;
	sr_flights_end(r->e, batch);
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) == 0)
		sr_txn_end(r->e, t, unmark(r, t, l, batch, &err), &err);
	sr_run_fail(r, &failed);
}

static int send_prepare(
	sr_run *r, sr_txn *t, sr_load *l, sr_permit **permit, sr_fence_verdict *verdict, int64_t *batch, sr_err *err)
{
	if (sr_load_batch(r, t, l, err) < 0 || pass_fence(r, t, l, permit, verdict, err) < 0)
		return -1;
	if (!*permit)
		return 0;
	return sr_outbox_mark_sent(
		t, r->plan, r->s->number, l->items[0]->stage, r->epoch, l->seqs, l->n, sr_now_ms(r->e), batch, err);
}

static int plan_done(sr_run *r, sr_txn *t, sr_err *err)
{
	return sr_store_plan_state(t, r->plan, "done", err) < 0 ? -1 : sr_run_drops_taken(r, t, err);
}

static void apply_end(sr_run *r)
{
	sr_txn *t;

	if (r->lost_batches) {
		sr_run_raise(r, SR_RE_ANSWER_LOST, NULL);
		return;
	}
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, NULL) == 0)
		sr_txn_end(r->e, t, plan_done(r, t, NULL), NULL);
	sr_run_raise(r, SR_RE_APPLIED, NULL);
}

/* Nothing went out: because everything is done, because something must be waited for, or because
 * the school may not write. */
static void not_sent(sr_run *r, const sr_load *l, sr_fence_verdict verdict)
{
	if (verdict != SR_FENCE_OK && verdict != SR_FENCE_OLDER_YEAR && verdict != SR_FENCE_ACTING_USER &&
		verdict != SR_FENCE_NO_SECTION) {
		snprintf(r->stop_why, sizeof(r->stop_why), "no write may begin: %s", sr_fence_verdict_name(verdict));
		r->stopping = true;
		apply_go_on(r);
	} else if (l->wait) {
		if (!r->in_flight)
			sr_run_later(r, BUSY_MS, apply_turn);
	} else if (l->count) {
		sr_run_later(r, 0, apply_turn);
	} else if (r->in_flight == 0) {
		apply_end(r);
	}
}

static void send_next(sr_run *r)
{
	sr_load *l = calloc(1, sizeof(*l));
	sr_fence_verdict verdict = SR_FENCE_OK;
	sr_permit *permit = NULL;
	int64_t batch = 0;
	sr_err err;
	sr_txn *t;

	if (!l || sr_txn_begin(r->e->c.store, SR_TXN_DURABLE, &t, &err) < 0) {
		if (!l)
			sr_fail_nomem(&err);
		free(l);
		sr_run_fail(r, &err);
		return;
	}
	if (sr_txn_end(r->e, t, send_prepare(r, t, l, &permit, &verdict, &batch, &err), &err) < 0)
		sr_run_fail(r, &err);
	else if (permit)
		hand_over(r, l, permit, batch);
	else
		not_sent(r, l, verdict);
	sr_permit_free(permit);
	sr_arena_done(&l->arena);
	free(l);
}

/* ---- what must be read of a section before an operation on it ------------------------------------- */

static void section_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_run *r = arg;
	bool gone = failed && failed->code == SR_E_NOTFOUND && r->ids_for;
	sr_err err;

	r->reading = false;
	if (failed && !gone && !r->closing) {
		sr_block_by_error(r->e, true, failed);
		sr_run_fail(r, failed);
		return;
	}
	if (failed && !gone)
		return; /* the answers that are still awaited end the run */
	if (!r->ids_for)
		sr_run_periods_read(r, answer);
	else if (sr_run_ids_read(r, gone ? NULL : answer, &err) < 0 && !r->closing) {
		sr_run_fail(r, &err);
		return;
	}
	apply_go_on(r);
}

/* 1: a read was begun, the turn is over; 0: nothing to read first. */
static int read_first(sr_run *r, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_mirror_row mirror;
	sr_item_row *rows;
	size_t count;
	bool ids;

	if (sr_store_plan_next(t, &arena, r->plan, 1, &rows, &count, err) < 0)
		return -1;
	ids = count && sr_stage_by_section(rows[0].item.stage);
	if (ids)
		return sr_run_ids_ask(r, t, &rows[0], section_came, err);
	if (count == 0 || rows[0].item.stage != SR_SG_SECTION_UPDATE ||
		!(rows[0].item.fields & (1u << SR_S_GRADING_PERIODS)) || r->periods_for == rows[0].item.seq)
		return 0;
	if (sr_store_mirror_get(t, &arena, SR_TGT_SECTION, rows[0].item.ident, &mirror, err) <= 0)
		return sr_fail(err, SR_E_DB, "a section to be updated is not in the mirror");
	r->periods_for = rows[0].item.seq;
	r->ids_for = 0;
	r->reading = true;
	r->e->c.target->read(
		r->e->c.target, &(sr_read_ask){ .what = SR_READ_SECTION, .id = mirror.object.sgy_id }, section_came, r);
	return 1;
}

static void apply_turn(void *arg)
{
	sr_run *r = arg;
	int64_t wait = r->e->c.target->write_wait_ms(r->e->c.target);
	int reading;
	sr_err err;
	sr_txn *t;

	r->timer = NULL;
	if (r->closing || sr_run_stale(r)) {
		apply_go_on(r);
		return;
	}
	if (r->reading || r->in_flight >= (int)r->e->c.config->schoology.concurrency)
		return; /* an answer brings us back */
	if (r->lost_batches) {
		if (r->in_flight == 0)
			apply_end(r);
		return;
	}
	if (wait > 0) {
		sr_run_later(r, wait, apply_turn);
		return;
	}
	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	reading = read_first(r, t, &err);
	sr_txn_rollback(t);
	if (reading < 0)
		sr_run_fail(r, &err);
	else if (!reading)
		send_next(r);
}

static int plan_taken(sr_run *r, sr_txn *t, sr_err *err)
{
	return sr_store_plan_state(t, r->plan, "applying", err);
}

void sr_run_apply(sr_run *r)
{
	sr_err err;
	sr_txn *t;

	r->lost_batches = 0;
	r->ids_for = 0;
	r->periods_for = 0; /* numbers begin anew with each plan: what was read was another section's */
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, plan_taken(r, t, &err), &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	sr_run_later(r, 0, apply_turn);
}
