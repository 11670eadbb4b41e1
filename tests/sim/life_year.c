/* A year's life. Two tables: what the calendar brings on one day of the school year, and what
 * happens now and then, with a rate by the season. Every draw comes from the seed and the day, and
 * every event is a mutation that a person could have typed; one that finds nothing to change on
 * this day (a student without classes, say) does not happen. */
#include <stdio.h>
#include <string.h>

#include "life_int.h"

#define SEASONS_MAX 3
#define ARG_MAX 24

typedef struct year_day {
	sim_world *world;
	sqlite3 *db;
	uint64_t rng;
	int day, first, last, second_half; /* today, and the school year it belongs to */
	int64_t active;                    /* students */
	char today[11];
	sr_buf *say;
	int64_t *count;
} year_day;

static int64_t below(year_day *y, int64_t bound)
{
	return bound > 0 ? (int64_t)(gen_random(&y->rng) % (uint64_t)bound) : 0;
}

/* Does one mutation, and writes it down. What is refused did not happen. */
static int happen(year_day *y, const char *name, int argc, const char *const *argv, sr_err *err)
{
	sr_err why = { 0 };
	SR_AUTO(sr_buf) quiet = { 0 };

	if (sim_mutate(y->world, name, argc, argv, &quiet, &why)) {
		if (why.code != SR_E_DB && why.code != SR_E_NOMEM)
			return 0;
		*err = why;
		return -1;
	}
	sr_buf_printf(y->say, "%s mutate %s", y->today, name);
	for (int i = 0; i < argc; i++)
		sr_buf_printf(y->say, " %s", argv[i]);
	sr_buf_putc(y->say, '\n');
	++*y->count;
	return 0;
}

/* ---- draws: 1 found, 0 nobody, -1 failure ---- */

/* Whoever comes first at or behind a drawn key; keys have few gaps. */
static int draw(year_day *y, const char *bounds, const char *pick, char out[ARG_MAX], sr_err *err)
{
	int64_t range = 0, key, found = 0;

	if (sim_sql_int(y->db, &range, err, bounds, "") < 0)
		return -1;
	key = below(y, range) + 1;
	int rc = sim_sql_int(y->db, &found, err, pick, "it", key, y->today);
	if (rc == 1)
		snprintf(out, ARG_MAX, "%lld", (long long)found);
	return rc;
}

static int draw_student(year_day *y, char out[ARG_MAX], sr_err *err)
{
	return draw(y, "select max(dcid) from students",
		"select cast(student_number as integer) from students where dcid >= ?1 and enroll_status = 0"
		" and exitdate > max(entrydate, ?2) and schoolid <> 999999 order by dcid limit 1",
		out, err);
}

/* A section in session, or to come. */
static int draw_section(year_day *y, char out[ARG_MAX], sr_err *err)
{
	return draw(y, "select max(dcid) from sections",
		"select s.dcid from sections s join terms t on t.schoolid = s.schoolid and t.id = s.termid"
		" where s.dcid >= ?1 and t.lastday > ?2 order by s.dcid limit 1",
		out, err);
}

/* One of the student's classes; with `other`, a class of the same course and term besides. */
static int draw_class(year_day *y, const char *student, char out[ARG_MAX], char *other, sr_err *err)
{
	static const char mine[] = "select s.dcid from cc join sections s on s.id = cc.sectionid where cc.studentid ="
				   " (select id from students where student_number = ?1) and cc.dateleft > ?2 order by "
				   "(cc.dcid * 7919 + ?3)"
				   " % 9973 limit 1";
	static const char twin[] =
		"select o.dcid from sections s join sections o on o.course_number = s.course_number and o.schoolid ="
		" s.schoolid and o.termid = s.termid and o.id <> s.id where s.dcid = ?1 order by (o.dcid * 7919 + ?2) "
		"% 9973"
		" limit 1";
	int64_t chance = below(y, 9973), section = 0;

	int rc = sim_sql_int(y->db, &section, err, mine, "tti", student, y->today, chance);
	if (rc != 1)
		return rc;
	snprintf(out, ARG_MAX, "%lld", (long long)section);
	if (!other)
		return 1;
	rc = sim_sql_int(y->db, &section, err, twin, "ii", section, chance);
	snprintf(other, ARG_MAX, "%lld", (long long)section);
	return rc;
}

/* ---- what happens now and then ---- */

