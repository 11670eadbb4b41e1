/* PowerQueries beyond the shipped ones: both shapes, lists, $q, order, projection, data versions, views. */
#include "test_ps.h"

static const char plugin[] = KIT_PLUGIN("queries", "1.0",
	KIT_OAUTH "<access_request>" KIT_GRANT("STUDENTS", "DCID") KIT_GRANT("STUDENTS", "ID") KIT_GRANT(
		"STUDENTS", "LAST_NAME") KIT_GRANT("STUDENTS", "GRADE_LEVEL") KIT_GRANT("STUDENTS", "STUDENT_WEB_ID")
		KIT_GRANT("CC", "DCID") KIT_GRANT("CC", "STUDENTID") KIT_GRANT("CC", "TERMID")
			KIT_GRANT("TEACHERS", "DCID") KIT_GRANT("TEACHERS", "LAST_NAME")
				KIT_GRANT("TEACHERS", "USERS_DCID") "</access_request>");

static const char queries[] = "<queries>" KIT_QUERY("org.example.q.students.flat",
	"coreTable=\"students\" flattened=\"true\"",
	"<arg name=\"ids\" column=\"students.dcid\" required=\"true\" type=\"array\"/>"
	"<arg name=\"grade\" column=\"students.grade_level\" required=\"false\" type=\"primitive\"/>",
	"<column>students.dcid</column><column>students.last_name</column><column>students.grade_level</column>",
	"select s.dcid, s.last_name, s.grade_level from students s where s.dcid in (:ids)"
	" and (s.grade_level = cast(:grade as integer) or :grade is null) order by s.dcid") KIT_QUERY("org.example.q."
												      "students.all",
	"coreTable=\"students\" flattened=\"false\"",
	"<arg name=\"names\" column=\"students.last_name\" type=\"array\" default=\"Where\"/>",
	"<column>students.dcid</column><column>students.last_name</column><column>students.student_web_id</column>"
	"<column>cc.termid</column>",
	"select s.dcid, s.last_name, s.student_web_id, c.termid from students s left join cc c on c.studentid = s.id"
	" and c.dcid <> 804 where s.last_name in (:names) or ':names' = 'x' order by s.dcid")
	KIT_QUERY("org.example.q.students.every", "coreTable=\"students\" flattened=\"true\"", "",
		"<column>students.dcid</column><column>students.last_name</column><column>students.grade_level</"
		"column>",
		"select s.dcid, s.last_name, s.grade_level from students s order by s.dcid")
		KIT_QUERY("org.example.q.teachers.view", "coreTable=\"teachers\" flattened=\"true\"", "",
			"<column>teachers.dcid</column><column>teachers.users_dcid</column><column>teachers.last_name</"
			"column>",
			"select t.dcid, t.users_dcid, t.last_name from teachers t order by t.dcid") "</queries>";

static int setup(void **state)
{
	sr_err err = { 0 };

	if (kit_setup(state))
		return -1;
	if (kit_install(*state, sim_ps_install, plugin, queries, &err))
		fail_msg("%s", err.text);
	return 0;
}

#define Q "/ws/schema/query/org.example.q."
#define FLAT(id, name, grade)                                                              \
	"{\"_name\":\"students\",\"_id\":" id ",\"dcid\":\"" id "\",\"last_name\":\"" name \
	"\",\"grade_level\":\"" grade "\"}"
#define ONE_FLAT(id, name, grade) "{\"name\":\"Students\",\"record\":" FLAT(id, name, grade) ",\"@extensions\":\"\"}"
#define INVALID(field, code) "~\"field\":\"" field "\",\"code\":\"" code "\""

