/* One blocking Varlink connection to the daemon, with a deadline on everything.
 * Never tries again by itself: what was asked for may have been done. */
#pragma once
#include "base/clock.h"
#include "wire/ctl_msg.h"

typedef struct ctl_client ctl_client;

/* `deadline_ms` is of the clock's monotonic time; 0: none. Errors: SR_E_NET nobody listens, or the connection broke;
 * SR_E_FORBIDDEN the socket is not ours to open; SR_E_TIMEOUT; SR_E_PARSE, SR_E_PROTO, SR_E_LIMIT an answer that
 * is none. The clock is borrowed for the client's life. */
int ctl_connect(const char *path, const sr_clock *clock, int64_t deadline_ms, ctl_client **out, sr_err *err);
void ctl_client_free(ctl_client *client);

/* Called for each reply that continues; `params` is borrowed until it returns. */
typedef void (*ctl_progress_fn)(void *arg, const json_t *params);

/* One call and its last reply, which the caller owns (sr_ctl_reply_done). `progress` may be NULL; it is called
 * only where `more` is asked for. An error reply of the daemon is a reply, not a failure. */
int ctl_call(ctl_client *client, const char *method, json_t *params, bool more, ctl_progress_fn progress, void *arg,
	sr_ctl_reply *out, sr_err *err);

static inline void ctl_client_auto_(ctl_client **client)
{
	ctl_client_free(*client);
}
#define CTL_AUTO_CLIENT __attribute__((cleanup(ctl_client_auto_)))
