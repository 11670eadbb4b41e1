/* The run table: one block a state, one row an event, in the order of a run. An event that a state
 * does not expect is a late one, from before a stop or a restart; it changes nothing, and the cell
 * says why that is right. */
#include "core/run.h"

#include <assert.h>

/* clang-format off */
#define TO(state, act, why) { SR_RS_##state, SR_RA_##act, (why) }

#define BUSY     "a run is under way already"
#define LATE     "late: it speaks of a run that has ended"
#define EARLY    "does not happen before this step has ended"
#define NOT_LOST "no batch was sent in this step"
#define NO_TIMER "no back-off is running"
#define STOPPED  "stopped: what was not begun is abandoned"
#define REFUSES  "a system does not answer: try again later"

static const sr_run_cell table[SR_RS_COUNT][SR_RE_COUNT] = {
	[SR_RS_IDLE] = {
		[SR_RE_START]        = TO(PULLING, PULL, "due, or asked for"),
		[SR_RE_PULLED]       = TO(IDLE, NONE, LATE),
		[SR_RE_UNPROVEN]     = TO(IDLE, NONE, LATE),
		[SR_RE_PLAN_READY]   = TO(IDLE, NONE, LATE),
		[SR_RE_PLAN_EMPTY]   = TO(IDLE, NONE, LATE),
		[SR_RE_PLAN_ONLY]    = TO(IDLE, NONE, LATE),
		[SR_RE_PLAN_REFUSED] = TO(IDLE, NONE, LATE),
		[SR_RE_GO]           = TO(IDLE, NONE, "a plan is only taken up by the run that made it"),
		[SR_RE_ANSWER_LOST]  = TO(IDLE, NONE, "settled by reads before the next run plans"),
		[SR_RE_SETTLED]      = TO(IDLE, NONE, "what was in flight at a stop is known now"),
		[SR_RE_APPLIED]      = TO(IDLE, NONE, LATE),
		[SR_RE_VERIFIED]     = TO(IDLE, NONE, LATE),
		[SR_RE_DIFFERS]      = TO(IDLE, NONE, LATE),
		[SR_RE_AGAIN]        = TO(IDLE, NONE, LATE),
		[SR_RE_LOST]         = TO(IDLE, NONE, "nothing was asked for by a run"),
		[SR_RE_TIMER]        = TO(IDLE, NONE, NO_TIMER),
		[SR_RE_STOP]         = TO(IDLE, NONE, "nothing runs"),
	},
	[SR_RS_PULLING] = {
		[SR_RE_START]        = TO(PULLING, NONE, BUSY),
		[SR_RE_PULLED]       = TO(PLANNING, PLAN, "the pull is proven"),
		[SR_RE_UNPROVEN]     = TO(PLANNING, PLAN, "counts still move: additions and updates go on, drops wait"),
		[SR_RE_PLAN_READY]   = TO(PULLING, NONE, EARLY),
		[SR_RE_PLAN_EMPTY]   = TO(PULLING, NONE, EARLY),
		[SR_RE_PLAN_ONLY]    = TO(PULLING, NONE, EARLY),
		[SR_RE_PLAN_REFUSED] = TO(PULLING, NONE, EARLY),
		[SR_RE_GO]           = TO(PULLING, NONE, EARLY),
		[SR_RE_ANSWER_LOST]  = TO(PULLING, NONE, NOT_LOST),
		[SR_RE_SETTLED]      = TO(PULLING, NONE, "what an earlier run had in flight is known now"),
		[SR_RE_APPLIED]      = TO(PULLING, NONE, EARLY),
		[SR_RE_VERIFIED]     = TO(PULLING, NONE, EARLY),
		[SR_RE_DIFFERS]      = TO(PULLING, NONE, EARLY),
		[SR_RE_AGAIN]        = TO(PULLING, NONE, EARLY),
		[SR_RE_LOST]         = TO(BACKING_OFF, BACK_OFF, REFUSES),
		[SR_RE_TIMER]        = TO(PULLING, NONE, NO_TIMER),
		[SR_RE_STOP]         = TO(IDLE, ABANDON, STOPPED),
	},
	[SR_RS_PLANNING] = {
		[SR_RE_START]        = TO(PLANNING, NONE, BUSY),
		[SR_RE_PULLED]       = TO(PLANNING, NONE, "pulled already"),
		[SR_RE_UNPROVEN]     = TO(PLANNING, NONE, "pulled already"),
		[SR_RE_PLAN_READY]   = TO(PLANNED, DECIDE, "the plan is sealed"),
		[SR_RE_PLAN_EMPTY]   = TO(VERIFYING, VERIFY, "nothing to send"),
		[SR_RE_PLAN_ONLY]    = TO(IDLE, FINISH, "the plan is kept, nothing is sent"),
		[SR_RE_PLAN_REFUSED] = TO(IDLE, ABANDON, "the plan is refused: a person must look"),
		[SR_RE_GO]           = TO(PLANNING, NONE, EARLY),
		[SR_RE_ANSWER_LOST]  = TO(PLANNING, NONE, NOT_LOST),
		[SR_RE_SETTLED]      = TO(PLANNING, NONE, "what an earlier run had in flight is known now"),
		[SR_RE_APPLIED]      = TO(PLANNING, NONE, EARLY),
		[SR_RE_VERIFIED]     = TO(PLANNING, NONE, EARLY),
		[SR_RE_DIFFERS]      = TO(PLANNING, NONE, EARLY),
		[SR_RE_AGAIN]        = TO(PLANNING, NONE, EARLY),
		[SR_RE_LOST]         = TO(BACKING_OFF, BACK_OFF, REFUSES),
		[SR_RE_TIMER]        = TO(PLANNING, NONE, NO_TIMER),
		[SR_RE_STOP]         = TO(IDLE, ABANDON, STOPPED),
	},
	[SR_RS_PLANNED] = {
		[SR_RE_START]        = TO(PLANNED, NONE, BUSY),
		[SR_RE_PULLED]       = TO(PLANNED, NONE, "the plan is sealed already"),
		[SR_RE_UNPROVEN]     = TO(PLANNED, NONE, "the plan is sealed already"),
		[SR_RE_PLAN_READY]   = TO(PLANNED, NONE, "the plan is sealed already"),
		[SR_RE_PLAN_EMPTY]   = TO(PLANNED, NONE, "the plan is sealed already"),
		[SR_RE_PLAN_ONLY]    = TO(IDLE, FINISH, "the plan is kept, nothing is sent"),
		[SR_RE_PLAN_REFUSED] = TO(IDLE, ABANDON, "the plan is refused: a person must look"),
		[SR_RE_GO]           = TO(APPLYING, APPLY, "the sealed plan is taken up"),
		[SR_RE_ANSWER_LOST]  = TO(PLANNED, NONE, NOT_LOST),
		[SR_RE_SETTLED]      = TO(PLANNED, NONE, "what an earlier run had in flight is known now"),
		[SR_RE_APPLIED]      = TO(PLANNED, NONE, EARLY),
		[SR_RE_VERIFIED]     = TO(PLANNED, NONE, EARLY),
		[SR_RE_DIFFERS]      = TO(PLANNED, NONE, EARLY),
		[SR_RE_AGAIN]        = TO(PLANNED, NONE, EARLY),
		[SR_RE_LOST]         = TO(BACKING_OFF, BACK_OFF, REFUSES),
		[SR_RE_TIMER]        = TO(PLANNED, NONE, NO_TIMER),
		[SR_RE_STOP]         = TO(IDLE, ABANDON, STOPPED),
	},
	[SR_RS_APPLYING] = {
		[SR_RE_START]        = TO(APPLYING, NONE, BUSY),
		[SR_RE_PULLED]       = TO(APPLYING, NONE, "a plan is complete before its first call"),
		[SR_RE_UNPROVEN]     = TO(APPLYING, NONE, "a plan is complete before its first call"),
		[SR_RE_PLAN_READY]   = TO(APPLYING, NONE, "a plan is complete before its first call"),
		[SR_RE_PLAN_EMPTY]   = TO(APPLYING, NONE, "a plan is complete before its first call"),
		[SR_RE_PLAN_ONLY]    = TO(IDLE, ABANDON, "the phase does not let it write any more: the rest is abandoned"),
		[SR_RE_PLAN_REFUSED] = TO(IDLE, ABANDON, "the fence refused: the rest is abandoned"),
		[SR_RE_GO]           = TO(APPLYING, NONE, "taken up already"),
		[SR_RE_ANSWER_LOST]  = TO(SETTLING, SETTLE, "a sent batch has no answer: ask by key"),
		[SR_RE_SETTLED]      = TO(APPLYING, NONE, "nothing is unknown"),
		[SR_RE_APPLIED]      = TO(VERIFYING, VERIFY, "every operation has its end"),
		[SR_RE_VERIFIED]     = TO(APPLYING, NONE, EARLY),
		[SR_RE_DIFFERS]      = TO(APPLYING, NONE, EARLY),
		[SR_RE_AGAIN]        = TO(APPLYING, NONE, EARLY),
		[SR_RE_LOST]         = TO(BACKING_OFF, BACK_OFF, REFUSES),
		[SR_RE_TIMER]        = TO(APPLYING, NONE, NO_TIMER),
		[SR_RE_STOP]         = TO(IDLE, ABANDON, "stopped: what is in flight is answered and read, the rest abandoned"),
	},
	[SR_RS_SETTLING] = {
		[SR_RE_START]        = TO(SETTLING, NONE, BUSY),
		[SR_RE_PULLED]       = TO(SETTLING, NONE, "a plan is complete before its first call"),
		[SR_RE_UNPROVEN]     = TO(SETTLING, NONE, "a plan is complete before its first call"),
		[SR_RE_PLAN_READY]   = TO(SETTLING, NONE, "a plan is complete before its first call"),
		[SR_RE_PLAN_EMPTY]   = TO(SETTLING, NONE, "a plan is complete before its first call"),
		[SR_RE_PLAN_ONLY]    = TO(IDLE, ABANDON, "the phase does not let it write any more: the rest is abandoned"),
		[SR_RE_PLAN_REFUSED] = TO(IDLE, ABANDON, "the fence refused: the rest is abandoned"),
		[SR_RE_GO]           = TO(SETTLING, NONE, "what is unknown is settled first"),
		[SR_RE_ANSWER_LOST]  = TO(SETTLING, NONE, "one more to settle"),
		[SR_RE_SETTLED]      = TO(APPLYING, APPLY, "asked by key: nothing is unknown any more"),
		[SR_RE_APPLIED]      = TO(SETTLING, NONE, "not all: some operations are unknown"),
		[SR_RE_VERIFIED]     = TO(SETTLING, NONE, EARLY),
		[SR_RE_DIFFERS]      = TO(SETTLING, NONE, EARLY),
		[SR_RE_AGAIN]        = TO(SETTLING, NONE, EARLY),
		[SR_RE_LOST]         = TO(BACKING_OFF, BACK_OFF, REFUSES),
		[SR_RE_TIMER]        = TO(SETTLING, NONE, NO_TIMER),
		[SR_RE_STOP]         = TO(IDLE, ABANDON, "stopped: the unknown is settled by reads before the next run plans"),
	},
	[SR_RS_VERIFYING] = {
		[SR_RE_START]        = TO(VERIFYING, NONE, BUSY),
		[SR_RE_PULLED]       = TO(VERIFYING, NONE, "part of verifying"),
		[SR_RE_UNPROVEN]     = TO(VERIFYING, NONE, "part of verifying"),
		[SR_RE_PLAN_READY]   = TO(VERIFYING, NONE, "part of verifying"),
		[SR_RE_PLAN_EMPTY]   = TO(VERIFYING, NONE, "part of verifying"),
		[SR_RE_PLAN_ONLY]    = TO(VERIFYING, NONE, "verifying sends nothing anyway"),
		[SR_RE_PLAN_REFUSED] = TO(VERIFYING, NONE, "verifying sends nothing anyway"),
		[SR_RE_GO]           = TO(VERIFYING, NONE, "the plan is applied already"),
		[SR_RE_ANSWER_LOST]  = TO(VERIFYING, NONE, NOT_LOST),
		[SR_RE_SETTLED]      = TO(VERIFYING, NONE, "nothing is unknown"),
		[SR_RE_APPLIED]      = TO(VERIFYING, NONE, "applied already"),
		[SR_RE_VERIFIED]     = TO(IDLE, FINISH, "verified"),
		[SR_RE_DIFFERS]      = TO(BACKING_OFF, BACK_OFF, "Schoology holds something else: run again"),
		[SR_RE_AGAIN]        = TO(PULLING, PULL, "something was sent: a new pull must plan nothing"),
		[SR_RE_LOST]         = TO(BACKING_OFF, BACK_OFF, REFUSES),
		[SR_RE_TIMER]        = TO(VERIFYING, NONE, NO_TIMER),
		[SR_RE_STOP]         = TO(IDLE, ABANDON, "stopped before it was verified"),
	},
	[SR_RS_BACKING_OFF] = {
		[SR_RE_START]        = TO(PULLING, PULL, "asked for: no need to wait longer"),
		[SR_RE_PULLED]       = TO(BACKING_OFF, NONE, LATE),
		[SR_RE_UNPROVEN]     = TO(BACKING_OFF, NONE, LATE),
		[SR_RE_PLAN_READY]   = TO(BACKING_OFF, NONE, LATE),
		[SR_RE_PLAN_EMPTY]   = TO(BACKING_OFF, NONE, LATE),
		[SR_RE_PLAN_ONLY]    = TO(IDLE, ABANDON, "the phase does not let it write any more"),
		[SR_RE_PLAN_REFUSED] = TO(IDLE, ABANDON, "a person must look"),
		[SR_RE_GO]           = TO(BACKING_OFF, NONE, "a plan is made anew after a back-off"),
		[SR_RE_ANSWER_LOST]  = TO(BACKING_OFF, NONE, "settled by reads before the next plan"),
		[SR_RE_SETTLED]      = TO(BACKING_OFF, NONE, "what was in flight is known now"),
		[SR_RE_APPLIED]      = TO(BACKING_OFF, NONE, LATE),
		[SR_RE_VERIFIED]     = TO(BACKING_OFF, NONE, LATE),
		[SR_RE_DIFFERS]      = TO(BACKING_OFF, NONE, LATE),
		[SR_RE_AGAIN]        = TO(BACKING_OFF, NONE, LATE),
		[SR_RE_LOST]         = TO(BACKING_OFF, NONE, "backing off already"),
		[SR_RE_TIMER]        = TO(PULLING, PULL, "the back-off is over: begin again with a new pull"),
		[SR_RE_STOP]         = TO(IDLE, ABANDON, STOPPED),
	},
};

