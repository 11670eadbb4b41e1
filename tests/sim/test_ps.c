/* The PowerSchool stand-in as a client meets it: tokens, rights, v1, the shipped queries. */
#include "test_ps.h"

static int setup_empty(void **state)
{
	kit *k = calloc(1, sizeof(*k));

	*state = k;
	return k ? kit_open(k, NULL) : -1;
}

static void expect(kit *k, const char *method, const char *url, const char *body, int status, const char *answer)
{
	json_decref(kit_call(k, method, url, body, status));
	assert_string_equal(sr_buf_text(&k->reply.body), answer);
}

/* ---- tokens ---- */

#define BASIC "Basic c2FuZGJveC1pZDpzYW5kYm94LXNlY3JldA=="
#define GRANT "grant_type=client_credentials"

static void the_same_token_comes_back_until_it_expires_or_is_revoked(void **state)
{
	kit *k = *state;
	char first[64];
	json_t *answer;

	kit_login(k);
	memcpy(first, k->token, sizeof(first));
	k->now_ms += 1000;
	kit_send(k, "POST", "http://127.0.0.1:1/oauth/access_token/", NULL,
		GRANT "&client_id=sandbox-id&client_secret=sandbox%2Dsecret");
	assert_int_equal(k->reply.status, 200);
	answer = kit_json(k);
	assert_string_equal(json_string_value(json_object_get(answer, "access_token")), first + strlen("Bearer "));
	assert_string_equal(json_string_value(json_object_get(answer, "expires_in")), "2591999");
	json_decref(answer);
	k->now_ms += INT64_C(2592000) * 1000;
	assert_int_equal(kit_send(k, "POST", QUERY("prefs"), first, "{}"), 401);
	kit_login(k);
	assert_string_not_equal(k->token, first);
	json_decref(kit_call(k, "POST", QUERY("prefs"), "{}", 200));
	assert_int_equal(sim_ps_state_set(&k->world, "token", NULL, NULL), 0);
	assert_int_equal(kit_send(k, "POST", QUERY("prefs"), k->token, "{}"), 401);
}

static void wrong_credentials_are_an_oauth_error(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_send(k, "POST", "/oauth/access_token", "Basic bm86bm8=", GRANT), 401);
	assert_string_equal(sr_buf_text(&k->reply.body), "{\"error\":\"invalid_client\"}");
	assert_int_equal(kit_send(k, "POST", "/oauth/access_token", NULL, NULL), 401);
	assert_int_equal(kit_send(k, "POST", "/oauth/access_token", NULL, GRANT "&client_id=sandbox-id"), 401);
	assert_int_equal(kit_send(k, "POST", "/oauth/access_token", BASIC, "grant_type=password"), 400);
	assert_int_equal(kit_send(k, "GET", "/oauth/access_token", BASIC, NULL), 404);
}

static void the_two_401s_differ(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_send(k, "GET", "/ws/v1/district/school", "Bearer old", NULL), 401);
	assert_int_equal(k->reply.body.len, 0);
	assert_string_equal(k->reply.headers[0].name, "WWW-Authenticate");
	assert_true(sr_starts(k->reply.headers[0].value, "Bearer error=\"invalid_token\""));
	assert_int_equal(kit_send(k, "POST", QUERY("prefs"), NULL, "{}"), 401);
	assert_int_equal(kit_send(k, "GET", "/ws/nothing", NULL, NULL), 401);

	assert_int_equal(sim_ps_state_set(&k->world, "v1_access", "NONE", NULL), 0);
	expect(k, "GET", "/ws/v1/district/school", NULL, 401,
		"{\"errorMessage\":{\"message\":\"Plugin is missing required accessLevelV1Api READ permission\"}}");
	json_decref(kit_call(k, "GET", "/ws/v1/metadata", NULL, 200));
	json_decref(kit_call(k, "POST", QUERY("prefs"), "{}", 200));
}

/* ---- v1 ---- */

