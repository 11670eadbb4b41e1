/* Writes: one call each, never repeated. Everything that can fail is done before the permit is spent,
 * and what the answer will be matched with is copied, for the caller's objects do not last so long. */
#include <string.h>

#include "remote/answer.h"
#include "remote/sgy_op.h"

/* ---- keeping the items ---- */

static const sr_record *keep_record(const sr_record *r, sr_arena *arena)
{
	sr_record *copy = r ? sr_arena_alloc(arena, sizeof(*copy)) : NULL;

	if (!copy)
		return NULL;
	sr_record_init(copy, r->kind);
	for (size_t i = 0; i < r->kind->count; i++) {
		if (r->kind->fields[i].type != SR_T_TEXT)
			copy->v[i] = r->v[i];
		else if (r->v[i].set && !sr_record_set_text(copy, i, r->v[i].s, arena))
			return NULL;
	}
	return copy;
}

static int keep_items(sgy_op *o, const sr_write_item *items, size_t count, sr_err *err)
{
	o->items = sr_arena_alloc(&o->arena, count * sizeof(*items));
	if (!o->items)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < count; i++) {
		o->items[i] = items[i];
		o->items[i].values = keep_record(items[i].values, &o->arena);
		o->items[i].course = keep_record(items[i].course, &o->arena);
		o->items[i].periods = NULL;
		if (!o->items[i].values || (items[i].course && !o->items[i].course))
			return sr_fail_nomem(err);
	}
	o->count = count;
	return 0;
}

/* ---- sending ---- */

static bool may_begin(sr_sgy_client *c, sr_err *err)
{
	if (sr_sgy_gate_write_wait(c) == 0)
		return true;
	sr_fail(err, SR_E_STATE, "a write may not begin yet: the rate is spent");
	return false;
}

/* `spent`: the permit fitted. From here on nothing fails but the handing over itself. */
static int hand_over(sgy_op *o, sr_sgy_call *call, bool spent, sr_err *err)
{
	int rc = spent ? sr_sgy_gate_send(o, call->method, call->path.p, call->body.len ? &call->body : NULL,
				 o->c->c.write_cost, err)
		       : sr_fail(err, SR_E_STATE, "a write without the fence's permit for it");

	sr_sgy_call_done(call);
	if (rc < 0)
		sr_sgy_op_free(o);
	return rc;
}

int sr_sgy_bulk_start(sr_target *t, sr_stage stage, const sr_write_item *items, size_t count, sr_permit *permit,
	sr_write_fn fn, void *arg, uint64_t cookie, sr_err *err)
{
	sr_sgy_client *c = t->self;
	sr_sgy_call call = { 0 };
	sgy_op *o;

	if (!may_begin(c, err) || sr_sgy_bulk_write(stage, items, count, &call, err) < 0)
		return -1;
	o = sr_sgy_op_new(c, SGY_BULK, arg);
	if (!o)
		sr_fail_nomem(err);
	if (!o || keep_items(o, items, count, err) < 0) {
		sr_sgy_op_free(o);
		sr_sgy_call_done(&call);
		return -1;
	}
	o->write_fn = fn;
	o->cookie = cookie;
	o->stage = stage;
	return hand_over(o, &call, permit && sr_permit_spend(permit, stage, count), err);
}

int sr_sgy_period_start(sr_target *t, const char *title, sr_day start, sr_day end, sr_permit *permit, sr_write_fn fn,
	void *arg, uint64_t cookie, sr_err *err)
{
	return sr_sgy_period_move(t, 0, title, start, end, permit, fn, arg, cookie, err);
}

int sr_sgy_period_move(sr_target *t, int64_t id, const char *title, sr_day start, sr_day end, sr_permit *permit,
	sr_write_fn fn, void *arg, uint64_t cookie, sr_err *err)
{
	sr_sgy_client *c = t->self;
	sr_sgy_call call = { 0 };
	sgy_op *o;

	if (!may_begin(c, err) || sr_sgy_period_write(id, title, start, end, &call, err) < 0)
		return -1;
	o = sr_sgy_op_new(c, SGY_PERIOD, arg);
	if (!o) {
		sr_sgy_call_done(&call);
		return sr_fail_nomem(err);
	}
	o->write_fn = fn;
	o->cookie = cookie;
	o->object = id;
	o->count = 1;
	return hand_over(o, &call, permit && sr_permit_spend_period(permit), err);
}

/* ---- answers ---- */

/* `sent`: the request may have been carried out, nobody knows. */
static void tell_failure(sgy_op *o, bool sent, const sr_err *err)
{
	if (!o->forgotten)
		o->write_fn(o->arg, o->cookie, NULL, 0, sent, err);
	sr_sgy_op_free(o);
}

static void tell(sgy_op *o, const sr_item_result *results)
{
	if (!o->forgotten)
		o->write_fn(o->arg, o->cookie, results, o->count, true, NULL);
	sr_sgy_op_free(o);
}

/* An answer without a body says that the call was taken, and nothing of the objects in it. */
static void bulk_answered(sgy_op *o, const sr_response *r)
{
	sr_item_result results[SR_BATCH_MAX] = { 0 };
	sr_err err;

	if (r->body_bytes == 0) {
		for (size_t i = 0; i < o->count; i++)
			results[i].end = SR_ITEM_UNKNOWN;
	} else if (sr_sgy_results_read(o->stage, o->items, o->count, r->body, r->body_bytes, &o->arena, results, &err) <
		   0) {
		tell_failure(o, true, &err);
		return;
	}
	tell(o, results);
}

static void period_answered(sgy_op *o, const sr_response *r)
{
	sr_item_result result = { .end = SR_ITEM_DONE, .code = r->status, .id = o->object };

	if (!result.id)
		result.id = sr_sgy_created_id(
			r->body, r->body_bytes, sr_response_header(r, "Location"), "/gradingperiods/");
	if (!result.id)
		result.end = SR_ITEM_UNKNOWN;
	tell(o, &result);
}

/* A period that the server does not take (its title exists) is a result; a bulk call that it does not
 * take as a whole is a failure, and was not carried out. */
static void refused(sgy_op *o, const sr_response *r)
{
	sr_err err;
	sgy_refusal why = sr_sgy_gate_refused(o, r, &err);
	bool maybe_done = why == SGY_FINAL && ((r->status == 0 && !r->never_sent) || r->status >= 500 ||
						      (r->status >= 200 && r->status < 400));

	if (o->kind == SGY_PERIOD && err.code == SR_E_REJECTED)
		tell(o, &(sr_item_result){ .end = SR_ITEM_REJECTED, .code = r->status, .message = err.text });
	else
		tell_failure(o, maybe_done, &err);
}

void sr_sgy_write_answer(sgy_op *o, const sr_response *r)
{
	if (!sr_answer_is_2xx(r) || (r->body_bytes && sr_answer_is_html(r)))
		refused(o, r);
	else if (o->kind == SGY_PERIOD)
		period_answered(o, r);
	else
		bulk_answered(o, r);
}
