/* PowerSchool's answers, quirk by quirk (contracts/powerschool.md sections 2, 4, 10, 16.16). */
#include "codec_fixture.h"

#include "codec/body.h"
#include "codec/ps_codec.h"

static void reads_flattened_rows_of_mixed_types(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	SR_AUTO_FREE char *page = golden("ps_students_flat.json");
	sr_ps_rows rows;
	sr_err err;

	(void)state;
	assert_int_equal(sr_ps_rows_read(SR_SRC_STUDENT, page, strlen(page), 0, &a, &rows, &err), 0);
	assert_int_equal(rows.count, 3);
	assert_int_equal(rows.bad, 0);
	assert_int_equal(rows.last_key, 571);
	assert_string_equal(sr_record_text(&rows.records[0], SR_STU_STUDENT_NUMBER), "204881");
	assert_string_equal(sr_record_text(&rows.records[0], SR_STU_FIRST_NAME), "Zo\u00eb");
	assert_int_equal(sr_record_day(&rows.records[0], SR_STU_EXITDATE_EXCL), sr_day_make(2027, 6, 5));
	assert_string_equal(sr_record_text(&rows.records[1], SR_STU_STUDENT_WEB_ID), "204882");
	assert_string_equal(sr_record_text(&rows.records[1], SR_STU_LAST_NAME), "B{]}\"\\");
	assert_int_equal(sr_record_int(&rows.records[1], SR_STU_GRADE_LEVEL, 99), -1);
	assert_int_equal(sr_record_day(&rows.records[1], SR_STU_EXITDATE_EXCL), SR_DAY_NONE);
	assert_false(rows.records[1].v[SR_STU_GRAD_YEAR].set);
	assert_string_equal(sr_record_text(&rows.records[2], SR_STU_STUDENT_NUMBER), "000042");
	assert_null(sr_record_text(&rows.records[2], SR_STU_LAST_NAME));
	assert_int_equal(sr_record_day(&rows.records[2], SR_STU_ENTRYDATE), sr_day_make(2026, 8, 17));
	assert_int_equal(rows.raw[0].bytes[0], '{');
	assert_int_equal(rows.raw[0].bytes[rows.raw[0].len - 1], '}');
}

/* Unflattened rows have an `id` and a `name` of their own, which are no columns. */
static void reads_the_default_shape(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	SR_AUTO_FREE char *page = golden("ps_students_default.json");
	sr_ps_rows rows;

	(void)state;
	assert_int_equal(sr_ps_rows_read(SR_SRC_STUDENT, page, strlen(page), 0, &a, &rows, NULL), 0);
	assert_int_equal(rows.count, 1);
	assert_int_equal(sr_record_int(&rows.records[0], SR_STU_ID, 0), 5690);
	assert_int_equal(sr_record_int(&rows.records[0], SR_STU_SCHOOLID, 0), 312);
	assert_false(rows.records[0].v[SR_STU_EXITDATE_EXCL].set);
}

static void reads_one_row_and_none(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	SR_AUTO_FREE char *one = golden("ps_single_row.json");
	SR_AUTO_FREE char *none = golden("ps_no_rows.json");
	sr_ps_rows rows;

	(void)state;
	assert_int_equal(sr_ps_rows_read(SR_SRC_TERM, one, strlen(one), 2210, &a, &rows, NULL), 0);
	assert_int_equal(rows.count, 1);
	assert_int_equal(sr_record_int(&rows.records[0], SR_TERM_YEARID, 0), 36);
	assert_string_equal(sr_record_text(&rows.records[0], SR_TERM_NAME), "2026-2027");
	assert_int_equal(sr_ps_rows_read(SR_SRC_TERM, none, strlen(none), 2211, &a, &rows, NULL), 0);
	assert_int_equal(rows.count, 0);
	assert_int_equal(rows.last_key, 2211);
}

