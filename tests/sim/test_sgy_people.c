/* People in the Schoology stand-in: profiles, relatives, what a deletion does, whom an administrator sees. */
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

static void one_user_is_made_and_answered_whole(void **state)
{
	kit *k = *state;
	static const char body[] = "{'school_uid':'s1','name_first':'A','name_last':'B','primary_email':'a@district."
				   "invalid','role_id':'1214','password':'x','birthday_date':'2010-02-03',"
				   "'email_login_info':1}";

	assert_int_equal(kit_write(k, "POST", "/v1/users", body), 201);
	assert_string_equal(kit_header(k, "Content-Type"), "application/json; charset=UTF-8");
	assert_string_equal(kit_text(k, "uid"), "47119000");
	assert_int_equal(kit_number(k, "send_message"), 1);
	assert_string_equal(kit_text(k, "password"), "");
	assert_string_equal(kit_text(k, "links.self"), "http://127.0.0.1:8902/v1/users/47119000");
	assert_null(json_object_get(k->json, "birthday_date"));
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_mail WHERE uid = 47119000"), 1);
	assert_int_equal(kit_write(k, "POST", "/v1/users", body), 400);
	assert_string_equal(kit_body(k), "A user with this school_uid already exists.");
	assert_int_equal(kit_write(k, "PUT", "/v1/users/47119000", "{'synced':'1','password':''}"), 204);
	assert_int_equal(kit_write(k, "PUT", "/v1/users/47119000", "{'school_uid':'s2'}"), 204);
	assert_int_equal(kit_write(k, "PUT", "/v1/users/47119000", "{'school_uid':'svc'}"), 400);
}

static void post_body_object_or_empty(void **state)
{
	kit *k = *state;
	static const char body[] =
		"{'school_uid':'%c','name_first':'A','name_last':'B','username':'%c','role_id':1214}";
	char text[256];

	snprintf(text, sizeof(text), body, 'x', 'x');
	assert_int_equal(kit_write(k, "POST", "/v1/users", text), 201);
	assert_string_equal(kit_text(k, "school_uid"), "x");
	kit_option(k, "post_body", "empty");
	snprintf(text, sizeof(text), body, 'y', 'y');
	assert_int_equal(kit_write(k, "POST", "/v1/users", text), 201);
	assert_string_equal(kit_body(k), "");
}

static void extended_shows_the_profile(void **state)
{
	kit *k = *state;

	kit_student(k, "s1");
	assert_int_equal(
		kit_write(k, "PUT", "/v1/users/47119000",
			"{'bio':'Likes \\u00e9clairs','phone':5551234,'name_title_show':1,'tz_name':'Europe/Rome'}"),
		204);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/47119000", NULL), 200);
	assert_null(json_object_get(k->json, "bio"));
	assert_int_equal(kit_number(k, "name_title_show"), 1);
	assert_string_equal(kit_text(k, "tz_name"), "Europe/Rome");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/47119000?extended=TRUE", NULL), 200);
	assert_string_equal(kit_text(k, "bio"), "Likes \xC3\xA9"
						"clairs");
	assert_int_equal(kit_ask(k, "GET", "/v1/users?extended=1", NULL), 200);
	assert_string_equal(kit_text(k, "user.1.phone"), "5551234");
	assert_string_equal(kit_text(k, "user.0.activities"), "");
	assert_int_equal(
		kit_int(k, "SELECT changed AND after LIKE '%\"extra\":{%' FROM sgy_write_log ORDER BY seq DESC"), 1);
	assert_int_equal(kit_write(k, "PUT", "/v1/users/47119000", "{'bio':'','phone':'5551234'}"), 204);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_extra WHERE name = 'bio'"), 0);
}

