/* Shapes that many answers share: one object, a page of a list, a bulk call's 207. */
#include <string.h>

#include "sgy_int.h"

void sgy_reply_body(sgy_call *call, int status, const char *type, const char *text)
{
	call->reply->status = status;
	sr_buf_clear(&call->reply->body);
	sr_buf_puts(&call->reply->body, text);
	if (type)
		sim_reply_header(call->reply, "Content-Type", type);
}

void sgy_reply_json(sgy_call *call, int status, json_t *json)
{
	/* PHP's json_encode: "\/", and everything else in ASCII. */
	SR_AUTO_FREE char *text = json_dumps(
		json, JSON_COMPACT | JSON_ESCAPE_SLASH | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(8));

	json_decref(json);
	call->sgy->failed |= !text;
	sgy_reply_body(call, status, "application/json; charset=UTF-8", text ? text : "");
}

void sgy_reply_text(sgy_call *call, int status, const char *text)
{
	sgy_reply_body(call, status, "text/plain; charset=UTF-8", text);
}

void sgy_reply_empty(sgy_call *call, int status)
{
	sgy_reply_body(call, status, NULL, "");
}

void sgy_reply_location(sgy_call *call, const char *path)
{
	sgy_reply_empty(call, 303);
	sim_reply_header(call->reply, "Location", sgy_printf(call, "%s/%s", call->base, path));
}

void sgy_reply_row(sgy_call *call, sqlite3_stmt *stmt, int status, const char *self, const char *missing)
{
	if (!sgy_step(call->sgy, stmt)) {
		sgy_reply_text(call, 404, missing);
		return;
	}
	json_t *row = sgy_row(stmt);
	sqlite3_reset(stmt);
	json_object_set_new(row, "links", json_pack("{s:s}", "self", sgy_printf(call, "%s/%s", call->base, self)));
	sgy_reply_json(call, status, row);
}

/* The path behind /v1 with the query, `start` replaced. */
static const char *page_link(sgy_call *call, int64_t start, int64_t limit, bool filters)
{
	SR_AUTO(sr_buf) link = { 0 };

	sr_buf_printf(&link, "%s%s?start=%lld&limit=%lld", call->base,
		!strncmp(call->path, "/v1", 3) ? call->path + 3 : call->path, (long long)start, (long long)limit);
	for (size_t i = 0; filters && i < call->query_count; i++) {
		const sgy_param *p = &call->query[i];
		if (!strcmp(p->name, "start") || !strcmp(p->name, "limit") || sr_starts(p->name, "oauth_"))
			continue;
		sr_buf_putc(&link, '&');
		sgy_encode(&link, p->name);
		sr_buf_putc(&link, '=');
		sgy_encode(&link, p->value);
	}
	return sgy_printf(call, "%s", sr_buf_text(&link));
}

