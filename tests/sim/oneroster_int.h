/* The bundle's way in: staged as it stands, judged, then turned into PowerSchool's tables.
 * Never used outside oneroster*.c. */
#pragma once
#include "district_int.h"
#include "oneroster.h"

typedef struct or_load {
	sqlite3 *db;
	sim_world *world;
	const char *folder;
	uint64_t seed;
	sr_buf *say;
	bool v12; /* roles stand in roles.csv */
} or_load;

/* oneroster_stage.c: temp.or_<file>(line, column...) for each file, with well-formed rows alone. */
int or_stage(or_load *l, sr_err *err);
/* One row left out, or mended. */
int or_report(or_load *l, const char *file, int line, const char *reason, sr_err *err);

/* oneroster_check.c: rows that refer to nothing, or make no sense, leave the stage with a reason. */
int or_check(or_load *l, sr_err *err);

/* oneroster_map.c: from the stage into PowerSchool's tables; sim_oneroster_load stands there. */
