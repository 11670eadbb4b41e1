/* What the two files of an undo share: its list of objects, and one group of them while it is judged.
 * Never included from outside this folder. */
#pragma once
#include "core/undo.h"
#include "engine/run_priv.h"
#include "io/store_undo.h"

struct sr_undo {
	sr_object_ref *work; /* by kind and ident: the order of the reads */
	size_t count, cap;
	sr_object_ref after; /* gathering: the last one found, once begun */
	bool begun;
	size_t at, group; /* those asked about now */
	int64_t *courses; /* that hold a section of the active year: text idents of their codes, sorted */
	size_t course_count, course_cap;
	int64_t section_after; /* that the look for them has come to */
};

/* One object of a group, and what becomes of it. */
typedef struct sr_undone {
	sr_deed back; /* from what the runs left to what was before */
	sr_deed_act act;
	sr_mirror_row mirror;
	bool known;   /* in the mirror */
	bool go;      /* it is put back */
	bool nothing; /* it is not even listed */
	const char *why;
} sr_undone;

typedef struct sr_undo_group {
	sr_arena arena;
	sr_tgt kind;
	sr_undone *at;
	size_t n;
	bool asks;             /* something of it depends on what stands in Schoology */
	sr_mirror_row section; /* of memberships */
	bool has_section;
} sr_undo_group;

sr_run_span sr_undo_span(const sr_run *r);
/* Reads what the runs did to the objects of the group that the run has come to. */
int sr_undo_group_load(sr_run *r, sr_txn *t, sr_undo_group *g, sr_err *err);
/* The question about them. `keys` has room for all of them. */
void sr_undo_group_ask(const sr_run *r, const sr_undo_group *g, const char **keys, sr_read_ask *ask);
/* Judges each by the answer (NULL: nothing had to be asked) and adds them to the plan. */
int sr_undo_group_plan(sr_run *r, sr_txn *t, sr_undo_group *g, const sr_read_answer *answer, sr_err *err);
