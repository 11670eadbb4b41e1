/* Schools that are resumed when another one's first run is verified clean.
 * Never resumes what does not pass its own gate; never what nobody ordered. DESIGN section 2. */
#pragma once
#include "engine/engine_priv.h"

/* Resumes the followers that may go by now. Outside any transaction; after a poll and after each good run. */
void sr_canary_review(sr_engine *e);
/* 1: the school follows *canary, and `out` says what it waits for; 0: it follows nobody. */
int sr_canary_why(sr_txn *t, const sr_school *s, char *out, size_t size, int64_t *canary, sr_err *err);
/* The school has come into another phase, in the transaction that says so: resumed it follows nobody any more,
 * paused nobody follows it either. */
int sr_canary_left(sr_school *s, sr_txn *t, sr_err *err);
/* A person withdraws what stands about this school as follower or canary. Returns how many orders went, -1. */
int sr_canary_withdraw(sr_school *s, sr_err *err);
