/* For the engine's tests: a world on a virtual clock, and the list of what happens in it later.
 * Never used by anything that ships. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/command.h"
#include "engine/engine_priv.h"

#define FX_TERMS 64
#define FX_PERIODS 32
#define FX_RECORDS 64

typedef struct fx_world fx_world;

/* What happens later: a timer, or the answer to a call. */
typedef struct fx_event {
	struct fx_event *next;
	int64_t due_ms;
	void (*fire)(fx_world *w, struct fx_event *ev);
	void (*timer_fn)(void *arg);
	void *arg; /* the engine's */
	void (*callback)(void);
	sr_page_ask page;
	sr_read read;
	int64_t number;
	uint64_t cookie;
} fx_event;

typedef struct fx_school {
	int64_t number;
	const char *name;
	int64_t students, promoted; /* entry date in 2026-2027 */
} fx_school;

struct fx_world {
	char folder[64], path[96];
	int64_t now_ms, base_ms;
	fx_event *events;
	sr_store *store;
	sr_config *config;
	sr_source source;
	sr_target target;
	sr_engine *engine;
	uint32_t chance;
	fx_school schools[8];
	size_t school_count;
	sr_term terms[FX_TERMS];
	size_t term_count;
	struct {
		int64_t school, dcid, term;
	} sections[FX_RECORDS];
	size_t section_count;
	sr_period periods[FX_PERIODS];
	char period_titles[FX_PERIODS][80];
	size_t period_count;
	bool source_down, acting_wrong, lose_period;
	int creations, journaled;
	sr_err err;
};

static inline fx_event *fx_later(fx_world *w, int64_t delay_ms, void (*fire)(fx_world *, fx_event *), void *arg)
{
	fx_event *ev = calloc(1, sizeof(*ev)), **p = &w->events;

	assert_non_null(ev);
	ev->due_ms = w->now_ms + delay_ms;
	ev->fire = fire;
	ev->arg = arg;
	while (*p && (*p)->due_ms <= ev->due_ms)
		p = &(*p)->next;
	ev->next = *p;
	*p = ev;
	return ev;
}

static inline void fx_timer_fire(fx_world *w, fx_event *ev)
{
	(void)w;
	ev->timer_fn(ev->arg);
}

static inline sr_timer *fx_timer_start(void *self, int64_t delay_ms, sr_timer_fn fn, void *arg)
{
	fx_event *ev = fx_later(self, delay_ms, fx_timer_fire, arg);

	ev->timer_fn = fn;
	return (sr_timer *)ev;
}

static inline void fx_timer_cancel(void *self, sr_timer *timer)
{
	fx_world *w = self;

	for (fx_event **p = &w->events; *p; p = &(*p)->next)
		if (*p == (fx_event *)timer) {
			fx_event *ev = *p;

			*p = ev->next;
			free(ev);
			return;
		}
	fail_msg("a timer was cancelled that is not running");
}

/* Forgets the answers somebody waits for, but not his timers. */
static inline void fx_forget(fx_world *w, void *arg)
{
	for (fx_event **p = &w->events; *p;) {
		fx_event *ev = *p;

		if (ev->arg != arg || ev->fire == fx_timer_fire) {
			p = &ev->next;
			continue;
		}
		*p = ev->next;
		free(ev);
	}
}

static inline bool fx_turn(fx_world *w)
{
	fx_event *ev = w->events;

	if (!ev)
		return false;
	w->events = ev->next;
	if (ev->due_ms > w->now_ms)
		w->now_ms = ev->due_ms;
	ev->fire(w, ev);
	free(ev);
	return true;
}

static inline void fx_pass(fx_world *w, int64_t ms)
{
	int64_t until = w->now_ms + ms;

	while (w->events && w->events->due_ms <= until)
		fx_turn(w);
	w->now_ms = until;
}

static inline int64_t fx_wall(void *self)
{
	const fx_world *w = self;

	return w->base_ms + w->now_ms;
}

static inline int64_t fx_mono(void *self)
{
	return ((const fx_world *)self)->now_ms + 1000;
}

static inline sr_day fx_today(void *arg, int64_t wall_ms, const char *timezone, int *minute)
{
	(void)arg;
	(void)timezone;
	if (minute)
		*minute = (int)(wall_ms / 60000 % 1440);
	return (sr_day)(wall_ms / 86400000);
}

static inline void fx_random(void *arg, void *bytes, size_t len)
{
	fx_world *w = arg;
	uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)((w->chance = w->chance * 1103515245u + 12345u) >> 16);
}

static inline void fx_log(void *self, const sr_log_entry *entry)
{
	fx_world *w = self;

	w->journaled += entry->id == SR_MSG_CONTROL;
}
