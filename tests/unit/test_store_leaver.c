/* What speaks against ending an account, and whose account is to be looked at. */
#include "store_fixture.h"

#include "io/store_leaver.h"
#include "io/store_mirror.h"
#include "io/store_plan.h"
#include "io/store_source.h"

#define PERSON 60

static void put_row(fixture *f, int64_t school, sr_src kind, int64_t key, sr_ident ident, sr_effect effect)
{
	uint8_t bytes[] = { 1, 0, 2, (uint8_t)key };

	OK(f, sr_store_source_put(f->txn,
		      &(sr_source_row){ .school = school,
			      .kind = kind,
			      .key = key,
			      .ident = ident,
			      .data = { bytes, sizeof(bytes) },
			      .judged = { .verdict = SR_V_INACTIVE, .effect = effect, .again = SR_DAY_NONE },
			      .judged_ms = 44 },
		      &f->err));
}

static void put_mirror(fixture *f, sr_tgt kind, sr_ident ident, sr_yearid year, bool restorable)
{
	sr_mirror_row row = { .kind = kind,
		.ident = ident,
		.school = 101,
		.key = "k",
		.object = { .sgy_id = 5, .year = year, .restorable = restorable } };

	sr_record_init(&row.object.values, &sr_tgt_kinds[kind]);
	OK(f, sr_store_mirror_put(f->txn, &row, &f->err));
}

static bool let_in(fixture *f)
{
	bool in;

	OK(f, sr_store_person_let_in(f->txn, PERSON, &in, &f->err));
	return in;
}

static void a_class_at_any_school_lets_in(void **state)
{
	fixture *f = *state;

	assert_false(let_in(f));
	put_row(f, 101, SR_SRC_STUDENT, 1, (sr_ident){ PERSON, 0 }, SR_EF_LEAVE);
	put_row(f, 101, SR_SRC_ENROLLMENT, 2, (sr_ident){ 50, PERSON }, SR_EF_DROP);
	put_row(f, 101, SR_SRC_SECTION, 3, (sr_ident){ PERSON, 0 }, SR_EF_SYNC); /* a section's number is nobody's */
	assert_false(let_in(f));
	put_row(f, 202, SR_SRC_ENROLLMENT, 4, (sr_ident){ 51, PERSON }, SR_EF_SYNC);
	assert_true(let_in(f));
	put_row(f, 202, SR_SRC_ENROLLMENT, 4, (sr_ident){ 51, PERSON }, SR_EF_LEAVE);
	put_row(f, 202, SR_SRC_STUDENT, 5, (sr_ident){ PERSON, 0 }, SR_EF_SYNC);
	assert_true(let_in(f));
}

static void memberships_of_one_year_are_forgotten(void **state)
{
	fixture *f = *state;
	sr_mirror_row row;

	put_row(f, 101, SR_SRC_ENROLLMENT, 1, (sr_ident){ 50, PERSON }, SR_EF_SYNC);
	put_row(f, 101, SR_SRC_ENROLLMENT, 2, (sr_ident){ 51, PERSON }, SR_EF_SYNC);
	put_mirror(f, SR_TGT_MEMBERSHIP, (sr_ident){ 50, PERSON }, 36, false);
	put_mirror(f, SR_TGT_MEMBERSHIP, (sr_ident){ 51, PERSON }, 35, false);
	put_mirror(f, SR_TGT_MEMBERSHIP, (sr_ident){ 50, 61 }, 36, false);
	OK(f, sr_store_members_forget(f->txn, PERSON, 36, &f->err));
	assert_int_equal(
		sr_store_mirror_get(f->txn, &f->arena, SR_TGT_MEMBERSHIP, (sr_ident){ 50, PERSON }, &row, NULL), 0);
	assert_int_equal(
		sr_store_mirror_get(f->txn, &f->arena, SR_TGT_MEMBERSHIP, (sr_ident){ 51, PERSON }, &row, NULL), 1);
	assert_int_equal(
		sr_store_mirror_get(f->txn, &f->arena, SR_TGT_MEMBERSHIP, (sr_ident){ 50, 61 }, &row, NULL), 1);
}

static void only_known_accounts_are_rechecked(void **state)
{
	fixture *f = *state;
	sr_recheck *rows;
	int64_t accounts;
	size_t count;

	put_mirror(f, SR_TGT_USER, (sr_ident){ PERSON, 0 }, 36, false);
	put_mirror(f, SR_TGT_USER, (sr_ident){ 61, 0 }, 36, true);
	OK(f, sr_store_accounts(f->txn, 101, &accounts, &f->err));
	assert_int_equal(accounts, 1);
	OK(f, sr_store_recheck_add(f->txn, &(sr_recheck){ PERSON, true }, &f->err));
	OK(f, sr_store_recheck_add(f->txn, &(sr_recheck){ PERSON, false }, &f->err));
	OK(f, sr_store_recheck_add(f->txn, &(sr_recheck){ 99, true }, &f->err));
	OK(f, sr_store_recheck_list(f->txn, &f->arena, 0, 10, &rows, &count, &f->err));
	assert_int_equal(count, 1);
	assert_true(rows[0].person == PERSON && rows[0].fresh); /* what was asked for once is not taken back */
	OK(f, sr_store_recheck_done(f->txn, PERSON, &f->err));
	OK(f, sr_store_recheck_list(f->txn, &f->arena, 0, 10, &rows, &count, &f->err));
	assert_int_equal(count, 0);
}

static void the_newest_plan_of_a_school_stands(void **state)
{
	fixture *f = *state;
	int64_t ids[4];
	sr_plan_row row = { .school = 101, .kind = SR_RK_INACTIVE, .year = 36 };

	for (int i = 0; i < 4; i++) {
		row.school = i == 2 ? 202 : 101;
		row.kind = i == 1 ? SR_RK_REHEARSAL : SR_RK_INACTIVE;
		OK(f, sr_store_plan_new(f->txn, &row, &ids[i], &f->err));
	}
	OK(f, sr_store_plans_supersede(f->txn, 101, SR_RK_INACTIVE, ids[3], &f->err));
	for (int i = 0; i < 4; i++) {
		assert_int_equal(sr_store_plan_get(f->txn, &f->arena, ids[i], &row, NULL), 1);
		assert_string_equal(row.state, i == 0 ? "abandoned" : "building");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_class_at_any_school_lets_in, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(memberships_of_one_year_are_forgotten, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(only_known_accounts_are_rechecked, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(the_newest_plan_of_a_school_stands, fixture_open, fixture_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
