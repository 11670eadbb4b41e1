/* Three-legged OAuth: request token, the user's consent, access token, calls in his name. */
#include "sgy_testkit.h"

static int setup(void **state)
{
	static kit k;

	kit_open(&k, NULL);
	kit_student(&k, "s1");
	*state = &k;
	return 0;
}

static int teardown(void **state)
{
	kit_close(*state);
	return 0;
}

typedef struct pair {
	char token[64], secret[64];
	long long ttl;
} pair;

static pair read_pair(kit *k)
{
	pair p;

	assert_int_equal(sscanf(kit_body(k), "oauth_token=%63[^&]&oauth_token_secret=%63[^&]&xoauth_token_ttl=%lld",
				 p.token, p.secret, &p.ttl),
		3);
	assert_string_equal(kit_header(k, "Content-Type"), "application/x-www-form-urlencoded");
	return p;
}

/* Signs with the pair from now on; NULL: two-legged again. The pair outlives its use. */
static void use(kit *k, const pair *p)
{
	k->token = p ? p->token : NULL;
	k->token_secret = p ? p->secret : NULL;
}

static pair request_token(kit *k)
{
	use(k, NULL);
	assert_int_equal(kit_ask(k, "GET", "/v1/oauth/request_token", NULL), 200);
	return read_pair(k);
}

static void the_three_steps_end_in_calls_as_the_user(void **state)
{
	kit *k = *state;
	pair request = request_token(k), access;

	kit_send(k, "GET",
		kit_url(k,
			"/oauth/authorize?oauth_token=%s&oauth_callback=https%%3A%%2F%%2Fapp.invalid%%2Fback%%3Fa%%3D1"
			"&uid=47119000",
			request.token),
		NULL, NULL);
	assert_int_equal(k->reply.status, 302);
	assert_string_equal(
		kit_header(k, "Location"), kit_url(k, "https://app.invalid/back?a=1&oauth_token=%s", request.token));
	use(k, &request);
	assert_int_equal(kit_ask(k, "GET", "/v1/oauth/access_token", NULL), 200);
	access = read_pair(k);
	assert_int_equal(access.ttl, 90 * 86400);
	use(k, &access);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 303);
	assert_non_null(strstr(kit_header(k, "Location"), "/users/47119000"));
	assert_int_equal(kit_ask(k, "GET", "/v1/users/47119000", NULL), 200);
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods", NULL), 403);
	use(k, &request);
	assert_int_equal(kit_ask(k, "GET", "/v1/oauth/access_token", NULL), 401);
}

static void tokens_open_only_their_own_door(void **state)
{
	kit *k = *state;
	pair request = request_token(k), other = request_token(k);

	assert_string_not_equal(request.token, other.token);
	use(k, &request);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/me", NULL), 401);
	assert_int_equal(kit_ask(k, "GET", "/v1/oauth/access_token", NULL), 401);
	assert_int_equal(kit_ask(k, "GET", "/v1/oauth/request_token", NULL), 401);
	kit_send(k, "GET", "/oauth/authorize?oauth_token=unknown", NULL, NULL);
	assert_int_equal(k->reply.status, 404);
	kit_send(k, "GET",
		kit_url(k, "/oauth/authorize?oauth_token=%s&oauth_callback=x%%0D%%0AEvil%%3A1", request.token), NULL,
		NULL);
	assert_int_equal(k->reply.status, 400);
	k->token_secret = "guess";
	assert_int_equal(kit_ask(k, "GET", "/v1/oauth/access_token", NULL), 401);
	assert_non_null(strstr(kit_body(k), "Verification of signature failed"));
}

static pair granted(kit *k)
{
	static pair request;

	request = request_token(k);
	kit_send(k, "GET", kit_url(k, "/v1/oauth/authorize?oauth_token=%s", request.token), NULL, NULL);
	assert_int_equal(k->reply.status, 200);
	assert_string_equal(kit_header(k, "Content-Type"), "text/html; charset=UTF-8");
	use(k, &request);
	assert_int_equal(kit_ask(k, "POST", "/v1/oauth/access_token", NULL), 200);
	return read_pair(k);
}

static void access_tokens_end(void **state)
{
	kit *k = *state;

	kit_option(k, "token_days", "1");
	pair access = granted(k);
	assert_int_equal(access.ttl, 86400);
	use(k, &access);
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods", NULL), 200);
	k->wall_ms += (int64_t)86400 * 1000;
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods", NULL), 401);
	assert_non_null(strstr(kit_body(k), "combination does not exist or is not enabled."));
}

static void plaintext_takes_both_secrets(void **state)
{
	kit *k = *state;
	pair access = granted(k);
	char header[512];

	for (int literal = 0; literal < 2; literal++) {
		snprintf(header, sizeof(header),
			"OAuth "
			"oauth_consumer_key=\"ck1\",oauth_token=\"%s\",oauth_nonce=\"pt%d\",oauth_timestamp=\"%lld\","
			"oauth_signature_method=\"PLAINTEXT\",oauth_signature=\"s3cr%%26t%%25%s%s\"",
			access.token, literal, (long long)(k->wall_ms / 1000), literal ? "&" : "%26", access.secret);
		kit_send(k, "GET", "/v1/users/me", header, NULL);
		assert_int_equal(k->reply.status, 303);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_three_steps_end_in_calls_as_the_user),
		TEST(tokens_open_only_their_own_door),
		TEST(access_tokens_end),
		TEST(plaintext_takes_both_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
