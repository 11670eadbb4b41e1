/* A world on a virtual clock: the engine, the store and both stand-ins in one process, one seed.
 * Never sleeps, never opens a socket; the same seed plays the same life to the last byte. */
#pragma once
#include <jansson.h>

#include "district.h"
#include "engine/command.h"
#include "engine/engine.h"
#include "fault.h"
#include "life.h"
#include "remote/ps_client.h"
#include "remote/sgy_client.h"
#include "sgy_api.h"
#include "tally.h"
#include "verify.h"

/* splitmix64: small, seeded, the same everywhere. */
typedef struct uv_rng {
	uint64_t s;
} uv_rng;
uint64_t uv_next(uv_rng *r);
/* True in `per_mille` of 1000 draws. */
bool uv_chance(uv_rng *r, unsigned per_mille);
int64_t uv_range(uv_rng *r, int64_t low, int64_t high); /* both inclusive */

/* What goes wrong, per mille of requests. */
typedef struct uv_faults {
	unsigned lost;  /* carried out, the answer never comes */
	unsigned reset; /* never arrives */
	unsigned death; /* the process dies at this very request */
	unsigned slow;  /* takes seconds */
	unsigned bad;   /* of the days: on which a service answers nonsense */
} uv_faults;

#define UV_CHANGES 512
#define UV_MAPS 64
#define UV_TEXT 80

/* A difference that a change explains: of a check of the oracle, by an id in it. */
typedef struct uv_excuse {
	const char *check;
	char id[UV_TEXT];
} uv_excuse;

/* What takes a change back. */
typedef struct uv_undo {
	const char *name;
	int args;
	char values[3][UV_TEXT];
} uv_undo;

/* A term that the operator mapped to a wrong period. */
typedef struct uv_map {
	int64_t school, term;
} uv_map;

typedef struct uv_event uv_event;

typedef struct uv_world {
	uint64_t seed;
	uv_rng rng;              /* of the world: latency, faults */
	uv_rng op_rng;           /* of the operator */
	char folder[64];         /* holds the state database */
	int64_t base_ms, now_ms; /* wall time at mono 0; mono time */
	uv_event *events;        /* by due time, then by order of birth */
	uint64_t births;
	sim_world sim;
	sim_ps *ps;
	sim_sgy *sgy;
	sim_front front;
	uv_faults faults;
	sim_faults answers; /* what the services answer instead: 429, 5xx, half a page ... */
	uv_excuse excuses[UV_CHANGES];
	uv_undo undos[UV_CHANGES];
	size_t excuse_count, undo_count;
	uv_map maps[UV_MAPS];
	size_t map_count;
	bool inactivated; /* `inactive apply` was asked for: before, no DELETE may leave */
	uv_tallies *tallies;
	sr_config *config;
	sr_log log;
	char ps_id[37], ps_secret[37], key[33], secret[41];
	/* of the present process */
	sr_store *store;
	sr_ps_client *ps_client;
	sr_sgy_client *sgy_client;
	sr_engine *engine;
	uint64_t life;  /* which process: events of a dead one are not delivered */
	bool die;       /* at the end of this turn the process is gone */
	int64_t off_ms; /* and how long it stays so, beside the usual */
	int deaths, losses;
	int64_t requests, writes;
	int64_t stamp_s, begun_ms; /* what the clients asked to remember */
	bool verbose;
	char broken[400]; /* the first law that did not hold; "" none */
} uv_world;

/* The district's day by its own clock, which is an hour behind in winter. */
sr_day uv_today(const uv_world *w, int *minute);
int uv_open(uv_world *w, uint64_t seed, const char *district, const char *start_date, sr_err *err);
void uv_close(uv_world *w);
/* Lets virtual time pass; the process dies and starts again on the way as the seed says. */
void uv_pass(uv_world *w, int64_t ms);
/* Lets time pass until `until` says so, at most `max_ms`. False: it never did. */
bool uv_pass_until(uv_world *w, int64_t max_ms, bool (*until)(uv_world *w, void *arg), void *arg);
void uv_kill(uv_world *w);                  /* now; the next uv_pass starts a new process */
void uv_power_off(uv_world *w, int64_t ms); /* the machine is off for so long */

/* An operator's command: its reply (new reference), or NULL: refused (then *code, of the caller),
 * or the process died under it. */
json_t *uv_command(uv_world *w, const char *method, json_t *params_stolen, char code[40]);
/* Two operators at once: the second begins before the first has his answer. */
void uv_commands(uv_world *w, const char *const methods[2], json_t *params_stolen[2]);
void uv_break(uv_world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
