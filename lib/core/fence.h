/* The year fence: says the active-year rule a second time, at the last step before the network,
 * and is the only maker of a permit to write.
 * Never trusts a plan: it judges what is about to be sent from the school's state of this moment. */
#pragma once
#include "core/phase.h"
#include "core/plan.h"

typedef struct sr_fence_state {
	sr_phase_state school; /* read in the same turn, inside the transaction that marks the batch */
	int64_t school_number;
	int64_t plan_epoch;
	bool manual, year_over, blocked;
	bool stop;        /* the run was told to stop */
	bool inactivates; /* the run carries out a plan of leavers: it may do that, and nothing else */
} sr_fence_state;

typedef struct sr_fence_object {
	sr_tgt kind;
	sr_yearid year; /* sections, memberships, periods: of the object, by mirror or else by its term; 0: unknown */
	sr_yearid highest; /* users, courses: the highest active year that wrote it; 0: none yet */
	bool is_acting_user;
	bool course_has_section; /* courses: a let-in section stands behind it */
	sr_stage stage;
} sr_fence_object;

typedef enum sr_fence_verdict {
	SR_FENCE_OK,
	SR_FENCE_STALE,
	SR_FENCE_PHASE,
	SR_FENCE_BLOCKED,
	SR_FENCE_STOPPED,
	SR_FENCE_OTHER_YEAR, /* counted, must stay 0; blocks the school */
	SR_FENCE_OLDER_YEAR, /* a user or course that a later year has written: skip the object */
	SR_FENCE_ACTING_USER,
	SR_FENCE_NO_SECTION,
	SR_FENCE_NOT_SENT,
	SR_FENCE_COUNT
} sr_fence_verdict;
const char *sr_fence_verdict_name(sr_fence_verdict v);

/* May this school write at all now? Judged before the objects. */
sr_fence_verdict sr_fence_school(const sr_fence_state *s);
sr_fence_verdict sr_fence_object_judge(const sr_fence_state *s, const sr_fence_object *o);

/* The permit: opaque, one per call to the network, good for exactly `count` objects of one stage. */
typedef struct sr_permit sr_permit;
/* Makes a permit if the school and every object pass; else NULL, *verdict and *which (index of the
 * first object refused; count: the school itself) say why. NULL with SR_FENCE_OK: out of memory. */
sr_permit *sr_fence_pass(const sr_fence_state *s, const sr_fence_object *objects, size_t count,
	sr_fence_verdict *verdict, size_t *which);
/* A grading period that a person asked to create: allowed from year-set on, for the active year.
 * Before (paused), for the chosen year too: never. */
sr_permit *sr_fence_pass_period(const sr_fence_state *s, sr_yearid period_year, sr_fence_verdict *verdict);
void sr_permit_free(sr_permit *p);
/* For the Schoology client: spends the permit; false if it does not fit or was spent. */
bool sr_permit_spend(sr_permit *p, sr_stage stage, size_t count);
bool sr_permit_spend_period(sr_permit *p);
