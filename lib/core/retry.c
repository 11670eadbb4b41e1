/* Back-off with spread, and a budget that holds in every window.
 * The budget remembers when each request of the last window began: a bucket that fills by itself
 * would let nearly two budgets through around one moment. */
#include "core/retry.h"

#include <stdlib.h>

typedef struct spent {
	int64_t at_ms;
	int cost;
} spent;

struct sr_budget {
	int credits;
	int64_t window_ms, hold_until_ms;
	/* A ring. Each entry costs at least one credit, so the live ones never outnumber the
	 * credits while callers wait as they are told. */
	size_t first, count;
	spent ring[];
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
	sr_budget *b = calloc(1, sizeof(*b) + room * sizeof(b->ring[0]));

	if (!b)
		return NULL;
	b->credits = (int)room;
	b->window_ms = window_ms;
	b->hold_until_ms = INT64_MIN;
	return b;
}

void sr_budget_free(sr_budget *b)
{
	free(b);
}

static const spent *entry(const sr_budget *b, size_t i)
{
	return &b->ring[(b->first + i) % (size_t)b->credits];
}

/* The first moment at which a window no longer holds both this beginning and another one. A
 * window is taken as closed at both ends: whoever counts may count either way. */
static int64_t freed_at(const sr_budget *b, const spent *s)
{
	return s->at_ms + b->window_ms + 1;
}

static int cost_within(const sr_budget *b, int cost)
{
	return cost > b->credits ? b->credits : cost;
}

int sr_budget_used(const sr_budget *b, int64_t now_ms)
{
	int used = 0;

	for (size_t i = 0; i < b->count; i++)
		if (freed_at(b, entry(b, i)) > now_ms)
			used += entry(b, i)->cost;
	return used;
}

int sr_budget_credits(const sr_budget *b)
{
	return b->credits;
}

static int64_t wait_for_credits(const sr_budget *b, int64_t now_ms, int cost)
{
	int over = sr_budget_used(b, now_ms) + cost_within(b, cost) - b->credits;
	int64_t wait = 0;

	for (size_t i = 0; i < b->count && over > 0; i++) {
		int64_t freed = freed_at(b, entry(b, i));

		if (freed <= now_ms)
			continue;
		over -= entry(b, i)->cost;
		if (freed - now_ms > wait)
			wait = freed - now_ms;
	}
	return wait;
}

int64_t sr_budget_wait_ms(const sr_budget *b, int64_t now_ms, int cost)
{
	int64_t wait = cost > 0 ? wait_for_credits(b, now_ms, cost) : 0;

	if (b->hold_until_ms > now_ms && b->hold_until_ms - now_ms > wait)
		wait = b->hold_until_ms - now_ms;
	return wait;
}

static void forget_freed(sr_budget *b, int64_t now_ms)
{
	while (b->count && freed_at(b, entry(b, 0)) <= now_ms) {
		b->first = (b->first + 1) % (size_t)b->credits;
		b->count--;
	}
}

void sr_budget_take(sr_budget *b, int64_t now_ms, int cost)
{
	spent *last;

	if (cost <= 0)
		return;
	forget_freed(b, now_ms);
	if (b->count < (size_t)b->credits) {
		b->ring[(b->first + b->count++) % (size_t)b->credits] = (spent){ now_ms, cost_within(b, cost) };
		return;
	}
	/* Only a caller who did not wait comes here: his cost is added to the newest beginning. */
	last = &b->ring[(b->first + b->count - 1) % (size_t)b->credits];
	*last = (spent){ now_ms, cost_within(b, last->cost + cost_within(b, cost)) };
}

void sr_budget_fill(sr_budget *b, int64_t now_ms)
{
	b->first = 0;
	b->count = 1;
	b->ring[0] = (spent){ now_ms, b->credits };
}

void sr_budget_hold(sr_budget *b, int64_t until_ms)
{
	if (until_ms > b->hold_until_ms)
		b->hold_until_ms = until_ms;
}
