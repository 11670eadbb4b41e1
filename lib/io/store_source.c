/* Rows come in key order for the pull and in target order for the plan; each order has its index,
 * so that a page of either costs what is on the page. */
#include "io/store_source.h"
#include "io/store_db.h"

#define COLS "school, kind, key, a, b, raw_hash, context, data, verdict, effect, again, judged_ms, missing"

/* clang-format off */
static const sr_db_shape shape = { sizeof(sr_source_row), (const sr_db_col[]){
	SR_COL(I64, sr_source_row, school),
	SR_COL_ENUM(sr_source_row, kind, SR_SRC_COUNT),
	SR_COL(I64, sr_source_row, key),
	SR_COL(I64, sr_source_row, ident.a),
	SR_COL(I64, sr_source_row, ident.b),
	SR_COL(HASH, sr_source_row, raw_hash),
	SR_COL(I64, sr_source_row, context),
	SR_COL(PACKED, sr_source_row, data),
	SR_COL_ENUM(sr_source_row, judged.verdict, SR_V_COUNT),
	SR_COL_ENUM(sr_source_row, judged.effect, SR_EF_COUNT),
	SR_COL(DAY, sr_source_row, judged.again),
	SR_COL(I64, sr_source_row, judged_ms),
	SR_COL_ENUM(sr_source_row, missing, 4),
	SR_COL_END,
} };
/* clang-format on */

