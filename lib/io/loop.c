/* libevent behind our interfaces. Time is never cached: a timer started at the end of a long turn
 * must still wait its whole delay, and the budget of the rate limiter hangs on it. */
#include "io/loop.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <time.h>

struct sr_timer {
	TAILQ_ENTRY(sr_timer) link;
	struct event event;
	sr_loop *loop;
	sr_timer_fn fn;
	void *arg;
};

typedef struct signal_watch {
	SLIST_ENTRY(signal_watch) link;
	struct event event;
	sr_loop *loop;
	sr_signal_fn fn;
	void *arg;
} signal_watch;

struct sr_loop {
	struct event_base *base;
	sr_clock clock;
	sr_timers timers;
	int64_t wall_offset_ms;
	int64_t longest_turn_us;
	bool stop_asked;
	TAILQ_HEAD(, sr_timer) pending;
	SLIST_HEAD(, signal_watch) signals;
};

static int64_t read_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t wall_ms(void *self)
{
	const sr_loop *loop = self;

	return read_us(CLOCK_REALTIME) / 1000 + loop->wall_offset_ms;
}

static int64_t mono_ms(void *self)
{
	(void)self;
	return read_us(CLOCK_MONOTONIC) / 1000;
}

static void timer_forget(sr_timer *timer)
{
	TAILQ_REMOVE(&timer->loop->pending, timer, link);
	event_del(&timer->event);
	free(timer);
}

static void timer_fired(evutil_socket_t fd, short what, void *arg)
{
	sr_timer *timer = arg;
	sr_timer_fn fn = timer->fn;
	void *fn_arg = timer->arg;
	SR_AUTO(sr_turn) turn = sr_turn_begin(timer->loop);

	(void)fd;
	(void)what;
	timer_forget(timer);
	fn(fn_arg);
}

static sr_timer *timer_start(void *self, int64_t delay_ms, sr_timer_fn fn, void *arg)
{
	sr_loop *loop = self;
	SR_AUTO_FREE sr_timer *timer = calloc(1, sizeof(*timer));
	struct timeval delay;

	if (!timer)
		return NULL;
	if (delay_ms < 0)
		delay_ms = 0;
	delay = (struct timeval){ .tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000 };
	timer->loop = loop;
	timer->fn = fn;
	timer->arg = arg;
	evtimer_assign(&timer->event, loop->base, timer_fired, timer);
	if (evtimer_add(&timer->event, &delay) < 0)
		return NULL;
	TAILQ_INSERT_TAIL(&loop->pending, timer, link);
	return SR_TAKE(timer);
}

static void timer_cancel(void *self, sr_timer *timer)
{
	(void)self;
	if (timer)
		timer_forget(timer);
}

static struct event_base *base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (!config)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

sr_loop *sr_loop_new(sr_err *err)
{
	sr_loop *loop = calloc(1, sizeof(*loop));

	if (!loop) {
		sr_fail_nomem(err);
		return NULL;
	}
	TAILQ_INIT(&loop->pending);
	SLIST_INIT(&loop->signals);
	loop->clock = (sr_clock){ loop, wall_ms, mono_ms };
	loop->timers = (sr_timers){ loop, timer_start, timer_cancel };
	loop->base = base_new();
	if (!loop->base) {
		sr_fail(err, SR_E_IO, "cannot set up the event loop");
		sr_loop_free(SR_TAKE(loop));
	}
	return loop;
}

void sr_loop_free(sr_loop *loop)
{
	signal_watch *watch;

	if (!loop)
		return;
	while (!TAILQ_EMPTY(&loop->pending))
		timer_forget(TAILQ_FIRST(&loop->pending));
	while ((watch = SLIST_FIRST(&loop->signals))) {
		SLIST_REMOVE_HEAD(&loop->signals, link);
		event_del(&watch->event);
		free(watch);
	}
	if (loop->base)
		event_base_free(loop->base);
	free(loop);
}

const sr_clock *sr_loop_clock(sr_loop *loop)
{
	return &loop->clock;
}

const sr_timers *sr_loop_timers(sr_loop *loop)
{
	return &loop->timers;
}

struct event_base *sr_loop_base(sr_loop *loop)
{
	return loop->base;
}

void sr_loop_set_wall_offset_ms(sr_loop *loop, int64_t offset_ms)
{
	loop->wall_offset_ms = offset_ms;
}

static void signal_came(evutil_socket_t signal_number, short what, void *arg)
{
	signal_watch *watch = arg;
	SR_AUTO(sr_turn) turn = sr_turn_begin(watch->loop);

	(void)what;
	watch->fn(watch->arg, (int)signal_number);
}

int sr_loop_on_signal(sr_loop *loop, int signal_number, sr_signal_fn fn, void *arg, sr_err *err)
{
	SR_AUTO_FREE signal_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return sr_fail_nomem(err);
	*watch = (signal_watch){ .loop = loop, .fn = fn, .arg = arg };
	evsignal_assign(&watch->event, loop->base, signal_number, signal_came, watch);
	if (evsignal_add(&watch->event, NULL) < 0)
		return sr_fail(err, SR_E_IO, "cannot watch signal %d", signal_number);
	SLIST_INSERT_HEAD(&loop->signals, watch, link);
	watch = NULL;
	return 0;
}

int sr_loop_run(sr_loop *loop, sr_err *err)
{
	int rc = 0;

	if (!loop->stop_asked)
		rc = event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
	loop->stop_asked = false;
	return rc < 0 ? sr_fail(err, SR_E_IO, "the event loop failed") : 0;
}

void sr_loop_stop(sr_loop *loop)
{
	loop->stop_asked = true;
	event_base_loopbreak(loop->base);
}

sr_turn sr_turn_begin(sr_loop *loop)
{
	return (sr_turn){ loop, read_us(CLOCK_MONOTONIC) };
}

void sr_turn_end(sr_turn *turn)
{
	int64_t took_us = read_us(CLOCK_MONOTONIC) - turn->began_us;

	if (took_us > turn->loop->longest_turn_us)
		turn->loop->longest_turn_us = took_us;
}

int64_t sr_loop_longest_turn_us(const sr_loop *loop)
{
	return loop->longest_turn_us;
}

void sr_loop_reset_longest_turn(sr_loop *loop)
{
	loop->longest_turn_us = 0;
}
