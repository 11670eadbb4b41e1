/* The command line of sisrolld.
 * Never acts on what it reads; never takes a secret. */
#pragma once
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define SR_CONFIG_DEFAULT "/etc/sisroll/sisrolld.conf"

typedef enum sr_mode {
	SR_MODE_RUN,
	SR_MODE_HELP,
	SR_MODE_VERSION,
	SR_MODE_CONFIG_CHECK,
	SR_MODE_CONFIG_EXAMPLE,
	SR_MODE_PRINT_PHASES,
	SR_MODE_PRINT_RUNS,
	SR_MODE_COUNT
} sr_mode;

typedef struct sr_options {
	sr_mode mode;
	const char *config; /* borrowed from argv */
	bool as_dot;        /* --print-phases=dot */
	int64_t clock_offset_s;
	int64_t die_at; /* tests: die at this effect (steps.h); 0: never */
} sr_options;

/* -1: `err` says what is wrong with the line. */
int sr_options_parse(int argc, char **argv, sr_options *out, sr_err *err);
void sr_options_help(sr_buf *out);
