/* One pass that knows strings and brackets and nothing else. Two things make it safe: brackets must
 * match in kind as well as in number, and the body with the records cut out goes through jansson,
 * which then sees every byte that no slice holds. A body that was cut off has an open bracket. */
#include "codec/slice.h"

#include <string.h>

#include "base/str.h"
#include "wire/json.h"

typedef struct scan {
	const char *start, *p, *end;
	const char *member;
	sr_arena *arena;
	sr_slices *out;
	size_t room;
	sr_buf rest;
	bool found;
	sr_err *err;
} scan;

static int broken(const scan *s, const char *expected)
{
	return sr_fail(s->err, SR_E_PARSE, "the answer is cut off or damaged: expected %s at byte %zu of %zu", expected,
		(size_t)(s->p - s->start), (size_t)(s->end - s->start));
}

static void skip_space(scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
		s->p++;
}

static bool at(scan *s, char c)
{
	skip_space(s);
	return s->p < s->end && *s->p == c;
}

static bool take(scan *s, char c)
{
	if (!at(s, c))
		return false;
	s->p++;
	return true;
}

/* `p` is at the opening quote; afterwards behind the closing one. */
static int skip_string(scan *s)
{
	for (s->p++; s->p < s->end; s->p++) {
		if (*s->p == '\\')
			s->p++;
		else if (*s->p == '"')
			break;
	}
	if (s->p >= s->end) {
		s->p = s->end;
		return broken(s, "the end of a text");
	}
	s->p++;
	return 0;
}

/* `p` is at an opening bracket; afterwards behind its partner. The open brackets are kept as bits,
 * 1 for a list. */
static int skip_brackets(scan *s)
{
	uint64_t lists = 0;
	int depth = 0;

	_Static_assert(SR_JSON_DEPTH_MAX < 64, "one bit a level");
	do {
		if (s->p >= s->end)
			return broken(s, "a closing bracket");
		switch (*s->p) {
		case '"':
			if (skip_string(s) < 0)
				return -1;
			continue;
		case '{':
		case '[':
			if (++depth > SR_JSON_DEPTH_MAX)
				return sr_fail(s->err, SR_E_LIMIT, "the answer is nested deeper than %d levels",
					SR_JSON_DEPTH_MAX);
			lists = lists << 1 | (*s->p == '[');
			break;
		case '}':
		case ']':
			if ((lists & 1) != (*s->p == ']'))
				return broken(s, "the other closing bracket");
			lists >>= 1;
			depth--;
			break;
		default:
			break;
		}
		s->p++;
	} while (depth);
	return 0;
}

/* Any value: brackets and texts are walked, a bare word ends where it must. */
static int skip_value(scan *s)
{
	const char *from;

	skip_space(s);
	if (s->p >= s->end)
		return broken(s, "a value");
	if (*s->p == '{' || *s->p == '[')
		return skip_brackets(s);
	if (*s->p == '"')
		return skip_string(s);
	from = s->p;
	while (s->p < s->end && !memchr(",:]} \t\r\n\"[{", *s->p, 12))
		s->p++;
	return s->p > from ? 0 : broken(s, "a value");
}

/* ---- records ---- */

static int keep_slice(scan *s, const char *from)
{
	sr_slices *out = s->out;

	if (out->count == SR_SLICE_RECORDS_MAX)
		return sr_fail(s->err, SR_E_LIMIT, "the answer holds more than %d records", SR_SLICE_RECORDS_MAX);
	if (out->count == s->room) {
		size_t room = s->room ? s->room * 2 : 128;
		sr_slice *more = sr_arena_alloc(s->arena, room * sizeof(*more));

		if (!more)
			return sr_fail_nomem(s->err);
		if (out->count)
			memcpy(more, out->items, out->count * sizeof(*more));
		out->items = more;
		s->room = room;
	}
	out->items[out->count++] = (sr_slice){ from, (size_t)(s->p - from) };
	return 0;
}

