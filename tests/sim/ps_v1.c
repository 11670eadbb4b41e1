/* Lists, counts and single objects of v1, all from the tables in ps_v1_tables.c: the SQL is put
 * together from a resource and a list, the rows become a tree, the bridge writes the tree. */
#include "ps_v1.h"

#include <string.h>

#include "ps_call.h"

typedef struct request {
	sim_ps_call *c;
	const sim_ps_resource *resource;
	const sim_ps_list *list;             /* NULL: a single object */
	int64_t school, section, year, id;   /* what the SQL may use */
	int64_t limit, offset;               /* limit -1: all */
	const char *expansions, *extensions; /* as asked for */
	sim_ps_filter filter;
} request;

/* ---- SQL ---- */

static bool is_on(const sim_ps_call *c, size_t quirk)
{
	return *(const bool *)((const char *)&c->ps->quirks + quirk - 1);
}

static bool is_wanted(const request *r, const sim_ps_member *m)
{
	if ((m->only_with && !is_on(r->c, m->only_with)) || (m->not_with && is_on(r->c, m->not_with)))
		return false;
	return !m->part || sim_ps_in_list(r->expansions, m->part) || sim_ps_in_list(r->extensions, m->part);
}

static void put_columns(const request *r, sr_buf *sql)
{
	const char *comma = "";

	for (size_t i = 0; i < r->resource->member_count; i++) {
		if (!r->resource->members[i].expr || !is_wanted(r, &r->resource->members[i]))
			continue;
		sr_buf_printf(sql, "%s%s", comma, r->resource->members[i].expr);
		comma = ", ";
	}
}

static void put_conditions(const request *r, sr_buf *sql)
{
	const sim_ps_resource *resource = r->resource;
	const sim_ps_list *list = r->list;

	if (!list) {
		sr_buf_printf(sql, " where %s = :id", resource->key);
		return;
	}
	sr_buf_printf(sql, " where %s", list->where);
	if (resource->current && !sim_ps_filter_names(&r->filter, resource->year_selector))
		sr_buf_printf(sql, " and %s", resource->current);
	if (r->filter.count)
		sr_buf_printf(sql, " and %s", sr_buf_text(&r->filter.sql));
	else if (list->standard && !is_on(r->c, list->standard_unless))
		sr_buf_printf(sql, " and %s", list->standard);
}

static void bind(sqlite3_stmt *stmt, const char *name, int64_t value)
{
	int index = sqlite3_bind_parameter_index(stmt, name);

	if (index)
		sqlite3_bind_int64(stmt, index, value);
}

