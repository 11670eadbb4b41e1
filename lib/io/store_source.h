/* What PowerSchool said, by school, kind and SIS key.
 * Never knows what Schoology holds; never judges. */
#pragma once
#include "base/arena.h"
#include "core/filter.h"
#include "io/store.h"

typedef struct sr_source_row {
	int64_t school;
	sr_src kind;
	int64_t key;
	sr_ident ident; /* the target object it speaks of */
	sr_hash raw_hash;
	int64_t context; /* mapping version under which the bytes were read */
	sr_packed data;
	sr_judged judged;
	int64_t judged_ms;
	int missing; /* 0 present, 1 gone from a proven pull, 2 confirmed gone */
} sr_source_row;

/* Rows of (school, kind) with after < key <= upto, in key order, at most `max`. */
int sr_store_source_range(sr_txn *t, sr_arena *a, int64_t school, sr_src kind, int64_t after, int64_t upto, size_t max,
	sr_source_row **rows, size_t *count, sr_err *err);
int sr_store_source_get(
	sr_txn *t, sr_arena *a, int64_t school, sr_src kind, int64_t key, sr_source_row *out, sr_err *err); /* 1, 0 */
int sr_store_source_put(sr_txn *t, const sr_source_row *row, sr_err *err); /* insert or replace */
int sr_store_source_judge(sr_txn *t, int64_t school, sr_src kind, int64_t key, sr_ident ident, const sr_judged *j,
	int64_t now_ms, sr_err *err);
int sr_store_source_missing(sr_txn *t, int64_t school, sr_src kind, int64_t key, int missing, sr_err *err);
/* Rows of every school that speak of the ident with kinds [kind_low, kind_high]; by (school, kind, key). */
int sr_store_source_by_ident(sr_txn *t, sr_arena *a, sr_src kind_low, sr_src kind_high, sr_ident ident,
	sr_source_row **rows, size_t *count, sr_err *err);
/* Rows of a school with kinds [low, high], ident > after, in (ident, kind, key) order: the desired side.
 * About `max`: a page ends with all rows of its last ident, so it may hold a few more; fewer mean the end. */
int sr_store_source_targets(sr_txn *t, sr_arena *a, int64_t school, sr_src low, sr_src high, sr_ident after, size_t max,
	sr_source_row **rows, size_t *count, sr_err *err);
int sr_store_source_count(sr_txn *t, int64_t school, sr_src kind, bool only_present, int64_t *out, sr_err *err);
/* Deletes all rows of (school, kind). */
int sr_store_source_forget(sr_txn *t, int64_t school, sr_src kind, sr_err *err);
/* All rows of a kind in the district that hold their keys, (school, key) > after, in that order, at most `max`: for the
 * collision check. A row that is missing holds them until it is judged inactive. */
int sr_store_source_people(sr_txn *t, sr_arena *a, sr_src kind, int64_t after_school, int64_t after_key, size_t max,
	sr_source_row **rows, size_t *count, sr_err *err);
/* Does any let-in teaching or lead row, of any school, name this person? */
int sr_store_source_teaches(sr_txn *t, int64_t person, bool *out, sr_err *err);
/* Does any enrollment or teaching at that school, of no other year, say sync or leave about this person? */
int sr_store_source_keeps(sr_txn *t, int64_t person, int64_t school, bool *out, sr_err *err);
/* One row that is outside what is pulled now (another year's). */
int sr_store_source_delete(sr_txn *t, int64_t school, sr_src kind, int64_t key, sr_err *err);
