/* The end-of-year process, as far as an observer can tell it from the tables. Students move in
 * place: same DCID, new school, grade and spell. Who moves is collected first; then each step is
 * one statement over that list. */
#include <stdio.h>
#include <string.h>

#include "district_int.h"
#include "life.h"

typedef struct eoy {
	sim_world *world;
	sqlite3 *db;
	const sim_eoy_options *o;
	sr_buf *say;
	int yearid;
} eoy;

static int year_of_pref(sqlite3 *db, int64_t *out, sr_err *err)
{
	int rc = sim_sql_int(db, out, err,
		"select cast(value as integer) from prefs"
		" where name = 'coursearchiveyear'",
		"");

	return rc == 0 ? sr_fail(err, SR_E_STATE, "eoy: PREFS has no coursearchiveyear") : rc < 0 ? -1 : 0;
}

static int fill(sqlite3 *db, const char *table, const int64_t *schools, size_t count, sr_err *err)
{
	SR_AUTO_FREE char *sql = sr_asprintf("insert or ignore into temp.%s values(?)", table);

	if (!sql)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < count; i++)
		if (sim_sql_run(db, err, sql, "i", schools[i]))
			return -1;
	return 0;
}

/* eoy_out: schools that lag; everything else is derived per target year. */
static int choose_schools(eoy *e, sr_err *err)
{
	static const char sql[] = "drop table if exists temp.eoy_out; drop table if exists temp.eoy_only;"
				  "create temp table eoy_out(number integer primary key);"
				  "create temp table eoy_only(number integer primary key);";

	if (sim_sql_script(e->db, sql, err) || fill(e->db, "eoy_out", e->o->except, e->o->except_count, err) ||
		fill(e->db, "eoy_only", e->o->only, e->o->only_count, err))
		return -1;
	return sim_sql_script(e->db,
		"insert or ignore into eoy_out select school_number from schools where issummerschool = 1;"
		"insert or ignore into eoy_out select school_number from schools where school_number <> 999999"
		" and exists (select 1 from eoy_only) and school_number not in (select number from eoy_only);",
		err);
}

/* Who moves, and where to. A spell is of the year if it begins within the district's year: schools
 * need not begin on one day. */
static int choose_students(eoy *e, int yearid, int64_t *count, sr_err *err)
{
	if (sim_sql_script(e->db,
		    "drop table if exists temp.eoy_to; drop table if exists temp.eoy_move;"
		    "create temp table eoy_to(number integer primary key, first text, last text);"
		    "create temp table eoy_move(id integer primary key, school integer, grade integer, first"
		    " text, last text);",
		    err))
		return -1;
	if (sim_sql_run(e->db, err,
		    "insert or ignore into eoy_to select schoolid, firstday, lastday from terms"
		    " where yearid = ? and isyearrec = 1"
		    " and schoolid <> 0 and schoolid not in (select number from eoy_out) order by dcid",
		    "n", yearid) ||
		sim_sql_run(e->db, err,
			"insert into eoy_move select s.id, t.number, s.sched_nextyeargrade, t.first, t.last"
			" from students s"
			" join eoy_to t on t.number = s.next_school where s.schoolid not in (select number"
			" from eoy_out)"
			" and ((s.enroll_status = -1 and s.entrydate between t.first and t.last)"
			" or (s.enroll_status = 0 and s.exitdate > s.entrydate and s.entrydate <"
			" (select firstday from terms where schoolid = 0 and yearid = ? and isyearrec = 1)))",
			"n", yearid) ||
		sim_sql_run(e->db, err,
			"insert into eoy_move select s.id, 999999, 99, null, null from students s"
			" where s.next_school = 999999"
			" and s.enroll_status = 0 and s.schoolid not in (select number from eoy_out)"
			" and s.entrydate <"
			" (select firstday from terms where schoolid = 0 and yearid = ? and isyearrec = 1)",
			"n", yearid))
		return -1;
	return sim_sql_int(e->db, count, err, "select count(*) from eoy_move where school <> 999999", "") < 0 ? -1 : 0;
}

/* Schools that lagged behind the last process come first; otherwise it is the next year's turn. */
static int choose_year(eoy *e, sr_err *err)
{
	int64_t archive = 0, count = 0;
	int years[2];

	if (year_of_pref(e->db, &archive, err))
		return -1;
	years[0] = e->o->yearid ? e->o->yearid : (int)archive;
	years[1] = e->o->yearid ? e->o->yearid : (int)archive + 1;
	for (int i = 0; i < 2; i++) {
		if (choose_students(e, years[i], &count, err))
			return -1;
		e->yearid = years[i];
		if (count > 0)
			return 0;
	}
	return sr_fail(err, SR_E_STATE,
		"eoy: nobody can move to %d-%d: no receiving school in question has a year term of it"
		" (mutate add-next-terms)",
		e->yearid + 1990, e->yearid + 1991);
}

