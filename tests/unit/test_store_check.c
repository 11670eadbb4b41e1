/* How far a look has come, what another writer did, and what a person's word makes of it. */
#include "store_fixture.h"

#include "io/store_check.h"

#define SCHOOL 101

static void a_look_is_gone_on_with(void **state)
{
	fixture *f = *state;
	sr_check_pass pass = { .school = SCHOOL, .year = 36, .step = SR_CK_MEMBERS, .after = -7, .at_ms = 44 };
	sr_check_pass got;

	for (int i = 0; i < SR_CK_COUNT; i++)
		pass.seen[i] = 10 + i;
	assert_int_equal(sr_store_check_get(f->txn, SCHOOL, false, &got, &f->err), 0);
	OK(f, sr_store_check_put(f->txn, &pass, &f->err));
	/* The daemon's own look has a place of its own. */
	assert_int_equal(sr_store_check_get(f->txn, SCHOOL, true, &got, &f->err), 0);
	assert_int_equal(sr_store_check_get(f->txn, SCHOOL, false, &got, &f->err), 1);
	assert_int_equal(got.step, SR_CK_MEMBERS);
	assert_int_equal(got.after, -7);
	assert_int_equal(got.year, 36);
	assert_memory_equal(got.seen, pass.seen, sizeof(got.seen));
	pass.step = SR_CK_COUNT;
	OK(f, sr_store_check_put(f->txn, &pass, &f->err));
	assert_int_equal(sr_store_check_get(f->txn, SCHOOL, false, &got, &f->err), 1);
	assert_int_equal(got.step, SR_CK_COUNT);
}

static sr_foreign_row foreign(sr_tgt kind, int64_t id, bool made)
{
	return (sr_foreign_row){ .school = SCHOOL, .kind = kind, .id = id, .key = "4411", .building = 5, .made = made };
}

static bool is_found(fixture *f, sr_tgt kind, int64_t id)
{
	bool has;

	OK(f, sr_store_found_has(f->txn, kind, id, &has, &f->err));
	return has;
}

static void what_a_person_accepts_counts_as_found(void **state)
{
	fixture *f = *state;
	sr_foreign_row theirs = foreign(SR_TGT_SECTION, 70, true), ours = foreign(SR_TGT_SECTION, 71, false), got;

	OK(f, sr_store_foreign_put(f->txn, &theirs, &f->err));
	OK(f, sr_store_foreign_put(f->txn, &ours, &f->err));
	assert_false(is_found(f, SR_TGT_SECTION, 70));
	OK(f, sr_store_foreign_accept(f->txn, 202, 99, &f->err)); /* another school's */
	assert_false(is_found(f, SR_TGT_SECTION, 70));
	OK(f, sr_store_foreign_accept(f->txn, SCHOOL, 99, &f->err));
	assert_true(is_found(f, SR_TGT_SECTION, 70));
	assert_false(is_found(f, SR_TGT_COURSE, 70));
	assert_false(is_found(f, SR_TGT_SECTION, 71)); /* ours stays ours */
	assert_int_equal(sr_store_foreign_get(f->txn, &f->arena, SCHOOL, SR_TGT_SECTION, 71, &got, &f->err), 1);
	assert_int_equal(got.accepted_ms, 99);
	assert_false(got.made);
}

static void put_member(fixture *f, int64_t section, int64_t person)
{
	sr_mirror_row row = { .kind = SR_TGT_MEMBERSHIP,
		.ident = { section, person },
		.school = SCHOOL,
		.key = "k",
		.read_ms = 12,
		.object = { .sgy_id = 5, .year = 36 } };

	sr_record_init(&row.object.values, &sr_tgt_kinds[SR_TGT_MEMBERSHIP]);
	OK(f, sr_store_mirror_put(f->txn, &row, &f->err));
}

static void the_members_of_one_section_are_forgotten(void **state)
{
	fixture *f = *state;
	sr_mirror_row row;

	put_member(f, 50, 1);
	put_member(f, 50, 2);
	put_member(f, 51, 1);
	OK(f, sr_store_section_members_forget(f->txn, 50, &f->err));
	assert_int_equal(
		sr_store_mirror_get(f->txn, &f->arena, SR_TGT_MEMBERSHIP, (sr_ident){ 50, 2 }, &row, &f->err), 0);
	assert_int_equal(
		sr_store_mirror_get(f->txn, &f->arena, SR_TGT_MEMBERSHIP, (sr_ident){ 51, 1 }, &row, &f->err), 1);
	assert_int_equal(row.read_ms, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_look_is_gone_on_with, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(what_a_person_accepts_counts_as_found, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(the_members_of_one_section_are_forgotten, fixture_open, fixture_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
