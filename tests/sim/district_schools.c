/* Places and times: schools, their terms and the preferences. A school's shape (grades, kind of
 * terms) follows from its number, so that later years can be made without remembering anything.
 * Numbers above 1000 repeat the first five schools for larger districts. */
#include <stdio.h>
#include <string.h>

#include "district_int.h"

/* clang-format off */
static const gen_profile ordinary[] = {
	{ 101, "Adams Elementary", "ADE", 0,  5, GEN_YEAR,       0 },
	{ 102, "Brook Elementary", "BRE", 0,  5, GEN_TRIMESTERS, 0 },
	{ 312, "Cedar Middle",     "CEM", 6,  8, GEN_SEMESTERS,  0 },
	{ 415, "North High",       "NOH", 9, 12, GEN_QUARTERS,   0 },
	{ 420, "South High",       "SOH", 9, 12, GEN_SEMESTERS,  2 },
};

/* Which of them a district of one to four schools has, so that students have somewhere to go. */
static const int chosen[5][5] = {
	{ 0 }, { 0 }, { 2, 3 }, { 0, 2, 3 }, { 0, 1, 2, 3 },
};

static const gen_profile extras[] = {
	{ 500,  "Hillside Academy",      "HSA",  0, 12, GEN_YEAR,   0 }, /* one student */
	{ 510,  "Willow Early Learning", "WEL", -2, -1, GEN_YEAR,   0 }, /* none at all */
	{ 9900, "Cedar Valley Summer",   "SUM",  0, 12, GEN_SUMMER, 0 },
};

/* In order of creation: sub-term ids carry no meaning, so some schools made the second half first. */
typedef struct part {
	const char *name, *abbreviation;
	int portion, week_from, week_to; /* week_to 0: the last day of the year */
} part;

static const part parts[GEN_STRUCTURES][5] = {
	[GEN_SEMESTERS] = {
		{ "Semester 2", "S2", 2, 22, 0 }, { "Semester 1", "S1", 2, 0, 22 },
	},
	[GEN_TRIMESTERS] = {
		{ "Trimester 1", "T1", 3, 0, 14 }, { "Trimester 3", "T3", 3, 29, 0 }, { "Trimester 2",
		  "T2", 3, 14, 29 },
	},
	[GEN_QUARTERS] = {
		{ "Quarter 1", "Q1", 4, 0, 9 }, { "Quarter 2", "Q2", 4, 9, 22 }, { "Quarter 3",
		  "Q3", 4, 22, 31 },
		{ "Quarter 4", "Q4", 4, 31, 0 },
	},
};

static const char *const slot_terms[GEN_STRUCTURES][GEN_SLOTS] = {
	[GEN_YEAR]       = { "", "", "", "", "", "" },
	[GEN_SEMESTERS]  = { "", "", "S1", "S1", "S2", "S2" },
	[GEN_TRIMESTERS] = { "", "", "", "T1", "T2", "T3" },
	[GEN_QUARTERS]   = { "", "", "Q1", "Q2", "Q3", "Q4" },
	[GEN_SUMMER]     = { "", "", "", "", "", "" },
};
/* clang-format on */

static const gen_profile *profile_of(int64_t school)
{
	static const gen_profile district = { 0, "District", "D", 0, 12, GEN_YEAR, 0 };

	for (size_t i = 0; i < SR_COUNT_OF(extras); i++)
		if (extras[i].number == school)
			return &extras[i];
	for (size_t i = 0; i < SR_COUNT_OF(ordinary); i++)
		if (ordinary[i].number == school % 1000)
			return &ordinary[i];
	return &district;
}

const char *const *gen_slot_terms(int64_t school)
{
	return slot_terms[profile_of(school)->structure];
}

int gen_first_day(int start_year)
{
	return sim_day_weekday(sim_day_make(start_year, 8, 15), 0); /* the third Monday of August */
}

int gen_last_day(int start_year)
{
	return sim_day_weekday(sim_day_make(start_year + 1, 6, 1), 4); /* the first Friday of June */
}

static int put_term(sqlite3 *db, int64_t school, int yearid, int n, const part *p, int first, int last, sr_err *err)
{
	int64_t dcid = 100;

	if (sim_sql_int(db, &dcid, err, "select coalesce(max(dcid), 100) + 1 from terms", "") < 0)
		return -1;
	return sim_sql_run(db, err,
		"insert into terms(dcid, id, schoolid, yearid, isyearrec, portion, name, abbreviation,"
		" firstday, lastday,"
		" noofdays, suppresspublicview) values(?,?,?,?,?,?,?,?,?,?,?,0)",
		"iiinnnttddn", dcid, (int64_t)yearid * 100 + n, school, yearid, n == 0, p->portion, p->name,
		p->abbreviation, first, last, (last - first) * 5 / 7);
}