static void metadata_needs_no_token(void **state)
{
	kit *k = *state;
	json_t *answer, *m;

	assert_int_equal(kit_send(k, "GET", "/ws/v1/metadata", NULL, NULL), 200);
	answer = kit_json(k);
	m = json_object_get(answer, "metadata");
	assert_int_equal(json_integer_value(json_object_get(m, "school_max_page_size")), 100);
	assert_string_equal(json_string_value(json_object_get(m, "district_uuid")), SIM_PS_DISTRICT_UUID);
	assert_null(json_object_get(m, "plugin_id"));
	json_decref(answer);
	assert_int_equal(sim_ps_state_set(&k->world, "district_uuid", "other", NULL), 0);
	answer = kit_call(k, "GET", "/ws/v1/metadata", NULL, 200);
	m = json_object_get(answer, "metadata");
	assert_string_equal(json_string_value(json_object_get(m, "district_uuid")), "other");
	assert_true(json_is_integer(json_object_get(m, "plugin_id")));
	json_decref(answer);
	expect(k, "GET", "/ws/v1/time", NULL, 200,
		"{\"time\":{\"date\":\"2026-07-25\",\"time\":\"17:20:00\",\"timestamp\":1785000000000}}");
}

#define CEDAR                                                                                         \
	"{\"id\":6,\"school_number\":312,\"name\":\"Cedar Middle\",\"low_grade\":6,\"high_grade\":8," \
	"\"alternate_school_number\":312}"

static void schools_leave_the_graduates_out(void **state)
{
	kit *k = *state;

	expect(k, "GET", "/ws/v1/district/school", NULL, 200,
		"{\"schools\":{\"school\":[" CEDAR
		",{\"id\":5,\"school_number\":300,\"name\":\"North High\",\"low_grade\":9,"
		"\"high_grade\":12,\"alternate_school_number\":300}]}}");
	expect(k, "GET", "/ws/v1/district/school/count", NULL, 200, "{\"resource\":{\"count\":2}}");
	expect(k, "GET", "/ws/v1/district/school?page=1&pagesize=1", NULL, 200, "{\"schools\":{\"school\":" CEDAR "}}");
	expect(k, "GET", "/ws/v1/district/school?page=3&pagesize=1", NULL, 200, "{\"schools\":{}}");
	json_decref(kit_call(k, "GET", "/ws/v1/district/school?pagesize=x", NULL, 400));
	json_decref(kit_call(k, "GET", "/ws/v1/district/school?pagesize=5000", NULL, 200));
	expect(k, "GET", "/ws/v1/school/6", NULL, 200, "{\"school\":" CEDAR "}");
	json_decref(kit_call(k, "GET", "/ws/v1/school/312", NULL, 404));
	json_decref(kit_call(k, "GET", "/ws/v1/school/six", NULL, 404));
	json_decref(kit_call(k, "GET", "/ws/v1/district", NULL, 200));
	json_decref(kit_call(k, "GET", "/ws/v1/no/such", NULL, 404));
}

static void next_years_terms_are_shown_only_when_asked_for(void **state)
{
	static const char next[] = "insert into terms(dcid, id, schoolid, yearid, isyearrec, portion, name) values(50, "
				   "3700, 312, 37, 1, 1, '2027')";
	kit *k = *state;

	kit_sql(k, next);
	expect(k, "GET", "/ws/v1/school/6/term/count", NULL, 200, "{\"resource\":{\"count\":3}}");
	expect(k, "GET", "/ws/v1/school/6/term?q=start_year==2027;", NULL, 200,
		"{\"terms\":{\"term\":{\"id\":50,\"school_id\":6,\"start_year\":2027,\"portion\":1,\"name\":2027}}}");
	expect(k, "GET", "/ws/v1/school/6/term/count?q=start_year%3Dge%3D2026", NULL, 200,
		"{\"resource\":{\"count\":4}}");
	expect(k, "GET", "/ws/v1/school/0/term", NULL, 200,
		"{\"terms\":{\"term\":{\"id\":5,\"school_id\":0,\"start_year\":2026,\"portion\":1,"
		"\"start_date\":\"2026-08-17\",\"end_date\":\"2027-06-04\",\"abbreviation\":\"26-27\",\"name\":\"2026-"
		"2027\"}}}");
	json_decref(kit_call(k, "GET", "/ws/v1/school/6/term?q=start_year", NULL, 400));
	json_decref(kit_call(k, "GET", "/ws/v1/school/6/term?q=name==x", NULL, 400));
	json_decref(kit_call(k, "GET", "/ws/v1/school/7/term", NULL, 404));
}

/* ---- the shipped queries ---- */

