/* undo, in two steps. The preview is a run of its own: it reads again from Schoology what earlier runs wrote and makes
 * a plan that sends nothing. With its token the same is planned once more, and carried out only if it is the same. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

#include "engine/run_priv.h"
#include "io/store_undo.h"

#define ACTION "undo"
#define SHOWN_MAX 200 /* of each list in a preview; the plan has them all */
#define PLANS_LOOKED 50

typedef struct undoing {
	sr_school *s;
	sr_scope scope;
	sr_run_row run; /* texts not kept */
	int64_t plans;
	bool found, wrote, unknown_person, unknown_section;
	int64_t made;         /* the run that makes the preview */
	sr_plan_row plan;     /* of it */
	char plan_digest[33]; /* of that plan */
	json_t *preview;
	char digest[SR_PREVIEW_DIGEST_BYTES];
	char outcome[24], why[320]; /* of the run that made it */
	bool over;
} undoing;

static void undoing_free(void *state)
{
	undoing *u = state;

	if (!u)
		return;
	json_decref(u->preview);
	free(u);
}

static sr_run_span span_of(const undoing *u)
{
	return (sr_run_span){ u->run.school, u->scope.undo.first, u->scope.undo.last };
}

/* --- What is asked for --- */

/* A member of staff by the key in Schoology, else by the number in PowerSchool. 1: found; 0; -1. */
static int find_staff(sr_txn *t, int64_t school, const char *number, int64_t *person, sr_err *err)
{
	SR_AUTO(sr_arena) key_arena = { 0 };
	int64_t after = INT64_MIN;
	sr_mirror_row row;
	size_t count;
	int found = sr_store_mirror_by_key(t, &key_arena, SR_TGT_USER, number, &row, err);

	if (found != 0) {
		*person = found > 0 ? row.ident.a : 0;
		return found;
	}
	do {
		SR_AUTO(sr_arena) a = { 0 };
		sr_source_row *rows;

		if (sr_store_source_range(t, &a, school, SR_SRC_STAFF, after, INT64_MAX, SR_CHUNK, &rows, &count, err) <
			0)
			return -1;
		for (size_t i = 0; i < count; i++) {
			sr_record rec;

			sr_packed_values(&sr_src_kinds[SR_SRC_STAFF], &rows[i].data, &a, &rec);
			after = rows[i].key;
			if (!sr_streq(sr_record_text(&rec, SR_STF_TEACHERNUMBER), number))
				continue;
			*person = rows[i].ident.a;
			return 1;
		}
	} while (count == SR_CHUNK);
	return 0;
}

static int scope_read(sr_call *c, sr_txn *t, undoing *u, sr_err *err)
{
	const char *student = sr_json_text(c->params, "student"), *staff = sr_json_text(c->params, "staff");
	const char *section = sr_json_text(c->params, "section");
	sr_pick pick = { .s = u->s };
	sr_picks picks = { .at = &pick, .count = 1 };

	if (sr_scope_find(t, &picks, student, section, &u->scope, err) < 0 ||
		(staff && find_staff(t, u->s->number, staff, &u->scope.person, err) < 0))
		return -1;
	u->unknown_person = (student || staff) && !u->scope.person;
	u->unknown_section = section && !u->scope.section;
	return 0;
}

static int run_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	undoing *u = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	sr_object_ref *objects;
	sr_plan_row plan;
	sr_run_span span;
	size_t count;
	int found = sr_store_run_get(t, &arena, u->scope.undo.first, &u->run, err);

	if (found <= 0)
		return found;
	/* A list of leavers is made by one run and carried out by another: what was done stands with the list. */
	if (u->run.plan && sr_store_plan_get(t, &arena, u->run.plan, &plan, err) > 0)
		u->scope.undo.first = plan.run;
	u->found = true;
	u->s = sr_engine_school(c->e, u->run.school);
	u->scope.undo.last = sr_json_bool(c->params, "and_later", false) ? sr_run_newest(t, u->run.school) : u->run.id;
	span = span_of(u);
	if (sr_store_undo_plans(t, &span, &u->plans, err) < 0 ||
		sr_store_undo_objects(t, &arena, &span, NULL, 1, &objects, &count, err) < 0)
		return -1;
	u->wrote = count > 0;
	return u->s ? scope_read(c, t, u, err) : 0;
}

