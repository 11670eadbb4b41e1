/* Members of sections in the Schoology stand-in: the four ways in, the ways out, what is seen between. */
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

static void members_in_all_four_ways(void **state)
{
	kit *k = *state;
	char body[512];

	for (int i = 0; i < 5; i++)
		kit_student(k, kit_url(k, "s%d", i));
	kit_section(k, "c1", 436);
	long long id = kit_section_id(k, "c1");
	kit_sql(k, "UPDATE sgy_section SET section_code = '9'");
	assert_int_equal(kit_write(k, "POST", kit_url(k, "/v1/section/%lld/enrollments", id),
				 "{'uid':'47119000','admin':'0','status':'1'}"),
		201);
	assert_int_equal(kit_number(k, "status"), 1);
	assert_string_equal(kit_text(k, "links.self"),
		kit_url(k, "http://127.0.0.1:8902/v1/sections/%lld/enrollments/5430250000", id));
	assert_int_equal(
		kit_write(k, "POST", kit_url(k, "/v1/sections/%lld/enrollments", id),
			"{'enrollments':{'enrollment':[{'uid':47119001,'admin':1},{'uid':47119000},{'uid':5}]}}"),
		207);
	assert_int_equal(kit_number(k, "enrollments.enrollment.0.uid"), 47119001);
	assert_int_equal(kit_number(k, "enrollments.enrollment.1.response_code"), 400);
	assert_int_equal(kit_number(k, "enrollments.enrollment.2.response_code"), 404);
	snprintf(body, sizeof(body),
		"{'enrollments':{'enrollment':[{'realm':'section','section_id':%lld,'uid':47119002,'admin':0,'status':"
		"3},"
		"{'realm':'section','section_id':%lld,'uid':47119000},{'realm':'group','group_id':7,'uid':47119002},"
		"{'realm':'planet','uid':1}]}}",
		id, id);
	assert_int_equal(kit_write(k, "POST", "/v1/enrollments?update_existing=1", body), 207);
	assert_string_equal(kit_text(k, "enrollments.enrollment.0.realm"), "section");
	assert_string_equal(kit_text(k, "enrollments.enrollment.0.realm_id"), kit_url(k, "%lld", id));
	assert_int_equal(kit_number(k, "enrollments.enrollment.1.response_code"), 200);
	assert_int_equal(kit_number(k, "enrollments.enrollment.2.response_code"), 404);
	assert_int_equal(kit_number(k, "enrollments.enrollment.3.response_code"), 400);
	assert_int_equal(kit_import(k, "c1", "s3", ""), 200);
	assert_int_equal(
		kit_write(k, "POST", "/v1/enrollments/import/course/435%2C436",
			"{'enrollments':{'enrollment':[{'course_code':'N1','section_code':'9','school_uid':'s4'}]}}"),
		207);
	assert_string_equal(kit_text(k, "enrollments.enrollment.0.section_code"), "9");
	assert_string_equal(kit_text(k, "enrollments.enrollment.0.section_school_code"), "");
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_enrollment"), 5);
	assert_int_equal(kit_int(k, "SELECT status FROM sgy_enrollment WHERE uid = 47119002"), 3);
}

static void an_import_by_period_wants_all_three_to_agree(void **state)
{
	kit *k = *state;
	static const char body[] =
		"{'enrollments':{'enrollment':[{'course_code':'N1','section_code':'9','school_uid':'svc'}]}}";

	kit_section(k, "c1", 436);
	kit_write(k, "POST", "/v1/enrollments/import/course/436", body);
	assert_int_equal(kit_number(k, "enrollments.enrollment.0.response_code"), 404);
	kit_sql(k, "UPDATE sgy_section SET section_code = '9'");
	kit_write(k, "POST", "/v1/enrollments/import/course/435", body);
	assert_int_equal(kit_number(k, "enrollments.enrollment.0.response_code"), 404);
	kit_write(k, "POST", "/v1/enrollments/import/course/436", body);
	assert_int_equal(kit_number(k, "enrollments.enrollment.0.response_code"), 200);
	assert_null(json_object_get(kit_get(k, "enrollments.enrollment.0"), "id"));
	assert_non_null(kit_text(k, "enrollments.enrollment.0.location"));
}

