/* What run_judge.c and judge_members.c share: steps of judging, one row at a time. */
#pragma once
#include "engine/run_priv.h"

/* Counts the verdict, keeps it if it differs, sets aside what is wrong by itself. */
int sr_judge_save(sr_run *r, sr_txn *t, const sr_source_row *row, sr_judged judged, sr_err *err);
/* The counter of a term of the active year, by its id of either sign; NULL: another year's. */
sr_term_count *sr_judge_term(sr_judge *j, int64_t termid);

/* First pass: who has a let-in enrollment or teaching here, his own verdict left aside? */
int sr_judge_member_mark(sr_run *r, sr_txn *t, sr_source_row *row, const sr_record *rec, sr_err *err);
int sr_judge_member(sr_run *r, sr_txn *t, sr_source_row *row, const sr_record *rec, sr_err *err);
