/* Schoology's answers with all their mixed types, and the bodies that are sent to it. */
#include "codec_fixture.h"

#include "codec/sgy_codec.h"
#include "wire/json.h"

static size_t page(sr_sgy_list *list, const char *name, sr_arena *a)
{
	SR_AUTO_FREE char *body = golden(name);
	size_t got = 0;
	sr_err err;

	if (sr_sgy_page_read(list, body, strlen(body), a, &got, &err) < 0)
		fail_msg("%s: %s", name, err.text);
	return got;
}

/* ---- lists ---- */

static void reads_users_of_mixed_types(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_sgy_list l = { .kind = SR_SGY_USER };
	const sr_target_user *u;

	(void)state;
	assert_int_equal(page(&l, "sgy_users.json", &a), 3);
	assert_int_equal(l.count, 2);
	assert_int_equal(l.total, 3);
	u = l.items;
	assert_int_equal(u[0].id, 1710713);
	assert_int_equal(u[0].role_id, 2451);
	assert_true(u[0].synced);
	assert_string_equal(u[0].additional_buildings, "5171922");
	assert_string_equal(u[1].school_uid, "42");
	assert_string_equal(u[1].username, "");
	assert_int_equal(u[1].building_id, 5171921);
	assert_false(u[1].synced);
	assert_false(sr_sgy_list_finish(&l));
}

static void reads_inactive_users(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_sgy_list l = { .kind = SR_SGY_INACTIVE };
	const sr_target_user *u;

	(void)state;
	page(&l, "sgy_inactive.json", &a);
	u = l.items;
	assert_true(u[0].inactive);
	assert_string_equal(u[0].first, "Ann");
	assert_string_equal(u[0].last, "Smith");
	assert_string_equal(u[1].last, "Ann Smith");
	assert_true(sr_sgy_list_finish(&l));
}

static void reads_roles_periods_sections_members(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_sgy_list roles = { .kind = SR_SGY_ROLE }, none = { .kind = SR_SGY_PERIOD },
		    periods = { .kind = SR_SGY_PERIOD }, sections = { .kind = SR_SGY_SECTION },
		    members = { .kind = SR_SGY_MEMBER };

	(void)state;
	page(&roles, "sgy_roles.json", &a);
	assert_int_equal(roles.count, 2);
	assert_int_equal(((const sr_target_role *)roles.items)[1].role_type, 2);
	assert_true(sr_sgy_list_finish(&roles));
	page(&none, "sgy_no_periods.json", &a);
	assert_int_equal(none.count, 0);
	assert_true(sr_sgy_list_finish(&none));
	page(&periods, "sgy_periods.json", &a);
	assert_int_equal(((const sr_period *)periods.items)[1].id, 902);
	assert_int_equal(((const sr_period *)periods.items)[1].end, sr_day_make(2026, 10, 31));
	page(&sections, "sgy_sections.json", &a);
	assert_int_equal(((const sr_target_section *)sections.items)[0].id, 4700000001);
	assert_string_equal(((const sr_target_section *)sections.items)[0].periods, "901,902");
	assert_string_equal(((const sr_target_section *)sections.items)[1].periods, "");
	assert_string_equal(((const sr_target_section *)sections.items)[1].title, "Biology - 2");
	assert_false(((const sr_target_section *)sections.items)[1].active);
	page(&members, "sgy_members.json", &a);
	assert_int_equal(((const sr_target_member *)members.items)[0].status, 1);
	assert_true(((const sr_target_member *)members.items)[1].admin);
	assert_int_equal(((const sr_target_member *)members.items)[1].status, 5);
}

static int add(sr_sgy_list *l, const char *body, sr_arena *a, size_t *got)
{
	return sr_sgy_page_read(l, body, strlen(body), a, got, NULL);
}

