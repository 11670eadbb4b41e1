/* Round trips of schools, frame, map, blocks, overrides and period intents. */
#include "store_fixture.h"

#include "io/store_mirror.h"
#include "io/store_school.h"

static void schools_come_back_as_saved(void **state)
{
	fixture *f = *state;
	const sr_school_row row = {
		.number = 312,
		.dcid = 9,
		.name = "O'Brien Élem",
		.listed = true,
		.state = { .phase = SR_PH_YEAR_SET,
			.epoch = 5,
			.active = 36,
			.chosen = 37,
			.fallback = 35,
			.verified = 34,
			.sis_rolled_noted = true,
			.before_sis_rollover = true },
		.since_ms = 111,
		.by_who = "ops",
		.rolled_year = 36,
		.rolled_active = 618,
		.rolled_promoted = 613,
		.inventory_year = 33,
		.found_users = 7,
		.found_sections = 8,
		.changed_ms = 222,
	};
	sr_school_row got, other = row;
	sr_school_row *rows;
	size_t n;

	assert_int_equal(sr_store_school_load(f->txn, &f->arena, 312, &got, &f->err), 0);
	OK(f, sr_store_school_save(f->txn, &row, &f->err));
	other.number = 101;
	other.name = NULL;
	OK(f, sr_store_school_save(f->txn, &other, &f->err));
	fixture_next(f);
	assert_int_equal(sr_store_school_load(f->txn, &f->arena, 312, &got, &f->err), 1);
	assert_string_equal(got.name, row.name);
	assert_string_equal(got.by_who, "ops");
	got.name = row.name;
	got.by_who = row.by_who;
	assert_int_equal(got.state.phase, SR_PH_YEAR_SET);
	assert_int_equal(got.state.epoch, 5);
	assert_int_equal(got.state.active + 100 * got.state.chosen, 36 + 3700);
	assert_int_equal(got.state.fallback + 100 * got.state.verified, 35 + 3400);
	assert_true(got.listed && got.state.sis_rolled_noted && got.state.before_sis_rollover);
	assert_int_equal(got.rolled_active + 1000 * got.rolled_promoted, 618 + 613000);
	assert_int_equal(got.rolled_year + 100 * got.inventory_year, 36 + 3300);
	assert_int_equal(got.found_users + 10 * got.found_sections, 87);
	assert_int_equal(got.since_ms + got.changed_ms + got.dcid, 342);
	OK(f, sr_store_schools(f->txn, &f->arena, &rows, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].number, 101);
	assert_string_equal(rows[0].name, "");
}

static void what_is_kept_of_drops_is_kept_alone(void **state)
{
	fixture *f = *state;
	sr_school_row row = { .number = 312, .name = "Cedar Middle", .by_who = "ops" }, got;

	OK(f, sr_store_school_save(f->txn, &row, &f->err));
	row.drops_ms = 1234;
	row.name = "another";
	OK(f, sr_store_school_drops(f->txn, &row, &f->err));
	assert_int_equal(sr_store_school_load(f->txn, &f->arena, 312, &got, &f->err), 1);
	assert_int_equal(got.drops_ms, 1234);
	assert_string_equal(got.name, "Cedar Middle");
}

static void a_phase_that_does_not_exist_is_damage(void **state)
{
	fixture *f = *state;
	sr_school_row row = { .number = 1, .state.phase = (sr_phase)77 };

	OK(f, sr_store_school_save(f->txn, &row, &f->err));
	row.number = 4711;
	REFUSED(f, sr_store_school_load(f->txn, &f->arena, 1, &row, &f->err), "column phase");
	assert_int_equal(row.number, 4711); /* outputs are untouched */
}

static const sr_term terms[] = {
	{ .id = 3600,
		.dcid = 1,
		.school = 101,
		.yearid = 36,
		.is_year = true,
		.portion = 1,
		.name = "2026-2027",
		.abbreviation = "26-27",
		.first = 20680,
		.last = 20970 },
	{ .id = 3601,
		.dcid = 2,
		.school = 101,
		.yearid = 36,
		.portion = 2,
		.name = "Semester 1",
		.first = 20680,
		.last = 20820 },
	{ .id = 3600,
		.dcid = 3,
		.school = 102,
		.yearid = 36,
		.is_year = true,
		.portion = 1,
		.first = SR_DAY_NONE,
		.last = SR_DAY_NONE },
	{ .id = 3500,
		.dcid = 4,
		.school = 101,
		.yearid = 35,
		.is_year = true,
		.portion = 1,
		.first = 20300,
		.last = 20600 },
};

