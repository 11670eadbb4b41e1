/* People. Keys overlap on purpose: a student's DCID is another student's ID, and students and
 * staff share DCIDs, so that whoever mixes them up links the wrong rows at once. The names are
 * made of two lists; the first of each are the ones that break careless code. */
#include <stdio.h>
#include <string.h>

#include "district_int.h"

static const char *const first_names[] = { "Zoë", "José", "Chloé", "Łucja", "Anaïs", "Mary Ann", "Star⭐", "Björn",
	"D'Andre", "Siân", "Ava", "Ben", "Cara", "Dev", "Ella", "Finn", "Gia", "Hugo", "Iris", "Jonah", "Kira", "Liam",
	"Maya", "Noah", "Olive", "Priya", "Quinn", "Rosa", "Sam", "Tess", "Uma", "Viktor", "Willa", "Ximena", "Yusuf",
	"Zara", "Amir", "Beth", "Caleb", "Dina" };
static const char *const last_names[] = { "O'Connor", "Nguyễn", "Núñez", "D'Souza", "Løvås", "Smith-Jones", "St. James",
	"van der Berg", "Şahin", "Ó Briain", "Abbott", "Barnes", "Castillo", "Dawson", "Ellis", "Foster", "Garcia",
	"Hayes", "Ito", "Jensen", "Kaur", "Lopez", "Meyer", "Novak", "Ortiz", "Patel", "Quist", "Reyes", "Singh",
	"Turner", "Ueda", "Vance", "Walker", "Xu", "Young", "Zeller", "Baker", "Cohen", "Duarte", "Evans" };

static void pick_name(sim_gen *g, int64_t n, const char **first, const char **last)
{
	bool special = g->spec.hurts && n < 10;
	size_t f = special ? (size_t)n : (size_t)(10 + gen_below(g, (int)SR_COUNT_OF(first_names) - 10));
	size_t l = special ? (size_t)n : (size_t)(10 + gen_below(g, (int)SR_COUNT_OF(last_names) - 10));

	*first = first_names[f];
	*last = last_names[l];
}

int gen_student_add(sim_gen *g, const gen_student *s, sr_err *err)
{
	int64_t n = g->students++, id = 2000 + n;
	int64_t number = s->number ? s->number : 204000 + n;
	char state[24], web[24], lastfirst[160], room[16];
	const char *first, *last;
	int graduates = g->spec.year + 1 + 12 - (s->grade > 12 ? 12 : s->grade);

	pick_name(g, n, &first, &last);
	snprintf(state, sizeof(state), "%08lld", (long long)(31000 + n)); /* leading zeros, and they matter */
	snprintf(web, sizeof(web), n == 4 ? "00%lld" : "s%lld", (long long)number);
	snprintf(lastfirst, sizeof(lastfirst), "%s, %s", last, first);
	snprintf(room, sizeof(room), "%c%d", 'A' + (int)(n % 4), (int)(n % 30) + 1);
	return gen_put(g, err, GEN_PUT_STUDENT, id + 7, id, number, state, web, first, last, lastfirst, s->grade,
		s->status, s->school, s->school, s->entry, s->exit_excl, n % 2 ? "F" : "M",
		sim_day_make(g->spec.year - 5 - s->grade, 1 + (int)(n % 12), 1 + (int)(n % 28)), graduates, graduates,
		40000 + n, 70000 + n, room);
}

/* The current spell: from the first day (some came later) to the day after the last. */
static int add_students(sim_gen *g, const gen_school *school, sr_err *err)
{
	int grades = school->p.high - school->p.low + 1;
	int first = gen_first_day(g->spec.year) + school->p.first_offset, last = gen_last_day(g->spec.year);

	for (int i = 0; i < school->students; i++) {
		bool second = g->spec.hurts && g->students == 1, late = g->spec.hurts && i % 37 == 36;
		gen_student s = { .number = second ? 1042 : 0,
			.school = school->p.number,
			.grade = school->students == 1 ? school->p.low + 3 : school->p.low + i % grades,
			.entry = late ? first + 60 : first,
			.exit_excl = last + 1 };
		if (gen_student_add(g, &s, err))
			return -1;
	}
	return 0;
}

