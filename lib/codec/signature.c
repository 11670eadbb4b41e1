/* libcrypto's primitives in the shapes that are asked for. */
#include "codec/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>

#include "base/str.h"

int sr_hmac_sha256_hex(const char *key, size_t key_bytes, const char *text, size_t text_bytes,
	char out[SR_HMAC_SHA256_HEX_BYTES], sr_err *err)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int len;

	if (!HMAC(EVP_sha256(), key, (int)key_bytes, (const uint8_t *)text, text_bytes, digest, &len))
		return sr_fail(err, SR_E_IO, "the cryptographic library refuses HMAC-SHA256");
	sr_hex(out, digest, len);
	return 0;
}

void sr_base64(const char *bytes, size_t len, char *out)
{
	EVP_EncodeBlock((uint8_t *)out, (const uint8_t *)bytes, (int)len);
}
