/* A run from its start to its end: the run table says what comes next, this file does it. */
#include "engine/canary.h"
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

bool sr_run_stale(const sr_run *r)
{
	return r->stopping || r->e->stopping || r->epoch != r->s->row.state.epoch;
}

int sr_run_save(sr_run *r, sr_txn *t, sr_err *err)
{
	return sr_store_run_save(t,
		&(sr_run_row){ .id = r->id,
			.school = r->s->number,
			.kind = r->kind,
			.state = r->state,
			.epoch = r->epoch,
			.year = r->year,
			.who = r->who,
			.started_ms = r->started_ms,
			.plan = r->shown_plan },
		err);
}

static char *counts_text(const sr_run *r)
{
	json_t *o = json_pack("{s:O?, s:O?, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "admitted", r->admitted, "guards",
		r->guards, "created", (json_int_t)r->created, "updated", (json_int_t)r->updated, "dropped",
		(json_int_t)r->dropped, "held", (json_int_t)r->held, "waiting", (json_int_t)r->waiting, "failed",
		(json_int_t)r->failed, "deferred", (json_int_t)r->deferred);
	json_t *figures;
	char *text;

	if (o && r->leave)
		json_object_set_new(o, "left_out", json_integer(sr_leave_left_out(r)));
	figures = sr_figures_json(r);
	if (o && figures)
		json_object_set(o, "figures", figures);
	json_decref(figures);
	if (o && r->check)
		json_object_set_new(o, "verify", sr_check_json(r));
	text = o ? json_dumps(o, JSON_COMPACT) : NULL;

	json_decref(o);
	return text;
}

/* A plan with nothing to send has been carried out with that. */
static bool plan_was_empty(const sr_run *r, const char *outcome)
{
	return r->plan && r->kind != SR_RK_REHEARSAL && !r->planner.planned && strcmp(outcome, "done") == 0;
}

static int run_close(sr_run *r, sr_txn *t, const char *outcome, const char *why, sr_err *err)
{
	SR_AUTO_FREE char *counts = counts_text(r);
	SR_AUTO(sr_arena) arena = { 0 };
	sr_run_row row;

	if (sr_store_run_get(t, &arena, r->id, &row, err) <= 0)
		return -1;
	row.state = SR_RS_IDLE;
	row.ended_ms = sr_now_ms(r->e);
	row.plan = r->shown_plan;
	row.outcome = outcome;
	row.why = why;
	row.counts = counts;
	if (plan_was_empty(r, outcome) && sr_store_plan_state(t, r->plan, "done", err) < 0)
		return -1;
	if (strcmp(outcome, "done") == 0 && sr_figures_keep(r, t, err) < 0)
		return -1;
	return sr_store_run_save(t, &row, err);
}

static void run_say(const sr_run *r, const char *outcome, const char *why)
{
	bool good = strcmp(outcome, "done") == 0;

	sr_log_write(r->e->c.log, &(sr_log_entry){ .level = good                             ? SR_INFO
							    : strcmp(outcome, "failed") == 0 ? SR_WARNING
											     : SR_NOTICE,
					  .id = good ? SR_MSG_RUN_DONE : SR_MSG_RUN_FAILED,
					  .school = r->s->number,
					  .epoch = r->epoch,
					  .run = r->id,
					  .plan = r->shown_plan,
					  .count = r->created + r->updated + r->dropped,
					  .event = sr_run_kind_name(r->kind),
					  .to = outcome,
					  .who = r->who,
					  .text = why });
}

void sr_run_free(sr_run *r)
{
	if (!r)
		return;
	r->e->c.source->cancel(r->e->c.source, r);
	r->e->c.target->cancel(r->e->c.target, r);
	sr_timer_cancel(&r->e->c.timers, r->timer);
	sr_judge_done(&r->judge);
	sr_figures_free(r);
	sr_leave_free(r->leave);
	sr_undo_free(r->undo);
	sr_check_free(r->check);
	sr_return_free(r->returning);
	sr_inventory_forget(r);
	sr_planner_done(&r->planner);
	free(r->verify.sample);
	free(r->periods);
	json_decref(r->admitted);
	json_decref(r->guards);
	free(r);
}

/* Runs that say nothing of how the ordinary ones fare. */
static bool stands_aside(sr_run_kind kind)
{
	static const bool aside[SR_RK_COUNT] = {
		[SR_RK_REHEARSAL] = true, [SR_RK_INACTIVE] = true, [SR_RK_UNDO] = true, [SR_RK_VERIFY] = true
	};

	return aside[kind];
}

