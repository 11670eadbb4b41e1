/* What happened: transitions, which stay for ever, and runs. */
#include "io/store_history.h"
#include "io/store_db.h"

#define HISTORY_COLS "at_ms, school, epoch, from_, event, to_, why, who, year"
/* clang-format off */
#define HISTORY_SHAPE_COLS                                                                     \
	SR_COL(I64, sr_history_row, at_ms), SR_COL(I64, sr_history_row, school),               \
		SR_COL(I64, sr_history_row, epoch), SR_COL(TEXT, sr_history_row, from),        \
		SR_COL(TEXT, sr_history_row, event), SR_COL(TEXT, sr_history_row, to),         \
		SR_COL(TEXT, sr_history_row, why), SR_COL(TEXT, sr_history_row, who),          \
		SR_COL(INT, sr_history_row, year), SR_COL_END
static const sr_db_shape new_history_shape = { sizeof(sr_history_row), (const sr_db_col[]){ HISTORY_SHAPE_COLS } };
static const sr_db_shape history_shape = { sizeof(sr_history_row), (const sr_db_col[]){
	SR_COL(I64, sr_history_row, id), HISTORY_SHAPE_COLS } };
/* clang-format on */

int sr_store_history_add(sr_txn *t, const sr_history_row *row, sr_err *err)
{
	static const char sql[] = "INSERT INTO history (" HISTORY_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
	const sr_db_query q = { sql, &new_history_shape, row };

	return sr_db_run(t, &q, err);
}

int sr_store_history(sr_txn *t, sr_arena *a, int64_t school, int64_t before_id, size_t max, sr_history_row **rows,
	size_t *count, sr_err *err)
{
	static const char of_school[] = "SELECT id, " HISTORY_COLS " FROM history WHERE school = ?3 AND id < ?1 "
					"ORDER BY id DESC LIMIT ?2";
	static const char all[] = "SELECT id, " HISTORY_COLS " FROM history WHERE ?3 = 0 AND id < ?1 "
				  "ORDER BY id DESC LIMIT ?2";
	const sr_db_query q = { school ? of_school : all, &history_shape,
		.args = { sr_db_int(before_id ? before_id : INT64_MAX), sr_db_int((int64_t)max), sr_db_int(school) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

#define RUN_COLS "school, epoch, started_ms, ended_ms, plan, kind, state, year, who, outcome, why, counts"
/* clang-format off */
#define RUN_SHAPE_COLS                                                                                     \
	SR_COL(I64, sr_run_row, school), SR_COL(I64, sr_run_row, epoch), SR_COL(I64, sr_run_row, started_ms), \
		SR_COL(I64, sr_run_row, ended_ms), SR_COL(I64, sr_run_row, plan),                          \
		SR_COL_ENUM(sr_run_row, kind, SR_RK_COUNT), SR_COL_ENUM(sr_run_row, state, SR_RS_COUNT),   \
		SR_COL(INT, sr_run_row, year), SR_COL(TEXT, sr_run_row, who), SR_COL(NTEXT, sr_run_row, outcome), \
		SR_COL(NTEXT, sr_run_row, why), SR_COL(NTEXT, sr_run_row, counts), SR_COL_END
static const sr_db_shape new_run_shape = { sizeof(sr_run_row), (const sr_db_col[]){ RUN_SHAPE_COLS } };
static const sr_db_shape run_shape = { sizeof(sr_run_row), (const sr_db_col[]){
	SR_COL(I64, sr_run_row, id), RUN_SHAPE_COLS } };
/* clang-format on */

int sr_store_run_new(sr_txn *t, const sr_run_row *row, int64_t *id, sr_err *err)
{
	static const char sql[] = "INSERT INTO run (" RUN_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

	if (sr_db_run(t, &(sr_db_query){ sql, &new_run_shape, row }, err) < 0)
		return -1;
	*id = sr_db_last_id(t);
	return 0;
}

int sr_store_run_save(sr_txn *t, const sr_run_row *row, sr_err *err)
{
	static const char sql[] =
		"UPDATE run SET school = ?2, epoch = ?3, started_ms = ?4, ended_ms = ?5, plan = ?6, "
		"kind = ?7, state = ?8, year = ?9, who = ?10, outcome = ?11, why = ?12, counts = ?13 WHERE id = ?1";
	int saved = sr_db_change(t, &(sr_db_query){ sql, &run_shape, row }, err);

	if (saved == 0)
		return sr_fail(err, SR_E_STATE, "there is no run %lld", (long long)row->id);
	return saved < 0 ? -1 : 0;
}

int sr_store_run_get(sr_txn *t, sr_arena *a, int64_t id, sr_run_row *out, sr_err *err)
{
	static const char sql[] = "SELECT id, " RUN_COLS " FROM run WHERE id = ?";
	const sr_db_query q = { sql, &run_shape, .args = { sr_db_int(id) } };

	return sr_db_get(t, &q, a, out, err);
}

int sr_store_runs(sr_txn *t, sr_arena *a, int64_t school, size_t max, sr_run_row **rows, size_t *count, sr_err *err)
{
	static const char of_school[] = "SELECT id, " RUN_COLS " FROM run WHERE school = ?2 ORDER BY id DESC LIMIT ?1";
	static const char all[] = "SELECT id, " RUN_COLS " FROM run WHERE ?2 = 0 ORDER BY id DESC LIMIT ?1";
	const sr_db_query q = { school ? of_school : all, &run_shape,
		.args = { sr_db_int((int64_t)max), sr_db_int(school) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_run_last(
	sr_txn *t, sr_arena *a, int64_t school, int kind, const char *outcome, sr_run_row *out, sr_err *err)
{
	static const char of_kind[] = "SELECT id, " RUN_COLS
				      " FROM run WHERE school = ?1 AND kind = ?3 AND outcome = ?2 "
				      "ORDER BY id DESC LIMIT 1";
	static const char any[] = "SELECT id, " RUN_COLS " FROM run INDEXED BY run_school "
				  "WHERE school = ?1 AND ?3 < 0 AND outcome = ?2 ORDER BY id DESC LIMIT 1";
	const sr_db_query q = { kind < 0 ? any : of_kind, &run_shape,
		.args = { sr_db_int(school), sr_db_text(outcome), sr_db_int(kind) } };

	return sr_db_get(t, &q, a, out, err);
}

int sr_store_runs_interrupt(sr_txn *t, int64_t now_ms, sr_err *err)
{
	static const char plans[] =
		"UPDATE plan SET state = 'abandoned' WHERE state IN ('building', 'sealed', 'applying') "
		"AND run IN (SELECT id FROM run WHERE ended_ms = 0)";
	static const char runs[] = "UPDATE run SET outcome = 'interrupted', ended_ms = ? WHERE ended_ms = 0";

	if (sr_db_run(t, &(sr_db_query){ .sql = plans }, err) < 0)
		return -1;
	return sr_db_change(t, &(sr_db_query){ .sql = runs, .args = { sr_db_int(now_ms) } }, err);
}
