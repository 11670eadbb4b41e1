/* evhttp on one side, the pure handlers on the other. A request is answered as it arrives, so
 * the world sees requests in their order; only the delivery may wait (the slow fault). */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "serve_int.h"

#define BODY_MAX (32 * 1024 * 1024)

struct sim_http {
	struct event_base *base;
	struct evhttp *http;
	sim_front *front;
	sim_service service;
	const char *scheme;
	char url[80];
};

/* An answer on its way. */
typedef struct delivery {
	struct evhttp_request *req;
	sim_reply reply;
	sim_delivery how;
	struct event *timer;
} delivery;

/* clang-format off */
static const struct { enum evhttp_cmd_type type; const char *name; } methods[] = {
	{ EVHTTP_REQ_GET, "GET" }, { EVHTTP_REQ_POST, "POST" }, { EVHTTP_REQ_PUT, "PUT" },
	{ EVHTTP_REQ_DELETE, "DELETE" }, { EVHTTP_REQ_OPTIONS, "OPTIONS" }, { EVHTTP_REQ_HEAD, "HEAD" },
	{ EVHTTP_REQ_PATCH, "PATCH" },
};
/* Handed over first: a client with many headers must not push these out. */
static const char *const wanted[] = { "Authorization", "Host", "Content-Type", "Accept", "ContentType" };
/* clang-format on */

static const char *method_of(struct evhttp_request *req)
{
	for (size_t i = 0; i < SR_COUNT_OF(methods); i++)
		if (methods[i].type == evhttp_request_get_command(req))
			return methods[i].name;
	return "GET";
}

static bool is_wanted(const char *name)
{
	for (size_t i = 0; i < SR_COUNT_OF(wanted); i++)
		if (strcasecmp(wanted[i], name) == 0)
			return true;
	return false;
}

static void copy_headers(struct evhttp_request *req, sr_request *out)
{
	struct evkeyval *h;

	for (int first = 1; first >= 0; first--) {
		for (h = evhttp_request_get_input_headers(req)->tqh_first; h; h = h->next.tqe_next)
			if (is_wanted(h->key) == (first == 1))
				sr_request_header(out, h->key, h->value);
	}
}

/* Ends the connection without a word, by RST where the system allows it. */
static void drop(struct evhttp_request *req)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(req);
	struct linger now = { 1, 0 };

	if (!connection) {
		evhttp_request_free(req);
		return;
	}
	int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	evhttp_connection_free(connection);
}

static void let_go(const void *data, size_t len, void *text)
{
	(void)data;
	(void)len;
	free(text);
}

/* Not copied: a list of a million rows is 300 MB. */
static void hand_over(sr_buf *from, struct evbuffer *to)
{
	size_t len = from->len;
	char *text = to && len ? sr_buf_take(from) : NULL;

	if (text && evbuffer_add_reference(to, text, len, let_go, text))
		free(text);
}

/* Those that libevent does not know by their name. */
static const char *reason_of(int status)
{
	return status == 207 ? "Multi-Status" : status == 429 ? "Too Many Requests" : NULL;
}

static void send_reply(delivery *d)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(d->req);
	struct evbuffer *body = evbuffer_new();
	char length[32];

	for (size_t i = 0; i < d->reply.header_count; i++)
		evhttp_add_header(headers, d->reply.headers[i].name, d->reply.headers[i].value);
	/* evhttp would call an answer without a type text/html, which here means an error page. */
	if (!evhttp_find_header(headers, "Content-Type"))
		evhttp_add_header(headers, "Content-Type", "application/json; charset=UTF-8");
	if (d->how.cut) {
		snprintf(length, sizeof(length), "%zu", d->how.whole_bytes);
		evhttp_add_header(headers, "Content-Length", length);
		evhttp_add_header(headers, "Connection", "close");
	}
	hand_over(&d->reply.body, body);
	evhttp_send_reply(d->req, d->reply.status, reason_of(d->reply.status), body);
	if (body)
		evbuffer_free(body);
}

static void deliver(delivery *d)
{
	if (d->reply.status == 0)
		drop(d->req);
	else
		send_reply(d);
	if (d->timer)
		event_free(d->timer);
	sim_reply_done(&d->reply);
	free(d);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	deliver(arg);
}

/* Deliveries are made one turn later at the earliest: evhttp still looks at the connection after
 * a handler returns, so it must not be dropped from inside. */
