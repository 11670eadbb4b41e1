/* Classes of one school in one year. A student takes one class per slot; a slot has a department
 * and lies in a term; each grade's students are dealt over as many sections as they need. Which
 * course the last slot offers alternates with the year, so that every year courses go out of use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "district_int.h"

#define GRADES_MAX 16
#define TERMS_MAX 8

typedef struct member {
	int64_t id;
	int grade;
	char entry[11];
} member;

typedef struct term {
	int64_t id;
	char abbreviation[16], first[11], last_excl[11], last[11];
} term;

typedef struct builder {
	sqlite3 *db;
	int64_t school, lender; /* lender: the school that defines the borrowed course numbers; 0: none */
	int yearid;
	const gen_classes_options *options;
	bool first_school;
	member *members;
	size_t member_count;
	int64_t *teachers;
	size_t teacher_count;
	term terms[TERMS_MAX];
	size_t term_count;
	int64_t next_section, next_cc, next_teaching;
	int sections;
	sqlite3_stmt *put_section, *put_cc, *put_teaching;
} builder;

/* One class being dealt out. */
typedef struct class_plan {
	int grade, slot;
	const term *term;
	char number[24], section_number[16];
	int64_t id, teacher;
} class_plan;

static const char *const departments[GEN_SLOTS - 1] = { "Language Arts", "Mathematics", "Science", "Social Studies",
	"Children's Theatre" };

static const char *const cohort_sql[GEN_COHORT_COUNT] = {
	[GEN_COHORT_NOW] = "select id, grade_level, entrydate from students where schoolid = ?1"
			   " and enroll_status = 0"
			   " and exitdate > entrydate and entrydate >= ?2 order by id",
	[GEN_COHORT_NEXT] = "select id, sched_nextyeargrade, ?2 from students where next_school = ?1"
			    " and enroll_status in (0, -1) order by id",
	[GEN_COHORT_BEFORE] = "select id, grade_level - 1, ?2 from students where schoolid = ?1"
			      " and enroll_status = 0"
			      " and exitdate > entrydate and grade_level >"
			      " (select low_grade from schools where school_number = ?1) order by id",
};

static void copy_text(char *out, size_t size, sqlite3_stmt *stmt, int column)
{
	const char *s = (const char *)sqlite3_column_text(stmt, column);

	snprintf(out, size, "%s", s ? s : "");
}

static int load_terms(builder *b, sr_err *err)
{
	SR_AUTO(sim_stmt)
	q = sim_sql(b->db, err,
		"select id, case when isyearrec = 1 then '' else abbreviation end, firstday, date(lastday, '+1"
		" day'), lastday"
		" from terms where schoolid = ? and yearid = ? order by id",
		"in", b->school, b->yearid);
	int rc = q ? 1 : -1;

	while (rc == 1 && b->term_count < TERMS_MAX && (rc = sim_stmt_step(q, err)) == 1) {
		term *t = &b->terms[b->term_count++];
		t->id = sqlite3_column_int64(q, 0);
		copy_text(t->abbreviation, sizeof(t->abbreviation), q, 1);
		copy_text(t->first, sizeof(t->first), q, 2);
		copy_text(t->last_excl, sizeof(t->last_excl), q, 3);
		copy_text(t->last, sizeof(t->last), q, 4);
	}
	return rc < 0 ? -1 : 0;
}

static int load_members(builder *b, gen_cohort cohort, sr_err *err)
{
	SR_AUTO(sim_stmt) q = sim_sql(b->db, err, cohort_sql[cohort], "it", b->school, b->terms[0].first);
	int rc = q ? 1 : -1;

	while (rc == 1 && (rc = sim_stmt_step(q, err)) == 1) {
		if (b->member_count % 256 == 0) {
			member *more = realloc(b->members, (b->member_count + 256) * sizeof(*more));
			if (!more)
				return sr_fail_nomem(err);
			b->members = more;
		}
		member *m = &b->members[b->member_count++];
		m->id = sqlite3_column_int64(q, 0);
		m->grade = sqlite3_column_int(q, 1);
		copy_text(m->entry, sizeof(m->entry), q, 2);
	}
	return rc < 0 ? -1 : 0;
}

static int load_teachers(builder *b, sr_err *err)
{
	SR_AUTO(sim_stmt)
	q = sim_sql(b->db, err,
		"select id, (select count(*) from schoolstaff where schoolid = ?1) from schoolstaff"
		" where schoolid = ?1"
		" and status = 1 and staffstatus = 1 order by id",
		"i", b->school);
	int rc = q ? 1 : -1;

	while (rc == 1 && (rc = sim_stmt_step(q, err)) == 1) {
		if (!b->teachers)
			b->teachers = calloc((size_t)sqlite3_column_int(q, 1), sizeof(*b->teachers));
		if (!b->teachers)
			return sr_fail_nomem(err);
		b->teachers[b->teacher_count++] = sqlite3_column_int64(q, 0);
	}
	return rc < 0 ? -1 : 0;
}

