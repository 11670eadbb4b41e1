/* Two plans side by side: what counts as moved, and when one still stands for the other. */
#include "core_fixture.h"

#include "core/figure.h"
#include "core/plan_diff.h"

static sr_plan_item member(int64_t section, int64_t person, sr_op op, const char *bytes)
{
	return (sr_plan_item){ .stage = SR_SG_STUDENT_ADD,
		.kind = SR_TGT_MEMBERSHIP,
		.op = op,
		.ident = { section, person },
		.key = "k",
		.after = { (uint8_t *)(uintptr_t)bytes, strlen(bytes) } };
}

static void feed(sr_plan_diff *d, sr_plan_side side, sr_plan_item item)
{
	assert_int_equal(sr_plan_diff_add(d, side, &item, NULL), 0);
}

static void test_order_and_what_stood_before_do_not_matter(void **state)
{
	sr_plan_diff *d = sr_plan_diff_new(7, 312, 36);
	sr_plan_diff_result r;

	(void)state;
	for (int64_t i = 0; i < 500; i++) {
		sr_plan_item a = member(i, 1, SR_OP_CREATE, "x"), b = member(499 - i, 1, SR_OP_CREATE, "x");

		a.seq = i;
		b.why = "another day";
		feed(d, SR_PD_OLD, a);
		feed(d, SR_PD_NEW, b);
	}
	sr_plan_diff_judge(d, &r);
	assert_int_equal(r.equal, 500);
	assert_int_equal(r.moved, 0);
	assert_int_equal(r.example_count, 0);
	assert_true(sr_plan_diff_holds(&r, 0));
	sr_plan_diff_free(d);
}

static void test_what_is_done_otherwise_counts_once(void **state)
{
	sr_plan_diff *d = sr_plan_diff_new(7, 312, 36);
	sr_plan_diff_result r;

	(void)state;
	feed(d, SR_PD_OLD, member(1, 1, SR_OP_CREATE, "x"));
	feed(d, SR_PD_NEW, member(1, 1, SR_OP_CREATE, "y"));
	feed(d, SR_PD_OLD, member(2, 1, SR_OP_CREATE, "x"));
	feed(d, SR_PD_NEW, member(3, 1, SR_OP_UPDATE, "x"));
	feed(d, SR_PD_NEW, member(4, 1, SR_OP_CREATE, "x"));
	feed(d, SR_PD_OLD, member(4, 1, SR_OP_CREATE, "x"));
	sr_plan_diff_judge(d, &r);
	assert_int_equal(r.equal, 1);
	assert_int_equal(r.moved, 3);
	assert_int_equal(r.total[SR_PD_OLD], 3);
	assert_int_equal(r.total[SR_PD_NEW], 3);
	assert_int_equal(r.only[SR_PD_OLD][SR_TGT_MEMBERSHIP][SR_OP_CREATE], 2);
	assert_int_equal(r.only[SR_PD_NEW][SR_TGT_MEMBERSHIP][SR_OP_UPDATE], 1);
	assert_int_equal(r.example_count, 4);
	assert_int_equal(r.examples[2].ident.a, 2);
	assert_int_equal(r.examples[2].side, SR_PD_OLD);
	sr_plan_diff_free(d);
}

static void test_less_than_the_share_holds(void **state)
{
	const sr_plan_diff_result edge = { .total = { 100, 90 }, .moved = 2 }, none = { .total = { 0, 0 } },
				  all = { .total = { 0, 4 }, .moved = 4 };

	(void)state;
	assert_false(sr_plan_diff_holds(&edge, 2)); /* less than, not at most */
	assert_true(sr_plan_diff_holds(&edge, 3));
	assert_true(sr_plan_diff_holds(&none, 0));
	assert_false(sr_plan_diff_holds(&all, 100));
}

/* ---- figures ---- */

static void test_figures_by_grade_and_subject(void **state)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_figure_member m[] = { { 8, 5, "Math" }, { 7, 1, "Math" }, { 8, 5, "Math" }, { 8, 6, "Math" }, { 8, 7, "" } };
	sr_figure *rows;
	const sr_figure *f;
	size_t count;

	(void)state;
	assert_int_equal(sr_figures_make(m, SR_COUNT_OF(m), &arena, &rows, &count, NULL), 0);
	assert_int_equal(count, 5);
	f = sr_figure_find(rows, count, 8, "Math");
	assert_int_equal(f->sections, 2);
	assert_int_equal(f->memberships, 3);
	f = sr_figure_find(rows, count, 8, SR_FIGURE_ALL);
	assert_int_equal(f->sections, 3);
	assert_int_equal(f->memberships, 4);
	assert_null(sr_figure_find(rows, count, 7, ""));
	assert_int_equal(sr_figures_make(NULL, 0, &arena, &rows, &count, NULL), 0);
	assert_int_equal(count, 0);
}

static void test_what_is_missing_beside_last_year(void **state)
{
	static const sr_figure last[] = { { SR_FIGURE_SCHOOL, "*", 100, 400, 2400 }, { 8, "*", 30, 120, 700 },
		{ 8, "Math", 6, 0, 120 }, { 9, "*", 4, 3, 4 }, { 8, "", 3, 0, 9 } };
	static const sr_figure now[] = { { SR_FIGURE_SCHOOL, "*", 50, 200, 1200 }, { 8, "*", 15, 60, 349 },
		{ 8, "Art", 1, 0, 9 } };
	sr_figure_ask ask = { last, now, SR_COUNT_OF(last), SR_COUNT_OF(now), 50 };
	SR_AUTO(sr_buf) out = { 0 };

	(void)state;
	assert_int_equal(sr_figures_missing(&ask, &out), 2);
	assert_string_equal(sr_buf_text(&out),
		"grade 8 has 349 memberships (last year 700); grade 8 has no section in Math (last year 6)");
	ask.last_count = 0;
	assert_int_equal(sr_figures_missing(&ask, &out), 0);
	ask = (sr_figure_ask){ last, NULL, SR_COUNT_OF(last), 0, 50 };
	sr_buf_clear(&out);
	assert_int_equal(sr_figures_missing(&ask, &out), 2); /* the school and grade 8; grade 9 was too small */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_what_stood_before_do_not_matter),
		cmocka_unit_test(test_what_is_done_otherwise_counts_once),
		cmocka_unit_test(test_less_than_the_share_holds),
		cmocka_unit_test(test_figures_by_grade_and_subject),
		cmocka_unit_test(test_what_is_missing_beside_last_year),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
