/* What the checks of the gate judge by, as the files of the gate share it.
 * Never included from outside gate*.c. */
#pragma once
#include "engine/run_priv.h"

typedef struct sr_gate_facts {
	sr_school *s;
	sr_txn *t;
	sr_context ctx;
	sr_arena arena;
	sr_run_row rehearsal;
	bool rehearsed;
	json_t *counts; /* of the rehearsal */
} sr_gate_facts;

#define EVIDENCE(check, ...) snprintf((check)->evidence, sizeof((check)->evidence), __VA_ARGS__)

/* gate_plan.c: what the rehearsed plan says beside last year and the guards */
int sr_gate_counts(sr_gate_facts *f, sr_gate_check *c, sr_err *err);
int sr_gate_guards(sr_gate_facts *f, sr_gate_check *c, sr_err *err);