int gen_terms(sqlite3 *db, int64_t school, int yearid, sr_err *err)
{
	const gen_profile *profile = profile_of(school);
	int start = yearid + 1990, first = gen_first_day(start) + profile->first_offset, last = gen_last_day(start);
	char name[32], abbreviation[32];
	const part year = { name, abbreviation, 1, 0, 0 };
	int64_t there;

	int rc = sim_sql_int(
		db, &there, err, "select 1 from terms where schoolid = ? and yearid = ?", "in", school, yearid);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (profile->structure == GEN_SUMMER) {
		first = sim_day_make(start + 1, 6, 15);
		last = sim_day_make(start + 1, 7, 24);
	}
	snprintf(name, sizeof(name), "%d-%d", start, start + 1);
	snprintf(abbreviation, sizeof(abbreviation), "%02d-%02d", start % 100, (start + 1) % 100);
	if (put_term(db, school, yearid, 0, &year, first, last, err))
		return -1;
	for (int i = 0; i < 5 && parts[profile->structure][i].name; i++) {
		const part *p = &parts[profile->structure][i];
		int from = p->week_from ? gen_first_day(start) + 7 * p->week_from : first;
		int to = p->week_to ? gen_first_day(start) + 7 * p->week_to - 3 : last;
		if (put_term(db, school, yearid, i + 1, p, from, to, err))
			return -1;
	}
	return 0;
}

static int add_school(sim_gen *g, const gen_profile *profile, bool extra, int group, sr_err *err)
{
	if (g->school_count == GEN_SCHOOLS_MAX)
		return sr_fail(err, SR_E_RANGE, "at most %d schools", GEN_SCHOOLS_MAX);
	gen_school *s = &g->schools[g->school_count++];
	s->p = *profile;
	s->p.number += group * 1000;
	s->extra = extra;
	s->dcid = (int64_t)g->school_count;
	snprintf(s->name, sizeof(s->name), group ? "%s %d" : "%s", profile->name, group + 1);
	return gen_put(g, err, GEN_PUT_SCHOOL, s->dcid, s->dcid + 40, (int64_t)s->p.number, s->name,
		profile->abbreviation, profile->low, profile->high, (int)s->dcid, profile->structure == GEN_SUMMER, 0);
}

static int choose_schools(sim_gen *g, sr_err *err)
{
	for (int i = 0; i < g->spec.schools; i++) {
		int which = g->spec.schools < 5 ? chosen[g->spec.schools][i] : i % 5;
		if (add_school(g, &ordinary[which], false, i / 5, err))
			return -1;
	}
	for (size_t i = 0; g->spec.extras && i < SR_COUNT_OF(extras); i++)
		if (add_school(g, &extras[i], true, 0, err))
			return -1;
	int64_t last = g->school_count < 80 ? 90 : (int64_t)g->school_count + 10;
	return gen_put(g, err, GEN_PUT_SCHOOL, last, last, SIM_GRADUATED_SCHOOL, "Graduated Students", "GRAD", 99, 99,
		(int)last, 0, 1);
}

/* Students are spread evenly; the held school is the second, the early one the third (or the
 * other one, in a district of two). */
static void share_out(sim_gen *g)
{
	int n = g->spec.schools;

	for (int i = 0; i < n; i++) {
		gen_school *s = &g->schools[i];
		s->students = g->spec.students / n + (i < g->spec.students % n);
		s->held = n > 1 && i >= 1 && i < 1 + g->spec.hold;
		s->early = !s->held && (i + n - (n > 2 ? 2 : 0)) % n < g->spec.early;
	}
	for (size_t i = (size_t)n; i < g->school_count; i++)
		g->schools[i].students = g->schools[i].p.number == 500;
}

int gen_schools(sim_gen *g, sr_err *err)
{
	if (choose_schools(g, err))
		return -1;
	share_out(g);
	for (int yearid = g->yearid - 1; yearid <= g->yearid + 1; yearid++) {
		if (gen_terms(g->db, 0, yearid, err))
			return -1;
		for (size_t i = 0; i < g->school_count; i++)
			if (!(g->schools[i].held && yearid > g->yearid) &&
				gen_terms(g->db, g->schools[i].p.number, yearid, err))
				return -1;
	}
	return 0;
}

int gen_prefs(sim_gen *g, sr_err *err)
{
	static const char put[] = "insert into prefs(dcid, id, name, value, schoolid, yearid, userid)"
				  " values(?,?,?,?,0,0,0)";
	char archive[16], promoted[24];

	snprintf(archive, sizeof(archive), "%d", g->yearid);
	snprintf(promoted, sizeof(promoted), "6/20/%d", g->spec.year);
	if (sim_sql_run(g->db, err, put, "iitt", (int64_t)1, (int64_t)1, "coursearchiveyear", archive) ||
		sim_sql_run(g->db, err, put, "iitt", (int64_t)2, (int64_t)2, "lastpromotiondate", promoted) ||
		sim_sql_run(g->db, err, put, "iitt", (int64_t)3, (int64_t)3, "districtnumber", "4242"))
		return -1;
	/* What PREFS is full of besides: nobody may ask for these. */
	return sim_sql_run(g->db, err, put, "iitt", (int64_t)4, (int64_t)4, "mailserverpassword", "not-for-you") ||
			       sim_sql_run(
				       g->db, err, put, "iitt", (int64_t)5, (int64_t)5, "coursearchiveyear-S101", "12")
		       ? -1
		       : 0;
}
