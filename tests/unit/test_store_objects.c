/* Round trips and orders of source, mirror and found. */
#include "store_fixture.h"

#include "io/store_mirror.h"
#include "io/store_source.h"

/* Source */

static void put_source(fixture *f, int64_t school, sr_src kind, int64_t key, int64_t a, int64_t b)
{
	uint8_t bytes[] = { 1, 0, 2, (uint8_t)key };
	const sr_source_row row = {
		.school = school,
		.kind = kind,
		.key = key,
		.ident = { a, b },
		.raw_hash.b = { 9, [15] = (uint8_t)key },
		.context = 3,
		.data = { bytes, sizeof(bytes) },
		.judged = { .verdict = SR_V_COMPLETED, .effect = SR_EF_LEAVE, .again = 20700 },
		.judged_ms = 44,
	};

	OK(f, sr_store_source_put(f->txn, &row, &f->err));
}

static void source_rows_come_back_as_put(void **state)
{
	fixture *f = *state;
	const sr_judged again = { .verdict = SR_V_IN, .effect = SR_EF_SYNC, .again = SR_DAY_NONE };
	sr_source_row row;
	int64_t n;

	put_source(f, 101, SR_SRC_ENROLLMENT, 7, 50, 60);
	fixture_next(f);
	assert_int_equal(sr_store_source_get(f->txn, &f->arena, 101, SR_SRC_ENROLLMENT, 8, &row, &f->err), 0);
	assert_int_equal(sr_store_source_get(f->txn, &f->arena, 101, SR_SRC_ENROLLMENT, 7, &row, &f->err), 1);
	assert_int_equal(row.ident.a + row.ident.b, 110);
	assert_int_equal(row.raw_hash.b[0] + row.raw_hash.b[15], 16);
	assert_int_equal(row.data.len, 4);
	assert_memory_equal(row.data.bytes, "\1\0\2\7", 4);
	assert_int_equal(row.judged.verdict, SR_V_COMPLETED);
	assert_int_equal(row.judged.effect, SR_EF_LEAVE);
	assert_int_equal(row.judged.again, 20700);
	assert_int_equal(row.context + row.judged_ms, 47);
	assert_int_equal(row.missing, 0);

	OK(f, sr_store_source_judge(f->txn, 101, SR_SRC_ENROLLMENT, 7, (sr_ident){ 51, 61 }, &again, 45, &f->err));
	OK(f, sr_store_source_missing(f->txn, 101, SR_SRC_ENROLLMENT, 7, 2, &f->err));
	assert_int_equal(sr_store_source_get(f->txn, &f->arena, 101, SR_SRC_ENROLLMENT, 7, &row, &f->err), 1);
	assert_int_equal(row.judged.verdict, SR_V_IN);
	assert_int_equal(row.judged.again, SR_DAY_NONE);
	assert_int_equal(row.ident.a + row.ident.b, 112);
	assert_int_equal(row.missing, 2);
	assert_int_equal(row.data.len, 4);
	OK(f, sr_store_source_count(f->txn, 101, SR_SRC_ENROLLMENT, true, &n, &f->err));
	assert_int_equal(n, 0);
	OK(f, sr_store_source_count(f->txn, 101, SR_SRC_ENROLLMENT, false, &n, &f->err));
	assert_int_equal(n, 1);
	OK(f, sr_store_source_forget(f->txn, 101, SR_SRC_ENROLLMENT, &f->err));
	OK(f, sr_store_source_count(f->txn, 101, SR_SRC_ENROLLMENT, false, &n, &f->err));
	assert_int_equal(n, 0);
}

static void a_range_is_half_open_and_in_key_order(void **state)
{
	fixture *f = *state;
	sr_source_row *rows;
	size_t n;

	for (int64_t key = 50; key >= 1; key--)
		put_source(f, 101, SR_SRC_STUDENT, key, key, 0);
	put_source(f, 102, SR_SRC_STUDENT, 5, 5, 0);
	put_source(f, 101, SR_SRC_STAFF, 5, 5, 0);
	fixture_next(f);
	OK(f, sr_store_source_range(f->txn, &f->arena, 101, SR_SRC_STUDENT, 10, 40, 100, &rows, &n, &f->err));
	assert_int_equal(n, 30);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(rows[i].key, 11 + i);
	OK(f, sr_store_source_range(f->txn, &f->arena, 101, SR_SRC_STUDENT, 10, INT64_MAX, 3, &rows, &n, &f->err));
	assert_int_equal(n, 3);
	OK(f, sr_store_source_range(f->txn, &f->arena, 101, SR_SRC_STUDENT, 50, INT64_MAX, 3, &rows, &n, &f->err));
	assert_int_equal(n, 0);
}

