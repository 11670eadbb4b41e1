/* Mapping terms to periods: the jobs of one command, done one after the other.
 * Never included but by cmd_map*.c. */
#pragma once
#include "engine/cmd_priv.h"

typedef struct sr_map_job {
	sr_school *s;
	int64_t term;
	int64_t periods[SR_PERIODS_PER_TERM_MAX];
	size_t count;      /* 0: a period is found by its title, or created */
	const char *title; /* of the one to create; NULL: by the template. Borrowed from the parameters */
	bool created, failed;
} sr_map_job;

typedef struct sr_mapping {
	sr_map_job *jobs;
	size_t count, cap, at;
	json_t *mapped;
	bool asked, answered; /* for the period of the job at hand */
	int64_t period;
	sr_err period_err;
} sr_mapping;

sr_mapping *sr_mapping_new(sr_call *c);                                /* NULL: the call failed */
sr_map_job *sr_mapping_add(sr_mapping *m, sr_school *s, int64_t term); /* NULL: out of memory */
void sr_mapping_run(sr_call *c);                                       /* does the jobs, then ends the call */
/* May terms be mapped here? False: the results say why not. */
bool sr_map_allowed(sr_call *c, sr_school *s);
const sr_term_use *sr_map_term(const sr_context *ctx, int64_t id); /* NULL: unknown */
