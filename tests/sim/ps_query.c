/* PowerQueries: checks the call as PowerSchool does, takes the arguments as text as PowerSchool
 * does, and puts the answer together. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "ps_query.h"

/* NULL: answered. Not installed, not enabled and unknown look the same from outside; whose query
 * it is does not matter, the rights are the caller's. */
static const sim_ps_query *find_query(sim_ps_call *c)
{
	const sim_ps_query *q = NULL;

	for (const sim_ps_slot *slot = &c->ps->main; slot && !q; slot = slot->next) {
		if (sim_ps_slot_runs(c, slot))
			q = sim_ps_plugin_query(slot->plugin, c->captures[0]);
	}
	if (!sim_ps_slot_runs(c, c->caller) || !strcmp(sim_ps_setting(c, "customisation", "1"), "0"))
		q = NULL;
	if (!q)
		sim_ps_refuse(c, 404, "Query not found");
	return q;
}

/* One forbidden column forbids the query. False: answered with a 403. */
static bool may_run(sim_ps_call *c, const sim_ps_query *q)
{
	for (size_t i = 0; i < q->column_count; i++) {
		if (!sim_ps_may_read(c, &q->columns[i].source)) {
			sim_ps_refuse_field(c, q->columns[i].source.table, q->columns[i].source.field);
			return false;
		}
	}
	for (size_t i = 0; i < q->read_count && !c->ps->quirks.joins_need_no_grant; i++) {
		if (!sim_ps_may_read(c, &q->reads[i])) {
			sim_ps_refuse_field(c, q->reads[i].table, q->reads[i].field);
			return false;
		}
	}
	return true;
}

/* Always -1, so that `return refuse_argument(...)` reads well. */
static int refuse_argument(sim_ps_call *c, const char *name, const char *code)
{
	sim_ps_answer(c, 400,
		json_pack("{s:s, s:[{s:s, s:s, s:s}]}", "message", "Validation Failed", "errors", "resource",
			c->captures[0], "field", name, "code", code));
	return -1;
}

/* ---- arguments ---- */

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

static bool is_plain(const json_t *value)
{
	return json_is_string(value) || json_is_integer(value) || json_is_null(value);
}

static bool fits(const sim_ps_arg *arg, const char *text)
{
	int64_t n;

	return !text || !*text || !arg->numeric || sr_parse_i64(text, &n);
}

/* Oracle takes the empty text for NULL, and refuses what is no number where it meets one. */
static int take_plain(sim_ps_call *c, const sim_ps_arg *arg, const json_t *given, sim_ps_value *out)
{
	const char *text = value_text(c, given);

	text = text ? text : arg->otherwise;
	if (!text && arg->required)
		return refuse_argument(c, arg->name, "missing");
	if (!fits(arg, text))
		return refuse_argument(c, arg->name, "invalid");
	out->text = text && *text ? text : NULL;
	return 0;
}

/* An empty list is no value at all; the default of a list is a list of one. */
static int take_list(sim_ps_call *c, const sim_ps_arg *arg, const json_t *given, sim_ps_value *out)
{
	size_t n = json_array_size(given);

	if (!n && !arg->otherwise)
		return arg->required ? refuse_argument(c, arg->name, "missing") : 0;
	out->count = n ? n : 1;
	out->list = sr_arena_alloc(&c->arena, out->count * sizeof(*out->list));
	if (!out->list) {
		sim_ps_internal(c);
		return -1;
	}
	out->list[0] = arg->otherwise;
	for (size_t i = 0; i < n; i++)
		out->list[i] = value_text(c, json_array_get(given, i));
	for (size_t i = 0; i < out->count; i++) {
		if (!out->list[i] || !fits(arg, out->list[i]))
			return refuse_argument(c, arg->name, "invalid");
	}
	return 0;
}

static int take_arguments(sim_ps_run *run, const json_t *body)
{
	for (size_t i = 0; i < run->query->arg_count; i++) {
		const sim_ps_arg *arg = &run->query->args[i];
		int (*take)(sim_ps_call *, const sim_ps_arg *, const json_t *,
			sim_ps_value *) = arg->array ? take_list : take_plain;

		if (take(run->c, arg, json_object_get(body, arg->name), &run->values[i]))
			return -1;
	}
	return 0;
}

