/* HTTP for real: one curl multi handle on the loop, behind the transport interface.
 * Never follows a redirect, never repeats a request, never speaks plain HTTP beyond this machine. */
#pragma once
#include "base/transport.h"
#include "io/loop.h"

typedef struct sr_http sr_http;

/* Strings are copied. Zero or NULL means the default in brackets. */
typedef struct sr_http_options {
	const char *ca_file;    /* [the system's certificates] */
	const char *proxy;      /* [none; the environment is never asked] */
	const char *user_agent; /* [sisroll and its version] */
	int connect_timeout_ms; /* [10 s] */
	int connections_max;    /* [8] requests beyond wait for a free one */
} sr_http_options;

/* `loop` is borrowed and must outlive the result. NULL: `err` says why. */
sr_http *sr_http_new(sr_loop *loop, const sr_http_options *options, sr_err *err);
/* Forgets what is under way; no callback is called. Never from inside an answer's callback. */
void sr_http_free(sr_http *http);

/* Borrowed, valid until sr_http_free. */
const sr_transport *sr_http_transport(sr_http *http);

/* Exchanges begun and not yet answered. */
size_t sr_http_in_flight(const sr_http *http);

/* May this address be asked at all: https, or http to 127.0.0.0/8, ::1 or localhost? Without
 * credentials in it. For the configuration's check too. */
int sr_http_check_url(const char *url, sr_err *err);
