/* Everything both services hold, a file a table: what an auditor, a spreadsheet or another program
 * can read without asking the sandbox. Secrets of the sandbox are its own and are exported too. */
#include <errno.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "admin_int.h"

typedef struct export_options {
	const char *json, *csv; /* folders */
} export_options;

typedef struct format {
	const char *extension;
	void (*head)(FILE *f, sqlite3_stmt *q);
	void (*row)(FILE *f, sqlite3_stmt *q, int64_t n);
	void (*tail)(FILE *f);
} format;

static void csv_text(FILE *f, const char *s)
{
	bool quoted = strpbrk(s, ",\"\r\n") != NULL;

	if (quoted)
		putc('"', f);
	for (; *s; s++) {
		if (*s == '"')
			putc('"', f);
		putc(*s, f);
	}
	if (quoted)
		putc('"', f);
}

static void csv_head(FILE *f, sqlite3_stmt *q)
{
	for (int i = 0; i < sqlite3_column_count(q); i++) {
		fputs(i ? "," : "", f);
		csv_text(f, sqlite3_column_name(q, i));
	}
	fputs("\r\n", f);
}

static void csv_row(FILE *f, sqlite3_stmt *q, int64_t n)
{
	(void)n;
	for (int i = 0; i < sqlite3_column_count(q); i++) {
		const char *text = (const char *)sqlite3_column_text(q, i);
		fputs(i ? "," : "", f);
		csv_text(f, text ? text : "");
	}
	fputs("\r\n", f);
}

static void csv_tail(FILE *f)
{
	(void)f;
}

static json_t *value_json(sqlite3_stmt *q, int i)
{
	switch (sqlite3_column_type(q, i)) {
	case SQLITE_NULL:
		return json_null();
	case SQLITE_INTEGER:
		return json_integer(sqlite3_column_int64(q, i));
	case SQLITE_FLOAT:
		return json_real(sqlite3_column_double(q, i));
	default:
		return json_string((const char *)sqlite3_column_text(q, i));
	}
}

static void json_head(FILE *f, sqlite3_stmt *q)
{
	(void)q;
	putc('[', f);
}

static void json_row(FILE *f, sqlite3_stmt *q, int64_t n)
{
	json_t *row = json_object();

	for (int i = 0; i < sqlite3_column_count(q); i++)
		json_object_set_new(row, sqlite3_column_name(q, i), value_json(q, i));
	fputs(n ? ",\n" : "\n", f);
	json_dumpf(row, f, JSON_COMPACT);
	json_decref(row);
}

static void json_tail(FILE *f)
{
	fputs("\n]\n", f);
}

static const format formats[] = {
	{ "json", json_head, json_row, json_tail },
	{ "csv", csv_head, csv_row, csv_tail },
};

static int write_table(sqlite3 *db, const char *table, FILE *f, const format *as, int64_t *rows, sr_err *err)
{
	/* The name is the schema's own. */
	SR_AUTO_FREE char *sql = sr_asprintf("select * from main.\"%s\"", table);
	SR_AUTO(sim_stmt) q = sql ? sim_sql(db, err, sql, "") : NULL;
	int rc = q ? 1 : -1;

	*rows = 0;
	if (rc == 1)
		as->head(f, q);
	while (rc == 1 && (rc = sim_stmt_step(q, err)) == 1)
		as->row(f, q, (*rows)++);
	as->tail(f);
	return rc;
}

static int export_table(sqlite3 *db, const char *table, const char *folder, const format *as, sr_buf *out, sr_err *err)
{
	SR_AUTO_FREE char *path = sr_asprintf("%s/%s.%s", folder, table, as->extension);
	int64_t rows = 0;
	FILE *f = path ? fopen(path, "we") : NULL;

	if (!f)
		return sr_fail(err, SR_E_IO, "export: %s: %s", path ? path : table, strerror(errno));
	int rc = write_table(db, table, f, as, &rows, err);
	if (fclose(f) && rc == 0)
		rc = sr_fail(err, SR_E_IO, "export: %s: %s", path, strerror(errno));
	if (rc == 0)
		sr_buf_printf(out, "%-28s %lld\n", table, (long long)rows);
	return rc;
}

static int export_all(sqlite3 *db, const char *folder, const format *as, sr_buf *out, sr_err *err)
{
	SR_AUTO(sim_stmt)
	q = sim_sql(db, err,
		"select name from main.sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name",
		"");
	int rc = q ? 1 : -1;

	if (mkdir(folder, 0700) && errno != EEXIST)
		return sr_fail(err, SR_E_IO, "export: %s: %s", folder, strerror(errno));
	while (rc == 1 && (rc = sim_stmt_step(q, err)) == 1)
		if (export_table(db, (const char *)sqlite3_column_text(q, 0), folder, as, out, err))
			return -1;
	return rc;
}

int admin_export(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	static const admin_option table[] = { { "--json", 't', offsetof(export_options, json) },
		{ "--csv", 't', offsetof(export_options, csv) } };
	export_options o = { 0 };

	if (admin_parse(argc, argv, table, SR_COUNT_OF(table), &o, NULL, NULL, 0, err))
		return 2;
	if (!o.json && !o.csv)
		return sr_fail(err, SR_E_INVALID, "export [--json FOLDER] [--csv FOLDER]"), 2;
	const char *const folders[] = { o.json, o.csv };
	for (size_t i = 0; i < SR_COUNT_OF(formats); i++)
		if (folders[i] && export_all(a->world->db, folders[i], &formats[i], out, err))
			return 1;
	return 0;
}
