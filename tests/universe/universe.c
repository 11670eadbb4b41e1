/* One life: a first installation, a spring of small changes, the end of the year, the rollover, all by
 * an operator who does what `status` says and makes mistakes; then the oracle. */
#include "universe.h"

#include <stdio.h>
#include <string.h>

#define MINUTE (60 * 1000LL)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NEW 36 /* 2026-2027 */

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

static void mutate(uv_world *w, int argc, const char *const *argv)
{
	SR_AUTO(sr_buf) said = { 0 };
	sr_err err;
	int rc = sim_mutate(&w->sim, argv[0], argc - 1, argv + 1, &said, &err);

	if (w->verbose)
		fprintf(stderr, "%10lld district: %s %s\n", (long long)w->now_ms, argv[0],
			rc < 0 ? err.text : sr_buf_text(&said));
}

static int64_t pick(uv_world *w, const char *sql)
{
	sqlite3_stmt *stmt;
	int64_t value = 0;

	if (sqlite3_prepare_v2(w->sim.db, sql, -1, &stmt, NULL) != SQLITE_OK) {
		uv_break(w, "pick: %s", sqlite3_errmsg(w->sim.db));
		return 0;
	}
	sqlite3_bind_int64(stmt, 1, uv_range(&w->op_rng, 0, 1 << 20));
	if (sqlite3_step(stmt) == SQLITE_ROW)
		value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

/* Some student number of those active; by a seeded draw. */
static int64_t some_student(uv_world *w)
{
	return pick(w, "select cast(student_number as integer) from students where enroll_status = 0 order by (id * "
		       "7919 + ?1) % 104729 limit 1");
}

static void small_change(uv_world *w)
{
	char student[24], school[24], grade[8];

	snprintf(student, sizeof(student), "%lld", (long long)some_student(w));
	snprintf(school, sizeof(school), "%lld",
		(long long)pick(w, "select schoolid from students where enroll_status = 0 and schoolid < 999999 order "
				   "by (id * 31 + ?1) % 997 limit 1"));
	snprintf(grade, sizeof(grade), "%lld",
		(long long)pick(w, "select grade_level from students where enroll_status = 0 order by (id * 31 + ?1) % "
				   "997 limit 1"));
	switch (uv_range(&w->op_rng, 0, 3)) {
	case 0:
		mutate(w, 4, (const char *[]){ "name-change", student, "O'Changed", "Zoë" });
		break;
	case 1:
		mutate(w, 3, (const char *[]){ "new-student", school, grade });
		break;
	case 2:
		mutate(w, 2, (const char *[]){ "rename-old-section", school });
		break;
	default:
		mutate(w, 2, (const char *[]){ "late-correction", student });
		break;
	}
}

static void spring(uv_world *w)
{
	int64_t changes = uv_range(&w->op_rng, 0, 5);

	for (int64_t i = 0; i < changes && !*w->broken; i++) {
		small_change(w);
		uv_pass(w, uv_range(&w->op_rng, 1, 4) * HOUR);
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

	uv_pass(w, 17 * HOUR);
	uv_pass_until(w, HOUR, quiet, NULL);
	if (sim_sgy_write_count(w->sim.db, 0, false) != before)
		uv_break(w, "nothing changed in PowerSchool, and yet %lld writes",
			(long long)(sim_sgy_write_count(w->sim.db, 0, false) - before));
}

static void compare(uv_world *w, int yearid, const char *snapshot)
{
	SR_AUTO(sim_verify_report) report = { 0 };
	sim_verify_options options = { .yearid = yearid,
		.snapshot = snapshot,
		.allow_drops = true,
		.allow_left = true,
		.list_max = 5,
		.role_staff = "Staff" };
	sr_err err;

	if (sim_verify(&w->sim, &options, &report, &err) < 0)
		uv_break(w, "verify: %s", err.text);
	else if (report.differences)
		uv_break(w, "Schoology is not what the SIS says:\n%s", sr_buf_text(&report.text));
	if (w->verbose)
		fprintf(stderr, "%s\n", sr_buf_text(&report.text));
}

static void budget_held(uv_world *w)
{
	int64_t max = sim_sgy_max_cost(w->sim.db, w->config->schoology.rate_window_ms, 0);

	if (max > w->config->schoology.rate_credits)
		uv_break(w, "a window of requests cost %lld credits", (long long)max);
}

static void laws(uv_world *w)
{
	if (sr_engine_other_year_writes(w->engine))
		uv_break(w, "the fence had to refuse %lld writes of another year",
			(long long)sr_engine_other_year_writes(w->engine));
	budget_held(w);
}

/* ---- the whole ------------------------------------------------------------------------------------ */

static uv_faults faults_of(uint64_t seed)
{
	/* A third of the lives is calm, so that a failing law is not always the faults' doing. */
	if (seed % 3 == 0)
		return (uv_faults){ 0 };
	return (uv_faults){ .lost = 8, .reset = 4, .death = seed % 3 == 1 ? 6 : 2, .slow = 10 };
}

static void install(uv_world *w)
{
	w->faults = faults_of(w->seed);
	steer(w, "2025-2026", 60);
	uv_pass(w, 2 * HOUR);
}

static void old_year_ends(uv_world *w)
{
	SR_AUTO(sr_buf) said = { 0 };
	bool nobody_paused = uv_chance(&w->op_rng, 400);
	sr_err err;

	if (!nobody_paused)
		act(w, "Pause", json_pack("{s:b}", "all", 1));
	uv_pass(w, uv_range(&w->op_rng, 5, 12) * DAY);
	uv_pass_until(w, DAY, quiet, NULL);
	if (sim_snapshot_take(w->sim.db, "before", &err) < 0)
		uv_break(w, "snapshot: %s", err.text);
	mutate(w, 3, (const char *[]){ "add-next-terms", "all", "2026" });
	if (sim_eoy(&w->sim, &(sim_eoy_options){ 0 }, &said, &err) < 0)
		uv_break(w, "eoy: %s", err.text);
	uv_pass(w, uv_range(&w->op_rng, 1, 48) * HOUR);
}

int uv_play(uint64_t seed, bool verbose, uv_result *out)
{
	uv_world w;
	sr_err err;

	*out = (uv_result){ .seed = seed };
	if (uv_open(&w, seed, "small", "2026-06-01", &err) < 0) {
		snprintf(out->broken, sizeof(out->broken), "cannot open: %s", err.text);
		return -1;
	}
	w.verbose = verbose;
	install(&w);
	if (!*w.broken)
		spring(&w);
	if (!*w.broken)
		old_year_ends(&w);
	if (!*w.broken)
		steer(&w, "2026-2027", 120);
	w.faults = (uv_faults){ 0 };
	uv_pass(&w, 17 * HOUR);
	uv_pass_until(&w, DAY, quiet, NULL);
	if (!*w.broken)
		compare(&w, NEW, "before");
	if (!*w.broken)
		second_run_is_empty(&w);
	if (!*w.broken)
		laws(&w);
	snprintf(out->broken, sizeof(out->broken), "%s", w.broken);
	out->deaths = w.deaths;
	out->losses = w.losses;
	out->requests = w.requests;
	out->writes = w.writes;
	out->longest_turn = w.engine ? sr_engine_longest_turn(w.engine) : 0;
	uv_close(&w);
	return *out->broken ? -1 : 0;
}
