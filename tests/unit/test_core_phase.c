/* The phase table against DESIGN section 2, cell by cell, and what no walk through it may reach. */
#include "core_fixture.h"

#include "core/phase.h"

/* The table once more, as the design page prints it: S P Y T R for the next phase, lower case r for a refusal
 * (the phase stays). Columns: syncing, paused, year-set, terms-mapped, resumed. */
static const struct {
	sr_pev event;
	const char *cells;
} design[] = {
	{ SR_PEV_PAUSE, "PPYTP" },
	{ SR_PEV_SIS_ROLLED, "PPYTR" },
	{ SR_PEV_YEAR_CHOSEN, "rPPPr" },
	{ SR_PEV_YEAR_CHOSEN_AGAIN, "rPYTr" },
	{ SR_PEV_YEAR_READY, "SYYTR" },
	{ SR_PEV_YEAR_LOST, "SPPPR" },
	{ SR_PEV_TERMS_MAPPED, "SPTTR" },
	{ SR_PEV_TERMS_BROKEN, "SPYYR" },
	{ SR_PEV_RESUME_FIRST, "SRrRR" },
	{ SR_PEV_RESUME, "SSrrR" },
	{ SR_PEV_FIRST_SYNC_VERIFIED, "SPYTS" },
	{ SR_PEV_YEAR_CANCEL, "rPPPr" },
	{ SR_PEV_STARTED, "SPYTR" },
};

static void test_table_is_the_design(void **state)
{
	(void)state;
	assert_int_equal(SR_COUNT_OF(design), SR_PEV_COUNT);
	for (size_t e = 0; e < SR_COUNT_OF(design); e++) {
		for (int p = 0; p < SR_PH_COUNT; p++) {
			sr_pcell cell = sr_phase_step((sr_phase)p, design[e].event);
			bool refuse = design[e].cells[p] == 'r';

			assert_int_equal(cell.refuse, refuse);
			assert_int_equal(cell.next, refuse ? p : (int)(strchr("SPYTR", design[e].cells[p]) - "SPYTR"));
		}
	}
}

static void test_table_is_total(void **state)
{
	(void)state;
	for (int e = 0; e < SR_PEV_COUNT; e++) {
		for (int p = 0; p < SR_PH_COUNT; p++) {
			sr_pcell cell = sr_phase_step((sr_phase)p, (sr_pev)e);

			assert_non_null(cell.why);
			assert_true(strlen(cell.why) > 0);
			assert_true((unsigned)cell.next < SR_PH_COUNT && (unsigned)cell.act < SR_PACT_COUNT);
			assert_true(!cell.refuse || ((int)cell.next == p && cell.act == SR_PACT_NONE));
		}
	}
}

static void test_names(void **state)
{
	sr_phase p;

	(void)state;
	for (int i = 0; i < SR_PH_COUNT; i++) {
		assert_true(sr_phase_parse(sr_phase_name((sr_phase)i), &p));
		assert_int_equal(p, i);
	}
	assert_false(sr_phase_parse("Syncing", &p));
	for (int i = 0; i < SR_PEV_COUNT; i++)
		assert_string_not_equal(sr_pev_name((sr_pev)i), "?");
}

static sr_pcell apply(sr_phase_state *s, sr_pev event, sr_yearid year)
{
	bool changed;

	return sr_phase_apply(s, event, year, &changed);
}

static void test_first_installation_and_rollover_walk_one_road(void **state)
{
	sr_phase_state s = { .phase = SR_PH_PAUSED };

	(void)state;
	for (sr_yearid year = 35; year <= 36; year++) {
		int64_t epoch = s.epoch;

		apply(&s, SR_PEV_PAUSE, 0);
		apply(&s, SR_PEV_YEAR_CHOSEN, year);
		assert_int_equal(s.chosen, year);
		apply(&s, SR_PEV_YEAR_READY, 0);
		assert_true(s.phase == SR_PH_YEAR_SET && s.active == year && s.chosen == SR_YEARID_NONE);
		assert_int_equal(s.fallback, year == 36 ? 35 : SR_YEARID_NONE);
		apply(&s, SR_PEV_TERMS_MAPPED, 0);
		apply(&s, SR_PEV_RESUME_FIRST, 0);
		assert_int_equal(s.phase, SR_PH_RESUMED);
		apply(&s, SR_PEV_FIRST_SYNC_VERIFIED, 0);
		assert_true(s.phase == SR_PH_SYNCING && s.verified == year && s.fallback == SR_YEARID_NONE);
		assert_true(s.epoch > epoch);
	}
}

