/* What the parts of the Schoology stand-in share: one call, its statements, its answers.
 * Never seen outside sgy_*.c. */
#pragma once
#include <jansson.h>

#include "base/arena.h"
#include "sgy_api.h"

#define SGY_SEGMENTS_MAX 8
#define SGY_PARAMS_MAX 64
#define SGY_BULK_MAX 50
#define SGY_PAGE_DEFAULT 20
#define SGY_PAGE_MAX 200
#define SGY_STATEMENTS_MAX 320

struct sim_sgy {
	sim_world *world;
	sim_sgy_options options;
	char *public_base, *admin_role;
	/* Statements by their text's address; a busy one gets a twin. */
	struct {
		const char *sql;
		sqlite3_stmt *stmt;
	} cache[SGY_STATEMENTS_MAX];
	size_t cached;
	int64_t first_seq; /* the limiter ignores older rows: their monotonic clock was another's */
	bool failed;       /* the database failed in this call: roll back, answer 500 */
};

typedef enum sgy_format { SGY_UNSAID, SGY_JSON, SGY_XML } sgy_format;

typedef struct sgy_param {
	const char *name, *value; /* decoded */
} sgy_param;

/* One request on its way to an answer. Everything it points to is the arena's or the request's. */
typedef struct sgy_call {
	sim_sgy *sgy;
	const sr_request *request;
	sim_reply *reply;
	sr_arena mem;

	const char *scheme, *authority;         /* as received */
	const char *path;                       /* as received, still encoded, without query */
	const char *base;                       /* of every location: "http://host/v1" */
	const char *segments[SGY_SEGMENTS_MAX]; /* decoded, behind /v1 */
	size_t segment_count;
	sgy_param query[SGY_PARAMS_MAX];
	size_t query_count;

	const char *consumer_key;
	int64_t uid, scope; /* the key's owner; the one building he sees, 0: all */
	bool sees_all, active, admin;
	bool nested;       /* part of a multiget: ext paths answer directly */
	const char *token; /* three-legged; NULL: none */
	int64_t token_uid; /* whom it stands for; 0: the key's owner */

	sgy_format body_format, answer_format;

	int64_t id, id2;  /* the path's numbers */
	const char *text; /* the path's free text, decoded */
	json_t *body;     /* NULL: none, or not in its format */
	json_t *seen;     /* the school_uids of this batch so far; NULL: none yet */
} sgy_call;

/* --- sgy_db.c: prepared statements; a failure sticks to the stand-in and reads as "no row" --- */

/* A statement ready to step, `types` naming the bound values: i int64_t, s text (NULL is fine). */
sqlite3_stmt *sgy_query(sim_sgy *sgy, const char *sql, const char *types, ...);
bool sgy_step(sim_sgy *sgy, sqlite3_stmt *stmt); /* false: no more rows (and the statement is reset) */
void sgy_run(sim_sgy *sgy, const char *sql, const char *types, ...);
int64_t sgy_int(sim_sgy *sgy, int64_t otherwise, const char *sql, const char *types, ...);
/* First column of the first row, copied; NULL: no row or NULL. */
const char *sgy_text(sgy_call *call, const char *sql, const char *types, ...);
void sgy_bind(sim_sgy *sgy, sqlite3_stmt *stmt, const char *types, va_list ap);
/* The row as an object: columns are named "key:type" with type s text, i integer, n integer or
 * null, r number, l list of integers from comma text. */
json_t *sgy_row(sqlite3_stmt *stmt);
void sgy_prepare_cache_done(sim_sgy *sgy);

/* --- sgy_url.c --- */