/* The end of a run: recorded, said once, and the school is free for the next. */
static void run_end(sr_run *r, const char *outcome, const char *why, const sr_err *err)
{
	sr_school *s = r->s;
	sr_engine *e = r->e;
	bool good = strcmp(outcome, "done") == 0, first = r->kind == SR_RK_FIRST && good;
	bool aside = stands_aside(r->kind);
	char words[200];
	sr_txn *t;

	if (good && r->pull.unproven) {
		snprintf(words, sizeof(words), "%s; the pull was not proven: nobody counts as gone", why);
		why = words;
	}
	if (sr_txn_begin(e->c.store, SR_TXN_WRITE, &t, NULL) == 0)
		sr_txn_end(e, t, run_close(r, t, outcome, why, NULL), NULL);
	run_say(r, outcome, why);
	free(s->last_problem);
	s->last_problem = good ? NULL : sr_strdup(why);
	s->run = NULL;
	if (r->by_hand && s->row.state.phase == SR_PH_SYNCING)
		s->ended_ms = sr_mono_ms(e); /* whoever stops a run does not mean the next minute */
	if (aside || (r->by_hand && s->row.state.phase == SR_PH_SYNCING))
		sr_sched_school(s);
	else
		sr_sched_after(s, good, err);
	sr_run_free(r);
	if (first)
		sr_school_step(s, SR_PEV_FIRST_SYNC_VERIFIED, 0, "sisrolld",
			"the first run is verified: nothing else to do, read back and agreed", NULL, NULL);
	sr_follow_begin(s);
	if (good)
		sr_canary_review(e);
	sr_engine_notify(e, s);
	sr_engine_check_stopped(e);
}

static int plan_abandon(sr_run *r, sr_txn *t, sr_err *err)
{
	return r->plan ? sr_store_plan_state(t, r->plan, "abandoned", err) : 0;
}

static void act_abandon(sr_run *r, const char *why)
{
	sr_txn *t;

	if (r->in_flight > 0) {
		r->closing = true; /* those in flight are answered and read first: see sr_run_close_late */
		return;
	}
	if (r->plan && sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, NULL) == 0)
		sr_txn_end(r->e, t, plan_abandon(r, t, NULL), NULL);
	run_end(r, r->stopping || sr_run_stale(r) ? "stopped" : "failed", *r->stop_why ? r->stop_why : why, NULL);
}

/* The last answer of a run that has ended already. */
bool sr_run_close_late(sr_run *r)
{
	if (!r->closing)
		return false;
	if (r->in_flight == 0)
		act_abandon(r, r->stop_why);
	return true;
}

static void act_decide(sr_run *r, const char *why)
{
	(void)why;
	sr_run_raise(r, SR_RE_GO, "the sealed plan is taken up");
}

/* Runs that are made of something else than a pull and its difference bring steps of their own. */
static const struct {
	void (*pull)(sr_run *), (*plan)(sr_run *);
} producers[SR_RK_COUNT] = {
	[SR_RK_SCHEDULED] = { sr_run_pull, sr_run_plan },
	[SR_RK_FIRST] = { sr_run_pull, sr_run_plan },
	[SR_RK_MANUAL] = { sr_run_pull, sr_run_plan },
	[SR_RK_REHEARSAL] = { sr_run_pull, sr_run_plan },
	[SR_RK_UNDO] = { sr_undo_pull, sr_undo_plan },
	[SR_RK_INACTIVE] = { sr_leave_pull, sr_leave_plan },
	[SR_RK_VERIFY] = { sr_check_pull, sr_check_plan },
};

static void act_pull(sr_run *r, const char *why)
{
	(void)why;
	producers[r->kind].pull(r);
}

static void act_plan(sr_run *r, const char *why)
{
	(void)why;
	producers[r->kind].plan(r);
}

static void act_apply(sr_run *r, const char *why)
{
	(void)why;
	sr_run_apply(r);
}

static void act_settle(sr_run *r, const char *why)
{
	(void)why;
	sr_run_settle(r);
}

static void act_verify(sr_run *r, const char *why)
{
	(void)why;
	sr_run_verify(r);
}

static void act_finish(sr_run *r, const char *why)
{
	run_end(r, "done", why, NULL);
}

/* Backing off is the scheduler's: the run ends, and the next one starts afresh after a while.
 * Nothing of a half-done plan is lost: what is still different is planned again. */
static void act_back_off(sr_run *r, const char *why)
{
	act_abandon(r, why);
}

