/* From the stage into PowerSchool's tables, a step a statement, in the order of what refers to what.
 * Keys follow the generator's habits (a section's DCID is its ID and 11, and so on), so that the
 * district's later life works on a loaded district too.
 *
 * temp.or_param holds one row: yearid (the current year), first, last (of its year term), seed. */
#include <stdio.h>
#include <stdlib.h>

#include "oneroster_int.h"

#define SPLIT(list) "json_each('[' || replace(json_quote(" list "), ',', '\",\"') || ']')"
/* A figure that can be a key of PowerSchool's. */
#define IS_NUMBER(x) "(" x " not glob '*[^0-9]*' and length(" x ") between 1 and 12 and " x " not glob '0*')"
#define REPORT "insert into sim_load_report(file, line, reason) select "
#define KIND(role)                                           \
	"case when " role " = 'student' then 'S' when " role \
	" in ('guardian', 'parent', 'relative') then 'P' else 'T' end"

/* clang-format off */
/* Before the current year is known. */
static const char *const ground[] = {
	"create temp table or_session as select sourcedId id, title, type, startDate first, date(endDate, '-1 day') last,"
	" coalesce(cast(schoolYear as integer) - 1991, cast(substr(startDate, 1, 4) as integer) - 1990"
	" - (substr(startDate, 6, 2) < '07')) yearid, line from temp.or_academicSessions",
	"create index temp.or_session_key on or_session(id)",

	"create temp table or_class_term as select distinct c.sourcedId class, s.id session from temp.or_classes c,"
	" " SPLIT("c.termSourcedIds") " t join temp.or_session s on s.id = trim(t.value)"
	" where c.termSourcedIds is not null",
	"create index temp.or_class_term_key on or_class_term(class)",
	NULL,
};

static const char year_sql[] =
	"select coalesce((select s.yearid from temp.or_class_term c join temp.or_session s on s.id = c.session"
	" group by 1 order by count(*) desc, 1 desc limit 1), (select max(yearid) from temp.or_session), ?)";

