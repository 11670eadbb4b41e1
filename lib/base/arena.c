/* Blocks double up to a megabyte; an object larger than that gets a block of its own. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BLOCK_MIN_BYTES 4096u
#define BLOCK_MAX_BYTES (1u << 20)

struct sr_arena_block {
	sr_arena_block *next;
	size_t used, size;
	_Alignas(max_align_t) char data[];
};

static sr_arena_block *block_add(sr_arena *a, size_t bytes)
{
	size_t size = a->blocks ? a->blocks->size * 2 : BLOCK_MIN_BYTES;
	sr_arena_block *b;

	if (size > BLOCK_MAX_BYTES)
		size = BLOCK_MAX_BYTES;
	if (size < bytes)
		size = bytes;
	b = malloc(sizeof(*b) + size);
	if (!b)
		return NULL;
	*b = (sr_arena_block){ .next = a->blocks, .size = size };
	a->blocks = b;
	return b;
}

void *sr_arena_alloc(sr_arena *a, size_t bytes)
{
	const size_t align = _Alignof(max_align_t);
	sr_arena_block *b = a->blocks;
	void *p;

	if (bytes > SIZE_MAX / 2)
		return NULL;
	bytes = (bytes + align - 1) / align * align;
	if (!b || b->size - b->used < bytes)
		b = block_add(a, bytes);
	if (!b)
		return NULL;
	p = b->data + b->used;
	b->used += bytes;
	a->used_bytes += bytes;
	return memset(p, 0, bytes);
}

char *sr_arena_strndup(sr_arena *a, const char *s, size_t len)
{
	char *copy = sr_arena_alloc(a, len + 1);

	if (copy && len)
		memcpy(copy, s, len);
	return copy;
}

char *sr_arena_strdup(sr_arena *a, const char *s)
{
	return s ? sr_arena_strndup(a, s, strlen(s)) : NULL;
}

char *sr_arena_printf(sr_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	text = n < 0 ? NULL : sr_arena_alloc(a, (size_t)n + 1);
	if (!text)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return text;
}

static void blocks_free(sr_arena_block *b)
{
	while (b) {
		sr_arena_block *next = b->next;

		free(b);
		b = next;
	}
}

void sr_arena_clear(sr_arena *a)
{
	if (!a->blocks)
		return;
	blocks_free(a->blocks->next);
	a->blocks->next = NULL;
	a->blocks->used = 0;
	a->used_bytes = 0;
}

void sr_arena_done(sr_arena *a)
{
	blocks_free(a->blocks);
	*a = (sr_arena){ 0 };
}
