/* The table API: /ws/schema/table. Names are looked up in the schema before they meet any SQL;
 * unknown comes before forbidden, so that 400, 403 and 404 tell a client what it misspelt. */
#include <ctype.h>
#include <string.h>

#include "ps_call.h"
#include "ps_filter.h"

#define COLUMNS_MAX 64

typedef struct table {
	sim_ps_call *c;
	const char *name, *title, *upper; /* "students", "Students", "STUDENTS" */
	const char *key;                  /* DCID, or what stands for it */
	sim_ps_selector columns[COLUMNS_MAX];
	size_t column_count;
	const sim_ps_selector *shown[COLUMNS_MAX]; /* the projection */
	size_t shown_count;
	sim_ps_filter filter;
} table;

/* Columns that exist in PowerSchool as LOBs, and here not at all. */
static const char *const lobs[][2] = { { "schools", "activecrslist" }, { "sections", "bitmap" },
	{ "sections", "comment_value" }, { "sections", "log" }, { "cc", "attendance" }, { "cc", "log" },
	{ "cc", "asmtscores" }, { "cc", "custom" } };

/* ---- the schema ---- */

static const char *cased(sim_ps_call *c, const char *s, int (*to_case)(int))
{
	char *copy = sr_arena_strdup(&c->arena, s);

	for (char *p = copy; p && *p; p++)
		*p = (char)to_case((unsigned char)*p);
	return copy ? copy : "";
}

static bool is_ours(const char *name)
{
	return sr_starts(name, "sgy_") || sr_starts(name, "sim_") || sr_starts(name, "sqlite_");
}

static sim_ps_kind kind_of(const char *declared)
{
	if (sr_starts(declared, "date"))
		return SIM_PS_DATE;
	return strcasestr(declared, "text") ? SIM_PS_TEXT : SIM_PS_NUMBER;
}

static void add_column(table *t, const char *name, sim_ps_kind kind)
{
	const char *copy = sr_arena_strdup(&t->c->arena, name);

	if (copy && t->column_count < COLUMNS_MAX)
		t->columns[t->column_count++] = (sim_ps_selector){ copy, copy, kind };
}

/* -1: the database failed. No columns: no such table. */
static int read_columns(table *t)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(
		t->c->ps->world->db, "select name, type, pk from pragma_table_info(?1)", -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return -1;
	sqlite3_bind_text(stmt, 1, t->name, -1, SQLITE_STATIC);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		add_column(t, (const char *)sqlite3_column_text(stmt, 0),
			kind_of((const char *)sqlite3_column_text(stmt, 1)));
		if (sqlite3_column_int(stmt, 2) && t->column_count)
			t->key = t->columns[t->column_count - 1].name;
	}
	sqlite3_finalize(stmt);
	for (size_t i = 0; t->column_count && i < SR_COUNT_OF(lobs); i++) {
		if (!strcmp(lobs[i][0], t->name))
			add_column(t, lobs[i][1], SIM_PS_LOB);
	}
	return rc == SQLITE_DONE ? 0 : -1;
}

/* -1: answered. */
static int open_table(table *t, sim_ps_call *c)
{
	char *title;

	*t = (table){ .c = c, .name = cased(c, c->captures[0], tolower), .upper = cased(c, c->captures[0], toupper) };
	title = sr_arena_strdup(&c->arena, t->name);
	if (title)
		*title = (char)toupper((unsigned char)*title);
	t->title = title ? title : "";
	if (read_columns(t)) {
		sim_ps_internal(c);
		return -1;
	}
	if (!t->column_count || is_ours(t->name)) {
		sim_ps_refuse(c, 404, "The requested table does not exist");
		return -1;
	}
	if (t->key)
		return 0;
	sim_ps_refuse(c, 405, "The table is not available through this resource"); /* it is a view */
	return -1;
}