static sqlite3_stmt *prepare(const request *r, const sr_buf *sql)
{
	sqlite3_stmt *stmt = NULL;

	if (sql->failed || sqlite3_prepare_v2(r->c->ps->world->db, sr_buf_text(sql), -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	bind(stmt, ":school", r->school);
	bind(stmt, ":section", r->section);
	bind(stmt, ":year", r->year);
	bind(stmt, ":id", r->id);
	bind(stmt, ":limit", r->limit);
	bind(stmt, ":offset", r->offset);
	sim_ps_filter_bind(&r->filter, stmt);
	return stmt;
}

/* ---- rows ---- */

/* Puts `value` where "a.b" says, making `a` on the way. Takes `value`. */
static int put_at(json_t *row, const char *path, json_t *value)
{
	const char *dot = strchr(path, '.');
	char outer[40];
	json_t *inner;

	if (!dot)
		return json_object_set_new(row, path, value);
	snprintf(outer, sizeof(outer), "%.*s", (int)(dot - path), path);
	inner = json_object_get(row, outer);
	if (!json_is_object(inner)) {
		if (json_object_set_new(row, outer, json_object())) {
			json_decref(value);
			return -1;
		}
		inner = json_object_get(row, outer);
	}
	return put_at(inner, dot + 1, value);
}

static json_t *column_value(sqlite3_stmt *stmt, int column, bool is_json)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	if (is_json)
		return json_loads(text, JSON_DECODE_ANY, NULL);
	if (sqlite3_column_type(stmt, column) == SQLITE_INTEGER)
		return json_integer(sqlite3_column_int64(stmt, column));
	return json_string(text);
}

/* A container that was asked for is the empty text as long as it holds nothing. */
static int put_empty(json_t *row, const char *path)
{
	char outer[40];

	snprintf(outer, sizeof(outer), "%.*s", (int)strcspn(path, "."), path);
	return json_object_get(row, outer) ? 0 : json_object_set_new(row, outer, json_string(""));
}

static json_t *row_tree(const request *r, sqlite3_stmt *stmt)
{
	json_t *row = json_object();
	int column = 0, rc = row ? 0 : -1;

	for (size_t i = 0; !rc && i < r->resource->member_count; i++) {
		const sim_ps_member *m = &r->resource->members[i];

		if (!is_wanted(r, m))
			continue;
		if (m->expr && sqlite3_column_type(stmt, column) != SQLITE_NULL)
			rc = put_at(row, m->path, column_value(stmt, column, m->json));
		else if (m->part)
			rc = put_empty(row, m->path);
		column += m->expr != NULL;
	}
	if (!rc)
		return row;
	json_decref(row);
	return NULL;
}

/* NULL: the database failed, or memory ran out. */
static json_t *select_rows(const request *r)
{
	SR_AUTO(sr_buf) sql = { 0 };
	sqlite3_stmt *stmt;
	json_t *rows = json_array();
	int rc;

	sr_buf_puts(&sql, "select ");
	put_columns(r, &sql);
	sr_buf_printf(&sql, " from %s", r->resource->from);
	put_conditions(r, &sql);
	sr_buf_printf(&sql, " order by %s limit :limit offset :offset", r->resource->order);
	stmt = prepare(r, &sql);
	rc = stmt && rows ? SQLITE_ROW : SQLITE_ERROR;
	while (rc == SQLITE_ROW && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (json_array_append_new(rows, row_tree(r, stmt)))
			rc = SQLITE_NOMEM;
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return rows;
	json_decref(rows);
	return NULL;
}

static int64_t count_rows(const request *r)
{
	SR_AUTO(sr_buf) sql = { 0 };
	sqlite3_stmt *stmt;
	int64_t count = -1;

	sr_buf_printf(&sql, "select count(*) from %s", r->resource->from);
	put_conditions(r, &sql);
	stmt = prepare(r, &sql);
	if (stmt && sqlite3_step(stmt) == SQLITE_ROW)
		count = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return count;
}

/* What may be asked for stands in front of the rows. */
static json_t *wrapper(const sim_ps_resource *resource)
{
	json_t *w = json_object();

	if (w && resource->expansions)
		json_object_set_new(w, "@expansions", json_string(resource->expansions));
	if (w && resource->extensions)
		json_object_set_new(w, "@extensions", json_string(resource->extensions));
	return w;
}

/* ---- reading the request ---- */

/* First column of the first row; 0 rows leave `out`. -1: the database failed. */
static int lookup(sim_ps_call *c, const char *sql, int64_t value, int64_t *out, bool *found)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(c->ps->world->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_bind_int64(stmt, 1, value);
		rc = sqlite3_step(stmt);
	}
	*found = rc == SQLITE_ROW;
	if (*found)
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}

/* The current school year, by the preference that the end-of-year process raises; without it the
 * latest of the school. Between two years the district chooses which one that is. */
static int find_year(request *r)
{
	static const char current[] = "select coalesce((select max(cast(value as integer)) from prefs where "
				      "lower(name) = 'coursearchiveyear'),"
				      " (select max(yearid) from terms where schoolid = ?1), 0)";
	static const char over[] = "select max(lastday) < date(?1, 'unixepoch') from terms where isyearrec = 1"
				   " and yearid = (select max(cast(value as integer)) from prefs"
				   " where lower(name) = 'coursearchiveyear')";
	int64_t ended = 0;
	bool found;

	if (lookup(r->c, current, r->school, &r->year, &found))
		return -1;
	if (!r->c->ps->quirks.between_years_next)
		return 0;
	if (lookup(r->c, over, sr_clock_wall_ms(&r->c->ps->world->clock) / 1000, &ended, &found))
		return -1;
	r->year += ended != 0;
	return 0;
}

/* The school or section of the path, by DCID; school 0 is the district office. -1: answered. */
static int find_scope(request *r)
{
	static const struct {
		const char *sql, *missing;
	} scopes[] = {
		[SIM_PS_OF_SCHOOL] = { "select school_number from schools where dcid = ?1 and school_number <> 999999",
			"School not found" },
		[SIM_PS_OF_SECTION] = { "select id from sections where dcid = ?1", "Section not found" },
	};
	sim_ps_scope scope = r->list->scope;
	int64_t dcid = -1;
	bool found = false;

	if (scope == SIM_PS_OF_DISTRICT || (scope == SIM_PS_OF_SCHOOL && !strcmp(r->c->captures[0], "0")))
		return 0;
	if (sr_parse_i64(r->c->captures[0], &dcid) &&
		lookup(r->c, scopes[scope].sql, dcid, scope == SIM_PS_OF_SCHOOL ? &r->school : &r->section, &found)) {
		sim_ps_internal(r->c);
		return -1;
	}
	if (found)
		return 0;
	sim_ps_refuse(r->c, 404, scopes[scope].missing);
	return -1;
}

static const sim_ps_selector *find_selector(void *arg, const char *name)
{
	const sim_ps_resource *resource = arg;

	for (size_t i = 0; i < resource->selector_count; i++) {
		if (!strcmp(resource->selectors[i].name, name))
			return &resource->selectors[i];
	}
	return NULL;
}

static int read_filter(request *r)
{
	r->filter = (sim_ps_filter){ .find = find_selector,
		.arg = (void *)r->resource,
		.arena = &r->c->arena,
		.or_allowed = r->c->ps->quirks.q_or_works };
	if (sim_ps_filter_read(&r->filter, sim_ps_param_get(r->c, "q")) == SIM_PS_FINE)
		return 0;
	sim_ps_refuse(r->c, 400, "Invalid query");
	return -1;
}

/* -1: answered. */
static int read_list(request *r, sim_ps_call *c)
{
	const sim_ps_list *list = c->what;

	*r = (request){ .c = c, .list = list, .resource = list->resource, .limit = -1 };
	r->expansions = sim_ps_param_get(c, "expansions");
	r->extensions = sim_ps_param_get(c, "extensions");
	if (find_scope(r) || read_filter(r))
		return -1;
	if (!find_year(r))
		return 0;
	sim_ps_internal(c);
	return -1;
}

/* ---- handlers ---- */

void sim_ps_list_rows(sim_ps_call *c)
{
	const sim_ps_list *list = c->what;
	bool paged = !list->unpaged_with || !is_on(c, list->unpaged_with);
	json_t *rows, *w;
	request r;

	if (read_list(&r, c) ||
		(paged && sim_ps_param_page(c, sim_ps_page_max(c, list->resource->singular), &r.limit, &r.offset)))
		goto out;
	rows = select_rows(&r);
	w = wrapper(list->resource);
	if (!rows || !w || json_object_set_new(w, list->resource->singular, json_incref(rows))) {
		json_decref(w);
		w = NULL;
	}
	json_decref(rows);
	sim_ps_answer_tree(c, 200, w ? json_pack("{s:o}", list->resource->plural, w) : NULL);
out:
	sim_ps_filter_done(&r.filter);
}

void sim_ps_list_count(sim_ps_call *c)
{
	int64_t count = -1;
	request r;

	if (read_list(&r, c))
		goto out;
	count = count_rows(&r);
	if (count < 0)
		sim_ps_internal(c);
	else
		sim_ps_answer(c, 200, json_pack("{s:{s:I}}", "resource", "count", (json_int_t)count));
out:
	sim_ps_filter_done(&r.filter);
}

void sim_ps_list_one(sim_ps_call *c)
{
	const sim_ps_resource *resource = c->what;
	request r = { .c = c, .resource = resource, .id = -1, .limit = 1 };
	json_t *rows, *w;

	r.expansions = sim_ps_param_get(c, "expansions");
	r.extensions = sim_ps_param_get(c, "extensions");
	sr_parse_i64(c->captures[0], &r.id);
	rows = select_rows(&r);
	w = wrapper(resource);
	if (rows && w && !json_array_size(rows)) {
		sim_ps_refuse(c, 404, "The requested resource does not exist");
		json_decref(w);
	} else {
		if (!rows || !w || json_object_update(w, json_array_get(rows, 0))) {
			json_decref(w);
			w = NULL;
		}
		sim_ps_answer_tree(c, 200, w ? json_pack("{s:o}", resource->singular, w) : NULL);
	}
	json_decref(rows);
}
