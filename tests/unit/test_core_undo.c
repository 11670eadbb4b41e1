/* Undo: a step from state to state that can be turned round, and never takes away more than a membership. */
#include "core_fixture.h"

#include "core/undo.h"

static const sr_op ops[SR_TGT_COUNT][5] = {
	[SR_TGT_USER] = { SR_OP_CREATE, SR_OP_UPDATE, SR_OP_UPDATE, SR_OP_INACTIVATE, SR_OP_RESTORE },
	[SR_TGT_COURSE] = { SR_OP_CREATE, SR_OP_UPDATE, SR_OP_UPDATE, SR_OP_UPDATE, SR_OP_UPDATE },
	[SR_TGT_SECTION] = { SR_OP_CREATE, SR_OP_UPDATE, SR_OP_UPDATE, SR_OP_UPDATE, SR_OP_UPDATE },
	[SR_TGT_MEMBERSHIP] = { SR_OP_CREATE, SR_OP_UPDATE, SR_OP_DROP, SR_OP_RESTORE, SR_OP_UPDATE },
};

static sr_record target(chance *c, sr_tgt kind, sr_arena *arena)
{
	sr_record r = any_record(c, &sr_tgt_kinds[kind], arena);

	/* Lists of ids are lists of ids. */
	if (kind == SR_TGT_SECTION)
		sr_record_set_text(&r, SR_S_GRADING_PERIODS, chance_one_in(c, 2) ? "901,902" : "902,904", arena);
	if (kind == SR_TGT_USER)
		sr_record_set_text(&r, SR_U_ADDITIONAL_BUILDINGS, chance_one_in(c, 2) ? "5" : "5,7", arena);
	return r;
}

/* Any operation, packed as a plan holds it. */
static sr_plan_item item_of(chance *c, sr_tgt kind, sr_arena *arena)
{
	sr_op op = ops[kind][chance_below(c, 5)];
	sr_record before = target(c, kind, arena), after = target(c, kind, arena);
	sr_plan_item item = { .kind = kind, .op = op, .fields = (uint32_t)chance_u64(c) & 0x3ff };

	if (op == SR_OP_CREATE)
		item.fields = UINT32_MAX;
	else
		assert_int_equal(sr_record_pack(&before, arena, &item.before, NULL), 0);
	assert_int_equal(sr_record_pack(&after, arena, &item.after, NULL), 0);
	return item;
}

static void assert_same(const sr_deed *a, const sr_deed *b)
{
	assert_int_equal(a->from.stand, b->from.stand);
	assert_int_equal(a->to.stand, b->to.stand);
	assert_int_equal(a->fields, b->fields);
	assert_true(sr_record_eq(&a->from.values, &b->from.values));
	assert_true(sr_record_eq(&a->to.values, &b->to.values));
}

static void test_reversed_twice_is_the_same(void **state)
{
	chance c = { 91 };

	(void)state;
	for (int n = 0; n < 4000; n++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_tgt kind = (sr_tgt)chance_below(&c, SR_TGT_COUNT);
		sr_deed d = { .kind = kind }, back, again;

		for (int64_t k = 1 + chance_below(&c, 3); k > 0; k--) {
			sr_plan_item item = item_of(&c, kind, &arena);

			assert_int_equal(sr_deed_add(&d, &item, &arena, NULL), 0);
		}
		back = sr_deed_reverse(&d);
		again = sr_deed_reverse(&back);
		assert_same(&d, &again);
	}
}

/* The operation that a reversed deed is carried out by leads, as a deed of its own, to where it should. */
static void test_carried_out_it_is_back(void **state)
{
	chance c = { 92 };
	int carried = 0;

	(void)state;
	for (int n = 0; n < 8000; n++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_tgt kind = (sr_tgt)chance_below(&c, SR_TGT_COUNT);
		sr_plan_item item = item_of(&c, kind, &arena), undo;
		sr_deed d = { .kind = kind }, back, done = { .kind = kind };
		sr_deed_act act;

		assert_int_equal(sr_deed_add(&d, &item, &arena, NULL), 0);
		back = sr_deed_reverse(&d);
		act = sr_deed_judge(&back);
		if (act.op == SR_OP_KEEP)
			continue;
		undo = (sr_plan_item){ .kind = kind, .op = act.op, .fields = act.fields };
		assert_int_equal(sr_record_pack(&back.from.values, &arena, &undo.before, NULL), 0);
		assert_int_equal(sr_record_pack(&back.to.values, &arena, &undo.after, NULL), 0);
		assert_int_equal(sr_deed_add(&done, &undo, &arena, NULL), 0);
		assert_int_equal(done.from.stand == SR_STAND_THERE, back.from.stand == SR_STAND_THERE);
		assert_int_equal(done.to.stand == SR_STAND_THERE, back.to.stand == SR_STAND_THERE);
		for (size_t i = 0; act.op == SR_OP_UPDATE && i < sr_tgt_kinds[kind].count; i++)
			if (act.fields >> i & 1)
				assert_true(sr_value_eq(
					sr_tgt_kinds[kind].fields[i].type, &done.to.values.v[i], &d.from.values.v[i]));
		carried++;
	}
	assert_true(carried > 1000);
}

