/* The diff on target objects: nothing to do for what is equal, and what is done leads there. */
#include "core_fixture.h"

#include "core/diff.h"

static const int64_t roles[] = { 101, 102, 103 };
static const sr_diff_ctx home = { .may_update_person = true, .mapped_roles = roles, .mapped_roles_count = 3 };
static const sr_diff_ctx visitor = { .may_update_person = false, .mapped_roles = roles, .mapped_roles_count = 3 };

static sr_mirror_object mirror_of(const sr_record *values)
{
	return (sr_mirror_object){ .values = *values,
		.origin = SR_OR_OURS,
		.sgy_id = 1,
		.year = 36,
		.role_by_us = values->kind == &sr_tgt_kinds[SR_TGT_USER] ? sr_record_int(values, SR_U_ROLE_ID, 0) : 0 };
}

static sr_record target(chance *c, sr_tgt kind, sr_arena *arena)
{
	sr_record r = any_record(c, &sr_tgt_kinds[kind], arena);

	if (kind == SR_TGT_USER)
		sr_record_set_int(&r, SR_U_ROLE_ID, roles[chance_below(c, 3)]);
	if (kind == SR_TGT_MEMBERSHIP) {
		sr_record_set_int(&r, SR_M_STATUS, 1);
		sr_record_set_int(&r, SR_M_ADMIN, chance_below(c, 2));
	}
	return r;
}

/* Two objects of one key, as a record and what is held of it are. */
static sr_record same_key(const sr_record *a, const sr_record *b)
{
	sr_record out = *b;

	for (size_t i = 0; i < a->kind->count; i++)
		if (a->kind->fields[i].flags & SR_F_KEY)
			out.v[i] = a->v[i];
	return out;
}

static void test_diff_of_equals_is_empty(void **state)
{
	chance c = { 51 };

	(void)state;
	for (int n = 0; n < 4000; n++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_tgt kind = (sr_tgt)chance_below(&c, SR_TGT_COUNT);
		sr_record a = target(&c, kind, &arena), after;
		sr_mirror_object m = mirror_of(&a);
		sr_change change = sr_diff(kind, SR_WANT_PRESENT, &a, &m, &home);

		assert_int_equal(change.op, SR_OP_KEEP);
		assert_int_equal(change.fields, 0);
		assert_int_equal(sr_diff_apply(kind, &change, &a, NULL, &arena, &after, NULL), 0);
		assert_true(sr_record_eq(&a, &after));
	}
}

/* What an update may never reach: keys, what is only sent on create, and what is not sent when empty. A field that
 * can be cleared is reached then too: unset there means that nothing may stand. */
static bool left_alone(const sr_record *want, size_t field)
{
	const unsigned flags = want->kind->fields[field].flags;

	return !(flags & SR_F_UPDATE) || (!want->v[field].set && !(flags & SR_F_CLEAR));
}

static void test_apply_of_diff_gets_there(void **state)
{
	chance c = { 52 };

	(void)state;
	for (int n = 0; n < 8000; n++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_tgt kind = (sr_tgt)chance_below(&c, SR_TGT_COUNT);
		sr_record held = target(&c, kind, &arena), any = target(&c, kind, &arena), want = same_key(&held, &any),
			  after;
		sr_mirror_object m = mirror_of(&held);
		sr_change change = sr_diff(kind, SR_WANT_PRESENT, &want, &m, &home);
		sr_mirror_object then;

		assert_false(change.waits);
		assert_int_equal(sr_diff_apply(kind, &change, &held, &want, &arena, &after, NULL), 0);
		for (size_t i = 0; i < want.kind->count; i++)
			assert_true(sr_value_eq(want.kind->fields[i].type, &after.v[i],
				left_alone(&want, i) ? &held.v[i] : &want.v[i]));
		then = m;
		then.values = after;
		then.role_by_us = m.role_by_us ? sr_record_int(&after, SR_U_ROLE_ID, 0) : 0;
		assert_int_equal(
			sr_diff(kind, SR_WANT_PRESENT, &want, &then, &home).op, SR_OP_KEEP); /* once is enough */
	}
}

