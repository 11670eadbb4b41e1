/* resume --plan N: what a person has looked at is held against a fresh rehearsal; only when both mean the same does
 * the school go on to the gate. The phase steps in the very turn in which the comparison passed. Until then nothing
 * has been written: a daemon that dies, or a caller who leaves, has changed nothing. */
#include "engine/cmd_resume.h"

#include <stdio.h>

#include "core/plan_diff.h"
#include "engine/run_priv.h"

typedef struct by_plan {
	sr_school *s;
	int64_t old, new; /* plans */
	int64_t run;      /* the fresh rehearsal */
	int64_t epoch;    /* when it began */
	sr_yearid year;
	sr_plan_diff *diff;
	sr_plan_side side; /* being read */
	int64_t after;
	sr_run_state shown;
} by_plan;

static void by_plan_free(void *state)
{
	by_plan *p = state;

	sr_plan_diff_free(p->diff);
	free(p);
}

static void refuse(sr_call *c, by_plan *p, sr_no *no)
{
	snprintf(no->untouched, sizeof(no->untouched), "Nothing was changed; %lld %s stays in %s.",
		(long long)p->s->number, p->s->row.name, sr_phase_name(p->s->row.state.phase));
	sr_result_refused(c, p->s, no);
	sr_call_results(c);
}

/* ---- may plan N be asked for at all? --------------------------------------------------------------- */

typedef struct plan_ask {
	int64_t id;
	bool found;
	sr_plan_row row; /* without its texts */
	bool sealed;
} plan_ask;

static int plan_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	plan_ask *ask = arg;
	int found = sr_store_plan_get(t, &arena, ask->id, &ask->row, err);

	(void)c;
	if (found < 0)
		return -1;
	ask->found = found > 0;
	ask->sealed = found > 0 && !sr_streq(ask->row.state, "building");
	ask->row.state = ask->row.digest = NULL;
	return 0;
}

/* NULL: it may. */
static const char *plan_unfit(const sr_school *s, const plan_ask *ask)
{
	if (ask->row.school != s->number)
		return "is another school's";
	if (ask->row.kind != SR_RK_REHEARSAL || !ask->sealed)
		return "is no finished rehearsal";
	if (ask->row.year != s->row.state.active)
		return "is of another year";
	return ask->row.created_ms < s->row.changed_ms ? "is older than the last change of choice or map" : NULL;
}

static bool unfit(sr_school *s, const plan_ask *ask, sr_no *no)
{
	const char *why;

	if (!ask->found) {
		sr_no_init(no, SR_CODE_UNKNOWN_PLAN, "there is no plan %lld", (long long)ask->id);
		sr_no_todo(no, "sisrollctl plan list %lld", (long long)s->number);
		return true;
	}
	why = plan_unfit(s, ask);
	if (!why)
		return sr_rehearsal_refuses(s, no);
	sr_no_init(no, SR_CODE_PLAN_MOVED, "plan %lld %s", (long long)ask->id, why);
	sr_no_todo(no, "sisrollctl rehearse %lld", (long long)s->number);
	sr_no_todo(no, "sisrollctl plan list %lld", (long long)s->number);
	return true;
}

/* ---- the comparison --------------------------------------------------------------------------------- */

static void put_moved(const sr_plan_diff_result *r, sr_buf *out)
{
	static const char *const whose[SR_PD_SIDES] = { "not any more", "new" };

	for (int side = 0; side < SR_PD_SIDES; side++)
		for (int k = 0; k < SR_TGT_COUNT; k++)
			for (int op = 0; op < SR_OP_COUNT; op++)
				if (r->only[side][k][op])
					sr_buf_printf(out, "%s%lld %s %s %s", out->len ? ", " : "",
						(long long)r->only[side][k][op], sr_tgt_name((sr_tgt)k),
						sr_op_name((sr_op)op), whose[side]);
}

static void put_examples(const sr_plan_diff_result *r, sr_buf *out)
{
	for (size_t i = 0; i < r->example_count; i++) {
		const sr_plan_moved *m = &r->examples[i];
		char ident[80];

		sr_ident_text(m->kind, m->ident, ident, sizeof(ident));
		sr_buf_printf(out, "%s%s %s (%s)", i ? "; " : "", sr_op_name(m->op), ident,
			m->side == SR_PD_OLD ? "gone" : "new");
	}
}

static void moved(sr_call *c, by_plan *p, const sr_plan_diff_result *r)
{
	SR_AUTO(sr_buf) what = { 0 };
	SR_AUTO(sr_buf) examples = { 0 };
	SR_AUTO(sr_buf) why = { 0 };
	json_t *row;
	sr_no no;

	put_moved(r, &what);
	put_examples(r, &examples);
	sr_no_init(&no, SR_CODE_PLAN_MOVED, "plan %lld does not hold any more: %lld of %lld operations moved (%s)",
		(long long)p->old, (long long)r->moved,
		(long long)(r->total[SR_PD_OLD] > r->total[SR_PD_NEW] ? r->total[SR_PD_OLD] : r->total[SR_PD_NEW]),
		sr_buf_text(&what));
	sr_no_todo(&no, "sisrollctl plan show %lld      (what would be done now)", (long long)p->new);
	sr_no_todo(&no, "sisrollctl resume %lld --plan %lld      (if that is right)", (long long)p->s->number,
		(long long)p->new);
	snprintf(no.untouched, sizeof(no.untouched), "Nothing was changed; %lld %s stays in %s.",
		(long long)p->s->number, p->s->row.name, sr_phase_name(p->s->row.state.phase));
	row = sr_result_refused(c, p->s, &no);
	sr_buf_printf(&why, "%s: %s", no.what, sr_buf_text(&examples));
	if (row && (json_object_set_new(row, "plan", json_integer(p->new)) != 0 ||
			   json_object_set_new(row, "why", sr_text_json(sr_buf_text(&why))) != 0))
		c->failed = true;
	sr_call_results(c);
}