static const char *const places[] = {
	/* School numbers: the identifiers that can be one, and are nobody else's. */
	"create temp table or_school as select o.sourcedId id, o.name, row_number() over (order by o.line) dcid,"
	" o.line, case when " IS_NUMBER("o.identifier") " and length(o.identifier) <= 5 and not exists"
	" (select 1 from temp.or_orgs x where x.type = 'school' and x.identifier = o.identifier and x.line < o.line)"
	" then cast(o.identifier as integer) else 50000 + row_number() over (order by o.line) end number"
	" from temp.or_orgs o where o.type = 'school'",
	"create unique index temp.or_school_key on or_school(id)",
	REPORT "'orgs.csv', s.line, 'identifier ' || coalesce(o.identifier, '(none)') || ' cannot be a school number; it is '"
	" || s.number || ' here' from temp.or_school s join temp.or_orgs o on o.sourcedId = s.id"
	" where s.number is not cast(o.identifier as integer)",

	/* Who is where, as what. 1.1 says it in users.csv, 1.2 in roles.csv. */
	"create temp table or_place as"
	" select u.sourcedId user, s.number school, " KIND("u.role") " kind, u.role, t.key <> 0 away, u.line"
	" from temp.or_users u, " SPLIT("u.orgSourcedIds") " t left join temp.or_school s on s.id = trim(t.value)"
	" where u.role is not null and u.orgSourcedIds is not null"
	" union all select r.userSourcedId, s.number, " KIND("r.role") ", r.role,"
	" coalesce(r.roleType, 'primary') <> 'primary', r.line from temp.or_roles r"
	" left join temp.or_school s on s.id = r.orgSourcedId",
	/* Enrolled at a school that no row places him in. */
	"insert into temp.or_place select distinct e.userSourcedId, s.number,"
	" case when e.role = 'student' then 'S' else 'T' end, e.role, 2, e.line from temp.or_enrollments e"
	" join temp.or_classes c on c.sourcedId = e.classSourcedId join temp.or_school s on s.id = c.schoolSourcedId"
	" where not exists (select 1 from temp.or_place p where p.user = e.userSourcedId and p.school = s.number)"
	" and exists (select 1 from temp.or_place p where p.user = e.userSourcedId and p.kind ="
	" case when e.role = 'student' then 'S' else 'T' end)",
	"create index temp.or_place_key on or_place(user, kind)",

	/* Terms: the year of every school, and the sessions that its classes name. */
	"create temp table or_year as select y.yearid,"
	" coalesce((select min(first) from temp.or_session s where s.yearid = y.yearid and s.type = 'schoolYear'),"
	" min(y.first)) first, coalesce((select max(last) from temp.or_session s where s.yearid = y.yearid"
	" and s.type = 'schoolYear'), max(y.last)) last from (select yearid, first, last from temp.or_session"
	" union all select yearid, first, last from temp.or_param where not exists (select 1 from temp.or_session)) y"
	" group by y.yearid",
	"insert into terms(dcid, id, schoolid, yearid, isyearrec, portion, name, abbreviation, firstday, lastday,"
	" noofdays, suppresspublicview) select (select coalesce(max(dcid), 100) from terms)"
	" + row_number() over (order by y.yearid, n.number), y.yearid * 100, n.number, y.yearid, 1, 1,"
	" (y.yearid + 1990) || '-' || (y.yearid + 1991), printf('%02d-%02d', (y.yearid + 1990) % 100,"
	" (y.yearid + 1991) % 100), y.first, y.last, 180, 0 from temp.or_year y,"
	" (select 0 number union all select number from temp.or_school) n",
	"create temp table or_term as select n.number school, s.id session, s.yearid * 100"
	" + row_number() over (partition by n.number, s.yearid order by s.first, s.last desc, s.line) id, s.yearid,"
	" s.title, s.first, s.last, case s.type when 'semester' then 2 else max(2, (select count(*)"
	" from temp.or_session x where x.yearid = s.yearid and x.type = s.type)) end portion"
	" from temp.or_session s join temp.or_school n where s.type <> 'schoolYear' and exists (select 1"
	" from temp.or_class_term t join temp.or_classes c on c.sourcedId = t.class where t.session = s.id"
	" and c.schoolSourcedId = n.id)",
	"insert into terms(dcid, id, schoolid, yearid, isyearrec, portion, name, abbreviation, firstday, lastday,"
	" noofdays, suppresspublicview) select (select max(dcid) from terms) + row_number() over (order by id, school),"
	" id, school, yearid, 0, portion, title, upper(substr(title, 1, 1)) || (id % 100), first, last,"
	" 180 / portion, 0 from temp.or_term",
	"create index temp.or_term_key on or_term(session, school)",
	NULL,
};

