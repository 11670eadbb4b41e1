/* What hurts, as statements over the finished current year: each row says which trap it lays.
 * `:y` is the first term id of the year, `:z` the last; rows are picked by their keys, so that
 * every district of some size has some of each. `or fail` where many rows change: SQLite keeps no
 * copies to take a half-done statement back by, and the transaction is given up as a whole anyway. */
#include "district_int.h"

typedef struct hurt {
	const char *what, *sql;
} hurt;

/* clang-format off */
static const hurt hurts[] = {
	{ "dropped in the middle of the term: both signs turn, the first day out is kept",
	  "update or fail cc set origsectionid = sectionid, sectionid = -sectionid, termid = -termid,"
	  " dateleft = date(dateenrolled, '+30 days')"
	  " where termid between :y and :z and dcid % 41 = 3" },
	{ "left and came back to the same class: two rows whose windows touch",
	  "insert into cc(dcid, id, studentid, sectionid, origsectionid, termid, schoolid, course_number,"
	  " section_number,"
	  " teacherid, expression, dateenrolled, dateleft, studyear, attendance_type_code)"
	  " select (select max(dcid) from cc) + row_number() over (order by dcid),"
	  " (select max(id) from cc) + row_number() over (order by dcid), studentid, -sectionid, 0, -termid,"
	  " schoolid,"
	  " course_number, section_number, teacherid, expression, dateleft,"
	  " (select date(lastday, '+1 day') from terms t where t.schoolid = cc.schoolid and t.id = -cc.termid),"
	  " studyear, 0 from cc where -termid between :y and :z and dcid % 123 = 3" },
	{ "never attended: the window is empty",
	  "update or fail cc set dateleft = dateenrolled where termid between :y and :z and dcid % 97 = 7" },
	{ "open: no last day at all",
	  "update or fail cc set dateleft = null where termid between :y and :z and dcid % 89 = 11" },
	{ "left a class early without a drop: the sign stays",
	  "update or fail cc set dateleft = date(dateenrolled, '+21 days') where termid between :y and :z"
	  " and dcid % 211 = 13" },
	{ "transferred out in October: status 2, the classes negative up to that day",
	  "update or fail students set enroll_status = 2, exitdate = date(entrydate, '+49 days'), exitcode = 'W1',"
	  " next_school = null, sched_nextyeargrade = null where enroll_status = 0 and id % 43 = 12"
	  " and id > 2002" },
	{ "",
	  "update or fail cc set origsectionid = sectionid, sectionid = -sectionid, termid = -termid,"
	  " dateleft = (select exitdate from students s where s.id = cc.studentid)"
	  " where termid between :y and :z and studentid in (select id from students where enroll_status = 2)"
	  " and (dateleft is null or dateleft > (select exitdate from students s where s.id = cc.studentid))" },
	{ "last year: closed on its last calendar day with a negative sign, completed and not dropped",
	  "update or fail cc set origsectionid = sectionid, sectionid = -sectionid, termid = -termid,"
	  " dateleft = date(dateleft, '-1 day') where termid between :y - 100 and :z - 100 and dcid % 31 = 2" },
	{ "retained: next year's grade is this year's",
	  "update or fail students set next_school = schoolid, sched_nextyeargrade = grade_level"
	  " where enroll_status = 0 and id % 67 = 9" },
	{ "a teacher at two schools: a second SCHOOLSTAFF row",
	  "insert into schoolstaff(dcid, id, users_dcid, schoolid, status, staffstatus)"
	  " select (select max(dcid) from schoolstaff) + 1, (select max(id) from schoolstaff) + 1, u.dcid,"
	  " (select school_number from schools where dcid = 2), 1, 1 from users u where u.dcid = 2002"
	  " and (select school_number from schools where dcid = 2) < 9000" },
	{ "",
	  "insert into sectionteacher(id, sectionid, teacherid, roleid, start_date, end_date, allocation,"
	  " priorityorder)"
	  " select (select max(id) from sectionteacher) + 1, min(s.id), (select max(id) from schoolstaff), 2,"
	  " null, null, 50, 2 from sections s where s.termid = :y and s.schoolid ="
	  " (select schoolid from schoolstaff where id = (select max(id) from schoolstaff))"
	  " having count(*) > 0" },
	{ "the acting user works at the district office as well",
	  "insert into schoolstaff(dcid, id, users_dcid, schoolid, status, staffstatus)"
	  " select (select max(dcid) from schoolstaff) + 1, (select max(id)"
	  " from schoolstaff) + 1, 2000, 0, 1, 2" },
	{ "gone from one school, current at another: still here",
	  "insert into schoolstaff(dcid, id, users_dcid, schoolid, status, staffstatus)"
	  " select (select max(dcid) from schoolstaff) + 1, (select max(id)"
	  " from schoolstaff) + 1, s.users_dcid,"
	  " (select school_number from schools where dcid = 1), 2, 1 from schoolstaff s"
	  " where s.schoolid = (select school_number from schools where dcid = 2) and s.staffstatus = 2"
	  " limit 1" },
	{ "left the district: no current row",
	  "insert into users(dcid, first_name, last_name, lastfirst, email_addr, teachernumber, loginid,"
	  " homeschoolid)"
	  " select max(dcid) + 1, 'Former', 'Teacher', 'Teacher, Former', 'former@cedarvalley.example',"
	  " '9001', 't9001',"
	  " (select school_number from schools where dcid = 1) from users" },
	{ "",
	  "insert into schoolstaff(dcid, id, users_dcid, schoolid, status, staffstatus)"
	  " select max(dcid) + 1, max(id) + 1, (select max(dcid) from users),"
	  " (select school_number from schools where dcid = 1), 2, 1 from schoolstaff" },
	{ "replaced in the autumn: the old lead's row has ended, the section's lead is the new one",
	  "insert into sectionteacher(id, sectionid, teacherid, roleid, start_date, end_date, allocation,"
	  " priorityorder)"
	  " select (select max(id) from sectionteacher) + row_number() over"
	  " (order by s.id), s.id, s.teacher + 1, 1,"
	  " st.start_date, date(st.start_date, '+35 days'), 100, 1 from sections s"
	  " join sectionteacher st on st.sectionid = s.id and st.roleid = 1"
	  " where s.termid between :y and :z and s.id % 83 = 5 and exists (select 1 from schoolstaff f"
	  " where f.id = s.teacher + 1 and f.schoolid = s.schoolid and f.staffstatus = 1)" },
	{ "a long-term substitute shares a class; another substitute teaches nothing",
	  "insert into sectionteacher(id, sectionid, teacherid, roleid, start_date, end_date, allocation,"
	  " priorityorder)"
	  " select (select max(id) from sectionteacher) + 1, (select max(s.id) from sections s"
	  " where s.schoolid = f.schoolid"
	  " and s.termid = :y), f.id, 2, null, null, 50, 2 from schoolstaff f where f.staffstatus = 4"
	  " and exists (select 1 from sections s where s.schoolid = f.schoolid and s.termid = :y)"
	  " order by f.id limit 1" },
	{ "a student of the last school takes one class at the first",
	  "insert into cc(dcid, id, studentid, sectionid, origsectionid, termid, schoolid, course_number,"
	  " section_number,"
	  " teacherid, expression, dateenrolled, dateleft, studyear, attendance_type_code)"
	  " select (select max(dcid) from cc) + 1, (select max(id)"
	  " from cc) + 1, st.id, s.id, 0, s.termid, s.schoolid,"
	  " s.course_number, s.section_number, s.teacher, s.expression, t.firstday, date(t.lastday, '+1 day'),"
	  " st.id * 100 + :y / 100, 0 from students st join sections s on s.id = (select min(id) from sections"
	  " where"
	  " termid = :y and schoolid = (select school_number from schools where dcid = 1))"
	  " join terms t on t.schoolid = s.schoolid and t.id = s.termid"
	  " where st.enroll_status = 0 and st.exitdate > st.entrydate and st.schoolid = (select school_number"
	  " from schools"
	  " where issummerschool = 0 and school_number not in (500, 510, 999999) order by dcid desc limit 1)"
	  " and st.schoolid <> s.schoolid order by st.id limit 1" },
	{ "last year's spells",
	  "insert into reenrollments(dcid, id, studentid, schoolid, grade_level, entrydate, exitdate,"
	  " entrycode, exitcode,"
	  " type) select id + 3, enrollmentid - 20000, id, schoolid, grade_level - 1, date(entrydate, '-364"
	  " days'),"
	  " date(exitdate, '-364 days'), 'E1', 'P', 0 from students where enroll_status = 0"
	  " and entrydate < exitdate" },
	{ "rosters are counted now and then",
	  "update or fail sections set no_of_students = (select count(*) from cc where cc.sectionid = sections.id)" },
};

