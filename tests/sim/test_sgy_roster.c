/* The Schoology stand-in's rosters: users, courses, sections, grading periods, enrollments. */
#include "sgy_testkit.h"

static int setup(void **state)
{
	static kit k;

	kit_open(&k, NULL);
	*state = &k;
	return 0;
}

static int teardown(void **state)
{
	kit_close(*state);
	return 0;
}

static void an_empty_bulk_field_is_a_bad_request(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_write(k, "POST", "/v1/enrollments", "{}"), 400);
	assert_int_equal(kit_write(k, "DELETE", "/v1/users", "{}"), 400);
}

static void users_have_the_documented_types(void **state)
{
	kit *k = *state;

	kit_student(k, "s100");
	assert_string_equal(kit_text(k, "user.0.school_uid"), "s100");
	int64_t id = atoll(kit_text(k, "user.0.id"));
	assert_non_null(strstr(kit_body(k), "http:\\/\\/127.0.0.1:8902\\/v1\\/users\\/"));
	assert_int_equal(kit_ask(k, "GET", "/v1/users?school_uids=s100", NULL), 200);
	assert_string_equal(kit_text(k, "total"), "1");
	assert_string_equal(kit_text(k, "user.0.name_last"), "O/Hara");
	assert_string_equal(kit_text(k, "user.0.grad_year"), "");
	assert_int_equal(kit_number(k, "user.0.id"), id);
	assert_int_equal(kit_number(k, "user.0.building_id"), KIT_NORTH);
	assert_int_equal(kit_number(k, "user.0.school_id"), KIT_SCHOOL);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/ext/s100", NULL), 303);
	assert_non_null(strstr(kit_header(k, "Location"), "/v1/users/47119000"));
	assert_int_equal(kit_ask(k, "GET", "/v1/users/ext/s101", NULL), 404);
}

static void each_user_of_a_bulk_call_has_its_answer(void **state)
{
	kit *k = *state;

	kit_student(k, "s100");
	assert_int_equal(
		kit_write(k, "POST", "/v1/users",
			"{'users':{'user':["
			"{'school_uid':'s100','name_first':'A','name_last':'B','username':'x','role_id':1214},"
			"{'school_uid':'s101','name_first':'A','name_last':'B','username':'US100','role_id':1214},"
			"{'school_uid':'s102','name_first':'A','name_last':'B','primary_email':'SVC@district.invalid','"
			"role_id':1214},"
			"{'school_uid':'s103','name_first':'A','name_last':'B','role_id':1214},"
			"{'school_uid':'s104','name_first':'A','name_last':'B','username':'y','role_id':99},"
			"{'school_uid':'s105','name_first':'A','name_last':'B','username':'z','role_id':1214,'building_"
			"id':7},"
			"{'name_first':'A'}, 5,"
			"{'school_uid':'s106','name_first':'\xC3\x89va','name_last':'B','username':'w','role_id':1214}]"
			"}}"),
		207);
	for (int i = 0; i < 8; i++) {
		char path[40];
		snprintf(path, sizeof(path), "user.%d.response_code", i);
		assert_int_equal(kit_number(k, path), 400);
	}
	assert_string_equal(kit_text(k, "user.1.message"), "The username is already in use.");
	assert_int_equal(kit_number(k, "user.8.response_code"), 200);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_user"), 3);
}

static void users_are_updated_partially(void **state)
{
	kit *k = *state;

	kit_student(k, "s100");
	char body[256];
	snprintf(body, sizeof(body), "{'users':{'user':[{'id':'%s','grad_year':2031},{'id':5,'grad_year':2031}]}}",
		kit_text(k, "user.0.id"));
	assert_int_equal(kit_write(k, "PUT", "/v1/users", body), 207);
	assert_int_equal(kit_number(k, "user.0.response_code"), 200);
	assert_int_equal(kit_number(k, "user.1.response_code"), 404);
	assert_int_equal(
		kit_int(k, "SELECT count(*) FROM sgy_user WHERE grad_year = '2031' AND name_first = 'Ann'"), 1);
	assert_int_equal(kit_write(k, "PUT", "/v1/users/47119000", "{'building_id':'5171922'}"), 204);
	assert_string_equal(kit_body(k), "");
	assert_int_equal(kit_ask(k, "GET", "/v1/users?building_id=5171922&role_ids=1214", NULL), 200);
	assert_string_equal(kit_text(k, "total"), "1");
	kit_student(k, "s100");
	assert_int_equal(
		kit_int(k, "SELECT count(*) FROM sgy_user WHERE school_uid = 's100' AND grad_year = '2031'"), 1);
	kit_option(k, "upsert_clears", "1");
	kit_student(k, "s100");
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_user WHERE school_uid = 's100' AND grad_year = ''"), 1);
}

