/* What was told to people as an alert, so that a restart does not tell it twice; and what they wait with.
 * Never holds a name. Rows stay when they are over, as a record of when. */
#pragma once
#include "base/arena.h"
#include "io/store.h"

typedef struct sr_alert_row {
	const char *code;
	int64_t school; /* 0: the district */
	int64_t since_ms, said_ms;
	int64_t cleared_ms; /* 0: it stands */
	int64_t step;       /* which step of the matter was told last */
	const char *text;
} sr_alert_row;

int sr_store_alert_put(sr_txn *t, const sr_alert_row *row, sr_err *err); /* inserts or replaces */
/* Those that stand, by school and code; school -1: of all. */
int sr_store_alerts(sr_txn *t, sr_arena *a, int64_t school, sr_alert_row **rows, size_t *count, sr_err *err);

/* Operations of a school that have waited for a person since before `until_ms`. */
int sr_store_waiting_before(sr_txn *t, int64_t school, int64_t until_ms, int64_t *count, sr_err *err);
/* When the school's last good run that could write ended; 0: none. */
int sr_store_good_run(sr_txn *t, int64_t school, int64_t *ended_ms, sr_err *err);
