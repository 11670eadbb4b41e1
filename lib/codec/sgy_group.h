/* How course and section items share the nested courses call: which courses it carries, and which
 * items stand in each. The writer and the reader of the answer must agree on it, so it is one place.
 * Never included from outside this folder. */
#pragma once
#include "codec/sgy_types.h"

typedef struct sgy_course {
	const sr_record *values; /* of the course */
	size_t item;             /* the course's own item; SIZE_MAX: it is there for its sections only */
} sgy_course;

typedef struct sgy_groups {
	sgy_course courses[SR_BATCH_MAX];
	size_t count;
	size_t of_item[SR_BATCH_MAX]; /* index of the item's course */
} sgy_groups;

/* In the order of first appearance. -1: an item without a course or a code. */
int sr_sgy_group(const sr_write_item *items, size_t count, sgy_groups *out, sr_err *err);