static void access_codes_are_for_students(void **state)
{
	kit *k = *state;
	char code[32];

	kit_student(k, "s1");
	assert_int_equal(kit_ask(k, "GET", "/v1/users?parent_access_codes=1", NULL), 200);
	assert_null(json_object_get(kit_get(k, "user.0"), "parent_access_code"));
	snprintf(code, sizeof(code), "%s", kit_text(k, "user.1.parent_access_code"));
	assert_int_equal(strlen(code), 14);
	assert_true(code[4] == '-' && code[9] == '-');
	assert_int_equal(kit_ask(k, "GET", "/v1/users?parent_access_codes=1&school_uids=s1", NULL), 200);
	assert_string_equal(kit_text(k, "user.0.parent_access_code"), code);
	assert_int_equal(kit_ask(k, "GET", "/v1/users?school_uids=s1", NULL), 200);
	assert_null(json_object_get(kit_get(k, "user.0"), "parent_access_code"));
}

static const char parents_body[] =
	"{'associations':{'association':[{'student_school_uid':'s1','parent_school_uid':'p1'},"
	"{'student_school_uid':'none','parent_school_uid':'p1'},{'student_school_uid':'s1','parent_school_uid':'no'},"
	"{'student_school_uid':'s1','parent_school_uid':'s1'}]}}";

static void parents_are_associated_and_taken_off(void **state)
{
	kit *k = *state;
	static const int codes[] = { 200, 404, 404, 400 };

	kit_student(k, "s1");
	kit_student(k, "p1");
	assert_int_equal(kit_write(k, "POST", "/v1/users/import/associations/parents", parents_body), 207);
	for (int i = 0; i < 4; i++)
		assert_int_equal(kit_number(k, kit_url(k, "association.%d.response_code", i)), codes[i]);
	assert_string_equal(kit_text(k, "association.0.student_uid"), "47119000");
	assert_string_equal(kit_text(k, "association.0.parent_uid"), "47119001");
	assert_string_equal(kit_text(k, "association.0.parent_school_uid"), "p1");
	assert_string_equal(kit_text(k, "association.1.message"), "Student not found.");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/47119000?extended=1", NULL), 200);
	assert_string_equal(kit_text(k, "parents.parent.0.school_uid"), "p1");
	assert_string_equal(kit_text(k, "parent_uids"), "47119001");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/47119001", NULL), 200);
	assert_string_equal(kit_text(k, "child_uids"), "47119000");
	assert_true(json_is_null(kit_get(k, "parents")));
	assert_int_equal(kit_write(k, "POST", "/v1/users/import/associations/parents",
				 "{'associations':{'association':{'student_school_uid':'s1','parent_school_uid':'p1',"
				 "'delete':'1'}}}"),
		207);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_association"), 0);
	assert_int_equal(
		kit_int(k, "SELECT count(*) FROM sgy_write_log WHERE path LIKE '%parents' AND changed = 1"), 2);
}

static void advisors_are_associated(void **state)
{
	kit *k = *state;

	kit_student(k, "s1");
	assert_int_equal(
		kit_write(k, "POST", "/v1/users/import/associations/advisors",
			"{'associations':{'association':[{'student_school_uid':'s1','advisor_school_uid':'svc'}]}}"),
		207);
	assert_string_equal(kit_text(k, "association.0.advisor_uid"), "4711902");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/47119000?extended=1", NULL), 200);
	assert_string_equal(kit_text(k, "advisor_uids"), "4711902");
}

static void relatives_come_inside_a_user_too(void **state)
{
	kit *k = *state;

	kit_student(k, "s1");
	kit_student(k, "p1");
	kit_student(k, "p2");
	assert_int_equal(kit_write(k, "PUT", "/v1/users/47119000", "{'parent_uids':'47119001, 47119002'}"), 204);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/47119000?extended=1", NULL), 200);
	assert_string_equal(kit_text(k, "parent_uids"), "47119001,47119002");
	assert_int_equal(kit_write(k, "PUT", "/v1/users/47119001", "{'child_uids':''}"), 204);
	assert_int_equal(kit_int(k, "SELECT uid FROM sgy_association"), 47119002);
}

