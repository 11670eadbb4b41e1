/* resume: the facts are gathered, a pure function says which event they are or why not, and the gate is
 * asked where it has a say. */
#include "engine/cmd_resume.h"

#include <stdio.h>
#include <string.h>

#include "engine/run_priv.h"

typedef struct resume {
	sr_school *s;
	sr_resume_facts facts;
	sr_day year_last;
	bool chosen_has_terms;
	const sr_term *unmapped; /* the first one; in `arena` */
	sr_term term;
	int64_t sections, enrollments;
	int64_t mark; /* the newest run so far */
	sr_gate_check checks[SR_GATE_MAX];
	size_t check_count;
} resume;

static void note_unmapped(resume *r, const sr_context *ctx)
{
	for (size_t i = 0; i < ctx->term_count && !r->unmapped; i++) {
		const sr_term_use *use = &ctx->terms[i];

		if (!use->used || sr_term_sound(use, ctx->filter.active, ctx->year_first, ctx->year_last))
			continue;
		r->term = use->term;
		r->term.name = r->term.abbreviation = NULL; /* their arena ends with the context */
		r->sections = use->sections;
		r->enrollments = use->enrollments;
		r->unmapped = &r->term;
	}
}

static int facts_read(sr_txn *t, resume *r, sr_err *err)
{
	const sr_phase_state *st = &r->s->row.state;
	sr_context ctx = { 0 };
	int rc = sr_context_load(t, r->s, st->active, &ctx, err);

	if (rc == 0) {
		r->facts = (sr_resume_facts){ .phase = st->phase,
			.active = st->active,
			.chosen = st->chosen,
			.verified = st->verified,
			.year_over = ctx.year_over,
			.sis_rolled = st->sis_rolled_noted,
			.acting_user_ok = r->s->e->acting.known && r->s->e->acting.ok };
		r->facts.unmapped_terms = sr_context_unmapped(&ctx, &r->facts.used_terms);
		r->facts.terms_sound = r->facts.unmapped_terms == 0;
		r->year_last = ctx.year_last;
		r->chosen_has_terms = sr_facts_year_has_terms(&ctx, st->chosen, NULL, NULL);
		note_unmapped(r, &ctx);
		r->mark = sr_run_newest(t, r->s->number);
	}
	sr_context_done(&ctx);
	return rc;
}

static bool asks_gate(const sr_resume_facts *f)
{
	return f->active && (f->phase == SR_PH_TERMS_MAPPED || (f->phase == SR_PH_PAUSED && f->verified != f->active));
}

bool sr_resume_before_gate(const sr_school *s)
{
	const sr_phase_state *st = &s->row.state;
	const sr_resume_facts f = { .phase = st->phase, .active = st->active, .verified = st->verified };

	return asks_gate(&f) && (st->phase != SR_PH_PAUSED || !st->chosen);
}

static int resume_load(resume *r, sr_err *err)
{
	sr_txn *t;

	if (sr_txn_begin(r->s->e->c.store, SR_TXN_READ, &t, err) < 0 ||
		sr_txn_end(r->s->e, t, facts_read(t, r, err), err) < 0)
		return -1;
	if (!asks_gate(&r->facts))
		return 0;
	if (sr_gate_judge(r->s, r->checks, &r->check_count, err) < 0)
		return -1;
	r->facts.gate_passes = sr_gate_passes(r->checks, r->check_count);
	return 0;
}

/* --- Refusals, one a decision --- */

static void no_year(const resume *r, sr_no *no)
{
	sr_no_init(no, SR_CODE_NO_YEAR, "no school year is chosen");
	sr_no_todo(no, "sisrollctl year list %lld", (long long)r->s->number);
	sr_no_todo(no, "sisrollctl year set YEAR %lld", (long long)r->s->number);
}

