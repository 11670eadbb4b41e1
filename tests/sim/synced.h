/* Schoology as another writer left it: his users, courses, sections and memberships of the current
 * year, under his own codes.
 * Never touches PowerSchool's tables; never used by the services. */
#pragma once
#include "sim.h"

/* `writer` is a row of the table of writers ("vendor"). -1: unknown writer, or nothing was filled. */
int sim_synced_make(sim_world *w, const char *writer, sr_err *err);
void sim_synced_help(sr_buf *out);
