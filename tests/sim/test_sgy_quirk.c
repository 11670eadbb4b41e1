/* The switches of the Schoology stand-in: their table, and both sides of those that concern every call.
 * Reads conformance_sgy.md too: no row of it without a test, no switch without a row. */
#include <stdlib.h>

#include "sgy_testkit.h"

static int setup(void **state)
{
	static kit k;

	kit_open(&k, NULL);
	*state = &k;
	return 0;
}

static int teardown(void **state)
{
	kit_close(*state);
	return 0;
}

/* --- the table --- */

static void the_table_agrees_with_the_defaults(void **state)
{
	size_t count;
	const sim_quirk_row *rows = sim_sgy_quirks_table(&count);
	sim_sgy_options options;
	const size_t end = offsetof(sim_sgy_options, import_delete_grades) + sizeof(int);

	(void)state;
	assert_int_equal(count * sizeof(int), end - offsetof(sim_sgy_options, default_format));
	memset(&options, 0x55, sizeof(options));
	options.public_base = options.admin_role = NULL;
	for (size_t i = 0; i < count; i++) {
		assert_true(sr_starts(rows[i].section, "schoology.md "));
		assert_true(*rows[i].help != '\0');
		if (sim_sgy_option_set(&options, rows[i].name, rows[i].standard, NULL) < 0)
			fail_msg("%s does not take its standard %s", rows[i].name, rows[i].standard);
	}
	assert_memory_equal(&options, &sim_sgy_defaults, end);
}

static void every_listed_value_is_taken_and_no_other(void **state)
{
	size_t count;
	const sim_quirk_row *rows = sim_sgy_quirks_table(&count);
	sim_sgy_options options = sim_sgy_defaults;
	sr_err err;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		char copy[64], *save = NULL;
		snprintf(copy, sizeof(copy), "%s", strchr(rows[i].values, '|') ? rows[i].values : "");
		for (char *p = strtok_r(copy, "|", &save); p; p = strtok_r(NULL, "|", &save))
			if (sim_sgy_option_set(&options, rows[i].name, p, &err) < 0)
				fail_msg("%s=%s: %s", rows[i].name, p, err.text);
		assert_int_equal(sim_sgy_option_set(&options, rows[i].name, "9999999999", &err), -1);
		assert_int_equal(err.code, SR_E_RANGE);
		assert_int_equal(sim_sgy_option_set(&options, rows[i].name, "", &err), -1);
	}
	assert_int_equal(sim_sgy_option_set(&options, "bulk_put_status", "203", &err), -1);
	assert_int_equal(sim_sgy_option_set(&options, "nothing", "1", &err), -1);
	assert_int_equal(err.code, SR_E_INVALID);
}

/* --- formats and errors --- */

static void error_bodies_in_three_shapes(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "GET", "/v1/users/1", NULL), 404);
	assert_string_equal(kit_body(k), "User not found.");
	kit_option(k, "error_body", "error");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/1", NULL), 404);
	assert_string_equal(kit_text(k, "error"), "User not found.");
	kit_option(k, "error_body", "message");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/1", NULL), 404);
	assert_string_equal(kit_text(k, "message"), "User not found.");
	assert_int_equal(kit_number(k, "code"), 404);
	kit_send(k, "GET", "/v1/users/1", NULL, NULL);
	assert_string_equal(kit_body(k), "Can't verify request, missing oauth_consumer_key or oauth_token");
}

static void json_wants_double_quotes_and_takes_any_number(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "POST", "/v1/users", "{'school_uid':'x'}"), 400);
	assert_int_equal(kit_ask(k, "POST", "/v1/users", "[1]"), 400);
	kit_section(k, "c1", 436);
	assert_int_equal(kit_import(k, "c1", "svc", ",'admin':'1'"), 200);
	assert_int_equal(kit_import(k, "c1", "svc", ",'admin':1"), 200);
	assert_int_equal(kit_import(k, "c1", "svc", ",'admin':'yes'"), 200);
	assert_int_equal(kit_int(k, "SELECT admin FROM sgy_enrollment"), 1);
	assert_int_equal(kit_import(k, "c1", "svc", ",'admin':2"), 400);
}