static const char *const state_names[SR_RS_COUNT] = {
	[SR_RS_IDLE] = "idle", [SR_RS_PULLING] = "pulling", [SR_RS_PLANNING] = "planning", [SR_RS_PLANNED] = "planned",
	[SR_RS_APPLYING] = "applying", [SR_RS_SETTLING] = "settling", [SR_RS_VERIFYING] = "verifying",
	[SR_RS_BACKING_OFF] = "backing-off",
};

static const char *const event_names[SR_RE_COUNT] = {
	[SR_RE_START] = "start", [SR_RE_PULLED] = "pulled", [SR_RE_UNPROVEN] = "unproven",
	[SR_RE_PLAN_READY] = "plan-ready", [SR_RE_PLAN_EMPTY] = "plan-empty", [SR_RE_PLAN_ONLY] = "plan-only",
	[SR_RE_PLAN_REFUSED] = "plan-refused", [SR_RE_GO] = "go", [SR_RE_ANSWER_LOST] = "answer-lost",
	[SR_RE_SETTLED] = "settled", [SR_RE_APPLIED] = "applied", [SR_RE_VERIFIED] = "verified",
	[SR_RE_DIFFERS] = "differs", [SR_RE_AGAIN] = "again", [SR_RE_LOST] = "lost", [SR_RE_TIMER] = "timer",
	[SR_RE_STOP] = "stop",
};

