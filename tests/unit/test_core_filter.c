/* The active-year filter: its table against DESIGN section 3, and its rules for sections, courses and people. */
#include "filter_fixture.h"

/* kind x verdict as DESIGN section 3 prints it: s sync, l leave, D drop, . the kind never gets it.
 * The order of kinds is section, course, student, staff, enrollment, teaching. */
static const struct {
	sr_verdict verdict;
	const char *effects;
} design[] = {
	{ SR_V_IN, "ssssss" },
	{ SR_V_SCHOOL_NOT_SYNCED, "l.ll.." },
	{ SR_V_YEAR_UNKNOWN, "l....." },
	{ SR_V_OTHER_YEAR, "l...ll" },
	{ SR_V_EXCLUDED, "llll.l" },
	{ SR_V_TERM_UNMAPPED, "l....." },
	{ SR_V_COURSE_CHANGED, "l....." },
	{ SR_V_NO_ACTIVE_SECTION, ".l...." },
	{ SR_V_PSEUDO_SCHOOL, "..l..." },
	{ SR_V_GRADUATED, "..l..." },
	{ SR_V_NEVER_ATTENDED, "..l.D." },
	{ SR_V_NOT_IN_YEAR, "..l..." },
	{ SR_V_INACTIVE, "..ll.." },
	{ SR_V_ROLE_NOT_MAPPED, "..ll.." },
	{ SR_V_KEY_EMPTY, "..ll.." },
	{ SR_V_KEY_COLLISION, "..ll.." },
	{ SR_V_INCOMPLETE, "..ll.." },
	{ SR_V_SECTION_NOT_IN, "....ll" },
	{ SR_V_PERSON_NOT_IN, "....ll" },
	{ SR_V_NOT_RELEASED, "....l." },
	{ SR_V_COMPLETED, "....ll" },
	{ SR_V_DROPPED, "....D." },
	{ SR_V_LEFT_EARLY, "....D." },
	{ SR_V_ABSENT, "llllDD" },
	{ SR_V_LAST_TEACHER, ".....l" },
	{ SR_V_ENDED, ".....D" },
};

static void test_only_the_marked_verdicts_drop(void **state)
{
	(void)state;
	assert_int_equal(SR_COUNT_OF(design), SR_V_COUNT);
	for (size_t v = 0; v < SR_COUNT_OF(design); v++) {
		assert_int_equal(design[v].verdict, v);
		for (int k = 0; k < SR_FK_COUNT; k++) {
			sr_effect effect = sr_filter_effect((sr_fkind)k, design[v].verdict);

			if ("slD."[effect] != design[v].effects[k])
				fail_msg("%s %s: %s is not what the design says", sr_fkind_name((sr_fkind)k),
					sr_verdict_name(design[v].verdict), sr_effect_name(effect));
		}
	}
}

static void test_names(void **state)
{
	sr_verdict v;

	(void)state;
	for (int i = 0; i < SR_V_COUNT; i++) {
		assert_true(sr_verdict_parse(sr_verdict_name((sr_verdict)i), &v));
		assert_int_equal(v, i);
		assert_true(strlen(sr_verdict_rule((sr_verdict)i)) > 10);
	}
	assert_false(sr_verdict_parse("out", &v));
	assert_int_equal(sr_fkind_of(SR_SRC_LEAD), SR_FK_TEACHING);
	assert_int_equal(sr_fkind_of(SR_SRC_ENROLLMENT), SR_FK_ENROLLMENT);
}

