/* The packed form of a record: version, then per field a tag and, if it is set, its value.
 *
 *     0x01 | 0x00                     unset
 *          | 0x01 varint(zigzag n)    a number or a day
 *          | 0x02 varint(len) bytes   a text, never empty, no NUL
 *
 * There is exactly one packed form of a record: the reader refuses what the writer would not
 * have written, so that equal bytes and equal records are the same thing. */
#include <string.h>

#include "core/model.h"

#define VERSION 1
#define VARINT_MAX_BYTES 10

enum { TAG_UNSET, TAG_NUMBER, TAG_TEXT };

typedef struct reader {
	const uint8_t *at, *end;
} reader;

static uint64_t zigzag(int64_t n)
{
	return ((uint64_t)n << 1) ^ (n < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t z)
{
	return (int64_t)(z >> 1 ^ (z & 1 ? UINT64_MAX : 0));
}

static uint8_t *put_varint(uint8_t *at, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		*at++ = (uint8_t)(n | 0x80);
	*at++ = (uint8_t)n;
	return at;
}

static bool get_varint(reader *r, uint64_t *out)
{
	uint64_t n = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		if (r->at == r->end || shift > 63)
			return false;
		byte = *r->at++;
		if (shift == 63 && byte > 1)
			return false;
		n |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	if (byte == 0 && shift > 7) /* a longer form of a shorter number */
		return false;
	*out = n;
	return true;
}

static size_t packed_max(const sr_record *r)
{
	size_t bytes = 1;

	for (size_t i = 0; i < r->kind->count; i++) {
		bytes += 1 + VARINT_MAX_BYTES;
		if (r->v[i].set && r->kind->fields[i].type == SR_T_TEXT)
			bytes += strlen(r->v[i].s);
	}
	return bytes;
}

static uint8_t *put_value(uint8_t *at, sr_type type, const sr_value *v)
{
	size_t len;

	if (!v->set || (type == SR_T_TEXT && !*v->s)) {
		*at++ = TAG_UNSET;
		return at;
	}
	if (type != SR_T_TEXT) {
		*at++ = TAG_NUMBER;
		return put_varint(at, zigzag(v->n));
	}
	len = strlen(v->s);
	*at++ = TAG_TEXT;
	at = put_varint(at, len);
	memcpy(at, v->s, len);
	return at + len;
}

int sr_record_pack(const sr_record *r, sr_arena *arena, sr_packed *out, sr_err *err)
{
	uint8_t *bytes = sr_arena_alloc(arena, packed_max(r)), *at = bytes;

	if (!bytes)
		return sr_fail_nomem(err);
	*at++ = VERSION;
	for (size_t i = 0; i < r->kind->count; i++)
		at = put_value(at, r->kind->fields[i].type, &r->v[i]);
	*out = (sr_packed){ .bytes = bytes, .len = (size_t)(at - bytes) };
	return 0;
}

static int malformed(const sr_kind *kind, size_t field, sr_err *err)
{
	return sr_fail(err, SR_E_PARSE, "packed %s: field %s cannot be read", kind->name, kind->fields[field].name);
}

/* 1: read, 0: malformed, -1: no memory. */
static int get_text(reader *r, sr_arena *arena, sr_value *out)
{
	uint64_t len;
	char *s;

	if (!get_varint(r, &len) || len == 0 || len > (uint64_t)(r->end - r->at))
		return 0;
	if (memchr(r->at, 0, (size_t)len))
		return 0;
	s = sr_arena_strndup(arena, (const char *)r->at, (size_t)len);
	if (!s)
		return -1;
	r->at += len;
	*out = (sr_value){ .set = true, .s = s };
	return 1;
}

static int get_number(reader *r, sr_type type, sr_value *out)
{
	uint64_t z;
	int64_t n;

	if (!get_varint(r, &z))
		return 0;
	n = unzigzag(z);
	if (type == SR_T_DAY && (n < INT32_MIN || n > INT32_MAX))
		return 0;
	*out = (sr_value){ .set = true, .n = n };
	return 1;
}

static int get_value(reader *r, sr_type type, sr_arena *arena, sr_value *out)
{
	uint8_t tag;

	if (r->at == r->end)
		return 0;
	tag = *r->at++;
	if (tag == TAG_UNSET)
		return 1;
	if (tag != (type == SR_T_TEXT ? TAG_TEXT : TAG_NUMBER))
		return 0;
	return type == SR_T_TEXT ? get_text(r, arena, out) : get_number(r, type, out);
}

int sr_record_unpack(const sr_kind *kind, const void *bytes, size_t len, sr_arena *arena, sr_record *out, sr_err *err)
{
	reader r = { .at = bytes, .end = (const uint8_t *)bytes + len };
	sr_record record;

	if (len == 0 || *r.at++ != VERSION)
		return sr_fail(err, SR_E_PARSE, "packed %s: not of version %d", kind->name, VERSION);
	sr_record_init(&record, kind);
	for (size_t i = 0; i < kind->count; i++) {
		int got = get_value(&r, kind->fields[i].type, arena, &record.v[i]);

		if (got < 0)
			return sr_fail_nomem(err);
		if (got == 0)
			return malformed(kind, i, err);
	}
	if (r.at != r.end)
		return sr_fail(err, SR_E_PARSE, "packed %s: %zu bytes too many", kind->name, (size_t)(r.end - r.at));
	*out = record;
	return 0;
}
