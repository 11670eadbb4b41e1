/* Writes the rows of a PowerQuery in the shape PowerSchool gives them. They go straight into the
 * body: a page may hold a whole district. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ps_query.h"

/* How the values of a column are written; from the type it was declared with. */
typedef enum render { RENDER_PLAIN, RENDER_DATE, RENDER_NUMBER } render;

typedef struct writer {
	const sim_ps_run *run;
	const sim_ps_query *query;
	const sim_ps_quirks *quirks;
	sqlite3_stmt *stmt;
	render renders[SIM_PS_COLUMNS_MAX];
	sr_buf *out;
} writer;

static void put_string(sr_buf *out, const char *s)
{
	sr_buf_putc(out, '"');
	while (*s) {
		size_t plain = 0;

		while ((unsigned char)s[plain] >= 0x20 && s[plain] != '"' && s[plain] != '\\')
			plain++;
		sr_buf_add(out, s, plain);
		s += plain;
		if ((unsigned char)*s >= 0x20)
			sr_buf_printf(out, "\\%c", *s++);
		else if (*s)
			sr_buf_printf(out, "\\u%04x", (unsigned char)*s++);
	}
	sr_buf_putc(out, '"');
}

/* The raw rendering of a DATE by a PowerQuery is not known: three candidates. */
static void put_date(const writer *w, const char *iso)
{
	int year, month, day;

	if (w->quirks->timestamp_dates)
		sr_buf_printf(w->out, "\"%s 00:00:00.0\"", iso);
	else if (w->quirks->us_dates && sscanf(iso, "%d-%d-%d", &year, &month, &day) == 3)
		sr_buf_printf(w->out, "\"%d/%d/%d\"", month, day, year);
	else
		put_string(w->out, iso);
}

static void put_integer(const writer *w, int64_t n, render how)
{
	const char *quote = w->quirks->bare_numbers ? "" : "\"";
	const char *fraction = how == RENDER_NUMBER && w->quirks->fraction_numbers ? ".0" : "";

	sr_buf_printf(w->out, "%s%" PRId64 "%s%s", quote, n, fraction, quote);
}

static void put_value(const writer *w, int column)
{
	const char *text;

	switch (sqlite3_column_type(w->stmt, column)) {
	case SQLITE_NULL:
		sr_buf_puts(w->out, "null");
		return;
	case SQLITE_INTEGER:
		put_integer(w, sqlite3_column_int64(w->stmt, column), w->renders[column]);
		return;
	default:
		text = (const char *)sqlite3_column_text(w->stmt, column);
		if (w->renders[column] == RENDER_DATE)
			put_date(w, text);
		else
			put_string(w->out, text);
	}
}

static void put_member(const writer *w, int column, bool *first)
{
	sr_buf_puts(w->out, *first ? "" : ",");
	*first = false;
	put_string(w->out, w->query->columns[column].name);
	sr_buf_putc(w->out, ':');
	put_value(w, column);
}

static bool is_shown(const writer *w, int column, bool nulls)
{
	return w->run->shown[column] && (nulls || sqlite3_column_type(w->stmt, column) != SQLITE_NULL);
}

/* {"_name":"students","_id":569,"dcid":"569",...}; NULL columns are left out. */
static void put_flat_row(const writer *w, int64_t id)
{
	bool first = false;

	sr_buf_printf(w->out, "{\"_name\":\"%s\",\"_id\":%" PRId64, w->query->core, id);
	for (int i = 0; i < (int)w->query->column_count; i++) {
		if (is_shown(w, i, w->quirks->null_members))
			put_member(w, i, &first);
	}
	sr_buf_putc(w->out, '}');
}

static void put_table(const writer *w, const char *table)
{
	bool first = true;

	put_string(w->out, table);
	sr_buf_puts(w->out, ":{");
	for (int i = 0; i < (int)w->query->column_count; i++) {
		if (!strcmp(w->query->columns[i].table, table) && is_shown(w, i, !w->quirks->nested_nulls_omitted))
			put_member(w, i, &first);
	}
	sr_buf_putc(w->out, '}');
}

/* {"id":569,"name":"Students","tables":{"students":{...},"cc":{...}}}; NULL columns are null. */
static void put_nested_row(const writer *w, int64_t id)
{
	const sim_ps_query *q = w->query;
	const char *comma = "";

	sr_buf_printf(w->out, "{\"id\":%" PRId64 ",\"name\":\"%c%s\",\"tables\":{", id,
		toupper((unsigned char)q->core[0]), q->core + 1);
	for (size_t i = 0; i < q->column_count; i++) {
		size_t j = 0;

		while (!w->run->shown[j] || strcmp(q->columns[j].table, q->columns[i].table) != 0) {
			if (++j == q->column_count)
				break;
		}
		if (j != i) /* the table's first column that is shown speaks for it */
			continue;
		sr_buf_puts(w->out, comma);
		comma = ",";
		put_table(w, q->columns[i].table);
	}
	sr_buf_puts(w->out, "}}");
}

static void choose_renders(writer *w)
{
	for (int i = 0; i < (int)w->query->column_count; i++) {
		const char *type = sqlite3_column_decltype(w->stmt, i);

		w->renders[i] = RENDER_PLAIN;
		if (type && sr_starts(type, "date"))
			w->renders[i] = RENDER_DATE;
		else if (sr_strcaseeq(type, "number"))
			w->renders[i] = RENDER_NUMBER;
	}
}

static void put_row(writer *w, int64_t row)
{
	int id_column = w->query->id_column;
	int64_t id = id_column < 0 ? row : sqlite3_column_int64(w->stmt, id_column);

	if (w->query->flattened)
		put_flat_row(w, id);
	else
		put_nested_row(w, id);
}

int64_t sim_ps_run_write(const sim_ps_run *run, sqlite3_stmt *stmt, int64_t skip, int64_t limit, sr_buf *out)
{
	writer w = { .run = run, .query = run->query, .quirks = &run->c->ps->quirks, .stmt = stmt, .out = out };
	int64_t row = 0, last = limit ? skip + limit : INT64_MAX;
	int rc = SQLITE_DONE;

	choose_renders(&w);
	while (row < last && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (row++ < skip)
			continue;
		if (row > skip + 1)
			sr_buf_putc(out, ',');
		put_row(&w, row);
	}
	if (out->failed || (row < last && rc != SQLITE_DONE))
		return -1;
	return row > skip ? row - skip : 0;
}
