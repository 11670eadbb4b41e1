/* verify: a run that compares Schoology with what was confirmed, and what it found, school by school. With --repair
 * what stands there has been taken in, and an ordinary run follows by itself: its end is waited for too. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

#include "engine/run_priv.h"

#define BUDGET_DEFAULT 500
#define BUDGET_MAX 100000

/* One school's look, and the run that follows it. */
typedef struct looking {
	sr_school *s;
	int64_t run, after; /* after: 0: none has begun */
	json_t *report;     /* NULL: not over yet */
	bool over, failed;
	char why[200], outcome[24];
	int64_t waiting; /* of the run that followed */
} looking;

typedef struct verifying {
	looking *at;
	size_t count;
	bool repair;
} verifying;

static void verifying_free(void *state)
{
	verifying *v = state;

	for (size_t i = 0; v && i < v->count; i++)
		json_decref(v->at[i].report);
	if (v)
		free(v->at);
	free(v);
}

/* --- What is asked for --- */

/* False: the call was refused. */
static bool ask_of(sr_call *c, sr_check_ask *out)
{
	const char *members = sr_json_text(c->params, "members");
	sr_no no;

	*out = (sr_check_ask){ .budget = sr_json_int(c->params, "budget", BUDGET_DEFAULT),
		.members = -1,
		.repair = sr_json_bool(c->params, "repair", false),
		.afresh = sr_json_bool(c->params, "afresh", false) };
	if (out->budget < 1 || out->budget > BUDGET_MAX)
		sr_no_init(&no, SR_CODE_INVALID, "%lld is no number of requests: 1 to %d", (long long)out->budget,
			BUDGET_MAX);
	else if (members && !sr_streq(members, "all") && (!sr_parse_i64(members, &out->members) || out->members < 0))
		sr_no_init(&no, SR_CODE_INVALID, "\"%.40s\" is no number of sections, nor all", members);
	else
		return !out->repair || sr_call_needs_access(c, ACCESS_OPERATOR, "--repair");
	sr_no_todo(&no, "sisrollctl verify SCHOOL --budget 500 --members all");
	sr_call_refuse_no(c, &no);
	return false;
}

static bool refuses(const sr_school *s, sr_no *no)
{
	if (sr_poll_done_count(s->e) == 0) {
		sr_no_init(no, SR_CODE_NOT_POLLED, "sisrolld has just started and has not looked at both systems yet");
		sr_no_todo(no, "sisrollctl refresh");
	} else if (!s->row.state.active) {
		sr_no_init(no, SR_CODE_NO_YEAR, "the school has no active year: nothing was written that could differ");
		sr_no_todo(no, "sisrollctl status %lld", (long long)s->number);
	} else if (s->run) {
		sr_no_init(no, SR_CODE_RUN_BUSY, "run %lld (%s) is under way", (long long)s->run->id,
			sr_run_kind_name(s->run->kind));
		sr_no_todo(no, "sisrollctl runs %lld", (long long)s->number);
		sr_no_todo(no, "sisrollctl verify %lld", (long long)s->number);
	} else {
		return false;
	}
	return true;
}

/* Where no run may write by itself there is nobody to repair: the look only reports. */
static bool may_repair(const sr_school *s)
{
	return sr_phase_scheduled(s->row.state.phase);
}

static void begin(sr_call *c, verifying *v, sr_school *s, const sr_check_ask *ask)
{
	sr_scope scope = { .kind = -1, .check = *ask };
	looking *l = &v->at[v->count];
	sr_err err = { 0 };

	*l = (looking){ .s = s };
	scope.check.repair = ask->repair && may_repair(s);
	if (sr_run_start(s, SR_RK_VERIFY, c->who, true, &scope, &l->run, &err) < 0)
		sr_result_failed(c, s, &err);
	else
		v->count++;
}

/* --- What came of it --- */

static int report_read(looking *l, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_run_numbers n;
	sr_run_row run;

	if (sr_store_run_get(t, &arena, l->run, &run, err) <= 0)
		return sr_fail(err, SR_E_DB, "run %lld is gone", (long long)l->run);
	sr_run_numbers_read(&run, &n);
	l->failed = !sr_streq(run.outcome, "done");
	snprintf(l->why, sizeof(l->why), "%s", run.why ?: "");
	l->report = sr_json_object(n.counts, "verify");
	l->report = l->report ? json_incref(l->report) : json_object();
	json_decref(n.counts);
	return l->report ? 0 : sr_fail_nomem(err);
}

static bool repairs(const looking *l)
{
	return sr_json_bool(l->report, "repair", false) && sr_json_int(l->report, "taken", 0) > 0;
}

/* The run that followed; without one, the school was paused or blocked meanwhile. */
static int follower_read(looking *l, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	int64_t newest = sr_run_newest(t, l->s->number);
	sr_run_numbers n;
	sr_run_row run;

	if (newest <= l->run) {
		l->over = !l->s->wish;
		return 0;
	}
	l->after = newest;
	if (l->s->run && l->s->run->id == newest)
		return 0;
	if (sr_store_run_get(t, &arena, newest, &run, err) <= 0)
		return sr_fail(err, SR_E_DB, "run %lld is gone", (long long)newest);
	sr_run_numbers_read(&run, &n);
	snprintf(l->outcome, sizeof(l->outcome), "%s", run.outcome ?: "");
	l->waiting = n.waiting;
	l->over = true;
	json_decref(n.counts);
	return 0;
}

