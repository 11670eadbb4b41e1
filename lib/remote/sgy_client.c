/* The gate: every request passes here, and only here are budget, time stamps and concurrency kept.
 * Reads wait in a queue; writes do not wait at all, since they must be marked as sent in the turn in
 * which they leave: their caller asks first how long to wait. Where both want to go they take
 * turns: after a write the next credits are a waiting read's, after a read a waiting write's. Nobody's
 * request is signed before its turn has come, so time stamps leave in the order in which they were
 * made. */
#include <stdlib.h>
#include <string.h>

#include "remote/answer.h"
#include "remote/sgy_op.h"

#define READ_MAX_BYTES (64u << 20)
#define WRITE_MAX_BYTES (8u << 20)
#define BUSY_MS 20         /* until a write asks again when all connections are taken */
#define WRITE_GRACE_MS 100 /* a write that was told to wait and does not come back is forgotten */

/* ---- ops ---- */

sgy_op *sr_sgy_op_new(sr_sgy_client *c, sgy_op_kind kind, void *arg)
{
	sgy_op *o = calloc(1, sizeof(*o));

	if (o)
		*o = (sgy_op){ .c = c, .id = ++c->last_id, .kind = kind, .arg = arg };
	return o;
}

void sr_sgy_op_free(sgy_op *o)
{
	if (!o)
		return;
	sr_arena_done(&o->arena);
	free(o);
}

static sgy_op *take_flying(sr_sgy_client *c, uint64_t id)
{
	for (sgy_op **at = &c->flying; *at; at = &(*at)->next) {
		sgy_op *o = *at;

		if (o->id != id)
			continue;
		*at = o->next;
		o->next = NULL;
		c->in_flight--;
		return o;
	}
	return NULL;
}

/* ---- the gate ---- */

static int64_t mono(const sr_sgy_client *c)
{
	return sr_clock_mono_ms(&c->c.clock);
}

static void pump(void *arg);

static void pump_in(sr_sgy_client *c, int64_t ms)
{
	sr_timer_cancel(&c->c.timers, c->pump);
	c->pump = sr_timer_start(&c->c.timers, ms, pump, c);
}

static bool write_has_turn(const sr_sgy_client *c)
{
	return !c->wrote_last && mono(c) < c->write_wanted_until;
}

/* 0: a read may begin now; else ms to wait; -1: until an answer comes. */
static int64_t read_wait(const sr_sgy_client *c)
{
	bool leave = write_has_turn(c);
	int cost = c->c.read_cost + (leave ? c->c.write_cost : 0);

	if (c->in_flight >= c->concurrency)
		return -1;
	if (leave && c->in_flight + 1 >= c->concurrency)
		return c->write_wanted_until - mono(c);
	return sr_budget_wait_ms(c->budget, mono(c), cost);
}

int64_t sr_sgy_gate_write_wait(sr_sgy_client *c)
{
	bool leave = c->wrote_last && c->queue;
	int cost = c->c.write_cost + (leave ? c->c.read_cost : 0);
	int64_t wait = sr_budget_wait_ms(c->budget, mono(c), cost);

	if (wait == 0 && c->in_flight + leave >= c->concurrency)
		wait = BUSY_MS;
	c->write_wanted_until = wait ? mono(c) + wait + WRITE_GRACE_MS : 0;
	return wait;
}

/* Never goes back, whatever the clock does. */
static int64_t next_timestamp(sr_sgy_client *c)
{
	int64_t now_ms = sr_clock_wall_ms(&c->c.clock);

	if (now_ms / 1000 > c->floor_s)
		c->floor_s = now_ms / 1000;
	if (c->c.stamp)
		c->c.stamp(c->c.stamp_arg, c->floor_s, now_ms);
	return c->floor_s;
}

static void on_answer(void *arg, uint64_t cookie, const sr_response *r)
{
	sr_sgy_client *c = arg;
	sgy_op *o = take_flying(c, cookie);

	if (!o)
		return;
	sr_budget_landed(c->budget, o->slot, mono(c));
	if (c->queue)
		pump_in(c, 0);
	if (o->kind == SGY_READ)
		sr_sgy_read_answer(o, r);
	else
		sr_sgy_write_answer(o, r);
}

static int sign(sr_sgy_client *c, const char *method, const char *url, sr_buf *header, sr_err *err)
{
	sr_oauth1 o = {
		.key = c->c.key, .secret = c->c.secret, .method = c->c.signature, .timestamp_s = next_timestamp(c)
	};

	c->c.random(c->c.random_arg, o.nonce, sizeof(o.nonce));
	return sr_oauth1_header(&o, method, url, header, err);
}