static void bulk_calls_take_fifty(void **state)
{
	kit *k = *state;
	char body[8192] = "{'users':{'user':[";

	for (int i = 0; i < 51; i++)
		sprintf(body + strlen(body), "%s{'id':%d}", i ? "," : "", i);
	strcat(body, "]}}");
	assert_int_equal(kit_write(k, "PUT", "/v1/users", body), 400);
	char url[4096] = "/v1/users?school_uids=a";
	for (int i = 0; i < 50; i++)
		strcat(url, "%2Ca");
	assert_int_equal(kit_ask(k, "GET", url, NULL), 400);
}

static void lists_come_in_pages(void **state)
{
	kit *k = *state;

	kit_sql(k, "INSERT INTO sgy_user (school_uid, role_id, building_id) WITH RECURSIVE n(i) AS"
		   " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450) SELECT 'p' || i, 1214, 5171921 FROM n");
	assert_int_equal(kit_ask(k, "GET", "/v1/users", NULL), 200);
	assert_int_equal(json_array_size(kit_get(k, "user")), 20);
	assert_int_equal(kit_ask(k, "GET", "/v1/users?building_id=5171921&limit=999&start=200", NULL), 200);
	assert_int_equal(json_array_size(kit_get(k, "user")), 200);
	assert_string_equal(kit_text(k, "total"), "450");
	assert_string_equal(
		kit_text(k, "links.next"), "http://127.0.0.1:8902/v1/users?start=400&limit=200&building_id=5171921");
	assert_int_equal(kit_ask(k, "GET", "/v1/users?building_id=5171921&limit=200&start=400", NULL), 200);
	assert_int_equal(json_array_size(kit_get(k, "user")), 50);
	assert_null(json_object_get(kit_get(k, "links"), "next"));
	kit_option(k, "limit_over_error", "1");
	assert_int_equal(kit_ask(k, "GET", "/v1/users?limit=201", NULL), 400);
}

static void a_building_administrator_sees_his_own(void **state)
{
	kit *k = *state;

	kit_student(k, "s100");
	kit_section(k, "N1-1", 436);
	kit_sql(k, "UPDATE sgy_user SET scope_building_id = 5171922 WHERE id = 4711902");
	assert_int_equal(kit_ask(k, "GET", "/v1/users?building_id=5171921", NULL), 200);
	assert_string_equal(kit_text(k, "total"), "0");
	assert_int_equal(kit_ask(k, "GET", "/v1/courses", NULL), 200);
	assert_string_equal(kit_text(k, "total"), "0");
	assert_int_equal(kit_write(k, "PUT", "/v1/users/47119000", "{'grad_year':'2030'}"), 403);
	assert_int_equal(kit_ask(k, "GET", "/v1/csvexport/users?fields=uid", NULL), 403);
}

static void deleting_makes_inactive_and_counts_the_harm(void **state)
{
	kit *k = *state;

	kit_student(k, "s100");
	kit_student(k, "s101");
	kit_section(k, "N1-1", 436);
	kit_write(k, "POST", "/v1/enrollments/import/course",
		"{'enrollments':{'enrollment':["
		"{'section_school_code':'N1-1','school_uid':'s100'},{'section_school_code':'N1-1','school_uid':'s101'}]"
		"}}");
	assert_int_equal(kit_ask(k, "DELETE",
				 "/v1/users?uids=47119000%2C7&option_keep_enrollments=1&email_notification=0", NULL),
		207);
	assert_int_equal(kit_number(k, "user.0.response_code"), 200);
	assert_int_equal(kit_number(k, "user.1.response_code"), 404);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/users/47119001", NULL), 204);
	assert_int_equal(kit_int(k, "SELECT n FROM sgy_counter WHERE name = 'mails_sent'"), 1);
	assert_int_equal(kit_int(k, "SELECT n FROM sgy_counter WHERE name = 'memberships_destroyed'"), 1);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/inactive", NULL), 200);
	assert_int_equal(kit_number(k, "total"), 2);
	assert_int_equal(kit_number(k, "user.0.uid"), 47119000);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/47119000", NULL), 404);
}

