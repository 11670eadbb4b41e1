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

/* Everything but the two texts has a row in sgy_quirk.c, which says what each value means. Facts that
 * the contract calls uncertain are switches; the default is what its evidence favours. */
typedef struct sim_sgy_options {
	const char *public_base; /* "https://api.schoology.com/v1"; NULL: http and the Host received. Borrowed */
	const char *admin_role;  /* title of the role that may administer; NULL: "System Admin". Borrowed */

	/* formats and errors */
	int default_format, error_body, post_body, item_message, bulk_put_status, number_types;
	/* keys */
	int burn_nonce, nonce_expiry, nonce_text, skew_s, inactive_key_401, web_session, token_days;
	/* lists */
	int limit_over_error, next_drops_filters, list_total, list_links, empty_list, single_row, page_order;
	int small_lists_paged;
	/* rate */
	int limiter; /* sim_sgy_limiter */
	int credits, window_ms, read_cost, write_cost;
	int retry_after, over_budget, rate_scope, multiget_cost;
	/* bulk calls */
	int bulk_over, batch_order, answer_order, batch_duplicate;
	/* people and buildings */
	int inactive_match; /* sim_sgy_inactive */
	int upsert_clears, uid_case, school_uid_filter, ext_missing_code, inactive_members, building_delete;
	/* courses, periods, sections */
	int scoped_periods, section_ext, section_match, reused_code, nested_sections_max, zero_period;
	int utc_offset_min, archive_after_h, future_hidden, past_put_refused;
	/* enrollments */
	int enrollments_active, past_import_refused, past_members_expire, delete_nonmember_code, readd_keeps_status;
	int import_status, import_delete_grades;
} sim_sgy_options;

extern const sim_sgy_options sim_sgy_defaults;

/* Sets one switch of `options` by its name and one of its values (sim_sgy_quirks_table lists both). */
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
/* Gives every member of a section that has begun by `day` (YYYY-MM-DD) `n` grades, for deletions to destroy. */
int sim_sgy_give_grades(sqlite3 *db, const char *day, int64_t n, sr_err *err);
