/* What is signed or encoded for others than Schoology: HMAC-SHA256 and base64.
 * Never keeps a key. */
#pragma once
#include <stddef.h>

#include "base/err.h"

#define SR_HMAC_SHA256_HEX_BYTES 65
int sr_hmac_sha256_hex(const char *key, size_t key_bytes, const char *text, size_t text_bytes,
	char out[SR_HMAC_SHA256_HEX_BYTES], sr_err *err);

#define SR_BASE64_BYTES(n) (((n) + 2) / 3 * 4 + 1)
/* Writes SR_BASE64_BYTES(len) bytes, the NUL included. */
void sr_base64(const char *bytes, size_t len, char *out);
