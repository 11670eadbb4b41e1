/* When a school runs by itself: after its interval inside its window while syncing, and once at or after
 * drops_at; at once, and again
 * with back-off, while resumed; never in any other phase. */
#include "engine/run_priv.h"

#define RUNS_AT_ONCE 8
#define CROWDED_MS 1000
#define MINUTE_MS 60000

static void due(void *arg);

static int64_t window_wait_ms(const sr_engine *e)
{
	const sr_clock_window *w = &e->c.config->sync.window;
	int now = sr_minute(e), from = w->from_min, to = w->to_min;
	bool inside = from < to ? now >= from && now < to : now >= from || now < to;

	if (from == to || inside)
		return 0;
	return (int64_t)((from - now + 24 * 60) % (24 * 60)) * 60 * 1000;
}

static int64_t backoff_ms(const sr_school *s, const sr_err *err)
{
	const sr_config_sync *k = &s->e->c.config->sync;
	sr_backoff b = { .first_ms = k->retry_first_ms, .max_ms = k->retry_max_ms };

	return sr_backoff_ms(&b, s->attempts, (uint32_t)sr_random_u32(s->e), err);
}

/* Until the run of the day that sends drops. The minute that runs now is not come to again before tomorrow: whether
 * its run has begun is told by the slot. */
static int64_t drops_wait_ms(const sr_school *s)
{
	int minutes;

	if (sr_engine_slot(s->e, sr_now_ms(s->e)) > s->slot)
		return 0;
	minutes = (s->e->c.config->sync.drops_at_min - sr_minute(s->e) + 24 * 60) % (24 * 60);
	return (int64_t)(minutes ? minutes : 24 * 60) * MINUTE_MS - sr_now_ms(s->e) % MINUTE_MS;
}

/* Until the beginning of the day on which students come into their classes. Where the clocks change before, it is
 * reckoned once more an hour early. */
static int64_t release_wait_ms(const sr_school *s)
{
	sr_day day = sr_school_released_from(s), today = sr_today(s->e);
	int64_t now_ms = sr_now_ms(s->e);

	if (day == SR_DAY_NONE || day <= today)
		return INT64_MAX;
	return ((int64_t)(day - today) * 24 * 60 - sr_minute(s->e)) * MINUTE_MS - now_ms % MINUTE_MS;
}

/* After the interval, or at drops_at or the day of release where that comes first. */
static int64_t interval_wait_ms(const sr_school *s)
{
	int64_t since = sr_mono_ms(s->e) - s->ended_ms, interval = s->e->c.config->sync.interval_ms;
	int64_t wait = s->ended_ms && since < interval ? interval - since : 0, drops = drops_wait_ms(s);

	if (s->wanted)
		return 0;
	if (release_wait_ms(s) < wait)
		wait = release_wait_ms(s);
	return wait < drops ? wait : drops;
}

/* -1: no run by itself in this phase. */
static int64_t delay_ms(const sr_school *s)
{
	int64_t wait;

	if (!sr_phase_scheduled(s->row.state.phase) || !s->config.sync || !s->row.state.active)
		return -1;
	if (s->attempts)
		return backoff_ms(s, NULL);
	if (s->row.state.phase == SR_PH_RESUMED || s->decided)
		return 0;
	wait = interval_wait_ms(s);
	return wait > window_wait_ms(s->e) ? wait : window_wait_ms(s->e);
}

static bool blocked(sr_school *s)
{
	bool yes;
	sr_txn *t;

	if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, NULL) < 0)
		return true;
	yes = sr_blocked(s->e, t, s, false, NULL) || sr_blocked(s->e, t, s, true, NULL);
	sr_txn_rollback(t);
	return yes;
}

void sr_sched_school(sr_school *s)
{
	sr_engine *e = s->e;
	int64_t delay;

	sr_timer_cancel(&e->c.timers, s->due);
	s->due = NULL;
	s->due_at_ms = 0;
	if (s->run || e->stopping || !e->started || sr_poll_done_count(e) == 0)
		return;
	delay = delay_ms(s);
	if (delay < 0 || blocked(s))
		return;
	s->due_at_ms = sr_mono_ms(e) + delay;
	s->due = sr_timer_start(&e->c.timers, delay, due, s);
}

static size_t running(const sr_engine *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->school_count; i++)
		n += e->schools[i]->run != NULL;
	return n;
}

static void due(void *arg)
{
	sr_school *s = arg;
	sr_run_kind kind = s->row.state.phase == SR_PH_RESUMED ? SR_RK_FIRST : SR_RK_SCHEDULED;

	s->due = NULL;
	if (s->run || blocked(s) || !s->config.sync || !sr_phase_scheduled(s->row.state.phase))
		return; /* whatever ends this sets the timer anew */
	/* Both services are shared by all schools: a few at a time keep them busy enough. */
	if (running(s->e) >= RUNS_AT_ONCE) {
		s->due = sr_timer_start(&s->e->c.timers, CROWDED_MS, due, s);
		return;
	}
	s->decided = false;
	if (sr_run_start(s, kind, "sisrolld", false, NULL, NULL, NULL) < 0) {
		sr_engine_look_at_disk(s->e);
		s->attempts++;
		sr_sched_school(s);
	}
}

void sr_sched_after(sr_school *s, bool good, const sr_err *err)
{
	(void)err;
	s->attempts = good ? 0 : s->attempts + 1;
	if (good)
		s->ended_ms = sr_mono_ms(s->e);
	sr_sched_school(s);
}
