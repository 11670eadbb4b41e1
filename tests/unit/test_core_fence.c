/* The fence: says the year a second time, and agrees with the filter that said it first. */
#include "core_fixture.h"

#include "core/fence.h"

static sr_fence_state open_school(void)
{
	return (sr_fence_state){ .school = { .phase = SR_PH_SYNCING, .epoch = 4, .active = 36, .verified = 36 },
		.school_number = 312,
		.plan_epoch = 4 };
}

static sr_fence_object object(sr_tgt kind, sr_stage stage, sr_yearid year)
{
	return (sr_fence_object){ .kind = kind, .stage = stage, .year = year, .course_has_section = true };
}

static void test_the_school(void **state)
{
	sr_fence_state s = open_school();

	(void)state;
	assert_int_equal(sr_fence_school(&s), SR_FENCE_OK);
	s.stop = true;
	assert_int_equal(sr_fence_school(&s), SR_FENCE_STOPPED);
	s.blocked = true;
	assert_int_equal(sr_fence_school(&s), SR_FENCE_BLOCKED);
	s.school.phase = SR_PH_YEAR_SET;
	assert_int_equal(sr_fence_school(&s), SR_FENCE_PHASE);
	s.plan_epoch = 3;
	assert_int_equal(sr_fence_school(&s), SR_FENCE_STALE);
	s = open_school();
	s.school.phase = SR_PH_PAUSED;
	assert_int_equal(sr_fence_school(&s), SR_FENCE_PHASE);
	s.manual = true;
	assert_int_equal(sr_fence_school(&s), SR_FENCE_OK);
	s.year_over = true;
	assert_int_equal(sr_fence_school(&s), SR_FENCE_PHASE);
}

static void test_objects(void **state)
{
	sr_fence_state s = open_school();
	sr_fence_object o = object(SR_TGT_SECTION, SR_SG_COURSE_UPSERT, 36);

	(void)state;
	assert_int_equal(sr_fence_object_judge(&s, &o), SR_FENCE_OK);
	o.year = SR_YEARID_NONE; /* unknown is not ours to write */
	assert_int_equal(sr_fence_object_judge(&s, &o), SR_FENCE_OTHER_YEAR);
	s.school.active = SR_YEARID_NONE; /* nor do two unknown years agree */
	assert_int_equal(sr_fence_object_judge(&s, &o), SR_FENCE_OTHER_YEAR);
	s = open_school();
	o = object(SR_TGT_MEMBERSHIP, SR_SG_STUDENT_DROP, 35);
	assert_int_equal(sr_fence_object_judge(&s, &o), SR_FENCE_OTHER_YEAR);
	o.year = 36;
	assert_int_equal(sr_fence_object_judge(&s, &o), SR_FENCE_OK);
	o = object(SR_TGT_USER, SR_SG_USER_UPDATE, 0);
	assert_int_equal(sr_fence_object_judge(&s, &o), SR_FENCE_OK);
	o.highest = 37;
	assert_int_equal(sr_fence_object_judge(&s, &o), SR_FENCE_OLDER_YEAR);
	o.highest = 36;
	o.is_acting_user = true;
	assert_int_equal(sr_fence_object_judge(&s, &o), SR_FENCE_ACTING_USER);
	o = object(SR_TGT_MEMBERSHIP, SR_SG_TEACHER_DROP, 36);
	o.is_acting_user = true;
	assert_int_equal(sr_fence_object_judge(&s, &o), SR_FENCE_ACTING_USER);
	o.stage = SR_SG_TEACHER_ADD; /* his classes are his: only nothing is taken from him */
	assert_int_equal(sr_fence_object_judge(&s, &o), SR_FENCE_OK);
	o = object(SR_TGT_COURSE, SR_SG_COURSE_UPSERT, 0);
	o.course_has_section = false;
	assert_int_equal(sr_fence_object_judge(&s, &o), SR_FENCE_NO_SECTION);
	o = object(SR_TGT_USER, SR_SG_STUDENT_ADD, 0); /* a yearless disguise */
	assert_int_equal(sr_fence_object_judge(&s, &o), SR_FENCE_NOT_SENT);
	for (int i = 0; i < SR_FENCE_COUNT; i++)
		assert_string_not_equal(sr_fence_verdict_name((sr_fence_verdict)i), "?");
}

