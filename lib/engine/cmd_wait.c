/* Waiting for what a command began: runs to their end, a poll to its end. What is asked for is looked up
 * anew in every step, by number: nothing here points into a run. */
#include "engine/cmd_priv.h"

#include <string.h>

#include "engine/run_priv.h"

/* --- Runs --- */

int64_t sr_run_newest(sr_txn *t, int64_t school)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_run_row *rows;
	size_t count;

	return sr_store_runs(t, &arena, school, 1, &rows, &count, NULL) == 0 && count ? rows[0].id : 0;
}

static void await(sr_call *c, sr_awaited awaited)
{
	sr_awaited *grown = realloc(c->awaited, (c->awaited_count + 1) * sizeof(*grown));

	if (!grown) {
		c->failed = true;
		return;
	}
	c->awaited = grown;
	c->awaited[c->awaited_count++] = awaited;
}

void sr_call_await_run(sr_call *c, sr_school *s, int64_t run)
{
	await(c, (sr_awaited){ .s = s, .run = run, .shown = SR_RS_IDLE });
}

void sr_call_await_first(sr_call *c, sr_school *s, int64_t mark)
{
	await(c, (sr_awaited){ .s = s, .mark = mark, .first = true, .shown = SR_RS_IDLE });
}

void sr_call_await_next(sr_call *c, sr_school *s, int64_t mark)
{
	await(c, (sr_awaited){ .s = s, .mark = mark, .follows = true, .shown = SR_RS_IDLE });
}

static void stream(sr_call *c, sr_awaited *w, const sr_run *r)
{
	if (r->state == w->shown && r->done == w->shown_done && r->total == w->shown_total)
		return;
	w->shown = r->state;
	w->shown_done = r->done;
	w->shown_total = r->total;
	sr_call_progress(c, w->s, r->id, sr_run_state_name(r->state), r->done, r->total);
}

static void put_run(sr_call *c, json_t *row, const sr_run_row *run)
{
	if (!row)
		return;
	if (json_object_set_new(row, "run", json_integer(run->id)) != 0 ||
		json_object_set_new(
			row, "state", sr_text_json(run->outcome ? run->outcome : sr_run_state_name(run->state))) != 0 ||
		(run->plan && json_object_set_new(row, "plan", json_integer(run->plan)) != 0))
		c->failed = true;
}

/* A run that did not come to its end is told like a refusal: why, what stands, what to do. */
static void report_bad(sr_call *c, sr_awaited *w, const sr_run_row *run)
{
	const char *why = run->why && *run->why ? run->why : run->outcome ? run->outcome : "it ended without a word";
	sr_no no;

	if (!sr_starts(why, "blocked") || !sr_block_refusal(w->s, false, "the run", &no)) {
		sr_no_init(&no, SR_CODE_RUN_FAILED, "run %lld %s: %s", (long long)run->id,
			run->outcome ? run->outcome : "ended", why);
		sr_no_todo(&no, "sisrollctl run show %lld", (long long)run->id);
		sr_no_todo(&no, "sisrollctl doctor");
	}
	snprintf(no.untouched, sizeof(no.untouched),
		"What was confirmed stays; the rest is planned again by the next run.");
	put_run(c, sr_result_refused(c, w->s, &no), run);
}

/* A run of leavers lists them, or ends their accounts. */
static void leavers_text(const sr_run_row *run, const sr_run_numbers *n, sr_buf *out)
{
	long long ended = n->updated + n->dropped, left_out = sr_json_int(n->counts, "left_out", 0);

	if (!ended && !left_out && !n->failed)
		sr_buf_puts(out, run->why ? run->why : "nothing was to be done");
	else
		sr_buf_printf(out, "%lld accounts made inactive, %lld left out (came back), %lld failed", ended,
			left_out, (long long)n->failed);
}

static void report(sr_call *c, sr_awaited *w, const sr_run_row *run)
{
	sr_run_numbers n;
	SR_AUTO(sr_buf) why = { 0 };

	w->over = true;
	if (!sr_streq(run->outcome, "done")) {
		report_bad(c, w, run);
		return;
	}
	sr_run_numbers_read(run, &n);
	if (run->kind == SR_RK_INACTIVE) {
		leavers_text(run, &n, &why);
		json_decref(n.counts);
		put_run(c, sr_result_done(c, w->s, false, sr_buf_text(&why)), run);
		return;
	}
	sr_buf_printf(&why, "%lld created, %lld updated, %lld dropped, %lld failed", (long long)n.created,
		(long long)n.updated, (long long)n.dropped, (long long)n.failed);
	if (n.waiting)
		sr_buf_printf(&why, "; %lld wait for a person", (long long)n.waiting);
	if (n.held)
		sr_buf_printf(&why, "; %lld drops are held", (long long)n.held);
	if (run->kind == SR_RK_UNDO)
		sr_buf_puts(&why, "; the next run would write it again as long as PowerSchool says the same");
	json_decref(n.counts);
	put_run(c, sr_result_done(c, w->s, false, run->kind == SR_RK_REHEARSAL ? run->why : sr_buf_text(&why)), run);
}

