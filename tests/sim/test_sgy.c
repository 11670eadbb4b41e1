/* The Schoology stand-in at the door: signatures, nonces, keys, rate limits, routes. */
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

static int plaintext(kit *k, const char *signature)
{
	char header[512];

	snprintf(header, sizeof(header),
		"OAuth oauth_consumer_key=\"ck1\", oauth_nonce=\"p%u\", oauth_timestamp=\"%lld\","
		" oauth_signature_method=\"PLAINTEXT\", oauth_signature=\"%s\"",
		++k->nonce, (long long)(k->wall_ms / 1000), signature);
	kit_send(k, "GET", "/v1/users/me", header, NULL);
	return k->reply.status;
}

static void me_redirects_to_the_key_owner(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
	assert_string_equal(kit_header(k, "Location"), "http://127.0.0.1:8902/v1/users/4711902");
	assert_string_equal(kit_header(k, "X-Schoology"), "API");
	assert_string_equal(kit_body(k), "");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/4711902", NULL), 200);
	assert_string_equal(kit_text(k, "uid"), "4711902");
	assert_int_equal(kit_number(k, "id"), 4711902);
	assert_int_equal(kit_number(k, "role_id"), KIT_ROLE_ADMIN);
}

/* Signed by another implementation: quote, accent, comma and space in the query. */
static void a_known_signature_is_accepted(void **state)
{
	kit *k = *state;

	kit_send(k, "GET", "/v1/users?school_uids=s100%2Co%27neil%20%C3%A9&start=0",
		"OAuth realm=\"\",oauth_consumer_key=\"ck1\",oauth_token=\"\",oauth_nonce=\"9f2c41d0a1\","
		"oauth_timestamp=\"1791000000\",oauth_signature_method=\"HMAC-SHA1\",oauth_version=\"1.0\","
		"oauth_signature=\"yM6u3lOlN26Oc4Hb3RDgY3hh2Xg%3D\"",
		NULL);
	assert_int_equal(k->reply.status, 200);
	assert_string_equal(kit_text(k, "total"), "0");
}

static void plaintext_signatures_come_encoded_or_literal(void **state)
{
	kit *k = *state;

	assert_int_equal(plaintext(k, "s3cr%2526t%2525%26"), 303);
	assert_int_equal(plaintext(k, "s3cr%26t%25%26"), 303);
	assert_int_equal(plaintext(k, "s3cr%26t%25&"), 303);
	assert_int_equal(plaintext(k, "wrong%26"), 401);
	assert_non_null(strstr(kit_body(k), "(signature base string was \"GET&http%3A"));
}

static void the_public_base_signs_and_locates(void **state)
{
	kit *k = *state;
	sim_sgy_options options = sim_sgy_defaults;

	kit_close(k);
	options.public_base = "https://api.schoology.com/v1";
	kit_open(k, &options);
	char base[4096], signature[64], pct[128], header[512];
	kit_base_string(base, sizeof(base), "GET", "https://api.schoology.com", "/v1/users/me",
		"oauth_consumer_key=ck1&oauth_nonce=x&oauth_signature_method=HMAC-SHA1&oauth_timestamp=1789473600");
	kit_sign(signature, k->secret, base);
	kit_pct(pct, sizeof(pct), signature);
	snprintf(header, sizeof(header),
		"OAuth oauth_consumer_key=\"ck1\",oauth_nonce=\"x\",oauth_timestamp=\"1789473600\","
		"oauth_signature_method=\"HMAC-SHA1\",oauth_signature=\"%s\"",
		pct);
	kit_send(k, "GET", "/v1/users/me", header, NULL);
	assert_int_equal(k->reply.status, 303);
	assert_string_equal(kit_header(k, "Location"), "https://api.schoology.com/v1/users/4711902");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
}

