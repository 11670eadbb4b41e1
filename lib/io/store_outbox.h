/* Outbox: what we mean to send, have sent, and know arrived.
 * Never talks to the network; never decides what to send. */
#pragma once
#include "io/store_plan.h"

/* Records a batch as sent, with its items (by seq). The caller commits durably before the
 * request leaves. */
int sr_outbox_mark_sent(sr_txn *t, int64_t plan, int64_t school, sr_stage stage, int64_t epoch, const int64_t *seqs,
	size_t count, int64_t now_ms, int64_t *batch, sr_err *err);
/* The end of one item of a batch. */
int sr_outbox_item_end(sr_txn *t, int64_t plan, int64_t seq, sr_item_state state, int code, const char *message,
	int64_t now_ms, sr_err *err);
typedef enum sr_batch_state { SR_BS_SENT, SR_BS_ANSWERED, SR_BS_LOST, SR_BS_SETTLED } sr_batch_state;
int sr_outbox_batch_state(sr_txn *t, int64_t batch, sr_batch_state state, sr_err *err);
typedef struct sr_batch_row {
	int64_t id, plan, school, epoch, count, sent_ms;
	sr_stage stage;
	sr_batch_state state;
} sr_batch_row;
/* Batches sent or lost (their outcome is not known), oldest first; school 0: all. */
int sr_outbox_open(sr_txn *t, sr_arena *a, int64_t school, sr_batch_row **rows, size_t *count, sr_err *err);
