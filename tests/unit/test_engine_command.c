/* The operator's commands: who may give them, which schools they mean, choosing a year, and calls whose caller or
 * engine goes away. */
#include "command_fixture.h"

/* ---- Who may ask what ---- */

static void test_callers_and_parameters(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	start_as(w, &a, &looker, "Pause", "{\"schools\": [\"101\"]}", false);
	assert_string_equal(a.error, "org.sisroll.Control.NotPermitted");
	assert_string_equal(json_string_value(json_object_get(a.refused, "needs")), "admin");
	start_as(w, &a, &operator_, "Explode", "{}", false);
	assert_string_equal(a.error, "org.varlink.service.MethodNotFound");
	start_as(w, &a, &operator_, "Help", "{}", false);
	assert_string_equal(a.error, "org.varlink.service.MethodNotFound");
	start_as(w, &a, &operator_, "Pause", "{\"schools\": \"101\"}", false);
	assert_string_equal(a.error, "org.varlink.service.InvalidParameter");
	start_as(w, &a, &operator_, "YearSet", "{}", false);
	assert_string_equal(a.error, "org.varlink.service.InvalidParameter");
	start_as(w, &a, &looker, "Status", "{}", false);
	assert_non_null(a.done);
}

/* ---- Selectors ---- */

static void expect_schools(fx_world *w, const char *params, const char *expected)
{
	SR_AUTO(answer) a = { 0 };
	SR_AUTO(sr_buf) got = { 0 };
	size_t i;
	json_t *row;

	run(w, &a, "SchoolsList", params);
	json_array_foreach(json_object_get(a.done, "schools"), i, row)
		sr_buf_printf(
			&got, "%s%lld", i ? " " : "", (long long)json_integer_value(json_object_get(row, "school")));
	assert_string_equal(sr_buf_text(&got), expected);
}

static void test_selectors(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	expect_schools(w, "{}", "101 102 312 900");
	expect_schools(w, "{\"schools\": [\"312\"]}", "312");
	expect_schools(w, "{\"schools\": [\"brook\"]}", "102");
	expect_schools(w, "{\"schools\": [\"100-199\", \"Cedar Middle\"]}", "101 102 312");
	expect_schools(w, "{\"schools\": [\"@elem\"], \"except\": [\"102\"]}", "101");
	expect_schools(w, "{\"all\": true, \"phase\": \"syncing\"}", "");
	run(w, &a, "Pause", "{\"all\": true}");
	assert_int_equal(json_array_size(json_object_get(a.done, "results")), 3);
	run(w, &a, "Pause", "{\"schools\": [\"Cedar\"]}");
	expect_refused(&a, "SR-AMBIGUOUS-SCHOOL", "2 schools");
	run(w, &a, "Pause", "{\"schools\": [\"777\"]}");
	expect_refused(&a, "SR-UNKNOWN-SCHOOL", "777");
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(a.refused, "do"), 0)), "sisrollctl schools list");
	run(w, &a, "Pause", "{\"schools\": [\"@high\"]}");
	expect_refused(&a, "SR-UNKNOWN-SCHOOL", "@high");
	run(w, &a, "Pause", "{\"phase\": \"asleep\"}");
	expect_refused(&a, "SR-INVALID", "asleep");
	run(w, &a, "Pause", "{}");
	expect_refused(&a, "SR-NO-SCHOOL-NAMED", "no school");
	run(w, &a, "Pause", "{\"schools\": [\"900\", \"101\"]}");
	expect_result(&a, 900, "SR-NOT-SYNCED");
	expect_result(&a, 101, NULL);
	assert_true(json_is_true(json_object_get(result_of(&a, 101), "noop")));
}

/* ---- The year ---- */

