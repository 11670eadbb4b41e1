/* The one event loop: its clock, its timers, its signals, and how long its longest turn was.
 * Never runs a callback from inside a call that registers one. */
#pragma once
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/timer.h"

struct event_base;

typedef struct sr_loop sr_loop;
typedef void (*sr_signal_fn)(void *arg, int signal_number);

sr_loop *sr_loop_new(sr_err *err); /* NULL: `err` says why */
/* Frees timers and signal handlers still pending; their callbacks are not called. */
void sr_loop_free(sr_loop *loop);

/* Borrowed, valid until sr_loop_free. */
const sr_clock *sr_loop_clock(sr_loop *loop);
const sr_timers *sr_loop_timers(sr_loop *loop);
struct event_base *sr_loop_base(sr_loop *loop);

/* Moves the wall clock (not the monotonic one): tests live on another day. */
void sr_loop_set_wall_offset_ms(sr_loop *loop, int64_t offset_ms);

/* Calls `fn` from the loop whenever the signal comes in, until the loop is freed. */
int sr_loop_on_signal(sr_loop *loop, int signal_number, sr_signal_fn fn, void *arg, sr_err *err);

/* Runs until sr_loop_stop, also when nothing is registered. */
int sr_loop_run(sr_loop *loop, sr_err *err);
void sr_loop_stop(sr_loop *loop);

/* Every callback that does real work is bracketed by one of these, so that a turn that
 * stalls the loop can be seen: `SR_AUTO(sr_turn) turn = sr_turn_begin(loop);` */
typedef struct sr_turn {
	sr_loop *loop;
	int64_t began_us;
} sr_turn;

sr_turn sr_turn_begin(sr_loop *loop);
void sr_turn_end(sr_turn *turn);
SR_AUTO_DEFINE(sr_turn, sr_turn_end);

/* The longest bracketed callback since the start, or since the last reset. */
int64_t sr_loop_longest_turn_us(const sr_loop *loop);
void sr_loop_reset_longest_turn(sr_loop *loop);
