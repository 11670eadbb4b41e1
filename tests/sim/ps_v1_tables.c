/* The rows of contracts/powerschool.md section 5. Every id is a DCID (section 1); `schoolid` in
 * the tables is a school number, 0 the district office. */
#include <stddef.h>

#include "ps_v1.h"

#define QUIRK(member) (1 + offsetof(sim_ps_quirks, member))
#define SCHOOL_DCID(column) "coalesce((select x.dcid from schools x where x.school_number = " column "), 0)"
#define COUNTED(array) array, SR_COUNT_OF(array)

/* clang-format off */

/* ---- schools ---- */

static const sim_ps_member school_members[] = {
	{ "id", "s.dcid" }, { "school_number", "s.school_number" }, { "name", "s.name" },
	{ "abbreviation", "s.abbreviation" }, { "low_grade", "s.low_grade" }, { "high_grade", "s.high_grade" },
	{ "alternate_school_number", "s.alternate_school_number" },
};
static const sim_ps_selector school_selectors[] = {
	{ "id", "s.dcid", SIM_PS_NUMBER }, { "school_number", "s.school_number", SIM_PS_NUMBER },
	{ "name", "s.name", SIM_PS_TEXT },
};
const sim_ps_resource sim_ps_school = {
	.plural = "schools", .singular = "school",
	.from = "schools s", .key = "s.school_number <> 999999 and s.dcid", .order = "s.name, s.dcid",
	.members = COUNTED(school_members), .selectors = COUNTED(school_selectors),
};
const sim_ps_list sim_ps_district_schools = {
	.resource = &sim_ps_school, .scope = SIM_PS_OF_DISTRICT, .where = "s.school_number <> 999999",
};

/* ---- terms ---- */

static const sim_ps_member term_members[] = {
	{ "id", "t.dcid" }, { "school_id", SCHOOL_DCID("t.schoolid") }, { "start_year", "t.yearid + 1990" },
	{ "portion", "t.portion" }, { "start_date", "t.firstday" }, { "end_date", "t.lastday" },
	{ "abbreviation", "t.abbreviation" }, { "name", "t.name" },
};
static const sim_ps_selector term_selectors[] = {
	{ "id", "t.dcid", SIM_PS_NUMBER }, { "start_year", "t.yearid + 1990", SIM_PS_NUMBER },
	{ "portion", "t.portion", SIM_PS_NUMBER },
};
const sim_ps_resource sim_ps_term = {
	.plural = "terms", .singular = "term",
	.from = "terms t", .key = "t.dcid", .order = "t.portion, t.firstday, t.dcid",
	.current = "t.yearid = :year", .year_selector = "start_year",
	.members = COUNTED(term_members), .selectors = COUNTED(term_selectors),
};
const sim_ps_list sim_ps_school_terms = {
	.resource = &sim_ps_term, .scope = SIM_PS_OF_SCHOOL, .where = "t.schoolid = :school",
};

/* ---- students ---- */

#define STATUS(zero, pre, transferred, graduated, historical, other) \
	"case s.enroll_status when 0 then '" zero "' when -1 then '" pre "' when 2 then '" transferred "'" \
	" when 3 then '" graduated "' when 4 then '" historical "' else '" other "' end"
#define STATUS_LETTER STATUS("A", "P", "T", "G", "H", "I")
#define CORE_FIELD(name) \
	"select '" name "' as name, c." "pscore_" name " as value from studentcorefields c where c.studentsdcid = s.dcid"
#define CORE_FIELDS \
	"json_array(json_object('recordFound', json(iif(exists (select 1 from studentcorefields c" \
	" where c.studentsdcid = s.dcid), 'true', 'false')), 'name', 'studentcorefields', '_field'," \
	" json((select json_group_array(json_object('name', f.name, 'type', 'String', 'value', f.value)) from (" \
	CORE_FIELD("legal_first_name") " union all " CORE_FIELD("legal_middle_name") " union all " \
	CORE_FIELD("legal_last_name") " union all select 'graduation_year', c.graduation_year from studentcorefields c" \
	" where c.studentsdcid = s.dcid) f where f.value is not null))))"

