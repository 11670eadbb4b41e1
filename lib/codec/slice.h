/* Cuts the records of a JSON answer into raw slices without parsing them, so that bytes seen before
 * need no second parse.
 * Never takes half a body for a whole one: what stands around the records is parsed and checked. */
#pragma once
#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"

#define SR_SLICE_RECORDS_MAX 200000

typedef struct sr_slice {
	const char *bytes; /* of the body */
	size_t len;
} sr_slice;

typedef struct sr_slices {
	sr_slice *items; /* of the arena */
	size_t count;
	json_t *rest; /* the body without the records, an object; owned by this struct */
} sr_slices;

/* `body` is one JSON object; its member `member` is a list of objects, one object (a single row),
 * null or "" (none), or missing (none). On success every slice is a balanced object and `rest` is
 * valid JSON; whether a slice is valid inside shows when it is parsed. On failure *out is empty. */
int sr_slice_records(const char *body, size_t len, const char *member, sr_arena *arena, sr_slices *out, sr_err *err);
void sr_slices_done(sr_slices *s); /* zeroed is fine */

SR_AUTO_DEFINE(sr_slices, sr_slices_done);
