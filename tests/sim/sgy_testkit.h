/* For tests of the Schoology stand-in: a small organisation, a virtual clock, and a client that
 * signs by hand. Never uses the stand-in's own signing or percent coding. */
#pragma once
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sgy_api.h"

#define KIT_SCHOOL 2908525646
#define KIT_NORTH 5171921
#define KIT_SOUTH 5171922
#define KIT_ADMIN 4711902
#define KIT_ROLE_ADMIN 1212
#define KIT_ROLE_TEACHER 1213
#define KIT_ROLE_STUDENT 1214
/* 2026-09-15 12:00 UTC */
#define KIT_NOW_MS 1789473600000

typedef struct kit {
	int64_t wall_ms, mono_ms;
	sim_world world;
	sim_sgy *sgy;
	sim_reply reply;
	json_t *json; /* of the last answer; NULL: none */
	const char *key, *secret, *host;
	unsigned nonce;
	char url[512];
	int64_t timestamp;                /* 0: the clock's */
	const char *type, *accept;        /* headers; type NULL: application/json with a body */
	const char *token, *token_secret; /* NULL: two-legged */
} kit;

static inline int64_t kit_wall(void *self)
{
	return ((kit *)self)->wall_ms;
}

static inline int64_t kit_mono(void *self)
{
	return ((kit *)self)->mono_ms;
}

static inline void kit_sql(kit *k, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(k->world.db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
}

static inline int64_t kit_int(kit *k, const char *sql)
{
	sqlite3_stmt *stmt;

	assert_int_equal(sqlite3_prepare_v2(k->world.db, sql, -1, &stmt, NULL), SQLITE_OK);
	int64_t n = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : -1;
	sqlite3_finalize(stmt);
	return n;
}

static const char kit_organisation[] =
	"INSERT INTO sgy_school VALUES (2908525646, 'Cedar Valley');"
	"INSERT INTO sgy_building (id, title, building_code) VALUES (5171921, 'North', '101'), (5171922, 'South', "
	"'102');"
	"INSERT INTO sgy_role VALUES (1212, 'System Admin', 1, 1), (1213, 'Teacher', 1, 1), (1214, 'Student', 0, 1);"
	"INSERT INTO sgy_user (id, school_uid, name_first, name_last, username, primary_email, role_id, building_id)"
	" VALUES (4711902, 'svc', 'Sync', 'Service', 'svc', 'svc@district.invalid', 1212, 2908525646);"
	"INSERT INTO sgy_key (consumer_key, secret, uid) VALUES ('ck1', 's3cr&t%', 4711902);"
	"INSERT INTO sgy_period VALUES (435, '2025-2026 Year', '2025-08-20', '2026-06-05'),"
	" (436, '2026-2027 Year', '2026-08-20', '2027-06-11'), (437, '2026-2027 S2', '2027-01-10', '2027-06-11');";

static inline void kit_open(kit *k, const sim_sgy_options *options)
{
	sim_sgy_options unlimited = sim_sgy_defaults;

	*k = (kit){
		.wall_ms = KIT_NOW_MS, .mono_ms = 1000, .key = "ck1", .secret = "s3cr&t%", .host = "127.0.0.1:8902"
	};
	unlimited.limiter = SIM_SGY_LIMIT_NONE;
	sr_clock clock = { .self = k, .wall_ms = kit_wall, .mono_ms = kit_mono };
	sr_err err;
	assert_int_equal(sim_world_open(&k->world, ":memory:", &clock, 1, &err), 0);
	kit_sql(k, kit_organisation);
	k->sgy = sim_sgy_new(&k->world, options ? options : &unlimited, &err);
	assert_non_null(k->sgy);
}

static inline void kit_close(kit *k)
{
	json_decref(k->json);
	sim_reply_done(&k->reply);
	sim_sgy_free(k->sgy);
	sim_world_close(&k->world);
}

static inline void kit_option(kit *k, const char *name, const char *value)
{
	assert_int_equal(sim_sgy_option_set(sim_sgy_live_options(k->sgy), name, value, NULL), 0);
}

static inline void kit_pct(char *out, size_t size, const char *s)
{
	size_t n = 0;

	for (; *s && n + 4 < size; s++) {
		if (isalnum((unsigned char)*s) || *s == '-' || *s == '.' || *s == '_' || *s == '~')
			out[n++] = *s;
		else
			n += (size_t)sprintf(out + n, "%%%02X", (unsigned char)*s);
	}
	out[n] = '\0';
}

static inline int kit_by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* `url` has its query percent-encoded as RFC 3986 has it, so that it is taken as it stands. */
static inline void kit_base_string(
	char *out, size_t size, const char *method, const char *origin, const char *url, const char *oauth_params)
{
	char copy[4096], joined[4096] = "", encoded_url[2048], encoded[8192], plain[2048];
	char *pairs[64], *save = NULL;
	size_t n = 0, path = strcspn(url, "?");

	snprintf(copy, sizeof(copy), "%s%s%s", oauth_params, url[path] ? "&" : "", url[path] ? url + path + 1 : "");
	for (char *p = strtok_r(copy, "&", &save); p && n < 64; p = strtok_r(NULL, "&", &save))
		pairs[n++] = p;
	qsort(pairs, n, sizeof(pairs[0]), kit_by_text);
	for (size_t i = 0; i < n; i++) {
		strncat(joined, i ? "&" : "", sizeof(joined) - strlen(joined) - 1);
		strncat(joined, pairs[i], sizeof(joined) - strlen(joined) - 1);
	}
	snprintf(plain, sizeof(plain), "%s%.*s", origin, (int)path, url);
	kit_pct(encoded_url, sizeof(encoded_url), plain);
	kit_pct(encoded, sizeof(encoded), joined);
	snprintf(out, size, "%s&%s&%s", method, encoded_url, encoded);
}

static inline void kit_sign_both(char *out, const char *secret, const char *token_secret, const char *base)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	char key[256], token_key[128];
	unsigned len = 0;

	kit_pct(key, sizeof(key) - sizeof(token_key) - 1, secret);
	kit_pct(token_key, sizeof(token_key), token_secret);
	strcat(key, "&");
	strcat(key, token_key);
	HMAC(EVP_sha1(), key, (int)strlen(key), (const unsigned char *)base, strlen(base), mac, &len);
	EVP_EncodeBlock((unsigned char *)out, mac, (int)len);
}

