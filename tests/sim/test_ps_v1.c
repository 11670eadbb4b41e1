/* v1 as a roster client meets it: lists, counts, single objects, q, expansions, years, quirks, XML. */
#include "test_ps.h"

/* What kit_district lacks: text that looks like a number, lists of one, containers, next year. */
static const char more[] =
	"update students set state_studentnumber = '00731', gender = 'F', dob = '2012-03-04', home_room = 'B4',"
	" next_school = 300, sched_nextyeargrade = 9 where dcid = 11;"
	"update students set student_web_id = '012345', enroll_status = 2 where dcid = 14;"
	"update students set student_number = 'A.12', enroll_status = -1 where dcid = 13;"
	"insert into studentcorefields(studentsdcid, pscore_legal_first_name, graduation_year) values(11, 'Anna', "
	"'2031');"
	"update users set loginid = 'lea', teacherloginid = 'lea.t' where dcid = 501;"
	"insert into schoolstaff(dcid, id, users_dcid, schoolid, status, staffstatus) values(36, 736, 504, 0, 1, 2);"
	"update sections set expression = '2(A)', external_expression = 'P2(A)', gradebooktype = 2 where dcid = 401;"
	"insert into terms(dcid, id, schoolid, yearid, isyearrec, portion, name, firstday, lastday) values"
	" (50, 3700, 312, 37, 1, 1, 'Next', '2027-08-16', '2028-06-02');"
	"insert into sections(dcid, id, course_number, section_number, schoolid, termid, teacher) values"
	" (404, 44, 'ALG1', '2', 312, 3700, 731), (405, 45, 'ALG1', '01', 312, 3601, 731);";

static int setup(void **state)
{
	if (kit_setup(state))
		return -1;
	kit_sql(*state, more);
	return 0;
}

#define ANN                                                                                          \
	"{\"id\":11,\"local_id\":204881,\"state_province_id\":731,\"student_username\":\"s204881\"," \
	"\"name\":{\"first_name\":\"Ann\",\"last_name\":\"O'Neil\"}"
#define STUDENT_HEAD                                                                                            \
	"{\"students\":{\"@expansions\":\"demographics, addresses, alerts, phones, school_enrollment,"          \
	" ethnicity_race, contact, contact_info, initial_enrollment, schedule_setup, fees, lunch, counselors, " \
	"global_id\","                                                                                          \
	"\"@extensions\":\"studentcorefields\""

