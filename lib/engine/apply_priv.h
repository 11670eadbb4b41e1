/* What the two files of applying share: the batch that one turn gathers and sends.
 * Never included from outside this folder. */
#pragma once
#include "engine/run_priv.h"

/* What one batch is made of, gathered in the turn that sends it. */
typedef struct sr_load {
	sr_arena arena;
	sr_item_row *rows; /* the plan's next items, one stage */
	size_t count;
	sr_write_item write[SR_BATCH_MAX];
	sr_fence_object fence[SR_BATCH_MAX];
	sr_record values[SR_BATCH_MAX], courses[SR_BATCH_MAX];
	int64_t seqs[SR_BATCH_MAX];
	const sr_plan_item *items[SR_BATCH_MAX];
	size_t n;
	bool wait; /* the next item must wait for a call in flight */
} sr_load;

/* run_load.c: fills `l` with what may go in one call now. Items that are not to be sent get their end. */
int sr_load_batch(sr_run *r, sr_txn *t, sr_load *l, sr_err *err);
void sr_load_remove(sr_load *l, size_t at);
