/* The mirror keeps packed values; beside them stands, as columns, what is asked for by SQL. */
#include "io/store_mirror.h"
#include "io/store_db.h"

#include <string.h>

/* A row as the table has it. */
typedef struct flat {
	sr_tgt kind;
	sr_ident ident;
	int64_t school;
	const char *key;
	int64_t sgy_id;
	sr_yearid year;
	sr_origin origin;
	sr_packed data;
	int64_t role_by_us;
	bool gone, restorable, acting;
	int64_t confirmed_ms, read_ms;
} flat;

#define COLS                                                                                                        \
	"kind, a, b, school, key, sgy_id, year, origin, data, role_by_us, gone, restorable, acting, confirmed_ms, " \
	"read_ms"

/* clang-format off */
static const sr_db_shape shape = { sizeof(flat), (const sr_db_col[]){
	SR_COL_ENUM(flat, kind, SR_TGT_COUNT),
	SR_COL(I64, flat, ident.a),
	SR_COL(I64, flat, ident.b),
	SR_COL(I64, flat, school),
	SR_COL(TEXT, flat, key),
	SR_COL(I64, flat, sgy_id),
	SR_COL(INT, flat, year),
	SR_COL_ENUM(flat, origin, SR_OR_COUNT),
	SR_COL(PACKED, flat, data),
	SR_COL(I64, flat, role_by_us),
	SR_COL(BOOL, flat, gone),
	SR_COL(BOOL, flat, restorable),
	SR_COL(BOOL, flat, acting),
	SR_COL(I64, flat, confirmed_ms),
	SR_COL(I64, flat, read_ms),
	SR_COL_END,
} };
/* clang-format on */

static int unflatten(const flat *f, sr_arena *a, sr_mirror_row *out, sr_err *err)
{
	*out = (sr_mirror_row){
		.kind = f->kind,
		.ident = f->ident,
		.school = f->school,
		.key = f->key,
		.confirmed_ms = f->confirmed_ms,
		.read_ms = f->read_ms,
		.object = {
			.origin = f->origin,
			.sgy_id = f->sgy_id,
			.year = f->year,
			.role_by_us = f->role_by_us,
			.is_acting_user = f->acting,
			.gone = f->gone,
			.restorable = f->restorable,
		},
	};
	if (sr_record_unpack(&sr_tgt_kinds[f->kind], f->data.bytes, f->data.len, a, &out->object.values, err) < 0)
		return sr_err_prefix(err, "state database: a confirmed object cannot be read");
	return 0;
}

static int get(sr_txn *t, const sr_db_query *q, sr_arena *a, sr_mirror_row *out, sr_err *err)
{
	flat f;
	sr_mirror_row row;
	int found = sr_db_get(t, q, a, &f, err);

	if (found != 1)
		return found;
	if (unflatten(&f, a, &row, err) < 0)
		return -1;
	*out = row;
	return 1;
}

int sr_store_mirror_get(sr_txn *t, sr_arena *a, sr_tgt kind, sr_ident ident, sr_mirror_row *out, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM mirror WHERE kind = ? AND a = ? AND b = ?";
	const sr_db_query q = { sql, &shape, .args = { sr_db_int(kind), sr_db_int(ident.a), sr_db_int(ident.b) } };

	return get(t, &q, a, out, err);
}

/* The index folds case for every kind; where case counts, the exact key is asked for as well. */
int sr_store_mirror_by_key(sr_txn *t, sr_arena *a, sr_tgt kind, const char *key, sr_mirror_row *out, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM mirror INDEXED BY mirror_key "
				  "WHERE kind = ?1 AND key = trim(?2) COLLATE NOCASE AND (?3 OR key = ?2) LIMIT 1";
	const sr_db_query q = { sql, &shape,
		.args = { sr_db_int(kind), sr_db_text(key), sr_db_int(kind == SR_TGT_USER) } };

	return get(t, &q, a, out, err);
}

static int clear_periods(sr_txn *t, int64_t section, sr_err *err)
{
	static const char sql[] = "DELETE FROM section_period WHERE section = ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(section) } };

	return sr_db_run(t, &q, err);
}

/* Makes section_period from the comma list that the values hold. */
static int put_periods(sr_txn *t, const sr_mirror_row *row, sr_err *err)
{
	static const char sql[] = "INSERT OR IGNORE INTO section_period (section, period, year) VALUES (?, ?, ?)";
	const char *text = sr_record_text(&row->object.values, SR_S_GRADING_PERIODS);
	SR_AUTO_FREE char *copy = sr_strdup(text ? text : "");
	char *rest = NULL;
	int64_t period;

	if (!copy)
		return sr_fail_nomem(err);
	if (clear_periods(t, row->ident.a, err) < 0)
		return -1;
	if (row->object.gone)
		return 0;
	for (char *id = strtok_r(copy, ",", &rest); id; id = strtok_r(NULL, ",", &rest))
		if (sr_parse_i64(sr_trim(id), &period) &&
			sr_db_run(t,
				&(sr_db_query){ .sql = sql,
					.args = { sr_db_int(row->ident.a), sr_db_int(period),
						sr_db_int(row->object.year) } },
				err) < 0)
			return -1;
	return 0;
}

