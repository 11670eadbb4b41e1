/* Clean-up on leaving a scope, and handing over: the three macros of this tree.
 * Never hides control flow. */
#pragma once
#include <stdlib.h>

static inline void sr_auto_free_(void *p)
{
	free(*(void **)p);
}

/* Frees a malloc'ed pointer when it leaves its scope. */
#define SR_AUTO_FREE __attribute__((cleanup(sr_auto_free_)))

/* Calls `type_auto_` (made by SR_AUTO_DEFINE) when the variable leaves its scope. */
#define SR_AUTO(type) __attribute__((cleanup(type##_auto_))) type

/* Gives the pointer away: yields its value and leaves NULL behind. */
#define SR_TAKE(ptr)                    \
	({                              \
		__auto_type t_ = (ptr); \
		(ptr) = NULL;           \
		t_;                     \
	})

/* Defines what SR_AUTO(type) calls: `done` must accept a zeroed object. */
#define SR_AUTO_DEFINE(type, done)               \
	static inline void type##_auto_(type *p) \
	{                                        \
		done(p);                         \
	}                                        \
	struct sr_semicolon_

#define SR_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