static void judge(sr_call *c, by_plan *p)
{
	sr_plan_diff_result r;

	sr_plan_diff_judge(p->diff, &r);
	if (!sr_plan_diff_holds(&r, p->s->config.plan_differs_percent)) {
		moved(c, p, &r);
		return;
	}
	sr_resume_school(c, p->s);
	sr_call_end_runs(c);
}

static int page_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	by_plan *p = arg;
	sr_item_row *rows;
	size_t count;

	(void)c;
	if (sr_store_plan_items(t, &arena, p->side == SR_PD_OLD ? p->old : p->new, p->after, -1, -1, SR_CHUNK, &rows,
		    &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		p->after = rows[i].item.seq;
		if (sr_plan_diff_add(p->diff, p->side, &rows[i].item, err) < 0)
			return -1;
	}
	if (count < SR_CHUNK) {
		p->side++;
		p->after = 0;
	}
	return 0;
}

/* Facts that moved while it was rehearsed and read: what was compared speaks of another choice then. */
static bool overtaken(const by_plan *p)
{
	return p->s->row.state.active != p->year || !sr_resume_before_gate(p->s) || p->s->run ||
	       p->s->row.state.epoch != p->epoch;
}

static void compare_step(sr_call *c)
{
	by_plan *p = c->state;
	sr_no no;

	if (overtaken(p)) {
		sr_no_init(&no, SR_CODE_PLAN_MOVED, "the school's phase or choice changed while plan %lld was compared",
			(long long)p->old);
		sr_no_todo(&no, "sisrollctl status %lld", (long long)p->s->number);
		refuse(c, p, &no);
	} else if (p->side == SR_PD_SIDES) {
		judge(c, p);
	} else if (sr_call_read(c, page_read, p) == 0) {
		sr_call_wake(c);
	}
}

/* ---- the fresh rehearsal ---------------------------------------------------------------------------- */

typedef struct run_ask {
	int64_t id, plan;
	bool done;
	char why[200];
} run_ask;

static int run_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	run_ask *ask = arg;
	sr_run_row row;
	int found = sr_store_run_get(t, &arena, ask->id, &row, err);

	(void)c;
	if (found <= 0)
		return found;
	ask->done = sr_streq(row.outcome, "done");
	ask->plan = row.plan;
	snprintf(ask->why, sizeof(ask->why), "%s", row.why ? row.why : "it ended without a word");
	return 0;
}

static void rehearsed(sr_call *c, by_plan *p)
{
	run_ask ask = { .id = p->run };
	sr_no no;

	if (sr_call_read(c, run_read, &ask) < 0)
		return;
	if (!ask.done || !ask.plan) {
		sr_no_init(&no, SR_CODE_RUN_FAILED, "rehearsal %lld did not come to its end: %.180s", (long long)p->run,
			ask.why);
		sr_no_todo(&no, "sisrollctl run show %lld", (long long)p->run);
		sr_no_todo(&no, "sisrollctl resume %lld --plan %lld", (long long)p->s->number, (long long)p->old);
		refuse(c, p, &no);
		return;
	}
	p->new = ask.plan;
	p->epoch = p->s->row.state.epoch; /* a rehearsal may find by itself that all terms are mapped */
	p->diff = sr_plan_diff_new(p->s->e->seed, p->s->number, p->year);
	if (!p->diff) {
		sr_call_fail(c, &(sr_err){ .code = SR_E_NOMEM, .text = "out of memory" });
		return;
	}
	sr_call_hold(c, compare_step);
	sr_call_wake(c);
}

static void rehearse_step(sr_call *c)
{
	by_plan *p = c->state;
	const sr_run *r = p->s->run;

	if (!r || r->id != p->run)
		rehearsed(c, p);
	else if (r->state != p->shown)
		sr_call_progress(c, p->s, r->id, sr_run_state_name(p->shown = r->state), r->done, r->total);
}

void sr_resume_by_plan(sr_call *c, sr_school *s, int64_t plan)
{
	plan_ask ask = { .id = plan };
	by_plan *p = calloc(1, sizeof(*p));
	sr_err err = { 0 };
	sr_no no;

	if (!p) {
		sr_call_fail(c, &(sr_err){ .code = SR_E_NOMEM, .text = "out of memory" });
		return;
	}
	*p = (by_plan){ .s = s, .old = plan, .year = s->row.state.active, .shown = SR_RS_IDLE };
	c->state = p;
	c->state_free = by_plan_free;
	if (!sr_resume_before_gate(s)) { /* what is missing, or that there is nothing to do, is said as ever */
		sr_resume_school(c, s);
		sr_call_end_runs(c);
		return;
	}
	if (sr_call_read(c, plan_read, &ask) < 0)
		return;
	if (unfit(s, &ask, &no)) {
		refuse(c, p, &no);
		return;
	}
	if (sr_run_start(s, SR_RK_REHEARSAL, c->who, false, NULL, &p->run, &err) < 0) {
		sr_call_fail(c, &err);
		return;
	}
	sr_call_hold(c, rehearse_step);
}