int sr_store_mirror_put(sr_txn *t, const sr_mirror_row *row, sr_err *err)
{
	static const char sql[] =
		"INSERT INTO mirror (" COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT DO UPDATE SET school = excluded.school, key = excluded.key, sgy_id = excluded.sgy_id, "
		"year = excluded.year, origin = excluded.origin, data = excluded.data, "
		"role_by_us = excluded.role_by_us, gone = excluded.gone, restorable = excluded.restorable, "
		"acting = excluded.acting, confirmed_ms = excluded.confirmed_ms, read_ms = excluded.read_ms";
	SR_AUTO(sr_arena) a = { 0 };
	const sr_mirror_object *o = &row->object;
	flat f = {
		.kind = row->kind,
		.ident = row->ident,
		.school = row->school,
		.key = row->key,
		.sgy_id = o->sgy_id,
		.year = o->year,
		.origin = o->origin,
		.role_by_us = o->role_by_us,
		.gone = o->gone,
		.restorable = o->restorable,
		.acting = o->is_acting_user,
		.confirmed_ms = row->confirmed_ms,
		.read_ms = row->read_ms,
	};

	if (o->values.kind != &sr_tgt_kinds[row->kind])
		return sr_fail(err, SR_E_INVALID, "the values of a mirrored %s are those of another kind",
			sr_tgt_name(row->kind));
	if (sr_record_pack(&o->values, &a, &f.data, err) < 0 ||
		sr_db_run(t, &(sr_db_query){ sql, &shape, &f }, err) < 0)
		return -1;
	return row->kind == SR_TGT_SECTION ? put_periods(t, row, err) : 0;
}

int sr_store_mirror_forget(sr_txn *t, sr_tgt kind, sr_ident ident, sr_err *err)
{
	static const char sql[] = "DELETE FROM mirror WHERE kind = ? AND a = ? AND b = ?";
	const sr_db_query q = { .sql = sql, .args = { sr_db_int(kind), sr_db_int(ident.a), sr_db_int(ident.b) } };

	return sr_db_run(t, &q, err);
}

static int unflatten_all(const flat *flats, size_t n, sr_arena *a, sr_mirror_row **rows, size_t *count, sr_err *err)
{
	sr_mirror_row *got = n ? sr_arena_alloc(a, n * sizeof(*got)) : NULL;

	if (n && !got)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (unflatten(&flats[i], a, &got[i], err) < 0)
			return -1;
	*rows = got;
	*count = n;
	return 0;
}

int sr_store_mirror_range(sr_txn *t, sr_arena *a, sr_tgt kind, int64_t school, sr_yearid year, sr_ident after,
	size_t max, sr_mirror_row **rows, size_t *count, sr_err *err)
{
	static const char of_year[] = "SELECT " COLS " FROM mirror WHERE kind = ?1 AND school = ?2 AND year = ?6 "
				      "AND (a, b) > (?3, ?4) ORDER BY a, b LIMIT ?5";
	static const char any_year[] = "SELECT " COLS " FROM mirror WHERE kind = ?1 AND school = ?2 AND ?6 = 0 "
				       "AND (a, b) > (?3, ?4) ORDER BY a, b LIMIT ?5";
	flat *flats;
	size_t n;

	if (sr_db_list(t,
		    &(sr_db_query){ year ? of_year : any_year, &shape,
			    .args = { sr_db_int(kind), sr_db_int(school), sr_db_int(after.a), sr_db_int(after.b),
				    sr_db_int((int64_t)max), sr_db_int(year) } },
		    a, &flats, &n, err) < 0)
		return -1;
	return unflatten_all(flats, n, a, rows, count, err);
}

/* Schoology's status of a membership: 1 is active. */
static bool teaches_now(const sr_mirror_object *o)
{
	return !o->gone && sr_record_int(&o->values, SR_M_ADMIN, 0) == 1 &&
	       sr_record_int(&o->values, SR_M_STATUS, 1) == 1;
}

int sr_store_mirror_other_teachers(sr_txn *t, int64_t section, int64_t person, int64_t *out, sr_err *err)
{
	static const char sql[] = "SELECT " COLS " FROM mirror WHERE kind = ? AND a = ? AND b <> ?";
	SR_AUTO(sr_arena) a = { 0 };
	sr_mirror_row *rows;
	flat *flats;
	size_t n;
	int64_t teachers = 0;

	if (sr_db_list(t,
		    &(sr_db_query){ sql, &shape,
			    .args = { sr_db_int(SR_TGT_MEMBERSHIP), sr_db_int(section), sr_db_int(person) } },
		    &a, &flats, &n, err) < 0)
		return -1;
	if (unflatten_all(flats, n, &a, &rows, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		teachers += teaches_now(&rows[i].object);
	*out = teachers;
	return 0;
}

int sr_store_mirror_count(sr_txn *t, sr_tgt kind, int64_t school, sr_yearid year, int64_t *out, sr_err *err)
{
	static const char sql[] = "SELECT count(*) FROM mirror WHERE kind = ?1 AND school BETWEEN ?2 AND ?3 "
				  "AND (?4 = 0 OR year = ?4) AND NOT gone";
	const sr_db_query q = { .sql = sql,
		.args = { sr_db_int(kind), sr_db_school_low(school), sr_db_school_high(school), sr_db_int(year) } };

	return sr_db_get_int(t, &q, out, err) < 0 ? -1 : 0;
}
