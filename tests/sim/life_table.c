/* The mutations. SECTION is a SECTIONS.DCID or SCHOOL:YEAR[:N]; STUDENT a student number or
 * SCHOOL:N. In the statements ?1.. are the arguments (SECTIONS.ID, STUDENTS.ID), ?11 is the
 * sandbox's date, ?12 the acting user: numbers, since a named parameter would take the next one. */
#include <stdio.h>

#include "life_int.h"
#include "ps_service.h"

#define DROP_CLASS                                                                                          \
	"update cc set origsectionid = sectionid, sectionid = -sectionid, termid = -termid, dateleft = ?11" \
	" where studentid = ?1 and sectionid = ?2;"
#define ADD_CLASS(section)                                                                                           \
	"insert into cc(dcid, id, studentid, sectionid, origsectionid, termid, schoolid, course_number, "            \
	"section_number,"                                                                                            \
	" teacherid, expression, dateenrolled, dateleft, studyear, attendance_type_code)"                            \
	" select (select max(dcid) from cc) + 1, (select max(dcid) from cc) - 4, ?1, s.id, 0, s.termid, s.schoolid," \
	" s.course_number, s.section_number, s.teacher, s.expression, max(t.firstday, ?11),"                         \
	" date(t.lastday, '+1 day'), ?1 * 100 + t.yearid, 0 from sections s"                                         \
	" join terms t on t.schoolid = s.schoolid and t.id = s.termid where s.id = " section ";"
#define NEXT_TEACHING "(select max(id) from sectionteacher) + 1"
#define STATE(key) "insert or replace into sim_ps_state(key, value) values('" key "', ?1)"

/* SCHOOL or "all": the terms of the year after coursearchiveyear, or of the given one. */
static int add_terms(mutate_call *call, sr_err *err)
{
	int64_t yearid = 0, school;
	bool all = sr_streq(call->args[0].text, "all");

	if (!all && !sr_parse_i64(call->args[0].text, &school))
		return sr_fail(err, SR_E_INVALID,
			"%s is neither a school number nor"
			" `all`",
			call->args[0].text);
	if (sim_sql_int(call->db, &yearid, err,
		    "select cast(value as integer) + 1 from prefs where name = 'coursearchiveyear'", "") < 0)
		return -1;
	/* A school that lagged behind still lacks the year that the others are in. */
	int64_t there;
	if (!all && sim_sql_int(call->db, &there, err,
			    "select 1 from terms where schoolid = ?"
			    " and yearid = ?",
			    "ii", school, yearid - 1) == 0)
		yearid--;
	if (call->argc > 1)
		yearid = call->args[1].n;
	SR_AUTO(sim_stmt)
	q = sim_sql(call->db, err,
		"select school_number from schools where school_number <> 999999 and (?1 ="
		" cast(school_number as text) or (?1 = 'all' and state_excludefromreporting = 0))"
		" union select 0 from schools where ?1 = 'all'",
		"t", call->args[0].text);
	int rc = q ? 1 : -1;
	while (rc == 1 && (rc = sim_stmt_step(q, err)) == 1)
		if (gen_terms(call->db, sqlite3_column_int64(q, 0), (int)yearid, err))
			return -1;
	return rc;
}

