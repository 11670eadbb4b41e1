/* Undo: what operations did to one object, as a step from one state to another that can be turned round.
 * Never takes away an account, a course or a section; never asks what stands in Schoology now. */
#pragma once
#include "core/plan.h"

typedef enum sr_stand {
	SR_STAND_NONE, /* not in Schoology at all */
	SR_STAND_AWAY, /* archived, or an inactive account */
	SR_STAND_THERE,
	SR_STAND_COUNT
} sr_stand;

typedef struct sr_deed_side {
	sr_stand stand;
	sr_record values;
} sr_deed_side;

/* All that was done to one object, taken together. Zero-initialise with `kind`; texts are the arena's. */
typedef struct sr_deed {
	sr_tgt kind;
	bool begun;      /* something was done */
	uint32_t fields; /* that were sent */
	sr_deed_side from, to;
} sr_deed;

/* Takes one confirmed operation in; they come in the order in which they were carried out. */
int sr_deed_add(sr_deed *d, const sr_plan_item *item, sr_arena *arena, sr_err *err);

/* The same step backwards: reversed twice it is the same. */
sr_deed sr_deed_reverse(const sr_deed *d);

/* What carries a deed out. KEEP: nothing can, or nothing has to. */
typedef struct sr_deed_act {
	sr_op op;
	uint32_t fields;
	const char *why; /* what stays as it is, though it differs; constant text; NULL: nothing does */
} sr_deed_act;
sr_deed_act sr_deed_judge(const sr_deed *d);

/* Does what was read now agree with one end of the deed, in all that the deed changes? *differs (may be NULL):
 * the name of the first field that does not, NULL where it is the object's being there at all. */
bool sr_deed_at(const sr_deed *d, bool to, const sr_deed_side *now, const char **differs);