/* ---- what a call may add to its query ---- */

static const char *alias_expr(sim_ps_run *run, size_t i)
{
	SR_AUTO(sr_buf) out = { 0 };

	sr_buf_puts(&out, "q.\"");
	for (const char *p = sqlite3_column_name(run->query->stmt, (int)i); *p; p++)
		sr_buf_printf(&out, *p == '"' ? "\"\"" : "%c", *p);
	sr_buf_putc(&out, '"');
	return out.failed ? NULL : sr_arena_strdup(&run->c->arena, sr_buf_text(&out));
}

static void add_selector(sim_ps_run *run, size_t i, const char *name)
{
	const sim_ps_column *column = &run->query->columns[i];
	const char *expr = alias_expr(run, i);

	if (name && expr)
		run->selectors[run->selector_count++] = (sim_ps_selector){ name, expr,
			column->numeric ? SIM_PS_NUMBER : SIM_PS_TEXT };
}

/* Every column by "table.column", those of the core table by their name alone as well. */
static void add_selectors(sim_ps_run *run)
{
	for (size_t i = 0; i < run->query->column_count; i++) {
		const sim_ps_column *column = &run->query->columns[i];

		run->shown[i] = true;
		add_selector(run, i, sr_arena_printf(&run->c->arena, "%s.%s", column->table, column->name));
		if (sr_streq(column->table, run->query->core))
			add_selector(run, i, column->name);
	}
}

static const sim_ps_selector *find_selector(void *arg, const char *name)
{
	sim_ps_run *run = arg;

	for (size_t i = 0; i < run->selector_count; i++) {
		if (sr_strcaseeq(run->selectors[i].name, name))
			return &run->selectors[i];
	}
	return NULL;
}

static int take_filter(sim_ps_run *run, const json_t *body)
{
	run->filter = (sim_ps_filter){ .find = find_selector, .arg = run, .arena = &run->c->arena };
	if (sim_ps_filter_read(&run->filter, json_string_value(json_object_get(body, "$q"))) == SIM_PS_FINE)
		return 0;
	return refuse_argument(run->c, "$q", "invalid");
}

static bool names_column(const sim_ps_run *run, size_t i, const char *name)
{
	const sim_ps_column *column = &run->query->columns[i];
	size_t table = strlen(column->table);

	if (!strncasecmp(name, column->table, table) && name[table] == '.')
		return sr_strcaseeq(name + table + 1, column->name);
	return sr_streq(column->table, run->query->core) && sr_strcaseeq(name, column->name);
}

/* "students.dcid;students.last_name" */
static int take_projection(sim_ps_run *run, const json_t *body)
{
	const char *text = json_string_value(json_object_get(body, "projection"));
	char *list = text && *text ? sr_arena_strdup(&run->c->arena, text) : NULL, *save = NULL;

	if (!list)
		return 0;
	memset(run->shown, 0, sizeof(run->shown));
	for (char *name = strtok_r(list, ";", &save); name; name = strtok_r(NULL, ";", &save)) {
		bool known = false;

		for (size_t i = 0; i < run->query->column_count; i++) {
			if (names_column(run, i, sr_trim(name)))
				run->shown[i] = known = true;
		}
		if (!known)
			return refuse_argument(run->c, "projection", "invalid");
	}
	return 0;
}