static const char *const people[] = {
	"create temp table or_student as select u.*, row_number() over (order by u.line) n,"
	" (select p.school from temp.or_place p where p.user = u.sourcedId and p.kind = 'S' and p.school is not null"
	" order by p.away, p.line limit 1) school, lower(coalesce(u.enabledUser, 'true')) in ('true', '1') enabled,"
	" case upper(trim(substr(u.grades || ',', 1, instr(u.grades || ',', ',') - 1))) when 'KG' then 0 when 'K' then 0"
	" when 'TK' then -1 when 'PK' then -1 when 'PR' then -1 when 'IT' then -2 when 'UG' then 12 when 'PS' then 12"
	" else cast(u.grades as integer) end grade,"
	" " IS_NUMBER("u.identifier") " and not exists (select 1 from temp.or_users x where x.identifier = u.identifier"
	" and x.line < u.line) own from temp.or_users u where exists"
	" (select 1 from temp.or_place p where p.user = u.sourcedId and p.kind = 'S')",
	REPORT "'users.csv', line, 'a student of no school of this bundle' from temp.or_student where school is null",
	"delete from temp.or_student where school is null",
	"create unique index temp.or_student_key on or_student(sourcedId)",
	REPORT "'users.csv', line, 'identifier ' || coalesce(identifier, '(none)') || ' is no student number of'"
	" || ' his own; one was made' from temp.or_student where own is not 1",

	"insert into students(dcid, id, student_number, student_web_id, student_allowwebaccess, first_name, last_name,"
	" middle_name, lastfirst, grade_level, enroll_status, schoolid, enrollment_schoolid, entrydate, exitdate,"
	" entrycode, sched_yearofgraduation, classof, enrollmentid, person_id)"
	" select 2007 + n, 2000 + n, case when own then cast(identifier as integer) else k.base + n end,"
	" coalesce(username, 's' || case when own then identifier else k.base + n end), 1, givenName, familyName,"
	" middleName, familyName || ', ' || givenName, grade, case when enabled then 0 else 2 end, school, school,"
	" p.first, date(p.last, '+1 day'), 'E1', p.yearid + 2003 - grade, p.yearid + 2003 - grade, 40000 + n, 70000 + n"
	" from temp.or_student, temp.or_param p, (select max(700000, coalesce(max(case when own then"
	" cast(identifier as integer) end), 0)) base from temp.or_student) k order by n",
	"insert into person(dcid, id, firstname, lastname, isactive) select person_id + 1, person_id, first_name,"
	" last_name, 1 from students",
	"insert or ignore into emailaddress(emailaddressid, emailaddress) select 70000 + n, email from temp.or_student"
	" where email is not null order by n",
	"insert into personemailaddressassoc(personemailaddressassocid, personid, emailaddressid, emailtypecodesetid,"
	" isprimaryemailaddress, emailaddresspriorityorder) select emailaddressid, emailaddressid, emailaddressid,"
	" 1, 1, 1 from emailaddress",

	"create temp table or_staff as select u.*, row_number() over (order by u.line) n,"
	" lower(coalesce(u.enabledUser, 'true')) in ('true', '1') enabled,"
	" u.identifier is not null and not exists (select 1 from temp.or_users x where x.identifier = u.identifier"
	" and x.line < u.line) own from temp.or_users u where exists"
	" (select 1 from temp.or_place p where p.user = u.sourcedId and p.kind = 'T')",
	"create unique index temp.or_staff_key on or_staff(sourcedId)",
	"insert into users(dcid, first_name, last_name, middle_name, lastfirst, preferredname, email_addr, teachernumber,"
	" loginid, teacherloginid, homeschoolid, ptaccess, psaccess) select 2000 + n, givenName, familyName, middleName,"
	" familyName || ', ' || givenName, preferredGivenName, email,"
	" case when own then identifier else printf('8%05d', n) end, coalesce(username, 't8' || n), username,"
	" coalesce((select p.school from temp.or_place p where p.user = s.sourcedId and p.kind = 'T'"
	" and p.school is not null order by p.away, p.line limit 1), 0), 1, 0 from temp.or_staff s order by n",
	"create temp table or_post as select 2000 + s.n dcid, s.sourcedId user, coalesce(p.school, 0) school,"
	" max(p.role = 'teacher') teaches, s.enabled, 700 + row_number() over (order by s.n, coalesce(p.school, 0)) id"
	" from temp.or_staff s join temp.or_place p on p.user = s.sourcedId and p.kind = 'T'"
	" group by s.n, coalesce(p.school, 0)",
	/* Somebody must teach where the bundle names nobody. */
	"insert into temp.or_post select (select coalesce(max(dcid), 2000) from users) + row_number() over"
	" (order by number), null, number, 1, 1, (select coalesce(max(id), 700) from temp.or_post)"
	" + row_number() over (order by number) from temp.or_school where number not in"
	" (select school from temp.or_post where teaches)",
	"insert into users(dcid, first_name, last_name, lastfirst, teachernumber, loginid, teacherloginid, homeschoolid,"
	" ptaccess, psaccess) select dcid, 'Unnamed', 'Teacher', 'Teacher, Unnamed', '7' || dcid, 't7' || dcid,"
	" 't7' || dcid, school, 1, 0 from temp.or_post where user is null",
	"insert into schoolstaff(dcid, id, users_dcid, schoolid, status, staffstatus) select id + 3, id, dcid, school,"
	" case when enabled then 1 else 2 end, case when teaches then 1 else 2 end from temp.or_post",
	"create index temp.or_post_key on or_post(user, school)",
	"create index temp.or_post_school on or_post(school)",

	"insert into schools(dcid, id, school_number, name, abbreviation, low_grade, high_grade, sortorder,"
	" issummerschool, state_excludefromreporting) select dcid, dcid + 40, number, name, 'S' || number,"
	" coalesce((select min(grade_level) from students t where t.schoolid = number), 0),"
	" coalesce((select max(grade_level) from students t where t.schoolid = number), 12), dcid, 0, 0"
	" from temp.or_school",
	"insert into schools(dcid, id, school_number, name, abbreviation, low_grade, high_grade, sortorder,"
	" issummerschool, state_excludefromreporting) select max(dcid) + 10, max(dcid) + 50, 999999,"
	" 'Graduated Students', 'GRAD', 99, 99, max(dcid) + 10, 0, 1 from schools",
	NULL,
};