static void no_choice_pending(const resume *r, sr_no *no)
{
	char year[SR_YEAR_LABEL_BYTES];
	const sr_school_row *row = &r->s->row;
	bool known = row->rolled_year == r->facts.chosen;

	sr_no_init(no, SR_CODE_CHOICE_PENDING,
		"%s is chosen and waits for %sPowerSchool's rollover here (%lld of %lld students promoted)",
		sr_year_print(r->facts.chosen, year), r->chosen_has_terms ? "" : "its terms and for ",
		known ? (long long)row->rolled_promoted : 0LL, known ? (long long)row->rolled_active : 0LL);
	sr_no_todo(no, "sisrollctl refresh %lld", (long long)r->s->number);
	if (known && r->chosen_has_terms &&
		row->rolled_active == 0) /* a summer school: nobody there could be promoted */
		sr_no_todo(no, "sisrollctl year set %s %lld --before-sis-rollover --reason 'TEXT'", year,
			(long long)r->s->number);
	sr_no_todo(no, "sisrollctl year cancel %lld", (long long)r->s->number);
}

static void no_year_over(const resume *r, sr_no *no)
{
	char year[SR_YEAR_LABEL_BYTES], next[SR_YEAR_LABEL_BYTES], day[11];

	sr_year_print(r->facts.active, year);
	sr_year_print(r->facts.active + 1, next);
	sr_day_print(r->year_last, day);
	if (r->facts.year_over)
		sr_no_init(no, SR_CODE_YEAR_OVER, "the active year %s ended on %s; choose the next", year, day);
	else
		sr_no_init(no, SR_CODE_SIS_ROLLED,
			"PowerSchool has rolled over beyond the active year %s (%lld of %lld students promoted); "
			"choose the next",
			year, (long long)r->s->row.rolled_promoted, (long long)r->s->row.rolled_active);
	sr_no_todo(no, "sisrollctl year set %s %lld", next, (long long)r->s->number);
}

static void no_terms(const resume *r, sr_no *no)
{
	long long number = (long long)r->s->number;
	char year[SR_YEAR_LABEL_BYTES];

	if (!r->unmapped) {
		sr_no_init(no, SR_CODE_TERMS_UNMAPPED, "no term of the active year is known to be in use and mapped");
		sr_no_todo(no, "sisrollctl terms list %lld", number);
		return;
	}
	sr_no_init(no, SR_CODE_TERMS_UNMAPPED,
		"%d of %d used terms %s not mapped (%lld: %lld sections, %lld enrollments)", r->facts.unmapped_terms,
		r->facts.used_terms, r->facts.unmapped_terms == 1 ? "is" : "are", (long long)r->unmapped->id,
		(long long)r->sections, (long long)r->enrollments);
	if (r->facts.phase == SR_PH_PAUSED) { /* nothing is mapped there: the year it has, chosen again, leads on */
		sr_no_todo(no, "sisrollctl year set %s %lld", sr_year_print(r->facts.active, year), number);
		return;
	}
	sr_no_todo(no, "sisrollctl periods list");
	sr_no_todo(no, "sisrollctl terms map %lld %lld --period ID      (or --create)", number,
		(long long)r->unmapped->id);
}

static void no_gate(const resume *r, sr_no *no)
{
	sr_gate_refusal(no, r->s, r->checks, r->check_count);
}

static void no_acting_user(const resume *r, sr_no *no)
{
	const sr_acting_user *a = &r->s->e->acting;

	sr_no_init(no, a->known ? SR_CODE_ACTING_USER : SR_CODE_NOT_POLLED, "the acting user is not sound: %s",
		a->known ? a->why : "not checked yet");
}

static void no_broken_terms(const resume *r, sr_no *no)
{
	no_terms(r, no);
	no->refusal.code = SR_CODE_TERMS_BROKEN;
}

/* clang-format off */
static void (*const refusals[SR_RESUME_COUNT])(const resume *r, sr_no *no) = {
	[SR_RESUME_NO_YEAR] = no_year,           [SR_RESUME_CHOICE_PENDING] = no_choice_pending,
	[SR_RESUME_YEAR_OVER] = no_year_over,    [SR_RESUME_TERMS_UNMAPPED] = no_terms,
	[SR_RESUME_GATE] = no_gate,              [SR_RESUME_ACTING_USER] = no_acting_user,
	[SR_RESUME_TERMS_BROKEN] = no_broken_terms,
};
/* clang-format on */

static bool is_named(const json_t *names, const char *check)
{
	size_t i;
	json_t *name;

	json_array_foreach((json_t *)names, i, name)
		if (sr_streq(json_string_value(name), check))
			return true;
	return false;
}