static inline void kit_sign(char *out, const char *secret, const char *base)
{
	kit_sign_both(out, secret, "", base);
}

static inline void kit_send(kit *k, const char *method, const char *url, const char *authorization, const char *body)
{
	sr_request request = { .method = method, .url = url, .body = body, .body_bytes = body ? strlen(body) : 0 };

	sr_request_header(&request, "Host", k->host);
	if (authorization)
		sr_request_header(&request, "authorization", authorization);
	if (body || k->type)
		sr_request_header(&request, "Content-Type", k->type ? k->type : "application/json");
	if (k->accept)
		sr_request_header(&request, "Accept", k->accept);
	json_decref(k->json);
	sim_sgy_handle(k->sgy, &request, &k->reply);
	k->json = json_loads(sr_buf_text(&k->reply.body), 0, NULL);
}

/* HMAC-SHA1, a fresh nonce, the clock's timestamp. Returns the status. */
static inline int kit_ask(kit *k, const char *method, const char *url, const char *body)
{
	char params[512], base[16384], signature[64], pct[192], header[1024], origin[128];
	long long at = k->timestamp ? k->timestamp : k->wall_ms / 1000;

	snprintf(origin, sizeof(origin), "http://%s", k->host);
	if (*url != '/')
		*origin = '\0';
	snprintf(params, sizeof(params),
		"oauth_consumer_key=%s&oauth_nonce=n%u&oauth_signature_method=HMAC-SHA1&oauth_timestamp=%lld&oauth_"
		"token=%s&"
		"oauth_version=1.0",
		k->key, ++k->nonce, at, k->token ? k->token : "");
	kit_base_string(base, sizeof(base), method, origin, url, params);
	kit_sign_both(signature, k->secret, k->token_secret ? k->token_secret : "", base);
	kit_pct(pct, sizeof(pct), signature);
	snprintf(header, sizeof(header),
		"OAuth realm=\"Schoology API\",oauth_consumer_key=\"%s\",oauth_token=\"%s\",oauth_nonce=\"n%u\","
		"oauth_timestamp=\"%lld\",oauth_signature_method=\"HMAC-SHA1\",oauth_version=\"1.0\",oauth_signature="
		"\"%s\"",
		k->key, k->token ? k->token : "", k->nonce, at, pct);
	kit_send(k, method, url, header, body);
	return k->reply.status;
}