static void rows_of_a_target_are_found_in_every_school(void **state)
{
	fixture *f = *state;
	sr_source_row *rows;
	size_t n;

	put_source(f, 102, SR_SRC_STAFF, 4, 777, 0);
	put_source(f, 101, SR_SRC_STAFF, 9, 777, 0);
	put_source(f, 101, SR_SRC_STUDENT, 3, 777, 0);
	put_source(f, 101, SR_SRC_SECTION, 3, 777, 0); /* another kind of target */
	put_source(f, 101, SR_SRC_STAFF, 10, 778, 0);
	OK(f, sr_store_source_by_ident(
		      f->txn, &f->arena, SR_SRC_STUDENT, SR_SRC_STAFF, (sr_ident){ 777, 0 }, &rows, &n, &f->err));
	assert_int_equal(n, 3);
	assert_int_equal(rows[0].kind, SR_SRC_STUDENT);
	assert_int_equal(rows[1].key, 9);
	assert_int_equal(rows[2].school, 102);
}

/* Walks the desired side in pages; every row must come once, in order, and no target in two pages. */
static void targets_come_whole_in_order_for_any_page(void **state)
{
	fixture *f = *state;
	const size_t pages[] = { 1, 2, 3, 7, 20, 1000 };
	size_t written = 0;

	for (int64_t section = 1; section <= 10; section++)
		for (int64_t person = 1; person <= 3; person++)
			for (int kind = SR_SRC_ENROLLMENT; kind <= SR_SRC_LEAD; kind++)
				for (int64_t copy = 0; copy < (section + person) % 4; copy++, written++)
					put_source(f, 101, (sr_src)kind, 1000 * section + 10 * person + copy, section,
						person);
	put_source(f, 102, SR_SRC_ENROLLMENT, 1, 1, 1);
	put_source(f, 101, SR_SRC_STUDENT, 1, 1, 1);
	for (size_t p = 0; p < SR_COUNT_OF(pages); p++) {
		sr_source_row last = { .ident = { INT64_MIN, INT64_MIN } };
		sr_source_row *rows;
		size_t n, seen = 0;

		do {
			OK(f, sr_store_source_targets(f->txn, &f->arena, 101, SR_SRC_ENROLLMENT, SR_SRC_LEAD,
				      last.ident, pages[p], &rows, &n, &f->err));
			if (n)
				assert_true(sr_ident_cmp(rows[0].ident, last.ident) > 0);
			for (size_t i = 1; i < n; i++) {
				int c = sr_ident_cmp(rows[i - 1].ident, rows[i].ident);

				assert_true(c < 0 || (c == 0 && (rows[i - 1].kind < rows[i].kind ||
									(rows[i - 1].kind == rows[i].kind &&
										rows[i - 1].key < rows[i].key))));
			}
			seen += n;
			if (n)
				last = rows[n - 1];
		} while (n >= pages[p]);
		assert_int_equal(seen, written);
	}
}

/* All students of the district, three at a time and in order. */
static int64_t count_students(fixture *f)
{
	sr_source_row *rows;
	int64_t school = 0, key = 0, count = 0;
	size_t n;

	do {
		OK(f, sr_store_source_people(f->txn, &f->arena, SR_SRC_STUDENT, school, key, 3, &rows, &n, &f->err));
		for (size_t i = 0; i < n; i++) {
			assert_true(rows[i].school > school || (rows[i].school == school && rows[i].key > key));
			school = rows[i].school;
			key = rows[i].key;
			count++;
		}
	} while (n == 3);
	return count;
}

static void people_of_the_district_come_in_pages(void **state)
{
	const sr_judged gone = { .verdict = SR_V_INACTIVE, .effect = SR_EF_LEAVE };
	fixture *f = *state;

	for (int64_t s = 100; s < 105; s++)
		for (int64_t k = 1; k <= 4; k++) {
			put_source(f, s, SR_SRC_STUDENT, k, k, 0);
			put_source(f, s, SR_SRC_STAFF, k, k, 0);
		}
	assert_int_equal(count_students(f), 20);
	OK(f, sr_store_source_missing(f->txn, 102, SR_SRC_STUDENT, 2, 1, &f->err));
	assert_int_equal(count_students(f), 20); /* holds its key until it is judged */
	OK(f, sr_store_source_judge(f->txn, 102, SR_SRC_STUDENT, 2, (sr_ident){ 2, 0 }, &gone, 45, &f->err));
	assert_int_equal(count_students(f), 19);
}

/* Mirror */

static sr_mirror_row membership(fixture *f, int64_t section, int64_t person, int64_t admin, int64_t status)
{
	sr_mirror_row row = { .kind = SR_TGT_MEMBERSHIP,
		.ident = { section, person },
		.school = 101,
		.key = "101-1/1042",
		.object = { .year = 36, .sgy_id = 5 },
		.confirmed_ms = 9 };

	sr_record_init(&row.object.values, &sr_tgt_kinds[SR_TGT_MEMBERSHIP]);
	assert_true(sr_record_set_text(&row.object.values, SR_M_SCHOOL_UID, "1042", &f->arena));
	sr_record_set_int(&row.object.values, SR_M_ADMIN, admin);
	sr_record_set_int(&row.object.values, SR_M_STATUS, status);
	return row;
}

