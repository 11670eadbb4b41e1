/* Loading a plugin folder. A query is compiled once, at install: SQLite tells through its
 * authorizer which columns the SQL touches, so that a right that was forgotten for a join or a
 * filter shows in the sandbox and not at the first district. */
#include "ps_plugin.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define FILE_MAX_BYTES (4u << 20)

const sim_ps_query *sim_ps_plugin_query(const sim_ps_plugin *plugin, const char *name)
{
	for (const sim_ps_query *q = plugin->queries; q; q = q->next) {
		if (!strcmp(q->name, name))
			return q;
	}
	return NULL;
}

static bool same_field(const sim_ps_field *a, const sim_ps_field *b)
{
	return !strcmp(a->table, b->table) && !strcmp(a->field, b->field);
}

bool sim_ps_plugin_grants(const sim_ps_plugin *plugin, const sim_ps_field *field)
{
	for (const sim_ps_grant *g = plugin->grants; g; g = g->next) {
		if (same_field(&g->what, field))
			return true;
	}
	return false;
}

void sim_ps_plugin_free(sim_ps_plugin *plugin)
{
	if (!plugin)
		return;
	for (sim_ps_query *q = plugin->queries; q; q = q->next)
		sqlite3_finalize(q->stmt);
	sr_arena_done(&plugin->arena);
	free(plugin);
}

/* ---- compiling ---- */

typedef struct compile {
	sim_ps_plugin *plugin;
	sim_ps_query *query;
	bool too_many;
} compile;

