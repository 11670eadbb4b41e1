/* What is known of one school, gathered once: status, NEXT, the years and resume judge by it. */
#include "engine/cmd_priv.h"

#include <string.h>

#include "engine/canary.h"

#define RUNS_LOOKED 20 /* back, for one that is no look at Schoology */

bool sr_facts_year_has_terms(const sr_context *c, sr_yearid year, sr_day *first, sr_day *last)
{
	for (size_t i = 0; i < c->all_count; i++) {
		const sr_term *t = &c->all[i].term;

		if (t->yearid != year || !t->is_year)
			continue;
		if (first)
			*first = t->first;
		if (last)
			*last = t->last;
		return true;
	}
	return false;
}

/* The chosen year; else the year PowerSchool is moving to, where a paused school waits; else the active one. */
static sr_yearid asked_year(const sr_school_row *row)
{
	const sr_phase_state *st = &row->state;

	if (st->chosen)
		return st->chosen;
	if (st->phase == SR_PH_PAUSED && st->active && row->rolled_year == st->active + 1)
		return row->rolled_year;
	return st->active ? st->active : row->rolled_year;
}

static void facts_sis(sr_school *s, sr_facts *f)
{
	const sr_phase_state *st = &s->row.state;
	sr_rolled rolled = sr_rolled_judge(s->row.rolled_active, s->row.rolled_promoted);

	f->asked = asked_year(&s->row);
	f->asked_terms = f->asked && sr_facts_year_has_terms(&f->ctx, f->asked, NULL, NULL);
	if (f->asked && s->row.rolled_year == f->asked) {
		f->rolled = rolled.rolled;
		f->students = rolled.active;
		f->promoted = rolled.promoted;
	} else {
		/* The evidence speaks of another year by now; a year that was verified was rolled to. */
		f->rolled = st->active == f->asked && st->verified == st->active && st->active != SR_YEARID_NONE;
	}
	for (size_t i = 0; i < s->counts_len && s->counts_year == f->asked; i++)
		f->sections += s->counts[i].sections;
}

static int facts_blocks(sr_txn *t, const sr_school *s, sr_facts *f, sr_err *err)
{
	sr_block_row *rows;
	size_t count;

	if (sr_store_blocks(t, &f->ctx.arena, &rows, &count, err) < 0)
		return -1;
	f->blocks = sr_arena_alloc(&f->ctx.arena, (count + 1) * sizeof(*rows));
	if (!f->blocks)
		return sr_fail_nomem(err);
	for (size_t b = 0; b < SR_BL_COUNT; b++)
		for (size_t i = 0; i < count; i++)
			if ((!rows[i].school || rows[i].school == s->number) &&
				strcmp(rows[i].code, sr_blocks[b].code) == 0)
				f->blocks[f->block_count++] = rows[i];
	return 0;
}

static int facts_runs(sr_txn *t, const sr_school *s, sr_facts *f, sr_err *err)
{
	sr_run_row *rows;
	size_t count, at = 0;

	if (sr_store_runs(t, &f->ctx.arena, s->number, RUNS_LOOKED, &rows, &count, err) < 0 ||
		sr_store_quar_count(t, s->number, &f->quarantined, err) < 0 ||
		sr_store_waiting_count(t, s->number, s->row.state.active, &f->waiting, err) < 0 ||
		sr_store_overrides(
			t, &f->ctx.arena, s->number, s->row.state.active, &f->overrides, &f->override_count, err) < 0)
		return -1;
	if (count == 0)
		return 0;
	/* A look at Schoology is no answer to how the school fares. */
	while (at + 1 < count && rows[at].kind == SR_RK_VERIFY)
		at++;
	f->last = rows[at];
	f->has_last = true;
	sr_run_numbers_read(&f->last, &f->numbers);
	return 0;
}

int sr_facts_load(sr_txn *t, sr_school *s, sr_facts *out, sr_err *err)
{
	int unmapped;

	*out = (sr_facts){ 0 };
	if (sr_context_load(t, s, s->row.state.active, &out->ctx, err) < 0 || facts_blocks(t, s, out, err) < 0 ||
		facts_runs(t, s, out, err) < 0)
		return -1;
	if (sr_canary_why(t, s, out->follows_why, sizeof(out->follows_why), &out->canary, err) < 0)
		return -1;
	facts_sis(s, out);
	if (!s->row.state.active)
		return 0;
	unmapped = sr_context_unmapped(&out->ctx, &out->used);
	out->mapped = out->used - unmapped;
	return 0;
}

void sr_facts_done(sr_facts *f)
{
	sr_context_done(&f->ctx);
	json_decref(f->numbers.counts);
	f->numbers.counts = NULL;
}

int64_t sr_facts_not_released(const sr_facts *f)
{
	const json_t *verdicts = sr_json_object(sr_json_object(f->numbers.counts, "admitted"), "verdicts");

	return sr_json_int(sr_json_object(verdicts, "enrollment"), "not-released", 0);
}
