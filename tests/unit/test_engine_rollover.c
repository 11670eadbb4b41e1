/* The operator's commands on the way through a rollover: terms, gate, blocks, and looking back at it. */
#include "command_fixture.h"

/* ---- Terms ---- */

static void test_terms_are_mapped(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };
	int64_t epoch, changed_ms;

	run(w, &a, "TermsMap", "{\"school\": \"101\", \"term\": 3601, \"create\": true}");
	expect_result(&a, 101, "SR-NO-PHASE");
	choose(w, &a, "\"101\", \"312\"");
	expect_next(w, 101, "terms map 101 3601 --create", "0 of 2");
	run(w, &a, "Resume", "{\"schools\": [\"101\"]}");
	expect_result(&a, 101, "SR-TERMS-UNMAPPED");
	run(w, &a, "TermsMap", "{\"school\": \"101\", \"term\": 3699, \"create\": true}");
	expect_result(&a, 101, "SR-UNKNOWN-TERM");
	run(w, &a, "TermsMap", "{\"school\": \"101\", \"term\": 3601, \"periods\": [4]}");
	expect_result(&a, 101, "SR-UNKNOWN-PERIOD");
	run(w, &a, "TermsMap", "{\"school\": \"101\", \"term\": 3601}");
	expect_refused(&a, "SR-INVALID", "either");
	run(w, &a, "TermsMap", "{\"school\": \"101\", \"term\": 3601, \"periods\": [800]}");
	expect_result(&a, 101, "SR-LINT");
	run(w, &a, "TermsMap", "{\"school\": \"101\", \"term\": 3601, \"periods\": [800], \"force\": true}");
	expect_refused(&a, "SR-REASON-NEEDED", "--reason");
	epoch = school(w, 101)->row.state.epoch;
	run(w, &a, "TermsMap", "{\"school\": \"101\", \"term\": 3601, \"create\": true}");
	expect_result(&a, 101, NULL);
	assert_int_equal(school(w, 101)->row.state.epoch, epoch + 1);
	changed_ms = school(w, 101)->row.changed_ms;
	fx_pass(w, 1000);
	/* The same map again is no change: nothing that was rehearsed under it is void. */
	run(w, &a, "TermsMap", "{\"school\": \"101\", \"term\": 3601, \"create\": true}");
	expect_result(&a, 101, NULL);
	assert_int_equal(school(w, 101)->row.state.epoch, epoch + 1);
	assert_int_equal(school(w, 101)->row.changed_ms, changed_ms);
	assert_int_equal(w->creations, 1);
	expect_phase(w, 101, SR_PH_YEAR_SET);
	run(w, &a, "TermsMap", "{\"school\": \"101\", \"term\": 3602, \"create\": true}");
	expect_phase(w, 101, SR_PH_TERMS_MAPPED);
	assert_string_equal(w->period_titles[1], "2026-2027 Semester 1");
	run(w, &a, "TermsUnmap", "{\"school\": \"101\", \"term\": 3602}");
	expect_result(&a, 101, NULL);
	expect_phase(w, 101, SR_PH_YEAR_SET);
	run(w, &a, "TermsLint", "{\"schools\": [\"101\"]}");
	assert_non_null(strstr(dump(&a), "unmapped"));
	run(w, &a, "PeriodsList", "{\"year\": \"2026-2027\"}");
	assert_int_equal(json_array_size(json_object_get(a.done, "periods")), 2);
}

static void test_a_title_with_other_dates_gets_the_schools_number(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	fx_period_add(w, 801, "2026-2027 Semester 1", sr_day_make(2026, 9, 1), sr_day_make(2027, 1, 31));
	choose(w, &a, "\"101\"");
	run(w, &a, "TermsMap", "{\"school\": \"101\", \"term\": 3601, \"create\": true}");
	expect_result(&a, 101, NULL);
	assert_string_equal(w->period_titles[2], "2026-2027 Semester 1 (101)");
	run(w, &a, "TermsMap",
		"{\"school\": \"101\", \"term\": 3601, \"create\": true, \"title\": \"2026-2027 Semester 1\"}");
	expect_result(&a, 101, "SR-TITLE-TAKEN");
}

