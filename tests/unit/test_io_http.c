/* The real HTTP transport against a small raw server on the same loop: the server's answers are canned
 * bytes, one row a path, so that every way of being cut short can be written down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "io/http.h"

/* 100,000 zeros, and {"ok":true}, as gzip. */
static const char bomb[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xf5\x4f\x6d"
			   "\x0d\x0f\xa0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
			   "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
			   "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
			   "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
			   "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x57\x03\x7d\x95\x11\xd4\xa0\x86\x01"
			   "\x00";
static const char small_gzip[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\xcf\x56\xb2\x2a\x29\x2a\x4d\xad"
				 "\x05\x00\x90\x5f\xd4\xa7\x0b\x00\x00\x00";

typedef enum { KEEP, CLOSE, SILENT } after;

static const struct canned {
	const char *path, *head, *body;
	size_t body_bytes; /* 0: strlen */
	after then;
} answers[] = {
	/* clang-format off */
	{ "/ok",       "HTTP/1.1 200 OK\r\nX-Thing:  some value \r\nContent-Length: 5\r\n\r\n", "hello", 0, KEEP },
	{ "/empty",    "HTTP/1.1 204 No Content\r\n\r\n", "", 0, KEEP },
	{ "/interim",  "HTTP/1.1 102 Wait\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "ok", 0, KEEP },
	{ "/moved",    "HTTP/1.1 303 See Other\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n", "", 0, KEEP },
	{ "/gzip",     "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 31\r\n\r\n", small_gzip, 31, KEEP },
	{ "/bomb",     "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 132\r\n\r\n", bomb, 132, KEEP },
	{ "/notgzip",  "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n", "not gzip!", 0, KEEP },
	{ "/short",    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", "cut", 0, CLOSE },
	{ "/garbage",  "I am not a web server\r\n\r\n", "", 0, CLOSE },
	{ "/vanish",   "", "", 0, CLOSE },
	{ "/hang",     "", "", 0, SILENT },
	{ "/headers",  NULL, "", 0, KEEP },
	{ "/longline", NULL, "", 0, KEEP },
	/* clang-format on */
};

typedef struct server {
	sr_loop *loop;
	struct evconnlistener *listener;
	int port, connections, requests;
	char last[2048]; /* the last request as it came */
	struct bufferevent *peers[32];
} server;

typedef struct seen {
	sr_loop *loop;
	int calls, wanted, status;
	bool never_sent;
	uint64_t cookie;
	sr_err err;
	char body[64], thing[64];
	size_t body_bytes, header_count;
} seen;

typedef struct fixture {
	sr_loop *loop;
	server server;
	sr_http *http;
	const sr_transport *t;
	seen seen;
} fixture;

static void write_many_headers(struct evbuffer *out, const char *path)
{
	bool longline = strcmp(path, "/longline") == 0;

	evbuffer_add_printf(out, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < (longline ? 4 : 150); i++)
		evbuffer_add_printf(out, "X-%d: %0*d\r\n", i, longline ? 20000 : 1, i);
	evbuffer_add_printf(out, "Content-Length: 0\r\n\r\n");
}

static void peer_gone(struct bufferevent *bev, short what, void *arg)
{
	server *s = arg;

	(void)what;
	for (size_t i = 0; i < SR_COUNT_OF(s->peers); i++)
		if (s->peers[i] == bev)
			s->peers[i] = NULL;
	bufferevent_free(bev);
}

static void peer_written(struct bufferevent *bev, void *arg)
{
	peer_gone(bev, 0, arg);
}

static void answer(server *s, struct bufferevent *bev, const char *path)
{
	struct evbuffer *out = bufferevent_get_output(bev);

	for (size_t i = 0; i < SR_COUNT_OF(answers); i++) {
		const struct canned *a = &answers[i];

		if (strcmp(a->path, path) != 0)
			continue;
		if (a->head)
			evbuffer_add(out, a->head, strlen(a->head));
		else
			write_many_headers(out, path);
		evbuffer_add(out, a->body, a->body_bytes ? a->body_bytes : strlen(a->body));
		if (a->then == CLOSE && evbuffer_get_length(out) == 0)
			peer_gone(bev, 0, s);
		else if (a->then == CLOSE)
			bufferevent_setcb(bev, NULL, peer_written, peer_gone, s);
		return;
	}
}

static void peer_readable(struct bufferevent *bev, void *arg)
{
	server *s = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	char path[64] = "";
	int n;

	if (end.pos < 0)
		return;
	n = evbuffer_remove(in, s->last, sizeof(s->last) - 1);
	s->last[n] = '\0';
	s->requests++;
	sscanf(s->last, "%*s %63s", path);
	answer(s, bev, path);
}

static void peer_came(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *a, int len, void *arg)
{
	server *s = arg;
	struct bufferevent *bev = bufferevent_socket_new(sr_loop_base(s->loop), fd, BEV_OPT_CLOSE_ON_FREE);

	(void)l;
	(void)a;
	(void)len;
	s->peers[s->connections++] = bev;
	bufferevent_setcb(bev, peer_readable, NULL, peer_gone, s);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static void server_start(server *s, sr_loop *loop)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	s->loop = loop;
	s->listener = evconnlistener_new_bind(
		sr_loop_base(loop), peer_came, s, LEV_OPT_CLOSE_ON_FREE, 16, (struct sockaddr *)&a, sizeof(a));
	assert_non_null(s->listener);
	assert_int_equal(getsockname(evconnlistener_get_fd(s->listener), (struct sockaddr *)&a, &len), 0);
	s->port = ntohs(a.sin_port);
}

static void server_stop(server *s)
{
	for (size_t i = 0; i < SR_COUNT_OF(s->peers); i++)
		if (s->peers[i])
			bufferevent_free(s->peers[i]);
	if (s->listener)
		evconnlistener_free(s->listener);
}

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof(*f));

	f->loop = sr_loop_new(NULL);
	server_start(&f->server, f->loop);
	f->http = sr_http_new(f->loop, &(sr_http_options){ .connections_max = 2 }, NULL);
	f->t = sr_http_transport(f->http);
	*state = f;
	return f->loop && f->http ? 0 : -1;
}

static int tear_down(void **state)
{
	fixture *f = *state;

	sr_http_free(f->http);
	server_stop(&f->server);
	sr_loop_free(f->loop);
	free(f);
	return 0;
}

static void on_answer(void *arg, uint64_t cookie, const sr_response *r)
{
	seen *s = arg;
	const char *thing = sr_response_header(r, "x-THING");

	s->calls++;
	s->cookie = cookie;
	s->status = r->status;
	s->err = r->err;
	s->never_sent = r->never_sent;
	s->body_bytes = r->body_bytes;
	s->header_count = r->header_count;
	snprintf(s->body, sizeof(s->body), "%s", r->body);
	snprintf(s->thing, sizeof(s->thing), "%s", thing ? thing : "");
	if (s->calls == s->wanted)
		sr_loop_stop(s->loop);
}

static char *url_of(fixture *f, const char *path)
{
	return sr_asprintf("http://127.0.0.1:%d%s", f->server.port, path);
}

static sr_request request_for(const char *url)
{
	return (sr_request){ .method = "GET", .url = url, .timeout_ms = 5000, .body_max_bytes = 10000 };
}

static void send_request(fixture *f, const sr_request *request)
{
	f->seen = (seen){ .loop = f->loop, .wanted = 1 };
	assert_int_equal(f->t->submit(f->t->self, request, on_answer, &f->seen, 77, NULL), 0);
	assert_int_equal(f->seen.calls, 0); /* never from inside submit */
	assert_int_equal(sr_loop_run(f->loop, NULL), 0);
	assert_int_equal(f->seen.calls, 1);
	assert_int_equal(f->seen.cookie, 77);
	assert_int_equal(sr_http_in_flight(f->http), 0);
}

static void get(fixture *f, const char *path)
{
	SR_AUTO_FREE char *url = url_of(f, path);
	sr_request r = request_for(url);

	send_request(f, &r);
}

static void an_answer_comes_whole(void **state)
{
	fixture *f = *state;

	get(f, "/ok");
	assert_int_equal(f->seen.status, 200);
	assert_string_equal(f->seen.body, "hello");
	assert_int_equal(f->seen.body_bytes, 5);
	assert_string_equal(f->seen.thing, "some value");
	get(f, "/empty");
	assert_int_equal(f->seen.status, 204);
	assert_string_equal(f->seen.body, "");
}

static void an_interim_answer_leaves_no_headers_behind(void **state)
{
	fixture *f = *state;

	get(f, "/interim");
	assert_int_equal(f->seen.status, 200);
	assert_int_equal(f->seen.header_count, 1);
}

static void a_redirect_is_an_answer_not_followed(void **state)
{
	fixture *f = *state;

	get(f, "/moved");
	assert_int_equal(f->seen.status, 303);
	assert_int_equal(f->server.requests, 1);
}

static void gzip_is_read_and_bounded_after_decompression(void **state)
{
	fixture *f = *state;

	get(f, "/gzip");
	assert_string_equal(f->seen.body, "{\"ok\":true}");
	get(f, "/bomb");
	assert_int_equal(f->seen.status, 0);
	assert_int_equal(f->seen.err.code, SR_E_LIMIT);
	get(f, "/notgzip");
	assert_int_equal(f->seen.status, 0);
	assert_int_equal(f->seen.err.code, SR_E_PROTO);
}

static void a_body_at_the_bound_is_taken_one_byte_more_is_not(void **state)
{
	fixture *f = *state;
	SR_AUTO_FREE char *url = url_of(f, "/ok");
	sr_request r = request_for(url);

	r.body_max_bytes = 5;
	send_request(f, &r);
	assert_int_equal(f->seen.status, 200);
	r.body_max_bytes = 4;
	send_request(f, &r);
	assert_int_equal(f->seen.status, 0);
	assert_int_equal(f->seen.err.code, SR_E_LIMIT);
}

static void header_floods_are_refused(void **state)
{
	fixture *f = *state;

	get(f, "/headers");
	assert_int_equal(f->seen.err.code, SR_E_LIMIT);
	get(f, "/longline");
	assert_int_equal(f->seen.err.code, SR_E_LIMIT);
}

static void a_cut_answer_may_have_been_carried_out(void **state)
{
	static const char *const paths[] = { "/short", "/garbage", "/vanish" };
	fixture *f = *state;

	for (size_t i = 0; i < SR_COUNT_OF(paths); i++) {
		get(f, paths[i]);
		assert_int_equal(f->seen.status, 0);
		assert_int_not_equal(f->seen.err.code, SR_E_OK);
		assert_false(f->seen.never_sent);
	}
}

static void a_closed_kept_connection_does_not_repeat_the_request(void **state)
{
	fixture *f = *state;

	get(f, "/ok");
	get(f, "/vanish"); /* on the same connection, which then closes without an answer */
	assert_int_equal(f->server.requests, 2);
	assert_non_null(strstr(f->seen.err.text, "closed before an answer"));
	assert_int_equal(f->seen.status, 0);
	assert_int_equal(f->seen.err.code, SR_E_NET);
	assert_false(f->seen.never_sent);
}

static void nobody_listening_means_never_sent(void **state)
{
	fixture *f = *state;
	SR_AUTO_FREE char *url = url_of(f, "/ok");
	sr_request r = request_for(url);

	evconnlistener_free(f->server.listener);
	f->server.listener = NULL;
	send_request(f, &r);
	assert_int_equal(f->seen.err.code, SR_E_NET);
	assert_true(f->seen.never_sent);
}

static void silence_times_out(void **state)
{
	fixture *f = *state;
	SR_AUTO_FREE char *url = url_of(f, "/hang");
	sr_request r = request_for(url);

	r.timeout_ms = 60;
	send_request(f, &r);
	assert_int_equal(f->seen.err.code, SR_E_TIMEOUT);
	assert_false(f->seen.never_sent);
}

static void cancelled_exchanges_never_call_back(void **state)
{
	fixture *f = *state;
	SR_AUTO_FREE char *hang = url_of(f, "/hang");
	sr_request r = request_for(hang);
	seen other = { .loop = f->loop };

	for (int i = 0; i < 3; i++)
		assert_int_equal(f->t->submit(f->t->self, &r, on_answer, &other, 1, NULL), 0);
	f->t->cancel_all(f->t->self, &other);
	assert_int_equal(sr_http_in_flight(f->http), 0);
	get(f, "/ok");
	assert_int_equal(f->seen.status, 200);
	assert_int_equal(other.calls, 0);
}

static void connections_are_bounded_and_kept(void **state)
{
	fixture *f = *state;
	SR_AUTO_FREE char *url = url_of(f, "/ok");
	sr_request r = request_for(url);

	f->seen = (seen){ .loop = f->loop, .wanted = 9 };
	for (int i = 0; i < 9; i++)
		assert_int_equal(f->t->submit(f->t->self, &r, on_answer, &f->seen, 1, NULL), 0);
	assert_int_equal(sr_loop_run(f->loop, NULL), 0);
	assert_int_equal(f->server.requests, 9);
	assert_true(f->server.connections <= 2);
}

static void methods_and_bodies_go_out_as_asked(void **state)
{
	static const struct {
		const char *method, *body, *has, *has_not;
	} rows[] = {
		/* clang-format off */
		{ "POST",    "{}", "POST /ok HTTP/1.1\r\n", "Expect" },
		{ "POST",    "{}", "Content-Length: 2\r\n", "x-www-form-urlencoded" },
		{ "POST",    "{}", "\r\n\r\n{}",            NULL },
		{ "PUT",     NULL, "Content-Length: 0\r\n", NULL },
		{ "DELETE",  NULL, "DELETE /ok ",           "Content-Length" },
		{ "OPTIONS", NULL, "OPTIONS /ok ",          "Content-Length" },
		{ "GET",     NULL, "X-Empty:\r\n",          NULL },
		/* clang-format on */
	};
	fixture *f = *state;
	SR_AUTO_FREE char *url = url_of(f, "/ok");

	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		sr_request r = request_for(url);

		r.method = rows[i].method;
		r.body = rows[i].body;
		r.body_bytes = rows[i].body ? strlen(rows[i].body) : 0;
		sr_request_header(&r, "X-Empty", "");
		send_request(f, &r);
		assert_int_equal(f->seen.status, 200);
		assert_non_null(strstr(f->server.last, rows[i].has));
		assert_true(!rows[i].has_not || !strstr(f->server.last, rows[i].has_not));
	}
}

static void a_header_cannot_smuggle_a_line(void **state)
{
	fixture *f = *state;
	SR_AUTO_FREE char *url = url_of(f, "/ok");
	sr_request r = request_for(url);
	sr_err err = { 0 };

	sr_request_header(&r, "X-A", "b\r\nX-C: d");
	assert_int_equal(f->t->submit(f->t->self, &r, on_answer, &f->seen, 1, &err), -1);
	assert_int_equal(err.code, SR_E_INVALID);
}

static void plain_http_stays_on_this_machine(void **state)
{
	static const struct {
		const char *url;
		bool ok;
	} rows[] = {
		/* clang-format off */
		{ "https://district.example.org/ws", true },
		{ "http://127.0.0.1:8080/", true },
		{ "http://127.8.9.10/", true },
		{ "http://[::1]:99/x", true },
		{ "HTTP://LocalHost/x", true },
		{ "http://district.example.org/", false },
		{ "http://127.0.0.1.example.org/", false },
		{ "http://localhost.example.org/", false },
		{ "http://10.0.0.1/", false },
		{ "https://user:word@district.example.org/", false },
		{ "ftp://127.0.0.1/", false },
		{ "file:///etc/passwd", false },
		{ "", false },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		assert_int_equal(sr_http_check_url(rows[i].url, NULL), rows[i].ok ? 0 : -1);
}

static void the_environment_names_no_proxy(void **state)
{
	fixture *f = *state;

	setenv("http_proxy", "http://127.0.0.1:9", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
	get(f, "/ok");
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	assert_int_equal(f->seen.status, 200);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_answer_comes_whole),
		CASE(an_interim_answer_leaves_no_headers_behind),
		CASE(a_redirect_is_an_answer_not_followed),
		CASE(gzip_is_read_and_bounded_after_decompression),
		CASE(a_body_at_the_bound_is_taken_one_byte_more_is_not),
		CASE(header_floods_are_refused),
		CASE(a_cut_answer_may_have_been_carried_out),
		CASE(a_closed_kept_connection_does_not_repeat_the_request),
		CASE(nobody_listening_means_never_sent),
		CASE(silence_times_out),
		CASE(cancelled_exchanges_never_call_back),
		CASE(connections_are_bounded_and_kept),
		CASE(methods_and_bodies_go_out_as_asked),
		CASE(a_header_cannot_smuggle_a_line),
		CASE(plain_http_stays_on_this_machine),
		CASE(the_environment_names_no_proxy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
