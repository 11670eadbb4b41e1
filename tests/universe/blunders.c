/* Mistakes and impatience, a row each. What one of them leaves wrong in PowerSchool's or Schoology's eyes is taken
 * back by uv_blunders_undo, with an ordinary command; all others must be harmless as they are. */
#include <stdio.h>
#include <string.h>

#include "operator.h"

#define REASON "in a hurry"

/* A number drawn from the sandbox's tables; ?1 the school, ?2 chance. 0: there is none. */
static int64_t drawn(uv_world *w, const char *sql, int64_t school)
{
	sqlite3_stmt *q;
	int64_t n = 0;

	if (sqlite3_prepare_v2(w->sim.db, sql, -1, &q, NULL) != SQLITE_OK) {
		uv_break(w, "%s", sqlite3_errmsg(w->sim.db));
		return 0;
	}
	sqlite3_bind_int64(q, 1, school);
	sqlite3_bind_int64(q, 2, uv_range(&w->op_rng, 0, 1 << 20));
	if (sqlite3_step(q) == SQLITE_ROW)
		n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

static int64_t some_school(uv_world *w)
{
	return drawn(w,
		"select schoolid from students where ?1 = 0 and enroll_status = 0 and schoolid < 999999"
		" order by (schoolid * 7919 + ?2) % 104729",
		0);
}

/* One of the newest `among` things that a list command shows, of those that `counts`. 0: none. */
static int64_t listed(
	uv_world *w, const char *method, const char *list, int64_t school, int among, bool (*counts)(const json_t *row))
{
	char code[40];
	json_auto_t *reply = uv_command(w, method, uv_school_params(school), code);
	int64_t found[16] = { 0 };
	const json_t *row;
	int n = 0;
	size_t i;

	json_array_foreach(json_object_get(reply, list), i, row)
		if (n < among && n < (int)SR_COUNT_OF(found) && (!counts || counts(row)))
			found[n++] = json_integer_value(json_object_get(row, "id"));
	return n ? found[uv_range(&w->op_rng, 0, n - 1)] : 0;
}

static bool wrote(const json_t *run)
{
	return json_integer_value(json_object_get(run, "created")) +
		       json_integer_value(json_object_get(run, "updated")) +
		       json_integer_value(json_object_get(run, "dropped")) >
	       0;
}

static json_t *reasoned(json_t *params)
{
	return uv_with(params, "reason", json_string(REASON));
}

static void pause_it(uv_world *w, int64_t school)
{
	uv_act(w, "Pause", uv_school_params(school));
}

static void resume_it(uv_world *w, int64_t school)
{
	uv_act(w, "Resume", uv_school_params(school));
}

static void resume_all(uv_world *w, int64_t school)
{
	(void)school;
	uv_act(w, "Resume", json_pack("{s:b}", "all", 1));
}

static void resume_override(uv_world *w, int64_t school)
{
	static const char *const checks[] = { "acting-user", "sis-rolled", "terms", "rehearsal", "people", "counts",
		"guards" };
	const char *check = checks[uv_range(&w->op_rng, 0, SR_COUNT_OF(checks) - 1)];

	uv_act(w, "Resume", reasoned(uv_with(uv_school_params(school), "override", json_pack("[s]", check))));
}

static void resume_old_plan(uv_world *w, int64_t school)
{
	int64_t plan = listed(w, "PlanList", "plans", school, 10, NULL);

	uv_act(w, "Resume", uv_with(uv_school_params(school), "plan", json_integer(plan)));
}

static void resume_canary(uv_world *w, int64_t school)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)school);
	uv_act(w, "Resume", json_pack("{s:s, s:b}", "canary", number, "then_all", 1));
}

static void year_set(uv_world *w, int64_t school)
{
	static const char *const years[] = { "2025-2026", "2026-2027", "2027-2028", "1999-2000" };

	uv_confirm(w, "YearSet",
		uv_with(uv_school_params(school), "year", json_string(years[uv_range(&w->op_rng, 0, 3)])));
}

static void year_set_and_cancel(uv_world *w, int64_t school)
{
	year_set(w, school);
	uv_act(w, "YearCancel", uv_school_params(school));
}

static void year_cancel(uv_world *w, int64_t school)
{
	uv_act(w, "YearCancel", uv_school_params(school));
}

static void sync_it(uv_world *w, int64_t school)
{
	uv_act(w, "Sync", uv_school_params(school));
}

static void sync_drops(uv_world *w, int64_t school)
{
	uv_act(w, "Sync", uv_with(uv_school_params(school), "drops", json_true()));
}