/* "students.last_name;desc,students.dcid" */
static int take_order(sim_ps_run *run)
{
	const char *text = sim_ps_param_get(run->c, "order");
	char *list = text && *text ? sr_arena_strdup(&run->c->arena, text) : NULL, *save = NULL;
	SR_AUTO(sr_buf) sql = { 0 };

	if (!list)
		return 0;
	for (char *part = strtok_r(list, ",", &save); part; part = strtok_r(NULL, ",", &save)) {
		size_t name = strcspn(part, ";");
		bool down = sr_strcaseeq(part + name, ";desc");
		const sim_ps_selector *s;

		if (part[name] && !down && !sr_strcaseeq(part + name, ";asc"))
			return refuse_argument(run->c, "order", "invalid");
		part[name] = '\0';
		s = find_selector(run, part);
		if (!s)
			return refuse_argument(run->c, "order", "invalid");
		sr_buf_printf(&sql, "%s%s%s", sql.len ? ", " : "", s->expr, down ? " desc" : "");
	}
	run->order = sr_arena_strdup(&run->c->arena, sr_buf_text(&sql));
	return 0;
}

/* Version and application always come together. */
static int take_version(sim_ps_run *run, const json_t *body)
{
	const json_t *version = json_object_get(body, "$dataversion");
	const json_t *application = json_object_get(body, "$dataversion_applicationname");
	const char *text = value_text(run->c, version);

	run->since = -1;
	if (!version && !application)
		return 0;
	if (!json_is_string(application) || !*json_string_value(application))
		return refuse_argument(run->c, "$dataversion_applicationname", "missing");
	if (!text || !sr_parse_i64(text, &run->since) || run->since < 0 || run->query->id_column < 0)
		return refuse_argument(run->c, "$dataversion", text ? "invalid" : "missing");
	run->version = sim_ps_version(run->c->ps->world->db);
	return 0;
}

/* ---- the call ---- */

static int check_members(sim_ps_call *c, const sim_ps_query *q, json_t *body)
{
	static const char known[] = "$q,projection,$dataversion,$dataversion_applicationname";
	const char *name;
	json_t *value;

	json_object_foreach(body, name, value) {
		const sim_ps_arg *arg = find_arg(q, name);

		if (!arg && !sim_ps_in_list(known, name))
			return refuse_argument(c, name, "unknown");
		if (arg && arg->array ? !json_is_array(value) && !json_is_null(value) : !is_plain(value))
			return refuse_argument(c, name, "invalid");
	}
	return 0;
}

/* The arguments of the body. NULL: answered. */
static json_t *read_body(sim_ps_call *c, const sim_ps_query *q)
{
	const char *type = sim_ps_header(c, "Content-Type"), *text = c->request->body;
	size_t len = text ? c->request->body_bytes : 0;
	json_t *body;

	if (!type || strncasecmp(type, "application/json", strlen("application/json")) != 0) {
		sim_ps_refuse(c, 415, "Unsupported media type");
		return NULL;
	}
	body = len ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : json_object();
	if (!json_is_object(body))
		sim_ps_refuse(c, 400, "The request body is not a JSON object");
	else if (!check_members(c, q, body))
		return body;
	json_decref(body);
	return NULL;
}

/* Finds the query, checks rights and arguments. -1: answered. */
static int prepare_call(sim_ps_call *c, sim_ps_run *run)
{
	json_t *body;
	int rc;

	*run = (sim_ps_run){ .c = c, .query = find_query(c), .since = -1 };
	if (!run->query || !may_run(c, run->query))
		return -1;
	body = read_body(c, run->query);
	if (!body)
		return -1;
	add_selectors(run);
	rc = take_arguments(run, body) || take_filter(run, body) || take_projection(run, body) ||
	     take_version(run, body) || take_order(run);
	json_decref(body);
	return rc ? -1 : 0;
}

/* All rows of the query, whatever the page. -1: the database failed. */
static int64_t count_rows(const sim_ps_run *run)
{
	sqlite3_stmt *stmt = sim_ps_run_prepare(run, true);
	int64_t count = -1;

	if (stmt && sqlite3_step(stmt) == SQLITE_ROW)
		count = sqlite3_column_int64(stmt, 0);
	sim_world_give(run->c->ps->world, stmt);
	return count;
}

void sim_ps_query_count(sim_ps_call *c)
{
	sim_ps_run run;
	int64_t count;

	if (!prepare_call(c, &run)) {
		count = count_rows(&run);
		if (count < 0)
			sim_ps_internal(c);
		else
			sim_ps_answer(c, 200, json_pack("{s:I}", "count", (json_int_t)count));
	}
	sim_ps_filter_done(&run.filter);
}

