/* A year's life: the same in one go and day by day, and everything of it happens; the date moved by
 * days; the export. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "district_int.h"
#include "test_district.h"

#define TOWN "quickstart,students=900,hold=0"

static void a_year_in_one_go_is_a_year_by_steps(void **state)
{
	town *whole = town_open(TOWN, 7), *steps = town_open(TOWN, 7);
	static const char digest[] = "select sum(dcid * 31 + abs(sectionid) * 7 + studentid + sectionid) from cc";

	(void)state;
	town_must(whole, "date 2026-08-10");
	town_must(whole, "year --days 20 --seed 4 --quiet");
	town_must(steps, "date 2026-08-10");
	for (int i = 0; i < 20; i++)
		town_must(steps, "year --step --seed 4 --quiet");
	assert_int_equal(town_int(whole, digest), town_int(steps, digest));
	assert_true(sr_clock_wall_ms(&whole->world.clock) == sr_clock_wall_ms(&steps->world.clock));
	town_close(whole);
	town_close(steps);
}

static void a_dry_run_leaves_everything_as_it_was(void **state)
{
	town *t = town_open(TOWN, 7);
	int64_t now = sr_clock_wall_ms(&t->world.clock);
	int64_t rows = town_int(t, "select count(*) + sum(sectionid) from cc");

	(void)state;
	town_must(t, "year --days 60 --dry-run --quiet");
	assert_int_equal(town_int(t, "select count(*) + sum(sectionid) from cc"), rows);
	assert_true(sr_clock_wall_ms(&t->world.clock) == now);
	town_close(t);
}

/* clang-format off */
static const char *const expected[] = {
	"mutate new-student", "mutate drop-enrollment", "mutate move-student", "mutate change-school",
	"mutate take-classes", "mutate transfer-out", "mutate no-show", "mutate name-change", "mutate substitute",
	"mutate end-teaching", "mutate teacher-leaves", "mutate add-next-terms all", "mutate summer-school",
	"mutate staff-leaves", "mutate hire", "mutate open-school", "mutate close-school", " eoy\n",
	"mutate semester-end",
};
/* clang-format on */

static void everything_happens_in_a_year(void **state)
{
	town *t = town_open("quickstart,students=3000,hold=0", 7);
	static const char *const argv[] = { "year", "--days", "400" };
	SR_AUTO(sr_buf) out = { 0 };

	(void)state;
	if (sim_admin_run(&t->admin, 3, argv, &out))
		fail_msg("%s", sr_buf_text(&out));
	for (size_t i = 0; i < SR_COUNT_OF(expected); i++)
		if (!strstr(sr_buf_text(&out), expected[i]))
			fail_msg("no `%s` in a year", expected[i]);
	assert_int_equal(town_int(t, "select value from prefs where name = 'coursearchiveyear'"), 36);
	/* Keys stay keys, and nobody is in two spells. */
	assert_int_equal(town_int(t, "select count(*) from (select id from cc group by id having count(*) > 1)"), 0);
	assert_int_equal(
		town_int(
			t, "select count(*) from (select student_number from students group by 1 having count(*) > 1)"),
		0);
	assert_int_equal(town_int(t, "select count(*) from cc where sectionid > 0 and termid > 0 and sectionid not in"
				     " (select id from sections)"),
		0);
	/* The one that closed has nobody left. */
	assert_int_equal(town_int(t, "select count(*) from students s join schools h on h.school_number = s.schoolid"
				     " where h.state_excludefromreporting = 1 and s.schoolid <> 999999"
				     " and s.enroll_status = 0 and s.entrydate > '2026-08-01'"),
		0);
	town_close(t);
}

static void the_date_moves_by_days(void **state)
{
	town *t = town_open("tiny", 1);
	int64_t now = sr_clock_wall_ms(&t->world.clock);

	(void)state;
	town_must(t, "date +7");
	assert_true(sr_clock_wall_ms(&t->world.clock) == now + INT64_C(7) * 86400000);
	town_must(t, "date -10");
	assert_true(sr_clock_wall_ms(&t->world.clock) == now - INT64_C(3) * 86400000);
	town_must(t, "date real");
	assert_true(sr_clock_wall_ms(&t->world.clock) == now);
	assert_int_equal(town_order(t, "date +x"), 2);
	town_close(t);
}

static void everything_is_exported(void **state)
{
	town *t = town_open("tiny", 1);
	char folder[] = "/tmp/sisroll-export-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(folder));
	SR_AUTO_FREE char *order = sr_asprintf("export --json %s --csv %s", folder, folder);
	SR_AUTO_FREE char *json = sr_asprintf("%s/students.json", folder);
	SR_AUTO_FREE char *csv = sr_asprintf("%s/sgy_user.csv", folder);
	SR_AUTO_FREE char *clean = sr_asprintf("rm -r %s", folder);
	town_must(t, order);
	assert_int_equal(access(json, R_OK), 0);
	assert_int_equal(access(csv, R_OK), 0);
	assert_int_equal(town_order(t, "export"), 2);
	assert_int_equal(system(clean), 0);
	town_close(t);
}

static void two_hundred_schools_are_made(void **state)
{
	town *t = town_open("schools=200,students=4000,history=0,hold=0,early=0,emails=0", 2);

	(void)state;
	assert_int_equal(town_int(t, "select count(*) from schools where issummerschool = 0"
				     " and school_number not in (500, 510, 999999)"),
		200);
	assert_int_equal(town_int(t, "select count(*) from sqlite_schema where name = 'cc_section'"), 1);
	assert_int_equal(town_int(t, "select count(*) from students s where s.enroll_status = 0 and s.exitdate >"
				     " s.entrydate and s.next_school is null"),
		0);
	town_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_year_in_one_go_is_a_year_by_steps),
		cmocka_unit_test(a_dry_run_leaves_everything_as_it_was),
		cmocka_unit_test(everything_happens_in_a_year),
		cmocka_unit_test(the_date_moves_by_days),
		cmocka_unit_test(everything_is_exported),
		cmocka_unit_test(two_hundred_schools_are_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