/* Pages have no snapshot: what moved between two of them comes twice, and something else not at all. */
static void what_comes_twice_counts_once(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_sgy_list l = { .kind = SR_SGY_COURSE };
	size_t got;

	(void)state;
	assert_int_equal(add(&l, "{\"course\":[{\"id\":1},{\"id\":2}],\"total\":\"4\"}", &a, &got), 0);
	assert_int_equal(add(&l, "{\"course\":[{\"id\":2},{\"id\":3}],\"total\":\"4\"}", &a, &got), 0);
	assert_int_equal(l.seen, 4);
	assert_false(sr_sgy_list_finish(&l));
	assert_int_equal(l.count, 3);
	assert_int_equal(((const sr_target_course *)l.items)[2].id, 3);
}

static void a_server_that_does_not_page_is_asked_twice_at_most(void **state)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_sgy_list l = { .kind = SR_SGY_BUILDING };
	size_t got;

	(void)state;
	assert_int_equal(add(&l, "{\"building\":[{\"id\":\"5\"},{\"id\":\"6\"}]}", &a, &got), 0);
	assert_int_equal(add(&l, "{\"building\":[{\"id\":\"5\"},{\"id\":\"6\"}]}", &a, &got), 0);
	assert_int_equal(got, 0);
	assert_int_equal(l.count, 2);
	assert_true(sr_sgy_list_finish(&l));
}

/* Neither array nor total: the links, or nothing at all where there is no paging, say that it is a list. */
static void an_empty_list_may_say_little(void **state)
{
	static const struct {
		sr_sgy_kind kind;
		const char *body;
	} rows[] = { { SR_SGY_COURSE, "{\"links\":{\"self\":\"http:\\/\\/h\\/v1\\/courses\"}}" },
		{ SR_SGY_USER, "{\"user\":[]}" }, { SR_SGY_USER, "{\"user\":[\"\"],\"total\":0}" },
		{ SR_SGY_BUILDING, "{}" }, { SR_SGY_MEMBER, "{}" } };

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		SR_AUTO(sr_arena) a = { 0 };
		sr_sgy_list l = { .kind = rows[i].kind };
		size_t got;

		assert_int_equal(sr_sgy_page_read(&l, rows[i].body, strlen(rows[i].body), &a, &got, NULL), 0);
		assert_int_equal(got, 0);
		assert_true(sr_sgy_list_finish(&l));
	}
}

static void what_is_no_list_is_an_error(void **state)
{
	static const struct {
		const char *body;
		sr_errc code;
	} rows[] = { { "{\"course\":[{\"id\":1}", SR_E_PROTO }, { "{\"message\":\"no\"}", SR_E_PROTO },
		{ "[]", SR_E_PROTO }, { "", SR_E_PROTO }, { " <!DOCTYPE html>", SR_E_REMOTE } };

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		SR_AUTO(sr_arena) a = { 0 };
		sr_sgy_list l = { .kind = SR_SGY_COURSE };
		size_t got;
		sr_err err;

		assert_int_equal(sr_sgy_page_read(&l, rows[i].body, strlen(rows[i].body), &a, &got, &err), -1);
		assert_int_equal(err.code, rows[i].code);
	}
}

/* ---- bodies ---- */

typedef struct desk {
	sr_arena a;
	sr_record user, course, other_course, section, section2, member;
} desk;