static sr_mirror_row user(fixture *f, int64_t person, const char *uid, sr_yearid year)
{
	sr_mirror_row row = { .kind = SR_TGT_USER,
		.ident = { person, 0 },
		.school = 101,
		.key = uid,
		.confirmed_ms = 77,
		.object = { .origin = SR_OR_ADOPTED,
			.sgy_id = 4000 + person,
			.year = year,
			.role_by_us = 3,
			.is_acting_user = true,
			.restorable = true } };

	sr_record_init(&row.object.values, &sr_tgt_kinds[SR_TGT_USER]);
	assert_true(sr_record_set_text(&row.object.values, SR_U_SCHOOL_UID, uid, &f->arena));
	return row;
}

static void mirrored_objects_come_back_as_put(void **state)
{
	fixture *f = *state;
	const sr_mirror_row row = user(f, 1042, "T007a", 35);
	sr_mirror_row got;

	OK(f, sr_store_mirror_put(f->txn, &row, &f->err));
	fixture_next(f);
	assert_int_equal(sr_store_mirror_get(f->txn, &f->arena, SR_TGT_USER, (sr_ident){ 1042, 1 }, &got, &f->err), 0);
	assert_int_equal(sr_store_mirror_get(f->txn, &f->arena, SR_TGT_USER, (sr_ident){ 1042, 0 }, &got, &f->err), 1);
	assert_string_equal(got.key, "T007a");
	assert_true(sr_record_eq(&got.object.values, &row.object.values));
	assert_int_equal(got.object.origin, SR_OR_ADOPTED);
	assert_int_equal(got.object.sgy_id, 5042);
	assert_int_equal(got.object.year + got.object.role_by_us, 38);
	assert_true(got.object.is_acting_user && got.object.restorable && !got.object.gone);
	assert_int_equal(got.school + got.confirmed_ms, 178);
}

static void people_are_found_by_folded_keys_others_by_exact_ones(void **state)
{
	fixture *f = *state;
	sr_mirror_row row = user(f, 1042, "T007a", 35), got;

	OK(f, sr_store_mirror_put(f->txn, &row, &f->err));
	row = membership(f, 1, 2, 0, 1);
	row.key = "Abc/1";
	OK(f, sr_store_mirror_put(f->txn, &row, &f->err));
	assert_int_equal(sr_store_mirror_by_key(f->txn, &f->arena, SR_TGT_USER, " t007A ", &got, &f->err), 1);
	assert_int_equal(got.ident.a, 1042);
	assert_int_equal(sr_store_mirror_by_key(f->txn, &f->arena, SR_TGT_USER, "T7a", &got, &f->err), 0);
	assert_int_equal(sr_store_mirror_by_key(f->txn, &f->arena, SR_TGT_COURSE, "T007a", &got, &f->err), 0);
	assert_int_equal(sr_store_mirror_by_key(f->txn, &f->arena, SR_TGT_MEMBERSHIP, "abc/1", &got, &f->err), 0);
	assert_int_equal(sr_store_mirror_by_key(f->txn, &f->arena, SR_TGT_MEMBERSHIP, "Abc/1", &got, &f->err), 1);
}

static void a_mirror_range_is_of_one_year_or_any(void **state)
{
	fixture *f = *state;
	sr_mirror_row *rows, row;
	int64_t n;
	size_t count;

	for (int64_t person = 1; person <= 20; person++) {
		row = user(f, person, "k", person % 2 ? 35 : 36);
		row.object.gone = person == 20;
		OK(f, sr_store_mirror_put(f->txn, &row, &f->err));
	}
	OK(f, sr_store_mirror_range(
		      f->txn, &f->arena, SR_TGT_USER, 101, 36, (sr_ident){ 4, 0 }, 3, &rows, &count, &f->err));
	assert_int_equal(count, 3);
	assert_int_equal(rows[0].ident.a, 6);
	assert_int_equal(rows[2].ident.a, 10);
	OK(f, sr_store_mirror_range(
		      f->txn, &f->arena, SR_TGT_USER, 101, 0, (sr_ident){ 4, 0 }, 100, &rows, &count, &f->err));
	assert_int_equal(count, 16);
	assert_int_equal(rows[0].ident.a, 5);
	OK(f, sr_store_mirror_range(
		      f->txn, &f->arena, SR_TGT_USER, 102, 0, (sr_ident){ 0, 0 }, 100, &rows, &count, &f->err));
	assert_int_equal(count, 0);
	OK(f, sr_store_mirror_count(f->txn, SR_TGT_USER, 101, 36, &n, &f->err));
	assert_int_equal(n, 9);
	OK(f, sr_store_mirror_count(f->txn, SR_TGT_USER, 0, 0, &n, &f->err));
	assert_int_equal(n, 19);
}

