/* Applying a sealed plan: one function takes the rate token, checks epoch, phase, block and fence,
 * marks the batch sent, commits, and hands it over, all in one turn of the loop. */
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

#define ATTEMPTS_MAX 5
#define BUSY_MS 200

static void apply_turn(void *arg);

/* What one batch is made of, gathered in the turn that sends it. */
typedef struct sr_load {
	sr_arena arena;
	sr_item_row *rows; /* the plan's next items, one stage */
	size_t count;
	sr_write_item write[SR_BATCH_MAX];
	sr_fence_object fence[SR_BATCH_MAX];
	sr_record values[SR_BATCH_MAX], courses[SR_BATCH_MAX];
	int64_t seqs[SR_BATCH_MAX];
	const sr_plan_item *items[SR_BATCH_MAX];
	size_t n;
	bool wait; /* the next item must wait for a call in flight */
} sr_load;

typedef enum sr_fit { SR_FIT_SEND, SR_FIT_WAIT, SR_FIT_END, SR_FIT_ERROR } sr_fit;

/* Ends an item that is not going to be sent. */
static sr_fit fit_end(sr_run *r, sr_txn *t, const sr_item_row *row, sr_item_state state, const char *why, sr_err *err)
{
	r->deferred += state == SR_IS_DEFERRED;
	r->done++;
	return sr_outbox_item_end(t, r->plan, row->item.seq, state, 0, why, sr_now_ms(r->e), err) < 0 ? SR_FIT_ERROR
												      : SR_FIT_END;
}

static sr_fit fit_user(
	sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, sr_write_item *w, sr_fence_object *f, sr_err *err)
{
	sr_mirror_row mirror;
	int found;

	if (sr_flight_has(r->e, row->item.ident.a))
		return SR_FIT_WAIT; /* another school is writing this very person */
	found = sr_store_mirror_get(t, &l->arena, SR_TGT_USER, row->item.ident, &mirror, err);
	if (found < 0)
		return SR_FIT_ERROR;
	if (found && row->item.op == SR_OP_CREATE)
		return fit_end(r, t, row, SR_IS_CONFIRMED, "another school created this person meanwhile", err);
	if (found) {
		f->highest = mirror.object.year;
		f->is_acting_user = mirror.object.is_acting_user;
		w->id = mirror.object.sgy_id;
	}
	f->is_acting_user |= w->id && w->id == r->e->acting.id;
	return SR_FIT_SEND;
}

static sr_fit fit_course(
	sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, sr_write_item *w, sr_fence_object *f, sr_err *err)
{
	const sr_course_view *c = sr_judge_course(&r->judge, row->item.ident.a);
	sr_mirror_row mirror;
	int found = sr_store_mirror_get(t, &l->arena, SR_TGT_COURSE, row->item.ident, &mirror, err);

	if (found < 0)
		return SR_FIT_ERROR;
	if (found) {
		w->id = mirror.object.sgy_id;
		f->highest = mirror.object.year;
	}
	f->course_has_section = c && c->let_in > 0 && c->verdict == SR_V_IN;
	return SR_FIT_SEND;
}

/* The course that a new section is nested in: of this batch, or confirmed before. */
static sr_fit fit_nest(sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, sr_write_item *w, sr_err *err)
{
	const char *code = sr_record_text(w->values, SR_S_COURSE_CODE);
	sr_mirror_row mirror;
	int found;

	for (size_t i = 0; i < l->n; i++)
		if (l->write[i].kind == SR_TGT_COURSE && sr_streq(l->items[i]->key, code)) {
			w->course = l->write[i].values;
			return SR_FIT_SEND;
		}
	found = code ? sr_store_mirror_by_key(t, &l->arena, SR_TGT_COURSE, code, &mirror, err) : 0;
	if (found < 0)
		return SR_FIT_ERROR;
	if (found) {
		l->courses[l->n] = mirror.object.values;
		w->course = &l->courses[l->n];
		return SR_FIT_SEND;
	}
	return r->in_flight || l->n ? SR_FIT_WAIT
				    : fit_end(r, t, row, SR_IS_DEFERRED, "its course is not confirmed", err);
}

static sr_fit fit_section(
	sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, sr_write_item *w, sr_fence_object *f, sr_err *err)
{
	const sr_section_view *v = sr_judge_section(&r->judge, row->item.ident.a);
	sr_mirror_row mirror;
	int found = sr_store_mirror_get(t, &l->arena, SR_TGT_SECTION, row->item.ident, &mirror, err);

	if (found < 0)
		return SR_FIT_ERROR;
	f->year = found ? mirror.object.year : v ? v->year : SR_YEARID_NONE;
	if (found)
		w->id = mirror.object.sgy_id;
	if (row->item.op == SR_OP_CREATE) {
		w->periods = sr_record_text(w->values, SR_S_GRADING_PERIODS);
		return fit_nest(r, t, l, row, w, err);
	}
	if (row->item.fields & (1u << SR_S_GRADING_PERIODS)) {
		if (l->n)
			return SR_FIT_WAIT; /* goes alone, right after its periods were read */
		w->periods = r->periods;
	}
	return SR_FIT_SEND;
}

