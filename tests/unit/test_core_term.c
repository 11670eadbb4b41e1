/* The term linter: each rule with a case that meets it and one that does not. */
#include "core_fixture.h"

#include "core/term.h"

#define YEAR 36

typedef struct scene {
	sr_term_use use;
	sr_period periods[3];
} scene;

static sr_period period(int64_t id, const char *title, const char *start, const char *end)
{
	return (sr_period){ .id = id, .title = title, .start = day(start), .end = day(end), .exists = true };
}

/* The first semester, mapped to one period of its very days. */
static void good(scene *s)
{
	*s = (scene){ .use = { .used = true, .sections = 44, .enrollments = 612, .period_count = 1 } };
	s->use.term = (sr_term){ .id = 3601,
		.school = 101,
		.yearid = YEAR,
		.portion = 2,
		.name = "Semester 1",
		.abbreviation = "S1",
		.first = day("2026-08-17"),
		.last = day("2026-12-18") };
	s->periods[0] = period(71, "2026-2027 Semester 1", "2026-08-17", "2026-12-18");
	for (size_t i = 0; i < SR_COUNT_OF(s->periods); i++)
		s->use.periods[i] = &s->periods[i];
}

static size_t lint(const scene *s, sr_lint_finding *out, size_t max)
{
	return sr_term_lint(&s->use, YEAR, day("2026-08-17"), day("2027-06-04"), out, max);
}

static bool sound(const scene *s)
{
	return sr_term_sound(&s->use, YEAR, day("2026-08-17"), day("2027-06-04"));
}

static bool finds(const scene *s, sr_lint_rule rule, sr_lint_level level)
{
	sr_lint_finding found[20];
	size_t n = lint(s, found, SR_COUNT_OF(found));

	for (size_t i = 0; i < n; i++)
		if (found[i].rule == rule && found[i].level == level && found[i].term == s->use.term.id)
			return true;
	return false;
}

static void test_a_good_map_has_no_findings(void **state)
{
	scene s;

	(void)state;
	good(&s);
	assert_int_equal(lint(&s, NULL, 0), 0);
	assert_true(sound(&s));
}

static void test_unmapped(void **state)
{
	scene s;

	(void)state;
	good(&s);
	s.use.period_count = 0;
	assert_true(finds(&s, SR_LINT_UNMAPPED, SR_LINT_ERROR));
	assert_false(sound(&s));
	s.use.forced = true; /* what is not there cannot be forced */
	assert_true(finds(&s, SR_LINT_UNMAPPED, SR_LINT_ERROR));
	s.use.used = false;
	assert_false(finds(&s, SR_LINT_UNMAPPED, SR_LINT_ERROR));
	assert_true(finds(&s, SR_LINT_NOT_USED, SR_LINT_NOTE));
	assert_false(sound(&s));
}

static void test_period_gone(void **state)
{
	scene s;

	(void)state;
	good(&s);
	s.periods[0].exists = false;
	s.use.forced = true;
	assert_true(finds(&s, SR_LINT_PERIOD_GONE, SR_LINT_ERROR));
	assert_false(sound(&s));
}

static void test_last_year_period(void **state)
{
	scene s;

	(void)state;
	good(&s);
	s.periods[0].used_last_year = true;
	assert_true(finds(&s, SR_LINT_LAST_YEAR_PERIOD, SR_LINT_ERROR));
	assert_false(sound(&s));
	good(&s);
	s.periods[0] = period(70, "Semester 1", "2025-08-18", "2026-08-16");
	assert_true(finds(&s, SR_LINT_LAST_YEAR_PERIOD, SR_LINT_ERROR));
	assert_false(finds(&s, SR_LINT_NO_OVERLAP, SR_LINT_ERROR)); /* said once is enough */
	s.use.forced = true;
	assert_true(finds(&s, SR_LINT_LAST_YEAR_PERIOD, SR_LINT_WARNING));
	assert_true(sound(&s));
	good(&s);
	s.periods[0] = period(70, "Semester 1", "2025-08-18", "2026-08-17");
	assert_false(finds(&s, SR_LINT_LAST_YEAR_PERIOD, SR_LINT_ERROR));
}

static void test_no_overlap(void **state)
{
	scene s;

	(void)state;
	good(&s);
	s.periods[0] = period(72, "Semester 2", "2026-12-19", "2027-06-04");
	assert_true(finds(&s, SR_LINT_NO_OVERLAP, SR_LINT_ERROR));
	assert_false(sound(&s));
	s.periods[0].start = day("2026-12-18");
	assert_false(finds(&s, SR_LINT_NO_OVERLAP, SR_LINT_ERROR));
	s.periods[0] = period(72, "Summer", "2026-07-01", "2026-08-17");
	assert_int_equal(lint(&s, NULL, 0), 2); /* a gap and other dates, no more */
	assert_false(finds(&s, SR_LINT_NO_OVERLAP, SR_LINT_ERROR));
	assert_true(sound(&s));
}

/* A semester in a district of quarters carries both. */
static void two_quarters(scene *s, const char *first_end, const char *second_start)
{
	good(s);
	s->use.period_count = 2;
	s->periods[0] = period(82, "2026-2027 Q2", second_start, "2026-12-18");
	s->periods[1] = period(81, "2026-2027 Q1", "2026-08-17", first_end);
}

