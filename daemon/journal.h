/* Where log entries go: the journal with their fields, or one plain line each on standard error.
 * Never decides what is worth saying; never prints a control character. */
#pragma once
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

typedef struct sr_journal {
	sr_log log; /* hand this on; `self` points back here, so the journal must not move */
	const sr_clock *clock;
	FILE *plain; /* NULL: the journal */
} sr_journal;

/* `journal_stream` is what $JOURNAL_STREAM said (NULL: nothing): if it names our standard error, systemd
 * reads it and entries go to the journal itself; else lines go to `plain`. */
void sr_journal_init(sr_journal *j, const char *journal_stream, FILE *plain, const sr_clock *clock);

/* "2026-08-04T09:12:33-04:00 notice phase: text [school=312 ...]\n", as printed. */
void sr_journal_line(const sr_log_entry *entry, int64_t wall_ms, sr_buf *out);
