/* The last timestamp that a signed request carried, remembered across restarts: Schoology refuses
 * one that goes backwards.
 * Never signs; never writes to disk more often than every few seconds. */
#pragma once
#include "base/log.h"
#include "io/store.h"

/* A reserve ahead of the clock is written, so that most requests need no write at all. */
typedef struct sr_floor {
	sr_store *store;
	const sr_log *log;
	int64_t reserved_s; /* no timestamp above this was used; 0: none yet */
} sr_floor;

/* Reads what a former process left. */
int sr_floor_init(sr_floor *floor, sr_store *store, const sr_log *log, sr_err *err);
/* Called before a request with that timestamp leaves. `arg` is the sr_floor. */
void sr_floor_stamp(void *arg, int64_t timestamp_s, int64_t begun_ms);
/* The latest moment at which a former process may have begun a request; 0: none ever did. */
int64_t sr_floor_last_begun_ms(const sr_floor *floor);