static void sync_raised(uv_world *w, int64_t school)
{
	uv_act(w, "Sync", reasoned(uv_with(uv_school_params(school), "raise_drops", json_integer(100))));
}

static void refresh(uv_world *w, int64_t school)
{
	(void)school;
	uv_act(w, "Refresh", json_object());
}

static void retry(uv_world *w, int64_t school)
{
	uv_act(w, "QuarantineRetry", uv_school_params(school));
}

static void rehearse(uv_world *w, int64_t school)
{
	uv_act(w, "Rehearse", uv_school_params(school));
}

static void automap(uv_world *w, int64_t school)
{
	uv_act(w, "TermsAutomap", uv_school_params(school));
}

static void map_wrong(uv_world *w, int64_t school)
{
	int64_t term = drawn(
		w, "select id from terms where schoolid = ?1 order by (dcid * 7919 + ?2) % 104729", school);
	int64_t period = drawn(w, "select id from sgy_period where ?1 order by (id * 7919 + ?2) % 104729", school);
	json_auto_t *reply = NULL;
	char number[24];

	if (!term || !period || w->map_count == UV_MAPS)
		return;
	snprintf(number, sizeof(number), "%lld", (long long)school);
	w->maps[w->map_count++] = (uv_map){ school, term }; /* an answer that was lost counts too */
	reply = uv_ask(w, "TermsMap",
		reasoned(json_pack("{s:s, s:I, s:[I], s:b}", "school", number, "term", (json_int_t)term, "periods",
			(json_int_t)period, "force", 1)));
}

static void unmap(uv_world *w, int64_t school)
{
	int64_t term = drawn(
		w, "select id from terms where schoolid = ?1 order by (dcid * 7919 + ?2) % 104729", school);
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)school);
	uv_act(w, "TermsUnmap", json_pack("{s:s, s:I}", "school", number, "term", (json_int_t)term));
}

static void term_dates(uv_world *w, int64_t school)
{
	int64_t term = drawn(
		w, "select id from terms where schoolid = ?1 order by (dcid * 7919 + ?2) % 104729", school);
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)school);
	uv_confirm(w, "TermsDates",
		json_pack("{s:s, s:I, s:b}", "school", number, "term", (json_int_t)term, "as_powerschool", 1));
}

static void approve(uv_world *w, int64_t school)
{
	uv_confirm(w, "WaitingApprove", uv_with(uv_school_params(school), "kind", json_string("membership")));
}

static void approve_rejected(uv_world *w, int64_t school)
{
	uv_confirm(w, "WaitingApprove",
		uv_with(uv_with(uv_school_params(school), "kind", json_string("membership")), "rejected", json_true()));
}

static void reject(uv_world *w, int64_t school)
{
	uv_confirm(w, "WaitingReject", uv_school_params(school));
}

static void unblock(uv_world *w, int64_t school)
{
	static const char *const codes[] = { "duplicate-suspect", "year-lost", "wrong-district", "no-building" };
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)school);
	uv_act(w, "Unblock",
		reasoned(json_pack("{s:s, s:s}", "school", number, "block", codes[uv_range(&w->op_rng, 0, 3)])));
}

/* Pauses as the refusal says, and undoes one of the last runs. */
static void undo(uv_world *w, int64_t school)
{
	int64_t run = listed(w, "Runs", "runs", school, 3, wrote);
	json_t *params = json_pack("{s:I, s:b}", "run", (json_int_t)run, "wait", 1);

	uv_act(w, "Pause", uv_school_params(school));
	if (uv_chance(&w->op_rng, 300))
		uv_with(params, "and_later", json_true());
	uv_confirm(w, "Undo", params);
}

static void run_stop(uv_world *w, int64_t school)
{
	json_auto_t *reply = uv_ask(w, "Sync", uv_school_params(school));
	const json_t *run = json_object_get(json_array_get(json_object_get(reply, "results"), 0), "run");

	uv_pass(w, uv_range(&w->op_rng, 0, 5000));
	uv_act(w, "RunStop", json_pack("{s:I}", "run", json_integer_value(run)));
}

static void release_late(uv_world *w, int64_t school)
{
	char day[11];

	sr_day_print(uv_today(w, &(int){ 0 }) + (sr_day)uv_range(&w->op_rng, 1, 60), day);
	uv_act(w, "Release", uv_with(uv_school_params(school), "on", json_string(day)));
}

static void release_now(uv_world *w, int64_t school)
{
	uv_act(w, "Release", uv_with(uv_school_params(school), "now", json_true()));
}