static void test_sections(void **state)
{
	const sr_filter_ctx c = context("2026-09-01");
	const sr_section_fact good = { .term = semester() };
	sr_filter_ctx off = c;
	sr_section_fact f = good;
	SR_AUTO(sr_arena) arena = { 0 };
	sr_record r;

	(void)state;
	sr_record_init(&r, &sr_src_kinds[SR_SRC_SECTION]);
	sr_record_set_int(&r, SR_SEC_TERMID, 3601);
	sr_record_set_text(&r, SR_SEC_COURSE_NUMBER, "ALG1", &arena);
	assert_int_equal(sr_filter_section(&c, &r, &good).verdict, SR_V_IN);
	off.school_synced = false;
	assert_int_equal(sr_filter_section(&off, &r, &good).verdict, SR_V_SCHOOL_NOT_SYNCED);
	f.term.known = false;
	assert_int_equal(sr_filter_section(&c, &r, &f).verdict, SR_V_YEAR_UNKNOWN);
	f = good;
	f.term.yearid = 35; /* the row and the arithmetic disagree */
	assert_int_equal(sr_filter_section(&c, &r, &f).verdict, SR_V_YEAR_UNKNOWN);
	sr_record_set_int(&r, SR_SEC_TERMID, 3501);
	assert_int_equal(sr_filter_section(&c, &r, &f).verdict, SR_V_OTHER_YEAR);
	sr_record_set_int(&r, SR_SEC_TERMID, -3601);
	assert_int_equal(sr_filter_section(&c, &r, &good).verdict, SR_V_IN);
	f = good;
	f.term.mapped = false;
	f.course_changed = true;
	assert_int_equal(sr_filter_section(&c, &r, &f).verdict, SR_V_TERM_UNMAPPED);
	f.term.mapped = true;
	assert_int_equal(sr_filter_section(&c, &r, &f).verdict, SR_V_COURSE_CHANGED);
	f.child = true;
	assert_int_equal(sr_filter_section(&c, &r, &f).verdict, SR_V_EXCLUDED);
	sr_record_set_text(&r, SR_SEC_COURSE_NUMBER, "lunch9", &arena);
	assert_int_equal(sr_filter_section(&c, &r, &good).verdict, SR_V_EXCLUDED);
}

static void test_courses(void **state)
{
	const sr_filter_ctx c = context("2026-09-01");
	SR_AUTO(sr_arena) arena = { 0 };
	sr_record r;

	(void)state;
	sr_record_init(&r, &sr_src_kinds[SR_SRC_COURSE]);
	sr_record_set_text(&r, SR_CRS_COURSE_NUMBER, "ALG1", &arena);
	assert_int_equal(sr_filter_course(&c, &r, 1).verdict, SR_V_IN);
	assert_int_equal(sr_filter_course(&c, &r, 0).verdict, SR_V_NO_ACTIVE_SECTION);
	sr_record_set_text(&r, SR_CRS_COURSE_NUMBER, "HR-09", &arena);
	assert_int_equal(sr_filter_course(&c, &r, 1).verdict, SR_V_EXCLUDED);
}

static sr_record student(int64_t school, int64_t status, const char *entry, const char *exit_excl)
{
	sr_record r;

	sr_record_init(&r, &sr_src_kinds[SR_SRC_STUDENT]);
	sr_record_set_int(&r, SR_STU_SCHOOLID, school);
	sr_record_set_int(&r, SR_STU_ENROLL_STATUS, status);
	sr_record_set_int(&r, SR_STU_GRADE_LEVEL, 9);
	put_day(&r, SR_STU_ENTRYDATE, entry);
	put_day(&r, SR_STU_EXITDATE_EXCL, exit_excl);
	return r;
}

static const sr_person_fact good_person = {
	.home_synced = true, .here = true, .current_somewhere = true, .has_login = true
};

static sr_verdict judge_student(const sr_filter_ctx *c, const sr_record *r, const sr_person_fact *f)
{
	return sr_filter_student(c, r, f).verdict;
}

