/* Data versions: triggers note the last change of each row, and a cursor asks what came after it.
 * They are made when the service opens, so that filling a district costs nothing. */
#include <inttypes.h>
#include <string.h>

#include "ps_call.h"

/* Above the cursor of a client that has seen nothing (0), whatever happened before. */
#define FIRST_VERSION "16000000"

static const struct {
	const char *table, *key;
	bool has_id;     /* an ID besides its DCID */
	bool subscribed; /* by an application that nobody subscribed otherwise */
} watched[] = {
	/* clang-format off */
	{ "schools",          "dcid",         false, false },
	{ "terms",            "dcid",         true,  false },
	{ "students",         "dcid",         true,  true },
	{ "studentcorefields", "studentsdcid", false, false },
	{ "reenrollments",    "dcid",         true,  false },
	{ "users",            "dcid",         false, true },
	{ "userscorefields",  "usersdcid",    false, true },
	{ "schoolstaff",      "dcid",         true,  false },
	{ "courses",          "dcid",         true,  true },
	{ "sections",         "dcid",         true,  false },
	{ "sectionteacher",   "id",           false, false },
	{ "cc",               "dcid",         true,  true },
	/* clang-format on */
};

static int run(sqlite3 *db, const char *sql, sr_err *err)
{
	if (!sql)
		return sr_fail_nomem(err);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sr_fail(err, SR_E_DB, "watching PowerSchool's tables: %s", sqlite3_errmsg(db));
	return 0;
}

static int watch(sqlite3 *db, const char *table, const char *key, const char *action, sr_err *err)
{
	bool gone = !strcmp(action, "delete");
	const char *row = gone ? "old" : "new";
	SR_AUTO_FREE char *sql = sr_asprintf(
		"create trigger if not exists sim_ps_change_%s_%s after %s on %s begin"
		" update sim_ps_version set n = n + 1;"
		" delete from sim_ps_change where tab = '%s' and key = %s.%s;"
		" insert into sim_ps_change values('%s', %s.%s, (select n from sim_ps_version), %d);"
		" end",
		table, action, action, table, table, row, key, table, row, key, gone);

	return run(db, sql, err);
}

int sim_ps_watch_changes(sqlite3 *db, sr_err *err)
{
	static const char *const actions[] = { "insert", "update", "delete" };

	if (run(db,
		    "insert into sim_ps_version select " FIRST_VERSION
		    " where not exists (select 1 from sim_ps_version)",
		    err))
		return -1;
	for (size_t i = 0; i < SR_COUNT_OF(watched); i++) {
		for (size_t a = 0; a < SR_COUNT_OF(actions); a++) {
			if (watch(db, watched[i].table, watched[i].key, actions[a], err))
				return -1;
		}
	}
	return 0;
}

int64_t sim_ps_version(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	int64_t version = -1;

	if (sqlite3_prepare_v2(db, "select n from sim_ps_version", -1, &stmt, NULL) == SQLITE_OK &&
		sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return version;
}

/* ---- subscriptions ---- */

static bool is_watched(const char *table)
{
	for (size_t i = 0; i < SR_COUNT_OF(watched); i++) {
		if (!strcmp(watched[i].table, table))
			return true;
	}
	return false;
}

static int run_with(sqlite3 *db, const char *sql, const char *a, const char *b, sr_err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, a, -1, SQLITE_STATIC);
		if (b)
			sqlite3_bind_text(stmt, 2, b, -1, SQLITE_STATIC);
		rc = sqlite3_step(stmt);
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : sr_fail(err, SR_E_DB, "%s", sqlite3_errmsg(db));
}

int sim_ps_dataversion_subscribe(sim_ps *ps, const char *application, const char *tables, sr_err *err)
{
	sqlite3 *db = ps->world->db;
	SR_AUTO_FREE char *list = tables ? sr_strdup(tables) : NULL;
	char *save = NULL;

	if (tables && !list)
		return sr_fail_nomem(err);
	if (run_with(db, "delete from sim_ps_application where name = ?1", application, NULL, err))
		return -1;
	for (char *t = list ? strtok_r(list, ", ", &save) : NULL; t; t = strtok_r(NULL, ", ", &save)) {
		if (!is_watched(sr_fold(t)))
			return sr_fail(err, SR_E_INVALID, "changes of the table %s are not recorded", t);
		if (run_with(db, "insert or ignore into sim_ps_application values(?1, ?2)", application, t, err))
			return -1;
	}
	return 0;
}

