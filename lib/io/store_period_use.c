/* Who stands in a grading period, and by which dates a term is mapped: what is looked at before its dates move. */
#include "io/store_db.h"
#include "io/store_mirror.h"
#include "io/store_school.h"

/* clang-format off */
static const sr_db_shape use_shape = { sizeof(sr_period_use), (const sr_db_col[]){
	SR_COL(I64, sr_period_use, sections), SR_COL(I64, sr_period_use, other_year), SR_COL_END } };
/* clang-format on */

int sr_store_period_use(sr_txn *t, int64_t period, sr_yearid active, sr_period_use *out, sr_err *err)
{
	static const char ours[] =
		"SELECT count(*), coalesce(sum(year <> ?2), 0) FROM section_period WHERE period = ?1";
	/* What is mirrored was found once, too. */
	static const char others[] = "SELECT count(*) FROM found WHERE kind = ?1 "
				     "AND instr(',' || coalesce(periods, '') || ',', ',' || ?2 || ',') > 0 "
				     "AND id NOT IN (SELECT sgy_id FROM mirror WHERE kind = ?1)";
	const sr_db_query mirrored = { ours, &use_shape, .args = { sr_db_int(period), sr_db_int(active) } };
	const sr_db_query found = { .sql = others, .args = { sr_db_int(SR_TGT_SECTION), sr_db_int(period) } };
	SR_AUTO(sr_arena) arena = { 0 };
	sr_period_use use = { 0 };

	if (sr_db_get(t, &mirrored, &arena, &use, err) < 0 || sr_db_get_int(t, &found, &use.found, err) < 0)
		return -1;
	*out = use;
	return 0;
}

int sr_store_term_dated(sr_txn *t, int64_t school, int64_t term, sr_err *err)
{
	static const char sql[] =
		"UPDATE term SET mapped_first = first, mapped_last = last WHERE school = ? AND id = ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(school), sr_db_int(term) } };

	return sr_db_run(t, &q, err);
}
