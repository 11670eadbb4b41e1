/* The question is told apart by its digest, not by its place in a plan: a plan made anew every hour asks the same
 * question again, and neither its age nor the answer that was given is lost. */
#include "io/store_waiting.h"
#include "io/store_db.h"

#define COLS                                                                                            \
	"school, kind, a, b, op, year, fields, digest, key, why, guarded, plan, seq, since_ms, state, " \
	"who, reason, at_ms"

/* clang-format off */
static const sr_db_shape shape = { sizeof(sr_waiting_row), (const sr_db_col[]){
	SR_COL(I64, sr_waiting_row, school), SR_COL_ENUM(sr_waiting_row, kind, SR_TGT_COUNT),
	SR_COL(I64, sr_waiting_row, ident.a), SR_COL(I64, sr_waiting_row, ident.b),
	SR_COL_ENUM(sr_waiting_row, op, SR_OP_COUNT), SR_COL(INT, sr_waiting_row, year),
	SR_COL(INT, sr_waiting_row, fields), SR_COL(HASH, sr_waiting_row, digest),
	SR_COL(TEXT, sr_waiting_row, key), SR_COL(TEXT, sr_waiting_row, why),
	SR_COL(BOOL, sr_waiting_row, guarded),
	SR_COL(I64, sr_waiting_row, plan), SR_COL(I64, sr_waiting_row, seq), SR_COL(I64, sr_waiting_row, since_ms),
	SR_COL_ENUM(sr_waiting_row, state, SR_WT_COUNT), SR_COL(NTEXT, sr_waiting_row, who),
	SR_COL(NTEXT, sr_waiting_row, reason), SR_COL(I64, sr_waiting_row, at_ms), SR_COL_END } };
/* clang-format on */

/* What is bound first are the columns of the decision; the object and its digest name the row. */
typedef struct decision {
	sr_waiting_state state;
	const char *who, *reason;
	int64_t at_ms, school;
	sr_tgt kind;
	sr_ident ident;
	sr_hash digest;
} decision;

/* clang-format off */
static const sr_db_shape decision_shape = { sizeof(decision), (const sr_db_col[]){
	SR_COL_ENUM(decision, state, SR_WT_COUNT), SR_COL(NTEXT, decision, who), SR_COL(NTEXT, decision, reason),
	SR_COL(I64, decision, at_ms), SR_COL(I64, decision, school), SR_COL_ENUM(decision, kind, SR_TGT_COUNT),
	SR_COL(I64, decision, ident.a), SR_COL(I64, decision, ident.b), SR_COL(HASH, decision, digest), SR_COL_END } };
static const sr_db_shape count_shape = { sizeof(sr_waiting_count), (const sr_db_col[]){
	SR_COL(I64, sr_waiting_count, open), SR_COL(I64, sr_waiting_count, approved),
	SR_COL(I64, sr_waiting_count, rejected), SR_COL(I64, sr_waiting_count, oldest_ms), SR_COL_END } };
/* clang-format on */

const char *sr_waiting_state_name(sr_waiting_state s)
{
	static const char *const names[SR_WT_COUNT] = {
		[SR_WT_OPEN] = "open",
		[SR_WT_APPROVED] = "approved",
		[SR_WT_REJECTED] = "rejected",
	};

	return (unsigned)s < SR_WT_COUNT ? names[s] : "unknown";
}

int sr_store_waiting_get(
	sr_txn *t, sr_arena *a, int64_t school, sr_tgt kind, sr_ident ident, sr_waiting_row *out, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM waiting WHERE school = ? AND kind = ? AND a = ? AND b = ?";
	const sr_db_query q = { sql, &shape,
		.args = { sr_db_int(school), sr_db_int(kind), sr_db_int(ident.a), sr_db_int(ident.b) } };

	return sr_db_get(t, &q, a, out, err);
}

int sr_store_waiting_put(sr_txn *t, const sr_waiting_row *row, sr_err *err)
{
	/* In an upsert every right side sees the row as it was, so that all of them judge by the old digest. */
	static const char sql[] =
		"INSERT INTO waiting (" COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT DO UPDATE SET op = excluded.op, year = excluded.year, fields = excluded.fields, "
		"digest = excluded.digest, key = excluded.key, why = excluded.why, guarded = excluded.guarded, plan = "
		"excluded.plan, "
		"seq = excluded.seq, since_ms = iif(digest = excluded.digest, since_ms, excluded.since_ms), "
		"state = iif(digest = excluded.digest, state, 0), who = iif(digest = excluded.digest, who, NULL), "
		"reason = iif(digest = excluded.digest, reason, NULL), at_ms = iif(digest = excluded.digest, at_ms, 0)";
	const sr_db_query q = { sql, &shape, row };

	return sr_db_run(t, &q, err);
}

int sr_store_waiting_decide(sr_txn *t, const sr_waiting_row *row, sr_waiting_state state, const char *who,
	const char *reason, int64_t now_ms, sr_err *err)
{
	static const char sql[] = "UPDATE waiting SET state = ?, who = ?, reason = ?, at_ms = ? "
				  "WHERE school = ? AND kind = ? AND a = ? AND b = ? AND digest = ?";
	const decision bound = { state, who, reason, now_ms, row->school, row->kind, row->ident, row->digest };

	return sr_db_change(t, &(sr_db_query){ sql, &decision_shape, &bound }, err);
}

int sr_store_waiting_clear(sr_txn *t, int64_t school, sr_tgt kind, sr_ident ident, sr_err *err)
{
	static const char sql[] = "DELETE FROM waiting WHERE school = ? AND kind = ? AND a = ? AND b = ?";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(school), sr_db_int(kind), sr_db_int(ident.a), sr_db_int(ident.b) } };

	return sr_db_run(t, &q, err);
}

int sr_store_waiting_sweep(sr_txn *t, int64_t school, int64_t plan, sr_err *err)
{
	static const char sql[] = "DELETE FROM waiting WHERE school = ? AND plan <> ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(school), sr_db_int(plan) } };

	return sr_db_change(t, &q, err);
}

int sr_store_waiting_list(sr_txn *t, sr_arena *a, int64_t school, sr_yearid year, const sr_waiting_row *after,
	size_t max, sr_waiting_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM waiting WHERE school = ?1 AND year = ?2 "
				  "AND (kind, a, b) > (?3, ?4, ?5) ORDER BY kind, a, b LIMIT ?6";
	const sr_db_query q = { sql, &shape,
		.args = { sr_db_int(school), sr_db_int(year), sr_db_int(after ? (int64_t)after->kind : -1),
			sr_db_int(after ? after->ident.a : 0), sr_db_int(after ? after->ident.b : 0),
			sr_db_int((int64_t)max) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_waiting_count(sr_txn *t, int64_t school, sr_yearid year, sr_waiting_count *out, sr_err *err)
{
	static const char sql[] =
		"SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 1), "
		"count(*) FILTER (WHERE state = 2), coalesce(min(since_ms) FILTER (WHERE state = 0), 0) "
		"FROM waiting WHERE school = ? AND year = ?";
	SR_AUTO(sr_arena) a = { 0 };
	const sr_db_query q = { sql, &count_shape, .args = { sr_db_int(school), sr_db_int(year) } };

	return sr_db_get(t, &q, &a, out, err) < 0 ? -1 : 0;
}
