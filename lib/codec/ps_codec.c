/* Every reader is driven by the columns of its kind (core/model.c); what is peculiar to PowerSchool's
 * JSON stands here once: numbers as text, text as numbers, rows that are an object when there is
 * only one, blanks that are missing. */
#include "codec/ps_codec.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "codec/body.h"
#include "codec/slice.h"
#include "wire/json.h"

#define SYSTEM "PowerSchool"
#define RECORD "record"
#define REFUSAL_MAX 200
#define EXACT_REAL_MAX 9007199254740992.0 /* whole numbers beyond 2^53 are not exact in a JSON real */

/* ---- values ---- */

/* A whole number with or without a fraction of zeros: "204881", "204881.0". */
static bool whole_number(const char *s, size_t len, int64_t *out)
{
	char digits[24];
	const char *dot = memchr(s, '.', len);
	size_t whole = dot ? (size_t)(dot - s) : len;

	for (size_t i = whole + 1; i < len; i++)
		if (s[i] != '0')
			return false;
	if (!whole || whole >= sizeof(digits))
		return false;
	memcpy(digits, s, whole);
	digits[whole] = '\0';
	return sr_parse_i64(digits, out);
}

static bool real_is_whole(const json_t *v, int64_t *out)
{
	double d = json_real_value(v);

	if (!(fabs(d) <= EXACT_REAL_MAX) || d != floor(d))
		return false;
	*out = (int64_t)d;
	return true;
}

/* 1: a value; 0: blank; -1: not of this type. */
static int read_int(const json_t *v, sr_arena *arena, bool number, sr_value *out)
{
	const char *s;
	size_t len;

	(void)arena;
	(void)number;
	switch (json_typeof(v)) {
	case JSON_INTEGER:
		out->n = json_integer_value(v);
		return 1;
	case JSON_TRUE:
	case JSON_FALSE:
		out->n = json_is_true(v);
		return 1;
	case JSON_REAL:
		return real_is_whole(v, &out->n) ? 1 : -1;
	case JSON_STRING:
		s = sr_trimmed(json_string_value(v), &len);
		return !len ? 0 : whole_number(s, len, &out->n) ? 1 : -1;
	default:
		return -1;
	}
}

/* `number`: the text is a number that some servers keep with a fraction; its form is the whole one. */
static int read_text(const json_t *v, sr_arena *arena, bool number, sr_value *out)
{
	char digits[32];
	const char *s = digits;
	size_t len;
	int64_t n;

	if (json_is_integer(v)) {
		snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(v));
	} else if (json_is_real(v)) {
		if (real_is_whole(v, &n))
			snprintf(digits, sizeof(digits), "%lld", (long long)n);
		else
			snprintf(digits, sizeof(digits), "%.15g", json_real_value(v));
	} else if (json_is_string(v)) {
		s = json_string_value(v);
	} else {
		return -1;
	}
	s = sr_trimmed(s, &len);
	if (number && memchr(s, '.', len) && whole_number(s, len, &n))
		len = (size_t)((const char *)memchr(s, '.', len) - s);
	if (len > SR_PS_TEXT_MAX)
		return -1;
	out->s = len ? sr_arena_strndup(arena, s, len) : NULL;
	return len ? 1 : 0;
}

static int read_day(const json_t *v, sr_arena *arena, bool number, sr_value *out)
{
	char text[SR_PS_TEXT_MAX + 1];
	const char *s;
	size_t len;
	sr_day day;

	(void)arena;
	(void)number;
	if (!json_is_string(v))
		return -1;
	s = sr_trimmed(json_string_value(v), &len);
	if (!len)
		return 0;
	if (len > SR_PS_TEXT_MAX)
		return -1;
	memcpy(text, s, len);
	text[len] = '\0';
	if (!sr_day_parse(text, &day))
		return -1;
	out->n = day;
	return day == SR_DAY_NONE ? 0 : 1;
}

static const struct {
	int (*read)(const json_t *v, sr_arena *arena, bool number, sr_value *out);
	const char *expected;
} types[] = {
	[SR_T_INT] = { read_int, "a whole number" },
	[SR_T_TEXT] = { read_text, "a short text" },
	[SR_T_DAY] = { read_day, "a date" },
};

/* ---- records ---- */

/* Flattened rows hold the columns themselves; the others hold them under `tables`, a table each,
 * and beside them an `id` and a `name` that are not columns. */