static void terms_are_replaced_and_remember_their_map(void **state)
{
	fixture *f = *state;
	sr_term_row *rows;
	sr_term moved[2];
	size_t n;

	OK(f, sr_store_terms_replace(f->txn, 35, terms, 4, &f->err));
	OK(f, sr_store_map_set(f->txn, 101, 3601, (const int64_t[]){ 71, 70 }, 2, "ops", NULL, 5, &f->err));
	fixture_next(f);
	OK(f, sr_store_terms(f->txn, &f->arena, 101, 0, &rows, &n, &f->err));
	assert_int_equal(n, 3);
	assert_int_equal(rows[0].term.id, 3500);
	assert_int_equal(rows[1].term.id, 3600);
	assert_string_equal(rows[1].term.abbreviation, "26-27");
	assert_int_equal(rows[1].mapped_first, SR_DAY_NONE);
	assert_int_equal(rows[2].mapped_first, 20680);
	assert_int_equal(rows[2].mapped_last, 20820);

	/* The semester moves, the year term and school 102 are not brought; 35 is older than asked. */
	moved[0] = terms[1];
	moved[0].last = 20830;
	OK(f, sr_store_terms_replace(f->txn, 36, moved, 1, &f->err));
	OK(f, sr_store_terms(f->txn, &f->arena, 101, 36, &rows, &n, &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].term.last, 20830);
	assert_int_equal(rows[0].mapped_last, 20820);
	OK(f, sr_store_terms(f->txn, &f->arena, 102, 0, &rows, &n, &f->err));
	assert_int_equal(n, 0);
	OK(f, sr_store_terms(f->txn, &f->arena, 101, 35, &rows, &n, &f->err));
	assert_int_equal(n, 1);

	OK(f, sr_store_map_set(f->txn, 101, 3601, NULL, 0, "ops", NULL, 6, &f->err));
	OK(f, sr_store_terms(f->txn, &f->arena, 101, 36, &rows, &n, &f->err));
	assert_int_equal(rows[0].mapped_first, SR_DAY_NONE);
}

static void a_list_that_did_not_change_writes_nothing(void **state)
{
	fixture *f = *state;
	const sr_period periods[] = { { .id = 1, .title = "T1", .start = 5, .end = 9, .exists = true } };
	const sr_role_row roles[] = { { 1, "Student", 2 } };
	const sr_building_row buildings[] = { { 1, "North", "101", true }, { 2, "South", NULL, false } };
	int changes;

	for (int round = 0; round < 2; round++) {
		changes = sqlite3_total_changes(f->store->db);
		OK(f, sr_store_terms_replace(f->txn, 35, terms, 4, &f->err));
		OK(f, sr_store_periods_replace(f->txn, periods, 1, &f->err));
		OK(f, sr_store_roles_replace(f->txn, roles, 1, &f->err));
		OK(f, sr_store_buildings_replace(f->txn, buildings, 2, &f->err));
		changes = sqlite3_total_changes(f->store->db) - changes;
		assert_int_equal(changes, round == 0 ? 8 : 0);
		fixture_next(f);
	}
}

static void maps_are_set_and_unset(void **state)
{
	fixture *f = *state;
	sr_map_row *rows;
	size_t n;

	OK(f, sr_store_map_set(f->txn, 101, 3601, (const int64_t[]){ 71, 70, 70 }, 3, "ops", "because", 5, &f->err));
	OK(f, sr_store_map_set(f->txn, 102, 3600, (const int64_t[]){ 72 }, 1, "root", NULL, 6, &f->err));
	fixture_next(f);
	OK(f, sr_store_maps(f->txn, &f->arena, 0, &rows, &n, &f->err));
	assert_int_equal(n, 3);
	assert_int_equal(rows[0].period, 70);
	assert_string_equal(rows[0].forced_reason, "because");
	assert_string_equal(rows[2].by_who, "root");
	assert_null(rows[2].forced_reason);
	OK(f, sr_store_map_set(f->txn, 101, 3601, (const int64_t[]){ 99 }, 1, "ops", "", 7, &f->err));
	OK(f, sr_store_maps(f->txn, &f->arena, 101, &rows, &n, &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].period, 99);
	assert_null(rows[0].forced_reason);
	OK(f, sr_store_map_set(f->txn, 101, 3601, NULL, 0, "ops", NULL, 8, &f->err));
	OK(f, sr_store_maps(f->txn, &f->arena, 101, &rows, &n, &f->err));
	assert_int_equal(n, 0);
}

