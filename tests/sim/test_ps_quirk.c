/* Every switch of `--quirk`, played both ways: a row that has no case here fails. */
#include "district_db.h"
#include "test_ps.h"

/* What the requests below need besides the district. */
static const char more[] =
	"update students set enroll_status = 2 where dcid = 12; update students set next_school = 300"
	" where dcid = 11; update schoolstaff set status = 2 where dcid = 31;";

static const char plugin[] = KIT_PLUGIN("quirks", "1.0",
	"<oauth accessLevelV1Api=\"READ\"/><access_request>" KIT_GRANT("TERMS", "DCID") KIT_GRANT("TERMS", "NAME")
		KIT_GRANT("TERMS", "FIRSTDAY") KIT_GRANT("STUDENTS", "DCID") KIT_GRANT("STUDENTS", "STUDENT_NUMBER")
			KIT_GRANT("STUDENTS", "STUDENT_WEB_ID") KIT_GRANT("ROLEDEF", "ID") "</access_request>");

static const char queries[] = "<queries>" KIT_QUERY("a.b.c.d.flat", "coreTable=\"students\" flattened=\"true\"", "",
	"<column>students.dcid</column><column>students.student_number</column><column>students.student_web_id</"
	"column>",
	"select s.dcid, s.student_number, s.student_web_id from students s where s.dcid = 12")
	KIT_QUERY("a.b.c.d.nested", "coreTable=\"students\" flattened=\"false\"", "",
		"<column>students.dcid</column><column>students.student_web_id</column>",
		"select s.dcid, s.student_web_id from students s where s.dcid = 12") KIT_QUERY("a.b.c.d.day",
		"coreTable=\"terms\" flattened=\"true\"", "",
		"<column>terms.dcid</column><column>terms.firstday</column>",
		"select t.dcid, t.firstday from terms t where t.dcid = 2")
		KIT_QUERY("a.b.c.d.joined", "coreTable=\"terms\" flattened=\"true\"", "", "<column>terms.dcid</column>",
			"select t.dcid from terms t join schools s on s.school_number = t.schoolid where t.dcid = 2")
			KIT_QUERY("a.b.c.d.role", "coreTable=\"roledef\" flattened=\"true\"", "",
				"<column>roledef.id</column>", "select r.id from roledef r order by r.id") "</queries>";

#define Q "/ws/schema/query/a.b.c.d."
#define PUT_BODY "{\"event_subscriptions\":{\"key\":\"k\",\"callback_url\":\"http://127.0.0.1:1\"}}"
#define V1 "/ws/v1/"

