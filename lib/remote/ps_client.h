/* PowerSchool as a source of rosters: the plugin's queries and a little of v1, over any transport.
 * Never writes; never asks for a page that the caller did not ask for. */
#pragma once
#include "base/timer.h"
#include "base/transport.h"
#include "remote/source.h"

typedef struct sr_ps_client sr_ps_client;

/* All borrowed; must outlive the client. */
typedef struct sr_ps_config {
	sr_transport transport;
	sr_timers timers;
	const char *url; /* without a trailing slash */
	const char *client_id, *client_secret;
	const char *query_prefix; /* "org.sisroll.sync.roster" */
	int64_t timeout_ms;
} sr_ps_config;

int sr_ps_client_new(const sr_ps_config *config, sr_ps_client **out, sr_err *err);
void sr_ps_client_free(sr_ps_client *c);         /* callbacks are forgotten */
sr_source *sr_ps_client_source(sr_ps_client *c); /* the client's own; lives as long */
