/* Schoology as a target: signed requests within the rate, one at a time per credit, over any
 * transport.
 * Never sends a write without a permit of the fence, never repeats one, never follows a link of the
 * server's to another place than the configured one. */
#pragma once
#include "base/clock.h"
#include "base/timer.h"
#include "base/transport.h"
#include "codec/oauth1.h"
#include "remote/target.h"

typedef struct sr_sgy_client sr_sgy_client;

/* All pointers borrowed; must outlive the client. */
typedef struct sr_sgy_config {
	sr_transport transport;
	sr_clock clock;
	sr_timers timers;
	void (*random)(void *arg, void *bytes, size_t len);
	void *random_arg;
	const char *url; /* with /v1, without a trailing slash */
	const char *key, *secret;
	sr_oauth1_method signature;
	int credits, read_cost, write_cost;
	int64_t window_ms;
	int concurrency;
	int page_size;
	int64_t timeout_ms;
	/* Called before each request leaves: its time stamp must be kept, and given back as `floor_s` by
	 * the next process; `begun_ms` (wall clock) likewise as `last_begun_ms`. */
	void (*stamp)(void *arg, int64_t timestamp_s, int64_t begun_ms);
	void *stamp_arg;
	int64_t floor_s;       /* no time stamp below this; 0: none yet */
	int64_t last_begun_ms; /* the window up to it counts as spent; 0: nothing was ever sent */
} sr_sgy_config;

int sr_sgy_client_new(const sr_sgy_config *config, sr_sgy_client **out, sr_err *err);
void sr_sgy_client_free(sr_sgy_client *c);         /* callbacks are forgotten */
sr_target *sr_sgy_client_target(sr_sgy_client *c); /* the client's own; lives as long */

/* For status: credits used in the window that ends now, requests under way, reads that wait. */
typedef struct sr_sgy_usage {
	int credits_used, credits;
	int in_flight, waiting, concurrency;
} sr_sgy_usage;
sr_sgy_usage sr_sgy_used(const sr_sgy_client *c);
