/* JSON read with suspicion: bounded text in, typed values out, errors that name the place.
 * Never accepts duplicate keys, unbounded nesting, or a value of another type than asked for. */
#pragma once
#include <jansson.h>

#include "base/str.h"
#include "base/err.h"

#define SR_JSON_DEPTH_MAX 32

/* Parses one whole document. Refuses more than `bytes_max` bytes (SR_E_LIMIT), more than
 * SR_JSON_DEPTH_MAX levels (SR_E_LIMIT), duplicate keys, NUL in text, trailing bytes (SR_E_PARSE).
 * The caller owns *out (json_decref, or declare it json_auto_t). */
int sr_json_parse(const char *text, size_t len, size_t bytes_max, json_t **out, sr_err *err);

/* Compact text, keys in their order; the caller frees. NULL: out of memory, `err` filled. */
char *sr_json_dump(const json_t *value, sr_err *err);

/* Tolerant reading: missing, null and another type are all "not there". `object` may be NULL.
 * Text and containers are borrowed from the object. */
const char *sr_json_text(const json_t *object, const char *key); /* NULL: not there */
int64_t sr_json_int(const json_t *object, const char *key, int64_t otherwise);
bool sr_json_bool(const json_t *object, const char *key, bool otherwise);
json_t *sr_json_object(const json_t *object, const char *key); /* NULL: not there */
json_t *sr_json_array(const json_t *object, const char *key);  /* NULL: not there; NULL counts 0 */

const char *sr_json_type_name(const json_t *value); /* "text", "integer", "missing", ... */

/* An object under construction. Every setter takes its value away, accepts failure silently and
 * remembers it: check once, when taking. Text that is not UTF-8 is a failure; NULL text is null. */
typedef struct sr_json_obj {
	json_t *object;
	bool failed;
} sr_json_obj;

sr_json_obj sr_json_obj_new(void);
void sr_json_put(sr_json_obj *o, const char *key, json_t *stolen);
void sr_json_put_text(sr_json_obj *o, const char *key, const char *text);
void sr_json_put_int(sr_json_obj *o, const char *key, int64_t n);
void sr_json_put_bool(sr_json_obj *o, const char *key, bool b);
/* Gives the object away; NULL (and freed) if anything failed. */
json_t *sr_json_obj_take(sr_json_obj *o);