static int event_enrol(year_day *y, sr_err *err)
{
	char student[ARG_MAX], school[ARG_MAX], grade[ARG_MAX];
	const char *const argv[] = { school, grade };
	int64_t at[2] = { 0, 0 };
	int rc = draw_student(y, student, err); /* where he is, there somebody new comes */

	if (rc != 1)
		return rc;
	if (sim_sql_int(y->db, &at[0], err, "select schoolid from students where student_number = ?", "t", student) <
			0 ||
		sim_sql_int(y->db, &at[1], err, "select grade_level from students where student_number = ?", "t",
			student) < 0)
		return -1;
	snprintf(school, sizeof(school), "%lld", (long long)at[0]);
	snprintf(grade, sizeof(grade), "%lld", (long long)at[1]);
	return happen(y, "new-student", 2, argv, err);
}

static int event_drop(year_day *y, sr_err *err)
{
	char student[ARG_MAX], section[ARG_MAX];
	const char *const argv[] = { student, section };
	int rc = draw_student(y, student, err);

	if (rc == 1)
		rc = draw_class(y, student, section, NULL, err);
	return rc == 1 ? happen(y, "drop-enrollment", 2, argv, err) : rc;
}

static int event_churn(year_day *y, sr_err *err)
{
	char student[ARG_MAX], from[ARG_MAX], to[ARG_MAX];
	const char *const argv[] = { student, from, to };
	int rc = draw_student(y, student, err);

	if (rc == 1)
		rc = draw_class(y, student, from, to, err);
	return rc == 1 ? happen(y, "move-student", 3, argv, err) : rc;
}

/* To a school with the same grade; and then into a classmate's classes. */
static int event_transfer(year_day *y, sr_err *err)
{
	static const char other[] =
		"select h.school_number from students s join schools h on s.grade_level between h.low_grade and "
		"h.high_grade"
		" and h.school_number <> s.schoolid and h.issummerschool = 0 and h.school_number <> 999999 and"
		" exists (select 1 from terms t where t.schoolid = h.school_number and t.lastday > ?2)"
		" where s.student_number = ?1 order by (h.dcid * 31 + ?3) % 997 limit 1";
	char student[ARG_MAX], school[ARG_MAX];
	const char *const argv[] = { student, school };
	int64_t number = 0;
	int rc = draw_student(y, student, err);

	if (rc == 1)
		rc = sim_sql_int(y->db, &number, err, other, "tti", student, y->today, below(y, 997));
	if (rc != 1)
		return rc;
	snprintf(school, sizeof(school), "%lld", (long long)number);
	return happen(y, "change-school", 2, argv, err) || happen(y, "take-classes", 1, argv, err) ? -1 : 0;
}

static int one_student(year_day *y, const char *what, sr_err *err)
{
	char student[ARG_MAX];
	const char *const argv[] = { student };
	int rc = draw_student(y, student, err);

	return rc == 1 ? happen(y, what, 1, argv, err) : rc;
}

static int event_leave_district(year_day *y, sr_err *err)
{
	return one_student(y, "transfer-out", err);
}

static int event_no_show(year_day *y, sr_err *err)
{
	return one_student(y, "no-show", err);
}

static int event_name(year_day *y, sr_err *err)
{
	static const char *const names[] = { "Ash-Lee", "De León", "Fitzgerald", "Ørsted", "Quincey", "O'Hara" };
	char student[ARG_MAX];
	const char *const argv[] = { student, names[below(y, SR_COUNT_OF(names))] };
	int rc = draw_student(y, student, err);

	return rc == 1 ? happen(y, "name-change", 2, argv, err) : rc;
}

static int one_section(year_day *y, const char *what, sr_err *err)
{
	char section[ARG_MAX];
	const char *const argv[] = { section };
	int rc = draw_section(y, section, err);

	return rc == 1 ? happen(y, what, 1, argv, err) : rc;
}

static int event_substitute(year_day *y, sr_err *err)
{
	return one_section(y, "substitute", err);
}

static int event_leave(year_day *y, sr_err *err)
{
	return one_section(y, "teacher-leaves", err);
}

/* Somebody who shares a class without an end (a substitute, mostly) has his last day today. */
static int event_return(year_day *y, sr_err *err)
{
	char section[ARG_MAX];
	const char *const argv[] = { section, y->today };
	int rc = draw(y, "select max(sectionid) from sectionteacher where roleid = 2 and end_date is null",
		"select s.dcid from sectionteacher x join sections s on s.id = x.sectionid where x.sectionid >= ?1"
		" and x.roleid = 2 and x.end_date is null and ?2 > '' order by x.sectionid limit 1",
		section, err);

	return rc == 1 ? happen(y, "end-teaching", 2, argv, err) : rc;
}

typedef int (*event_fn)(year_day *y, sr_err *err);

/* Where a season begins and ends. */
typedef enum anchor { FIRST, SECOND_HALF, LAST } anchor;

typedef struct season {
	anchor anchor;
	int from, to; /* days behind the anchor */
	int rate;     /* per 100,000 students and day of school */
} season;