static void each_refusal_has_its_text(void **state)
{
	kit *k = *state;

	kit_send(k, "GET", "/v1/users/me", NULL, NULL);
	assert_int_equal(k->reply.status, 401);
	assert_string_equal(kit_body(k), "Can't verify request, missing oauth_consumer_key or oauth_token");
	assert_string_equal(kit_header(k, "Content-Type"), "text/plain; charset=UTF-8");
	k->key = "nobody";
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 401);
	assert_string_equal(
		kit_body(k), "The consumer_key \"nobody\" token \"\" combination does not exist or is not enabled.");
	kit_send(k, "GET", "/v1/users/me",
		"OAuth oauth_consumer_key=\"ck1\",oauth_nonce=\"q\",oauth_timestamp=\"1789473600\"", NULL);
	assert_string_equal(kit_body(k), "Verification of signature failed (no oauth_signature in request).");
	kit_send(k, "GET", "/v1/users/me", "OAuth oauth_consumer_key=\"ck1", NULL);
	assert_int_equal(k->reply.status, 401);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_request_log WHERE status = 401"), 4);
}

static void a_bad_signature_burns_its_nonce(void **state)
{
	kit *k = *state;

	k->secret = "guess";
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 401);
	assert_non_null(
		strstr(kit_body(k), "Verification of signature failed (signature base string was \"GET&http%3A"));
	k->secret = "s3cr&t%";
	k->nonce--;
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 401);
	assert_string_equal(
		kit_body(k), "Duplicate timestamp/nonce combination, possible replay attack.  Request rejected.");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
}

static void timestamps_may_lag_by_the_skew_alone(void **state)
{
	kit *k = *state;

	k->timestamp = 1791000000;
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
	k->timestamp = 1791000000 - 600;
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
	k->timestamp = 1791000000 - 601;
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 401);
	assert_string_equal(kit_body(k), "Timestamp is out of sequence. Request rejected. Got 1790999399 last max is"
					 " 1791000000 allowed skew is 600");
}

static void a_personal_key_reads_its_owner_alone(void **state)
{
	kit *k = *state;

	kit_sql(k, "UPDATE sgy_key SET sees_all = 0");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/4711902", NULL), 200);
	assert_int_equal(kit_ask(k, "GET", "/v1/users", NULL), 401);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/1", NULL), 401);
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods", NULL), 401);
}

static void demotion_and_deactivation_count_at_once(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods", NULL), 200);
	kit_sql(k, "UPDATE sgy_user SET role_id = 1213");
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods", NULL), 403);
	assert_int_equal(kit_write(k, "POST", "/v1/users", "{'users':{'user':[]}}"), 403);
	assert_int_equal(kit_ask(k, "GET", "/v1/users", NULL), 200);
	kit_sql(k, "UPDATE sgy_user SET role_id = 1212, active = 0");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/4711902", NULL), 404);
	assert_int_equal(kit_ask(k, "GET", "/v1/users", NULL), 403);
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods", NULL), 403);
	kit_option(k, "inactive_key_401", "1");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 401);
}

static void paths_are_taken_as_clients_write_them(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "GET", "/v1/courses/", NULL), 200);
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingPeriods", NULL), 200);
	assert_int_equal(kit_ask(k, "GET", "/v1/user/4711902", NULL), 200);
	assert_int_equal(kit_ask(k, "GET", "http://127.0.0.1:8902/v1/roles", NULL), 200);
	assert_int_equal(kit_ask(k, "GET", "/v1/nothing", NULL), 404);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/roles", NULL), 405);
	assert_int_equal(kit_ask(k, "OPTIONS", "/v1/roles", NULL), 200);
	assert_int_equal(kit_ask(k, "POST", "/v1/users", "<xml/>"), 400);
}

static void a_failing_database_answers_500_and_keeps_nothing(void **state)
{
	kit *k = *state;

	kit_sql(k, "CREATE TRIGGER broken BEFORE INSERT ON sgy_write_log BEGIN SELECT raise(ABORT, 'disk'); END");
	assert_int_equal(
		kit_write(k, "POST", "/v1/users",
			"{'user':[{'school_uid':'a','name_first':'A','name_last':'B','username':'a','role_id':1214}]}"),
		500);
	assert_string_equal(kit_header(k, "X-Schoology"), "API");
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_user"), 1);
	kit_sql(k, "DROP TRIGGER broken");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
}

