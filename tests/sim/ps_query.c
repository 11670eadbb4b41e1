/* PowerQueries: checks the call as PowerSchool does, binds the arguments as text as PowerSchool
 * does, and writes the rows in the shape its XML-to-JSON bridge gives them. Rows go straight into
 * the body: a page may hold a whole district. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ps_call.h"

/* How the values of a column are written; from the type it was declared with. */
typedef enum render { RENDER_PLAIN, RENDER_DATE, RENDER_NUMBER } render;

typedef struct writer {
	const sim_ps_query *query;
	const sim_ps_quirks *quirks;
	sqlite3_stmt *stmt;
	render renders[SIM_PS_COLUMNS_MAX];
	sr_buf *out;
} writer;

/* ---- writing ---- */

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

/* {"_name":"students","_id":569,"dcid":"569",...}; NULL columns are left out. */
static void put_flat_row(const writer *w, int64_t id)
{
	bool first = false;

	sr_buf_printf(w->out, "{\"_name\":\"%s\",\"_id\":%" PRId64, w->query->core, id);
	for (int i = 0; i < (int)w->query->column_count; i++) {
		if (w->quirks->null_members || sqlite3_column_type(w->stmt, i) != SQLITE_NULL)
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
		if (!strcmp(w->query->columns[i].table, table))
			put_member(w, i, &first);
	}
	sr_buf_putc(w->out, '}');
}

