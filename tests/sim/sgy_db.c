/* Statements of the stand-in: constant text, prepared once, values bound. A failing database does
 * not travel through every handler: it sticks to the stand-in, reads as "no row" from then on, and
 * sim_sgy_handle turns the whole call into a rollback and a 500. */
#include <string.h>

#include "sgy_int.h"

static sqlite3_stmt *prepare(sim_sgy *sgy, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	for (size_t i = 0; i < sgy->cached; i++)
		if (sgy->cache[i].sql == sql && !sqlite3_stmt_busy(sgy->cache[i].stmt))
			return sgy->cache[i].stmt;
	if (sgy->cached == SR_COUNT_OF(sgy->cache) ||
		sqlite3_prepare_v3(sgy->world->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK) {
		sgy->failed = true;
		return NULL;
	}
	sgy->cache[sgy->cached].sql = sql;
	sgy->cache[sgy->cached++].stmt = stmt;
	return stmt;
}

void sgy_prepare_cache_done(sim_sgy *sgy)
{
	for (size_t i = 0; i < sgy->cached; i++)
		sqlite3_finalize(sgy->cache[i].stmt);
	sgy->cached = 0;
}

void sgy_bind(sim_sgy *sgy, sqlite3_stmt *stmt, const char *types, va_list ap)
{
	int rc = SQLITE_OK;

	for (int i = 0; types[i] && rc == SQLITE_OK; i++) {
		if (types[i] == 'i')
			rc = sqlite3_bind_int64(stmt, i + 1, va_arg(ap, int64_t));
		else
			rc = sqlite3_bind_text(stmt, i + 1, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
	}
	if (rc != SQLITE_OK)
		sgy->failed = true;
}

static sqlite3_stmt *vquery(sim_sgy *sgy, const char *sql, const char *types, va_list ap)
{
	sqlite3_stmt *stmt = prepare(sgy, sql);

	if (!stmt)
		return NULL;
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	sgy_bind(sgy, stmt, types, ap);
	return stmt;
}

sqlite3_stmt *sgy_query(sim_sgy *sgy, const char *sql, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	sqlite3_stmt *stmt = vquery(sgy, sql, types, ap);
	va_end(ap);
	return stmt;
}

bool sgy_step(sim_sgy *sgy, sqlite3_stmt *stmt)
{
	if (!stmt || sgy->failed)
		return false;
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		sgy->failed = true;
	sqlite3_reset(stmt);
	return false;
}

void sgy_run(sim_sgy *sgy, const char *sql, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	sqlite3_stmt *stmt = vquery(sgy, sql, types, ap);
	va_end(ap);
	while (sgy_step(sgy, stmt))
		;
}

int64_t sgy_int(sim_sgy *sgy, int64_t otherwise, const char *sql, const char *types, ...)
{
	int64_t n = otherwise;
	va_list ap;

	va_start(ap, types);
	sqlite3_stmt *stmt = vquery(sgy, sql, types, ap);
	va_end(ap);
	if (!sgy_step(sgy, stmt))
		return otherwise;
	if (sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		n = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return n;
}

const char *sgy_text(sgy_call *call, const char *sql, const char *types, ...)
{
	const char *text = NULL;
	va_list ap;

	va_start(ap, types);
	sqlite3_stmt *stmt = vquery(call->sgy, sql, types, ap);
	va_end(ap);
	if (!sgy_step(call->sgy, stmt))
		return NULL;
	const char *column = (const char *)sqlite3_column_text(stmt, 0);
	if (column) {
		text = sr_arena_strdup(&call->mem, column);
		call->sgy->failed |= !text;
	}
	sqlite3_reset(stmt);
	return text;
}

/* "901,902" as [901, 902]; nothing as []. */
static json_t *int_list(const char *csv)
{
	json_t *list = json_array();

	while (csv && *csv) {
		char *end;
		json_array_append_new(list, json_integer(strtoll(csv, &end, 10)));
		csv = *end == ',' ? end + 1 : NULL;
	}
	return list;
}

static json_t *column_json(sqlite3_stmt *stmt, int i, char type)
{
	const char *text = type == 'i' || type == 'n' ? NULL : (const char *)sqlite3_column_text(stmt, i);

	if (type == 'i')
		return json_integer(sqlite3_column_int64(stmt, i));
	if (type == 'n')
		return sqlite3_column_type(stmt, i) == SQLITE_NULL ? json_null()
								   : json_integer(sqlite3_column_int64(stmt, i));
	if (type == 'r')
		return text && *text ? json_real(sqlite3_column_double(stmt, i)) : json_string("");
	if (type == 'l')
		return int_list(text);
	return json_string(text ? text : "");
}

json_t *sgy_row(sqlite3_stmt *stmt)
{
	json_t *row = json_object();

	for (int i = 0; i < sqlite3_column_count(stmt); i++) {
		const char *name = sqlite3_column_name(stmt, i), *colon = name ? strrchr(name, ':') : NULL;
		char key[64];

		if (!colon || (size_t)(colon - name) >= sizeof(key))
			continue;
		memcpy(key, name, (size_t)(colon - name));
		key[colon - name] = '\0';
		json_object_set_new(row, key, column_json(stmt, i, colon[1]));
	}
	return row;
}