static void failing_items_with_and_without_message(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_write(k, "PUT", "/v1/users", "{'user':[{'id':5}]}"), 207);
	assert_string_equal(kit_text(k, "user.0.message"), "User not found.");
	kit_option(k, "item_message", "0");
	kit_option(k, "bulk_put_status", "200");
	assert_int_equal(kit_write(k, "PUT", "/v1/users", "{'user':[{'id':5}]}"), 200);
	assert_int_equal(kit_number(k, "user.0.response_code"), 404);
	assert_null(json_object_get(kit_get(k, "user.0"), "message"));
}

static void numbers_as_documented_or_all_alike(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	kit_ask(k, "GET", "/v1/users", NULL);
	assert_string_equal(kit_text(k, "user.0.uid"), "4711902");
	assert_int_equal(kit_number(k, "user.0.id"), 4711902);
	kit_option(k, "number_types", "text");
	kit_ask(k, "GET", "/v1/users", NULL);
	assert_string_equal(kit_text(k, "user.0.id"), "4711902");
	assert_string_equal(kit_text(k, "user.0.role_id"), "1212");
	kit_ask(k, "GET", "/v1/courses/310204000/sections", NULL);
	assert_string_equal(kit_text(k, "section.0.grading_periods.0"), "436");
	kit_option(k, "number_types", "number");
	kit_ask(k, "GET", "/v1/users", NULL);
	assert_int_equal(kit_number(k, "user.0.uid"), 4711902);
	assert_int_equal(kit_number(k, "total"), 1);
	kit_ask(k, "GET", "/v1/courses/310204000/sections", NULL);
	assert_int_equal(kit_number(k, "section.0.id"), 4712900000);
}

/* --- keys --- */

static void bad_signatures_burn_their_nonce_or_not(void **state)
{
	kit *k = *state;

	for (int burn = 0; burn < 2; burn++) {
		kit_option(k, "burn_nonce", burn ? "1" : "0");
		k->secret = "guess";
		assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 401);
		k->secret = "s3cr&t%";
		k->nonce--;
		assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), burn ? 401 : 303);
	}
	assert_string_equal(
		kit_body(k), "Duplicate timestamp/nonce combination, possible replay attack.  Request rejected.");
	kit_option(k, "nonce_text", "one");
	k->nonce--;
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 401);
	assert_string_equal(
		kit_body(k), "Duplicate timestamp/nonce combination, possible replay attack. Request rejected.");
}

static void old_nonces_are_forgotten_or_not(void **state)
{
	kit *k = *state;

	for (int expiry = 0; expiry < 2; expiry++) {
		kit_sql(k, "DELETE FROM sgy_nonce");
		kit_option(k, "nonce_expiry", expiry ? "1" : "0");
		k->timestamp = 1791000000 + expiry;
		assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
		k->timestamp += 601;
		assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
		assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_nonce"), expiry ? 1 : 2);
	}
}

static void the_skew_is_a_number_of_seconds(void **state)
{
	kit *k = *state;

	kit_option(k, "skew_s", "10");
	k->timestamp = 1791000000;
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
	k->timestamp = 1791000000 - 11;
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 401);
	k->timestamp = 1791000000 - 10;
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
}

static void realm_and_token_may_be_missing_or_empty(void **state)
{
	kit *k = *state;
	static const char *const starts[] = { "OAuth realm=\"Schoology API\",", "OAuth realm=\"\",", "OAuth ",
		"OAuth realm=\"Schoology%20API\",", "OAuth oauth_token=\"\"," };
	char header[512];

	for (size_t i = 0; i < SR_COUNT_OF(starts); i++) {
		snprintf(header, sizeof(header),
			"%soauth_consumer_key=\"ck1\",oauth_nonce=\"r%zu\",oauth_timestamp=\"1789473600\","
			"oauth_signature_method=\"PLAINTEXT\",oauth_signature=\"s3cr%%26t%%25&\"",
			starts[i], i);
		kit_send(k, "GET", "/v1/users/me", header, NULL);
		assert_int_equal(k->reply.status, 303);
	}
}