int sr_store_source_range(sr_txn *t, sr_arena *a, int64_t school, sr_src kind, int64_t after, int64_t upto, size_t max,
	sr_source_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM source "
				  "WHERE school = ? AND kind = ? AND key > ? AND key <= ? ORDER BY key LIMIT ?";
	const sr_db_query q = { sql, &shape,
		.args = { sr_db_int(school), sr_db_int(kind), sr_db_int(after), sr_db_int(upto),
			sr_db_int((int64_t)max) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_source_get(
	sr_txn *t, sr_arena *a, int64_t school, sr_src kind, int64_t key, sr_source_row *out, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM source WHERE school = ? AND kind = ? AND key = ?";
	const sr_db_query q = { sql, &shape, .args = { sr_db_int(school), sr_db_int(kind), sr_db_int(key) } };

	return sr_db_get(t, &q, a, out, err);
}

int sr_store_source_put(sr_txn *t, const sr_source_row *row, sr_err *err)
{
	static const char sql[] =
		"INSERT INTO source (" COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT DO UPDATE SET a = excluded.a, b = excluded.b, raw_hash = excluded.raw_hash, "
		"context = excluded.context, data = excluded.data, verdict = excluded.verdict, "
		"effect = excluded.effect, again = excluded.again, judged_ms = excluded.judged_ms, "
		"missing = excluded.missing";
	const sr_db_query q = { sql, &shape, row };

	return sr_db_run(t, &q, err);
}

/* clang-format off */
/* What a new judgement changes of a row. */
static const sr_db_shape judge_shape = { sizeof(sr_source_row), (const sr_db_col[]){
	SR_COL(I64, sr_source_row, school), SR_COL(INT, sr_source_row, kind), SR_COL(I64, sr_source_row, key),
	SR_COL(I64, sr_source_row, ident.a), SR_COL(I64, sr_source_row, ident.b),
	SR_COL(INT, sr_source_row, judged.verdict), SR_COL(INT, sr_source_row, judged.effect),
	SR_COL(DAY, sr_source_row, judged.again), SR_COL(I64, sr_source_row, judged_ms), SR_COL_END } };
/* clang-format on */

int sr_store_source_judge(sr_txn *t, int64_t school, sr_src kind, int64_t key, sr_ident ident, const sr_judged *j,
	int64_t now_ms, sr_err *err)
{
	static const char sql[] =
		"UPDATE source SET a = ?4, b = ?5, verdict = ?6, effect = ?7, again = ?8, judged_ms = ?9 "
		"WHERE school = ?1 AND kind = ?2 AND key = ?3";
	const sr_source_row row = {
		.school = school, .kind = kind, .key = key, .ident = ident, .judged = *j, .judged_ms = now_ms
	};
	const sr_db_query q = { sql, &judge_shape, &row };

	return sr_db_run(t, &q, err);
}

int sr_store_source_missing(sr_txn *t, int64_t school, sr_src kind, int64_t key, int missing, sr_err *err)
{
	static const char sql[] = "UPDATE source SET missing = ? WHERE school = ? AND kind = ? AND key = ?";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(missing), sr_db_int(school), sr_db_int(kind), sr_db_int(key) } };

	return sr_db_run(t, &q, err);
}

/* One search of the index a kind; a plain BETWEEN would read every row of these kinds. */
int sr_store_source_by_ident(sr_txn *t, sr_arena *a, sr_src kind_low, sr_src kind_high, sr_ident ident,
	sr_source_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] =
		"WITH RECURSIVE kinds (k) AS (VALUES (?1) UNION ALL SELECT k + 1 FROM kinds WHERE k < ?2) "
		"SELECT " COLS " FROM kinds CROSS JOIN source ON kind = k AND a = ?3 AND b = ?4 "
		"ORDER BY school, kind, key";
	const sr_db_query q = { sql, &shape,
		.args = { sr_db_int(kind_low), sr_db_int(kind_high), sr_db_int(ident.a), sr_db_int(ident.b) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

static int compare_targets(const void *x, const void *y)
{
	const sr_source_row *l = x, *r = y;
	int c = sr_ident_cmp(l->ident, r->ident);

	if (c == 0)
		c = (l->kind > r->kind) - (l->kind < r->kind);
	return c ? c : (l->key > r->key) - (l->key < r->key);
}

/* The first `max` rows of each kind: among them are the first `max` of the union. */
static int fetch_kinds(sr_txn *t, sr_arena *a, int64_t school, int low, int high, sr_ident after, size_t max,
	sr_db_rows *got, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM source "
				  "WHERE school = ? AND kind = ? AND (a, b) > (?, ?) ORDER BY a, b, key LIMIT ?";

	for (int kind = low; kind <= high; kind++)
		if (sr_db_fetch(t,
			    &(sr_db_query){ sql, &shape,
				    .args = { sr_db_int(school), sr_db_int(kind), sr_db_int(after.a),
					    sr_db_int(after.b), sr_db_int((int64_t)max) } },
			    a, got, err) < 0)
			return -1;
	if (got->count)
		qsort(got->p, got->count, sizeof(sr_source_row), compare_targets);
	return 0;
}

/* A page must not end inside a target: who goes on after its last ident would lose the rest. So
 * the rows of the page's last target are read again, all of them. */
static int complete_last(
	sr_txn *t, sr_arena *a, int64_t school, int low, int high, size_t max, sr_db_rows *got, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM source "
				  "WHERE school = ? AND kind = ? AND a = ? AND b = ? ORDER BY key";
	const sr_source_row *rows = got->p;
	sr_ident last = rows[max - 1].ident;

	got->count = max;
	while (got->count > 0 && sr_ident_cmp(rows[got->count - 1].ident, last) == 0)
		got->count--;
	for (int kind = low; kind <= high; kind++)
		if (sr_db_fetch(t,
			    &(sr_db_query){ sql, &shape,
				    .args = { sr_db_int(school), sr_db_int(kind), sr_db_int(last.a),
					    sr_db_int(last.b) } },
			    a, got, err) < 0)
			return -1;
	return 0;
}

int sr_store_source_targets(sr_txn *t, sr_arena *a, int64_t school, sr_src low, sr_src high, sr_ident after, size_t max,
	sr_source_row **rows, size_t *count, sr_err *err)
{
	sr_db_rows got = { 0 };

	if (fetch_kinds(t, a, school, (int)low, (int)high, after, max, &got, err) < 0)
		return -1;
	if (max && got.count >= max && complete_last(t, a, school, (int)low, (int)high, max, &got, err) < 0)
		return -1;
	*rows = got.p;
	*count = got.count;
	return 0;
}

int sr_store_source_count(sr_txn *t, int64_t school, sr_src kind, bool only_present, int64_t *out, sr_err *err)
{
	static const char sql[] =
		"SELECT count(*) FROM source WHERE school = ?1 AND kind = ?2 AND missing IN (0, 3, ?3, ?3 - 1)";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(school), sr_db_int(kind), sr_db_int(only_present ? 0 : 2) } };

	return sr_db_get_int(t, &q, out, err) < 0 ? -1 : 0;
}

int sr_store_source_forget(sr_txn *t, int64_t school, sr_src kind, sr_err *err)
{
	static const char sql[] = "DELETE FROM source WHERE school = ? AND kind = ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(school), sr_db_int(kind) } };

	return sr_db_run(t, &q, err);
}

/* Walks school by school, because the key of the table begins with the school. A row that is missing
 * holds its key until its school has judged it as gone. */
int sr_store_source_people(sr_txn *t, sr_arena *a, sr_src kind, int64_t after_school, int64_t after_key, size_t max,
	sr_source_row **rows, size_t *count, sr_err *err)
{
	static const char page[] = "SELECT " COLS " FROM source "
				   "WHERE school = ?1 AND kind = ?2 AND key > ?3 AND (missing = 0 OR verdict <> ?5) "
				   "ORDER BY key LIMIT ?4";
	static const char next[] = "SELECT min(school) FROM source WHERE school > ?";
	int64_t school = after_school, after = after_key;
	sr_db_rows got = { 0 };
	int more;

	do {
		if (sr_db_fetch(t,
			    &(sr_db_query){ page, &shape,
				    .args = { sr_db_int(school), sr_db_int(kind), sr_db_int(after),
					    sr_db_int((int64_t)(max - got.count)), sr_db_int(SR_V_INACTIVE) } },
			    a, &got, err) < 0)
			return -1;
		after = INT64_MIN;
		more = sr_db_get_int(t, &(sr_db_query){ .sql = next, .args = { sr_db_int(school) } }, &school, err);
		if (more < 0)
			return -1;
	} while (more == 1 && got.count < max);
	*rows = got.p;
	*count = got.count;
	return 0;
}

int sr_store_source_delete(sr_txn *t, int64_t school, sr_src kind, int64_t key, sr_err *err)
{
	static const char sql[] = "DELETE FROM source WHERE school = ? AND kind = ? AND key = ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(school), sr_db_int(kind), sr_db_int(key) } };

	return sr_db_run(t, &q, err);
}

int sr_store_source_teaches(sr_txn *t, int64_t person, bool *out, sr_err *err)
{
	static const char sql[] =
		"SELECT EXISTS (SELECT 1 FROM source WHERE b = ?1 AND b <> 0 AND kind IN (?2, ?3) AND effect = ?4)";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(person), sr_db_int(SR_SRC_TEACHING), sr_db_int(SR_SRC_LEAD),
			sr_db_int(SR_EF_SYNC) } };
	int64_t found = 0;

	if (sr_db_get_int(t, &q, &found, err) < 0)
		return -1;
	*out = found != 0;
	return 0;
}

int sr_store_source_keeps(sr_txn *t, int64_t person, int64_t school, bool *out, sr_err *err)
{
	static const char sql[] =
		"SELECT EXISTS (SELECT 1 FROM source WHERE b = ?1 AND b <> 0 AND kind IN (?2, ?3, ?4) AND school = ?5"
		" AND missing = 0 AND verdict <> ?6 AND effect <> ?7)";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(person), sr_db_int(SR_SRC_ENROLLMENT), sr_db_int(SR_SRC_TEACHING),
			sr_db_int(SR_SRC_LEAD), sr_db_int(school), sr_db_int(SR_V_OTHER_YEAR),
			sr_db_int(SR_EF_DROP) } };
	int64_t found = 0;

	if (sr_db_get_int(t, &q, &found, err) < 0)
		return -1;
	*out = found != 0;
	return 0;
}
