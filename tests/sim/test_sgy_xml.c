/* The Schoology stand-in in XML: bodies, answers, and who asks for which. */
#include "sgy_testkit.h"

static int setup(void **state)
{
	static kit k;

	kit_open(&k, NULL);
	k.type = k.accept = "text/xml";
	*state = &k;
	return 0;
}

static int teardown(void **state)
{
	kit_close(*state);
	return 0;
}

static const char user_xml[] =
	"<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<anything>\n"
	"  <school_uid>s1</school_uid><name_first>\xC3\x89va &amp; Co</name_first>\n"
	"  <name_last>B</name_last><username> eva </username><role_id>1214</role_id>\n</anything>";

static void one_user_in_xml_whatever_the_root_is_called(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "POST", "/v1/users", user_xml), 201);
	assert_string_equal(kit_header(k, "Content-Type"), "text/xml; charset=UTF-8");
	assert_true(kit_has(
		k, "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<result><uid>47119000</uid><id>47119000</id>"));
	assert_true(kit_has(k, "<name_first>\xC3\x89va &amp; Co</name_first>"));
	assert_true(kit_has(k, "<username>eva</username>"));
	assert_true(kit_has(k, "<grad_year />"));
	assert_true(kit_has(k, "<links><self>http://127.0.0.1:8902/v1/users/47119000</self></links></result>"));
	assert_int_equal(kit_ask(k, "PUT", "/v1/users/47119000", "<r><grad_year>2031</grad_year></r>"), 204);
	assert_string_equal(kit_header(k, "Content-Type"), "text/xml; charset=UTF-8");
	assert_string_equal(kit_body(k), "");
	assert_int_equal(kit_int(k, "SELECT grad_year FROM sgy_user WHERE school_uid = 's1'"), 2031);
}

static void bulk_xml_with_and_without_an_outer_element(void **state)
{
	kit *k = *state;
	static const char two[] =
		"<body><users><user><school_uid>a</school_uid><name_first>A</name_first><name_last>B</name_last>"
		"<username>a</username><role_id>1214</role_id></user><user><school_uid>b</school_uid></user></users>"
		"</body>";
	static const char one[] =
		"<users><user><school_uid>c</school_uid><name_first>A</name_first>"
		"<name_last>B</name_last><username>c</username><role_id>1214</role_id></user></users>";

	assert_int_equal(kit_ask(k, "POST", "/v1/users", two), 207);
	assert_true(kit_has(k, "<result><user><response_code>200</response_code>"));
	assert_true(kit_has(k, "<user><response_code>400</response_code><message>name_first is required.</message>"
			       "<school_uid>b</school_uid></user></result>"));
	assert_int_equal(kit_ask(k, "POST", "/v1/users", one), 207);
	assert_true(kit_has(k, "<response_code>200</response_code>"));
}

static void courses_sections_and_members_in_xml(void **state)
{
	kit *k = *state;
	static const char course[] =
		"<body><courses><course><title>Art</title><course_code>N2</course_code>"
		"<building_id>5171921</building_id><sections><section><title>A</title>"
		"<section_school_code>c1</section_school_code><grading_periods>436</grading_periods>"
		"<grading_periods>437</grading_periods><meeting_days>1</meeting_days><meeting_days>3</meeting_days>"
		"</section></sections></course></courses></body>";
	static const char import[] = "<body><enrollments><enrollment><section_school_code>c1</section_school_code>"
				     "<school_uid>svc</school_uid><admin>1</admin></enrollment></enrollments></body>";

	assert_int_equal(kit_ask(k, "POST", "/v1/courses?update_existing=1", course), 207);
	assert_true(kit_has(k, "<sections><section>"));
	assert_true(
		kit_has(k, "<synced /><grading_periods>436</grading_periods><grading_periods>437</grading_periods>"));
	assert_int_equal(kit_ask(k, "GET", kit_url(k, "/v1/sections/%lld", kit_section_id(k, "c1")), NULL), 200);
	assert_true(kit_has(k, "<meeting_days>1</meeting_days><meeting_days>3</meeting_days>"));
	assert_true(kit_has(k, "<class_periods />"));
	assert_int_equal(kit_ask(k, "POST", "/v1/enrollments/import/course", import), 207);
	assert_true(kit_has(k, "<result><enrollments><enrollment><response_code>200</response_code>"));
	assert_int_equal(kit_int(k, "SELECT admin FROM sgy_enrollment"), 1);
}