static void other_signature_methods_are_refused(void **state)
{
	kit *k = *state;

	kit_send(k, "GET", "/v1/users/me",
		"OAuth oauth_consumer_key=\"ck1\",oauth_nonce=\"m\",oauth_timestamp=\"1789473600\","
		"oauth_signature_method=\"HMAC-SHA256\",oauth_signature=\"x\"",
		NULL);
	assert_int_equal(k->reply.status, 401);
	assert_string_equal(kit_body(k), "Unsupported signature method \"HMAC-SHA256\".");
}

/* --- lists --- */

static void a_list_from_an_id_on(void **state)
{
	kit *k = *state;

	kit_ask(k, "GET", "/v1/gradingperiods?start_id=436&limit=1&title=202&startswith=1", NULL);
	assert_int_equal(kit_number(k, "gradingperiods.0.id"), 436);
	assert_int_equal(kit_number(k, "total"), 3);
	assert_string_equal(kit_text(k, "links.next"),
		"http://127.0.0.1:8902/v1/gradingperiods?start_id=437&limit=1&title=202&startswith=1");
	kit_ask(k, "GET", "/v1/gradingperiods?start_id=437&limit=2", NULL);
	assert_int_equal(kit_number(k, "gradingperiods.0.id"), 437);
	assert_null(json_object_get(kit_get(k, "links"), "next"));
}

static void next_links_with_and_without_filters(void **state)
{
	kit *k = *state;
	static const char url[] = "/v1/gradingperiods?title=202&startswith=1&limit=2";

	kit_ask(k, "GET", url, NULL);
	assert_string_equal(kit_text(k, "links.next"),
		"http://127.0.0.1:8902/v1/gradingperiods?start=2&limit=2&title=202&startswith=1");
	kit_option(k, "next_drops_filters", "1");
	kit_ask(k, "GET", url, NULL);
	assert_string_equal(kit_text(k, "links.next"), "http://127.0.0.1:8902/v1/gradingperiods?start=2&limit=2");
}

static void limits_above_200_are_clamped_or_refused(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "GET", "/v1/users?limit=201", NULL), 200);
	assert_non_null(strstr(kit_text(k, "links.self"), "limit=200"));
	kit_option(k, "limit_over_error", "1");
	assert_int_equal(kit_ask(k, "GET", "/v1/users?limit=201", NULL), 400);
	assert_int_equal(kit_ask(k, "GET", "/v1/users?limit=200", NULL), 200);
}

static void totals_and_links_said_or_not(void **state)
{
	kit *k = *state;

	kit_ask(k, "GET", "/v1/users", NULL);
	assert_non_null(json_object_get(k->json, "total"));
	assert_non_null(json_object_get(k->json, "links"));
	kit_option(k, "list_total", "0");
	kit_option(k, "list_links", "0");
	kit_ask(k, "GET", "/v1/users", NULL);
	assert_null(json_object_get(k->json, "total"));
	assert_null(json_object_get(k->json, "links"));
}

static void empty_lists_in_three_shapes(void **state)
{
	kit *k = *state;

	kit_ask(k, "GET", "/v1/courses", NULL);
	assert_int_equal(json_array_size(kit_get(k, "course")), 0);
	kit_option(k, "empty_list", "missing");
	kit_ask(k, "GET", "/v1/courses", NULL);
	assert_null(json_object_get(k->json, "course"));
	assert_string_equal(kit_text(k, "total"), "0");
	kit_option(k, "empty_list", "blank");
	kit_ask(k, "GET", "/v1/courses", NULL);
	assert_string_equal(kit_text(k, "course.0"), "");
	kit_ask(k, "GET", "/v1/gradingperiods?title=none", NULL);
	assert_string_equal(kit_body(k), "{\"total\":0}");
}

