/* A district from a OneRoster 1.1 or 1.2 CSV bundle: a rehearsal on a district's own data.
 * Never stops at a bad row; never keeps what it could not make sense of. */
#pragma once
#include "sim.h"

/* Fills an empty world from the folder of a bundle. What the bundle lacks comes from `seed`. `say`
 * gets a line `FILE:LINE: REASON` for each row that was left out or mended, then the counts; the
 * same lines stand in sim_load_report. -1: nothing was loaded, `err` says why. */
int sim_oneroster_load(sim_world *w, const char *folder, uint64_t seed, sr_buf *say, sr_err *err);
