/* Data versions and event subscriptions: what is recorded, what a client is told. */
#include "test_ps.h"

/* ---- data versions ---- */

static void expect_changes(kit *k, const char *version, const char *tables)
{
	SR_AUTO_FREE char *url = sr_asprintf("/ws/dataversion/app/%s", version);
	json_t *answer = kit_call(k, "GET", url, NULL, 200);
	SR_AUTO_FREE char *text = json_dumps(json_object_get(answer, "tables"), JSON_COMPACT);

	assert_string_equal(text, tables);
	json_decref(answer);
}

static char *version_now(kit *k)
{
	json_t *answer = kit_call(k, "GET", "/ws/dataversion/app/0", NULL, 200);
	char *version = sr_strdup(json_string_value(json_object_get(answer, "$dataversion")));

	json_decref(answer);
	assert_non_null(version);
	return version;
}

static void a_cursor_lists_the_rows_that_changed(void **state)
{
	kit *k = *state;
	SR_AUTO_FREE char *first = version_now(k), *second = NULL;

	expect_changes(k, "0",
		"{\"students\":[11,12,13,14],\"users\":[501,502,503,504],\"courses\":[901,902,903,904],"
		"\"cc\":[801,802,803,804]}");
	expect_changes(k, first, "{}");
	kit_sql(k,
		"update cc set dateleft = '2026-12-01' where dcid in (801, 803); update cc set dateleft = null where "
		"dcid = 803;"
		"insert into userscorefields(usersdcid, gender) values(501, 'F'); delete from students where dcid = 14;"
		"insert into students(dcid, id, last_name) values(15, 115, 'New'); update prefs set value = '37'");
	expect_changes(k, first, "{\"students\":[15],\"userscorefields\":[501],\"cc\":[801,803]}");
	second = version_now(k);
	assert_string_not_equal(first, second);
	expect_changes(k, second, "{}");
	kit_sql(k, "update students set last_name = 'Newer' where dcid = 15");
	expect_changes(k, second, "{\"students\":[15]}");
	expect_changes(k, "999999999999", "{}");
}

static void the_version_is_a_number_of_0_or_more(void **state)
{
	static const kit_row rows[] = {
		{ NULL, "/ws/dataversion/app/-1", NULL, 400, "~0 or more" },
		{ NULL, "/ws/dataversion/app/x", NULL, 400, "~0 or more" },
		{ NULL, "/ws/dataversion/app/0", NULL, 200, "~{\"$dataversion\":\"16" },
		{ NULL, "/ws/dataversion/app", NULL, 404, NULL },
	};
	kit *k = *state;

	kit_rows(k, rows, SR_COUNT_OF(rows));
	assert_int_equal(kit_send(k, "GET", "/ws/dataversion/app/0", NULL, NULL), 401);
}

static void an_application_sees_the_tables_it_subscribed_to(void **state)
{
	kit *k = *state;
	sr_err err = { 0 };

	assert_int_equal(sim_ps_dataversion_subscribe(k->ps, "app", "Terms, sections", &err), 0);
	expect_changes(k, "0", "{\"terms\":[1,2,3,4,5],\"sections\":[401,402,403]}");
	assert_int_equal(sim_ps_dataversion_subscribe(k->ps, "app", "shoes", &err), -1);
	assert_int_equal(sim_ps_dataversion_subscribe(k->ps, "app", NULL, &err), 0);
	expect_changes(k, "16999999", "{}");
}

/* ---- events ---- */

#define E "/ws/v1/event_subscription"
#define HEAD "{\"event_subscriptions\":{\"key\":\"cedar-sd\",\"callback_url\":\"http://127.0.0.1:1/ps\""
#define ENTRY(resource, type) "{\"resource\":\"/ws/v1/" resource "\",\"event_type\":\"" type "\"}"