static int looks_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	verifying *v = arg;

	(void)c;
	for (size_t i = 0; i < v->count; i++) {
		looking *l = &v->at[i];

		if (l->over || (!l->report && l->s->run && l->s->run->id == l->run))
			continue;
		if (!l->report && report_read(l, t, err) < 0)
			return -1;
		if (l->failed || !repairs(l))
			l->over = true;
		else if (follower_read(l, t, err) < 0)
			return -1;
	}
	return 0;
}

static void failed_result(sr_call *c, const looking *l)
{
	sr_no no;

	sr_no_init(&no, SR_CODE_RUN_FAILED, "run %lld ended before it had read all that it was to read: %s",
		(long long)l->run, l->why);
	sr_no_todo(&no, "sisrollctl doctor");
	sr_no_todo(&no, "sisrollctl verify %lld", (long long)l->s->number);
	snprintf(no.untouched, sizeof(no.untouched), "Nothing was written to Schoology; what was read counts.");
	sr_result_refused(c, l->s, &no);
}

static void say_found(const verifying *v, const looking *l, sr_buf *why)
{
	const json_t *kinds = sr_json_object(l->report, "found");
	int64_t found = sr_json_int(l->report, "found_count", 0);
	int64_t others = sr_json_int(kinds, "foreign", 0) + sr_json_int(kinds, "flipped", 0);
	bool complete = sr_json_bool(l->report, "complete", false);
	long long number = (long long)l->s->number;

	if (found)
		sr_buf_printf(why, "%lld differences", (long long)found);
	else
		sr_buf_puts(why, "Schoology holds what was confirmed");
	if (others)
		sr_buf_printf(why, "; %lld of them another writer's: the school is blocked, sisrollctl status %lld",
			(long long)others, number);
	if (repairs(l) && l->after)
		sr_buf_printf(why, "; taken in, run %lld repairs: %s", (long long)l->after,
			*l->outcome ? l->outcome : "it has begun");
	else if (repairs(l))
		sr_buf_printf(why, "; taken in, and no run began: sisrollctl status %lld", number);
	else if (v->repair && !may_repair(l->s))
		sr_buf_printf(why, "; only told: nothing is repaired while the school is %s",
			sr_phase_name(l->s->row.state.phase));
	else if (found > others && !v->repair)
		sr_buf_printf(why, "; to repair: sisrollctl verify %lld --repair --afresh", number);
	if (!complete)
		sr_buf_printf(why, "; not all was read, go on with: sisrollctl verify %lld", number);
}

static void result(sr_call *c, const verifying *v, const looking *l)
{
	bool waits = sr_json_int(l->report, "waits", 0) > 0 || l->waiting > 0;
	SR_AUTO(sr_buf) why = { 0 };
	json_t *row;

	if (l->failed || sr_streq(l->outcome, "failed")) {
		failed_result(c, l);
		return;
	}
	say_found(v, l, &why);
	row = sr_result_done(c, l->s, false, sr_buf_text(&why));
	if (row && (json_object_set_new(row, "run", json_integer(l->run)) != 0 ||
			   json_object_set_new(row, "state", json_string(waits ? "waiting" : "done")) != 0))
		c->failed = true;
}

static void answer(sr_call *c, const verifying *v)
{
	json_auto_t *schools = json_array();

	for (size_t i = 0; i < v->count; i++) {
		const looking *l = &v->at[i];
		sr_json_obj o = sr_json_obj_new();

		sr_put_school(&o, l->s);
		sr_json_put_int(&o, "run", l->run);
		if (l->after)
			sr_json_put_int(&o, "repaired_by", l->after);
		sr_json_put(&o, "report", json_incref(l->report));
		sr_list_add(c, schools, sr_json_obj_take(&o));
		result(c, v, l);
	}
	sr_call_done(c, json_pack("{s:O, s:o}", "schools", schools, "results", sr_results_take(c)));
}

static void verify_step(sr_call *c)
{
	verifying *v = c->state;
	bool over = true;

	if (sr_call_read(c, looks_read, v) < 0)
		return;
	for (size_t i = 0; i < v->count; i++) {
		const looking *l = &v->at[i];
		const sr_run *now = l->s->run;

		over = over && l->over;
		if (!l->over && now)
			sr_call_progress(c, l->s, now->id, sr_run_state_name(now->state), now->done, now->total);
	}
	if (over)
		answer(c, v);
}

/* Nobody waits: the numbers of the runs, whose reports `run show` has. */
static void begun(sr_call *c, const verifying *v)
{
	for (size_t i = 0; i < v->count; i++) {
		json_t *row = sr_result_done(
			c, v->at[i].s, false, "it has begun; sisrollctl run show tells what it finds");

		if (row && json_object_set_new(row, "run", json_integer(v->at[i].run)) != 0)
			c->failed = true;
	}
	sr_call_results(c);
}

void sr_cmd_verify(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	verifying *v = calloc(1, sizeof(*v));
	sr_check_ask ask;
	sr_no no;

	c->state = v;
	c->state_free = verifying_free;
	if (!v) {
		sr_call_done(c, NULL);
		return;
	}
	if (!ask_of(c, &ask) || sr_select(c, SR_PICK_REFUSE, &picks) < 0)
		return;
	v->repair = ask.repair;
	v->at = calloc(picks.count + 1, sizeof(*v->at));
	for (size_t i = 0; v->at && i < picks.count; i++) {
		if (sr_result_unsynced(c, &picks.at[i]))
			continue;
		if (refuses(picks.at[i].s, &no))
			sr_result_refused(c, picks.at[i].s, &no);
		else
			begin(c, v, picks.at[i].s, &ask);
	}
	if (!v->at)
		sr_call_done(c, NULL);
	else if (v->count && sr_call_waits(c))
		sr_call_hold(c, verify_step);
	else
		begun(c, v);
}
