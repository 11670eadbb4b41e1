/* The active-year filter on enrollments and teachings: windows, signs, rows that are gone, and the nights on
 * which nothing may be dropped. */
#include "filter_fixture.h"

static sr_member_fact member(void)
{
	return (sr_member_fact){ .term = semester(),
		.section = SR_V_IN,
		.person = SR_V_IN,
		.released_from = SR_DAY_NONE,
		.role_teaches = true,
		.another_teacher = true };
}

static sr_record enrollment(int64_t sectionid, int64_t termid, const char *enrolled, const char *left)
{
	sr_record r;

	sr_record_init(&r, &sr_src_kinds[SR_SRC_ENROLLMENT]);
	sr_record_set_int(&r, SR_CC_SECTIONID, sectionid);
	sr_record_set_int(&r, SR_CC_TERMID, termid);
	put_day(&r, SR_CC_DATEENROLLED, enrolled);
	put_day(&r, SR_CC_DATELEFT_EXCL, left);
	return r;
}

static sr_record teaching(const char *end)
{
	sr_record r;

	sr_record_init(&r, &sr_src_kinds[SR_SRC_TEACHING]);
	sr_record_set_int(&r, SR_ST_TERMID, 3601);
	put_day(&r, SR_ST_END_DATE, end);
	return r;
}

static void test_enrollment_rows(void **state)
{
	static const struct {
		const char *today;
		int64_t section, term;
		const char *enrolled, *left;
		sr_verdict verdict;
		const char *again;
	} cases[] = {
		{ "2026-09-01", 5, 3601, "2026-08-17", "2026-12-19", SR_V_IN, "2026-12-19" },
		{ "2026-09-01", 5, 3601, "2026-08-17", NULL, SR_V_IN, NULL },
		{ "2026-07-01", 5, 3601, "2026-08-17", "2026-12-19", SR_V_IN, "2026-12-19" }, /* not begun yet */
		{ "2026-09-01", -5, -3601, "2026-08-17", "2026-09-20", SR_V_IN,
			"2026-09-20" }, /* negative, window open */
		{ "2026-09-19", -5, 3601, "2026-08-17", "2026-09-20", SR_V_IN, "2026-09-20" },
		{ "2026-09-20", -5, 3601, "2026-08-17", "2026-09-20", SR_V_DROPPED, NULL },
		{ "2026-09-20", 5, -3601, "2026-08-17", "2026-09-20", SR_V_DROPPED, NULL },
		{ "2026-09-20", 5, 3601, "2026-08-17", "2026-09-20", SR_V_LEFT_EARLY, NULL },
		{ "2026-09-20", -5, -3601, "2026-08-17", "2026-08-17", SR_V_NEVER_ATTENDED, NULL },
		{ "2026-08-01", 5, 3601, "2026-08-17", "2026-08-10", SR_V_NEVER_ATTENDED, NULL },
		{ "2026-12-19", 5, 3601, "2026-08-17", "2026-12-19", SR_V_COMPLETED, NULL },
		{ "2026-12-19", -5, -3601, "2026-08-17", "2026-12-18", SR_V_COMPLETED,
			NULL }, /* closed on the last day */
		{ "2026-12-19", -5, -3601, "2026-08-17", "2026-12-11", SR_V_COMPLETED,
			NULL }, /* just within the grace */
		{ "2026-12-19", -5, -3601, "2026-08-17", "2026-12-10", SR_V_DROPPED, NULL },
		{ "2027-03-01", 5, 3601, "2026-08-17", "2026-12-30", SR_V_COMPLETED, NULL },
		{ "2026-09-01", 5, 3501, "2025-08-18", "2026-06-06", SR_V_OTHER_YEAR, NULL },
		{ "2026-09-01", 5, 3701, "2027-08-17", NULL, SR_V_OTHER_YEAR, NULL },
		{ "2026-09-01", -5, -3501, "2025-08-18", "2025-09-06", SR_V_OTHER_YEAR, NULL },
		{ "2026-09-01", 5, 0, "2026-08-17", NULL, SR_V_OTHER_YEAR, NULL },
	};
	const sr_member_fact f = member();

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(cases); i++) {
		const sr_filter_ctx c = context(cases[i].today);
		sr_record r = enrollment(cases[i].section, cases[i].term, cases[i].enrolled, cases[i].left);
		sr_judged j = sr_filter_enrollment(&c, &r, &f);

		if (j.verdict != cases[i].verdict || j.again != (cases[i].again ? day(cases[i].again) : SR_DAY_NONE))
			fail_msg("case %zu: %s, again %d", i, sr_verdict_name(j.verdict), j.again);
	}
}