static void test_automap_and_copy(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	/* The two semesters stand there already; a year-long class takes both. */
	fx_period_add(w, 801, "Fall", sr_day_make(2026, 8, 17), sr_day_make(2027, 1, 15));
	fx_period_add(w, 802, "Spring", sr_day_make(2027, 1, 18), sr_day_make(2027, 6, 4));
	choose(w, &a, "\"101\", \"312\"");
	run(w, &a, "TermsAutomap", "{\"schools\": [\"101\", \"312\"]}");
	expect_result(&a, 101, NULL);
	expect_result(&a, 312, NULL);
	assert_int_equal(w->creations, 0);
	expect_phase(w, 101, SR_PH_TERMS_MAPPED);
	expect_phase(w, 312, SR_PH_TERMS_MAPPED);
	run(w, &a, "TermsUnmap", "{\"school\": \"312\", \"term\": 3600}");
	fx_section(w, 312, 3601);
	run(w, &a, "Refresh", "{\"wait\": true}");
	run(w, &a, "TermsCopy", "{\"from\": \"101\", \"schools\": [\"312\"]}");
	expect_result(&a, 312, NULL);
	assert_int_equal(json_array_size(json_object_get(a.done, "mapped")), 2);
	run(w, &a, "TermsAutomap", "{\"schools\": [\"312\"]}");
	expect_phase(w, 312, SR_PH_TERMS_MAPPED);
	run(w, &a, "TermsAutomap", "{\"schools\": [\"312\"]}");
	assert_true(json_is_true(json_object_get(result_of(&a, 312), "noop")));
}

/* After a start nobody knows yet which terms are in use: the year and its shortest terms are mapped meanwhile. */
static void test_mapped_before_the_first_look(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	choose(w, &a, "\"101\"");
	school(w, 101)->counts_year = SR_YEARID_NONE;
	run(w, &a, "TermsAutomap", "{\"schools\": [\"101\"]}");
	assert_int_equal(json_array_size(json_object_get(a.done, "mapped")), 3);
	expect_phase(w, 101, SR_PH_YEAR_SET);
	expect_next(w, 101, "wait", "which terms are in use");
	run(w, &a, "Refresh", "{\"wait\": true}");
	expect_phase(w, 101, SR_PH_TERMS_MAPPED);
}

static void test_a_lost_answer_makes_no_second_period(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	choose(w, &a, "\"101\"");
	w->lose_period = true;
	run(w, &a, "TermsMap", "{\"school\": \"101\", \"term\": 3601, \"create\": true}");
	expect_result(&a, 101, NULL);
	assert_int_equal(w->creations, 1);
}

/* ---- The gate ---- */

static void test_resume_through_the_gate(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	run(w, &a, "Resume", "{\"schools\": [\"101\"]}");
	expect_result(&a, 101, "SR-NO-YEAR");
	to_terms_mapped(w);
	expect_next(w, 101, "rehearse 101", "");
	run(w, &a, "Resume", "{\"schools\": [\"101\"], \"check\": true}");
	assert_false(json_is_true(json_object_get(json_array_get(json_object_get(a.done, "gates"), 0), "passes")));
	run(w, &a, "Resume", "{\"schools\": [\"101\"]}");
	expect_result(&a, 101, "SR-GATE");
	run(w, &a, "Resume", "{\"schools\": [\"101\"], \"override\": [\"rehearsal\"]}");
	expect_refused(&a, "SR-REASON-NEEDED", "--reason");
	run(w, &a, "Resume", "{\"schools\": [\"101\"], \"override\": [\"weather\"], \"reason\": \"x\"}");
	expect_result(&a, 101, "SR-UNKNOWN-CHECK");
	run(w, &a, "Resume", "{\"schools\": [\"101\"], \"plan\": 1}");
	expect_result(&a, 101, "SR-UNKNOWN-PLAN");
	run(w, &a, "Resume", "{\"schools\": [\"101\", \"312\"], \"plan\": 1}");
	expect_refused(&a, "SR-INVALID", "alone");
	run(w, &a, "Resume", "{\"canary\": \"101\"}");
	expect_refused(&a, "SR-INVALID", "then-all");
	run(w, &a, "Sync", "{\"schools\": [\"101\"]}");
	expect_result(&a, 101, "SR-RUN-NOT-ALLOWED");
	start_as(w, &a, &operator_, "Rehearse", "{\"schools\": [\"101\"], \"wait\": true}", true);
	finish(w, &a, "Rehearse");
	expect_result(&a, 101, NULL);
	assert_true(a.progress > 1);
	assert_string_equal(json_string_value(json_object_get(result_of(&a, 101), "state")), "done");
	expect_next(w, 101, "resume 101", "");
	run(w, &a, "Resume", "{\"schools\": [\"101\"], \"check\": true}");
	assert_true(json_is_true(json_object_get(json_array_get(json_object_get(a.done, "gates"), 0), "passes")));
	run(w, &a, "Resume", "{\"schools\": [\"101\"], \"wait\": true}");
	expect_result(&a, 101, "SR-RUN-FAILED"); /* this stand-in takes no rosters */
	expect_phase(w, 101, SR_PH_RESUMED);
	run(w, &a, "YearSet", "{\"year\": \"2026-2027\", \"schools\": [\"101\"]}");
	expect_result(&a, 101, "SR-FIRST-RUN");
	run(w, &a, "Pause", "{\"schools\": [\"101\"], \"wait\": true}");
	expect_phase(w, 101, SR_PH_PAUSED);
	run(w, &a, "Sync", "{\"schools\": [\"101\"]}");
	expect_result(&a, 101, "SR-GATE");
	run(w, &a, "Resume", "{\"schools\": [\"101\"]}");
	expect_result(&a, 101, NULL);
	expect_phase(w, 101, SR_PH_RESUMED);
}

