/* Courses and sections of the Schoology stand-in, call by call. */
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

/* The server's day alone moves: the client's timestamps must not go backwards. */
static void set_day(kit *k, const char *day, int hour)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "SELECT CAST(strftime('%%s', '%s') AS INTEGER)", day);
	k->wall_ms = (kit_int(k, sql) + hour * 3600) * 1000;
	k->timestamp = KIT_NOW_MS / 1000;
}

/* --- courses --- */

static void a_course_by_itself(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_write(k, "POST", "/v1/courses",
				 "{'title':'Art','course_code':'N2','credits':0.5,'grade_level_range_start':'12',"
				 "'grade_level_range_end':14,'subject_area':9}"),
		201);
	assert_int_equal(kit_number(k, "id"), 310204000);
	assert_string_equal(kit_text(k, "building_id"), "2908525646");
	assert_string_equal(kit_text(k, "links.self"), "http://127.0.0.1:8902/v1/courses/310204000");
	assert_true(json_number_value(kit_get(k, "credits")) == 0.5);
	assert_int_equal(kit_write(k, "POST", "/v1/courses", "{'title':'Art','course_code':'N2'}"), 400);
	assert_int_equal(
		kit_write(k, "POST", "/v1/courses",
			"{'title':'A','course_code':'N3','grade_level_range_start':5,'grade_level_range_end':5}"),
		400);
	assert_int_equal(kit_write(k, "PUT", "/v1/courses/310204000", "{'title':'Fine art'}"), 204);
	assert_int_equal(
		kit_write(k, "PUT", "/v1/courses",
			"{'courses':{'course':[{'id':'310204000','title':'T','course_code':'C'},{'id':'1'}]}}"),
		207);
	assert_string_equal(kit_text(k, "course.0.course_code"), "C");
	assert_int_equal(kit_number(k, "course.1.response_code"), 404);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/courses/310204000", NULL), 204);
	assert_int_equal(kit_ask(k, "GET", "/v1/courses/310204000", NULL), 404);
}

static void a_course_with_sections_is_not_deleted(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/courses?course_ids=310204000%2C7", NULL), 207);
	assert_int_equal(kit_number(k, "course.0.response_code"), 400);
	assert_int_equal(kit_number(k, "course.1.response_code"), 404);
	assert_int_equal(
		kit_ask(k, "DELETE", kit_url(k, "/v1/sections?section_ids=%lld%%2C7", kit_section_id(k, "c1")), NULL),
		207);
	assert_int_equal(kit_number(k, "section.0.response_code"), 200);
	assert_int_equal(kit_number(k, "section.1.response_code"), 404);
	assert_int_equal(kit_ask(k, "DELETE", "/v1/courses?course_ids=310204000", NULL), 207);
	assert_int_equal(kit_number(k, "course.0.response_code"), 200);
}

static void district_names_are_fetched_on_demand(void **state)
{
	kit *k = *state;

	assert_int_equal(
		kit_write(k, "POST", "/v1/courses", "{'title':'A','course_code':'N2','district_course_name':'ART 1'}"),
		201);
	kit_ask(k, "GET", "/v1/courses", NULL);
	assert_null(json_object_get(kit_get(k, "course.0"), "district_course_name"));
	kit_ask(k, "GET", "/v1/courses?fetch_district_course_name=1", NULL);
	assert_string_equal(kit_text(k, "course.0.district_course_name"), "ART 1");
}

static void nested_sections_limited_or_not(void **state)
{
	kit *k = *state;
	static const char body[] = "{'courses':{'course':[{'title':'A','course_code':'N%d','sections':{'section':["
				   "{'title':'A','section_school_code':'a%d','grading_periods':[436]},"
				   "{'title':'B','section_school_code':'b%d','grading_periods':[436]}]}}]}}";
	char text[512];

	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), body, i, i, i);
		kit_option(k, "nested_sections_max", i ? "1" : "0");
		assert_int_equal(kit_write(k, "POST", "/v1/courses", text), 207);
		assert_int_equal(kit_number(k, "course.0.sections.section.0.response_code"), 200);
		assert_int_equal(kit_number(k, "course.0.sections.section.1.response_code"), i ? 400 : 200);
	}
}

