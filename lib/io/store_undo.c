/* A run may have several plans (a first run comes again to see that nothing is left), an object operations in each. */
#include "io/store_undo.h"

#include "io/store_item.h"

/* clang-format off */
static const sr_db_shape ref_shape = { sizeof(sr_object_ref), (const sr_db_col[]){
	SR_COL_ENUM(sr_object_ref, kind, SR_TGT_COUNT), SR_COL(I64, sr_object_ref, ident.a),
	SR_COL(I64, sr_object_ref, ident.b), SR_COL_END } };
/* clang-format on */

#define OF_SPAN "plan IN (SELECT id FROM plan WHERE school = ?1 AND run BETWEEN ?2 AND ?3)"

int sr_store_undo_objects(sr_txn *t, sr_arena *a, const sr_run_span *span, const sr_object_ref *after, size_t max,
	sr_object_ref **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT DISTINCT kind, a, b FROM plan_item WHERE " OF_SPAN
				  " AND state = ?4 AND (kind, a, b) > (?5, ?6, ?7) ORDER BY kind, a, b LIMIT ?8";
	const sr_object_ref first = { .kind = SR_TGT_USER, .ident = { INT64_MIN, INT64_MIN } };

	if (!after)
		after = &first;
	return sr_db_list(t,
		&(sr_db_query){ sql, &ref_shape,
			.args = { sr_db_int(span->school), sr_db_int(span->first), sr_db_int(span->last),
				sr_db_int(SR_IS_CONFIRMED), sr_db_int(after->kind), sr_db_int(after->ident.a),
				sr_db_int(after->ident.b), sr_db_int((int64_t)max) } },
		a, rows, count, err);
}

int sr_store_undo_items(sr_txn *t, sr_arena *a, const sr_run_span *span, const sr_object_ref *of, sr_item_row **rows,
	size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT " SR_ITEM_COLS " FROM plan_item INDEXED BY plan_item_ident WHERE " OF_SPAN
				  " AND state = ?4 AND kind = ?5 AND a = ?6 AND b = ?7 ORDER BY plan, stage, seq";

	return sr_db_list(t,
		&(sr_db_query){ sql, &sr_item_shape,
			.args = { sr_db_int(span->school), sr_db_int(span->first), sr_db_int(span->last),
				sr_db_int(SR_IS_CONFIRMED), sr_db_int(of->kind), sr_db_int(of->ident.a),
				sr_db_int(of->ident.b) } },
		a, rows, count, err);
}

int sr_store_undo_later_run(sr_txn *t, const sr_run_span *span, const sr_object_ref *of, int64_t *run, sr_err *err)
{
	static const char sql[] =
		"SELECT max(p.run) FROM plan_item i INDEXED BY plan_item_ident JOIN plan p ON p.id = i.plan "
		"WHERE i.kind = ?1 AND i.a = ?2 AND i.b = ?3 AND i.state = ?4 AND p.run > ?5";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(of->kind), sr_db_int(of->ident.a), sr_db_int(of->ident.b),
			sr_db_int(SR_IS_CONFIRMED), sr_db_int(span->last) } };

	*run = 0;
	return sr_db_get_int(t, &q, run, err) < 0 ? -1 : 0;
}

int sr_store_undo_plans(sr_txn *t, const sr_run_span *span, int64_t *out, sr_err *err)
{
	static const char sql[] = "SELECT count(*) FROM plan WHERE school = ? AND run BETWEEN ? AND ?";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(span->school), sr_db_int(span->first), sr_db_int(span->last) } };

	return sr_db_get_int(t, &q, out, err) < 0 ? -1 : 0;
}
