/* Varlink messages and the tables behind them: what a row promises is what the check takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wire/ctl_msg.h"

/* --- Tables --- */

static void every_command_has_a_method_of_its_own(void **state)
{
	char method[SR_METHOD_BYTES];

	(void)state;
	assert_string_equal(sr_command_method(sr_command_find("year set"), method), "YearSet");
	assert_string_equal(sr_command_method(sr_command_find("acting-user show"), method), "ActingUserShow");
	assert_null(sr_command_find("year"));
	assert_null(sr_command_find_method("ConfigCheck"));
	for (size_t i = 0; i < sr_command_count(); i++) {
		const sr_command *c = sr_command_at(i);

		assert_ptr_equal(sr_command_find(c->verb), c);
		assert_ptr_equal(sr_command_find_method(sr_command_method(c, method)), c->local ? NULL : c);
		assert_true(c->max_args == -1 || c->max_args >= c->min_args);
		assert_true(c->help[0] && c->since[0] && c->handler[0]);
	}
	assert_null(sr_command_at(sr_command_count()));
}

/* As many arguments as the row allows, none behind one that takes all, options named as options are. */
static void parameters_agree_with_their_command(void **state)
{
	(void)state;
	for (size_t i = 0; i < sr_command_count(); i++) {
		const sr_command *c = sr_command_at(i);
		int arguments = 0;
		bool takes_all = false;

		for (const sr_param *p = sr_param_next(c, NULL); p; p = sr_param_next(c, p)) {
			if (p->option) {
				assert_true(sr_starts(p->option, "--"));
				continue;
			}
			assert_false(takes_all);
			takes_all = p->type == TYPE_SCHOOLS;
			arguments++;
		}
		if (!sr_streq(c->verb, "help"))
			assert_int_equal(takes_all ? -1 : arguments, c->max_args);
		assert_true(arguments >= c->min_args);
	}
}

static void every_code_is_found_and_explained(void **state)
{
	sr_code code;

	(void)state;
	for (int i = 0; i < SR_CODE_COUNT; i++) {
		const sr_code_row *row = sr_code_row_of((sr_code)i);

		assert_true(sr_starts(row->text, "SR-"));
		assert_true(row->title[0] && row->explanation[0] && row->todo[0]);
		assert_true(sr_code_parse(row->text, &code) && code == (sr_code)i);
		assert_true(sr_code_parse(row->text + 3, &code) && code == (sr_code)i);
	}
	assert_true(sr_code_parse("sr-terms-unmapped", &code));
	assert_int_equal(code, SR_CODE_TERMS_UNMAPPED);
	assert_false(sr_code_parse("SR-NO-SUCH", &code));
	assert_false(sr_code_parse("", &code));
}

/* --- Calls --- */

static int parse_call(const char *text, sr_ctl_call *out, sr_err *err)
{
	return sr_ctl_call_parse(text, strlen(text), out, err);
}

static void a_call_is_read(void **state)
{
	SR_AUTO(sr_ctl_call) call = { 0 }, bare = { 0 };

	(void)state;
	assert_int_equal(parse_call("{\"method\":\"org.sisroll.Control.YearSet\",\"parameters\":{\"year\":\"2026-27\"},"
				    "\"more\":true}",
				 &call, NULL),
		0);
	assert_string_equal(call.interface, "org.sisroll.Control");
	assert_string_equal(call.method, "YearSet");
	assert_string_equal(sr_json_text(call.params, "year"), "2026-27");
	assert_true(call.more);
	assert_false(call.oneway);
	assert_int_equal(parse_call("{\"method\":\"a.B\",\"parameters\":null}", &bare, NULL), 0);
	assert_int_equal(json_object_size(bare.params), 0);
}

static void what_is_no_call_is_refused(void **state)
{
	static const char *const bad[] = { "[]", "{}", "{\"method\":1}", "{\"method\":\"x\"}", "{\"method\":\".x\"}",
		"{\"method\":\"a.\"}", "{\"method\":\"a.B\",\"parameters\":[]}", "{\"method\":\"a.B\",\"more\":1}",
		"{\"method\":\"a.B\",\"moar\":true}", "{\"method\":\"a.B\",\"more\":true,\"oneway\":true}", "null",
		"1" };
	SR_AUTO(sr_buf) longest = { 0 };

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(bad); i++) {
		sr_ctl_call call = { 0 };
		sr_err err = { 0 };

		assert_int_equal(parse_call(bad[i], &call, &err), -1);
		assert_int_equal(err.code, SR_E_PROTO);
		assert_null(call.params);
	}
	sr_buf_puts(&longest, "{\"parameters\":{\"a\":1},\"method\":\"a.");
	for (int i = 0; i < 200; i++)
		sr_buf_putc(&longest, 'x');
	sr_buf_puts(&longest, "\"}");
	assert_int_equal(parse_call(sr_buf_text(&longest), &(sr_ctl_call){ 0 }, NULL), -1);
}