/* Who comes next year to a school that nobody feeds. */
static int add_preregistered(sim_gen *g, const gen_school *school, sr_err *err)
{
	int grades = school->p.high - school->p.low + 1, coming = school->students / grades;
	int64_t fed = 0;

	if (sim_sql_int(g->db, &fed, err,
		    "select 1 from schools where high_grade + 1 = ?"
		    " and high_grade >= 0",
		    "n", school->p.low) < 0)
		return -1;
	for (int i = 0; i < coming && !fed; i++) {
		gen_student s = { .school = school->p.number,
			.grade = school->p.low,
			.status = -1,
			.entry = gen_first_day(g->spec.year + 1),
			.exit_excl = gen_last_day(g->spec.year + 1) + 1 };
		if (gen_student_add(g, &s, err))
			return -1;
	}
	return 0;
}

/* Last year's graduates, and the statuses that are nobody's student any more. */
static int add_former(sim_gen *g, sr_err *err)
{
	const gen_school *last = &g->schools[g->spec.schools - 1];
	int first = gen_first_day(g->spec.year), end = gen_last_day(g->spec.year - 1) + 1;
	int graduates = g->spec.students / 25 + 2;
	const gen_student others[] = {
		{ .school = last->p.number,
			.grade = last->p.high,
			.status = 1,
			.entry = first,
			.exit_excl = first + 40 },
		{ .school = last->p.number, .grade = last->p.high, .status = 4, .entry = end - 250, .exit_excl = end },
		/* never came */
		{ .school = last->p.number, .grade = last->p.low, .status = 0, .entry = first, .exit_excl = first },
	};

	for (int i = 0; i < graduates; i++) {
		gen_student s = {
			.school = SIM_GRADUATED_SCHOOL, .grade = 99, .status = 3, .entry = end, .exit_excl = end
		};
		if (gen_student_add(g, &s, err))
			return -1;
	}
	for (size_t i = 0; i < SR_COUNT_OF(others); i++)
		if (gen_student_add(g, &others[i], err))
			return -1;
	return sim_sql_run(g->db, err,
		"update students set graduated_schoolid = ?, graduated_schoolname = ? where schoolid = ?", "iti",
		(int64_t)last->p.number, last->name, SIM_GRADUATED_SCHOOL);
}

int gen_next_schools(sqlite3 *db, int since, sr_err *err)
{
	/* The own school if it has the next grade, else one that begins with it (of the same thousand,
	 * by turns), else graduation: found once for each school and grade. */
	static const char ways[] =
		"drop table if exists temp.gen_way;"
		"create temp table gen_way(school integer, grade integer, odd integer, number integer,"
		" primary key (school, grade, odd)) without rowid;"
		"insert into gen_way select h.school_number, g.value, o.value, coalesce("
		" case when g.value + 1 <= h.high_grade then h.school_number end,"
		" (select min((s.school_number / 1000 <> h.school_number / 1000) * 20000000"
		"   + (o.value + s.dcid) % 2 * 10000000 + s.school_number) % 10000000"
		"   from schools s where s.low_grade = g.value + 1 and s.issummerschool = 0), 999999)"
		" from schools h, json_each('[-3,-2,-1,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]') g,"
		" json_each('[0,1]') o;";
	static const char sql[] =
		"update or fail students set next_school = w.number, sched_nextyeargrade ="
		" case when w.number = 999999 then 99 else grade_level + 1 end from temp.gen_way w"
		" where w.school = students.schoolid and w.grade = students.grade_level and w.odd = students.id % 2"
		" and enroll_status = 0 and exitdate > entrydate and entrydate >= ?";
	static const char coming[] = "update students set next_school = schoolid, sched_nextyeargrade = grade_level"
				     " where enroll_status = -1";

	return sim_sql_script(db, ways, err) || sim_sql_run(db, err, sql, "d", since) ||
			       sim_sql_run(db, err, coming, "")
		       ? -1
		       : 0;
}

