/* Days, records and their packed form: what is written is read, and nothing else is. */
#include "core_fixture.h"

static void test_every_day_prints_and_parses(void **state)
{
	const sr_day first = sr_day_make(1901, 1, 1), last = sr_day_make(2200, 12, 31);

	(void)state;
	for (sr_day d = first; d <= last; d++) {
		char text[11];
		int y, m, dom;
		sr_day back;

		sr_day_print(d, text);
		assert_true(sr_day_parse(text, &back));
		assert_int_equal(back, d);
		sr_day_split(d, &y, &m, &dom);
		assert_int_equal(sr_day_make(y, m, dom), d);
	}
	assert_int_equal(sr_day_make(1970, 1, 1), 0);
	assert_int_equal(sr_day_make(2000, 3, 1), 11017);
	assert_int_equal(last - first, 109572);
}

static void test_day_forms(void **state)
{
	static const char *const good[] = { "2026-08-17", "2026-08-17 00:00:00", "2026-08-17 14:17:37.0",
		"2026-08-17T00:00:00", "2026-08-17T23:59:59Z", "2026-08-17T23:59:59.123-05:00",
		"2026-08-17T00:00:00+0200", "8/17/2026", "08/17/2026" };
	static const char *const none[] = { "1899-12-30", "1900-12-31 00:00:00", "1/1/1900", "0001-01-01" };
	static const char *const bad[] = { "", "2026", "2026-8-17", "2026-02-29", "2026-13-01", "2026-00-10",
		"2026-08-32", "17.08.2026", "2026-08-17 ", "2026-08-17T", "2026-08-17 25:00:00", "2026-08-17 10:00",
		"2026-08-17 10:00:00Z", "13/1/2026", "8/17/26", "2026-08-17x", " 2026-08-17", "2026/08/17",
		"2026-08-17T10:00:00+", "2026-08-17 10:00:00.", "1899-13-01", "20260817", "+026-08-17", "99999-01-01" };
	sr_day d;

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(good); i++) {
		assert_true(sr_day_parse(good[i], &d));
		assert_int_equal(d, sr_day_make(2026, 8, 17));
	}
	for (size_t i = 0; i < SR_COUNT_OF(none); i++) {
		d = 1;
		assert_true(sr_day_parse(none[i], &d));
		assert_int_equal(d, SR_DAY_NONE);
	}
	for (size_t i = 0; i < SR_COUNT_OF(bad); i++) {
		d = 1;
		if (sr_day_parse(bad[i], &d))
			fail_msg("\"%s\" was taken for a day", bad[i]);
		assert_int_equal(d, 1);
	}
}

static void test_day_edges(void **state)
{
	char text[11] = "x";
	int y, m, d;

	(void)state;
	sr_day_print(SR_DAY_NONE, text);
	assert_string_equal(text, "");
	sr_day_print(INT32_MAX, text);
	assert_string_equal(text, "");
	sr_day_print(SR_DAY_NONE + 1, text);
	assert_string_equal(text, "");
	sr_day_split(-1, &y, &m, &d);
	assert_true(y == 1969 && m == 12 && d == 31);
	assert_int_equal(sr_day_make(1900, 2, 29), SR_DAY_NONE);
	assert_int_not_equal(sr_day_make(2000, 2, 29), SR_DAY_NONE);
}

static void walk_kinds(void (*check)(chance *c, const sr_kind *kind, sr_arena *arena))
{
	chance c = { 7 };

	for (int n = 0; n < 400; n++) {
		SR_AUTO(sr_arena) arena = { 0 };

		for (int k = 0; k < SR_SRC_COUNT; k++)
			check(&c, &sr_src_kinds[k], &arena);
		for (int k = 0; k < SR_TGT_COUNT; k++)
			check(&c, &sr_tgt_kinds[k], &arena);
	}
}

static void check_packs(chance *c, const sr_kind *kind, sr_arena *arena)
{
	sr_record r = any_record(c, kind, arena), back;
	sr_packed packed, again;

	assert_int_equal(sr_record_pack(&r, arena, &packed, NULL), 0);
	assert_int_equal(sr_record_unpack(kind, packed.bytes, packed.len, arena, &back, NULL), 0);
	assert_true(sr_record_eq(&r, &back));
	assert_int_equal(sr_record_pack(&back, arena, &again, NULL), 0);
	assert_int_equal(packed.len, again.len);
	assert_memory_equal(packed.bytes, again.bytes, packed.len);
}

