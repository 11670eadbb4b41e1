/* What Schoology has confirmed to hold, by SIS identity; and what an inventory found there.
 * Never moves on hope: only a confirmed answer comes here. */
#pragma once
#include "base/arena.h"
#include "core/diff.h"
#include "io/store.h"

typedef struct sr_mirror_row {
	sr_tgt kind;
	sr_ident ident;
	int64_t school;
	const char *key;         /* frozen external key; memberships: "section code/school_uid" */
	sr_mirror_object object; /* values unpacked into the arena */
	int64_t confirmed_ms;
	int64_t read_ms; /* when it was found to stand otherwise than written, and taken in so; 0: as written */
} sr_mirror_row;

int sr_store_mirror_get(
	sr_txn *t, sr_arena *a, sr_tgt kind, sr_ident ident, sr_mirror_row *out, sr_err *err); /* 1, 0 */
int sr_store_mirror_by_key(sr_txn *t, sr_arena *a, sr_tgt kind, const char *key, sr_mirror_row *out,
	sr_err *err); /* 1, 0; folded compare for users */
int sr_store_mirror_put(sr_txn *t, const sr_mirror_row *row, sr_err *err);
/* Schoology does not have it any more, and nobody misses it: a membership that was to be dropped. */
int sr_store_mirror_forget(sr_txn *t, sr_tgt kind, sr_ident ident, sr_err *err);
/* Rows of a kind, school and year (year 0: any), ident > after, in order, at most `max`. */
int sr_store_mirror_range(sr_txn *t, sr_arena *a, sr_tgt kind, int64_t school, sr_yearid year, sr_ident after,
	size_t max, sr_mirror_row **rows, size_t *count, sr_err *err);
/* Teachers (admin) confirmed and active in a section, other than `person`. */
int sr_store_mirror_other_teachers(sr_txn *t, int64_t section, int64_t person, int64_t *out, sr_err *err);
/* What is there: rows that are not gone. School 0, year 0: any. */
int sr_store_mirror_count(sr_txn *t, sr_tgt kind, int64_t school, sr_yearid year, int64_t *out, sr_err *err);

typedef struct sr_found_row {
	sr_tgt kind;
	int64_t id;
	const char *key, *email, *username, *first, *preferred, *last, *title, *periods;
	int64_t role, building, parent; /* parent: a section's course */
	bool synced, inactive;
	const char *additional_buildings; /* of a user, comma list */
} sr_found_row;
int sr_store_found_put(sr_txn *t, const sr_found_row *row, sr_err *err);
int sr_store_found_clear(sr_txn *t, sr_tgt kind, int64_t building_or_0, sr_err *err);
/* By key, e-mail or username (each may be NULL: not asked); folded. All matches. */
int sr_store_found_search(sr_txn *t, sr_arena *a, sr_tgt kind, const char *key, const char *email, const char *username,
	sr_found_row **rows, size_t *count, sr_err *err);
int sr_store_found_children(
	sr_txn *t, sr_arena *a, sr_tgt kind, int64_t parent, sr_found_row **rows, size_t *count, sr_err *err);
/* Building 0: any. */
int sr_store_found_count(sr_txn *t, sr_tgt kind, int64_t building, int64_t *out, sr_err *err);
