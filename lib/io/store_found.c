/* What an inventory found: searched by what a person is known by, without regard to case or blanks. */
#include "io/store_db.h"
#include "io/store_mirror.h"

#define COLS                                                                                               \
	"kind, id, key, email, username, first, preferred, last, title, periods, role, building, parent, " \
	"synced, inactive, additional_buildings"

/* clang-format off */
static const sr_db_shape shape = { sizeof(sr_found_row), (const sr_db_col[]){
	SR_COL_ENUM(sr_found_row, kind, SR_TGT_COUNT),
	SR_COL(I64, sr_found_row, id),
	SR_COL(NTEXT, sr_found_row, key),
	SR_COL(NTEXT, sr_found_row, email),
	SR_COL(NTEXT, sr_found_row, username),
	SR_COL(NTEXT, sr_found_row, first),
	SR_COL(NTEXT, sr_found_row, preferred),
	SR_COL(NTEXT, sr_found_row, last),
	SR_COL(NTEXT, sr_found_row, title),
	SR_COL(NTEXT, sr_found_row, periods),
	SR_COL(I64, sr_found_row, role),
	SR_COL(I64, sr_found_row, building),
	SR_COL(I64, sr_found_row, parent),
	SR_COL(BOOL, sr_found_row, synced),
	SR_COL(BOOL, sr_found_row, inactive),
	SR_COL(NTEXT, sr_found_row, additional_buildings),
	SR_COL_END,
} };
/* clang-format on */

int sr_store_found_put(sr_txn *t, const sr_found_row *row, sr_err *err)
{
	static const char sql[] = "INSERT OR REPLACE INTO found (" COLS ") "
				  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	const sr_db_query q = { sql, &shape, row };

	return sr_db_run(t, &q, err);
}

int sr_store_found_clear(sr_txn *t, sr_tgt kind, int64_t building_or_0, sr_err *err)
{
	static const char sql[] = "DELETE FROM found WHERE kind = ? AND building BETWEEN ? AND ?";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(kind), sr_db_school_low(building_or_0), sr_db_school_high(building_or_0) } };

	return sr_db_run(t, &q, err);
}

/* What is not asked for is NULL, and NULL equals nothing. The indexes are named because SQLite,
 * which does not know how many rows a kind has, would rather read them all. */
int sr_store_found_search(sr_txn *t, sr_arena *a, sr_tgt kind, const char *key, const char *email, const char *username,
	sr_found_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM found INDEXED BY found_key "
				  "WHERE kind = ?1 AND trim(key) COLLATE NOCASE = trim(?2) UNION "
				  "SELECT " COLS " FROM found INDEXED BY found_email "
				  "WHERE kind = ?1 AND trim(email) COLLATE NOCASE = trim(?3) UNION "
				  "SELECT " COLS " FROM found INDEXED BY found_username "
				  "WHERE kind = ?1 AND trim(username) COLLATE NOCASE = trim(?4) ORDER BY id";
	const sr_db_query q = { sql, &shape,
		.args = { sr_db_int(kind), sr_db_text(key), sr_db_text(email), sr_db_text(username) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_found_children(
	sr_txn *t, sr_arena *a, sr_tgt kind, int64_t parent, sr_found_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM found INDEXED BY found_parent WHERE kind = ? AND parent = ? "
				  "ORDER BY id";
	const sr_db_query q = { sql, &shape, .args = { sr_db_int(kind), sr_db_int(parent) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_found_count(sr_txn *t, sr_tgt kind, int64_t building, int64_t *out, sr_err *err)
{
	static const char sql[] = "SELECT count(*) FROM found WHERE kind = ? AND building BETWEEN ? AND ?";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(kind), sr_db_school_low(building), sr_db_school_high(building) } };

	return sr_db_get_int(t, &q, out, err) < 0 ? -1 : 0;
}