/* verb, parameters, the field that is wrong (NULL: none) */
static const struct {
	const char *verb, *params, *culprit;
} checks[] = {
	{ "status", "{}", NULL },
	{ "status", "{\"schools\":[\"101\",\"300-319\"],\"except\":[],\"phase\":\"paused\",\"all\":false}", NULL },
	{ "status", "{\"schools\":null}", NULL },
	{ "status", "{\"schools\":\"101\"}", "schools" },
	{ "status", "{\"schools\":[101]}", "schools" },
	{ "status", "{\"reason\":\"looking changes nothing\"}", "reason" },
	{ "status", "{\"colour\":1}", "colour" },
	{ "year set", "{}", "year" },
	{ "year set", "{\"year\":null}", "year" },
	{ "year set", "{\"year\":2026}", "year" },
	{ "year set", "{\"year\":\"2026-2027\",\"token\":\"t\",\"yes\":true,\"reason\":\"r\",\"all\":true}", NULL },
	{ "year set", "{\"year\":\"2026-2027\",\"before_sis_rollover\":1}", "before_sis_rollover" },
	{ "terms map", "{\"school\":\"101\",\"term\":3603,\"periods\":[1,2]}", NULL },
	{ "terms map", "{\"school\":\"101\",\"term\":3603,\"periods\":[1,\"2\"]}", "periods" },
	{ "terms map", "{\"school\":\"101\"}", "term" },
	{ "terms map", "{\"school\":\"101\",\"term\":3603.5}", "term" },
	{ "terms map", "{\"school\":\"101\",\"term\":3603,\"all\":true}", "all" },
	{ "plan show", "{\"plan\":5,\"csv\":true}", "csv" },
	{ "backup", "{\"file\":\"/x\"}", NULL },
	{ "backup", "{\"file\":7}", "file" },
};

static void parameters_are_checked_against_their_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(checks); i++) {
		json_auto_t *params = json_loads(checks[i].params, 0, NULL);
		char field[SR_CTL_NAME_MAX] = "";
		sr_err err = { 0 };
		int rc = sr_ctl_params_check(sr_command_find(checks[i].verb), params, field, &err);

		assert_int_equal(rc, checks[i].culprit ? -1 : 0);
		assert_string_equal(field, checks[i].culprit ? checks[i].culprit : "");
	}
}

static void a_long_field_name_is_cut_between_characters(void **state)
{
	SR_AUTO(sr_buf) name = { 0 };
	json_auto_t *params = json_object();
	char field[SR_CTL_NAME_MAX];

	(void)state;
	for (int i = 0; i < 200; i++)
		sr_buf_puts(&name, "\xc3\xa9");
	json_object_set_new(params, sr_buf_text(&name), json_true());
	assert_int_equal(sr_ctl_params_check(sr_command_find("status"), params, field, NULL), -1);
	assert_true(strlen(field) > 100);
	assert_true(sr_utf8_valid(field, strlen(field)));
}

/* --- Replies and refusals --- */

static void replies_come_back_as_they_were_sent(void **state)
{
	json_auto_t *params = json_pack("{s:i}", "n", 3);
	SR_AUTO_FREE char *call = sr_ctl_call_text("a.B", params, true, NULL),
			  *reply = sr_ctl_reply_text(params, true, NULL);
	SR_AUTO_FREE char *error = sr_ctl_error_text(SR_CTL_REFUSED, NULL, NULL);
	SR_AUTO(sr_ctl_reply) got = { 0 }, failed = { 0 };

	(void)state;
	assert_string_equal(call, "{\"method\":\"a.B\",\"parameters\":{\"n\":3},\"more\":true}");
	assert_int_equal(sr_ctl_reply_parse(reply, strlen(reply), &got, NULL), 0);
	assert_true(got.continues && json_equal(got.params, params) && !got.error[0]);
	assert_int_equal(sr_ctl_reply_parse(error, strlen(error), &failed, NULL), 0);
	assert_string_equal(failed.error, SR_CTL_REFUSED);
	assert_int_equal(json_object_size(failed.params), 0);
	assert_int_equal(sr_ctl_reply_parse("[]", 2, &got, NULL), -1);
	assert_int_equal(sr_ctl_reply_parse("{\"error\":5}", 11, &got, NULL), -1);
}

static void a_refusal_always_says_what_to_do(void **state)
{
	sr_refusal own = { .code = SR_CODE_GATE, .what = "w", .untouched = "u", .todo = { "a", "b" } };
	json_auto_t *given = sr_refusal_json(&own), *row = json_object(), *advised = NULL;
	SR_AUTO_FREE char *text = sr_json_dump(given, NULL);

	(void)state;
	assert_string_equal(text, "{\"code\":\"SR-GATE\",\"what\":\"w\",\"untouched\":\"u\",\"do\":[\"a\",\"b\"]}");
	advised = sr_refusal_json(&(sr_refusal){ .code = SR_CODE_GATE, .what = "w" });
	assert_int_equal(json_array_size(sr_json_array(advised, "do")), 3);
	assert_string_equal(sr_json_text(advised, "untouched"), "Nothing was changed.");
	assert_true(sr_refusal_into(&own, row));
	assert_string_equal(sr_json_text(row, "why"), "w");
	assert_false(sr_json_bool(row, "done", true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_has_a_method_of_its_own),
		cmocka_unit_test(parameters_agree_with_their_command),
		cmocka_unit_test(every_code_is_found_and_explained),
		cmocka_unit_test(a_call_is_read),
		cmocka_unit_test(what_is_no_call_is_refused),
		cmocka_unit_test(parameters_are_checked_against_their_row),
		cmocka_unit_test(a_long_field_name_is_cut_between_characters),
		cmocka_unit_test(replies_come_back_as_they_were_sent),
		cmocka_unit_test(a_refusal_always_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
