/* How often each kind of thing happened, over all lives: a kind that never does is a test that cannot fail.
 * Never changes what happens. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UV_TALLY_MAX 256

typedef struct uv_tally {
	char group[16], name[44];
	int64_t tried, done;
	bool must; /* it has to happen */
} uv_tally;

typedef struct uv_tallies {
	uv_tally rows[UV_TALLY_MAX];
	size_t count;
} uv_tallies;

/* The row exists from now on, and lives that never come to it are told. */
void uv_tally_expect(uv_tallies *t, const char *group, const char *name);
void uv_tally_count(uv_tallies *t, const char *group, const char *name, bool done);
/* A line each. Returns how many that must happen never did. */
int uv_tally_print(const uv_tallies *t);
