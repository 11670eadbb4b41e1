/* Alerts told, and the two questions that only alerts ask. */
#include "io/store_alert.h"

#include "core/run.h"
#include "io/store_db.h"

#define ALERT_COLS "code, school, since_ms, said_ms, cleared_ms, step, text"

/* clang-format off */
static const sr_db_shape alert_shape = { sizeof(sr_alert_row), (const sr_db_col[]){
	SR_COL(TEXT, sr_alert_row, code), SR_COL(I64, sr_alert_row, school),
	SR_COL(I64, sr_alert_row, since_ms), SR_COL(I64, sr_alert_row, said_ms),
	SR_COL(I64, sr_alert_row, cleared_ms), SR_COL(I64, sr_alert_row, step),
	SR_COL(TEXT, sr_alert_row, text), SR_COL_END } };
/* clang-format on */

int sr_store_alert_put(sr_txn *t, const sr_alert_row *row, sr_err *err)
{
	static const char sql[] = "INSERT OR REPLACE INTO alert (" ALERT_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?)";
	const sr_db_query q = { sql, &alert_shape, row };

	return sr_db_run(t, &q, err);
}

int sr_store_alerts(sr_txn *t, sr_arena *a, int64_t school, sr_alert_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " ALERT_COLS " FROM alert WHERE cleared_ms = 0 AND school BETWEEN ? AND ? "
				  "ORDER BY school, code";
	const sr_db_query q = { sql, &alert_shape,
		.args = { sr_db_int(school < 0 ? INT64_MIN : school), sr_db_int(school < 0 ? INT64_MAX : school) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_waiting_before(sr_txn *t, int64_t school, int64_t until_ms, int64_t *count, sr_err *err)
{
	static const char sql[] = "SELECT count(*) FROM waiting WHERE state = 0 AND since_ms <= ? AND school = ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(until_ms), sr_db_int(school) } };

	*count = 0;
	return sr_db_get_int(t, &q, count, err) < 0 ? -1 : 0;
}

int sr_store_good_run(sr_txn *t, int64_t school, int64_t *ended_ms, sr_err *err)
{
	static const char sql[] = "SELECT ended_ms FROM run INDEXED BY run_school WHERE school = ? "
				  "AND outcome = 'done' AND kind IN (?, ?, ?) ORDER BY id DESC LIMIT 1";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(school), sr_db_int(SR_RK_SCHEDULED), sr_db_int(SR_RK_FIRST),
			sr_db_int(SR_RK_MANUAL) } };

	*ended_ms = 0;
	return sr_db_get_int(t, &q, ended_ms, err) < 0 ? -1 : 0;
}
