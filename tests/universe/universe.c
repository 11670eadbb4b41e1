/* One life: a first installation, small changes, the end of the year, the rollover, small changes again,
 * all by an operator who does what `status` says and makes mistakes; after each act the oracle. */
#include "universe.h"

#include <stdio.h>
#include <string.h>

#include "changes.h"
#include "laws.h"

#define MINUTE (60 * 1000LL)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* ---- the operator ------------------------------------------------------------------------------- */

static json_t *status(uv_world *w)
{
	char code[40];

	return uv_command(w, "Status", json_object(), code);
}

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key)) ?: "";
}

static json_t *school_params(int64_t school)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)school);
	return json_pack("{s:[s]}", "schools", number);
}

static void say(uv_world *w, const char *what, const char *code)
{
	if (w->verbose)
		fprintf(stderr, "%10lld operator: %s %s\n", (long long)w->now_ms, what, code);
}

/* One command whose answer only matters by its code. */
static void act(uv_world *w, const char *method, json_t *params)
{
	char code[40];
	json_t *reply;
	SR_AUTO_FREE char *what = json_dumps(params, JSON_COMPACT);
	SR_AUTO_FREE char *line = NULL;

	reply = uv_command(w, method, params, code);
	if (w->verbose) {
		SR_AUTO_FREE char *answer = reply ? json_dumps(reply, JSON_COMPACT) : NULL;

		line = sr_asprintf("%s %s -> %s", method, what, answer ? answer : "");
		say(w, line, code);
	}
	json_decref(reply);
}

/* Preview, then confirmation with its token: two acts, as an operator does them. */
static void year_set(uv_world *w, const char *year, int64_t school)
{
	char code[40];
	json_t *params = school_params(school), *reply;
	const char *token;

	json_object_set_new(params, "year", json_string(year));
	reply = uv_command(w, "YearSet", json_deep_copy(params), code);
	token = text(json_object_get(reply, "preview"), "token");
	if (*token) {
		json_object_set_new(params, "token", json_string(token));
		act(w, "YearSet", params);
	} else {
		say(w, "YearSet preview", code);
		json_decref(params);
	}
	json_decref(reply);
}

static void set_flag(json_t *params, const char *key)
{
	json_object_set_new(params, key, json_true());
}

/* What a careful operator does next for one school on the way to `year`. */
static void follow(uv_world *w, const json_t *school, const char *year)
{
	int64_t number = json_integer_value(json_object_get(school, "school"));
	const char *phase = text(school, "phase");
	json_t *params = school_params(number);

	if (strcmp(phase, "syncing") == 0 && strcmp(text(school, "active_year"), year) != 0) {
		act(w, "Pause", params);
		return;
	}
	if (strcmp(phase, "paused") == 0 && strcmp(text(school, "active_year"), year) != 0) {
		json_decref(params);
		year_set(w, year, number);
		return;
	}
	if (strcmp(phase, "year-set") == 0) {
		act(w, "TermsAutomap", params);
		return;
	}
	if (strcmp(phase, "terms-mapped") == 0) {
		json_t *again = json_deep_copy(params);

		set_flag(params, "wait");
		act(w, "Rehearse", params);
		act(w, "Resume", again);
		return;
	}
	if (strcmp(phase, "paused") == 0) {
		json_t *again = json_deep_copy(params);

		set_flag(params, "wait");
		act(w, "Rehearse", params);
		act(w, "Resume", again);
		return;
	}
	json_decref(params);
}

/* Mistakes and impatience: any command, any school, at any time. */
static void blunder(uv_world *w, const json_t *schools)
{
	static const char *const years[] = { "2025-2026", "2026-2027", "2027-2028", "1999-2000" };
	size_t n = json_array_size(schools);
	const json_t *school = json_array_get(schools, (size_t)uv_range(&w->op_rng, 0, (int64_t)n - 1));
	int64_t number = json_integer_value(json_object_get(school, "school"));

	switch (uv_range(&w->op_rng, 0, 8)) {
	case 0:
		act(w, "Pause", school_params(number));
		break;
	case 1:
		act(w, "Resume", school_params(number));
		break;
	case 2:
		act(w, "YearCancel", school_params(number));
		break;
	case 3:
		year_set(w, years[uv_range(&w->op_rng, 0, 3)], number);
		break;
	case 4:
		act(w, "Sync", school_params(number));
		break;
	case 5:
		act(w, "Refresh", json_object());
		break;
	case 6:
		act(w, "QuarantineRetry", school_params(number));
		break;
	case 7:
		act(w, "Rehearse", school_params(number));
		break;
	default:
		act(w, "TermsAutomap", school_params(number));
		break;
	}
}