static void inactive_users_are_reached_by_reactivation(void **state)
{
	kit *k = *state;
	static const char again[] =
		"{'user':[{'school_uid':'s100','name_first':'A','name_last':'B','username':'n','role_id':1214}]}";

	kit_student(k, "s100");
	kit_ask(k, "DELETE", "/v1/users/47119000?option_keep_enrollments=1&email_notification=0", NULL);
	kit_write(k, "POST", "/v1/users?update_existing=1", again);
	assert_int_equal(kit_number(k, "user.0.response_code"), 400);
	assert_int_equal(
		kit_write(k, "PUT", "/v1/users/reactivate", "{'user':[{'uid':'47119000','option_reenroll':'0'}]}"),
		207);
	assert_int_equal(kit_number(k, "user.0.response_code"), 200);
	assert_non_null(kit_text(k, "user.0.location"));
	kit_ask(k, "DELETE", "/v1/users/47119000", NULL);
	kit_option(k, "inactive_match", "duplicate");
	kit_write(k, "POST", "/v1/users?update_existing=1", again);
	assert_string_equal(kit_text(k, "user.0.id"), "47119001");
}

static void foreign_addresses_follow_the_flags(void **state)
{
	kit *k = *state;
	static const char body[] = "{'user':[{'school_uid':'s%d','name_first':'A','name_last':'B','primary_email':"
				   "'ann@other.invalid','role_id':1214}]}";
	static const char *const urls[] = { "/v1/users", "/v1/users?ignore_email_conflicts=1",
		"/v1/users?email_conflict_resolution=1", "/v1/users?email_conflict_resolution=2" };
	const int codes[] = { 400, 200, 200, 200 };

	kit_sql(k, "INSERT INTO sgy_foreign_email VALUES ('ann@other.invalid', 1)");
	for (int i = 0; i < 4; i++) {
		char text[256];
		snprintf(text, sizeof(text), body, i);
		assert_int_equal(kit_write(k, "POST", urls[i], text), 207);
		assert_int_equal(kit_number(k, "user.0.response_code"), codes[i]);
	}
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_user WHERE username IN ('s1', 'ann')"), 2);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_user WHERE primary_email = 'ann@other.invalid'"), 1);
}

static void sections_answer_inside_their_course(void **state)
{
	kit *k = *state;

	assert_int_equal(
		kit_write(k, "POST", "/v1/courses?update_existing=1",
			"{'courses':{'course':[{'title':'Art','course_code':'N2','building_id':5171921,'sections':{'"
			"section':["
			"{'title':'A','section_school_code':'c1','section_code':'9','grading_periods':['436','437']},"
			"{'title':'B','section_school_code':'c2','grading_periods':[777]},{'title':'C','section_school_"
			"code':'c3'}]}},"
			"{'title':'','course_code':'N3','sections':{'section':[{'title':'A','section_school_code':'c4'}"
			"]}}]}}"),
		207);
	assert_int_equal(kit_number(k, "course.0.sections.section.0.response_code"), 200);
	assert_int_equal(kit_number(k, "course.0.sections.section.0.grading_periods.1"), 437);
	assert_string_equal(kit_text(k, "course.0.sections.section.0.section_code"), "");
	assert_int_equal(kit_number(k, "course.0.sections.section.1.response_code"), 400);
	assert_int_equal(kit_number(k, "course.0.sections.section.2.response_code"), 400);
	assert_int_equal(kit_number(k, "course.1.response_code"), 400);
	assert_null(json_object_get(kit_get(k, "course.1"), "sections"));
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_section"), 1);
	assert_int_equal(kit_ask(k, "GET", "/v1/courses?building_id=5171921", NULL), 200);
	assert_true(json_is_integer(kit_get(k, "course.0.id")));
	assert_string_equal(kit_text(k, "course.0.building_id"), "5171921");
}