/* --- May it be? --- */

static bool year_over(sr_school *s)
{
	sr_context ctx = { 0 };
	bool over = true; /* not to know is not to write */
	sr_txn *t;

	if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, NULL) == 0 &&
		sr_txn_end(s->e, t, sr_context_load(t, s, s->row.state.active, &ctx, NULL), NULL) == 0)
		over = ctx.year_over;
	sr_context_done(&ctx);
	return over;
}

/* Never across years: nothing of an earlier year is touched, and what the next one has written neither. */
static bool year_refuses(const undoing *u, sr_no *no)
{
	const sr_phase_state *st = &u->s->row.state;
	char of_run[SR_YEAR_LABEL_BYTES], active[SR_YEAR_LABEL_BYTES];

	sr_year_print(u->run.year, of_run);
	if (u->run.year != st->active)
		sr_no_init(no, SR_CODE_UNDO_YEAR, "run %lld is of %s, and the school's active year is %s",
			(long long)u->run.id, u->run.year ? of_run : "no year",
			st->active ? sr_year_print(st->active, active) : "none");
	else if (st->sis_rolled_noted)
		sr_no_init(no, SR_CODE_UNDO_YEAR, "PowerSchool has rolled over beyond %s", of_run);
	else if (year_over(u->s))
		sr_no_init(no, SR_CODE_UNDO_YEAR, "the year %s is over", of_run);
	else
		return false;
	sr_no_todo(no, "sisrollctl run show %lld", (long long)u->run.id);
	sr_no_todo(no, "sisrollctl history %lld", (long long)u->s->number);
	return true;
}

static bool phase_refuses(const undoing *u, sr_no *no)
{
	sr_phase phase = u->s->row.state.phase;

	if (phase == SR_PH_PAUSED)
		return false;
	sr_no_init(no, SR_CODE_UNDO_NOT_PAUSED,
		"the school is %s: the next run would write at once what an undo puts back", sr_phase_name(phase));
	sr_no_todo(no, "sisrollctl pause %lld --reason 'TEXT'", (long long)u->s->number);
	sr_no_todo(no, "sisrollctl undo %lld", (long long)u->run.id);
	sr_no_todo(no, "Mend PowerSchool or the configuration, then: sisrollctl resume %lld", (long long)u->s->number);
	return true;
}

static bool nothing_refuses(const undoing *u, sr_no *no)
{
	if (u->wrote)
		return false;
	if (u->plans == 0 && !u->run.plan)
		sr_no_init(no, SR_CODE_UNDO_NOTHING, "run %lld planned nothing", (long long)u->run.id);
	else if (u->plans == 0)
		sr_no_init(no, SR_CODE_UNDO_NOTHING,
			"the operations of run %lld are not kept any more: they are, for 60 days",
			(long long)u->run.id);
	else
		sr_no_init(no, SR_CODE_UNDO_NOTHING, "run %lld wrote nothing that was confirmed", (long long)u->run.id);
	sr_no_todo(no, "sisrollctl runs %lld", (long long)u->s->number);
	return true;
}

static bool busy_refuses(const undoing *u, sr_no *no)
{
	const sr_school *s = u->s;

	if (sr_poll_done_count(s->e) == 0) {
		sr_no_init(no, SR_CODE_NOT_POLLED, "sisrolld has just started and has not looked at both systems yet");
		sr_no_todo(no, "sisrollctl refresh");
		return true;
	}
	return sr_busy_refusal(s, no);
}

