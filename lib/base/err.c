/* One row a code: its name for logs and JSON, and what repeating would bring. */
#include "base/err.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	sr_retry_class retry;
} rows[SR_E_COUNT] = {
	/* clang-format off */
	[SR_E_OK]        = { "ok",            SR_RETRY_NEVER },
	[SR_E_NOMEM]     = { "out-of-memory", SR_RETRY_LATER },
	[SR_E_RANGE]     = { "out-of-range",  SR_RETRY_NEVER },
	[SR_E_PARSE]     = { "malformed",     SR_RETRY_NEVER },
	[SR_E_INVALID]   = { "invalid",       SR_RETRY_NEVER },
	[SR_E_IO]        = { "io",            SR_RETRY_LATER },
	[SR_E_DB]        = { "database",      SR_RETRY_LATER },
	[SR_E_NET]       = { "network",       SR_RETRY_LATER },
	[SR_E_TIMEOUT]   = { "timed-out",     SR_RETRY_LATER },
	[SR_E_AUTH]      = { "auth",          SR_RETRY_PERSON },
	[SR_E_FORBIDDEN] = { "forbidden",     SR_RETRY_PERSON },
	[SR_E_NOTFOUND]  = { "not-found",     SR_RETRY_NEVER },
	[SR_E_THROTTLED] = { "throttled",     SR_RETRY_LATER },
	[SR_E_REMOTE]    = { "remote",        SR_RETRY_LATER },
	[SR_E_PROTO]     = { "protocol",      SR_RETRY_LATER },
	[SR_E_REJECTED]  = { "rejected",      SR_RETRY_NEVER },
	[SR_E_STATE]     = { "state",         SR_RETRY_PERSON },
	[SR_E_LIMIT]     = { "limit",         SR_RETRY_NEVER },
	[SR_E_CANCELLED] = { "cancelled",     SR_RETRY_NEVER },
	/* clang-format on */
};

int sr_vfail(sr_err *err, sr_errc code, const char *fmt, va_list ap)
{
	assert((unsigned)code < SR_E_COUNT);
	if (!err)
		return -1;
	err->code = code;
	err->retry = rows[code].retry;
	err->retry_after_s = 0;
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	return -1;
}

int sr_fail(sr_err *err, sr_errc code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sr_vfail(err, code, fmt, ap);
	va_end(ap);
	return -1;
}

int sr_fail_nomem(sr_err *err)
{
	return sr_fail(err, SR_E_NOMEM, "out of memory");
}

int sr_err_prefix(sr_err *err, const char *what)
{
	char text[sizeof(err->text)];

	if (!err)
		return -1;
	memcpy(text, err->text, sizeof(text));
	if (snprintf(err->text, sizeof(err->text), "%s: ", what) < (int)sizeof(err->text))
		strncat(err->text, text, sizeof(err->text) - strlen(err->text) - 1);
	return -1;
}

const char *sr_errc_name(sr_errc code)
{
	return (unsigned)code < SR_E_COUNT ? rows[code].name : "unknown";
}

sr_retry_class sr_errc_retry(sr_errc code)
{
	return (unsigned)code < SR_E_COUNT ? rows[code].retry : SR_RETRY_NEVER;
}
