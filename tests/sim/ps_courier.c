/* Sends the queued events over the program's own loop. One message is under way at a time, so a
 * subscriber sees them in their order; a listener that hangs costs its timeout and no more. */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <string.h>

#include "base/str.h"
#include "ps_service.h"

#define TIMEOUT_S 5

struct sim_ps_courier {
	struct event_base *base;
	sim_ps *ps;
	struct event *timer;
	struct evhttp_connection *connection; /* of the message under way */
	sim_ps_event event;
	bool under_way, answered, taken;
};

/* Asking evhttp to free a connection from inside its own callback is safe only one turn later. */
static void close_exchange(sim_ps_courier *p)
{
	if (p->connection)
		evhttp_connection_free(p->connection);
	p->connection = NULL;
	if (p->under_way)
		sim_ps_event_settle(p->ps, &p->event, p->taken, NULL);
	sim_ps_event_done(&p->event);
	p->under_way = p->answered = p->taken = false;
}

static void on_answer(struct evhttp_request *request, void *arg)
{
	sim_ps_courier *p = arg;
	int status = request ? evhttp_request_get_response_code(request) : 0;

	p->answered = true;
	p->taken = status >= 200 && status < 300;
}

/* Names are not looked up: what is not this machine by its very text is not called. */
static bool is_loopback(const char *host)
{
	return sr_streq(host, "localhost") || sr_streq(host, "::1") ||
	       (sr_starts(host, "127.") && !host[strspn(host, "0123456789.")]);
}

/* -1: nothing was sent. */
static int post(sim_ps_courier *p, const struct evhttp_uri *uri)
{
	const char *host = evhttp_uri_get_host(uri), *path = evhttp_uri_get_path(uri),
		   *query = evhttp_uri_get_query(uri);
	int port = evhttp_uri_get_port(uri);
	SR_AUTO_FREE char *target = sr_asprintf(
		"%s%s%s", path && *path ? path : "/", query ? "?" : "", query ? query : "");
	struct evhttp_request *request;

	if (!target || !host || !is_loopback(host) || !sr_streq(evhttp_uri_get_scheme(uri), "http"))
		return -1;
	p->connection = evhttp_connection_base_new(
		p->base, NULL, sr_streq(host, "localhost") ? "127.0.0.1" : host, (uint16_t)(port > 0 ? port : 80));
	request = p->connection ? evhttp_request_new(on_answer, p) : NULL;
	if (!request)
		return -1;
	evhttp_connection_set_timeout(p->connection, TIMEOUT_S);
	evhttp_add_header(evhttp_request_get_output_headers(request), "Host", host);
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", "application/json;charset=UTF-8");
	evbuffer_add(evhttp_request_get_output_buffer(request), p->event.body, strlen(p->event.body));
	return evhttp_make_request(p->connection, request, EVHTTP_REQ_POST, target);
}

static void send_next(sim_ps_courier *p)
{
	struct evhttp_uri *uri;

	if (sim_ps_event_next(p->ps, &p->event, NULL) != 1)
		return;
	p->under_way = true;
	uri = evhttp_uri_parse(p->event.url);
	if (!uri || post(p, uri))
		p->answered = true;
	if (uri)
		evhttp_uri_free(uri);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	sim_ps_courier *p = arg;

	(void)fd;
	(void)what;
	if (p->answered)
		close_exchange(p);
	if (!p->under_way)
		send_next(p);
}

sim_ps_courier *sim_ps_courier_new(struct event_base *base, sim_ps *ps, int interval_ms)
{
	struct timeval interval = { interval_ms / 1000, interval_ms % 1000 * 1000 };
	sim_ps_courier *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->base = base;
	p->ps = ps;
	p->timer = event_new(base, -1, EV_PERSIST, on_timer, p);
	if (p->timer && !event_add(p->timer, &interval))
		return p;
	sim_ps_courier_free(p);
	return NULL;
}

void sim_ps_courier_free(sim_ps_courier *p)
{
	if (!p)
		return;
	if (p->connection)
		evhttp_connection_free(p->connection);
	if (p->timer)
		event_free(p->timer);
	sim_ps_event_done(&p->event);
	free(p);
}