/* A new student of a school and grade, in the classes that the first classmate takes now. */
static int new_student(mutate_call *call, sr_err *err)
{
	static const char person[] =
		"insert into students(dcid, id, student_number, student_web_id, first_name, last_name,"
		" lastfirst, grade_level,"
		" enroll_status, schoolid, enrollment_schoolid, entrydate, exitdate, entrycode,"
		" sched_yearofgraduation, classof,"
		" next_school, sched_nextyeargrade, enrollmentid) select (select max(dcid) from students) + 1,"
		" (select max(id) from students) + 1, (select max(student_number) from students) + 1,"
		" 's' || cast((select max(student_number) from students) + 1 as integer), 'Niko', 'Newcomer',"
		" 'Newcomer, Niko',"
		" grade_level, 0, schoolid, schoolid, max(?, entrydate), exitdate, 'E1',"
		" sched_yearofgraduation, classof,"
		" next_school, sched_nextyeargrade, (select max(enrollmentid) from students) + 1"
		" from students where id = ?";
	static const char classes[] =
		"insert into cc(dcid, id, studentid, sectionid, origsectionid, termid, schoolid,"
		" course_number, section_number,"
		" teacherid, expression, dateenrolled, dateleft, studyear, attendance_type_code)"
		" select (select max(dcid) from cc) + row_number() over (order by dcid),"
		" (select max(dcid) from cc) - 5 + row_number() over (order by dcid), (select max(id)"
		" from students), sectionid, 0,"
		" termid, schoolid, course_number, section_number, teacherid, expression, max(dateenrolled,"
		" ?1), dateleft,"
		" (select max(id) from students) * 100 + studyear % 100, 0 from cc where studentid = ?2"
		" and sectionid > 0"
		" and (dateleft is null or dateleft > ?1) and termid / 100 = (select max(termid) / 100 from cc"
		" where studentid = ?2)";
	int64_t mate = 0, number = 0;

	int rc = sim_sql_int(call->db, &mate, err,
		"select id from students where schoolid = ? and grade_level = ? and enroll_status = 0"
		" and exitdate > entrydate"
		" order by id limit 1",
		"ii", call->args[0].n, call->args[1].n);
	if (rc <= 0)
		return rc < 0 ? -1 : sr_fail(err, SR_E_NOTFOUND, "no classmate in that school and grade");
	if (sim_sql_run(call->db, err, person, "ti", call->today, mate) ||
		sim_sql_run(call->db, err, classes, "ti", call->today, mate) ||
		sim_sql_int(call->db, &number, err,
			"select cast(max(student_number) as integer)"
			" from students",
			"") < 0)
		return -1;
	sr_buf_printf(call->say, "student %lld\n", (long long)number);
	return 0;
}

