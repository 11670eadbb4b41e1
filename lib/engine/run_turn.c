/* The form that the steps of every run share: one transaction a turn of the loop, and a look at the school before it.
 */
#include "engine/run_priv.h"

bool sr_run_turn_over(sr_run *r)
{
	r->timer = NULL;
	if (!sr_run_stale(r))
		return false;
	sr_run_raise(r, SR_RE_STOP, *r->stop_why ? r->stop_why : "the school's phase changed");
	return true;
}

void sr_run_turn(sr_run *r, sr_txn_kind kind, int (*work)(sr_run *r, sr_txn *t, sr_err *err), sr_timer_fn again,
	void (*next)(sr_run *r))
{
	sr_err err;
	sr_txn *t;
	int more;

	if (sr_run_turn_over(r))
		return;
	if (sr_txn_begin(r->e->c.store, kind, &t, &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	more = work(r, t, &err);
	if (sr_txn_end(r->e, t, more < 0 ? -1 : 0, &err) < 0)
		sr_run_fail(r, &err);
	else if (more)
		sr_run_later(r, 0, again);
	else
		next(r);
}

static int context_read(sr_run *r, sr_txn *t, sr_err *err)
{
	if (!r->e->acting.id) /* not to know whose account may never be touched is no ground to plan on */
		return sr_fail(err, SR_E_STATE, "the acting user is not known yet");
	if (sr_context_load(t, r->s, r->year, &r->judge.ctx, err) < 0) {
		sr_context_done(&r->judge.ctx);
		return -1;
	}
	r->judge.ctx_loaded = true;
	return 0;
}

void sr_run_prepare(sr_run *r, void (*begin)(sr_run *r))
{
	sr_err err;
	sr_txn *t;

	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, &err) < 0 ||
		sr_txn_end(r->e, t, context_read(r, t, &err), &err) < 0)
		sr_run_fail(r, &err);
	else if (sr_settle_needed(r)) /* what a dead process had in flight is asked about first */
		sr_settle(r, begin);
	else
		begin(r);
}
