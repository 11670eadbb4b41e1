/* People who leave and come back: what speaks against making an account inactive, and whose account must be looked at.
 * Never says who is a leaver: that takes PowerSchool's word. */
#pragma once
#include "base/arena.h"
#include "core/run.h"
#include "core/year.h"
#include "io/store.h"

/* Does any row of any school let this person, or a membership of his, in? */
int sr_store_person_let_in(sr_txn *t, int64_t person, bool *out, sr_err *err);
/* Accounts of a school that are active in Schoology, as confirmed. */
int sr_store_accounts(sr_txn *t, int64_t school, int64_t *out, sr_err *err);
/* What an account had when it was made inactive does not come back with it: this year's memberships of the person are
 * no longer known to stand, so that the roster makes them anew. */
int sr_store_members_forget(sr_txn *t, int64_t person, sr_yearid year, sr_err *err);
/* A newer plan of the kind takes the place of those that were not carried out to their end. */
int sr_store_plans_supersede(sr_txn *t, int64_t school, sr_run_kind kind, int64_t except, sr_err *err);

/* People whose account may have been made inactive by somebody: asked about before the next plan. One that Schoology
 * does not hold for us is not kept. */
typedef struct sr_recheck {
	int64_t person;
	bool fresh; /* what Schoology says of him is to be taken: it is not known */
} sr_recheck;
int sr_store_recheck_add(sr_txn *t, const sr_recheck *row, sr_err *err);
int sr_store_recheck_done(sr_txn *t, int64_t person, sr_err *err);
int sr_store_recheck_list(
	sr_txn *t, sr_arena *a, int64_t after, size_t max, sr_recheck **rows, size_t *count, sr_err *err);
/* Takes the person and his memberships out of quarantine, at every school: they were refused for another cause. */
int sr_store_person_unquarantine(sr_txn *t, int64_t person, sr_err *err);
/* Is there anybody let in at the school who has no account yet? */
int sr_store_people_wanting(sr_txn *t, int64_t school, bool *out, sr_err *err);