static void lists_are_arguments_too(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ "POST", Q "students.flat", "{\"ids\":[11]}", 200, ONE_FLAT("11", "O'Neil", "8") },
		{ "POST", Q "students.flat", "{\"ids\":[\"13\",14,99]}", 200, "{\"name\":\"Students\",\"record\":["
		  FLAT("13", "Or", "9") "," FLAT("14", "Where", "9") "],\"@extensions\":\"\"}" },
		{ "POST", Q "students.flat", "{\"ids\":[11,13,14],\"grade\":\"8\"}", 200, ONE_FLAT("11", "O'Neil", "8") },
		{ "POST", Q "students.flat/count", "{\"ids\":[11,13,14]}", 200, "{\"count\":3}" },
		{ "POST", Q "students.flat", "{\"ids\":11}", 400, INVALID("ids", "invalid") },
		{ "POST", Q "students.flat", "{\"ids\":\"11\"}", 400, INVALID("ids", "invalid") },
		{ "POST", Q "students.flat", "{\"ids\":[11,\"x\"]}", 400, INVALID("ids", "invalid") },
		{ "POST", Q "students.flat", "{\"ids\":[[11]]}", 400, INVALID("ids", "invalid") },
		{ "POST", Q "students.flat", "{\"ids\":[]}", 400, INVALID("ids", "missing") },
		{ "POST", Q "students.flat", "{}", 400, INVALID("ids", "missing") },
		{ "POST", Q "students.flat", "{\"ids\":[11],\"grade\":[8]}", 400, INVALID("grade", "invalid") },
		/* the default; text between quotes is no argument */
		{ "POST", Q "students.all", "{}", 200, "~\"last_name\":\"Where\"" },
		{ "POST", Q "students.all", "{\"names\":[\"Or\",\"x' or 'a'='a\"]}", 200, "~\"record\":{\"id\":13," },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void the_default_shape_is_by_table(void **state)
{
	static const kit_row row = { "POST", Q "students.all?count=true", "{\"names\":[\"Or\",\"Where\"]}", 200,
		"{\"name\":\"Students\",\"count\":2,\"record\":["
		"{\"id\":13,\"name\":\"Students\",\"tables\":{\"students\":{\"dcid\":\"13\",\"last_name\":\"Or\","
		"\"student_web_id\":\"s3\"},\"cc\":{\"termid\":\"3601\"}}},"
		"{\"id\":14,\"name\":\"Students\",\"tables\":{\"students\":{\"dcid\":\"14\",\"last_name\":\"Where\","
		"\"student_web_id\":\"s4\"},\"cc\":{\"termid\":null}}}],\"@extensions\":\"studentcorefields\"}" };

	kit_rows(*state, &row, 1);
}