static const json_t *column(const json_t *row, const char *name)
{
	json_t *tables = json_object_get(row, "tables"), *table, *v;
	const char *key;

	if (!json_is_object(tables))
		return json_object_get(row, name);
	json_object_foreach(tables, key, table) {
		v = json_object_get(table, name);
		if (v)
			return v;
	}
	return NULL;
}

/* Numbers that are kept with a fraction at some servers, and are names here. */
static bool is_number_text(const sr_kind *kind, size_t field)
{
	return kind == &sr_src_kinds[SR_SRC_STUDENT] && field == SR_STU_STUDENT_NUMBER;
}

static int read_field(
	const sr_kind *kind, size_t field, const json_t *v, size_t index, sr_arena *arena, sr_value *out, sr_err *err)
{
	const sr_field *f = &kind->fields[field];
	sr_value value = { 0 };
	int got = v && !json_is_null(v) ? types[f->type].read(v, arena, is_number_text(kind, field), &value) : 0;

	if (got < 0)
		return sr_fail(err, SR_E_PARSE, "record[%zu].%s: expected %s, got %s", index, f->name,
			types[f->type].expected, sr_json_type_name(v));
	if (got && f->type == SR_T_TEXT && !value.s)
		return sr_fail_nomem(err);
	value.set = got > 0;
	*out = value;
	return 0;
}

static int read_record(
	const sr_kind *kind, const sr_slice *slice, size_t index, sr_arena *arena, sr_record *out, sr_err *err)
{
	json_t *row;
	int rc = 0;

	sr_record_init(out, kind);
	if (sr_json_parse(slice->bytes, slice->len, slice->len, &row, err) < 0)
		return err->code == SR_E_NOMEM ? -1 : sr_fail(err, SR_E_PARSE, "record[%zu]: not JSON", index);
	for (size_t i = 0; i < kind->count && rc == 0; i++)
		rc = read_field(kind, i, column(row, kind->fields[i].name), index, arena, &out->v[i], err);
	json_decref(row);
	if (rc == 0 && !out->v[0].set)
		return sr_fail(err, SR_E_PARSE, "record[%zu].%s: missing", index, kind->fields[0].name);
	return rc;
}

static int add_bad(sr_ps_rows *rows, const sr_record *r, const sr_err *why, sr_arena *arena, sr_err *err)
{
	char *path = sr_arena_strdup(arena, why->text);

	if (!path)
		return sr_fail_nomem(err);
	rows->bad_keys[rows->bad] = r->v[0].set ? r->v[0].n : 0;
	rows->bad_paths[rows->bad++] = path;
	return 0;
}

static int rises(sr_ps_rows *rows, const sr_record *r, size_t index, sr_err *err)
{
	if (!r->v[0].set)
		return 0;
	if (r->v[0].n <= rows->last_key)
		return sr_fail(err, SR_E_PROTO,
			"record[%zu].%s does not rise: the server did not keep the query's order", index,
			r->kind->fields[0].name);
	rows->last_key = r->v[0].n;
	return 0;
}

static int read_row(
	const sr_kind *kind, const sr_slice *slice, size_t index, sr_arena *arena, sr_ps_rows *rows, sr_err *err)
{
	sr_record *r = &rows->records[rows->count];
	sr_err why = { 0 };
	int rc = read_record(kind, slice, index, arena, r, &why);

	if (rc < 0 && why.code == SR_E_NOMEM)
		return sr_fail_nomem(err);
	if (rises(rows, r, index, err) < 0)
		return -1;
	if (rc < 0)
		return add_bad(rows, r, &why, arena, err);
	rows->raw[rows->count++] = (sr_packed){ (uint8_t *)slice->bytes, slice->len };
	return 0;
}

/* A refusal that comes under 200 has no records, and must not read as "none". */
static int check_around(const json_t *rest, sr_err *err)
{
	static const char *const signs[] = { "errorMessage", "error", "errors", "message" };

	for (size_t i = 0; i < SR_COUNT_OF(signs); i++)
		if (json_object_get(rest, signs[i]))
			return sr_fail(err, SR_E_REMOTE, "PowerSchool answered with an error instead of records");
	return 0;
}

