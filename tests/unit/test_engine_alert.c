/* The school year that a day of school belongs to, and the names of an alert's states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "engine/alert_priv.h"

static void a_day_of_school_has_its_year(void **state)
{
	static const struct {
		int year, month, day;
		bool first;
		int begins; /* the calendar year in which the school year begins */
	} rows[] = {
		{ 2026, 5, 29, false, 2025 }, { 2026, 6, 30, false, 2025 },
		{ 2026, 7, 10, false, 2025 }, /* a school that runs into July */
		{ 2026, 8, 17, true, 2026 }, { 2026, 9, 8, true, 2026 }, { 2026, 7, 20, true, 2026 },
		{ 2026, 6, 29, true, 2026 }, /* one that begins in June */
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		assert_int_equal(sr_year_start(sr_calendar_year(
					 sr_day_make(rows[i].year, rows[i].month, rows[i].day), rows[i].first)),
			rows[i].begins);
}

static void every_rule_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_ALERT_RULES; i++) {
		sr_alert_rule rule, other;

		sr_alert_rule_get(i, &rule);
		assert_non_null(rule.code);
		assert_non_null(rule.find);
		assert_non_null(rule.over);
		assert_true(rule.of_school || rule.of_district);
		for (size_t j = 0; j < i; j++) {
			sr_alert_rule_get(j, &other);
			assert_string_not_equal(rule.code, other.code);
		}
	}
	assert_string_equal(sr_alert_state_name(SR_AL_CLEARED), "cleared");
	assert_string_equal(sr_alert_state_name(SR_AL_STATES), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_of_school_has_its_year),
		cmocka_unit_test(every_rule_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
