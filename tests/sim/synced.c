/* What the vendor's own app, or a OneRoster feed, would have made of the current year
 * (contracts/vendor-app.md section 1). Which forms a writer uses is a row of expressions; the steps
 * are the same for all. Every object says synced = 1. */
#include <stddef.h>
#include <string.h>

#include "district_db.h"
#include "synced.h"

typedef struct writer {
	const char *name, *help;
	/* Expressions over st (students), u (users), s (sections), c (courses), t (terms), h (schools). */
	const char *student_uid, *staff_uid, *course_code, *section_code, *section_title, *period_title;
} writer;

/* clang-format off */
static const writer writers[] = {
	{ "vendor", "PowerSchool's own app: section code bare SECTIONS.DCID, school_uid the student number",
	  "cast(cast(st.student_number as integer) as text)", "cast(u.dcid as text)",
	  "h.school_number || ' ' || s.course_number", "cast(s.dcid as text)",
	  "s.section_number || '(' || t.abbreviation || ') ' || s.expression",
	  "h.abbreviation || ' ' || t.name || ' ' || ((t.yearid + 90) % 100) || '-' || ((t.yearid + 91) % 100)" },
	{ "oneroster", "a OneRoster feed: sourcedIds made of the table and the DCID",
	  "'students-' || st.dcid", "'users-' || u.dcid", "h.school_number || '-' || s.course_number",
	  "'sections-' || s.dcid", "c.course_name || ' ' || s.section_number",
	  "(t.yearid + 1990) || ' ' || h.abbreviation || ' ' || t.abbreviation" },
};

/* In order of what refers to what. %1: the writer's expression. */
#define YEAR "(select cast(value as integer) from prefs where name = 'coursearchiveyear')"
#define ROLE(title) "(select id from sgy_role where title = '" title "')"
#define BUILDING(school) "coalesce((select id from sgy_building where building_code = cast(" school " as text))," \
	" (select id from sgy_school limit 1))"
#define NEXT(kind) "(select max(n) from (select n from sgy_counter where name = 'next_" kind "' union all" \
	" select max(id) + 1 from sgy_" kind ")) - 1 + row_number() over (order by "
/* The school's own course of that number, else the district's. */
#define COURSE(column) "coalesce((select x." column " from courses x where x.course_number = s.course_number and" \
	" x.schoolid = s.schoolid limit 1), (select x." column " from courses x where x.course_number =" \
	" s.course_number order by x.schoolid limit 1))"

static const struct { size_t form; const char *sql; } steps[] = {
	{ offsetof(writer, student_uid),
	  "insert into sgy_user(id, school_uid, name_first, name_last, username, role_id, building_id, grad_year, synced)"
	  " select " NEXT("user") "st.dcid), %s, st.first_name, st.last_name, coalesce(st.student_web_id, ''), "
	  ROLE("Student") ", " BUILDING("st.schoolid") ", coalesce(cast(st.sched_yearofgraduation as text), ''), 1"
	  " from students st where st.enroll_status = 0 and st.exitdate > st.entrydate" },
	{ offsetof(writer, staff_uid),
	  "insert into sgy_user(id, school_uid, name_first, name_last, username, primary_email, role_id, building_id,"
	  " synced) select " NEXT("user") "u.dcid), %s, u.first_name, u.last_name, coalesce(u.loginid, ''),"
	  " coalesce(u.email_addr, ''), case when exists (select 1 from schoolstaff f where f.users_dcid = u.dcid and"
	  " f.status = 1 and f.staffstatus = 1) then " ROLE("Teacher") " else " ROLE("Staff") " end, "
	  BUILDING("u.homeschoolid") ", 1 from users u where exists (select 1 from schoolstaff f where"
	  " f.users_dcid = u.dcid and f.status = 1) and not exists (select 1 from sgy_user x"
	  " where x.primary_email <> '' and x.primary_email = u.email_addr)" },
	{ offsetof(writer, period_title),
	  "insert into sgy_period(id, title, start, end_) select (select coalesce(max(id), 900) from sgy_period)"
	  " + row_number() over (order by t.dcid), %s, t.firstday, t.lastday from terms t join schools h"
	  " on h.school_number = t.schoolid where t.yearid = " YEAR " and exists (select 1 from sections s"
	  " where s.schoolid = t.schoolid and s.termid = t.id)" },
	{ offsetof(writer, course_code),
	  "insert into sgy_course(id, course_code, title, building_id, synced) select " NEXT("course") "code), code, title,"
	  " building, 1 from (select code, max(title) title, max(building) building from (select %s code, "
	  "coalesce(" COURSE("course_name") ", s.course_number) title, " BUILDING("s.schoolid") " building from sections s join schools h"
	  " on h.school_number = s.schoolid where s.termid / 100 = " YEAR ") group by code)" },
	{ offsetof(writer, section_code),
	  "insert into sgy_section(id, course_id, title, section_school_code, synced) select " NEXT("section") "s.dcid), 0,"
	  " '', %s, 1 from sections s where s.termid / 100 = " YEAR },
};

