/* Text for people: cleaned of control characters, in columns by libsmartcols, in colour where wanted.
 * Never prints a byte of an answer that has not been cleaned. */
#pragma once
#include "ctl.h"

/* How this call prints. */
typedef struct ctl_out {
	const ctl_io *io;
	bool color, quiet;
} ctl_out;

/* Adds `text` with control characters, and marks that turn the direction of writing, replaced by '?'. */
void ctl_clean(sr_buf *out, const char *text);

/* Cells are made by a function of the row, or by the field's type: text, numbers, yes and no, lists joined. */
typedef void (*ctl_cell_fn)(const json_t *row, const char *field, sr_buf *out);

#define CTL_COL_RIGHT 1u
#define CTL_COL_WRAP 2u

typedef struct ctl_column {
	const char *head, *field;
	unsigned flags;
	ctl_cell_fn cell; /* NULL: by the field's type */
} ctl_column;

/* Prints one line a row of `rows` (a list of objects); `empty` instead, if there is none. */
int ctl_table_print(
	const ctl_out *o, const ctl_column *columns, size_t count, const json_t *rows, const char *empty, sr_err *err);

/* A value as it stands in a cell; "-" for null. */
void ctl_value(const json_t *value, sr_buf *out);
/* Cells that several tables share. */
void ctl_cell_school(const json_t *row, const char *field, sr_buf *out); /* "415 North High" */
void ctl_cell_time(const json_t *row, const char *field, sr_buf *out);   /* "2026-08-04 09:12" */
void ctl_cell_titled(const json_t *row, const char *field, sr_buf *out); /* a list of {id, title} */
void ctl_cell_counts(const json_t *row, const char *field, sr_buf *out); /* {kind: n}: "sections 3, users 9" */

/* A time of an answer, as short as `now` (of the same answer) allows: "today 08:55", "Mon 06:10", "9 Jun 16:02". */
void ctl_when(const char *time, const char *now, sr_buf *out);
/* Seconds from one RFC 3339 time to another; false if either cannot be read. */
bool ctl_seconds_between(const char *from, const char *to, int64_t *out);
/* "3 min ago", "2 h", ... */
void ctl_span(int64_t seconds, sr_buf *out);

/* "sisrollctl: SUBJECT refused: what.   [CODE]", then what is untouched, then what to type. `details` holds
 * code, untouched and do; the sentence stands in `what_key`. `outcome`: "refused" or "failed". Goes to standard error.
 */
void ctl_refusal(
	const ctl_out *o, const char *subject, const char *outcome, const json_t *details, const char *what_key);

/* A printf whose arguments are ours; cleaned text goes through the buffer functions above. */
void ctl_say(const ctl_out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
