/* What the laws of the core share: chance that repeats, and records made of it.
 * Never depends on the time or on the machine: a failing case fails again. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/model.h"

typedef struct chance {
	uint64_t state;
} chance;

/* splitmix64 */
static inline uint64_t chance_u64(chance *c)
{
	uint64_t z = c->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* 0 .. n-1 */
static inline int64_t chance_below(chance *c, int64_t n)
{
	return (int64_t)(chance_u64(c) % (uint64_t)n);
}

static inline bool chance_one_in(chance *c, int64_t n)
{
	return chance_below(c, n) == 0;
}

static inline sr_day day(const char *text)
{
	sr_day d = SR_DAY_NONE;

	assert_true(sr_day_parse(text, &d));
	return d;
}

static inline void put_day(sr_record *r, size_t field, const char *text)
{
	if (text)
		sr_record_set_int(r, field, day(text));
}

/* Any record of the kind: about a third of the fields unset, numbers from the whole range. */
static inline sr_record any_record(chance *c, const sr_kind *kind, sr_arena *arena)
{
	static const int64_t edges[] = { 0, -1, 1, 63, 64, -64, -65, INT64_MAX, INT64_MIN, INT32_MAX, 127, 128 };
	sr_record r;
	char text[24];

	sr_record_init(&r, kind);
	for (size_t i = 0; i < kind->count; i++) {
		if (chance_one_in(c, 3))
			continue;
		if (kind->fields[i].type == SR_T_TEXT) {
			snprintf(text, sizeof(text), "%s%lld", chance_one_in(c, 2) ? "É'\t" : "",
				(long long)chance_below(c, 50));
			assert_true(sr_record_set_text(&r, i, text, arena));
		} else if (kind->fields[i].type == SR_T_DAY) {
			sr_record_set_int(&r, i, chance_below(c, 90000) - 20000);
		} else {
			sr_record_set_int(
				&r, i, chance_one_in(c, 2) ? edges[chance_below(c, 12)] : (int64_t)chance_u64(c));
		}
	}
	return r;
}