/* One student in two sections with seven grades in each, a day after the year began. */
static void make_member(kit *k)
{
	sr_err err;

	kit_student(k, "s1");
	kit_section(k, "N1-1", 436);
	kit_section(k, "N1-2", 436);
	assert_int_equal(kit_import(k, "N1-1", "s1", ""), 200);
	assert_int_equal(kit_import(k, "N1-2", "s1", ""), 200);
	assert_int_equal(sim_sgy_give_grades(k->world.db, "2026-09-15", 7, &err), 0);
	assert_int_equal(kit_int(k, "SELECT sum(n) FROM sgy_grade"), 14);
}

static void each_delete_option_has_its_effect(void **state)
{
	kit *k = *state;
	static const struct {
		const char *query;
		int destroyed, mails;
	} rows[] = {
		{ "", 14, 1 },
		{ "?option_keep_enrollments=1", 0, 1 },
		{ "?email_notification=0", 14, 0 },
		{ "?option_keep_enrollments=0&email_notification=1&option_comment=moved%20away", 14, 1 },
		{ "?option_keep_enrollments=1&email_notification=0", 0, 0 },
	};

	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		kit_close(k);
		kit_open(k, NULL);
		kit_option(k, "limiter", "none");
		make_member(k);
		assert_int_equal(kit_ask(k, "DELETE", kit_url(k, "/v1/users/47119000%s", rows[i].query), NULL), 204);
		assert_int_equal(kit_counter(k, "grades_destroyed"), rows[i].destroyed);
		assert_int_equal(kit_counter(k, "memberships_destroyed"), rows[i].destroyed / 7);
		assert_int_equal(kit_counter(k, "mails_sent"), rows[i].mails);
		assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_mail"), rows[i].mails);
		assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_mail WHERE comment = 'moved away'"), i == 3);
		assert_int_equal(kit_int(k, "SELECT coalesce(sum(n), 0) FROM sgy_grade"), 14 - rows[i].destroyed);
	}
}

static int members_seen(kit *k)
{
	assert_int_equal(
		kit_ask(k, "GET", kit_url(k, "/v1/sections/%lld/enrollments", kit_section_id(k, "N1-1")), NULL), 200);
	return atoi(kit_text(k, "total"));
}

static void reactivate(kit *k, const char *reenroll)
{
	char body[128];

	snprintf(body, sizeof(body), "{'user':[{'uid':'47119000','option_reenroll':'%s'}]}", reenroll);
	assert_int_equal(kit_write(k, "PUT", "/v1/users/reactivate", body), 207);
	assert_int_equal(kit_number(k, "user.0.response_code"), 200);
	assert_string_equal(kit_text(k, "user.0.location"), "http://127.0.0.1:8902/v1/users/47119000");
	assert_string_equal(kit_text(k, "user.0.message"), "You have successfully re-actived this user.");
	assert_int_equal(json_object_size(kit_get(k, "user.0")), 3);
}

static void kept_memberships_come_back_by_reenroll(void **state)
{
	kit *k = *state;
	static const char keep[] = "/v1/users/47119000?option_keep_enrollments=1&email_notification=0";

	make_member(k);
	assert_int_equal(kit_ask(k, "DELETE", keep, NULL), 204);
	assert_int_equal(members_seen(k), 0);
	reactivate(k, "0");
	assert_int_equal(members_seen(k), 0);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/47119000/sections", NULL), 200);
	assert_string_equal(kit_text(k, "total"), "0");
	assert_int_equal(kit_import(k, "N1-1", "s1", ",'delete':'1'"), 404);
	assert_int_equal(kit_import(k, "N1-1", "s1", ""), 200);
	assert_int_equal(members_seen(k), 1);
	assert_int_equal(kit_ask(k, "DELETE", keep, NULL), 204);
	reactivate(k, "1");
	assert_int_equal(members_seen(k), 1);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/47119000/sections", NULL), 200);
	assert_string_equal(kit_text(k, "total"), "2");
	assert_int_equal(kit_int(k, "SELECT sum(n) FROM sgy_grade"), 14);
}