int sr_sgy_gate_send(sgy_op *o, const char *method, const char *path, const sr_buf *body, int cost, sr_err *err)
{
	sr_sgy_client *c = o->c;
	SR_AUTO(sr_buf) url = { 0 }, header = { 0 };
	sr_request r = { .method = method,
		.timeout_ms = (int)c->c.timeout_ms,
		.body_max_bytes = o->kind == SGY_READ ? READ_MAX_BYTES : WRITE_MAX_BYTES };

	sr_buf_printf(&url, "%s%s", c->c.url, path);
	if (url.failed)
		return sr_fail_nomem(err);
	o->slot = sr_budget_take(c->budget, mono(c), cost);
	if (sign(c, method, url.p, &header, err) < 0)
		return -1;
	r.url = url.p;
	sr_request_header(&r, "Authorization", header.p);
	sr_request_header(&r, "Accept", "application/json");
	if (body) {
		r.body = body->p;
		r.body_bytes = body->len;
		sr_request_header(&r, "Content-Type", "application/json");
	}
	if (c->c.transport.submit(c->c.transport.self, &r, on_answer, c, o->id, err) < 0)
		return -1;
	sr_budget_fly(c->budget, o->slot);
	o->next = c->flying;
	c->flying = o;
	c->in_flight++;
	c->wrote_last = o->kind != SGY_READ;
	if (c->wrote_last && c->queue)
		pump_in(c, 0);
	return 0;
}

void sr_sgy_gate_wait(sgy_op *o, bool first)
{
	sr_sgy_client *c = o->c;

	o->next = first ? c->queue : NULL;
	if (first) {
		c->queue = o;
		if (!o->next)
			c->queue_end = &o->next;
	} else {
		*c->queue_end = o;
		c->queue_end = &o->next;
	}
	c->waiting++;
	pump_in(c, 0);
}

static sgy_op *take_waiting(sr_sgy_client *c)
{
	sgy_op *o = c->queue;

	c->queue = o->next;
	if (!c->queue)
		c->queue_end = &c->queue;
	o->next = NULL;
	c->waiting--;
	return o;
}

/* Lets go what may go. A read that cannot be sent is told so from here, never from inside its call. */
static void pump(void *arg)
{
	sr_sgy_client *c = arg;
	int64_t wait = 0;
	sr_err err;

	c->pump = NULL;
	while (c->queue && (wait = read_wait(c)) == 0) {
		sgy_op *o = take_waiting(c);

		if (sr_sgy_read_send(o, &err) < 0)
			sr_sgy_read_fail(o, &err);
	}
	if (c->queue && wait > 0)
		pump_in(c, wait);
}

/* ---- refusals ---- */

static void hold(sr_sgy_client *c, const sr_response *r)
{
	int after = sr_answer_retry_after_s(r);

	sr_budget_hold(c->budget, mono(c) + (after ? (int64_t)after * 1000 : c->c.window_ms));
}

void sr_sgy_gate_rest(sr_sgy_client *c, int64_t ms)
{
	sr_budget_hold(c->budget, mono(c) + ms);
}

static const char *const unauthorized_texts[SR_SGY_401_COUNT] = {
	[SR_SGY_401_OTHER] =
		"Schoology refuses the API key: see that its user is active and that the key is still valid",
	[SR_SGY_401_NONCE] = "Schoology says that it has seen this request before; it was not carried out",
	[SR_SGY_401_SEQUENCE] = "Schoology's clock has seen a later request; this one was not carried out",
	[SR_SGY_401_KEY] =
		"Schoology does not know the API key, or it is not enabled: copy key and secret again from the acting "
		"user's API page",
	[SR_SGY_401_SIGNATURE] =
		"Schoology refuses the signature: the API secret does not belong to the key; copy both again",
};

/* A key that opens users/me and nothing else is a personal key. */
static const char personal_key[] = "Schoology lets this API key read its own user only: since June 2025 personal keys "
				   "may not read other people's data; ask "
				   "Schoology for a credential of the organisation";

static sgy_refusal unauthorized(sgy_op *o, const sr_response *r, sr_err *err)
{
	int64_t newest_s;
	sr_sgy_401 why = sr_sgy_401_read(r->body, r->body_bytes, &newest_s);
	bool passing = why == SR_SGY_401_NONCE || why == SR_SGY_401_SEQUENCE;
	bool of_others = why == SR_SGY_401_OTHER && !(o->kind == SGY_READ && o->what == SR_READ_ME);

	if (why == SR_SGY_401_SEQUENCE) {
		o->c->concurrency = 1;
		if (newest_s > o->c->floor_s)
			o->c->floor_s = newest_s;
	}
	sr_fail(err, passing ? SR_E_REMOTE : SR_E_AUTH, "%s", of_others ? personal_key : unauthorized_texts[why]);
	return passing ? SGY_RESIGN : SGY_FINAL;
}

