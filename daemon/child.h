/* Programs run beside the loop: bytes in, the first of what they print out, an end in any case.
 * Never by a shell, never with our environment or descriptors, never longer than they may. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/loop.h"

typedef struct sr_children sr_children;

/* `output`: what was printed, cut; "" nothing. Both texts are borrowed until the callback returns. */
typedef void (*sr_child_fn)(void *arg, bool ok, const char *outcome, const char *output);

typedef struct sr_child_ask {
	const char *const *argv; /* argv[0]: an absolute path */
	const char *const *envp; /* all of its environment */
	const char *input;
	size_t input_bytes;
	int64_t timeout_ms; /* then its whole process group is killed */
	sr_child_fn fn;
	void *arg;
} sr_child_ask;

/* `loop` is borrowed. One an event loop: it listens for SIGCHLD. */
sr_children *sr_children_new(sr_loop *loop, sr_err *err);
/* Kills what still runs; no callback is called. */
void sr_children_free(sr_children *children);

/* Copies what it needs. `fn` comes exactly once, never from inside. -1: nothing was begun. */
int sr_child_start(sr_children *children, const sr_child_ask *ask, sr_err *err);