/* An override that was recorded stays, though the school does not go yet. */
static void recorded_say(const sr_call *c, const resume *r, sr_no *no)
{
	const json_t *names = sr_json_array(c->params, "override");
	SR_AUTO(sr_buf) kept = { 0 };
	char title[120];

	for (size_t i = 0; i < r->check_count; i++)
		if (!r->checks[i].pass && r->checks[i].overridden && is_named(names, r->checks[i].name))
			sr_buf_printf(&kept, "%s%s", kept.len ? ", " : "", r->checks[i].name);
	if (!kept.len)
		return;
	sr_school_title(r->s, title, sizeof(title));
	snprintf(no->untouched, sizeof(no->untouched),
		"The override of %s is recorded, nothing else changed; %s stays in %s.", sr_buf_text(&kept), title,
		sr_phase_name(r->s->row.state.phase));
}

/* --- Doing it --- */

static bool resume_go(sr_call *c, resume *r, sr_pev event)
{
	const char *refused = NULL;
	sr_err err = { 0 };
	sr_no no;

	if (sr_block_refusal(r->s, false, "resume", &no)) {
		sr_result_refused(c, r->s, &no);
		return false;
	}
	if (sr_school_step(r->s, event, 0, c->who, sr_call_reason(c), &refused, &err) < 0) {
		sr_result_failed(c, r->s, &err);
		return false;
	}
	if (refused) {
		sr_result_refused(c, r->s, sr_no_init(&no, SR_CODE_NO_PHASE, "%s", refused));
		return false;
	}
	/* What failed before was of another time: the first run begins at once. */
	r->s->attempts = 0;
	sr_sched_school(r->s);
	if (event == SR_PEV_RESUME_FIRST && sr_call_waits(c))
		sr_call_await_first(c, r->s, r->mark);
	else
		sr_result_done(c, r->s, false,
			event == SR_PEV_RESUME_FIRST ? "the first full run begins" : "scheduled runs go on");
	return true;
}

bool sr_resume_school(sr_call *c, sr_school *s)
{
	resume r = { .s = s };
	sr_err err = { 0 };
	sr_resume decision;
	sr_no no;

	if (resume_load(&r, &err) < 0) {
		sr_result_failed(c, s, &err);
		return false;
	}
	decision = sr_resume_decide(&r.facts);
	switch (decision) {
	case SR_RESUME_NOOP:
		if (s->row.state.phase == SR_PH_RESUMED && sr_call_waits(c))
			sr_call_await_first(c, s, s->run ? s->run->id - 1 : r.mark);
		else
			sr_result_done(c, s, true,
				s->row.state.phase == SR_PH_RESUMED ? "resumed already" : "syncing already");
		return true;
	case SR_RESUME_GO_FIRST:
		return resume_go(c, &r, SR_PEV_RESUME_FIRST);
	case SR_RESUME_GO_SYNC:
		return resume_go(c, &r, SR_PEV_RESUME);
	default:
		refusals[decision](&r, &no);
		recorded_say(c, &r, &no);
		sr_result_refused(c, s, &no);
		return false;
	}
}

/* --- --check --- */

static void check_school(sr_call *c, sr_school *s, json_t *gates)
{
	sr_gate_check checks[SR_GATE_MAX];
	resume r = { .s = s };
	size_t count = 0;
	sr_err err = { 0 };
	sr_no no;

	if (!s->row.state.active) {
		no_year(&r, &no);
		sr_result_refused(c, s, &no);
	} else if (sr_gate_judge(s, checks, &count, &err) < 0) {
		sr_result_failed(c, s, &err);
	} else {
		sr_list_add(c, gates, sr_gate_json(c, s, checks, count));
	}
}

static void check_all(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	json_auto_t *gates = json_array();

	c->looked = true;
	if (sr_select(c, SR_PICK_SYNCED, &picks) < 0)
		return;
	for (size_t i = 0; i < picks.count; i++)
		if (!sr_result_unsynced(c, &picks.at[i]))
			check_school(c, picks.at[i].s, gates);
	sr_call_done(c, json_pack("{s:O, s:o}", "gates", gates, "results", sr_results_take(c)));
}

/* --- --override --- */

static bool check_exists(const sr_gate_check *checks, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(checks[i].name, name) == 0)
			return true;
	return false;
}