static int cut(const char *body, size_t len, sr_arena *arena, sr_slices *out, sr_err *err)
{
	if (sr_body_is_data(SYSTEM, body, len, err) < 0)
		return -1;
	if (sr_slice_records(body, len, RECORD, arena, out, err) < 0) {
		/* Half an answer is the network's or the server's trouble, and passes. */
		if (err && err->code == SR_E_PARSE)
			err->code = SR_E_PROTO, err->retry = sr_errc_retry(SR_E_PROTO);
		return -1;
	}
	return check_around(out->rest, err);
}

int sr_ps_rows_read(
	sr_src kind, const char *body, size_t len, int64_t after, sr_arena *arena, sr_ps_rows *out, sr_err *err)
{
	SR_AUTO(sr_slices) slices = { 0 };
	sr_ps_rows rows = { .last_key = after };

	if (cut(body, len, arena, &slices, err) < 0)
		return -1;
	rows.records = sr_arena_alloc(arena, (slices.count + 1) * sizeof(*rows.records));
	rows.raw = sr_arena_alloc(arena, (slices.count + 1) * sizeof(*rows.raw));
	rows.bad_paths = sr_arena_alloc(arena, (slices.count + 1) * sizeof(*rows.bad_paths));
	rows.bad_keys = sr_arena_alloc(arena, (slices.count + 1) * sizeof(*rows.bad_keys));
	if (!rows.records || !rows.raw || !rows.bad_paths || !rows.bad_keys)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < slices.count; i++)
		if (read_row(&sr_src_kinds[kind], &slices.items[i], i, arena, &rows, err) < 0)
			return -1;
	*out = rows;
	return 0;
}

/* ---- the small answers ---- */

/* A number that may come as text. */
static bool tolerant_int(const json_t *v, int64_t *out)
{
	sr_value value = { 0 };

	if (!v || json_is_null(v) || read_int(v, NULL, false, &value) != 1)
		return false;
	*out = value.n;
	return true;
}

/* A text that may come as a number; "" when blank or missing. NULL: out of memory. */
static const char *tolerant_text(const json_t *v, sr_arena *arena)
{
	sr_value value = { 0 };
	int got = v && !json_is_null(v) ? read_text(v, arena, false, &value) : 0;

	return got > 0 ? value.s : "";
}

/* One row is an object, several a list, none is missing or the empty text. */
static size_t many(const json_t *v)
{
	return json_is_array(v) ? json_array_size(v) : json_is_object(v) ? 1 : 0;
}

static const json_t *nth(const json_t *v, size_t i)
{
	return json_is_array(v) ? json_array_get(v, i) : v;
}

int sr_ps_schools_read(
	const char *body, size_t len, sr_arena *arena, sr_ps_school **out, size_t *count, size_t *seen, sr_err *err)
{
	json_auto_t *doc = NULL;
	const json_t *list;
	sr_ps_school *rows;
	size_t n = 0;

	if (sr_body_object(SYSTEM, body, len, &doc, err) < 0)
		return -1;
	if (!json_object_get(doc, "schools"))
		return sr_fail(err, SR_E_PROTO, "schools: missing");
	list = json_object_get(json_object_get(doc, "schools"), "school");
	rows = sr_arena_alloc(arena, (many(list) + 1) * sizeof(*rows));
	if (!rows)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < many(list); i++) {
		const json_t *s = nth(list, i);

		if (!tolerant_int(json_object_get(s, "school_number"), &rows[n].number) || rows[n].number <= 0)
			continue;
		if (!tolerant_int(json_object_get(s, "id"), &rows[n].dcid))
			return sr_fail(err, SR_E_PROTO, "schools.school[%zu].id: missing", i);
		rows[n].name = tolerant_text(json_object_get(s, "name"), arena);
		if (!rows[n++].name)
			return sr_fail_nomem(err);
	}
	*out = rows;
	*count = n;
	*seen = many(list);
	return 0;
}

int sr_ps_info_read(const char *body, size_t len, sr_arena *arena, sr_ps_info *out, sr_err *err)
{
	json_auto_t *doc = NULL;
	const json_t *m;
	sr_ps_info info = { .school_page_size = 100 };
	int64_t n;

	if (sr_body_object(SYSTEM, body, len, &doc, err) < 0)
		return -1;
	m = json_object_get(doc, "metadata");
	if (!json_is_object(m))
		return sr_fail(err, SR_E_PROTO, "metadata: missing");
	info.uuid = tolerant_text(json_object_get(m, "district_uuid"), arena);
	info.version = tolerant_text(json_object_get(m, "powerschool_version"), arena);
	info.timezone = tolerant_text(json_object_get(m, "district_timezone"), arena);
	if (!info.uuid || !info.version || !info.timezone)
		return sr_fail_nomem(err);
	if (tolerant_int(json_object_get(m, "school_max_page_size"), &n) && n >= 1 && n <= 1000)
		info.school_page_size = n;
	*out = info;
	return 0;
}

