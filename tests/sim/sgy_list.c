/* Lists: where a page begins and ends, its total and links, and the odd shapes that a list of none or
 * of one may have. */
#include <string.h>

#include "sgy_int.h"

/* Where a page begins: `id` 0: at row `start`, else at that id. */
typedef struct page_place {
	int64_t start, id, limit;
} page_place;

/* The path behind /v1 with the query, its place replaced. */
static const char *page_link(sgy_call *call, page_place at, bool filters)
{
	static const char *const own[] = { "start", "start_id", "limit" };
	SR_AUTO(sr_buf) link = { 0 };

	sr_buf_printf(&link, "%s%s?%s=%lld&limit=%lld", call->base,
		!strncmp(call->path, "/v1", 3) ? call->path + 3 : call->path, at.id ? own[1] : own[0],
		(long long)(at.id ? at.id : at.start), (long long)at.limit);
	for (size_t i = 0; filters && i < call->query_count; i++) {
		const sgy_param *p = &call->query[i];
		if (!strcmp(p->name, own[0]) || !strcmp(p->name, own[1]) || !strcmp(p->name, own[2]) ||
			sr_starts(p->name, "oauth_"))
			continue;
		sr_buf_putc(&link, '&');
		sgy_encode(&link, p->name);
		sr_buf_putc(&link, '=');
		sgy_encode(&link, p->value);
	}
	return sgy_printf(call, "%s", sr_buf_text(&link));
}

static void bind_named(sqlite3_stmt *stmt, const char *name, int64_t value)
{
	sqlite3_bind_int64(stmt, sqlite3_bind_parameter_index(stmt, name), value);
}

static json_t *list_rows(sgy_call *call, const char *sql, const char *types, va_list ap, page_place at)
{
	sim_sgy *sgy = call->sgy;
	sqlite3_stmt *stmt = sgy_query(sgy, sql, "");
	json_t *rows = json_array();

	if (stmt) {
		sgy_bind(sgy, stmt, types, ap);
		bind_named(stmt, ":limit", at.limit);
		bind_named(stmt, ":start", at.start);
		bind_named(stmt, ":from", at.id);
	}
	while (sgy_step(sgy, stmt))
		json_array_append_new(rows, sgy_row(stmt));
	return rows;
}

static int64_t list_total(sgy_call *call, const char *sql, const char *types, va_list ap)
{
	sqlite3_stmt *stmt = sgy_query(call->sgy, sql, "");
	int64_t total = 0;

	if (stmt)
		sgy_bind(call->sgy, stmt, types, ap);
	if (sgy_step(call->sgy, stmt)) {
		total = sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
	}
	return total;
}

static bool page_bounds(sgy_call *call, page_place *at)
{
	*at = (page_place){ sgy_param_int(call, "start", 0), sgy_param_int(call, "start_id", 0),
		sgy_param_int(call, "limit", SGY_PAGE_DEFAULT) };
	if (at->limit > SGY_PAGE_MAX && call->sgy->options.limit_over_error) {
		sgy_reply_text(call, 400, "The limit may not exceed 200.");
		return false;
	}
	at->id = at->id < 0 ? 0 : at->id;
	at->start = at->start < 0 || at->id ? 0 : at->start;
	at->limit = at->limit < 1 ? SGY_PAGE_DEFAULT : at->limit > SGY_PAGE_MAX ? SGY_PAGE_MAX : at->limit;
	return true;
}

void sgy_reverse(json_t *list)
{
	for (size_t i = 0, n = json_array_size(list); i < n / 2; i++) {
		json_t *first = json_incref(json_array_get(list, i));
		json_array_set(list, i, json_array_get(list, n - 1 - i));
		json_array_set_new(list, n - 1 - i, first);
	}
}

