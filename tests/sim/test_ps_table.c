/* The table API: what 400, 403, 404 and 405 tell apart, and what a row looks like. */
#include "test_ps.h"

static const char plugin[] = KIT_PLUGIN("tables", "1.0",
	KIT_OAUTH "<access_request>" KIT_GRANT("TERMS", "DCID") KIT_GRANT("TERMS", "ID") KIT_GRANT("Terms", "SchoolID")
		KIT_GRANT("TERMS", "YEARID") KIT_GRANT("TERMS", "NAME") KIT_GRANT("TERMS", "ISYEARREC")
			KIT_GRANT("TERMS", "FIRSTDAY") KIT_GRANT("STUDENTS", "DCID") KIT_GRANT("STUDENTS", "LAST_NAME")
				KIT_GRANT("STUDENTS", "STUDENT_WEB_ID") KIT_GRANT("CC", "DCID")
					KIT_GRANT("SECTIONTEACHER", "ID") "</access_request>");

static int setup(void **state)
{
	if (kit_setup(state))
		return -1;
	return kit_install(*state, sim_ps_install, plugin, NULL, NULL);
}

#define T "/ws/schema/table/"

static void rows_are_text_by_table(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ NULL, T "terms?projection=dcid,id,schoolid,yearid,isyearrec&q=dcid==2", NULL, 200,
		  "{\"name\":\"terms\",\"record\":{\"id\":2,\"name\":\"terms\",\"tables\":{\"terms\":{\"dcid\":\"2\",\"id\":\"3600\","
		  "\"schoolid\":\"312\",\"yearid\":\"36\",\"isyearrec\":\"1\"}}}}" },
		{ NULL, T "terms?projection=name&q=schoolid==312;yearid==36&pagesize=2", NULL, 200,
		  "{\"name\":\"terms\",\"record\":[{\"id\":2,\"name\":\"terms\",\"tables\":{\"terms\":{\"name\":\"2026-2027\"}}},"
		  "{\"id\":3,\"name\":\"terms\",\"tables\":{\"terms\":{\"name\":\"Semester 1\"}}}]}" },
		{ NULL, T "terms?projection=name&q=dcid==99", NULL, 200, "{\"name\":\"terms\"}" },
		{ NULL, T "TERMS?projection=NAME&q=DCID==5", NULL, 200, "~\"id\":5,\"name\":\"terms\"" },
		{ NULL, T "students?projection=student_web_id&q=dcid==12", NULL, 200,
		  "~\"tables\":{\"students\":{}}" }, /* null */
		{ NULL, T "students/12?projection=student_web_id,last_name", NULL, 200,
		  "{\"id\":12,\"name\":\"students\",\"tables\":{\"students\":{\"last_name\":\"Quote\\\" \\\\ Tab\\t\"}}}" },
		{ NULL, T "terms/3?projection=id,firstday", NULL, 200,
		  "{\"id\":3,\"name\":\"terms\",\"tables\":{\"terms\":{\"id\":\"3601\",\"firstday\":\"2026-08-17\"}}}" },
		{ NULL, T "sectionteacher/61?projection=id", NULL, 200, "~{\"id\":61,\"name\":\"sectionteacher\"" },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void lists_are_filtered_sorted_and_paged(void **state)
{
	static const kit_row rows[] = {
	/* clang-format off */
#define IDS(query, first) { NULL, T "terms?projection=dcid&pagesize=1&" query, NULL, 200, "~\"record\":{\"id\":" first "," }
		IDS("", "1"), IDS("page=2", "2"), IDS("sort=name", "1"), IDS("sort=name&sortdescending=true", "4"),
		IDS("sort=yearid&sortdescending=true", "2"), IDS("sort=dcid&sortdescending=true", "5"),
		IDS("sort=dcid&sortdescending=false", "1"), IDS("q=name==Semester*&page=2", "4"),
		IDS("q=firstday=gt=2026-12-31", "4"), IDS("q=id==(3601,3602);schoolid==312;", "3"),
#undef IDS
		{ NULL, T "terms?projection=dcid&page=9", NULL, 200, "{\"name\":\"terms\"}" },
		{ NULL, T "terms?projection=dcid&page=0", NULL, 400, NULL },
		{ NULL, T "terms?projection=dcid&sort=shoes", NULL, 400, "{\"message\":\"Invalid field specified: shoes is not valid"
		  " column for table: Terms\"}" },
		{ NULL, T "terms?projection=dcid&q=name", NULL, 400, "{\"message\":\"Invalid query\"}" },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void counts_need_rights_to_what_they_filter_by(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ NULL, T "terms/count", NULL, 200, "{\"count\":5}" },
		{ NULL, T "terms/count?q=schoolid==312", NULL, 200, "{\"count\":4}" },
		{ NULL, T "courses/count", NULL, 200, "{\"count\":4}" },
		{ NULL, T "courses/count?q=course_number==ART", NULL, 403,
		  "{\"message\":\"At least one column lacks sufficient permission\",\"errors\":[{\"code\":\"NoAccess\","
		  "\"field\":\"COURSE_NUMBER\",\"resource\":\"Courses\"}]}" },
		{ NULL, T "courses/count?q=shoes==1", NULL, 400, NULL },
		{ NULL, T "shoes/count", NULL, 404, NULL },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void each_refusal_says_what_is_wrong(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ NULL, T "students?projection=foo", NULL, 400,
		  "{\"message\":\"Invalid field specified: foo is not valid column for table: Students\"}" },
		{ NULL, T "students?projection=dcid,foo", NULL, 400, NULL },
		{ NULL, T "students?projection=first_name", NULL, 403,
		  "{\"message\":\"At least one column lacks sufficient permission\",\"errors\":[{\"code\":\"NoAccess\","
		  "\"field\":\"first_name\",\"resource\":\"Students\"}]}" },
		{ NULL, T "students?projection=*", NULL, 403, NULL },
		{ NULL, T "sectionteacher?projection=*", NULL, 403, NULL },
		{ NULL, T "students?projection=dcid&q=schoolid==312", NULL, 403, "~\"field\":\"SCHOOLID\"" },
		{ NULL, T "reenrollments?projection=dcid", NULL, 403, NULL }, { NULL, T "gen?projection=cat", NULL, 403, NULL },
		{ NULL, T "cycle_day?projection=dcid", NULL, 403, NULL },
		{ NULL, T "cycle_day?projection=name", NULL, 400, NULL },
		{ NULL, T "reenrollments?projection=yearid", NULL, 400, NULL },
		{ NULL, T "students?projection=student_email", NULL, 400, NULL },
		{ NULL, T "terms?projection=dcid&q=yearid==x", NULL, 400,
		  "{\"message\":\"Invalid number 'x' passed for comparison to number field Terms.yearid\"}" },
		{ NULL, T "terms?projection=dcid&q=firstday==soon", NULL, 400,
		  "{\"message\":\"Invalid date 'soon' passed for comparison to date field Terms.firstday\"}" },
		{ NULL, T "cc?projection=dcid&q=log==x", NULL, 400,
		  "{\"message\":\"Invalid value 'x' passed for comparison to LOB field Cc.log\"}" },
		{ NULL, T "students", NULL, 400, NULL },
		{ NULL, T "shoes?projection=dcid", NULL, 404, "{\"message\":\"The requested table does not exist\"}" },
		{ NULL, T "sgy_user?projection=id", NULL, 404, NULL }, { NULL, T "sim_ps_state?projection=key", NULL, 404, NULL },
		{ NULL, T "terms/99?projection=dcid", NULL, 404, "{\"message\":\"The requested record does not exist\"}" },
		{ NULL, T "terms/x?projection=dcid", NULL, 404, NULL },
		{ NULL, T "teachers?projection=dcid", NULL, 405, NULL }, { NULL, T "teachers/31?projection=dcid", NULL, 405, NULL },
		{ "POST", T "terms", "{}", 404, NULL },
		/* clang-format on */
	};
	kit *k = *state;

	kit_rows(k, rows, SR_COUNT_OF(rows));
	assert_int_equal(kit_send(k, "GET", T "terms?projection=dcid", NULL, NULL), 401);
	/* v1's level means nothing here. */
	assert_int_equal(sim_ps_plugin_access(k->ps, "", "NONE", NULL), 0);
	json_decref(kit_call(k, "GET", T "terms?projection=dcid", NULL, 200));
}

