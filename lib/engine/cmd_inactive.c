/* inactive plan and apply: leavers are listed by a run that sends nothing; the list is carried out by a person who has
 * seen it and types how many accounts it holds. No other way leads to an account's end. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

#include "engine/run_priv.h"
#include "io/store_leaver.h"

#define ACTION "inactive-apply"
#define FRESH_MS (24 * 3600 * 1000LL)
#define PLANS_MAX 500

/* --- May there be such a run? --- */

/* A look at PowerSchool's people is only as good as the judging of their classes: that must be of today. */
static int pulled_ms(sr_txn *t, int64_t school, int64_t *out, sr_err *err)
{
	static const sr_run_kind kinds[] = { SR_RK_SCHEDULED, SR_RK_FIRST, SR_RK_MANUAL };

	*out = 0;
	for (size_t i = 0; i < SR_COUNT_OF(kinds); i++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_run_row row;
		int found = sr_store_run_last(t, &arena, school, (int)kinds[i], "done", &row, err);

		if (found < 0)
			return -1;
		if (found && row.ended_ms > *out)
			*out = row.ended_ms;
	}
	return 0;
}

static bool stale_pull(sr_school *s, sr_no *no)
{
	int64_t at = 0;
	sr_txn *t;

	if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, NULL) == 0)
		sr_txn_end(s->e, t, pulled_ms(t, s->number, &at, NULL), NULL);
	if (at && sr_now_ms(s->e) - at < FRESH_MS)
		return false;
	sr_no_init(no, SR_CODE_PULL_STALE,
		"the school was not read from PowerSchool to the end within 24 hours: who left is not known");
	sr_no_todo(no, "sisrollctl sync %lld --wait", (long long)s->number);
	sr_no_todo(no, "sisrollctl inactive plan %lld", (long long)s->number);
	return true;
}

/* Until a first run is verified, who is there in the new year is not known; a school that stands between the years
 * writes nothing at all. */
static bool phase_refuses(const sr_school *s, sr_no *no)
{
	sr_phase phase = s->row.state.phase;

	if (phase == SR_PH_SYNCING || phase == SR_PH_PAUSED)
		return false;
	sr_no_init(no, SR_CODE_RUN_NOT_ALLOWED, "%s",
		phase == SR_PH_RESUMED ? "the first run of the year is not verified: who has left is not sure yet"
				       : "the school stands between two years: nobody can be told to have left");
	sr_no_todo(no, "sisrollctl status %lld", (long long)s->number);
	return true;
}

static bool inactive_refused(sr_school *s, sr_no *no)
{
	return phase_refuses(s, no) || sr_sync_refusal(s, no) || stale_pull(s, no) || sr_busy_refusal(s, no);
}

static void begin(sr_call *c, sr_school *s, const sr_leave_ask *ask)
{
	sr_scope scope = { .kind = -1, .leave = *ask };
	sr_err err = { 0 };
	int64_t id = 0;

	if (sr_run_start(s, SR_RK_INACTIVE, c->who, true, &scope, &id, &err) < 0)
		sr_result_failed(c, s, &err);
	else
		sr_call_await_run(c, s, id);
}

/* --- inactive plan --- */

/* --school N is another way to say SCHOOL. */
static bool school_option(sr_call *c)
{
	json_t *one = json_object_get(c->params, "school"), *list = json_object_get(c->params, "schools");

	if (!json_is_string(one))
		return true;
	if (!json_is_array(list)) {
		list = json_array();
		if (json_object_set_new(c->params, "schools", list) != 0)
			c->failed = true;
	}
	if (!c->failed && json_array_append(list, one) != 0)
		c->failed = true;
	if (c->failed)
		sr_call_done(c, NULL);
	return !c->failed;
}

static bool day_option(sr_call *c, sr_day *out)
{
	const char *text = sr_json_text(c->params, "left_before");
	sr_no no;

	*out = SR_DAY_NONE;
	if (!text || (sr_day_parse(text, out) && *out != SR_DAY_NONE))
		return true;
	sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_INVALID, "\"%.40s\" is no date: write it as 2026-06-30", text));
	return false;
}

void sr_cmd_inactive_plan(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	sr_leave_ask ask = { .graduated = sr_json_bool(c->params, "graduated", false) };
	sr_no no;

	if (!school_option(c) || !day_option(c, &ask.left_before) || sr_select(c, SR_PICK_REFUSE, &picks) < 0)
		return;
	for (size_t i = 0; i < picks.count; i++) {
		if (sr_result_unsynced(c, &picks.at[i]))
			continue;
		if (inactive_refused(picks.at[i].s, &no))
			sr_result_refused(c, picks.at[i].s, &no);
		else
			begin(c, picks.at[i].s, &ask);
	}
	sr_call_end_runs(c);
}

/* --- inactive apply: which plans --- */