static bool is_token(const char *s)
{
	size_t len = s ? strlen(s) : 0;

	for (size_t i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] > '~')
			return false;
	return len && len <= SR_PS_TEXT_MAX;
}

int sr_ps_token_read(const char *body, size_t len, sr_arena *arena, sr_ps_token *out, sr_err *err)
{
	json_auto_t *doc = NULL;
	sr_ps_token token = { 0 };
	const char *text;

	if (sr_body_object(SYSTEM, body, len, &doc, err) < 0)
		return -1;
	text = sr_json_text(doc, "access_token");
	if (!is_token(text))
		return sr_fail(err, SR_E_PROTO, "access_token: expected a token, got %s",
			sr_json_type_name(json_object_get(doc, "access_token")));
	token.text = sr_arena_strdup(arena, text);
	if (!token.text)
		return sr_fail_nomem(err);
	tolerant_int(json_object_get(doc, "expires_in"), &token.expires_in_s);
	*out = token;
	return 0;
}

int sr_ps_count_read(const char *body, size_t len, int64_t *out, sr_err *err)
{
	json_auto_t *doc = NULL;
	const json_t *v;
	int64_t n;

	if (sr_body_object(SYSTEM, body, len, &doc, err) < 0)
		return -1;
	v = json_object_get(doc, "count");
	if (!v)
		v = json_object_get(json_object_get(doc, "resource"), "count");
	if (!tolerant_int(v, &n) || n < 0)
		return sr_fail(err, SR_E_PROTO, "count: expected a number, got %s", sr_json_type_name(v));
	*out = n;
	return 0;
}

int sr_ps_pairs_read(const char *body, size_t len, const char *column_a, const char *column_b, sr_arena *arena,
	sr_ps_pair **out, size_t *count, sr_err *err)
{
	SR_AUTO(sr_slices) slices = { 0 };
	sr_ps_pair *rows;

	if (cut(body, len, arena, &slices, err) < 0)
		return -1;
	rows = sr_arena_alloc(arena, (slices.count + 1) * sizeof(*rows));
	if (!rows)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < slices.count; i++) {
		json_auto_t *row = NULL;

		if (sr_json_parse(slices.items[i].bytes, slices.items[i].len, slices.items[i].len, &row, err) < 0)
			return sr_fail(err, SR_E_PROTO, "record[%zu]: not JSON", i);
		rows[i].a = tolerant_text(column(row, column_a), arena);
		rows[i].b = tolerant_text(column(row, column_b), arena);
		if (!rows[i].a || !rows[i].b)
			return sr_fail_nomem(err);
	}
	*out = rows;
	*count = slices.count;
	return 0;
}

/* ---- refusals ---- */

static const char *said(const json_t *v, sr_arena *arena)
{
	const char *s = json_string_value(v), *words = s ? sr_body_words(s, strlen(s), REFUSAL_MAX, arena) : NULL;

	return words ? words : "";
}

void sr_ps_refusal_read(const char *body, size_t len, sr_arena *arena, sr_ps_refusal *out)
{
	json_auto_t *doc = NULL;
	const json_t *first, *message;

	*out = (sr_ps_refusal){ "", "", "", "", sr_body_is_html(body, len) };
	if (out->html || !len || sr_json_parse(body, len, len, &doc, NULL) < 0 || !json_is_object(doc))
		return;
	message = json_object_get(doc, "message");
	if (!message)
		message = json_object_get(json_object_get(doc, "errorMessage"), "message");
	if (!message)
		message = json_object_get(doc, "error");
	first = json_object_get(doc, "errors");
	first = many(first) ? nth(first, 0) : NULL;
	out->message = said(message, arena);
	out->table = said(json_object_get(first, "resource"), arena);
	out->field = said(json_object_get(first, "field"), arena);
	out->code = said(json_object_get(first, "code"), arena);
}
