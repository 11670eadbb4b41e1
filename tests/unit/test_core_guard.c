/* The guards: "at least" on both sides, a season that ends by itself, a limit raised for once, a first run that drops
 * nobody; and the day that drops belong to, over hours that are skipped or come twice. */
#include "core_fixture.h"

#include "core/guard.h"

static const sr_guard_limits usual = {
	.drop_count = 25, .drop_percent = 5, .settle_percent = 40, .login_changes = 10, .name_changes = 10
};

static bool waits(const sr_guard_limits *l, sr_guard_kind kind, int64_t n, int64_t of)
{
	sr_guard_verdict v;

	sr_guard_judge(l, kind, n, of, &v);
	assert_int_equal(v.kind, kind);
	assert_int_equal(v.n, n);
	assert_true(v.waits == (*v.why != '\0'));
	return v.waits;
}

static void test_both_limits_are_at_least(void **state)
{
	(void)state;
	assert_true(waits(&usual, SR_GD_STUDENTS, 25, 500));
	assert_false(waits(&usual, SR_GD_STUDENTS, 24, 24));  /* all of them, but few */
	assert_false(waits(&usual, SR_GD_STUDENTS, 25, 501)); /* many, but a small share */
	assert_false(waits(&usual, SR_GD_STUDENTS, 0, 0));
	assert_true(waits(&usual, SR_GD_TEACHERS, 25, 500));
}

/* More drops never go where fewer had to wait; a larger school never waits where a smaller one went. */
static void test_is_monotonic(void **state)
{
	chance c = { 7 };

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int64_t of = chance_below(&c, 3000) + 1, n = chance_below(&c, of + 1);
		sr_guard_limits l = usual;

		l.settling = chance_below(&c, 2);
		l.raised_percent = chance_below(&c, 3) ? 0 : chance_below(&c, 100) + 1;
		if (waits(&l, SR_GD_STUDENTS, n, of) && n < of)
			assert_true(waits(&l, SR_GD_STUDENTS, n + 1, of));
		if (!waits(&l, SR_GD_STUDENTS, n, of))
			assert_false(waits(&l, SR_GD_STUDENTS, n, of + 1));
	}
}

static void test_first_run_drops_nobody(void **state)
{
	sr_guard_limits l = usual;

	(void)state;
	l.first_run = true;
	assert_true(waits(&l, SR_GD_STUDENTS, 1, 100000));
	assert_false(waits(&l, SR_GD_STUDENTS, 0, 100000));
	l.raised_percent = 100; /* a raised limit is no answer to it */
	assert_true(waits(&l, SR_GD_STUDENTS, 1, 100000));
}

static void test_season_and_raise(void **state)
{
	sr_guard_limits l = usual;

	(void)state;
	l.settling = true;
	assert_false(waits(&l, SR_GD_STUDENTS, 399, 1000));
	assert_true(waits(&l, SR_GD_STUDENTS, 400, 1000));
	l.settling = false;
	l.raised_percent = 60;
	assert_false(waits(&l, SR_GD_STUDENTS, 599, 1000));
	assert_true(waits(&l, SR_GD_STUDENTS, 600, 1000));
	l.raised_percent = 100;
	assert_false(waits(&l, SR_GD_STUDENTS, 1000, 1000));
}

static void test_changes(void **state)
{
	(void)state;
	assert_false(waits(&usual, SR_GD_LOGINS, 9, 0));
	assert_true(waits(&usual, SR_GD_LOGINS, 10, 0));
	assert_false(waits(&usual, SR_GD_NAMES, 9, 0));
	assert_true(waits(&usual, SR_GD_NAMES, 10, 0));
	assert_false(waits(&usual, SR_GD_TITLES, 9, 0));
	assert_true(waits(&usual, SR_GD_TITLES, 10, 0));
	assert_true(waits(&usual, SR_GD_KEYS, 1, 0)); /* a key is frozen */
	assert_false(waits(&usual, SR_GD_KEYS, 0, 0));
}

static void test_why_has_both_numbers_and_the_limit(void **state)
{
	sr_guard_verdict v;

	(void)state;
	sr_guard_judge(&usual, SR_GD_STUDENTS, 31, 420, &v);
	assert_string_equal(
		v.why, "31 of 420 students' memberships (7 %) would be dropped; from 25 and 5 % on they wait");
	assert_int_equal(v.percent, 7);
	for (int k = 0; k < SR_GD_COUNT; k++)
		assert_string_not_equal(sr_guard_name((sr_guard_kind)k), "?");
}

static void test_settling(void **state)
{
	const sr_day first = sr_day_make(2026, 8, 20), last = sr_day_make(2027, 6, 4);

	(void)state;
	assert_true(sr_guard_settling(first + 20, SR_DAY_NONE, first, last, 21));
	assert_false(sr_guard_settling(first + 21, SR_DAY_NONE, first, last, 21));
	assert_true(sr_guard_settling(first - 30, SR_DAY_NONE, first, last, 21)); /* the summer before */
	assert_true(sr_guard_settling(first + 25, first + 5, first, last, 21));
	assert_false(sr_guard_settling(first + 26, first + 5, first, last, 21));
	/* A first day of the next year, written down in spring, is no season of this one. */
	assert_false(sr_guard_settling(last - 30, last + 70, first, last, 21));
	assert_false(sr_guard_settling(first, SR_DAY_NONE, SR_DAY_NONE, last, 21));
}

static void test_shrunk(void **state)
{
	(void)state;
	assert_false(sr_guard_shrunk(49, 10, 30));
	assert_false(sr_guard_shrunk(100, 70, 30));
	assert_true(sr_guard_shrunk(100, 69, 30));
	assert_false(sr_guard_shrunk(100, 200, 30));
	assert_false(sr_guard_shrunk(100, 1, 100));
}

/* Walks over three days whose middle one has an hour that is skipped, or comes twice: one slot a day, never back. */
static void test_one_slot_a_day(void **state)
{
	(void)state;
	for (int at = 0; at < 24 * 60; at += 7) {
		for (int jump = -60; jump <= 60; jump += 60) {
			int changes = 0, minute = 0, day = 0;
			sr_day newest = sr_drops_slot(0, 0, at);

			for (bool jumped = false; day < 3; minute++) {
				if (day == 1 && !jumped && minute == (jump > 0 ? 120 : 180)) {
					minute += jump;
					jumped = true;
				}
				if (minute == 24 * 60) {
					minute = 0;
					if (++day == 3)
						break;
				}
				if (sr_drops_slot(day, minute, at) > newest) {
					newest = sr_drops_slot(day, minute, at);
					changes++;
				}
			}
			assert_int_equal(changes, at == 0 ? 2 : 3);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_limits_are_at_least),
		cmocka_unit_test(test_is_monotonic),
		cmocka_unit_test(test_first_run_drops_nobody),
		cmocka_unit_test(test_season_and_raise),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_why_has_both_numbers_and_the_limit),
		cmocka_unit_test(test_settling),
		cmocka_unit_test(test_shrunk),
		cmocka_unit_test(test_one_slot_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
