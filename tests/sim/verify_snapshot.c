/* A snapshot keeps each row as the JSON array of its columns, made by SQLite from the table's own
 * column list: a column added later is compared too. */
#include "verify.h"

/* clang-format off */
static const struct { const char *kind, *table, *id; } kinds[] = {
	{ "user",       "sgy_user",           "id" },
	{ "course",     "sgy_course",         "id" },
	{ "section",    "sgy_section",        "id" },
	{ "enrollment", "sgy_enrollment",     "id" },
	{ "period",     "sgy_period",         "id" },
	{ "placement",  "sgy_section_period", "section_id || '/' || period_id" },
	{ "building",   "sgy_building",       "id" },
	{ "role",       "sgy_role",           "id" },
};
/* clang-format on */

static const char table_sql[] = "create table if not exists sim_snapshot(name text, kind text, id text, bytes text,"
				" primary key(name, kind, id)) without rowid";

/* "select ?1, 'user', id, json_array(a,b,...) from sgy_user" */
static int select_rows(sqlite3 *db, size_t kind, sr_buf *out, sr_err *err)
{
	SR_AUTO(sim_stmt)
	columns = sim_sql(db, err, "select name from pragma_table_info(?) order by cid", "t", kinds[kind].table);
	const char *comma = "";
	int rc = columns ? 1 : -1;

	sr_buf_printf(out, "select ?1, '%s', cast(%s as text), json_array(", kinds[kind].kind, kinds[kind].id);
	while (rc == 1 && (rc = sim_stmt_step(columns, err)) == 1) {
		sr_buf_printf(out, "%s%s", comma, (const char *)sqlite3_column_text(columns, 0));
		comma = ",";
	}
	sr_buf_printf(out, ") from %s", kinds[kind].table);
	if (out->failed)
		return sr_fail_nomem(err);
	return rc;
}

static int copy_rows(sqlite3 *db, const char *into, const char *name, sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT_OF(kinds); i++) {
		SR_AUTO(sr_buf) sql = { 0 };
		sr_buf_printf(&sql, "insert into %s ", into);
		if (select_rows(db, i, &sql, err) || sim_sql_run(db, err, sr_buf_text(&sql), "t", name))
			return -1;
	}
	return 0;
}

int sim_snapshot_take(sqlite3 *db, const char *name, sr_err *err)
{
	if (sim_sql_script(db, table_sql, err) || sim_sql_begin(db, err))
		return -1;
	int rc = sim_sql_run(db, err, "delete from sim_snapshot where name = ?", "t", name);
	if (rc == 0)
		rc = copy_rows(db, "sim_snapshot(name, kind, id, bytes)", name, err);
	return sim_sql_end(db, rc, err);
}

int sim_snapshot_retake(sqlite3 *db, const char *name, const char *kind, int64_t id, sr_err *err)
{
	if (sim_snapshot_now(db, err))
		return -1;
	return sim_sql_run(db, err,
		"update sim_snapshot set bytes = (select n.bytes from v_now n where n.kind = sim_snapshot.kind"
		" and n.id ="
		" sim_snapshot.id) where name = ?1 and kind = ?2 and id = cast(?3 as text) and exists"
		" (select 1 from v_now n"
		" where n.kind = ?2 and n.id = cast(?3 as text))",
		"tti", name, kind, id);
}

int sim_snapshot_now(sqlite3 *db, sr_err *err)
{
	static const char sql[] = "create temp table if not exists v_now(name text, kind text, id text, bytes"
				  " text,"
				  " primary key(kind, id)) without rowid; delete from v_now;";

	return sim_sql_script(db, sql, err) || copy_rows(db, "v_now(name, kind, id, bytes)", "now", err) ? -1 : 0;
}

bool sim_snapshot_exists(sqlite3 *db, const char *name)
{
	int64_t one;

	return sim_sql_int(db, &one, NULL, "select 1 from sim_snapshot where name = ? limit 1", "t", name) == 1;
}
