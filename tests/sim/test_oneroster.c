/* OneRoster bundles: three written by hand, right and wrong rows side by side; and the CSV reader. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "csv.h"
#include "oneroster.h"
#include "synced.h"
#include "test_district.h"

static town *loaded(const char *bundle, sr_buf *say)
{
	town *t = calloc(1, sizeof(*t));
	sr_err err = { 0 };

	if (!t)
		fail_msg("out of memory");
	t->clock.base = (sr_clock){ NULL, town_now, town_now };
	sr_clock clock = sim_dated_clock_of(&t->clock);
	SR_AUTO_FREE char *folder = sr_asprintf("%s/tests/sim/oneroster/%s", SIM_SOURCE_FOLDER, bundle);
	if (sim_world_open(&t->world, ":memory:", &clock, 5, &err) ||
		sim_oneroster_load(&t->world, folder, 5, say, &err))
		fail_msg("%s", err.text);
	t->admin = (sim_admin){ .world = &t->world, .faults = &t->faults, .clock = &t->clock };
	return t;
}

static void expect_lines(const char *said, const char *const *lines)
{
	for (; *lines; lines++)
		if (!strstr(said, *lines))
			fail_msg("nothing said `%s` in:\n%s", *lines, said);
}

/* clang-format off */
static const char *const wrong_11[] = {
	"orgs.csv: 1 rows are marked tobedeleted", "orgs.csv:5: type academy is unknown",
	"academicSessions.csv:5: startDate 2026-02-30 is not a date", "academicSessions.csv:6: endDate",
	"courses.csv:5: orgSourcedId nowhere", "classes.csv:5: courseSourcedId c9", "classes.csv:6: schoolSourcedId d1",
	"classes.csv:7: no session of q", "classes.csv:8: no teacher", "users.csv:8: identifier 7002",
	"users.csv:10: a student of no school", "users.csv:11: enabledUser perhaps", "users.csv:13: sourcedId u1 is already",
	"users.csv:14: role wizard", "users.csv:15: givenName is empty", "users.csv:16: 10 fields",
	"users.csv:17: a quote within", "enrollments.csv:8: classSourcedId k9", "enrollments.csv:9: userSourcedId u99",
	"enrollments.csv:10: schoolSourcedId s1", "enrollments.csv:11: role janitor",
	"enrollments.csv:12: the user is no student", "enrollments.csv:13: endDate 2025-12-01 is before", NULL };
static const char *const wrong_12[] = {
	"orgs.csv:3: identifier BM", "courses.csv:2: courseCode (none)", "roles.csv:7: userSourcedId w9",
	"roles.csv:8: role pirate", "users.csv:6: neither", "enrollments.csv:6: not UTF-8", "OneRoster 1.2", NULL };
/* clang-format on */

static void version_11_comes_in_and_every_bad_row_is_named(void **state)
{
	SR_AUTO(sr_buf) say = { 0 };
	town *t = loaded("v11", &say);

	(void)state;
	expect_lines(sr_buf_text(&say), wrong_11);
	assert_int_equal(town_int(t, "select count(*) from schools where school_number in (210, 410)"), 2);
	assert_int_equal(town_int(t, "select count(*) from students"), 4);
	assert_int_equal(town_int(t, "select last_name = 'Núñez' || char(10) || 'de la Cruz' from students"
				     " where student_number = 7001"),
		1);
	assert_int_equal(
		town_int(t, "select first_name = 'Ann \"Annie\"' from students where student_number = 7002"), 1);
	assert_int_equal(town_int(t, "select enroll_status from students where student_number = 7004"), 2);
	/* A session's end and an enrollment's are exclusive: LASTDAY is the day before, DATELEFT is not. */
	assert_int_equal(
		town_int(t, "select lastday = '2026-01-09' from terms where schoolid = 410 and name = 'Fall'"), 1);
	assert_int_equal(town_int(t, "select count(*) from cc where dateleft = '2025-11-03' and termid = 3501"), 1);
	assert_int_equal(town_int(t, "select termid from sections where section_number = 'MA101-2'"), 3500);
	assert_int_equal(town_int(t, "select count(*) from sections s left join schoolstaff f on f.id = s.teacher"
				     " and f.schoolid = s.schoolid where f.id is null"),
		0);
	assert_int_equal(town_int(t, "select count(*) from sim_load_report"), 23);
	town_close(t);
}

