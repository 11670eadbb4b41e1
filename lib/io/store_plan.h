/* Plans and their operations: written in chunks, sealed by one small transaction.
 * Never edits a sealed plan's operations, only how far each has come. */
#pragma once
#include "base/arena.h"
#include "core/plan.h"
#include "core/run.h"
#include "io/store.h"

typedef enum sr_item_state {
	SR_IS_PLANNED,
	SR_IS_SENT,
	SR_IS_LOST /* answer lost: ask by key */,
	SR_IS_CONFIRMED,
	SR_IS_QUARANTINED,
	SR_IS_DEFERRED,
	SR_IS_WAITING,
	SR_IS_HELD /* a drop: shown, not sent by this run */,
	SR_IS_ABANDONED,
	SR_IS_RETRY,
	SR_IS_COUNT
} sr_item_state;
const char *sr_item_state_name(sr_item_state s);

typedef struct sr_plan_row {
	int64_t id, school, run, epoch;
	sr_yearid year;
	sr_run_kind kind;
	const char *state, *digest; /* building, sealed, applying, done, abandoned */
	int64_t items, created_ms, sealed_ms;
} sr_plan_row;

typedef struct sr_item_row {
	sr_plan_item item;
	sr_item_state state;
	int64_t batch;
	int attempts, code;
	const char *message;
	int64_t sent_ms, ended_ms;
} sr_item_row;

int sr_store_plan_new(sr_txn *t, const sr_plan_row *row, int64_t *id, sr_err *err); /* state building */
int sr_store_plan_add(sr_txn *t, int64_t plan, const sr_plan_item *item, sr_item_state state, sr_err *err);
/* Operations of a plan that is being built, by what the guards tell them apart by. */
typedef struct sr_item_match {
	sr_item_state state;
	int stage;       /* sr_stage; -1: any */
	uint32_t fields; /* of which it sends one; 0: any */
	bool login;      /* only login changes */
} sr_item_match;
/* Gives those operations another state and the reason for it (NULL: none). Returns how many, -1. */
int sr_store_plan_divert(
	sr_txn *t, int64_t plan, const sr_item_match *match, sr_item_state to, const char *why, sr_err *err);
int sr_store_plan_seal(sr_txn *t, int64_t plan, const char *digest, int64_t items, int64_t now_ms, sr_err *err);
int sr_store_plan_state(sr_txn *t, int64_t plan, const char *state, sr_err *err);
int sr_store_plan_get(sr_txn *t, sr_arena *a, int64_t plan, sr_plan_row *out, sr_err *err); /* 1, 0 */
/* Newest first; school 0: all. */
int sr_store_plans(sr_txn *t, sr_arena *a, int64_t school, size_t max, sr_plan_row **rows, size_t *count, sr_err *err);
/* Items with seq > after; state < 0: any; kind < 0: any. */
int sr_store_plan_items(sr_txn *t, sr_arena *a, int64_t plan, int64_t after, int state, int kind, size_t max,
	sr_item_row **rows, size_t *count, sr_err *err);
/* The operation of a plan about one target object. 1, 0. */
int sr_store_plan_item_of(
	sr_txn *t, sr_arena *a, int64_t plan, sr_tgt kind, sr_ident ident, sr_item_row *out, sr_err *err);
/* The next items to send (planned, or to be sent again), by stage and seq, at most `max`, all of the
 * first one's stage. */
int sr_store_plan_next(
	sr_txn *t, sr_arena *a, int64_t plan, size_t max, sr_item_row **rows, size_t *count, sr_err *err);
int sr_store_plan_batch_items(sr_txn *t, sr_arena *a, int64_t batch, sr_item_row **rows, size_t *count, sr_err *err);
typedef struct sr_plan_counts {
	int64_t by_kind_op[SR_TGT_COUNT][SR_OP_COUNT];
	int64_t by_state[SR_IS_COUNT];
} sr_plan_counts;
int sr_store_plan_counts(sr_txn *t, int64_t plan, sr_plan_counts *out, sr_err *err);
/* What was ever planned or sent about one target object, newest first: (plan, item). */
int sr_store_plan_of_ident(sr_txn *t, sr_arena *a, sr_tgt kind, sr_ident ident, size_t max, int64_t **plans,
	sr_item_row **rows, size_t *count, sr_err *err);
/* Plans and items older than `before_ms` that are done or abandoned are deleted. */
int sr_store_plan_expire(sr_txn *t, int64_t before_ms, sr_err *err);