typedef struct applying {
	sr_school *schools[PLANS_MAX];
	int64_t plans[PLANS_MAX], left[PLANS_MAX], accounts[PLANS_MAX];
	size_t count;
	int64_t total;
	bool missing; /* a plan that was named is none: its number is `unknown` */
	int64_t unknown;
	sr_no no;
	bool refused;
	json_t *preview;
	char digest[SR_PREVIEW_DIGEST_BYTES];
} applying;

static void applying_free(void *state)
{
	applying *k = state;

	if (k)
		json_decref(k->preview);
	free(k);
}

static int plan_left(sr_txn *t, int64_t plan, int64_t *left, sr_err *err)
{
	sr_plan_counts counts;

	if (sr_store_plan_counts(t, plan, &counts, err) < 0)
		return -1;
	*left = counts.by_state[SR_IS_PLANNED] + counts.by_state[SR_IS_RETRY] + counts.by_state[SR_IS_SENT] +
		counts.by_state[SR_IS_LOST];
	return 0;
}

/* Why this plan cannot be carried out. False: it can. */
static bool plan_refused(applying *k, const sr_plan_row *plan, sr_school *s)
{
	if (plan->kind != SR_RK_INACTIVE) {
		sr_no_init(&k->no, SR_CODE_INACTIVE_PLAN, "plan %lld is no plan of leavers", (long long)plan->id);
		sr_no_todo(&k->no, "sisrollctl inactive plan SCHOOL");
	} else if (!sr_streq(plan->state, "sealed") && !sr_streq(plan->state, "applying")) {
		sr_no_init(&k->no, SR_CODE_INACTIVE_PLAN, "plan %lld is %s: %s", (long long)plan->id, plan->state,
			sr_streq(plan->state, "done") ? "it was carried out"
						      : "a newer one has taken its place, or it was stopped");
		sr_no_todo(&k->no, "sisrollctl plan show %lld", (long long)plan->id);
		sr_no_todo(&k->no, "sisrollctl inactive plan %lld", (long long)plan->school);
	} else if (!s || !s->config.sync) {
		sr_no_init(&k->no, SR_CODE_NOT_SYNCED, "the school of plan %lld is not synced", (long long)plan->id);
	} else if (plan->epoch != s->row.state.epoch || plan->year != s->row.state.active) {
		sr_no_init(&k->no, SR_CODE_INACTIVE_PLAN,
			"plan %lld was made before the school's phase or year changed", (long long)plan->id);
		sr_no_todo(&k->no, "sisrollctl inactive plan %lld", (long long)plan->school);
	} else {
		return false;
	}
	return true;
}

static json_t *plan_preview(const sr_school *s, int64_t plan, int64_t left, int64_t accounts)
{
	sr_json_obj o = sr_json_obj_new();

	sr_put_school(&o, s);
	sr_json_put_int(&o, "plan", plan);
	sr_json_put_int(&o, "accounts", left);
	sr_json_put_int(&o, "of", accounts);
	return sr_json_obj_take(&o);
}

static int plan_take(sr_call *c, sr_txn *t, applying *k, int64_t id, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	size_t n = k->count;
	sr_plan_row plan;
	int found = sr_store_plan_get(t, &arena, id, &plan, err);

	if (found < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (k->plans[i] == id)
			return 0;
	if (!found) {
		k->missing = true;
		k->unknown = id;
		return 0;
	}
	k->schools[n] = sr_engine_school(c->e, plan.school);
	k->refused = plan_refused(k, &plan, k->schools[n]);
	if (k->refused)
		return 0;
	k->plans[n] = id;
	if (plan_left(t, id, &k->left[n], err) < 0 || sr_store_accounts(t, plan.school, &k->accounts[n], err) < 0)
		return -1;
	k->total += k->left[n];
	sr_list_add(c, k->preview, plan_preview(k->schools[n], id, k->left[n], k->accounts[n]));
	k->count++;
	return 0;
}

static int plans_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	const json_t *list = json_object_get(c->params, "plans");
	applying *k = arg;
	size_t i;
	json_t *id;

	json_array_foreach((json_t *)list, i, id)
		if (k->count < PLANS_MAX && !k->missing && !k->refused &&
			plan_take(c, t, k, json_integer_value(id), err) < 0)
			return -1;
	return 0;
}

/* More than the guard's share of a school's accounts: a person has to say twice that he means it. */
static bool too_many(sr_call *c, const applying *k, sr_no *no)
{
	bool forced = sr_json_bool(c->params, "force", false) && sr_call_reason(c);

	for (size_t i = 0; i < k->count && !forced; i++) {
		int64_t percent = k->schools[i]->config.inactive_percent;

		if (k->left[i] * 100 <= percent * k->accounts[i])
			continue;
		sr_no_init(no, SR_CODE_INACTIVE_MANY,
			"plan %lld would make %lld of the %lld accounts of %lld inactive, more than %lld %%",
			(long long)k->plans[i], (long long)k->left[i], (long long)k->accounts[i],
			(long long)k->schools[i]->number, (long long)percent);
		sr_no_todo(no, "sisrollctl plan show %lld --csv", (long long)k->plans[i]);
		sr_no_todo(no, "sisrollctl inactive apply %lld --force --reason 'TEXT'", (long long)k->plans[i]);
		return true;
	}
	return false;
}