/* The same with the body written in single quotes. */
static inline int kit_write(kit *k, const char *method, const char *url, const char *body)
{
	char copy[32768];

	assert_true(strlen(body) < sizeof(copy));
	strcpy(copy, body);
	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	return kit_ask(k, method, url, copy);
}

static inline const char *kit_header(kit *k, const char *name)
{
	for (size_t i = 0; i < k->reply.header_count; i++)
		if (!strcasecmp(k->reply.headers[i].name, name))
			return k->reply.headers[i].value;
	return NULL;
}

static inline const char *kit_body(kit *k)
{
	return sr_buf_text(&k->reply.body);
}

/* A value of the last answer by a path such as "user.0.id"; fails the test if there is none. */
static inline json_t *kit_get(kit *k, const char *path)
{
	char copy[128], *save = NULL;
	json_t *v = k->json;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = strtok_r(copy, ".", &save); p; p = strtok_r(NULL, ".", &save))
		v = json_is_array(v) ? json_array_get(v, (size_t)atoi(p)) : json_object_get(v, p);
	if (!v)
		fail_msg("no %s in: %s", path, kit_body(k));
	return v;
}

static inline const char *kit_text(kit *k, const char *path)
{
	const char *text = json_string_value(kit_get(k, path));

	assert_non_null(text);
	return text;
}

static inline int64_t kit_number(kit *k, const char *path)
{
	assert_true(json_is_integer(kit_get(k, path)));
	return json_integer_value(kit_get(k, path));
}

/* --- what many tests begin with --- */

static inline void kit_student(kit *k, const char *uid)
{
	char body[512];

	snprintf(body, sizeof(body),
		"{'users':{'user':[{'school_uid':'%s','name_first':'Ann','name_last':'O/Hara','username':'u%s',"
		"'role_id':'1214','building_id':5171921,'synced':'1'}]}}",
		uid, uid);
	assert_int_equal(kit_write(k, "POST", "/v1/users?update_existing=1", body), 207);
	assert_int_equal(kit_number(k, "user.0.response_code"), 200);
}

/* Course N1 in building North, with section `code` in period `period`. */
static inline void kit_section(kit *k, const char *code, int period)
{
	char body[512];

	snprintf(body, sizeof(body),
		"{'courses':{'course':[{'title':'Biology','course_code':'N1','building_id':'5171921','sections':"
		"{'section':[{'title':'Biology - 1','section_school_code':'%s','grading_periods':[%d]}]}}]}}",
		code, period);
	assert_int_equal(kit_write(k, "POST", "/v1/courses?update_existing=1", body), 207);
	assert_int_equal(kit_number(k, "course.0.sections.section.0.response_code"), 200);
}

static inline long long kit_section_id(kit *k, const char *code)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT id FROM sgy_section WHERE section_school_code = '%s'", code);
	return kit_int(k, sql);
}

/* The code of the one item. */
static inline int64_t kit_import(kit *k, const char *code, const char *uid, const char *more)
{
	char body[512];

	snprintf(body, sizeof(body),
		"{'enrollments':{'enrollment':[{'section_school_code':'%s','school_uid':'%s'%s}]}}", code, uid, more);
	assert_int_equal(kit_write(k, "POST", "/v1/enrollments/import/course", body), 207);
	return kit_number(k, "enrollments.enrollment.0.response_code");
}

static inline int64_t kit_counter(kit *k, const char *name)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT n FROM sgy_counter WHERE name = '%s'", name);
	return kit_int(k, sql);
}

/* URL of a path made as printf does; valid until the next call. */
__attribute__((format(printf, 2, 3))) static inline const char *kit_url(kit *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->url, sizeof(k->url), fmt, ap);
	va_end(ap);
	return k->url;
}

static inline bool kit_has(kit *k, const char *text)
{
	return strstr(kit_body(k), text) != NULL;
}
