/* JSON from anybody: bounds hold before anything is built, and errors name their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wire/json.h"

static int parse(const char *text, json_t **out, sr_err *err)
{
	return sr_json_parse(text, strlen(text), 1000, out, err);
}

static void a_document_is_read(void **state)
{
	json_auto_t *o = NULL;

	(void)state;
	assert_int_equal(parse("{\"a\":1,\"b\":\"x\",\"c\":null,\"d\":true,\"e\":[1],\"f\":{}}", &o, NULL), 0);
	assert_int_equal(sr_json_int(o, "a", 7), 1);
	assert_int_equal(sr_json_int(o, "b", 7), 7);
	assert_int_equal(sr_json_int(o, "missing", 7), 7);
	assert_string_equal(sr_json_text(o, "b"), "x");
	assert_null(sr_json_text(o, "c"));
	assert_null(sr_json_text(o, "a"));
	assert_true(sr_json_bool(o, "d", false));
	assert_int_equal(json_array_size(sr_json_array(o, "e")), 1);
	assert_non_null(sr_json_object(o, "f"));
	assert_null(sr_json_object(o, "e"));
	assert_null(sr_json_text(NULL, "a"));
}

static void what_is_no_document_is_refused(void **state)
{
	static const char *const bad[] = { "", "{", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "[1,]", "nul", "\"\\ud800\"",
		"\"\xff\"", "{\"a\\u0000\":1}", "\"\\u0000\"", "123456789012345678901234567890", "]", "\"", "\"\\" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(bad); i++) {
		json_t *o = NULL;
		sr_err err = { 0 };

		assert_int_equal(parse(bad[i], &o, &err), -1);
		assert_int_equal(err.code, SR_E_PARSE);
		assert_null(o);
	}
}

static char *nested(int depth)
{
	SR_AUTO(sr_buf) b = { 0 };

	for (int i = 0; i < depth; i++)
		sr_buf_putc(&b, '[');
	for (int i = 0; i < depth; i++)
		sr_buf_putc(&b, ']');
	return sr_buf_take(&b);
}

static void depth_and_length_are_bounded(void **state)
{
	SR_AUTO_FREE char *fits = nested(SR_JSON_DEPTH_MAX), *deep = nested(SR_JSON_DEPTH_MAX + 1);
	json_auto_t *o = NULL, *brackets = NULL;
	json_t *none = NULL;
	sr_err err = { 0 };

	(void)state;
	assert_int_equal(parse(fits, &o, &err), 0);
	assert_int_equal(parse(deep, &none, &err), -1);
	assert_int_equal(err.code, SR_E_LIMIT);
	assert_int_equal(sr_json_parse("[1,2]", 5, 4, &none, &err), -1);
	assert_int_equal(err.code, SR_E_LIMIT);
	/* Brackets inside text nest nothing, escaped quotes do not end it. */
	assert_int_equal(parse("[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]", &brackets, &err), 0);
}

static void a_builder_fails_once_and_for_all(void **state)
{
	sr_json_obj good = sr_json_obj_new(), bad = sr_json_obj_new();
	json_auto_t *o = NULL;
	SR_AUTO_FREE char *text = NULL;

	(void)state;
	sr_json_put_text(&good, "name", "Jos\xc3\xa9");
	sr_json_put_text(&good, "none", NULL);
	sr_json_put_int(&good, "n", -1);
	sr_json_put_bool(&good, "b", true);
	o = sr_json_obj_take(&good);
	text = sr_json_dump(o, NULL);
	assert_string_equal(text, "{\"name\":\"Jos\xc3\xa9\",\"none\":null,\"n\":-1,\"b\":true}");
	sr_json_put_text(&bad, "name", "\xff");
	sr_json_put_int(&bad, "n", 1);
	assert_null(sr_json_obj_take(&bad));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_read),
		cmocka_unit_test(what_is_no_document_is_refused),
		cmocka_unit_test(depth_and_length_are_bounded),
		cmocka_unit_test(a_builder_fails_once_and_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
