/* plan summary: every school's newest plan in one line beside last year's figures, the strangest first. */
#include "engine/cmd_priv.h"

#include <stdlib.h>
#include <string.h>

#include "engine/run_priv.h"

#define PLANS_LOOK 20
#define OUTLIER_PERCENT 25 /* off last year's figures, up or down */

typedef struct summary_row {
	int64_t number, differs;
	json_t *json;
} summary_row;

typedef struct summary_ask {
	const sr_picks *picks;
	summary_row *rows;
	size_t count;
} summary_ask;

/* The newest rehearsal of the active year, else the newest plan of whatever kind. 1, 0. */
static int newest(sr_txn *t, const sr_school *s, sr_arena *a, sr_plan_row *out, sr_err *err)
{
	sr_plan_row *rows;
	size_t count;
	int found = 0;

	if (sr_store_plans(t, a, s->number, PLANS_LOOK, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (sr_streq(rows[i].state, "building") || rows[i].year != s->row.state.active)
			continue;
		if (rows[i].kind != SR_RK_REHEARSAL && found)
			continue;
		*out = rows[i];
		found = 1;
		if (rows[i].kind == SR_RK_REHEARSAL)
			break;
	}
	return found;
}

static json_t *figure_json(const sr_figure *f)
{
	return f ? json_pack("{s:I, s:I, s:I}", "sections", (json_int_t)f->sections, "students",
			   (json_int_t)f->students, "memberships", (json_int_t)f->memberships)
		 : json_null();
}

/* The largest distance from last year, in percent of it. */
static int64_t distance(const sr_figure *now, const sr_figure *last)
{
	const int64_t pairs[][2] = { { now->sections, last->sections }, { now->students, last->students },
		{ now->memberships, last->memberships } };
	int64_t most = 0;

	for (size_t i = 0; i < SR_COUNT_OF(pairs); i++) {
		int64_t off = pairs[i][1] ? llabs(pairs[i][0] - pairs[i][1]) * 100 / pairs[i][1] : 0;

		most = off > most ? off : most;
	}
	return most;
}

/* What the plan's run counted, beside the year before. */
static int figures_put(
	sr_txn *t, const sr_school *s, const sr_plan_row *plan, sr_json_obj *o, int64_t *differs, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	SR_AUTO(sr_buf) missing = { 0 };
	json_auto_t *counts = NULL;
	sr_figure_ask ask = { .percent = s->config.counts_percent };
	const sr_figure *school, *before;
	sr_figure *now, *last;
	sr_run_row run;
	int found = sr_store_run_get(t, &arena, plan->run, &run, err);

	if (found < 0)
		return -1;
	counts = found && run.counts ? json_loads(run.counts, 0, NULL) : NULL;
	if (sr_figures_read(counts, &arena, &now, &ask.now_count, err) < 0 ||
		sr_figures_of_year(t, s, plan->year - 1, &arena, &last, &ask.last_count, err) < 0)
		return -1;
	ask.now = now;
	ask.last = last;
	school = sr_figure_find(now, ask.now_count, SR_FIGURE_SCHOOL, SR_FIGURE_ALL);
	before = sr_figure_find(last, ask.last_count, SR_FIGURE_SCHOOL, SR_FIGURE_ALL);
	*differs = school && before ? distance(school, before) : 0;
	sr_json_put(o, "figures", figure_json(school));
	sr_json_put(o, "last_year", figure_json(before));
	if (school && before && sr_figures_missing(&ask, &missing))
		*differs = *differs > OUTLIER_PERCENT ? *differs : OUTLIER_PERCENT;
	sr_put_text(o, "why", missing.len ? sr_buf_text(&missing) : NULL);
	return 0;
}

static int school_read(sr_call *c, sr_txn *t, const sr_school *s, summary_row *out, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_plan_counts counts;
	sr_plan_row plan;
	sr_json_obj o;
	int found = newest(t, s, &arena, &plan, err);

	*out = (summary_row){ .number = s->number };
	if (found < 0 || (found && sr_store_plan_counts(t, plan.id, &counts, err) < 0))
		return -1;
	o = sr_json_obj_new();
	sr_put_school(&o, s);
	sr_json_put(&o, "plan", found ? json_integer(plan.id) : json_null());
	if (found) {
		sr_json_put_text(&o, "kind", sr_run_kind_name(plan.kind));
		sr_put_year(&o, "year", plan.year);
		sr_put_when(&o, "at", plan.created_ms);
		sr_json_put(&o, "counts", sr_plan_counts_json(&counts));
		sr_json_put_int(&o, "waiting", counts.by_state[SR_IS_WAITING]);
		if (figures_put(t, s, &plan, &o, &out->differs, err) < 0) {
			json_decref(sr_json_obj_take(&o));
			return -1;
		}
	}
	sr_json_put_int(&o, "differs_percent", out->differs);
	sr_json_put_bool(&o, "outlier", out->differs >= OUTLIER_PERCENT);
	out->json = sr_json_obj_take(&o);
	c->failed |= !out->json;
	return 0;
}

static int summary_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	summary_ask *ask = arg;

	for (size_t i = 0; i < ask->picks->count; i++, ask->count++)
		if (school_read(c, t, ask->picks->at[i].s, &ask->rows[ask->count], err) < 0)
			return -1;
	return 0;
}

static int worst_first(const void *x, const void *y)
{
	const summary_row *a = x, *b = y;

	if (a->differs != b->differs)
		return a->differs > b->differs ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

void sr_cmd_plan_summary(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	SR_AUTO_FREE summary_row *rows = NULL;
	json_t *list = NULL;
	summary_ask ask = { .picks = &picks };

	if (sr_select(c, SR_PICK_SYNCED, &picks) < 0)
		return;
	ask.rows = rows = calloc(picks.count + 1, sizeof(*rows));
	if (!rows) {
		sr_call_done(c, NULL);
		return;
	}
	if (sr_call_read(c, summary_read, &ask) == 0) {
		list = json_array();
		qsort(rows, ask.count, sizeof(*rows), worst_first);
		for (size_t i = 0; i < ask.count; i++)
			sr_list_add(c, list, SR_TAKE(rows[i].json));
		sr_call_done(c, json_pack("{s:o}", "summary", list));
	}
	for (size_t i = 0; i < picks.count; i++)
		json_decref(rows[i].json);
}