static void test_gap_and_double_cover(void **state)
{
	scene s;

	(void)state;
	two_quarters(&s, "2026-10-16", "2026-10-19"); /* a weekend */
	assert_int_equal(lint(&s, NULL, 0), 0);
	two_quarters(&s, "2026-10-16", "2026-10-20"); /* a long one */
	assert_int_equal(lint(&s, NULL, 0), 0);
	two_quarters(&s, "2026-10-16", "2026-10-21");
	assert_true(finds(&s, SR_LINT_GAP, SR_LINT_WARNING));
	assert_true(sound(&s));
	two_quarters(&s, "2026-10-19", "2026-10-19");
	assert_true(finds(&s, SR_LINT_DOUBLE_COVER, SR_LINT_WARNING));
	assert_false(finds(&s, SR_LINT_GAP, SR_LINT_WARNING));
	good(&s);
	s.periods[0].end = day("2026-12-01");
	assert_true(finds(&s, SR_LINT_GAP, SR_LINT_WARNING));
	assert_true(finds(&s, SR_LINT_DATES_DIFFER, SR_LINT_WARNING));
	/* One period inside another opens no gap behind it. */
	two_quarters(&s, "2026-12-18", "2026-09-01");
	s.periods[0].end = day("2026-10-01");
	assert_false(finds(&s, SR_LINT_GAP, SR_LINT_WARNING));
}

static void test_dates_differ(void **state)
{
	scene s;

	(void)state;
	good(&s);
	s.periods[0].start = day("2026-08-16");
	assert_true(finds(&s, SR_LINT_DATES_DIFFER, SR_LINT_WARNING));
	assert_false(finds(&s, SR_LINT_GAP, SR_LINT_WARNING));
	assert_true(sound(&s));
}

static void test_title_year(void **state)
{
	static const char *const wrong[] = { "2025-2026 S1", "S1 2025-26", "Q1 25-26", "T1 | IS 25/26", "Fall 2025",
		"2027-2028 S1" };
	static const char *const right[] = { "2026-2027 S1", "S1 26-27", "Fall 2026", "Spring 2027", "S1", "Room 1202",
		"2026-27", "12-34", "Q1 26/27", "12345", "S1 12", "20251" };
	scene s;

	(void)state;
	good(&s);
	for (size_t i = 0; i < SR_COUNT_OF(wrong); i++) {
		s.periods[0].title = wrong[i];
		if (!finds(&s, SR_LINT_TITLE_YEAR, SR_LINT_WARNING))
			fail_msg("%s: no finding", wrong[i]);
	}
	for (size_t i = 0; i < SR_COUNT_OF(right); i++) {
		s.periods[0].title = right[i];
		if (finds(&s, SR_LINT_TITLE_YEAR, SR_LINT_WARNING))
			fail_msg("%s: a finding", right[i]);
	}
	assert_true(sound(&s));
}

static void test_not_used(void **state)
{
	scene s;

	(void)state;
	good(&s);
	s.use.used = false;
	assert_true(finds(&s, SR_LINT_NOT_USED, SR_LINT_NOTE));
	assert_true(sound(&s));
}

static void test_gravest_first_and_bounded(void **state)
{
	sr_lint_finding one = { 0 };
	scene s;

	(void)state;
	two_quarters(&s, "2026-10-10", "2026-10-19");
	s.periods[0].title = "2025-2026 Q2";
	s.periods[0].used_last_year = true;
	assert_true(lint(&s, &one, 1) >= 3);
	assert_int_equal(one.level, SR_LINT_ERROR);
	assert_int_equal(one.period, 82);
	for (int r = 0; r < SR_LINT_COUNT; r++)
		assert_string_not_equal(sr_lint_rule_name((sr_lint_rule)r), "?");
}

static sr_term_use term(int64_t id, int portion, const char *first, const char *last)
{
	return (sr_term_use){ .term = { .id = id,
				      .school = 101,
				      .yearid = (int)(id / 100),
				      .is_year = portion == 1,
				      .portion = portion,
				      .first = day(first),
				      .last = day(last) } };
}

static void a_year(sr_term_use t[6])
{
	t[0] = term(3600, 1, "2026-08-17", "2027-06-04");
	t[1] = term(3601, 2, "2026-08-17", "2026-12-18");
	t[2] = term(3602, 2, "2027-01-05", "2027-06-04");
	t[3] = term(3603, 4, "2026-08-17", "2026-10-16");
	t[4] = term(3604, 4, "2027-03-22", "2027-06-04");
	t[5] = term(3504, 4, "2026-03-22", "2026-06-04");
}

static void test_used_terms(void **state)
{
	sr_term_use t[6];

	(void)state;
	a_year(t);
	sr_term_mark_used(t, 6, YEAR);
	assert_true(t[0].used && t[3].used && t[4].used);
	assert_false(t[1].used || t[2].used || t[5].used);
	t[1].sections = 3;
	t[5].sections = 9; /* of another year */
	sr_term_mark_used(t, 6, YEAR);
	assert_true(t[1].used);
	assert_false(t[0].used || t[2].used || t[3].used || t[4].used || t[5].used);
}

static void test_parents(void **state)
{
	sr_term_use t[6];

	(void)state;
	a_year(t);
	assert_ptr_equal(sr_term_parent(t, 6, &t[3].term), &t[1].term);
	assert_ptr_equal(sr_term_parent(t, 6, &t[4].term), &t[2].term);
	assert_ptr_equal(sr_term_parent(t, 6, &t[1].term), &t[0].term);
	assert_null(sr_term_parent(t, 6, &t[0].term));
	assert_null(sr_term_parent(t, 6, &t[5].term));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_map_has_no_findings),
		cmocka_unit_test(test_unmapped),
		cmocka_unit_test(test_period_gone),
		cmocka_unit_test(test_last_year_period),
		cmocka_unit_test(test_no_overlap),
		cmocka_unit_test(test_gap_and_double_cover),
		cmocka_unit_test(test_dates_differ),
		cmocka_unit_test(test_title_year),
		cmocka_unit_test(test_not_used),
		cmocka_unit_test(test_gravest_first_and_bounded),
		cmocka_unit_test(test_used_terms),
		cmocka_unit_test(test_parents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