/* --- sections --- */

static void a_section_by_itself_has_nulls_and_blanks(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	assert_int_equal(kit_write(k, "POST", "/v1/courses/310204000/sections",
				 "{'title':'New','section_school_code':'c2','grading_periods':['436']}"),
		201);
	assert_string_equal(kit_text(k, "section_title"), "New");
	assert_true(json_is_null(kit_get(k, "synced")));
	assert_int_equal(kit_number(k, "active"), 1);
	assert_int_equal(strlen(kit_text(k, "access_code")), 14);
	assert_true(json_is_null(kit_get(k, "options.member_post")));
	assert_int_equal(json_array_size(kit_get(k, "options.content_index_visibility")), 0);
	assert_string_equal(kit_text(k, "links.self"),
		kit_url(k, "http://127.0.0.1:8902/v1/sections/%lld", kit_section_id(k, "c2")));
	assert_int_equal(kit_write(k, "POST", "/v1/courses/310204000/sections",
				 "{'title':'New','section_school_code':'c2','grading_periods':[436]}"),
		400);
	assert_int_equal(kit_write(k, "POST", "/v1/courses/9/sections", "{'title':'x'}"), 404);
	assert_int_equal(
		kit_write(k, "POST", "/v1/courses/310204000/sections", "{'title':'x','section_school_code':'c3'}"),
		400);
	assert_string_equal(kit_body(k), "grading_periods is required.");
}

static void options_and_meeting_days_in_their_odd_shapes(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	long long id = kit_section_id(k, "c1");
	kit_ask(k, "GET", kit_url(k, "/v1/sections/%lld", id), NULL);
	assert_true(kit_has(k, "\"meeting_days\":[\"\"]"));
	assert_true(kit_has(k, "\"class_periods\":[\"\"]"));
	assert_string_equal(kit_text(k, "options.member_post"), "0");
	assert_string_equal(kit_text(k, "options.course_format"), "1");
	assert_int_equal(kit_number(k, "options.content_index_visibility.topics"), 1);
	assert_int_equal(kit_write(k, "PUT", kit_url(k, "/v1/sections/%lld", id),
				 "{'meeting_days':[1,'3'],'options':{'member_post':1},'start_time':'09:00'}"),
		204);
	kit_ask(k, "GET", kit_url(k, "/v1/courses/310204000/sections"), NULL);
	assert_string_equal(kit_text(k, "section.0.meeting_days.1"), "3");
	assert_string_equal(kit_text(k, "section.0.options.member_post"), "1");
	assert_int_equal(kit_write(k, "PUT", kit_url(k, "/v1/sections/%lld", id), "{'meeting_days':['']}"), 204);
	kit_ask(k, "GET", kit_url(k, "/v1/sections/%lld", id), NULL);
	assert_string_equal(kit_text(k, "meeting_days.0"), "");
	assert_int_equal(kit_write(k, "PUT", kit_url(k, "/v1/sections/%lld", id), "{'meeting_days':['Monday']}"), 400);
}

static void a_period_view_of_its_own(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	kit_ask(k, "GET", kit_url(k, "/v1/sections/%lld/grading_periods", kit_section_id(k, "c1")), NULL);
	assert_int_equal(kit_number(k, "grading_period.0.id"), 436);
	assert_string_equal(kit_text(k, "grading_period.0.start"), "2026-08-20 00:00:00");
	assert_int_equal(kit_ask(k, "GET", "/v1/sections/1/grading_periods", NULL), 404);
}

static void sections_of_a_user(void **state)
{
	kit *k = *state;

	kit_student(k, "s1");
	kit_section(k, "c1", 436);
	kit_section(k, "old", 435);
	kit_import(k, "c1", "s1", "");
	kit_import(k, "old", "s1", "");
	kit_ask(k, "GET", "/v1/users/47119000/sections", NULL);
	assert_string_equal(kit_text(k, "total"), "1");
	assert_string_equal(kit_text(k, "section.0.section_school_code"), "c1");
	kit_ask(k, "GET", "/v1/users/47119000/sections?include_past=1", NULL);
	assert_string_equal(kit_text(k, "total"), "2");
}