static void a_list_of_one_is_an_array_or_an_object(void **state)
{
	kit *k = *state;

	kit_ask(k, "GET", "/v1/users", NULL);
	assert_true(json_is_array(kit_get(k, "user")));
	kit_option(k, "single_row", "object");
	kit_ask(k, "GET", "/v1/users", NULL);
	assert_string_equal(kit_text(k, "user.uid"), "4711902");
	kit_ask(k, "GET", "/v1/schools", NULL);
	assert_string_equal(kit_text(k, "school.id"), "2908525646");
	kit_write(k, "PUT", "/v1/users", "{'user':[{'id':5}]}");
	assert_int_equal(kit_number(k, "user.response_code"), 404);
}

static void pages_in_either_order(void **state)
{
	kit *k = *state;

	kit_ask(k, "GET", "/v1/gradingperiods?limit=2", NULL);
	assert_int_equal(kit_number(k, "gradingperiods.0.id"), 435);
	kit_option(k, "page_order", "reversed");
	kit_ask(k, "GET", "/v1/gradingperiods?limit=2", NULL);
	assert_int_equal(kit_number(k, "gradingperiods.0.id"), 436);
	assert_int_equal(kit_number(k, "gradingperiods.1.id"), 435);
	kit_ask(k, "GET", "/v1/gradingperiods?start_id=1&limit=2", NULL);
	assert_non_null(strstr(kit_text(k, "links.next"), "start_id=437"));
}

/* --- bulk calls --- */

static const char import_both[] = "{'enrollments':{'enrollment':["
				  "{'section_school_code':'c1','school_uid':'svc'},"
				  "{'section_school_code':'c1','school_uid':'svc','delete':1}]}}";

static void items_done_in_either_order(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	kit_write(k, "POST", "/v1/enrollments/import/course", import_both);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_enrollment"), 0);
	kit_option(k, "batch_order", "reversed");
	kit_write(k, "POST", "/v1/enrollments/import/course", import_both);
	assert_int_equal(kit_number(k, "enrollments.enrollment.0.response_code"), 200);
	assert_int_equal(kit_number(k, "enrollments.enrollment.1.response_code"), 404);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_enrollment"), 1);
}

static void answers_in_either_order(void **state)
{
	kit *k = *state;

	kit_write(k, "PUT", "/v1/users", "{'user':[{'id':5},{'id':6}]}");
	assert_string_equal(kit_text(k, "user.0.id"), "5");
	kit_option(k, "answer_order", "reversed");
	kit_write(k, "PUT", "/v1/users", "{'user':[{'id':5},{'id':6}]}");
	assert_string_equal(kit_text(k, "user.0.id"), "6");
}

static void a_fifty_first_item_is_an_error_or_cut(void **state)
{
	kit *k = *state;
	char body[2048] = "{'user':[", url[512] = "/v1/users?uids=1";

	for (int i = 0; i < 51; i++)
		sprintf(body + strlen(body), "%s{'id':%d}", i ? "," : "", i);
	strcat(body, "]}");
	for (int i = 1; i < 51; i++)
		strcat(url, "%2C1");
	assert_int_equal(kit_write(k, "PUT", "/v1/users", body), 400);
	assert_int_equal(kit_ask(k, "DELETE", url, NULL), 400);
	kit_option(k, "bulk_over", "cut");
	assert_int_equal(kit_write(k, "PUT", "/v1/users", body), 207);
	assert_int_equal(json_array_size(kit_get(k, "user")), 50);
	assert_int_equal(kit_ask(k, "DELETE", url, NULL), 207);
	assert_int_equal(json_array_size(kit_get(k, "user")), 50);
}

/* --- rate --- */

static void limited(kit *k, const char *credits)
{
	kit_option(k, "limiter", "sliding");
	kit_option(k, "credits", credits);
}

