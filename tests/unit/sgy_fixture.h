/* A Schoology client at its desk: a scripted server, a clock, and what the callbacks were told.
 * Never answers a request that the test did not expect. */
#pragma once
#include "remote_fixture.h"

#include "remote/sgy_client.h"

#define SGY "http://localhost:7002/v1"
#define USER "{\"uid\":\"17\",\"school_uid\":\"svc\",\"name_last\":\"Service\",\"role_id\":\"1212\",\"building_id\":5}"
#define PAGES "start=0&limit=2"

typedef struct desk {
	net n;
	sr_sgy_client *c;
	sr_target *t;
	int64_t stamped_s[NET_STEPS_MAX];
	int stamps;
} desk;

typedef struct told {
	int calls;
	sr_err err;
	size_t count;
	bool agrees, sent, failed;
	int64_t first, last, number;
	uint64_t cookie;
	sr_item_result result;
	char text[200];
} told;

static inline void on_stamp(void *arg, int64_t timestamp_s, int64_t begun_ms)
{
	desk *d = arg;

	assert_int_equal(begun_ms, net_wall(&d->n));
	d->stamped_s[d->stamps++] = timestamp_s;
}

static inline sr_sgy_config config(desk *d)
{
	return (sr_sgy_config){ .transport = net_transport(&d->n),
		.clock = net_clock(&d->n),
		.timers = net_timers(&d->n),
		.random = net_random,
		.random_arg = &d->n,
		.url = SGY,
		.key = "ck1",
		.secret = "s3cret",
		.credits = 6,
		.read_cost = 1,
		.write_cost = 3,
		.window_ms = 5000,
		.concurrency = 2,
		.page_size = 2,
		.timeout_ms = 1000,
		.stamp = on_stamp,
		.stamp_arg = d };
}

static inline void open_desk(desk *d, const sr_sgy_config *c)
{
	assert_int_equal(sr_sgy_client_new(c, &d->c, NULL), 0);
	d->t = sr_sgy_client_target(d->c);
}

#define DESK(name, script)                  \
	desk name = { .n = NET(script) };   \
	sr_sgy_config conf = config(&name); \
	open_desk(&name, &conf)

static inline int64_t id_of(const sr_read_answer *a, size_t i)
{
	return a->users       ? a->users[i].id
	       : a->buildings ? a->buildings[i].id
	       : a->courses   ? a->courses[i].id
	       : a->sections  ? a->sections[i].id
	       : a->members   ? a->members[i].id
	       : a->periods   ? a->periods[i].id
			      : a->roles[i].id;
}

static inline void on_read(void *arg, const sr_read_answer *a, const sr_err *err)
{
	told *t = arg;

	t->calls++;
	t->failed = err != NULL;
	if (err) {
		t->err = *err;
		return;
	}
	t->count = a->count;
	t->agrees = a->total_agrees;
	if (a->count) {
		t->first = id_of(a, 0);
		t->last = id_of(a, a->count - 1);
	}
	if (a->sections && a->count)
		t->number = a->sections[0].course_id;
}

static inline void on_write(
	void *arg, uint64_t cookie, const sr_item_result *results, size_t count, bool sent, const sr_err *err)
{
	told *t = arg;

	t->calls++;
	t->cookie = cookie;
	t->sent = sent;
	t->count = count;
	t->failed = err != NULL;
	if (err)
		t->err = *err;
	if (count)
		t->result = results[0];
	if (count && results[0].message)
		snprintf(t->text, sizeof(t->text), "%s", results[0].message);
}

static inline told read_of(desk *d, const sr_read_ask *ask)
{
	told t = { 0 };

	d->t->read(d->t, ask, on_read, &t);
	assert_int_equal(t.calls, 0);
	net_run(&d->n);
	assert_int_equal(t.calls, 1);
	return t;
}