static const sim_ps_member student_members[] = {
	{ "id", "s.dcid" }, { "local_id", "s.student_number" }, { "state_province_id", "s.state_studentnumber" },
	{ "student_username", "s.student_web_id" },
	{ "name.first_name", "s.first_name" }, { "name.middle_name", "s.middle_name" },
	{ "name.last_name", "s.last_name" },
	{ "demographics.gender", "s.gender", "demographics" }, { "demographics.birth_date", "s.dob", "demographics" },
	{ "demographics.projected_graduation_year", "s.sched_yearofgraduation", "demographics" },
	{ "addresses", NULL, "addresses" }, { "alerts", NULL, "alerts" }, { "phones", NULL, "phones" },
	{ "school_enrollment.enroll_status", STATUS_LETTER, "school_enrollment" },
	{ "school_enrollment.enroll_status_description",
	  STATUS("Active", "Pre-registered", "Transferred out", "Graduated", "Imported as historical", "Inactive"),
	  "school_enrollment" },
	{ "school_enrollment.enroll_status_code", "s.enroll_status", "school_enrollment",
	  .not_with = QUIRK(status_code_name) },
	{ "school_enrollment.status_code", "s.enroll_status", "school_enrollment",
	  .only_with = QUIRK(status_code_name) },
	{ "school_enrollment.grade_level", "s.grade_level", "school_enrollment" },
	{ "school_enrollment.entry_date", "s.entrydate", "school_enrollment" },
	{ "school_enrollment.exit_date", "s.exitdate", "school_enrollment" },
	{ "school_enrollment.school_number", "s.schoolid", "school_enrollment" },
	{ "school_enrollment.school_id", SCHOOL_DCID("s.schoolid"), "school_enrollment" },
	{ "ethnicity_race", NULL, "ethnicity_race" }, { "contact", NULL, "contact" },
	{ "contact_info.email",
	  "(select p.email from sync_studentmap m join psm_studentcontact p on p.studentid = m.studentid"
	  " join psm_studentcontacttype k on k.id = p.studentcontacttypeid and k.name = 'Self'"
	  " where m.studentsdcid = s.dcid order by p.id limit 1)", "contact_info" },
	{ "initial_enrollment", NULL, "initial_enrollment" },
	{ "schedule_setup.home_room", "s.home_room", "schedule_setup" },
	{ "schedule_setup.next_school", "s.next_school", "schedule_setup", .not_with = QUIRK(next_school_dcid) },
	{ "schedule_setup.next_school", SCHOOL_DCID("s.next_school"), "schedule_setup",
	  .only_with = QUIRK(next_school_dcid) },
	{ "schedule_setup.sched_next_year_grade", "s.sched_nextyeargrade", "schedule_setup" },
	{ "fees", NULL, "fees" }, { "lunch", NULL, "lunch" }, { "counselors", NULL, "counselors" },
	{ "global_id", NULL, "global_id" },
	{ "_extension_data._table_extension", CORE_FIELDS, "studentcorefields", .json = true },
};
static const sim_ps_selector student_selectors[] = {
	{ "id", "s.dcid", SIM_PS_NUMBER }, { "local_id", "s.student_number", SIM_PS_TEXT },
	{ "student_username", "s.student_web_id", SIM_PS_TEXT },
	{ "state_province_id", "s.state_studentnumber", SIM_PS_TEXT },
	{ "name.first_name", "s.first_name", SIM_PS_TEXT }, { "name.last_name", "s.last_name", SIM_PS_TEXT },
	{ "school_enrollment.enroll_status", STATUS_LETTER, SIM_PS_TEXT },
	{ "school_enrollment.enroll_status_code", "s.enroll_status", SIM_PS_NUMBER },
	{ "school_enrollment.entry_date", "s.entrydate", SIM_PS_DATE },
};
const sim_ps_resource sim_ps_student = {
	.plural = "students", .singular = "student",
	.expansions = "demographics, addresses, alerts, phones, school_enrollment, ethnicity_race, contact, contact_info,"
		      " initial_enrollment, schedule_setup, fees, lunch, counselors, global_id",
	.extensions = "studentcorefields",
	.from = "students s", .key = "s.dcid", .order = "s.dcid",
	.members = COUNTED(student_members), .selectors = COUNTED(student_selectors),
};
const sim_ps_list sim_ps_district_students = {
	.resource = &sim_ps_student, .scope = SIM_PS_OF_DISTRICT, .where = "1",
};
const sim_ps_list sim_ps_school_students = {
	.resource = &sim_ps_student, .scope = SIM_PS_OF_SCHOOL, .where = "s.schoolid = :school",
	.standard = "s.enroll_status = 0", .standard_unless = QUIRK(students_without_q_all),
};