/* The last ordinary school uses course numbers that only the first one defines. */
static int load_places(builder *b, sr_err *err)
{
	int64_t first = 0, last = 0;
	static const char sql[] = "select school_number from schools where issummerschool = 0"
				  " and school_number not in"
				  " (500, 510, 999999) order by dcid";
	static const char reverse[] = "select school_number from schools where issummerschool = 0"
				      " and school_number not in"
				      " (500, 510, 999999) order by dcid desc";

	if (sim_sql_int(b->db, &first, err, sql, "") < 0 || sim_sql_int(b->db, &last, err, reverse, "") < 0)
		return -1;
	b->first_school = first == b->school;
	b->lender = b->options->hurts && last == b->school && first != last ? first : 0;
	return 0;
}

static int load_ids(builder *b, sr_err *err)
{
	b->next_section = b->next_cc = b->next_teaching = 0;
	if (sim_sql_int(b->db, &b->next_section, err, "select coalesce(max(id), 20000) + 1 from sections", "") < 0 ||
		sim_sql_int(b->db, &b->next_cc, err, "select coalesce(max(dcid) - 5, 960000) + 1 from cc", "") < 0 ||
		sim_sql_int(b->db, &b->next_teaching, err,
			"select coalesce(max(id), 5000) + 1"
			" from sectionteacher",
			"") < 0)
		return -1;
	b->put_section = sim_sql(b->db, err,
		"insert into sections(dcid, id, course_number, section_number, schoolid, termid, teacher,"
		" expression,"
		" external_expression, room, no_of_students, maxenrollment, grade_level, gradebooktype)"
		" values(?,?,?,?,?,?,?,?,?,?,0,?,?,2)",
		"");
	b->put_cc = sim_sql(b->db, err,
		"insert into cc(dcid, id, studentid, sectionid, origsectionid, termid, schoolid, course_number,"
		" section_number, teacherid, expression, dateenrolled, dateleft, studyear,"
		" attendance_type_code)"
		" values(?,?,?,?,0,?,?,?,?,?,?,max(?,?),?,?,0)",
		"");
	b->put_teaching = sim_sql(b->db, err,
		"insert into sectionteacher(id, sectionid, teacherid, roleid, start_date, end_date,"
		" allocation, priorityorder)"
		" values(?,?,?,?,?,?,?,?)",
		"");
	return b->put_section && b->put_cc && b->put_teaching ? 0 : -1;
}

static int put_course(
	builder *b, const char *number, const char *name, const char *department, int64_t owner, sr_err *err)
{
	int64_t dcid = 900;

	if (sim_sql_int(b->db, &dcid, err, "select coalesce(max(dcid), 900) + 1 from courses", "") < 0)
		return -1;
	return sim_sql_run(b->db, err,
		"insert into courses(dcid, id, course_number, course_name, schoolid, credittype,"
		" credit_hours, sched_lunchcourse, sched_do_not_print, status)"
		" select ?1, ?1 + 30, ?2, ?3, ?4, ?5, 0.5, 0, 0, 0"
		" where not exists (select 1 from courses where course_number = ?2 and schoolid = ?4)",
		"ittit", dcid, number, name, owner, department);
}

/* Slots 0..3 are district courses, 4 and 5 the school's own; 4 may be borrowed. */
static int make_course(builder *b, class_plan *c, sr_err *err)
{
	int64_t owner = c->slot < 4 ? 0 : b->school;
	bool odd = b->yearid % 2 != 0;
	const char *department = departments[c->slot < 5 ? c->slot : 0];
	char name[64];

	snprintf(c->number, sizeof(c->number), "%02d%02d", c->slot + 1, c->grade);
	snprintf(name, sizeof(name), "%s %d", department, c->grade);
	if (c->slot == 4 && b->lender) {
		snprintf(c->number, sizeof(c->number), "X5%02d", c->grade);
		owner = b->lender;
	} else if (c->slot == 5) {
		snprintf(c->number, sizeof(c->number), "06%02d%c", c->grade, odd ? 'R' : 'F');
		snprintf(name, sizeof(name), odd ? "Robotics \U0001F916 %d" : "Café & Film/Médias %d", c->grade);
	}
	if (put_course(b, c->number, name, department, owner, err))
		return -1;
	/* The district's number, and the first school's own name for it. */
	if (b->options->hurts && b->first_school && c->slot == 0) {
		snprintf(name, sizeof(name), "Reader's Workshop %d", c->grade);
		return put_course(b, c->number, name, department, b->school, err);
	}
	return 0;
}

static const term *term_of_slot(const builder *b, int slot)
{
	const char *want = gen_slot_terms(b->school)[slot];

	for (size_t i = 0; i < b->term_count; i++)
		if (strcmp(b->terms[i].abbreviation, want) == 0)
			return &b->terms[i];
	return &b->terms[0];
}