static int setup_limited(void **state)
{
	static kit k;

	kit_open(&k, &sim_sgy_defaults);
	*state = &k;
	return 0;
}

static void spend(kit *k, int reads, int expected)
{
	for (int i = 0; i < reads; i++)
		assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), expected);
}

static void a_sliding_window_counts_every_window(void **state)
{
	kit *k = *state;

	spend(k, 25, 303);
	k->mono_ms += 4000;
	assert_int_equal(kit_write(k, "POST", "/v1/users", "{'user':[]}"), 207);
	spend(k, 22, 303);
	spend(k, 1, 429);
	assert_string_equal(kit_header(k, "Retry-After"), "1");
	k->mono_ms += 1000;
	spend(k, 25, 303);
	spend(k, 1, 429);
	assert_string_equal(kit_header(k, "Retry-After"), "4");
	kit_option(k, "retry_after", "0");
	spend(k, 1, 429);
	assert_null(kit_header(k, "Retry-After"));
}

static void a_fixed_window_forgets_at_its_edge(void **state)
{
	kit *k = *state;

	kit_option(k, "limiter", "fixed");
	k->mono_ms = 9999;
	spend(k, 50, 303);
	spend(k, 1, 429);
	k->mono_ms = 10000;
	spend(k, 50, 303);
	spend(k, 1, 429);
	assert_int_equal(sim_sgy_max_cost(k->world.db, 5000, 0), 102);
	assert_int_equal(sim_sgy_max_cost(k->world.db, 1, 0), 51);
	assert_int_equal(sim_sgy_max_cost(k->world.db, 5000, 102), 0);
}

static void a_bucket_refills_steadily(void **state)
{
	kit *k = *state;

	kit_option(k, "limiter", "bucket");
	spend(k, 50, 303);
	spend(k, 1, 429);
	k->mono_ms += 100;
	spend(k, 1, 303);
	spend(k, 1, 429);
	k->mono_ms += 60000;
	spend(k, 50, 303);
	spend(k, 1, 429);
}

static void costs_are_logged_by_key(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_write(k, "POST", "/v1/users", "{'user':[]}"), 207);
	spend(k, 2, 303);
	assert_int_equal(sim_sgy_max_cost(k->world.db, 5000, 0), 5);
	assert_int_equal(kit_int(k, "SELECT sum(cost) FROM sgy_request_log WHERE consumer_key = 'ck1'"), 5);
}

static void options_are_checked(void **state)
{
	sim_sgy_options options = sim_sgy_defaults;
	sr_err err;

	(void)state;
	assert_int_equal(sim_sgy_option_set(&options, "limiter", "bucket", &err), 0);
	assert_int_equal(options.limiter, SIM_SGY_LIMIT_BUCKET);
	assert_int_equal(sim_sgy_option_set(&options, "credits", "0", &err), -1);
	assert_int_equal(err.code, SR_E_RANGE);
	assert_int_equal(sim_sgy_option_set(&options, "colour", "1", &err), -1);
	assert_int_equal(err.code, SR_E_INVALID);
	assert_int_equal(options.credits, 50);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define LIMITED(name) cmocka_unit_test_setup_teardown(name, setup_limited, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(me_redirects_to_the_key_owner),
		TEST(a_known_signature_is_accepted),
		TEST(plaintext_signatures_come_encoded_or_literal),
		TEST(the_public_base_signs_and_locates),
		TEST(each_refusal_has_its_text),
		TEST(a_bad_signature_burns_its_nonce),
		TEST(timestamps_may_lag_by_the_skew_alone),
		TEST(a_personal_key_reads_its_owner_alone),
		TEST(demotion_and_deactivation_count_at_once),
		TEST(paths_are_taken_as_clients_write_them),
		TEST(a_failing_database_answers_500_and_keeps_nothing),
		LIMITED(a_sliding_window_counts_every_window),
		LIMITED(a_fixed_window_forgets_at_its_edge),
		LIMITED(a_bucket_refills_steadily),
		LIMITED(costs_are_logged_by_key),
		cmocka_unit_test(options_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