static void fill(desk *d)
{
	memset(d, 0, sizeof(*d));
	sr_record_init(&d->user, &sr_tgt_kinds[SR_TGT_USER]);
	sr_record_set_text(&d->user, SR_U_SCHOOL_UID, "s100", &d->a);
	sr_record_set_text(&d->user, SR_U_NAME_FIRST, "Zo\u00eb", &d->a);
	sr_record_set_text(&d->user, SR_U_NAME_LAST, "O'Neil", &d->a);
	sr_record_set_int(&d->user, SR_U_ROLE_ID, 2451);
	sr_record_set_int(&d->user, SR_U_BUILDING_ID, 2908525646);
	sr_record_init(&d->course, &sr_tgt_kinds[SR_TGT_COURSE]);
	sr_record_set_text(&d->course, SR_C_COURSE_CODE, "312-BIO", &d->a);
	sr_record_set_text(&d->course, SR_C_TITLE, "Biology", &d->a);
	sr_record_set_int(&d->course, SR_C_BUILDING_ID, 5);
	d->other_course = d->course;
	sr_record_set_text(&d->other_course, SR_C_COURSE_CODE, "312-ALG", &d->a);
	sr_record_init(&d->section, &sr_tgt_kinds[SR_TGT_SECTION]);
	sr_record_set_text(&d->section, SR_S_SECTION_SCHOOL_CODE, "312-2026-4411", &d->a);
	sr_record_set_text(&d->section, SR_S_COURSE_CODE, "312-BIO", &d->a);
	sr_record_set_text(&d->section, SR_S_TITLE, "Biology - 1", &d->a);
	sr_record_set_text(&d->section, SR_S_GRADING_PERIODS, "901", &d->a);
	d->section2 = d->section;
	sr_record_set_text(&d->section2, SR_S_SECTION_SCHOOL_CODE, "312-2026-4412", &d->a);
	sr_record_init(&d->member, &sr_tgt_kinds[SR_TGT_MEMBERSHIP]);
	sr_record_set_text(&d->member, SR_M_SECTION_SCHOOL_CODE, "A", &d->a);
	sr_record_set_text(&d->member, SR_M_SCHOOL_UID, "s100", &d->a);
	sr_record_set_int(&d->member, SR_M_ADMIN, 0);
	sr_record_set_int(&d->member, SR_M_STATUS, 1);
}

typedef struct wanted_call {
	sr_stage stage;
	const sr_write_item *items;
	size_t count;
	const char *method, *path, *body;
} wanted_call;

static void expect_call(const wanted_call *w)
{
	sr_sgy_call call = { 0 };
	sr_err err;

	if (sr_sgy_bulk_write(w->stage, w->items, w->count, &call, &err) < 0)
		fail_msg("stage %d: %s", w->stage, err.text);
	assert_string_equal(call.method, w->method);
	assert_string_equal(call.path.p, w->path);
	assert_string_equal(call.body.p, w->body);
	sr_sgy_call_done(&call);
}