static bool scope_refuses(const sr_call *c, const undoing *u, sr_no *no)
{
	if (u->unknown_person)
		sr_no_init(no, SR_CODE_UNKNOWN_RECORD, "nobody of the number %.40s is known here",
			sr_json_text(c->params, "student") ?: sr_json_text(c->params, "staff"));
	else if (u->unknown_section)
		sr_no_init(no, SR_CODE_UNKNOWN_RECORD, "no section of the code %.80s is known here",
			sr_json_text(c->params, "section"));
	else
		return false;
	sr_no_todo(no, "sisrollctl plan show %lld", (long long)u->run.plan);
	return true;
}

static void refuse(sr_call *c, const undoing *u, sr_no *no)
{
	char title[120];

	if (!*no->untouched) {
		sr_school_title(u->s, title, sizeof(title));
		snprintf(no->untouched, sizeof(no->untouched), "Nothing was changed; %s stays in %s.", title,
			sr_phase_name(u->s->row.state.phase));
	}
	sr_call_refuse_no(c, no);
}

/* True: the call was refused. */
static bool refused(sr_call *c, undoing *u)
{
	sr_no no;

	if (!u->found || !u->s) {
		sr_no_init(&no, SR_CODE_UNKNOWN_RUN, "there is no run %lld", (long long)u->scope.undo.first);
		sr_no_todo(&no, "sisrollctl runs");
		sr_call_refuse_no(c, &no);
		return true;
	}
	if (!u->s->config.sync) {
		sr_no_init(&no, SR_CODE_NOT_SYNCED, "the configuration does not sync school %lld",
			(long long)u->s->number);
		sr_no_todo(&no, "sisrollctl schools list %lld", (long long)u->s->number);
	} else if (!year_refuses(u, &no) && !phase_refuses(u, &no) && !nothing_refuses(u, &no) &&
		   !busy_refuses(u, &no) && !scope_refuses(c, u, &no) && !sr_block_refusal(u->s, false, "undo", &no)) {
		return false;
	}
	refuse(c, u, &no);
	return true;
}

/* --- The preview --- */

/* Items of the plan in one state and, of those that are not sent, with or without an operation. */
static bool listed(const sr_item_row *row, sr_item_state state, bool stays)
{
	return row->state == state && (state == SR_IS_PLANNED || (row->item.op == SR_OP_KEEP) == stays);
}

static const struct {
	const char *list, *count;
	sr_item_state state;
	bool stays;
} lists[] = {
	{ "put_back", "count", SR_IS_PLANNED, false },
	{ "stays", "stays_count", SR_IS_ABANDONED, true },
	{ "refused", "refused_count", SR_IS_ABANDONED, false },
};

