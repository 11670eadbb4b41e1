/* School years as values, and the evidence for "PowerSchool has rolled over". */
#include "core_fixture.h"

#include "core/year.h"

static void test_every_year_prints_and_parses(void **state)
{
	(void)state;
	for (sr_yearid y = SR_YEARID_MIN; y <= SR_YEARID_MAX; y++) {
		char label[SR_YEAR_LABEL_BYTES], shortened[8];
		sr_yearid back = 0;

		sr_year_print(y, label);
		assert_int_equal(sr_year_parse(label, &back, NULL), 0);
		assert_int_equal(back, y);
		snprintf(shortened, sizeof(shortened), "%.5s%.2s", label, label + 7);
		assert_int_equal(sr_year_parse(shortened, &back, NULL), 0);
		assert_int_equal(back, y);
		assert_int_equal(sr_year_of_termid(y * 100), y);
		assert_int_equal(sr_year_of_termid(-(y * 100 + 99)), y);
	}
}

static void test_year_refusals(void **state)
{
	static const char *const bad[] = { "", "2026", "36", "2026-2026", "2026-2028", "2026-28", "26-27", "2026/2027",
		"2026-2027 ", "x026-2027", "2026-2o27", "1990-1991", "2200-2201", "2026--027", "-026-2027" };
	char label[SR_YEAR_LABEL_BYTES];
	sr_yearid y = 5;
	sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(bad); i++) {
		assert_int_equal(sr_year_parse(bad[i], &y, &err), -1);
		assert_int_equal(y, 5);
	}
	assert_string_equal(sr_year_print(36, label), "2026-2027");
	assert_string_equal(sr_year_print(SR_YEARID_NONE, label), "none");
	assert_string_equal(sr_year_print(-4, label), "?");
	assert_string_equal(sr_year_print(210, label), "?");
	assert_int_equal(sr_year_of_termid(0), SR_YEARID_NONE);
	assert_int_equal(sr_year_of_termid(INT64_MIN), SR_YEARID_NONE);
	assert_int_equal(sr_year_of_termid(INT64_MAX), SR_YEARID_NONE);
	assert_int_equal(sr_year_of_termid(3603), 36);
}

static void test_rolled(void **state)
{
	(void)state;
	assert_false(sr_rolled_judge(0, 0).rolled);
	assert_true(sr_rolled_judge(1, 1).rolled);
	assert_false(sr_rolled_judge(1, 0).rolled);
	assert_false(sr_rolled_judge(9, 4).rolled);
	assert_true(sr_rolled_judge(9, 5).rolled);
	assert_false(sr_rolled_judge(4, 3).rolled); /* at least five: all, if fewer */
	assert_true(sr_rolled_judge(4, 4).rolled);
	assert_true(sr_rolled_judge(10, 5).rolled);
	assert_false(sr_rolled_judge(11, 5).rolled);
	assert_true(sr_rolled_judge(618, 613).rolled);
	assert_int_equal(sr_rolled_judge(618, 613).promoted, 613);
}

static void test_rolled_since(void **state)
{
	(void)state;
	assert_int_equal(sr_rolled_since(day("2026-06-05"), day("2026-08-17")), day("2026-06-06"));
	assert_int_equal(sr_rolled_since(SR_DAY_NONE, day("2026-08-17")), day("2026-06-18"));
	assert_int_equal(sr_rolled_since(day("2026-06-05"), SR_DAY_NONE), day("2026-06-06"));
	assert_int_equal(sr_rolled_since(SR_DAY_NONE, SR_DAY_NONE), SR_DAY_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_year_prints_and_parses),
		cmocka_unit_test(test_year_refusals),
		cmocka_unit_test(test_rolled),
		cmocka_unit_test(test_rolled_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