static void test_year_set_in_two_steps(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };
	char token[40], params[200];

	expect_next(w, 101, "year set 2026-2027 101", "never");
	token_of(w, "{\"year\": \"2026-2027\"}", token);
	assert_int_equal(w->journaled, 0); /* looking at a preview is no act */
	snprintf(params, sizeof(params), "{\"year\": \"2026-2027\", \"token\": \"%s\", \"wait\": true}", token);
	run(w, &a, "YearSet", params);
	assert_int_equal(json_array_size(json_object_get(a.done, "changed")), 3);
	assert_int_equal(w->journaled, 1);
	expect_phase(w, 101, SR_PH_YEAR_SET);
	expect_phase(w, 312, SR_PH_YEAR_SET);
	expect_phase(w, 102, SR_PH_PAUSED);
	assert_int_equal(school(w, 102)->row.state.chosen, 36);
	expect_next(w, 102, "wait", "PowerSchool has no 2026-2027 terms at 102");
	run(w, &a, "YearSet", params);
	expect_refused(&a, "SR-TOKEN-STALE", "used already");
	run(w, &a, "Resume", "{\"schools\": [\"102\"]}");
	expect_result(&a, 102, "SR-CHOICE-PENDING");
	run(w, &a, "YearCancel", "{\"schools\": [\"102\"]}");
	expect_result(&a, 102, NULL);
	assert_int_equal(school(w, 102)->row.state.chosen, 0);
	run(w, &a, "YearCancel", "{\"schools\": [\"102\"]}");
	assert_true(json_is_true(json_object_get(result_of(&a, 102), "noop")));
}

static void test_tokens_are_bound(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };
	char token[40], params[200];

	token_of(w, "{\"year\": \"2026-2027\", \"schools\": [\"101\"]}", token);
	snprintf(params, sizeof(params), "{\"year\": \"2026-2027\", \"schools\": [\"101\"], \"token\": \"%s\"}", token);
	start_as(w, &a, &other, "YearSet", params, false);
	expect_refused(&a, "SR-TOKEN-STALE", "somebody else");
	snprintf(params, sizeof(params), "{\"year\": \"2026-2027\", \"schools\": [\"312\"], \"token\": \"%s\"}", token);
	run(w, &a, "YearSet", params);
	expect_refused(&a, "SR-TOKEN-STALE", "has changed since");
	token_of(w, "{\"year\": \"2026-2027\", \"schools\": [\"101\"]}", token);
	fx_pass(w, 16 * 60 * 1000);
	snprintf(params, sizeof(params), "{\"year\": \"2026-2027\", \"schools\": [\"101\"], \"token\": \"%s\"}", token);
	run(w, &a, "YearSet", params);
	expect_refused(&a, "SR-TOKEN-STALE", "15 minutes");
	run(w, &a, "YearSet", "{\"year\": \"2026-2027\", \"token\": \"0123\"}");
	expect_refused(&a, "SR-TOKEN-STALE", "not known");
	expect_phase(w, 101, SR_PH_PAUSED);
	assert_int_equal(school(w, 101)->row.state.chosen, 0);
}

/* There and back: all that the preview shows is as it was, and yet the token is of another epoch. */
static void test_a_token_dies_with_its_epoch(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };
	SR_AUTO_FREE char *before = NULL;
	SR_AUTO_FREE char *after = NULL;
	const char *ask = "{\"year\": \"2026-2027\", \"schools\": [\"102\"]}";
	char token[40], params[200];

	choose(w, &a, "\"102\""); /* the evidence is known from now on */
	run(w, &a, "YearCancel", "{\"schools\": [\"102\"]}");
	run(w, &a, "YearSet", ask);
	before = json_dumps(json_object_get(json_object_get(a.done, "preview"), "schools"), JSON_COMPACT);
	snprintf(token, sizeof(token), "%s",
		json_string_value(json_object_get(json_object_get(a.done, "preview"), "token")));
	choose(w, &a, "\"102\"");
	run(w, &a, "YearCancel", "{\"schools\": [\"102\"]}");
	run(w, &a, "YearSet", ask);
	after = json_dumps(json_object_get(json_object_get(a.done, "preview"), "schools"), JSON_COMPACT);
	assert_string_equal(before, after);
	snprintf(params, sizeof(params), "{\"year\": \"2026-2027\", \"schools\": [\"102\"], \"token\": \"%s\"}", token);
	run(w, &a, "YearSet", params);
	expect_refused(&a, "SR-TOKEN-STALE", "changed since");
}

