/* The end of the year, and every mutation of the table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life_int.h"
#include "test_district.h"

static void years_are_read_in_every_spelling(void **state)
{
	int y = 0;

	(void)state;
	assert_true(sim_year_parse("2026-2027", &y) && y == 36);
	assert_true(sim_year_parse("2026-27", &y) && y == 36);
	assert_true(sim_year_parse("2026", &y) && y == 36);
	assert_true(sim_year_parse("36", &y) && y == 36);
	assert_false(sim_year_parse("2026-2028", &y));
	assert_false(sim_year_parse("2026-2027x", &y));
	assert_false(sim_year_parse("", &y));
}

/* How many of 100 active students of a school have a spell of the year that begins in 2026. */
static int64_t rolled(town *t, int school)
{
	char sql[240];

	snprintf(sql, sizeof(sql),
		"select 100 * sum(entrydate >= '2026-08-01') / count(*) from students"
		" where schoolid = %d"
		" and enroll_status = 0 and exitdate > entrydate",
		school);
	return town_int(t, sql);
}

static void a_school_without_terms_lags_and_follows(void **state)
{
	town *t = town_open("quickstart,students=500", 3);
	int64_t before = town_int(t, "select count(*) from students where schoolid = 102"
				     " and enroll_status = 0");

	(void)state;
	town_must(t, "date 2026-07-01");
	town_must(t, "eoy");
	assert_int_equal(rolled(t, 101), 100);
	assert_int_equal(rolled(t, 312), 100);
	assert_int_equal(rolled(t, 415), 100);
	assert_int_equal(rolled(t, 102), 0);
	assert_true(town_int(t, "select count(*) from students where schoolid = 102"
				" and enroll_status = 0") > before / 2);
	assert_int_equal(town_int(t, "select value from prefs where name = 'coursearchiveyear'"), 36);
	assert_int_equal(town_int(t, "select value = '7/1/2026' from prefs"
				     " where name = 'lastpromotiondate'"),
		1);
	assert_int_equal(town_int(t, "select count(*) from sections where schoolid = 102"
				     " and termid / 100 = 36"),
		0);

	assert_int_equal(town_order(t, "eoy"), 1); /* nobody left who could move */
	town_must(t, "mutate add-next-terms 102");
	town_must(t, "eoy");
	assert_int_equal(rolled(t, 102), 100);
	assert_int_equal(rolled(t, 101), 100);
	assert_int_equal(town_int(t, "select value from prefs where name = 'coursearchiveyear'"), 36);
	assert_true(town_int(t, "select count(*) from sections where schoolid = 102"
				" and termid / 100 = 36") > 5);
	town_close(t);
}

static void students_move_in_place(void **state)
{
	town *t = town_open("small,hold=0", 3);
	int64_t people = town_int(t, "select count(*) from students");
	int64_t spells = town_int(t, "select count(*) from reenrollments");
	int64_t seniors = town_int(t, "select count(*) from students where grade_level = 12"
				      " and enroll_status = 0 and next_school = 999999");
	int64_t active = town_int(t, "select count(*) from students where enroll_status = 0"
				     " and exitdate > entrydate");
	int64_t graduates = town_int(t, "select count(*) from students where enroll_status = 3");

	(void)state;
	assert_true(seniors > 0);
	town_must(t, "eoy");
	assert_int_equal(town_int(t, "select count(*) from students"), people);
	assert_int_equal(town_int(t, "select count(*) from students where enroll_status = -1"), 0);
	assert_int_equal(town_int(t, "select count(*) from students"
				     " where enroll_status = 3"),
		graduates + seniors);
	assert_int_equal(town_int(t, "select count(*) from students where enroll_status = 3"
				     " and schoolid <> 999999"),
		0);
	assert_int_equal(town_int(t, "select count(*) from reenrollments"), spells + active);
	assert_int_equal(town_int(t, "select count(*) from students where schoolid = 415"
				     " and grade_level < 9"),
		0);
	/* 312's next year was committed before; nothing of it was made twice. */
	assert_int_equal(town_int(t, "select count(*) from (select studentid, sectionid from cc"
				     " where termid / 100 = 36"
				     " group by 1, 2 having count(*) > 1)"),
		0);
	town_close(t);
}