/* clang-format off */
static const struct { event_fn fn; int rate; season seasons[SEASONS_MAX]; } events[] = {
	/* fn                  rest  seasons */
	{ event_enrol,           15, { { FIRST, -10,  20, 150 }, { SECOND_HALF, -3, 10, 40 } } },
	{ event_drop,            10, { { FIRST,   0,  25, 250 }, { SECOND_HALF, -5,  5, 80 } } },
	{ event_churn,            8, { { FIRST,  -5,  15, 600 }, { SECOND_HALF, -5,  5, 250 } } },
	{ event_transfer,         6, { { FIRST, -10,  10,  80 } } },
	{ event_leave_district,  12, { { FIRST, -30,  15,  40 } } },
	{ event_no_show,          0, { { FIRST,   8,  12, 120 } } },
	{ event_name,             5, { { FIRST, -10,  20,  10 } } },
	{ event_substitute,      12, { { FIRST,   5,  60,  15 } } },
	{ event_return,          10, { { SECOND_HALF, 0, 30, 15 } } },
	{ event_leave,            3, { { FIRST,   0,  15,  10 }, { SECOND_HALF, -2, 2, 20 } } },
};
/* clang-format on */

static int days_behind(const year_day *y, anchor a)
{
	return y->day - (a == FIRST ? y->first : a == LAST ? y->last : y->second_half);
}

/* The rates hold from ten days before the first day of school to the last. */
static int rate_of(const year_day *y, size_t event)
{
	int rate = y->day >= y->first - 10 && y->day <= y->last ? events[event].rate : 0;

	for (size_t i = 0; i < SEASONS_MAX; i++) {
		const season *s = &events[event].seasons[i];
		int behind = days_behind(y, s->anchor);
		if (s->rate > rate && behind >= s->from && behind <= s->to)
			rate = s->rate;
	}
	return rate;
}

static int run_events(year_day *y, sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT_OF(events); i++) {
		int64_t weight = y->active * rate_of(y, i), times = weight / 100000;
		times += below(y, 100000) < weight % 100000;
		while (times-- > 0)
			if (events[i].fn(y, err) < 0)
				return -1;
	}
	return 0;
}

/* ---- what the calendar brings ---- */

static int next_terms(year_day *y, sr_err *err)
{
	const char *const argv[] = { "all" };

	return happen(y, "add-next-terms", 1, argv, err);
}

static int summer_school(year_day *y, sr_err *err)
{
	char count[ARG_MAX];
	const char *const argv[] = { count };

	snprintf(count, sizeof(count), "%lld", (long long)(y->active / 40 + 1));
	return happen(y, "summer-school", 1, argv, err);
}

/* One opens like the school with the most students; the smallest that has a twin of another kind closes. */
static int open_school(year_day *y, sr_err *err)
{
	static const char largest[] =
		"select schoolid from students where enroll_status = 0 and schoolid <> 999999 group by 1"
		" order by count(*) desc, 1 limit 1";
	int64_t like = 0;
	char number[ARG_MAX];
	const char *const argv[] = { number };
	int rc = sim_sql_int(y->db, &like, err, largest, "");

	snprintf(number, sizeof(number), "%lld", (long long)like);
	return rc == 1 ? happen(y, "open-school", 1, argv, err) : rc;
}

static int close_school(year_day *y, sr_err *err)
{
	static const char pair[] =
		"select a.school_number * 1000000 + b.school_number from schools a join schools b on b.low_grade = "
		"a.low_grade"
		" and b.high_grade = a.high_grade and b.school_number <> a.school_number and b.issummerschool = 0"
		" where a.school_number % 1000 <> (select school_number % 1000 from schools where school_number <> "
		"999999"
		" order by dcid desc limit 1) and a.issummerschool = 0 and a.state_excludefromreporting = 0 and "
		"b.state_excludefromreporting = 0"
		" and exists (select 1 from students s where s.schoolid = a.school_number)"
		" and exists (select 1 from students s where s.schoolid = b.school_number)"
		" order by (select count(*) from students s where s.schoolid = a.school_number), a.dcid, b.dcid limit "
		"1";
	int64_t both = 0;
	char from[ARG_MAX], into[ARG_MAX];
	const char *const argv[] = { from, into };
	int rc = sim_sql_int(y->db, &both, err, pair, "");

	snprintf(from, sizeof(from), "%lld", (long long)(both / 1000000));
	snprintf(into, sizeof(into), "%lld", (long long)(both % 1000000));
	return rc == 1 ? happen(y, "close-school", 2, argv, err) : rc;
}

