/* What was refused, and the tokens that stand between a preview and its confirmation. */
#include "io/store_db.h"
#include "io/store_history.h"

#define COLS "school, what, kind, a, b, digest, code, message, since_ms"

/* clang-format off */
static const sr_db_shape shape = { sizeof(sr_quar_row), (const sr_db_col[]){
	SR_COL(I64, sr_quar_row, school), SR_COL_ENUM(sr_quar_row, what, SR_Q_TARGET + 1),
	SR_COL(INT, sr_quar_row, kind), SR_COL(I64, sr_quar_row, ident.a), SR_COL(I64, sr_quar_row, ident.b),
	SR_COL(HASH, sr_quar_row, digest), SR_COL(TEXT, sr_quar_row, code), SR_COL(NTEXT, sr_quar_row, message),
	SR_COL(I64, sr_quar_row, since_ms), SR_COL_END } };
/* clang-format on */

/* The same refusal of the same thing keeps its age. */
int sr_store_quar_put(sr_txn *t, const sr_quar_row *row, sr_err *err)
{
	static const char sql[] =
		"INSERT INTO quarantine (" COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT DO UPDATE SET digest = excluded.digest, code = excluded.code, message = excluded.message, "
		"since_ms = iif(digest IS excluded.digest AND code = excluded.code, since_ms, excluded.since_ms)";
	const sr_db_query q = { sql, &shape, row };

	return sr_db_run(t, &q, err);
}

int sr_store_quar_get(sr_txn *t, sr_arena *a, int64_t school, sr_quar_what what, int kind, sr_ident ident,
	sr_quar_row *out, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM quarantine "
				  "WHERE school = ? AND what = ? AND kind = ? AND a = ? AND b = ?";
	const sr_db_query q = { sql, &shape,
		.args = {
			sr_db_int(school), sr_db_int(what), sr_db_int(kind), sr_db_int(ident.a), sr_db_int(ident.b) } };

	return sr_db_get(t, &q, a, out, err);
}

int sr_store_quar_clear(sr_txn *t, int64_t school, sr_quar_what what, int kind, sr_ident ident, sr_err *err)
{
	static const char sql[] =
		"DELETE FROM quarantine WHERE school = ? AND what = ? AND kind = ? AND a = ? AND b = ?";
	const sr_db_query q = { .sql = sql,
		.args = {
			sr_db_int(school), sr_db_int(what), sr_db_int(kind), sr_db_int(ident.a), sr_db_int(ident.b) } };

	return sr_db_run(t, &q, err);
}

int sr_store_quar_meet(sr_txn *t, int64_t school, int kind, sr_ident ident, int64_t plan, sr_err *err)
{
	static const char sql[] = "UPDATE quarantine SET plan = ? "
				  "WHERE school = ? AND what = ? AND kind = ? AND a = ? AND b = ?";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(plan), sr_db_int(school), sr_db_int(SR_Q_TARGET), sr_db_int(kind),
			sr_db_int(ident.a), sr_db_int(ident.b) } };

	return sr_db_run(t, &q, err);
}

int sr_store_quar_sweep(sr_txn *t, int64_t school, int64_t plan, sr_err *err)
{
	static const char sql[] = "DELETE FROM quarantine WHERE school = ? AND what = ? AND plan <> ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(school), sr_db_int(SR_Q_TARGET), sr_db_int(plan) } };

	return sr_db_run(t, &q, err);
}

int sr_store_quar_clear_all(sr_txn *t, int64_t school, sr_err *err)
{
	static const char sql[] = "DELETE FROM quarantine WHERE school BETWEEN ? AND ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_school_low(school), sr_db_school_high(school) } };

	return sr_db_change(t, &q, err);
}

int sr_store_quar_list(
	sr_txn *t, sr_arena *a, int64_t school, size_t max, sr_quar_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM quarantine WHERE school BETWEEN ? AND ? "
				  "ORDER BY school, what, kind, a, b LIMIT ?";
	const sr_db_query q = { sql, &shape,
		.args = { sr_db_school_low(school), sr_db_school_high(school), sr_db_int((int64_t)max) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_quar_count(sr_txn *t, int64_t school, int64_t *out, sr_err *err)
{
	static const char sql[] = "SELECT count(*) FROM quarantine WHERE school BETWEEN ? AND ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_school_low(school), sr_db_school_high(school) } };

	return sr_db_get_int(t, &q, out, err) < 0 ? -1 : 0;
}

typedef struct token_row {
	const char *token;
	int64_t uid;
	const char *action, *digest;
	int64_t expires_ms;
} token_row;
#define TOKEN_COLS "token, uid, action, digest, expires_ms"
/* clang-format off */
static const sr_db_shape token_shape = { sizeof(token_row), (const sr_db_col[]){
	SR_COL(TEXT, token_row, token), SR_COL(I64, token_row, uid), SR_COL(TEXT, token_row, action),
	SR_COL(TEXT, token_row, digest), SR_COL(I64, token_row, expires_ms), SR_COL_END } };
/* clang-format on */

#define TOKEN_KEPT_MS (24 * 3600 * 1000LL) /* far beyond their life, so that a stale one is still called stale */

/* Tokens that nobody took would stay for ever; each new one clears away the old. */
int sr_store_token_put(sr_txn *t, const char *token, int64_t uid, const char *action, const char *digest,
	int64_t expires_ms, sr_err *err)
{
	static const char forget[] = "DELETE FROM token WHERE expires_ms < ?";
	static const char put[] = "INSERT OR REPLACE INTO token (" TOKEN_COLS ") VALUES (?, ?, ?, ?, ?)";
	const token_row row = { token, uid, action, digest, expires_ms };

	if (sr_db_run(t, &(sr_db_query){ .sql = forget, .args = { sr_db_int(expires_ms - TOKEN_KEPT_MS) } }, err) < 0)
		return -1;
	return sr_db_run(t, &(sr_db_query){ put, &token_shape, &row }, err);
}

int sr_store_token_take(
	sr_txn *t, const char *token, int64_t *uid, char **action, char **digest, int64_t *expires_ms, sr_err *err)
{
	static const char find[] = "SELECT " TOKEN_COLS " FROM token WHERE token = ?";
	static const char spend[] = "DELETE FROM token WHERE token = ?";
	SR_AUTO(sr_arena) a = { 0 };
	SR_AUTO_FREE char *action_copy = NULL;
	SR_AUTO_FREE char *digest_copy = NULL;
	token_row row;
	int found = sr_db_get(t, &(sr_db_query){ find, &token_shape, .args = { sr_db_text(token) } }, &a, &row, err);

	if (found != 1)
		return found;
	action_copy = sr_strdup(row.action);
	digest_copy = sr_strdup(row.digest);
	if (!action_copy || !digest_copy)
		return sr_fail_nomem(err);
	if (sr_db_run(t, &(sr_db_query){ .sql = spend, .args = { sr_db_text(token) } }, err) < 0)
		return -1;
	*uid = row.uid;
	*action = SR_TAKE(action_copy);
	*digest = SR_TAKE(digest_copy);
	*expires_ms = row.expires_ms;
	return 1;
}