static void test_enrollment_facts(void **state)
{
	const sr_filter_ctx c = context("2026-09-20");
	sr_record early = enrollment(5, 3601, "2026-08-17", "2026-09-20"),
		  live = enrollment(5, 3601, "2026-08-17", NULL);
	sr_member_fact f = member();
	sr_judged j;

	(void)state;
	assert_int_equal(sr_filter_enrollment(&c, &early, &f).effect, SR_EF_LEAVE);
	f.confirmed = true;
	assert_int_equal(sr_filter_enrollment(&c, &early, &f).effect, SR_EF_DROP);
	f.released_from = day("2026-09-21");
	j = sr_filter_enrollment(&c, &early, &f);
	assert_true(j.verdict == SR_V_NOT_RELEASED && j.effect == SR_EF_LEAVE && j.again == day("2026-09-21"));
	f.released_from = day("2026-09-20");
	assert_int_equal(sr_filter_enrollment(&c, &live, &f).verdict, SR_V_IN);
	f.person = SR_V_INACTIVE;
	assert_int_equal(sr_filter_enrollment(&c, &early, &f).verdict, SR_V_PERSON_NOT_IN);
	f.section = SR_V_TERM_UNMAPPED;
	assert_int_equal(sr_filter_enrollment(&c, &early, &f).verdict, SR_V_SECTION_NOT_IN);
}

static void test_teachings(void **state)
{
	sr_filter_ctx c = context("2026-10-01");
	sr_record open = teaching(NULL), today = teaching("2026-10-01"), ended = teaching("2026-09-30"),
		  late = teaching("2026-12-11");
	sr_member_fact f = member();
	sr_record lead;
	sr_judged j;

	(void)state;
	assert_int_equal(sr_filter_teaching(&c, &open, &f).verdict, SR_V_IN);
	j = sr_filter_teaching(&c, &today, &f); /* the end is inclusive */
	assert_true(j.verdict == SR_V_IN && j.again == day("2026-10-02"));
	j = sr_filter_teaching(&c, &ended, &f);
	assert_true(j.verdict == SR_V_ENDED && j.effect == SR_EF_DROP);
	f.another_teacher = false;
	assert_int_equal(sr_filter_teaching(&c, &ended, &f).verdict, SR_V_LAST_TEACHER);
	f.another_teacher = true;
	c = context("2026-12-20");
	assert_int_equal(sr_filter_teaching(&c, &late, &f).verdict, SR_V_COMPLETED);
	f.role_teaches = false;
	assert_int_equal(sr_filter_teaching(&c, &ended, &f).verdict, SR_V_EXCLUDED);
	sr_record_init(&lead, &sr_src_kinds[SR_SRC_LEAD]);
	sr_record_set_int(&lead, SR_LEAD_TERMID, 3601);
	j = sr_filter_teaching(&c, &lead, &f); /* a lead teaches by being the lead, and has no dates */
	assert_true(j.verdict == SR_V_IN && j.again == SR_DAY_NONE);
	sr_record_set_int(&lead, SR_LEAD_TERMID, 3501);
	assert_int_equal(sr_filter_teaching(&c, &lead, &f).verdict, SR_V_OTHER_YEAR);
}