/* One person on the staff of one school. `number` NULL: the next one, with its leading zeros. */
static int add_staff(sim_gen *g, const gen_school *school, int staffstatus, const char *number, sr_err *err)
{
	int64_t n = g->users++, id = 700 + g->staff++;
	char teachernumber[24], login[32], email[64], lastfirst[160];
	const char *first, *last;

	pick_name(g, n, &first, &last);
	int64_t given = 7 + n * 3;
	given -= given == 1042 || given == 9001; /* these are somebody's already */
	snprintf(teachernumber, sizeof(teachernumber), "%04lld", (long long)given);
	if (number)
		snprintf(teachernumber, sizeof(teachernumber), "%s", number);
	snprintf(login, sizeof(login), "t%s", teachernumber);
	snprintf(email, sizeof(email), "t%s@cedarvalley.example", teachernumber);
	snprintf(lastfirst, sizeof(lastfirst), "%s, %s", last, first);
	if (gen_put(g, err, GEN_PUT_USER, 2000 + n, first, last, lastfirst,
		    g->spec.hurts && n % 6 == 5 ? "Teddy" : NULL, n % 2 ? "Ms." : "Mr.", email, teachernumber, login,
		    login, school->p.number))
		return -1;
	return gen_put(g, err, GEN_PUT_STAFF, id + 3, id, 2000 + n, (int64_t)school->p.number, 1, staffstatus);
}

static int add_all_staff(sim_gen *g, const gen_school *school, sr_err *err)
{
	int teachers = g->spec.hurts ? school->students / g->spec.class_size + 3
				     : school->students / g->spec.class_size + 1;

	if (school->extra)
		teachers = 1;
	for (int i = 0; i < teachers; i++)
		if (add_staff(g, school, 1, g->spec.hurts && g->users == 1 ? "1042" : NULL, err))
			return -1;
	if (!g->spec.hurts)
		return 0;
	return add_staff(g, school, 2, NULL, err) || add_staff(g, school, 4, NULL, err) ? -1 : 0;
}

/* The two homes of a student's e-mail that are tables (contracts/powerschool.md 16.5). */
static int add_emails(sim_gen *g, sr_err *err)
{
	static const char sql[] =
		"insert into person(dcid, id, firstname, lastname, isactive)"
		" select person_id + 1, person_id, first_name, last_name, 1 from students;"
		"insert into emailaddress(emailaddressid, emailaddress)"
		" select person_id, student_web_id || '@students.cedarvalley.example' from students;"
		"insert into personemailaddressassoc(personemailaddressassocid, personid, emailaddressid,"
		" emailtypecodesetid, isprimaryemailaddress, emailaddresspriorityorder)"
		" select person_id, person_id, person_id, 1, 1, 1 from students;"
		"insert into psm_studentcontacttype(id, name) values(1, 'Mother'), (2, 'Self');"
		"insert into sync_studentmap(studentsdcid, studentid) select dcid, dcid + 900000 from students;"
		"insert into psm_studentcontact(id, studentid, studentcontacttypeid, email)"
		" select dcid, dcid + 900000, 2, student_web_id || '@students.cedarvalley.example'"
		" from students;";

	return sim_sql_script(g->db, sql, err);
}

int gen_people(sim_gen *g, sr_err *err)
{
	for (size_t i = 0; i < g->school_count; i++)
		if (add_students(g, &g->schools[i], err) || add_all_staff(g, &g->schools[i], err))
			return -1;
	for (size_t i = 0; g->spec.hurts && i < g->school_count; i++)
		if (add_preregistered(g, &g->schools[i], err))
			return -1;
	if (g->spec.hurts && add_former(g, err))
		return -1;
	if (g->spec.emails && add_emails(g, err))
		return -1;
	return gen_next_schools(g->db, gen_first_day(g->spec.year), err);
}