static void writes_every_stage(void **state)
{
	desk d;
	sr_write_item user = { SR_TGT_USER, SR_OP_CREATE, &d.user };
	sr_write_item changed = { SR_TGT_USER, SR_OP_UPDATE, &d.user, .id = 17,
		.fields = 1u << SR_U_NAME_LAST | 1u << SR_U_NAME_FIRST_PREFERRED | 1u << SR_U_PRIMARY_EMAIL |
			  1u << SR_U_SCHOOL_UID };
	sr_write_item retitled = { SR_TGT_SECTION, SR_OP_UPDATE, &d.section, .id = 4700000001, .periods = "901,902",
		.fields = 1u << SR_S_TITLE | 1u << SR_S_GRADING_PERIODS };
	sr_write_item nested[] = { { SR_TGT_SECTION, SR_OP_CREATE, &d.section, .course = &d.course, .periods = "901" },
		{ SR_TGT_COURSE, SR_OP_CREATE, &d.other_course } };
	sr_write_item course = { SR_TGT_COURSE, SR_OP_UPDATE, &d.course, .id = 77, .fields = 1u << SR_C_TITLE };
	sr_write_item member = { SR_TGT_MEMBERSHIP, SR_OP_CREATE, &d.member };
	sr_write_item back = { SR_TGT_MEMBERSHIP, SR_OP_RESTORE, &d.member, .id = 54302505, .section_id = 9 };
	const wanted_call rows[] = {
		{ SR_SG_USER_CREATE, &user, 1, "POST", "/users?update_existing=1",
			"{\"users\":{\"user\":[{\"school_uid\":\"s100\",\"name_first\":\"Zo\u00eb\",\"name_last\":\"O'"
			"Neil\","
			"\"role_id\":2451,\"building_id\":2908525646,\"synced\":1}]}}" },
		{ SR_SG_USER_UPDATE, &changed, 1, "PUT", "/users",
			"{\"users\":{\"user\":[{\"id\":\"17\",\"name_last\":\"O'Neil\",\"name_first_preferred\":\"\"}]}"
			"}" },
		{ SR_SG_COURSE_UPSERT, nested, 2, "POST", "/courses?update_existing=1",
			"{\"courses\":{\"course\":[{\"course_code\":\"312-BIO\",\"title\":\"Biology\",\"building_id\":"
			"5,"
			"\"sections\":{"
			"\"section\":[{"
			"\"section_school_code\":\"312-2026-4411\",\"title\":\"Biology - "
			"1\",\"grading_periods\":[901],\"synced\":1}]}},"
			"{\"course_code\":\"312-ALG\",\"title\":\"Biology\",\"building_id\":5,\"synced\":1}]}}" },
		{ SR_SG_COURSE_UPDATE, &course, 1, "PUT", "/courses",
			"{\"courses\":{\"course\":[{\"id\":\"77\",\"title\":\"Biology\"}]}}" },
		{ SR_SG_SECTION_UPDATE, &retitled, 1, "PUT", "/sections",
			"{\"sections\":{\"section\":[{\"id\":\"4700000001\",\"title\":\"Biology - "
			"1\",\"grading_periods\":[901,902]}]}}" },
		{ SR_SG_STUDENT_ADD, &member, 1, "POST", "/enrollments/import/course",
			"{\"enrollments\":{\"enrollment\":[{\"section_school_code\":\"A\",\"school_uid\":\"s100\","
			"\"admin\":0}]}}" },
		{ SR_SG_STUDENT_RESTORE, &back, 1, "PUT", "/sections/9/enrollments",
			"{\"enrollments\":{\"enrollment\":[{\"id\":\"54302505\",\"status\":1,\"admin\":0}]}}" },
	};

	(void)state;
	fill(&d);
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		expect_call(&rows[i]);
	sr_arena_done(&d.a);
}

static void refuses_to_write_what_makes_no_call(void **state)
{
	desk d;
	sr_write_item user = { SR_TGT_USER, SR_OP_CREATE, &d.user };
	sr_write_item twice[] = { user, user };
	sr_write_item no_id = { SR_TGT_USER, SR_OP_UPDATE, &d.user };
	sr_write_item no_period = { SR_TGT_SECTION, SR_OP_CREATE, &d.section, .course = &d.course };
	sr_write_item no_course = { SR_TGT_SECTION, SR_OP_CREATE, &d.section, .periods = "901" };
	sr_write_item emptied = { SR_TGT_SECTION, SR_OP_UPDATE, &d.section, .id = 1, .periods = "" };
	sr_write_item two_sections[] = { { SR_TGT_MEMBERSHIP, SR_OP_RESTORE, &d.member, .id = 1, .section_id = 9 },
		{ SR_TGT_MEMBERSHIP, SR_OP_RESTORE, &d.member, .id = 2, .section_id = 10 } };
	const struct {
		sr_stage stage;
		const sr_write_item *items;
		size_t count;
	} rows[] = {
		{ SR_SG_USER_CREATE, &user, 0 },
		{ SR_SG_USER_CREATE, &user, SR_BATCH_MAX + 1 },
		{ SR_SG_USER_CREATE, twice, 2 },
		{ SR_SG_COURSE_UPDATE, &user, 1 },
		{ SR_SG_USER_UPDATE, &no_id, 1 },
		{ SR_SG_COURSE_UPSERT, &no_period, 1 },
		{ SR_SG_COURSE_UPSERT, &no_course, 1 },
		{ SR_SG_SECTION_UPDATE, &emptied, 1 },
		{ SR_SG_STUDENT_RESTORE, two_sections, 2 },
		{ SR_SG_USER_INACTIVATE, two_sections, 1 },
	};

	(void)state;
	fill(&d);
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		sr_sgy_call call = { 0 };
		sr_err err;

		assert_int_equal(sr_sgy_bulk_write(rows[i].stage, rows[i].items, rows[i].count, &call, &err), -1);
		assert_int_equal(err.code, SR_E_INVALID);
		assert_null(call.body.p);
	}
	sr_arena_done(&d.a);
}