static void names_bad_rows_without_their_contents(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	SR_AUTO_FREE char *page = golden("ps_bad_rows.json");
	static const char *const paths[] = { "record[1].dateenrolled: expected a date, got text",
		"record[2].studentid: expected a whole number, got object", "record[3].dcid: missing",
		"record[4].studentid: expected a whole number, got text" };
	static const int64_t keys[] = { 2, 3, 0, 5 };
	sr_ps_rows rows;

	(void)state;
	assert_int_equal(sr_ps_rows_read(SR_SRC_ENROLLMENT, page, strlen(page), 0, &a, &rows, NULL), 0);
	assert_int_equal(rows.count, 2);
	assert_int_equal(rows.bad, 4);
	for (size_t i = 0; i < rows.bad; i++) {
		assert_string_equal(rows.bad_paths[i], paths[i]);
		assert_int_equal(rows.bad_keys[i], keys[i]);
	}
	assert_int_equal(sr_record_int(&rows.records[0], SR_CC_SECTIONID, 0), -4411);
	assert_int_equal(sr_record_int(&rows.records[1], SR_CC_TERMID, 0), 3600);
}

static void refuses_what_is_no_page(void **state)
{
	static const struct {
		const char *body;
		int64_t after;
		sr_errc code;
	} rows[] = {
		{ "{\"record\":[{\"dcid\":2,\"id\":1},{\"dcid\":1,\"id\":1}]}", 0, SR_E_PROTO },
		{ "{\"record\":[{\"dcid\":2,\"id\":1},{\"dcid\":2,\"id\":1}]}", 0, SR_E_PROTO },
		{ "{\"record\":[{\"dcid\":2,\"id\":1}]}", 2, SR_E_PROTO },
		{ "{\"record\":[{\"dcid\":2,\"id\":1}", 0, SR_E_PROTO },
		{ "", 0, SR_E_PROTO },
		{ "[]", 0, SR_E_PROTO },
		{ "{\"message\":\"something is wrong\"}", 0, SR_E_REMOTE },
		{ "{\"errorMessage\":{\"message\":\"no\"}}", 0, SR_E_REMOTE },
		{ "<html>", 0, SR_E_REMOTE },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		SR_AUTO(sr_arena) a = { 0 };
		sr_ps_rows out = { .last_key = 77 };
		sr_err err;

		assert_int_equal(
			sr_ps_rows_read(SR_SRC_TERM, rows[i].body, strlen(rows[i].body), rows[i].after, &a, &out, &err),
			-1);
		assert_int_equal(err.code, rows[i].code);
		assert_int_equal(out.last_key, 77);
	}
}

static void bounds_texts(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	SR_AUTO(sr_buf) body = { 0 };
	sr_ps_rows rows;

	(void)state;
	sr_buf_puts(&body, "{\"record\":[{\"dcid\":1,\"name\":\"");
	for (int i = 0; i <= SR_PS_TEXT_MAX; i++)
		sr_buf_putc(&body, 'x');
	sr_buf_puts(&body, "\"}]}");
	assert_int_equal(sr_ps_rows_read(SR_SRC_TERM, body.p, body.len, 0, &a, &rows, NULL), 0);
	assert_int_equal(rows.bad, 1);
	assert_string_equal(rows.bad_paths[0], "record[0].name: expected a short text, got text");
}

static void reads_schools(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	SR_AUTO_FREE char *many = golden("ps_schools.json");
	SR_AUTO_FREE char *one = golden("ps_school_single.json");
	sr_ps_school *s;
	size_t count, seen;

	(void)state;
	assert_int_equal(sr_ps_schools_read(many, strlen(many), &a, &s, &count, &seen, NULL), 0);
	assert_int_equal(count, 2);
	assert_int_equal(seen, 3);
	assert_int_equal(s[1].number, 400);
	assert_int_equal(s[1].dcid, 7);
	assert_string_equal(s[1].name, "1234");
	assert_int_equal(sr_ps_schools_read(one, strlen(one), &a, &s, &count, &seen, NULL), 0);
	assert_int_equal(count, 1);
	assert_int_equal(sr_ps_schools_read("{\"schools\":\"\"}", 14, &a, &s, &count, &seen, NULL), 0);
	assert_int_equal(count, 0);
	assert_int_equal(sr_ps_schools_read("{}", 2, &a, &s, &count, &seen, NULL), -1);
}