static const char *upper(sr_arena *arena, const char *s)
{
	char *copy = sr_arena_strdup(arena, s);

	for (char *p = copy; p && *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return copy;
}

static int note_read(compile *c, const char *table, const char *column)
{
	sim_ps_query *q = c->query;
	sim_ps_field field = { upper(&c->plugin->arena, table), upper(&c->plugin->arena, column) };

	if (!field.table || !field.field)
		return SQLITE_DENY;
	for (size_t i = 0; i < q->read_count; i++) {
		if (same_field(&q->reads[i], &field))
			return SQLITE_OK;
	}
	if (q->read_count == SIM_PS_READS_MAX) {
		c->too_many = true;
		return SQLITE_DENY;
	}
	q->reads[q->read_count++] = field;
	return SQLITE_OK;
}

/* Lets the SQL read PowerSchool's tables, and nothing else happen. */
static int authorize(void *arg, int action, const char *a, const char *b, const char *database, const char *trigger)
{
	(void)database;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_FUNCTION:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_READ:
		if (sr_strcaseeq(trigger, "teachers")) /* inside the view: what it shows is what counts */
			return SQLITE_OK;
		if (sr_starts(a, "sgy_") || sr_starts(a, "sim_") || sr_starts(a, "sqlite_"))
			return SQLITE_DENY;
		return b && *b ? note_read(arg, a, b) : SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

static int prepare(sqlite3 *db, sim_ps_plugin *plugin, sim_ps_query *q, sr_err *err)
{
	compile c = { plugin, q, false };
	const char *rest = NULL;
	int rc;

	sqlite3_set_authorizer(db, authorize, &c);
	rc = sqlite3_prepare_v3(db, q->sql, -1, SQLITE_PREPARE_PERSISTENT, &q->stmt, &rest);
	sqlite3_set_authorizer(db, NULL, NULL);
	if (c.too_many)
		return sr_fail(err, SR_E_LIMIT, "%s: touches more than %d columns", q->name, SIM_PS_READS_MAX);
	if (rc != SQLITE_OK)
		return sr_fail(err, SR_E_INVALID, "%s: %s", q->name, sqlite3_errmsg(db));
	if (!q->stmt || (rest && *rest))
		return sr_fail(err, SR_E_INVALID, "%s: is not one select", q->name);
	return 0;
}

/* 1: `numeric` is set; 0: no such column; -1: the database failed. */
static int column_exists(sqlite3 *db, const sim_ps_field *f, bool *numeric, sr_err *err)
{
	static const char sql[] = "select type from pragma_table_info(lower(?1)) where name = lower(?2)";
	sqlite3_stmt *stmt = NULL;
	int found = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return sr_fail(err, SR_E_DB, "%s", sqlite3_errmsg(db));
	sqlite3_bind_text(stmt, 1, f->table, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, f->field, -1, SQLITE_STATIC);
	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		*numeric = !strcasestr((const char *)sqlite3_column_text(stmt, 0), "text");
		found = 1;
		break;
	case SQLITE_DONE:
		found = 0;
		break;
	default:
		sr_fail(err, SR_E_DB, "%s", sqlite3_errmsg(db));
	}
	sqlite3_finalize(stmt);
	return found;
}

static int check_arguments(sqlite3 *db, sim_ps_query *q, sr_err *err)
{
	for (size_t i = 0; i < q->arg_count; i++) {
		int found = q->args[i].column.table ? column_exists(db, &q->args[i].column, &q->args[i].numeric, err)
						    : 1;

		if (found < 0)
			return -1;
		if (!found)
			return sr_fail(err, SR_E_INVALID, "%s: argument %s names no column", q->name, q->args[i].name);
	}
	for (int p = 1; p <= sqlite3_bind_parameter_count(q->stmt); p++) {
		const char *name = sqlite3_bind_parameter_name(q->stmt, p);
		bool declared = false;

		for (size_t i = 0; i < q->arg_count; i++)
			declared |= name && *name == ':' && !strcmp(q->args[i].name, name + 1);
		if (!declared)
			return sr_fail(err, SR_E_INVALID, "%s: %s is no declared argument", q->name, name ? name : "?");
	}
	return 0;
}

static int check_columns(sqlite3 *db, sim_ps_query *q, sr_err *err)
{
	int count = sqlite3_column_count(q->stmt);

	if (count != (int)q->column_count)
		return sr_fail(
			err, SR_E_INVALID, "%s: %zu columns, but the select has %d", q->name, q->column_count, count);
	for (int i = 0; i < count; i++) {
		const sim_ps_field *source = &q->columns[i].source;
		int found = column_exists(db, source, &q->columns[i].numeric, err);

		if (found < 0)
			return -1;
		if (!found)
			return sr_fail(err, SR_E_INVALID, "%s: there is no column %s.%s", q->name, source->table,
				source->field);
		for (int j = 0; j < i; j++) {
			if (sr_strcaseeq(sqlite3_column_name(q->stmt, i), sqlite3_column_name(q->stmt, j)))
				return sr_fail(err, SR_E_INVALID, "%s: two select items are named %s", q->name,
					sqlite3_column_name(q->stmt, i));
		}
	}
	return 0;
}

/* The row's own id is the core table's DCID, or ID where there is none. */
static int find_id_column(const sim_ps_query *q)
{
	static const char *const names[] = { "dcid", "id" };

	for (size_t n = 0; n < SR_COUNT_OF(names); n++) {
		for (size_t i = 0; i < q->column_count; i++) {
			if (!strcmp(q->columns[i].name, names[n]) && sr_streq(q->columns[i].table, q->core))
				return (int)i;
		}
	}
	return -1;
}

static int compile_queries(sqlite3 *db, sim_ps_plugin *plugin, sr_err *err)
{
	for (sim_ps_query *q = plugin->queries; q; q = q->next) {
		if (prepare(db, plugin, q, err) || check_arguments(db, q, err) || check_columns(db, q, err))
			return -1;
		if (!q->core)
			q->core = q->columns[0].table;
		q->id_column = find_id_column(q);
	}
	return 0;
}

/* ---- files ---- */

static int read_file(const char *path, sr_buf *out, sr_err *err)
{
	FILE *f = fopen(path, "rbe");
	char chunk[8192];
	size_t n;

	if (!f)
		return sr_fail(err, SR_E_IO, "%s: %s", path, strerror(errno));
	out->max_bytes = FILE_MAX_BYTES;
	while ((n = fread(chunk, 1, sizeof(chunk), f)))
		sr_buf_add(out, chunk, n);
	n = ferror(f) || out->failed;
	fclose(f);
	return n ? sr_fail(err, SR_E_IO, "%s: unreadable or too large", path) : 0;
}

typedef int (*read_xml_fn)(sim_ps_plugin *plugin, const char *file, const char *text, size_t len, sr_err *err);

static int load_file(sim_ps_plugin *plugin, const char *folder, const char *name, read_xml_fn fn, sr_err *err)
{
	SR_AUTO_FREE char *path = sr_asprintf("%s/%s", folder, name);
	SR_AUTO(sr_buf) text = { 0 };

	if (!path)
		return sr_fail_nomem(err);
	if (read_file(path, &text, err))
		return -1;
	return fn(plugin, name, sr_buf_text(&text), text.len, err);
}

static int is_query_file(const struct dirent *entry)
{
	return sr_ends(entry->d_name, ".named_queries.xml");
}

static int load_queries(sim_ps_plugin *plugin, const char *folder, sr_err *err)
{
	SR_AUTO_FREE char *root = sr_asprintf("%s/queries_root", folder);
	struct dirent **files = NULL;
	int n, rc = 0;

	if (!root)
		return sr_fail_nomem(err);
	n = scandir(root, &files, is_query_file, alphasort);
	if (n < 0 && errno != ENOENT)
		return sr_fail(err, SR_E_IO, "%s: %s", root, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (!rc)
			rc = load_file(plugin, root, files[i]->d_name, sim_ps_read_queries_xml, err);
		free(files[i]);
	}
	free(files);
	return rc;
}

sim_ps_plugin *sim_ps_plugin_load(sqlite3 *db, const char *folder, sr_err *err)
{
	sim_ps_plugin *plugin = calloc(1, sizeof(*plugin));

	if (!plugin) {
		sr_fail_nomem(err);
		return NULL;
	}
	if (load_file(plugin, folder, "plugin.xml", sim_ps_read_plugin_xml, err) || load_queries(plugin, folder, err) ||
		compile_queries(db, plugin, err)) {
		sim_ps_plugin_free(plugin);
		return NULL;
	}
	return plugin;
}
