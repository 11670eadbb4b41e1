/* PowerSchool's bearer token: fetched when first needed, shared, fetched again once when refused.
 * Never logs the token, never keeps it on disk. contracts/powerschool.md section 2. */
#pragma once
#include "base/transport.h"

typedef struct sr_token sr_token;

/* All borrowed; must outlive the object. */
typedef struct sr_token_config {
	sr_transport transport;
	const char *url; /* of the server, without a trailing slash */
	const char *client_id, *client_secret;
	int timeout_ms;
} sr_token_config;

typedef void (*sr_token_fn)(void *arg, const char *token, const sr_err *err);

sr_token *sr_token_new(const sr_token_config *config); /* NULL: out of memory */
void sr_token_free(sr_token *t);                       /* callbacks are forgotten */

/* Gives the token, at once if it is there. `refused` is the token that was just answered with 401,
 * or NULL: if no newer one is there, it is fetched again; if the same comes back, that is an
 * SR_E_AUTH for an administrator. One fetch serves all who wait. -1: out of memory, fn not called. */
int sr_token_get(sr_token *t, const char *refused, sr_token_fn fn, void *arg, sr_err *err);
/* Forgets what waits with `arg`. */
void sr_token_cancel(sr_token *t, void *arg);
