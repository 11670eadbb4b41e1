/* PowerSchool's tables as a roster sync sees them: contracts/powerschool.md section 16 column by
 * column, without the LOBs and the columns that nobody may ask for. Each table ends with a check
 * that refuses '' where Oracle would have stored NULL. */
#include "ps_service.h"

static const char schema_places[] =
	"create table if not exists schools (dcid integer primary key, id integer, school_number integer, name text,"
	" abbreviation text, low_grade integer, high_grade integer, sortorder integer, dfltnextschool integer,"
	" alternate_school_number integer, issummerschool integer, state_excludefromreporting integer,"
	" schedulewhichschool text, schoolcategorycodesetid integer, whomodifiedid integer, transaction_date text,"
	" check ('' not in (name, abbreviation, schedulewhichschool)));"
	"create unique index if not exists schools_number on schools(school_number);"

	"create table if not exists terms (dcid integer primary key, id integer, schoolid integer, yearid integer,"
	" isyearrec integer, portion integer, name text, abbreviation text, firstday date text, lastday date text,"
	" noofdays integer, autobuildbin integer, termsinyear integer, sterms integer, importmap text,"
	" suppresspublicview integer, whomodifiedid integer, transaction_date text,"
	" check ('' not in (name, abbreviation, firstday, lastday, importmap)));"
	"create index if not exists terms_id on terms(schoolid, id);"
	"create index if not exists terms_year on terms(yearid);"

	"create table if not exists calendar_day (dcid integer primary key, id integer, schoolid integer,"
	" date_value date text, insession integer, a integer, b integer, c integer, d integer, e integer, f integer,"
	" membershipvalue number, type text, note text, scheduleid integer, cycle_day_id integer,"
	" bell_schedule_id integer, whomodifiedid integer, transaction_date text,"
	" check ('' not in (date_value, type, note)));"
	"create index if not exists calendar_day_date on calendar_day(schoolid, date_value);"

	"create table if not exists cycle_day (dcid integer primary key, id integer, schoolid integer,"
	" year_id integer, day_number integer, letter text, abbreviation text, day_name text,"
	" check ('' not in (letter, abbreviation, day_name)));"

	"create table if not exists gen (dcid integer primary key, id integer, cat text, name text, value text,"
	" value2 text, valuet text, date_value date text, valueli integer, sortorder integer, schoolid integer,"
	" yearid integer, check ('' not in (cat, name, value, value2, valuet, date_value)));"

	"create table if not exists prefs (dcid integer primary key, id integer, name text, value text,"
	" schoolid integer, yearid integer, userid integer, whomodifiedid integer, transaction_date text,"
	" check ('' not in (name, value)));"
	"create index if not exists prefs_name on prefs(name);";

static const char schema_students[] =
	"create table if not exists students (dcid integer primary key, id integer, student_number number,"
	" state_studentnumber text, student_web_id text, student_allowwebaccess integer, first_name text,"
	" last_name text, middle_name text, lastfirst text, grade_level integer, enroll_status integer,"
	" schoolid integer, enrollment_schoolid integer, entrydate date text, exitdate date text, entrycode text,"
	" exitcode text, next_school integer, sched_nextyeargrade integer, sched_yearofgraduation integer,"
	" classof integer, dob date text, gender text, graduated_schoolid integer, graduated_schoolname text,"
	" fteid integer, track text, enrollmentid integer not null default 0, summerschoolid integer,"
	" summerschoolnote text, person_id integer, home_room text, state_excludefromreporting integer,"
	" membershipshare number, whomodifiedid integer, transaction_date text,"
	" check ('' not in (state_studentnumber, student_web_id, first_name, last_name, middle_name, lastfirst,"
	" entrydate, exitdate, entrycode, exitcode, dob, gender, graduated_schoolname, track, summerschoolnote,"
	" home_room)));"
	"create index if not exists students_id on students(id);"
	"create index if not exists students_number on students(student_number);"
	"create index if not exists students_school on students(schoolid);"

	"create table if not exists studentcorefields (studentsdcid integer primary key, pscore_legal_first_name text,"
	" pscore_legal_middle_name text, pscore_legal_last_name text, pscore_legal_suffix text, graduation_year text,"
	" check ('' not in (pscore_legal_first_name, pscore_legal_middle_name, pscore_legal_last_name,"
	" pscore_legal_suffix, graduation_year)));"

	"create table if not exists reenrollments (dcid integer primary key, id integer, studentid integer,"
	" schoolid integer, grade_level integer, entrydate date text, exitdate date text, entrycode text,"
	" exitcode text, entrycomment text, exitcomment text, type integer not null default 0, fteid integer,"
	" track text, membershipshare number,"
	" check ('' not in (entrydate, exitdate, entrycode, exitcode, entrycomment, exitcomment, track)));"
	"create index if not exists reenrollments_student on reenrollments(studentid);";

