/* Back-off with spread, and a budget that holds in every window.
 * The budget remembers each request of the last window: a bucket that fills by itself
 * would let nearly two budgets through around one moment. */
#include "core/retry.h"

#include <stdlib.h>

typedef struct spent {
	int64_t at_ms; /* begun, or landed; INT64_MIN: the slot was never used */
	int cost;
	bool flies;
} spent;

struct sr_budget {
	int credits;
	int64_t window_ms, hold_until_ms;
	/* As many as credits. Each entry costs at least one, so the live ones never outnumber the
	 * slots while callers wait as they are told. */
	spent slots[];
};

int64_t sr_backoff_ms(const sr_backoff *b, int attempt, uint32_t chance, const sr_err *err)
{
	int64_t whole = b->first_ms, half, delay, floor_ms;

	if (b->attempts_max && attempt > b->attempts_max)
		return -1;
	for (int i = 1; i < attempt && whole < b->max_ms; i++)
		whole = whole > b->max_ms / 2 ? b->max_ms : whole * 2;
	if (whole > b->max_ms)
		whole = b->max_ms;
	half = whole / 2;
	delay = half + (int64_t)((double)(whole - half) * ((double)chance / (double)UINT32_MAX));
	floor_ms = err ? (int64_t)err->retry_after_s * 1000 : 0;
	return delay > floor_ms ? delay : floor_ms;
}

sr_budget *sr_budget_new(int credits, int64_t window_ms)
{
	size_t room = credits < 1 ? 1 : (size_t)credits;
	sr_budget *b = calloc(1, sizeof(*b) + room * sizeof(b->slots[0]));

	if (!b)
		return NULL;
	b->credits = (int)room;
	b->window_ms = window_ms;
	b->hold_until_ms = INT64_MIN;
	for (size_t i = 0; i < room; i++)
		b->slots[i].at_ms = INT64_MIN;
	return b;
}

void sr_budget_free(sr_budget *b)
{
	free(b);
}

/* The first moment at which a window no longer holds both this entry and another one. A window is
 * taken as closed at both ends: whoever counts may count either way. */
static int64_t freed_at(const sr_budget *b, const spent *s, int64_t now_ms)
{
	if (s->flies)
		return now_ms + b->window_ms + 1; /* at the earliest */
	return s->at_ms == INT64_MIN ? INT64_MIN : s->at_ms + b->window_ms + 1;
}

static int cost_within(const sr_budget *b, int cost)
{
	return cost > b->credits ? b->credits : cost;
}

int sr_budget_used(const sr_budget *b, int64_t now_ms)
{
	int used = 0;

	for (int i = 0; i < b->credits; i++)
		if (freed_at(b, &b->slots[i], now_ms) > now_ms)
			used += b->slots[i].cost;
	return cost_within(b, used);
}

int sr_budget_credits(const sr_budget *b)
{
	return b->credits;
}

/* Credits that are still taken at `then_ms`, as far as can be known now. */
static int taken_at(const sr_budget *b, int64_t now_ms, int64_t then_ms)
{
	int taken = 0;

	for (int i = 0; i < b->credits; i++)
		if (freed_at(b, &b->slots[i], now_ms) > then_ms)
			taken += b->slots[i].cost;
	return taken;
}

/* The earliest of the moments at which something is freed that leaves room for `cost`. */
static int64_t wait_for_credits(const sr_budget *b, int64_t now_ms, int cost)
{
	int room = b->credits - cost_within(b, cost);
	int64_t best = INT64_MAX;

	if (taken_at(b, now_ms, now_ms) <= room)
		return 0;
	for (int i = 0; i < b->credits; i++) {
		int64_t then = freed_at(b, &b->slots[i], now_ms);

		if (then > now_ms && then < best && taken_at(b, now_ms, then) <= room)
			best = then;
	}
	return best == INT64_MAX ? b->window_ms + 1 : best - now_ms;
}

int64_t sr_budget_wait_ms(const sr_budget *b, int64_t now_ms, int cost)
{
	int64_t wait = cost > 0 ? wait_for_credits(b, now_ms, cost) : 0;

	if (b->hold_until_ms > now_ms && b->hold_until_ms - now_ms > wait)
		wait = b->hold_until_ms - now_ms;
	return wait;
}

size_t sr_budget_take(sr_budget *b, int64_t now_ms, int cost)
{
	size_t last = (size_t)b->credits - 1;

	for (size_t i = 0; i <= last; i++) {
		if (freed_at(b, &b->slots[i], now_ms) > now_ms)
			continue;
		b->slots[i] = (spent){ now_ms, cost > 0 ? cost_within(b, cost) : 0, false };
		return i;
	}
	/* Only a caller who did not wait comes here: his cost is added to another's. */
	b->slots[last].at_ms = now_ms;
	b->slots[last].cost = cost_within(b, b->slots[last].cost + cost_within(b, cost));
	return last;
}

void sr_budget_fly(sr_budget *b, size_t slot)
{
	b->slots[slot].flies = true;
}

void sr_budget_landed(sr_budget *b, size_t slot, int64_t now_ms)
{
	b->slots[slot].flies = false;
	if (now_ms > b->slots[slot].at_ms)
		b->slots[slot].at_ms = now_ms;
}

void sr_budget_fill(sr_budget *b, int64_t now_ms)
{
	for (int i = 0; i < b->credits; i++)
		b->slots[i] = (spent){ now_ms, 1, false };
}

void sr_budget_hold(sr_budget *b, int64_t until_ms)
{
	if (until_ms > b->hold_until_ms)
		b->hold_until_ms = until_ms;
}
