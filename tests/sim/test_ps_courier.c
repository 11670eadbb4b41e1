/* Events on their way: a listener on this machine gets them, nobody else does. */
#include "test_ps.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

typedef struct listener {
	struct event_base *base;
	struct evhttp *http;
	int port, status; /* `status`: what it answers */
	sr_buf heard;
	size_t count, enough;
} listener;

static void on_post(struct evhttp_request *request, void *arg)
{
	listener *l = arg;
	struct evbuffer *in = evhttp_request_get_input_buffer(request);
	size_t len = evbuffer_get_length(in);

	sr_buf_printf(&l->heard, "%s %s ", evhttp_request_get_uri(request),
		evhttp_find_header(evhttp_request_get_input_headers(request), "Content-Type"));
	sr_buf_add(&l->heard, evbuffer_pullup(in, -1), len);
	sr_buf_putc(&l->heard, '\n');
	evhttp_send_reply(request, l->status, NULL, NULL);
	if (++l->count >= l->enough) {
		struct timeval soon = { 0, 150000 };

		event_base_loopexit(l->base, &soon);
	}
}

static void listen_here(listener *l)
{
	struct sockaddr_in address = { 0 };
	socklen_t size = sizeof(address);
	struct evhttp_bound_socket *s;

	*l = (listener){ .base = event_base_new(), .status = 200, .enough = 1 };
	l->http = evhttp_new(l->base);
	evhttp_set_gencb(l->http, on_post, l);
	s = evhttp_bind_socket_with_handle(l->http, "127.0.0.1", 0);
	assert_non_null(s);
	assert_int_equal(getsockname(evhttp_bound_socket_get_fd(s), (struct sockaddr *)&address, &size), 0);
	l->port = ntohs(address.sin_port);
}

static void listener_done(listener *l)
{
	evhttp_free(l->http);
	event_base_free(l->base);
	sr_buf_done(&l->heard);
}

/* Subscribes the test resource at `url`, so that one message waits. */
static void subscribe(kit *k, const char *url)
{
	SR_AUTO_FREE char *body = sr_asprintf("{\"event_subscriptions\":{\"key\":\"k\",\"callback_url\":\"%s\","
					      "\"event_subscription\":{\"resource\":\"/ws/v1/test_subscription\"}}}",
		url);

	if (!*k->token)
		kit_login(k);
	kit_send(k, "PUT", "/ws/v1/event_subscription", k->token, body);
	assert_int_equal(k->reply.status / 100, 2);
}

static void run(listener *l, kit *k, int at_most_ms)
{
	struct timeval limit = { at_most_ms / 1000, at_most_ms % 1000 * 1000 };
	sim_ps_courier *courier = sim_ps_courier_new(l->base, k->ps, 10);

	assert_non_null(courier);
	event_base_loopexit(l->base, &limit);
	event_base_dispatch(l->base);
	sim_ps_courier_free(courier);
}

static void expect_state(kit *k, const char *state, int attempts)
{
	sqlite3_stmt *stmt = NULL;

	sqlite3_prepare_v2(
		k->world.db, "select state, attempts from sim_ps_event order by seq desc limit 1", -1, &stmt, NULL);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0), state);
	assert_int_equal(sqlite3_column_int(stmt, 1), attempts);
	sqlite3_finalize(stmt);
}

#define BODY \
	"{\"events\":{\"event\":{\"key\":\"k\",\"resource\":\"/ws/v1/test_subscription\",\"event_type\":\"TEST\"}}}\n"

static void a_loopback_listener_is_told(void **state)
{
	kit *k = *state;
	listener l;

	listen_here(&l);
	SR_AUTO_FREE char *url = sr_asprintf("http://127.0.0.1:%d/ps/events?a=b", l.port);
	subscribe(k, url);
	run(&l, k, 3000);
	assert_string_equal(sr_buf_text(&l.heard), "/ps/events?a=b application/json;charset=UTF-8 " BODY);
	expect_state(k, "taken", 1);
	listener_done(&l);
}

static void a_refusal_is_given_up_or_tried_again(void **state)
{
	kit *k = *state, again;
	sim_ps_options options = { .quirks = { .event_retries = true } };
	listener l;

	listen_here(&l);
	SR_AUTO_FREE char *url = sr_asprintf("http://localhost:%d", l.port);
	l.status = 503;
	subscribe(k, url);
	run(&l, k, 3000);
	expect_state(k, "given up", 1);
	assert_int_equal(l.count, 1);

	kit_open(&again, &options);
	l.enough = 4;
	subscribe(&again, url);
	run(&l, &again, 3000);
	expect_state(&again, "given up", 3);
	assert_int_equal(l.count, 4);
	kit_close(&again);
	listener_done(&l);
}

static void nobody_beyond_this_machine_is_called(void **state)
{
	static const char *const urls[] = { "http://192.0.2.1:9/", "https://127.0.0.1:9/",
		"http://127.0.0.1.example.org/", "http://127.0.0.1:1/" };
	kit *k = *state;
	listener l;

	listen_here(&l);
	for (size_t i = 0; i < SR_COUNT_OF(urls); i++) {
		subscribe(k, urls[i]);
		run(&l, k, 200);
		expect_state(k, "given up", 1);
	}
	assert_int_equal(l.count, 0);
	listener_done(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(a_loopback_listener_is_told),
		KIT_TEST(a_refusal_is_given_up_or_tried_again),
		KIT_TEST(nobody_beyond_this_machine_is_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