static const char schema_emails[] =
	"create table if not exists person (dcid integer primary key, id integer unique, firstname text,"
	" middlename text, lastname text, isactive integer, check ('' not in (firstname, middlename, lastname)));"

	"create table if not exists emailaddress (emailaddressid integer primary key, emailaddress text unique,"
	" check (emailaddress <> ''));"

	"create table if not exists personemailaddressassoc (personemailaddressassocid integer primary key,"
	" personid integer not null, emailaddressid integer not null, emailtypecodesetid integer not null default 0,"
	" isprimaryemailaddress integer not null default 0, emailaddresspriorityorder integer not null default 1);"
	"create index if not exists personemailaddressassoc_person on personemailaddressassoc(personid);"

	"create table if not exists sync_studentmap (studentsdcid integer primary key, studentid integer);"

	"create table if not exists psm_studentcontacttype (id integer primary key, name text, check (name <> ''));"

	"create table if not exists psm_studentcontact (id integer primary key, studentid integer,"
	" studentcontacttypeid integer, email text, check (email <> ''));"
	"create index if not exists psm_studentcontact_student on psm_studentcontact(studentid);";

static const char schema_staff[] =
	"create table if not exists users (dcid integer primary key, first_name text, middle_name text,"
	" last_name text, lastfirst text, preferredname text, title text, prefixcodesetid integer, email_addr text,"
	" teachernumber text, loginid text, teacherloginid text, homeschoolid integer, ptaccess integer,"
	" psaccess integer, whomodifiedid integer, transaction_date text,"
	" check ('' not in (first_name, middle_name, last_name, lastfirst, preferredname, title, email_addr,"
	" teachernumber, loginid, teacherloginid)));"

	"create table if not exists schoolstaff (dcid integer primary key, id integer, users_dcid integer not null,"
	" schoolid integer, status integer, staffstatus integer, sched_department text, sched_homeroom text,"
	" sched_classroom text, whomodifiedid integer, transaction_date text,"
	" check ('' not in (sched_department, sched_homeroom, sched_classroom)));"
	"create index if not exists schoolstaff_id on schoolstaff(id);"
	"create index if not exists schoolstaff_school on schoolstaff(schoolid);"
	"create index if not exists schoolstaff_users on schoolstaff(users_dcid, schoolid);"

	"create table if not exists userscorefields (usersdcid integer primary key, pscore_legal_first_name text,"
	" pscore_legal_middle_name text, pscore_legal_last_name text, dob date text, gender text,"
	" check ('' not in (pscore_legal_first_name, pscore_legal_middle_name, pscore_legal_last_name, dob, gender)));"

	/* One row per SCHOOLSTAFF row; the table API refuses it, PowerQueries do not. */
	"create view if not exists teachers as select f.dcid, f.id, f.users_dcid, f.schoolid, f.status, f.staffstatus,"
	" f.sched_department, f.sched_homeroom, f.sched_classroom, u.first_name, u.middle_name, u.last_name,"
	" u.lastfirst, u.preferredname, u.title, u.email_addr, u.teachernumber, u.loginid, u.teacherloginid,"
	" u.homeschoolid, u.ptaccess, u.psaccess from schoolstaff f join users u on u.dcid = f.users_dcid;"

	"create table if not exists roledef (id integer primary key, rolemoduleid integer not null default 1,"
	" name text not null, rolekey text not null, isenabled integer not null default 1,"
	" isvisible integer not null default 1, islocked integer not null default 0,"
	" sortorder integer not null default 0, check ('' not in (name, rolekey)));";

