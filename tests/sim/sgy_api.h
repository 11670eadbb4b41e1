/* The Schoology stand-in: an organisation in tables, answered for as contracts/schoology.md says.
 * Never opens a socket, never asks the time but through the world's clock. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim.h"

/* Creates the sgy_ tables (sgy_schema.c says what each column means). Fine on an existing database. */
int sim_sgy_schema(sqlite3 *db, sr_err *err);

typedef enum sim_sgy_limiter {
	SIM_SGY_LIMIT_NONE,
	SIM_SGY_LIMIT_FIXED,   /* windows that begin at multiples of window_ms */
	SIM_SGY_LIMIT_SLIDING, /* every window */
	SIM_SGY_LIMIT_BUCKET,  /* refills steadily, holds one budget */
	SIM_SGY_LIMIT_COUNT
} sim_sgy_limiter;

/* What to do with a school_uid, username or e-mail that an inactive user still holds. */
typedef enum sim_sgy_inactive {
	SIM_SGY_INACTIVE_ERROR,      /* the item fails */
	SIM_SGY_INACTIVE_REACTIVATE, /* update_existing wakes the user */
	SIM_SGY_INACTIVE_DUPLICATE,  /* the inactive user does not count */
	SIM_SGY_INACTIVE_COUNT
} sim_sgy_inactive;

/* Everything here has a row in sim_sgy_option_set. Facts that the contract calls uncertain are
 * switches; the default is what its evidence favours. */
typedef struct sim_sgy_options {
	const char *public_base; /* "https://api.schoology.com/v1"; NULL: http and the Host received. Borrowed */
	const char *admin_role;  /* title of the role that may administer; NULL: "System Admin". Borrowed */
	int limiter;             /* sim_sgy_limiter */
	int credits, window_ms, read_cost, write_cost;
	int retry_after;           /* 1: a 429 says Retry-After */
	int utc_offset_min;        /* where the organisation's midnight lies */
	int future_hidden;         /* 1: sections not yet begun need include_past too */
	int inactive_match;        /* sim_sgy_inactive */
	int inactive_key_401;      /* 1: the key of an inactive user gets 401; 0: users/me still leads to a 404 */
	int upsert_clears;         /* 1: update_existing blanks what an item leaves out */
	int limit_over_error;      /* 1: limit above 200 is a 400; 0: it is taken as 200 */
	int next_drops_filters;    /* 1: links.next carries start and limit only */
	int bulk_put_status;       /* 207, or 200 */
	int enrollments_active;    /* 1: no enrollment_status filter means 1; 0: all */
	int past_import_refused;   /* 1: import rows for past sections fail */
	int delete_nonmember_code; /* item code when an import deletes somebody who is not there: 200, 400, 404 */
	int readd_keeps_status;    /* 1: importing an archived member leaves his status; 0: active again */
	int skew_s;                /* how far a timestamp may lie behind the newest seen */
} sim_sgy_options;

extern const sim_sgy_options sim_sgy_defaults;

/* Sets one number of `options` by name ("limiter" also takes none|fixed|sliding|bucket,
 * "inactive_match" error|reactivate|duplicate). */
int sim_sgy_option_set(sim_sgy_options *options, const char *name, const char *value, sr_err *err);

/* `world` is borrowed and outlives the stand-in; `options` is copied, its two texts too. NULL: defaults. */
sim_sgy *sim_sgy_new(sim_world *world, const sim_sgy_options *options, sr_err *err);
void sim_sgy_free(sim_sgy *sgy);
/* The options in force, to be changed while it runs (not its two texts). */
sim_sgy_options *sim_sgy_live_options(sim_sgy *sgy);

/* The most that the requests of one key cost within any window [t, t + window_ms), refused ones
 * included, looking at requests after log row `since_seq`. -1: the database failed. */
int64_t sim_sgy_max_cost(sqlite3 *db, int64_t window_ms, int64_t since_seq);
/* Rows of the write log after `since_seq`; `changed_only` leaves out writes that changed nothing. -1: failed. */
int64_t sim_sgy_write_count(sqlite3 *db, int64_t since_seq, bool changed_only);
