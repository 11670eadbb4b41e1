/* The generator: the same seed makes the same district, and what must hurt is in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "test_district.h"

static void spec_is_read_and_bad_ones_refused(void **state)
{
	static const char *const bad[] = { "nowhere", "schools=0", "schools=301", "students=", "teachers=4",
		"tiny,year=abc" };
	sim_district_spec spec;
	sr_err err = { 0 };

	(void)state;
	assert_int_equal(sim_district_parse("small,students=30, hold=0", &spec, &err), 0);
	assert_int_equal(spec.schools, 2);
	assert_int_equal(spec.students, 30);
	assert_int_equal(spec.hold, 0);
	for (size_t i = 0; i < SR_COUNT_OF(bad); i++) {
		spec.students = 77;
		assert_int_equal(sim_district_parse(bad[i], &spec, &err), -1);
		assert_int_equal(spec.students, 77);
	}
}

static char *picture(town *t)
{
	static const char *const questions[] = {
		"select group_concat(json_array(dcid, id, student_number, first_name, last_name, schoolid,"
		" grade_level, entrydate,"
		" exitdate, next_school)) from students",
		"select group_concat(json_array(dcid, studentid, sectionid, termid, dateenrolled, dateleft))"
		" from cc",
		"select group_concat(json_array(id, school_uid, name_first)) from sgy_user",
	};
	SR_AUTO(sr_buf) all = { 0 };

	for (size_t i = 0; i < SR_COUNT_OF(questions); i++) {
		SR_AUTO(sim_stmt) q = sim_sql(t->world.db, NULL, questions[i], "");
		assert_int_equal(sim_stmt_step(q, NULL), 1);
		sr_buf_puts(&all, (const char *)sqlite3_column_text(q, 0));
	}
	return sr_buf_take(&all);
}

static void same_seed_same_district(void **state)
{
	town *a = town_open("small", 5), *b = town_open("small", 5), *c = town_open("small", 6);
	SR_AUTO_FREE char *pa = picture(a);
	SR_AUTO_FREE char *pb = picture(b);
	SR_AUTO_FREE char *pc = picture(c);

	(void)state;
	assert_string_equal(pa, pb);
	assert_string_not_equal(pa, pc);
	town_close(a);
	town_close(b);
	town_close(c);
}

static void tiny_is_one_of_each(void **state)
{
	town *t = town_open("tiny", 1);

	(void)state;
	assert_int_equal(town_int(t, "select count(*) from students"), 1);
	assert_int_equal(town_int(t, "select count(*) from schoolstaff"), 1);
	assert_int_equal(town_int(t, "select count(*) from sections"), 1);
	assert_int_equal(town_int(t, "select count(*) from cc"), 1);
	assert_int_equal(town_int(t, "select count(*) from sgy_user where school_uid like 'T%'"), 0);
	town_close(t);
}

/* clang-format off */
static const struct { const char *what, *sql; int64_t at_least; } hurts[] = {
	{ "a student 1042", "select count(*) from students where student_number = 1042"
	  " and enroll_status = 0", 1 },
	{ "a teacher 1042", "select count(*) from users u join schoolstaff f on f.users_dcid = u.dcid"
	  " and f.status = 1"
		" where u.teachernumber = '1042'", 1 },
	{ "drops with negative ids", "select count(*) from cc where sectionid < 0 and termid < 0"
	  " and abs(termid) / 100 = 35", 50 },
	{ "never attended", "select count(*) from cc where dateleft = dateenrolled", 10 },
	{ "open windows", "select count(*) from cc where dateleft is null", 10 },
	{ "exit is term end + 1", "select count(*) from cc c join terms t on t.schoolid = c.schoolid"
	  " and t.id = c.termid"
		" where c.dateleft = date(t.lastday, '+1 day')", 20000 },
	{ "a class left and taken again", "select count(*) from cc a join cc b on b.studentid = a.studentid"
		" and b.sectionid = -a.sectionid and b.dateenrolled = a.dateleft where a.sectionid < 0", 10 },
	{ "co-teachers", "select count(*) from sectionteacher where roleid = 2", 20 },
	{ "aides and observers", "select count(*) from sectionteacher where roleid in (3, 4)", 20 },
	{ "ended assignments", "select count(*) from sectionteacher x join sections s on s.id = x.sectionid"
	  " and s.termid / 100 = 35"
		" where x.end_date < '2025-11-01' and x.teacherid <> s.teacher and x.roleid = 1", 1 },
	{ "a substitute who teaches", "select count(*) from sectionteacher x join schoolstaff f"
	  " on f.id = x.teacherid"
		" and f.staffstatus = 4", 1 },
	{ "people at two schools", "select count(*) from (select users_dcid from schoolstaff where status = 1"
	  " and schoolid > 0"
		" group by 1 having count(distinct schoolid) > 1)", 1 },
	{ "a cross-enrolled student", "select count(*) from cc c join students s on s.id = c.studentid"
		" where s.schoolid <> c.schoolid and s.schoolid < 999999 and abs(c.termid) / 100 = 35", 1 },
	{ "the acting user teaches", "select count(*) from sections s join schoolstaff f on f.id = s.teacher"
	  " join users u"
		" on u.dcid = f.users_dcid join sgy_user g on g.primary_email = u.email_addr"
		" where g.id = 4711902", 1 },
	{ "a school of one", "select count(*) from students where schoolid = 500 and enroll_status = 0", 1 },
	{ "an empty school", "select count(*) from terms where schoolid = 510", 3 },
	{ "a summer school", "select count(*) from schools where issummerschool = 1", 1 },
	{ "graduates", "select count(*) from students where schoolid = 999999 and enroll_status = 3"
	  " and grade_level = 99", 100 },
	{ "pre-registered", "select count(*) from students where enroll_status = -1", 10 },
	{ "district courses", "select count(*) from courses where schoolid = 0", 20 },
	{ "a number only another school defines", "select count(*) from sections s where not exists (select 1"
	  " from courses c"
		" where c.course_number = s.course_number and c.schoolid in (0, s.schoolid))", 5 },
	{ "a number that school and district define", "select count(*) from courses a join courses b"
		" on a.course_number = b.course_number and a.schoolid = 0 and b.schoolid > 0", 1 },
	{ "leading zeros", "select count(*) from courses where course_number like '0%'", 20 },
	{ "apostrophes", "select count(*) from students where last_name like '%''%'", 1 },
	{ "accents", "select count(*) from students where first_name = 'Zoë'", 1 },
	{ "emoji", "select count(*) from courses where course_name like '%🤖%'", 1 },
	{ "a school without next year", "select count(*) from schools s where s.school_number = 102"
	  " and not exists"
		" (select 1 from terms t where t.schoolid = 102 and t.yearid = 36)", 1 },
	{ "a schedule committed early", "select count(*) from sections where schoolid = 312"
	  " and termid / 100 = 36", 50 },
	{ "last year's classes", "select count(*) from cc where abs(termid) / 100 = 34", 10000 },
	{ "last year's spells", "select count(*) from reenrollments", 1000 },
	{ "a second half created first", "select count(*) from terms where id % 100 = 1"
	  " and abbreviation = 'S2'", 1 },
	{ "quarters", "select count(*) from terms where portion = 4 and yearid = 35", 4 },
	{ "trimesters", "select count(*) from terms where portion = 3 and yearid = 35", 3 },
	{ "year-long sections beside quarters", "select count(*) from sections where schoolid = 415"
	  " and termid = 3500", 10 },
	{ "school 0's terms", "select count(*) from terms where schoolid = 0", 3 },
	{ "both homes of e-mail", "select count(*) from personemailaddressassoc a"
	  " join psm_studentcontact c", 1 },
};
/* clang-format on */