static void a_subscription_is_put_read_replaced_and_deleted(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ NULL, E, NULL, 404, NULL }, { "DELETE", E, NULL, 404, NULL },
		{ "PUT", E, HEAD ",\"event_subscription\":[" ENTRY("section_enrollment/*", "INSERT") ","
		  ENTRY("student/*", "SCHOOL_ENROLLMENT") "]}}", 201, "" },
		{ NULL, E, NULL, 200, HEAD ",\"event_subscription\":[" ENTRY("section_enrollment/*", "INSERT") ","
		  ENTRY("student/*", "SCHOOL_ENROLLMENT") "]}}" },
		{ "PUT", E, HEAD ",\"event_subscription\":" ENTRY("course/*", "DELETE") "}}", 204, "" },
		{ NULL, E, NULL, 200, HEAD ",\"event_subscription\":" ENTRY("course/*", "DELETE") "}}" },
		{ "DELETE", E, NULL, 204, "" }, { NULL, E, NULL, 404, NULL },
		{ "PUT", E, "text", 415, NULL }, { "PUT", E, "{", 400, NULL }, { "PUT", E, "{\"event_subscriptions\":{}}", 400, NULL },
		{ "PUT", E, "{\"event_subscriptions\":{\"key\":\"k\",\"callback_url\":\"ftp://x\"}}", 400, NULL },
		{ "PUT", E, HEAD ",\"event_subscription\":" ENTRY("shoe/*", "INSERT") "}}", 400, NULL },
		{ "PUT", E, HEAD ",\"event_subscription\":" ENTRY("course/*", "SCHOOL_ENROLLMENT") "}}", 400, NULL },
		{ NULL, E, NULL, 404, NULL }, /* none of these left anything */
		/* clang-format on */
	};
	kit *k = *state;

	kit_rows(k, rows, SR_COUNT_OF(rows));
	assert_int_equal(sim_ps_plugin_access(k->ps, "", "NONE", NULL), 0);
	json_decref(kit_call(k, "GET", E, NULL, 401));
}

/* Takes what waits, one body a line, and settles it. */
static void drain(kit *k, sr_buf *out)
{
	sim_ps_event event;

	while (sim_ps_event_next(k->ps, &event, NULL) == 1) {
		assert_string_equal(event.url, "http://127.0.0.1:1/ps");
		sr_buf_printf(out, "%s\n", event.body);
		assert_int_equal(sim_ps_event_settle(k->ps, &event, true, NULL), 0);
		sim_ps_event_done(&event);
	}
}

#define EVENT(resource, type, id)                                                             \
	"{\"events\":{\"event\":{\"key\":\"cedar-sd\",\"resource\":\"/ws/v1/" resource "/" id \
	"\",\"event_type\":\"" type "\",\"id\":" id "}}}\n"

static void changes_that_were_subscribed_to_are_queued(void **state)
{
	static const kit_row put = { "PUT", E,
		HEAD
		",\"event_subscription\":[" ENTRY("section_enrollment/*", "INSERT") "," ENTRY("section_enrollment/*",
			"DELETE") "," ENTRY("student/*", "SCHOOL_ENROLLMENT") "," ENTRY("staff/*",
			"UPDATE") "," ENTRY("section/*", "UPDATE") "," ENTRY("course/*", "INSERT") "]}}",
		201, "" };
	kit *k = *state;
	SR_AUTO(sr_buf) told = { 0 };

	kit_sql(k, "update students set schoolid = 300 where dcid = 11"); /* nobody listens yet */
	kit_rows(k, &put, 1);
	kit_sql(k, "insert into cc(dcid, id, studentid, sectionid) values(900, 9, 111, 41); update cc set termid = 1 "
		   "where dcid = 900;"
		   "delete from cc where dcid = 900; update students set schoolid = 312 where dcid = 11;"
		   "update students set last_name = 'X' where dcid = 11; update schoolstaff set status = 2 where dcid "
		   "= 31;"
		   "update sections set room = 'A' where dcid = 401; insert into courses(dcid, course_number) "
		   "values(990, 'N')");
	drain(k, &told);
	assert_string_equal(sr_buf_text(&told),
		EVENT("section_enrollment", "INSERT", "900") EVENT("section_enrollment", "DELETE", "900")
			EVENT("student", "SCHOOL_ENROLLMENT", "11") EVENT("staff", "UPDATE", "31")
				EVENT("section", "UPDATE", "401") EVENT("course", "INSERT", "990"));
}

static void a_test_subscription_is_told_at_once(void **state)
{
	static const kit_row put = { "PUT", E,
		HEAD ",\"event_subscription\":{\"resource\":\"/ws/v1/test_subscription\",\"event_type\":\"INSERT\"}}}",
		201, "" };
	kit *k = *state;
	SR_AUTO(sr_buf) told = { 0 };

	kit_rows(k, &put, 1);
	drain(k, &told);
	assert_string_equal(sr_buf_text(&told), "{\"events\":{\"event\":{\"key\":\"cedar-sd\",\"resource\":"
						"\"/ws/v1/test_subscription\",\"event_type\":\"INSERT\"}}}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(a_cursor_lists_the_rows_that_changed),
		KIT_TEST(the_version_is_a_number_of_0_or_more),
		KIT_TEST(an_application_sees_the_tables_it_subscribed_to),
		KIT_TEST(a_subscription_is_put_read_replaced_and_deleted),
		KIT_TEST(changes_that_were_subscribed_to_are_queued),
		KIT_TEST(a_test_subscription_is_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
