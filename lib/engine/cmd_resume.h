/* What the files of `resume` share.
 * Never included from outside cmd_resume*.c. */
#pragma once
#include "engine/cmd_priv.h"

/* Asks the facts and the gate, and steps the phase if they allow; the results have a row either way, or the call
 * awaits the school's first run. False: refused. */
bool sr_resume_school(sr_call *c, sr_school *s);
/* Would `resume` ask the gate of this school now? */
bool sr_resume_before_gate(const sr_school *s);
/* cmd_resume_plan.c: a fresh rehearsal is compared with the plan that was shown, then the above. Holds the call. */
void sr_resume_by_plan(sr_call *c, sr_school *s, int64_t plan);
/* cmd_resume_canary.c: one school is resumed, the others follow once it is verified clean. */
void sr_resume_canary(sr_call *c, const char *canary);
