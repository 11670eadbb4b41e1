/* A world with a district in memory, on a clock that stands still: for the sandbox's own tests.
 * Never part of the sandbox. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "admin.h"
#include "district.h"
#include "district_db.h"
#include "life.h"
#include "verify.h"

typedef struct town {
	sim_world world;
	sim_dated_clock clock;
	sim_faults faults;
	sim_admin admin;
} town;

static inline int64_t town_now(void *self)
{
	(void)self;
	return INT64_C(1772445600000); /* 2026-03-02 10:00 UTC */
}

static inline town *town_open(const char *spec, uint64_t seed)
{
	town *t = calloc(1, sizeof(*t));
	sr_err err = { 0 };

	if (!t)
		fail_msg("out of memory");
	t->clock.base = (sr_clock){ NULL, town_now, town_now };
	sr_clock clock = sim_dated_clock_of(&t->clock);
	if (sim_world_open(&t->world, ":memory:", &clock, seed, &err) || sim_district_make(&t->world, spec, seed, &err))
		fail_msg("%s", err.text);
	t->admin = (sim_admin){ .world = &t->world, .faults = &t->faults, .clock = &t->clock };
	return t;
}

static inline void town_close(town *t)
{
	sim_world_close(&t->world);
	free(t);
}

/* The one number that `sql` asks for. */
static inline int64_t town_int(town *t, const char *sql)
{
	int64_t n = 0;
	sr_err err = { 0 };

	if (sim_sql_int(t->world.db, &n, &err, sql, "") < 0)
		fail_msg("%s: %s", sql, err.text);
	return n;
}

/* Runs an order ("mutate rename-section 312:2025 9"), words parted by single spaces. */
static inline int town_order(town *t, const char *order)
{
	SR_AUTO_FREE char *copy = sr_strdup(order);
	const char *argv[16];
	char *save = NULL;
	int argc = 0;
	SR_AUTO(sr_buf) out = { 0 };

	for (char *word = strtok_r(copy, " ", &save); word && argc < 16; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	int rc = sim_admin_run(&t->admin, argc, argv, &out);
	if (rc == 2)
		print_message("%s: %s", order, sr_buf_text(&out));
	return rc;
}
#define town_must(t, order) assert_int_equal(town_order(t, order), 0)