static void test_pause_in_the_first_run_comes_back_to_it(void **state)
{
	sr_phase_state s = { .phase = SR_PH_RESUMED, .active = 36, .verified = 35, .fallback = 35 };
	sr_resume_facts f = { .gate_passes = true, .acting_user_ok = true, .terms_sound = true };

	(void)state;
	apply(&s, SR_PEV_PAUSE, 0);
	assert_true(s.phase == SR_PH_PAUSED && s.active == 36 && s.verified == 35);
	f.phase = s.phase;
	f.active = s.active;
	f.verified = s.verified;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_GO_FIRST);
	apply(&s, SR_PEV_RESUME_FIRST, 0);
	assert_int_equal(s.phase, SR_PH_RESUMED);
}

static void test_year_cancel_and_lost(void **state)
{
	const sr_phase_state set = { .phase = SR_PH_TERMS_MAPPED, .active = 36, .verified = 35, .fallback = 35 };
	sr_phase_state s = set;

	(void)state;
	apply(&s, SR_PEV_YEAR_CANCEL, 0);
	assert_true(s.phase == SR_PH_PAUSED && s.active == 35 && !s.chosen && !s.fallback);
	assert_true(s.sis_rolled_noted); /* it had rolled for 36 to be set: no manual run of 35 */
	s = set;
	apply(&s, SR_PEV_YEAR_LOST, 0);
	assert_true(s.phase == SR_PH_PAUSED && s.active == 35 && s.chosen == 36);
	s = set;
	apply(&s, SR_PEV_YEAR_CHOSEN, 37);
	assert_true(s.phase == SR_PH_PAUSED && s.active == 35 && s.chosen == 37);
	s = set;
	apply(&s, SR_PEV_YEAR_CHOSEN, 36);
	assert_true(s.phase == SR_PH_TERMS_MAPPED && s.epoch == set.epoch);
	s = set;
	s.before_sis_rollover = true;
	apply(&s, SR_PEV_YEAR_CANCEL, 0);
	assert_false(s.sis_rolled_noted || s.before_sis_rollover);
}

static void test_notes_and_choices_are_recorded(void **state)
{
	sr_phase_state s = { .phase = SR_PH_SYNCING, .active = 35, .verified = 35 };
	int64_t epoch;
	bool changed;

	(void)state;
	sr_phase_apply(&s, SR_PEV_SIS_ROLLED, 0, &changed);
	assert_true(changed && s.phase == SR_PH_PAUSED && s.sis_rolled_noted);
	epoch = s.epoch;
	sr_phase_apply(&s, SR_PEV_SIS_ROLLED, 0, &changed);
	assert_false(changed);
	sr_phase_apply(&s, SR_PEV_YEAR_CHOSEN, 36, &changed);
	assert_true(changed && s.epoch == epoch + 1);
	sr_phase_apply(&s, SR_PEV_YEAR_CHOSEN, 36, &changed); /* older answers are void again */
	assert_true(changed && s.epoch == epoch + 2);
	sr_phase_apply(&s, SR_PEV_YEAR_READY, 0, &changed);
	assert_false(s.sis_rolled_noted); /* it spoke of the year that is over */
	sr_phase_apply(&s, SR_PEV_STARTED, 0, &changed);
	assert_false(changed);
}

static void test_ready_without_a_choice_changes_nothing(void **state)
{
	sr_phase_state s = { .phase = SR_PH_PAUSED, .active = 35 };
	bool changed = true;
	sr_pcell cell = sr_phase_apply(&s, SR_PEV_YEAR_READY, 0, &changed);

	(void)state;
	assert_true(!changed && s.phase == SR_PH_PAUSED && s.active == 35 && s.epoch == 0);
	assert_int_equal(cell.next, SR_PH_PAUSED);
}

static void check_step(const sr_phase_state *before, const sr_phase_state *s, sr_pcell cell, bool changed)
{
	bool years_moved = before->active != s->active || before->chosen != s->chosen ||
			   before->fallback != s->fallback || before->verified != s->verified;

	assert_int_equal(s->phase, cell.next);
	if (cell.refuse)
		assert_memory_equal(before, s, sizeof(*s));
	if (before->phase != s->phase || years_moved)
		assert_true(changed && s->epoch == before->epoch + 1);
	if (!changed)
		assert_memory_equal(before, s, sizeof(*s));
	/* A phase that works under a year has one, and only paused waits for a choice. */
	assert_true(s->phase == SR_PH_PAUSED || s->active != SR_YEARID_NONE);
	assert_true(s->phase == SR_PH_PAUSED || s->chosen == SR_YEARID_NONE);
	assert_true(s->phase != SR_PH_SYNCING || s->verified == s->active);
}

