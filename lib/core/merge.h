/* A walk over two ordered streams: what is only left, only right, in both.
 * Never holds more than one row of each side; never sorts. */
#pragma once
#include "core/model.h"

typedef struct sr_merge_row {
	sr_ident key;
	const void *opaque; /* the cursor's own row; valid until its next `next` */
} sr_merge_row;

typedef struct sr_cursor {
	void *self;
	/* 1: a row, with a key greater than the one before; 0: the end; -1: err is filled. */
	int (*next)(void *self, sr_merge_row *row, sr_err *err);
} sr_cursor;

/* One pair; a side that is missing is NULL. Non-zero stops the walk with -1 (err is the caller's). */
typedef int (*sr_merge_fn)(void *arg, const sr_merge_row *left, const sr_merge_row *right, sr_err *err);

/* A walk that can be left after any pair and taken up later (bounded turns of the loop). */
typedef struct sr_merge {
	sr_cursor left, right;
	sr_merge_row l, r;
	int have_l, have_r; /* 1: row held, 0: end */
	bool begun;
} sr_merge;

void sr_merge_init(sr_merge *m, sr_cursor left, sr_cursor right);
/* Delivers at most `max_pairs`. 1: more to come, 0: the end, -1: error, also for keys that do
 * not rise. */
int sr_merge_walk(sr_merge *m, size_t max_pairs, sr_merge_fn fn, void *arg, sr_err *err);
