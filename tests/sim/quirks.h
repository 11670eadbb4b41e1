/* `--quirk NAME=VALUE` for both services, and the list of what may be said there.
 * Never knows what a switch does. */
#pragma once
#include "ps_service.h"
#include "sgy_api.h"

/* Sets the switch that NAME=VALUE names, of whichever service has it. */
int sim_quirk_set(sim_ps_options *ps, sim_sgy_options *sgy, const char *text, sr_err *err);
/* One line a switch: name, values, [default], help, section of the contract. */
void sim_quirks_text(sr_buf *out);
int sim_quirks_json(sr_buf *out, sr_err *err);