static void periods_may_stand_in_an_element_of_their_own(void **state)
{
	kit *k = *state;
	static const char put[] =
		"<s><grading_periods><grading_period>435</grading_period><grading_period>436</grading_period>"
		"</grading_periods></s>";

	k->type = k->accept = NULL;
	kit_section(k, "c1", 437);
	k->type = "text/xml";
	assert_int_equal(kit_ask(k, "PUT", kit_url(k, "/v1/sections/%lld", kit_section_id(k, "c1")), put), 204);
	assert_int_equal(kit_int(k, "SELECT sum(period_id) FROM sgy_section_period"), 435 + 436);
}

static void lists_and_their_links_in_xml(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "POST", "/v1/users", user_xml), 201);
	assert_int_equal(kit_ask(k, "GET", "/v1/users?limit=1", NULL), 200);
	assert_true(kit_has(k, "<result><user><uid>4711902</uid>"));
	assert_true(kit_has(k, "<total>2</total><links>"));
	assert_true(kit_has(k, "<next>http://127.0.0.1:8902/v1/users?start=1&amp;limit=1</next>"));
	assert_int_equal(kit_ask(k, "GET", "/v1/gradingperiods?title=none", NULL), 200);
	assert_true(kit_has(k, "<result><total>0</total></result>"));
}

static int answer_type(kit *k, const char *accept, const char *type)
{
	k->accept = accept;
	k->type = type;
	assert_int_equal(kit_ask(k, "GET", "/v1/roles", NULL), 200);
	return kit_body(k)[0];
}

static void accept_decides_then_content_type_then_the_default(void **state)
{
	kit *k = *state;

	assert_int_equal(answer_type(k, "text/xml;q=1.0,application/json;q=0.0", "application/json"), '<');
	assert_int_equal(answer_type(k, "text/xml; q=0.2, application/json; q=0.9", "text/xml"), '{');
	assert_int_equal(answer_type(k, "application/json", "text/xml"), '{');
	assert_int_equal(answer_type(k, "*/*", "text/xml"), '<');
	assert_int_equal(answer_type(k, NULL, "application/xml"), '<');
	assert_int_equal(answer_type(k, "*/*", NULL), '{');
	kit_option(k, "default_format", "xml");
	assert_int_equal(answer_type(k, "*/*", NULL), '<');
	assert_int_equal(answer_type(k, NULL, "application/json"), '{');
}

static void bad_xml_is_a_bad_request(void **state)
{
	kit *k = *state;
	char deep[512] = "";

	for (int i = 0; i < 20; i++)
		strcat(deep, "<a>");
	for (int i = 0; i < 20; i++)
		strcat(deep, "</a>");
	assert_int_equal(kit_ask(k, "POST", "/v1/users", "<user><school_uid>a</user>"), 400);
	assert_int_equal(kit_ask(k, "POST", "/v1/users", "{}"), 400);
	assert_int_equal(kit_ask(k, "POST", "/v1/users", deep), 400);
	assert_int_equal(
		kit_ask(k, "POST", "/v1/users", "<!DOCTYPE a [<!ENTITY e 'x'>]><a><school_uid>&e;</school_uid></a>"),
		400);
	assert_int_equal(kit_ask(k, "POST", "/v1/users", ""), 400);
	assert_string_equal(kit_header(k, "Content-Type"), "text/plain; charset=UTF-8");
	assert_int_equal(kit_int(k, "SELECT count(*) FROM sgy_user"), 1);
}

static void multiget_in_xml(void **state)
{
	kit *k = *state;

	assert_int_equal(kit_ask(k, "POST", "/v1/multiget",
				 "<requests><request>/v1/users/4711902</request><request>/v1/users/ext/none</request>"
				 "</requests>"),
		207);
	assert_true(kit_has(k, "<result><response><response_code>200</response_code>"));
	assert_true(kit_has(k, "<body><uid>4711902</uid>"));
	assert_true(kit_has(k, "<response><response_code>404</response_code>"));
	assert_int_equal(
		kit_ask(k, "POST", "/v1/multiget", "<requests><request>/v1/users/4711902</request></requests>"), 207);
	assert_true(kit_has(k, "<body><uid>4711902</uid>"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_user_in_xml_whatever_the_root_is_called),
		TEST(bulk_xml_with_and_without_an_outer_element),
		TEST(courses_sections_and_members_in_xml),
		TEST(periods_may_stand_in_an_element_of_their_own),
		TEST(lists_and_their_links_in_xml),
		TEST(accept_decides_then_content_type_then_the_default),
		TEST(bad_xml_is_a_bad_request),
		TEST(multiget_in_xml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
