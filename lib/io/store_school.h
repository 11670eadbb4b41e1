/* What is known of schools, terms, maps, and Schoology's frame (periods, roles, buildings).
 * Never judges it. Every loaded text lives in the arena that is passed in. */
#pragma once
#include "base/arena.h"
#include "core/phase.h"
#include "core/term.h"
#include "io/store.h"

typedef struct sr_school_row {
	int64_t number, dcid;
	const char *name;
	bool listed;
	sr_phase_state state;
	int64_t since_ms;
	const char *by_who;
	sr_yearid rolled_year;
	int64_t rolled_active, rolled_promoted;
	sr_yearid inventory_year;
	int64_t found_users, found_sections;
	int64_t changed_ms;
	int64_t drops_ms;     /* when a run that took up the drops began; 0: none yet */
	sr_day released_from; /* students come into classes from this day on; SR_DAY_NONE: as configured */
	const char *released_who;
} sr_school_row;

/* All schools by number. */
int sr_store_schools(sr_txn *t, sr_arena *a, sr_school_row **rows, size_t *count, sr_err *err);
int sr_store_school_load(sr_txn *t, sr_arena *a, int64_t number, sr_school_row *out, sr_err *err); /* 1, 0: unknown */
int sr_store_school_save(sr_txn *t, const sr_school_row *row, sr_err *err); /* inserts or replaces */

/* Keeps what the row says of drops, and nothing else of it. */
int sr_store_school_drops(sr_txn *t, const sr_school_row *row, sr_err *err);

/* Terms: replaces all rows of the years >= `from` (of every school) but keeps mapped_first/last. */
int sr_store_terms_replace(sr_txn *t, sr_yearid from, const sr_term *terms, size_t count, sr_err *err);
typedef struct sr_term_row {
	sr_term term;
	sr_day mapped_first, mapped_last; /* SR_DAY_NONE: never mapped */
} sr_term_row;
static inline bool sr_term_moved(const sr_term_row *row)
{
	return row->mapped_first != SR_DAY_NONE &&
	       (row->mapped_first != row->term.first || row->mapped_last != row->term.last);
}
/* Of one school and year; year 0: all years. Ordered by (yearid, portion, first, id). */
int sr_store_terms(
	sr_txn *t, sr_arena *a, int64_t school, sr_yearid year, sr_term_row **rows, size_t *count, sr_err *err);

typedef struct sr_map_row {
	int64_t school, term, period;
	const char *by_who, *forced_reason;
	int64_t at_ms;
} sr_map_row;
/* Maps of a school (0: all). */
int sr_store_maps(sr_txn *t, sr_arena *a, int64_t school, sr_map_row **rows, size_t *count, sr_err *err);
/* Replaces the periods of one term (count 0: unmaps) and remembers the term's present dates. */
int sr_store_map_set(sr_txn *t, int64_t school, int64_t term, const int64_t *periods, size_t count, const char *who,
	const char *forced_reason, int64_t now_ms, sr_err *err);

/* Schoology's frame, replaced as a whole. Periods not listed any more stay with exists = false. */
int sr_store_periods_replace(sr_txn *t, const sr_period *rows, size_t count, sr_err *err);
int sr_store_period_add(sr_txn *t, const sr_period *row, sr_err *err);
/* `used_last_year` is true when a mirrored section of a year before `active` has it. */
int sr_store_periods(sr_txn *t, sr_arena *a, sr_yearid active, sr_period **rows, size_t *count, sr_err *err);

/* Which sections stand in a grading period: mirrored ones of every year, and others that an inventory found. */
typedef struct sr_period_use {
	int64_t sections, other_year; /* of these, those of another year than `active` */
	int64_t found;
} sr_period_use;
int sr_store_period_use(sr_txn *t, int64_t period, sr_yearid active, sr_period_use *out, sr_err *err);
/* The term's present dates are those that its map goes by. */
int sr_store_term_dated(sr_txn *t, int64_t school, int64_t term, sr_err *err);

typedef struct sr_role_row {
	int64_t id;
	const char *title;
	int role_type;
} sr_role_row;
int sr_store_roles_replace(sr_txn *t, const sr_role_row *rows, size_t count, sr_err *err);
int sr_store_roles(sr_txn *t, sr_arena *a, sr_role_row **rows, size_t *count, sr_err *err);

typedef struct sr_building_row {
	int64_t id;
	const char *title, *code;
	bool is_school;
} sr_building_row;
int sr_store_buildings_replace(sr_txn *t, const sr_building_row *rows, size_t count, sr_err *err);
int sr_store_buildings(sr_txn *t, sr_arena *a, sr_building_row **rows, size_t *count, sr_err *err);

typedef struct sr_block_row {
	int64_t school;
	const char *code, *why;
	int64_t since_ms;
} sr_block_row;
int sr_store_block_set(sr_txn *t, int64_t school, const char *code, const char *why, int64_t now_ms,
	sr_err *err);                                                               /* 1: new, 0: stood already */
int sr_store_block_clear(sr_txn *t, int64_t school, const char *code, sr_err *err); /* 1: was there */
int sr_store_blocks(sr_txn *t, sr_arena *a, sr_block_row **rows, size_t *count, sr_err *err);

typedef struct sr_override_row {
	int64_t school;
	const char *check, *reason, *who;
	sr_yearid year;
	int64_t at_ms;
} sr_override_row;
int sr_store_override_set(sr_txn *t, const sr_override_row *row, sr_err *err);
int sr_store_overrides(
	sr_txn *t, sr_arena *a, int64_t school, sr_yearid year, sr_override_row **rows, size_t *count, sr_err *err);

/* Grading periods that a person asked to create: intent first, one row a title. */
typedef enum sr_pi_state { SR_PI_WANTED, SR_PI_SENT, SR_PI_LOST, SR_PI_DONE, SR_PI_REFUSED } sr_pi_state;
typedef struct sr_period_intent {
	int64_t id;
	const char *title, *who;
	sr_day start, end;
	sr_yearid year;
	sr_pi_state state;
	int64_t period, at_ms;
} sr_period_intent;
int sr_store_period_intent_put(
	sr_txn *t, const sr_period_intent *row, int64_t *id, sr_err *err); /* by title: insert or update */
int sr_store_period_intents(sr_txn *t, sr_arena *a, sr_period_intent **rows, size_t *count, sr_err *err);