static void test_an_override_is_recorded(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };
	json_t *row;

	to_terms_mapped(w);
	run(w, &a, "Resume",
		"{\"schools\": [\"101\"], \"override\": [\"rehearsal\", \"people\", \"counts\", \"guards\"], "
		"\"reason\": \"seen by hand\"}");
	expect_result(&a, 101, NULL);
	row = status_of(w, &a, 101);
	assert_int_equal(json_array_size(json_object_get(row, "overrides")), 4);
	run(w, &a, "History", "{}");
	assert_non_null(strstr(dump(&a), "seen by hand"));
}

/* ---- Blocks and faults ---- */

static void test_blocks(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	run(w, &a, "Unblock", "{\"school\": \"101\", \"block\": \"weather\"}");
	expect_refused(&a, "SR-UNKNOWN-BLOCK", "weather");
	run(w, &a, "Unblock", "{\"school\": \"101\", \"block\": \"plugin-right\"}");
	expect_refused(&a, "SR-BLOCK-NOT-YOURS", "by itself");
	run(w, &a, "Unblock", "{\"school\": \"101\", \"block\": \"foreign-writer\", \"reason\": \"x\"}");
	expect_refused(&a, "SR-UNKNOWN-BLOCK", "not raised");
	to_terms_mapped(w);
	sr_block_raise(w->engine, 101, SR_BL_DUPLICATE_SUSPECT, "looks like twins");
	expect_next(w, 101, "plan list 101", "duplicate-suspect");
	run(w, &a, "Resume",
		"{\"schools\": [\"101\"], \"override\": [\"rehearsal\", \"people\", \"counts\", \"guards\"], "
		"\"reason\": \"x\"}");
	expect_result(&a, 101, "SR-DUPLICATE-SUSPECT");
	run(w, &a, "Unblock", "{\"school\": \"101\", \"block\": \"duplicate-suspect\"}");
	expect_refused(&a, "SR-REASON-NEEDED", "--reason");
	run(w, &a, "Unblock", "{\"school\": \"101\", \"block\": \"duplicate-suspect\", \"reason\": \"they are new\"}");
	expect_result(&a, 101, NULL);
	expect_next(w, 101, "rehearse 101", "");
}

static void test_systems_that_fail(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	run(w, &a, "Doctor", "{}");
	assert_true(json_array_size(json_object_get(a.done, "checks")) >= 8);
	assert_null(strstr(dump(&a), "\"check\":\"acting-user\",\"ok\":false"));
	w->source_down = true;
	run(w, &a, "Refresh", "{\"wait\": true}");
	expect_refused(&a, "SR-POWERSCHOOL-DOWN", "no connection");
	w->source_down = false;
	w->acting_wrong = true;
	run(w, &a, "Doctor", "{}");
	assert_non_null(strstr(dump(&a), "\"check\":\"acting-user\",\"ok\":false"));
	run(w, &a, "ActingUserShow", "{}");
	assert_false(json_is_true(json_object_get(json_object_get(a.done, "acting_user"), "ok")));
	expect_next(w, 101, "acting-user show", "acting-user-invalid");
}

/* ---- Looking back ---- */