static void inactive_members_hidden_or_listed(void **state)
{
	kit *k = *state;

	make_member(k);
	kit_option(k, "inactive_members", "listed");
	assert_int_equal(kit_ask(k, "DELETE", "/v1/users/47119000?option_keep_enrollments=1", NULL), 204);
	assert_int_equal(members_seen(k), 1);
	kit_option(k, "inactive_members", "hidden");
	reactivate(k, "1");
	assert_int_equal(kit_ask(k, "DELETE", "/v1/users/47119000?option_keep_enrollments=1", NULL), 204);
	assert_int_equal(members_seen(k), 0);
}

static void reactivating_names_each_failure(void **state)
{
	kit *k = *state;

	kit_student(k, "s1");
	assert_int_equal(kit_write(k, "PUT", "/v1/users/reactivate", "{'user':[{'uid':47119000},{'uid':5}]}"), 207);
	assert_int_equal(kit_number(k, "user.0.response_code"), 404);
	assert_int_equal(kit_number(k, "user.1.response_code"), 404);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/users/47119000", NULL), 204);
	assert_int_equal(kit_ask(k, "GET", "/v1/users/inactive/47119000", NULL), 200);
	assert_int_equal(kit_number(k, "uid"), 47119000);
	assert_string_equal(kit_text(k, "name"), "Ann O/Hara");
	assert_int_equal(kit_number(k, "inactive_timestamp"), KIT_NOW_MS / 1000);
	assert_int_equal(kit_number(k, "modified_by_uid"), KIT_ADMIN);
}

/* The administrator is bound to the building South; everything made by kit_ lies in North. */
static void a_lesser_administrator_stays_in_his_building(void **state)
{
	kit *k = *state;

	make_member(k);
	kit_student(k, "gone");
	assert_int_equal(kit_ask(k, "DELETE", "/v1/users/47119001", NULL), 204);
	kit_sql(k, "UPDATE sgy_user SET scope_building_id = 5171922 WHERE id = 4711902");
	const struct {
		const char *method, *url, *body;
		int status;
	} rows[] = {
		{ "GET", "/v1/users/47119000", NULL, 404 },
		{ "GET", "/v1/users/4711902", NULL, 200 },
		{ "GET", "/v1/users/ext/s1", NULL, 404 },
		{ "GET", "/v1/users/inactive/47119001", NULL, 404 },
		{ "DELETE", "/v1/users/47119000", NULL, 404 },
		{ "GET", "/v1/csvexport/users", NULL, 403 },
		{ "GET", "/v1/courses/310204000", NULL, 404 },
		{ "DELETE", "/v1/courses/310204000", NULL, 404 },
		{ "GET", "/v1/sections/4712900000", NULL, 404 },
		{ "GET", "/v1/sections/4712900000/enrollments", NULL, 404 },
		{ "GET", "/v1/sections/4712900000/enrollments/5430250000", NULL, 404 },
		{ "GET", "/v1/sections/4712900000/grading_periods", NULL, 404 },
		{ "PUT", "/v1/sections/4712900000", "{'title':'x'}", 403 },
		{ "POST", "/v1/sections/4712900000/enrollments", "{'uid':4711902,'admin':1,'status':1}", 403 },
		{ "POST", "/v1/schools/2908525646/buildings", "{'title':'West'}", 403 },
		{ "PUT", "/v1/schools/5171921", "{'title':'West'}", 403 },
		{ "PUT", "/v1/schools/5171922", "{'city':'Rome'}", 204 },
	};
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		int status = rows[i].body ? kit_write(k, rows[i].method, rows[i].url, rows[i].body)
					  : kit_ask(k, rows[i].method, rows[i].url, NULL);
		if (status != rows[i].status)
			fail_msg("%s %s: %d", rows[i].method, rows[i].url, status);
	}
	assert_int_equal(kit_import(k, "N1-1", "svc", ""), 403);
	kit_write(k, "PUT", "/v1/users/reactivate", "{'user':[{'uid':47119001}]}");
	assert_int_equal(kit_number(k, "user.0.response_code"), 404);
	kit_write(k, "POST", "/v1/users/import/associations/advisors",
		"{'associations':{'association':[{'student_school_uid':'s1','advisor_school_uid':'svc'}]}}");
	assert_int_equal(kit_number(k, "association.0.response_code"), 403);
	assert_int_equal(kit_write(k, "POST", "/v1/users",
				 "{'school_uid':'n','name_first':'A','name_last':'B','username':'n','role_id':1214}"),
		201);
	assert_int_equal(kit_number(k, "building_id"), KIT_SOUTH);
}

