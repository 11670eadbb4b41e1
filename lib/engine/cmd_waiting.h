/* What the verbs of the waiting room share: which rows are meant, and how one is shown.
 * Never decides anything. */
#pragma once
#include "engine/cmd_priv.h"
#include "engine/run_priv.h"
#include "io/store_waiting.h"

typedef struct sr_waiting_ask {
	const sr_picks *picks;
	sr_scope scope;
	const char *student, *section; /* as typed; NULL: all */
	bool states[SR_WT_COUNT];
} sr_waiting_ask;

/* Reads kind, student and section of the call. `picks` is borrowed. False: the call was refused. */
bool sr_waiting_ask_read(sr_call *c, const sr_picks *picks, sr_waiting_ask *out);

typedef int (*sr_waiting_fn)(void *arg, sr_school *s, const sr_waiting_row *row, sr_err *err);
/* Calls `fn` for each row that is meant, school by school; what stands under another year than the active one is
 * no question any more. */
int sr_waiting_walk(sr_txn *t, const sr_waiting_ask *ask, sr_waiting_fn fn, void *arg, sr_err *err);

/* Appends the open ones that this plan of the school was the last to plan. */
int sr_waiting_of_plan(sr_call *c, sr_txn *t, int64_t school, int64_t plan, json_t *list, sr_err *err);

json_t *sr_waiting_json(const sr_engine *e, const sr_waiting_row *row);
