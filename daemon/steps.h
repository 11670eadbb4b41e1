/* Step-kill: counts every durable or remote effect of the process, and dies at the n-th, so that a
 * test can try them all. Never does anything unless --test-die-at asks for it. */
#pragma once
#include <stdint.h>

#include "base/transport.h"

typedef struct sr_steps_call sr_steps_call;

typedef struct sr_steps {
	int64_t die_at, count; /* die_at 0: never */
	sr_steps_call *calls;  /* under way */
} sr_steps;

/* One more effect: a commit, a request about to leave, an answer about to be read. The n-th is the
 * last thing this process does (SIGKILL). */
void sr_steps_effect(void *steps);

/* `inner` with its requests and answers counted; `inner` and `steps` must outlive what is made. */
typedef struct sr_steps_transport {
	sr_steps *steps;
	sr_transport inner;
} sr_steps_transport;
sr_transport sr_steps_wrap(sr_steps_transport *t, sr_steps *steps, sr_transport inner);
void sr_steps_done(sr_steps *steps);
