/* The Schoology client's reads against a scripted server: signatures and time stamps, the rate, paging,
 * every refusal. */
#include "sgy_fixture.h"

/* ---- reads ---- */

static void me_is_followed_by_hand(void **state)
{
	static const net_step script[] = { { "GET", SGY "/users/me", NULL, 303, "",
						   { { "Location", "http://api.schoology.com/v1/users/17" } } },
		{ "GET", SGY "/users/17", NULL, 200, USER } };
	DESK(d, script);
	told t = read_of(&d, &(sr_read_ask){ .what = SR_READ_ME });

	(void)state;
	assert_int_equal(t.count, 1);
	assert_int_equal(t.first, 17);
	assert_true(
		sr_starts(d.n.auth[1], "OAuth realm=\"Schoology API\",oauth_consumer_key=\"ck1\",oauth_nonce=\"0202"));
	assert_string_not_equal(d.n.auth[0], d.n.auth[1]);
	sr_sgy_client_free(d.c);
}

static void another_redirect_will_do(void **state)
{
	static const net_step script[] = { { "GET", SGY "/users/me", NULL, 302, "",
						   { { "Location", "/v1/users/17" } } },
		{ "GET", SGY "/users/17", NULL, 200, USER } };
	DESK(d, script);
	told t = read_of(&d, &(sr_read_ask){ .what = SR_READ_ME });

	(void)state;
	assert_int_equal(t.first, 17);
	sr_sgy_client_free(d.c);
}

static void a_redirect_elsewhere_is_refused(void **state)
{
	static const net_step script[] = { { "GET", SGY "/users/me", NULL, 303, "",
		{ { "Location", "http://evil.example/steal" } } } };
	DESK(d, script);
	told t = read_of(&d, &(sr_read_ask){ .what = SR_READ_ME });

	(void)state;
	assert_int_equal(t.err.code, SR_E_PROTO);
	sr_sgy_client_free(d.c);
}

static void pages_until_all_has_come(void **state)
{
	static const net_step script[] = { { "GET", SGY "/users?building_id=5&start=0&limit=2", NULL, 200,
						   "{\"user\":[{\"uid\":1},{\"uid\":2}],\"total\":\"3\"}" },
		{ "GET", SGY "/users?building_id=5&start=2&limit=2", NULL, 200,
			"{\"user\":{\"uid\":3},\"total\":\"3\"}" } };
	DESK(d, script);
	told t = read_of(&d, &(sr_read_ask){ .what = SR_READ_USERS, .building = 5 });

	(void)state;
	assert_int_equal(t.count, 3);
	assert_int_equal(t.last, 3);
	assert_true(t.agrees);
	sr_sgy_client_free(d.c);
}

/* A server that gives less than the limit is asked on; one that says neither total nor next is
 * believed when a page is short. */
static void short_pages_end_a_list_only_without_a_total(void **state)
{
	static const net_step script[] = { { "GET", SGY "/users?" PAGES, NULL, 200,
						   "{\"user\":[{\"uid\":1}],\"total\":2}" },
		{ "GET", SGY "/users?start=1&limit=2", NULL, 200, "{\"user\":[{\"uid\":2}],\"total\":2}" },
		{ "GET", SGY "/roles?" PAGES, NULL, 200, "{\"role\":[{\"id\":\"1\",\"title\":\"A\"}]}" },
		{ "GET", SGY "/courses?building_id=5&" PAGES, NULL, 200,
			"{\"course\":[{\"id\":1}],\"links\":{\"next\":\"x\"}}" },
		{ "GET", SGY "/courses?building_id=5&start=1&limit=2", NULL, 200, "{\"course\":[]}" } };
	DESK(d, script);
	told users = { 0 }, roles = { 0 }, courses = { 0 };

	(void)state;
	d.t->read(d.t, &(sr_read_ask){ .what = SR_READ_USERS }, on_read, &users);
	while (!users.calls)
		net_turn(&d.n);
	d.t->read(d.t, &(sr_read_ask){ .what = SR_READ_ROLES }, on_read, &roles);
	while (!roles.calls)
		net_turn(&d.n);
	d.t->read(d.t, &(sr_read_ask){ .what = SR_READ_COURSES, .building = 5 }, on_read, &courses);
	net_run(&d.n);
	assert_int_equal(users.count, 2);
	assert_int_equal(roles.count, 1);
	assert_int_equal(courses.count, 1);
	sr_sgy_client_free(d.c);
}

