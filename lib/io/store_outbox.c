/* An item goes planned -> sent -> its end, or sent -> lost -> sent again. A second sending of what
 * is already under way or has ended is refused here, whatever the caller believes. */
#include "io/store_outbox.h"
#include "io/store_db.h"

#define BATCH_COLS "plan, school, epoch, count, sent_ms, stage, state"
/* clang-format off */
#define BATCH_SHAPE_COLS                                                                                     \
	SR_COL(I64, sr_batch_row, plan), SR_COL(I64, sr_batch_row, school), SR_COL(I64, sr_batch_row, epoch), \
		SR_COL(I64, sr_batch_row, count), SR_COL(I64, sr_batch_row, sent_ms),                        \
		SR_COL_ENUM(sr_batch_row, stage, SR_SG_COUNT),                                               \
		SR_COL_ENUM(sr_batch_row, state, SR_BS_SETTLED + 1), SR_COL_END
static const sr_db_shape new_shape = { sizeof(sr_batch_row), (const sr_db_col[]){ BATCH_SHAPE_COLS } };
static const sr_db_shape batch_shape = { sizeof(sr_batch_row), (const sr_db_col[]){
	SR_COL(I64, sr_batch_row, id), BATCH_SHAPE_COLS } };
/* clang-format on */

static int add_batch(sr_txn *t, const sr_batch_row *row, int64_t *id, sr_err *err)
{
	static const char sql[] = "INSERT INTO batch (" BATCH_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?)";

	if (sr_db_run(t, &(sr_db_query){ sql, &new_shape, row }, err) < 0)
		return -1;
	*id = sr_db_last_id(t);
	return 0;
}

static int mark_item(sr_txn *t, int64_t plan, int64_t seq, int64_t batch, int64_t now_ms, sr_err *err)
{
	static const char sql[] = "UPDATE plan_item SET state = ?5, batch = ?3, attempts = attempts + 1, sent_ms = ?4, "
				  "ended_ms = 0 WHERE plan = ?1 AND seq = ?2 AND state IN (?6, ?7, ?8)";
	int marked = sr_db_change(t,
		&(sr_db_query){ .sql = sql,
			.args = { sr_db_int(plan), sr_db_int(seq), sr_db_int(batch), sr_db_int(now_ms),
				sr_db_int(SR_IS_SENT), sr_db_int(SR_IS_PLANNED), sr_db_int(SR_IS_RETRY),
				sr_db_int(SR_IS_LOST) } },
		err);

	if (marked == 0)
		return sr_fail(err, SR_E_STATE, "operation %lld of plan %lld is not one that may be sent now",
			(long long)seq, (long long)plan);
	return marked < 0 ? -1 : 0;
}

int sr_outbox_mark_sent(sr_txn *t, int64_t plan, int64_t school, sr_stage stage, int64_t epoch, const int64_t *seqs,
	size_t count, int64_t now_ms, int64_t *batch, sr_err *err)
{
	const sr_batch_row row = {
		.plan = plan,
		.school = school,
		.epoch = epoch,
		.count = (int64_t)count,
		.sent_ms = now_ms,
		.stage = stage,
		.state = SR_BS_SENT,
	};
	int64_t id;

	if (add_batch(t, &row, &id, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (mark_item(t, plan, seqs[i], id, now_ms, err) < 0)
			return -1;
	*batch = id;
	return 0;
}

/* States in which an operation is still to be thought of. */
static bool is_open(sr_item_state state)
{
	return state == SR_IS_PLANNED || state == SR_IS_SENT || state == SR_IS_LOST || state == SR_IS_RETRY;
}

int sr_outbox_item_end(sr_txn *t, int64_t plan, int64_t seq, sr_item_state state, int code, const char *message,
	int64_t now_ms, sr_err *err)
{
	static const char sql[] = "UPDATE plan_item SET state = ?, code = ?, message = ?, ended_ms = ? "
				  "WHERE plan = ? AND seq = ?";
	int changed = sr_db_change(t,
		&(sr_db_query){ .sql = sql,
			.args = { sr_db_int(state), sr_db_int(code), sr_db_text(message),
				sr_db_int(is_open(state) ? 0 : now_ms), sr_db_int(plan), sr_db_int(seq) } },
		err);

	if (changed == 0)
		return sr_fail(err, SR_E_STATE, "plan %lld has no operation %lld", (long long)plan, (long long)seq);
	return changed < 0 ? -1 : 0;
}

int sr_outbox_batch_state(sr_txn *t, int64_t batch, sr_batch_state state, sr_err *err)
{
	static const char sql[] = "UPDATE batch SET state = ? WHERE id = ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(state), sr_db_int(batch) } };

	return sr_db_run(t, &q, err);
}

int sr_outbox_open(sr_txn *t, sr_arena *a, int64_t school, sr_batch_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT id, " BATCH_COLS " FROM batch "
				  "WHERE state IN (?, ?) AND school BETWEEN ? AND ? ORDER BY id";
	const sr_db_query q = { sql, &batch_shape,
		.args = { sr_db_int(SR_BS_SENT), sr_db_int(SR_BS_LOST), sr_db_school_low(school),
			sr_db_school_high(school) } };

	return sr_db_list(t, &q, a, rows, count, err);
}
