/* Faults in front of the real handlers: what is carried out, and what the caller gets to see. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ps_service.h"
#include "sgy_api.h"
#include "test_district.h"

typedef struct bench {
	town *town;
	sim_front front;
	sim_reply reply;
	sim_delivery delivery;
	char authorization[400];
	unsigned nonce;
} bench;

static int setup(void **state)
{
	bench *b = calloc(1, sizeof(*b));
	sr_err err = { 0 };

	if (!b)
		return -1;
	b->town = town_open("tiny", 1);
	b->front = (sim_front){ .world = &b->town->world, .faults = &b->town->faults };
	b->front.ps = sim_ps_new(&b->town->world, NULL, &err);
	b->front.sgy = sim_sgy_new(&b->town->world, NULL, &err);
	*state = b;
	return b->front.ps && b->front.sgy ? 0 : -1;
}

static int teardown(void **state)
{
	bench *b = *state;

	sim_ps_free(b->front.ps);
	sim_sgy_free(b->front.sgy);
	sim_reply_done(&b->reply);
	town_close(b->town);
	free(b);
	return 0;
}

static int ask(bench *b, sim_service service, const char *method, const char *url, const char *body)
{
	sr_request r = { .method = method, .url = url, .body = body, .body_bytes = body ? strlen(body) : 0 };
	char key[33], secret[41], id[37], id_secret[37];

	sim_district_keys(1, key, secret, id, id_secret);
	snprintf(b->authorization, sizeof(b->authorization),
		"OAuth "
		"oauth_consumer_key=\"%s\",oauth_nonce=\"n%u\",oauth_timestamp=\"%lld\",oauth_signature_method="
		"\"PLAINTEXT\","
		"oauth_version=\"1.0\",oauth_signature=\"%s%%26\"",
		key, ++b->nonce, (long long)(town_now(NULL) / 1000), secret);
	if (service == SIM_SCHOOLOGY)
		sr_request_header(&r, "Authorization", b->authorization);
	sr_request_header(&r, "Content-Type", "application/json");
	sr_request_header(&r, "Host", "127.0.0.1:8902");
	sim_reply_reset(&b->reply);
	sim_fault_apply(&b->front, service, &r, &b->reply, &b->delivery);
	return b->reply.status;
}

static void add(bench *b, const char *words)
{
	SR_AUTO_FREE char *order = sr_asprintf("fault add %s", words);

	assert_int_equal(town_order(b->town, order), 0);
}

static void without_faults_the_service_answers(void **state)
{
	bench *b = *state;

	assert_int_equal(ask(b, SIM_SCHOOLOGY, "GET", "http://127.0.0.1:8902/v1/roles", NULL), 200);
	assert_int_equal(ask(b, SIM_POWERSCHOOL, "GET", "/ws/v1/metadata", NULL), 200);
	assert_int_equal(b->delivery.delay_ms, 0);
}

static void a_fault_waits_strikes_and_ends(void **state)
{
	bench *b = *state;

	add(b, "5xx --status 502 --service sgy --path /v1/roles --after 1 --count 2");
	assert_int_equal(ask(b, SIM_SCHOOLOGY, "GET", "/v1/roles", NULL), 200);
	assert_int_equal(ask(b, SIM_SCHOOLOGY, "GET", "/v1/schools", NULL), 200);
	assert_int_equal(ask(b, SIM_SCHOOLOGY, "GET", "https://127.0.0.1:8902/v1/roles", NULL), 502);
	assert_int_equal(ask(b, SIM_POWERSCHOOL, "GET", "/v1/roles", NULL), 404);
	assert_int_equal(ask(b, SIM_SCHOOLOGY, "GET", "/v1/roles", NULL), 502);
	assert_int_equal(ask(b, SIM_SCHOOLOGY, "GET", "/v1/roles", NULL), 200);
}

static void count_zero_is_for_ever_until_cleared(void **state)
{
	bench *b = *state;

	add(b, "html200 --service ps --count 0");
	for (int i = 0; i < 5; i++) {
		assert_int_equal(ask(b, SIM_POWERSCHOOL, "GET", "/ws/v1/metadata", NULL), 200);
		assert_non_null(strstr(sr_buf_text(&b->reply.body), "page unavailable"));
	}
	town_must(b->town, "fault clear");
	ask(b, SIM_POWERSCHOOL, "GET", "/ws/v1/metadata", NULL);
	assert_null(strstr(sr_buf_text(&b->reply.body), "page unavailable"));
}

static const char *header(const bench *b, const char *name)
{
	for (size_t i = 0; i < b->reply.header_count; i++)
		if (sr_strcaseeq(b->reply.headers[i].name, name))
			return b->reply.headers[i].value;
	return NULL;
}

static void throttling_may_say_when(void **state)
{
	bench *b = *state;

	add(b, "429 --retry-after 7");
	add(b, "429");
	assert_int_equal(ask(b, SIM_SCHOOLOGY, "GET", "/v1/roles", NULL), 429);
	assert_string_equal(header(b, "Retry-After"), "7");
	assert_int_equal(ask(b, SIM_SCHOOLOGY, "GET", "/v1/roles", NULL), 429);
	assert_null(header(b, "Retry-After"));
}

static const char period[] = "{\"title\":\"P1\",\"start\":\"2026-01-01\",\"end\":\"2026-02-01\"}";

static void a_lost_answer_was_carried_out_and_a_reset_was_not(void **state)
{
	bench *b = *state;

	add(b, "reset --method POST");
	assert_int_equal(ask(b, SIM_SCHOOLOGY, "POST", "/v1/gradingperiods", period), 0);
	assert_int_equal(town_int(b->town, "select count(*) from sgy_period"), 0);
	add(b, "lost-answer --method POST");
	assert_int_equal(ask(b, SIM_SCHOOLOGY, "POST", "/v1/gradingperiods", period), 0);
	assert_int_equal(town_int(b->town, "select count(*) from sgy_period"), 1);
}

static void a_body_is_cut_in_half(void **state)
{
	bench *b = *state;

	ask(b, SIM_SCHOOLOGY, "GET", "/v1/roles", NULL);
	size_t whole = b->reply.body.len;
	add(b, "truncate");
	add(b, "cut");
	assert_int_equal(ask(b, SIM_SCHOOLOGY, "GET", "/v1/roles", NULL), 200);
	assert_int_equal(b->reply.body.len, whole / 2);
	assert_false(b->delivery.cut);
	ask(b, SIM_SCHOOLOGY, "GET", "/v1/roles", NULL);
	assert_true(b->delivery.cut);
	assert_int_equal(b->delivery.whole_bytes, whole);
}

static void slowness_is_told_to_the_deliverer(void **state)
{
	bench *b = *state;

	add(b, "slow --ms 250");
	assert_int_equal(ask(b, SIM_SCHOOLOGY, "GET", "/v1/roles", NULL), 200);
	assert_int_equal(b->delivery.delay_ms, 250);
}

static void a_token_expires(void **state)
{
	bench *b = *state;

	sim_ps_state_set(&b->town->world, "token", "abc", NULL);
	add(b, "expired-token --service ps");
	ask(b, SIM_POWERSCHOOL, "GET", "/ws/v1/time", NULL);
	SR_AUTO_FREE char *token = sim_ps_state_get(&b->town->world, "token", NULL);
	assert_string_not_equal(token, "abc");
}

static const char users[] =
	"{\"users\":{\"user\":[{\"school_uid\":\"a\",\"name_first\":\"A\",\"name_last\":\"A\",\"username\":\"ua\","
	"\"role_id\":1215},"
	"{\"school_uid\":\"b\",\"name_first\":\"B\",\"name_last\":\"B\",\"username\":\"ub\",\"role_id\":1215}]}}";

static void one_item_of_a_batch_fails(void **state)
{
	bench *b = *state;

	add(b, "item-failure --item 1");
	assert_int_equal(ask(b, SIM_SCHOOLOGY, "POST", "/v1/users?update_existing=1", users), 207);
	json_t *answer = json_loads(sr_buf_text(&b->reply.body), 0, NULL), *list = json_object_get(answer, "user");
	assert_int_equal(json_array_size(list), 2);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "response_code")), 200);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 1), "response_code")), 400);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "school_uid")), "b");
	json_decref(answer);
	assert_int_equal(town_int(b->town, "select count(*) from sgy_user where school_uid = 'a'"), 1);
	assert_int_equal(town_int(b->town, "select count(*) from sgy_user where school_uid = 'b'"), 0);
}

static void an_only_item_fails_alone(void **state)
{
	bench *b = *state;

	add(b, "item-failure");
	assert_int_equal(
		ask(b, SIM_SCHOOLOGY, "POST", "/v1/enrollments/import/course",
			"{\"enrollments\":{\"enrollment\":[{\"section_school_code\":\"x\",\"school_uid\":\"y\"}]}}"),
		207);
	json_t *answer = json_loads(sr_buf_text(&b->reply.body), 0, NULL);
	json_t *list = json_object_get(json_object_get(answer, "enrollments"), "enrollment");
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "section_school_code")), "x");
	json_decref(answer);
}

static void wrong_faults_are_refused(void **state)
{
	static const char *const wrong[] = { "fault add", "fault add nonsense", "fault add slow --ms",
		"fault add slow --ms -3", "fault add reset --service both", "fault add reset --colour red",
		"fault remove" };
	bench *b = *state;

	for (size_t i = 0; i < SR_COUNT_OF(wrong); i++)
		assert_int_equal(town_order(b->town, wrong[i]), 2);
	assert_int_equal(b->town->faults.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_faults_the_service_answers),
		TEST(a_fault_waits_strikes_and_ends),
		TEST(count_zero_is_for_ever_until_cleared),
		TEST(throttling_may_say_when),
		TEST(a_lost_answer_was_carried_out_and_a_reset_was_not),
		TEST(a_body_is_cut_in_half),
		TEST(slowness_is_told_to_the_deliverer),
		TEST(a_token_expires),
		TEST(one_item_of_a_batch_fails),
		TEST(an_only_item_fails_alone),
		TEST(wrong_faults_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