static void scoped_periods_allowed_or_not(void **state)
{
	kit *k = *state;

	kit_sql(k, "UPDATE sgy_user SET scope_building_id = 5171922 WHERE id = 4711902");
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods", NULL), 200);
	kit_option(k, "scoped_periods", "0");
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods", NULL), 403);
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods/436", NULL), 403);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/gradingperiods/436", NULL), 403);
	assert_int_equal(
		kit_write(k, "POST", "/v1/gradingperiods", "{'title':'x','start':'2026-10-01','end':'2026-10-29'}"),
		403);
	kit_sql(k, "UPDATE sgy_user SET scope_building_id = NULL WHERE id = 4711902");
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods", NULL), 200);
}

static void a_building_is_edited_and_deleted(void **state)
{
	kit *k = *state;

	kit_student(k, "s1");
	assert_int_equal(kit_write(k, "PUT", "/v1/schools/5171921", "{'title':'North High','phone':'5550100'}"), 204);
	assert_int_equal(kit_ask(k, "GET", "/v1/schools/5171921", NULL), 200);
	assert_string_equal(kit_text(k, "title"), "North High");
	assert_string_equal(kit_text(k, "id"), "5171921");
	assert_int_equal(kit_write(k, "PUT", "/v1/schools/5171921", "{'title':''}"), 400);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/schools/5171922", NULL), 204);
	assert_int_equal(kit_ask(k, "GET", "/v1/schools/5171922", NULL), 404);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/schools/2908525646", NULL), 404);
	assert_int_equal(kit_ask(k, "GET", "/v1/schools/5171921/buildings", NULL), 404);
}

static void building_delete_refused_or_moved(void **state)
{
	kit *k = *state;

	kit_student(k, "s1");
	kit_section(k, "N1-1", 436);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/schools/5171921", NULL), 400);
	kit_option(k, "building_delete", "move");
	assert_int_equal(kit_ask(k, "DELETE", "/v1/schools/5171921", NULL), 204);
	assert_int_equal(kit_int(k, "SELECT building_id FROM sgy_user WHERE school_uid = 's1'"), KIT_SCHOOL);
	assert_int_equal(kit_int(k, "SELECT building_id FROM sgy_course"), KIT_SCHOOL);
}

static void small_lists_whole_or_paged(void **state)
{
	kit *k = *state;
	static const char buildings[] = "/v1/schools/2908525646/buildings?limit=1";

	assert_int_equal(kit_ask(k, "GET", buildings, NULL), 200);
	assert_int_equal(json_array_size(kit_get(k, "building")), 2);
	assert_null(json_object_get(k->json, "total"));
	kit_option(k, "small_lists_paged", "1");
	assert_int_equal(kit_ask(k, "GET", buildings, NULL), 200);
	assert_int_equal(json_array_size(kit_get(k, "building")), 1);
	assert_string_equal(kit_text(k, "total"), "2");
	assert_non_null(strstr(kit_text(k, "links.next"), "buildings?start=1&limit=1"));
	assert_int_equal(kit_ask(k, "GET", "/v1/roles?start=2&limit=2", NULL), 200);
	assert_string_equal(kit_text(k, "role.0.title"), "Student");
	assert_null(json_object_get(kit_get(k, "links"), "next"));
}