static void lists_have_counts_and_single_objects(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ NULL, "/ws/v1/school/6/student/count", NULL, 200, "{\"resource\":{\"count\":2}}" },
		{ NULL, "/ws/v1/district/student/count", NULL, 200, "{\"resource\":{\"count\":4}}" },
		{ NULL, "/ws/v1/school/6/staff/count", NULL, 200, "{\"resource\":{\"count\":2}}" },
		{ NULL, "/ws/v1/school/6/course/count", NULL, 200, "{\"resource\":{\"count\":4}}" },
		{ NULL, "/ws/v1/school/6/section/count", NULL, 200, "{\"resource\":{\"count\":3}}" },
		{ NULL, "/ws/v1/section/401/section_enrollment/count", NULL, 200, "{\"resource\":{\"count\":2}}" },
		{ NULL, "/ws/v1/student/11", NULL, 200, "~\"@extensions\":\"studentcorefields\"," "\"id\":11,\"local_id\":204881" },
		{ NULL, "/ws/v1/staff/31", NULL, 200, "{\"staff\":{\"@expansions\":\"addresses, emails, phones,"
		  " school_affiliations\",\"id\":31,\"local_id\":\"T1\",\"admin_username\":\"lea\","
		  "\"teacher_username\":\"lea.t\",\"users_dcid\":501,\"name\":{\"first_name\":\"Lea\",\"last_name\":\"Der\"}}}" },
		{ NULL, "/ws/v1/course/901", NULL, 200,
		  "{\"course\":{\"id\":901,\"course_number\":\"ALG1\",\"course_name\":\"Algebra 1\"}}" },
		{ NULL, "/ws/v1/section/401", NULL, 200, "{\"section\":{\"@expansions\":\"term\",\"id\":401,\"school_id\":6,"
		  "\"course_id\":902,\"term_id\":2,\"section_number\":1,\"expression\":\"2(A)\","
		  "\"external_expression\":\"P2(A)\",\"staff_id\":31,\"gradebooktype\":2}}" },
		{ NULL, "/ws/v1/term/3", NULL, 200, "{\"term\":{\"id\":3,\"school_id\":6,\"start_year\":2026,\"portion\":2,"
		  "\"start_date\":\"2026-08-17\",\"end_date\":\"2027-01-15\",\"abbreviation\":\"S1\",\"name\":\"Semester 1\"}}" },
		{ NULL, "/ws/v1/section_enrollment/801", NULL, 200, "{\"section_enrollment\":{\"id\":801,\"section_id\":401,"
		  "\"student_id\":11,\"entry_date\":\"2026-08-17\",\"exit_date\":\"2027-06-05\",\"dropped\":false}}" },
		{ NULL, "/ws/v1/school/6", NULL, 200, "~{\"school\":{\"id\":6,\"school_number\":312" },
		{ NULL, "/ws/v1/student/99", NULL, 404, NULL }, { NULL, "/ws/v1/staff/x", NULL, 404, NULL },
		{ NULL, "/ws/v1/course/99", NULL, 404, NULL }, { NULL, "/ws/v1/section/99", NULL, 404, NULL },
		{ NULL, "/ws/v1/term/99", NULL, 404, NULL }, { NULL, "/ws/v1/section_enrollment/99", NULL, 404, NULL },
		{ NULL, "/ws/v1/section/99/section_enrollment", NULL, 404, "{\"message\":\"Section not found\"}" },
		{ NULL, "/ws/v1/school/99/student", NULL, 404, "{\"message\":\"School not found\"}" },
		{ NULL, "/ws/v1/school/9", NULL, 404, NULL }, /* the graduated students' */
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void ids_are_dcids(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		/* student 112, section -41 and staff 731 in the tables */
		{ NULL, "/ws/v1/section_enrollment/802", NULL, 200, "~\"section_id\":401,\"student_id\":12," },
		{ NULL, "/ws/v1/section/401", NULL, 200, "~\"staff_id\":31" },
		{ NULL, "/ws/v1/section/402", NULL, 200, "~\"staff_id\":34" },
		{ NULL, "/ws/v1/student/41", NULL, 404, NULL },
		{ NULL, "/ws/v1/school/312/section", NULL, 404, NULL },
		/* a course number with a district row only, or none of this school's */
		{ NULL, "/ws/v1/section/402", NULL, 200, "~\"course_id\":903" },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void orders_are_fixed(void **state)
{
	static const char *const orders[][2] = {
		/* clang-format off */
		{ "/ws/v1/district/school", "6 5 " },
		{ "/ws/v1/school/6/term", "2 3 4 " },                       /* portion, start_date */
		{ "/ws/v1/school/6/staff", "31 32 " },                      /* id */
		{ "/ws/v1/school/6/course", "901 902 903 904 " },           /* course number */
		{ "/ws/v1/school/6/section", "401 405 402 " },              /* section, course, term id */
		{ "/ws/v1/section/401/section_enrollment", "801 802 " },    /* student_id, entry_date */
		/* clang-format on */
	};
	kit *k = *state;

	for (size_t i = 0; i < SR_COUNT_OF(orders); i++) {
		json_t *answer = kit_call(k, "GET", orders[i][0], NULL, 200), *row;
		json_t *wrapper = json_object_iter_value(json_object_iter(answer)), *rows = NULL;
		SR_AUTO(sr_buf) ids = { 0 };
		const char *name;
		size_t n;

		json_object_foreach(wrapper, name, row) {
			if (*name != '@')
				rows = row;
		}
		json_array_foreach(rows, n, row) {
			sr_buf_printf(&ids, "%d ", (int)json_integer_value(json_object_get(row, "id")));
		}
		assert_string_equal(sr_buf_text(&ids), orders[i][1]);
		json_decref(answer);
	}
}

static void q_takes_every_documented_form(void **state)
{
	static const kit_row rows[] = {
	/* clang-format off */
#define COUNT(q, n) { NULL, "/ws/v1/district/student/count?q=" q, NULL, 200, "{\"resource\":{\"count\":" n "}}" }
		COUNT("name.last_name==Where", "1"),
		COUNT("name.last_name==Where;", "1"),
		COUNT("name.last_name==where", "0"),
		COUNT("name.last_name==W*", "1"), COUNT("name.last_name==*r*", "2"), COUNT("name.last_name==*", "4"),
		COUNT("name.last_name==W?ere", "0"), COUNT("name.first_name==[AZ]*", "0"),
		COUNT("local_id==204881", "1"), COUNT("local_id==A.12", "1"),
		COUNT("student_username==012345", "1"), COUNT("state_province_id==00731", "1"),
		COUNT("id==11", "1"), COUNT("id=gt=11", "3"), COUNT("id=ge=12;id=lt=14", "2"), COUNT("id=le=11", "1"),
		COUNT("school_enrollment.enroll_status==A", "2"), COUNT("school_enrollment.enroll_status==(A,P)", "3"),
		COUNT("school_enrollment.enroll_status==(A,P,T);name.last_name==W*;", "1"),
		COUNT("school_enrollment.enroll_status_code==0", "2"), COUNT("school_enrollment.enroll_status_code==(-1,2)", "2"),
		COUNT("school_enrollment.entry_date=ge=2026-08-17", "4"), COUNT("school_enrollment.entry_date=gt=2026-08-17", "0"),
		COUNT("name.last_name%3D%3DO%27Neil", "1"),
		COUNT("", "4"),
#undef COUNT
#define BAD(q) { NULL, "/ws/v1/district/student?q=" q, NULL, 400, "{\"message\":\"Invalid query\"}" }
		BAD("name.last_name"), BAD("name.last_name=Where"), BAD("shoe_size==9"), BAD("id==x"), BAD("id==*"), BAD(";"),
		BAD("name.last_name==a;;id==1"), BAD("id=gt=(1,2)"), BAD("id==(1,2"), BAD("id=="), BAD("id=="),
		BAD("school_enrollment.entry_date==17.8.2026"), BAD("id==1'or'1'=='1"),
#undef BAD
		{ NULL, "/ws/v1/school/6/student/count?q=school_enrollment.enroll_status==(A,T)", NULL, 200,
		  "{\"resource\":{\"count\":2}}" },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void next_year_is_invisible_unless_asked_for(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ NULL, "/ws/v1/school/6/term/count", NULL, 200, "{\"resource\":{\"count\":3}}" },
		{ NULL, "/ws/v1/school/6/term/count?q=start_year==2027", NULL, 200, "{\"resource\":{\"count\":1}}" },
		{ NULL, "/ws/v1/school/6/term/count?q=portion==1", NULL, 200, "{\"resource\":{\"count\":1}}" },
		{ NULL, "/ws/v1/school/6/section/count", NULL, 200, "{\"resource\":{\"count\":3}}" },
		{ NULL, "/ws/v1/school/6/section?q=term.start_year==2027", NULL, 200, "~\"section\":{\"id\":404," },
		{ NULL, "/ws/v1/school/6/section?q=term.start_year==2025;", NULL, 200, "~\"section\":{\"id\":403," },
		{ NULL, "/ws/v1/school/6/section/count?q=term.start_year=ge=2026", NULL, 200, "{\"resource\":{\"count\":4}}" },
		{ NULL, "/ws/v1/school/6/section/count?q=section_number==01", NULL, 200, "{\"resource\":{\"count\":2}}" },
		/* clang-format on */
	};
	kit *k = *state;

	kit_rows(k, rows, SR_COUNT_OF(rows));
	/* The end-of-year process raises the preference, and with it the current year. */
	kit_sql(k, "update prefs set value = '37' where name = 'coursearchiveyear'");
	json_decref(kit_call(k, "GET", "/ws/v1/school/6/section", NULL, 200));
	assert_true(kit_says(k, "~\"section\":{\"id\":404,"));
}

static void a_school_shows_its_own(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ NULL, "/ws/v1/school/5/student?q=id=gt=0", NULL, 200, "~\"id\":13" }, /* pre-registered, transferred */
		{ NULL, "/ws/v1/school/5/student/count?q=id=gt=0", NULL, 200, "{\"resource\":{\"count\":2}}" },
		{ NULL, "/ws/v1/school/5/staff", NULL, 200, "!\"id\":33" },          /* gone */
		{ NULL, "/ws/v1/school/0/staff", NULL, 200, "~\"staff\":{\"id\":36" }, /* the district office */
		{ NULL, "/ws/v1/school/0/term", NULL, 200, "~\"school_id\":0" },
		{ NULL, "/ws/v1/section/403/section_enrollment", NULL, 200, "~\"section_enrollment\":{\"id\":804" },
		{ NULL, "/ws/v1/section/401/section_enrollment", NULL, 200,
		  "~{\"id\":802,\"section_id\":401,\"student_id\":12,\"entry_date\":\"2026-08-17\","
		  "\"exit_date\":\"2026-10-01\",\"dropped\":true}" },
		{ NULL, "/ws/v1/section/402/section_enrollment", NULL, 200, "!exit_date" },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void one_is_an_object_and_none_is_no_member(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ NULL, "/ws/v1/district/school?pagesize=2", NULL, 200, "~{\"schools\":{\"school\":[{" },
		{ NULL, "/ws/v1/district/school?pagesize=1", NULL, 200, "~{\"schools\":{\"school\":{" },
		{ NULL, "/ws/v1/district/school?page=9", NULL, 200, "{\"schools\":{}}" },
		{ NULL, "/ws/v1/district/student?q=id==11", NULL, 200, STUDENT_HEAD ",\"student\":" ANN "}}}" },
		{ NULL, "/ws/v1/district/student?q=id==0", NULL, 200, STUDENT_HEAD "}}" },
		{ NULL, "/ws/v1/school/6/staff?q=id==31", NULL, 200, "~\"staff\":{\"id\":31" },
		{ NULL, "/ws/v1/school/6/staff?q=id==0", NULL, 200, "!\"staff\":" },
		{ NULL, "/ws/v1/school/6/course?q=id==901", NULL, 200, "~\"course\":{" },
		{ NULL, "/ws/v1/school/6/course?q=id==0", NULL, 200, "{\"courses\":{}}" },
		{ NULL, "/ws/v1/school/6/section?q=id==401", NULL, 200, "~\"section\":{" },
		{ NULL, "/ws/v1/school/6/section?q=id==0", NULL, 200, "{\"sections\":{\"@expansions\":\"term\"}}" },
		{ NULL, "/ws/v1/section/402/section_enrollment", NULL, 200, "~\"section_enrollment\":{\"id\":803" },
		{ NULL, "/ws/v1/section/404/section_enrollment", NULL, 200, "{\"section_enrollments\":{}}" },
		{ NULL, "/ws/v1/school/5/term", NULL, 200, "{\"terms\":{}}" },
		/* nested: one affiliation, and two */
		{ NULL, "/ws/v1/staff/31?expansions=school_affiliations", NULL, 200,
		  "~\"school_affiliations\":{\"school_affiliation\":{\"school_id\":6,\"type\":1,\"status\":1}}" },
		{ NULL, "/ws/v1/staff/36?expansions=school_affiliations", NULL, 200,
		  "~\"school_affiliations\":{\"school_affiliation\":[{\"school_id\":5,\"type\":2,\"status\":1},"
		  "{\"school_id\":0,\"type\":2,\"status\":1}]}" },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void text_of_digits_becomes_a_number(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ NULL, "/ws/v1/student/11", NULL, 200, "~\"local_id\":204881,\"state_province_id\":731," }, /* zeros lost */
		{ NULL, "/ws/v1/student/13", NULL, 200, "~\"local_id\":\"A.12\"" },
		{ NULL, "/ws/v1/student/14", NULL, 200, "~\"student_username\":12345" },
		{ NULL, "/ws/v1/student/11", NULL, 200, "~\"student_username\":\"s204881\"" },
		{ NULL, "/ws/v1/section/401", NULL, 200, "~\"section_number\":1," },
		{ NULL, "/ws/v1/section/402", NULL, 200, "~\"section_number\":\"7A\"" },
		{ NULL, "/ws/v1/student/12", NULL, 200, "!student_username" }, /* blank */
		{ NULL, "/ws/v1/student/12", NULL, 200, "!null" },
		{ NULL, "/ws/v1/section/402", NULL, 200, "!gradebooktype" },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void expansions_and_extensions_come_when_asked_for(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ NULL, "/ws/v1/student/11", NULL, 200, "!school_enrollment\":{" },
		{ NULL, "/ws/v1/student/11?expansions=school_enrollment,schedule_setup", NULL, 200,
		  "~\"school_enrollment\":{\"enroll_status\":\"A\",\"enroll_status_description\":\"Active\","
		  "\"enroll_status_code\":0,\"grade_level\":8,\"entry_date\":\"2026-08-17\",\"exit_date\":\"2027-06-05\","
		  "\"school_number\":312,\"school_id\":6},\"schedule_setup\":{\"home_room\":\"B4\",\"next_school\":300,"
		  "\"sched_next_year_grade\":9}" },
		{ NULL, "/ws/v1/student/11?expansions=demographics", NULL, 200,
		  "~\"demographics\":{\"gender\":\"F\",\"birth_date\":\"2012-03-04\",\"projected_graduation_year\":2031}" },
		{ NULL, "/ws/v1/student/12?expansions=contact_info", NULL, 200, "~\"contact_info\":{\"email\":\"zoe@example.org\"}" },
		{ NULL, "/ws/v1/student/11?expansions=contact_info", NULL, 200, "~\"contact_info\":\"\"" },
		{ NULL, "/ws/v1/student/11?expansions=addresses,%20phones,fees,lunch,alerts,contact,counselors,global_id,"
		  "ethnicity_race,initial_enrollment", NULL, 200,
		  "~\"addresses\":\"\",\"alerts\":\"\",\"phones\":\"\",\"ethnicity_race\":\"\",\"contact\":\"\","
		  "\"initial_enrollment\":\"\",\"fees\":\"\",\"lunch\":\"\",\"counselors\":\"\",\"global_id\":\"\"" },
		{ NULL, "/ws/v1/student/11?extensions=u_shoes,studentcorefields", NULL, 200,
		  "~\"_extension_data\":{\"_table_extension\":{\"recordFound\":true,\"name\":\"studentcorefields\",\"_field\":["
		  "{\"name\":\"legal_first_name\",\"type\":\"String\",\"value\":\"Anna\"},"
		  "{\"name\":\"graduation_year\",\"type\":\"String\",\"value\":2031}]}}" },
		{ NULL, "/ws/v1/student/12?extensions=studentcorefields", NULL, 200,
		  "~{\"recordFound\":false,\"name\":\"studentcorefields\"}" },
		{ NULL, "/ws/v1/student/11?extensions=u_shoes", NULL, 200, "!_extension_data" },
		{ NULL, "/ws/v1/staff/31?expansions=emails,addresses,phones", NULL, 200,
		  "~\"addresses\":\"\",\"emails\":{\"work_email\":\"lea@example.org\"},\"phones\":\"\"" },
		{ NULL, "/ws/v1/staff/32?expansions=emails", NULL, 200, "~\"emails\":\"\"" },
		{ NULL, "/ws/v1/school/6/section?expansions=term&q=id==405", NULL, 200,
		  "~\"term\":{\"id\":3,\"start_year\":2026,\"portion\":2,\"start_date\":\"2026-08-17\",\"end_date\":\"2027-01-15\","
		  "\"abbreviation\":\"S1\",\"name\":\"Semester 1\"}" },
		{ NULL, "/ws/v1/district?expansions=addresses", NULL, 200, "~\"addresses\":\"\"" },
		{ NULL, "/ws/v1/district", NULL, 200, "!\"addresses\":" },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void pages_end_and_are_bounded(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ NULL, "/ws/v1/district/student?page=2&pagesize=3", NULL, 200, "~\"student\":{\"id\":14" },
		{ NULL, "/ws/v1/district/student?page=3&pagesize=3", NULL, 200, "!\"student\":" },
		{ NULL, "/ws/v1/section/401/section_enrollment?page=2&pagesize=1", NULL, 200, "~\"section_enrollment\":{\"id\":802" },
		{ NULL, "/ws/v1/district/student?page=0", NULL, 400, NULL },
		{ NULL, "/ws/v1/district/student?pagesize=0", NULL, 400, NULL },
		{ NULL, "/ws/v1/district/student?pagesize=-1", NULL, 400, NULL },
		{ NULL, "/ws/v1/district/student?page=x", NULL, 400, NULL },
		{ NULL, "/ws/v1/district/student?order=id;desc&pagesize=1", NULL, 200, "~\"id\":11" }, /* no such parameter */
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void xml_comes_when_json_is_not_asked_for(void **state)
{
	static const char wanted[] =
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?><students expansions=\"demographics, addresses, alerts, "
		"phones,"
		" school_enrollment, ethnicity_race, contact, contact_info, initial_enrollment, schedule_setup, fees, "
		"lunch,"
		" counselors, global_id\" "
		"extensions=\"studentcorefields\"><student><id>11</id><local_id>204881</local_id>"
		"<state_province_id>00731</state_province_id><student_username>s204881</student_username>"
		"<name><first_name>Ann</first_name><last_name>O'Neil</last_name></name><phones></phones></student></"
		"students>";
	static const char *const accepts[] = { NULL, "*/*", "application/xml", "text/html,application/xml" };
	kit *k = *state;

	for (size_t i = 0; i < SR_COUNT_OF(accepts); i++) {
		assert_int_equal(kit_accept(k, accepts[i], "/ws/v1/district/student?q=id==11&expansions=phones"), 200);
		assert_string_equal(sr_buf_text(&k->reply.body), wanted);
		assert_true(sr_starts(k->reply.headers[0].value, "application/xml"));
	}
	/* Neither a list of one nor leading zeros are lost, and text is escaped. */
	assert_int_equal(kit_accept(k, NULL, "/ws/v1/student/12"), 200);
	assert_true(kit_says(k, "~<last_name>Quote&quot; \\ Tab\t</last_name>"));
	assert_int_equal(kit_accept(k, NULL, "/ws/v1/section/401/section_enrollment"), 200);
	assert_true(kit_says(k, "~<dropped>true</dropped></section_enrollment></section_enrollments>"));
	assert_int_equal(kit_accept(k, NULL, "/ws/v1/school/6/student/count"), 200);
	assert_true(kit_says(k, "~<resource><count>2</count></resource>"));
	assert_int_equal(kit_accept(k, NULL, "/ws/v1/school/99"), 404);
	assert_true(kit_says(k, "~<message>"));
	assert_int_equal(kit_accept(k, "application/json, */*", "/ws/v1/metadata"), 200);
	assert_true(kit_says(k, "~{\"metadata\":{"));
}

static void metadata_and_time_say_what_the_contract_lists(void **state)
{
	static const char *const members[] = { "plugin_id", "powerschool_version", "school_max_page_size",
		"student_max_page_size", "staff_max_page_size", "course_max_page_size", "term_max_page_size",
		"section_max_page_size", "section_enrollment_max_page_size", "schema_table_query_max_page_size",
		"district_timezone", "district_uuid", "state", "state_reporting_version", "mobile_api_version",
		"machine_uptime", "powerschool_uptime", "sso_enabled_teachers" };
	kit *k = *state;
	json_t *answer = kit_call(k, "GET", "/ws/v1/metadata", NULL, 200), *m = json_object_get(answer, "metadata");

	for (size_t i = 0; i < SR_COUNT_OF(members); i++)
		assert_non_null(json_object_get(m, members[i]));
	assert_string_equal(json_string_value(json_object_get(m, "sso_enabled_teachers")), "false");
	json_decref(answer);
	assert_int_equal(kit_send(k, "GET", "/ws/v1/time", NULL, NULL), 200);
	assert_true(kit_says(k, "~\"timestamp\":1785000000000"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, kit_teardown)
	const struct CMUnitTest tests[] = {
		T(lists_have_counts_and_single_objects),
		T(ids_are_dcids),
		T(orders_are_fixed),
		T(q_takes_every_documented_form),
		T(next_year_is_invisible_unless_asked_for),
		T(a_school_shows_its_own),
		T(one_is_an_object_and_none_is_no_member),
		T(text_of_digits_becomes_a_number),
		T(expansions_and_extensions_come_when_asked_for),
		T(pages_end_and_are_bounded),
		T(xml_comes_when_json_is_not_asked_for),
		T(metadata_and_time_say_what_the_contract_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
