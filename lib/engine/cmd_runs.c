/* Runs as they are kept: what they did, what they let in, what went wrong. */
#include "engine/cmd_waiting.h"

#include <string.h>

#define RUNS_DEFAULT 50
#define RUNS_MAX 1000
#define FAILURES_MAX 500

void sr_run_numbers_read(const sr_run_row *row, sr_run_numbers *out)
{
	*out = (sr_run_numbers){ 0 };
	if (row->counts && *row->counts)
		sr_json_parse(row->counts, strlen(row->counts), (size_t)1 << 20, &out->counts, NULL);
	out->created = sr_json_int(out->counts, "created", 0);
	out->updated = sr_json_int(out->counts, "updated", 0);
	out->dropped = sr_json_int(out->counts, "dropped", 0);
	out->held = sr_json_int(out->counts, "held", 0);
	out->waiting = sr_json_int(out->counts, "waiting", 0);
	out->failed = sr_json_int(out->counts, "failed", 0);
}

void sr_run_numbers_put(const sr_run_numbers *n, sr_json_obj *o)
{
	const struct {
		const char *key;
		int64_t n;
	} rows[] = {
		{ "created", n->created },
		{ "updated", n->updated },
		{ "dropped", n->dropped },
		{ "held", n->held },
		{ "waiting", n->waiting },
		{ "failed", n->failed },
	};

	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		sr_json_put_int(o, rows[i].key, rows[i].n);
}

static json_t *run_json(const sr_run_row *row)
{
	sr_json_obj o = sr_json_obj_new();
	sr_run_numbers n;

	sr_run_numbers_read(row, &n);
	sr_json_put_int(&o, "id", row->id);
	sr_json_put_int(&o, "school", row->school);
	sr_json_put_text(&o, "kind", sr_run_kind_name(row->kind));
	sr_put_text(&o, "state", row->outcome ? row->outcome : sr_run_state_name(row->state));
	sr_put_when(&o, "at", row->started_ms);
	sr_put_when(&o, "ended", row->ended_ms);
	sr_put_year(&o, "year", row->year);
	sr_put_text(&o, "who", row->who);
	if (row->plan)
		sr_json_put_int(&o, "plan", row->plan);
	sr_run_numbers_put(&n, &o);
	sr_put_text(&o, "why", row->why);
	json_decref(n.counts);
	return sr_json_obj_take(&o);
}

/* --- runs --- */

typedef struct runs_ask {
	const sr_picks *picks;
	json_t *list;
	size_t limit;
} runs_ask;

static int newest_first(const void *x, const void *y)
{
	int64_t a = ((const sr_run_row *)x)->id, b = ((const sr_run_row *)y)->id;

	return a < b ? 1 : a > b ? -1 : 0;
}

/* The newest of each school, then the newest of all of them. */
static int runs_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	runs_ask *ask = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	SR_AUTO_FREE sr_run_row *all = NULL;
	size_t total = 0;

	for (size_t i = 0; i < ask->picks->count; i++) {
		sr_run_row *rows, *grown;
		size_t count;

		if (sr_store_runs(t, &arena, ask->picks->at[i].s->number, ask->limit, &rows, &count, err) < 0)
			return -1;
		if (count == 0)
			continue;
		grown = realloc(all, (total + count) * sizeof(*grown));
		if (!grown)
			return sr_fail_nomem(err);
		all = grown;
		memcpy(all + total, rows, count * sizeof(*rows));
		total += count;
	}
	if (total)
		qsort(all, total, sizeof(*all), newest_first);
	for (size_t i = 0; i < total && i < ask->limit; i++)
		sr_list_add(c, ask->list, run_json(&all[i]));
	return 0;
}

bool sr_call_limit(sr_call *c, int64_t otherwise, int64_t max, size_t *out)
{
	int64_t limit = sr_json_int(c->params, "limit", otherwise);
	sr_no no;

	*out = (size_t)(limit > max ? max : limit);
	if (limit >= 1)
		return true;
	sr_call_refuse_no(c,
		sr_no_init(&no, SR_CODE_INVALID, "--limit %lld would show nothing; 1 is the least", (long long)limit));
	return false;
}

void sr_cmd_runs(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	json_auto_t *list = json_array();
	runs_ask ask = { &picks, list, 0 };

	if (!sr_call_limit(c, RUNS_DEFAULT, RUNS_MAX, &ask.limit) || sr_select(c, SR_PICK_EVERY, &picks) < 0 ||
		sr_call_read(c, runs_read, &ask) < 0)
		return;
	sr_call_done(c, json_pack("{s:O}", "runs", list));
}

/* --- run show --- */

typedef struct run_ask {
	int64_t id;
	json_t *reply;
} run_ask;