static void roles_have_overrides_in_a_second_list(void **state)
{
	kit *k = *state;

	kit_sql(k, "INSERT INTO sgy_role VALUES (1300, 'North Teacher', 1, 2)");
	assert_int_equal(kit_ask(k, "GET", "/v1/roles", NULL), 200);
	assert_int_equal(json_array_size(kit_get(k, "role")), 3);
	assert_string_equal(kit_text(k, "building_role.0.id"), "1300");
	assert_int_equal(kit_number(k, "building_role.0.role_type"), 2);
	assert_string_equal(kit_text(k, "role.0.links.self"), "http://127.0.0.1:8902/v1/roles/1212");
	assert_int_equal(kit_ask(k, "GET", "/v1/roles/1300", NULL), 200);
	assert_int_equal(kit_ask(k, "GET", "/v1/roles/9", NULL), 404);
}

static void the_export_has_every_column(void **state)
{
	kit *k = *state;

	kit_student(k, "s1");
	kit_write(k, "PUT", "/v1/users/47119000", "{'bio':'a, \\\"b\\\"','birthday_date':'2010-02-03'}");
	assert_int_equal(kit_ask(k, "GET", "/v1/csvexport/users", NULL), 200);
	assert_string_equal(kit_header(k, "Content-Type"), "text/csv; charset=UTF-8");
	assert_true(kit_has(k, "uid,school_uid,building_nid,name_title,name_first,name_first_preferred,name_middle,"
			       "name_last,role_name,name,mail,position,grad_year,birthday,gender,bio,"));
	assert_true(kit_has(k, "47119000,s1,5171921,,Ann,,,O/Hara,Student,us1,,,,2010-02-03,,\"a, \"\"b\"\"\","));
	assert_int_equal(kit_ask(k, "GET", "/v1/csvexport/users?fields=uid%2Cschool_uid", NULL), 200);
	assert_true(kit_has(k, "uid,school_uid\n4711902,svc\n47119000,s1\n"));
}

static void web_session_there_or_not(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "GET", "/v1/app-user-info", NULL), 200);
	assert_int_equal(kit_number(k, "api_uid"), KIT_ADMIN);
	assert_int_equal(kit_number(k, "web_session_timestamp"), KIT_NOW_MS / 1000);
	kit_option(k, "web_session", "0");
	assert_int_equal(kit_ask(k, "GET", "/v1/app-user-info", NULL), 403);
}

static void school_uid_singular_known_or_not(void **state)
{
	kit *k = *state;

	kit_student(k, "s1");
	kit_ask(k, "GET", "/v1/users?school_uid=s1", NULL);
	assert_string_equal(kit_text(k, "total"), "1");
	kit_option(k, "school_uid_filter", "0");
	kit_ask(k, "GET", "/v1/users?school_uid=s1", NULL);
	assert_string_equal(kit_text(k, "total"), "2");
}

static void uid_case_counts_or_not(void **state)
{
	kit *k = *state;
	static const char body[] = "{'user':[{'school_uid':'S1','name_first':'A','name_last':'B','username':'z',"
				   "'role_id':1214}]}";

	kit_student(k, "s1");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/ext/S1", NULL), 404);
	kit_ask(k, "GET", "/v1/users?school_uids=S1", NULL);
	assert_string_equal(kit_text(k, "total"), "0");
	kit_option(k, "uid_case", "fold");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/ext/S1", NULL), 303);
	kit_ask(k, "GET", "/v1/users?school_uids=S1", NULL);
	assert_string_equal(kit_text(k, "total"), "1");
	kit_write(k, "POST", "/v1/users", body);
	assert_int_equal(kit_number(k, "user.0.response_code"), 400);
	kit_option(k, "uid_case", "exact");
	kit_write(k, "POST", "/v1/users", body);
	assert_int_equal(kit_number(k, "user.0.response_code"), 200);
}