/* The only DELETE goes through its own kind of run, and that run carries nothing else. */
static void test_leavers_go_by_their_own_run_alone(void **state)
{
	sr_fence_state s = open_school();

	(void)state;
	for (int run = 0; run < 2; run++)
		for (int kind = 0; kind < SR_TGT_COUNT; kind++)
			for (int stage = 0; stage < SR_SG_COUNT; stage++) {
				sr_fence_object o = object((sr_tgt)kind, (sr_stage)stage, 36);
				sr_fence_verdict v = (s.inactivates = run, sr_fence_object_judge(&s, &o));

				if (v == SR_FENCE_OK)
					assert_int_equal(stage == SR_SG_USER_INACTIVATE, run);
				if (run && kind == SR_TGT_USER && stage == SR_SG_USER_INACTIVATE)
					assert_int_equal(v, SR_FENCE_OK);
			}
}

static void test_permits_are_spent_once(void **state)
{
	const sr_fence_state s = open_school();
	const sr_fence_object two[] = { object(SR_TGT_USER, SR_SG_USER_CREATE, 0),
		object(SR_TGT_USER, SR_SG_USER_CREATE, 0) };
	sr_fence_verdict verdict;
	size_t which;
	sr_permit *p = sr_fence_pass(&s, two, 2, &verdict, &which);

	(void)state;
	assert_non_null(p);
	assert_int_equal(verdict, SR_FENCE_OK);
	assert_true(sr_permit_spend(p, SR_SG_USER_CREATE, 2));
	assert_false(sr_permit_spend(p, SR_SG_USER_CREATE, 2));
	sr_permit_free(p);
	p = sr_fence_pass(&s, two, 2, &verdict, &which);
	assert_false(sr_permit_spend(p, SR_SG_USER_UPDATE, 2)); /* an attempt that does not fit spends it too */
	assert_false(sr_permit_spend(p, SR_SG_USER_CREATE, 2));
	sr_permit_free(p);
	p = sr_fence_pass(&s, two, 2, &verdict, &which);
	assert_false(sr_permit_spend(p, SR_SG_USER_CREATE, 3));
	sr_permit_free(p);
	p = sr_fence_pass(&s, two, 2, &verdict, &which);
	assert_false(sr_permit_spend_period(p));
	sr_permit_free(p);
	sr_permit_free(NULL);
	assert_false(sr_permit_spend(NULL, SR_SG_USER_CREATE, 1));
}

static void test_the_first_refused_is_named(void **state)
{
	sr_fence_state s = open_school();
	sr_fence_object many[SR_BATCH_MAX + 1];
	sr_fence_verdict verdict;
	size_t which;

	(void)state;
	for (size_t i = 0; i <= SR_BATCH_MAX; i++)
		many[i] = object(SR_TGT_MEMBERSHIP, SR_SG_STUDENT_ADD, 36);
	assert_null(sr_fence_pass(&s, many, SR_BATCH_MAX + 1, &verdict, &which));
	assert_true(verdict == SR_FENCE_NOT_SENT && which == SR_BATCH_MAX);
	many[7].year = 35;
	assert_null(sr_fence_pass(&s, many, SR_BATCH_MAX, &verdict, &which));
	assert_true(verdict == SR_FENCE_OTHER_YEAR && which == 7);
	many[7] = object(SR_TGT_MEMBERSHIP, SR_SG_TEACHER_ADD, 36); /* one stage a call */
	assert_null(sr_fence_pass(&s, many, SR_BATCH_MAX, &verdict, &which));
	assert_true(verdict == SR_FENCE_NOT_SENT && which == 7);
	assert_null(sr_fence_pass(&s, many, 0, &verdict, &which));
	s.blocked = true;
	assert_null(sr_fence_pass(&s, many, 3, &verdict, &which));
	assert_true(verdict == SR_FENCE_BLOCKED && which == 3);
}