static void the_schema_can_be_asked(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ NULL, "/ws/schema/table", NULL, 200, "~{\"name\":\"students\"}" },
		{ NULL, "/ws/schema/table", NULL, 200, "!sgy_" }, { NULL, "/ws/schema/table", NULL, 200, "!sim_" },
		{ NULL, T "terms/metadata", NULL, 200, "~{\"name\":\"terms\",\"columns\":[{\"name\":\"dcid\",\"type\":\"Number\"}" },
		{ NULL, T "terms/metadata?expansions=access", NULL, 200,
		  "~{\"name\":\"yearid\",\"type\":\"Number\",\"access\":\"ViewOnly\"}" },
		{ NULL, T "terms/metadata?expansions=access", NULL, 200,
		  "~{\"name\":\"portion\",\"type\":\"Number\",\"access\":\"NoAccess\"}" },
		{ NULL, T "shoes/metadata", NULL, 404, NULL },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void stars_show_every_column_that_is_granted(void **state)
{
	static const char all[] = KIT_PLUGIN("tables", "1.1",
		"<access_request>" KIT_GRANT("ROLEDEF", "ID") KIT_GRANT("ROLEDEF", "ROLEMODULEID")
			KIT_GRANT("ROLEDEF", "NAME") KIT_GRANT("ROLEDEF", "ROLEKEY") KIT_GRANT("ROLEDEF", "ISENABLED")
				KIT_GRANT("ROLEDEF", "ISVISIBLE") KIT_GRANT("ROLEDEF", "ISLOCKED")
					KIT_GRANT("ROLEDEF", "SORTORDER") "</access_request>");
	static const kit_row row = { NULL, T "roledef?projection=*&q=id==3", NULL, 200,
		"{\"name\":\"roledef\",\"record\":{\"id\":3,\"name\":\"roledef\",\"tables\":{\"roledef\":{\"id\":\"3\","
		"\"rolemoduleid\":\"1\",\"name\":\"Other "
		"module\",\"rolekey\":\"other\",\"isenabled\":\"1\",\"isvisible\":\"1\","
		"\"islocked\":\"0\",\"sortorder\":\"0\"}}}}" };

	assert_int_equal(kit_install(*state, sim_ps_install, all, NULL, NULL), 0);
	kit_rows(*state, &row, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, kit_teardown)
	const struct CMUnitTest tests[] = {
		TEST(rows_are_text_by_table),
		TEST(lists_are_filtered_sorted_and_paged),
		TEST(counts_need_rights_to_what_they_filter_by),
		TEST(each_refusal_says_what_is_wrong),
		TEST(the_schema_can_be_asked),
		TEST(stars_show_every_column_that_is_granted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