static void version_12_takes_roles_from_their_own_file(void **state)
{
	SR_AUTO(sr_buf) say = { 0 };
	town *t = loaded("v12", &say);

	(void)state;
	expect_lines(sr_buf_text(&say), wrong_12);
	assert_int_equal(town_int(t, "select count(*) from students"), 2);
	assert_int_equal(town_int(t, "select count(*) from schoolstaff f join users u on u.dcid = f.users_dcid"
				     " where u.preferredname = 'Lucy' and u.homeschoolid = 50001"),
		2);
	assert_int_equal(town_int(t, "select count(*) from cc"), 2);
	assert_int_equal(town_int(t, "select termid from sections where section_number = 'FR-A'"), 3501);
	town_close(t);
}

/* Every file of the 1.1 CSV binding, as a bulk export has them: status and dateLastModified empty, everything or
 * nothing in quotes, CRLF, a byte order mark here and there, families and gradebook besides. */
static void a_whole_bulk_export_needs_no_mending(void **state)
{
	SR_AUTO(sr_buf) say = { 0 };
	town *t = loaded("v11bulk", &say);
	static const char *const remarks[] = { "orgs.csv:3: identifier 0601", "orgs.csv:4: identifier 0902",
		"2 rows with remarks", NULL };

	(void)state;
	expect_lines(sr_buf_text(&say), remarks);
	assert_int_equal(town_int(t, "select count(*) from sim_load_report"), 2);
	assert_int_equal(town_int(t, "select count(*) from schools where name = 'École \"Les Érables\"'"), 1);
	assert_int_equal(town_int(t, "select group_concat(student_number) = '30001,30002,30003,30004' from (select"
				     " student_number from students order by 1)"),
		1);
	assert_int_equal(town_int(t, "select enroll_status from students where student_number = 30004"), 2);
	assert_int_equal(
		town_int(t, "select count(*) from users where last_name in ('Lindqvist', 'Dupont', 'King')"), 3);
	/* A class of both semesters lies in the year; the last days are those before the exclusive ends. */
	assert_int_equal(town_int(t, "select termid from sections where section_number = 'MA7A-1'"), 3500);
	assert_int_equal(town_int(t, "select count(*) from terms where yearid = 35 and isyearrec = 1 and lastday ="
				     " '2026-06-12' and schoolid = 50001"),
		1);
	assert_int_equal(town_int(t, "select count(*) from cc where dateleft = '2025-09-15'"), 1);
	assert_int_equal(
		town_int(t, "select count(*) from sections s join schoolstaff f on f.id = s.teacher join users u"
			    " on u.dcid = f.users_dcid where s.section_number = 'FR9-1' and u.last_name ="
			    " 'Dupont'"),
		1);
	town_close(t);
}

/* A loaded district lives on like a made one. */
static void a_loaded_district_rolls_over(void **state)
{
	SR_AUTO(sr_buf) say = { 0 };
	town *t = loaded("v11", &say);

	(void)state;
	town_must(t, "mutate add-next-terms all");
	town_must(t, "date 2026-07-10");
	town_must(t, "mutate drop-enrollment 7002 20013");
	town_must(t, "eoy");
	assert_int_equal(town_int(t, "select grade_level from students where student_number = 7002"), 10);
	assert_int_equal(town_int(t, "select count(*) > 0 from sections where termid / 100 = 36"), 1);
	town_close(t);
}

