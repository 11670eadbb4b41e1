/* jansson (2.14) does not stop where a byte of a text could not be kept: it leaves the byte out and goes on, so that a
 * name lacks a letter, or reads and writes beyond the text's end where the byte was its closing quote. So no
 * allocation fails before its eyes: it is left by a jump, and what it had is freed from a list kept meanwhile.
 * Its allocator is the process's and takes no argument, hence the only variable of this tree outside a context. */
#include "wire/json_guard.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdlib.h>

typedef struct guard {
	jmp_buf out;
	void **blocks; /* allocated by jansson in this call, and not freed */
	size_t count, room;
} guard;

static guard *under_way;

static void *guarded_alloc(size_t bytes)
{
	guard *g = under_way;
	void *p;

	if (g->count == g->room) {
		size_t room = g->room ? 2 * g->room : 64;
		void **more = realloc(g->blocks, room * sizeof(*more));

		if (!more)
			longjmp(g->out, 1);
		g->blocks = more;
		g->room = room;
	}
	p = malloc(bytes);
	if (!p)
		longjmp(g->out, 1);
	g->blocks[g->count++] = p;
	return p;
}

/* What is freed was mostly allocated just before. What came from before the call is not in the list. */
static void guarded_free(void *p)
{
	guard *g = under_way;

	for (size_t i = p ? g->count : 0; i-- > 0;)
		if (g->blocks[i] == p) {
			g->blocks[i] = g->blocks[--g->count];
			break;
		}
	free(p);
}

bool sr_json_guarded(void (*work)(void *arg), void *arg)
{
	guard g = { 0 };
	volatile bool whole = false;

	under_way = &g;
	json_set_alloc_funcs(guarded_alloc, guarded_free);
	if (setjmp(g.out) == 0) {
		work(arg);
		whole = true;
	}
	json_set_alloc_funcs(malloc, free);
	under_way = NULL;
	if (!whole)
		for (size_t i = 0; i < g.count; i++)
			free(g.blocks[i]);
	free(g.blocks);
	return whole;
}
