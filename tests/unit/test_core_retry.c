/* Back-off within its bounds; a budget that no window exceeds and that never starves. */
#include "core_fixture.h"

#include "core/retry.h"

static void test_backoff_bounds(void **state)
{
	const sr_backoff b = { .first_ms = 1000, .max_ms = 60000, .attempts_max = 0 };
	chance c = { 31 };

	(void)state;
	for (int attempt = 1; attempt < 100; attempt++) {
		int64_t whole = attempt > 7 ? 60000 : 1000LL << (attempt - 1);

		whole = whole > 60000 ? 60000 : whole;
		for (int n = 0; n < 200; n++) {
			uint32_t luck = n == 0 ? 0 : n == 1 ? UINT32_MAX : (uint32_t)chance_u64(&c);
			int64_t ms = sr_backoff_ms(&b, attempt, luck, NULL);

			assert_true(ms >= whole / 2 && ms <= whole);
		}
		assert_int_equal(sr_backoff_ms(&b, attempt, 0, NULL), whole / 2);
		assert_int_equal(sr_backoff_ms(&b, attempt, UINT32_MAX, NULL), whole);
	}
}

static void test_backoff_gives_up_and_obeys(void **state)
{
	const sr_backoff b = { .first_ms = 1000, .max_ms = INT64_MAX, .attempts_max = 3 };
	const sr_backoff wide = { .first_ms = 1000, .max_ms = INT64_MAX, .attempts_max = 0 };
	const sr_err throttled = { .code = SR_E_THROTTLED, .retry_after_s = 30 };

	(void)state;
	assert_true(sr_backoff_ms(&b, 3, 7, NULL) > 0);
	assert_int_equal(sr_backoff_ms(&b, 4, 7, NULL), -1);
	assert_int_equal(sr_backoff_ms(&b, 1, 7, &throttled), 30000);
	assert_true(sr_backoff_ms(&wide, 500, 1, NULL) > 0); /* does not overflow */
}

enum { STEPS = 4000 };

typedef struct schedule {
	int64_t at_ms[STEPS];
	int cost[STEPS];
	size_t count;
} schedule;

/* The law itself: over every window that begins or ends at a request. */
static void check_windows(const schedule *s, int credits, int64_t window_ms)
{
	size_t from = 0;
	int64_t sum = 0;

	for (size_t to = 0; to < s->count; to++) {
		sum += s->cost[to];
		while (s->at_ms[to] - s->at_ms[from] > window_ms)
			sum -= s->cost[from++];
		assert_true(sum <= credits);
	}
}

static void run_schedule(chance *c, int credits, int64_t window_ms)
{
	static schedule s;
	sr_budget *b = sr_budget_new(credits, window_ms);
	int64_t now = chance_below(c, 100000);

	s.count = 0;
	while (s.count < STEPS) {
		int cost = 1 + (int)chance_below(c, 4);
		int64_t wait = sr_budget_wait_ms(b, now, cost);

		assert_true(wait >= 0 && wait <= window_ms + 1); /* always spendable, and soon */
		if (wait) {
			/* One ms earlier would be too early; waiting as told is enough. */
			assert_true(sr_budget_wait_ms(b, now + wait - 1, cost) > 0);
			now += wait;
			assert_int_equal(sr_budget_wait_ms(b, now, cost), 0);
		}
		sr_budget_take(b, now, cost);
		s.at_ms[s.count] = now;
		s.cost[s.count++] = cost > credits ? credits : cost;
		assert_true(sr_budget_used(b, now) <= sr_budget_credits(b));
		if (chance_one_in(c, 3))
			now += chance_below(c, window_ms);
	}
	check_windows(&s, credits, window_ms);
	sr_budget_free(b);
}

static void test_no_window_exceeds_the_budget(void **state)
{
	chance c = { 41 };

	(void)state;
	for (int n = 0; n < 40; n++)
		run_schedule(&c, 1 + (int)chance_below(&c, 60), 1 + chance_below(&c, 6000));
}