/* The keys that each query finds at school 312 in 2026-2027, as "1,2,". */
static const struct {
	const char *query, *body, *keys;
} rosters[] = {
	/* clang-format off */
	{ "terms",       "{\"after\":\"0\",\"yearlo\":\"36\"}", "2,3,4,5," },
	{ "terms",       "{\"after\":3,\"yearlo\":35}", "4,5," },
	{ "sections",    "{\"after\":\"0\"," KIT_YEAR "}", "401,402," },
	{ "courses",     "{\"after\":\"0\"," KIT_YEAR "}", "901,902,903," },
	{ "students",    "{\"after\":\"0\"," KIT_YEAR "}", "11,12,13," },
	{ "staff",       "{\"after\":\"0\"," KIT_YEAR "}", "31,32,33,34," },
	{ "enrollments", "{\"after\":\"0\"," KIT_YEAR "}", "801,802,803," },
	{ "enrollments", "{\"after\":\"801\"," KIT_YEAR "}", "802,803," },
	{ "teachings",   "{\"after\":\"0\"," KIT_YEAR "}", "61,62," },
	{ "roles",       "{\"after\":\"0\"}", "1,2," },
	{ "student_email_person", "{\"after\":\"0\",\"school\":\"312\"}", "11," },
	{ "student_email_psm",    "{\"after\":\"0\",\"school\":\"312\"}", "12," },
	{ "student_email_psm",    "{\"after\":\"12\",\"school\":\"312\"}", "" },
	/* clang-format on */
};

/* Keys of the rows, whether `record` is an object, an array or missing. */
static void collect_keys(const json_t *answer, const char *key, sr_buf *out)
{
	const json_t *record = json_object_get(answer, "record");
	size_t n = json_is_array(record) ? json_array_size(record) : record != NULL;

	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_is_array(record) ? json_array_get(record, i) : record;

		sr_buf_printf(out, "%s,", json_string_value(json_object_get(row, key)));
	}
}

static void every_query_finds_its_rows(void **state)
{
	kit *k = *state;

	for (size_t i = 0; i < SR_COUNT_OF(rosters); i++) {
		SR_AUTO_FREE char *url = sr_asprintf(QUERY("%s?page=1&pagesize=0"), rosters[i].query);
		SR_AUTO(sr_buf) keys = { 0 };
		json_t *answer = kit_call(k, "POST", url, rosters[i].body, 200);
		bool by_id = !strcmp(rosters[i].query, "teachings") || !strcmp(rosters[i].query, "roles");

		collect_keys(answer, by_id ? "id" : "dcid", &keys);
		assert_string_equal(sr_buf_text(&keys), rosters[i].keys);
		json_decref(answer);
	}
}

static void rows_are_flat_text_without_nulls(void **state)
{
	kit *k = *state;

	expect(k, "POST", QUERY("enrollments?count=true"), "{\"after\":\"801\"," KIT_YEAR "}", 200,
		"{\"name\":\"Cc\",\"count\":2,\"record\":["
		"{\"_name\":\"cc\",\"_id\":802,\"dcid\":\"802\",\"studentid\":\"112\",\"student_dcid\":\"12\","
		"\"sectionid\":\"-41\","
		"\"section_dcid\":\"401\",\"termid\":\"-3600\",\"schoolid\":\"312\",\"dateenrolled\":\"2026-08-17\","
		"\"dateleft\":\"2026-10-01\",\"attendance_type_code\":\"0\"},"
		"{\"_name\":\"cc\",\"_id\":803,\"dcid\":\"803\",\"studentid\":\"113\",\"student_dcid\":\"13\","
		"\"sectionid\":\"42\","
		"\"section_dcid\":\"402\",\"termid\":\"3601\",\"schoolid\":\"312\",\"dateenrolled\":\"2026-08-17\"}],"
		"\"@extensions\":\"\"}");
	expect(k, "POST", QUERY("sections"), "{\"after\":\"401\"," KIT_YEAR "}", 200,
		"{\"name\":\"Sections\",\"record\":{\"_name\":\"sections\",\"_id\":402,\"dcid\":\"402\",\"id\":\"42\","
		"\"course_number\":\"ART\",\"section_number\":\"7A\",\"schoolid\":\"312\",\"termid\":\"3601\","
		"\"teacher\":\"734\","
		"\"teacher_users_dcid\":\"503\"},\"@extensions\":\"\"}");
	expect(k, "POST", QUERY("sections"), "{\"after\":\"402\"," KIT_YEAR "}", 200, "{\"@extensions\":\"\"}");
	expect(k, "POST", QUERY("prefs"), "{}", 200,
		"{\"name\":\"Prefs\",\"record\":[{\"_name\":\"prefs\",\"_id\":1,\"name\":\"DistrictNumber\",\"value\":"
		"\"4100\"},"
		"{\"_name\":\"prefs\",\"_id\":2,\"name\":\"coursearchiveyear\",\"value\":\"36\"}],\"@extensions\":"
		"\"\"}");
}