static void inactive_apply(uv_world *w, int64_t plan)
{
	w->inactivated = true;
	uv_confirm(w, "InactiveApply",
		reasoned(json_pack("{s:[I], s:b, s:b}", "plans", (json_int_t)plan, "force", 1, "wait", 1)));
}

void uv_leavers(uv_world *w, int64_t school)
{
	json_auto_t *reply = uv_ask(
		w, "InactivePlan", uv_with(uv_school_params(school ? school : some_school(w)), "wait", json_true()));
	int64_t plan = json_integer_value(
		json_object_get(json_array_get(json_object_get(reply, "results"), 0), "plan"));

	if (plan && uv_chance(&w->op_rng, 800))
		inactive_apply(w, plan);
}

/* A list that is no list of leavers, or an old one. */
static void inactive_wrong_plan(uv_world *w, int64_t school)
{
	inactive_apply(w, listed(w, "PlanList", "plans", school, 10, NULL));
}

static void two_at_once(uv_world *w, int64_t school)
{
	static const char *const methods[] = { "Pause", "Sync", "Resume", "Rehearse", "TermsAutomap", "YearCancel",
		"Refresh" };
	const char *two[2];
	json_t *params[2];

	for (int i = 0; i < 2; i++) {
		two[i] = methods[uv_range(&w->op_rng, 0, SR_COUNT_OF(methods) - 1)];
		params[i] = uv_school_params(school);
	}
	uv_commands(w, two, params);
}

/* A token of a preview that something has happened since. */
static void token_stale(uv_world *w, int64_t school)
{
	json_t *params = uv_with(uv_school_params(school), "year", json_string("2026-2027"));
	json_auto_t *reply = uv_ask(w, "YearSet", json_deep_copy(params));

	uv_pass(w, 20 * 60 * 1000LL);
	uv_act(w, "YearSet",
		uv_with(params, "token", json_string(uv_text(json_object_get(reply, "preview"), "token"))));
}

static const struct {
	const char *name;
	void (*make)(uv_world *w, int64_t school);
} blunders[] = {
	{ "pause", pause_it },
	{ "resume", resume_it },
	{ "resume-all", resume_all },
	{ "resume-override", resume_override },
	{ "resume-old-plan", resume_old_plan },
	{ "resume-canary", resume_canary },
	{ "year-set", year_set },
	{ "year-set-and-cancel", year_set_and_cancel },
	{ "year-cancel", year_cancel },
	{ "sync", sync_it },
	{ "sync-drops", sync_drops },
	{ "sync-raised", sync_raised },
	{ "refresh", refresh },
	{ "retry", retry },
	{ "rehearse", rehearse },
	{ "automap", automap },
	{ "map-wrong", map_wrong },
	{ "unmap", unmap },
	{ "term-dates", term_dates },
	{ "approve", approve },
	{ "approve-rejected", approve_rejected },
	{ "reject", reject },
	{ "unblock", unblock },
	{ "undo", undo },
	{ "run-stop", run_stop },
	{ "release-late", release_late },
	{ "release-now", release_now },
	{ "inactive", uv_leavers },
	{ "inactive-wrong-plan", inactive_wrong_plan },
	{ "two-at-once", two_at_once },
	{ "token-stale", token_stale },
};

void uv_blunder(uv_world *w, int64_t school)
{
	size_t i = (size_t)uv_range(&w->op_rng, 0, SR_COUNT_OF(blunders) - 1);

	if (!school)
		school = some_school(w);
	if (w->verbose)
		fprintf(stderr, "%10lld blunder: %s at %lld\n", (long long)w->now_ms, blunders[i].name,
			(long long)school);
	uv_tally_count(w->tallies, "blunder", blunders[i].name, true);
	blunders[i].make(w, school);
}

void uv_blunders_expect(uv_tallies *t)
{
	for (size_t i = 0; i < SR_COUNT_OF(blunders); i++)
		uv_tally_expect(t, "blunder", blunders[i].name);
}

void uv_blunders_undo(uv_world *w)
{
	char number[24];

	uv_act(w, "Release", json_pack("{s:b, s:b}", "all", 1, "as_configured", 1));
	while (w->map_count) {
		const uv_map *m = &w->maps[--w->map_count];

		snprintf(number, sizeof(number), "%lld", (long long)m->school);
		uv_act(w, "TermsUnmap", json_pack("{s:s, s:I}", "school", number, "term", (json_int_t)m->term));
	}
}
