/* The sandbox's ground: one SQLite database that both stand-ins live in, and a reply.
 * Never shares code with lib/ beyond base and wire; never knows who calls. */
#pragma once
#include <sqlite3.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "base/transport.h"

/* PowerSchool's tables carry their real names (students, cc, ...); Schoology's start with
 * sgy_; the sandbox's own (plugin, faults, logs) with sim_. */
typedef struct sim_world {
	sqlite3 *db;
	sr_clock clock; /* wall time of both services */
	uint64_t seed;
	struct sim_statements *statements; /* kept; NULL: none yet */
} sim_world;

/* Opens (":memory:" or a file), creates all tables. -1: `err` says why. */
int sim_world_open(sim_world *w, const char *path, const sr_clock *clock, uint64_t seed, sr_err *err);
void sim_world_close(sim_world *w);
/* A statement of this text, reset and unbound. NULL: sqlite3_errmsg says why. Given back, never finalized. */
sqlite3_stmt *sim_world_take(sim_world *w, const char *sql);
void sim_world_give(sim_world *w, sqlite3_stmt *stmt); /* may be NULL */
void sim_world_forget(sim_world *w);                   /* those that are kept, before the database closes */

/* What a service answers. Zero-initialise, or sim_reply_reset for the next. */
typedef struct sim_reply {
	int status; /* 0 after handling: drop the connection without an answer */
	struct {
		char name[40], value[600];
	} headers[8];
	size_t header_count;
	sr_buf body;
} sim_reply;

void sim_reply_reset(sim_reply *r);
void sim_reply_done(sim_reply *r);
void sim_reply_header(sim_reply *r, const char *name, const char *value);

/* The two services, each a pure request -> reply over the world. `request->url` may be
 * absolute or start with '/'; headers as received. Never keeps the request. */
typedef struct sim_ps sim_ps;
typedef struct sim_sgy sim_sgy;
void sim_ps_handle(sim_ps *ps, const sr_request *request, sim_reply *reply);
void sim_sgy_handle(sim_sgy *sgy, const sr_request *request, sim_reply *reply);

/* A fact that a contract leaves open, or that real servers do in turns: a switch of `--quirk NAME=VALUE`. */
typedef struct sim_quirk_row {
	const char *name;
	const char *section;  /* of the contract: "powerschool.md 4" */
	const char *values;   /* "0|1", "error|reactivate|duplicate", "seconds" */
	const char *standard; /* the value without the switch */
	const char *help;
} sim_quirk_row;

/* Every switch of a service, one row each. */
const sim_quirk_row *sim_ps_quirks_table(size_t *count);
const sim_quirk_row *sim_sgy_quirks_table(size_t *count);