/* Then what needs to be found again by the codes: one view of the writer's keys. */
static const char keys_sql[] =
	"create temp table synced_section as select s.id ps, s.schoolid, s.termid, g.id sgy, (%s) title,"
	" (select id from sgy_course k where k.course_code = (%s)) course, (select p.id from sgy_period p"
	" where p.title = (%s)) period from sections s join sgy_section g on g.section_school_code = (%s)"
	" join schools h on h.school_number = s.schoolid join terms t on t.schoolid = s.schoolid and t.id = s.termid"
	" left join courses c on c.dcid = " COURSE("dcid") " where s.termid / 100 = " YEAR ";"
	"create unique index temp.synced_section_ps on synced_section(ps);"
	"create temp table synced_student as select st.id ps, x.id sgy from students st join sgy_user x"
	" on x.school_uid = (%s);"
	"create unique index temp.synced_student_ps on synced_student(ps);"
	"create temp table synced_staff as select f.id ps, x.id sgy from schoolstaff f join users u"
	" on u.dcid = f.users_dcid join sgy_user x on x.school_uid = (%s);"
	"create unique index temp.synced_staff_ps on synced_staff(ps);"
	"update sgy_section set course_id = k.course, title = k.title from temp.synced_section k where k.sgy = sgy_section.id;"
	"insert into sgy_section_period(section_id, period_id) select sgy, period from temp.synced_section"
	" where period is not null;";

static const char members_sql[] =
	"insert into sgy_enrollment(id, section_id, uid, admin, status) select " NEXT("enrollment")
	" section, admin desc, uid), section, uid, admin, 1 from (select section, uid, max(admin) admin from ("
	" select k.sgy section, p.sgy uid, 0 admin from cc join temp.synced_section k on k.ps = cc.sectionid"
	" join temp.synced_student p on p.ps = cc.studentid where cc.dateleft is null or (cc.dateleft > ?1 and"
	" cc.dateleft > cc.dateenrolled)"
	" union all select k.sgy, p.sgy, 1 from sections s join temp.synced_section k on k.ps = s.id"
	" join temp.synced_staff p on p.ps = s.teacher"
	" union all select k.sgy, p.sgy, 1 from sectionteacher x join temp.synced_section k on k.ps = x.sectionid"
	" join temp.synced_staff p on p.ps = x.teacherid where x.roleid = 2 and (x.end_date is null or x.end_date >= ?1))"
	" group by 1, 2)";

static const char done_sql[] =
	"drop table temp.synced_section; drop table temp.synced_student; drop table temp.synced_staff;";
/* clang-format on */

static const char *form_of(const writer *w, size_t at)
{
	return *(const char *const *)(const void *)((const char *)w + at);
}

/* The two placeholders' text is the table's own, never anybody's input. */
static int run_steps(sqlite3 *db, const writer *w, sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT_OF(steps); i++) {
		const char *cut = strstr(steps[i].sql, "%s");
		SR_AUTO_FREE char *sql = sr_asprintf(
			"%.*s%s%s", (int)(cut - steps[i].sql), steps[i].sql, form_of(w, steps[i].form), cut + 2);
		if (!sql)
			return sr_fail_nomem(err);
		if (sim_sql_script(db, sql, err))
			return -1;
	}
	return 0;
}

static int put_members(sim_world *w, const writer *by, sr_err *err)
{
	SR_AUTO_FREE char *keys = sr_asprintf(keys_sql, by->section_title, by->course_code, by->period_title,
		by->section_code, by->student_uid, by->staff_uid);
	int today = sim_day_of_ms(sr_clock_wall_ms(&w->clock));

	if (!keys)
		return sr_fail_nomem(err);
	return sim_sql_script(w->db, keys, err) || sim_sql_run(w->db, err, members_sql, "d", today) ||
			       sim_sql_script(w->db, done_sql, err)
		       ? -1
		       : 0;
}

int sim_synced_make(sim_world *w, const char *name, sr_err *err)
{
	const writer *by = NULL;

	for (size_t i = 0; i < SR_COUNT_OF(writers); i++)
		if (sr_streq(writers[i].name, name))
			by = &writers[i];
	if (!by)
		return sr_fail(err, SR_E_INVALID, "already synced by %s: no such writer (vendor, oneroster)", name);
	if (sim_sql_begin(w->db, err))
		return -1;
	return sim_sql_end(w->db, run_steps(w->db, by, err) || put_members(w, by, err) ? -1 : 0, err);
}

void sim_synced_help(sr_buf *out)
{
	for (size_t i = 0; i < SR_COUNT_OF(writers); i++)
		sr_buf_printf(out, "      %-10s %s\n", writers[i].name, writers[i].help);
}