static int preview_items(sr_call *c, sr_txn *t, int64_t plan, json_t *into, sr_err *err)
{
	int64_t counts[SR_COUNT_OF(lists)] = { 0 }, after = 0;
	json_t *arrays[SR_COUNT_OF(lists)];
	size_t n;

	for (size_t k = 0; k < SR_COUNT_OF(lists); k++) {
		arrays[k] = json_array();
		if (json_object_set_new(into, lists[k].list, arrays[k]) != 0)
			return sr_fail_nomem(err);
	}
	do {
		SR_AUTO(sr_arena) a = { 0 };
		sr_item_row *rows;

		if (sr_store_plan_items(t, &a, plan, after, -1, -1, SR_CHUNK, &rows, &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			after = rows[i].item.seq;
			for (size_t k = 0; k < SR_COUNT_OF(lists); k++)
				if (listed(&rows[i], lists[k].state, lists[k].stays) && counts[k]++ < SHOWN_MAX)
					sr_list_add(c, arrays[k], sr_item_json(&rows[i], &a));
		}
	} while (n == SR_CHUNK);
	for (size_t k = 0; k < SR_COUNT_OF(lists); k++)
		if (json_object_set_new(into, lists[k].count, json_integer(counts[k])) != 0)
			return sr_fail_nomem(err);
	return 0;
}

static int preview_make(sr_call *c, sr_txn *t, undoing *u, sr_err *err)
{
	sr_json_obj o = sr_json_obj_new();
	char beside[160];

	sr_json_put_int(&o, "run", u->run.id);
	sr_json_put_bool(&o, "and_later", u->scope.undo.last > u->scope.undo.first);
	sr_put_school(&o, u->s);
	sr_put_year(&o, "of_year", u->run.year);
	sr_json_put_int(&o, "plan", u->plan.id);
	json_decref(u->preview);
	u->preview = sr_json_obj_take(&o);
	if (!u->preview || preview_items(c, t, u->plan.id, u->preview, err) < 0)
		return u->preview ? -1 : sr_fail_nomem(err);
	snprintf(beside, sizeof(beside), "%lld %lld %s", (long long)u->scope.person, (long long)u->scope.section,
		u->plan_digest);
	return sr_preview_digest(c, u->preview, beside, u->digest) < 0 ? sr_fail_nomem(err) : 0;
}

/* The newest plan of an undo that was only shown: made in this epoch, or it does not count. */
static int shown_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	undoing *u = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	sr_plan_row *rows;
	size_t count;

	if (sr_store_plans(t, &arena, u->s->number, PLANS_LOOKED, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (rows[i].kind != SR_RK_UNDO || !sr_streq(rows[i].state, "sealed") ||
			rows[i].epoch != u->s->row.state.epoch)
			continue;
		u->plan = (sr_plan_row){ .id = rows[i].id };
		snprintf(u->plan_digest, sizeof(u->plan_digest), "%s", rows[i].digest);
		return preview_make(c, t, u, err);
	}
	return 0;
}

static int made_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	undoing *u = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	sr_plan_row plan;
	sr_run_row run;

	(void)c;
	if (sr_store_run_get(t, &arena, u->made, &run, err) <= 0)
		return sr_fail(err, SR_E_DB, "run %lld is gone", (long long)u->made);
	u->over = run.ended_ms != 0;
	snprintf(u->outcome, sizeof(u->outcome), "%s", run.outcome ?: "");
	snprintf(u->why, sizeof(u->why), "%s", run.why ?: "");
	if (!sr_streq(u->outcome, "done") || !run.plan)
		return 0;
	if (sr_store_plan_get(t, &arena, run.plan, &plan, err) <= 0)
		return sr_fail(err, SR_E_DB, "plan %lld is gone", (long long)run.plan);
	u->plan = (sr_plan_row){ .id = plan.id };
	snprintf(u->plan_digest, sizeof(u->plan_digest), "%s", plan.digest ?: "");
	return preview_make(c, t, u, err);
}

static void preview_answer(sr_call *c, undoing *u)
{
	bool something = json_integer_value(json_object_get(u->preview, "count")) > 0;
	char token[SR_PREVIEW_TOKEN_BYTES];
	sr_err err = { 0 };

	c->looked = true;
	if (!something || sr_json_bool(c->params, "check", false)) {
		sr_call_done(c, json_pack("{s:O}", "preview", u->preview));
		return;
	}
	if (sr_preview_token(c, ACTION, u->digest, token, &err) < 0) {
		sr_call_fail(c, &err);
		return;
	}
	if (json_object_set_new(u->preview, "token", json_string(token)) != 0 ||
		json_object_set_new(u->preview, "expires_s", json_integer(SR_PREVIEW_LIFE_MS / 1000)) != 0)
		c->failed = true;
	sr_call_done(c, json_pack("{s:O}", "preview", u->preview));
}

static void preview_step(sr_call *c)
{
	undoing *u = c->state;
	const sr_run *now = u->s->run;
	sr_no no;

	if (now && now->id == u->made) {
		sr_call_progress(c, u->s, now->id, sr_run_state_name(now->state), now->done, now->total);
		return;
	}
	if (sr_call_read(c, made_read, u) < 0)
		return;
	if (u->preview) {
		preview_answer(c, u);
		return;
	}
	sr_no_init(&no, SR_CODE_RUN_FAILED, "run %lld %s: %s", (long long)u->made, *u->outcome ? u->outcome : "ended",
		u->why);
	sr_no_todo(&no, "sisrollctl run show %lld", (long long)u->made);
	sr_no_todo(&no, "sisrollctl doctor");
	refuse(c, u, &no);
}