static void a_reused_code_moves_the_section(void **state)
{
	kit *k = *state;

	kit_student(k, "s100");
	kit_section(k, "N1-1", 435);
	int64_t id = kit_section_id(k, "N1-1");
	kit_write(k, "POST", "/v1/enrollments/import/course",
		"{'enrollments':{'enrollment':{'section_school_code':'N1-1','school_uid':'s100'}}}");
	kit_section(k, "N1-1", 436);
	assert_int_equal(kit_section_id(k, "N1-1"), id);
	assert_int_equal(kit_int(k, "SELECT group_concat(period_id) FROM sgy_section_period"), 436);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_enrollment"), 1);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_write_log WHERE kind = 'section' AND changed = 1"), 2);
	assert_int_equal(kit_int(k, "SELECT before LIKE '%[435]%' AND after LIKE '%[436]%' FROM sgy_write_log"
				    " WHERE kind = 'section' ORDER BY seq DESC"),
		1);
}

static void past_sections_leave_the_lists_by_themselves(void **state)
{
	kit *k = *state;
	char url[80];

	kit_section(k, "old", 435);
	kit_section(k, "now", 436);
	kit_section(k, "next", 437);
	snprintf(url, sizeof(url), "/v1/courses/%lld/sections", (long long)kit_int(k, "SELECT id FROM sgy_course"));
	assert_int_equal(kit_ask(k, "GET", url, NULL), 200);
	assert_string_equal(kit_text(k, "total"), "2");
	kit_option(k, "future_hidden", "1");
	assert_int_equal(kit_ask(k, "GET", url, NULL), 200);
	assert_string_equal(kit_text(k, "section.0.section_school_code"), "now");
	assert_string_equal(kit_text(k, "total"), "1");
	assert_int_equal(kit_ask(k, "GET", "/v1/sections?section_school_codes=old%2Cnow%2Cnone", NULL), 200);
	assert_string_equal(kit_text(k, "total"), "1");
	assert_int_equal(kit_ask(k, "GET", "/v1/sections?section_school_codes=old%2Cnow&include_past=1", NULL), 200);
	assert_string_equal(kit_text(k, "total"), "2");
	assert_int_equal(kit_number(k, "section.0.active"), 0);
	assert_int_equal(kit_number(k, "section.1.active"), 1);
	assert_string_equal(kit_text(k, "section.0.meeting_days.0"), "");
	k->wall_ms += (int64_t)365 * 86400 * 1000;
	assert_int_equal(kit_ask(k, "GET", url, NULL), 200);
	assert_string_equal(kit_text(k, "total"), "0");
	assert_int_equal(kit_ask(k, "GET", "/v1/sections", NULL), 403);
}

static void sections_are_moved_and_deleted_by_id(void **state)
{
	kit *k = *state;
	char body[256], url[64];

	kit_section(k, "a", 435);
	kit_section(k, "b", 435);
	long long a = kit_section_id(k, "a");
	snprintf(body, sizeof(body),
		"{'sections':{'section':[{'id':'%lld','grading_periods':[436]},"
		"{'id':'%lld','section_school_code':'b'},{'id':1}]}}",
		a, a);
	assert_int_equal(kit_write(k, "PUT", "/v1/sections", body), 207);
	assert_int_equal(kit_number(k, "section.0.grading_periods.0"), 436);
	assert_int_equal(kit_number(k, "section.1.response_code"), 400);
	assert_int_equal(kit_number(k, "section.2.response_code"), 404);
	snprintf(url, sizeof(url), "/v1/sections/%lld", a);
	assert_int_equal(kit_write(k, "PUT", url, "{'section_title':'New'}"), 204);
	assert_int_equal(kit_ask(k, "GET", url, NULL), 200);
	assert_string_equal(kit_text(k, "section_title"), "New");
	assert_int_equal(kit_ask(k, "GET", "/v1/sections/ext/a", NULL), 303);
	assert_int_equal(kit_ask(k, "DELETE", url, NULL), 204);
	assert_int_equal(kit_ask(k, "GET", url, NULL), 404);
}

