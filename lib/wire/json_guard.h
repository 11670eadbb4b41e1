/* jansson where memory is short: what it was doing is given up as a whole, and all of it is freed.
 * Never used for anything but one call that reads or writes a text; never nested. */
#pragma once
#include <stdbool.h>

/* Runs `work`, which calls jansson. False: an allocation failed; `work` did not come to its end, and whatever jansson
 * had allocated in it is gone again. `work` must hold nothing else that wants freeing. */
bool sr_json_guarded(void (*work)(void *arg), void *arg);
