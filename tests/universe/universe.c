/* One life: a first installation, small changes, the end of the year, the rollover, small changes again,
 * all by an operator who does what `status` says and makes mistakes; after each act the oracle. */
#include "universe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "laws.h"
#include "operator.h"

#define MINUTE (60 * 1000LL)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEARID 36 /* 2026-2027, into which the district rolls */

/* ---- the district's life ------------------------------------------------------------------------- */

/* Now and then one school is left behind for a while: PowerSchool is rolled school by school. */
static void eoy(uv_world *w)
{
	SR_AUTO(sr_buf) said = { 0 };
	int64_t behind = 0;
	sr_err err;

	/* Fails where every school has them: the early ones made theirs in spring. */
	sim_mutate(&w->sim, "add-next-terms", 2, (const char *[]){ "all", "2026" }, &said, &err);
	sim_sql_int(w->sim.db, &behind, &err,
		"select max(schoolid) from students where enroll_status = 0 and schoolid <"
		" 999999 having count(distinct schoolid) > 1",
		"");
	if (behind && uv_chance(&w->op_rng, 300)) {
		uv_tally_count(w->tallies, "change", "eoy but one school",
			sim_eoy(&w->sim, &(sim_eoy_options){ .yearid = YEARID, .except = &behind, .except_count = 1 },
				&said, &err) == 0);
		uv_pass(w, uv_range(&w->op_rng, 1, 72) * HOUR);
		for (int i = 0; i < 3; i++)
			uv_blunder(w, 0);
	}
	if (sim_eoy(&w->sim, &(sim_eoy_options){ .yearid = YEARID }, &said, &err) < 0)
		uv_break(w, "eoy: %s", err.text);
}

/* What the services answer instead of an answer, for a few requests from now on. */
static void bad_answers(uv_world *w)
{
	static const char *const kinds[][5] = {
		{ "429", "--service", "sgy", "--retry-after", "2" },
		{ "429", "--service", "sgy", "--retry-after", "0" },
		{ "5xx", "--service", "sgy", "--status", "502" },
		{ "5xx", "--service", "ps", "--status", "503" },
		{ "html200", "--service", "ps", "--ms", "0" },
		{ "truncate", "--service", "ps", "--ms", "0" },
		{ "truncate", "--service", "sgy", "--ms", "0" },
		{ "cut", "--service", "sgy", "--ms", "0" },
		{ "item-failure", "--service", "sgy", "--item", "0" },
		{ "5xx", "--method", "PUT", "--status", "400" },
		{ "expired-token", "--service", "ps", "--ms", "0" },
		{ "slow", "--service", "sgy", "--ms", "30000" },
	};
	const char *const *kind = kinds[uv_range(&w->rng, 0, SR_COUNT_OF(kinds) - 1)];
	char after[24], count[24];
	sr_err err;

	snprintf(after, sizeof(after), "%lld", (long long)uv_range(&w->rng, 0, 150));
	snprintf(count, sizeof(count), "%lld", (long long)uv_range(&w->rng, 1, 3));
	if (w->answers.count == SIM_FAULTS_MAX)
		sim_fault_clear(&w->answers);
	if (sim_fault_add(&w->answers, 9,
		    (const char *[]){ kind[0], kind[1], kind[2], kind[3], kind[4], "--after", after, "--count", count },
		    &err) < 0)
		uv_break(w, "fault: %s", err.text);
}

static void some_days(uv_world *w, const char *year, bool term_runs)
{
	int64_t count = uv_range(&w->op_rng, 0, 10);

	for (int64_t i = 0; i < count && !*w->broken; i++) {
		uv_change(w, atoi(year), term_runs);
		if (uv_chance(&w->op_rng, 400))
			uv_blunder(w, 0);
		if (uv_chance(&w->op_rng, w->faults.bad))
			bad_answers(w);
		uv_pass(w, uv_range(&w->op_rng, 1, 9) * HOUR);
		if (uv_chance(&w->op_rng, 300))
			uv_visit(w, year);
		if (uv_chance(&w->op_rng, 150))
			uv_kill(w);
	}
}

/* ---- the oracle ----------------------------------------------------------------------------------- */

static bool quiet(uv_world *w, void *arg)
{
	(void)arg;
	return w->engine && sr_engine_quiet(w->engine);
}

static void second_run_is_empty(uv_world *w)
{
	int64_t before = sim_sgy_write_count(w->sim.db, 0, false);

	uv_pass(w, 26 * HOUR);
	uv_pass_until(w, HOUR, quiet, NULL);
	if (sim_sgy_write_count(w->sim.db, 0, false) != before)
		uv_break(w, "nothing changed in PowerSchool, and yet %lld writes",
			(long long)(sim_sgy_write_count(w->sim.db, 0, false) - before));
}

/* Mistakes are corrected, the services behave, the operator clears what is left: then everything must be as it
 * should. */
static void calm_down(uv_world *w, const char *year)
{
	w->faults = (uv_faults){ 0 };
	sim_fault_clear(&w->answers);
	uv_changes_undo(w);
	uv_clear(w, year);
	uv_pass_until(w, DAY, quiet, NULL);
}

/* ---- the whole ------------------------------------------------------------------------------------ */