/* ---- answers to writes ---- */

static void matches_nested_courses_and_sections(void **state)
{
	SR_AUTO_FREE char *body = golden("sgy_courses_207.json");
	sr_item_result r[4];
	desk d;
	sr_write_item items[] = { { SR_TGT_SECTION, SR_OP_CREATE, &d.section2, .course = &d.course, .periods = "901" },
		{ SR_TGT_COURSE, SR_OP_CREATE, &d.other_course }, { SR_TGT_COURSE, SR_OP_CREATE, &d.course },
		{ SR_TGT_SECTION, SR_OP_CREATE, &d.section, .course = &d.course, .periods = "901" } };

	(void)state;
	fill(&d);
	assert_int_equal(sr_sgy_results_read(SR_SG_COURSE_UPSERT, items, 4, body, strlen(body), &d.a, r, NULL), 0);
	assert_int_equal(r[0].end, SR_ITEM_REJECTED);
	assert_string_equal(r[0].message, "Title \"...\" is too long for ...");
	assert_int_equal(r[1].end, SR_ITEM_RETRY);
	assert_int_equal(r[2].end, SR_ITEM_DONE);
	assert_int_equal(r[2].id, 77);
	assert_int_equal(r[3].id, 4700000001);
	sr_arena_done(&d.a);
}

/* The sections of a course that was refused may be left out of the answer: they were not made. */
static void sections_share_the_refusal_of_their_course(void **state)
{
	static const char body[] =
		"{\"course\":[{\"response_code\":400,\"course_code\":\"312-BIO\",\"message\":\"no\"}]}";
	sr_item_result r[2];
	desk d;
	sr_write_item items[] = { { SR_TGT_COURSE, SR_OP_CREATE, &d.course },
		{ SR_TGT_SECTION, SR_OP_CREATE, &d.section, .course = &d.course, .periods = "901" } };

	(void)state;
	fill(&d);
	assert_int_equal(sr_sgy_results_read(SR_SG_COURSE_UPSERT, items, 2, body, strlen(body), &d.a, r, NULL), 0);
	assert_int_equal(r[0].end, SR_ITEM_REJECTED);
	assert_int_equal(r[1].end, SR_ITEM_REJECTED);
	sr_arena_done(&d.a);
}

static void matches_imports_by_key_then_by_place(void **state)
{
	SR_AUTO_FREE char *body = golden("sgy_import_207.json");
	sr_item_result r[2];
	sr_record stranger;
	desk d;
	sr_write_item items[] = { { SR_TGT_MEMBERSHIP, SR_OP_CREATE, &d.member },
		{ SR_TGT_MEMBERSHIP, SR_OP_CREATE, &stranger } };

	(void)state;
	fill(&d);
	stranger = d.member;
	sr_record_set_text(&stranger, SR_M_SCHOOL_UID, "s101", &d.a);
	assert_int_equal(sr_sgy_results_read(SR_SG_STUDENT_ADD, items, 2, body, strlen(body), &d.a, r, NULL), 0);
	assert_int_equal(r[0].end, SR_ITEM_DONE);
	assert_int_equal(r[0].id, 54302505);
	assert_int_equal(r[1].end, SR_ITEM_REJECTED);
	assert_string_equal(r[1].message, "no such user");
	sr_arena_done(&d.a);
}