static void text_survives_whatever_it_holds(void **state)
{
	kit *k = *state;
	json_t *answer = kit_call(k, "POST", QUERY("students?pagesize=1"), "{\"after\":\"11\"," KIT_YEAR "}", 200);
	json_t *row = json_object_get(answer, "record");

	assert_string_equal(json_string_value(json_object_get(row, "first_name")), "Zo\xc3\xab");
	assert_string_equal(json_string_value(json_object_get(row, "last_name")), "Quote\" \\ Tab\t");
	json_decref(answer);
	answer = kit_call(k, "POST", QUERY("student_email_person"), "{\"after\":\"0\",\"school\":\"312\"}", 200);
	row = json_object_get(answer, "record");
	assert_string_equal(json_string_value(json_object_get(row, "email")), "first@example.org");
	json_decref(answer);
	answer = kit_call(k, "POST", QUERY("student_email_psm"), "{\"after\":\"0\",\"school\":\"312\"}", 200);
	row = json_object_get(answer, "record");
	assert_string_equal(json_string_value(json_object_get(row, "email")), "zoe@example.org");
	json_decref(answer);
}

static int64_t last_key(const json_t *answer, size_t *rows)
{
	const json_t *record = json_object_get(answer, "record");
	const json_t *row = json_is_array(record) ? json_array_get(record, json_array_size(record) - 1) : record;
	int64_t key = 0;

	*rows = json_is_array(record) ? json_array_size(record) : record != NULL;
	sr_parse_i64(json_string_value(json_object_get(row, "dcid")), &key);
	return key;
}

static void pages_by_key_see_every_row_once(void **state)
{
	static const char many[] = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 250)"
				   "insert into cc(dcid, id, studentid, sectionid, termid, schoolid, dateenrolled)"
				   " select 1000 + 3 * i, i, 111, 41, case i % 2 when 0 then 3600 else -3601 end, 312, "
				   "'2026-08-17' from n";
	static const size_t sizes[] = { 100, 100, 53 };
	kit *k = *state;
	int64_t after = 0;

	kit_sql(k, many);
	for (size_t i = 0; i < SR_COUNT_OF(sizes); i++) {
		SR_AUTO_FREE char *body = sr_asprintf("{\"after\":\"%lld\"," KIT_YEAR "}", (long long)after);
		json_t *answer = kit_call(k, "POST", QUERY("enrollments?page=1&pagesize=100"), body, 200);
		size_t rows;
		int64_t key = last_key(answer, &rows);

		assert_int_equal(rows, sizes[i]);
		assert_true(key > after);
		after = key;
		json_decref(answer);
	}
	expect(k, "POST", QUERY("enrollments/count"), "{\"after\":\"0\"," KIT_YEAR "}", 200, "{\"count\":253}");
}

static void pages_by_offset_work_too(void **state)
{
	kit *k = *state;
	size_t rows;
	json_t *answer = kit_call(
		k, "POST", QUERY("enrollments?page=2&pagesize=2"), "{\"after\":\"0\"," KIT_YEAR "}", 200);

	assert_int_equal(last_key(answer, &rows), 803);
	assert_int_equal(rows, 1);
	json_decref(answer);
	expect(k, "POST", QUERY("enrollments?page=9&pagesize=2&count=true"), "{\"after\":\"0\"," KIT_YEAR "}", 200,
		"{\"count\":3,\"@extensions\":\"\"}");
	answer = kit_call(k, "POST", QUERY("enrollments?page=9&pagesize=0"), "{\"after\":\"0\"," KIT_YEAR "}", 200);
	last_key(answer, &rows);
	assert_int_equal(rows, 3);
	json_decref(answer);
	json_decref(kit_call(k, "POST", QUERY("enrollments?page=0"), "{\"after\":\"0\"," KIT_YEAR "}", 400));
}

/* ---- refusals ---- */

