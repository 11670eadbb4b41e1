/* Millions of rows go in several times as fast without the indexes of their table, and without
 * triggers: nobody follows the changes of a district that is just being made. What is taken away
 * is kept as its own SQL in a temporary table until it comes back. */
#include <string.h>

#include "district_int.h"

int gen_bulk_prepare(sqlite3 *db, sr_err *err)
{
	const char *file = sqlite3_db_filename(db, "main");

	/* Sorting an index of a world that lives in a file must not happen in memory either. Within
	 * a transaction the pragma cannot be set, and then it stays as it is. */
	if (file && *file && sqlite3_get_autocommit(db) && sim_sql_script(db, "pragma temp_store = file", err))
		return -1;
	return 0;
}

/* Runs the statements that `sql` finds, together: the schema cannot change while a query is open. */
static int run_found(sqlite3 *db, const char *sql, const char *type, sr_err *err)
{
	SR_AUTO(sr_buf) script = { 0 };
	sim_stmt q = sim_sql(db, err, sql, "t", type);
	int rc = q ? 1 : -1;

	while (rc == 1 && (rc = sim_stmt_step(q, err)) == 1)
		sr_buf_printf(&script, "%s;\n", (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	if (rc == 0 && script.failed)
		return sr_fail_nomem(err);
	return rc ? -1 : sim_sql_script(db, sr_buf_text(&script), err);
}

int gen_bulk_begin(sqlite3 *db, sr_err *err)
{
	static const char sql[] =
		"drop table if exists temp.gen_bulk;"
		"create temp table gen_bulk as select type, name, sql from main.sqlite_schema where sql is not null"
		" and (type = 'trigger' or (type = 'index' and tbl_name = 'cc'));";

	if (sim_sql_script(db, sql, err))
		return -1;
	return run_found(db, "select 'drop ' || type || ' ' || name from temp.gen_bulk where ? is null", NULL, err);
}

static const char again[] = "select sql from temp.gen_bulk where type = ?";

int gen_bulk_indexes(sqlite3 *db, sr_err *err)
{
	return run_found(db, again, "index", err);
}

int gen_bulk_end(sqlite3 *db, sr_err *err)
{
	return run_found(db, again, "trigger", err);
}