static const char *const kind_names[SR_RK_COUNT] = {
	[SR_RK_SCHEDULED] = "update", [SR_RK_FIRST] = "first run", [SR_RK_MANUAL] = "manual",
	[SR_RK_REHEARSAL] = "rehearsal", [SR_RK_UNDO] = "undo", [SR_RK_INACTIVE] = "inactive",
	[SR_RK_VERIFY] = "verify",
};
/* clang-format on */

sr_run_cell sr_run_step(sr_run_state state, sr_run_event event)
{
	assert((unsigned)state < SR_RS_COUNT && (unsigned)event < SR_RE_COUNT);
	return table[state][event];
}

const char *sr_run_state_name(sr_run_state state)
{
	return (unsigned)state < SR_RS_COUNT ? state_names[state] : "?";
}

const char *sr_run_event_name(sr_run_event event)
{
	return (unsigned)event < SR_RE_COUNT ? event_names[event] : "?";
}

const char *sr_run_kind_name(sr_run_kind kind)
{
	return (unsigned)kind < SR_RK_COUNT ? kind_names[kind] : "?";
}

bool sr_run_kind_parse(const char *name, sr_run_kind *out)
{
	for (int i = 0; i < SR_RK_COUNT; i++) {
		if (!sr_streq(name, kind_names[i]))
			continue;
		*out = (sr_run_kind)i;
		return true;
	}
	return false;
}

/* Only the cells that lead somewhere: the rest of the table says why nothing happens. */
void sr_run_print_md(sr_buf *out)
{
	sr_buf_puts(out, "| state | event | next | why |\n| --- | --- | --- | --- |\n");
	for (int s = 0; s < SR_RS_COUNT; s++) {
		for (int e = 0; e < SR_RE_COUNT; e++) {
			const sr_run_cell *cell = &table[s][e];

			if ((int)cell->next != s || cell->act != SR_RA_NONE)
				sr_buf_printf(out, "| `%s` | `%s` | `%s` | %s |\n", state_names[s], event_names[e],
					state_names[cell->next], cell->why);
		}
	}
}