static const char schema_classes[] =
	"create table if not exists courses (dcid integer primary key, id integer, course_number text,"
	" course_name text, schoolid integer, credittype text, credit_hours number, sched_department text,"
	" sched_coursesubjectareacode text, code text, sched_lunchcourse integer, sched_do_not_print integer,"
	" excludefromgpa integer, excludefromclassrank integer, excludefromhonorroll integer,"
	" excludefromstoredgrades integer, exclude_ada integer, status integer, whomodifiedid integer,"
	" transaction_date text, check ('' not in (course_number, course_name, credittype, sched_department,"
	" sched_coursesubjectareacode, code)));"
	"create index if not exists courses_number on courses(course_number);"

	"create table if not exists sections (dcid integer primary key, id integer, course_number text,"
	" section_number text, schoolid integer, termid integer, teacher integer, expression text,"
	" external_expression text, room text, no_of_students integer, maxenrollment integer, grade_level integer,"
	" section_type text, team text, house text, gradebooktype integer, dependent_secs text,"
	" parent_section_id integer, attendance_type_code integer, excludefromgpa integer,"
	" excludefromclassrank integer, excludefromhonorroll integer, excludefromstoredgrades integer,"
	" exclude_ada integer, exclude_state_rpt_yn integer, schedulesectionid integer, buildid integer,"
	" whomodifiedid integer, transaction_date text, check ('' not in (course_number, section_number, expression,"
	" external_expression, room, section_type, team, house, dependent_secs)));"
	"create index if not exists sections_id on sections(id);"
	"create index if not exists sections_term on sections(schoolid, termid);"
	"create index if not exists sections_teacher on sections(teacher);"

	"create table if not exists sectionteacher (id integer primary key, sectionid integer, teacherid integer,"
	" roleid integer, start_date date text, end_date date text, allocation number, priorityorder integer,"
	" sectionnickname text, whomodifiedid integer, transaction_date text,"
	" check ('' not in (start_date, end_date, sectionnickname)));"
	"create index if not exists sectionteacher_section on sectionteacher(sectionid);"
	"create index if not exists sectionteacher_teacher on sectionteacher(teacherid);"

	"create table if not exists cc (dcid integer primary key, id integer, studentid integer, sectionid integer,"
	" origsectionid integer, termid integer, schoolid integer, course_number text, section_number text,"
	" teacherid integer, expression text, dateenrolled date text, dateleft date text, studyear integer,"
	" currentabsences integer, currenttardies integer, attendance_type_code integer, firstattdate date text,"
	" lastattmod text, lastgradeupdate text, period_obsolete integer, studentsectenrl_guid text,"
	" check ('' not in (course_number, section_number, expression, dateenrolled, dateleft, firstattdate,"
	" lastattmod, lastgradeupdate, studentsectenrl_guid)));"
	"create index if not exists cc_student on cc(studentid, schoolid, termid);"
	"create index if not exists cc_section on cc(sectionid);"
	"create index if not exists cc_school on cc(schoolid);" /* a page by key: its rows come in DCID order */
	"create index if not exists cc_term on cc(schoolid, termid);";

/* The sandbox's own: settings, the last change of each row, who is told of what, what waits to be told. */
static const char schema_own[] =
	"create table if not exists sim_ps_state (key text primary key, value text not null) without rowid;"
	"create table if not exists sim_ps_version (n integer not null);"
	"create table if not exists sim_ps_change (tab text, key integer, version integer not null,"
	" gone integer not null, primary key (tab, key)) without rowid;"
	"create table if not exists sim_ps_application (name text, tab text, primary key (name, tab)) without rowid;"
	"create table if not exists sim_ps_subscriber (plugin text primary key, key text not null,"
	" callback_url text not null) without rowid;"
	"create table if not exists sim_ps_subscription (plugin text, resource text, event_type text,"
	" primary key (resource, event_type, plugin)) without rowid;"
	"create table if not exists sim_ps_event (seq integer primary key, plugin text not null,"
	" resource text not null, event_type text not null, id integer, attempts integer not null default 0,"
	" state text not null default 'waiting');"
	"create index if not exists sim_ps_event_waiting on sim_ps_event(seq) where state = 'waiting';";

int sim_ps_schema(sqlite3 *db, sr_err *err)
{
	static const char *const parts[] = { schema_places, schema_students, schema_emails, schema_staff,
		schema_classes, schema_own };

	for (size_t i = 0; i < SR_COUNT_OF(parts); i++) {
		if (sqlite3_exec(db, parts[i], NULL, NULL, NULL) != SQLITE_OK)
			return sr_fail(err, SR_E_DB, "PowerSchool's tables: %s", sqlite3_errmsg(db));
	}
	return 0;
}