static void test_create_sends_all_that_is_set(void **state)
{
	chance c = { 53 };

	(void)state;
	for (int n = 0; n < 2000; n++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_tgt kind = (sr_tgt)chance_below(&c, SR_TGT_COUNT);
		sr_record want = target(&c, kind, &arena), after;
		sr_change change = sr_diff(kind, SR_WANT_PRESENT, &want, NULL, &visitor);

		assert_true(change.op == SR_OP_CREATE && !change.waits);
		assert_int_equal(sr_diff_apply(kind, &change, NULL, &want, &arena, &after, NULL), 0);
		assert_true(sr_record_eq(&want, &after));
	}
}

static void test_only_memberships_are_dropped(void **state)
{
	chance c = { 54 };
	SR_AUTO(sr_arena) arena = { 0 };

	(void)state;
	for (int k = 0; k < SR_TGT_COUNT; k++) {
		sr_record r = target(&c, (sr_tgt)k, &arena);
		sr_mirror_object m = mirror_of(&r);

		assert_int_equal(sr_diff((sr_tgt)k, SR_WANT_DROP, NULL, &m, &home).op,
			k == SR_TGT_MEMBERSHIP ? SR_OP_DROP : SR_OP_KEEP);
		assert_int_equal(sr_diff((sr_tgt)k, SR_WANT_LEAVE, NULL, &m, &home).op, SR_OP_KEEP);
		assert_int_equal(sr_diff((sr_tgt)k, SR_WANT_NOTHING, NULL, &m, &home).op, SR_OP_KEEP);
		assert_int_equal(sr_diff((sr_tgt)k, SR_WANT_DROP, NULL, NULL, &home).op, SR_OP_KEEP);
	}
}

static sr_record membership(int64_t admin, int64_t status, sr_arena *arena)
{
	sr_record r;

	sr_record_init(&r, &sr_tgt_kinds[SR_TGT_MEMBERSHIP]);
	assert_true(sr_record_set_text(&r, SR_M_SECTION_SCHOOL_CODE, "312-2026-4411", arena));
	assert_true(sr_record_set_text(&r, SR_M_SCHOOL_UID, "1042", arena));
	sr_record_set_int(&r, SR_M_ADMIN, admin);
	sr_record_set_int(&r, SR_M_STATUS, status);
	return r;
}

static void test_memberships(void **state)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_record active = membership(0, 1, &arena), archived = membership(0, 5, &arena), after;
	sr_mirror_object m = mirror_of(&active);
	sr_change c = sr_diff(SR_TGT_MEMBERSHIP, SR_WANT_DROP, NULL, &m, &home);

	(void)state;
	assert_int_equal(sr_diff_apply(SR_TGT_MEMBERSHIP, &c, &active, NULL, &arena, &after, NULL), 0);
	assert_true(sr_record_eq(&after, &archived));
	m = mirror_of(&archived);
	assert_int_equal(sr_diff(SR_TGT_MEMBERSHIP, SR_WANT_DROP, NULL, &m, &home).op, SR_OP_KEEP);
	c = sr_diff(SR_TGT_MEMBERSHIP, SR_WANT_PRESENT, &active, &m, &home);
	assert_true(c.op == SR_OP_RESTORE && c.waits); /* archived by somebody else */
	m.restorable = true;
	c = sr_diff(SR_TGT_MEMBERSHIP, SR_WANT_PRESENT, &active, &m, &home);
	assert_true(c.op == SR_OP_RESTORE && !c.waits);
	assert_int_equal(sr_diff_apply(SR_TGT_MEMBERSHIP, &c, &archived, &active, &arena, &after, NULL), 0);
	assert_true(sr_record_eq(&after, &active));
	m = mirror_of(&active);
	m.origin = SR_OR_ADOPTED;
	assert_int_equal(sr_diff(SR_TGT_MEMBERSHIP, SR_WANT_DROP, NULL, &m, &home).op, SR_OP_KEEP);
	m.gone = true;
	c = sr_diff(SR_TGT_MEMBERSHIP, SR_WANT_PRESENT, &active, &m, &home);
	assert_true(c.op == SR_OP_CREATE && c.waits && c.why);
}