static void quickstart_has_everything_that_hurts(void **state)
{
	town *t = town_open("quickstart", 7);

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(hurts); i++) {
		int64_t n = town_int(t, hurts[i].sql);
		if (n < hurts[i].at_least)
			fail_msg("%s: %lld, wanted %lld", hurts[i].what, (long long)n, (long long)hurts[i].at_least);
	}
	assert_int_equal(town_int(t, "select count(*) from schools where school_number between 101"
				     " and 420"),
		5);
	assert_in_range(town_int(t, "select count(*) from students where enroll_status = 0"), 3850, 4050);
	assert_in_range(town_int(t, "select count(*) from cc where abs(termid) / 100 = 35"), 23500, 24700);
	assert_int_equal(town_int(t, "select count(*) from sgy_period"), 0);
	assert_int_equal(town_int(t, "select max(length(course_name)) <= 40 from courses"), 1);
	town_close(t);
}

static void keys_are_unique_where_powerschool_promises(void **state)
{
	town *t = town_open("quickstart", 11);

	(void)state;
	assert_int_equal(town_int(t, "select count(*) - count(distinct student_number) from students"), 0);
	assert_int_equal(town_int(t, "select count(*) - count(distinct student_web_id) from students"), 0);
	assert_int_equal(town_int(t, "select count(*) - count(distinct teachernumber) from users"), 0);
	assert_int_equal(town_int(t, "select count(*) - count(distinct id) from sections"), 0);
	assert_int_equal(town_int(t, "select count(*) - count(distinct id) from cc"), 0);
	assert_int_equal(town_int(t, "select count(*) from (select schoolid, id from terms group by 1, 2"
				     " having count(*) > 1)"),
		0);
	assert_int_equal(town_int(t, "select count(*) from cc where not exists (select 1 from sections s"
				     " where s.id ="
				     " abs(cc.sectionid) and s.termid = abs(cc.termid)"
				     " and s.schoolid = cc.schoolid)"),
		0);
	assert_int_equal(town_int(t, "select count(*) from sections where not exists (select 1"
				     " from schoolstaff f where f.id ="
				     " sections.teacher)"),
		0);
	town_close(t);
}

static void small_is_made_fast(void **state)
{
	struct timespec a, b;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &a);
	town_close(town_open("small", 3));
	clock_gettime(CLOCK_MONOTONIC, &b);
	print_message("small: %.1f ms\n", (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spec_is_read_and_bad_ones_refused),
		cmocka_unit_test(same_seed_same_district),
		cmocka_unit_test(tiny_is_one_of_each),
		cmocka_unit_test(quickstart_has_everything_that_hurts),
		cmocka_unit_test(keys_are_unique_where_powerschool_promises),
		cmocka_unit_test(small_is_made_fast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