/* A tenth of the staff that teaches nothing any more goes; as many come. */
static int staff_changes(year_day *y, sr_err *err)
{
	int64_t staff = 0;
	char number[ARG_MAX], school[ARG_MAX];
	const char *const leaver[] = { number };
	const char *const place[] = { school };

	if (sim_sql_int(y->db, &staff, err, "select count(*) from schoolstaff where status = 1 and staffstatus = 1",
		    "") < 0)
		return -1;
	for (int64_t i = 0; i < staff / 20 + 1; i++) {
		static const char pick[] =
			"select u.teachernumber, f.schoolid from schoolstaff f join users u on u.dcid = f.users_dcid "
			"where"
			" f.id >= ?1 and f.status = 1 and f.staffstatus = 1 and u.dcid <> 2000 order by f.id limit 1";
		SR_AUTO(sim_stmt) q = sim_sql(y->db, err, pick, "i", 700 + below(y, staff));
		int rc = q ? sim_stmt_step(q, err) : -1;
		if (rc != 1)
			return rc;
		snprintf(number, sizeof(number), "%s", (const char *)sqlite3_column_text(q, 0));
		snprintf(school, sizeof(school), "%s", (const char *)sqlite3_column_text(q, 1));
		if (happen(y, "staff-leaves", 1, leaver, err) || happen(y, "hire", 1, place, err))
			return -1;
	}
	return 0;
}

static int end_of_year(year_day *y, sr_err *err)
{
	SR_AUTO(sr_buf) quiet = { 0 };
	sr_err why = { 0 };

	if (sim_eoy(y->world, &(sim_eoy_options){ 0 }, &quiet, &why))
		return why.code == SR_E_STATE ? 0 : (*err = why, -1); /* somebody was quicker */
	sr_buf_printf(y->say, "%s eoy\n", y->today);
	++*y->count;
	return 0;
}

/* The morning behind the last day of a part of the year: some of its classes close with a negative sign. */
static int terms_end(year_day *y, sr_err *err)
{
	static const char over[] = "select schoolid * 100000 + id from terms where isyearrec = 0 and"
				   " lastday = date(?1, '-1 day') and schoolid * 100000 + id > ?2 order by 1 limit 1";
	char school[ARG_MAX], term[ARG_MAX];
	const char *const argv[] = { school, term };
	int64_t key = 0;
	int rc;

	while ((rc = sim_sql_int(y->db, &key, err, over, "ti", y->today, key)) == 1) {
		snprintf(school, sizeof(school), "%lld", (long long)(key / 100000));
		snprintf(term, sizeof(term), "%lld", (long long)(key % 100000));
		if (happen(y, "semester-end", 2, argv, err))
			return -1;
	}
	return rc;
}

/* clang-format off */
static const struct { anchor anchor; int days; event_fn fn; } calendar[] = {
	{ LAST, -95, next_terms },  { LAST, 4, summer_school }, { LAST, 18, staff_changes },
	{ LAST, 25, open_school },  { LAST, 26, close_school }, { LAST, 35, end_of_year },
};
/* clang-format on */

static int run_calendar(year_day *y, sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT_OF(calendar); i++)
		if (days_behind(y, calendar[i].anchor) == calendar[i].days && calendar[i].fn(y, err) < 0)
			return -1;
	return 0;
}

/* A school year lasts, here, until a month before the next one begins. */
static void place_day(year_day *y)
{
	int start, month;

	sim_day_text(y->day, y->today);
	if (sscanf(y->today, "%d-%d", &start, &month) != 2)
		start = 2000;
	while (y->day < gen_first_day(start) - 31)
		start--;
	y->first = gen_first_day(start);
	y->last = gen_last_day(start);
	y->second_half = y->first + 7 * 22;
}

static int run_day(year_day *y, sr_err *err)
{
	bool school_day = (y->day + 3) % 7 < 5; /* 1970-01-01 was a Thursday */

	if (sim_sql_int(y->db, &y->active, err,
		    "select count(*) from students where enroll_status = 0 and schoolid <> 999999", "") < 0)
		return -1;
	return terms_end(y, err) || run_calendar(y, err) || (school_day && run_events(y, err)) ? -1 : 0;
}

int sim_year_day(sim_world *w, uint64_t seed, sr_buf *say, int64_t *count, sr_err *err)
{
	year_day y = { .world = w, .db = w->db, .say = say, .count = count };

	y.day = sim_day_of_ms(sr_clock_wall_ms(&w->clock));
	y.rng = seed ^ ((uint64_t)(uint32_t)y.day << 20) ^ 0x59454152;
	gen_random(&y.rng);
	place_day(&y);
	if (sim_sql_begin(w->db, err))
		return -1;
	return sim_sql_end(w->db, run_day(&y, err), err);
}
