/* Golden pages as text, for tests of the codecs and the clients.
 * Never writes anything. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* The whole file; the caller frees. */
static inline char *golden(const char *name)
{
	SR_AUTO_FREE char *path = sr_asprintf("%s/%s", SISROLL_GOLDEN, name);
	sr_buf text = { 0 };
	char part[4096];
	size_t n;
	FILE *f = fopen(path, "re");

	if (!f)
		fail_msg("no golden page %s", path);
	while ((n = fread(part, 1, sizeof(part), f)))
		sr_buf_add(&text, part, n);
	fclose(f);
	return sr_buf_take(&text);
}
