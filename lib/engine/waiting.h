/* The waiting room at the end of planning: what a person decided is carried into the plan, what waits is remembered.
 * Never holds what nobody has to decide; never sends. DESIGN section 6. */
#pragma once
#include "engine/run_priv.h"

/* For the finished plan of `r`, behind the guards and before it is sealed: an approved operation is planned, a
 * rejected one abandoned, every other that waits is written down with its age. An approval counts for exactly the
 * change that was shown. Moves the counts of r->planner along. */
int sr_waiting_reconcile(sr_run *r, sr_txn *t, sr_err *err);
