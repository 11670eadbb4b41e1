/* A plan grows while it is `building` and is whole once `sealed`: the digest, the counts and the
 * change of state come in one small transaction after all of its chunks. */
#include "io/store_item.h"

/* clang-format off */
const sr_db_shape sr_item_shape = { sizeof(sr_item_row), (const sr_db_col[]){
	SR_ITEM_SHAPE_COLS(sr_item_row, ), SR_COL_END } };
/* clang-format on */

const char *sr_item_state_name(sr_item_state s)
{
	static const char *const names[SR_IS_COUNT] = {
		[SR_IS_PLANNED] = "planned",
		[SR_IS_SENT] = "sent",
		[SR_IS_LOST] = "lost",
		[SR_IS_CONFIRMED] = "confirmed",
		[SR_IS_QUARANTINED] = "quarantined",
		[SR_IS_DEFERRED] = "deferred",
		[SR_IS_WAITING] = "waiting",
		[SR_IS_HELD] = "held",
		[SR_IS_ABANDONED] = "abandoned",
		[SR_IS_RETRY] = "retry",
	};

	return (unsigned)s < SR_IS_COUNT ? names[s] : "unknown";
}

#define PLAN_COLS "school, run, epoch, year, kind, state, digest, items, created_ms, sealed_ms"
/* clang-format off */
#define PLAN_SHAPE_COLS                                                                             \
	SR_COL(I64, sr_plan_row, school), SR_COL(I64, sr_plan_row, run), SR_COL(I64, sr_plan_row, epoch), \
		SR_COL(INT, sr_plan_row, year), SR_COL_ENUM(sr_plan_row, kind, SR_RK_COUNT),        \
		SR_COL(TEXT, sr_plan_row, state), SR_COL(NTEXT, sr_plan_row, digest),               \
		SR_COL(I64, sr_plan_row, items), SR_COL(I64, sr_plan_row, created_ms),              \
		SR_COL(I64, sr_plan_row, sealed_ms), SR_COL_END
static const sr_db_shape new_shape = { sizeof(sr_plan_row), (const sr_db_col[]){ PLAN_SHAPE_COLS } };
static const sr_db_shape plan_shape = { sizeof(sr_plan_row), (const sr_db_col[]){
	SR_COL(I64, sr_plan_row, id), PLAN_SHAPE_COLS } };
/* clang-format on */

int sr_store_plan_new(sr_txn *t, const sr_plan_row *row, int64_t *id, sr_err *err)
{
	static const char sql[] = "INSERT INTO plan (" PLAN_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	sr_plan_row fresh = *row;

	fresh.state = "building";
	fresh.digest = NULL;
	fresh.items = fresh.sealed_ms = 0;
	if (sr_db_run(t, &(sr_db_query){ sql, &new_shape, &fresh }, err) < 0)
		return -1;
	*id = sr_db_last_id(t);
	return 0;
}

int sr_store_plan_add(sr_txn *t, int64_t plan, const sr_plan_item *item, sr_item_state state, sr_err *err)
{
	static const char sql[] = "INSERT INTO plan_item (" SR_ITEM_COLS ", plan) "
				  "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, id FROM plan "
				  "WHERE id = ? AND state = 'building'";
	const sr_item_row row = { .item = *item, .state = state };
	int added = sr_db_change(t, &(sr_db_query){ sql, &sr_item_shape, &row, { sr_db_int(plan) } }, err);

	if (added == 0)
		return sr_fail(err, SR_E_STATE, "plan %lld is not being built: nothing can be added", (long long)plan);
	return added < 0 ? -1 : 0;
}

int sr_store_plan_divert(
	sr_txn *t, int64_t plan, const sr_item_match *match, sr_item_state to, const char *why, sr_err *err)
{
	static const char sql[] =
		"UPDATE plan_item SET state = ?6, why = ?7 WHERE plan = ?1 AND state = ?2 AND (?3 < 0 OR stage = ?3) "
		"AND (?4 = 0 OR fields & ?4) AND (login OR NOT ?5) "
		"AND EXISTS (SELECT 1 FROM plan WHERE id = ?1 AND state = 'building')";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(plan), sr_db_int(match->state), sr_db_int(match->stage), sr_db_int(match->fields),
			sr_db_int(match->login), sr_db_int(to), sr_db_text(why) } };

	return sr_db_change(t, &q, err);
}

