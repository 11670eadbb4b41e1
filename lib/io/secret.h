/* A secret out of its file: where it lies, whether only we can read it, its bytes.
 * Never logs it, never reads the environment, never leaves a copy behind. */
#pragma once
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

#define SR_SECRET_MAX_BYTES 4096

/* Zero-initialise. */
typedef struct sr_secret {
	char *text; /* NUL-terminated, one line, not empty */
	size_t len;
} sr_secret;

/* Reads `path` if the configuration names one, else `name` in `credentials_dir` (what
 * $CREDENTIALS_DIRECTORY said; NULL: none). The file must be mode 0600 or stricter and belong to
 * us or to root. The end of the line is trimmed. */
int sr_secret_read(const char *path, const char *credentials_dir, const char *name, sr_secret *out, sr_err *err);
void sr_secret_done(sr_secret *secret); /* wipes, then frees */

SR_AUTO_DEFINE(sr_secret, sr_secret_done);