/* Only what fails now: an override is given on the evidence of the day, not for what may yet come. */
static int overrides_write(
	const sr_call *c, sr_txn *t, sr_school *s, const sr_gate_check *checks, size_t count, sr_err *err)
{
	const json_t *names = sr_json_array(c->params, "override");

	for (size_t i = 0; i < count; i++) {
		char why[300];
		const sr_override_row row = { .school = s->number,
			.check = checks[i].name,
			.reason = sr_call_reason(c),
			.who = c->who,
			.year = s->row.state.active,
			.at_ms = sr_now_ms(c->e) };

		if (checks[i].pass || !is_named(names, checks[i].name))
			continue;
		snprintf(why, sizeof(why), "%s: %s", row.check, row.reason);
		if (sr_store_override_set(t, &row, err) < 0 ||
			sr_act_record(c->e, s, t, c->who, "override", why, err) < 0)
			return -1;
	}
	return 0;
}

/* False: the school is not resumed, and the results say why. */
static bool override_school(sr_call *c, sr_school *s, const json_t *names)
{
	sr_gate_check checks[SR_GATE_MAX];
	size_t count = 0, i;
	sr_err err = { 0 };
	json_t *name;
	sr_txn *t;
	sr_no no;

	if (!s->row.state.active)
		return true; /* there is no gate yet; resume says what is missing */
	if (sr_gate_judge(s, checks, &count, &err) < 0) {
		sr_result_failed(c, s, &err);
		return false;
	}
	json_array_foreach((json_t *)names, i, name) {
		if (check_exists(checks, count, json_string_value(name)))
			continue;
		sr_no_init(&no, SR_CODE_UNKNOWN_CHECK, "the gate has no check \"%.40s\"", json_string_value(name));
		sr_no_todo(&no, "sisrollctl resume %lld --check", (long long)s->number);
		sr_result_refused(c, s, &no);
		return false;
	}
	if (!sr_resume_before_gate(s))
		return true; /* nothing asks the gate here, and resume says what is missing */
	if (sr_txn_begin(c->e->c.store, SR_TXN_DURABLE, &t, &err) == 0 &&
		sr_txn_end(c->e, t, overrides_write(c, t, s, checks, count, &err), &err) == 0)
		return true;
	sr_result_failed(c, s, &err);
	return false;
}

/* False: the call was refused. */
static bool one_picked(sr_call *c, const sr_picks *picks)
{
	sr_no no;

	if (picks->count == 1)
		return true;
	sr_no_init(&no, SR_CODE_INVALID, "a plan is one school's: name that school alone");
	sr_no_todo(&no, "sisrollctl resume SCHOOL --plan %lld", (long long)sr_json_int(c->params, "plan", 0));
	sr_call_refuse_no(c, &no);
	return false;
}

static void resume_picked(sr_call *c, const sr_pick *pick, const json_t *overrides, int64_t plan)
{
	bool on = !sr_result_unsynced(c, pick) &&
		  (json_array_size(overrides) == 0 || override_school(c, pick->s, overrides));

	if (on && plan)
		sr_resume_by_plan(c, pick->s, plan);
	else if (on)
		sr_resume_school(c, pick->s);
}

void sr_cmd_resume(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	const json_t *overrides = sr_json_array(c->params, "override");
	const char *canary = sr_json_text(c->params, "canary");
	int64_t plan = sr_json_int(c->params, "plan", 0);
	sr_no no;

	if (sr_json_bool(c->params, "check", false)) {
		check_all(c);
		return;
	}
	if (json_array_size(overrides) && !sr_call_needs_reason(c, "overriding a check of the gate"))
		return;
	if (canary) {
		sr_resume_canary(c, canary);
		return;
	}
	if (sr_json_bool(c->params, "then_all", false)) {
		sr_no_init(&no, SR_CODE_INVALID, "--then-all says what follows a canary, and none is named");
		sr_no_todo(&no, "sisrollctl resume --canary SCHOOL --then-all");
		sr_call_refuse_no(c, &no);
		return;
	}
	if (sr_select(c, SR_PICK_REFUSE, &picks) < 0 || (plan && !one_picked(c, &picks)))
		return;
	for (size_t i = 0; i < picks.count; i++)
		resume_picked(c, &picks.at[i], overrides, plan);
	if (!c->held && !c->over)
		sr_call_end_runs(c);
}
