/* One row a school and kind of look; one row an object that is, or was written over by, somebody else. */
#include "io/store_check.h"

#include "io/store_item.h"

#define PASS_COLS "school, daily, year, step, after, users, sections, courses, accounts, classes, members, at_ms"
#define FOREIGN_COLS "school, kind, id, key, parent, building, made, at_ms, accepted_ms"

/* clang-format off */
static const sr_db_shape pass_shape = { sizeof(sr_check_pass), (const sr_db_col[]){
	SR_COL(I64, sr_check_pass, school), SR_COL(BOOL, sr_check_pass, daily), SR_COL(INT, sr_check_pass, year),
	SR_COL_ENUM(sr_check_pass, step, SR_CK_COUNT + 1), SR_COL(I64, sr_check_pass, after),
	SR_COL(I64, sr_check_pass, seen[SR_CK_USERS]), SR_COL(I64, sr_check_pass, seen[SR_CK_SECTIONS]),
	SR_COL(I64, sr_check_pass, seen[SR_CK_COURSES]), SR_COL(I64, sr_check_pass, seen[SR_CK_ACCOUNTS]),
	SR_COL(I64, sr_check_pass, seen[SR_CK_CLASSES]), SR_COL(I64, sr_check_pass, seen[SR_CK_MEMBERS]), SR_COL(I64, sr_check_pass, at_ms), SR_COL_END } };

static const sr_db_shape foreign_shape = { sizeof(sr_foreign_row), (const sr_db_col[]){
	SR_COL(I64, sr_foreign_row, school), SR_COL_ENUM(sr_foreign_row, kind, SR_TGT_COUNT),
	SR_COL(I64, sr_foreign_row, id), SR_COL(NTEXT, sr_foreign_row, key), SR_COL(I64, sr_foreign_row, parent),
	SR_COL(I64, sr_foreign_row, building), SR_COL(BOOL, sr_foreign_row, made),
	SR_COL(I64, sr_foreign_row, at_ms), SR_COL(I64, sr_foreign_row, accepted_ms), SR_COL_END } };
/* clang-format on */

int sr_store_check_get(sr_txn *t, int64_t school, bool daily, sr_check_pass *out, sr_err *err)
{
	static const char sql[] = "SELECT " PASS_COLS " FROM check_pass WHERE school = ? AND daily = ?";
	SR_AUTO(sr_arena) a = { 0 };

	return sr_db_get(
		t, &(sr_db_query){ sql, &pass_shape, .args = { sr_db_int(school), sr_db_int(daily) } }, &a, out, err);
}

int sr_store_check_put(sr_txn *t, const sr_check_pass *pass, sr_err *err)
{
	static const char sql[] = "INSERT OR REPLACE INTO check_pass (" PASS_COLS ") "
				  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

	return sr_db_run(t, &(sr_db_query){ sql, &pass_shape, pass }, err);
}

int sr_store_foreign_put(sr_txn *t, const sr_foreign_row *row, sr_err *err)
{
	static const char sql[] = "INSERT OR REPLACE INTO foreign_object (" FOREIGN_COLS ") "
				  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

	return sr_db_run(t, &(sr_db_query){ sql, &foreign_shape, row }, err);
}

int sr_store_foreign_get(
	sr_txn *t, sr_arena *a, int64_t school, sr_tgt kind, int64_t id, sr_foreign_row *out, sr_err *err)
{
	static const char sql[] = "SELECT " FOREIGN_COLS
				  " FROM foreign_object WHERE school = ? AND kind = ? AND id = ?";
	const sr_db_query q = { sql, &foreign_shape, .args = { sr_db_int(school), sr_db_int(kind), sr_db_int(id) } };

	return sr_db_get(t, &q, a, out, err);
}

int sr_store_foreign_accept(sr_txn *t, int64_t school, int64_t now_ms, sr_err *err)
{
	static const char found[] = "INSERT OR IGNORE INTO found (kind, id, key, building, parent, synced) "
				    "SELECT kind, id, key, building, parent, 1 FROM foreign_object "
				    "WHERE school = ? AND made AND accepted_ms = 0";
	static const char mark[] = "UPDATE foreign_object SET accepted_ms = ?2 WHERE school = ?1";

	if (sr_db_run(t, &(sr_db_query){ .sql = found, .args = { sr_db_int(school) } }, err) < 0)
		return -1;
	return sr_db_run(t, &(sr_db_query){ .sql = mark, .args = { sr_db_int(school), sr_db_int(now_ms) } }, err);
}

static int has(sr_txn *t, const char *sql, sr_tgt kind, int64_t id, bool *out, sr_err *err)
{
	int64_t yes = 0;

	if (sr_db_get_int(t, &(sr_db_query){ .sql = sql, .args = { sr_db_int(kind), sr_db_int(id) } }, &yes, err) < 0)
		return -1;
	*out = yes != 0;
	return 0;
}

int sr_store_mirror_has_id(sr_txn *t, sr_tgt kind, int64_t id, bool *out, sr_err *err)
{
	static const char sql[] = "SELECT EXISTS (SELECT 1 FROM mirror INDEXED BY mirror_sgy "
				  "WHERE kind = ? AND sgy_id = ?)";

	return has(t, sql, kind, id, out, err);
}

int sr_store_found_has(sr_txn *t, sr_tgt kind, int64_t id, bool *out, sr_err *err)
{
	static const char sql[] = "SELECT EXISTS (SELECT 1 FROM found WHERE kind = ? AND id = ?)";

	return has(t, sql, kind, id, out, err);
}

int sr_store_update_since(
	sr_txn *t, sr_arena *a, sr_tgt kind, sr_ident ident, int64_t since_ms, sr_item_row *out, sr_err *err)
{
	static const char sql[] =
		"SELECT " SR_ITEM_COLS " FROM plan_item INDEXED BY plan_item_ident WHERE kind = ?1 AND a = ?2 "
		"AND b = ?3 AND op = ?4 AND state = ?5 AND ended_ms >= ?6 ORDER BY ended_ms DESC LIMIT 1";
	const sr_db_query q = { sql, &sr_item_shape,
		.args = { sr_db_int(kind), sr_db_int(ident.a), sr_db_int(ident.b), sr_db_int(SR_OP_UPDATE),
			sr_db_int(SR_IS_CONFIRMED), sr_db_int(since_ms) } };

	return sr_db_get(t, &q, a, out, err);
}

int sr_store_section_members_forget(sr_txn *t, int64_t section, sr_err *err)
{
	static const char sql[] = "DELETE FROM mirror WHERE kind = ? AND a = ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(SR_TGT_MEMBERSHIP), sr_db_int(section) } };

	return sr_db_run(t, &q, err);
}