int sr_store_plan_seal(sr_txn *t, int64_t plan, const char *digest, int64_t items, int64_t now_ms, sr_err *err)
{
	static const char sql[] = "UPDATE plan SET state = 'sealed', digest = ?2, items = ?3, sealed_ms = ?4 "
				  "WHERE id = ?1 AND state = 'building'";
	int sealed = sr_db_change(t,
		&(sr_db_query){ .sql = sql,
			.args = { sr_db_int(plan), sr_db_text(digest), sr_db_int(items), sr_db_int(now_ms) } },
		err);

	if (sealed == 0)
		return sr_fail(err, SR_E_STATE, "plan %lld is not being built: it cannot be sealed", (long long)plan);
	return sealed < 0 ? -1 : 0;
}

int sr_store_plan_state(sr_txn *t, int64_t plan, const char *state, sr_err *err)
{
	static const char sql[] = "UPDATE plan SET state = ? WHERE id = ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_text(state), sr_db_int(plan) } };

	return sr_db_run(t, &q, err);
}

int sr_store_plan_get(sr_txn *t, sr_arena *a, int64_t plan, sr_plan_row *out, sr_err *err)
{
	static const char sql[] = "SELECT id, " PLAN_COLS " FROM plan WHERE id = ?";
	const sr_db_query q = { sql, &plan_shape, .args = { sr_db_int(plan) } };

	return sr_db_get(t, &q, a, out, err);
}

