/* A district made from a line of text and a seed: both services' tables, filled.
 * Never draws chance from anywhere but the seed; never touches a filled world. */
#pragma once
#include "sim.h"

/* What a spec says: `key=value` parts after an optional preset name, separated by commas
 * ("quickstart", "small,students=30", "schools=5,students=4000,year=2025"). */
typedef struct sim_district_spec {
	int schools, students; /* ordinary schools, and their students together */
	int year;              /* the current school year's first calendar year */
	int slots;             /* classes a student takes in a year, 1..6 */
	int class_size;
	int history;  /* 1: last year's sections, classes and spells too */
	int hurts;    /* 1: drops, co-teachers, people at two schools, twins in number ... */
	int extras;   /* 1: a school of one student, an empty school, a summer school */
	int hold;     /* how many schools have no next-year terms yet */
	int early;    /* how many schools have committed next year's schedule already */
	int emails;   /* 1: students' e-mail addresses in both of their homes */
	int handmade; /* 1: a course, a section, members and accounts made by hand in Schoology */
	int no_code;  /* 1: the last school's building has no building_code */
} sim_district_spec;

/* -1: unknown key, preset or a number outside its bounds; `err` names it. */
int sim_district_parse(const char *text, sim_district_spec *out, sr_err *err);

/* Fills an empty world. The same spec and seed make the same rows. */
int sim_district_make(sim_world *w, const char *spec, uint64_t seed, sr_err *err);

/* The acting user's key, made from the seed; what `serve` writes as credentials. */
void sim_district_keys(uint64_t seed, char schoology_key[33], char schoology_secret[41], char powerschool_id[37],
	char powerschool_secret[37]);

#define SIM_ACTING_UID ((int64_t)4711902)
#define SIM_ORGANISATION_ID ((int64_t)2908525646)
#define SIM_GRADUATED_SCHOOL ((int64_t)999999)
