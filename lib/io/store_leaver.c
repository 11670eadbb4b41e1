/* Questions about one person over all schools; each is answered by an index, whatever the size of the district. */
#include "io/store_leaver.h"

#include "core/diff.h"
#include "core/filter.h"
#include "io/store_db.h"

_Static_assert(SR_SRC_STUDENT == 3 && SR_SRC_STAFF == 4 && SR_SRC_ENROLLMENT == 5 && SR_SRC_LEAD == 7 &&
		       SR_TGT_USER == 0 && SR_TGT_MEMBERSHIP == 3 && SR_EF_SYNC == 0,
	"the SQL below names them by number");

int sr_store_person_let_in(sr_txn *t, int64_t person, bool *out, sr_err *err)
{
	static const char sql[] = "SELECT EXISTS (SELECT 1 FROM source INDEXED BY source_target "
				  "WHERE kind IN (3, 4) AND a = ?1 AND b = 0 AND effect = 0 AND judged_ms <> 0) OR "
				  "EXISTS (SELECT 1 FROM source INDEXED BY source_person "
				  "WHERE b = ?1 AND b <> 0 AND kind IN (5, 6, 7) AND effect = 0 AND judged_ms <> 0)";
	int64_t yes = 1;

	if (sr_db_get_int(t, &(sr_db_query){ .sql = sql, .args = { sr_db_int(person) } }, &yes, err) < 0)
		return -1;
	*out = yes != 0;
	return 0;
}

int sr_store_accounts(sr_txn *t, int64_t school, int64_t *out, sr_err *err)
{
	static const char sql[] = "SELECT count(*) FROM mirror INDEXED BY mirror_school "
				  "WHERE kind = 0 AND school = ? AND NOT gone AND NOT restorable";

	return sr_db_get_int(t, &(sr_db_query){ .sql = sql, .args = { sr_db_int(school) } }, out, err) < 0 ? -1 : 0;
}

int sr_store_members_forget(sr_txn *t, int64_t person, sr_yearid year, sr_err *err)
{
	static const char sql[] = "DELETE FROM mirror WHERE kind = 3 AND b = ?1 AND year = ?2 AND a IN "
				  "(SELECT a FROM source INDEXED BY source_person "
				  "WHERE b = ?1 AND b <> 0 AND kind IN (5, 6, 7))";

	return sr_db_run(t, &(sr_db_query){ .sql = sql, .args = { sr_db_int(person), sr_db_int(year) } }, err);
}

int sr_store_plans_supersede(sr_txn *t, int64_t school, sr_run_kind kind, int64_t except, sr_err *err)
{
	static const char sql[] = "UPDATE plan SET state = 'abandoned' WHERE school = ?1 AND kind = ?2 AND id <> ?3 "
				  "AND state IN ('building', 'sealed', 'applying')";

	return sr_db_run(t,
		&(sr_db_query){ .sql = sql, .args = { sr_db_int(school), sr_db_int(kind), sr_db_int(except) } }, err);
}

int sr_store_recheck_add(sr_txn *t, const sr_recheck *row, sr_err *err)
{
	static const char sql[] = "INSERT INTO recheck (person, fresh) "
				  "SELECT a, ?2 FROM mirror WHERE kind = 0 AND a = ?1 AND b = 0 "
				  "ON CONFLICT DO UPDATE SET fresh = max(fresh, excluded.fresh)";

	return sr_db_run(
		t, &(sr_db_query){ .sql = sql, .args = { sr_db_int(row->person), sr_db_int(row->fresh) } }, err);
}

int sr_store_recheck_done(sr_txn *t, int64_t person, sr_err *err)
{
	static const char sql[] = "DELETE FROM recheck WHERE person = ?";

	return sr_db_run(t, &(sr_db_query){ .sql = sql, .args = { sr_db_int(person) } }, err);
}

/* clang-format off */
static const sr_db_shape recheck_shape = { sizeof(sr_recheck), (const sr_db_col[]){
	SR_COL(I64, sr_recheck, person), SR_COL(BOOL, sr_recheck, fresh), SR_COL_END } };
/* clang-format on */

int sr_store_recheck_list(
	sr_txn *t, sr_arena *a, int64_t after, size_t max, sr_recheck **rows, size_t *count, sr_err *err)
{
	static const char sql[] = "SELECT person, fresh FROM recheck WHERE person > ? ORDER BY person LIMIT ?";
	const sr_db_query q = { sql, &recheck_shape, .args = { sr_db_int(after), sr_db_int((int64_t)max) } };

	return sr_db_list(t, &q, a, rows, count, err);
}

int sr_store_person_unquarantine(sr_txn *t, int64_t person, sr_err *err)
{
	static const char sql[] = "DELETE FROM quarantine WHERE what = 1 AND "
				  "((kind = 0 AND a = ?1) OR (kind = 3 AND b = ?1))";

	return sr_db_run(t, &(sr_db_query){ .sql = sql, .args = { sr_db_int(person) } }, err);
}

int sr_store_people_wanting(sr_txn *t, int64_t school, bool *out, sr_err *err)
{
	static const char sql[] =
		"SELECT EXISTS (SELECT 1 FROM source s WHERE s.school = ?1 AND s.kind IN (3, 4) AND s.verdict = ?2 "
		"AND NOT EXISTS (SELECT 1 FROM mirror m WHERE m.kind = 0 AND m.a = s.a AND m.b = 0))";
	int64_t yes = 0;

	if (sr_db_get_int(
		    t, &(sr_db_query){ .sql = sql, .args = { sr_db_int(school), sr_db_int(SR_V_IN) } }, &yes, err) < 0)
		return -1;
	*out = yes != 0;
	return 0;
}