/* False: refused. */
static bool plans_checked(sr_call *c, applying *k)
{
	sr_no no;

	if (k->missing) {
		sr_call_refuse_no(
			c, sr_no_init(&no, SR_CODE_UNKNOWN_PLAN, "there is no plan %lld", (long long)k->unknown));
		return false;
	}
	if (k->refused) {
		sr_call_refuse_no(c, &k->no);
		return false;
	}
	for (size_t i = 0; i < k->count; i++)
		if (inactive_refused(k->schools[i], &no)) {
			sr_call_refuse_no(c, &no);
			return false;
		}
	if (!too_many(c, k, &no))
		return true;
	sr_call_refuse_no(c, &no);
	return false;
}

/* --- inactive apply: preview, then the deed --- */

static int digest_make(sr_call *c, applying *k)
{
	SR_AUTO(sr_buf) beside = { 0 };

	for (size_t i = 0; i < k->count; i++)
		sr_buf_printf(&beside, "%lld:%lld ", (long long)k->plans[i], (long long)k->schools[i]->row.state.epoch);
	return beside.failed ? -1 : sr_preview_digest(c, k->preview, sr_buf_text(&beside), k->digest);
}

static void preview_answer(sr_call *c, const applying *k)
{
	char token[SR_PREVIEW_TOKEN_BYTES];
	sr_err err = { 0 };

	c->looked = true;
	if (sr_preview_token(c, ACTION, k->digest, token, &err) < 0)
		sr_call_fail(c, &err);
	else
		sr_call_done(c, json_pack("{s:{s:s, s:I, s:s, s:i, s:O}}", "preview", "what", "accounts", "count",
					(json_int_t)k->total, "token", token, "expires_s",
					(int)(SR_PREVIEW_LIFE_MS / 1000), "plans", k->preview));
}

static int apply_record(sr_call *c, sr_school *s, int64_t plan, int64_t accounts, sr_err *err)
{
	char why[200];
	sr_txn *t;

	snprintf(why, sizeof(why), "plan %lld, %lld accounts%s%.120s", (long long)plan, (long long)accounts,
		sr_call_reason(c) ? ": " : "", sr_call_reason(c) ?: "");
	if (sr_txn_begin(c->e->c.store, SR_TXN_DURABLE, &t, err) < 0)
		return -1;
	return sr_txn_end(c->e, t, sr_act_record(c->e, s, t, c->who, "inactive-apply", why, err), err);
}

static void apply_all(sr_call *c, const applying *k)
{
	sr_err err = { 0 };

	for (size_t i = 0; i < k->count; i++) {
		if (apply_record(c, k->schools[i], k->plans[i], k->left[i], &err) < 0)
			sr_result_failed(c, k->schools[i], &err);
		else
			begin(c, k->schools[i], &(sr_leave_ask){ .plan = k->plans[i], .left_before = SR_DAY_NONE });
	}
	sr_call_end_runs(c);
}

static void confirm(sr_call *c, applying *k, const char *token)
{
	sr_err err = { 0 };
	const char *why;
	sr_no no;

	if (sr_json_int(c->params, "count", -1) != k->total) {
		sr_no_init(&no, SR_CODE_COUNT_NEEDED,
			"the preview shows %lld accounts; --count does not say that number", (long long)k->total);
		sr_no_todo(&no, "sisrollctl inactive apply PLAN --token TOKEN --count %lld", (long long)k->total);
		sr_call_refuse_no(c, &no);
		return;
	}
	why = sr_preview_take(c, ACTION, k->digest, token, &err);
	if (!why)
		apply_all(c, k);
	else if (!*why)
		sr_call_fail(c, &err);
	else
		sr_call_refuse_token(c, SR_CODE_TOKEN_STALE, why);
}

void sr_cmd_inactive_apply(sr_call *c)
{
	const char *token = sr_json_text(c->params, "token");
	applying *k = calloc(1, sizeof(*k));

	if (k)
		k->preview = json_array();
	c->state = k;
	c->state_free = applying_free;
	if (!k || !k->preview) {
		sr_call_done(c, NULL);
		return;
	}
	sr_call_two_person(c);
	if (sr_call_read(c, plans_read, k) < 0 || !plans_checked(c, k))
		return;
	if (k->count == 0 || digest_make(c, k) < 0)
		sr_call_done(c, NULL);
	else if (token)
		confirm(c, k, token);
	else
		preview_answer(c, k);
}
