/* "Call me later", as an interface: the loop's timers, or a test's virtual ones.
 * Never calls back from inside `start`. */
#pragma once
#include <stdint.h>

typedef struct sr_timer sr_timer;
typedef void (*sr_timer_fn)(void *arg);

typedef struct sr_timers {
	void *self;
	/* One shot after delay_ms (>= 0) by the monotonic clock; 0 means the next loop turn.
	 * The handle lives until it fired or was cancelled. NULL: out of memory. */
	sr_timer *(*start)(void *self, int64_t delay_ms, sr_timer_fn fn, void *arg);
	void (*cancel)(void *self, sr_timer *timer); /* NULL is fine; never after it fired */
} sr_timers;

static inline sr_timer *sr_timer_start(const sr_timers *t, int64_t delay_ms, sr_timer_fn fn, void *arg)
{
	return t->start(t->self, delay_ms, fn, arg);
}

static inline void sr_timer_cancel(const sr_timers *t, sr_timer *timer)
{
	if (timer)
		t->cancel(t->self, timer);
}