static const struct {
	int status;
	sr_errc code;
	const char *text;
} statuses[] = {
	{ 403, SR_E_FORBIDDEN,
		"Schoology does not allow this to the acting user: he must be an administrator of the whole "
		"organisation" },
	{ 404, SR_E_NOTFOUND, "Schoology does not know the object" },
	{ 405, SR_E_PROTO, "Schoology does not take this kind of request: is the url that of its API, with /v1?" },
};

sgy_refusal sr_sgy_gate_refused(sgy_op *o, const sr_response *r, sr_err *err)
{
	const char *said;

	if (sr_answer_check(r, "Schoology", err) < 0) {
		bool slow = r->status == 429 || r->status == 503;

		if (slow)
			hold(o->c, r);
		return slow && err->code == SR_E_THROTTLED ? SGY_SLOW_DOWN : SGY_FINAL;
	}
	if (r->status == 401)
		return unauthorized(o, r, err);
	for (size_t i = 0; i < SR_COUNT_OF(statuses); i++)
		if (statuses[i].status == r->status) {
			sr_fail(err, statuses[i].code, "%s", statuses[i].text);
			return SGY_FINAL;
		}
	said = sr_sgy_redact(r->body, r->body_bytes, &o->arena);
	sr_fail(err, r->status >= 400 ? SR_E_REJECTED : SR_E_PROTO, "Schoology answered %d: %s", r->status,
		said ? said : "");
	return SGY_FINAL;
}

/* ---- the interface ---- */

static int64_t write_wait(sr_target *t)
{
	return sr_sgy_gate_write_wait(t->self);
}

/* What is under way is only forgotten: its answer still counts for the gate. */
static void cancel(sr_target *t, void *arg)
{
	sr_sgy_client *c = t->self;

	for (sgy_op *o = c->flying; o; o = o->next)
		o->forgotten |= o->arg == arg;
	c->queue_end = &c->queue;
	while (*c->queue_end) {
		sgy_op *o = *c->queue_end;

		if (o->arg != arg) {
			c->queue_end = &o->next;
			continue;
		}
		*c->queue_end = o->next;
		c->waiting--;
		sr_sgy_op_free(o);
	}
}

/* What an earlier process sent still counts. Its clock was the wall's; ours is monotonic. */
static void count_earlier(sr_sgy_client *c)
{
	int64_t age = sr_clock_wall_ms(&c->c.clock) - c->c.last_begun_ms;

	if (!c->c.last_begun_ms || age > c->c.window_ms)
		return;
	sr_budget_fill(c->budget, mono(c) - (age > 0 ? age : 0));
}

int sr_sgy_client_new(const sr_sgy_config *config, sr_sgy_client **out, sr_err *err)
{
	sr_sgy_client *c = calloc(1, sizeof(*c));

	if (!c)
		return sr_fail_nomem(err);
	c->c = *config;
	c->budget = sr_budget_new(config->credits, config->window_ms);
	if (!c->budget) {
		free(c);
		return sr_fail_nomem(err);
	}
	c->concurrency = config->concurrency;
	c->floor_s = config->floor_s;
	c->queue_end = &c->queue;
	c->target = (sr_target){ .self = c,
		.read = sr_sgy_read_start,
		.write_wait_ms = write_wait,
		.write = sr_sgy_bulk_start,
		.create_period = sr_sgy_period_start,
		.move_period = sr_sgy_period_move,
		.cancel = cancel };
	count_earlier(c);
	*out = c;
	return 0;
}

static void free_all(sgy_op *o)
{
	while (o) {
		sgy_op *next = o->next;

		sr_sgy_op_free(o);
		o = next;
	}
}

void sr_sgy_client_free(sr_sgy_client *c)
{
	if (!c)
		return;
	c->c.transport.cancel_all(c->c.transport.self, c);
	sr_timer_cancel(&c->c.timers, c->pump);
	free_all(c->queue);
	free_all(c->flying);
	sr_budget_free(c->budget);
	free(c);
}

sr_target *sr_sgy_client_target(sr_sgy_client *c)
{
	return &c->target;
}

sr_sgy_usage sr_sgy_used(const sr_sgy_client *c)
{
	return (sr_sgy_usage){ .credits_used = sr_budget_used(c->budget, mono(c)),
		.credits = sr_budget_credits(c->budget),
		.in_flight = c->in_flight,
		.waiting = c->waiting,
		.concurrency = c->concurrency };
}
