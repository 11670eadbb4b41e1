/* What happened: transitions, runs, quarantine, tokens.
 * Never holds a name. History is never deleted. */
#pragma once
#include "base/arena.h"
#include "core/run.h"
#include "core/year.h"
#include "core/filter.h"
#include "io/store.h"

typedef struct sr_history_row {
	int64_t id, at_ms, school, epoch;
	const char *from, *event, *to, *why, *who;
	sr_yearid year;
} sr_history_row;
int sr_store_history_add(sr_txn *t, const sr_history_row *row, sr_err *err);
/* Newest first; school 0: all; before_id 0: from the end. */
int sr_store_history(sr_txn *t, sr_arena *a, int64_t school, int64_t before_id, size_t max, sr_history_row **rows,
	size_t *count, sr_err *err);

typedef struct sr_run_row {
	int64_t id, school, epoch, started_ms, ended_ms, plan;
	sr_run_kind kind;
	sr_run_state state;
	sr_yearid year;
	const char *who, *outcome, *why, *counts; /* counts: JSON text */
} sr_run_row;
int sr_store_run_new(sr_txn *t, const sr_run_row *row, int64_t *id, sr_err *err);
int sr_store_run_save(sr_txn *t, const sr_run_row *row, sr_err *err);
int sr_store_run_get(sr_txn *t, sr_arena *a, int64_t id, sr_run_row *out, sr_err *err); /* 1, 0 */
int sr_store_runs(sr_txn *t, sr_arena *a, int64_t school, size_t max, sr_run_row **rows, size_t *count,
	sr_err *err); /* newest first */
/* The newest run of a school that ended `outcome` ("done"), of a kind (-1: any). 1, 0. */
int sr_store_run_last(
	sr_txn *t, sr_arena *a, int64_t school, int kind, const char *outcome, sr_run_row *out, sr_err *err);
/* Runs without an end (a process died): they get outcome "interrupted". Returns how many, -1. */
int sr_store_runs_interrupt(sr_txn *t, int64_t now_ms, sr_err *err);

typedef enum sr_quar_what { SR_Q_RECORD, SR_Q_TARGET } sr_quar_what;
typedef struct sr_quar_row {
	int64_t school;
	sr_quar_what what;
	int kind;       /* sr_src or sr_tgt */
	sr_ident ident; /* records: (key, 0) */
	sr_hash digest; /* of what was refused: retried when it changes */
	const char *code, *message;
	int64_t since_ms;
} sr_quar_row;
int sr_store_quar_put(sr_txn *t, const sr_quar_row *row, sr_err *err);
int sr_store_quar_get(sr_txn *t, sr_arena *a, int64_t school, sr_quar_what what, int kind, sr_ident ident,
	sr_quar_row *out, sr_err *err); /* 1, 0 */
int sr_store_quar_clear(sr_txn *t, int64_t school, sr_quar_what what, int kind, sr_ident ident, sr_err *err);
/* A target object that was refused is wanted by this plan again; those that a whole plan does not want
 * any more (another year's, a row that is gone) are no longer set aside. */
int sr_store_quar_meet(sr_txn *t, int64_t school, int kind, sr_ident ident, int64_t plan, sr_err *err);
int sr_store_quar_sweep(sr_txn *t, int64_t school, int64_t plan, sr_err *err);
/* School 0: every one, here and below. Returns how many were cleared, -1. */
int sr_store_quar_clear_all(sr_txn *t, int64_t school, sr_err *err);
int sr_store_quar_list(
	sr_txn *t, sr_arena *a, int64_t school, size_t max, sr_quar_row **rows, size_t *count, sr_err *err);
int sr_store_quar_count(sr_txn *t, int64_t school, int64_t *out, sr_err *err);

int sr_store_token_put(sr_txn *t, const char *token, int64_t uid, const char *action, const char *digest,
	int64_t expires_ms, sr_err *err);
/* 1: found, and deleted with this; 0: unknown. Outputs malloc'ed. */
int sr_store_token_take(
	sr_txn *t, const char *token, int64_t *uid, char **action, char **digest, int64_t *expires_ms, sr_err *err);
