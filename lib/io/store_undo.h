/* What runs did, looked up backwards: their plans, and the objects that they changed.
 * Never judges whether it may be undone. */
#pragma once
#include "io/store_plan.h"

/* The runs whose deeds are looked up: of one school, from `first` to `last`. */
typedef struct sr_run_span {
	int64_t school, first, last;
} sr_run_span;

typedef struct sr_object_ref {
	sr_tgt kind;
	sr_ident ident;
} sr_object_ref;

/* Objects with a confirmed operation in the span, behind `after` (NULL: from the first), by kind and ident. */
int sr_store_undo_objects(sr_txn *t, sr_arena *a, const sr_run_span *span, const sr_object_ref *after, size_t max,
	sr_object_ref **rows, size_t *count, sr_err *err);
/* The confirmed operations on one object in the span, oldest first. */
int sr_store_undo_items(sr_txn *t, sr_arena *a, const sr_run_span *span, const sr_object_ref *of, sr_item_row **rows,
	size_t *count, sr_err *err);
/* The newest run behind the span that changed the object; 0: none. */
int sr_store_undo_later_run(sr_txn *t, const sr_run_span *span, const sr_object_ref *of, int64_t *run, sr_err *err);
/* Plans of the span that still have operations. */
int sr_store_undo_plans(sr_txn *t, const sr_run_span *span, int64_t *out, sr_err *err);
