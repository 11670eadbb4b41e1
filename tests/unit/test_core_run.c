/* The run table: total, and no way round its steps. */
#include "core_fixture.h"

#include "core/run.h"

static void test_table_is_total(void **state)
{
	(void)state;
	for (int s = 0; s < SR_RS_COUNT; s++) {
		for (int e = 0; e < SR_RE_COUNT; e++) {
			sr_run_cell cell = sr_run_step((sr_run_state)s, (sr_run_event)e);

			assert_non_null(cell.why);
			assert_true(strlen(cell.why) > 0);
			assert_true((unsigned)cell.next < SR_RS_COUNT && (unsigned)cell.act < SR_RA_COUNT);
			/* A step that leads elsewhere says what to do there. */
			assert_true((int)cell.next == s || cell.act != SR_RA_NONE);
		}
	}
}

static void test_a_whole_run(void **state)
{
	static const struct {
		sr_run_event event;
		sr_run_state next;
		sr_run_act act;
	} road[] = {
		{ SR_RE_START, SR_RS_PULLING, SR_RA_PULL },
		{ SR_RE_PULLED, SR_RS_PLANNING, SR_RA_PLAN },
		{ SR_RE_PLAN_READY, SR_RS_PLANNED, SR_RA_DECIDE },
		{ SR_RE_GO, SR_RS_APPLYING, SR_RA_APPLY },
		{ SR_RE_ANSWER_LOST, SR_RS_SETTLING, SR_RA_SETTLE },
		{ SR_RE_SETTLED, SR_RS_APPLYING, SR_RA_APPLY },
		{ SR_RE_LOST, SR_RS_BACKING_OFF, SR_RA_BACK_OFF },
		{ SR_RE_TIMER, SR_RS_PULLING, SR_RA_PULL },
		{ SR_RE_UNPROVEN, SR_RS_PLANNING, SR_RA_PLAN },
		{ SR_RE_PLAN_EMPTY, SR_RS_VERIFYING, SR_RA_VERIFY },
		{ SR_RE_AGAIN, SR_RS_PULLING, SR_RA_PULL },
		{ SR_RE_PULLED, SR_RS_PLANNING, SR_RA_PLAN },
		{ SR_RE_PLAN_EMPTY, SR_RS_VERIFYING, SR_RA_VERIFY },
		{ SR_RE_VERIFIED, SR_RS_IDLE, SR_RA_FINISH },
	};
	sr_run_state s = SR_RS_IDLE;

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(road); i++) {
		sr_run_cell cell = sr_run_step(s, road[i].event);

		assert_int_equal(cell.next, road[i].next);
		assert_int_equal(cell.act, road[i].act);
		s = cell.next;
	}
}

/* Whatever happens: writing begins only from a sealed plan that was taken up, or goes on after
 * settling; a stop always ends in idle. */
static void test_no_way_round(void **state)
{
	(void)state;
	for (int s = 0; s < SR_RS_COUNT; s++) {
		for (int e = 0; e < SR_RE_COUNT; e++) {
			sr_run_cell cell = sr_run_step((sr_run_state)s, (sr_run_event)e);

			if (cell.act == SR_RA_APPLY)
				assert_true((s == SR_RS_PLANNED && e == SR_RE_GO) ||
					    (s == SR_RS_SETTLING && e == SR_RE_SETTLED));
			if (cell.act == SR_RA_FINISH)
				assert_true(e == SR_RE_VERIFIED || e == SR_RE_PLAN_ONLY);
		}
		assert_int_equal(sr_run_step((sr_run_state)s, SR_RE_STOP).next, SR_RS_IDLE);
	}
}

static void test_names(void **state)
{
	SR_AUTO(sr_buf) md = { 0 };
	sr_run_kind kind;

	(void)state;
	for (int i = 0; i < SR_RK_COUNT; i++) {
		assert_true(sr_run_kind_parse(sr_run_kind_name((sr_run_kind)i), &kind));
		assert_int_equal(kind, i);
	}
	assert_false(sr_run_kind_parse("first", &kind));
	sr_run_print_md(&md);
	for (int i = 0; i < SR_RS_COUNT; i++)
		assert_non_null(strstr(sr_buf_text(&md), sr_run_state_name((sr_run_state)i)));
	for (int i = 0; i < SR_RE_COUNT; i++)
		assert_string_not_equal(sr_run_event_name((sr_run_event)i), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_total),
		cmocka_unit_test(test_a_whole_run),
		cmocka_unit_test(test_no_way_round),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
