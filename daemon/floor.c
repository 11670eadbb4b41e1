#include "floor.h"

#define META_NAME "schoology_timestamp"
#define RESERVE_S 5

int sr_floor_init(sr_floor *floor, sr_store *store, const sr_log *log, sr_err *err)
{
	int64_t reserved_s = 0;
	sr_txn *t;
	int rc;

	if (sr_txn_begin(store, SR_TXN_READ, &t, err) < 0)
		return -1;
	rc = sr_meta_get_int(t, META_NAME, &reserved_s, err);
	sr_txn_rollback(t);
	if (rc < 0)
		return -1;
	*floor = (sr_floor){ store, log, reserved_s };
	return 0;
}

static int save(const sr_floor *floor, int64_t reserved_s, sr_err *err)
{
	sr_txn *t;

	if (sr_txn_begin(floor->store, SR_TXN_WRITE, &t, err) < 0)
		return -1;
	if (sr_meta_set_int(t, META_NAME, reserved_s, err) < 0) {
		sr_txn_rollback(t);
		return -1;
	}
	return sr_txn_commit(t, err);
}

/* A failure to remember is survived: it matters only if we restart within seconds, and the client
 * raises its clock by itself when Schoology complains. */
void sr_floor_stamp(void *arg, int64_t timestamp_s, int64_t begun_ms)
{
	sr_floor *floor = arg;
	sr_err err = { 0 };

	(void)begun_ms;
	if (timestamp_s <= floor->reserved_s)
		return;
	if (save(floor, timestamp_s + RESERVE_S, &err) == 0) {
		floor->reserved_s = timestamp_s + RESERVE_S;
	} else {
		sr_log_entry entry = { .level = SR_WARNING, .text = err.text };

		sr_log_write(floor->log, &entry);
	}
}

int64_t sr_floor_last_begun_ms(const sr_floor *floor)
{
	return floor->reserved_s ? floor->reserved_s * 1000 + 999 : 0;
}