static void test_periods(void **state)
{
	sr_fence_state s = open_school();
	sr_fence_verdict verdict;

	(void)state;
	for (int p = 0; p < SR_PH_COUNT; p++) {
		sr_permit *permit;

		s.school.phase = (sr_phase)p;
		s.school.chosen = p == SR_PH_PAUSED ? 37 : SR_YEARID_NONE;
		permit = sr_fence_pass_period(&s, 36, &verdict);
		assert_int_equal(permit != NULL, p != SR_PH_PAUSED);
		assert_false(sr_permit_spend(permit, SR_SG_COUNT, 1));
		sr_permit_free(permit);
		assert_null(sr_fence_pass_period(&s, 37, &verdict));
		assert_null(sr_fence_pass_period(&s, 35, &verdict));
		assert_null(sr_fence_pass_period(&s, SR_YEARID_NONE, &verdict));
	}
	s.school.phase = SR_PH_YEAR_SET;
	s.school.chosen = SR_YEARID_NONE;
	{
		sr_permit *permit = sr_fence_pass_period(&s, 36, &verdict);

		assert_true(sr_permit_spend_period(permit));
		assert_false(sr_permit_spend_period(permit));
		sr_permit_free(permit);
	}
	s.blocked = true;
	assert_null(sr_fence_pass_period(&s, 36, &verdict));
	assert_int_equal(verdict, SR_FENCE_BLOCKED);
}

static sr_filter_ctx filter_of(const sr_fence_state *s)
{
	return (sr_filter_ctx){
		.school = 312, .school_synced = true, .active = s->school.active, .today = 20700, .end_grace_days = 7
	};
}

/* The law: what the filter lets in or drops, the fence never calls another year's; what the filter
 * calls another year's, the fence refuses, whatever a plan says. */
static void test_fence_and_filter_never_disagree(void **state)
{
	chance c = { 71 };
	int in = 0, other = 0;

	(void)state;
	for (int n = 0; n < 20000; n++) {
		sr_fence_state s = open_school();
		int64_t termid = (chance_one_in(&c, 3) ? -1 : 1) * (3400 + chance_below(&c, 400));
		sr_term_fact term = { .known = true,
			.mapped = true,
			.yearid = sr_year_of_termid(termid),
			.first = 20650,
			.last = 20750 };
		sr_section_fact sf = { .term = term };
		sr_member_fact mf = { .term = term, .released_from = SR_DAY_NONE, .confirmed = true };
		sr_record section, cc;
		sr_filter_ctx f;
		sr_judged js, jm;
		sr_fence_object os = object(SR_TGT_SECTION, SR_SG_COURSE_UPSERT, term.yearid);
		sr_fence_object om = object(SR_TGT_MEMBERSHIP, SR_SG_STUDENT_ADD, term.yearid);

		s.school.active = (sr_yearid)(34 + chance_below(&c, 4));
		f = filter_of(&s);
		sr_record_init(&section, &sr_src_kinds[SR_SRC_SECTION]);
		sr_record_set_int(&section, SR_SEC_TERMID, termid);
		sr_record_init(&cc, &sr_src_kinds[SR_SRC_ENROLLMENT]);
		sr_record_set_int(&cc, SR_CC_TERMID, termid);
		sr_record_set_int(&cc, SR_CC_DATELEFT_EXCL, 20660 + chance_below(&c, 100));
		js = sr_filter_section(&f, &section, &sf);
		mf.section = js.verdict;
		jm = chance_one_in(&c, 2) ? sr_filter_enrollment(&f, &cc, &mf) : sr_filter_gone(&f, &cc, &mf);

		assert_int_equal(js.verdict == SR_V_OTHER_YEAR, sr_fence_object_judge(&s, &os) == SR_FENCE_OTHER_YEAR);
		assert_int_equal(js.verdict == SR_V_IN, sr_fence_object_judge(&s, &os) == SR_FENCE_OK);
		assert_int_equal(jm.verdict == SR_V_OTHER_YEAR, sr_fence_object_judge(&s, &om) == SR_FENCE_OTHER_YEAR);
		if (jm.effect != SR_EF_LEAVE)
			assert_int_equal(sr_fence_object_judge(&s, &om), SR_FENCE_OK);
		in += js.verdict == SR_V_IN;
		other += js.verdict == SR_V_OTHER_YEAR;
	}
	assert_true(in > 1000 && other > 1000);
}

/* No walk of a school through its phases lets an object of a year other than the active one pass,
 * nor anything at all in a phase that forbids it. */
