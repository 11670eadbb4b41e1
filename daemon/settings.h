/* The configuration as the daemon takes it: read, and checked for what only this machine can know.
 * Never takes a part of it: it is sound as a whole, or refused with every problem told. */
#pragma once
#include "codec/config.h"

/* `path`, and the folder `path`.d beside it. -1: `problems` has one line each, `err` the sum. */
int sr_settings_load(const char *path, sr_config **out, sr_buf *problems, sr_err *err);