static void test_plans_runs_and_records(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };

	to_terms_mapped(w);
	run(w, &a, "Rehearse", "{\"schools\": [\"101\"], \"wait\": true}");
	run(w, &a, "PlanList", "{}");
	assert_int_equal(json_array_size(json_object_get(a.done, "plans")), 1);
	run(w, &a, "PlanShow", "{\"plan\": 1, \"limit\": 2}");
	assert_int_equal(json_array_size(json_object_get(a.done, "items")), 2);
	assert_true(json_integer_value(json_object_get(a.done, "next")) > 0);
	run(w, &a, "PlanShow", "{\"plan\": 1, \"kind\": \"section\"}");
	assert_int_equal(json_array_size(json_object_get(a.done, "items")), 2);
	run(w, &a, "PlanShow", "{\"plan\": 1, \"kind\": \"cat\"}");
	expect_refused(&a, "SR-INVALID", "cat");
	run(w, &a, "PlanShow", "{\"plan\": 99}");
	expect_refused(&a, "SR-UNKNOWN-PLAN", "99");
	run(w, &a, "Runs", "{}");
	assert_int_equal(json_array_size(json_object_get(a.done, "runs")), 1);
	run(w, &a, "RunShow", "{\"run\": 1}");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(a.done, "admitted"), "sections")), 2);
	run(w, &a, "RunShow", "{\"run\": 9}");
	expect_refused(&a, "SR-UNKNOWN-RUN", "9");
	run(w, &a, "RunStop", "{\"run\": 1}");
	expect_refused(&a, "SR-UNKNOWN-RUN", "not under way");
	run(w, &a, "Explain", "{\"kind\": \"student\", \"id\": \"101003\"}");
	assert_int_equal(json_array_size(json_object_get(a.done, "records")), 1);
	assert_null(strstr(dump(&a), "Ann"));
	run(w, &a, "Explain", "{\"kind\": \"student\", \"id\": \"10104\"}");
	assert_non_null(strstr(dump(&a), "101003"));
	run(w, &a, "Explain", "{\"kind\": \"section\", \"id\": \"5001\"}");
	assert_int_equal(json_array_size(json_object_get(a.done, "records")), 1);
	run(w, &a, "Explain", "{\"kind\": \"enrollment\", \"id\": \"4711\"}");
	expect_refused(&a, "SR-UNKNOWN-RECORD", "4711");
	run(w, &a, "Explain", "{\"kind\": \"weather\", \"id\": \"1\"}");
	expect_refused(&a, "SR-INVALID", "weather");
	run(w, &a, "RolesList", "{}");
	run(w, &a, "TermsList", "{\"year\": \"2025-2026\"}");
	run(w, &a, "QuarantineList", "{}");
	run(w, &a, "QuarantineRetry", "{\"all\": true}");
	assert_int_equal(json_integer_value(json_object_get(a.done, "count")), 0);
}

static void test_quarantine_and_backup(void **state)
{
	fx_world *w = *state;
	SR_AUTO(answer) a = { 0 };
	char params[200];
	sr_txn *t;

	assert_int_equal(sr_txn_begin(w->store, SR_TXN_WRITE, &t, NULL), 0);
	for (int i = 1; i <= 2; i++)
		assert_int_equal(sr_store_quar_put(t,
					 &(sr_quar_row){ .school = 101,
						 .what = SR_Q_TARGET,
						 .kind = SR_TGT_USER,
						 .ident = { i, 0 },
						 .code = "400",
						 .message = "refused",
						 .since_ms = 1000 },
					 NULL),
			0);
	assert_int_equal(sr_txn_commit(t, NULL), 0);
	run(w, &a, "QuarantineList", "{\"schools\": [\"101\"], \"kind\": \"user\"}");
	assert_int_equal(json_array_size(json_object_get(a.done, "quarantine")), 2);
	snprintf(params, sizeof(params), "{\"id\": %lld}",
		(long long)json_integer_value(
			json_object_get(json_array_get(json_object_get(a.done, "quarantine"), 0), "id")));
	run(w, &a, "QuarantineRetry", params);
	assert_int_equal(json_integer_value(json_object_get(a.done, "count")), 1);
	run(w, &a, "QuarantineRetry", "{\"schools\": [\"101\"]}");
	assert_int_equal(json_integer_value(json_object_get(a.done, "count")), 1);
	run(w, &a, "Backup", "{\"file\": \"copy.db\"}");
	expect_refused(&a, "SR-INVALID", "whole path");
	snprintf(params, sizeof(params), "{\"file\": \"%s/copy.db\"}", w->folder);
	run(w, &a, "Backup", params);
	assert_true(json_integer_value(json_object_get(a.done, "bytes")) > 0);
	run(w, &a, "Backup", params);
	expect_refused(&a, "SR-BACKUP", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_terms_are_mapped),
		T(test_a_title_with_other_dates_gets_the_schools_number),
		T(test_automap_and_copy),
		T(test_mapped_before_the_first_look),
		T(test_a_lost_answer_makes_no_second_period),
		T(test_resume_through_the_gate),
		T(test_an_override_is_recorded),
		T(test_blocks),
		T(test_systems_that_fail),
		T(test_plans_runs_and_records),
		T(test_quarantine_and_backup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