static void test_pack_unpack(void **state)
{
	(void)state;
	walk_kinds(check_packs);
}

/* Whatever bytes come: either refused, or exactly what the writer would have written. */
static void check_damaged(chance *c, const sr_kind *kind, sr_arena *arena)
{
	sr_record r = any_record(c, kind, arena), back = { 0 };
	sr_packed packed, again;
	sr_err err;

	assert_int_equal(sr_record_pack(&r, arena, &packed, NULL), 0);
	if (chance_one_in(c, 2))
		packed.len = (size_t)chance_below(c, (int64_t)packed.len);
	else
		packed.bytes[chance_below(c, (int64_t)packed.len)] = (uint8_t)chance_u64(c);
	if (sr_record_unpack(kind, packed.bytes, packed.len, arena, &back, &err) < 0) {
		assert_null(back.kind);
		assert_int_equal(err.code, SR_E_PARSE);
		return;
	}
	assert_int_equal(sr_record_pack(&back, arena, &again, NULL), 0);
	assert_int_equal(packed.len, again.len);
	assert_memory_equal(packed.bytes, again.bytes, packed.len);
}

static void test_unpack_refuses_what_pack_never_wrote(void **state)
{
	(void)state;
	walk_kinds(check_damaged);
}

static void test_kinds_are_whole(void **state)
{
	(void)state;
	for (int k = 0; k < SR_SRC_COUNT; k++) {
		assert_true(sr_src_kinds[k].count > 0 && sr_src_kinds[k].count <= SR_FIELDS_MAX);
		for (size_t i = 0; i < sr_src_kinds[k].count; i++)
			assert_non_null(sr_src_kinds[k].fields[i].name);
		assert_int_equal(sr_src_kinds[k].fields[0].type, SR_T_INT);
	}
	for (int k = 0; k < SR_TGT_COUNT; k++) {
		const sr_kind *kind = &sr_tgt_kinds[k];

		for (size_t i = 0; i < kind->count; i++) {
			assert_non_null(kind->fields[i].name);
			assert_true(kind->fields[i].flags & SR_F_CREATE);
			assert_false((kind->fields[i].flags & SR_F_KEY) && (kind->fields[i].flags & SR_F_UPDATE));
		}
		assert_true(kind->fields[0].flags & SR_F_KEY);
	}
	assert_string_equal(sr_src_name(SR_SRC_ENROLLMENT), "enrollment");
	assert_string_equal(sr_tgt_name(SR_TGT_MEMBERSHIP), "membership");
	assert_string_equal(sr_src_name(SR_SRC_COUNT), "?");
}

static void test_student_and_teacher_of_one_number_are_two(void **state)
{
	(void)state;
	assert_true(sr_person_student(1042) != sr_person_staff(1042));
	assert_int_equal(sr_person_dcid(sr_person_staff(1042)), 1042);
	assert_true(sr_person_is_staff(sr_person_staff(1042)));
	assert_false(sr_person_is_staff(sr_person_student(1042)));
}

static void test_text_ident(void **state)
{
	(void)state;
	assert_int_equal(sr_text_ident(" ALG1\t"), sr_text_ident("alg1"));
	assert_true(sr_text_ident("ALG1") != sr_text_ident("ALG2"));
	assert_true(sr_text_ident("ALG 1") != sr_text_ident("ALG1"));
	assert_true(sr_text_ident("") > 0);
	for (char c = 1; c < 127; c++)
		assert_true(
			sr_text_ident((char[]){ c, '\0' }) > 0 && sr_text_ident((char[]){ c, '\0' }) < SR_PERSON_STAFF);
}

static void test_hash(void **state)
{
	sr_hash a = sr_hash_bytes(1, "abc", 3), b = sr_hash_bytes(1, "abc", 3), c = sr_hash_bytes(2, "abc", 3);

	(void)state;
	assert_true(sr_hash_eq(&a, &b));
	assert_false(sr_hash_eq(&a, &c));
	b = sr_hash_bytes(1, "abd", 3);
	assert_false(sr_hash_eq(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_day_prints_and_parses),
		cmocka_unit_test(test_day_forms),
		cmocka_unit_test(test_day_edges),
		cmocka_unit_test(test_pack_unpack),
		cmocka_unit_test(test_unpack_refuses_what_pack_never_wrote),
		cmocka_unit_test(test_kinds_are_whole),
		cmocka_unit_test(test_student_and_teacher_of_one_number_are_two),
		cmocka_unit_test(test_text_ident),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