static void test_gone_rows(void **state)
{
	sr_filter_ctx c = context("2026-08-10");
	sr_record live = enrollment(5, 3601, "2026-08-17", "2026-12-19"), taught = teaching(NULL);
	sr_member_fact f = member();
	sr_judged j = sr_filter_gone(&c, &live, &f);

	(void)state;
	assert_true(j.verdict == SR_V_ABSENT && j.effect == SR_EF_LEAVE);
	f.confirmed = true;
	j = sr_filter_gone(&c, &live, &f);
	assert_true(j.verdict == SR_V_ABSENT && j.effect == SR_EF_DROP && j.again == day("2026-12-11"));
	assert_int_equal(sr_filter_gone(&c, &taught, &f).effect, SR_EF_DROP);
	f.another_teacher = false;
	assert_int_equal(sr_filter_gone(&c, &taught, &f).verdict, SR_V_LAST_TEACHER);
	c = context("2026-12-11"); /* a system that strips its memberships when the term ends */
	assert_int_equal(sr_filter_gone(&c, &live, &f).verdict, SR_V_COMPLETED);
	c = context("2026-10-01");
	f.section = SR_V_TERM_UNMAPPED;
	assert_int_equal(sr_filter_gone(&c, &live, &f).effect, SR_EF_LEAVE);
	for (int k = 0; k < SR_FK_COUNT; k++)
		assert_int_equal(sr_filter_absent((sr_fkind)k).effect,
			k == SR_FK_ENROLLMENT || k == SR_FK_TEACHING ? SR_EF_DROP : SR_EF_LEAVE);
}

/* Everybody of a class on a night on which classes end: how many memberships would be dropped? */
static int drops_on(const char *today, int64_t sign, const char *left)
{
	const sr_filter_ctx c = context(today);
	sr_member_fact f = member();
	int drops = 0;

	f.confirmed = true;
	for (int i = 1; i <= 30; i++) {
		sr_record cc = enrollment(sign * i, sign * 3601, "2026-08-17", left),
			  gone = enrollment(i, 3601, "2026-08-17", left);
		sr_record st = teaching(left);

		drops += sr_filter_enrollment(&c, &cc, &f).effect == SR_EF_DROP;
		drops += sr_filter_gone(&c, &gone, &f).effect == SR_EF_DROP;
		drops += sr_filter_teaching(&c, &st, &f).effect == SR_EF_DROP;
	}
	return drops;
}

static void test_nights_without_drops(void **state)
{
	static const char *const nights[] = { "2026-12-17", "2026-12-18", "2026-12-19", "2026-12-20", "2027-01-04",
		"2027-06-30" };
	static const char *const ends[] = { "2026-12-19", "2026-12-18", "2026-12-14" /* seniors check out */,
		"2026-12-11", NULL };

	(void)state;
	for (size_t n = 0; n < SR_COUNT_OF(nights); n++) {
		for (size_t e = 0; e < SR_COUNT_OF(ends); e++) {
			assert_int_equal(drops_on(nights[n], 1, ends[e]), 0);
			assert_int_equal(drops_on(nights[n], -1, ends[e]), 0);
		}
	}
	assert_true(drops_on("2026-12-20", -1, "2026-12-10") > 0); /* the test can fail */
}

static sr_record any_membership(chance *c, bool enrolls)
{
	sr_record r;
	const int64_t base = day("2026-07-01"), sign = chance_one_in(c, 3) ? -1 : 1;

	sr_record_init(&r, &sr_src_kinds[enrolls ? SR_SRC_ENROLLMENT : SR_SRC_TEACHING]);
	sr_record_set_int(&r, enrolls ? SR_CC_TERMID : SR_ST_TERMID, sign * (3400 + chance_below(c, 400)));
	if (enrolls) {
		sr_record_set_int(&r, SR_CC_SECTIONID, (chance_one_in(c, 3) ? -1 : 1) * (1 + chance_below(c, 9)));
		sr_record_set_int(&r, SR_CC_DATEENROLLED, base + chance_below(c, 200));
	}
	if (!chance_one_in(c, 5))
		sr_record_set_int(&r, enrolls ? SR_CC_DATELEFT_EXCL : SR_ST_END_DATE, base + chance_below(c, 200));
	return r;
}

static sr_member_fact any_fact(chance *c)
{
	sr_member_fact f = member();

	f.confirmed = chance_one_in(c, 2);
	f.another_teacher = chance_one_in(c, 2);
	f.role_teaches = !chance_one_in(c, 4);
	f.section = chance_one_in(c, 5) ? SR_V_TERM_UNMAPPED : SR_V_IN;
	f.person = chance_one_in(c, 5) ? SR_V_INACTIVE : SR_V_IN;
	if (chance_one_in(c, 4))
		f.released_from = day("2026-07-01") + (sr_day)chance_below(c, 100);
	return f;
}