static void one_member_is_read_changed_and_deleted(void **state)
{
	kit *k = *state;

	kit_student(k, "s1");
	kit_section(k, "c1", 436);
	kit_import(k, "c1", "s1", "");
	long long id = kit_section_id(k, "c1");
	assert_int_equal(kit_ask(k, "GET", kit_url(k, "/v1/sections/%lld/enrollments/5430250000", id), NULL), 200);
	assert_string_equal(kit_text(k, "status"), "1");
	assert_string_equal(kit_text(k, "uid"), "47119000");
	assert_string_equal(kit_text(k, "name_title_show"), "0");
	assert_int_equal(
		kit_write(k, "PUT", kit_url(k, "/v1/sections/%lld/enrollments/5430250000", id), "{'status':2}"), 204);
	assert_int_equal(
		kit_write(k, "PUT", kit_url(k, "/v1/sections/%lld/enrollments/5430250000", id), "{'status':6}"), 400);
	assert_int_equal(kit_write(k, "PUT", kit_url(k, "/v1/sections/%lld/enrollments", id),
				 "{'enrollments':{'enrollment':[{'uid':47119000,'status':5}]}}"),
		207);
	assert_int_equal(kit_int(k, "SELECT status FROM sgy_enrollment"), 5);
	assert_int_equal(kit_ask(k, "DELETE", kit_url(k, "/v1/sections/1/enrollments/5430250000"), NULL), 404);
	assert_int_equal(kit_ask(k, "DELETE", kit_url(k, "/v1/sections/%lld/enrollments/5430250000", id), NULL), 204);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/enrollments?enrollment_ids=5430250000", NULL), 207);
	assert_int_equal(kit_number(k, "enrollments.enrollment.0.response_code"), 404);
}

static int count(kit *k, const char *query)
{
	char url[256];

	snprintf(url, sizeof(url), "/v1/sections/%lld/enrollments%s", kit_section_id(k, "c1"), query);
	assert_int_equal(kit_ask(k, "GET", url, NULL), 200);
	return atoi(kit_text(k, "total"));
}

static void member_lists_filter(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	kit_import(k, "c1", "svc", ",'admin':1");
	for (int i = 1; i <= 5; i++) {
		char sql[256];
		kit_student(k, kit_url(k, "s%d", i));
		kit_import(k, "c1", kit_url(k, "s%d", i), "");
		snprintf(sql, sizeof(sql), "UPDATE sgy_enrollment SET status = %d WHERE id = %d + 5430250000", i, i);
		kit_sql(k, sql);
	}
	assert_int_equal(count(k, ""), 6);
	assert_int_equal(count(k, "?enrollment_status=1"), 2);
	assert_int_equal(count(k, "?enrollment_status=3%2C4%2C5&picture_size=sm"), 3);
	assert_int_equal(count(k, "?type=admin"), 1);
	assert_int_equal(count(k, "?type=admin%2Cmember"), 6);
	assert_int_equal(count(k, "?uid=47119000%2C4711902"), 2);
	assert_string_equal(kit_text(k, "enrollment.0.status"), "1");
	assert_int_equal(kit_number(k, "enrollment.0.admin"), 1);
	assert_non_null(strstr(kit_text(k, "enrollment.0.links.self"), "/enrollments/5430250000"));
	kit_option(k, "enrollments_active", "1");
	assert_int_equal(count(k, ""), 2);
	assert_int_equal(count(k, "?enrollment_status=5"), 1);
}

static void past_members_active_or_expired(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 435);
	kit_import(k, "c1", "svc", "");
	assert_int_equal(count(k, "?enrollment_status=1"), 1);
	kit_option(k, "past_members_expire", "1");
	assert_int_equal(count(k, "?enrollment_status=1"), 0);
	assert_int_equal(count(k, "?enrollment_status=2"), 1);
	assert_string_equal(kit_text(k, "enrollment.0.status"), "2");
	kit_section(k, "c1", 436);
	assert_int_equal(count(k, "?enrollment_status=1"), 1);
}