static int cut_record(scan *s)
{
	const char *from;

	if (!at(s, '{'))
		return broken(s, "a record");
	from = s->p;
	return skip_brackets(s) < 0 ? -1 : keep_slice(s, from);
}

static int cut_list(scan *s)
{
	s->p++;
	if (take(s, ']'))
		return 0;
	do {
		if (cut_record(s) < 0)
			return -1;
	} while (take(s, ','));
	return take(s, ']') ? 0 : broken(s, "a comma or the end of the records");
}

/* No record at all is written as nothing, as null, or as the empty text (contracts/powerschool.md
 * 4, quirks 1 and 2). */
static int cut_none(scan *s)
{
	const char *from;

	skip_space(s);
	from = s->p;
	if (skip_value(s) < 0)
		return -1;
	if ((s->p - from == 4 && memcmp(from, "null", 4) == 0) || (s->p - from == 2 && memcmp(from, "\"\"", 2) == 0))
		return 0;
	return sr_fail(s->err, SR_E_PROTO, "`%s` is neither a record nor a list of records", s->member);
}

static int cut_member(scan *s)
{
	s->found = true;
	sr_buf_puts(&s->rest, "null");
	if (at(s, '['))
		return cut_list(s);
	if (at(s, '{'))
		return cut_record(s);
	return cut_none(s);
}

/* ---- the object around them ---- */

static bool is_member(const scan *s, const char *quoted, size_t len)
{
	return len == strlen(s->member) + 2 && memcmp(quoted + 1, s->member, len - 2) == 0;
}

static int one_member(scan *s)
{
	const char *from;
	bool wanted;

	if (!at(s, '"'))
		return broken(s, "a name");
	from = s->p;
	if (skip_string(s) < 0)
		return -1;
	wanted = is_member(s, from, (size_t)(s->p - from));
	sr_buf_add(&s->rest, from, (size_t)(s->p - from));
	if (!take(s, ':'))
		return broken(s, "a colon");
	sr_buf_putc(&s->rest, ':');
	if (wanted)
		return cut_member(s);
	skip_space(s);
	from = s->p;
	if (skip_value(s) < 0)
		return -1;
	sr_buf_add(&s->rest, from, (size_t)(s->p - from));
	return 0;
}

static int whole_object(scan *s)
{
	if (!take(s, '{'))
		return broken(s, "an object");
	sr_buf_putc(&s->rest, '{');
	while (!at(s, '}')) {
		if (one_member(s) < 0)
			return -1;
		if (!take(s, ','))
			break;
		sr_buf_putc(&s->rest, ',');
		if (at(s, '}'))
			return broken(s, "a name");
	}
	if (!take(s, '}'))
		return broken(s, "a comma or the end of the answer");
	sr_buf_putc(&s->rest, '}');
	skip_space(s);
	return s->p == s->end ? 0 : broken(s, "nothing more");
}

/* A name may be spelled with escapes: then the cutter has not known the member and jansson has. */
static int check_rest(scan *s)
{
	if (s->rest.failed)
		return sr_fail_nomem(s->err);
	if (sr_json_parse(s->rest.p, s->rest.len, s->rest.len, &s->out->rest, s->err) < 0)
		return sr_err_prefix(s->err, "around the records");
	if (!s->found && json_object_get(s->out->rest, s->member))
		return sr_fail(s->err, SR_E_PROTO, "`%s` is spelled with escapes", s->member);
	return 0;
}

int sr_slice_records(const char *body, size_t len, const char *member, sr_arena *arena, sr_slices *out, sr_err *err)
{
	sr_slices cut = { 0 };
	scan s = {
		.start = body, .p = body, .end = body + len, .member = member, .arena = arena, .out = &cut, .err = err
	};
	int rc = whole_object(&s);

	if (rc == 0)
		rc = check_rest(&s);
	sr_buf_done(&s.rest);
	if (rc == 0)
		*out = cut;
	else
		sr_slices_done(&cut);
	return rc;
}

void sr_slices_done(sr_slices *s)
{
	json_decref(s->rest);
	*s = (sr_slices){ 0 };
}
