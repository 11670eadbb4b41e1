/* The v1 resources as tables: what a row shows, how a list is cut and ordered.
 * Never seen outside ps_*.c. */
#pragma once
#include "ps_filter.h"
#include "ps_service.h"

/* One member of a row. */
typedef struct sim_ps_member {
	const char *path; /* "name.first_name": first_name within name */
	const char *expr; /* SQL; NULL leaves the member out */
	const char *part; /* the expansion or extension that it belongs to; NULL: always there */
	bool json;        /* the SQL yields JSON: a list, a truth value */
	/* A switch that must be on (or off) for it to be there: 1 + offset within sim_ps_quirks. */
	size_t only_with, not_with;
} sim_ps_member;

typedef struct sim_ps_resource {
	const char *plural, *singular;
	const char *expansions, *extensions; /* as the wrapper names them; NULL: none */
	const char *from, *key, *order;
	const char *current; /* holds unless `q` names `year_selector`; may use :year and :school; NULL: nothing */
	const char *year_selector;
	const sim_ps_member *members;
	size_t member_count;
	const sim_ps_selector *selectors;
	size_t selector_count;
} sim_ps_resource;

typedef enum sim_ps_scope { SIM_PS_OF_DISTRICT, SIM_PS_OF_SCHOOL, SIM_PS_OF_SECTION } sim_ps_scope;

typedef struct sim_ps_list {
	const sim_ps_resource *resource;
	sim_ps_scope scope;
	const char *where;      /* may use :school (its number) or :section (its ID), and :year */
	const char *standard;   /* holds unless there is a `q`; NULL: nothing */
	size_t standard_unless; /* a switch that lifts it, as above */
	size_t unpaged_with;    /* a switch that makes it ignore pages, as above */
} sim_ps_list;

extern const sim_ps_resource sim_ps_school, sim_ps_term, sim_ps_student, sim_ps_staff, sim_ps_course, sim_ps_section,
	sim_ps_section_enrollment;
extern const sim_ps_list sim_ps_district_schools, sim_ps_district_students, sim_ps_school_terms, sim_ps_school_students,
	sim_ps_school_staff, sim_ps_school_courses, sim_ps_school_sections, sim_ps_section_enrollments;