static sr_fit fit_member(
	sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, sr_write_item *w, sr_fence_object *f, sr_err *err)
{
	sr_mirror_row section, user, own;
	int has_section = sr_store_mirror_get(
		t, &l->arena, SR_TGT_SECTION, (sr_ident){ row->item.ident.a, 0 }, &section, err);
	int has_user = sr_store_mirror_get(t, &l->arena, SR_TGT_USER, (sr_ident){ row->item.ident.b, 0 }, &user, err);
	int has_own = sr_store_mirror_get(t, &l->arena, SR_TGT_MEMBERSHIP, row->item.ident, &own, err);

	if (has_section < 0 || has_user < 0 || has_own < 0)
		return SR_FIT_ERROR;
	if (!has_section || section.object.gone)
		return fit_end(r, t, row, SR_IS_DEFERRED, "its section is not confirmed", err);
	if (!has_user || user.object.gone)
		return fit_end(r, t, row, SR_IS_DEFERRED, "its person is not confirmed", err);
	f->year = section.object.year;
	w->section_id = section.object.sgy_id;
	if (has_own)
		w->id = own.object.sgy_id;
	return SR_FIT_SEND;
}

static sr_fit (*const fits[SR_TGT_COUNT])(
	sr_run *, sr_txn *, sr_load *, const sr_item_row *, sr_write_item *, sr_fence_object *, sr_err *) = {
	[SR_TGT_USER] = fit_user,
	[SR_TGT_COURSE] = fit_course,
	[SR_TGT_SECTION] = fit_section,
	[SR_TGT_MEMBERSHIP] = fit_member,
};

static sr_fit load_item(sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, sr_err *err)
{
	const sr_plan_item *item = &row->item;
	sr_write_item *w = &l->write[l->n];
	sr_fence_object *f = &l->fence[l->n];
	sr_fit fit;

	*w = (sr_write_item){ .kind = item->kind, .op = item->op, .values = &l->values[l->n], .fields = item->fields };
	*f = (sr_fence_object){ .kind = item->kind, .stage = item->stage };
	if (sr_record_unpack(&sr_tgt_kinds[item->kind], item->after.bytes, item->after.len, &l->arena, &l->values[l->n],
		    err) < 0)
		return SR_FIT_ERROR;
	fit = fits[item->kind](r, t, l, row, w, f, err);
	if (fit != SR_FIT_SEND)
		return fit;
	l->items[l->n] = item;
	l->seqs[l->n++] = item->seq;
	return SR_FIT_SEND;
}

static void load_remove(sr_load *l, size_t at)
{
	/* Values are pointed to: they stay, only the rows close up. */
	for (size_t i = at; i + 1 < l->n; i++) {
		l->write[i] = l->write[i + 1];
		l->fence[i] = l->fence[i + 1];
		l->seqs[i] = l->seqs[i + 1];
		l->items[i] = l->items[i + 1];
	}
	l->n--;
}

static int load_batch(sr_run *r, sr_txn *t, sr_load *l, sr_err *err)
{
	sr_plan_item items[SR_BATCH_MAX];
	size_t fit;

	if (sr_store_plan_next(t, &l->arena, r->plan, SR_BATCH_MAX, &l->rows, &l->count, err) < 0)
		return -1;
	if (l->count == 0)
		return 0;
	if (r->in_flight && (int)l->rows[0].item.stage != r->stage) {
		l->wait = true; /* the stage before must be answered: what follows leans on it */
		return 0;
	}
	for (size_t i = 0; i < l->count; i++)
		items[i] = l->rows[i].item;
	fit = sr_plan_batch(items, l->count);
	for (size_t i = 0; i < fit && !l->wait; i++) {
		switch (load_item(r, t, l, &l->rows[i], err)) {
		case SR_FIT_ERROR:
			return -1;
		case SR_FIT_WAIT:
			l->wait = true;
			break;
		default:
			break;
		}
	}
	return 0;
}

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
	load_remove(l, which);
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
		.stop = r->stopping || r->e->stopping };
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

static int flights(sr_run *r, const sr_load *l, bool begin)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->write[i].kind != SR_TGT_USER)
			continue;
		if (!begin)
			sr_flight_remove(r->e, l->items[i]->ident.a);
		else if (sr_flight_add(r->e, l->items[i]->ident.a) < 0)
			return -1;
	}
	return 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

