/* sisrolld put together: what is made in which order, and taken apart in reverse.
 * Never reads the environment; never decides what is synced. */
#pragma once
#include "options.h"

/* What the environment said; NULL where it said nothing. */
typedef struct sr_surroundings {
	const char *credentials_dir; /* $CREDENTIALS_DIRECTORY */
	const char *journal_stream;  /* $JOURNAL_STREAM */
	const char *exec_pid;        /* $SYSTEMD_EXEC_PID */
} sr_surroundings;

#define SR_EXIT_OK 0
#define SR_EXIT_FAILED 1
#define SR_EXIT_CONFIG 2 /* options or configuration: starting again does not help */

/* Runs until a signal ends it. Returns the exit status. */
int sr_daemon_run(const sr_options *options, const sr_surroundings *surroundings);
