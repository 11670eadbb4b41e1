/* Round trips of figures and subjects; orders about a canary, and what ends them. */
#include "store_fixture.h"

#include "io/store_figure.h"

static void figures_of_a_year_replace_each_other(void **state)
{
	fixture *f = *state;
	const sr_figure first[] = { { SR_FIGURE_SCHOOL, SR_FIGURE_ALL, 4, 40, 90 }, { 8, "Math", 2, 0, 30 } };
	const sr_figure second[] = { { -1, "", 1, 3, 5 } };
	sr_figure *rows;
	size_t n;

	OK(f, sr_store_figures_set(f->txn, 312, 35, first, 2, 111, &f->err));
	OK(f, sr_store_figures_set(f->txn, 312, 36, second, 1, 111, &f->err));
	OK(f, sr_store_figures(f->txn, &f->arena, 312, 35, &rows, &n, &f->err));
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].subject, "Math");
	assert_int_equal(rows[1].students, 40);
	OK(f, sr_store_figures_set(f->txn, 312, 35, second, 1, 222, &f->err));
	OK(f, sr_store_figures(f->txn, &f->arena, 312, 35, &rows, &n, &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].grade, -1);
	assert_string_equal(rows[0].subject, "");
	assert_int_equal(rows[0].memberships, 5);
}

static void subjects_are_a_schools_own(void **state)
{
	fixture *f = *state;
	sr_subject_row *rows;
	size_t n;

	OK(f, sr_store_subject_put(f->txn, 312, &(sr_subject_row){ 9, "Art" }, &f->err));
	OK(f, sr_store_subject_put(f->txn, 312, &(sr_subject_row){ 7, "Math" }, &f->err));
	OK(f, sr_store_subject_put(f->txn, 415, &(sr_subject_row){ 7, "Maths" }, &f->err));
	OK(f, sr_store_subject_put(f->txn, 312, &(sr_subject_row){ 9, "Arts" }, &f->err));
	OK(f, sr_store_subjects(f->txn, &f->arena, 312, &rows, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].course, 7);
	assert_string_equal(rows[1].name, "Arts");
	OK(f, sr_store_subjects_forget(f->txn, 312, &f->err));
	OK(f, sr_store_subjects(f->txn, &f->arena, 312, &rows, &n, &f->err));
	assert_int_equal(n, 0);
	OK(f, sr_store_subjects(f->txn, &f->arena, 415, &rows, &n, &f->err));
	assert_int_equal(n, 1);
}

static void orders_end_with_either_school(void **state)
{
	fixture *f = *state;
	sr_follower_row *rows, got;
	size_t n;

	for (int64_t school = 101; school <= 103; school++)
		OK(f, sr_store_follower_put(f->txn,
			      &(sr_follower_row){
				      .school = school, .canary = 312, .year = 36, .who = "ops", .at_ms = 5 },
			      &f->err));
	assert_int_equal(sr_store_follower_get(f->txn, &f->arena, 102, &got, &f->err), 1);
	assert_int_equal(got.canary, 312);
	assert_null(got.reason);
	assert_int_equal(sr_store_follower_get(f->txn, &f->arena, 312, &got, &f->err), 0);
	assert_int_equal(sr_store_followers_clear(f->txn, 312, false, &f->err), 0);
	assert_int_equal(sr_store_followers_clear(f->txn, 102, true, &f->err), 1);
	OK(f, sr_store_followers(f->txn, &f->arena, &rows, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(rows[1].school, 103);
	assert_int_equal(sr_store_followers_clear(f->txn, 312, true, &f->err), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(figures_of_a_year_replace_each_other, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(subjects_are_a_schools_own, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(orders_end_with_either_school, fixture_open, fixture_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