static const struct {
	const char *body;
	int status;
	const char *says;
} calls[] = {
	/* clang-format off */
	{ "{\"after\":\"0\",\"yearlo\":\"36\",\"more\":\"1\"}", 400, "\"field\":\"more\",\"code\":\"unknown\"" },
	{ "{\"after\":\"0\"}", 400, "\"field\":\"yearlo\",\"code\":\"missing\"" },
	{ "{\"after\":null,\"yearlo\":\"36\"}", 400, "\"field\":\"after\",\"code\":\"missing\"" },
	{ "{\"after\":[\"0\"],\"yearlo\":\"36\"}", 400, "\"field\":\"after\",\"code\":\"invalid\"" },
	{ "{\"after\":\"zero\",\"yearlo\":\"36\"}", 400, "\"field\":\"after\",\"code\":\"invalid\"" },
	{ "{\"after\":\"0\",", 400, "not a JSON object" },
	{ "[]", 415, "media type" },
	{ NULL, 415, "media type" },
	/* clang-format on */
};

static void wrong_arguments_are_named(void **state)
{
	kit *k = *state;

	for (size_t i = 0; i < SR_COUNT_OF(calls); i++) {
		json_decref(kit_call(k, "POST", QUERY("terms"), calls[i].body, calls[i].status));
		if (!strstr(sr_buf_text(&k->reply.body), calls[i].says))
			fail_msg("row %zu: %s", i, sr_buf_text(&k->reply.body));
		if (calls[i].status == 400 && !strstr(calls[i].says, "JSON"))
			assert_non_null(strstr(sr_buf_text(&k->reply.body), "\"message\":\"Validation Failed\""));
	}
	/* An empty text is NULL, as in Oracle: nothing compares with it. */
	expect(k, "POST", QUERY("terms"), "{\"after\":\"\",\"yearlo\":\"36\"}", 200, "{\"@extensions\":\"\"}");
}

static void unknown_absent_and_disabled_queries_are_not_found(void **state)
{
	static const char not_found[] = "{\"message\":\"Query not found\"}";
	kit *k = *state;

	expect(k, "POST", QUERY("nothing"), "{}", 404, not_found);
	json_decref(kit_call(k, "GET", QUERY("prefs"), NULL, 404));
	assert_int_equal(sim_ps_state_set(&k->world, "plugin_enabled", "0", NULL), 0);
	expect(k, "POST", QUERY("prefs"), "{}", 404, not_found);
	assert_int_equal(sim_ps_state_set(&k->world, "plugin_enabled", "1", NULL), 0);
	json_decref(kit_call(k, "POST", QUERY("prefs"), "{}", 200));
	assert_int_equal(sim_ps_state_set(&k->world, "plugin_installed", NULL, NULL), 0);
	expect(k, "POST", QUERY("prefs"), "{}", 404, not_found);
}

static void one_forbidden_column_forbids_the_query(void **state)
{
	kit *k = *state;

	assert_int_equal(
		sim_ps_state_set(&k->world, "revoked_fields", "ROLEDEF.ROLEKEY,students.Student_Web_ID", NULL), 0);
	expect(k, "POST", QUERY("students"), "{\"after\":\"0\"," KIT_YEAR "}", 403,
		"{\"message\":\"At least one column lacks sufficient permission\",\"errors\":[{\"code\":\"NoAccess\","
		"\"field\":\"STUDENT_WEB_ID\",\"resource\":\"STUDENTS\"}]}");
	json_decref(kit_call(k, "POST", QUERY("roles/count"), "{\"after\":\"0\"}", 403));
	json_decref(kit_call(k, "POST", QUERY("sections"), "{\"after\":\"0\"," KIT_YEAR "}", 200));
	/* A column that is only joined counts as well. */
	assert_int_equal(sim_ps_state_set(&k->world, "revoked_fields", "PERSON.ID", NULL), 0);
	json_decref(kit_call(k, "POST", QUERY("student_email_person"), "{\"after\":\"0\",\"school\":\"1\"}", 403));
	json_decref(kit_call(k, "POST", QUERY("students"), "{\"after\":\"0\"," KIT_YEAR "}", 200));
}

/* ---- what the contract leaves open ---- */

