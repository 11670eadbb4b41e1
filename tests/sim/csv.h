/* Rows of a CSV file (RFC 4180) as real exporters write them: a byte order mark, either line end,
 * line ends and quotes within quotes.
 * Never holds more than one row; never knows what a column means. */
#pragma once
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

#define SIM_CSV_FIELDS_MAX 64
#define SIM_CSV_ROW_MAX (1024 * 1024)

typedef struct sim_csv {
	FILE *file;
	sr_buf row;
	size_t at[SIM_CSV_FIELDS_MAX]; /* where each field begins within `row` */
	size_t count;
	int line;        /* where the row begins, from 1 */
	int next_line;   /* where the file stands */
	const char *bad; /* why the row cannot be read; NULL: it can */
} sim_csv;

/* Zero-initialise before. -1: `err` says why. */
int sim_csv_open(sim_csv *c, const char *path, sr_err *err);
void sim_csv_close(sim_csv *c);
SR_AUTO_DEFINE(sim_csv, sim_csv_close);
/* The next row: 1 (perhaps with `bad` set), at the end 0, -1 if the file cannot be read. Lines
 * without a byte are passed over. */
int sim_csv_next(sim_csv *c, sr_err *err);
static inline const char *sim_csv_field(const sim_csv *c, size_t i)
{
	return i < c->count ? c->row.p + c->at[i] : "";
}