static void a_folder_without_orgs_is_refused_whole(void **state)
{
	town *t = town_open("tiny", 1);
	SR_AUTO(sr_buf) say = { 0 };
	sr_err err = { 0 };

	(void)state;
	assert_int_equal(sim_oneroster_load(&t->world, SIM_SOURCE_FOLDER "/tests/sim", 1, &say, &err), -1);
	assert_non_null(strstr(err.text, "orgs.csv"));
	town_close(t);
}

static void another_writer_has_been_there(void **state)
{
	static const char *const names[] = { "vendor", "oneroster" };
	sr_err err = { 0 };

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(names); i++) {
		town *t = town_open("small", 3);
		if (sim_synced_make(&t->world, names[i], &err))
			fail_msg("%s", err.text);
		assert_int_equal(town_int(t, "select (select count(*) from sgy_section where synced = 1) ="
					     " (select count(*) from sections where termid / 100 = 35)"),
			1);
		assert_int_equal(town_int(t, "select count(*) from sgy_section where synced = 1 and course_id not in"
					     " (select id from sgy_course)"),
			0);
		assert_true(town_int(t, "select count(*) from sgy_enrollment where admin = 0") > 50);
		assert_int_equal(town_int(t, "select count(*) - count(distinct title) from sgy_period"), 0);
		assert_int_equal(town_int(t, "select count(*) from (select 1 from sgy_user where school_uid <> ''"
					     " group by school_uid having count(*) > 1)"),
			0);
		town_close(t);
	}
	town *t = town_open("tiny", 1);
	assert_int_equal(sim_synced_make(&t->world, "nobody", &err), -1);
	town_close(t);
}

/* ---- the reader ---- */

static const struct {
	const char *text, *fields; /* separated by `|`; rows by `/`; `!` and why a row is bad */
} readings[] = {
	{ "a,b\n1,2\n", "a|b/1|2" },
	{ "\xef\xbb\xbf"
	  "a\r\n\"x\"\r\n",
		"a/x" },
	{ "\"a,b\",\"c\"\"d\"\n", "a,b|c\"d" },
	{ "\"two\r\nlines\",x\n\n\nlast", "two\nlines|x/last" },
	{ ",\n", "|" },
	{ "", "" },
	{ "a\rb\r", "a/b" },
	{ "\"open\n", "!a quote is never closed" },
	{ "\"a\"b,c\nnext\n", "!text behind a closing quote/next" },
	{ "\xe9\n", "!not UTF-8" },
};

static void read_all(const char *path, sr_buf *got)
{
	SR_AUTO(sim_csv) c = { 0 };
	sr_err err = { 0 };
	bool first = true;

	if (sim_csv_open(&c, path, &err))
		fail_msg("%s", err.text);
	while (sim_csv_next(&c, &err) == 1) {
		sr_buf_puts(got, first ? "" : "/");
		first = false;
		if (c.bad)
			sr_buf_printf(got, "!%s", c.bad);
		for (size_t i = 0; i < c.count && !c.bad; i++)
			sr_buf_printf(got, "%s%s", i ? "|" : "", sim_csv_field(&c, i));
	}
}

static void rows_are_read_as_exporters_write_them(void **state)
{
	char path[] = "/tmp/sisroll-csv-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < SR_COUNT_OF(readings); i++) {
		SR_AUTO(sr_buf) got = { 0 };
		size_t len = strlen(readings[i].text);
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, readings[i].text, len, 0), (ssize_t)len);
		read_all(path, &got);
		assert_string_equal(sr_buf_text(&got), readings[i].fields);
	}
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_11_comes_in_and_every_bad_row_is_named),
		cmocka_unit_test(version_12_takes_roles_from_their_own_file),
		cmocka_unit_test(a_whole_bulk_export_needs_no_mending),
		cmocka_unit_test(a_loaded_district_rolls_over),
		cmocka_unit_test(a_folder_without_orgs_is_refused_whole),
		cmocka_unit_test(another_writer_has_been_there),
		cmocka_unit_test(rows_are_read_as_exporters_write_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