static void mirror_section(fixture *f, int64_t section, sr_yearid year, const char *periods, bool gone)
{
	sr_mirror_row row = { .kind = SR_TGT_SECTION,
		.ident = { section, 0 },
		.school = 101,
		.key = "k",
		.object = { .year = year, .gone = gone } };

	sr_record_init(&row.object.values, &sr_tgt_kinds[SR_TGT_SECTION]);
	assert_true(sr_record_set_text(&row.object.values, SR_S_GRADING_PERIODS, periods, &f->arena));
	OK(f, sr_store_mirror_put(f->txn, &row, &f->err));
}

static bool used(fixture *f, sr_yearid active, int64_t period)
{
	sr_period *rows;
	size_t n;

	OK(f, sr_store_periods(f->txn, &f->arena, active, &rows, &n, &f->err));
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == period)
			return rows[i].used_last_year;
	fail_msg("no such period");
	return false;
}

static void periods_stay_known_and_know_their_sections(void **state)
{
	fixture *f = *state;
	const sr_period periods[] = {
		{ .id = 70, .title = "Q1", .start = 20680, .end = 20740, .exists = true },
		{ .id = 71, .title = "Q2", .start = 20741, .end = SR_DAY_NONE, .exists = true },
	};
	const sr_period added = { .id = 72, .title = "S1", .start = 1, .end = 2, .exists = true };
	sr_period *rows;
	size_t n;

	OK(f, sr_store_periods_replace(f->txn, periods, 2, &f->err));
	OK(f, sr_store_period_add(f->txn, &added, &f->err));
	mirror_section(f, 9001, 35, "70,71", false);
	fixture_next(f);
	OK(f, sr_store_periods(f->txn, &f->arena, 36, &rows, &n, &f->err));
	assert_int_equal(n, 3);
	assert_int_equal(rows[0].id, 72);
	assert_string_equal(rows[1].title, "Q1");
	assert_int_equal(rows[2].end, SR_DAY_NONE);
	assert_true(used(f, 36, 70) && used(f, 36, 71) && !used(f, 36, 72));
	assert_false(used(f, 35, 70));

	mirror_section(f, 9001, 35, "71", false); /* moved off one of them */
	assert_true(!used(f, 36, 70) && used(f, 36, 71));
	mirror_section(f, 9001, 35, "71", true); /* somebody deleted it */
	assert_false(used(f, 36, 71));

	OK(f, sr_store_periods_replace(f->txn, periods, 1, &f->err));
	OK(f, sr_store_periods(f->txn, &f->arena, 36, &rows, &n, &f->err));
	assert_int_equal(n, 3);
	assert_true(rows[1].exists && !rows[0].exists && !rows[2].exists);
	OK(f, sr_store_periods_replace(f->txn, periods, 2, &f->err));
	OK(f, sr_store_periods(f->txn, &f->arena, 36, &rows, &n, &f->err));
	assert_true(rows[2].exists);
}

