/* The engine: takes every school of one district through its runs and its rollover.
 * Never opens a socket or a file, never asks the time itself: clock, timers, both systems and the
 * state database are handed in, so that a test can run a year of it in a second. */
#pragma once
#include "base/clock.h"
#include "base/log.h"
#include "base/timer.h"
#include "codec/config.h"
#include "engine/alert.h"
#include "io/store.h"
#include "remote/source.h"
#include "remote/target.h"

typedef struct sr_engine sr_engine;

/* Everything is borrowed and must outlive the engine. */
typedef struct sr_engine_config {
	sr_clock clock;
	sr_timers timers;
	const sr_log *log;
	sr_store *store;
	sr_source *source;
	sr_target *target;
	const sr_config *config;
	void (*random)(void *arg, void *bytes, size_t len);
	void *random_arg;
	/* The district's date and minute of the day at `wall_ms`; `timezone` as configured or told by
	 * PowerSchool, "" unknown. */
	sr_day (*today)(void *arg, int64_t wall_ms, const char *timezone, int *minute);
	void *today_arg;
	const char *version;
	int beat_ms; /* how often it shows that it lives (sr_engine_alive); 0: never */
	/* Credits of the rate window in use, for status; NULL: not told. */
	void (*usage)(void *arg, int *used, int *credits);
	void *usage_arg;
	const sr_alert_ways *alert_ways; /* NULL: alerts are journaled and listed, and reach nobody else */
} sr_engine_config;

int sr_engine_new(const sr_engine_config *config, sr_engine **out, sr_err *err);
/* Reconciles what a former process left (reads only), then polls and runs. */
int sr_engine_start(sr_engine *e, sr_err *err);
/* No request begins after this returns; `done` is called (never from inside) once those in flight
 * are answered or `grace_ms` is over. */
void sr_engine_stop(sr_engine *e, int64_t grace_ms, void (*done)(void *arg), void *arg);
void sr_engine_free(sr_engine *e); /* at once, whatever is under way: what a power cut would do */

/* Takes a validated configuration (borrowed from now on). Refuses what needs a person: a changed
 * building, a changed key template; then the old one stays. */
int sr_engine_reload(sr_engine *e, const sr_config *config, sr_err *err);

/* The loop calls this on each beat: true while the engine's own timers and the writer advance. */
bool sr_engine_alive(sr_engine *e);
/* One line for systemd's STATUS=. */
void sr_engine_status_line(sr_engine *e, sr_buf *out);

/* For tests and status: writes the fence refused because of their year. Must stay 0. */
int64_t sr_engine_other_year_writes(const sr_engine *e);
/* True when nothing is under way and nothing is due before the next poll or interval. */
bool sr_engine_quiet(const sr_engine *e);
/* The most statements a single turn has stepped so far. */
int64_t sr_engine_longest_turn(const sr_engine *e);
