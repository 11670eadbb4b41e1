/* Mutations of whole schools and their people: openings, closings, summer school, hiring, no-shows.
 * Parameters as in life_table.c. */
#include <stdio.h>

#include "life_int.h"

#define YEAR "(select cast(value as integer) from prefs where name = 'coursearchiveyear')"

/* The classes that the first classmate of the same school and grade has from now on. */
static int take_classes(mutate_call *call, sr_err *err)
{
	static const char classmate[] =
		"select m.id from students s join students m on m.schoolid = s.schoolid and m.grade_level ="
		" s.grade_level and m.id <> s.id and m.enroll_status = 0 where s.id = ?1 and exists (select 1 from cc"
		" where cc.studentid = m.id and cc.sectionid > 0 and cc.schoolid = s.schoolid and cc.dateleft > ?2)"
		" order by m.id limit 1";
	static const char classes[] =
		"insert into cc(dcid, id, studentid, sectionid, origsectionid, termid, schoolid, course_number,"
		" section_number, teacherid, expression, dateenrolled, dateleft, studyear, attendance_type_code)"
		" select (select max(dcid) from cc) + row_number() over (order by dcid),"
		" (select max(dcid) from cc) - 5 + row_number() over (order by dcid), ?1, sectionid, 0, termid, "
		"schoolid,"
		" course_number, section_number, teacherid, expression, max(dateenrolled, ?2), dateleft,"
		" ?1 * 100 + studyear % 100, 0 from cc where studentid = ?3 and sectionid > 0 and dateleft > ?2"
		" and schoolid = (select schoolid from students where id = ?1) and sectionid not in"
		" (select sectionid from cc mine where mine.studentid = ?1)";
	int64_t mate = 0, student = call->args[0].n;

	int rc = sim_sql_int(call->db, &mate, err, classmate, "it", student, call->today);
	if (rc <= 0)
		return rc < 0 ? -1 : sr_fail(err, SR_E_NOTFOUND, "no classmate in that school and grade");
	return sim_sql_run(call->db, err, classes, "iti", student, call->today, mate);
}

/* A school's shape follows from its number modulo 1000, so the new one counts up by thousands. */
static int new_number(mutate_call *call, int64_t like, int64_t *number, sr_err *err)
{
	int64_t there;
	int rc;

	*number = like;
	do {
		*number += 1000;
		rc = sim_sql_int(call->db, &there, err, "select 1 from schools where school_number = ?", "i", *number);
	} while (rc == 1 && *number < 900000);
	return rc < 0 ? -1 : rc == 0 ? 0 : sr_fail(err, SR_E_RANGE, "no school number is free");
}

/* From the next year on: terms, a building in Schoology, two teachers, every third newcomer of LIKE. */
static int open_school(mutate_call *call, sr_err *err)
{
	int64_t like = call->args[0].n, number = 0, yearid = 0;

	if (new_number(call, like, &number, err) || sim_sql_int(call->db, &yearid, err, "select " YEAR " + 1", "") < 0)
		return -1;
	if (sim_sql_run(call->db, err,
		    "insert into schools(dcid, id, school_number, name, abbreviation, low_grade, high_grade, sortorder,"
		    " issummerschool, state_excludefromreporting) select (select max(dcid) + 1 from schools),"
		    " (select max(id) + 1 from schools), ?2, 'New ' || name, 'N' || ?2, low_grade, high_grade,"
		    " sortorder, 0, 0 from schools where school_number = ?1",
		    "ii", like, number) ||
		gen_terms(call->db, number, (int)yearid, err) ||
		sim_sql_run(call->db, err,
			"insert into sgy_building(id, title, building_code) select (select coalesce(max(id), 5170000) "
			"+ 1"
			" from sgy_building), name, cast(school_number as text) from schools where school_number = ?",
			"i", number) ||
		sim_sql_run(call->db, err,
			"insert into schoolstaff(dcid, id, users_dcid, schoolid, status, staffstatus)"
			" select (select max(dcid) from schoolstaff) + row_number() over (order by id),"
			" (select max(id) from schoolstaff) + row_number() over (order by id), users_dcid, ?2, 1, 1"
			" from (select id, users_dcid from schoolstaff where schoolid = ?1 and status = 1 and"
			" staffstatus = 1 order by id desc limit 2)",
			"ii", like, number) ||
		sim_sql_run(call->db, err, "update students set next_school = ?2 where next_school = ?1 and id % 3 = 0",
			"ii", like, number))
		return -1;
	sr_buf_printf(call->say, "school %lld\n", (long long)number);
	return 0;
}

