/* The waiting room: a question keeps its age and its answer, and another question begins anew. */
#include "store_fixture.h"

#include "io/store_waiting.h"

static sr_waiting_row question(int64_t person, uint8_t digest, int64_t plan, int64_t at_ms)
{
	sr_waiting_row row = { .school = 312,
		.kind = SR_TGT_USER,
		.ident = { person, 0 },
		.op = SR_OP_UPDATE,
		.year = 36,
		.fields = 1u << SR_U_USERNAME,
		.key = "1042",
		.why = "one of many",
		.guarded = true,
		.plan = plan,
		.seq = 7,
		.since_ms = at_ms };

	memset(row.digest.b, digest, sizeof(row.digest.b));
	return row;
}

static void ask(fixture *f, const sr_waiting_row *row)
{
	OK(f, sr_store_waiting_put(f->txn, row, &f->err));
	fixture_next(f);
}

static sr_waiting_row stored(fixture *f, int64_t person)
{
	sr_waiting_row row;

	assert_int_equal(
		sr_store_waiting_get(f->txn, &f->arena, 312, SR_TGT_USER, (sr_ident){ person, 0 }, &row, &f->err), 1);
	return row;
}

static void the_same_question_keeps_its_age_and_its_answer(void **state)
{
	fixture *f = *state;
	sr_waiting_row first = question(1, 0xa, 10, 1000), again = question(1, 0xa, 11, 5000), row;

	ask(f, &first);
	assert_int_equal(sr_store_waiting_decide(f->txn, &first, SR_WT_REJECTED, "ops", "wrong", 2000, &f->err), 1);
	ask(f, &again);
	row = stored(f, 1);
	assert_int_equal(row.since_ms, 1000);
	assert_int_equal(row.plan, 11);
	assert_int_equal(row.state, SR_WT_REJECTED);
	assert_string_equal(row.who, "ops");
	assert_string_equal(row.reason, "wrong");
	assert_true(row.guarded);
}

static void another_question_is_open_again(void **state)
{
	fixture *f = *state;
	sr_waiting_row first = question(1, 0xa, 10, 1000), other = question(1, 0xb, 11, 5000), row;

	ask(f, &first);
	assert_int_equal(sr_store_waiting_decide(f->txn, &first, SR_WT_APPROVED, "ops", NULL, 2000, &f->err), 1);
	ask(f, &other);
	row = stored(f, 1);
	assert_int_equal(row.since_ms, 5000);
	assert_int_equal(row.state, SR_WT_OPEN);
	assert_null(row.who);
	/* The answer to what was shown before is no answer to it. */
	assert_int_equal(sr_store_waiting_decide(f->txn, &first, SR_WT_APPROVED, "ops", NULL, 6000, &f->err), 0);
	assert_int_equal(stored(f, 1).state, SR_WT_OPEN);
}

static void what_is_planned_no_more_goes(void **state)
{
	fixture *f = *state;
	sr_waiting_row one = question(1, 1, 10, 1000), two = question(2, 2, 11, 3000);
	sr_waiting_count n;

	ask(f, &one);
	ask(f, &two);
	assert_int_equal(sr_store_waiting_sweep(f->txn, 312, 11, &f->err), 1);
	OK(f, sr_store_waiting_count(f->txn, 312, 36, &n, &f->err));
	assert_int_equal(n.open, 1);
	assert_int_equal(n.oldest_ms, 3000);
	OK(f, sr_store_waiting_clear(f->txn, 312, SR_TGT_USER, two.ident, &f->err));
	OK(f, sr_store_waiting_count(f->txn, 312, 36, &n, &f->err));
	assert_int_equal(n.open, 0);
	assert_int_equal(n.oldest_ms, 0);
}

static void rows_come_in_chunks_and_by_year(void **state)
{
	fixture *f = *state;
	sr_waiting_row *rows, last;
	size_t count;

	for (int64_t person = 1; person <= 5; person++) {
		sr_waiting_row row = question(person, (uint8_t)person, 10, 1000);

		row.year = person == 3 ? 35 : 36;
		ask(f, &row);
	}
	OK(f, sr_store_waiting_list(f->txn, &f->arena, 312, 36, NULL, 3, &rows, &count, &f->err));
	assert_int_equal(count, 3);
	assert_int_equal(rows[2].ident.a, 4);
	last = rows[2];
	OK(f, sr_store_waiting_list(f->txn, &f->arena, 312, 36, &last, 3, &rows, &count, &f->err));
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].ident.a, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_same_question_keeps_its_age_and_its_answer, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(another_question_is_open_again, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(what_is_planned_no_more_goes, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(rows_come_in_chunks_and_by_year, fixture_open, fixture_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