/* ---- staff ---- */

#define AFFILIATIONS \
	"(select json_group_array(json_object('school_id', " SCHOOL_DCID("a.schoolid") ", 'type', a.staffstatus," \
	" 'status', a.status)) from (select * from schoolstaff where users_dcid = f.users_dcid order by dcid) a)"

static const sim_ps_member staff_members[] = {
	{ "id", "f.dcid" }, { "local_id", "u.teachernumber" }, { "admin_username", "u.loginid" },
	{ "teacher_username", "u.teacherloginid" }, { "users_dcid", "f.users_dcid" },
	{ "name.first_name", "u.first_name" }, { "name.middle_name", "u.middle_name" },
	{ "name.last_name", "u.last_name" },
	{ "addresses", NULL, "addresses" }, { "emails.work_email", "u.email_addr", "emails" },
	{ "phones", NULL, "phones" },
	{ "school_affiliations.school_affiliation", AFFILIATIONS, "school_affiliations", .json = true },
};
static const sim_ps_selector staff_selectors[] = {
	{ "id", "f.dcid", SIM_PS_NUMBER }, { "local_id", "u.teachernumber", SIM_PS_TEXT },
	{ "name.first_name", "u.first_name", SIM_PS_TEXT }, { "name.last_name", "u.last_name", SIM_PS_TEXT },
};
const sim_ps_resource sim_ps_staff = {
	.plural = "staffs", .singular = "staff",
	.expansions = "addresses, emails, phones, school_affiliations",
	.from = "schoolstaff f join users u on u.dcid = f.users_dcid", .key = "f.dcid", .order = "f.dcid",
	.members = COUNTED(staff_members), .selectors = COUNTED(staff_selectors),
};
const sim_ps_list sim_ps_school_staff = {
	.resource = &sim_ps_staff, .scope = SIM_PS_OF_SCHOOL, .where = "f.schoolid = :school and f.status = 1",
};

/* ---- courses: the school's own and the district's, and whatever its sections of the year use ---- */

static const sim_ps_member course_members[] = {
	{ "id", "c.dcid" }, { "course_number", "substr(c.course_number, 1, 11)" },
	{ "course_name", "substr(c.course_name, 1, 40)" },
};
static const sim_ps_selector course_selectors[] = {
	{ "id", "c.dcid", SIM_PS_NUMBER }, { "course_number", "c.course_number", SIM_PS_TEXT },
	{ "course_name", "c.course_name", SIM_PS_TEXT },
};
const sim_ps_resource sim_ps_course = {
	.plural = "courses", .singular = "course",
	.from = "courses c", .key = "c.dcid", .order = "c.course_number, c.dcid",
	.members = COUNTED(course_members), .selectors = COUNTED(course_selectors),
};
const sim_ps_list sim_ps_school_courses = {
	.resource = &sim_ps_course, .scope = SIM_PS_OF_SCHOOL,
	.where = "(c.schoolid in (0, :school) or c.course_number in (select x.course_number from sections x"
		 " where x.schoolid = :school and x.termid between :year * 100 and :year * 100 + 99))",
};

/* ---- sections ---- */