static sr_record user(const char *uid, int64_t role, const char *email, sr_arena *arena)
{
	sr_record r;

	sr_record_init(&r, &sr_tgt_kinds[SR_TGT_USER]);
	assert_true(sr_record_set_text(&r, SR_U_SCHOOL_UID, uid, arena));
	assert_true(sr_record_set_text(&r, SR_U_PRIMARY_EMAIL, email, arena));
	sr_record_set_int(&r, SR_U_ROLE_ID, role);
	return r;
}

static void test_users(void **state)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_record held = user("1042", 101, "a@x.org", &arena), want = user("1042", 102, "b@x.org", &arena);
	sr_record renumbered = user("1043", 101, "a@x.org", &arena), after;
	sr_mirror_object m = mirror_of(&held);
	sr_change c = sr_diff(SR_TGT_USER, SR_WANT_PRESENT, &want, &m, &home);

	(void)state;
	assert_true(c.op == SR_OP_UPDATE && c.login);
	assert_int_equal(c.fields, 1u << SR_U_ROLE_ID | 1u << SR_U_PRIMARY_EMAIL);
	m.role_by_us = 0; /* an adopted account: its role is its own */
	assert_int_equal(sr_diff(SR_TGT_USER, SR_WANT_PRESENT, &want, &m, &home).fields, 1u << SR_U_PRIMARY_EMAIL);
	m = mirror_of(&held);
	sr_record_set_int(&m.values, SR_U_ROLE_ID, 555); /* somebody gave him another role since */
	assert_int_equal(sr_diff(SR_TGT_USER, SR_WANT_PRESENT, &want, &m, &home).fields, 1u << SR_U_PRIMARY_EMAIL);
	m.role_by_us = 555; /* set by us once, no more in the map */
	assert_int_equal(sr_diff(SR_TGT_USER, SR_WANT_PRESENT, &want, &m, &home).fields, 1u << SR_U_PRIMARY_EMAIL);
	m = mirror_of(&held);
	assert_int_equal(sr_diff(SR_TGT_USER, SR_WANT_PRESENT, &want, &m, &visitor).op, SR_OP_KEEP);
	c = sr_diff(SR_TGT_USER, SR_WANT_PRESENT, &renumbered, &m, &home); /* a key is frozen */
	assert_true(c.op == SR_OP_UPDATE && c.waits && c.fields == 1u << SR_U_SCHOOL_UID);
	assert_int_equal(sr_diff_apply(SR_TGT_USER, &c, &held, &renumbered, &arena, &after, NULL), 0);
	assert_true(sr_record_eq(&after, &held));
	m.is_acting_user = true;
	assert_int_equal(sr_diff(SR_TGT_USER, SR_WANT_PRESENT, &want, &m, &home).op, SR_OP_KEEP);
}

static void test_a_section_keeps_its_course(void **state)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_record held, want;
	sr_mirror_object m;

	(void)state;
	sr_record_init(&held, &sr_tgt_kinds[SR_TGT_SECTION]);
	sr_record_set_text(&held, SR_S_SECTION_SCHOOL_CODE, "312-2026-4411", &arena);
	sr_record_set_text(&held, SR_S_COURSE_CODE, "312-ALG1", &arena);
	sr_record_set_text(&held, SR_S_GRADING_PERIODS, "71", &arena);
	want = held;
	sr_record_set_text(&want, SR_S_COURSE_CODE, "312-ALG2", &arena);
	m = mirror_of(&held);
	assert_int_equal(sr_diff(SR_TGT_SECTION, SR_WANT_PRESENT, &want, &m, &home).op, SR_OP_KEEP);
	sr_record_set_text(&want, SR_S_GRADING_PERIODS, "71,72", &arena);
	assert_int_equal(sr_diff(SR_TGT_SECTION, SR_WANT_PRESENT, &want, &m, &home).fields, 1u << SR_S_GRADING_PERIODS);
}