/* {"id":569,"name":"Students","tables":{"students":{...},"cc":{...}}}; NULL columns are null. */
static void put_nested_row(const writer *w, int64_t id)
{
	const sim_ps_query *q = w->query;

	sr_buf_printf(w->out, "{\"id\":%" PRId64 ",\"name\":\"%c%s\",\"tables\":{", id,
		toupper((unsigned char)q->core[0]), q->core + 1);
	for (size_t i = 0; i < q->column_count; i++) {
		size_t j = 0;

		while (strcmp(q->columns[j].table, q->columns[i].table) != 0)
			j++;
		if (j < i)
			continue;
		sr_buf_puts(w->out, i ? "," : "");
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

/* Steps over `skip` rows, writes at most `limit` (0: all) into `out`, separated by commas.
 * The number written, or -1. */
static int64_t put_rows(writer *w, int64_t skip, int64_t limit)
{
	int64_t row = 0, last = limit ? skip + limit : INT64_MAX;
	int rc = SQLITE_DONE, id_column = w->query->id_column;

	while (row < last && (rc = sqlite3_step(w->stmt)) == SQLITE_ROW) {
		int64_t id = id_column < 0 ? row + 1 : sqlite3_column_int64(w->stmt, id_column);

		if (row++ < skip)
			continue;
		if (row > skip + 1)
			sr_buf_putc(w->out, ',');
		if (w->query->flattened)
			put_flat_row(w, id);
		else
			put_nested_row(w, id);
	}
	if (row < last && rc != SQLITE_DONE)
		return -1;
	return row > skip ? row - skip : 0;
}

/* ---- the call ---- */

/* NULL: answered. Not installed, not enabled and unknown look the same from outside. */
static const sim_ps_query *find_query(sim_ps_call *c)
{
	const sim_ps_plugin *plugin = c->ps->plugin;
	const sim_ps_query *q = NULL;

	if (plugin && sim_ps_setting(c, "plugin_installed", NULL) &&
		!strcmp(sim_ps_setting(c, "plugin_enabled", "1"), "1"))
		q = sim_ps_plugin_query(plugin, c->capture);
	if (!q)
		sim_ps_refuse(c, 404, "Query not found");
	return q;
}

static bool in_comma_list(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		size_t part = strcspn(list, ",");

		if (part == len && !strncasecmp(list, word, len))
			return true;
		list += part + (list[part] == ',');
	}
	return false;
}

static bool granted(sim_ps_call *c, const sim_ps_field *f, const char *revoked)
{
	char name[80];

	snprintf(name, sizeof(name), "%s.%s", f->table, f->field);
	return sim_ps_plugin_grants(c->ps->plugin, f) && !in_comma_list(revoked, name);
}

static void refuse_access(sim_ps_call *c, const sim_ps_field *f)
{
	sim_ps_answer(c, 403,
		json_pack("{s:s, s:[{s:s, s:s, s:s}]}", "message", "At least one column lacks sufficient permission",
			"errors", "code", "NoAccess", "field", f->field, "resource", f->table));
}

/* One forbidden column forbids the query. False: answered with a 403. */
static bool may_read(sim_ps_call *c, const sim_ps_query *q)
{
	const char *revoked = sim_ps_setting(c, "revoked_fields", "");

	for (size_t i = 0; i < q->column_count; i++) {
		if (!granted(c, &q->columns[i].source, revoked)) {
			refuse_access(c, &q->columns[i].source);
			return false;
		}
	}
	for (size_t i = 0; i < q->read_count && !c->ps->quirks.joins_need_no_grant; i++) {
		if (!granted(c, &q->reads[i], revoked)) {
			refuse_access(c, &q->reads[i]);
			return false;
		}
	}
	return true;
}

static void refuse_argument(sim_ps_call *c, const char *name, const char *code)
{
	sim_ps_answer(c, 400,
		json_pack("{s:s, s:[{s:s, s:s, s:s}]}", "message", "Validation Failed", "errors", "resource",
			c->capture, "field", name, "code", code));
}

static const sim_ps_arg *find_arg(const sim_ps_query *q, const char *name)
{
	for (size_t i = 0; i < q->arg_count; i++) {
		if (!strcmp(q->args[i].name, name))
			return &q->args[i];
	}
	return NULL;
}

/* Text of a JSON value, in the arena; NULL for null and for what is no plain value. */
static const char *value_text(sim_ps_call *c, const json_t *value)
{
	if (json_is_string(value))
		return sr_arena_strdup(&c->arena, json_string_value(value));
	if (json_is_integer(value))
		return sr_arena_printf(&c->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return NULL;
}

static bool is_number(const char *s)
{
	int64_t n;

	return sr_parse_i64(s, &n);
}

/* A call that passed all checks: the query and a text, or NULL, for each of its arguments. */
typedef struct prepared {
	const sim_ps_query *query;
	const char *values[SIM_PS_ARGS_MAX];
} prepared;

/* Oracle takes the empty text for NULL, and refuses what is no number where it meets one.
 * False: answered with a 400. */
static bool take_arguments(sim_ps_call *c, prepared *p, const json_t *body)
{
	for (size_t i = 0; i < p->query->arg_count; i++) {
		const sim_ps_arg *arg = &p->query->args[i];
		const char *value = value_text(c, json_object_get(body, arg->name));

		value = value ? value : arg->otherwise;
		if (!value && arg->required) {
			refuse_argument(c, arg->name, "missing");
			return false;
		}
		if (value && *value && arg->numeric && !is_number(value)) {
			refuse_argument(c, arg->name, "invalid");
			return false;
		}
		p->values[i] = value && *value ? value : NULL;
	}
	return true;
}

/* Every value goes in as text: the SQL itself must say where it wants a number. */
static void bind_arguments(sim_ps_call *c, sqlite3_stmt *stmt, const prepared *p)
{
	sqlite3_clear_bindings(stmt);
	for (size_t i = 0; i < p->query->arg_count; i++) {
		const char *name = sr_arena_printf(&c->arena, ":%s", p->query->args[i].name);
		int index = name ? sqlite3_bind_parameter_index(stmt, name) : 0;

		if (index && p->values[i])
			sqlite3_bind_text(stmt, index, p->values[i], -1, SQLITE_TRANSIENT);
	}
}

/* The arguments of the body. NULL: answered. */
static json_t *read_body(sim_ps_call *c, const sim_ps_query *q)
{
	const char *type = sim_ps_header(c, "Content-Type"), *text = c->request->body;
	size_t len = text ? c->request->body_bytes : 0;
	json_t *body;
	const char *name;
	json_t *value;

	if (!type || strncasecmp(type, "application/json", strlen("application/json")) != 0) {
		sim_ps_refuse(c, 415, "Unsupported media type");
		return NULL;
	}
	body = len ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : json_object();
	if (!json_is_object(body)) {
		json_decref(body);
		sim_ps_refuse(c, 400, "The request body is not a JSON object");
		return NULL;
	}
	json_object_foreach(body, name, value) {
		bool declared = find_arg(q, name) != NULL;

		if (declared && (json_is_string(value) || json_is_integer(value) || json_is_null(value)))
			continue;
		refuse_argument(c, name, declared ? "invalid" : "unknown");
		json_decref(body);
		return NULL;
	}
	return body;
}

/* Finds the query, checks rights and arguments. -1: answered. */
static int prepare_call(sim_ps_call *c, prepared *p)
{
	json_t *body;
	bool taken;

	*p = (prepared){ .query = find_query(c) };
	if (!p->query || !may_read(c, p->query))
		return -1;
	body = read_body(c, p->query);
	if (!body)
		return -1;
	taken = take_arguments(c, p, body);
	json_decref(body);
	return taken ? 0 : -1;
}

/* All rows of the query, whatever the page. -1: the database failed. */
static int64_t count_rows(sim_ps_call *c, const prepared *p)
{
	SR_AUTO_FREE char *sql = sr_asprintf("select count(*) from (%s)", p->query->sql);
	sqlite3_stmt *stmt = NULL;
	int64_t count = -1;

	if (!sql || sqlite3_prepare_v2(c->ps->world->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return -1;
	bind_arguments(c, stmt, p);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		count = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return count;
}

void sim_ps_query_count(sim_ps_call *c)
{
	prepared p;
	int64_t count;

	if (prepare_call(c, &p))
		return;
	count = count_rows(c, &p);
	if (count < 0)
		sim_ps_internal(c);
	else
		sim_ps_answer(c, 200, json_pack("{s:I}", "count", (json_int_t)count));
}

/* Runs the statement that was compiled at install. Rows written into `out`, or -1. */
static int64_t run(sim_ps_call *c, const prepared *p, int64_t skip, int64_t limit, sr_buf *out)
{
	writer w = { .query = p->query, .quirks = &c->ps->quirks, .stmt = p->query->stmt, .out = out };
	int64_t rows;

	bind_arguments(c, w.stmt, p);
	choose_renders(&w);
	rows = put_rows(&w, skip, limit);
	sqlite3_reset(w.stmt);
	return out->failed ? -1 : rows;
}

/* No row leaves `record` out, one is an object, several are an array. `count` < 0: not asked for. */
static void answer_rows(sim_ps_call *c, const sim_ps_query *q, const sr_buf *rows, int64_t found, int64_t count)
{
	bool many = found > 1 || c->ps->quirks.single_row_array, students = !strcmp(q->core, "students");
	sr_buf *body = &c->reply->body;

	sr_buf_putc(body, '{');
	if (found)
		sr_buf_printf(body, "\"name\":\"%c%s\",", toupper((unsigned char)q->core[0]), q->core + 1);
	if (count >= 0)
		sr_buf_printf(body, "\"count\":%" PRId64 ",", count);
	if (found) {
		sr_buf_printf(body, "\"record\":%s", many ? "[" : "");
		sr_buf_add(body, rows->p, rows->len);
		sr_buf_puts(body, many ? "]," : ",");
	}
	sr_buf_printf(body, "\"@extensions\":\"%s\"}", students && !q->flattened ? "studentcorefields" : "");
	c->reply->status = 200;
	sim_reply_header(c->reply, "Content-Type", "application/json;charset=UTF-8");
}

void sim_ps_query_rows(sim_ps_call *c)
{
	SR_AUTO(sr_buf) rows = { 0 };
	int64_t page, size, found, count = -1;
	prepared p;

	if (prepare_call(c, &p) || sim_ps_param_number(c, "page", 1, 1, &page) ||
		sim_ps_param_number(c, "pagesize", 0, 100, &size))
		return;
	if (sr_strcaseeq(sim_ps_param_get(c, "count"), "true") && (count = count_rows(c, &p)) < 0) {
		sim_ps_internal(c);
		return;
	}
	/* pagesize=0 streams everything, and the page is ignored. */
	found = run(c, &p, (page - 1) * size, size, &rows);
	if (found < 0)
		sim_ps_internal(c);
	else
		answer_rows(c, p.query, &rows, found, count);
}
