/* Faults on demand, in front of both services: what breaks between a request and its answer.
 * Never changes what a handler knows; a fault that hides an answer lets the handler run. */
#pragma once
#include <stdbool.h>

#include "sim.h"

typedef enum sim_service { SIM_POWERSCHOOL, SIM_SCHOOLOGY, SIM_SERVICE_COUNT } sim_service;

typedef enum sim_fault_kind {
	SIM_FAULT_429,      /* instead of an answer; Retry-After if asked for */
	SIM_FAULT_5XX,      /* instead of an answer; --status, default 503 */
	SIM_FAULT_HTML200,  /* 200 with PowerSchool's "page unavailable" */
	SIM_FAULT_RESET,    /* the connection drops, nothing was carried out */
	SIM_FAULT_LOST,     /* carried out, the connection drops before the answer */
	SIM_FAULT_TRUNCATE, /* half the body, as if it were whole */
	SIM_FAULT_CUT,      /* half the body, then the connection drops */
	SIM_FAULT_SLOW,     /* --ms later */
	SIM_FAULT_EXPIRED,  /* PowerSchool: the token is void from now on */
	SIM_FAULT_ITEM,     /* a bulk item (--item, default the first) answers 400 and is not carried out */
	SIM_FAULT_KIND_COUNT
} sim_fault_kind;

typedef struct sim_fault {
	sim_fault_kind kind;
	int service;      /* sim_service, or -1: both */
	char method[8];   /* "": any */
	char path[128];   /* prefix of the path; "": any */
	int after, count; /* lets `after` matches pass, then strikes `count` times (0: for ever) */
	int status, retry_after_s, ms, item;
	int seen, struck; /* so far */
} sim_fault;

#define SIM_FAULTS_MAX 32

/* Zero-initialise. Plain values: nothing to free. */
typedef struct sim_faults {
	sim_fault list[SIM_FAULTS_MAX];
	size_t count;
} sim_faults;

/* Arguments as of `sisroll-sim fault add`: KIND [--service ps|sgy] [--method M] [--path PREFIX]
 * [--after N] [--count N] [--retry-after S] [--status N] [--ms N] [--item N]. */
int sim_fault_add(sim_faults *faults, int argc, const char *const *argv, sr_err *err);
void sim_fault_clear(sim_faults *faults);
void sim_fault_list(const sim_faults *faults, sr_buf *out);
void sim_fault_help(sr_buf *out);

/* Both services behind the faults; `faults` may be NULL, a service may be NULL (503). */
typedef struct sim_front {
	sim_world *world;
	sim_faults *faults;
	sim_ps *ps;
	sim_sgy *sgy;
	bool log; /* requests to PowerSchool are written to sim_ps_request_log, as Schoology does by itself */
} sim_front;

/* Makes sim_ps_request_log. */
int sim_front_log_open(sim_front *front, sr_err *err);

/* What has to happen to the reply on its way. */
typedef struct sim_delivery {
	int delay_ms;
	bool cut; /* send the body that is there, but announce `whole_bytes`, and drop the connection */
	size_t whole_bytes;
} sim_delivery;

/* Answers `request`, struck by the faults that match. reply->status 0: no answer at all. */
void sim_fault_apply(
	sim_front *front, sim_service service, const sr_request *request, sim_reply *reply, sim_delivery *delivery);