static void other_teachers_are_those_who_teach_now(void **state)
{
	fixture *f = *state;
	const struct {
		int64_t person, admin, status;
		bool gone;
	} members[] = { { 1, 1, 1, false }, { 2, 1, 1, false }, { 3, 0, 1, false }, { 4, 1, 5, false },
		{ 5, 1, 1, true } };
	int64_t n;

	for (size_t i = 0; i < SR_COUNT_OF(members); i++) {
		sr_mirror_row row = membership(f, 9, members[i].person, members[i].admin, members[i].status);

		row.object.gone = members[i].gone;
		OK(f, sr_store_mirror_put(f->txn, &row, &f->err));
	}
	OK(f, sr_store_mirror_other_teachers(f->txn, 9, 1, &n, &f->err));
	assert_int_equal(n, 1);
	OK(f, sr_store_mirror_other_teachers(f->txn, 9, 3, &n, &f->err));
	assert_int_equal(n, 2);
	OK(f, sr_store_mirror_other_teachers(f->txn, 8, 1, &n, &f->err));
	assert_int_equal(n, 0);
}

static void values_of_another_kind_are_refused(void **state)
{
	fixture *f = *state;
	sr_mirror_row row = user(f, 1, "k", 36);

	row.kind = SR_TGT_COURSE;
	REFUSED(f, sr_store_mirror_put(f->txn, &row, &f->err), "another kind");
}

/* Found */

static void found_objects_are_searched_by_any_key(void **state)
{
	fixture *f = *state;
	const sr_found_row people[] = {
		{ .kind = SR_TGT_USER,
			.id = 1,
			.key = " 0042",
			.email = "A.B@Example.org",
			.first = "A",
			.preferred = "Al",
			.last = "B",
			.role = 3,
			.building = 7,
			.synced = true },
		{ .kind = SR_TGT_USER, .id = 2, .username = "ab", .inactive = true, .building = 7 },
		{ .kind = SR_TGT_USER, .id = 3, .key = "42", .email = "", .building = 8 },
		{ .kind = SR_TGT_COURSE, .id = 4, .key = "0042", .title = "Art" },
		{ .kind = SR_TGT_SECTION, .id = 5, .key = "s", .parent = 4, .periods = "70,71" },
	};
	sr_found_row *rows;
	int64_t total;
	size_t n;

	for (size_t i = 0; i < SR_COUNT_OF(people); i++)
		OK(f, sr_store_found_put(f->txn, &people[i], &f->err));
	fixture_next(f);
	OK(f, sr_store_found_search(
		      f->txn, &f->arena, SR_TGT_USER, "0042", "a.b@example.ORG", "AB ", &rows, &n, &f->err));
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].preferred, "Al");
	assert_true(rows[0].synced && !rows[0].inactive && rows[1].inactive);
	assert_null(rows[1].key);
	OK(f, sr_store_found_search(f->txn, &f->arena, SR_TGT_USER, "", NULL, "", &rows, &n, &f->err));
	assert_int_equal(n, 0);
	OK(f, sr_store_found_search(f->txn, &f->arena, SR_TGT_COURSE, "0042", NULL, NULL, &rows, &n, &f->err));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].title, "Art");
	OK(f, sr_store_found_children(f->txn, &f->arena, SR_TGT_SECTION, 4, &rows, &n, &f->err));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].periods, "70,71");
	OK(f, sr_store_found_count(f->txn, SR_TGT_USER, 7, &total, &f->err));
	assert_int_equal(total, 2);
	OK(f, sr_store_found_clear(f->txn, SR_TGT_USER, 7, &f->err));
	OK(f, sr_store_found_count(f->txn, SR_TGT_USER, 0, &total, &f->err));
	assert_int_equal(total, 1);
	OK(f, sr_store_found_clear(f->txn, SR_TGT_USER, 0, &f->err));
	OK(f, sr_store_found_count(f->txn, SR_TGT_USER, 0, &total, &f->err));
	assert_int_equal(total, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(source_rows_come_back_as_put, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(a_range_is_half_open_and_in_key_order, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(rows_of_a_target_are_found_in_every_school, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(targets_come_whole_in_order_for_any_page, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(people_of_the_district_come_in_pages, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(mirrored_objects_come_back_as_put, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(
			people_are_found_by_folded_keys_others_by_exact_ones, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(a_mirror_range_is_of_one_year_or_any, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(other_teachers_are_those_who_teach_now, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(values_of_another_kind_are_refused, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(found_objects_are_searched_by_any_key, fixture_open, fixture_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