static void reads_the_small_answers(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	SR_AUTO_FREE char *meta = golden("ps_metadata.json");
	SR_AUTO_FREE char *tok = golden("ps_token.json");
	sr_ps_token token;
	sr_ps_pair *pairs;
	sr_ps_info info;
	size_t count;
	int64_t n;

	(void)state;
	assert_int_equal(sr_ps_info_read(meta, strlen(meta), &a, &info, NULL), 0);
	assert_string_equal(info.timezone, "America/Boise");
	assert_int_equal(info.school_page_size, 2);
	assert_int_equal(sr_ps_token_read(tok, strlen(tok), &a, &token, NULL), 0);
	assert_int_equal(token.expires_in_s, 2504956);
	assert_int_equal(sr_ps_token_read("{\"access_token\":\"a b\"}", 22, &a, &token, NULL), -1);
	assert_int_equal(sr_ps_count_read("{\"count\":\"423\"}", 15, &n, NULL), 0);
	assert_int_equal(n, 423);
	assert_int_equal(sr_ps_count_read("{\"resource\":{\"count\":7}}", 24, &n, NULL), 0);
	assert_int_equal(n, 7);
	assert_int_equal(sr_ps_count_read("{\"count\":-1}", 12, &n, NULL), -1);
	assert_int_equal(sr_ps_count_read("[]", 2, &n, NULL), -1);
	assert_int_equal(sr_ps_pairs_read("{\"record\":{\"name\":\"coursearchiveyear\",\"value\":36}}", 50, "name",
				 "value", &a, &pairs, &count, NULL),
		0);
	assert_string_equal(pairs[0].b, "36");
}

static void reads_every_refusal(void **state)
{
	static const struct {
		const char *body, *message, *table, *field, *code;
	} rows[] = {
		{ "{\"message\":\"At least one column lacks sufficient "
		  "permission\",\"errors\":[{\"code\":\"NoAccess\",\"field\":"
		  "\"SchoolID\",\"resource\":\"Log\"}]}",
			"At least one column lacks sufficient permission", "Log", "SchoolID", "NoAccess" },
		{ "{\"message\":\"m\",\"errors\":{\"code\":\"NoAccess\",\"field\":\"F\",\"resource\":\"R\"}}", "m", "R",
			"F", "NoAccess" },
		{ "{\"errorMessage\":{\"message\":\"missing right\"}}", "missing right", "", "", "" },
		{ "{\"error\":\"invalid_client\"}", "invalid_client", "", "", "" },
		{ "{\"message\":\"two\\nlines\"}", "two lines", "", "", "" },
		{ "", "", "", "", "" },
		{ "<html>", "", "", "", "" },
		{ "not json", "", "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		SR_AUTO(sr_arena) a = { 0 };
		sr_ps_refusal r;

		sr_ps_refusal_read(rows[i].body, strlen(rows[i].body), &a, &r);
		assert_string_equal(r.message, rows[i].message);
		assert_string_equal(r.table, rows[i].table);
		assert_string_equal(r.field, rows[i].field);
		assert_string_equal(r.code, rows[i].code);
	}
}

static void knows_a_web_page(void **state)
{
	SR_AUTO_FREE char *page = golden("ps_unavailable.html");

	(void)state;
	assert_true(sr_body_is_html(page, strlen(page)));
	assert_true(sr_body_is_html("\xef\xbb\xbf<HTML lang=\"en\">", 18));
	assert_false(sr_body_is_html("{\"a\":\"<html>\"}", 14));
	assert_false(sr_body_is_html("", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_flattened_rows_of_mixed_types),
		cmocka_unit_test(reads_the_default_shape),
		cmocka_unit_test(reads_one_row_and_none),
		cmocka_unit_test(names_bad_rows_without_their_contents),
		cmocka_unit_test(refuses_what_is_no_page),
		cmocka_unit_test(bounds_texts),
		cmocka_unit_test(reads_schools),
		cmocka_unit_test(reads_the_small_answers),
		cmocka_unit_test(reads_every_refusal),
		cmocka_unit_test(knows_a_web_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