/* What stands before the rows. Answers where `record` begins, which no row at all takes away again. */
static size_t begin_rows(const sim_ps_run *run, int64_t count)
{
	sr_buf *body = &run->c->reply->body;
	const char *core = run->query->core;

	sr_buf_printf(body, "{\"name\":\"%c%s\",", toupper((unsigned char)core[0]), core + 1);
	if (count >= 0)
		sr_buf_printf(body, "\"count\":%" PRId64 ",", count);
	size_t record = body->len;
	sr_buf_puts(body, "\"record\":[");
	return record;
}

/* No row leaves `name` and `record` out, one is an object, several are an array. They stand in the body already:
 * all rows of a large table are not copied once more. */
static void end_rows(const sim_ps_run *run, size_t record, int64_t found, int64_t count)
{
	const sim_ps_query *q = run->query;
	bool many = found > 1 || run->c->ps->quirks.single_row_array, students = !strcmp(q->core, "students");
	sr_buf *body = &run->c->reply->body;
	size_t bracket = record + strlen("\"record\":");

	if (!found) {
		sr_buf_clear(body);
		sr_buf_putc(body, '{');
		if (count >= 0)
			sr_buf_printf(body, "\"count\":%" PRId64 ",", count);
	} else if (!many && !body->failed) {
		memmove(body->p + bracket, body->p + bracket + 1, --body->len - bracket);
	}
	if (found)
		sr_buf_puts(body, many ? "]," : ",");
	if (run->since >= 0)
		sr_buf_printf(body, "\"$dataversion\":\"%" PRId64 "\",", run->version);
	sr_buf_printf(body, "\"@extensions\":\"%s\"}", students && !q->flattened ? "studentcorefields" : "");
	sim_ps_answer_written(run->c, 200);
}

static void answer_page(const sim_ps_run *run, int64_t page, int64_t size)
{
	bool counted = sr_strcaseeq(sim_ps_param_get(run->c, "count"), "true");
	int64_t count = counted ? count_rows(run) : -1, found = -1;
	sqlite3_stmt *stmt = sim_ps_run_prepare(run, false);
	size_t record = begin_rows(run, count);

	/* pagesize=0 streams everything, and the page is ignored. */
	if (stmt)
		found = sim_ps_run_write(run, stmt, (page - 1) * size, size, &run->c->reply->body);
	sim_world_give(run->c->ps->world, stmt);
	if (found < 0 || (counted && count < 0))
		sim_ps_internal(run->c);
	else
		end_rows(run, record, found, count);
}

void sim_ps_query_rows(sim_ps_call *c)
{
	int64_t page, size;
	sim_ps_run run;

	if (!prepare_call(c, &run) && !sim_ps_param_number(c, "page", 1, 1, &page) &&
		!sim_ps_param_number(c, "pagesize", 0, 100, &size))
		answer_page(&run, page, size);
	sim_ps_filter_done(&run.filter);
}

/* ---- what is installed ---- */

static void add_query(json_t *list, const sim_ps_query *q)
{
	json_t *args = json_array();

	for (size_t i = 0; args && i < q->arg_count; i++)
		json_array_append_new(
			args, json_pack("{s:s, s:s, s:b}", "name", q->args[i].name, "type",
				      q->args[i].array ? "array" : "primitive", "required", q->args[i].required));
	json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:o}", "name", q->name, "coreTable", q->core,
					    "flattened", q->flattened, "args", args));
}

void sim_ps_queries(sim_ps_call *c)
{
	json_t *list = json_array();

	for (const sim_ps_slot *slot = &c->ps->main; list && slot; slot = slot->next) {
		if (!sim_ps_slot_runs(c, slot))
			continue;
		for (const sim_ps_query *q = slot->plugin->queries; q; q = q->next)
			add_query(list, q);
	}
	sim_ps_answer(c, 200, list ? json_pack("{s:o}", "query", list) : NULL);
}
