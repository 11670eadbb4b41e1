/* What an operator of the sandbox can order: one table of commands over one running world.
 * Never listens anywhere; who asks is the caller's business. */
#pragma once
#include <stdbool.h>

#include "fault.h"
#include "sim.h"

/* A clock that can be set to another date: what the sandbox takes for today. */
typedef struct sim_dated_clock {
	sr_clock base;
	int64_t offset_ms;
} sim_dated_clock;
sr_clock sim_dated_clock_of(sim_dated_clock *c); /* `c` must outlive it */

typedef struct sim_admin {
	sim_world *world;
	sim_faults *faults;
	sim_dated_clock *clock; /* NULL: the date cannot be set */
	sim_ps *ps;             /* NULL: its plugins cannot be managed */
	/* Installs a plugin folder or zip, as the main one or beside it; NULL: cannot. */
	int (*install)(void *self, const char *path, bool beside, sr_err *err);
	/* The main plugin has other credentials now: whoever was handed the old ones is told; NULL: nobody was. */
	int (*credentials)(void *self, sr_err *err);
	void *self;
	bool quit; /* set by `quit` */
} sim_admin;

/* Runs one command ("eoy", "--except", "102"); what it says goes to `out`. Answers the exit code:
 * 0 done, 1 refused, failed or differences, 2 usage. `COMMAND --help` reads nothing of `a`: an empty one will do. */
int sim_admin_run(sim_admin *a, int argc, const char *const *argv, sr_buf *out);
void sim_admin_help(sr_buf *out);
/* Takes up the date that an earlier run of the same database was set to. */
int sim_admin_restore_date(sim_admin *a, sr_err *err);
