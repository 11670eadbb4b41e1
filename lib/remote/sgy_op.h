/* One read or write of Schoology, from the call to the callback, and the gate they all pass.
 * Never included from outside this folder. */
#pragma once
#include "base/str.h"
#include "codec/sgy_codec.h"
#include "core/retry.h"
#include "remote/sgy_client.h"

typedef enum sgy_op_kind { SGY_READ, SGY_BULK, SGY_PERIOD } sgy_op_kind;

typedef struct sgy_op {
	struct sgy_op *next;
	sr_sgy_client *c;
	uint64_t id;
	size_t slot; /* of the budget, while it flies */
	sgy_op_kind kind;
	void *arg;
	bool forgotten; /* cancelled while under way: the answer still counts for the gate */
	sr_arena arena;
	/* reads */
	sr_read_fn read_fn;
	sr_read what;
	int64_t object, building;
	const char *keys; /* encoded, separated by %2C */
	sr_sgy_list list;
	int step; /* of reads that take two: 0, then 1 */
	sr_target_building organisation;
	int64_t me;
	bool resigned; /* sent again once, with another nonce or time */
	int throttled; /* times the server asked to slow down */
	int sent;      /* requests so far */
	int tries;     /* times a read was sent again because of a failure that passes */
	/* writes */
	sr_write_fn write_fn;
	uint64_t cookie;
	sr_stage stage;
	sr_write_item *items;
	size_t count;
} sgy_op;

struct sr_sgy_client {
	sr_sgy_config c;
	sr_target target;
	sr_budget *budget;
	int concurrency; /* falls to 1 once the server says that times came out of order */
	int64_t floor_s;
	sgy_op *queue, **queue_end; /* reads that wait for the gate */
	sgy_op *flying;
	int in_flight, waiting;
	int64_t write_wanted_until; /* a write waits for its turn (monotonic); past: none does */
	bool wrote_last;            /* the last request was a write: a read has the next turn */
	sr_timer *pump;
	uint64_t last_id;
};

/* ---- the gate (sgy_client.c) ---- */

/* Takes budget and time stamp, signs and hands over; `o` is then under way. -1: nothing was sent. */
int sr_sgy_gate_send(sgy_op *o, const char *method, const char *path, const sr_buf *body, int cost, sr_err *err);
/* Puts a read (again) in front of, or at the end of, those that wait. */
void sr_sgy_gate_wait(sgy_op *o, bool first);
void sr_sgy_gate_rest(sr_sgy_client *c, int64_t ms);                  /* nothing begins for so long */
sgy_op *sr_sgy_op_new(sr_sgy_client *c, sgy_op_kind kind, void *arg); /* NULL: out of memory */
void sr_sgy_op_free(sgy_op *o);

/* What an answer that is not 2xx or 303 means. Learns from it (hold, time floor, concurrency). */
typedef enum sgy_refusal {
	SGY_FINAL,    /* `err` says it */
	SGY_RESIGN,   /* the request was not carried out; another nonce and time may help */
	SGY_SLOW_DOWN /* the request was not carried out; the gate holds */
} sgy_refusal;
sgy_refusal sr_sgy_gate_refused(sgy_op *o, const sr_response *r, sr_err *err);

/* ---- reads (sgy_read_op.c), writes (sgy_write_op.c) ---- */

void sr_sgy_read_start(sr_target *t, const sr_read_ask *ask, sr_read_fn fn, void *arg);
int sr_sgy_read_send(sgy_op *o, sr_err *err); /* the request of its present step */
void sr_sgy_read_answer(sgy_op *o, const sr_response *r);
void sr_sgy_read_fail(sgy_op *o, const sr_err *err); /* tells and frees */

int sr_sgy_bulk_start(sr_target *t, sr_stage stage, const sr_write_item *items, size_t count, sr_permit *permit,
	sr_write_fn fn, void *arg, uint64_t cookie, sr_err *err);
int sr_sgy_period_start(sr_target *t, const char *title, sr_day start, sr_day end, sr_permit *permit, sr_write_fn fn,
	void *arg, uint64_t cookie, sr_err *err);
int sr_sgy_period_move(sr_target *t, int64_t id, const char *title, sr_day start, sr_day end, sr_permit *permit,
	sr_write_fn fn, void *arg, uint64_t cookie, sr_err *err);
void sr_sgy_write_answer(sgy_op *o, const sr_response *r); /* tells and frees */
/* 0: a write may begin now; else ms to wait. */
int64_t sr_sgy_gate_write_wait(sr_sgy_client *c);