static void past_imports_accepted_or_refused(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 435);
	assert_int_equal(kit_import(k, "c1", "svc", ""), 200);
	kit_option(k, "past_import_refused", "1");
	assert_int_equal(kit_import(k, "c1", "svc", ",'delete':1"), 400);
}

static void deleting_a_nonmember_answers_the_chosen_code(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	assert_int_equal(kit_import(k, "c1", "svc", ",'delete':'1'"), 404);
	kit_option(k, "delete_nonmember_code", "200");
	assert_int_equal(kit_import(k, "c1", "svc", ",'delete':'1'"), 200);
	kit_option(k, "delete_nonmember_code", "400");
	assert_int_equal(kit_import(k, "c1", "svc", ",'delete':'1'"), 400);
}

static void an_archived_member_comes_back_or_stays(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	kit_import(k, "c1", "svc", "");
	kit_sql(k, "UPDATE sgy_enrollment SET status = 5");
	kit_option(k, "readd_keeps_status", "1");
	assert_int_equal(kit_import(k, "c1", "svc", ""), 200);
	assert_int_equal(kit_int(k, "SELECT status FROM sgy_enrollment"), 5);
	kit_option(k, "readd_keeps_status", "0");
	assert_int_equal(kit_import(k, "c1", "svc", ""), 200);
	assert_int_equal(kit_int(k, "SELECT status FROM sgy_enrollment"), 1);
}

static void import_status_ignored_or_honoured(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	kit_import(k, "c1", "svc", ",'status':5");
	assert_int_equal(kit_int(k, "SELECT status FROM sgy_enrollment"), 1);
	kit_option(k, "import_status", "honoured");
	kit_import(k, "c1", "svc", ",'status':5");
	assert_int_equal(kit_int(k, "SELECT status FROM sgy_enrollment"), 5);
}

static void import_deletes_keep_or_destroy_grades(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	for (int destroy = 0; destroy < 2; destroy++) {
		kit_option(k, "import_delete_grades", destroy ? "destroy" : "keep");
		kit_import(k, "c1", "svc", "");
		assert_int_equal(sim_sgy_give_grades(k->world.db, "2026-09-15", 3, NULL), 0);
		assert_int_equal(kit_import(k, "c1", "svc", ",'delete':1"), 200);
		assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_grade"), destroy ? 0 : 1);
		assert_int_equal(kit_counter(k, "grades_destroyed"), destroy ? 3 : 0);
	}
}

static void other_deletions_destroy_grades(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	kit_import(k, "c1", "svc", "");
	assert_int_equal(sim_sgy_give_grades(k->world.db, "2026-08-19", 3, NULL), 0);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_grade"), 0);
	assert_int_equal(sim_sgy_give_grades(k->world.db, "2026-08-20", 3, NULL), 0);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/enrollments?enrollment_ids=5430250000", NULL), 207);
	assert_int_equal(kit_counter(k, "grades_destroyed"), 3);
	kit_import(k, "c1", "svc", "");
	assert_int_equal(sim_sgy_give_grades(k->world.db, "2026-08-20", 4, NULL), 0);
	assert_int_equal(kit_ask(k, "DELETE", kit_url(k, "/v1/sections/%lld", kit_section_id(k, "c1")), NULL), 204);
	assert_int_equal(kit_counter(k, "grades_destroyed"), 7);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_enrollment"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(members_in_all_four_ways),
		TEST(an_import_by_period_wants_all_three_to_agree),
		TEST(one_member_is_read_changed_and_deleted),
		TEST(member_lists_filter),
		TEST(past_members_active_or_expired),
		TEST(past_imports_accepted_or_refused),
		TEST(deleting_a_nonmember_answers_the_chosen_code),
		TEST(an_archived_member_comes_back_or_stays),
		TEST(import_status_ignored_or_honoured),
		TEST(import_deletes_keep_or_destroy_grades),
		TEST(other_deletions_destroy_grades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