static const char roles_sql[] =
	"insert into roledef(id, rolemoduleid, name, rolekey, sortorder) values"
	" (1, 1, 'Lead Teacher', 'com.pearson.powerschool.coteach.primary.teacher', 1),"
	" (2, 1, 'Co-teacher', 'com.pearson.powerschool.coteach.co.teacher', 2),"
	" (3, 1, 'Teacher''s Aide', 'com.pearson.powerschool.coteach.teacher.aide', 3),"
	" (4, 1, 'Observer', 'com.pearson.powerschool.coteach.class.observer', 4),"
	" (7, 2, 'Bus Driver', 'org.example.transport.driver', 1);";
/* clang-format on */

int gen_roles(sqlite3 *db, sr_err *err)
{
	return sim_sql_script(db, roles_sql, err);
}

static int run_hurt(sim_gen *g, const hurt *h, sr_err *err)
{
	SR_AUTO(sim_stmt) stmt = sim_sql(g->db, err, h->sql, "");
	int y, z;

	if (!stmt)
		return -1;
	y = sqlite3_bind_parameter_index(stmt, ":y");
	z = sqlite3_bind_parameter_index(stmt, ":z");
	if (y)
		sqlite3_bind_int(stmt, y, g->yearid * 100);
	if (z)
		sqlite3_bind_int(stmt, z, g->yearid * 100 + 99);
	return sim_stmt_step(stmt, err) < 0 ? -1 : 0;
}

int gen_hurts(sim_gen *g, sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT_OF(hurts); i++)
		if (run_hurt(g, &hurts[i], err))
			return -1;
	return 0;
}