/* clang-format off */
const mutation mutations[] = {
	/* --- terms --- */
	{ "add-next-terms", "ty", 1, "SCHOOL|all [YEAR]", "terms of the next year (of this one, for a school"
	  " that lagged)", NULL, add_terms, false },
	{ "remove-terms", "ny", 0, "SCHOOL YEAR", "that year's terms vanish",
	  "delete from terms where schoolid = ?1 and yearid = ?2", NULL, false },
	{ "term-dates", "nndd", 0, "SCHOOL TERMID FIRST LAST", "a term's dates move",
	  "update terms set firstday = ?3, lastday = ?4 where schoolid = ?1 and id = ?2", NULL, false },
	{ "new-term", "nyS", 0, "SCHOOL YEAR SECTION", "a term of six weeks appears"
	  " and that section is put into it",
	  "insert into terms(dcid, id, schoolid, yearid, isyearrec, portion, name, abbreviation, firstday,"
	  " lastday)"
	  " select (select max(dcid) from terms) + 1, max(id) + 1, ?1, ?2, 0, 8, 'Exploratory', 'EXP',"
	  " max(min(firstday), ?11),"
	  " date(max(min(firstday), ?11), '+41 days') from terms where schoolid = ?1 and yearid = ?2"
	  " having count(*) > 0;"
	  "update sections set termid = (select max(id) from terms where schoolid = ?1 and yearid = ?2)"
	  " where id = ?3;"
	  "update cc set termid = (select max(id) from terms where schoolid = ?1 and yearid = ?2)"
	  " where sectionid = ?3", NULL, false },
	{ "semester-end", "nn", 0, "SCHOOL TERMID", "the term's classes close: by turns with a negative sign"
	  " on the last day",
	  "update cc set origsectionid = sectionid, sectionid = -sectionid, termid = -termid,"
	  " dateleft = (select lastday from terms where schoolid = ?1 and id = ?2)"
	  " where schoolid = ?1 and termid = ?2 and dcid % 3 = 0 and (dateleft is null or dateleft >="
	  " (select lastday from terms where schoolid = ?1 and id = ?2))", NULL, false },

	/* --- sections and courses --- */
	{ "rename-section", "St", 0, "SECTION NUMBER", "another section number, so another title",
	  "update sections set section_number = ?2 where id = ?1", NULL, false },
	{ "rename-old-section", "n", 0, "SCHOOL", "the first section of the year before the current one gets"
	  " another number",
	  "update sections set section_number = section_number || 'x' where id = (select min(s.id)"
	  " from sections s where s.schoolid = ?1"
	  " and s.termid / 100 = (select cast(value as integer) - 1 from prefs"
	  " where name = 'coursearchiveyear'))", NULL, false },
	{ "rename-course", "ntt", 0, "SCHOOL NUMBER NAME", "a course's name (SCHOOL 0: the district's)",
	  "update courses set course_name = ?3 where schoolid = ?1 and course_number = ?2", NULL, false },
	{ "change-course", "St", 0, "SECTION NUMBER", "the section is of another course from now on",
	  "update sections set course_number = ?2 where id = ?1", NULL, false },
	{ "remove-section", "S", 0, "SECTION", "section, classes and teachings vanish",
	  "delete from cc where sectionid in (?1, -?1); delete from sectionteacher where sectionid = ?1;"
	  "delete from sections where id = ?1", NULL, false },

	/* --- students and classes --- */
	{ "new-student", "nn", 0, "SCHOOL GRADE", "somebody new in a classmate's classes; prints the"
	  " number", NULL, new_student, false },
	{ "drop-enrollment", "PS", 0, "STUDENT SECTION", "drops a class today: both signs"
	  " turn", DROP_CLASS, NULL, false },
	{ "add-enrollment", "PS", 0, "STUDENT SECTION", "takes a class from today", ADD_CLASS(
	  "?2"), NULL, false },
	{ "remove-enrollment", "PS", 0, "STUDENT SECTION", "the row vanishes, as before the first day",
	  "delete from cc where studentid = ?1 and sectionid = ?2", NULL, false },
	{ "lose-classes", "nn", 0, "SCHOOL PERCENT", "that share of a school's class rows does not come any more",
	  "create table if not exists sim_lost_cc as select * from cc where 0;"
	  "insert into sim_lost_cc select * from cc where schoolid = ?1 and id * 7919 % 100 < ?2;"
	  "delete from cc where id in (select id from sim_lost_cc)", NULL, false },
	{ "find-classes", "n", 0, "SCHOOL", "and comes again",
	  "insert into cc select * from sim_lost_cc where schoolid = ?1;"
	  "delete from sim_lost_cc where schoolid = ?1", NULL, false },
	{ "end-enrollment", "PSd", 0, "STUDENT SECTION DATE", "first day out, the sign stays",
	  "update cc set dateleft = ?3 where studentid = ?1 and sectionid = ?2", NULL, false },
	{ "move-student", "PSS", 0, "STUDENT FROM TO", "from one section to another,"
	  " today", DROP_CLASS ADD_CLASS("?3"), NULL, false },
	{ "transfer-out", "P", 0, "STUDENT", "leaves the district today",
	  "update students set enroll_status = 2, exitdate = ?11, exitcode = 'W1', next_school = null"
	  " where id = ?1;"
	  "update cc set origsectionid = sectionid, sectionid = -sectionid, termid = -termid, dateleft = ?11"
	  " where studentid = ?1 and sectionid > 0 and (dateleft is null or dateleft > ?11)", NULL, false },
	{ "readmit", "P", 0, "STUDENT", "comes back today, into the classes that the transfer ended",
	  "update cc set sectionid = -sectionid, termid = -termid, origsectionid = 0,"
	  " dateleft = (select date(t.lastday, '+1 day') from terms t where t.schoolid = cc.schoolid and t.id ="
	  " -cc.termid)"
	  " where studentid = ?1 and sectionid < 0"
	  " and dateleft = (select exitdate from students where id = ?1);"
	  "update students set enroll_status = 0, exitcode = null, exitdate = (select max(date(t.lastday, '+1 day'))"
	  " from terms t where t.schoolid = students.schoolid and t.isyearrec = 1"
	  " and t.firstday <= ?11) where id = ?1", NULL, false },
	{ "activate-user", "t", 0, "SCHOOL_UID", "somebody makes a user active again",
	  "update sgy_user set active = 1 where school_uid = ?1", NULL, false },
	{ "hand-made-user", "ttt", 1, "USERNAME EMAIL [SCHOOL_UID]", "somebody makes an account by hand",
	  "insert into sgy_user(id, school_uid, name_first, name_last, username, primary_email, role_id, building_id,"
	  " synced) select coalesce(max(id), 0) + 1, coalesce(?3, ''), 'Hand', 'Made', ?1, ?2, 1214,"
	  " (select id from sgy_school), 0 from sgy_user", NULL, false },
	{ "rename-user", "ttt", 0, "USERNAME FIRST LAST", "somebody gives an account another name",
	  "update sgy_user set name_first = ?2, name_last = ?3 where username = ?1", NULL, false },
	{ "give-building", "tn", 0, "USERNAME BUILDING", "somebody gives an account one more building",
	  "update sgy_user set additional_buildings = ?2 where username = ?1", NULL, false },
	{ "remove-user", "t", 0, "USERNAME", "somebody merges an account away",
	  "delete from sgy_user where username = ?1", NULL, false },
	{ "change-school", "PH", 0, "STUDENT SCHOOL", "goes to another school today, without classes there yet",
	  "insert into reenrollments(dcid, id, studentid, schoolid, grade_level, entrydate, exitdate, type)"
	  " select (select coalesce(max(dcid), 2000) + 1 from reenrollments), enrollmentid, id, schoolid,"
	  " grade_level, entrydate, ?11, 0"
	  " from students where id = ?1;"
	  "update students set schoolid = ?2, enrollment_schoolid = ?2, entrydate = ?11, enrollmentid ="
	  " enrollmentid + 100000 where id = ?1;"
	  "update cc set origsectionid = sectionid, sectionid = -sectionid, termid = -termid, dateleft = ?11"
	  " where studentid = ?1 and sectionid > 0 and (dateleft is null or dateleft > ?11)", NULL, false },
	{ "late-correction", "P", 0, "STUDENT", "an earlier spell's last day"
	  " and an old class row are corrected",
	  "update reenrollments set exitdate = date(exitdate, '-3 days') where dcid = (select min(dcid)"
	  " from reenrollments where studentid = ?1);"
	  "update cc set dateleft = date(dateleft, '-3 days'), currentabsences = 2 where dcid ="
	  " (select min(dcid) from cc where studentid = ?1"
	  " and abs(termid) / 100 < (select cast(value as integer) from prefs"
	  " where name = 'coursearchiveyear'))", NULL, false },
	{ "name-change", "Ptt", 1, "STUDENT LAST [FIRST]", "another name",
	  "update students set last_name = ?2, first_name = coalesce(?3, first_name), lastfirst = ?2 || ', '"
	  " || coalesce(?3, first_name)"
	  " where id = ?1", NULL, false },
	{ "number-change", "Pn", 0, "STUDENT NUMBER", "another student number: the key drifts",
	  "update students set student_number = ?2 where id = ?1", NULL, false },
	{ "login-change", "Pt", 0, "STUDENT LOGIN", "another portal login",
	  "update students set student_web_id = ?2 where id = ?1", NULL, false },
	{ "logins-change", "nnt", 0, "SCHOOL COUNT PREFIX", "that many students of a school get other logins",
	  "update students set student_web_id = ?3 || student_web_id where id in (select id from students"
	  " where schoolid = ?1"
	  " and enroll_status = 0 order by id limit ?2)", NULL, false },
	{ "remove-student", "P", 0, "STUDENT", "the student and all class rows vanish",
	  "delete from cc where studentid = ?1; delete from reenrollments where studentid = ?1; delete"
	  " from students where id = ?1", NULL, false },

	/* --- staff --- */
	{ "teacher-leaves", "S", 0, "SECTION", "the lead's assignment ended yesterday, a colleague leads"
	  " from today",
	  "update sectionteacher set end_date = date(?11, '-1 day') where sectionid = ?1 and roleid = 1"
	  " and teacherid = (select teacher from sections where id = ?1);"
	  "update sections set teacher = (select f.id from schoolstaff f where f.schoolid = sections.schoolid"
	  " and f.status = 1"
	  " and f.staffstatus = 1 and f.id <> sections.teacher order by f.id desc limit 1) where id = ?1;"
	  "insert into sectionteacher(id, sectionid, teacherid, roleid, start_date, allocation, priorityorder)"
	  " select " NEXT_TEACHING ", id, teacher, 1, ?11, 100, 1 from sections where id = ?1", NULL, false },
	{ "replace-lead", "S", 0, "SECTION", "another lead is put over the old one, where he stands: nothing ends",
	  "update sectionteacher set teacherid = (select f.id from sections s join schoolstaff f on f.schoolid = s.schoolid"
	  " and f.status = 1 and f.staffstatus = 1 and f.id <> s.teacher where s.id = ?1 order by f.id desc limit 1)"
	  " where sectionid = ?1 and roleid = 1 and teacherid = (select teacher from sections where id = ?1);"
	  "update sections set teacher = (select f.id from schoolstaff f where f.schoolid = sections.schoolid"
	  " and f.status = 1 and f.staffstatus = 1 and f.id <> sections.teacher order by f.id desc limit 1)"
	  " where id = ?1", NULL, false },
	{ "vacate-section", "S", 0, "SECTION", "the teachers' assignments ended yesterday, nobody leads",
	  "update sectionteacher set end_date = date(?11, '-1 day') where sectionid = ?1 and (end_date is null or end_date > ?11);"
	  "update sections set teacher = 0 where id = ?1", NULL, false },
	{ "take-section", "S", 0, "SECTION", "a colleague leads, and is assigned from today",
	  "update sections set teacher = (select f.id from schoolstaff f where f.schoolid = sections.schoolid"
	  " and f.status = 1 and f.staffstatus = 1 and f.id not in (select teacherid from sectionteacher"
	  " where sectionid = ?1) order by f.id desc limit 1) where id = ?1;"
	  "insert into sectionteacher(id, sectionid, teacherid, roleid, start_date, allocation, priorityorder)"
	  " select " NEXT_TEACHING ", id, teacher, 1, ?11, 100, 1 from sections where id = ?1", NULL, false },
	{ "substitute", "S", 0, "SECTION", "a substitute of that school shares the class from today",
	  "insert into sectionteacher(id, sectionid, teacherid, roleid, start_date, allocation, priorityorder)"
	  " select " NEXT_TEACHING ", s.id, f.id, 2, ?11, 100, 2 from sections s join schoolstaff f"
	  " on f.schoolid = s.schoolid"
	  " and f.staffstatus = 4 and f.status = 1 where s.id = ?1 order by f.id limit 1", NULL, false },
	{ "end-teaching", "Sd", 0, "SECTION DATE", "co-teachers' last day (inclusive)",
	  "update sectionteacher set end_date = ?2 where sectionid = ?1 and roleid = 2", NULL, false },
	{ "staff-leaves", "t", 0, "TEACHERNUMBER", "no current post any more",
	  "update schoolstaff set status = 2 where users_dcid in (select dcid from users"
	  " where teachernumber = ?1)", NULL, false },
	{ "staff-number", "tt", 0, "TEACHERNUMBER NEW", "another staff number: the key drifts",
	  "update users set teachernumber = ?2 where teachernumber = ?1", NULL, false },

	/* --- PowerSchool as a server --- */
	{ "district-uuid", "t", 0, "UUID", "this is another PowerSchool (a test copy)", STATE(
	  "district_uuid"), NULL, false },
	{ "plugin-disable", "", 0, "", "the plugin is switched off: every query is 404",
	  "insert or replace into sim_ps_state(key, value) values('plugin_enabled', '0')", NULL, false },
	{ "plugin-enable", "", 0, "", "and on again", "insert or replace into sim_ps_state(key, value)"
	  " values('plugin_enabled', '1')", NULL, false },
	{ "revoke-field", "t", 0, "TABLE.FIELD[,...]", "the grant is taken away: 403", STATE(
	  "revoked_fields"), NULL, false },
	{ "grant-fields", "", 0, "", "all grants are back", "delete from sim_ps_state where key ="
	  " 'revoked_fields'", NULL, false },
	{ "v1-access", "t", 0, "NONE|READ|FULL", "the plugin's level for /ws/v1", STATE(
	  "v1_access"), NULL, false },
	{ "revoke-token", "", 0, "", "the token in use is no longer good", "delete from sim_ps_state where key"
	  " = 'token'", NULL, false },
	{ "archive-year", "y", 0, "YEAR", "PREFS.coursearchiveyear alone",
	  "update prefs set value = cast(?1 as text) where name = 'coursearchiveyear'", NULL, false },

	/* --- Schoology, by somebody else's hand --- */
	{ "key-self-only", "", 0, "", "the key reads its owner alone", "update sgy_key set sees_all ="
	  " 0", NULL, false },
	{ "key-restore", "", 0, "", "and everybody again; enabled", "update sgy_key set sees_all = 1, enabled"
	  " = 1", NULL, false },
	{ "key-disable", "", 0, "", "the key is unknown", "update sgy_key set enabled = 0", NULL, false },
	{ "acting-user-demote", "", 0, "", "the acting user is a Teacher",
	  "update sgy_user set role_id = (select id from sgy_role where title = 'Teacher')"
	  " where id = ?12", NULL, true },
	{ "acting-user-deactivate", "", 0, "", "the acting user is inactive", "update sgy_user set active = 0"
	  " where id = ?12", NULL, true },
	{ "acting-user-one-building", "t", 0, "CODE", "the acting user sees one building only",
	  "update sgy_user set scope_building_id = (select id from sgy_building where building_code = ?1)"
	  " where id = ?12", NULL, true },
	{ "acting-user-restore", "", 0, "", "active, System Admin, all buildings",
	  "update sgy_user set active = 1, scope_building_id = null,"
	  " role_id = (select id from sgy_role where title = 'System Admin') where id = ?12", NULL, true },
	{ "school-id", "n", 0, "ID", "this is another Schoology organisation",
	  "update sgy_school set id = ?1; update sgy_user set building_id = ?1"
	  " where building_id = 2908525646", NULL, true },
	{ "building-code", "tt", 0, "CODE NEW", "a building's code is changed",
	  "update sgy_building set building_code = ?2 where building_code = ?1", NULL, false },
	{ "add-period", "tdd", 0, "TITLE START END", "somebody makes a grading period",
	  "insert into sgy_period(id, title, start, end_) select coalesce(max(id), 900) + 1, ?1, ?2, ?3"
	  " from sgy_period", NULL, false },
	{ "move-period", "tdd", 0, "TITLE START END", "somebody moves a grading period",
	  "update sgy_period set start = ?2, end_ = ?3 where title = ?1", NULL, false },
	{ "delete-period", "t", 0, "TITLE", "somebody deletes a grading period",
	  "delete from sgy_section_period where period_id in (select id from sgy_period"
	  " where title = ?1); delete from sgy_period where title = ?1", NULL, false },
	{ "remove-member", "tt", 0, "CODE SCHOOL_UID", "somebody takes a member out of a section in Schoology",
	  "delete from sgy_enrollment where section_id = (select id from sgy_section where section_school_code = ?1)"
	  " and uid = (select id from sgy_user where school_uid = ?2)", NULL, false },
	{ "delete-section", "t", 0, "CODE", "somebody deletes a section in Schoology",
	  "delete from sgy_enrollment where section_id in (select id from sgy_section"
	  " where section_school_code = ?1);"
	  "delete from sgy_section_period where section_id in (select id from sgy_section"
	  " where section_school_code = ?1);"
	  "delete from sgy_section where section_school_code = ?1", NULL, false },
	{ "deactivate-user", "t", 0, "SCHOOL_UID", "somebody makes a user inactive",
	  "update sgy_user set active = 0 where school_uid = ?1", NULL, false },
	{ "change-admin", "ttn", 0, "CODE SCHOOL_UID 0|1", "somebody makes a member a course admin, or not",
	  "update sgy_enrollment set admin = ?3 where section_id = (select id from sgy_section"
	  " where section_school_code = ?1) and uid = (select id from sgy_user where school_uid = ?2)", NULL, false },
	{ "recourse-section", "tt", 0, "CODE COURSE_CODE", "somebody moves a section into another course",
	  "update sgy_section set course_id = (select id from sgy_course where course_code = ?2)"
	  " where section_school_code = ?1", NULL, false },
	{ "other-writer-section", "tt", 0, "COURSE_CODE CODE", "another integration makes a synced section in a course",
	  "insert into sgy_section(id, course_id, title, section_school_code, synced) select (select max(id)"
	  " from sgy_section) + 1, id, 'Other writer', ?2, 1 from sgy_course where course_code = ?1", NULL, false },
	{ "by-hand-section", "t", 0, "CODE", "and now it was no integration's, but somebody's",
	  "update sgy_section set synced = 0 where section_school_code = ?1", NULL, false },
	{ "other-writer-user", "tt", 0, "SCHOOL_UID BUILDING_CODE", "another integration makes a synced account",
	  "insert into sgy_user(id, school_uid, name_first, name_last, username, role_id, building_id, synced)"
	  " select (select max(id) from sgy_user) + 1, ?1, 'Other', 'Writer', ?1, 1214, id, 1 from sgy_building"
	  " where building_code = ?2", NULL, false },
	{ "other-writer-course", "tt", 0, "COURSE_CODE BUILDING_CODE", "another integration makes a synced course",
	  "insert into sgy_course(id, course_code, title, building_id, synced) select (select max(id)"
	  " from sgy_course) + 1, ?1, 'Other writer', id, 1 from sgy_building where building_code = ?2", NULL, false },
	{ "unplace-section", "t", 0, "CODE", "somebody takes a section out of its grading periods in Schoology",
	  "delete from sgy_section_period where section_id = (select id from sgy_section"
	  " where section_school_code = ?1)", NULL, false },
	{ "retitle-section", "tt", 0, "CODE TITLE", "somebody renames a section in Schoology",
	  "update sgy_section set title = ?2 where section_school_code = ?1", NULL, false },
};
/* clang-format on */

const size_t mutation_count = SR_COUNT_OF(mutations);