static const sim_ps_selector *find_column(void *arg, const char *name)
{
	table *t = arg;

	for (size_t i = 0; i < t->column_count; i++) {
		if (sr_strcaseeq(t->columns[i].name, name))
			return &t->columns[i];
	}
	return NULL;
}

/* ---- what is asked for ---- */

static int refuse_column(table *t, const char *name)
{
	const char *message = sr_arena_printf(
		&t->c->arena, "Invalid field specified: %s is not valid column for table: %s", name, t->title);

	sim_ps_refuse(t->c, 400, message ? message : "Invalid field specified");
	return -1;
}

static int need_grant(table *t, const sim_ps_selector *column, const char *spelled)
{
	sim_ps_field field = { t->upper, cased(t->c, column->name, toupper) };

	if (sim_ps_may_read(t->c, &field))
		return 0;
	sim_ps_refuse_field(t->c, t->title, spelled);
	return -1;
}

static int show_column(table *t, const char *name)
{
	const sim_ps_selector *column = find_column(t, name);

	if (!column)
		return refuse_column(t, name);
	if (t->shown_count < COLUMNS_MAX)
		t->shown[t->shown_count++] = column;
	return 0;
}

/* `projection=a,b`, or `*` for all that can be shown. -1: answered. */
static int read_projection(table *t)
{
	const char *text = sim_ps_param_get(t->c, "projection");
	char *list = text ? sr_arena_strdup(&t->c->arena, text) : NULL, *save = NULL;

	if (!list || !*list) {
		sim_ps_refuse(t->c, 400, "A projection is required");
		return -1;
	}
	for (char *name = strtok_r(list, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		name = sr_trim(name);
		for (size_t i = 0; !strcmp(name, "*") && i < t->column_count; i++) {
			if (t->columns[i].kind != SIM_PS_LOB && t->shown_count < COLUMNS_MAX)
				t->shown[t->shown_count++] = &t->columns[i];
		}
		if (strcmp(name, "*") != 0 && show_column(t, name))
			return -1;
	}
	return 0;
}

static int refuse_filter(table *t, sim_ps_complaint complaint)
{
	const char *message = "Invalid query";

	if (complaint == SIM_PS_UNKNOWN_SELECTOR)
		return refuse_column(t, t->filter.name);
	if (complaint == SIM_PS_WRONG_VALUE) {
		const sim_ps_selector *column = find_column(t, t->filter.name);
		const char *kind = column->kind == SIM_PS_DATE ? "date" : column->kind == SIM_PS_LOB ? "LOB" : "number";

		message = sr_arena_printf(&t->c->arena, "Invalid %s '%s' passed for comparison to %s field %s.%s",
			column->kind == SIM_PS_LOB ? "value" : kind, t->filter.value, kind, t->title, t->filter.name);
	}
	sim_ps_refuse(t->c, 400, message ? message : "Invalid query");
	return -1;
}

static int read_filter(table *t)
{
	sim_ps_complaint complaint;

	t->filter = (sim_ps_filter){
		.find = find_column, .arg = t, .arena = &t->c->arena, .or_allowed = t->c->ps->quirks.q_or_works
	};
	complaint = sim_ps_filter_read(&t->filter, sim_ps_param_get(t->c, "q"));
	return complaint == SIM_PS_FINE ? 0 : refuse_filter(t, complaint);
}

/* Every field that is shown or filtered by. The 403 spells a filtered one as the schema does. */
static int check_grants(table *t)
{
	for (size_t i = 0; i < t->filter.count; i++) {
		if (need_grant(t, t->filter.selectors[i], cased(t->c, t->filter.selectors[i]->name, toupper)))
			return -1;
	}
	for (size_t i = 0; i < t->shown_count; i++) {
		if (need_grant(t, t->shown[i], t->shown[i]->name))
			return -1;
	}
	return 0;
}

static int read_order(table *t, sr_buf *sql)
{
	const char *sort = sim_ps_param_get(t->c, "sort");
	const sim_ps_selector *column = sort && *sort ? find_column(t, sort) : NULL;
	bool down = sr_strcaseeq(sim_ps_param_get(t->c, "sortdescending"), "true");

	if (sort && *sort && (!column || column->kind == SIM_PS_LOB))
		return refuse_column(t, sort);
	sr_buf_printf(sql, " order by %s%s, %s", column ? column->expr : t->key, down ? " desc" : "", t->key);
	return 0;
}

/* ---- rows ---- */

/* Figures are text here; a null column is left out, or null. */
static json_t *row_values(const table *t, sqlite3_stmt *stmt)
{
	json_t *values = json_object();

	for (size_t i = 0; values && i < t->shown_count; i++) {
		const char *text = (const char *)sqlite3_column_text(stmt, (int)i + 1);

		if (text)
			json_object_set_new(values, t->shown[i]->name, json_string(text));
		else if (t->c->ps->quirks.null_members)
			json_object_set_new(values, t->shown[i]->name, json_null());
	}
	return values;
}

static json_t *row_record(const table *t, sqlite3_stmt *stmt)
{
	return json_pack("{s:I, s:s, s:{s:o}}", "id", (json_int_t)sqlite3_column_int64(stmt, 0), "name", t->name,
		"tables", t->name, row_values(t, stmt));
}

static void put_select(const table *t, sr_buf *sql)
{
	sr_buf_printf(sql, "select %s", t->key);
	for (size_t i = 0; i < t->shown_count; i++)
		sr_buf_printf(sql, ", %s", t->shown[i]->kind == SIM_PS_LOB ? "null" : t->shown[i]->expr);
	sr_buf_printf(sql, " from %s", t->name);
}

/* `values` are $v0, $v1 of the select. */
static json_t *select_records(const table *t, const char *sql, const int64_t *values, int count)
{
	static const char *const names[] = { "$v0", "$v1" };
	sqlite3_stmt *stmt = NULL;
	json_t *records = json_array();
	int rc = sqlite3_prepare_v2(t->c->ps->world->db, sql, -1, &stmt, NULL) == SQLITE_OK && records ? SQLITE_ROW
												       : SQLITE_ERROR;

	for (int i = 0; rc == SQLITE_ROW && i < count; i++)
		sqlite3_bind_int64(stmt, sqlite3_bind_parameter_index(stmt, names[i]), values[i]);
	if (rc == SQLITE_ROW)
		sim_ps_filter_bind(&t->filter, stmt);
	while (rc == SQLITE_ROW && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (json_array_append_new(records, row_record(t, stmt)))
			rc = SQLITE_NOMEM;
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return records;
	json_decref(records);
	return NULL;
}

/* One record is an object, none leaves the member out; the values inside stay text. Takes `records`. */
static json_t *records_answer(const table *t, json_t *records)
{
	json_t *answer = json_pack("{s:s}", "name", t->name);
	size_t n = json_array_size(records);

	if (answer && n == 1 && !t->c->ps->quirks.single_row_array && !t->c->xml)
		json_object_set(answer, "record", json_array_get(records, 0));
	else if (answer && n)
		json_object_set(answer, "record", records);
	json_decref(records);
	return answer;
}

static void answer_page(table *t)
{
	SR_AUTO(sr_buf) sql = { 0 };
	int64_t page[2];
	json_t *records;

	if (sim_ps_param_page(t->c, sim_ps_page_max(t->c, "schema_table_query"), &page[0], &page[1]))
		return;
	put_select(t, &sql);
	if (t->filter.count)
		sr_buf_printf(&sql, " where %s", sr_buf_text(&t->filter.sql));
	if (read_order(t, &sql))
		return;
	sr_buf_puts(&sql, " limit $v0 offset $v1");
	records = sql.failed ? NULL : select_records(t, sr_buf_text(&sql), page, 2);
	sim_ps_answer(t->c, 200, records ? records_answer(t, records) : NULL);
}

void sim_ps_table_rows(sim_ps_call *c)
{
	table t;

	if (!open_table(&t, c) && !read_projection(&t) && !read_filter(&t) && !check_grants(&t))
		answer_page(&t);
	sim_ps_filter_done(&t.filter);
}

void sim_ps_table_one(sim_ps_call *c)
{
	SR_AUTO(sr_buf) sql = { 0 };
	int64_t key = -1;
	json_t *records;
	table t;

	if (open_table(&t, c) || read_projection(&t) || check_grants(&t))
		return;
	sr_parse_i64(c->captures[1], &key);
	put_select(&t, &sql);
	sr_buf_printf(&sql, " where %s = $v0", t.key);
	records = sql.failed ? NULL : select_records(&t, sr_buf_text(&sql), &key, 1);
	if (!records)
		sim_ps_internal(c);
	else if (json_array_size(records))
		sim_ps_answer(c, 200, json_incref(json_array_get(records, 0)));
	else
		sim_ps_refuse(c, 404, "The requested record does not exist");
	json_decref(records);
}

/* Counting needs a right to the fields that are filtered by, and to nothing else. */
void sim_ps_table_count(sim_ps_call *c)
{
	SR_AUTO_FREE char *sql = NULL;
	sqlite3_stmt *stmt = NULL;
	table t;

	if (open_table(&t, c) || read_filter(&t) || check_grants(&t))
		goto out;
	sql = sr_asprintf(
		"select count(*) from %s where %s", t.name, t.filter.count ? sr_buf_text(&t.filter.sql) : "1");
	if (sql && sqlite3_prepare_v2(c->ps->world->db, sql, -1, &stmt, NULL) == SQLITE_OK) {
		sim_ps_filter_bind(&t.filter, stmt);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			sim_ps_answer(c, 200, json_pack("{s:I}", "count", (json_int_t)sqlite3_column_int64(stmt, 0)));
	}
	if (!c->reply->status)
		sim_ps_internal(c);
	sqlite3_finalize(stmt);
out:
	sim_ps_filter_done(&t.filter);
}

/* ---- what there is ---- */

static json_t *column_fact(table *t, const sim_ps_selector *column, bool with_access)
{
	static const char *const types[] = {
		[SIM_PS_TEXT] = "String", [SIM_PS_NUMBER] = "Number", [SIM_PS_DATE] = "Date", [SIM_PS_LOB] = "Clob"
	};
	sim_ps_field field = { t->upper, cased(t->c, column->name, toupper) };
	json_t *fact = json_pack("{s:s, s:s}", "name", column->name, "type", types[column->kind]);

	if (fact && with_access)
		json_object_set_new(
			fact, "access", json_string(sim_ps_may_read(t->c, &field) ? "ViewOnly" : "NoAccess"));
	return fact;
}

void sim_ps_table_metadata(sim_ps_call *c)
{
	bool with_access = sim_ps_in_list(sim_ps_param_get(c, "expansions"), "access");
	json_t *columns;
	table t;

	if (open_table(&t, c))
		return;
	columns = json_array();
	for (size_t i = 0; columns && i < t.column_count; i++)
		json_array_append_new(columns, column_fact(&t, &t.columns[i], with_access));
	sim_ps_answer(c, 200, columns ? json_pack("{s:s, s:o}", "name", t.name, "columns", columns) : NULL);
}

void sim_ps_tables(sim_ps_call *c)
{
	sqlite3_stmt *stmt = NULL;
	json_t *names = json_array();
	int rc = sqlite3_prepare_v2(
		c->ps->world->db, "select name from sqlite_schema where type = 'table' order by name", -1, &stmt, NULL);

	while (rc == SQLITE_OK && names && sqlite3_step(stmt) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);

		if (!is_ours(name))
			json_array_append_new(names, json_pack("{s:s}", "name", name));
	}
	sqlite3_finalize(stmt);
	sim_ps_answer(c, 200, names ? json_pack("{s:o}", "table", names) : NULL);
}