static void a_district_lives_through_several_years(void **state)
{
	town *t = town_open("small,hold=0", 9);

	(void)state;
	for (int year = 36; year < 40; year++) {
		town_must(t, "eoy");
		assert_int_equal(town_int(t, "select value from prefs where name = 'coursearchiveyear'"), year);
		town_must(t, "mutate add-next-terms all");
	}
	town_close(t);
}

static void named_schools_lag(void **state)
{
	town *t = town_open("small,hold=0", 3);

	(void)state;
	town_must(t, "eoy --except 415");
	assert_int_equal(rolled(t, 415), 0);
	assert_true(rolled(t, 312) > 50);
	town_must(t, "eoy 415");
	assert_int_equal(rolled(t, 415), 100);
	town_close(t);
}

/* Arguments that fit a fresh small district; NULL: none. */
/* clang-format off */
static const struct { const char *name, *arguments; } tries[] = {
	{ "add-next-terms", "415" }, { "remove-terms", "312 2026-2027" }, { "term-dates",
	  "312 3501 2026-01-20 2026-06-04" },
	{ "new-term", "312 2025-2026 312:2025" }, { "semester-end", "312 3502" }, { "rename-section",
	  "312:2025:1 77" },
	{ "rename-old-section", "312" }, { "rename-course", "0 0106 Words" }, { "change-course",
	  "312:2025:0 0206" },
	{ "remove-section", "312:2025:2" }, { "new-student", "312 7" }, { "drop-enrollment",
	  "204000 312:2025" },
	{ "add-enrollment", "204000 312:2025:1" }, { "remove-enrollment", "204000 312:2025" },
	{ "end-enrollment", "204000 312:2025 2026-02-02" }, { "move-student", "204000 312:2025:0 312:2025:1" },
	{ "transfer-out", "312:0" }, { "change-school", "312:0 415" }, { "late-correction", "312:4" },
	{ "name-change", "204000 Marsh Ola" }, { "number-change", "204000 909090" }, { "login-change",
	  "204000 x1" },
	{ "logins-change", "312 12 new-" }, { "remove-student", "204000" }, { "teacher-leaves", "312:2025" },
	{ "substitute", "312:2025" }, { "end-teaching", "312:2025:4 2026-01-01" }, { "staff-leaves", "0007" },
	{ "staff-number", "0007 0008" }, { "district-uuid", "other" }, { "plugin-disable", NULL }, {
	  "plugin-enable", NULL },
	{ "revoke-field", "CC.DCID" }, { "grant-fields", NULL }, { "v1-access", "NONE" }, {
	  "revoke-token", NULL },
	{ "archive-year", "2026" }, { "key-self-only", NULL }, { "key-restore", NULL }, { "key-disable", NULL },
	{ "acting-user-demote", NULL }, { "acting-user-deactivate", NULL }, { "acting-user-one-building",
	  "312" },
	{ "acting-user-restore", NULL }, { "school-id", "77" }, { "building-code", "312 313" },
	{ "add-period", "Extra 2026-01-01 2026-02-01" }, { "move-period", "Extra 2026-01-01 2026-02-03" },
	{ "delete-period", "Extra" }, { "delete-section", "nothing" }, { "deactivate-user", "GUEST-1" },
	{ "retitle-section", "nothing x" }, { "lose-classes", "312 20" }, { "find-classes", "312" },
	{ "readmit", "312:0" }, { "activate-user", "GUEST-1" }, { "hand-made-user", "hand hand@cedarvalley.example" },
	{ "rename-user", "hand Other Name" }, { "give-building", "hand 1" }, { "remove-user", "hand" },
	{ "replace-lead", "312:2025:5" }, { "vacate-section", "312:2025:6" }, { "take-section", "312:2025:6" },
	{ "remove-member", "nothing GUEST-1" }, { "change-admin", "nothing GUEST-1 1" },
	{ "unplace-section", "nothing" }, { "recourse-section", "nothing x" }, { "by-hand-section", "nothing" }, { "other-writer-section", "nothing x" },
	{ "other-writer-course", "x 312" }, { "other-writer-user", "x 312" },
};
/* What has nothing to change in a fresh district. */
static const char *const idle[] = { "grant-fields", "revoke-token", "move-period", "delete-period",
	"delete-section", "retitle-section", "find-classes", "rename-user",
	"give-building", "remove-user", "remove-member", "change-admin", "recourse-section", "unplace-section", "by-hand-section",
	"other-writer-section" };
