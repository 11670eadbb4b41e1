/* What an HTTP answer means before anybody reads its body: lost, throttled, down, a web page.
 * Never included from outside this folder. */
#pragma once
#include "base/transport.h"

/* Seconds of Retry-After; 0: none, or a date (the caller's own default applies). Bounded. */
int sr_answer_retry_after_s(const sr_response *r);
bool sr_answer_is_html(const sr_response *r);
bool sr_answer_is_2xx(const sr_response *r);

/* Failures that both systems share: status 0, 429, 503, other 5xx, HTML under 2xx. -1 and `err`
 * filled; 0: none of these. `system` is the name for people. */
int sr_answer_check(const sr_response *r, const char *system, sr_err *err);