/* A request, and what its answer holds while the switch is off, and on. "~": holds, "!": holds not. */
static const struct {
	const char *quirk, *method, *url, *body;
	int off_status;
	const char *off;
	int on_status;
	const char *on;
} cases[] = {
	/* clang-format off */
	{ "single_row_array", "POST", Q "flat", "{}", 200, "~\"record\":{", 200, "~\"record\":[{" },
	{ "single_row_array", "GET", V1 "school/6/student?q=id==11", NULL, 200, "~\"student\":{", 200, "~\"student\":[{" },
	{ "single_row_array", "GET", "/ws/schema/table/terms?projection=name&q=dcid==2", NULL, 200, "~\"record\":{", 200, "~\"record\":[{" },
	{ "bare_numbers", "POST", Q "flat", "{}", 200, "~\"dcid\":\"12\"", 200, "~\"dcid\":12," },
	{ "null_members", "POST", Q "flat", "{}", 200, "!student_web_id", 200, "~\"student_web_id\":null" },
	{ "null_members", "GET", "/ws/schema/table/students/12?projection=student_web_id", NULL, 200, "~{}", 200, "~:null" },
	{ "nested_nulls_omitted", "POST", Q "nested", "{}", 200, "~\"student_web_id\":null", 200, "!student_web_id" },
	{ "timestamp_dates", "POST", Q "day", "{}", 200, "~\"2026-08-17\"", 200, "~\"2026-08-17 00:00:00.0\"" },
	{ "us_dates", "POST", Q "day", "{}", 200, "~\"2026-08-17\"", 200, "~\"8/17/2026\"" },
	{ "fraction_numbers", "POST", Q "flat", "{}", 200, "~\"204882\"", 200, "~\"204882.0\"" },
	{ "over_maximum_refused", "GET", V1 "district/student?pagesize=101", NULL, 200, NULL, 400, "~larger than the maximum" },
	{ "over_maximum_refused", "GET", "/ws/schema/table/terms?projection=name&pagesize=101", NULL, 200, NULL, 400, NULL },
	{ "joins_need_no_grant", "POST", Q "joined", "{}", 403, "~SCHOOL", 200, "~\"dcid\":\"2\"" },
	{ "optional_tables_refused", "POST", Q "role", "{}", 200, NULL, 403, "~ROLEDEF" },
	{ "client_error_described", "POST", "/oauth/access_token", "x=y", 401, "!error_description", 401, "~error_description" },
	{ "json_without_accept", "BARE", V1 "district", NULL, 200, "~<district ", 200, "~{\"district\":" },
	{ "schema_xml", "BARE", "/ws/schema/table/terms?projection=name&q=dcid==2", NULL, 200, "~{\"name\":\"terms\"", 200,
	  "~<results><name>terms</name><record><id>2</id>" },
	{ "wrapped_errors", "GET", V1 "school/99/term", NULL, 404, "~{\"message\":\"School", 404, "~{\"errorMessage\":{\"message\":\"School" },
	{ "time_server_names", "GET", V1 "time", NULL, 200, "~\"date\":", 200, "~\"server_date\":" },
	{ "q_or_works", "GET", V1 "district/student/count?q=id==11,id==12", NULL, 400, NULL, 200, "~:2" },
	{ "students_without_q_all", "GET", V1 "school/6/student/count", NULL, 200, "~:1}", 200, "~:2}" },
	{ "enrollments_unpaged", "GET", V1 "section/401/section_enrollment?page=2&pagesize=1", NULL, 200, "!\"id\":801", 200, "~\"id\":801" },
	{ "exit_date_last_day", "GET", V1 "section_enrollment/801", NULL, 200, "~\"2027-06-05\"", 200, "~\"2027-06-04\"" },
	{ "status_code_name", "GET", V1 "student/11?expansions=school_enrollment", NULL, 200, "~\"enroll_status_code\":0", 200,
	  "~\"status_code\":0" },
	{ "negative_section_id", "GET", V1 "section_enrollment/802", NULL, 200, "~\"section_id\":401", 200, "~\"section_id\":-401" },
	{ "negative_section_id", "GET", V1 "section_enrollment/801", NULL, 200, "~\"section_id\":401", 200, "~\"section_id\":401" },
	{ "next_school_dcid", "GET", V1 "student/11?expansions=schedule_setup", NULL, 200, "~\"next_school\":300", 200, "~\"next_school\":5" },
	{ "writes_need_full", "PUT", V1 "event_subscription", PUT_BODY, 201, NULL, 401, "~accessLevelV1Api FULL" },
	{ "dataversion_needs_subscription", "GET", "/ws/dataversion/app/0", NULL, 200, NULL, 404, NULL },
	{ "dataversion_deletes", "DELETED", "/ws/dataversion/app/16000000", NULL, 200, "!804", 200, "~803,804]" },
	{ "dataversion_ids", "GET", "/ws/dataversion/app/0", NULL, 200, "~\"students\":[11,12", 200, "~\"students\":[111,112" },
	{ "dataversion_number", "GET", "/ws/dataversion/app/0", NULL, 200, "~\"$dataversion\":\"16", 200, "~\"$dataversion\":16" },
	/* clang-format on */
};

/* Those that are no single request, each with a test of its own. */
static const char *const others[] = { "bare_challenge", "token_error_body", "disabled_token_refused",
	"between_years_next", "event_body_flat", "event_retries", "old_server_refuses_access_level",
	"access_request_first", "page_max", "token_life_s", "drop_keeps_termid", "live_origsectionid",
	"dateleft_last_day" };

static void open_with(kit *k, const char *quirk, bool on)
{
	sim_ps_options options = { 0 };
	sr_err err = { 0 };

	if (*quirk && sim_ps_option_set(&options, quirk, on ? "1" : "0", &err))
		fail_msg("%s", err.text);
	kit_open(k, &options);
	kit_sql(k, kit_district);
	sim_ps_free(k->ps);
	k->ps = sim_ps_new(&k->world, &options, &err);
	if (!k->ps || kit_install(k, sim_ps_install, plugin, queries, &err))
		fail_msg("%s", err.text);
	kit_sql(k, more);
	kit_login(k);
}

static void play(size_t i, bool on)
{
	const char *method = cases[i].method, *answer = on ? cases[i].on : cases[i].off;
	kit k;

	open_with(&k, cases[i].quirk, on);
	if (!strcmp(method, "DELETED"))
		kit_sql(&k, "delete from cc where dcid = 804");
	if (!strcmp(method, "BARE"))
		kit_accept(&k, NULL, cases[i].url);
	else
		kit_send(&k, strcmp(method, "DELETED") ? method : "GET", cases[i].url,
			sr_starts(cases[i].url, "/oauth") ? NULL : k.token, cases[i].body);
	if (k.reply.status != (on ? cases[i].on_status : cases[i].off_status) || !kit_says(&k, answer))
		fail_msg("%s=%d: %d %s", cases[i].quirk, on, k.reply.status, sr_buf_text(&k.reply.body));
	kit_close(&k);
}