static bool there(const json_t *schools, const char *year)
{
	const json_t *school;
	size_t i;

	json_array_foreach((json_t *)schools, i, school)
		if (strcmp(text(school, "phase"), "syncing") != 0 || strcmp(text(school, "active_year"), year) != 0)
			return false;
	return json_array_size(schools) > 0;
}

/* Steers every school into `syncing` on `year`; blunders on the way, but not for ever. */
static void steer(uv_world *w, const char *year, unsigned blunders_per_mille)
{
	for (int i = 0; i < 400 && !*w->broken; i++) {
		json_t *s = status(w), *school, *schools = json_object_get(s, "schools");
		size_t k;
		bool done = schools && there(schools, year);

		if (done) {
			json_decref(s);
			return;
		}
		if (schools && json_array_size(schools) && i < 100 && uv_chance(&w->op_rng, blunders_per_mille))
			blunder(w, schools);
		else
			json_array_foreach(schools, k, school)
				follow(w, school, year);
		json_decref(s);
		uv_pass(w, uv_range(&w->op_rng, 1, 20) * MINUTE);
	}
	if (!*w->broken) {
		json_t *s = status(w);
		SR_AUTO_FREE char *dump = json_dumps(json_object_get(s, "schools"), JSON_COMPACT);

		json_decref(s);
		uv_break(w, "not every school came to syncing on %s: %.300s", year, dump ? dump : "?");
	}
}

/* ---- the district's life ------------------------------------------------------------------------- */

static void eoy(uv_world *w)
{
	SR_AUTO(sr_buf) said = { 0 };
	sr_err err;

	/* Fails where every school has them: the early ones made theirs in spring. */
	sim_mutate(&w->sim, "add-next-terms", 2, (const char *[]){ "all", "2026" }, &said, &err);
	if (sim_eoy(&w->sim, &(sim_eoy_options){ 0 }, &said, &err) < 0)
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

static void some_days(uv_world *w, int start_year, bool term_runs)
{
	int64_t count = uv_range(&w->op_rng, 0, 10);

	for (int64_t i = 0; i < count && !*w->broken; i++) {
		uv_change(w, start_year, term_runs);
		if (uv_chance(&w->op_rng, w->faults.bad))
			bad_answers(w);
		uv_pass(w, uv_range(&w->op_rng, 1, 9) * HOUR);
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

/* Mistakes are corrected, the services behave, the operator tries again what was refused: then everything
 * that nobody has to decide must be as it should. */
static void calm_down(uv_world *w)
{
	w->faults = (uv_faults){ 0 };
	sim_fault_clear(&w->answers);
	uv_changes_undo(w);
	uv_pass(w, 13 * HOUR); /* a run sees which terms are in use by now */
	act(w, "TermsAutomap", json_pack("{s:b}", "all", 1));
	act(w, "QuarantineRetry", json_pack("{s:b}", "all", 1));
	uv_pass(w, 26 * HOUR);
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
	steer(w, "2025-2026", 60);
	uv_pass(w, 2 * HOUR);
}

static void old_year_ends(uv_world *w)
{
	bool nobody_paused = uv_chance(&w->op_rng, 400);
	sr_err err;

	if (!nobody_paused)
		act(w, "Pause", json_pack("{s:b}", "all", 1));
	uv_pass(w, uv_range(&w->op_rng, 3, 7) * DAY);
	uv_pass_until(w, DAY, quiet, NULL);
	if (sim_snapshot_take(w->sim.db, "before", &err) < 0)
		uv_break(w, "snapshot: %s", err.text);
	eoy(w);
	uv_pass(w, uv_range(&w->op_rng, 1, 48) * HOUR);
}

static void rollover(uv_world *w)
{
	w->faults = faults_of(w->seed);
	if (w->faults.bad)
		bad_answers(w);
	steer(w, "2026-2027", 120);
	calm_down(w);
}

/* The summer is over, or still to come. */
static void new_year(uv_world *w)
{
	if (uv_chance(&w->op_rng, 500))
		uv_power_off(w, uv_range(&w->op_rng, 60, 100) * DAY);
	w->faults = faults_of(w->seed);
	some_days(w, 2026, true);
	calm_down(w);
}

typedef struct act_row {
	void (*play)(uv_world *w);
	int year; /* that Schoology must agree with afterwards; 0: not compared */
	const char *snapshot;
} act_row;

static void spring(uv_world *w)
{
	some_days(w, 2025, false);
	calm_down(w);
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

int uv_play(uint64_t seed, bool verbose, uv_result *out)
{
	char district[64];
	uv_world w;
	sr_err err;

	*out = (uv_result){ .seed = seed };
	district_of(seed, district);
	if (uv_open(&w, seed, district, "2026-06-03", &err) < 0) {
		snprintf(out->broken, sizeof(out->broken), "cannot open: %s", err.text);
		return -1;
	}
	w.verbose = verbose;
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