/* clang-format on */

static const char *arguments_of(const char *name)
{
	for (size_t i = 0; i < SR_COUNT_OF(tries); i++)
		if (sr_streq(tries[i].name, name))
			return tries[i].arguments ? tries[i].arguments : "";
	fail_msg("mutation %s is not tried", name);
	return NULL;
}

static bool is_idle(const char *name)
{
	for (size_t i = 0; i < SR_COUNT_OF(idle); i++)
		if (sr_streq(idle[i], name))
			return true;
	return false;
}

static void every_mutation_changes_something(void **state)
{
	(void)state;
	for (size_t i = 0; i < mutation_count; i++) {
		town *t = town_open("small", 3);
		SR_AUTO_FREE char *order = sr_asprintf(
			"mutate %s %s", mutations[i].name, arguments_of(mutations[i].name));
		int rc = town_order(t, order);
		if (rc != (is_idle(mutations[i].name) ? 1 : 0))
			fail_msg("%s: %d", order, rc);
		assert_int_equal(town_order(t, "mutate add-period P1 2026-01-01 2026-02-01"), 0);
		town_close(t);
	}
}

static void drops_and_moves_look_like_powerschool(void **state)
{
	town *t = town_open("small", 3);
	int64_t section = town_int(t, "select min(id) from sections where schoolid = 312"
				      " and termid / 100 = 35");
	char sql[200];

	(void)state;
	town_must(t, "mutate move-student 204000 312:2025:0 312:2025:3");
	snprintf(sql, sizeof(sql),
		"select count(*) from cc where studentid = 2000 and sectionid = -%lld"
		" and origsectionid = %lld"
		" and termid < 0 and dateleft ="
		" '2026-03-02'",
		(long long)section, (long long)section);
	assert_int_equal(town_int(t, sql), 1);
	snprintf(sql, sizeof(sql),
		"select count(*) from cc where studentid = 2000 and sectionid = %lld"
		" and dateenrolled = '2026-03-02'",
		(long long)section + 3);
	assert_int_equal(town_int(t, sql), 1);
	town_close(t);
}

static void wrong_orders_change_nothing(void **state)
{
	static const char *const wrong[] = { "mutate", "mutate nonsense", "mutate drop-enrollment 204000",
		"eoy --whom 3", "date 2026-02-30", "fault add", "snapshot", "nothing", "verify --year x",
		"mutate term-dates 312 3501 monday never", "mutate open-school 999", "mutate close-school 312 999",
		"mutate change-school 204000 999", "verify --schools 999", "verify --schools 999:2025", "eoy 999",
		"eoy --except 999" };
	town *t = town_open("small", 3);

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(wrong); i++)
		assert_int_not_equal(town_order(t, wrong[i]), 0);
	assert_int_equal(town_int(t, "select count(*) from students where schoolid = 999"), 0);
	assert_int_equal(town_int(t, "select count(*) from sgy_building where building_code like '%999'"), 0);
	assert_int_equal(town_order(t, "query delete\tfrom\tstudents"), 1);
	assert_int_equal(town_order(t, "mutate drop-enrollment 1 312:2025"), 1);
	town_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(years_are_read_in_every_spelling),
		cmocka_unit_test(a_school_without_terms_lags_and_follows),
		cmocka_unit_test(students_move_in_place),
		cmocka_unit_test(a_district_lives_through_several_years),
		cmocka_unit_test(named_schools_lag),
		cmocka_unit_test(every_mutation_changes_something),
		cmocka_unit_test(drops_and_moves_look_like_powerschool),
		cmocka_unit_test(wrong_orders_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