int sr_store_plans(sr_txn *t, sr_arena *a, int64_t school, size_t max, sr_plan_row **rows, size_t *count, sr_err *err)
{
	static const char of_school[] = "SELECT id, " PLAN_COLS " FROM plan WHERE school = ?2 "
					"ORDER BY id DESC LIMIT ?1";
	static const char all[] = "SELECT id, " PLAN_COLS " FROM plan WHERE ?2 = 0 ORDER BY id DESC LIMIT ?1";
	const sr_db_query q = { school ? of_school : all, &plan_shape,
		.args = { sr_db_int((int64_t)max), sr_db_int(school) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_plan_items(sr_txn *t, sr_arena *a, int64_t plan, int64_t after, int state, int kind, size_t max,
	sr_item_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " SR_ITEM_COLS " FROM plan_item WHERE plan = ?1 AND seq > ?2 "
				  "AND (?3 < 0 OR state = ?3) AND (?4 < 0 OR kind = ?4) ORDER BY seq LIMIT ?5";
	const sr_db_query q = { sql, &sr_item_shape,
		.args = { sr_db_int(plan), sr_db_int(after), sr_db_int(state), sr_db_int(kind),
			sr_db_int((int64_t)max) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_plan_item_of(
	sr_txn *t, sr_arena *a, int64_t plan, sr_tgt kind, sr_ident ident, sr_item_row *out, sr_err *err)
{
	/* The + keeps the plan's own key out of it: an object has few operations, a plan has many. */
	static const char sql[] = "SELECT " SR_ITEM_COLS " FROM plan_item "
				  "WHERE +plan = ? AND kind = ? AND a = ? AND b = ? LIMIT 1";
	const sr_db_query q = { sql, &sr_item_shape,
		.args = { sr_db_int(plan), sr_db_int(kind), sr_db_int(ident.a), sr_db_int(ident.b) } };

	return sr_db_get(t, &q, a, out, err);
}

/* An item to be sent again stands in the queue like one that never was, at its stage. */
static int first_stage(sr_txn *t, int64_t plan, int64_t *stage, sr_err *err)
{
	static const char sql[] = "SELECT min(stage) FROM ("
				  "SELECT min(stage) AS stage FROM plan_item WHERE plan = ?1 AND state = ?2 UNION ALL "
				  "SELECT min(stage) FROM plan_item WHERE plan = ?1 AND state = ?3)";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(plan), sr_db_int(SR_IS_PLANNED), sr_db_int(SR_IS_RETRY) } };

	return sr_db_get_int(t, &q, stage, err);
}

int sr_store_plan_next(sr_txn *t, sr_arena *a, int64_t plan, size_t max, sr_item_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " SR_ITEM_COLS
				  " FROM plan_item WHERE plan = ?1 AND state = ?2 AND stage = ?4 UNION ALL "
				  "SELECT " SR_ITEM_COLS
				  " FROM plan_item WHERE plan = ?1 AND state = ?3 AND stage = ?4 "
				  "ORDER BY seq LIMIT ?5";
	int64_t stage;
	int found = first_stage(t, plan, &stage, err);

	if (found < 0)
		return -1;
	if (found == 0) {
		*rows = NULL;
		*count = 0;
		return 0;
	}
	return sr_db_list(t,
		&(sr_db_query){ sql, &sr_item_shape,
			.args = { sr_db_int(plan), sr_db_int(SR_IS_PLANNED), sr_db_int(SR_IS_RETRY), sr_db_int(stage),
				sr_db_int((int64_t)max) } },
		a, rows, count, err);
}

int sr_store_plan_batch_items(sr_txn *t, sr_arena *a, int64_t batch, sr_item_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " SR_ITEM_COLS " FROM plan_item WHERE batch = ? AND batch <> 0 ORDER BY seq";
	const sr_db_query q = { sql, &sr_item_shape, .args = { sr_db_int(batch) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

typedef struct tally {
	sr_tgt kind;
	sr_op op;
	sr_item_state state;
	int64_t n;
} tally;
/* clang-format off */
static const sr_db_shape tally_shape = { sizeof(tally), (const sr_db_col[]){
	SR_COL_ENUM(tally, kind, SR_TGT_COUNT), SR_COL_ENUM(tally, op, SR_OP_COUNT),
	SR_COL_ENUM(tally, state, SR_IS_COUNT), SR_COL(I64, tally, n), SR_COL_END } };
/* clang-format on */

int sr_store_plan_counts(sr_txn *t, int64_t plan, sr_plan_counts *out, sr_err *err)
{
	static const char sql[] =
		"SELECT kind, op, state, count(*) FROM plan_item WHERE plan = ? GROUP BY kind, op, state";
	SR_AUTO(sr_arena) a = { 0 };
	sr_plan_counts counts = { 0 };
	tally *rows;
	size_t n;

	if (sr_db_list(t, &(sr_db_query){ sql, &tally_shape, .args = { sr_db_int(plan) } }, &a, &rows, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		counts.by_kind_op[rows[i].kind][rows[i].op] += rows[i].n;
		counts.by_state[rows[i].state] += rows[i].n;
	}
	*out = counts;
	return 0;
}

typedef struct planned {
	int64_t plan;
	sr_item_row row;
} planned;
/* clang-format off */
static const sr_db_shape planned_shape = { sizeof(planned), (const sr_db_col[]){
	SR_COL(I64, planned, plan), SR_ITEM_SHAPE_COLS(planned, row.), SR_COL_END } };
/* clang-format on */

static int split(
	const planned *got, size_t n, sr_arena *a, int64_t **plans, sr_item_row **rows, size_t *count, sr_err *err)
{
	int64_t *p = n ? sr_arena_alloc(a, n * sizeof(*p)) : NULL;
	sr_item_row *r = n ? sr_arena_alloc(a, n * sizeof(*r)) : NULL;

	if (n && (!p || !r))
		return sr_fail_nomem(err);
	for (size_t i = 0; i < n; i++) {
		p[i] = got[i].plan;
		r[i] = got[i].row;
	}
	*plans = p;
	*rows = r;
	*count = n;
	return 0;
}

int sr_store_plan_of_ident(sr_txn *t, sr_arena *a, sr_tgt kind, sr_ident ident, size_t max, int64_t **plans,
	sr_item_row **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT plan, " SR_ITEM_COLS " FROM plan_item WHERE kind = ? AND a = ? AND b = ? "
				  "ORDER BY plan DESC, seq DESC LIMIT ?";
	planned *got;
	size_t n;

	if (sr_db_list(t,
		    &(sr_db_query){ sql, &planned_shape,
			    .args = { sr_db_int(kind), sr_db_int(ident.a), sr_db_int(ident.b),
				    sr_db_int((int64_t)max) } },
		    a, &got, &n, err) < 0)
		return -1;
	return split(got, n, a, plans, rows, count, err);
}

int sr_store_plan_expire(sr_txn *t, int64_t before_ms, sr_err *err)
{
#define EXPIRED "(SELECT id FROM plan WHERE created_ms < ? AND state IN ('done', 'abandoned'))"
	static const char *const sql[] = {
		"DELETE FROM plan_item WHERE plan IN " EXPIRED,
		"DELETE FROM batch WHERE plan IN " EXPIRED,
		"DELETE FROM plan WHERE id IN " EXPIRED,
	};
#undef EXPIRED

	for (size_t i = 0; i < SR_COUNT_OF(sql); i++)
		if (sr_db_run(t, &(sr_db_query){ .sql = sql[i], .args = { sr_db_int(before_ms) } }, err) < 0)
			return -1;
	return 0;
}