static void test_random_walks(void **state)
{
	chance c = { 11 };

	(void)state;
	for (int walk = 0; walk < 2000; walk++) {
		sr_phase_state s;

		memset(&s, 0, sizeof(s)); /* the padding too: states are compared as bytes */
		s.phase = SR_PH_PAUSED;
		for (int step = 0; step < 60; step++) {
			sr_phase_state before;
			sr_pev event = (sr_pev)chance_below(&c, SR_PEV_COUNT);
			bool changed;
			sr_pcell cell;

			/* `resume` picks its event by the facts: never where they do not hold. */
			if (event == SR_PEV_RESUME && (s.active == SR_YEARID_NONE || s.verified != s.active))
				continue;
			if (event == SR_PEV_RESUME_FIRST && s.phase == SR_PH_PAUSED && (!s.active || s.chosen))
				continue;
			if (event == SR_PEV_RESUME && s.chosen)
				continue;
			memcpy(&before, &s, sizeof(s));
			cell = sr_phase_apply(&s, event, (sr_yearid)(34 + chance_below(&c, 4)), &changed);
			check_step(&before, &s, cell, changed);
		}
	}
}

static void test_resume_decisions(void **state)
{
	const sr_resume_facts good = { .phase = SR_PH_PAUSED,
		.active = 35,
		.verified = 35,
		.gate_passes = true,
		.acting_user_ok = true,
		.terms_sound = true };
	sr_resume_facts f = good;

	(void)state;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_GO_SYNC);
	f.terms_sound = false;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_TERMS_BROKEN);
	f.acting_user_ok = false;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_ACTING_USER);
	f = good;
	f.sis_rolled = true;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_YEAR_OVER);
	f = good;
	f.year_over = true;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_YEAR_OVER);
	f.chosen = 36;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_CHOICE_PENDING);
	f = good;
	f.active = f.verified = SR_YEARID_NONE;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_NO_YEAR);
	f = good;
	f.verified = 34;
	f.gate_passes = false;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_GATE);
	f.phase = SR_PH_TERMS_MAPPED;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_GATE);
	f.gate_passes = true;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_GO_FIRST);
	f.phase = SR_PH_YEAR_SET;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_TERMS_UNMAPPED);
	f.phase = SR_PH_SYNCING;
	assert_int_equal(sr_resume_decide(&f), SR_RESUME_NOOP);
}

static void test_who_may_write(void **state)
{
	sr_phase_state s = { .active = 35 };

	(void)state;
	for (int p = 0; p < SR_PH_COUNT; p++) {
		bool runs = p == SR_PH_SYNCING || p == SR_PH_RESUMED;

		s.phase = (sr_phase)p;
		assert_int_equal(sr_phase_may_write(&s, false, false), runs);
		assert_int_equal(sr_phase_scheduled(s.phase), runs);
		assert_int_equal(sr_phase_may_write(&s, true, false), runs || p == SR_PH_PAUSED);
	}
	s.phase = SR_PH_PAUSED;
	assert_false(sr_phase_may_write(&s, true, true));
	s.sis_rolled_noted = true;
	assert_false(sr_phase_may_write(&s, true, false));
	s = (sr_phase_state){ .phase = SR_PH_PAUSED };
	assert_false(sr_phase_may_write(&s, true, false));
}

static void test_pictures(void **state)
{
	SR_AUTO(sr_buf) md = { 0 };
	SR_AUTO(sr_buf) dot = { 0 };

	(void)state;
	sr_phase_print_md(&md);
	sr_phase_print_dot(&dot);
	for (int e = 0; e < SR_PEV_COUNT; e++)
		assert_non_null(strstr(sr_buf_text(&md), sr_pev_name((sr_pev)e)));
	assert_non_null(strstr(sr_buf_text(&dot), "\"terms-mapped\" -> \"resumed\" [label=\"resume-first\"]"));
	assert_non_null(strstr(sr_buf_text(&dot), "\"resumed\" -> \"syncing\" [label=\"first-sync-verified\"]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_the_design),
		cmocka_unit_test(test_table_is_total),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_first_installation_and_rollover_walk_one_road),
		cmocka_unit_test(test_pause_in_the_first_run_comes_back_to_it),
		cmocka_unit_test(test_year_cancel_and_lost),
		cmocka_unit_test(test_notes_and_choices_are_recorded),
		cmocka_unit_test(test_ready_without_a_choice_changes_nothing),
		cmocka_unit_test(test_random_walks),
		cmocka_unit_test(test_resume_decisions),
		cmocka_unit_test(test_who_may_write),
		cmocka_unit_test(test_pictures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