static void test_only_memberships_are_taken_away(void **state)
{
	chance c = { 93 };

	(void)state;
	for (int n = 0; n < 8000; n++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_tgt kind = (sr_tgt)chance_below(&c, SR_TGT_COUNT);
		sr_plan_item item = item_of(&c, kind, &arena);
		sr_deed d = { .kind = kind }, back;
		sr_deed_act act;

		assert_int_equal(sr_deed_add(&d, &item, &arena, NULL), 0);
		back = sr_deed_reverse(&d);
		act = sr_deed_judge(&back);
		assert_true(act.op != SR_OP_CREATE && act.op != SR_OP_INACTIVATE);
		assert_true(act.op != SR_OP_DROP || kind == SR_TGT_MEMBERSHIP);
		/* What was made and is not taken away is said, with the reason. */
		if (item.op == SR_OP_CREATE && kind != SR_TGT_MEMBERSHIP)
			assert_true(act.op == SR_OP_KEEP && act.why);
		for (size_t i = 0; act.op == SR_OP_UPDATE && i < sr_tgt_kinds[kind].count; i++)
			if (act.fields >> i & 1)
				assert_false(sr_tgt_kinds[kind].fields[i].flags & SR_F_KEY);
	}
}

/* What the deed left is told from what was before it, and from what somebody made of it since. */
static void test_where_it_stands(void **state)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_record before, after;
	sr_plan_item item = { .kind = SR_TGT_SECTION, .op = SR_OP_UPDATE };
	sr_deed d = { .kind = SR_TGT_SECTION };
	sr_deed_side now = { .stand = SR_STAND_THERE };
	const char *differs = NULL;

	(void)state;
	sr_record_init(&before, &sr_tgt_kinds[SR_TGT_SECTION]);
	sr_record_set_text(&before, SR_S_TITLE, "Biology - 1", &arena);
	sr_record_set_text(&before, SR_S_GRADING_PERIODS, "901,902", &arena);
	after = before;
	sr_record_set_text(&after, SR_S_TITLE, "Biology - X", &arena);
	sr_record_set_text(&after, SR_S_GRADING_PERIODS, "902,903", &arena);
	item.fields = 1u << SR_S_TITLE | 1u << SR_S_GRADING_PERIODS;
	assert_int_equal(sr_record_pack(&before, &arena, &item.before, NULL), 0);
	assert_int_equal(sr_record_pack(&after, &arena, &item.after, NULL), 0);
	assert_int_equal(sr_deed_add(&d, &item, &arena, NULL), 0);

	/* A period that somebody else added is his. */
	now.values = after;
	sr_record_set_text(&now.values, SR_S_GRADING_PERIODS, "902,903,999", &arena);
	assert_true(sr_deed_at(&d, true, &now, NULL));
	assert_false(sr_deed_at(&d, false, &now, NULL));
	sr_record_set_text(&now.values, SR_S_GRADING_PERIODS, "902,999", &arena);
	assert_false(sr_deed_at(&d, true, &now, &differs));
	assert_string_equal(differs, "grading_periods");
	now.values = before;
	assert_true(sr_deed_at(&d, false, &now, NULL));
	sr_record_set_text(&now.values, SR_S_TITLE, "Biology, by hand", &arena);
	assert_false(sr_deed_at(&d, false, &now, &differs));
	assert_string_equal(differs, "title");
	now.stand = SR_STAND_NONE;
	assert_false(sr_deed_at(&d, true, &now, &differs));
	assert_null(differs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reversed_twice_is_the_same),
		cmocka_unit_test(test_carried_out_it_is_back),
		cmocka_unit_test(test_only_memberships_are_taken_away),
		cmocka_unit_test(test_where_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
