/* Schools, blocks and overrides: small tables, read whole. */
#include "io/store_school.h"
#include "io/store_db.h"

#define SCHOOL_COLS                                                                                        \
	"number, dcid, name, listed, phase, since_ms, by_who, epoch, active, chosen, fallback, verified, " \
	"sis_rolled_noted, before_sis_rollover, rolled_year, rolled_active, rolled_promoted, "             \
	"inventory_year, found_users, found_sections, changed_ms, drops_ms, released_from, "               \
	"released_who"

/* clang-format off */
static const sr_db_shape school_shape = { sizeof(sr_school_row), (const sr_db_col[]){
	SR_COL(I64, sr_school_row, number),
	SR_COL(I64, sr_school_row, dcid),
	SR_COL(TEXT, sr_school_row, name),
	SR_COL(BOOL, sr_school_row, listed),
	SR_COL_ENUM(sr_school_row, state.phase, SR_PH_COUNT),
	SR_COL(I64, sr_school_row, since_ms),
	SR_COL(TEXT, sr_school_row, by_who),
	SR_COL(I64, sr_school_row, state.epoch),
	SR_COL(INT, sr_school_row, state.active),
	SR_COL(INT, sr_school_row, state.chosen),
	SR_COL(INT, sr_school_row, state.fallback),
	SR_COL(INT, sr_school_row, state.verified),
	SR_COL(BOOL, sr_school_row, state.sis_rolled_noted),
	SR_COL(BOOL, sr_school_row, state.before_sis_rollover),
	SR_COL(INT, sr_school_row, rolled_year),
	SR_COL(I64, sr_school_row, rolled_active),
	SR_COL(I64, sr_school_row, rolled_promoted),
	SR_COL(INT, sr_school_row, inventory_year),
	SR_COL(I64, sr_school_row, found_users),
	SR_COL(I64, sr_school_row, found_sections),
	SR_COL(I64, sr_school_row, changed_ms),
	SR_COL(I64, sr_school_row, drops_ms),
	SR_COL(DAY, sr_school_row, released_from),
	SR_COL(NTEXT, sr_school_row, released_who),
	SR_COL_END,
} };
/* clang-format on */

int sr_store_schools(sr_txn *t, sr_arena *a, sr_school_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " SCHOOL_COLS " FROM school ORDER BY number";
	const sr_db_query q = { sql, &school_shape };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_school_load(sr_txn *t, sr_arena *a, int64_t number, sr_school_row *out, sr_err *err)
{
	static const char sql[] = "SELECT " SCHOOL_COLS " FROM school WHERE number = ?";
	const sr_db_query q = { sql, &school_shape, .args = { sr_db_int(number) } };

	return sr_db_get(t, &q, a, out, err);
}

int sr_store_school_save(sr_txn *t, const sr_school_row *row, sr_err *err)
{
	/* Not REPLACE: columns that this row does not carry would fall back to their defaults. */
	static const char sql[] =
		"INSERT INTO school (" SCHOOL_COLS ") "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT (number) DO UPDATE SET dcid = excluded.dcid, name = excluded.name, "
		"listed = excluded.listed, phase = excluded.phase, since_ms = excluded.since_ms, "
		"by_who = excluded.by_who, epoch = excluded.epoch, active = excluded.active, "
		"chosen = excluded.chosen, fallback = excluded.fallback, verified = excluded.verified, "
		"sis_rolled_noted = excluded.sis_rolled_noted, before_sis_rollover = excluded.before_sis_rollover, "
		"rolled_year = excluded.rolled_year, rolled_active = excluded.rolled_active, "
		"rolled_promoted = excluded.rolled_promoted, inventory_year = excluded.inventory_year, "
		"found_users = excluded.found_users, found_sections = excluded.found_sections, "
		"changed_ms = excluded.changed_ms, "
		"drops_ms = excluded.drops_ms, released_from = excluded.released_from, "
		"released_who = excluded.released_who";
	const sr_db_query q = { sql, &school_shape, row };

	return sr_db_run(t, &q, err);
}

int sr_store_school_drops(sr_txn *t, const sr_school_row *row, sr_err *err)
{
	static const char sql[] = "UPDATE school SET drops_ms = ? WHERE number = ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(row->drops_ms), sr_db_int(row->number) } };

	return sr_db_run(t, &q, err);
}

/* A block that stands keeps its beginning; only its reason may become a better one. */
int sr_store_block_set(sr_txn *t, int64_t school, const char *code, const char *why, int64_t now_ms, sr_err *err)
{
	static const char add[] = "INSERT INTO block (school, code, why, since_ms) VALUES (?, ?, coalesce(?, ''), ?) "
				  "ON CONFLICT DO NOTHING";
	static const char explain[] = "UPDATE block SET why = ?3 WHERE school = ?1 AND code = ?2 AND why <> ?3";
	int added = sr_db_change(t,
		&(sr_db_query){ .sql = add,
			.args = { sr_db_int(school), sr_db_text(code), sr_db_text(why), sr_db_int(now_ms) } },
		err);

	if (added != 0)
		return added;
	return sr_db_run(t,
		&(sr_db_query){ .sql = explain, .args = { sr_db_int(school), sr_db_text(code), sr_db_text(why) } },
		err);
}

int sr_store_block_clear(sr_txn *t, int64_t school, const char *code, sr_err *err)
{
	static const char sql[] = "DELETE FROM block WHERE school = ? AND code = ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(school), sr_db_text(code) } };

	return sr_db_change(t, &q, err);
}

/* clang-format off */
static const sr_db_shape block_shape = { sizeof(sr_block_row), (const sr_db_col[]){
	SR_COL(I64, sr_block_row, school), SR_COL(TEXT, sr_block_row, code),
	SR_COL(TEXT, sr_block_row, why), SR_COL(I64, sr_block_row, since_ms), SR_COL_END } };
/* clang-format on */

int sr_store_blocks(sr_txn *t, sr_arena *a, sr_block_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT school, code, why, since_ms FROM block ORDER BY school, code";
	const sr_db_query q = { sql, &block_shape };

	return sr_db_list(t, &q, a, rows, count, err);
}

#define OVERRIDE_COLS "school, check_, reason, who, year, at_ms"
/* clang-format off */
static const sr_db_shape override_shape = { sizeof(sr_override_row), (const sr_db_col[]){
	SR_COL(I64, sr_override_row, school), SR_COL(TEXT, sr_override_row, check),
	SR_COL(TEXT, sr_override_row, reason), SR_COL(TEXT, sr_override_row, who),
	SR_COL(INT, sr_override_row, year), SR_COL(I64, sr_override_row, at_ms), SR_COL_END } };
/* clang-format on */

int sr_store_override_set(sr_txn *t, const sr_override_row *row, sr_err *err)
{
	static const char sql[] = "INSERT OR REPLACE INTO override_ (" OVERRIDE_COLS ") VALUES (?, ?, ?, ?, ?, ?)";
	const sr_db_query q = { sql, &override_shape, row };

	return sr_db_run(t, &q, err);
}

int sr_store_overrides(
	sr_txn *t, sr_arena *a, int64_t school, sr_yearid year, sr_override_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " OVERRIDE_COLS
				  " FROM override_ WHERE school = ? AND year = ? ORDER BY check_";
	const sr_db_query q = { sql, &override_shape, .args = { sr_db_int(school), sr_db_int(year) } };

	return sr_db_list(t, &q, a, rows, count, err);
}
