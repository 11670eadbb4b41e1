/* A scripted network on a virtual clock, for tests of the clients.
 * Never answers a request that the test did not expect. */
#pragma once
#include "codec_fixture.h"

#include "base/clock.h"
#include "base/timer.h"
#include "base/transport.h"

#define NET_STEPS_MAX 64
#define NET_BODY_MAX 4096

/* One expected request and its answer. */
typedef struct net_step {
	const char *method, *url; /* of the request; the url whole */
	const char *body;         /* a part of it; NULL: any */
	int status;               /* 0: lost; -1: lost before it left; -2: not submitted at all */
	const char *answer;
	sr_header headers[2];
} net_step;

struct sr_timer {
	struct sr_timer *next;
	int64_t at_ms;
	sr_timer_fn fn;
	void *arg;
};

typedef struct net_flight {
	sr_answer_fn fn;
	void *arg;
	uint64_t cookie;
	const net_step *step;
	bool forgotten, done;
} net_flight;

typedef struct net {
	int64_t now_ms, wall_base_ms;
	struct sr_timer *timers;
	const net_step *steps;
	size_t step_count, at;
	net_flight flights[NET_STEPS_MAX];
	size_t flight_count;
	bool held;                      /* answers wait until the test lets them go */
	char auth[NET_STEPS_MAX][1024]; /* Authorization of each request */
	int64_t sent_ms[NET_STEPS_MAX];
	uint8_t chance;
} net;

static inline int64_t net_mono(void *self)
{
	return ((net *)self)->now_ms;
}

static inline int64_t net_wall(void *self)
{
	return ((net *)self)->wall_base_ms + ((net *)self)->now_ms;
}

static inline sr_clock net_clock(net *n)
{
	return (sr_clock){ .self = n, .wall_ms = net_wall, .mono_ms = net_mono };
}

static inline sr_timer *net_timer_start(void *self, int64_t delay_ms, sr_timer_fn fn, void *arg)
{
	net *n = self;
	struct sr_timer *t = calloc(1, sizeof(*t)), **at = &n->timers;

	*t = (struct sr_timer){ .at_ms = n->now_ms + delay_ms, .fn = fn, .arg = arg };
	while (*at && (*at)->at_ms <= t->at_ms)
		at = &(*at)->next;
	t->next = *at;
	*at = t;
	return t;
}

static inline void net_timer_cancel(void *self, sr_timer *timer)
{
	net *n = self;

	for (struct sr_timer **at = &n->timers; *at; at = &(*at)->next) {
		if (*at != timer)
			continue;
		*at = timer->next;
		free(timer);
		return;
	}
	fail_msg("a timer is cancelled that is not running");
}

static inline sr_timers net_timers(net *n)
{
	return (sr_timers){ .self = n, .start = net_timer_start, .cancel = net_timer_cancel };
}

static inline int net_submit(void *self, const sr_request *r, sr_answer_fn fn, void *arg, uint64_t cookie, sr_err *err)
{
	net *n = self;
	const net_step *s = &n->steps[n->at];

	if (n->at >= n->step_count)
		fail_msg("one request too many: %s %s %s", r->method, r->url, r->body ? r->body : "");
	assert_string_equal(r->method, s->method);
	assert_string_equal(r->url, s->url);
	if (s->body && (!r->body || !strstr(r->body, s->body)))
		fail_msg("%s: body is %s", r->url, r->body);
	for (size_t i = 0; i < r->header_count; i++)
		if (strcmp(r->headers[i].name, "Authorization") == 0)
			snprintf(n->auth[n->at], sizeof(n->auth[0]), "%s", r->headers[i].value);
	n->sent_ms[n->at++] = n->now_ms;
	if (s->status == -2)
		return sr_fail(err, SR_E_NOMEM, "no room");
	n->flights[n->flight_count++] = (net_flight){ fn, arg, cookie, s, false, false };
	return 0;
}

static inline void net_cancel_all(void *self, void *arg)
{
	net *n = self;

	for (size_t i = 0; i < n->flight_count; i++)
		n->flights[i].forgotten |= n->flights[i].arg == arg;
}

static inline sr_transport net_transport(net *n)
{
	return (sr_transport){ .self = n, .submit = net_submit, .cancel_all = net_cancel_all };
}

static inline void net_deliver(net_flight *f)
{
	const net_step *s = f->step;
	sr_response r = { .status = s->status > 0 ? s->status : 0,
		.headers = s->headers,
		.body = s->answer ? s->answer : "",
		.never_sent = s->status == -1 };

	f->done = true;
	while (r.header_count < 2 && s->headers[r.header_count].name)
		r.header_count++;
	r.body_bytes = strlen(r.body);
	if (!r.status)
		sr_fail(&r.err, SR_E_NET, "connection lost");
	if (!f->forgotten)
		f->fn(f->arg, f->cookie, &r);
}

/* One turn: the oldest answer, else the next timer. False: nothing left to happen. */
static inline bool net_turn(net *n)
{
	struct sr_timer *t = n->timers;

	for (size_t i = 0; i < n->flight_count && !n->held; i++)
		if (!n->flights[i].done) {
			net_deliver(&n->flights[i]);
			return true;
		}
	if (!t)
		return false;
	n->timers = t->next;
	if (t->at_ms > n->now_ms)
		n->now_ms = t->at_ms;
	t->fn(t->arg);
	free(t);
	return true;
}

/* Runs until nothing is left; everything expected must have been asked. */
static inline void net_run(net *n)
{
	while (net_turn(n))
		;
	if (n->at != n->step_count)
		fail_msg("%zu requests of %zu: %s was not asked", n->at, n->step_count, n->steps[n->at].url);
}

/* Not random at all, but never the same. */
static inline void net_random(void *self, void *bytes, size_t len)
{
	memset(bytes, ++((net *)self)->chance, len);
}

#define NET(script)                                                                     \
	{                                                                               \
		.steps = (script), .step_count = SR_COUNT_OF(script), .now_ms = 100000, \
		.wall_base_ms = 1791000000000 - 100000                                  \
	}
