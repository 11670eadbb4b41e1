/* Carries alerts out of the machine: to a command, by mail, to a webhook; each way with a queue of its own.
 * Never disturbs a run: nothing here waits, and whatever fails is journaled once. */
#pragma once
#include "base/log.h"
#include "codec/config.h"
#include "engine/alert.h"
#include "io/loop.h"

typedef struct sr_alert_carrier sr_alert_carrier;

/* Everything is borrowed and must outlive the result. */
typedef struct sr_alert_carrier_config {
	sr_loop *loop;
	const sr_log *log;
	const sr_config *config;
	const char *credentials_dir; /* NULL: none */
} sr_alert_carrier_config;

int sr_alert_carrier_new(const sr_alert_carrier_config *config, sr_alert_carrier **out, sr_err *err);
void sr_alert_carrier_free(sr_alert_carrier *carrier); /* after the engine; what is queued is forgotten */

/* Takes another configuration, borrowed from now on. -1: the former one stays. */
int sr_alert_carrier_configure(sr_alert_carrier *carrier, const sr_config *config, sr_err *err);

/* What the engine gets; valid until sr_alert_carrier_free. */
const sr_alert_ways *sr_alert_carrier_ways(sr_alert_carrier *carrier);

/* One line into `problems` for everything in [alert] that could not work. */
void sr_alert_config_check(const sr_config_alert *alert, sr_buf *problems);