static int item_answered(sr_run *r, sr_txn *t, const sr_item_row *row, const sr_item_result *res, sr_err *err)
{
	sr_item_state state = SR_IS_CONFIRMED;

	switch (res->end) {
	case SR_ITEM_DONE:
		if (sr_item_confirm(r, t, row, res->id, err) < 0)
			return -1;
		break;
	case SR_ITEM_RETRY:
		state = SR_IS_PLANNED;
		if (row->attempts < ATTEMPTS_MAX)
			break;
		/* fall through */
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

static int batch_answered(sr_run *r, sr_txn *t, int64_t batch, const sr_item_result *results, size_t count, bool lost,
	const sr_err *failed, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_item_row *rows;
	size_t n;

	if (sr_store_plan_batch_items(t, &arena, batch, &rows, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const sr_item_result none = { .end = lost ? SR_ITEM_UNKNOWN : SR_ITEM_RETRY };

		if (rows[i].item.kind == SR_TGT_USER)
			sr_flight_remove(r->e, rows[i].item.ident.a);
		/* A call that was refused as a whole has not been an attempt at its items. */
		if (failed && !lost) {
			if (sr_outbox_item_end(t, r->plan, rows[i].item.seq, SR_IS_PLANNED, 0, NULL, 0, err) < 0)
				return -1;
			continue;
		}
		if (item_answered(r, t, &rows[i], failed || i >= count ? &none : &results[i], err) < 0)
			return -1;
		lost |= !failed && results[i].end == SR_ITEM_UNKNOWN;
	}
	r->lost_batches += lost;
	return sr_outbox_batch_state(t, batch, lost ? SR_BS_LOST : SR_BS_ANSWERED, err);
}

static void apply_go_on(sr_run *r)
{
	if (sr_run_close_late(r))
		return;
	if (sr_run_stale(r) && r->in_flight == 0)
		sr_run_raise(r, SR_RE_STOP, r->stop_why);
	else if (!sr_run_stale(r))
		sr_run_later(r, 0, apply_turn);
}

static void apply_answer(
	void *arg, uint64_t cookie, const sr_item_result *results, size_t count, bool sent, const sr_err *failed)
{
	sr_run *r = arg;
	bool throttled = failed && failed->code == SR_E_THROTTLED;
	bool lost = failed && sent && !throttled && failed->code != SR_E_AUTH && failed->code != SR_E_FORBIDDEN;
	sr_err err;
	sr_txn *t;

	r->in_flight--;
	if (sr_txn_begin(r->e->c.store, SR_TXN_DURABLE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, batch_answered(r, t, (int64_t)cookie, results, count, lost, failed, &err), &err) <
			0) {
		/* The batch stays marked as sent: the next run asks about it. */
		if (!sr_run_close_late(r))
			sr_run_fail(r, &err);
		return;
	}
	sr_run_progress(r);
	if (failed && !lost && !throttled && !r->closing) {
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
	if (flights(r, l, true) == 0 && r->e->c.target->write(r->e->c.target, l->items[0]->stage, l->write, l->n,
						permit, apply_answer, r, (uint64_t)batch, &failed) == 0) {
		sr_run_later(r, 0, apply_turn);
		return;
	}
	r->in_flight--;
	flights(r, l, false);
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) == 0)
		sr_txn_end(r->e, t, unmark(r, t, l, batch, &err), &err);
	sr_run_fail(r, &failed);
}

static int send_prepare(
	sr_run *r, sr_txn *t, sr_load *l, sr_permit **permit, sr_fence_verdict *verdict, int64_t *batch, sr_err *err)
{
	if (load_batch(r, t, l, err) < 0 || pass_fence(r, t, l, permit, verdict, err) < 0)
		return -1;
	if (!*permit)
		return 0;
	return sr_outbox_mark_sent(
		t, r->plan, r->s->number, l->items[0]->stage, r->epoch, l->seqs, l->n, sr_now_ms(r->e), batch, err);
}

static int plan_done(sr_run *r, sr_txn *t, sr_err *err)
{
	return sr_store_plan_state(t, r->plan, "done", err);
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

/* ---- a section's grading periods are read before they are changed ------------------------------ */

static void section_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_run *r = arg;

	r->reading = false;
	if (failed) {
		sr_block_by_error(r->e, true, failed);
		sr_run_fail(r, failed);
		return;
	}
	sr_run_periods_read(r, answer);
	apply_go_on(r);
}

/* 1: a read was begun, the turn is over; 0: nothing to read first. */
static int read_first(sr_run *r, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_mirror_row mirror;
	sr_item_row *rows;
	size_t count;

	if (sr_store_plan_next(t, &arena, r->plan, 1, &rows, &count, err) < 0)
		return -1;
	if (count == 0 || rows[0].item.stage != SR_SG_SECTION_UPDATE ||
		!(rows[0].item.fields & (1u << SR_S_GRADING_PERIODS)) || r->periods_for == rows[0].item.seq)
		return 0;
	if (sr_store_mirror_get(t, &arena, SR_TGT_SECTION, rows[0].item.ident, &mirror, err) <= 0)
		return sr_fail(err, SR_E_DB, "a section to be updated is not in the mirror");
	r->periods_for = rows[0].item.seq;
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
	if (sr_run_stale(r)) {
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
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, plan_taken(r, t, &err), &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	sr_run_later(r, 0, apply_turn);
}