static void what_cannot_be_told_apart_is_unknown(void **state)
{
	static const char *const bodies[] = {
		"{\"user\":[{\"response_code\":200,\"school_uid\":\"s100\",\"id\":\"1\"}]}",
		"{\"user\":[{\"response_code\":200,\"school_uid\":\"s100\",\"id\":\"1\"},{\"response_code\":200,"
		"\"school_uid\":\"s100\",\"id\":\"1\"}]}",
		"{\"user\":[{\"response_code\":200,\"school_uid\":\"s100\",\"id\":\"1\"},{\"response_code\":200,"
		"\"school_uid\":\"s999\",\"id\":\"2\"}]}",
		"{\"user\":[{\"response_code\":200},{\"response_code\":200,\"school_uid\":\"s100\"},{\"response_code\":"
		"200}]}",
		"{\"user\":[{\"response_code\":200,\"school_uid\":\"s101\"},{\"response_code\":400}]}",
		"{\"user\":[7,8]}",
		"{}",
	};
	sr_record other;
	desk d;
	sr_write_item items[] = { { SR_TGT_USER, SR_OP_CREATE, &d.user }, { SR_TGT_USER, SR_OP_CREATE, &other } };

	(void)state;
	fill(&d);
	other = d.user;
	sr_record_set_text(&other, SR_U_SCHOOL_UID, "s101", &d.a);
	for (size_t i = 0; i < SR_COUNT_OF(bodies); i++) {
		sr_item_result r[2] = { 0 };

		assert_int_equal(
			sr_sgy_results_read(SR_SG_USER_CREATE, items, 2, bodies[i], strlen(bodies[i]), &d.a, r, NULL),
			0);
		assert_int_equal(r[0].end, SR_ITEM_UNKNOWN);
		assert_int_equal(r[1].end, SR_ITEM_UNKNOWN);
	}
	assert_int_equal(sr_sgy_results_read(SR_SG_USER_CREATE, items, 2, "<html>", 6, &d.a, NULL, NULL), -1);
	assert_int_equal(sr_sgy_results_read(SR_SG_USER_CREATE, items, 2, "{\"user\":[", 9, &d.a, NULL, NULL), -1);
	sr_arena_done(&d.a);
}

static void places_tell_where_no_answer_has_a_key(void **state)
{
	static const char body[] = "{\"user\":[{\"response_code\":200,\"id\":\"17\"},{\"message\":\"?\"}]}";
	sr_item_result r[2];
	sr_record other;
	desk d;
	sr_write_item items[] = { { SR_TGT_USER, SR_OP_CREATE, &d.user }, { SR_TGT_USER, SR_OP_CREATE, &other } };

	(void)state;
	fill(&d);
	other = d.user;
	sr_record_set_text(&other, SR_U_SCHOOL_UID, "s101", &d.a);
	assert_int_equal(sr_sgy_results_read(SR_SG_USER_CREATE, items, 2, body, strlen(body), &d.a, r, NULL), 0);
	assert_int_equal(r[0].end, SR_ITEM_DONE);
	assert_int_equal(r[0].id, 17);
	assert_int_equal(r[1].end, SR_ITEM_UNKNOWN);
	sr_arena_done(&d.a);
}

/* ---- refusals ---- */

