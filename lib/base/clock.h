/* What time it is, as an interface: the real one, or a test's.
 * Never sleeps. */
#pragma once
#include <stdint.h>

typedef struct sr_clock {
	void *self;
	int64_t (*wall_ms)(void *self); /* since 1970 UTC; may jump either way */
	int64_t (*mono_ms)(void *self); /* from an arbitrary start; never goes back */
} sr_clock;

static inline int64_t sr_clock_wall_ms(const sr_clock *c)
{
	return c->wall_ms(c->self);
}

static inline int64_t sr_clock_mono_ms(const sr_clock *c)
{
	return c->mono_ms(c->self);
}
