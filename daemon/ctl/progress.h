/* Long work as it goes: a bar on a terminal, plain lines in a pipe, nothing with --quiet or --json.
 * Never guesses: time left is told only once a tenth of a minute was measured. */
#pragma once
#include "print.h"

#define CTL_PROGRESS_SCHOOLS 64 /* beyond them only the newest is told */

typedef struct ctl_progress_school {
	int64_t school, done, total;
	char phase[24];
} ctl_progress_school;

typedef struct ctl_progress {
	const ctl_out *out;
	bool bar, silent;
	int64_t began_ms, began_done;
	char phase[24]; /* of the newest report: the estimate begins anew with each */
	ctl_progress_school schools[CTL_PROGRESS_SCHOOLS];
	size_t count;
	bool drawn;
} ctl_progress;

void ctl_progress_init(ctl_progress *p, const ctl_out *out, bool silent);
/* A ctl_progress_fn. */
void ctl_progress_report(void *progress, const json_t *params);
/* Clears the bar, so that what follows stands on a clean line. */
void ctl_progress_done(ctl_progress *p);