/* A list under its key, in one of the shapes that few rows may have. Steals `rows`. */
static void set_list(sgy_call *call, json_t *page, const char *key, json_t *rows)
{
	const sim_sgy_options *o = &call->sgy->options;
	size_t n = json_array_size(rows);

	if (o->page_order)
		sgy_reverse(rows);
	if (n == 0 && o->empty_list == 2)
		json_array_append_new(rows, json_string(""));
	if (n == 1 && o->single_row)
		json_object_set(page, key, json_array_get(rows, 0));
	else if (n > 0 || o->empty_list != 1)
		json_object_set(page, key, rows);
	json_decref(rows);
}

/* Total and links, as far as this server says them. `next` NULL: the last page. */
static void set_paging(sgy_call *call, json_t *page, int64_t total, bool as_text, page_place at, const page_place *next)
{
	const sim_sgy_options *o = &call->sgy->options;
	json_t *links = json_object();

	json_object_set_new(links, "self", json_string(page_link(call, at, true)));
	if (next)
		json_object_set_new(links, "next", json_string(page_link(call, *next, !o->next_drops_filters)));
	if (o->list_total)
		json_object_set_new(page, "total",
			as_text ? json_string(sgy_printf(call, "%lld", (long long)total)) : json_integer(total));
	if (o->list_links)
		json_object_set(page, "links", links);
	json_decref(links);
}

/* By row the total tells whether more follows; by id a full page does. */
static bool more_follows(page_place at, const json_t *rows, int64_t total, page_place *next)
{
	int64_t n = (int64_t)json_array_size(rows);
	int64_t last = 0;

	*next = (page_place){ at.start + at.limit, 0, at.limit };
	if (!at.id)
		return n > 0 && at.start + n < total;
	json_t *row = n > 0 ? json_array_get(rows, (size_t)n - 1) : NULL;
	if (n < at.limit ||
		(!sgy_json_int(json_object_get(row, "id"), &last) && !sgy_json_int(json_object_get(row, "uid"), &last)))
		return false;
	next->start = 0;
	next->id = last + 1;
	return true;
}

void sgy_reply_list(sgy_call *call, const sgy_list *list, const char *types, ...)
{
	page_place at, next;
	va_list ap, again;
	size_t i;
	json_t *row;

	if (!page_bounds(call, &at))
		return;
	va_start(ap, types);
	va_copy(again, ap);
	json_t *rows = list_rows(call, list->rows, types, ap, at);
	int64_t total = list_total(call, list->count, types, again);
	va_end(again);
	va_end(ap);

	json_t *page = json_object();
	if (list->empty_without_array && total == 0) {
		json_decref(rows);
		json_object_set_new(page, "total", json_integer(0));
		sgy_reply_json(call, 200, page);
		return;
	}
	json_array_foreach(rows, i, row)
		if (list->extend)
			list->extend(call, row);
	bool more = more_follows(at, rows, total, &next);
	set_list(call, page, list->key, rows);
	set_paging(call, page, total, list->total_is_text, at, more ? &next : NULL);
	sgy_reply_json(call, 200, page);
}

void sgy_add_small_list(sgy_call *call, json_t *page, const char *key, json_t *rows)
{
	page_place at, next;
	int64_t total = (int64_t)json_array_size(rows);

	if (!call->sgy->options.small_lists_paged) {
		set_list(call, page, key, rows);
		return;
	}
	at = (page_place){ sgy_param_int(call, "start", 0), 0, sgy_param_int(call, "limit", SGY_PAGE_DEFAULT) };
	at.start = at.start < 0 ? 0 : at.start > total ? total : at.start;
	at.limit = at.limit < 1 || at.limit > SGY_PAGE_MAX ? SGY_PAGE_DEFAULT : at.limit;
	json_t *part = json_array();
	for (int64_t i = at.start; i < total && i < at.start + at.limit; i++)
		json_array_append(part, json_array_get(rows, (size_t)i));
	json_decref(rows);
	bool more = more_follows(at, part, total, &next);
	set_list(call, page, key, part);
	set_paging(call, page, total, true, at, more ? &next : NULL);
}
