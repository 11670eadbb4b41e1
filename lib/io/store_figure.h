/* Figures of years, subjects of courses, and schools that follow a canary: what the gate remembers.
 * Never compares them. */
#pragma once
#include "base/arena.h"
#include "core/figure.h"
#include "core/year.h"
#include "io/store.h"

/* Replaces all figures of a school and year. */
int sr_store_figures_set(
	sr_txn *t, int64_t school, sr_yearid year, const sr_figure *rows, size_t count, int64_t now_ms, sr_err *err);
int sr_store_figures(
	sr_txn *t, sr_arena *a, int64_t school, sr_yearid year, sr_figure **rows, size_t *count, sr_err *err);

typedef struct sr_subject_row {
	int64_t course; /* its identity: sr_text_ident of the course number */
	const char *name;
} sr_subject_row;
int sr_store_subject_put(sr_txn *t, int64_t school, const sr_subject_row *row, sr_err *err);
/* By course, rising. */
int sr_store_subjects(sr_txn *t, sr_arena *a, int64_t school, sr_subject_row **rows, size_t *count, sr_err *err);
int sr_store_subjects_forget(sr_txn *t, int64_t school, sr_err *err);

typedef struct sr_follower_row {
	int64_t school, canary;
	sr_yearid year;
	const char *who, *reason; /* reason: NULL, none was given */
	int64_t at_ms;
} sr_follower_row;
int sr_store_follower_put(sr_txn *t, const sr_follower_row *row, sr_err *err); /* a later one replaces it */
/* All of them, by school. */
int sr_store_followers(sr_txn *t, sr_arena *a, sr_follower_row **rows, size_t *count, sr_err *err);
int sr_store_follower_get(sr_txn *t, sr_arena *a, int64_t school, sr_follower_row *out, sr_err *err); /* 1, 0 */
/* The school follows nobody any more; `followed` too: nobody follows it. Returns how many went, -1. */
int sr_store_followers_clear(sr_txn *t, int64_t school, bool followed, sr_err *err);
