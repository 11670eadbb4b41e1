/* An alert as each way wants it: a command's words, a mail, a signed body. Pure functions.
 * Never lets a byte of a text become a header, an argument's end, or another line. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "engine/alert.h"

/* Splits as systemd splits ExecStart=: white space, '...' and "..." and \ before a character. The first word is an
 * absolute path. The list ends with NULL and lives in `arena`. */
int sr_alert_words(const char *command, sr_arena *arena, char ***out, sr_err *err);

/* Is this an address that can stand in a To: header as it is? */
bool sr_alert_address_ok(const char *address);

/* The same text fit for one line: control characters are blanks, what is no UTF-8 is '?'. Caller frees. */
char *sr_alert_clean(const char *text);

/* One object: code, school, subject, text, state, since, at (UTC). Caller frees; NULL: out of memory. */
char *sr_alert_json(const sr_alert *alert);

typedef struct sr_alert_mail {
	const char *const *to;
	size_t to_count;
	const char *from; /* "": none */
	const sr_alert *const *alerts;
	size_t count;
	int64_t now_ms;
} sr_alert_mail;
/* A whole mail, headers first, lines ended by \n as sendmail wants them. */
void sr_alert_mail_print(const sr_alert_mail *mail, sr_buf *out);

#define SR_ALERT_SIGNATURE_BYTES (7 + 64 + 1)
/* "sha256=" and the HMAC of the body in hex. */
int sr_alert_sign(const char *secret, size_t secret_bytes, const char *body, size_t body_bytes,
	char out[SR_ALERT_SIGNATURE_BYTES], sr_err *err);