/* What did not go through: quarantined items of the run's plan, by key. */
static int failures_read(sr_call *c, sr_txn *t, int64_t plan, json_t *list, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_item_row *rows = NULL;
	size_t count = 0;

	if (plan &&
		sr_store_plan_items(t, &arena, plan, 0, SR_IS_QUARANTINED, -1, FAILURES_MAX, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		sr_json_obj o = sr_json_obj_new();

		sr_json_put_text(&o, "kind", sr_tgt_name(rows[i].item.kind));
		sr_put_text(&o, "key", rows[i].item.key);
		sr_put_text(&o, "why",
			rows[i].message    ? rows[i].message
			: rows[i].item.why ? rows[i].item.why
					   : "refused");
		sr_list_add(c, list, sr_json_obj_take(&o));
	}
	return 0;
}

static int run_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	run_ask *ask = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	json_auto_t *failures = json_array(), *waits = json_array();
	const json_t *admitted;
	json_t *in, *verdicts, *guards;
	sr_run_numbers n;
	sr_run_row row;
	int found = sr_store_run_get(t, &arena, ask->id, &row, err);

	if (found <= 0)
		return found;
	if (failures_read(c, t, row.plan, failures, err) < 0 ||
		sr_waiting_of_plan(c, t, row.school, row.plan, waits, err) < 0)
		return -1;
	sr_run_numbers_read(&row, &n);
	admitted = sr_json_object(n.counts, "admitted");
	in = sr_json_object(admitted, "in");
	verdicts = sr_json_object(admitted, "verdicts");
	guards = json_object_get(n.counts, "guards");
	ask->reply = json_pack("{s:o, s:o, s:o, s:O, s:O, s:o}", "run", run_json(&row), "admitted",
		in ? json_incref(in) : json_object(), "verdicts", verdicts ? json_incref(verdicts) : json_object(),
		"failures", failures, "waits", waits, "guards", guards ? json_incref(guards) : json_array());
	if (ask->reply && sr_json_object(n.counts, "verify") &&
		json_object_set(ask->reply, "verify", sr_json_object(n.counts, "verify")) != 0)
		c->failed = true;
	json_decref(n.counts);
	return ask->reply ? 0 : sr_fail_nomem(err);
}

void sr_cmd_run_show(sr_call *c)
{
	run_ask ask = { .id = sr_json_int(c->params, "run", 0) };
	sr_no no;

	if (sr_call_read(c, run_read, &ask) < 0)
		return;
	if (ask.reply)
		sr_call_done(c, ask.reply);
	else
		sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_UNKNOWN_RUN, "there is no run %lld", (long long)ask.id));
}

/* --- history --- */

#define HISTORY_DEFAULT 100
#define HISTORY_MAX 5000

static json_t *history_json(const sr_history_row *row)
{
	sr_json_obj o = sr_json_obj_new();

	sr_json_put_int(&o, "id", row->id);
	sr_put_when(&o, "at", row->at_ms);
	sr_json_put_int(&o, "school", row->school);
	sr_json_put_int(&o, "epoch", row->epoch);
	sr_put_text(&o, "from", row->from);
	sr_put_text(&o, "event", row->event);
	sr_put_text(&o, "to", row->to);
	sr_put_year(&o, "year", row->year);
	sr_put_text(&o, "why", row->why);
	sr_put_text(&o, "who", row->who);
	return sr_json_obj_take(&o);
}

static int history_newest_first(const void *x, const void *y)
{
	int64_t a = ((const sr_history_row *)x)->id, b = ((const sr_history_row *)y)->id;

	return a < b ? 1 : a > b ? -1 : 0;
}

static int history_of_schools(
	sr_txn *t, sr_arena *a, const runs_ask *ask, sr_history_row **all, size_t *total, sr_err *err)
{
	for (size_t i = 0; i < ask->picks->count; i++) {
		sr_history_row *rows, *grown;
		size_t count;

		if (sr_store_history(t, a, ask->picks->at[i].s->number, 0, ask->limit, &rows, &count, err) < 0)
			return -1;
		grown = realloc(*all, (*total + count + 1) * sizeof(*grown));
		if (!grown)
			return sr_fail_nomem(err);
		*all = grown;
		if (count)
			memcpy(grown + *total, rows, count * sizeof(*rows));
		*total += count;
	}
	if (*total)
		qsort(*all, *total, sizeof(**all), history_newest_first);
	return 0;
}

static int history_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	runs_ask *ask = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	SR_AUTO_FREE sr_history_row *of_schools = NULL;
	sr_history_row *rows;
	size_t count = 0;

	if (ask->picks->given) {
		if (history_of_schools(t, &arena, ask, &of_schools, &count, err) < 0)
			return -1;
		rows = of_schools;
	} else if (sr_store_history(t, &arena, 0, 0, ask->limit, &rows, &count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count && i < ask->limit; i++)
		sr_list_add(c, ask->list, history_json(&rows[i]));
	return 0;
}

void sr_cmd_history(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	json_auto_t *list = json_array();
	runs_ask ask = { &picks, list, 0 };

	if (!sr_call_limit(c, HISTORY_DEFAULT, HISTORY_MAX, &ask.limit) || sr_select(c, SR_PICK_EVERY, &picks) < 0 ||
		sr_call_read(c, history_read, &ask) < 0)
		return;
	sr_call_done(c, json_pack("{s:O}", "history", list));
}