static void test_students(void **state)
{
	static const struct {
		int64_t school, status;
		const char *entry, *exit_excl;
		sr_verdict verdict;
	} cases[] = {
		{ SCHOOL, 0, "2026-08-17", "2027-06-05", SR_V_IN },
		{ SCHOOL, 0, "2026-08-17", NULL, SR_V_IN },
		{ SCHOOL, 0, NULL, NULL, SR_V_IN },
		{ SCHOOL, 0, "2026-10-05", "2027-06-05", SR_V_IN },
		{ 999999, 3, "2025-08-18", "2026-06-06", SR_V_PSEUDO_SCHOOL },
		{ 999999, 0, "2026-08-17", "2027-06-05", SR_V_PSEUDO_SCHOOL },
		{ SCHOOL, 3, "2025-08-18", "2026-06-06", SR_V_GRADUATED },
		{ SCHOOL, 0, "2026-08-17", "2026-08-17", SR_V_NEVER_ATTENDED },
		{ SCHOOL, 2, "2026-08-17", "2026-08-16", SR_V_NEVER_ATTENDED },
		{ SCHOOL, 0, "2025-08-18", "2026-06-06", SR_V_NOT_IN_YEAR }, /* not promoted yet */
		{ SCHOOL, 0, "2025-08-18", "2026-08-17", SR_V_NOT_IN_YEAR }, /* the exit is exclusive */
		{ SCHOOL, 0, "2025-08-18", "2026-08-18", SR_V_IN },
		{ SCHOOL, 0, "2027-06-04", "2027-07-01", SR_V_IN },
		{ SCHOOL, 0, "2027-06-05", "2027-07-01", SR_V_NOT_IN_YEAR },
		{ SCHOOL + 1, 0, "2025-08-18", "2026-06-06", SR_V_IN }, /* a guest is here by his class */
		{ SCHOOL + 1, 0, "2027-08-16", "2028-06-03", SR_V_IN },
		{ SCHOOL + 1, 2, "2025-08-18", "2026-06-06", SR_V_INACTIVE },
		{ SCHOOL, 2, "2026-08-17", "2026-11-02", SR_V_INACTIVE },
		{ SCHOOL, 1, "2026-08-17", NULL, SR_V_INACTIVE },
		{ SCHOOL, 4, "2026-08-17", NULL, SR_V_INACTIVE },
		{ SCHOOL, -1, "2026-08-17", NULL, SR_V_INACTIVE },
	};
	const sr_filter_ctx c = context("2026-09-01");

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(cases); i++) {
		sr_record r = student(cases[i].school, cases[i].status, cases[i].entry, cases[i].exit_excl);
		sr_verdict v = judge_student(&c, &r, &good_person);

		if (v != cases[i].verdict)
			fail_msg("case %zu: %s", i, sr_verdict_name(v));
	}
}

static void test_student_facts(void **state)
{
	sr_filter_ctx c = context("2026-09-01");
	sr_record r = student(SCHOOL, 0, "2026-08-17", NULL), pre = student(SCHOOL, -1, "2026-08-17", NULL);
	sr_person_fact f = good_person;

	(void)state;
	f.has_login = false;
	assert_int_equal(judge_student(&c, &r, &f), SR_V_INCOMPLETE);
	f.key_collision = true;
	assert_int_equal(judge_student(&c, &r, &f), SR_V_KEY_COLLISION);
	f.key_empty = true;
	assert_int_equal(judge_student(&c, &r, &f), SR_V_KEY_EMPTY);
	sr_record_set_int(&r, SR_STU_GRADE_LEVEL, -1);
	assert_int_equal(judge_student(&c, &r, &f), SR_V_EXCLUDED);
	c.role_student = false;
	assert_int_equal(judge_student(&c, &r, &f), SR_V_ROLE_NOT_MAPPED);
	f = (sr_person_fact){ .here = true, .has_login = true };
	c.role_student = true;
	sr_record_set_int(&r, SR_STU_GRADE_LEVEL, 9);
	assert_int_equal(judge_student(&c, &r, &f), SR_V_IN); /* a visitor: home not synced, a class here */
	f.here = false;
	assert_int_equal(judge_student(&c, &r, &f), SR_V_SCHOOL_NOT_SYNCED);
	c.school_synced = false;
	assert_int_equal(judge_student(&c, &r, &good_person), SR_V_SCHOOL_NOT_SYNCED);
	c = context("2026-09-01");
	c.preregistered = true;
	assert_int_equal(judge_student(&c, &pre, &good_person), SR_V_IN);
	c.year_first = SR_DAY_NONE; /* a year nobody knows lets nobody in */
	assert_int_equal(judge_student(&c, &r, &good_person), SR_V_NOT_IN_YEAR);
}