static uv_faults faults_of(uint64_t seed)
{
	/* A third of the lives is calm, so that a failing law is not always the faults' doing. */
	if (seed % 3 == 0)
		return (uv_faults){ 0 };
	return (uv_faults){ .lost = 8, .reset = 4, .death = seed % 3 == 1 ? 6 : 2, .slow = 10, .bad = 400 };
}

static void install(uv_world *w)
{
	w->faults = faults_of(w->seed);
	if (w->faults.bad)
		bad_answers(w);
	uv_steer(w, "2025-2026", 60);
	uv_pass(w, 2 * HOUR);
}

static void old_year_ends(uv_world *w)
{
	bool nobody_paused = uv_chance(&w->op_rng, 400);
	sr_day over;
	sr_err err;

	if (!nobody_paused)
		uv_act(w, "Pause", json_pack("{s:b}", "all", 1));
	sr_day_parse("2026-06-09", &over);
	while (uv_today(w, &(int){ 0 }) < over && !*w->broken)
		uv_pass(w, DAY);
	uv_pass(w, uv_range(&w->op_rng, 1, 5) * DAY);
	uv_pass_until(w, DAY, quiet, NULL);
	uv_compare(w, 2025, "spring"); /* classes have ended: nobody is taken out of them for it */
	if (sim_snapshot_take(w->sim.db, "before", &err) < 0)
		uv_break(w, "snapshot: %s", err.text);
	eoy(w);
	uv_pass(w, uv_range(&w->op_rng, 1, 48) * HOUR);
	/* Somebody wants the last changes of the old year sent, and it is too late for that. */
	uv_change_named(w, "name-change", 2025);
	uv_act(w, "Sync", json_pack("{s:b, s:b}", "all", 1, "drops", 1));
	uv_pass(w, HOUR);
}

static void rollover(uv_world *w)
{
	w->faults = faults_of(w->seed);
	if (w->faults.bad)
		bad_answers(w);
	uv_steer(w, "2026-2027", 120);
	calm_down(w, "2026-2027");
}

/* The summer is over, or still to come. */
static void new_year(uv_world *w)
{
	if (uv_chance(&w->op_rng, 500))
		uv_power_off(w, uv_range(&w->op_rng, 60, 140) * DAY);
	w->faults = faults_of(w->seed);
	if (uv_chance(&w->op_rng, 400))
		uv_leavers(w, 0);
	some_days(w, "2026-2027", true);
	calm_down(w, "2026-2027");
}

typedef struct act_row {
	void (*play)(uv_world *w);
	int year; /* that Schoology must agree with afterwards; 0: not compared */
	const char *snapshot;
} act_row;

static void spring(uv_world *w)
{
	sr_err err;

	some_days(w, "2025-2026", false);
	calm_down(w, "2025-2026");
	if (sim_snapshot_take(w->sim.db, "spring", &err) < 0)
		uv_break(w, "snapshot: %s", err.text);
}

static const act_row acts[] = {
	{ install, 0, NULL },
	{ spring, 2025, NULL },
	{ old_year_ends, 0, NULL },
	{ rollover, 2026, "before" },
	{ new_year, 2026, "before" },
	{ second_run_is_empty, 0, NULL },
};

/* Most lives are of a village, for a life costs by its people, and laws break in small worlds too; every
 * fourth is of a district in which batches, pages and turns are full. */
static void district_of(uint64_t seed, char out[64])
{
	uv_rng rng = { seed * 2 + 0xd15 };
	int64_t schools = uv_range(&rng, 1, 3);

	if (seed % 4 == 0)
		snprintf(out, 64, "small,students=%lld", (long long)uv_range(&rng, 24, 40));
	else
		snprintf(out, 64, "small,schools=%lld,students=%lld,slots=3", (long long)schools,
			(long long)(schools * 6 + uv_range(&rng, 0, 6)));
}

void uv_expect(uv_tallies *t)
{
	uv_changes_expect(t);
	uv_blunders_expect(t);
}

int uv_play(uint64_t seed, bool verbose, uv_tallies *tallies, uv_result *out)
{
	char district[64];
	uv_world w;
	sr_err err;

	*out = (uv_result){ .seed = seed };
	district_of(seed, district);
	if (uv_open(&w, seed, district, "2026-05-13", &err) < 0) {
		snprintf(out->broken, sizeof(out->broken), "cannot open: %s", err.text);
		return -1;
	}
	w.verbose = verbose;
	w.tallies = tallies;
	for (size_t i = 0; i < SR_COUNT_OF(acts) && !*w.broken; i++) {
		acts[i].play(&w);
		if (!*w.broken && acts[i].year)
			uv_compare(&w, acts[i].year, acts[i].snapshot);
		if (!*w.broken && w.engine)
			uv_laws(&w);
	}
	snprintf(out->broken, sizeof(out->broken), "%s", w.broken);
	out->deaths = w.deaths;
	out->losses = w.losses;
	out->requests = w.requests;
	out->writes = w.writes;
	out->longest_turn = w.engine ? sr_engine_longest_turn(w.engine) : 0;
	uv_close(&w);
	return *out->broken ? -1 : 0;
}
