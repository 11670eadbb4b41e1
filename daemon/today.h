/* The district's date and time of day: what it is where the schools are.
 * Never the server's unless nothing better is known. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "core/model.h"

/* Remembers the zone in use, since setting one is dear. Zero-initialise. */
typedef struct sr_today_zone {
	char name[64];
	bool set;
} sr_today_zone;

/* Fits sr_engine_config.today with an sr_today_zone as `arg`; `minute` (of the day) may be NULL. An unknown
 * zone means this machine's. */
sr_day sr_today_at(void *arg, int64_t wall_ms, const char *timezone, int *minute);
/* Does this machine know the zone ("America/New_York")? */
bool sr_timezone_known(const char *name);