static const char *const classes[] = {
	"create temp table or_number as select c.sourcedId id, c.title, coalesce(s.number, 0) owner, c.line,"
	" coalesce(c.courseCode, 'C' || row_number() over (order by c.line)) || case when row_number() over"
	" (partition by c.courseCode, coalesce(s.number, 0) order by c.line) > 1 and c.courseCode is not null"
	" then '.' || row_number() over (partition by c.courseCode, coalesce(s.number, 0) order by c.line)"
	" else '' end number from temp.or_courses c left join temp.or_school s on s.id = c.orgSourcedId",
	"create unique index temp.or_number_key on or_number(id)",
	REPORT "'courses.csv', n.line, 'courseCode ' || coalesce(c.courseCode, '(none)') || ' cannot be a course number"
	" of its own; it is ' || n.number || ' here' from temp.or_number n join temp.or_courses c on c.sourcedId = n.id"
	" where n.number is not c.courseCode",
	"insert into courses(dcid, id, course_number, course_name, schoolid, credit_hours, sched_lunchcourse,"
	" sched_do_not_print, status) select 900 + row_number() over (order by line), 930 + row_number() over"
	" (order by line), number, title, owner, 0.5, 0, 0, 0 from temp.or_number",

	/* One session that is no whole year: its term; none or several: the year. */
	"create temp table or_section as select c.sourcedId id, c.line, c.classCode code, c.location, c.periods,"
	" row_number() over (order by c.line) n, s.number school, k.number course,"
	" row_number() over (partition by c.courseSourcedId, c.schoolSourcedId order by c.line) nth,"
	" coalesce((select case when count(*) = 1 then max(t.id) end from temp.or_class_term x join temp.or_term t"
	" on t.session = x.session and t.school = s.number where x.class = c.sourcedId),"
	" 100 * coalesce((select max(e.yearid) from temp.or_class_term x join temp.or_session e on e.id = x.session"
	" where x.class = c.sourcedId), p.yearid)) term, (select o.id from temp.or_enrollments e join temp.or_post o"
	" on o.user = e.userSourcedId and o.school = s.number where e.classSourcedId = c.sourcedId"
	" and e.role = 'teacher' order by lower(coalesce(e.\"primary\", '')) in ('true', '1') desc, e.line limit 1)"
	" teacher from temp.or_classes c join temp.or_school s on s.id = c.schoolSourcedId"
	" join temp.or_number k on k.id = c.courseSourcedId, temp.or_param p",
	REPORT "'classes.csv', line, 'no teacher is enrolled; one of the school''s leads it here' from temp.or_section"
	" where teacher is null",
	/* The order is packed into one number: ORDER BY in a sub-select of an UPDATE does not see its row. */
	"update temp.or_section set teacher = (select min((o.id * 7919 + or_section.n * 104729 + p.seed) % 99991"
	" * 10000000 + o.id) % 10000000 from temp.or_post o, temp.or_param p where o.school = or_section.school"
	" and o.teaches and o.enabled) where teacher is null",
	/* Everybody who teaches there is disabled: any of them. */
	"update temp.or_section set teacher = (select min(o.id) from temp.or_post o where o.school = or_section.school)"
	" where teacher is null",
	"create unique index temp.or_section_key on or_section(id)",
	"insert into sections(dcid, id, course_number, section_number, schoolid, termid, teacher, expression,"
	" external_expression, room, no_of_students, maxenrollment, gradebooktype) select 20011 + n, 20000 + n, course,"
	" coalesce(code, printf('%02d', nth)), school, term, teacher, coalesce(substr(periods, 1, 20), n % 8 + 1 || '(A)'),"
	" coalesce(substr(periods, 1, 20), n % 8 + 1 || '(A)'), location, 0, 30, 2 from temp.or_section",

	"create temp table or_window as select e.line, e.role, s.n + 20000 section, s.course, s.school, s.term, s.teacher,"
	" e.userSourcedId user, coalesce(e.beginDate, t.firstday) first, coalesce(e.endDate, date(t.lastday, '+1 day'))"
	" last_excl, s.id class from temp.or_enrollments e join temp.or_section s on s.id = e.classSourcedId"
	" join terms t on t.schoolid = s.school and t.id = s.term",
	REPORT "'enrollments.csv', w.line, 'the user is no student' from temp.or_window w where w.role = 'student'"
	" and w.user not in (select sourcedId from temp.or_student)",
	REPORT "'enrollments.csv', w.line, 'the user is no member of staff' from temp.or_window w"
	" where w.role <> 'student' and w.user not in (select sourcedId from temp.or_staff)",
	"insert into sectionteacher(id, sectionid, teacherid, roleid, start_date, end_date, allocation, priorityorder)"
	" select 5000 + row_number() over (order by w.line), w.section, o.id, case when o.id = w.teacher then 1"
	" when w.role = 'teacher' then 2 when w.role = 'aide' then 3 else 4 end, w.first, date(w.last_excl, '-1 day'), 100,"
	" case when o.id = w.teacher then 1 else 2 end from temp.or_window w join temp.or_post o on o.user = w.user"
	" and o.school = w.school where w.role <> 'student'",
	"insert into sectionteacher(id, sectionid, teacherid, roleid, start_date, end_date, allocation, priorityorder)"
	" select (select coalesce(max(id), 5000) from sectionteacher) + row_number() over (order by s.id), s.id, s.teacher,"
	" 1, t.firstday, t.lastday, 100, 1 from sections s join terms t on t.schoolid = s.schoolid and t.id = s.termid"
	" where not exists (select 1 from sectionteacher x where x.sectionid = s.id and x.teacherid = s.teacher)",
	"insert into cc(dcid, id, studentid, sectionid, origsectionid, termid, schoolid, course_number, section_number,"
	" teacherid, expression, dateenrolled, dateleft, studyear, attendance_type_code)"
	" select 960005 + row_number() over (order by w.line), 960000 + row_number() over (order by w.line), 2000 + s.n,"
	" w.section, 0, w.term, w.school, w.course, x.section_number, w.teacher, x.expression, w.first, w.last_excl,"
	" (2000 + s.n) * 100 + w.term / 100, 0 from temp.or_window w join temp.or_student s on s.sourcedId = w.user"
	" join sections x on x.id = w.section where w.role = 'student' order by w.line",
	"update sections set no_of_students = (select count(*) from cc where cc.sectionid = sections.id)",
	NULL,
};
/* clang-format on */