static json_t *list_rows(sgy_call *call, const char *sql, const char *types, va_list ap, int64_t start, int64_t limit)
{
	sim_sgy *sgy = call->sgy;
	sqlite3_stmt *stmt = sgy_query(sgy, sql, "");
	json_t *rows = json_array();

	if (stmt) {
		sgy_bind(sgy, stmt, types, ap);
		sqlite3_bind_int64(stmt, sqlite3_bind_parameter_index(stmt, ":limit"), limit);
		sqlite3_bind_int64(stmt, sqlite3_bind_parameter_index(stmt, ":start"), start);
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

static bool page_bounds(sgy_call *call, int64_t *start, int64_t *limit)
{
	*start = sgy_param_int(call, "start", 0);
	*limit = sgy_param_int(call, "limit", SGY_PAGE_DEFAULT);
	if (*limit > SGY_PAGE_MAX && call->sgy->options.limit_over_error) {
		sgy_reply_text(call, 400, "The limit may not exceed 200.");
		return false;
	}
	*start = *start < 0 ? 0 : *start;
	*limit = *limit < 1 ? SGY_PAGE_DEFAULT : *limit > SGY_PAGE_MAX ? SGY_PAGE_MAX : *limit;
	return true;
}

void sgy_reply_list(sgy_call *call, const sgy_list *list, const char *types, ...)
{
	int64_t start, limit;
	va_list ap, again;

	if (!page_bounds(call, &start, &limit))
		return;
	va_start(ap, types);
	va_copy(again, ap);
	json_t *rows = list_rows(call, list->rows, types, ap, start, limit);
	int64_t total = list_total(call, list->count, types, again);
	va_end(again);
	va_end(ap);

	json_t *page = json_object(), *links = json_object();
	bool more = start + (int64_t)json_array_size(rows) < total && json_array_size(rows) > 0;
	if (list->empty_without_array && total == 0) {
		json_decref(rows);
		json_decref(links);
		json_object_set_new(page, "total", json_integer(0));
		sgy_reply_json(call, 200, page);
		return;
	}
	json_object_set_new(page, list->key, rows);
	json_object_set_new(page, "total",
		list->total_is_text ? json_string(sgy_printf(call, "%lld", (long long)total)) : json_integer(total));
	json_object_set_new(links, "self", json_string(page_link(call, start, limit, true)));
	if (more)
		json_object_set_new(links, "next",
			json_string(page_link(call, start + limit, limit, !call->sgy->options.next_drops_filters)));
	json_object_set_new(page, "links", links);
	sgy_reply_json(call, 200, page);
}

json_t *sgy_items(sgy_call *call, const char *outer, const char *inner)
{
	json_t *found = outer ? json_object_get(call->body, outer) : call->body;

	/* The wrapper may be left out by one level: {"user": [...]}. */
	found = json_object_get(found, inner) ? json_object_get(found, inner) : json_object_get(call->body, inner);
	if (json_is_object(found))
		return json_pack("[O]", found);
	if (!json_is_array(found)) {
		sgy_reply_text(call, 400, sgy_printf(call, "The body holds no list of %s.", inner));
		return NULL;
	}
	if (json_array_size(found) > SGY_BULK_MAX) {
		sgy_reply_text(call, 400, "You may not send more than 50 objects in one bulk request.");
		return NULL;
	}
	return json_incref(found);
}

static void reply_bulk(sgy_call *call, const char *outer, const char *inner, int status, json_t *answers)
{
	json_t *body = json_object();

	json_object_set_new(body, inner, answers);
	if (outer) {
		json_t *wrapped = json_object();
		json_object_set_new(wrapped, outer, body);
		body = wrapped;
	}
	sgy_reply_json(call, status, body);
}

void sgy_bulk(sgy_call *call, const char *outer, const char *inner, bool wrap_answer, int status, sgy_item_fn each)
{
	json_t *items = sgy_items(call, outer, inner), *item;
	size_t i;

	if (!items)
		return;
	json_t *answers = json_array();
	json_array_foreach(items, i, item)
		json_array_append_new(answers,
			json_is_object(item) ? each(call, item) : sgy_item_fail(400, "The item is not an object."));
	json_decref(items);
	reply_bulk(call, wrap_answer ? outer : NULL, inner, status, answers);
}

void sgy_bulk_ids(sgy_call *call, const char *param, const char *outer, const char *inner, sgy_item_fn each)
{
	size_t count, i;
	const char *text = sgy_csv_json(call, sgy_param_text(call, param), &count);
	json_t *ids = text ? json_loads(text, 0, NULL) : NULL, *id;

	if (!ids || count > SGY_BULK_MAX) {
		json_decref(ids);
		sgy_reply_text(call, 400, sgy_printf(call, "%s must hold 1 to 50 ids.", param));
		return;
	}
	json_t *answers = json_array();
	json_array_foreach(ids, i, id)
		json_array_append_new(answers, each(call, id));
	json_decref(ids);
	reply_bulk(call, outer, inner, 207, answers);
}

json_t *sgy_item_fail(int code, const char *message)
{
	return json_pack("{s:i,s:s}", "response_code", code, "message", message);
}

bool sgy_json_int(const json_t *v, int64_t *out)
{
	if (json_is_integer(v)) {
		*out = json_integer_value(v);
		return true;
	}
	if (json_is_boolean(v)) {
		*out = json_is_true(v);
		return true;
	}
	return json_is_string(v) && sr_parse_i64(json_string_value(v), out);
}

const char *sgy_json_text(sgy_call *call, const json_t *v)
{
	if (json_is_string(v))
		return json_string_value(v);
	if (json_is_integer(v))
		return sgy_printf(call, "%lld", (long long)json_integer_value(v));
	if (json_is_real(v))
		return sgy_printf(call, "%g", json_real_value(v));
	return NULL;
}

const char *sgy_item_text(sgy_call *call, const json_t *item, const char *key)
{
	return sgy_json_text(call, json_object_get(item, key));
}

int64_t sgy_item_int(const json_t *item, const char *key, int64_t otherwise)
{
	int64_t n;

	return sgy_json_int(json_object_get(item, key), &n) ? n : otherwise;
}

bool sgy_item_ok(const json_t *answer)
{
	return json_integer_value(json_object_get(answer, "response_code")) < 300;
}

const char *sgy_item_message(const json_t *answer)
{
	const char *text = json_string_value(json_object_get(answer, "message"));

	return text ? text : "";
}

bool sgy_single_failed(sgy_call *call, const json_t *answer)
{
	bool failed = !sgy_item_ok(answer);

	if (failed)
		sgy_reply_text(call, (int)json_integer_value(json_object_get(answer, "response_code")),
			sgy_item_message(answer));
	return failed;
}

void sgy_single_put(sgy_call *call, sgy_item_fn each)
{
	json_object_set_new(call->body, "id", json_integer(call->id));
	json_t *answer = each(call, call->body);
	if (!sgy_single_failed(call, answer))
		sgy_reply_empty(call, 204);
	json_decref(answer);
}

void sgy_single_delete(sgy_call *call, sgy_item_fn each)
{
	json_t *id = json_integer(call->id);
	json_t *answer = each(call, id);

	if (!sgy_single_failed(call, answer))
		sgy_reply_empty(call, 204);
	json_decref(answer);
	json_decref(id);
}
