/* The slice scanner against jansson: what jansson takes as a list of records is cut at the same places,
 * and what jansson refuses never becomes a success. */
#include <string.h>

#include "codec/slice.h"
#include "targets.h"
#include "wire/json.h"

#define MEMBER "record"
#define BODY_MAX ((size_t)1 << 24)

static json_t *parsed(const char *text, size_t len)
{
	json_t *value = NULL;

	return sr_json_parse(text, len, BODY_MAX, &value, NULL) == 0 ? value : NULL;
}

/* The records as jansson sees them: a list of objects, or one object; NULL: it is neither. */
static json_t *oracle_records(json_t *body)
{
	json_t *found = json_object_get(body, MEMBER), *one;
	size_t i;

	if (json_is_object(found))
		return json_pack("[O]", found);
	if (!json_is_array(found))
		return NULL;
	json_array_foreach(found, i, one)
		if (!json_is_object(one))
			return NULL;
	return json_incref(found);
}

/* 1: every slice is valid inside. */
static int slices_are_valid(const sr_slices *s)
{
	for (size_t i = 0; i < s->count; i++) {
		json_t *one = parsed(s->items[i].bytes, s->items[i].len);

		if (!one)
			return 0;
		json_decref(one);
	}
	return 1;
}

static void same_cuts(const sr_slices *s, json_t *records)
{
	FUZZ_LAW(s->count == json_array_size(records));
	for (size_t i = 0; i < s->count; i++) {
		json_t *one = parsed(s->items[i].bytes, s->items[i].len);

		FUZZ_LAW(one && json_equal(one, json_array_get(records, i)));
		json_decref(one);
	}
}

void fuzz_slice(const uint8_t *data, size_t size)
{
	SR_AUTO(sr_arena) arena = { 0 };
	SR_AUTO(sr_slices) slices = { 0 };
	const char *text = (const char *)data;
	json_t *body = parsed(text, size), *records = json_is_object(body) ? oracle_records(body) : NULL;
	int cut = sr_slice_records(text, size, MEMBER, &arena, &slices, NULL);

	if (records && cut == 0)
		same_cuts(&slices, records);
	else if (records) /* the one thing that it may refuse: the member's name in another spelling */
		FUZZ_LAW(memchr(text, '\\', size));
	if (cut == 0 && slices_are_valid(&slices)) {
		json_t *whole = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);

		FUZZ_LAW(whole);
		json_decref(whole);
	}
	json_decref(records);
	json_decref(body);
}
