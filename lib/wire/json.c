/* jansson parses and holds; this file adds what a parser of foreign bytes needs besides: bounds that are
 * checked before the first node is made (jansson's own depth limit is fixed at 2048, and its recursion with
 * it), and typed reading that says where it failed. */
#include "wire/json.h"

#include "wire/json_guard.h"

/* Nesting is counted on the raw bytes, so a hostile document costs one pass and no memory. Brackets in text
 * do not count; malformed text is jansson's to refuse. */
static bool deeper_than(const char *text, size_t len, int depth_max)
{
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			if (++depth > depth_max)
				return true;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return false;
}

typedef struct reading {
	const char *text;
	size_t len;
	json_t *value;
	json_error_t why;
} reading;

static void read_text(void *arg)
{
	reading *r = arg;

	r->value = json_loadb(r->text, r->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &r->why);
}

int sr_json_parse(const char *text, size_t len, size_t bytes_max, json_t **out, sr_err *err)
{
	reading r = { .text = text, .len = len };

	if (len > bytes_max)
		return sr_fail(err, SR_E_LIMIT, "JSON of %zu bytes is longer than %zu", len, bytes_max);
	if (deeper_than(text, len, SR_JSON_DEPTH_MAX))
		return sr_fail(err, SR_E_LIMIT, "JSON is nested deeper than %d levels", SR_JSON_DEPTH_MAX);
	if (!sr_json_guarded(read_text, &r))
		return sr_fail_nomem(err);
	if (!r.value)
		return sr_fail(err, SR_E_PARSE, "JSON: %s (line %d, column %d)", r.why.text, r.why.line, r.why.column);
	*out = r.value;
	return 0;
}

typedef struct writing {
	const json_t *value;
	char *text;
} writing;

static void write_text(void *arg)
{
	writing *w = arg;

	w->text = json_dumps(w->value, JSON_COMPACT | JSON_ENCODE_ANY);
}

char *sr_json_dump(const json_t *value, sr_err *err)
{
	writing w = { .value = value };

	if (!sr_json_guarded(write_text, &w) || !w.text) {
		sr_fail_nomem(err);
		return NULL;
	}
	return w.text;
}

const char *sr_json_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int64_t sr_json_int(const json_t *object, const char *key, int64_t otherwise)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

bool sr_json_bool(const json_t *object, const char *key, bool otherwise)
{
	const json_t *value = json_object_get(object, key);

	return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

json_t *sr_json_object(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return json_is_object(value) ? value : NULL;
}

json_t *sr_json_array(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return json_is_array(value) ? value : NULL;
}

const char *sr_json_type_name(const json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "object",
		[JSON_ARRAY] = "list",
		[JSON_STRING] = "text",
		[JSON_INTEGER] = "integer",
		[JSON_REAL] = "number",
		[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",
		[JSON_NULL] = "null",
	};

	return value ? names[json_typeof(value)] : "missing";
}

sr_json_obj sr_json_obj_new(void)
{
	json_t *object = json_object();

	return (sr_json_obj){ .object = object, .failed = !object };
}

void sr_json_put(sr_json_obj *o, const char *key, json_t *stolen)
{
	if (json_object_set_new(o->object, key, stolen) != 0)
		o->failed = true;
}

void sr_json_put_text(sr_json_obj *o, const char *key, const char *text)
{
	sr_json_put(o, key, text ? json_string(text) : json_null());
}

void sr_json_put_int(sr_json_obj *o, const char *key, int64_t n)
{
	sr_json_put(o, key, json_integer(n));
}

void sr_json_put_bool(sr_json_obj *o, const char *key, bool b)
{
	sr_json_put(o, key, json_boolean(b));
}

json_t *sr_json_obj_take(sr_json_obj *o)
{
	json_t *object = SR_TAKE(o->object);

	if (o->failed) {
		json_decref(object);
		return NULL;
	}
	return object;
}