const char *sgy_decode(sr_arena *mem, const char *s, size_t len, bool plus_is_space);
void sgy_encode(sr_buf *out, const char *s); /* RFC 3986 unreserved characters stay */
int sgy_parse_query(sgy_call *call, const char *query, sgy_param *params, size_t max, size_t *count);
/* Splits the request's URL into the call's fields; -1: not a URL of this service. */
int sgy_parse_url(sgy_call *call);
const char *sgy_param_text(const sgy_call *call, const char *name); /* NULL: not given */
int64_t sgy_param_int(const sgy_call *call, const char *name, int64_t otherwise);
const char *sgy_request_header(const sr_request *request, const char *name);
/* `csv` as a JSON array of texts, for json_each; NULL for NULL. *count: how many. */
const char *sgy_csv_json(sgy_call *call, const char *csv, size_t *count);
const char *sgy_printf(sgy_call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* --- sgy_oauth.c, sgy_rate.c --- */

/* Knows the key's owner afterwards; false: the 401 is already in the reply. */
bool sgy_authenticate(sgy_call *call);
const char *sgy_presented_key(sgy_call *call); /* unverified; "" if none */
/* Writes the request log row; false: over budget, the 429 is already in the reply. */
bool sgy_admit(sgy_call *call, int64_t *seq);

/* --- sgy_xml.c --- */

json_t *sgy_xml_parse(const char *text, size_t len); /* NULL: not well-formed, or deeper than we take */
void sgy_xml_write(sr_buf *out, const json_t *json);
void sgy_formats(sgy_call *call); /* what Accept and Content-Type ask for */

/* --- sgy_token.c: three-legged OAuth --- */

/* The page on which a user lets an application in: no signature, so it comes before the door. */
bool sgy_is_authorize(const sgy_call *call);
void sgy_authorize(sgy_call *call);

/* --- sgy_reply.c --- */

void sgy_reply_body(sgy_call *call, int status, const char *type, const char *text); /* type NULL: no header */
void sgy_reply_json(sgy_call *call, int status, json_t *json);                       /* steals json */
void sgy_reply_text(sgy_call *call, int status, const char *text);
void sgy_reply_empty(sgy_call *call, int status);
void sgy_reply_location(sgy_call *call, const char *path);
/* What the tables do not say in one row: added to it before it leaves. NULL: nothing. */
typedef void (*sgy_extend_fn)(sgy_call *call, json_t *row);
/* The statement's row under `status`, with links.self = base/self; no row: 404 with `missing`. */
void sgy_reply_row(
	sgy_call *call, sqlite3_stmt *stmt, int status, const char *self, const char *missing, sgy_extend_fn extend);

/* start_id begins at an id, start at a row. */
#define SGY_PAGE(id) " AND " id " >= :from ORDER BY " id " LIMIT :limit OFFSET :start"

typedef struct sgy_list {
	const char *key;          /* "user" */
	const char *rows, *count; /* the same conditions; `rows` also ends in SGY_PAGE(id) */
	bool total_is_text;
	bool empty_without_array;
	sgy_extend_fn extend;
} sgy_list;
/* Answers one page; `types` and values are bound to both statements. */
void sgy_reply_list(sgy_call *call, const sgy_list *list, const char *types, ...);
/* The same for rows already in hand: whole and without total, unless small_lists_paged. Steals `rows`. */
void sgy_add_small_list(sgy_call *call, json_t *page, const char *key, json_t *rows);
void sgy_reverse(json_t *list);

/* One item of a bulk call: what `each` returns is the item's answer. */
typedef json_t *(*sgy_item_fn)(sgy_call *call, json_t *item);
/* The items under body.outer.inner (outer may be NULL), one object or up to 50; NULL: a 400 is in
 * the reply. The array is new. */
json_t *sgy_items(sgy_call *call, const char *outer, const char *inner);
/* Runs `each` over the items, answers `status` with {inner: [...]} or {outer: {inner: [...]}}. */
void sgy_bulk(sgy_call *call, const char *outer, const char *inner, bool wrap_answer, int status, sgy_item_fn each);
/* The same over the numbers of a csv query parameter. */
void sgy_bulk_ids(sgy_call *call, const char *param, const char *outer, const char *inner, sgy_item_fn each);

json_t *sgy_item_fail(int code, const char *message);
/* Tolerant readers: number or numeric text; text of numbers. */
bool sgy_json_int(const json_t *v, int64_t *out);
const char *sgy_json_text(sgy_call *call, const json_t *v); /* NULL: absent, null or not a scalar */
const char *sgy_item_text(sgy_call *call, const json_t *item, const char *key);
int64_t sgy_item_int(const json_t *item, const char *key, int64_t otherwise);
bool sgy_item_ok(const json_t *answer); /* response_code below 300 */
const char *sgy_item_message(const json_t *answer);
/* Of a single call made through the bulk code: true if its item failed, answered with that code. */
bool sgy_single_failed(sgy_call *call, const json_t *answer);
/* One object through the bulk code's function: the path's id goes into the body; 204. */
void sgy_single_put(sgy_call *call, sgy_item_fn each);
void sgy_single_delete(sgy_call *call, sgy_item_fn each);

/* --- sgy_object.c: writing objects, with the write log --- */

typedef struct sgy_field {
	const char *name; /* "options.member_post": inside another object */
	char type;        /* i integer, s text, d date or "", l list of integers */
	bool clears;      /* blanked by upsert_clears */
	bool extra;       /* kept in sgy_extra, behind the fields that have columns */
	const char *also; /* another name it may be written under */
} sgy_field;

typedef struct sgy_kind {
	const char *name;
	const char *next_id, *insert, *remove; /* ?1: the id */
	const char *update;                    /* ?1: the id, then the fields; NULL keeps one */
	const char *image;                     /* json text, school_uid, section code */
	const sgy_field *fields;
	size_t field_count;
} sgy_kind;

extern const sgy_kind sgy_user_kind, sgy_course_kind, sgy_section_kind, sgy_period_kind, sgy_enrollment_kind,
	sgy_building_kind;

typedef struct sgy_image {
	const char *json, *school_uid, *section_code; /* json NULL: no such object */
} sgy_image;

/* NULL: every field given has its type. Otherwise the message. */
const char *sgy_fields_wrong(sgy_call *call, const sgy_kind *kind, const json_t *item);
/* The way of a write: image_of (a zeroed image for a new object), create, store, log_write. */
sgy_image sgy_image_of(sgy_call *call, const sgy_kind *kind, int64_t id);
int64_t sgy_new_id(sgy_call *call, const sgy_kind *kind);
int64_t sgy_create(sgy_call *call, const sgy_kind *kind); /* an empty row; the id */
void sgy_store(sgy_call *call, const sgy_kind *kind, int64_t id, const json_t *item, bool upsert);
void sgy_log_write(sgy_call *call, const sgy_kind *kind, int64_t id, const sgy_image *before);
void sgy_remove(sgy_call *call, const sgy_kind *kind, int64_t id); /* logs too */
void sgy_count(sgy_call *call, const char *counter, int64_t n);
/* The value that an item gives a field; NULL: none. */
const json_t *sgy_field_value(const sgy_field *field, const json_t *item);

/* --- sgy_extra.c: fields that few objects have --- */

void sgy_store_extra(sgy_call *call, const sgy_kind *kind, int64_t id, const sgy_field *field, const json_t *value);
/* All of an object's extras, name to text; NULL: it has none. */
json_t *sgy_extras(sgy_call *call, const sgy_kind *kind, int64_t id);
/* Comma text of the people at the other end: those of `student`, or the students of `other`; NULL: none. */
const char *sgy_relatives(sgy_call *call, const char *kind, int64_t student, int64_t other);
void sgy_extend_user(sgy_call *call, json_t *row);        /* in a list */
void sgy_extend_single_user(sgy_call *call, json_t *row); /* alone */
void sgy_extend_course(sgy_call *call, json_t *row);
void sgy_extend_section(sgy_call *call, json_t *row);
void sgy_extend_new_section(sgy_call *call, json_t *row); /* as a POST answers it */

/* --- rules that several resources ask --- */

const char *sgy_today(sgy_call *call); /* the organisation's date */
/* A section whose periods all ended before this date is past. */
const char *sgy_archive_day(sgy_call *call);
/* The active (or inactive) user of a school_uid; 0: none. */
int64_t sgy_user_by_uid(sgy_call *call, const char *school_uid, bool active);
void sgy_mail(sgy_call *call, int64_t uid, const char *reason); /* nobody gets it: counted, and kept to read */
/* Ends a membership; `destroy`: his grades in the section go with it. */
void sgy_drop_member(sgy_call *call, int64_t enrollment_id, bool destroy);
/* Writes parent_uids, child_uids and advisor_uids of a user's item. */
void sgy_store_relatives(sgy_call *call, int64_t uid, const json_t *item);
bool sgy_building_exists(sgy_call *call, int64_t building_id); /* or the school itself */
bool sgy_in_scope(const sgy_call *call, int64_t building_id);
int64_t sgy_school_id(sgy_call *call);
int64_t sgy_section_by_code(sgy_call *call, const char *school_code); /* 0: none */
bool sgy_course_in_scope(sgy_call *call, int64_t course_id);
bool sgy_section_past(sgy_call *call, int64_t section_id);
bool sgy_section_visible(sgy_call *call, int64_t section_id); /* there, and in the caller's scope */
json_t *sgy_section_upsert(sgy_call *call, int64_t course_id, json_t *item);

/* --- sgy_route.c --- */

/* Answers the call's path and method; the identity is known. */
void sgy_dispatch(sgy_call *call);

/* Handlers, named in the route table. */
/* clang-format off */
#define SGY_HANDLERS(X)                                                                                       \
	X(request_token) X(access_token)                                                                        \
	X(me) X(app_user_info) X(user_ext) X(user_get) X(users_get) X(users_post) X(users_put) X(users_delete)  \
	X(user_put) X(user_delete) X(users_reactivate) X(inactive_get) X(inactive_one) X(user_sections)         \
	X(import_parents) X(import_advisors)                                                                    \
	X(users_csv) X(roles_get) X(role_get) X(schools_get) X(school_get) X(school_put) X(school_delete)       \
	X(buildings_get) X(buildings_post) X(courses_get) X(course_get) X(courses_post) X(courses_put)          \
	X(course_put) X(courses_delete) X(course_delete) X(course_sections) X(sections_post) X(sections_get)    \
	X(section_get) X(section_ext) X(sections_put) X(section_put) X(sections_delete) X(section_delete)       \
	X(sections_copy) X(section_periods)                                                                     \
	X(periods_get) X(period_get) X(periods_post) X(period_put) X(period_delete) X(enrollments_get)          \
	X(enrollments_post) X(enrollments_put) X(enrollment_get) X(enrollment_put) X(enrollment_delete)         \
	X(enrollments_realm) X(enrollments_import) X(enrollments_import_gp) X(enrollments_delete) X(multiget)
/* clang-format on */
#define SGY_DECLARE(name) void sgy_##name(sgy_call *call);
SGY_HANDLERS(SGY_DECLARE)
#undef SGY_DECLARE