static void test_budget_is_spent_fully(void **state)
{
	sr_budget *b = sr_budget_new(50, 5000);
	int64_t now = 0, begun = 0;

	(void)state;
	while (now <= 60000) {
		int64_t wait = sr_budget_wait_ms(b, now, 1);

		now += wait;
		sr_budget_take(b, now, 1);
		begun++;
	}
	assert_true(begun >= 600); /* 50 in each of 12 windows */
	sr_budget_free(b);
}

static void test_fill_and_hold(void **state)
{
	sr_budget *b = sr_budget_new(50, 5000);

	(void)state;
	assert_int_equal(sr_budget_wait_ms(b, 1000, 3), 0);
	sr_budget_fill(b, 1000);
	assert_int_equal(sr_budget_used(b, 1000), 50);
	assert_int_equal(sr_budget_wait_ms(b, 1000, 1), 5001);
	assert_int_equal(sr_budget_wait_ms(b, 6001, 50), 0);
	sr_budget_hold(b, 20000);
	sr_budget_hold(b, 15000); /* the later one stands */
	assert_int_equal(sr_budget_wait_ms(b, 6001, 1), 13999);
	assert_int_equal(sr_budget_wait_ms(b, 20000, 1), 0);
	sr_budget_free(b);
	sr_budget_free(NULL);
}

static void test_who_does_not_wait_stays_bounded(void **state)
{
	sr_budget *b = sr_budget_new(3, 1000);

	(void)state;
	for (int i = 0; i < 1000; i++)
		sr_budget_take(b, i, 2);
	assert_true(sr_budget_wait_ms(b, 999, 1) > 0);
	assert_int_equal(sr_budget_wait_ms(b, 5000, 3), 0);
	sr_budget_free(b);
	b = sr_budget_new(0, 1000);
	assert_int_equal(sr_budget_credits(b), 1);
	sr_budget_free(b);
}

/* A server counts arrivals: somewhere between beginning and answer. No window of its may hold more. */
static void test_no_window_of_arrivals_exceeds_the_budget(void **state)
{
	enum { REQUESTS = 600, CREDITS = 20, WINDOW = 1000, COST = 3 };
	static int64_t arrived[REQUESTS];
	sr_budget *b = sr_budget_new(CREDITS, WINDOW);
	uint32_t x = 12345;
	int64_t now = 0;

	(void)state;
	for (int i = 0; i < REQUESTS; i++) {
		int64_t wait = sr_budget_wait_ms(b, now, COST), flight;
		size_t slot;

		now += wait;
		x = x * 1664525u + 1013904223u;
		flight = (int64_t)(x >> 16) % 300;
		slot = sr_budget_take(b, now, COST);
		sr_budget_fly(b, slot);
		arrived[i] = now + flight * (int64_t)(x & 7) / 7;
		sr_budget_landed(b, slot, now + flight);
	}
	for (int i = 0; i < REQUESTS; i++) {
		int cost = 0;

		for (int k = 0; k < REQUESTS; k++)
			if (arrived[k] >= arrived[i] && arrived[k] < arrived[i] + WINDOW)
				cost += COST;
		assert_true(cost <= CREDITS);
	}
	sr_budget_free(b);
}

static void test_a_flying_request_is_not_forgotten(void **state)
{
	sr_budget *b = sr_budget_new(3, 1000);
	size_t slot = sr_budget_take(b, 0, 3);

	(void)state;
	sr_budget_fly(b, slot);
	assert_true(sr_budget_wait_ms(b, 50000, 1) > 0);
	sr_budget_landed(b, slot, 50000);
	assert_int_equal(sr_budget_wait_ms(b, 50000, 1), 1001);
	assert_int_equal(sr_budget_wait_ms(b, 51001, 3), 0);
	sr_budget_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_backoff_bounds),
		cmocka_unit_test(test_backoff_gives_up_and_obeys),
		cmocka_unit_test(test_no_window_exceeds_the_budget),
		cmocka_unit_test(test_budget_is_spent_fully),
		cmocka_unit_test(test_no_window_of_arrivals_exceeds_the_budget),
		cmocka_unit_test(test_a_flying_request_is_not_forgotten),
		cmocka_unit_test(test_fill_and_hold),
		cmocka_unit_test(test_who_does_not_wait_stays_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
