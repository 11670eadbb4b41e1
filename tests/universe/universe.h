/* One seeded life of a district, and whether every law held.
 * Never prints unless asked to; never depends on anything but the seed. */
#pragma once
#include "virtual.h"

typedef struct uv_result {
	uint64_t seed;
	int deaths, losses;
	int64_t requests, writes, longest_turn;
	char broken[400]; /* the first law that did not hold; "" all held */
} uv_result;

/* Names every kind of thing that lives must come to. */
void uv_expect(uv_tallies *t);
int uv_play(uint64_t seed, bool verbose, uv_tallies *tallies, uv_result *out);