static void copies_are_refused_and_make_nothing(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	assert_int_equal(
		kit_write(k, "POST", "/v1/sections/copy?enroll_user=1",
			"{'sections':{'section':[{'source_section_school_code':'c1','title':'x','section_school_code':"
			"'c2','course_code':'N1','grading_periods':[436]}]}}"),
		501);
	assert_string_equal(kit_body(k), "This sandbox keeps no course content and copies no sections.");
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_section"), 1);
}

static void section_ext_redirects_or_answers(void **state)
{
	kit *k = *state;

	kit_section(k, "a/b", 436);
	assert_int_equal(kit_ask(k, "GET", "/v1/sections/ext/a%2Fb", NULL), 303);
	assert_string_equal(kit_header(k, "Location"),
		kit_url(k, "http://127.0.0.1:8902/v1/sections/%lld", kit_section_id(k, "a/b")));
	kit_option(k, "section_ext", "object");
	assert_int_equal(kit_ask(k, "GET", "/v1/sections/ext/a%2Fb", NULL), 200);
	assert_string_equal(kit_text(k, "section_school_code"), "a/b");
}

static void sections_match_by_section_code_and_period(void **state)
{
	kit *k = *state;
	static const char body[] =
		"{'sections':{'section':[{'title':'%s','section_code':'9','grading_periods':[%d]}]}}";
	char text[256];

	kit_section(k, "c1", 436);
	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), body, i == 1 ? "Second" : "First", i == 2 ? 435 : 436);
		assert_int_equal(kit_write(k, "POST", "/v1/courses/310204000/sections?update_existing=1", text), 207);
		assert_int_equal(kit_number(k, "section.0.response_code"), 200);
	}
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_section WHERE section_code = '9'"), 2);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_section WHERE title = 'Second'"), 1);
	assert_int_equal(kit_write(k, "POST", "/v1/courses/310204000/sections", text), 207);
	assert_int_equal(kit_number(k, "section.0.response_code"), 400);
}

static int64_t post_again(kit *k, const char *code, int period)
{
	char text[256];

	snprintf(text, sizeof(text),
		"{'sections':{'section':[{'title':'Again','section_school_code':'%s','grading_periods':[%d]}]}}", code,
		period);
	assert_int_equal(kit_write(k, "POST", "/v1/courses/310204000/sections?update_existing=1", text), 207);
	return kit_number(k, "section.0.response_code");
}

static void section_match_both_codes_or_one(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	assert_int_equal(post_again(k, "c1", 436), 200);
	kit_option(k, "section_match", "section_code");
	assert_int_equal(post_again(k, "c1", 436), 400);
	kit_section(k, "c1", 436);
}

static void reused_code_moves_or_is_refused(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 435);
	kit_option(k, "reused_code", "refuse");
	assert_int_equal(post_again(k, "c1", 436), 400);
	assert_int_equal(post_again(k, "c1", 435), 200);
	kit_option(k, "reused_code", "move");
	assert_int_equal(post_again(k, "c1", 436), 200);
	assert_int_equal(kit_int(k, "SELECT period_id FROM sgy_section_period"), 436);
}

static void zero_period_shown_or_not(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	kit_ask(k, "GET", "/v1/courses/310204000/sections", NULL);
	assert_int_equal(json_array_size(kit_get(k, "section.0.grading_periods")), 1);
	kit_option(k, "zero_period", "1");
	kit_ask(k, "GET", "/v1/courses/310204000/sections", NULL);
	assert_int_equal(kit_number(k, "section.0.grading_periods.1"), 0);
}

static int current(kit *k)
{
	assert_int_equal(kit_ask(k, "GET", "/v1/courses/310204000/sections", NULL), 200);
	return atoi(kit_text(k, "total"));
}

