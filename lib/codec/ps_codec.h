/* Reads what PowerSchool answers: pages of the plugin's queries, schools, metadata, tokens, counts
 * and its several ways of saying no.
 * Never repeats the contents of a record in an error: places and types only.
 * contracts/powerschool.md sections 2 to 7, 10, 16.16. */
#pragma once
#include "base/arena.h"
#include "core/model.h"

#define SR_PS_TEXT_MAX 400 /* bytes of one text; longer is a bad record */

/* One page of records, in the order of their keys. All memory is the arena's or the body's. */
typedef struct sr_ps_rows {
	sr_record *records;
	sr_packed *raw; /* the records' own bytes, in the body */
	size_t count;
	size_t bad;             /* records that could not be read */
	const char **bad_paths; /* "record[17].entrydate: expected a date, got text" */
	int64_t *bad_keys;      /* 0: not even the key */
	int64_t last_key;       /* the highest key seen, `after` if none */
} sr_ps_rows;

/* SR_E_PROTO if keys do not rise above `after`. `body` must live as long as the rows. */
int sr_ps_rows_read(
	sr_src kind, const char *body, size_t len, int64_t after, sr_arena *arena, sr_ps_rows *out, sr_err *err);

typedef struct sr_ps_school {
	int64_t number, dcid;
	const char *name;
} sr_ps_school;

typedef struct sr_ps_info {
	const char *uuid, *version, *timezone; /* "" when not said */
	int64_t school_page_size;              /* 100 when not said */
} sr_ps_info;

typedef struct sr_ps_token {
	char *text; /* of the arena */
	int64_t expires_in_s;
} sr_ps_token;

/* v1 list of schools, one page of `seen` rows; those without a number are left out of `out`: they
 * cannot be synced. */
int sr_ps_schools_read(
	const char *body, size_t len, sr_arena *arena, sr_ps_school **out, size_t *count, size_t *seen, sr_err *err);
int sr_ps_info_read(const char *body, size_t len, sr_arena *arena, sr_ps_info *out, sr_err *err);
int sr_ps_token_read(const char *body, size_t len, sr_arena *arena, sr_ps_token *out, sr_err *err);
/* {"count":N} or {"resource":{"count":N}}. */
int sr_ps_count_read(const char *body, size_t len, int64_t *out, sr_err *err);

/* A small query without a kind: two columns, a number or text each, as text. */
typedef struct sr_ps_pair {
	const char *a, *b; /* "" when blank */
} sr_ps_pair;
int sr_ps_pairs_read(const char *body, size_t len, const char *column_a, const char *column_b, sr_arena *arena,
	sr_ps_pair **out, size_t *count, sr_err *err);

/* What a refusal says, whatever its shape. Texts are bounded and of the arena, "" when not said. */
typedef struct sr_ps_refusal {
	const char *message;
	const char *table, *field, *code; /* of the first entry of `errors` */
	bool html;
} sr_ps_refusal;
void sr_ps_refusal_read(const char *body, size_t len, sr_arena *arena, sr_ps_refusal *out);