/* Comma list of the application's tables, "" if nobody subscribed it; NULL: the database failed. */
static const char *tables_of(sim_ps_call *c, const char *application)
{
	sqlite3_stmt *stmt = NULL;
	const char *tables = NULL;

	if (sqlite3_prepare_v2(c->ps->world->db, "select group_concat(tab) from sim_ps_application where name = ?1", -1,
		    &stmt, NULL) == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, application, -1, SQLITE_STATIC);
		if (sqlite3_step(stmt) == SQLITE_ROW) {
			tables = (const char *)sqlite3_column_text(stmt, 0);
			tables = sr_arena_strdup(&c->arena, tables ? tables : "");
		}
	}
	sqlite3_finalize(stmt);
	return tables;
}

/* ---- the answer ---- */

/* Everything that is there, for a client that has seen nothing; else what changed since. A key that
 * is gone is listed or not: the contract does not know. */
static char *keys_sql(const sim_ps_call *c, size_t i, int64_t since)
{
	const sim_ps_quirks *q = &c->ps->quirks;
	const char *shown = q->dataversion_ids && watched[i].has_id ? "coalesce(t.id, x.key)" : "x.key";
	const char *gone = q->dataversion_deletes ? "" : " and x.gone = 0";

	if (since == 0)
		return sr_asprintf("select %s from (select %s as key from %s) x join %s t on t.%s = x.key order by 1",
			shown, watched[i].key, watched[i].table, watched[i].table, watched[i].key);
	return sr_asprintf("select %s from sim_ps_change x left join %s t on t.%s = x.key where x.tab = '%s'"
			   " and x.version > ?1%s order by 1",
		shown, watched[i].table, watched[i].key, watched[i].table, gone);
}

static json_t *changed_keys(sim_ps_call *c, size_t i, int64_t since)
{
	SR_AUTO_FREE char *sql = keys_sql(c, i, since);
	sqlite3_stmt *stmt = NULL;
	json_t *keys = json_array();
	int rc = sql && keys ? sqlite3_prepare_v2(c->ps->world->db, sql, -1, &stmt, NULL) : SQLITE_NOMEM;

	if (rc == SQLITE_OK) {
		sqlite3_bind_int64(stmt, 1, since);
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
			json_array_append_new(keys, json_integer(sqlite3_column_int64(stmt, 0)));
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return keys;
	json_decref(keys);
	return NULL;
}

/* Lists are lists here, however short; a table without a change is left out. */
static json_t *changes(sim_ps_call *c, const char *tables, int64_t since)
{
	json_t *all = json_object();

	for (size_t i = 0; all && i < SR_COUNT_OF(watched); i++) {
		json_t *keys;

		if (*tables ? !sim_ps_in_list(tables, watched[i].table) : !watched[i].subscribed)
			continue;
		keys = changed_keys(c, i, since);
		if (!keys || (json_array_size(keys) && json_object_set(all, watched[i].table, keys))) {
			json_decref(all);
			all = NULL;
		}
		json_decref(keys);
	}
	return all;
}

void sim_ps_dataversion(sim_ps_call *c)
{
	int64_t since = -1, version = sim_ps_version(c->ps->world->db);
	const char *tables = tables_of(c, c->captures[0]);
	const char *text = sr_arena_printf(&c->arena, "%" PRId64, version);
	json_t *all;

	if (version < 0 || !tables || !text) {
		sim_ps_internal(c);
		return;
	}
	if (!sr_parse_i64(c->captures[1], &since) || since < 0) {
		sim_ps_refuse(c, 400, "The data version must be a number of 0 or more");
		return;
	}
	if (!*tables && c->ps->quirks.dataversion_needs_subscription) {
		sim_ps_refuse(c, 404, "No data version subscription for this application");
		return;
	}
	all = changes(c, tables, since);
	sim_ps_answer(c, 200,
		all ? json_pack("{s:o, s:o}", "$dataversion",
			      c->ps->quirks.dataversion_number ? json_integer(version) : json_string(text), "tables",
			      all)
		    : NULL);
}
