/* The waiting room: operations that a person must decide on, how long they have stood there, and what was decided.
 * Never decides; never holds a name. DESIGN section 6. */
#pragma once
#include "base/arena.h"
#include "core/diff.h"
#include "core/year.h"
#include "io/store.h"

typedef enum sr_waiting_state { SR_WT_OPEN, SR_WT_APPROVED, SR_WT_REJECTED, SR_WT_COUNT } sr_waiting_state;
const char *sr_waiting_state_name(sr_waiting_state s); /* "open", "approved", "rejected" */

/* One target object of one school waits at most once. */
typedef struct sr_waiting_row {
	int64_t school;
	sr_tgt kind;
	sr_ident ident;
	sr_op op;
	sr_yearid year;
	uint32_t fields; /* those that would change */
	sr_hash digest;  /* of what would be done: another digest is another question */
	const char *key, *why;
	bool guarded;      /* it waits for the number of its like, not for what it is itself */
	int64_t plan, seq; /* where it was planned last */
	int64_t since_ms;
	sr_waiting_state state;
	const char *who, *reason; /* of the decision; NULL: none yet */
	int64_t at_ms;
} sr_waiting_row;

int sr_store_waiting_get(sr_txn *t, sr_arena *a, int64_t school, sr_tgt kind, sr_ident ident, sr_waiting_row *out,
	sr_err *err); /* 1, 0 */
/* Says where it stands now. The same question keeps its age and its decision; another one begins anew, open. */
int sr_store_waiting_put(sr_txn *t, const sr_waiting_row *row, sr_err *err);
/* `row` names the object and the digest that was decided on: any other stays as it is. Returns 1: decided, 0. */
int sr_store_waiting_decide(sr_txn *t, const sr_waiting_row *row, sr_waiting_state state, const char *who,
	const char *reason, int64_t now_ms, sr_err *err);
int sr_store_waiting_clear(sr_txn *t, int64_t school, sr_tgt kind, sr_ident ident, sr_err *err);
/* What a complete plan of the school does not hold any more has resolved itself. Returns how many went, -1. */
int sr_store_waiting_sweep(sr_txn *t, int64_t school, int64_t plan, sr_err *err);

/* Rows of a school and year behind `after` (NULL: from the first), by kind and identity. */
int sr_store_waiting_list(sr_txn *t, sr_arena *a, int64_t school, sr_yearid year, const sr_waiting_row *after,
	size_t max, sr_waiting_row **rows, size_t *count, sr_err *err);

typedef struct sr_waiting_count {
	int64_t open, approved, rejected;
	int64_t oldest_ms; /* of the open ones; 0: none */
} sr_waiting_count;
int sr_store_waiting_count(sr_txn *t, int64_t school, sr_yearid year, sr_waiting_count *out, sr_err *err);