static int move_students(eoy *e, sr_err *err)
{
	static const char sql[] =
		"insert into reenrollments(dcid, id, studentid, schoolid, grade_level, entrydate, exitdate,"
		" entrycode, exitcode,"
		" type) select (select coalesce(max(dcid), 2000) from reenrollments) + row_number() over"
		" (order by s.id),"
		" s.enrollmentid, s.id, s.enrollment_schoolid, s.grade_level, s.entrydate, s.exitdate,"
		" s.entrycode, 'P', 0"
		" from students s join eoy_move m on m.id = s.id where s.enroll_status = 0;"

		"update students set graduated_schoolid = schoolid, graduated_schoolname ="
		" (select name from schools where school_number = students.schoolid), enroll_status = 3,"
		" entrydate = exitdate,"
		" schoolid = 999999, enrollment_schoolid = 999999, grade_level = 99, next_school = null,"
		" sched_nextyeargrade = null, enrollmentid = enrollmentid + 100000"
		" where id in (select id from eoy_move where school = 999999);"

		"update students set schoolid = m.school, enrollment_schoolid = m.school, grade_level ="
		" m.grade,"
		" entrydate = m.first, exitdate = date(m.last, '+1 day'), entrycode = 'E1', exitcode = null,"
		" enroll_status = 0,"
		" enrollmentid = enrollmentid + 100000"
		" from eoy_move m where m.id = students.id and m.school <> 999999;";

	return sim_sql_script(e->db, sql, err);
}

static int raise_prefs(eoy *e, sr_err *err)
{
	char today[11], promoted[24];
	int year, month, day;

	sim_day_text(sim_day_of_ms(sr_clock_wall_ms(&e->world->clock)), today);
	if (sscanf(today, "%d-%d-%d", &year, &month, &day) != 3)
		return sr_fail(err, SR_E_RANGE, "eoy: the sandbox's date is out of range");
	snprintf(promoted, sizeof(promoted), "%d/%d/%d", month, day, year); /* server locale */
	return sim_sql_run(e->db, err, "update prefs set value = ? where name = 'lastpromotiondate'", "t", promoted) ||
			       sim_sql_run(e->db, err,
				       "update prefs set value = cast(max(cast(value as integer), ?) as text)"
				       " where name = 'coursearchiveyear'",
				       "n", e->yearid)
		       ? -1
		       : 0;
}

static int commit_schedules(eoy *e, sr_err *err)
{
	SR_AUTO(sim_stmt) q = sim_sql(e->db, err, "select number from eoy_to order by number", "");
	gen_classes_options options;
	int rc = q ? 1 : -1;

	if (rc < 0 || gen_classes_options_load(e->db, &options, err))
		return -1;
	while ((rc = sim_stmt_step(q, err)) == 1)
		if (gen_classes(e->db, sqlite3_column_int64(q, 0), e->yearid, GEN_COHORT_NOW, &options, err))
			return -1;
	return rc;
}

static int report(eoy *e, sr_err *err)
{
	SR_AUTO(sim_stmt)
	q = sim_sql(e->db, err,
		"select m.school, count(*), (select count(*) from sections s where s.schoolid = m.school"
		" and s.termid between"
		" ?1 * 100 and ?1 * 100 + 99) from eoy_move m group by m.school order by m.school",
		"n", e->yearid);
	int rc = q ? 1 : -1;

	sr_buf_printf(e->say, "end of year: %d-%d\n", e->yearid + 1990, e->yearid + 1991);
	while (rc == 1 && (rc = sim_stmt_step(q, err)) == 1)
		sr_buf_printf(e->say, "%6d: %d students, %d sections\n", sqlite3_column_int(q, 0),
			sqlite3_column_int(q, 1), sqlite3_column_int(q, 2));
	return rc;
}

static int run(eoy *e, sr_err *err)
{
	if (choose_schools(e, err) || choose_year(e, err) || move_students(e, err))
		return -1;
	if (gen_next_schools(e->db, gen_first_day(e->yearid + 1990), err) || raise_prefs(e, err))
		return -1;
	if (!e->o->no_schedule && commit_schedules(e, err))
		return -1;
	return report(e, err);
}

int sim_eoy(sim_world *w, const sim_eoy_options *options, sr_buf *say, sr_err *err)
{
	eoy e = { .world = w, .db = w->db, .o = options, .say = say };

	if (sim_sql_begin(w->db, err))
		return -1;
	return sim_sql_end(w->db, run(&e, err), err);
}
