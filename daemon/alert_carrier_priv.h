/* What the queues (alert_carrier.c) and the ways (alert_way.c) share.
 * Never included by the rest of the daemon. */
#pragma once
#include <sys/queue.h>

#include "alert_carrier.h"
#include "alert_text.h"
#include "child.h"
#include "io/http.h"
#include "io/secret.h"

#define SR_ALERT_BATCH_MAX 50

/* A copy of an alert; its texts are its own, clean and one line each. */
typedef struct sr_alert_letter {
	TAILQ_ENTRY(sr_alert_letter) link;
	sr_alert alert;
	char *code, *subject, *text;
} sr_alert_letter;

typedef struct sr_alert_way sr_alert_way;

typedef struct sr_alert_way_def {
	const char *name;
	bool (*configured)(const sr_config_alert *alert);
	/* Begins to carry the first `count` letters of the queue; `sr_alert_way_done` ends it. -1: nothing begun. */
	int (*begin)(sr_alert_way *way, size_t count, sr_err *err);
	size_t batch;      /* letters that one delivery may carry */
	int64_t gather_ms; /* how long it waits for more of them */
	int tries;
} sr_alert_way_def;

struct sr_alert_way {
	const sr_alert_way_def *def;
	sr_alert_carrier *carrier;
	TAILQ_HEAD(, sr_alert_letter) queue;
	size_t queued, carried; /* carried: how many the delivery under way took */
	bool busy, failing;
	int tried;
	int64_t lost; /* did not fit into the queue, not told yet */
	sr_timer *timer;
};

typedef enum sr_alert_way_kind { SR_AW_COMMAND, SR_AW_MAIL, SR_AW_WEBHOOK, SR_AW_COUNT } sr_alert_way_kind;
extern const sr_alert_way_def sr_alert_way_defs[SR_AW_COUNT];

struct sr_alert_carrier {
	sr_alert_carrier_config c;
	sr_alert_ways ways;
	sr_alert_way way[SR_AW_COUNT];
	sr_children *children;
	sr_http *http; /* made when the first webhook is configured; its ca_file stays until the next start */
	sr_secret secret;
	sr_alert_told_fn told; /* of the test under way; NULL: nobody listens */
	void *told_arg;
	int testing; /* ways that have not answered the test yet */
};

/* Ends a delivery, never from inside `begin`. `later`: the same may succeed in a while. */
void sr_alert_way_done(sr_alert_way *way, bool ok, bool later, int64_t wait_ms, const char *text);