static sr_record staff(int64_t school, int64_t status, int64_t type)
{
	sr_record r;

	sr_record_init(&r, &sr_src_kinds[SR_SRC_STAFF]);
	sr_record_set_int(&r, SR_STF_SCHOOLID, school);
	sr_record_set_int(&r, SR_STF_STATUS, status);
	sr_record_set_int(&r, SR_STF_STAFFSTATUS, type);
	return r;
}

static void test_staff(void **state)
{
	sr_filter_ctx c = context("2026-09-01");
	sr_record lunch = staff(SCHOOL, 1, 3), teacher = staff(SCHOOL, 1, 1), sub = staff(SCHOOL, 1, 4),
		  gone = staff(SCHOOL, 2, 1);
	sr_record elsewhere = staff(900, 1, 1), unassigned = staff(SCHOOL, 1, 0);
	sr_person_fact f = { .here = true, .has_login = true };

	(void)state;
	assert_int_equal(sr_filter_staff(&c, &teacher, &f).verdict, SR_V_IN);
	assert_int_equal(sr_filter_staff(&c, &gone, &f).verdict, SR_V_INACTIVE);
	f.current_somewhere = true;
	assert_int_equal(sr_filter_staff(&c, &gone, &f).verdict, SR_V_IN);
	assert_int_equal(sr_filter_staff(&c, &sub, &f).verdict, SR_V_ROLE_NOT_MAPPED);
	f.teaches = true;
	assert_int_equal(sr_filter_staff(&c, &sub, &f).verdict, SR_V_IN);
	c.role_staff = false;
	assert_int_equal(sr_filter_staff(&c, &lunch, &f).verdict, SR_V_IN);
	assert_int_equal(sr_filter_staff_role(&lunch, true), SR_ROLE_TEACHER);
	assert_int_equal(sr_filter_staff_role(&lunch, false), SR_ROLE_STAFF);
	assert_int_equal(sr_filter_staff_role(&sub, false), SR_ROLE_SUBSTITUTE);
	f.teaches = false;
	assert_int_equal(sr_filter_staff(&c, &lunch, &f).verdict, SR_V_ROLE_NOT_MAPPED);
	f = (sr_person_fact){ .has_login = true };
	assert_int_equal(sr_filter_staff(&c, &elsewhere, &f).verdict, SR_V_SCHOOL_NOT_SYNCED);
	f.current_somewhere = true; /* a post at another school does not keep him at this one */
	assert_int_equal(sr_filter_staff(&c, &teacher, &f).verdict, SR_V_INACTIVE);
	f.here = true;
	f.key_empty = true;
	assert_int_equal(sr_filter_staff(&c, &teacher, &f).verdict, SR_V_KEY_EMPTY);
	assert_int_equal(sr_filter_staff_role(&unassigned, false), SR_ROLE_COUNT);
	assert_int_equal(sr_filter_staff(&c, &unassigned, &f).verdict, SR_V_ROLE_NOT_MAPPED);
	f.teaches = true;
	assert_int_equal(sr_filter_staff(&c, &unassigned, &f).verdict, SR_V_KEY_EMPTY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_marked_verdicts_drop),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_courses),
		cmocka_unit_test(test_students),
		cmocka_unit_test(test_student_facts),
		cmocka_unit_test(test_staff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