static void test_periods(void **state)
{
	static const struct {
		const char *theirs, *before, *now, *result;
	} cases[] = {
		{ "71", "71", "72", "72" },
		{ "71,900", "71", "72", "72,900" }, /* a teacher's own period stays */
		{ "900", "71", "71,72", "71,72,900" },
		{ "71,71", "", "71", "71" },
		{ "", "", "9, 8 ,8", "8,9" },
		{ NULL, NULL, "5", "5" },
		{ "71", "71", "71", "71" },
		{ "100,9", "", "20", "9,20,100" },
		{ "71", "71", "", NULL }, /* never empty */
		{ "", "", "", NULL },
		{ "71;72", "", "1", NULL },
		{ "71", "", "99999999999999999999999999", NULL },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(cases); i++) {
		SR_AUTO(sr_buf) out = { 0 };
		int rc;

		sr_buf_puts(&out, "untouched");
		rc = sr_diff_periods(cases[i].theirs, cases[i].before, cases[i].now, &out, NULL);
		assert_int_equal(rc, cases[i].result ? 0 : -1);
		assert_string_equal(sr_buf_text(&out), cases[i].result ? cases[i].result : "untouched");
	}
}

static void test_apply_refuses_half_a_change(void **state)
{
	const sr_change create = { .op = SR_OP_CREATE }, update = { .op = SR_OP_UPDATE };
	SR_AUTO(sr_arena) arena = { 0 };
	sr_record r = membership(0, 1, &arena), after = { 0 };

	(void)state;
	assert_int_equal(sr_diff_apply(SR_TGT_MEMBERSHIP, &create, NULL, NULL, &arena, &after, NULL), -1);
	assert_int_equal(sr_diff_apply(SR_TGT_MEMBERSHIP, &update, NULL, &r, &arena, &after, NULL), -1);
	assert_null(after.kind);
	for (int i = 0; i < SR_OP_COUNT; i++)
		assert_string_not_equal(sr_op_name((sr_op)i), "?");
}

/* An inactive account is brought back, by whatever school, as it is; asked first only where others ended it. */
static void test_inactive_accounts_come_back(void **state)
{
	SR_AUTO(sr_arena) arena = { 0 };
	chance c = { 77 };
	sr_record held = target(&c, SR_TGT_USER, &arena), other = target(&c, SR_TGT_USER, &arena);
	sr_record wanted = same_key(&held, &other), after;
	sr_mirror_object m = mirror_of(&held);
	sr_diff_ctx asking = visitor;
	sr_change change;

	(void)state;
	m.restorable = true;
	change = sr_diff(SR_TGT_USER, SR_WANT_PRESENT, &wanted, &m, &visitor);
	assert_true(change.op == SR_OP_RESTORE && !change.fields && !change.waits);
	assert_int_equal(sr_diff_apply(SR_TGT_USER, &change, &held, &wanted, &arena, &after, NULL), 0);
	assert_true(sr_record_eq(&after, &held));
	asking.ask_inactive = true;
	assert_false(sr_diff(SR_TGT_USER, SR_WANT_PRESENT, &wanted, &m, &asking).waits); /* we ended it ourselves */
	m.gone = true;
	assert_true(sr_diff(SR_TGT_USER, SR_WANT_PRESENT, &wanted, &m, &asking).waits);
	assert_false(sr_diff(SR_TGT_USER, SR_WANT_PRESENT, &wanted, &m, &visitor).waits);
	m.is_acting_user = true;
	assert_int_equal(sr_diff(SR_TGT_USER, SR_WANT_PRESENT, &wanted, &m, &home).op, SR_OP_KEEP);
	/* No want of a diff ends an account. */
	for (int want = 0; want <= SR_WANT_DROP; want++)
		assert_int_not_equal(sr_diff(SR_TGT_USER, (sr_want)want, &wanted, &m, &home).op, SR_OP_INACTIVATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diff_of_equals_is_empty),
		cmocka_unit_test(test_inactive_accounts_come_back),
		cmocka_unit_test(test_apply_of_diff_gets_there),
		cmocka_unit_test(test_create_sends_all_that_is_set),
		cmocka_unit_test(test_only_memberships_are_dropped),
		cmocka_unit_test(test_memberships),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_a_section_keeps_its_course),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_apply_refuses_half_a_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
