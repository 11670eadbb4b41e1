/* resume --canary SCHOOL --then-all: the canary goes through the gate now; what the others wait for is written
 * down, and the engine takes it from there. */
#include "engine/canary.h"
#include "engine/cmd_resume.h"

#include <stdio.h>

#include "io/store_figure.h"

static int follow_write(const sr_call *c, sr_txn *t, sr_school *s, const sr_school *canary, sr_err *err)
{
	char why[200];
	const sr_follower_row row = { .school = s->number,
		.canary = canary->number,
		.year = s->row.state.active,
		.who = c->who,
		.reason = sr_call_reason(c),
		.at_ms = sr_now_ms(c->e) };

	snprintf(why, sizeof(why), "follows %lld%s%.150s", (long long)canary->number, row.reason ? ": " : "",
		row.reason ? row.reason : "");
	if (sr_store_follower_put(t, &row, err) < 0)
		return -1;
	return sr_act_record(c->e, s, t, c->who, "follow", why, err);
}

static void follow(sr_call *c, sr_school *s, const sr_school *canary)
{
	char why[120];
	sr_err err = { 0 };
	sr_txn *t;

	if (sr_txn_begin(c->e->c.store, SR_TXN_DURABLE, &t, &err) < 0 ||
		sr_txn_end(c->e, t, follow_write(c, t, s, canary, &err), &err) < 0) {
		sr_result_failed(c, s, &err);
		return;
	}
	free(SR_TAKE(s->held_why));
	snprintf(why, sizeof(why), "is resumed through its gate when the first run of %lld is verified clean",
		(long long)canary->number);
	sr_result_done(c, s, false, why);
}

/* All others that are mapped at this moment and of the same year. */
static bool follows(const sr_school *s, const sr_school *canary)
{
	return s != canary && s->config.sync && s->row.state.phase == SR_PH_TERMS_MAPPED &&
	       s->row.state.active == canary->row.state.active;
}

void sr_resume_canary(sr_call *c, const char *text)
{
	SR_AUTO(sr_picks) others = { 0 };
	sr_school *canary = sr_select_one(c, text);
	sr_no no;

	if (!canary)
		return;
	if (!sr_json_bool(c->params, "then_all", false) || json_array_size(sr_json_array(c->params, "schools"))) {
		sr_no_init(
			&no, SR_CODE_INVALID, "--canary names the one school that goes first; --then-all the others");
		sr_no_todo(&no, "sisrollctl resume --canary %lld --then-all", (long long)canary->number);
		sr_call_refuse_no(c, &no);
		return;
	}
	if (sr_json_int(c->params, "plan", 0) || json_array_size(sr_json_array(c->params, "override"))) {
		sr_no_init(&no, SR_CODE_INVALID,
			"--plan and --override are one school's: resume the canary by them first");
		sr_no_todo(&no, "sisrollctl resume %lld --plan ID      (or --override CHECK --reason 'TEXT')",
			(long long)canary->number);
		sr_no_todo(&no, "sisrollctl resume --canary %lld --then-all", (long long)canary->number);
		sr_call_refuse_no(c, &no);
		return;
	}
	if (sr_select(c, SR_PICK_SYNCED, &others) < 0)
		return;
	if (sr_resume_school(c, canary))
		for (size_t i = 0; i < others.count; i++)
			if (follows(others.at[i].s, canary))
				follow(c, others.at[i].s, canary);
	sr_canary_review(c->e); /* a canary that is verified already has nothing more to show */
	sr_call_end_runs(c);
}
