/* What the tests of the PowerSchool stand-in share: a world with a clock that stands, a small
 * district, requests in one line. Never tests anything itself. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "ps_plugin.h"
#include "ps_service.h"

#define QUERY(name) "/ws/schema/query/org.sisroll.sync.roster." name

typedef struct kit {
	int64_t now_ms;
	sim_world world;
	sim_ps *ps;
	sim_reply reply;
	char token[64];
} kit;

static int64_t kit_now(void *self)
{
	return ((kit *)self)->now_ms;
}

/* The folder that ships, from where this file stands. */
static inline char *kit_plugin_folder(void)
{
	SR_AUTO_FREE char *here = sr_strdup(__FILE__);
	char *slash = strrchr(here, '/');

	if (slash)
		*slash = '\0';
	return sr_asprintf("%s/../../schema/powerschool", slash ? here : ".");
}

static inline void kit_sql(kit *k, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(k->world.db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s", message);
}

static inline int kit_open(kit *k, const sim_ps_options *options)
{
	SR_AUTO_FREE char *folder = kit_plugin_folder();
	sr_clock clock = { k, kit_now, kit_now };
	sr_err err = { 0 };

	*k = (kit){ .now_ms = INT64_C(1785000000000) };
	if (sim_world_open(&k->world, ":memory:", &clock, 7, &err))
		fail_msg("%s", err.text);
	k->ps = sim_ps_new(&k->world, options, &err);
	if (!k->ps || sim_ps_install(k->ps, folder, &err))
		fail_msg("%s", err.text);
	return 0;
}

static inline void kit_close(kit *k)
{
	sim_ps_free(k->ps);
	sim_world_close(&k->world);
	sim_reply_done(&k->reply);
}

/* Sends a request as it stands; the reply is in k->reply. */
static inline int kit_send(kit *k, const char *method, const char *url, const char *auth, const char *body)
{
	sr_request r = { .method = method, .url = url, .body = body, .body_bytes = body ? strlen(body) : 0 };

	sr_request_header(&r, "Accept", "application/json");
	if (auth)
		sr_request_header(&r, "Authorization", auth);
	if (body)
		sr_request_header(&r, "content-type", *body == '{' ? "application/json" : "text/plain");
	sim_ps_handle(k->ps, &r, &k->reply);
	return k->reply.status;
}

/* The reply's body as JSON, the test's to free; NULL if it is none. */
static inline json_t *kit_json(const kit *k)
{
	return json_loadb(sr_buf_text(&k->reply.body), k->reply.body.len, 0, NULL);
}

/* Fetches the token into "Bearer ..." form. */
static inline void kit_login(kit *k)
{
	json_t *answer;

	kit_send(k, "POST", "/oauth/access_token",
		"Basic c2FuZGJveC1pZDpzYW5kYm94LXNlY3JldA==", "grant_type=client_credentials");
	assert_int_equal(k->reply.status, 200);
	answer = kit_json(k);
	snprintf(k->token, sizeof(k->token), "Bearer %s", json_string_value(json_object_get(answer, "access_token")));
	json_decref(answer);
}

/* Sends with the token, expects `status`, gives the body. */
static inline json_t *kit_call(kit *k, const char *method, const char *url, const char *body, int status)
{
	json_t *answer;

	if (!*k->token)
		kit_login(k);
	kit_send(k, method, url, k->token, body);
	if (k->reply.status != status)
		fail_msg("%s %s: %d %s", method, url, k->reply.status, sr_buf_text(&k->reply.body));
	answer = kit_json(k);
	assert_non_null(answer);
	return answer;
}

/* Sends with the token and this Accept (NULL: none); the reply is in k->reply. */
static inline int kit_accept(kit *k, const char *accept, const char *url)
{
	sr_request r = { .method = "GET", .url = url };

	if (!*k->token)
		kit_login(k);
	sr_request_header(&r, "Authorization", k->token);
	if (accept)
		sr_request_header(&r, "Accept", accept);
	sim_ps_handle(k->ps, &r, &k->reply);
	return k->reply.status;
}

/* A request and what its answer must be, or hold. */
typedef struct kit_row {
	const char *method, *url, *body; /* `method` NULL: GET */
	int status;
	const char *answer; /* the whole body; beginning with "~": a part of it; "!": what must not be in it */
} kit_row;

static inline bool kit_says(const kit *k, const char *answer)
{
	const char *text = sr_buf_text(&k->reply.body);
	size_t mark = answer ? strspn(answer, "~!") : 0;

	if (!answer)
		return true;
	if (mark)
		return (strstr(text, answer + mark) != NULL) == (*answer == '~');
	return !strcmp(text, answer);
}

static inline void kit_rows(kit *k, const kit_row *rows, size_t count)
{
	if (!*k->token)
		kit_login(k);
	for (size_t i = 0; i < count; i++) {
		const kit_row *row = &rows[i];

		kit_send(k, row->method ? row->method : "GET", row->url, k->token, row->body);
		if (k->reply.status != row->status || !kit_says(k, row->answer))
			fail_msg("%s: %d %s\n  wanted %d %s", row->url, k->reply.status, sr_buf_text(&k->reply.body),
				row->status, row->answer ? row->answer : "");
	}
}

/* A plugin folder made of these two texts (`queries` may be NULL), handed to `install`. */
static inline int kit_install(
	kit *k, int (*install)(sim_ps *, const char *, sr_err *), const char *plugin, const char *queries, sr_err *err)
{
	const char *const names[] = { "plugin.xml", "queries_root/a.named_queries.xml" };
	const char *const texts[] = { plugin, queries };
	char folder[] = "/tmp/sim_ps_plugin_XXXXXX";
	SR_AUTO_FREE char *root = NULL;
	int rc;

	assert_non_null(mkdtemp(folder));
	root = sr_asprintf("%s/queries_root", folder);
	assert_int_equal(mkdir(root, 0700), 0);
	for (size_t i = 0; i < 2 && texts[i]; i++) {
		SR_AUTO_FREE char *path = sr_asprintf("%s/%s", folder, names[i]);
		FILE *f = fopen(path, "we");

		assert_non_null(f);
		assert_true(fputs(texts[i], f) >= 0);
		assert_int_equal(fclose(f), 0);
	}
	rc = install(k->ps, folder, err);
	for (size_t i = 2; i-- > 0;) {
		SR_AUTO_FREE char *path = sr_asprintf("%s/%s", folder, names[i]);

		if (texts[i])
			assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(root), 0);
	assert_int_equal(rmdir(folder), 0);
	return rc;
}

/* A plugin.xml in pieces. */
#define KIT_PLUGIN(name, version, inner)                                                                           \
	"<plugin xmlns=\"http://plugin.powerschool.pearson.com\" name=\"" name "\" version=\"" version "\">" inner \
	"<publisher name=\"P\"><contact email=\"p@example.org\"/></publisher></plugin>"
#define KIT_OAUTH "<oauth accessLevelV1Api=\"READ\"/>"
#define KIT_GRANT(table, field) "<field table=\"" table "\" field=\"" field "\" access=\"ViewOnly\"/>"
#define KIT_QUERY(name, attributes, args, columns, sql)                                  \
	"<query name=\"" name "\" " attributes "><args>" args "</args><columns>" columns \
	"</columns><sql><![CDATA[" sql "]]></sql></query>"

/* Two schools (300 high, 312 middle), the year 2026-2027 (36), its semesters, and what hurts: a
 * dropped row with negative ids, a student of 300 with a class at 312, a teacher with rows at
 * both, a lead who is on the staff of the other school alone, a course of the district. */
static const char kit_district[] =
	"insert into schools(dcid, school_number, name, low_grade, high_grade, alternate_school_number) values"
	" (5, 300, 'North High', 9, 12, 300), (6, 312, 'Cedar Middle', 6, 8, 312), (9, 999999, 'Graduated', 99, 99, "
	"null);"
	"insert into terms(dcid, id, schoolid, yearid, isyearrec, portion, name, abbreviation, firstday, lastday) "
	"values"
	" (1, 3500, 312, 35, 1, 1, '2025-2026', '25-26', '2025-08-18', '2026-06-05'),"
	" (2, 3600, 312, 36, 1, 1, '2026-2027', '26-27', '2026-08-17', '2027-06-04'),"
	" (3, 3601, 312, 36, 0, 2, 'Semester 1', 'S1', '2026-08-17', '2027-01-15'),"
	" (4, 3602, 312, 36, 0, 2, 'Semester 2', 'S2', '2027-01-18', '2027-06-04'),"
	" (5, 3600, 0, 36, 1, 1, '2026-2027', '26-27', '2026-08-17', '2027-06-04');"
	"insert into students(dcid, id, student_number, student_web_id, first_name, last_name, grade_level,"
	" enroll_status, schoolid, entrydate, exitdate, sched_yearofgraduation, person_id) values"
	" (11, 111, 204881, 's204881', 'Ann', 'O''Neil', 8, 0, 312, '2026-08-17', '2027-06-05', 2031, 71),"
	" (12, 112, 204882, null, 'Zo\xc3\xab', 'Quote\" \\ Tab\t', 7, 0, 312, '2026-08-17', '2027-06-05', null, 72),"
	" (13, 113, 204883, 's3', 'Visit', 'Or', 9, 0, 300, '2026-08-17', '2027-06-05', null, null),"
	" (14, 114, 204884, 's4', 'Else', 'Where', 9, 0, 300, '2026-08-17', '2027-06-05', null, null);"
	"insert into users(dcid, first_name, last_name, email_addr, teachernumber, homeschoolid) values"
	" (501, 'Lea', 'Der', 'lea@example.org', 'T1', 312), (502, 'Two', 'Schools', null, 'T2', 300),"
	" (503, 'Far', 'Lead', null, 'T3', 300), (504, 'No', 'Tie', null, 'T4', 300);"
	"insert into schoolstaff(dcid, id, users_dcid, schoolid, status, staffstatus) values"
	" (31, 731, 501, 312, 1, 1), (32, 732, 502, 312, 1, 1), (33, 733, 502, 300, 2, 1), (34, 734, 503, 300, 1, 1),"
	" (35, 735, 504, 300, 1, 2);"
	"insert into courses(dcid, course_number, course_name, schoolid) values"
	" (901, 'ALG1', 'Algebra 1', 0), (902, 'ALG1', 'Algebra I', 312), (903, 'ART', 'Art', 300), (904, 'X', 'X', "
	"312);"
	"insert into sections(dcid, id, course_number, section_number, schoolid, termid, teacher) values"
	" (401, 41, 'ALG1', '01', 312, 3600, 731), (402, 42, 'ART', '7A', 312, 3601, 734),"
	" (403, 43, 'ALG1', '1', 312, 3500, 735);"
	"insert into roledef(id, name, rolekey) values (1, 'Lead Teacher', "
	"'com.pearson.powerschool.coteach.primary.teacher'),"
	" (2, 'Co-teacher', 'local.co'), (3, 'Other module', 'other');"
	"insert into sectionteacher(id, sectionid, teacherid, roleid, start_date, end_date) values"
	" (61, 41, 731, 1, '2026-08-17', '2027-06-04'), (62, 41, 732, 2, '2026-08-17', null),"
	" (63, 43, 735, 1, '2025-08-18', '2026-06-05');"
	"insert into cc(dcid, id, studentid, sectionid, termid, schoolid, dateenrolled, dateleft, attendance_type_code)"
	" values (801, 1, 111, 41, 3600, 312, '2026-08-17', '2027-06-05', 0),"
	" (802, 2, 112, -41, -3600, 312, '2026-08-17', '2026-10-01', 0),"
	" (803, 3, 113, 42, 3601, 312, '2026-08-17', null, null),"
	" (804, 4, 111, 43, 3500, 312, '2025-08-18', '2026-06-06', 0);"
	"insert into prefs(dcid, name, value) values (1, 'coursearchiveyear', '36'), (2, 'secretkey', 'hush'),"
	" (3, 'DistrictNumber', '4100');"
	"insert into person(dcid, id) values (71, 71), (72, 72);"
	"insert into emailaddress values (1, 'second@example.org'), (2, 'first@example.org');"
	"insert into personemailaddressassoc values (1, 71, 1, 0, 0, 2), (2, 71, 2, 0, 1, 3);"
	"insert into sync_studentmap values (12, 9012); insert into psm_studentcontacttype values (1, 'Self'), (2, "
	"'Father');"
	"insert into psm_studentcontact values (1, 9012, 2, 'pa@example.org'), (2, 9012, 1, 'zoe@example.org'),"
	" (3, 9012, 1, 'later@example.org');";

#define KIT_YEAR "\"school\":\"312\",\"termlo\":\"3600\",\"termhi\":\"3699\""

/* What cmocka calls around a test that wants the district above. */
static inline int kit_setup(void **state)
{
	kit *k = calloc(1, sizeof(*k));

	*state = k;
	if (!k || kit_open(k, NULL))
		return -1;
	kit_sql(k, kit_district);
	return 0;
}

static inline int kit_teardown(void **state)
{
	kit_close(*state);
	free(*state);
	return 0;
}

#define KIT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
