/* Errors as values: a code, a retry class, one sentence.
 * Never logs, never exits, never allocates. */
#pragma once
#include <stdarg.h>

typedef enum sr_errc {
	SR_E_OK,
	SR_E_NOMEM,
	SR_E_RANGE,     /* a number or date outside its bounds */
	SR_E_PARSE,     /* bytes that do not follow their format */
	SR_E_INVALID,   /* a request that makes no sense */
	SR_E_IO,        /* file or socket of this machine */
	SR_E_DB,        /* the state database */
	SR_E_NET,       /* no connection, or it broke before an answer */
	SR_E_TIMEOUT,   /* no answer in time */
	SR_E_AUTH,      /* keys or token refused (401) */
	SR_E_FORBIDDEN, /* keys fine, right missing (403) */
	SR_E_NOTFOUND,  /* 404 */
	SR_E_THROTTLED, /* 429, or 503 with Retry-After */
	SR_E_REMOTE,    /* 5xx, HTML under 200, other temporary nonsense */
	SR_E_PROTO,     /* an answer that breaks the contract */
	SR_E_REJECTED,  /* 4xx about this very object */
	SR_E_STATE,     /* not allowed in this phase or state */
	SR_E_LIMIT,     /* larger, deeper or longer than we take */
	SR_E_CANCELLED,
	SR_E_COUNT
} sr_errc;

typedef enum sr_retry_class {
	SR_RETRY_NEVER,  /* the same input fails again */
	SR_RETRY_LATER,  /* time may heal it: back off */
	SR_RETRY_PERSON, /* a person must act first */
	SR_RETRY_COUNT
} sr_retry_class;

typedef struct sr_err {
	sr_errc code;
	sr_retry_class retry;
	int retry_after_s; /* Retry-After of the answer, seconds; 0: none given */
	char text[320];
} sr_err;

/* Fills `err` (may be NULL) and returns -1, so that `return sr_fail(...)` reads well.
 * The retry class is the code's own (see sr_errc_retry). */
int sr_fail(sr_err *err, sr_errc code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int sr_vfail(sr_err *err, sr_errc code, const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));

/* Shorthand for the commonest failure. */
int sr_fail_nomem(sr_err *err);

/* Puts `what: ` in front of the text, keeps code and class. Returns -1. */
int sr_err_prefix(sr_err *err, const char *what);

const char *sr_errc_name(sr_errc code);
sr_retry_class sr_errc_retry(sr_errc code);
