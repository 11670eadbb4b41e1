/* The run table: what one school is doing right now (activity, not phase).
 * Never decides which event happened; never keeps time. */
#pragma once
#include "base/str.h"

typedef enum sr_run_state {
	SR_RS_IDLE,
	SR_RS_PULLING,
	SR_RS_PLANNING,
	SR_RS_PLANNED,
	SR_RS_APPLYING,
	SR_RS_SETTLING,
	SR_RS_VERIFYING,
	SR_RS_BACKING_OFF,
	SR_RS_COUNT
} sr_run_state;

typedef enum sr_run_event {
	SR_RE_START,      /* due, or asked for */
	SR_RE_PULLED,     /* the pull is proven */
	SR_RE_UNPROVEN,   /* it is not, after the one re-pull */
	SR_RE_PLAN_READY, /* sealed, with something to send and leave to send it */
	SR_RE_PLAN_EMPTY, /* sealed, nothing to send */
	SR_RE_PLAN_ONLY,  /* a rehearsal, or a phase that may not write: keep the plan, send nothing */
	SR_RE_PLAN_REFUSED,
	SR_RE_GO,          /* the sealed plan is taken up */
	SR_RE_ANSWER_LOST, /* a sent batch has no answer */
	SR_RE_SETTLED,     /* asked by key; known now */
	SR_RE_APPLIED,     /* every operation has its end */
	SR_RE_VERIFIED,
	SR_RE_DIFFERS, /* verification found something else */
	SR_RE_AGAIN,   /* a first run has sent something: pull again, nothing may be left */
	SR_RE_LOST,    /* a system is unreachable or refuses */
	SR_RE_TIMER,   /* back-off is over */
	SR_RE_STOP,    /* a person, a pause or the end of the process */
	SR_RE_COUNT
} sr_run_event;

typedef enum sr_run_act {
	SR_RA_NONE,
	SR_RA_PULL,
	SR_RA_PLAN,
	SR_RA_DECIDE,
	SR_RA_APPLY,
	SR_RA_SETTLE,
	SR_RA_VERIFY,
	SR_RA_BACK_OFF,
	SR_RA_FINISH,
	SR_RA_ABANDON,
	SR_RA_COUNT
} sr_run_act;

typedef struct sr_run_cell {
	sr_run_state next;
	sr_run_act act;
	const char *why; /* never NULL */
} sr_run_cell;

sr_run_cell sr_run_step(sr_run_state state, sr_run_event event);

typedef enum sr_run_kind {
	SR_RK_SCHEDULED,
	SR_RK_FIRST,
	SR_RK_MANUAL,
	SR_RK_REHEARSAL,
	SR_RK_UNDO,
	SR_RK_INACTIVE,
	SR_RK_VERIFY,
	SR_RK_COUNT
} sr_run_kind;

const char *sr_run_state_name(sr_run_state state);
const char *sr_run_event_name(sr_run_event event);
const char *sr_run_kind_name(sr_run_kind kind); /* "update", "first run", "manual", "rehearsal", "undo", "inactive",
						 * "verify" */
bool sr_run_kind_parse(const char *name, sr_run_kind *out);
void sr_run_print_md(sr_buf *out);
