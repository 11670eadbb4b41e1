/* pause, and the way back out of a choice: events of the phase table that need no facts beside it. */
#include "engine/cmd_priv.h"

#include <stdio.h>

#include "engine/canary.h"
#include "engine/run_priv.h"

/* --- pause --- */

static void pause_school(sr_call *c, sr_school *s)
{
	sr_phase before = s->row.state.phase;
	const char *refused = NULL;
	sr_err err = { 0 };
	int orders = sr_canary_withdraw(s, &err);
	sr_no no;

	if (orders < 0)
		sr_result_failed(c, s, &err);
	else if (sr_school_step(s, SR_PEV_PAUSE, 0, c->who, sr_call_reason(c), &refused, &err) < 0)
		sr_result_failed(c, s, &err);
	else if (refused)
		sr_result_refused(c, s, sr_no_init(&no, SR_CODE_NO_PHASE, "%s", refused));
	else if (s->row.state.phase == before && orders)
		sr_result_done(c, s, false, "nothing follows, or is followed, here any more");
	else if (s->row.state.phase == before)
		sr_result_done(
			c, s, true, before == SR_PH_PAUSED ? "paused already" : "nothing writes in this phase anyway");
	else
		sr_result_done(c, s, false, s->run ? "what is in flight is still answered and read" : NULL);
}

/* Schools whose writing runs are still being answered. Rehearsals of other phases go on. */
static void pause_step(sr_call *c)
{
	bool over = true;

	for (size_t i = 0; i < c->awaited_count; i++) {
		const sr_awaited *w = &c->awaited[i];

		over = over && (!w->s->run || w->s->run->id != w->run);
	}
	if (over || c->e->stopping)
		sr_call_results(c);
}

void sr_cmd_pause(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };

	if (sr_select(c, SR_PICK_REFUSE, &picks) < 0)
		return;
	for (size_t i = 0; i < picks.count; i++) {
		sr_school *s = picks.at[i].s;

		if (sr_result_unsynced(c, &picks.at[i]))
			continue;
		pause_school(c, s);
		if (s->run && s->run->stopping)
			sr_call_await_run(c, s, s->run->id);
	}
	if (c->awaited_count && sr_call_waits(c))
		sr_call_hold(c, pause_step);
	else
		sr_call_results(c);
}

/* --- year cancel --- */

static void cancel_school(sr_call *c, sr_school *s)
{
	const sr_phase_state before = s->row.state;
	const char *refused = NULL;
	sr_err err = { 0 };
	sr_no no;

	if (sr_school_step(s, SR_PEV_YEAR_CANCEL, 0, c->who, sr_call_reason(c), &refused, &err) < 0)
		sr_result_failed(c, s, &err);
	else if (refused)
		sr_result_refused(c, s,
			sr_no_init(&no, before.phase == SR_PH_RESUMED ? SR_CODE_FIRST_RUN : SR_CODE_NO_PHASE, "%s",
				refused));
	else if (before.epoch == s->row.state.epoch)
		sr_result_done(c, s, true, "there was no choice to take back");
	else
		sr_result_done(c, s, false,
			before.phase == SR_PH_PAUSED ? "the choice is dropped" : "the fallback year is back");
	if (before.epoch != s->row.state.epoch)
		sr_school_review(s);
}

void sr_cmd_year_cancel(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };

	if (sr_select(c, SR_PICK_REFUSE, &picks) < 0)
		return;
	for (size_t i = 0; i < picks.count; i++)
		if (!sr_result_unsynced(c, &picks.at[i]))
			cancel_school(c, picks.at[i].s);
	sr_call_results(c);
}
