/* The machine's clock is wrong, by minutes or by years, forwards or backwards, and is set right again: no write of
 * another year, no OAuth time that goes back, and in the end everything as PowerSchool says. The nights in which the
 * hour changes, and the longest February, are nights like others. */
#include "life.h"

#include "core/term.h"

/* `ms` from now the clock shows another time, to the machine and to the services on it alike. */
static void set_clock(uv_world *w, int64_t ms)
{
	w->base_ms += ms;
}

static void assert_whole(uv_world *w, const char *what)
{
	close_whole(w);
	if (*w->broken)
		fail_msg("%s: %s", what, w->broken);
	assert_int_equal(sr_engine_other_year_writes(w->engine), 0);
}

static void a_wrong_clock_is_set_right(void **state)
{
	static const struct {
		const char *what;
		int64_t hours;
		bool restart; /* while it is wrong */
	} rows[] = {
		/* clang-format off */
		{ "an hour ahead",      1,          false },
		{ "an hour behind",    -1,          false },
		{ "an hour behind",    -1,          true },
		{ "two days ahead",     48,         false },
		{ "two days behind",   -48,         true },
		{ "a month ahead",      30 * 24,    true },
		{ "three years ahead",  3 * 8766,   false },
		{ "three years ahead",  3 * 8766,   true },
		{ "two years behind",  -2 * 8766,   false },
		{ "1970",              -488500,     true },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		uv_tallies tallies = { 0 };
		uv_world w;

		open_syncing(&w, &tallies, "2025-10-06");
		happen(&w, &changes[0]);
		set_clock(&w, rows[i].hours * HOUR);
		if (rows[i].restart)
			uv_kill(&w);
		uv_pass(&w, 30 * HOUR);
		happen(&w, &changes[1]);
		set_clock(&w, -rows[i].hours * HOUR);
		uv_pass(&w, 50 * HOUR);
		assert_whole(&w, rows[i].what);
		uv_close(&w);
	}
}

/* A day's drops are sent once a day: not twice where an hour comes twice, and not never where it is left out. */
static void the_hour_changes(void **state)
{
	static const char *const nights[] = { "2025-10-30", "2026-03-05" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(nights); i++) {
		uv_tallies tallies = { 0 };
		uv_world w;

		open_syncing(&w, &tallies, nights[i]);
		for (size_t k = 0; k < SR_COUNT_OF(changes); k++) {
			happen(&w, &changes[k]);
			uv_pass(&w, 24 * HOUR);
		}
		assert_whole(&w, nights[i]);
		uv_close(&w);
	}
}

static void february_has_29_days_where_it_has(void **state)
{
	sr_day last, next, none;

	(void)state;
	assert_true(sr_day_parse("2028-02-29", &last));
	assert_true(sr_day_parse("2028-03-01", &next));
	assert_int_equal(next, last + 1);
	assert_false(sr_day_parse("2026-02-29", &none));
	assert_false(sr_day_parse("2100-02-29", &none));
	assert_true(sr_day_parse("2000-02-29", &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_clock_is_set_right),
		cmocka_unit_test(the_hour_changes),
		cmocka_unit_test(february_has_29_days_where_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
