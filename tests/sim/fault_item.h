/* One item of a bulk call fails, the others are carried out.
 * Never used but by the fault layer. */
#pragma once
#include "sim.h"

/* Takes item `index` out of a bulk request, lets the service answer the rest, and puts a failing
 * item into the answer at its place. -1: this is no bulk request; nothing was done. */
int sim_fault_item(sim_sgy *sgy, const sr_request *request, int index, sim_reply *reply);
