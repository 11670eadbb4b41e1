/* Keys: whole or empty, compared folded, and never one for two people. */
#include "core_fixture.h"

#include "core/match.h"

static const char *get(void *arg, const char *field)
{
	static const char *const values[][2] = { { "student_number", "0042" }, { "teacher_number", "17" },
		{ "blank", "" }, { "brace", "{x}" } };

	(void)arg;
	for (size_t i = 0; i < SR_COUNT_OF(values); i++)
		if (sr_streq(values[i][0], field))
			return values[i][1];
	return NULL;
}

static void test_templates(void **state)
{
	static const char *const cases[][2] = {
		{ "{student_number}", "0042" },
		{ "T{teacher_number}", "T17" },
		{ "{teacher_number}-{student_number}x", "17-0042x" },
		{ "", "" },
		{ "plain", "plain" },
		{ "T{blank}", "" },
		{ "{student_number}{unknown}", "" },
		{ "T{student_number", "" },
		{ "{}", "" },
		{ "{brace}", "{x}" },
	};
	SR_AUTO(sr_buf) out = { 0 };

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(cases); i++) {
		sr_template_expand(cases[i][0], get, NULL, &out);
		assert_string_equal(sr_buf_text(&out), cases[i][1]);
	}
	sr_template_expand(NULL, get, NULL, &out);
	assert_string_equal(sr_buf_text(&out), "");
}

static void test_template_check(void **state)
{
	static const char *const allowed[] = { "student_number", "school_number", NULL };
	static const char *const good[] = { "", "{student_number}", "S{school_number}-{student_number}" };
	static const char *const bad[] = { "{student_numbe}", "{", "}", "{student_number", "{{student_number}}", "{}",
		"student_number}" };
	sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(good); i++)
		assert_int_equal(sr_template_check(good[i], allowed, NULL), 0);
	for (size_t i = 0; i < SR_COUNT_OF(bad); i++)
		assert_int_equal(sr_template_check(bad[i], allowed, &err), -1);
}

static void test_fold_keeps_zeros(void **state)
{
	char a[] = " T0042\t", b[] = "ÉA";

	(void)state;
	assert_string_equal(sr_key_fold(a), "t0042");
	assert_string_equal(sr_key_fold(b), "Éa");
}

static void add(sr_keys *k, const char *key, int64_t person)
{
	char copy[64];

	snprintf(copy, sizeof(copy), "%s", key);
	assert_int_equal(sr_keys_add(k, sr_key_fold(copy), person, NULL), 0);
}

static void test_collisions_across_kinds_and_case(void **state)
{
	sr_keys *k = sr_keys_new();

	(void)state;
	add(k, "1042", sr_person_student(1042));
	add(k, "1042", sr_person_student(1042)); /* seen at two schools: one person */
	assert_false(sr_keys_collides(k, "1042"));
	add(k, " 1042 ", sr_person_staff(1042));
	add(k, "1042", sr_person_staff(7));
	assert_true(sr_keys_collides(k, "1042"));
	add(k, "T17", sr_person_staff(17));
	add(k, "t17", sr_person_student(99));
	assert_true(sr_keys_collides(k, "t17"));
	add(k, "42", 1);
	add(k, "042", 2);
	assert_false(sr_keys_collides(k, "42") || sr_keys_collides(k, "042") || sr_keys_collides(k, "nobody"));
	add(k, "", 1);
	add(k, "", 2); /* an empty key is a verdict of its own */
	assert_false(sr_keys_collides(k, ""));
	assert_int_equal(sr_keys_collision_count(k), 2);
	sr_keys_free(k);
	sr_keys_free(NULL);
}

/* Against a table that is searched from end to end. */
static void test_collisions_law(void **state)
{
	enum { KEYS = 700, HOLDERS = 2000 };
	static int64_t first[KEYS];
	static bool shared[KEYS];
	sr_keys *k = sr_keys_new();
	chance c = { 3 };
	size_t count = 0;

	(void)state;
	for (int n = 0; n < HOLDERS; n++) {
		int64_t key = chance_below(&c, KEYS), person = 1 + chance_below(&c, 3);
		char text[24];

		snprintf(text, sizeof(text), "k%lld", (long long)key);
		add(k, text, person);
		shared[key] |= first[key] && first[key] != person;
		first[key] = first[key] ? first[key] : person;
	}
	for (int key = 0; key < KEYS; key++) {
		char text[24];

		snprintf(text, sizeof(text), "k%d", key);
		assert_int_equal(sr_keys_collides(k, text), shared[key]);
		count += shared[key];
	}
	assert_int_equal(sr_keys_collision_count(k), count);
	sr_keys_free(k);
}

static void test_same_person(void **state)
{
	(void)state;
	assert_true(sr_match_same_person("Ana", NULL, "O'Neil", NULL, NULL, " ana ", NULL, "o'neil", NULL, NULL));
	assert_true(sr_match_same_person("Elizabeth", "Liz", "Ng", NULL, NULL, "Liz", NULL, "Ng", NULL, NULL));
	assert_true(sr_match_same_person("Liz", NULL, "Ng", NULL, NULL, "Elizabeth", "Liz", "Ng", NULL, NULL));
	assert_true(sr_match_same_person("A", NULL, "B", "a.b@x.org", NULL, "C", NULL, "D", "A.B@x.org", NULL));
	assert_true(sr_match_same_person("A", NULL, "B", NULL, "ab1", "C", NULL, "D", NULL, "AB1"));
	assert_false(sr_match_same_person("Ana", NULL, "Ng", NULL, NULL, "Ben", NULL, "Ng", NULL, NULL));
	assert_false(sr_match_same_person("Ana", NULL, "Ng", NULL, NULL, "Ana", NULL, "Lee", NULL, NULL));
	assert_false(sr_match_same_person("", "", "", "", "", "", "", "", "", "")); /* nothing is no evidence */
	assert_false(sr_match_same_person(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
	assert_false(sr_match_same_person("Ana", NULL, "Ng", " ", NULL, "Ben", NULL, "Lee", " ", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_template_check),
		cmocka_unit_test(test_fold_keeps_zeros),
		cmocka_unit_test(test_collisions_across_kinds_and_case),
		cmocka_unit_test(test_collisions_law),
		cmocka_unit_test(test_same_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