static void imports_are_upserts_by_code(void **state)
{
	kit *k = *state;

	kit_student(k, "s100");
	kit_student(k, "gone");
	kit_ask(k, "DELETE", "/v1/users/47119001", NULL);
	kit_section(k, "N1-1", 436);
	static const char body[] =
		"{'enrollments':{'enrollment':["
		"{'section_school_code':'N1-1','school_uid':'s100','admin':'%d'},"
		"{'section_school_code':'N1-1','school_uid':'gone'},{'section_school_code':'N1-1','school_uid':'none'},"
		"{'section_school_code':'none','school_uid':'s100'},"
		"{'section_school_code':'N1-1','school_uid':'none','delete':'1'}]}}";
	const int codes[] = { 200, 404, 404, 404, 404 };
	for (int admin = 0; admin < 2; admin++) {
		char text[1024], path[64];
		snprintf(text, sizeof(text), body, admin);
		assert_int_equal(kit_write(k, "POST", "/v1/enrollments/import/course", text), 207);
		for (int i = 0; i < 5; i++) {
			snprintf(path, sizeof(path), "enrollments.enrollment.%d.response_code", i);
			assert_int_equal(kit_number(k, path), codes[i]);
		}
	}
	assert_string_equal(kit_text(k, "enrollments.enrollment.0.course_code"), "N1");
	assert_non_null(strstr(kit_text(k, "enrollments.enrollment.0.location"), "/enrollments/5430250000"));
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_enrollment WHERE admin = 1 AND status = 1"), 1);
	assert_int_equal(
		kit_int(k, "SELECT count(*) FROM sgy_write_log WHERE kind = 'enrollment' AND school_uid = 's100'"
			   " AND section_code = 'N1-1' AND changed = 1"),
		2);
	kit_write(k, "POST", "/v1/enrollments/import/course",
		"{'enrollments':{'enrollment':[{'section_school_code':'N1-1','school_uid':'s100','delete':1}]}}");
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_enrollment"), 0);
	assert_int_equal(kit_int(k, "SELECT after IS NULL FROM sgy_write_log ORDER BY seq DESC"), 1);
}

static void members_are_archived_by_id_and_come_back(void **state)
{
	kit *k = *state;
	char url[96], body[256];

	kit_student(k, "s100");
	kit_section(k, "N1-1", 436);
	snprintf(url, sizeof(url), "/v1/sections/%lld/enrollments", kit_section_id(k, "N1-1"));
	assert_int_equal(kit_write(k, "POST", url, "{'uid':'47119000','admin':'0','status':'1'}"), 201);
	assert_int_equal(kit_number(k, "status"), 1);
	snprintf(body, sizeof(body), "{'enrollments':{'enrollment':[{'id':'%s','status':'5'},{'id':1,'status':5}]}}",
		kit_text(k, "id"));
	assert_int_equal(kit_write(k, "PUT", url, body), 207);
	assert_int_equal(kit_number(k, "enrollments.enrollment.0.response_code"), 200);
	assert_int_equal(kit_number(k, "enrollments.enrollment.0.uid"), 47119000);
	assert_int_equal(kit_number(k, "enrollments.enrollment.1.response_code"), 404);
	snprintf(body, sizeof(body), "%s?enrollment_status=5&type=member", url);
	assert_int_equal(kit_ask(k, "GET", body, NULL), 200);
	assert_string_equal(kit_text(k, "enrollment.0.status"), "5");
	assert_int_equal(kit_number(k, "enrollment.0.admin"), 0);
	snprintf(body, sizeof(body), "%s?enrollment_status=1", url);
	assert_int_equal(kit_ask(k, "GET", body, NULL), 200);
	assert_string_equal(kit_text(k, "total"), "0");
	assert_int_equal(json_array_size(kit_get(k, "enrollment")), 0);
	kit_write(k, "POST", "/v1/enrollments/import/course",
		"{'enrollments':{'enrollment':[{'section_school_code':'N1-1','school_uid':'s100'}]}}");
	assert_int_equal(kit_int(k, "SELECT status FROM sgy_enrollment"), 1);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/enrollments?enrollment_ids=5430250000", NULL), 207);
	assert_int_equal(kit_number(k, "enrollments.enrollment.0.response_code"), 200);
}