static void test_no_write_of_another_year_on_any_walk(void **state)
{
	chance c = { 72 };
	int passed = 0;

	(void)state;
	for (int n = 0; n < 20000; n++) {
		sr_fence_state s = open_school();
		sr_fence_object o = object(chance_one_in(&c, 2) ? SR_TGT_SECTION : SR_TGT_MEMBERSHIP, 0,
			(sr_yearid)(34 + chance_below(&c, 4)));
		sr_fence_verdict verdict;
		size_t which;
		sr_permit *p;
		bool changed;

		for (int step = 0; step < 8; step++)
			sr_phase_apply(&s.school, (sr_pev)chance_below(&c, SR_PEV_COUNT),
				(sr_yearid)(34 + chance_below(&c, 4)), &changed);
		o.stage = o.kind == SR_TGT_SECTION ? SR_SG_COURSE_UPSERT : SR_SG_STUDENT_ADD;
		s.plan_epoch = chance_one_in(&c, 3) ? s.school.epoch - 1 : s.school.epoch;
		s.manual = chance_one_in(&c, 2);
		p = sr_fence_pass(&s, &o, 1, &verdict, &which);
		if (p) {
			passed++;
			assert_int_equal(o.year, s.school.active);
			assert_int_equal(s.plan_epoch, s.school.epoch);
			assert_true(sr_phase_may_write(&s.school, s.manual, false));
		}
		sr_permit_free(p);
	}
	assert_true(passed > 500);
}

static sr_votes any_votes(chance *c, const sr_fence_state *s, int64_t termid)
{
	sr_filter_ctx f = filter_of(s);
	sr_term_fact term = {
		.known = true, .mapped = true, .yearid = sr_year_of_termid(termid), .first = 20650, .last = 20750
	};
	sr_member_fact fact = { .term = term, .released_from = SR_DAY_NONE, .confirmed = true };
	sr_votes votes = { 0 };

	for (int64_t rows = chance_below(c, 4); rows >= 0; rows--) {
		sr_record cc;

		sr_record_init(&cc, &sr_src_kinds[SR_SRC_ENROLLMENT]);
		sr_record_set_int(&cc, SR_CC_TERMID, chance_one_in(c, 3) ? -termid : termid);
		sr_record_set_int(&cc, SR_CC_DATELEFT_EXCL, 20660 + chance_below(c, 100));
		sr_votes_add(&votes, sr_filter_enrollment(&f, &cc, &fact).effect, chance_one_in(c, 5));
	}
	return votes;
}

/* Rows of one section and one person, of any year, judged, counted as votes and compared with what
 * Schoology holds: whatever comes out of it is of the active year, or nothing. */
static void test_a_plan_never_holds_another_year(void **state)
{
	chance c = { 73 };
	int planned = 0;

	(void)state;
	for (int n = 0; n < 20000; n++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_fence_state s = open_school();
		int64_t termid = 3400 + chance_below(&c, 400);
		sr_mirror_object held = { .origin = SR_OR_OURS, .year = sr_year_of_termid(termid) };
		sr_record want;
		sr_votes votes = any_votes(&c, &s, termid);
		sr_change change;

		sr_record_init(&want, &sr_tgt_kinds[SR_TGT_MEMBERSHIP]);
		sr_record_set_int(&want, SR_M_ADMIN, votes.admin);
		sr_record_set_int(&want, SR_M_STATUS, 1);
		held.values = want;
		sr_record_set_int(&held.values, SR_M_ADMIN, chance_below(&c, 2));
		change = sr_diff(SR_TGT_MEMBERSHIP, sr_votes_want(&votes), &want, chance_one_in(&c, 2) ? &held : NULL,
			&(sr_diff_ctx){ 0 });
		if (change.op == SR_OP_KEEP)
			continue;
		planned++;
		assert_int_equal(held.year, s.school.active);
	}
	assert_true(planned > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_school),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_leavers_go_by_their_own_run_alone),
		cmocka_unit_test(test_permits_are_spent_once),
		cmocka_unit_test(test_the_first_refused_is_named),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_fence_and_filter_never_disagree),
		cmocka_unit_test(test_a_plan_never_holds_another_year),
		cmocka_unit_test(test_no_write_of_another_year_on_any_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
