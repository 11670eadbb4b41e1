/* One HTTP exchange, as an interface: libcurl on the loop, or a stand-in in memory.
 * Never follows a redirect, never repeats a request, never sets Authorization by itself. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct sr_header {
	const char *name, *value;
} sr_header;

#define SR_HEADERS_MAX 16

typedef struct sr_request {
	const char *method; /* GET POST PUT DELETE OPTIONS */
	const char *url;    /* absolute, query already encoded */
	sr_header headers[SR_HEADERS_MAX];
	size_t header_count;
	const char *body; /* NULL: none */
	size_t body_bytes;
	int timeout_ms;
	size_t body_max_bytes; /* of the answer; a longer one is an error, not a short read */
} sr_request;

/* What came back. `status` 0: no whole answer; `err` says why (network, timeout, limit,
 * cancelled). A request that reached status 0 may still have been carried out,
 * unless `never_sent`. */
typedef struct sr_response {
	int status;
	const sr_header *headers;
	size_t header_count;
	const char *body; /* NUL-terminated behind body_bytes; "" if empty */
	size_t body_bytes;
	bool never_sent; /* status 0 only: no byte of the request left this machine */
	sr_err err;
} sr_response;

/* The response is borrowed until the callback returns. */
typedef void (*sr_answer_fn)(void *arg, uint64_t cookie, const sr_response *response);

typedef struct sr_transport {
	void *self;
	/* Copies what it needs of `request`. Calls `fn` exactly once, never from inside
	 * `submit`; never after `cancel_all`. -1: not submitted, `fn` is not called. */
	int (*submit)(void *self, const sr_request *request, sr_answer_fn fn, void *arg, uint64_t cookie, sr_err *err);
	/* Forgets every exchange begun with `arg`: their callbacks are not called. */
	void (*cancel_all)(void *self, void *arg);
} sr_transport;

/* Adds a header; both strings are borrowed until `submit` returns. False: no room. */
static inline bool sr_request_header(sr_request *r, const char *name, const char *value)
{
	if (r->header_count == SR_HEADERS_MAX)
		return false;
	r->headers[r->header_count++] = (sr_header){ name, value };
	return true;
}

/* First header of that name (case does not matter), or NULL. */
const char *sr_response_header(const sr_response *r, const char *name);