static void knows_every_401(void **state)
{
	static const struct {
		const char *body;
		sr_sgy_401 is;
		int64_t newest;
	} rows[] = {
		{ "Duplicate timestamp/nonce combination, possible replay attack.  Request rejected.", SR_SGY_401_NONCE,
			0 },
		{ "Timestamp is out of sequence. Request rejected. Got 1791000000 last max is 1791000700 allowed skew "
		  "is 600",
			SR_SGY_401_SEQUENCE, 1791000700 },
		{ "The consumer_key \"ck1\" token \"\" combination does not exist or is not enabled.", SR_SGY_401_KEY,
			0 },
		{ "Verification of signature failed (signature base string was \"GET&...\").", SR_SGY_401_SIGNATURE,
			0 },
		{ "Can't verify request, missing oauth_consumer_key or oauth_token", SR_SGY_401_SIGNATURE, 0 },
		{ "", SR_SGY_401_OTHER, 0 },
		{ "{\"message\":\"Unauthorized\"}", SR_SGY_401_OTHER, 0 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		int64_t newest = -1;

		assert_int_equal(sr_sgy_401_read(rows[i].body, strlen(rows[i].body), &newest), rows[i].is);
		assert_int_equal(newest, rows[i].newest);
	}
}

static void keeps_no_echo_and_no_address(void **state)
{
	static const char *const rows[][2] = {
		{ "Verification failed (signature base string was \"GET&https%3A%2F%2Fh&a%3Db\").",
			"Verification failed (signature base string was \"...\")." },
		{ "  two\n lines\t", "two lines" },
		{ "mail zoe@example.org is taken", "mail ... is taken" },
		{ "open \"quote that never ends", "open \"...\"" },
	};
	SR_AUTO(sr_arena) a = { 0 };
	SR_AUTO(sr_buf) longer = { 0 };

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		SR_AUTO_FREE char *got = sr_strdup(sr_sgy_redact(rows[i][0], strlen(rows[i][0]), &a));

		assert_string_equal(sr_trim(got), rows[i][1]);
	}
	for (int i = 0; i < 1000; i++)
		sr_buf_puts(&longer, "\u00eb ");
	assert_true(strlen(sr_sgy_redact(longer.p, longer.len, &a)) <= 200);
	assert_null(sr_sgy_redact("<html><body>x", 13, &a));
	assert_null(sr_sgy_redact("", 0, &a));
}

static void finds_ids_in_locations(void **state)
{
	static const char linked[] = "{\"links\":{\"self\":\"http:\\/\\/h\\/v1\\/gradingperiods\\/902\"}}";

	(void)state;
	assert_int_equal(sr_sgy_id_in("http://api.schoology.com/v1/users/1710713", "/users/"), 1710713);
	assert_int_equal(sr_sgy_id_in("http://h/v1/sections/1/enrollments/54302505", "/enrollments/"), 54302505);
	assert_int_equal(sr_sgy_id_in("http://h/v1/users/me", "/users/"), 0);
	assert_int_equal(sr_sgy_id_in("http://h/v1/users/99999999999999999999999", "/users/"), 999999999999999999);
	assert_int_equal(sr_sgy_id_in(NULL, "/users/"), 0);
	assert_int_equal(sr_sgy_created_id("{\"id\":\"901\"}", 12, NULL, "/gradingperiods/"), 901);
	assert_int_equal(sr_sgy_created_id(linked, strlen(linked), NULL, "/gradingperiods/"), 902);
	assert_int_equal(sr_sgy_created_id("", 0, "http://h/v1/gradingperiods/903", "/gradingperiods/"), 903);
	assert_int_equal(sr_sgy_created_id("", 0, NULL, "/gradingperiods/"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_users_of_mixed_types),
		cmocka_unit_test(reads_inactive_users),
		cmocka_unit_test(reads_roles_periods_sections_members),
		cmocka_unit_test(what_comes_twice_counts_once),
		cmocka_unit_test(a_server_that_does_not_page_is_asked_twice_at_most),
		cmocka_unit_test(an_empty_list_may_say_little),
		cmocka_unit_test(what_is_no_list_is_an_error),
		cmocka_unit_test(writes_every_stage),
		cmocka_unit_test(refuses_to_write_what_makes_no_call),
		cmocka_unit_test(matches_nested_courses_and_sections),
		cmocka_unit_test(sections_share_the_refusal_of_their_course),
		cmocka_unit_test(matches_imports_by_key_then_by_place),
		cmocka_unit_test(what_cannot_be_told_apart_is_unknown),
		cmocka_unit_test(places_tell_where_no_answer_has_a_key),
		cmocka_unit_test(knows_every_401),
		cmocka_unit_test(keeps_no_echo_and_no_address),
		cmocka_unit_test(finds_ids_in_locations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
