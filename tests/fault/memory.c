/* The linker sends every call of our own objects here (--wrap, CMakeLists.txt); the two libraries are asked by their
 * own hooks. A process has one heap, so this is the one place of the tree with a state of its own. */
#include "memory.h"

#include <jansson.h>
#include <sqlite3.h>
#include <string.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void __real_free(void *p);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);
void __wrap_free(void *p);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t len);

static struct {
	memory_count now;
	int64_t countdown; /* negative: nothing fails */
	bool for_good;
	sqlite3_mem_methods sqlite;
} heap = { .countdown = -1 };

static bool refuses(void)
{
	heap.now.asked++;
	if (heap.countdown < 0)
		return false;
	if (heap.countdown > 0) {
		heap.countdown--;
		return false;
	}
	heap.now.refused = true;
	if (!heap.for_good)
		heap.countdown = -1;
	return true;
}

static void *counted(void *p)
{
	heap.now.live += p != NULL;
	return p;
}

void *__wrap_malloc(size_t bytes)
{
	return refuses() ? NULL : counted(__real_malloc(bytes));
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return refuses() ? NULL : counted(__real_calloc(count, bytes));
}

void *__wrap_realloc(void *p, size_t bytes)
{
	void *q = refuses() ? NULL : __real_realloc(p, bytes);

	heap.now.live += q && !p;
	return q;
}

void __wrap_free(void *p)
{
	heap.now.live -= p != NULL;
	__real_free(p);
}

char *__wrap_strndup(const char *s, size_t len)
{
	size_t n = strnlen(s, len);
	char *copy = __wrap_malloc(n + 1);

	if (!copy)
		return NULL;
	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

char *__wrap_strdup(const char *s)
{
	return __wrap_strndup(s, strlen(s));
}

/* SQLite keeps what it has got in caches of its own: its blocks are not counted as ours. */
static void *sqlite_malloc(int bytes)
{
	return refuses() ? NULL : heap.sqlite.xMalloc(bytes);
}

static void *sqlite_realloc(void *p, int bytes)
{
	return refuses() ? NULL : heap.sqlite.xRealloc(p, bytes);
}

void memory_take_over(void)
{
	sqlite3_mem_methods ours;

	sqlite3_config(SQLITE_CONFIG_GETMALLOC, &heap.sqlite);
	ours = heap.sqlite;
	ours.xMalloc = sqlite_malloc;
	ours.xRealloc = sqlite_realloc;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
	json_set_alloc_funcs(__wrap_malloc, __wrap_free); /* lib/wire/json_guard.c sets its own, which come here too */
}

void memory_fail_at(int64_t n, bool for_good)
{
	heap.now = (memory_count){ 0 };
	heap.countdown = n;
	heap.for_good = for_good;
}

memory_count memory_fail_end(void)
{
	heap.countdown = -1;
	return heap.now;
}