static void test_years_that_are_refused(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	run(w, &a, "YearSet", "{\"year\": \"2031-2032\"}");
	expect_refused(&a, "SR-UNKNOWN-YEAR", "2025-2026, 2026-2027");
	run(w, &a, "YearSet", "{\"year\": \"2026\"}");
	expect_refused(&a, "SR-UNKNOWN-YEAR", "2026-2027");
	run(w, &a, "YearSet", "{\"year\": \"2026-2027\", \"before_sis_rollover\": true}");
	expect_refused(&a, "SR-REASON-NEEDED", "--reason");
	run(w, &a, "YearList", "{}");
	assert_int_equal(json_array_size(json_object_get(a.done, "years")), 2);
	choose(w, &a, "\"101\"");
	run(w, &a, "YearSet", "{\"year\": \"2026-2027\", \"schools\": [\"101\"]}");
	assert_true(json_is_true(json_object_get(result_of(&a, 101), "noop")));
}

static void test_before_the_rollover_with_a_reason(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };
	char token[40], params[300];

	fx_year(w, 102, 36);
	run(w, &a, "Refresh", "{\"wait\": true}");
	assert_int_equal(json_array_size(json_object_get(a.done, "changes")), 3);
	choose(w, &a, "\"102\"");
	expect_phase(w, 102, SR_PH_PAUSED);
	expect_next(w, 102, "wait", "has not rolled over (0 of 10)");
	token_of(w,
		"{\"year\": \"2026-2027\", \"schools\": [\"102\"], \"before_sis_rollover\": true, \"reason\": "
		"\"canary\"}",
		token);
	snprintf(params, sizeof(params),
		"{\"year\": \"2026-2027\", \"schools\": [\"102\"], \"before_sis_rollover\": true, \"reason\": "
		"\"canary\", \"token\": \"%s\"}",
		token);
	run(w, &a, "YearSet", params);
	expect_phase(w, 102, SR_PH_YEAR_SET);
	run(w, &a, "History", "{\"schools\": [\"102\"]}");
	assert_non_null(strstr(dump(&a), "canary"));
}

/* ---- Callers that go, engines that end ---- */

static void test_a_caller_that_goes_hears_nothing(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 }, b = { 0 };

	start_as(w, &a, &operator_, "Refresh", "{\"wait\": true}", true);
	sr_command_cancel(a.call);
	fx_pass(w, 5000);
	assert_true(!a.done && !a.refused && a.progress == 0);
	/* What he began goes on: the term gets its period and its map. */
	choose(w, &b, "\"101\"");
	start_as(w, &a, &operator_, "TermsMap", "{\"school\": \"101\", \"term\": 3601, \"create\": true}", false);
	sr_command_cancel(a.call);
	fx_pass(w, 5000);
	assert_true(!a.done && !a.refused);
	run(w, &b, "TermsList", "{\"schools\": [\"101\"]}");
	assert_non_null(strstr(dump(&b), "2026-2027 Semester 1"));
}

static void test_an_engine_that_ends_drops_its_calls(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 }, b = { 0 };

	choose(w, &b, "\"101\"");
	start_as(w, &a, &operator_, "TermsMap", "{\"school\": \"101\", \"term\": 3601, \"create\": true}", false);
	start_as(w, &b, &operator_, "Doctor", "{}", false);
	assert_non_null(a.call);
	fx_halt(w);
	assert_true(!a.done && !b.done);
	fx_boot(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_callers_and_parameters),
		T(test_selectors),
		T(test_year_set_in_two_steps),
		T(test_tokens_are_bound),
		T(test_a_token_dies_with_its_epoch),
		T(test_years_that_are_refused),
		T(test_before_the_rollover_with_a_reason),
		T(test_a_caller_that_goes_hears_nothing),
		T(test_an_engine_that_ends_drops_its_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
