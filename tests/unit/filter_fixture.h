/* A school in the middle of its year, as the filter sees it: shared by the filter's tests.
 * Never decides what is right: each test says so itself. */
#pragma once
#include "core_fixture.h"

#include "core/filter.h"

#define YEAR 36 /* 2026-2027 */
#define SCHOOL 312

static const char *const patterns[] = { "LUNCH*", "HR-*" };
static const int grades[] = { -2, -1 };

static inline sr_filter_ctx context(const char *today)
{
	return (sr_filter_ctx){
		.school = SCHOOL,
		.school_synced = true,
		.active = YEAR,
		.year_first = day("2026-08-17"),
		.year_last = day("2027-06-04"),
		.today = day(today),
		.end_grace_days = 7,
		.role_student = true,
		.role_teacher = true,
		.role_staff = true,
		.exclude_courses = patterns,
		.exclude_courses_count = SR_COUNT_OF(patterns),
		.exclude_grades = grades,
		.exclude_grades_count = SR_COUNT_OF(grades),
	};
}

/* S1: 3601, the first semester. */
static inline sr_term_fact semester(void)
{
	return (sr_term_fact){
		.known = true, .mapped = true, .yearid = YEAR, .first = day("2026-08-17"), .last = day("2026-12-18")
	};
}