/* 435 ends on 2026-06-05. */
static void archiving_waits_as_many_hours_as_chosen(void **state)
{
	kit *k = *state;
	static const struct {
		const char *hours, *day;
		int hour, listed;
	} rows[] = {
		{ "0", "2026-06-05", 23, 1 },
		{ "0", "2026-06-06", 0, 0 },
		{ "24", "2026-06-06", 23, 1 },
		{ "24", "2026-06-07", 0, 0 },
		{ "30", "2026-06-07", 5, 1 },
		{ "30", "2026-06-07", 6, 0 },
	};

	kit_section(k, "c1", 435);
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		kit_close(k);
		kit_open(k, NULL);
		kit_section(k, "c1", 435);
		kit_option(k, "archive_after_h", rows[i].hours);
		set_day(k, rows[i].day, rows[i].hour);
		assert_int_equal(current(k), rows[i].listed);
		kit_ask(k, "GET", kit_url(k, "/v1/sections/%lld", kit_section_id(k, "c1")), NULL);
		assert_int_equal(kit_number(k, "active"), rows[i].listed);
	}
}

static void midnight_lies_where_the_organisation_is(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 435);
	set_day(k, "2026-06-06", 2);
	assert_int_equal(current(k), 0);
	kit_option(k, "utc_offset_min", "-240");
	assert_int_equal(current(k), 1);
}

static void a_later_end_brings_a_section_back(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 435);
	assert_int_equal(current(k), 0);
	assert_int_equal(kit_write(k, "PUT", "/v1/gradingperiods/435", "{'end':'2026-12-31'}"), 204);
	assert_int_equal(current(k), 1);
}

static void a_section_stays_in_its_course(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 436);
	assert_int_equal(kit_write(k, "POST", "/v1/courses", "{'title':'Art','course_code':'N2'}"), 201);
	const char *url = kit_url(k, "/v1/sections/%lld", kit_section_id(k, "c1"));
	assert_int_equal(kit_write(k, "PUT", url, "{'course_id':'310204001','course_code':'N2','title':'x'}"), 204);
	assert_int_equal(kit_ask(k, "GET", url, NULL), 200);
	assert_string_equal(kit_text(k, "course_id"), "310204000");
	assert_string_equal(kit_text(k, "school_id"), "2908525646");
	assert_int_equal(kit_write(k, "PUT", url, "{'grading_periods':['']}"), 204);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_section_period"), 0);
}

static void periods_and_buildings_come_one_at_a_time(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_write(k, "POST", "/v1/gradingperiods",
				 "{'gradingperiods':[{'title':'x','start':'2026-10-01','end':'2026-10-29'}]}"),
		400);
	assert_int_equal(kit_write(k, "PUT", "/v1/gradingperiods", "{'gradingperiods':[]}"), 405);
	assert_int_equal(kit_write(k, "POST", "/v1/schools/2908525646/buildings", "{'building':[{'title':'x'}]}"), 400);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_period"), 3);
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_building"), 2);
}

static void past_put_accepted_or_refused(void **state)
{
	kit *k = *state;

	kit_section(k, "c1", 435);
	const char *url = kit_url(k, "/v1/sections/%lld", kit_section_id(k, "c1"));
	assert_int_equal(kit_write(k, "PUT", url, "{'title':'x'}"), 204);
	kit_option(k, "past_put_refused", "1");
	assert_int_equal(kit_write(k, "PUT", url, "{'title':'y'}"), 400);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_course_by_itself),
		TEST(a_course_with_sections_is_not_deleted),
		TEST(district_names_are_fetched_on_demand),
		TEST(nested_sections_limited_or_not),
		TEST(a_section_by_itself_has_nulls_and_blanks),
		TEST(options_and_meeting_days_in_their_odd_shapes),
		TEST(a_period_view_of_its_own),
		TEST(sections_of_a_user),
		TEST(copies_are_refused_and_make_nothing),
		TEST(section_ext_redirects_or_answers),
		TEST(sections_match_by_section_code_and_period),
		TEST(section_match_both_codes_or_one),
		TEST(reused_code_moves_or_is_refused),
		TEST(zero_period_shown_or_not),
		TEST(archiving_waits_as_many_hours_as_chosen),
		TEST(midnight_lies_where_the_organisation_is),
		TEST(a_later_end_brings_a_section_back),
		TEST(a_section_stays_in_its_course),
		TEST(periods_and_buildings_come_one_at_a_time),
		TEST(past_put_accepted_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