static void preview_begin(sr_call *c, undoing *u)
{
	sr_err err = { 0 };

	if (sr_run_start(u->s, SR_RK_UNDO, c->who, true, &u->scope, &u->made, &err) < 0)
		sr_call_fail(c, &err);
	else
		sr_call_hold(c, preview_step);
}

/* --- Carrying it out --- */

static int confirmed_record(sr_call *c, sr_txn *t, const undoing *u, sr_err *err)
{
	char why[300];

	snprintf(why, sizeof(why), "run %lld%s, as plan %lld showed%s%.200s", (long long)u->run.id,
		u->scope.undo.last > u->scope.undo.first ? " and later ones" : "", (long long)u->plan.id,
		sr_call_reason(c) ? ": " : "", sr_call_reason(c) ?: "");
	/* What was shown has had its day: the plan that is carried out is made anew. */
	if (sr_store_plan_state(t, u->plan.id, "abandoned", err) < 0)
		return -1;
	return sr_act_record(c->e, u->s, t, c->who, "undo", why, err);
}

static void carry_out(sr_call *c, undoing *u)
{
	sr_err err = { 0 };
	int64_t id = 0;
	sr_txn *t;

	if (sr_txn_begin(c->e->c.store, SR_TXN_DURABLE, &t, &err) < 0 ||
		sr_txn_end(c->e, t, confirmed_record(c, t, u, &err), &err) < 0) {
		sr_call_fail(c, &err);
		return;
	}
	snprintf(u->scope.undo.shown, sizeof(u->scope.undo.shown), "%s", u->plan_digest);
	if (sr_run_start(u->s, SR_RK_UNDO, c->who, true, &u->scope, &id, &err) < 0)
		sr_result_failed(c, u->s, &err);
	else
		sr_call_await_run(c, u->s, id);
	sr_call_end_runs(c);
}

/* The number need not be repeated; but if it is, it has to be the one that was shown. */
static bool count_refused(sr_call *c, const undoing *u)
{
	int64_t shown = u->preview ? json_integer_value(json_object_get(u->preview, "count")) : 0;
	int64_t given = sr_json_int(c->params, "count", shown);
	sr_no no;

	if (given == shown)
		return false;
	sr_no_init(&no, SR_CODE_COUNT_NEEDED, "the preview showed %lld objects to put back, not %lld", (long long)shown,
		(long long)given);
	sr_no_todo(&no, "sisrollctl undo %lld   (shows a fresh preview)", (long long)u->run.id);
	refuse(c, u, &no);
	return true;
}

static void confirm(sr_call *c, undoing *u, const char *token)
{
	sr_err err = { 0 };
	const char *why;
	sr_no no;

	if (sr_call_read(c, shown_read, u) < 0)
		return;
	if (count_refused(c, u))
		return;
	why = sr_preview_take(c, ACTION, u->digest, token, &err);
	if (!why) {
		carry_out(c, u);
		return;
	}
	if (!*why) {
		sr_call_fail(c, &err);
		return;
	}
	sr_no_init(&no, SR_CODE_TOKEN_STALE, "%s", why);
	sr_no_todo(&no, "sisrollctl undo %lld   (shows a fresh preview)", (long long)u->run.id);
	refuse(c, u, &no);
}

void sr_cmd_undo(sr_call *c)
{
	const char *token = sr_json_text(c->params, "token");
	undoing *u = calloc(1, sizeof(*u));

	if (!u) {
		sr_call_done(c, NULL);
		return;
	}
	c->state = u;
	c->state_free = undoing_free;
	u->scope = (sr_scope){ .kind = -1, .undo = { .first = sr_json_int(c->params, "run", 0) } };
	if (sr_call_read(c, run_read, u) < 0 || refused(c, u))
		return;
	if (token)
		confirm(c, u, token);
	else
		preview_begin(c, u);
}