static void schedule(sim_http *h, delivery *d)
{
	struct timeval delay = { d->how.delay_ms / 1000, d->how.delay_ms % 1000 * 1000 };

	if (d->reply.status != 0 && d->how.delay_ms == 0) {
		deliver(d);
		return;
	}
	d->timer = evtimer_new(h->base, on_timer, d);
	if (!d->timer || evtimer_add(d->timer, &delay)) {
		d->reply.status = 500;
		deliver(d);
	}
}

static void on_request(struct evhttp_request *req, void *arg)
{
	sim_http *h = arg;
	struct evbuffer *input = evhttp_request_get_input_buffer(req);
	delivery *d = calloc(1, sizeof(*d));
	sr_request request = { .method = method_of(req), .url = evhttp_request_get_uri(req) };

	if (!d) {
		evhttp_send_error(req, 500, NULL);
		return;
	}
	d->req = req;
	request.body_bytes = evbuffer_get_length(input);
	if (request.body_bytes) {
		evbuffer_add(input, "", 1); /* handlers may read the body as text */
		request.body = (const char *)evbuffer_pullup(input, -1);
	}
	copy_headers(req, &request);
	sim_fault_apply(h->front, h->service, &request, &d->reply, &d->how);
	schedule(h, d);
}

/* "127.0.0.1:8901", "[::1]:0", "localhost:0" */
static int split_address(const char *address, char host[64], uint16_t *port, sr_err *err)
{
	const char *colon = strrchr(address, ':');
	struct in_addr v4;
	int64_t n;

	if (!colon || !sr_parse_i64(colon + 1, &n) || n < 0 || n > 65535)
		return sr_fail(err, SR_E_INVALID, "%s is not ADDR:PORT", address);
	snprintf(host, 64, "%.*s", (int)(colon - address), address);
	if (sr_streq(host, "localhost"))
		snprintf(host, 64, "127.0.0.1");
	if (sr_streq(host, "[::1]"))
		snprintf(host, 64, "::1");
	else if (inet_pton(AF_INET, host, &v4) != 1 || (ntohl(v4.s_addr) >> 24) != 127)
		return sr_fail(err, SR_E_INVALID,
			"%s is not a loopback address: the sandbox serves this"
			" machine alone",
			host);
	*port = (uint16_t)n;
	return 0;
}

static int listen_on(sim_http *h, const char *address, sr_err *err)
{
	char host[64];
	uint16_t port = 0;
	struct sockaddr_storage bound = { 0 };
	socklen_t size = sizeof(bound);

	if (split_address(address, host, &port, err))
		return -1;
	struct evhttp_bound_socket *s = evhttp_bind_socket_with_handle(h->http, host, port);
	if (!s)
		return sr_fail(err, SR_E_IO, "cannot listen on %s: %s", address, strerror(errno));
	if (getsockname(evhttp_bound_socket_get_fd(s), (struct sockaddr *)&bound, &size))
		return sr_fail(err, SR_E_IO, "%s: %s", address, strerror(errno));
	bool v6 = bound.ss_family == AF_INET6;
	int got = ntohs(v6 ? ((struct sockaddr_in6 *)&bound)->sin6_port : ((struct sockaddr_in *)&bound)->sin_port);
	snprintf(h->url, sizeof(h->url), v6 ? "%s://[%s]:%d" : "%s://%s:%d", h->scheme, host, got);
	return 0;
}

sim_http *sim_http_new(
	struct event_base *base, SSL_CTX *tls, sim_front *front, sim_service service, const char *address, sr_err *err)
{
	sim_http *h = calloc(1, sizeof(*h));

	if (!h || !(h->http = evhttp_new(base))) {
		free(h);
		sr_fail_nomem(err);
		return NULL;
	}
	h->base = base;
	h->front = front;
	h->service = service;
	evhttp_set_allowed_methods(h->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
						    EVHTTP_REQ_OPTIONS | EVHTTP_REQ_HEAD | EVHTTP_REQ_PATCH);
	evhttp_set_max_body_size(h->http, BODY_MAX);
	evhttp_set_gencb(h->http, on_request, h);
	h->scheme = tls ? "https" : "http";
	if (tls)
		evhttp_set_bevcb(h->http, sim_tls_connection, tls);
	if (listen_on(h, address, err)) {
		sim_http_free(h);
		return NULL;
	}
	return h;
}

void sim_http_free(sim_http *h)
{
	if (!h)
		return;
	evhttp_free(h->http);
	free(h);
}

const char *sim_http_url(const sim_http *h)
{
	return h->url;
}
