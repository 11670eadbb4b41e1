/* When to try again, and how much may be sent now: numbers in, delay out.
 * Never sleeps, never draws a random number itself. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct sr_backoff {
	int64_t first_ms, max_ms;
	int attempts_max; /* 0: no end */
} sr_backoff;

/* Delay before attempt `attempt` (1 = the first repetition), doubled each time and spread over
 * [half, whole] by `chance` (any 32 random bits). -1: give up. Retry-After of `err` is a floor. */
int64_t sr_backoff_ms(const sr_backoff *b, int attempt, uint32_t chance, const sr_err *err);

/* Requests begun in every window cost at most `credits`: counted over all windows, not a bucket
 * (contracts/schoology.md 11). Holds the beginnings of the last window. */
typedef struct sr_budget sr_budget;
sr_budget *sr_budget_new(int credits, int64_t window_ms); /* NULL: out of memory */
void sr_budget_free(sr_budget *b);
/* 0: `cost` may begin now; else ms to wait. A cost above all credits counts as all. */
int64_t sr_budget_wait_ms(const sr_budget *b, int64_t now_ms, int cost);
/* Returns the slot that holds it, for the two below. */
size_t sr_budget_take(sr_budget *b, int64_t now_ms, int cost);
/* The server counts a request when it arrives, some time between its beginning and its answer. So
 * one that flies is not forgotten until it has landed, and its window runs from then: whatever the
 * network does to the spacing, no window of the server's sees more than the credits. */
void sr_budget_fly(sr_budget *b, size_t slot);
void sr_budget_landed(sr_budget *b, size_t slot, int64_t now_ms);
/* The window before `now_ms` counts as spent (unknown past: a restart). */
void sr_budget_fill(sr_budget *b, int64_t now_ms);
/* Nothing before `until_ms` (Retry-After). */
void sr_budget_hold(sr_budget *b, int64_t until_ms);
int sr_budget_used(const sr_budget *b, int64_t now_ms);
int sr_budget_credits(const sr_budget *b);
