/* Order, batches, ids and digests of a plan. */
#include "core_fixture.h"

#include "core/plan.h"

static void test_stages(void **state)
{
	(void)state;
	for (int k = 0; k < SR_TGT_COUNT; k++) {
		for (int op = 0; op < SR_OP_COUNT; op++) {
			bool member = k == SR_TGT_MEMBERSHIP;
			bool person = k == SR_TGT_USER;
			bool none = op == SR_OP_KEEP || (!member && op == SR_OP_DROP) ||
				    (!member && !person && op == SR_OP_RESTORE) || (!person && op == SR_OP_INACTIVATE);

			for (int admin = 0; admin < 2; admin++)
				assert_int_equal(sr_stage_of((sr_tgt)k, (sr_op)op, admin) == SR_SG_COUNT, none);
		}
	}
	assert_int_equal(sr_stage_of(SR_TGT_SECTION, SR_OP_CREATE, false), SR_SG_COURSE_UPSERT);
	assert_int_equal(sr_stage_of(SR_TGT_MEMBERSHIP, SR_OP_UPDATE, true), SR_SG_TEACHER_ADD);
	assert_int_equal(sr_stage_of(SR_TGT_MEMBERSHIP, SR_OP_CREATE, false), SR_SG_STUDENT_ADD);
	for (int s = 0; s < SR_SG_COUNT; s++) {
		assert_string_not_equal(sr_stage_name((sr_stage)s), "?");
		assert_int_equal(sr_stage_drops((sr_stage)s), s >= SR_SG_TEACHER_DROP);
	}
	assert_false(sr_stage_drops(SR_SG_COUNT));
	/* Users, courses with sections, memberships; teachers before students; additions before drops. */
	assert_true(SR_SG_USER_CREATE < SR_SG_COURSE_UPSERT && SR_SG_COURSE_UPSERT < SR_SG_TEACHER_ADD &&
		    SR_SG_TEACHER_ADD < SR_SG_STUDENT_ADD && SR_SG_STUDENT_RESTORE < SR_SG_TEACHER_DROP);
}

static sr_plan_item any_item(chance *c, sr_arena *arena)
{
	sr_plan_item item = { .seq = (int64_t)chance_u64(c),
		.stage = (sr_stage)chance_below(c, SR_SG_COUNT),
		.kind = (sr_tgt)chance_below(c, SR_TGT_COUNT),
		.op = (sr_op)chance_below(c, SR_OP_COUNT),
		.ident = { chance_below(c, 4), chance_below(c, 4) },
		.fields = (uint32_t)chance_below(c, 64) };
	sr_record r = any_record(c, &sr_tgt_kinds[item.kind], arena);

	item.key = sr_arena_printf(arena, "k%lld", (long long)chance_below(c, 9));
	assert_int_equal(sr_record_pack(&r, arena, &item.after, NULL), 0);
	return item;
}

static void test_operation_ids(void **state)
{
	chance c = { 61 };

	(void)state;
	for (int n = 0; n < 2000; n++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_plan_item a = any_item(&c, &arena), b = a;
		uint64_t id = sr_plan_op_id(9, 312, 36, &a);

		b.seq++;
		b.before = a.after;
		b.why = "planned on another day";
		assert_true(sr_plan_op_id(9, 312, 36, &b) == id);
		assert_true(sr_plan_op_id(9, 312, 35, &a) != id);
		assert_true(sr_plan_op_id(9, 313, 36, &a) != id);
		assert_true(sr_plan_op_id(8, 312, 36, &a) != id);
		b.ident.b++;
		assert_true(sr_plan_op_id(9, 312, 36, &b) != id);
		b = a;
		b.fields ^= 1;
		assert_true(sr_plan_op_id(9, 312, 36, &b) != id);
		b = a;
		b.after.len--;
		assert_true(sr_plan_op_id(9, 312, 36, &b) != id);
	}
}

static void digest_of(const sr_plan_item *items, size_t count, sr_yearid year, char out[33])
{
	sr_digest d;

	sr_digest_init(&d, 312, year);
	for (size_t i = 0; i < count; i++)
		sr_digest_add(&d, &items[i]);
	sr_digest_text(&d, out);
	assert_int_equal(strlen(out), 32);
}

static void test_digest(void **state)
{
	chance c = { 62 };

	(void)state;
	for (int n = 0; n < 1000; n++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_plan_item items[4], swapped[4];
		char a[33], b[33];

		for (int i = 0; i < 4; i++)
			items[i] = any_item(&c, &arena);
		items[0].seq = items[1].seq;
		memcpy(swapped, items, sizeof(items));
		digest_of(items, 4, 36, a);
		digest_of(swapped, 4, 36, b);
		assert_string_equal(a, b);
		digest_of(items, 4, 35, b);
		assert_string_not_equal(a, b);
		digest_of(items, 3, 36, b);
		assert_string_not_equal(a, b);
		items[2].waits = true;
		digest_of(items, 4, 36, b);
		assert_string_not_equal(a, b);
		swapped[0].ident.a = 77; /* so that the two differ at all */
		digest_of(swapped, 4, 36, a);
		items[0] = swapped[1];
		items[1] = swapped[0];
		items[2] = swapped[2];
		digest_of(items, 4, 36, b);
		assert_string_not_equal(a, b); /* the order counts */
	}
}

static void test_batches(void **state)
{
	chance c = { 63 };

	(void)state;
	for (int n = 0; n < 3000; n++) {
		sr_plan_item items[130] = { 0 };
		size_t count = (size_t)chance_below(&c, 131), sent = 0;
		sr_stage stage = (sr_stage)chance_below(&c, SR_SG_COUNT);

		for (size_t i = 0; i < count; i++) {
			items[i].stage = i > count / 2 && n % 2 ? SR_SG_STUDENT_RESTORE : stage;
			items[i].ident.a = (int64_t)i / 20;
		}
		while (sent < count) {
			size_t b = sr_plan_batch(items + sent, count - sent);
			bool by_section = sr_stage_by_section(items[sent].stage);

			assert_true(b >= 1 && b <= SR_BATCH_MAX && sent + b <= count);
			for (size_t i = sent; i < sent + b; i++) {
				assert_int_equal(items[i].stage, items[sent].stage);
				assert_true(!by_section || items[i].ident.a == items[sent].ident.a);
			}
			/* No smaller than it must be. */
			if (b < SR_BATCH_MAX && sent + b < count)
				assert_true(items[sent + b].stage != items[sent].stage ||
					    (by_section && items[sent + b].ident.a != items[sent].ident.a));
			sent += b;
		}
	}
	assert_int_equal(sr_plan_batch(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stages),
		cmocka_unit_test(test_operation_ids),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