static void grading_periods_have_unique_titles(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_write(k, "POST", "/v1/gradingperiods",
				 "{'title':'2026-2027 Q1','start':'2026-08-20','end':'2026-10-30'}"),
		201);
	assert_string_equal(kit_text(k, "id"), "901");
	assert_string_equal(kit_text(k, "active"), "1");
	assert_int_equal(kit_write(k, "POST", "/v1/gradingperiods",
				 "{'title':'2026-2027 Q1','start':'2026-08-20','end':'2026-10-30'}"),
		400);
	assert_int_equal(
		kit_write(k, "POST", "/v1/gradingperiods", "{'title':'x','start':'2026-02-30','end':'2026-10-30'}"),
		400);
	assert_int_equal(
		kit_write(k, "POST", "/v1/gradingperiods", "{'title':'x','start':'2026-10-30','end':'2026-10-29'}"),
		400);
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods?title=2026&startswith=1", NULL), 200);
	assert_int_equal(kit_number(k, "total"), 3);
	assert_int_equal(kit_number(k, "gradingperiods.0.id"), 436);
	assert_int_equal(kit_write(k, "PUT", "/v1/gradingperiods/901", "{'end':'2026-08-01'}"), 400);
	assert_int_equal(kit_write(k, "PUT", "/v1/gradingperiods/901", "{'end':'2026-11-01'}"), 204);
	kit_section(k, "a", 901);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/gradingperiods/901", NULL), 400);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/gradingperiods/437", NULL), 204);
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods?title=none", NULL), 200);
	assert_string_equal(kit_body(k), "{\"total\":0}");
}

static void the_small_lists_are_there(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "GET", "/v1/roles", NULL), 200);
	assert_string_equal(kit_text(k, "role.0.id"), "1212");
	assert_int_equal(kit_number(k, "role.0.faculty"), 1);
	assert_int_equal(kit_ask(k, "GET", "/v1/roles/1214", NULL), 200);
	assert_int_equal(kit_ask(k, "GET", "/v1/schools", NULL), 200);
	assert_string_equal(kit_text(k, "school.0.id"), "2908525646");
	assert_int_equal(kit_ask(k, "GET", "/v1/schools/2908525646/buildings", NULL), 200);
	assert_string_equal(kit_text(k, "building.1.building_code"), "102");
	assert_int_equal(
		kit_write(k, "POST", "/v1/schools/2908525646/buildings", "{'title':'West','building_code':'W'}"), 201);
	assert_int_equal(kit_ask(k, "GET", "/v1/schools/5171923", NULL), 200);
	assert_string_equal(kit_text(k, "title"), "West");
	assert_int_equal(kit_ask(k, "GET", "/v1/csvexport/users?fields=uid,mail,role_name", NULL), 401);
	assert_int_equal(kit_ask(k, "GET", "/v1/csvexport/users?fields=uid%2Cmail%2Crole_name", NULL), 200);
	assert_string_equal(kit_body(k), "uid,mail,role_name\n4711902,svc@district.invalid,System Admin\n");
}

static void multiget_answers_each_path(void **state)
{
	kit *k = *state;

	kit_student(k, "s100");
	assert_int_equal(
		kit_write(k, "POST", "/v1/multiget", "{'request':['/v1/users/ext/s100','/v1/users/9','/v1/roles']}"),
		207);
	assert_string_equal(kit_text(k, "response.0.body.school_uid"), "s100");
	assert_int_equal(kit_number(k, "response.1.response_code"), 404);
	assert_int_equal(kit_number(k, "response.2.response_code"), 400);
}

static void a_write_that_changes_nothing_is_logged_as_such(void **state)
{
	kit *k = *state;

	kit_student(k, "s100");
	kit_student(k, "s100");
	assert_int_equal(sim_sgy_write_count(k->world.db, 0, false), 2);
	assert_int_equal(sim_sgy_write_count(k->world.db, 0, true), 1);
	assert_int_equal(kit_int(k, "SELECT by_uid FROM sgy_write_log WHERE before IS NULL"), KIT_ADMIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_bulk_field_is_a_bad_request),
		TEST(users_have_the_documented_types),
		TEST(each_user_of_a_bulk_call_has_its_answer),
		TEST(users_are_updated_partially),
		TEST(bulk_calls_take_fifty),
		TEST(lists_come_in_pages),
		TEST(a_building_administrator_sees_his_own),
		TEST(deleting_makes_inactive_and_counts_the_harm),
		TEST(inactive_users_are_reached_by_reactivation),
		TEST(foreign_addresses_follow_the_flags),
		TEST(sections_answer_inside_their_course),
		TEST(a_reused_code_moves_the_section),
		TEST(past_sections_leave_the_lists_by_themselves),
		TEST(sections_are_moved_and_deleted_by_id),
		TEST(imports_are_upserts_by_code),
		TEST(members_are_archived_by_id_and_come_back),
		TEST(grading_periods_have_unique_titles),
		TEST(the_small_lists_are_there),
		TEST(multiget_answers_each_path),
		TEST(a_write_that_changes_nothing_is_logged_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