static void unknown_ext_ids_answer_the_chosen_status(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "GET", "/v1/users/ext/none", NULL), 404);
	kit_option(k, "ext_missing_code", "400");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/ext/none", NULL), 400);
	assert_int_equal(kit_ask(k, "GET", "/v1/sections/ext/none", NULL), 400);
}

static void ext_ids_may_be_mail_addresses(void **state)
{
	kit *k = *state;

	kit_sql(k, "UPDATE sgy_user SET school_uid = 'a+b@district.invalid'");
	assert_int_equal(kit_ask(k, "GET", "/v1/users/ext/a%2Bb%40district.invalid", NULL), 303);
}

static void duplicates_in_a_batch_update_or_fail(void **state)
{
	kit *k = *state;
	static const char twice[] =
		"{'user':[{'school_uid':'d%d','name_first':'A','name_last':'B','username':'d%d','role_id':1214},"
		"{'school_uid':'d%d','name_first':'C','name_last':'B','username':'d%d','role_id':1214}]}";
	char body[512];

	for (int i = 0; i < 2; i++) {
		snprintf(body, sizeof(body), twice, i, i, i, i);
		kit_option(k, "batch_duplicate", i ? "error" : "update");
		assert_int_equal(kit_write(k, "POST", "/v1/users?update_existing=1", body), 207);
		assert_int_equal(kit_number(k, "user.0.response_code"), 200);
		assert_int_equal(kit_number(k, "user.1.response_code"), i ? 400 : 200);
	}
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_user WHERE name_first = 'C'"), 1);
}

static void inactive_match_three_ways(void **state)
{
	kit *k = *state;
	static const char again[] =
		"{'user':[{'school_uid':'s1','name_first':'New','name_last':'B','username':'n','role_id':1214}]}";
	static const struct {
		const char *value;
		int code, users;
	} rows[] = { { "error", 400, 2 }, { "reactivate", 200, 2 }, { "duplicate", 200, 3 } };

	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		kit_close(k);
		kit_open(k, NULL);
		kit_student(k, "s1");
		kit_ask(k, "DELETE", "/v1/users/47119000?email_notification=0", NULL);
		kit_option(k, "inactive_match", rows[i].value);
		kit_write(k, "POST", "/v1/users?update_existing=1", again);
		assert_int_equal(kit_number(k, "user.0.response_code"), rows[i].code);
		assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_user"), rows[i].users);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_user_is_made_and_answered_whole),
		TEST(post_body_object_or_empty),
		TEST(extended_shows_the_profile),
		TEST(access_codes_are_for_students),
		TEST(parents_are_associated_and_taken_off),
		TEST(advisors_are_associated),
		TEST(relatives_come_inside_a_user_too),
		TEST(each_delete_option_has_its_effect),
		TEST(kept_memberships_come_back_by_reenroll),
		TEST(inactive_members_hidden_or_listed),
		TEST(reactivating_names_each_failure),
		TEST(a_lesser_administrator_stays_in_his_building),
		TEST(scoped_periods_allowed_or_not),
		TEST(a_building_is_edited_and_deleted),
		TEST(building_delete_refused_or_moved),
		TEST(small_lists_whole_or_paged),
		TEST(roles_have_overrides_in_a_second_list),
		TEST(the_export_has_every_column),
		TEST(web_session_there_or_not),
		TEST(school_uid_singular_known_or_not),
		TEST(uid_case_counts_or_not),
		TEST(unknown_ext_ids_answer_the_chosen_status),
		TEST(ext_ids_may_be_mail_addresses),
		TEST(duplicates_in_a_batch_update_or_fail),
		TEST(inactive_match_three_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