static void over_budget_in_three_ways(void **state)
{
	kit *k = *state;

	limited(k, "1");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 429);
	kit_option(k, "over_budget", "503");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 503);
	assert_string_equal(kit_header(k, "Retry-After"), "5");
	kit_option(k, "over_budget", "200");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 200);
	assert_string_equal(kit_header(k, "Content-Type"), "text/html; charset=UTF-8");
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_request_log WHERE status = 429"), 3);
	k->mono_ms += 5000;
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
}

static void budgets_a_key_or_for_all(void **state)
{
	kit *k = *state;
	static const char *const kinds[] = { "fixed", "sliding", "bucket" };

	kit_sql(k, "INSERT INTO sgy_key (consumer_key, secret, uid) VALUES ('ck2', 's3cr&t%', 4711902)");
	for (size_t i = 0; i < SR_COUNT_OF(kinds); i++) {
		limited(k, "1");
		kit_option(k, "limiter", kinds[i]);
		for (int all = 0; all < 2; all++) {
			kit_option(k, "rate_scope", all ? "all" : "key");
			k->mono_ms += 10000;
			k->key = "ck1";
			assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
			k->key = "ck2";
			assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), all ? 429 : 303);
		}
	}
}

static void a_multiget_costs_a_call_or_its_paths(void **state)
{
	kit *k = *state;
	static const char body[] =
		"{'request':['/v1/users/1','/v1/users/2','/v1/users/3','/v1/users/4','/v1/users/5']}";

	kit_write(k, "POST", "/v1/multiget", body);
	assert_int_equal(kit_int(k, "SELECT cost FROM sgy_request_log ORDER BY seq DESC"), 3);
	kit_option(k, "multiget_cost", "item");
	kit_write(k, "POST", "/v1/multiget", body);
	assert_int_equal(kit_int(k, "SELECT cost FROM sgy_request_log ORDER BY seq DESC"), 5);
	kit_option(k, "read_cost", "2");
	kit_option(k, "write_cost", "7");
	kit_write(k, "POST", "/v1/multiget", body);
	assert_int_equal(kit_int(k, "SELECT cost FROM sgy_request_log ORDER BY seq DESC"), 10);
	kit_write(k, "POST", "/v1/users", "{'user':[]}");
	assert_int_equal(kit_int(k, "SELECT cost FROM sgy_request_log ORDER BY seq DESC"), 7);
}

static void options_lists_the_methods_of_any_path(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "OPTIONS", "/v1/gradingperiods/436", NULL), 200);
	assert_string_equal(kit_header(k, "Allow"), "GET, PUT, DELETE, OPTIONS");
	assert_int_equal(kit_int(k, "SELECT cost FROM sgy_request_log ORDER BY seq DESC"), 1);
	assert_int_equal(kit_ask(k, "OPTIONS", "/v1/users/import/associations/parents", NULL), 200);
	assert_string_equal(kit_header(k, "Allow"), "POST, OPTIONS");
	assert_int_equal(kit_ask(k, "OPTIONS", "/v1/nothing", NULL), 404);
}

static void a_multiget_takes_the_listed_paths_alone(void **state)
{
	kit *k = *state;
	char body[1024];

	kit_section(k, "c1", 436);
	long long id = kit_section_id(k, "c1");
	snprintf(body, sizeof(body),
		"{'requests':{'request':['/v1/users/4711902','/v1/users/ext/svc','/v1/sections/%lld','/v1/sections/ext/"
		"c1',"
		"'/v1/sections/%lld/enrollments?limit=1','/v1/courses/310204000/sections','/v1/users/4711902/sections',"
		"'/v1/users','/v1/gradingperiods','nonsense',7]}}",
		id, id);
	assert_int_equal(kit_write(k, "POST", "/v1/multiget", body), 207);
	for (int i = 0; i < 11; i++)
		assert_int_equal(kit_number(k, kit_url(k, "response.%d.response_code", i)), i < 7 ? 200 : 400);
	assert_string_equal(kit_text(k, "response.3.body.section_school_code"), "c1");
}