static int put_teaching(builder *b, const class_plan *c, int64_t teacher, int role, const char *end, sr_err *err)
{
	return sim_stmt_run(b->put_teaching, err, "iiintttn", b->next_teaching++, c->id, teacher, role, c->term->first,
		end, "100", role);
}

/* The lead, and by turns a co-teacher (some without an end), an aide, an observer. */
static int put_teachers(builder *b, const class_plan *c, sr_err *err)
{
	int n = b->sections;
	int64_t other = b->teachers[(size_t)(n + 1) % b->teacher_count];

	if (put_teaching(b, c, c->teacher, 1, c->term->last, err))
		return -1;
	if (!b->options->hurts || other == c->teacher)
		return 0;
	if (n % 9 == 4 && put_teaching(b, c, other, 2, n % 18 == 4 ? NULL : c->term->last, err))
		return -1;
	if (n % 14 == 6 && put_teaching(b, c, other, 3, c->term->last, err))
		return -1;
	return n % 14 == 9 ? put_teaching(b, c, other, 4, c->term->last, err) : 0;
}

static int put_section(builder *b, class_plan *c, int index, sr_err *err)
{
	char expression[16], room[16];

	c->id = b->next_section++;
	c->teacher = b->teachers[(size_t)b->sections % b->teacher_count];
	snprintf(c->section_number, sizeof(c->section_number), "%02d", index + 1);
	snprintf(expression, sizeof(expression), "%d(A)", c->slot + 1);
	snprintf(room, sizeof(room), "%d", 100 + b->sections % 60);
	if (sim_stmt_run(b->put_section, err, "iittiiitttnn", c->id + 11, c->id, c->number, c->section_number,
		    b->school, c->term->id, c->teacher, expression, expression, room, b->options->class_size + 5,
		    c->grade))
		return -1;
	int rc = put_teachers(b, c, err);
	b->sections++;
	return rc;
}

static int put_cc(builder *b, const class_plan *c, const member *m, sr_err *err)
{
	char expression[16];

	if (strcmp(m->entry, c->term->last_excl) >= 0)
		return 0; /* came after that term */
	snprintf(expression, sizeof(expression), "%d(A)", c->slot + 1);
	int64_t id = b->next_cc++;
	return sim_stmt_run(b->put_cc, err, "iiiiiittitttti", id + 5, id, m->id, c->id, c->term->id, b->school,
		c->number, c->section_number, c->teacher, expression, m->entry, c->term->first, c->term->last_excl,
		m->id * 100 + b->yearid);
}

/* Deals the students of one grade over the sections of one slot. */
static int make_slot(builder *b, int grade, int slot, sr_err *err)
{
	int students = 0, seen = 0, sections;
	class_plan plan = { .grade = grade, .slot = slot, .term = term_of_slot(b, slot) };

	for (size_t i = 0; i < b->member_count; i++)
		students += b->members[i].grade == grade;
	if (students == 0)
		return 0;
	sections = (students + b->options->class_size - 1) / b->options->class_size;
	if (make_course(b, &plan, err))
		return -1;
	for (int k = 0; k < sections; k++) {
		if (put_section(b, &plan, k, err))
			return -1;
		seen = 0;
		for (size_t i = 0; i < b->member_count; i++) {
			if (b->members[i].grade != grade)
				continue;
			if ((seen++ + slot * 3) % sections == k && put_cc(b, &plan, &b->members[i], err))
				return -1;
		}
	}
	return 0;
}

static int make_grades(builder *b, sr_err *err)
{
	for (int grade = -2; grade < GRADES_MAX; grade++)
		for (int slot = 0; slot < b->options->slots; slot++)
			if (make_slot(b, grade, slot, err))
				return -1;
	return 0;
}

int gen_classes(
	sqlite3 *db, int64_t school, int yearid, gen_cohort cohort, const gen_classes_options *options, sr_err *err)
{
	builder b = { .db = db, .school = school, .yearid = yearid, .options = options };
	int64_t there;

	int rc = sim_sql_int(db, &there, err,
		"select 1 from sections where schoolid = ? and termid between ?"
		" and ?",
		"inn", school, yearid * 100, yearid * 100 + 99);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = load_terms(&b, err);
	if (rc != 0 || b.term_count == 0)
		goto out;
	rc = load_members(&b, cohort, err) || load_teachers(&b, err) || load_places(&b, err) || load_ids(&b, err) ? -1
														  : 0;
	if (rc == 0 && b.teacher_count > 0 && b.member_count > 0)
		rc = make_grades(&b, err);
out:
	sqlite3_finalize(b.put_section);
	sqlite3_finalize(b.put_cc);
	sqlite3_finalize(b.put_teaching);
	free(b.members);
	free(b.teachers);
	return rc;
}