/* 1: `out` is the run that is awaited; 0: it has not begun. */
static int awaited_load(const sr_awaited *w, sr_txn *t, sr_arena *a, sr_run_row *out, sr_err *err)
{
	sr_run_row *rows;
	size_t count;

	if (w->run)
		return sr_store_run_get(t, a, w->run, out, err);
	if (sr_store_runs(t, a, w->s->number, 1, &rows, &count, err) < 0)
		return -1;
	if (count == 0 || rows[0].id <= w->mark)
		return 0;
	*out = rows[0];
	return 1;
}

/* The first run has not begun: that is only for a while, unless something stands in its way. */
static void await_beginning(sr_call *c, sr_awaited *w)
{
	sr_no no;

	if (w->s->row.state.phase != SR_PH_RESUMED) {
		w->over = true;
		sr_no_init(&no, SR_CODE_RUN_FAILED, "the school is %s before its first run began",
			sr_phase_name(w->s->row.state.phase));
		sr_result_refused(c, w->s, &no);
	} else if (sr_block_refusal(w->s, false, "the first run", &no)) {
		w->over = true;
		sr_result_refused(c, w->s, &no);
	}
}

/* The wish is gone and no run came of it: the school was paused or blocked meanwhile. */
static void await_following(sr_call *c, sr_awaited *w)
{
	sr_no no;

	if (w->s->wish)
		return;
	w->over = true;
	if (!sr_block_refusal(w->s, false, "sync", &no)) {
		sr_no_init(&no, SR_CODE_RUN_NOT_ALLOWED, "the school went to %s before the run began",
			sr_phase_name(w->s->row.state.phase));
		sr_no_todo(&no, "sisrollctl status %lld", (long long)w->s->number);
	}
	sr_result_refused(c, w->s, &no);
}

static void awaited_look(sr_call *c, sr_awaited *w, const sr_run_row *run, int found)
{
	const sr_run *now = w->s->run;

	if (found && now && now->id == run->id)
		stream(c, w, now);
	else if (found && run->ended_ms)
		report(c, w, run);
	else if (!found && w->first)
		await_beginning(c, w);
	else if (!found && w->follows)
		await_following(c, w);
	else if (!found)
		w->over = true;
}

static int awaited_step(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	sr_run_row *runs = arg;

	for (size_t i = 0; i < c->awaited_count; i++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_run_row row = { 0 };
		int found = awaited_load(&c->awaited[i], t, &arena, &row, err);

		if (found < 0)
			return -1;
		runs[i] = row;
		runs[i].who = NULL;
		runs[i].outcome = sr_strdup(row.outcome);
		runs[i].why = sr_strdup(row.why);
		runs[i].counts = sr_strdup(row.counts);
		if (found && !c->awaited[i].run)
			c->awaited[i].run = row.id;
	}
	return 0;
}

static void runs_free(sr_run_row *runs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((char *)runs[i].outcome);
		free((char *)runs[i].why);
		free((char *)runs[i].counts);
	}
	free(runs);
}

/* Read first, then told: the texts of a refusal may need a transaction of their own. */
static void runs_step(sr_call *c)
{
	sr_run_row *runs = calloc(c->awaited_count + 1, sizeof(*runs));
	bool over = true;

	if (!runs) {
		sr_call_fail(c, &(sr_err){ .code = SR_E_NOMEM, .text = "out of memory" });
		return;
	}
	if (sr_call_read(c, awaited_step, runs) == 0) {
		for (size_t i = 0; i < c->awaited_count; i++) {
			if (!c->awaited[i].over)
				awaited_look(c, &c->awaited[i], &runs[i], runs[i].id != 0);
			over = over && c->awaited[i].over;
		}
		if (over)
			sr_call_results(c);
	}
	runs_free(runs, c->awaited_count);
}

static void runs_begun(sr_call *c)
{
	for (size_t i = 0; i < c->awaited_count; i++) {
		const sr_awaited *w = &c->awaited[i];
		json_t *row = sr_result_done(
			c, w->s, false, w->follows ? "begins when the run under way has ended" : NULL);

		if (row && w->run && json_object_set_new(row, "run", json_integer(w->run)) != 0)
			c->failed = true;
	}
	sr_call_results(c);
}

void sr_call_end_runs(sr_call *c)
{
	if (c->awaited_count == 0 || !sr_call_waits(c))
		runs_begun(c);
	else
		sr_call_hold(c, runs_step);
}

/* --- Polls --- */

/* The poll that is under way began before the question: only the one after it can answer. */
void sr_poll_begin(sr_call *c)
{
	c->poll_mark = sr_poll_done_count(c->e) + (sr_poll_busy(c->e) ? 2 : 1);
	sr_poll_now(c->e);
}

bool sr_poll_over(const sr_call *c)
{
	return sr_poll_done_count(c->e) >= c->poll_mark;
}

sr_code sr_code_of_system(bool target, const sr_err *err)
{
	static const struct {
		sr_errc errc;
		sr_code source, target;
	} rows[] = {
		{ SR_E_AUTH, SR_CODE_POWERSCHOOL_AUTH, SR_CODE_SCHOOLOGY_AUTH },
		{ SR_E_FORBIDDEN, SR_CODE_PLUGIN_RIGHT, SR_CODE_ACTING_USER },
	};

	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		if (rows[i].errc == err->code)
			return target ? rows[i].target : rows[i].source;
	return target ? SR_CODE_SCHOOLOGY_DOWN : SR_CODE_POWERSCHOOL_DOWN;
}
