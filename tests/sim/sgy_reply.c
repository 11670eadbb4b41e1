/* Shapes that many answers share: one object, a bulk call's 207, a refusal; in JSON or XML. */
#include <stdio.h>
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

/* --- how numbers are written: by field, as documented, or all alike --- */

static bool is_number_field(const char *key)
{
	static const char *const keys[] = { "id", "uid", "school_id", "building_id", "role_id", "total", "admin",
		"status", "synced", "active", "grading_periods", "response_code" };

	for (size_t i = 0; i < SR_COUNT_OF(keys); i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

/* A new reference. */
static json_t *retyped(json_t *value, bool as_text)
{
	char text[24];
	int64_t n;

	if (as_text && json_is_integer(value)) {
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
		return json_string(text);
	}
	if (!as_text && json_is_string(value) && sr_parse_i64(json_string_value(value), &n))
		return json_integer(n);
	return json_incref(value);
}

static void retype(json_t *json, bool numbers, bool as_text)
{
	const char *key;
	json_t *value;
	size_t i;
	void *next;

	json_array_foreach(json, i, value) {
		if (numbers)
			json_array_set_new(json, i, retyped(value, as_text));
		else
			retype(value, false, as_text);
	}
	json_object_foreach_safe(json, next, key, value)
	{
		bool named = is_number_field(key);
		if (named && !json_is_array(value))
			json_object_set_new(json, key, retyped(value, as_text));
		else
			retype(value, named, as_text);
	}
}

static void reply_xml(sgy_call *call, int status, const json_t *json)
{
	SR_AUTO(sr_buf) text = { 0 };

	sgy_xml_write(&text, json);
	call->sgy->failed |= text.failed;
	sgy_reply_body(call, status, "text/xml; charset=UTF-8", sr_buf_text(&text));
}

void sgy_reply_json(sgy_call *call, int status, json_t *json)
{
	int types = call->sgy->options.number_types;

	if (types)
		retype(json, false, types == 1);
	if (call->answer_format == SGY_XML) {
		reply_xml(call, status, json);
		json_decref(json);
		return;
	}
	/* PHP's json_encode: "\/", and everything else in ASCII. */
	SR_AUTO_FREE char *text = json_dumps(
		json, JSON_COMPACT | JSON_ESCAPE_SLASH | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(8));

	json_decref(json);
	call->sgy->failed |= !text;
	sgy_reply_body(call, status, "application/json; charset=UTF-8", text ? text : "");
}

/* The door's refusals and the limiter's are plain text always; of the others no shape is documented. */
void sgy_reply_text(sgy_call *call, int status, const char *text)
{
	int body = status == 401 || status == 429 ? 0 : call->sgy->options.error_body;

	if (body == 1)
		sgy_reply_json(call, status, json_pack("{s:s}", "error", text));
	else if (body == 2)
		sgy_reply_json(call, status, json_pack("{s:s,s:i}", "message", text, "code", status));
	else
		sgy_reply_body(call, status, "text/plain; charset=UTF-8", text);
}

void sgy_reply_empty(sgy_call *call, int status)
{
	bool xml = call->answer_format == SGY_XML;

	sgy_reply_body(call, status, xml ? "text/xml; charset=UTF-8" : "application/json; charset=UTF-8", "");
}

void sgy_reply_location(sgy_call *call, const char *path)
{
	sgy_reply_empty(call, 303);
	sim_reply_header(call->reply, "Location", sgy_printf(call, "%s/%s", call->base, path));
}

void sgy_reply_row(
	sgy_call *call, sqlite3_stmt *stmt, int status, const char *self, const char *missing, sgy_extend_fn extend)
{
	if (!sgy_step(call->sgy, stmt)) {
		sgy_reply_text(call, 404, missing);
		return;
	}
	json_t *row = sgy_row(stmt);
	sqlite3_reset(stmt);
	if (extend)
		extend(call, row);
	json_object_set_new(row, "links", json_pack("{s:s}", "self", sgy_printf(call, "%s/%s", call->base, self)));
	if (status != 201 || !call->sgy->options.post_body) {
		sgy_reply_json(call, status, row);
		return;
	}
	sgy_reply_empty(call, status);
	json_decref(row);
}

/* --- bulk calls --- */

json_t *sgy_items(sgy_call *call, const char *outer, const char *inner)
{
	json_t *found = outer ? json_object_get(call->body, outer) : call->body;

	/* The wrapper may be left out by one level: {"user": [...]}. */
	found = json_object_get(found, inner) ? json_object_get(found, inner) : json_object_get(call->body, inner);
	if (json_is_object(found) || (json_is_string(found) && *json_string_value(found)))
		return json_pack("[O]", found);
	if (!json_is_array(found)) {
		sgy_reply_text(call, 400, sgy_printf(call, "The body holds no list of %s.", inner));
		return NULL;
	}
	if (json_array_size(found) <= SGY_BULK_MAX)
		return json_incref(found);
	if (!call->sgy->options.bulk_over) {
		sgy_reply_text(call, 400, "You may not send more than 50 objects in one bulk request.");
		return NULL;
	}
	json_t *kept = json_array();
	for (size_t i = 0; i < SGY_BULK_MAX; i++)
		json_array_append(kept, json_array_get(found, i));
	return kept;
}

static void reply_bulk(sgy_call *call, const char *outer, const char *inner, int status, json_t *answers)
{
	json_t *body = json_object();
	size_t i;
	json_t *answer;

	json_array_foreach(answers, i, answer)
		if (!call->sgy->options.item_message && !sgy_item_ok(answer))
			json_object_del(answer, "message");
	if (call->sgy->options.answer_order)
		sgy_reverse(answers);
	if (json_array_size(answers) == 1 && call->sgy->options.single_row)
		json_object_set(body, inner, json_array_get(answers, 0));
	else
		json_object_set(body, inner, answers);
	json_decref(answers);
	if (outer) {
		json_t *wrapped = json_object();
		json_object_set_new(wrapped, outer, body);
		body = wrapped;
	}
	sgy_reply_json(call, status, body);
}

void sgy_bulk(sgy_call *call, const char *outer, const char *inner, bool wrap_answer, int status, sgy_item_fn each)
{
	json_t *items = sgy_items(call, outer, inner), *answers = json_array();

	for (size_t i = 0, n = json_array_size(items); i < n; i++) {
		bool last_first = call->sgy->options.batch_order == 1;
		json_t *item = json_array_get(items, last_first ? n - 1 - i : i);
		json_t *answer = json_is_object(item) ? each(call, item)
						      : sgy_item_fail(400, "The item is not an object.");
		json_array_insert_new(answers, last_first ? 0 : i, answer);
	}
	if (!items) {
		json_decref(answers);
		return;
	}
	json_decref(items);
	reply_bulk(call, wrap_answer ? outer : NULL, inner, status, answers);
}

void sgy_bulk_ids(sgy_call *call, const char *param, const char *outer, const char *inner, sgy_item_fn each)
{
	size_t count, i;
	const char *text = sgy_csv_json(call, sgy_param_text(call, param), &count);
	json_t *ids = text ? json_loads(text, 0, NULL) : NULL, *id;

	if (!ids || (count > SGY_BULK_MAX && !call->sgy->options.bulk_over)) {
		json_decref(ids);
		sgy_reply_text(call, 400, sgy_printf(call, "%s must hold 1 to 50 ids.", param));
		return;
	}
	json_t *answers = json_array();
	json_array_foreach(ids, i, id)
		if (i < SGY_BULK_MAX)
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