typedef sr_judged (*judge_fn)(const sr_filter_ctx *c, const sr_record *row, const sr_member_fact *f);

static void check_until_again(chance *ch, judge_fn judge, const sr_record *r)
{
	sr_filter_ctx c = context("2026-07-01");
	const sr_member_fact f = any_fact(ch);
	const sr_day end = c.today + 250;
	sr_judged now = judge(&c, r, &f);

	for (; c.today < end; c.today++) {
		sr_judged j = judge(&c, r, &f);

		assert_true(j.again == SR_DAY_NONE || j.again > c.today);
		assert_int_not_equal(j.effect, SR_EF_IMPOSSIBLE);
		if (now.again == SR_DAY_NONE || c.today < now.again) {
			assert_int_equal(j.verdict, now.verdict);
			assert_int_equal(j.effect, now.effect);
			continue;
		}
		now = j;
	}
}

/* A verdict holds until the date it names: nothing changes behind the back of who waits for it. */
static void test_again_is_never_late(void **state)
{
	chance ch = { 5 };

	(void)state;
	for (int n = 0; n < 3000; n++) {
		bool enrolls = chance_one_in(&ch, 2);
		sr_record r = any_membership(&ch, enrolls);

		check_until_again(&ch, enrolls ? sr_filter_enrollment : sr_filter_teaching, &r);
		check_until_again(&ch, sr_filter_gone, &r);
	}
}

/* A drop is always of the active year, of people and sections that are let in. */
static void test_drops_are_narrow(void **state)
{
	chance ch = { 6 };
	int drops = 0;

	(void)state;
	for (int n = 0; n < 20000; n++) {
		sr_filter_ctx c = context("2026-07-01");
		bool enrolls = chance_one_in(&ch, 2);
		sr_record r = any_membership(&ch, enrolls);
		sr_member_fact f = any_fact(&ch);
		judge_fn judge = chance_one_in(&ch, 2) ? sr_filter_gone
				 : enrolls             ? sr_filter_enrollment
						       : sr_filter_teaching;

		c.today += (sr_day)chance_below(&ch, 300);
		if (judge(&c, &r, &f).effect != SR_EF_DROP)
			continue;
		drops++;
		assert_int_equal(sr_year_of_termid(sr_record_int(&r, enrolls ? SR_CC_TERMID : SR_ST_TERMID, 0)), YEAR);
		assert_true(f.section == SR_V_IN && f.person == SR_V_IN);
		assert_true(f.released_from == SR_DAY_NONE || c.today >= f.released_from || !enrolls);
	}
	assert_true(drops > 100);
}

static void test_votes(void **state)
{
	chance ch = { 8 };

	(void)state;
	for (int n = 0; n < 5000; n++) {
		sr_votes votes = { 0 };
		int seen[SR_EF_COUNT] = { 0 }, rows = (int)chance_below(&ch, 5);
		bool admin = false;

		for (int i = 0; i < rows; i++) {
			sr_effect e = (sr_effect)chance_below(&ch, 3);
			bool teacher = chance_one_in(&ch, 2);

			sr_votes_add(&votes, e, teacher);
			seen[e]++;
			admin |= e == SR_EF_SYNC && teacher;
		}
		assert_int_equal(sr_votes_want(&votes), !rows               ? SR_WANT_NOTHING
							: seen[SR_EF_SYNC]  ? SR_WANT_PRESENT
							: seen[SR_EF_LEAVE] ? SR_WANT_LEAVE
									    : SR_WANT_DROP);
		assert_int_equal(votes.admin, admin);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_enrollment_rows),
		cmocka_unit_test(test_enrollment_facts),
		cmocka_unit_test(test_teachings),
		cmocka_unit_test(test_gone_rows),
		cmocka_unit_test(test_nights_without_drops),
		cmocka_unit_test(test_again_is_never_late),
		cmocka_unit_test(test_drops_are_narrow),
		cmocka_unit_test(test_votes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