static void the_organisation_stands_before_its_buildings(void **state)
{
	static const net_step script[] = { { "GET", SGY "/schools?" PAGES, NULL, 200,
						   "{\"school\":[{\"id\":\"2908525646\",\"title\":\"District\"}]}" },
		{ "GET", SGY "/schools/2908525646/buildings?" PAGES, NULL, 200,
			"{\"building\":[{\"id\":\"2908525646\"},{\"id\":\"6\",\"building_code\":\"312\"}]}" },
		{ "GET", SGY "/schools/2908525646/buildings?start=2&limit=2", NULL, 200,
			"{\"building\":[{\"id\":\"2908525646\"},{\"id\":\"6\",\"building_code\":\"312\"}]}" } };
	DESK(d, script);
	told t = read_of(&d, &(sr_read_ask){ .what = SR_READ_SCHOOLS });

	(void)state;
	assert_int_equal(t.count, 2);
	assert_int_equal(t.first, 2908525646);
	assert_int_equal(t.last, 6);
	sr_sgy_client_free(d.c);
}

static void asks_every_kind_by_its_address(void **state)
{
	static const char *const keys[] = { "s100", "a,b c" };
	static const struct {
		sr_read_ask ask;
		const char *url, *answer;
	} rows[] = {
		{ { .what = SR_READ_PERIODS }, SGY "/gradingperiods?" PAGES, "{\"total\":0}" },
		{ { .what = SR_READ_INACTIVE }, SGY "/users/inactive?" PAGES, "{\"total\":0}" },
		{ { .what = SR_READ_USERS_BY_KEY, .keys = keys, .key_count = 2 },
			SGY "/users?school_uids=s100%2Ca%2Cb%20c&" PAGES, "{\"total\":0}" },
		{ { .what = SR_READ_SECTIONS, .id = 77 }, SGY "/courses/77/sections?include_past=1&" PAGES,
			"{\"section\":[{\"id\":1}],\"total\":1}" },
		{ { .what = SR_READ_SECTIONS_BY_CODE, .keys = keys, .key_count = 1 },
			SGY "/sections?section_school_codes=s100&include_past=1&" PAGES, "{\"total\":0}" },
		{ { .what = SR_READ_SECTION, .id = 4700000001 }, SGY "/sections/4700000001",
			"{\"id\":\"4700000001\",\"course_id\":77}" },
		{ { .what = SR_READ_MEMBERS, .id = 9 },
			SGY "/sections/9/enrollments?enrollment_status=1%2C2%2C5&" PAGES, "{\"total\":0}" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		const net_step script[] = { { "GET", rows[i].url, NULL, 200, rows[i].answer } };
		DESK(d, script);
		told t = read_of(&d, &rows[i].ask);

		assert_false(t.failed);
		assert_true(t.agrees);
		if (t.count)
			assert_int_equal(t.number, 77);
		sr_sgy_client_free(d.c);
	}
}

static void a_section_that_is_gone_is_an_answer(void **state)
{
	static const net_step script[] = { { "GET", SGY "/sections/9", NULL, 404, "" } };
	DESK(d, script);
	told t = read_of(&d, &(sr_read_ask){ .what = SR_READ_SECTION, .id = 9 });

	(void)state;
	assert_false(t.failed);
	assert_int_equal(t.count, 0);
	sr_sgy_client_free(d.c);
}

/* ---- refusals ---- */

static void says_what_an_administrator_has_to_do(void **state)
{
	static const struct {
		sr_read what;
		int status;
		const char *answer;
		sr_errc code;
		const char *says;
		bool passes; /* sent again before it is told */
	} rows[] = {
		{ SR_READ_USERS, 401, "", SR_E_AUTH, "since June 2025" },
		{ SR_READ_ME, 401, "", SR_E_AUTH, "its user is active" },
		{ SR_READ_USERS, 401,
			"The consumer_key \"ck1\" token \"\" combination does not exist or is not enabled.", SR_E_AUTH,
			"does not know the API key" },
		{ SR_READ_USERS, 401, "Verification of signature failed (signature base string was \"GET&x\").",
			SR_E_AUTH, "API secret" },
		{ SR_READ_USERS, 403, "", SR_E_FORBIDDEN, "administrator" },
		{ SR_READ_USERS, 404, "", SR_E_NOTFOUND, "object" },
		{ SR_READ_USERS, 500, "", SR_E_REMOTE, "500", true },
		{ SR_READ_USERS, 503, "", SR_E_REMOTE, "503", true },
		{ SR_READ_USERS, 200, "<html>Too many requests", SR_E_REMOTE, "web page", true },
		{ SR_READ_USERS, 200, "{\"user\":[", SR_E_PROTO, "cut off", true },
		{ SR_READ_USERS, 400, "bad for zoe@example.org", SR_E_REJECTED, "400: bad for ..." },
		{ SR_READ_USERS, 302, "", SR_E_PROTO, "redirects" },
		{ SR_READ_USERS, 304, "", SR_E_PROTO, "304" },
		{ SR_READ_USERS, 0, "", SR_E_NET, "Schoology: connection lost", true },
		{ SR_READ_USERS, -2, "", SR_E_NOMEM, "no room" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		const net_step asked = { "GET", rows[i].what == SR_READ_ME ? SGY "/users/me" : SGY "/users?" PAGES,
			NULL, rows[i].status, rows[i].answer };
		const net_step script[] = { asked, asked, asked, asked };
		DESK(d, script);
		told t;

		d.n.step_count = rows[i].passes ? 4 : 1;
		t = read_of(&d, &(sr_read_ask){ .what = rows[i].what });

		assert_int_equal(t.err.code, rows[i].code);
		if (!strstr(t.err.text, rows[i].says) || strstr(t.err.text, "GET&"))
			fail_msg("%s", t.err.text);
		sr_sgy_client_free(d.c);
	}
}

static void a_used_nonce_is_signed_anew_once(void **state)
{
	static const net_step script[] = {
		{ "GET", SGY "/users?" PAGES, NULL, 401,
			"Duplicate timestamp/nonce combination, possible replay attack.  Request rejected." },
		{ "GET", SGY "/users?" PAGES, NULL, 401,
			"Duplicate timestamp/nonce combination, possible replay attack.  Request rejected." }
	};
	DESK(d, script);
	told t = read_of(&d, &(sr_read_ask){ .what = SR_READ_USERS });

	(void)state;
	assert_int_equal(t.err.code, SR_E_REMOTE);
	assert_string_not_equal(d.n.auth[0], d.n.auth[1]);
	sr_sgy_client_free(d.c);
}

static void out_of_sequence_raises_the_floor(void **state)
{
	static const net_step script[] = { { "GET", SGY "/users?" PAGES, NULL, 401,
						   "Timestamp is out of sequence. Request rejected. Got 1791000000 "
						   "last max is 1791000700 allowed skew is 600" },
		{ "GET", SGY "/users?" PAGES, NULL, 200, "{\"total\":0}" } };
	DESK(d, script);
	told t = read_of(&d, &(sr_read_ask){ .what = SR_READ_USERS });

	(void)state;
	assert_false(t.failed);
	assert_int_equal(d.stamped_s[0], 1791000000);
	assert_int_equal(d.stamped_s[1], 1791000700);
	assert_int_equal(sr_sgy_used(d.c).concurrency, 1);
	sr_sgy_client_free(d.c);
}

static void retry_after_is_obeyed(void **state)
{
	static const net_step script[] = { { "GET", SGY "/users?" PAGES, NULL, 429, "", { { "retry-after", "17" } } },
		{ "GET", SGY "/users?" PAGES, NULL, 429, "" },
		{ "GET", SGY "/users?" PAGES, NULL, 200, "{\"total\":0}" } };
	DESK(d, script);
	told t = read_of(&d, &(sr_read_ask){ .what = SR_READ_USERS });

	(void)state;
	assert_false(t.failed);
	assert_int_equal(d.n.sent_ms[1] - d.n.sent_ms[0], 17000);
	assert_int_equal(d.n.sent_ms[2] - d.n.sent_ms[1], 5000);
	sr_sgy_client_free(d.c);
}

static void time_never_goes_back(void **state)
{
	static const net_step script[] = { { "GET", SGY "/sections/1", NULL, 200, "{\"id\":1}" },
		{ "GET", SGY "/sections/1", NULL, 200, "{\"id\":1}" },
		{ "GET", SGY "/sections/1", NULL, 200, "{\"id\":1}" } };
	desk d = { .n = NET(script) };
	sr_sgy_config conf = config(&d);

	(void)state;
	conf.floor_s = 1791000005;
	open_desk(&d, &conf);
	d.n.step_count = 1;
	read_of(&d, &(sr_read_ask){ .what = SR_READ_SECTION, .id = 1 });
	d.n.wall_base_ms += 7000;
	d.n.step_count = 2;
	read_of(&d, &(sr_read_ask){ .what = SR_READ_SECTION, .id = 1 });
	d.n.wall_base_ms -= 3600000;
	d.n.step_count = 3;
	read_of(&d, &(sr_read_ask){ .what = SR_READ_SECTION, .id = 1 });
	assert_int_equal(d.stamped_s[0], 1791000005);
	assert_int_equal(d.stamped_s[1], 1791000007);
	assert_int_equal(d.stamped_s[2], 1791000007);
	sr_sgy_client_free(d.c);
}

/* ---- the rate ---- */

static void never_more_than_the_budget_in_any_window(void **state)
{
	net_step script[20];
	desk d;
	sr_sgy_config conf;
	told t = { 0 };

	(void)state;
	for (size_t i = 0; i < 20; i++)
		script[i] = (net_step){ "GET", SGY "/sections/1", NULL, 200, "{\"id\":1}" };
	d = (desk){ .n = NET(script) };
	conf = config(&d);
	open_desk(&d, &conf);
	for (int i = 0; i < 20; i++)
		d.t->read(d.t, &(sr_read_ask){ .what = SR_READ_SECTION, .id = 1 }, on_read, &t);
	net_run(&d.n);
	assert_int_equal(t.calls, 20);
	for (size_t i = 6; i < 20; i++)
		assert_true(d.n.sent_ms[i] - d.n.sent_ms[i - 6] > 5000);
	/* ... and it is spent to the full: no window is waited for that need not be. */
	assert_true(d.n.sent_ms[19] - d.n.sent_ms[0] < 4 * 5010);
	sr_sgy_client_free(d.c);
}

static void what_an_earlier_process_sent_still_counts(void **state)
{
	static const net_step script[] = { { "GET", SGY "/sections/1", NULL, 200, "{\"id\":1}" } };
	desk d = { .n = NET(script) };
	sr_sgy_config conf = config(&d);
	told t;

	(void)state;
	conf.last_begun_ms = net_wall(&d.n) - 1000;
	open_desk(&d, &conf);
	assert_int_equal(d.t->write_wait_ms(d.t), 4001);
	t = read_of(&d, &(sr_read_ask){ .what = SR_READ_SECTION, .id = 1 });
	assert_int_equal(d.n.sent_ms[0] - 100000, 4001);
	assert_false(t.failed);
	sr_sgy_client_free(d.c);
}

/* ---- cancelling ---- */

static void cancelled_is_forgotten_but_counted(void **state)
{
	static const net_step script[] = { { "GET", SGY "/sections/1", NULL, 429, "", { { "Retry-After", "9" } } },
		{ "GET", SGY "/sections/2", NULL, 200, "{\"id\":2}" } };
	DESK(d, script);
	told gone = { 0 }, t = { 0 };

	(void)state;
	d.t->read(d.t, &(sr_read_ask){ .what = SR_READ_SECTION, .id = 1 }, on_read, &gone);
	d.n.held = true;
	net_turn(&d.n);
	d.t->read(d.t, &(sr_read_ask){ .what = SR_READ_SECTION, .id = 3 }, on_read, &gone);
	d.t->cancel(d.t, &gone);
	d.n.held = false;
	net_turn(&d.n);
	d.t->read(d.t, &(sr_read_ask){ .what = SR_READ_SECTION, .id = 2 }, on_read, &t);
	net_run(&d.n);
	assert_int_equal(gone.calls, 0);
	assert_int_equal(t.calls, 1);
	assert_int_equal(d.n.sent_ms[1] - d.n.sent_ms[0], 9000);
	sr_sgy_client_free(d.c);
}

static void freed_is_forgotten(void **state)
{
	net_step script[] = { { "GET", SGY "/sections/1", NULL, 200, "{\"id\":1}" },
		{ "GET", SGY "/sections/1", NULL, 200, "{\"id\":1}" } };
	DESK(d, script);
	told t = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		d.t->read(d.t, &(sr_read_ask){ .what = SR_READ_SECTION, .id = 1 }, on_read, &t);
	d.n.held = true;
	net_turn(&d.n);
	assert_int_equal(sr_sgy_used(d.c).in_flight, 2);
	assert_int_equal(sr_sgy_used(d.c).waiting, 3);
	sr_sgy_client_free(d.c);
	d.n.held = false;
	net_run(&d.n);
	assert_int_equal(t.calls, 0);
}

static void too_many_keys_are_refused_later(void **state)
{
	static const net_step script[] = { { .url = "none" } };
	static const char *keys[SR_BATCH_MAX + 1];
	DESK(d, script);
	told t;

	(void)state;
	for (size_t i = 0; i <= SR_BATCH_MAX; i++)
		keys[i] = "k";
	d.n.step_count = 0;
	t = read_of(&d, &(sr_read_ask){ .what = SR_READ_USERS_BY_KEY, .keys = keys, .key_count = SR_BATCH_MAX + 1 });
	assert_int_equal(t.err.code, SR_E_INVALID);
	sr_sgy_client_free(d.c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(me_is_followed_by_hand),
		cmocka_unit_test(another_redirect_will_do),
		cmocka_unit_test(a_redirect_elsewhere_is_refused),
		cmocka_unit_test(pages_until_all_has_come),
		cmocka_unit_test(short_pages_end_a_list_only_without_a_total),
		cmocka_unit_test(the_organisation_stands_before_its_buildings),
		cmocka_unit_test(asks_every_kind_by_its_address),
		cmocka_unit_test(a_section_that_is_gone_is_an_answer),
		cmocka_unit_test(says_what_an_administrator_has_to_do),
		cmocka_unit_test(a_used_nonce_is_signed_anew_once),
		cmocka_unit_test(out_of_sequence_raises_the_floor),
		cmocka_unit_test(retry_after_is_obeyed),
		cmocka_unit_test(time_never_goes_back),
		cmocka_unit_test(never_more_than_the_budget_in_any_window),
		cmocka_unit_test(what_an_earlier_process_sent_still_counts),
		cmocka_unit_test(cancelled_is_forgotten_but_counted),
		cmocka_unit_test(freed_is_forgotten),
		cmocka_unit_test(too_many_keys_are_refused_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