static void roles_and_buildings_are_replaced_whole(void **state)
{
	fixture *f = *state;
	const sr_role_row roles[] = { { 5, "Teacher", 1 }, { 3, "Student", 2 } };
	const sr_building_row buildings[] = { { 1, "North", "101", true }, { 2, "South", NULL, false } };
	sr_role_row *r;
	sr_building_row *b;
	size_t n;

	OK(f, sr_store_roles_replace(f->txn, roles, 2, &f->err));
	OK(f, sr_store_buildings_replace(f->txn, buildings, 2, &f->err));
	fixture_next(f);
	OK(f, sr_store_roles(f->txn, &f->arena, &r, &n, &f->err));
	assert_int_equal(n, 2);
	assert_string_equal(r[0].title, "Student");
	assert_int_equal(r[1].role_type, 1);
	OK(f, sr_store_buildings(f->txn, &f->arena, &b, &n, &f->err));
	assert_int_equal(n, 2);
	assert_string_equal(b[0].code, "101");
	assert_true(b[0].is_school && !b[1].is_school);
	assert_null(b[1].code);
	OK(f, sr_store_roles_replace(f->txn, roles, 1, &f->err));
	OK(f, sr_store_roles(f->txn, &f->arena, &r, &n, &f->err));
	assert_int_equal(n, 1);
	OK(f, sr_store_buildings_replace(f->txn, NULL, 0, &f->err));
	OK(f, sr_store_buildings(f->txn, &f->arena, &b, &n, &f->err));
	assert_int_equal(n, 0);
}

static void a_block_keeps_its_beginning(void **state)
{
	fixture *f = *state;
	sr_block_row *rows;
	size_t n;

	assert_int_equal(sr_store_block_set(f->txn, 0, "schoology-auth", "401", 10, &f->err), 1);
	assert_int_equal(sr_store_block_set(f->txn, 0, "schoology-auth", "403", 20, &f->err), 0);
	assert_int_equal(sr_store_block_set(f->txn, 101, "no-building", NULL, 30, &f->err), 1);
	fixture_next(f);
	OK(f, sr_store_blocks(f->txn, &f->arena, &rows, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].since_ms, 10);
	assert_string_equal(rows[0].why, "403");
	assert_string_equal(rows[1].code, "no-building");
	assert_string_equal(rows[1].why, "");
	assert_int_equal(sr_store_block_clear(f->txn, 0, "schoology-auth", &f->err), 1);
	assert_int_equal(sr_store_block_clear(f->txn, 0, "schoology-auth", &f->err), 0);
}

static void overrides_are_of_one_year(void **state)
{
	fixture *f = *state;
	sr_override_row row = {
		.school = 101, .check = "sis-rolled", .reason = "summer school", .who = "ops", .year = 36, .at_ms = 4
	};
	sr_override_row *rows;
	size_t n;

	OK(f, sr_store_override_set(f->txn, &row, &f->err));
	row.reason = "again";
	OK(f, sr_store_override_set(f->txn, &row, &f->err));
	fixture_next(f);
	OK(f, sr_store_overrides(f->txn, &f->arena, 101, 36, &rows, &n, &f->err));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].reason, "again");
	assert_string_equal(rows[0].check, "sis-rolled");
	OK(f, sr_store_overrides(f->txn, &f->arena, 101, 37, &rows, &n, &f->err));
	assert_int_equal(n, 0);
}

static void a_period_is_asked_for_once(void **state)
{
	fixture *f = *state;
	sr_period_intent row = {
		.title = "2026-2027 S1", .who = "ops", .start = 20680, .end = 20820, .year = 36, .at_ms = 3
	};
	sr_period_intent *rows;
	int64_t first = 0, second = 0;
	size_t n;

	OK(f, sr_store_period_intent_put(f->txn, &row, &first, &f->err));
	row.state = SR_PI_DONE;
	row.period = 8811;
	OK(f, sr_store_period_intent_put(f->txn, &row, &second, &f->err));
	fixture_next(f);
	assert_true(first > 0 && first == second);
	OK(f, sr_store_period_intents(f->txn, &f->arena, &rows, &n, &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].id, first);
	assert_int_equal(rows[0].state, SR_PI_DONE);
	assert_int_equal(rows[0].period, 8811);
	assert_int_equal(rows[0].end, 20820);
	assert_string_equal(rows[0].title, "2026-2027 S1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(schools_come_back_as_saved, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(what_is_kept_of_drops_is_kept_alone, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(a_phase_that_does_not_exist_is_damage, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(terms_are_replaced_and_remember_their_map, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(a_list_that_did_not_change_writes_nothing, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(maps_are_set_and_unset, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(periods_stay_known_and_know_their_sections, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(roles_and_buildings_are_replaced_whole, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(a_block_keeps_its_beginning, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(overrides_are_of_one_year, fixture_open, fixture_done),
		cmocka_unit_test_setup_teardown(a_period_is_asked_for_once, fixture_open, fixture_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