static void every_switch_makes_its_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(cases); i++) {
		play(i, false);
		play(i, true);
	}
}

static void every_row_of_the_table_is_played(void **state)
{
	size_t count;
	const sim_quirk_row *rows = sim_ps_quirks_table(&count);

	(void)state;
	for (size_t r = 0; r < count; r++) {
		bool played = false;

		for (size_t i = 0; i < SR_COUNT_OF(cases); i++)
			played |= !strcmp(cases[i].quirk, rows[r].name);
		for (size_t i = 0; i < SR_COUNT_OF(others); i++)
			played |= !strcmp(others[i], rows[r].name);
		if (!played)
			fail_msg("%s is never played", rows[r].name);
		assert_true(sr_starts(rows[r].section, "powerschool.md "));
		assert_true(*rows[r].help && *rows[r].values && *rows[r].standard);
	}
}

static void challenges_differ(void **state)
{
	kit k;

	(void)state;
	open_with(&k, "bare_challenge", true);
	assert_int_equal(kit_send(&k, "GET", V1 "district", "Bearer x", NULL), 401);
	assert_string_equal(k.reply.headers[0].value, "Bearer error=\"invalid_token\"");
	assert_int_equal(k.reply.body.len, 0);
	kit_close(&k);
	open_with(&k, "token_error_body", true);
	assert_int_equal(kit_send(&k, "GET", V1 "district", "Bearer x", NULL), 401);
	assert_string_equal(sr_buf_text(&k.reply.body), "{\"error\":\"invalid_token\"}");
	assert_string_equal(k.reply.headers[k.reply.header_count - 1].name, "WWW-Authenticate");
	kit_close(&k);
}

static void a_disabled_plugin_keeps_its_token_or_not(void **state)
{
	(void)state;
	for (int on = 0; on < 2; on++) {
		kit k;

		open_with(&k, "disabled_token_refused", on);
		assert_int_equal(sim_ps_plugin_enable(k.ps, "", false, NULL), 0);
		assert_int_equal(kit_send(&k, "GET", V1 "district", k.token, NULL), on ? 401 : 200);
		assert_int_equal(
			kit_send(&k, "POST", "/oauth/access_token", NULL,
				"grant_type=client_credentials&client_id=sandbox-id&client_secret=sandbox-secret"),
			on ? 401 : 200);
		kit_close(&k);
	}
}

/* The world's date is 2026-07-25: behind the year 35, before 36. */
static void the_year_between_two_years_is_the_districts_choice(void **state)
{
	(void)state;
	for (int on = 0; on < 2; on++) {
		kit k;

		open_with(&k, "between_years_next", on);
		kit_sql(&k, "update prefs set value = '35' where name = 'coursearchiveyear'");
		json_decref(kit_call(&k, "GET", V1 "school/6/term/count", NULL, 200));
		assert_true(kit_says(&k, on ? "~:3}" : "~:1}"));
		kit_sql(&k, "update terms set lastday = '2026-08-01' where yearid = 35"); /* it is not over yet */
		json_decref(kit_call(&k, "GET", V1 "school/6/term/count", NULL, 200));
		assert_true(kit_says(&k, "~:1}"));
		kit_close(&k);
	}
}

static void event_bodies_have_two_layouts_and_two_tempers(void **state)
{
	(void)state;
	for (int on = 0; on < 2; on++) {
		static const char body[] =
			"{\"event_subscriptions\":{\"key\":\"k\",\"callback_url\":\"http://127.0.0.1:1\","
			"\"event_subscription\":{\"resource\":\"/ws/v1/test_subscription\"}}}";
		sim_ps_event event;
		kit k;

		open_with(&k, "event_body_flat", on);
		assert_int_equal(kit_send(&k, "PUT", V1 "event_subscription", k.token, body), 201);
		assert_int_equal(sim_ps_event_next(k.ps, &event, NULL), 1);
		assert_true(sr_starts(event.body, on ? "{\"key\":\"k\"" : "{\"events\":{\"event\":{\"key\":\"k\""));
		sim_ps_event_done(&event);
		kit_close(&k);

		open_with(&k, "event_retries", on);
		assert_int_equal(kit_send(&k, "PUT", V1 "event_subscription", k.token, body), 201);
		assert_int_equal(sim_ps_event_next(k.ps, &event, NULL), 1);
		assert_int_equal(sim_ps_event_settle(k.ps, &event, false, NULL), 0);
		sim_ps_event_done(&event);
		assert_int_equal(sim_ps_event_next(k.ps, &event, NULL), on);
		sim_ps_event_done(&event);
		kit_close(&k);
	}
}

