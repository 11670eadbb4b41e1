/* Authorization headers: OAuth 1.0a with two legs, as Schoology wants it (RFC 5849), and Basic.
 * Never makes up nonce or time; never keeps a secret. */
#pragma once
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* In the order of the configuration's words for [schoology] signature. */
typedef enum sr_oauth1_method { SR_OAUTH1_HMAC_SHA1, SR_OAUTH1_PLAINTEXT, SR_OAUTH1_COUNT } sr_oauth1_method;

#define SR_OAUTH1_NONCE_BYTES 16 /* random bytes a nonce is made of */

typedef struct sr_oauth1 {
	const char *key, *secret;
	sr_oauth1_method method;
	int64_t timestamp_s;
	uint8_t nonce[SR_OAUTH1_NONCE_BYTES];
} sr_oauth1;

/* The header's value for `http_method` and the absolute `url` (its query takes part; a body does
 * not). Added to `out`; on failure `out` is unchanged. */
int sr_oauth1_header(const sr_oauth1 *o, const char *http_method, const char *url, sr_buf *out, sr_err *err);

/* The value of a Basic header. Added to `out`; on failure `out` is unchanged. */
int sr_basic_header(const char *id, const char *secret, sr_buf *out, sr_err *err);

/* The signature base string, for tests against the RFC. */
int sr_oauth1_base_string(const sr_oauth1 *o, const char *http_method, const char *url, sr_buf *out, sr_err *err);

/* Percent-encodes as RFC 5849 3.6 does: everything but A-Z a-z 0-9 - . _ ~ */
void sr_pct_encode(sr_buf *out, const char *bytes, size_t len);