static const struct {
	const char *quirk, *query, *body, *says;
} quirk_cases[] = {
	/* clang-format off */
	{ "single_row_array", "sections", "{\"after\":\"401\"," KIT_YEAR "}", "\"record\":[{" },
	{ "bare_numbers", "sections", "{\"after\":\"401\"," KIT_YEAR "}", "\"dcid\":402,\"id\":42,\"course_" },
	{ "null_members", "enrollments", "{\"after\":\"802\"," KIT_YEAR "}", "\"dateleft\":null" },
	{ "timestamp_dates", "enrollments", "{\"after\":\"802\"," KIT_YEAR "}", "\"2026-08-17 00:00:00.0\"" },
	{ "us_dates", "enrollments", "{\"after\":\"802\"," KIT_YEAR "}", "\"8/17/2026\"" },
	{ "fraction_numbers", "students", "{\"after\":\"12\"," KIT_YEAR "}", "\"student_number\":\"204883.0\"" },
	{ "joins_need_no_grant", "student_email_person", "{\"after\":\"0\",\"school\":\"312\"}", "first@example.org" },
	/* clang-format on */
};

static void every_quirk_can_be_switched_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(quirk_cases); i++) {
		SR_AUTO_FREE char *url = sr_asprintf(QUERY("%s"), quirk_cases[i].query);
		sim_ps_options options = { 0 };
		kit k;

		assert_true(sim_ps_quirk_set(&options.quirks, quirk_cases[i].quirk, true));
		kit_open(&k, &options);
		kit_sql(&k, kit_district);
		assert_int_equal(sim_ps_state_set(&k.world, "revoked_fields", "PERSON.ID", NULL), 0);
		json_decref(kit_call(&k, "POST", url, quirk_cases[i].body, 200));
		if (!strstr(sr_buf_text(&k.reply.body), quirk_cases[i].says))
			fail_msg("%s: %s", quirk_cases[i].quirk, sr_buf_text(&k.reply.body));
		kit_close(&k);
	}
	assert_false(sim_ps_quirk_set(&(sim_ps_quirks){ 0 }, "no_such_quirk", true));
}

static void pages_above_the_maximum_are_clamped_or_refused(void **state)
{
	sim_ps_options options = { .page_max = 1, .quirks = { .over_maximum_refused = true } };
	kit k;

	json_decref(kit_call(*state, "GET", "/ws/v1/district/school?pagesize=101", NULL, 200));
	kit_open(&k, &options);
	json_decref(kit_call(&k, "GET", "/ws/v1/district/school?pagesize=2", NULL, 400));
	json_decref(kit_call(&k, "GET", "/ws/v1/district/school", NULL, 200));
	kit_close(&k);
}

static void empty_tables_answer_every_query(void **state)
{
	kit *k = *state;

	for (size_t i = 0; i < SR_COUNT_OF(rosters); i++) {
		SR_AUTO_FREE char *url = sr_asprintf(QUERY("%s?count=true"), rosters[i].query);

		expect(k, "POST", url, rosters[i].body, 200, "{\"count\":0,\"@extensions\":\"\"}");
	}
	expect(k, "GET", "/ws/v1/district/school", NULL, 200, "{\"schools\":{}}");
}

static void empty_text_is_refused_where_oracle_would_store_null(void **state)
{
	kit *k = *state;

	assert_int_not_equal(
		sqlite3_exec(k->world.db, "insert into users(dcid, first_name) values(1, '')", NULL, NULL, NULL),
		SQLITE_OK);
	kit_sql(k, "insert into users(dcid, first_name) values(1, null), (2, 'x')");
}

int main(void)
{
#define T(name) KIT_TEST(name)
#define EMPTY(name) cmocka_unit_test_setup_teardown(name, setup_empty, kit_teardown)
	const struct CMUnitTest tests[] = {
		T(the_same_token_comes_back_until_it_expires_or_is_revoked),
		T(wrong_credentials_are_an_oauth_error),
		T(the_two_401s_differ),
		T(metadata_needs_no_token),
		T(schools_leave_the_graduates_out),
		T(next_years_terms_are_shown_only_when_asked_for),
		T(every_query_finds_its_rows),
		T(rows_are_flat_text_without_nulls),
		T(text_survives_whatever_it_holds),
		T(pages_by_key_see_every_row_once),
		T(pages_by_offset_work_too),
		T(wrong_arguments_are_named),
		T(unknown_absent_and_disabled_queries_are_not_found),
		T(one_forbidden_column_forbids_the_query),
		T(every_quirk_can_be_switched_on),
		T(pages_above_the_maximum_are_clamped_or_refused),
		EMPTY(empty_tables_answer_every_query),
		EMPTY(empty_text_is_refused_where_oracle_would_store_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
