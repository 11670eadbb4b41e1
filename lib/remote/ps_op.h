/* One question to PowerSchool, from the call to the callback, as the two files of the client share it.
 * Never included from outside this folder. */
#pragma once
#include "remote/ps_client.h"

typedef enum op_kind { OP_INFO, OP_SCHOOLS, OP_PAGE, OP_COUNT, OP_ROLES, OP_YEAR, OP_SUBJECTS, OP_KIND_COUNT } op_kind;

typedef void (*info_fn)(void *arg, const sr_source_info *info, const sr_err *err);
typedef void (*schools_fn)(void *arg, const sr_source_school *rows, size_t count, const sr_err *err);
typedef void (*page_fn)(void *arg, const sr_page *page, const sr_err *err);
typedef void (*count_fn)(void *arg, int64_t count, const sr_err *err);
typedef void (*roles_fn)(
	void *arg, bool ok, const int64_t *ids, const char *const *keys, size_t count, const sr_err *err);
typedef void (*year_fn)(void *arg, sr_yearid year, const sr_err *err);

typedef void (*subjects_fn)(void *arg, const sr_subject_page *page, const sr_err *err);

typedef struct op {
	struct op *next;
	sr_ps_client *c;
	uint64_t id;
	op_kind kind;
	void *arg;
	union {
		info_fn info;
		schools_fn schools;
		page_fn page;
		count_fn count;
		roles_fn roles;
		year_fn year;
		subjects_fn subjects;
	} fn;
	sr_page_ask ask;
	sr_arena arena;
	const char *query; /* full name of the PowerQuery, for sentences; NULL: v1 */
	char *sent_token;  /* with which the last request went out */
	bool asked_again;  /* a new token was asked for once */
	sr_timer *later;   /* delivers `err`, or asks again */
	int tries;         /* times it was asked again because of a failure that passes */
	sr_err err;
	sr_source_school *schools;
	size_t school_count;
	int64_t school_page; /* next page of schools; 0: their page size is not known yet */
	int64_t school_size;
} op;

extern const char *const sr_ps_query_names[SR_SRC_COUNT];

/* True if a 401 means the token; false if no new token would help. */
bool sr_ps_op_token_refused(op *o, const sr_response *r);
/* An answer that is not 200. Always -1. */
int sr_ps_op_refusal(op *o, const sr_response *r, sr_err *err);
/* Reads a 200 and tells the caller. 0: told, the op ends; 1: it asks on; -1: failed, not told. */
int sr_ps_op_read(op *o, const sr_response *r, sr_err *err);