static int run_all(sqlite3 *db, const char *const *steps, sr_err *err)
{
	for (; *steps; steps++)
		if (sim_sql_script(db, *steps, err))
			return -1;
	return 0;
}

/* The year most classes are of; without sessions the year that the sandbox's date lies in. */
static int choose_year(or_load *l, int *yearid, sr_err *err)
{
	int64_t year = 0;
	int today = sim_day_of_ms(sr_clock_wall_ms(&l->world->clock));
	char text[11];
	int start = 0, month = 0;

	sim_day_text(today, text);
	if (sscanf(text, "%d-%d", &start, &month) != 2)
		return sr_fail(err, SR_E_RANGE, "the sandbox's date is out of range");
	if (sim_sql_int(l->db, &year, err, year_sql, "n", start - 1990 - (month < 7)) < 0)
		return -1;
	if (year < 1 || year > 199)
		return sr_fail(err, SR_E_RANGE, "academicSessions.csv: no school year of our time");
	*yearid = (int)year;
	return sim_sql_script(l->db, "create temp table or_param(yearid, first, last, seed)", err) ||
			       sim_sql_run(l->db, err,
				       "insert into temp.or_param select ?1, coalesce(min(first), ?2),"
				       " coalesce(max(last), ?3), ?4 from temp.or_session where yearid = ?1",
				       "nddi", *yearid, gen_first_day(*yearid + 1990), gen_last_day(*yearid + 1990),
				       (int64_t)(l->seed % 99991))
		       ? -1
		       : 0;
}

