/* What the files of a look at Schoology share: where it stands, and how one answer is judged.
 * Never included from outside this folder; nothing in it writes to Schoology. */
#pragma once
#include "engine/run_priv.h"
#include "io/store_check.h"

#define SR_CHECK_KEYS 50

typedef enum sr_finding {
	SR_FI_MISSING,
	SR_FI_INACTIVE,
	SR_FI_DIFFERENT,
	SR_FI_MOVED,    /* a section: to other grading periods or into another course */
	SR_FI_REPLACED, /* its key stands on another object */
	SR_FI_ARCHIVED, /* a membership, by somebody */
	SR_FI_REVIVED,  /* archived by sisroll, and active again */
	SR_FI_FOREIGN,
	SR_FI_FLIPPED, /* another writer put back what sisroll had changed */
	SR_FI_COUNT
} sr_finding;

/* An object that looks like another writer's: judged once more at the end, when what was under way is confirmed. */
typedef struct sr_stranger {
	sr_tgt kind;
	int64_t id, parent;
	const char *key; /* in the look's arena */
	bool made;
} sr_stranger;

struct sr_check {
	sr_check_ask ask;
	void (*done)(sr_run *r);
	sr_arena arena; /* what is kept to the end */
	sr_check_pass pass;
	sr_read asked;
	int64_t requests, members_left;
	int64_t *courses; /* of the building, by id */
	size_t course_count;
	bool courses_known;
	int64_t *missing; /* people who are not among the active */
	size_t missing_count, missing_cap;
	sr_stranger *strangers;
	size_t stranger_count, stranger_cap;
	json_t *findings;
	int64_t counts[SR_FI_COUNT], totals[SR_CK_COUNT];
	int64_t extra_members, taken, waits, foreign;
	bool complete, nomem;
};

/* What was found wrong of one object. */
typedef struct sr_flaw {
	sr_finding what;
	sr_tgt kind;
	const char *key;
	uint32_t fields; /* that differ */
	const char *text;
} sr_flaw;
/* `waits`: what a repair leaves to a person. */
void sr_check_found(sr_run *r, const sr_flaw *flaw, bool waits);
/* Is what Schoology holds taken in? */
bool sr_check_takes(const sr_run *r, sr_tgt kind, sr_finding what);
/* Takes it in, marked as read and not written. */
int sr_check_take(sr_run *r, sr_txn *t, sr_mirror_row *row, sr_err *err);

/* check_compare.c: one object of ours against the answer that speaks of it; gone objects that are back are noticed */
int sr_check_user(sr_run *r, sr_txn *t, sr_mirror_row *row, const sr_read_answer *answer, sr_arena *a, sr_err *err);
int sr_check_section(sr_run *r, sr_txn *t, sr_mirror_row *row, const sr_read_answer *answer, sr_arena *a, sr_err *err);
int sr_check_course(sr_run *r, sr_txn *t, sr_mirror_row *row, const sr_read_answer *answer, sr_arena *a, sr_err *err);
int sr_check_members(sr_run *r, sr_txn *t, int64_t section, const sr_read_answer *answer, sr_err *err);
int sr_check_absent(sr_run *r, sr_txn *t, sr_mirror_row *row, bool inactive, sr_err *err);
bool sr_check_skips(const sr_run *r, const sr_mirror_row *row); /* left alone, whatever stands there */

/* check_foreign.c */
int sr_check_strange_course(sr_run *r, sr_txn *t, const sr_target_course *c, sr_err *err);
int sr_check_strange_user(sr_run *r, sr_txn *t, const sr_target_user *u, sr_err *err);
int sr_check_strange_section(sr_run *r, sr_txn *t, const sr_target_section *s, sr_err *err);
/* Did somebody put back, within a day, what we had changed of it? 1: yes, and it was noted. */
int sr_check_flipped(sr_run *r, sr_txn *t, const sr_mirror_row *row, const sr_record *now, uint32_t fields, sr_arena *a,
	sr_err *err);
/* The end: notes what is still strange; *why: the sentence of the block, NULL where there is none to raise. */
int sr_check_strangers(sr_run *r, sr_txn *t, const char **why, sr_err *err);