static void q_filters_by_aliases(void **state)
{
	static const kit_row rows[] = {
	/* clang-format off */
#define KEYS(q, n) { "POST", Q "students.every/count", "{\"$q\":\"" q "\"}", 200, "{\"count\":" n "}" }
		KEYS("students.grade_level==9", "2"), KEYS("grade_level==9", "2"), KEYS("students.grade_level=gt=7", "3"),
		KEYS("students.grade_level==9;students.last_name==W*", "1"), KEYS("students.last_name==(Or,Where);", "2"),
		KEYS("", "4"),
#undef KEYS
		{ "POST", Q "students.every", "{\"$q\":\"last_name==O'Neil\"}", 200, ONE_FLAT("11", "O'Neil", "8") },
		{ "POST", Q "students.all", "{\"names\":[\"Or\",\"Where\"],\"$q\":\"cc.termid==3601\"}", 200, "~\"record\":{\"id\":13," },
		{ "POST", Q "students.every", "{\"$q\":\"students.shoes==9\"}", 400, INVALID("$q", "invalid") },
		{ "POST", Q "students.every", "{\"$q\":\"grade_level==9,grade_level==8\"}", 400, INVALID("$q", "invalid") }, /* AND only */
		{ "POST", Q "students.every", "{\"$q\":\"grade_level==nine\"}", 400, INVALID("$q", "invalid") },
		{ "POST", Q "students.every", "{\"$q\":[1]}", 400, INVALID("$q", "invalid") },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void order_and_projection_change_what_is_seen(void **state)
{
	static const kit_row rows[] = {
		/* clang-format off */
		{ "POST", Q "students.every?pagesize=1&order=students.last_name", "{}", 200, ONE_FLAT("11", "O'Neil", "8") },
		{ "POST", Q "students.every?pagesize=1&order=students.last_name;desc", "{}", 200, ONE_FLAT("14", "Where", "9") },
		{ "POST", Q "students.every?pagesize=1&order=students.grade_level;desc,students.dcid;desc", "{}", 200,
		  ONE_FLAT("14", "Where", "9") },
		{ "POST", Q "students.every?pagesize=1&page=4&order=STUDENTS.DCID;asc", "{}", 200, ONE_FLAT("14", "Where", "9") },
		{ "POST", Q "students.every?pagesize=0&page=7&count=true", "{}", 200, "~\"count\":4,\"record\":[" },
		{ "POST", Q "students.every?order=shoes", "{}", 400, INVALID("order", "invalid") },
		{ "POST", Q "students.every?order=dcid;sideways", "{}", 400, INVALID("order", "invalid") },
		{ "POST", Q "students.every?pagesize=1", "{\"projection\":\"students.last_name;grade_level\"}", 200,
		  "{\"name\":\"Students\",\"record\":{\"_name\":\"students\",\"_id\":11,\"last_name\":\"O'Neil\","
		  "\"grade_level\":\"8\"},\"@extensions\":\"\"}" },
		{ "POST", Q "students.all", "{\"projection\":\"cc.termid\",\"names\":[\"Or\"]}", 200,
		  "~\"tables\":{\"cc\":{\"termid\":\"3601\"}}}" },
		{ "POST", Q "students.every", "{\"projection\":\"shoes\"}", 400, INVALID("projection", "invalid") },
		/* clang-format on */
	};

	kit_rows(*state, rows, SR_COUNT_OF(rows));
}

static void data_versions_show_what_changed_since(void **state)
{
	kit *k = *state;
	json_t *answer = kit_call(k, "POST", Q "students.every",
		"{\"$dataversion\":\"0\",\"$dataversion_applicationname\":\"app\"}", 200);
	const char *version = json_string_value(json_object_get(answer, "$dataversion"));
	SR_AUTO_FREE char *body = sr_asprintf(
		"{\"$dataversion\":\"%s\",\"$dataversion_applicationname\":\"app\"}", version);
	static const kit_row bad[] = {
		{ "POST", Q "students.every", "{\"$dataversion\":\"0\"}", 400,
			INVALID("$dataversion_applicationname", "missing") },
		{ "POST", Q "students.every", "{\"$dataversion_applicationname\":\"app\"}", 400,
			INVALID("$dataversion", "missing") },
		{ "POST", Q "students.every", "{\"$dataversion\":\"-1\",\"$dataversion_applicationname\":\"app\"}", 400,
			INVALID("$dataversion", "invalid") },
		{ "POST", Q "students.every", "{}", 200, "!$dataversion" },
	};

	assert_int_equal(json_array_size(json_object_get(answer, "record")), 4);
	json_decref(answer);
	json_decref(kit_call(k, "POST", Q "students.every", body, 200));
	assert_true(kit_says(k, "!record"));
	kit_sql(k, "update students set last_name = 'New' where dcid = 14");
	answer = kit_call(k, "POST", Q "students.every?count=true", body, 200);
	assert_true(kit_says(k, "~\"count\":1,\"record\":" FLAT("14", "New", "9") ",\"$dataversion\":\""));
	json_decref(answer);
	kit_rows(k, bad, SR_COUNT_OF(bad));
}

static void views_are_read_by_queries(void **state)
{
	static const kit_row row = { "POST", Q "teachers.view?pagesize=1", "{}", 200,
		"{\"name\":\"Teachers\",\"record\":{\"_name\":\"teachers\",\"_id\":31,\"dcid\":\"31\",\"users_dcid\":"
		"\"501\","
		"\"last_name\":\"Der\"},\"@extensions\":\"\"}" };

	kit_rows(*state, &row, 1);
}

static void installed_queries_are_listed_while_they_are_there(void **state)
{
	static const kit_row listed[] = {
		{ NULL, "/ws/schema/query/api", NULL, 200,
			"~{\"name\":\"org.example.q.students.flat\",\"coreTable\":\"students\",\"flattened\":true,"
			"\"args\":["
			"{\"name\":\"ids\",\"type\":\"array\",\"required\":true},"
			"{\"name\":\"grade\",\"type\":\"primitive\",\"required\":false}]}" },
	};
	static const kit_row hidden[] = {
		{ NULL, "/ws/schema/query/api", NULL, 200, "!org.example" },
		{ "POST", Q "students.every", "{}", 404, "{\"message\":\"Query not found\"}" },
	};
	static const kit_row gone = { "POST", Q "students.every", "{}", 404, "{\"message\":\"Query not found\"}" };
	kit *k = *state;

	kit_rows(k, listed, 1);
	assert_int_equal(sim_ps_plugin_enable(k->ps, "", false, NULL), 0);
	kit_rows(k, hidden, 2);
	assert_int_equal(sim_ps_plugin_enable(k->ps, "", true, NULL), 0);
	kit_rows(k, listed, 1);
	assert_int_equal(sim_ps_state_set(&k->world, "customisation", "0", NULL), 0);
	kit_rows(k, &gone, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, kit_teardown)
	const struct CMUnitTest tests[] = {
		TEST(lists_are_arguments_too),
		TEST(the_default_shape_is_by_table),
		TEST(q_filters_by_aliases),
		TEST(order_and_projection_change_what_is_seen),
		TEST(data_versions_show_what_changed_since),
		TEST(views_are_read_by_queries),
		TEST(installed_queries_are_listed_while_they_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
