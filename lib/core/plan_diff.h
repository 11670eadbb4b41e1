/* Two plans of one school and year held side by side: what both would do, and what only one of them would.
 * Never applies a plan, never reads a store; operations are fed in, in any order. */
#pragma once
#include "core/plan.h"

typedef enum sr_plan_side { SR_PD_OLD, SR_PD_NEW, SR_PD_SIDES } sr_plan_side;

/* What one side alone holds, as an example for a person. */
typedef struct sr_plan_moved {
	sr_plan_side side; /* the only one that has it */
	sr_tgt kind;
	sr_op op;
	sr_ident ident;
} sr_plan_moved;

#define SR_PD_EXAMPLES 10

typedef struct sr_plan_diff_result {
	int64_t total[SR_PD_SIDES]; /* operations of each plan */
	int64_t equal;
	int64_t only[SR_PD_SIDES][SR_TGT_COUNT][SR_OP_COUNT];
	int64_t moved; /* objects about which the plans disagree: done otherwise counts once, not twice */
	sr_plan_moved examples[SR_PD_EXAMPLES];
	size_t example_count;
} sr_plan_diff_result;

typedef struct sr_plan_diff sr_plan_diff;

sr_plan_diff *sr_plan_diff_new(uint64_t seed, int64_t school, sr_yearid year); /* NULL: out of memory */
void sr_plan_diff_free(sr_plan_diff *d);
/* Two operations are equal when kind, object, op, fields and the values sent are. */
int sr_plan_diff_add(sr_plan_diff *d, sr_plan_side side, const sr_plan_item *item, sr_err *err);
/* Once everything has been fed in. */
void sr_plan_diff_judge(sr_plan_diff *d, sr_plan_diff_result *out);

/* Does the new plan still stand for the old one? Identical plans always do; else they must differ in less
 * than `percent` of the larger one. */
bool sr_plan_diff_holds(const sr_plan_diff_result *r, int64_t percent);