static void (*const acts[SR_RA_COUNT])(sr_run *, const char *) = {
	[SR_RA_PULL] = act_pull,
	[SR_RA_PLAN] = act_plan,
	[SR_RA_DECIDE] = act_decide,
	[SR_RA_APPLY] = act_apply,
	[SR_RA_SETTLE] = act_settle,
	[SR_RA_VERIFY] = act_verify,
	[SR_RA_BACK_OFF] = act_back_off,
	[SR_RA_FINISH] = act_finish,
	[SR_RA_ABANDON] = act_abandon,
};

void sr_run_raise(sr_run *r, sr_run_event event, const char *why)
{
	sr_run_cell cell = sr_run_step(r->state, event);
	sr_txn *t;

	if (cell.next != r->state) {
		r->state = cell.next;
		if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, NULL) == 0)
			sr_txn_end(r->e, t, sr_run_save(r, t, NULL), NULL);
		sr_run_progress(r);
	}
	if (acts[cell.act])
		acts[cell.act](r, why ? why : cell.why);
}

void sr_run_progress(sr_run *r)
{
	sr_engine_notify(r->e, r->s);
}

void sr_run_fail(sr_run *r, const sr_err *err)
{
	char why[sizeof(err->text)];

	memcpy(why, err->text, sizeof(why)); /* `err` may live in what ends now */
	if (!*r->stop_why)
		memcpy(r->stop_why, why, sizeof(why));
	sr_run_raise(r, SR_RE_LOST, why);
}

void sr_run_later(sr_run *r, int64_t delay_ms, sr_timer_fn fn)
{
	sr_timer_cancel(&r->e->c.timers, r->timer);
	r->timer = sr_timer_start(&r->e->c.timers, delay_ms, fn, r);
}

static void stop_step(void *arg)
{
	sr_run *r = arg;

	r->timer = NULL;
	sr_run_raise(r, SR_RE_STOP, r->stop_why);
}

void sr_run_stop(sr_school *s, const char *why)
{
	sr_run *r = s->run;

	if (!r || r->stopping)
		return;
	r->stopping = true;
	snprintf(r->stop_why, sizeof(r->stop_why), "%s", why);
	/* Reads in flight may be forgotten; writes must be read (their answers say what is true now). */
	r->e->c.source->cancel(r->e->c.source, r);
	if (r->in_flight == 0) {
		r->e->c.target->cancel(r->e->c.target, r);
		sr_run_later(r, 0, stop_step);
	}
}

int sr_run_start(
	sr_school *s, sr_run_kind kind, const char *who, bool manual, const sr_scope *scope, int64_t *id, sr_err *err)
{
	sr_run *r;
	sr_txn *t;

	if (s->run)
		return sr_fail(err, SR_E_STATE, "run %lld is under way", (long long)s->run->id);
	r = calloc(1, sizeof(*r));
	if (!r)
		return sr_fail_nomem(err);
	*r = (sr_run){ .s = s,
		.e = s->e,
		.kind = kind,
		.epoch = s->row.state.epoch,
		.year = s->row.state.active,
		.started_ms = sr_now_ms(s->e),
		.manual = manual,
		.pass = 1,
		.scope = { .kind = -1 },
		.stage = -1 };
	if (scope)
		r->scope = *scope;
	snprintf(r->who, sizeof(r->who), "%s", who);
	if (sr_txn_begin(s->e->c.store, SR_TXN_WRITE, &t, err) < 0 ||
		sr_txn_end(s->e, t,
			sr_store_run_new(t,
				&(sr_run_row){ .school = s->number,
					.epoch = r->epoch,
					.started_ms = r->started_ms,
					.kind = kind,
					.state = SR_RS_PULLING,
					.year = r->year,
					.who = who },
				&r->id, err),
			err) < 0) {
		free(r);
		return -1;
	}
	if (id)
		*id = r->id;
	s->run = r;
	if (!stands_aside(kind) && !sr_scope_confines(&r->scope)) {
		s->wanted = false;
		s->slot = sr_engine_slot(s->e, r->started_ms);
	}
	sr_timer_cancel(&s->e->c.timers, s->due);
	s->due = NULL;
	sr_run_raise(r, SR_RE_START, NULL);
	return 0;
}

/* A process that died left runs without an end and maybe calls without an answer. The runs are
 * closed here; the calls are asked about by the next run of their school, before it plans. */
int sr_runs_reconcile(sr_engine *e, sr_err *err)
{
	sr_txn *t;
	int n;

	if (sr_txn_begin(e->c.store, SR_TXN_WRITE, &t, err) < 0)
		return -1;
	n = sr_store_runs_interrupt(t, sr_now_ms(e), err);
	return sr_txn_end(e, t, n < 0 ? -1 : 0, err);
}
