/* One owner for everything decoded from one page: allocate freely, drop at once.
 * Never frees a single object. */
#pragma once
#include <stddef.h>

#include "base/mem.h"

typedef struct sr_arena_block sr_arena_block;

/* Zero-initialise. */
typedef struct sr_arena {
	sr_arena_block *blocks;
	size_t used_bytes;
} sr_arena;

void *sr_arena_alloc(sr_arena *a, size_t bytes); /* zeroed, aligned; NULL: out of memory */
char *sr_arena_strndup(sr_arena *a, const char *s, size_t len);
char *sr_arena_strdup(sr_arena *a, const char *s);
char *sr_arena_printf(sr_arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sr_arena_clear(sr_arena *a); /* drops all; keeps one block for the next page */
void sr_arena_done(sr_arena *a);

SR_AUTO_DEFINE(sr_arena, sr_arena_done);
