/* A small district that is in `syncing`, what happens to it, and what must hold in the end: for tests in which the
 * machine fails. Never depends on anything but its seed. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../universe/changes.h"
#include "../universe/laws.h"
#include "../universe/operator.h"

#define HOUR (3600 * 1000LL)
#define SEED 4242

typedef struct change {
	const char *name;
	int argc;
	const char *argv[3];
} change;

static const change changes[] = {
	{ "new-student", 2, { "101", "3" } },
	{ "rename-section", 2, { "101:2025:1", "9b" } },
	{ "name-change", 2, { "101:1", "O'Changed" } },
	{ "transfer-out", 1, { "101:2" } },
};

static inline void happen(uv_world *w, const change *c)
{
	SR_AUTO(sr_buf) said = { 0 };
	sr_err err;

	if (sim_mutate(&w->sim, c->name, c->argc, c->argv, &said, &err) < 0)
		fail_msg("%s: %s", c->name, err.text);
}

static inline void open_syncing(uv_world *w, uv_tallies *tallies, const char *date)
{
	sr_err err;

	if (uv_open(w, SEED, "small,schools=1,students=8,slots=3", date, &err) < 0)
		fail_msg("%s", err.text);
	w->tallies = tallies;
	uv_steer(w, "2025-2026", 0);
	uv_pass(w, 2 * HOUR);
	assert_string_equal(w->broken, "");
}

static inline bool life_is_quiet(uv_world *w, void *arg)
{
	(void)arg;
	return w->engine && sr_engine_quiet(w->engine);
}

/* The operator clears what is left, and then Schoology must be as PowerSchool says. */
static inline void close_whole(uv_world *w)
{
	uv_changes_undo(w);
	uv_clear(w, "2025-2026");
	uv_pass_until(w, 24 * HOUR, life_is_quiet, NULL);
	if (!*w->broken)
		uv_compare(w, 2025, NULL);
	if (!*w->broken)
		uv_laws(w);
}
