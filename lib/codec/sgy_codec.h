/* Reads every answer of Schoology that sisroll asks for, and writes the bodies it sends.
 * Never takes 207 for success; never lets a server's text through unbounded or with an address in it.
 * contracts/schoology.md sections 2 to 12. */
#pragma once
#include "base/arena.h"
#include "base/str.h"
#include "codec/sgy_types.h"
#include "core/term.h"

/* ---- lists (sgy_read.c) ---- */

typedef enum sr_sgy_kind {
	SR_SGY_USER,     /* sr_target_user */
	SR_SGY_INACTIVE, /* sr_target_user */
	SR_SGY_SCHOOL,   /* sr_target_building */
	SR_SGY_BUILDING, /* sr_target_building */
	SR_SGY_ROLE,     /* sr_target_role */
	SR_SGY_PERIOD,   /* sr_period */
	SR_SGY_COURSE,   /* sr_target_course */
	SR_SGY_SECTION,  /* sr_target_section */
	SR_SGY_MEMBER,   /* sr_target_member */
	SR_SGY_KIND_COUNT
} sr_sgy_kind;

#define SR_SGY_OBJECTS_MAX 2000000 /* of one list, over all its pages */

/* A list under collection, page by page; zero-initialise and set `kind`. All memory is the arena's. */
typedef struct sr_sgy_list {
	sr_sgy_kind kind;
	void *items;
	size_t count, room;
	size_t seen;   /* objects in the pages so far, readable or not */
	int64_t total; /* as the last page announced it; -1: not said (set by the first page) */
	bool begun;
	bool skipped;   /* an object without an id came by */
	bool more_said; /* the last page has a `links.next` */
} sr_sgy_list;

/* Adds one page; *got: objects in it. On failure the list is as before. */
int sr_sgy_page_read(sr_sgy_list *list, const char *body, size_t len, sr_arena *arena, size_t *got, sr_err *err);
/* After the last page: takes out what came twice (by id). True if what is left is what was
 * announced; else nothing may be concluded from absence. False too when memory is short. */
bool sr_sgy_list_finish(sr_sgy_list *list);
/* A single object (users/{id}, sections/{id}, schools/{id}); `out` is the kind's struct. */
int sr_sgy_one_read(sr_sgy_kind kind, const char *body, size_t len, sr_arena *arena, void *out, sr_err *err);

/* ---- bodies and addresses (sgy_write.c) ---- */

typedef struct sr_sgy_call {
	const char *method;
	sr_buf path; /* behind the base address, with its query: "/users?update_existing=1" */
	sr_buf body;
} sr_sgy_call;

void sr_sgy_call_done(sr_sgy_call *c);

/* The one bulk call for `items`, all of `stage`. SR_E_INVALID if they do not make one call: too
 * many, of different sections, an id or key missing, the same object twice, or a stage that is not
 * sent. On failure *out is empty. */
int sr_sgy_bulk_write(sr_stage stage, const sr_write_item *items, size_t count, sr_sgy_call *out, sr_err *err);
/* Creates a grading period; with the id of one, gives it these dates. */
int sr_sgy_period_write(int64_t id, const char *title, sr_day start, sr_day end, sr_sgy_call *out, sr_err *err);

/* The number behind `part` in a path: ("http://…/v1/users/17", "/users/") is 17; 0: none. */
int64_t sr_sgy_id_in(const char *location, const char *part);

/* ---- answers to writes, refusals (sgy_answer.c) ---- */

/* Fills one result an item. Items are matched by key, then by order; if what came cannot be told
 * apart or is not as much as was sent, every result is UNKNOWN. -1: the body is no answer at all
 * (results untouched). Messages are the arena's. */
int sr_sgy_results_read(sr_stage stage, const sr_write_item *items, size_t count, const char *body, size_t len,
	sr_arena *arena, sr_item_result *results, sr_err *err);
/* Id of the object that a single POST made, from its body or its Location; 0: not told. */
int64_t sr_sgy_created_id(const char *body, size_t len, const char *location, const char *part);

typedef enum sr_sgy_401 {
	SR_SGY_401_OTHER,
	SR_SGY_401_NONCE,     /* this pair of nonce and time was used before */
	SR_SGY_401_SEQUENCE,  /* the time is behind one seen before */
	SR_SGY_401_KEY,       /* the key does not exist or is not enabled */
	SR_SGY_401_SIGNATURE, /* the secret or the signature is wrong */
	SR_SGY_401_COUNT
} sr_sgy_401;
/* *newest_s: the newest time the server says it has seen, 0 if it does not. */
sr_sgy_401 sr_sgy_401_read(const char *body, size_t len, int64_t *newest_s);

/* A server's words made fit to keep: bounded, one line, without what stands in quotes (it may echo
 * a signed request or a name) and without e-mail addresses. NULL: nothing to say or no memory. */
const char *sr_sgy_redact(const char *text, size_t len, sr_arena *arena);
