/* What the generator's parts share, and what the district's later life needs of them.
 * Never seen by the services. */
#pragma once
#include "district.h"
#include "district_db.h"

#define GEN_ORDINARY_MAX 300 /* schools; besides: the extras and the graduates' */
#define GEN_SCHOOLS_MAX (GEN_ORDINARY_MAX + 8)
#define GEN_SLOTS 6

typedef enum gen_structure {
	GEN_YEAR,
	GEN_SEMESTERS,
	GEN_TRIMESTERS,
	GEN_QUARTERS,
	GEN_SUMMER,
	GEN_STRUCTURES
} gen_structure;

typedef struct gen_profile {
	int number;
	const char *name, *abbreviation;
	int low, high;
	gen_structure structure;
	int first_offset; /* days after the district's first day of school */
} gen_profile;

typedef struct gen_school {
	gen_profile p;
	char name[64];
	int64_t dcid;
	int students;
	bool extra, held, early;
} gen_school;

typedef enum gen_table { GEN_PUT_SCHOOL, GEN_PUT_STUDENT, GEN_PUT_USER, GEN_PUT_STAFF, GEN_PUT_COUNT } gen_table;

typedef struct sim_gen {
	sqlite3 *db;
	sim_district_spec spec;
	uint64_t rng;
	int yearid;
	sqlite3_stmt *put[GEN_PUT_COUNT];
	gen_school schools[GEN_SCHOOLS_MAX];
	size_t school_count;
	int64_t students, users, staff; /* made so far */
} sim_gen;

uint64_t gen_random(uint64_t *state);
static inline int gen_below(sim_gen *g, int bound)
{
	return (int)(gen_random(&g->rng) % (uint64_t)bound);
}
int gen_put(sim_gen *g, sr_err *err, gen_table table, ...);
/* With `g->spec` set: begins the one transaction that fills the world; then exactly one gen_close,
 * unless it failed. */
int gen_open(sim_gen *g, sim_world *w, uint64_t seed, sr_err *err);
int gen_close(sim_gen *g, int rc, sr_err *err);
/* What the district's later life has to know of how it was made. */
int gen_remember(sim_gen *g, uint64_t seed, sr_err *err);

/* district_bulk.c: what would slow down millions of rows is taken away, and comes back. */
int gen_bulk_prepare(sqlite3 *db, sr_err *err); /* before the transaction */
int gen_bulk_begin(sqlite3 *db, sr_err *err);   /* without the class rows' indexes and without triggers */
int gen_bulk_indexes(sqlite3 *db, sr_err *err); /* the indexes are back */
int gen_bulk_end(sqlite3 *db, sr_err *err);     /* and the triggers */

/* district_schools.c */
int gen_schools(sim_gen *g, sr_err *err);
int gen_prefs(sim_gen *g, sr_err *err);
/* The terms of one school (0: the district) in one year; nothing if it has them. */
int gen_terms(sqlite3 *db, int64_t school, int yearid, sr_err *err);
int gen_first_day(int start_year);
int gen_last_day(int start_year);
/* Abbreviations of the terms that the six slots of a school lie in; "" is the year term. */
const char *const *gen_slot_terms(int64_t school);

/* district_people.c */
int gen_people(sim_gen *g, sr_err *err);
/* One more student, active at `school` or pre-registered for the coming year. */
typedef struct gen_student {
	int64_t number; /* 0: the next one */
	int64_t school;
	int grade, status;
	int entry, exit_excl;
} gen_student;
int gen_student_add(sim_gen *g, const gen_student *s, sr_err *err);
/* Sets NEXT_SCHOOL and SCHED_NEXTYEARGRADE of the students whose spell began on or after `since`. */
int gen_next_schools(sqlite3 *db, int since, sr_err *err);

/* district_classes.c: SECTIONS, SECTIONTEACHER, CC and missing COURSES of one school and year,
 * from the students and staff in the tables. Nothing if sections are there already. */
typedef enum gen_cohort {
	GEN_COHORT_NOW,    /* active there, spell in that year */
	GEN_COHORT_NEXT,   /* NEXT_SCHOOL says so */
	GEN_COHORT_BEFORE, /* active there now, a grade lower then */
	GEN_COHORT_COUNT
} gen_cohort;
typedef struct gen_classes_options {
	int slots, class_size;
	bool hurts;
} gen_classes_options;
int gen_classes(
	sqlite3 *db, int64_t school, int yearid, gen_cohort cohort, const gen_classes_options *options, sr_err *err);
/* The options the district was made with, for its later life. */
int gen_classes_options_load(sqlite3 *db, gen_classes_options *out, sr_err *err);

/* district_hurts.c, district_sgy.c */
int gen_roles(sqlite3 *db, sr_err *err); /* ROLEDEF */
int gen_hurts(sim_gen *g, sr_err *err);
int gen_schoology(sim_gen *g, uint64_t seed, sr_err *err);