static void strict_servers_refuse_more_plugins(void **state)
{
	static const char late[] =
		"<plugin xmlns=\"http://plugin.powerschool.pearson.com\" name=\"late\" version=\"1\">"
		"<publisher name=\"P\"><contact email=\"p@example.org\"/></publisher>"
		"<access_request/></plugin>";

	(void)state;
	for (int on = 0; on < 2; on++) {
		sr_err err = { 0 };
		kit k;

		open_with(&k, "access_request_first", on);
		assert_int_equal(kit_install(&k, sim_ps_install, late, NULL, &err), -on);
		kit_close(&k);
		open_with(&k, "old_server_refuses_access_level", on);
		assert_int_equal(kit_install(&k, sim_ps_plugin_add, KIT_PLUGIN("new", "1", KIT_OAUTH), NULL, &err), 0);
		assert_int_equal(sim_ps_state_set(&k.world, "powerschool_version", "24.1", NULL), 0);
		assert_int_equal(
			kit_install(&k, sim_ps_plugin_add, KIT_PLUGIN("old", "1", KIT_OAUTH), NULL, &err), -on);
		assert_int_equal(
			kit_install(&k, sim_ps_plugin_add, KIT_PLUGIN("plain", "1", "<oauth/>"), NULL, &err), 0);
		kit_close(&k);
	}
}

static int64_t stored(kit *k, const char *what)
{
	SR_AUTO_FREE char *sql = sr_asprintf("select %s from cc where dcid = 804", what);
	int64_t n = -1;

	assert_int_equal(sim_sql_int(k->world.db, &n, NULL, sql, ""), 1);
	return n;
}

/* However a row of CC comes about: there before the switch, changed, put in. */
static void dropped_and_live_rows_have_two_looks_each(void **state)
{
	static const char drop[] = "update cc set origsectionid = sectionid, sectionid = -sectionid, termid = -termid"
				   " where dcid = 804";
	static const char again[] = "create temp table was as select * from cc where dcid = 804; delete from cc where"
				    " dcid = 804; insert into cc select * from was; drop table was";

	(void)state;
	for (int on = 0; on < 2; on++) {
		kit k;

		open_with(&k, "drop_keeps_termid", on);
		kit_sql(&k, drop);
		assert_int_equal(stored(&k, "sectionid"), -43);
		assert_int_equal(stored(&k, "termid"), on ? 3500 : -3500);
		kit_sql(&k, again);
		assert_int_equal(stored(&k, "termid"), on ? 3500 : -3500);
		kit_close(&k);

		open_with(&k, "live_origsectionid", on);
		assert_int_equal(stored(&k, "coalesce(origsectionid, 0)"), on ? 43 : 0);
		kit_sql(&k, drop);
		assert_int_equal(stored(&k, "origsectionid"), 43);
		kit_sql(&k, "update cc set origsectionid = 0, sectionid = 43 where dcid = 804");
		assert_int_equal(stored(&k, "origsectionid"), on ? 43 : 0);
		kit_close(&k);

		open_with(&k, "dateleft_last_day", on);
		assert_int_equal(stored(&k, "dateleft = '2026-06-05'"), on);
		kit_sql(&k, "update cc set dateleft = '2026-05-01' where dcid = 804");
		assert_int_equal(stored(&k, "dateleft = '2026-05-01'"), 1);
		kit_sql(&k, "update cc set dateleft = '2026-06-06' where dcid = 804");
		assert_int_equal(stored(&k, "dateleft = '2026-06-05'"), on);
		kit_close(&k);
	}
}

static void numbers_are_options_too(void **state)
{
	sim_ps_options o = { 0 };
	sr_err err = { 0 };

	(void)state;
	assert_int_equal(sim_ps_option_set(&o, "page_max", "250", &err), 0);
	assert_int_equal(o.page_max, 250);
	assert_int_equal(sim_ps_option_set(&o, "token_life_s", "60", &err), 0);
	assert_int_equal(o.token_life_s, 60);
	assert_int_equal(sim_ps_option_set(&o, "page_max", "1001", &err), -1);
	assert_int_equal(sim_ps_option_set(&o, "page_max", "many", &err), -1);
	assert_int_equal(sim_ps_option_set(&o, "bare_numbers", "2", &err), -1);
	assert_int_equal(sim_ps_option_set(&o, "shoes", "1", &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_switch_makes_its_difference),
		cmocka_unit_test(every_row_of_the_table_is_played),
		cmocka_unit_test(challenges_differ),
		cmocka_unit_test(a_disabled_plugin_keeps_its_token_or_not),
		cmocka_unit_test(the_year_between_two_years_is_the_districts_choice),
		cmocka_unit_test(event_bodies_have_two_layouts_and_two_tempers),
		cmocka_unit_test(strict_servers_refuse_more_plugins),
		cmocka_unit_test(dropped_and_live_rows_have_two_looks_each),
		cmocka_unit_test(numbers_are_options_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