/* A course number may have a row of the school, one of the district, and others. */
#define COURSE(owner) "(select min(c.dcid) from courses c where c.course_number = s.course_number" owner ")"
#define COURSE_DCID \
	"coalesce(" COURSE(" and c.schoolid = s.schoolid") ", " COURSE(" and c.schoolid = 0") ", " COURSE("") ")"
#define TERM(column) \
	"(select " column " from terms t where t.schoolid = s.schoolid and t.id = s.termid order by t.dcid limit 1)"

static const sim_ps_member section_members[] = {
	{ "id", "s.dcid" }, { "school_id", SCHOOL_DCID("s.schoolid") }, { "course_id", COURSE_DCID },
	{ "term_id", TERM("t.dcid") }, { "section_number", "s.section_number" }, { "expression", "s.expression" },
	{ "external_expression", "s.external_expression" },
	{ "staff_id", "(select f.dcid from schoolstaff f where f.id = s.teacher order by f.dcid limit 1)" },
	{ "gradebooktype", "s.gradebooktype" },
	{ "term.id", TERM("t.dcid"), "term" }, { "term.start_year", TERM("t.yearid + 1990"), "term" },
	{ "term.portion", TERM("t.portion"), "term" }, { "term.start_date", TERM("t.firstday"), "term" },
	{ "term.end_date", TERM("t.lastday"), "term" }, { "term.abbreviation", TERM("t.abbreviation"), "term" },
	{ "term.name", TERM("t.name"), "term" },
};
static const sim_ps_selector section_selectors[] = {
	{ "id", "s.dcid", SIM_PS_NUMBER }, { "term.start_year", "s.termid / 100 + 1990", SIM_PS_NUMBER },
	{ "section_number", "s.section_number", SIM_PS_TEXT },
};
const sim_ps_resource sim_ps_section = {
	.plural = "sections", .singular = "section", .expansions = "term",
	.from = "sections s", .key = "s.dcid", .order = "s.section_number, s.course_number, s.termid, s.dcid",
	.current = "s.termid between :year * 100 and :year * 100 + 99", .year_selector = "term.start_year",
	.members = COUNTED(section_members), .selectors = COUNTED(section_selectors),
};
const sim_ps_list sim_ps_school_sections = {
	.resource = &sim_ps_section, .scope = SIM_PS_OF_SCHOOL, .where = "s.schoolid = :school",
};

/* ---- section enrollments: a dropped row keeps its place with its signs turned ---- */

#define SECTION_DCID "(select x.dcid from sections x where x.id = abs(e.sectionid) order by x.dcid limit 1)"
#define STUDENT_DCID "(select x.dcid from students x where x.id = e.studentid order by x.dcid limit 1)"

static const sim_ps_member enrollment_members[] = {
	{ "id", "e.dcid" },
	{ "section_id", SECTION_DCID, .not_with = QUIRK(negative_section_id) },
	{ "section_id", "iif(e.sectionid < 0, -1, 1) * " SECTION_DCID, .only_with = QUIRK(negative_section_id) },
	{ "student_id", STUDENT_DCID }, { "entry_date", "e.dateenrolled" },
	{ "exit_date", "e.dateleft", .not_with = QUIRK(exit_date_last_day) },
	{ "exit_date", "date(e.dateleft, '-1 day')", .only_with = QUIRK(exit_date_last_day) },
	{ "dropped", "iif(e.sectionid < 0, 'true', 'false')", .json = true },
};
const sim_ps_resource sim_ps_section_enrollment = {
	.plural = "section_enrollments", .singular = "section_enrollment",
	.from = "cc e", .key = "e.dcid", .order = STUDENT_DCID ", e.dateenrolled, e.dcid",
	.members = COUNTED(enrollment_members),
};
const sim_ps_list sim_ps_section_enrollments = {
	.resource = &sim_ps_section_enrollment, .scope = SIM_PS_OF_SECTION,
	.where = "e.sectionid in (:section, -:section)", .unpaged_with = QUIRK(enrollments_unpaged),
};