/* A section of each of two courses; every student in one of them by turns. */
static int summer_school(mutate_call *call, sr_err *err)
{
	static const char students[] =
		"insert into cc(dcid, id, studentid, sectionid, origsectionid, termid, schoolid, course_number,"
		" section_number, teacherid, expression, dateenrolled, dateleft, studyear, attendance_type_code)"
		" select (select max(dcid) from cc) + row_number() over (order by s.id),"
		" (select max(dcid) from cc) - 5 + row_number() over (order by s.id), s.id, x.id, 0, x.termid, "
		"x.schoolid,"
		" x.course_number, x.section_number, x.teacher, x.expression, t.firstday, date(t.lastday, '+1 day'),"
		" s.id * 100 + t.yearid, 0 from (select id, row_number() over (order by id % 7, id) n from students"
		" where enroll_status = 0 and exitdate > entrydate order by id % 7, id limit ?3) s"
		" join sections x on x.schoolid = ?1 and x.termid = ?2 and x.section_number = '0' || (s.n % 2 + 1)"
		" join terms t on t.schoolid = x.schoolid and t.id = x.termid";
	static const char sections[] =
		"insert into sections(dcid, id, course_number, section_number, schoolid, termid, teacher, expression,"
		" external_expression, no_of_students, maxenrollment, gradebooktype)"
		" select (select max(id) from sections) + 11 + k.value, (select max(id) from sections) + k.value,"
		" 'SUM' || k.value, '0' || k.value, ?1, ?2, (select min(id) from schoolstaff where schoolid = ?1),"
		" '1(A)', '1(A)', 0, 60, 2 from json_each('[1,2]') k where exists (select 1 from schoolstaff"
		" where schoolid = ?1) and not exists (select 1 from sections where schoolid = ?1 and termid = ?2)";
	static const char courses[] =
		"insert into courses(dcid, id, course_number, course_name, schoolid, credit_hours, sched_lunchcourse,"
		" sched_do_not_print, status) select (select max(dcid) from courses) + k.value, (select max(id) from "
		"courses)"
		" + k.value, 'SUM' || k.value, 'Summer Bridge ' || k.value, ?1, 0.5, 0, 0, 0 from json_each('[1,2]') k"
		" where not exists (select 1 from courses where course_number = 'SUM' || k.value)";
	int64_t school = 0, yearid = 0;

	if (sim_sql_int(call->db, &yearid, err, "select " YEAR, "") < 0)
		return -1;
	int rc = sim_sql_int(
		call->db, &school, err, "select school_number from schools where issummerschool = 1 order by dcid", "");
	if (rc <= 0)
		return rc < 0 ? -1 : sr_fail(err, SR_E_NOTFOUND, "there is no summer school");
	return gen_terms(call->db, school, (int)yearid, err) || sim_sql_run(call->db, err, courses, "i", school) ||
			       sim_sql_run(call->db, err, sections, "ii", school, yearid * 100) ||
			       sim_sql_run(call->db, err, students, "iii", school, yearid * 100, call->args[0].n)
		       ? -1
		       : 0;
}

/* clang-format off */
const mutation school_mutations[] = {
	{ "take-classes", "P", 0, "STUDENT", "the classes of a classmate, from today", NULL, take_classes, false },
	{ "no-show", "P", 0, "STUDENT", "never came: the spell and the windows of all classes are empty",
	  "update cc set origsectionid = sectionid, sectionid = -sectionid, termid = -termid, dateleft = dateenrolled"
	  " where studentid = ?1 and sectionid > 0 and termid / 100 = " YEAR ";"
	  "update students set exitdate = entrydate, exitcode = 'NS' where id = ?1", NULL, false },
	{ "hire", "n", 0, "SCHOOL", "a new teacher",
	  "insert into users(dcid, first_name, last_name, lastfirst, email_addr, teachernumber, loginid, teacherloginid,"
	  " homeschoolid, ptaccess, psaccess) select max(dcid) + 1, 'Robin', 'Newhire', 'Newhire, Robin',"
	  " 'h' || (max(dcid) + 1) || '@cedarvalley.example', 'H' || (max(dcid) + 1), 'h' || (max(dcid) + 1),"
	  " 'h' || (max(dcid) + 1), ?1, 1, 0 from users;"
	  "insert into schoolstaff(dcid, id, users_dcid, schoolid, status, staffstatus) select max(dcid) + 1, max(id) + 1,"
	  " (select max(dcid) from users), ?1, 1, 1 from schoolstaff", NULL, false },
	{ "summer-school", "n", 0, "COUNT", "that many students take a class of the summer school", NULL, summer_school,
	  false },
	{ "open-school", "H", 0, "LIKE", "a school of LIKE's shape opens next year; prints its number", NULL, open_school,
	  false },
	{ "close-school", "HH", 0, "SCHOOL INTO", "closes at the year's end: no next terms, students and teachers to INTO",
	  "update students set next_school = ?2 where next_school = ?1;"
	  "delete from terms where schoolid = ?1 and yearid > " YEAR ";"
	  "insert into schoolstaff(dcid, id, users_dcid, schoolid, status, staffstatus)"
	  " select (select max(dcid) from schoolstaff) + row_number() over (order by f.id), (select max(id) from schoolstaff)"
	  " + row_number() over (order by f.id), f.users_dcid, ?2, 1, f.staffstatus from schoolstaff f where f.schoolid = ?1"
	  " and f.status = 1 and not exists (select 1 from schoolstaff g where g.users_dcid = f.users_dcid and g.schoolid = ?2);"
	  "update schoolstaff set status = 2 where schoolid = ?1;"
	  "update schools set state_excludefromreporting = 1 where school_number = ?1", NULL, false },
};
/* clang-format on */

const size_t school_mutation_count = SR_COUNT_OF(school_mutations);