static int fill(or_load *l, sim_gen *g, sr_err *err)
{
	if (or_stage(l, err) || or_check(l, err) || run_all(l->db, ground, err) || choose_year(l, &g->yearid, err))
		return -1;
	g->spec.year = g->yearid + 1990;
	if (gen_remember(g, l->seed, err) || run_all(l->db, places, err) || run_all(l->db, people, err) ||
		run_all(l->db, classes, err))
		return -1;
	if (gen_prefs(g, err) || gen_roles(l->db, err) || gen_bulk_indexes(l->db, err))
		return -1;
	return gen_next_schools(l->db, 0, err) || gen_schoology(g, l->seed, err) || gen_bulk_end(l->db, err) ? -1 : 0;
}

/* The lines of the report, so many of them, and what was loaded. */
static int tell(or_load *l, sr_err *err)
{
	static const int listed = 200;
	int64_t lines = 0;
	SR_AUTO(sim_stmt)
	q = sim_sql(l->db, err, "select file, line, reason from sim_load_report order by seq limit ?", "n", listed);
	SR_AUTO(sim_stmt)
	sums = sim_sql(l->db, err,
		"select (select count(*) from schools) - 1, (select count(*) from students), (select count(*) from "
		"users),"
		" (select count(*) from sections), (select count(*) from cc), (select yearid + 1990 from "
		"temp.or_param)",
		"");
	int rc = q && sums ? 1 : -1;

	while (rc == 1 && (rc = sim_stmt_step(q, err)) == 1)
		sr_buf_printf(l->say, "%s:%d: %s\n", (const char *)sqlite3_column_text(q, 0), sqlite3_column_int(q, 1),
			(const char *)sqlite3_column_text(q, 2));
	if (rc < 0 || sim_stmt_step(sums, err) != 1 ||
		sim_sql_int(l->db, &lines, err, "select count(*) from sim_load_report", "") < 0)
		return -1;
	if (lines > listed)
		sr_buf_printf(l->say, "and %lld lines more: sisroll-sim query 'select * from sim_load_report'\n",
			(long long)lines - listed);
	sr_buf_printf(l->say,
		"OneRoster %s, school year %d: %d schools, %d students, %d staff, %d sections, %d class rows;"
		" %lld rows with remarks\n",
		l->v12 ? "1.2" : "1.1", sqlite3_column_int(sums, 5), sqlite3_column_int(sums, 0),
		sqlite3_column_int(sums, 1), sqlite3_column_int(sums, 2), sqlite3_column_int(sums, 3),
		sqlite3_column_int(sums, 4), (long long)lines);
	return 0;
}

int sim_oneroster_load(sim_world *w, const char *folder, uint64_t seed, sr_buf *say, sr_err *err)
{
	or_load l = { .db = w->db, .world = w, .folder = folder, .seed = seed, .say = say };
	sim_gen *g = calloc(1, sizeof(*g));
	int rc = -1;

	if (!g)
		return sr_fail_nomem(err);
	g->spec = (sim_district_spec){ .slots = GEN_SLOTS, .class_size = 25, .year = 2000 };
	if (gen_open(g, w, seed, err))
		goto out;
	rc = gen_bulk_begin(w->db, err);
	if (rc == 0)
		rc = fill(&l, g, err);
	if (rc == 0)
		rc = tell(&l, err);
	rc = gen_close(g, rc, err);
out:
	free(g);
	return rc;
}