/* --- the conformance table --- */

static char *read_text(const char *name)
{
	char path[512];
	SR_AUTO(sr_buf) text = { 0 };
	char part[4096];

	snprintf(path, sizeof(path), "%s/tests/sim/%s", SIM_SOURCE_FOLDER, name);
	FILE *f = fopen(path, "r");
	if (!f)
		fail_msg("%s cannot be read", path);
	for (size_t n; (n = fread(part, 1, sizeof(part), f)) > 0;)
		sr_buf_add(&text, part, n);
	fclose(f);
	return sr_buf_take(&text);
}

/* "test_sgy_x.name": the program lists such a test. */
static bool test_exists(const char *name)
{
	char file[64], wanted[128];
	const char *dot = strchr(name, '.');

	if (!dot)
		return false;
	snprintf(file, sizeof(file), "%.*s.c", (int)(dot - name), name);
	snprintf(wanted, sizeof(wanted), "(%s),\n", dot + 1);
	SR_AUTO_FREE char *text = read_text(file);
	return strstr(text, wanted) != NULL;
}

/* Names at least one test, all of them there. */
static void check_row(const char *line)
{
	int tests = 0;

	for (const char *p = line; (p = strstr(p, "`test_sgy")) != NULL;) {
		char name[128];
		size_t len = strcspn(++p, "`");
		snprintf(name, sizeof(name), "%.*s", (int)len, p);
		if (!test_exists(name))
			fail_msg("no such test: %s", name);
		tests++;
		p += len;
	}
	if (tests == 0)
		fail_msg("a row without a test: %s", line);
}

static void no_conformance_row_is_without_a_test(void **state)
{
	SR_AUTO_FREE char *text = read_text("conformance_sgy.md");
	char *save = NULL;
	int rows = 0;

	(void)state;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sr_starts(line, "| ") && !sr_starts(line, "| section") && !sr_starts(line, "| ---")) {
			check_row(line);
			rows++;
		}
	assert_true(rows > 100);
}

static void no_switch_is_without_a_row(void **state)
{
	SR_AUTO_FREE char *text = read_text("conformance_sgy.md");
	size_t count;
	const sim_quirk_row *rows = sim_sgy_quirks_table(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		char wanted[64];
		snprintf(wanted, sizeof(wanted), "`%s`", rows[i].name);
		if (!strstr(text, wanted))
			fail_msg("conformance_sgy.md does not name %s", rows[i].name);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_agrees_with_the_defaults),
		cmocka_unit_test(every_listed_value_is_taken_and_no_other),
		TEST(error_bodies_in_three_shapes),
		TEST(json_wants_double_quotes_and_takes_any_number),
		TEST(failing_items_with_and_without_message),
		TEST(numbers_as_documented_or_all_alike),
		TEST(bad_signatures_burn_their_nonce_or_not),
		TEST(old_nonces_are_forgotten_or_not),
		TEST(the_skew_is_a_number_of_seconds),
		TEST(realm_and_token_may_be_missing_or_empty),
		TEST(other_signature_methods_are_refused),
		TEST(a_list_from_an_id_on),
		TEST(next_links_with_and_without_filters),
		TEST(limits_above_200_are_clamped_or_refused),
		TEST(totals_and_links_said_or_not),
		TEST(empty_lists_in_three_shapes),
		TEST(a_list_of_one_is_an_array_or_an_object),
		TEST(pages_in_either_order),
		TEST(items_done_in_either_order),
		TEST(answers_in_either_order),
		TEST(a_fifty_first_item_is_an_error_or_cut),
		TEST(over_budget_in_three_ways),
		TEST(budgets_a_key_or_for_all),
		TEST(a_multiget_costs_a_call_or_its_paths),
		TEST(options_lists_the_methods_of_any_path),
		TEST(a_multiget_takes_the_listed_paths_alone),
		cmocka_unit_test(no_conformance_row_is_without_a_test),
		cmocka_unit_test(no_switch_is_without_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
