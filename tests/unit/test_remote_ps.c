/* The PowerSchool client against a scripted server: paging, tokens, and the sentence for each refusal. */
#include "remote_fixture.h"

#include "remote/ps_client.h"

#define PS "http://localhost:7001"
#define QUERY PS "/ws/schema/query/org.sisroll.sync.roster."
#define TOKEN                                                                           \
	{                                                                               \
		"POST", PS "/oauth/access_token", "grant_type=client_credentials", 200, \
			"{\"access_token\":\"one\",\"expires_in\":\"99\"}"              \
	}
#define TOKEN2                                                                                                  \
	{                                                                                                       \
		"POST", PS "/oauth/access_token", NULL, 200, "{\"access_token\":\"two\",\"expires_in\":\"99\"}" \
	}
#define STALE                                                                \
	401, "",                                                             \
	{                                                                    \
		{                                                            \
			"WWW-Authenticate", "Bearer error=\"invalid_token\"" \
		}                                                            \
	}

/* What the callbacks were told. */
typedef struct told {
	int calls;
	sr_err err;
	size_t count, bad;
	bool last, ok;
	int64_t first_key, last_key, number;
	char text[200];
	sr_source *cancel; /* cancelled from inside the callback */
} told;

static void note(told *t, const sr_err *err)
{
	t->calls++;
	if (err)
		t->err = *err;
	if (t->cancel)
		t->cancel->cancel(t->cancel, t);
}

static void on_page(void *arg, const sr_page *page, const sr_err *err)
{
	told *t = arg;

	if (page) {
		t->count = page->count;
		t->bad = page->bad;
		t->last = page->last;
		t->last_key = page->last_key;
		t->first_key = page->count ? page->records[0].v[0].n : 0;
	}
	note(t, err);
}

static void on_info(void *arg, const sr_source_info *info, const sr_err *err)
{
	told *t = arg;

	if (info)
		snprintf(t->text, sizeof(t->text), "%s|%s|%s", info->district_uuid, info->version, info->timezone);
	note(t, err);
}

static void on_schools(void *arg, const sr_source_school *rows, size_t count, const sr_err *err)
{
	told *t = arg;

	t->count = count;
	if (count)
		snprintf(t->text, sizeof(t->text), "%s", rows[count - 1].name);
	note(t, err);
}

static void on_count(void *arg, int64_t count, const sr_err *err)
{
	((told *)arg)->number = count;
	note(arg, err);
}

static void on_roles(void *arg, bool ok, const int64_t *ids, const char *const *keys, size_t count, const sr_err *err)
{
	told *t = arg;

	t->ok = ok;
	t->count = count;
	if (count) {
		t->number = ids[0];
		snprintf(t->text, sizeof(t->text), "%s", keys[0]);
	}
	note(t, err);
}

static void on_year(void *arg, sr_yearid year, const sr_err *err)
{
	((told *)arg)->number = year;
	note(arg, err);
}

static sr_ps_client *client(net *n)
{
	sr_ps_client *c;

	assert_int_equal(sr_ps_client_new(&(sr_ps_config){ .transport = net_transport(n),
						  .timers = net_timers(n),
						  .url = PS,
						  .client_id = "id",
						  .client_secret = "secret",
						  .query_prefix = "org.sisroll.sync.roster",
						  .timeout_ms = 1000 },
				 &c, NULL),
		0);
	return c;
}

/* Runs one page of sections against the script and gives back what was told. */
static told page_of(net *n, int page_size)
{
	sr_ps_client *c = client(n);
	sr_source *s = sr_ps_client_source(c);
	told t = { 0 };

	s->page(s,
		&(sr_page_ask){ .kind = SR_SRC_SECTION,
			.school = 312,
			.termid_low = 3600,
			.termid_high = 3699,
			.after = 5,
			.page_size = page_size },
		on_page, &t);
	assert_int_equal(t.calls, 0);
	net_run(n);
	assert_int_equal(t.calls, 1);
	sr_ps_client_free(c);
	return t;
}

static void pages_by_key_with_one_token(void **state)
{
	static const net_step script[] = { TOKEN,
		{ "POST", QUERY "sections?page=1&pagesize=2",
			"{\"after\":\"5\",\"school\":\"312\",\"termlo\":\"3600\",\"termhi\":\"3699\"}", 200,
			"{\"record\":[{\"dcid\":\"6\",\"id\":\"1\"},{\"dcid\":\"9\",\"id\":\"2\"}]}" } };
	net n = NET(script);
	told t = page_of(&n, 2);

	(void)state;
	assert_int_equal(t.count, 2);
	assert_false(t.last);
	assert_int_equal(t.first_key, 6);
	assert_int_equal(t.last_key, 9);
	assert_string_equal(n.auth[0], "Basic aWQ6c2VjcmV0");
	assert_string_equal(n.auth[1], "Bearer one");
}

static void a_short_page_is_the_last(void **state)
{
	static const net_step script[] = { TOKEN, { "POST", QUERY "sections?page=1&pagesize=2", NULL, 200,
							  "{\"record\":{\"dcid\":\"6\",\"id\":\"x\"}}" } };
	net n = NET(script);
	told t = page_of(&n, 2);

	(void)state;
	assert_true(t.last);
	assert_int_equal(t.count, 0);
	assert_int_equal(t.bad, 1);
	assert_int_equal(t.last_key, 6);
}

static void an_expired_token_is_fetched_again_once(void **state)
{
	static const net_step script[] = { TOKEN, { "POST", QUERY "sections?page=1&pagesize=2", NULL, STALE }, TOKEN2,
		{ "POST", QUERY "sections?page=1&pagesize=2", NULL, 200, "{\"@extensions\":\"\"}" } };
	net n = NET(script);
	told t = page_of(&n, 2);

	(void)state;
	assert_true(t.last);
	assert_string_equal(n.auth[3], "Bearer two");
}

/* Many requests of one stale token make one fetch. */
static void one_fetch_serves_all(void **state)
{
	static const net_step script[] = { TOKEN, { "POST", QUERY "sections/count", NULL, STALE },
		{ "POST", QUERY "students/count", NULL, STALE }, TOKEN2,
		{ "POST", QUERY "students/count", NULL, 200, "{\"count\":2}" },
		{ "POST", QUERY "sections/count", NULL, 200, "{\"count\":1}" } };
	net n = NET(script);
	sr_ps_client *c = client(&n);
	sr_source *s = sr_ps_client_source(c);
	told a = { 0 }, b = { 0 };

	(void)state;
	s->count(s, &(sr_page_ask){ .kind = SR_SRC_STUDENT, .school = 312 }, on_count, &b);
	s->count(s, &(sr_page_ask){ .kind = SR_SRC_SECTION, .school = 312 }, on_count, &a);
	net_run(&n);
	assert_int_equal(a.number, 1);
	assert_int_equal(b.number, 2);
	sr_ps_client_free(c);
}

/* Without a count nothing can be proven; the rows come all the same, or say what is missing. */
static void a_server_without_counts_is_no_refusal(void **state)
{
	static const net_step script[] = { TOKEN,
		{ "POST", QUERY "students/count", NULL, 404, "<html>not found</html>" } };
	net n = NET(script);
	sr_ps_client *c = client(&n);
	sr_source *s = sr_ps_client_source(c);
	told t = { 0 };

	(void)state;
	s->count(s, &(sr_page_ask){ .kind = SR_SRC_STUDENT, .school = 312 }, on_count, &t);
	net_run(&n);
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.number, -1);
	assert_int_equal(t.err.code, SR_E_OK);
	sr_ps_client_free(c);
}

/* A server that was refusing for a moment: the token that comes again is tried once more. */
static void the_same_token_again_may_be_good(void **state)
{
	static const net_step script[] = { TOKEN, { "POST", QUERY "sections?page=1&pagesize=2", NULL, STALE }, TOKEN,
		{ "POST", QUERY "sections?page=1&pagesize=2", NULL, 200, "{\"@extensions\":\"\"}" } };
	net n = NET(script);
	told t = page_of(&n, 2);

	(void)state;
	assert_true(t.last);
	assert_int_equal(t.err.code, SR_E_OK);
}

static void the_same_token_again_needs_an_administrator(void **state)
{
	static const net_step script[] = { TOKEN, { "POST", QUERY "sections?page=1&pagesize=2", NULL, STALE }, TOKEN,
		{ "POST", QUERY "sections?page=1&pagesize=2", NULL, STALE } };
	net n = NET(script);
	told t = page_of(&n, 2);

	(void)state;
	assert_int_equal(t.err.code, SR_E_AUTH);
	assert_int_equal(t.err.retry, SR_RETRY_PERSON);
	assert_non_null(strstr(t.err.text, "renew the client secret"));
}

static void says_what_an_administrator_has_to_do(void **state)
{
	static const struct {
		int status;
		const char *answer;
		sr_errc code;
		const char *says;
		bool passes; /* asked again before it is told */
	} rows[] = {
		{ 401,
			"{\"errorMessage\":{\"message\":\"Plugin is missing required accessLevelV1Api READ "
			"permission\"}}",
			SR_E_FORBIDDEN, "API access level" },
		{ 403,
			"{\"message\":\"m\",\"errors\":[{\"code\":\"NoAccess\",\"field\":\"TermID\",\"resource\":"
			"\"Sections\"}]}",
			SR_E_FORBIDDEN, "read Sections.TermID" },
		{ 403, "", SR_E_FORBIDDEN, "org.sisroll.sync.roster.sections" },
		{ 404, "{\"message\":\"Query not found\"}", SR_E_FORBIDDEN, "install or enable the sisroll plugin" },
		{ 400, "{\"message\":\"Validation Failed\",\"errors\":[]}", SR_E_PROTO, "Validation Failed" },
		{ 429, "", SR_E_THROTTLED, "slow down", true },
		{ 502, "<html>", SR_E_REMOTE, "502", true },
		{ 200, "<!DOCTYPE html><html>PowerSchool page unavailable", SR_E_REMOTE, "web page", true },
		{ 200, "{\"record\":[{\"dcid\":\"6\",\"id\":\"1\"}", SR_E_PROTO, "cut off", true },
		{ 200, "{\"record\":[{\"dcid\":\"6\"},{\"dcid\":\"6\"}]}", SR_E_PROTO, "does not rise", true },
		{ 200, "{\"record\":[{\"id\":\"6\"},{\"id\":\"6\"}]}", SR_E_PROTO, "without a key", true },
		{ 0, "", SR_E_NET, "PowerSchool: connection lost", true },
		{ -2, "", SR_E_NOMEM, "no room" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		const net_step asked = { "POST", QUERY "sections?page=1&pagesize=2", NULL, rows[i].status,
			rows[i].answer };
		const net_step script[] = { TOKEN, asked, asked, asked, asked };
		net n = NET(script);
		told t;

		n.step_count = rows[i].passes ? 5 : 2;
		t = page_of(&n, 2);
		assert_int_equal(t.err.code, rows[i].code);
		if (!strstr(t.err.text, rows[i].says))
			fail_msg("%s", t.err.text);
	}
}

/* One bad moment of the server costs a pause, not the pull. */
static void a_moment_of_trouble_passes(void **state)
{
	static const net_step script[] = { { "POST", PS "/oauth/access_token", NULL, 503, "" }, TOKEN,
		{ "POST", QUERY "sections?page=1&pagesize=2", NULL, 429, "" },
		{ "POST", QUERY "sections?page=1&pagesize=2", NULL, 200, "{\"record\":[{\"dcid\":" },
		{ "POST", QUERY "sections?page=1&pagesize=2", NULL, 200, "{\"@extensions\":\"\"}" } };
	net n = NET(script);
	told t = page_of(&n, 2);

	(void)state;
	assert_true(t.last);
	assert_int_equal(t.calls, 1);
	assert_true(n.now_ms >= 100000 + 400 + 2000 + 1600);
}

static void wrong_client_secret(void **state)
{
	static const net_step script[] = { { "POST", PS "/oauth/access_token", NULL, 401,
		"{\"error\":\"invalid_client\"}" } };
	net n = NET(script);
	told t = page_of(&n, 2);

	(void)state;
	assert_int_equal(t.err.code, SR_E_AUTH);
	assert_non_null(strstr(t.err.text, "client id and secret"));
}

static void reads_info_and_schools_page_by_page(void **state)
{
	SR_AUTO_FREE char *meta = golden("ps_metadata.json");
	const net_step script[] = { TOKEN, { "GET", PS "/ws/v1/metadata", NULL, 200, meta },
		{ "GET", PS "/ws/v1/metadata", NULL, 200, meta },
		{ "GET", PS "/ws/v1/district/school?page=1&pagesize=2", NULL, 200,
			"{\"schools\":{\"school\":[{\"id\":1,\"school_number\":101,\"name\":\"A\"},{\"id\":2,\"school_"
			"number\":102,\"name\":\"B\"}]}}" },
		{ "GET", PS "/ws/v1/district/school?page=2&pagesize=2", NULL, 200,
			"{\"schools\":{\"school\":{\"id\":3,\"school_number\":103,\"name\":\"C\"}}}" } };
	net n = NET(script);
	sr_ps_client *c = client(&n);
	sr_source *s = sr_ps_client_source(c);
	told info = { 0 }, schools = { 0 };

	(void)state;
	s->info(s, on_info, &info);
	while (!info.calls)
		assert_true(net_turn(&n));
	assert_string_equal(info.text, "6a1fd0a0-0000-4000-8000-1234567890ab|25.10.0.1|America/Boise");
	s->schools(s, on_schools, &schools);
	net_run(&n);
	assert_int_equal(schools.count, 3);
	assert_string_equal(schools.text, "C");
	sr_ps_client_free(c);
}

typedef struct subjects_told {
	int calls;
	bool ok, last;
	size_t count;
	int64_t last_key;
	char text[80];
	sr_errc code;
} subjects_told;

static void on_subjects(void *arg, const sr_subject_page *page, const sr_err *err)
{
	subjects_told *t = arg;

	t->calls++;
	t->ok = page->ok;
	t->last = page->last;
	t->count = page->count;
	t->last_key = page->last_key;
	t->code = err ? err->code : SR_E_OK;
	t->text[0] = '\0';
	for (size_t i = 0; i < page->count; i++)
		snprintf(t->text + strlen(t->text), sizeof(t->text) - strlen(t->text), "%s=%s ",
			page->rows[i].course_number, page->rows[i].subject);
}

/* The credit type, else the department; blanks are none of both. Refused, it is no error. */
static void subjects_come_in_pages_or_not_at_all(void **state)
{
	static const net_step script[] = { TOKEN,
		{ "POST", QUERY "subjects?page=1&pagesize=3",
			"{\"after\":\"0\",\"school\":\"312\",\"termlo\":\"3600\",\"termhi\":\"3699\"}", 200,
			"{\"record\":[{\"dcid\":\"4\",\"course_number\":\"M1\",\"credittype\":\"Math\",\"sched_"
			"department\":\"X\"},"
			"{\"dcid\":\"5\",\"course_number\":\"A1\",\"sched_department\":\"Art\"},"
			"{\"dcid\":\"9\",\"course_number\":\"H1\"}]}" },
		{ "POST", QUERY "subjects?page=1&pagesize=3", NULL, 403, "" } };
	net n = NET(script);
	sr_ps_client *c = client(&n);
	sr_source *s = sr_ps_client_source(c);
	sr_page_ask ask = {
		.kind = SR_SRC_COURSE, .school = 312, .termid_low = 3600, .termid_high = 3699, .page_size = 3
	};
	subjects_told got = { 0 };

	(void)state;
	s->subjects(s, &ask, on_subjects, &got);
	while (got.calls < 1)
		assert_true(net_turn(&n));
	assert_true(got.ok);
	assert_false(got.last);
	assert_int_equal(got.last_key, 9);
	assert_string_equal(got.text, "M1=Math A1=Art ");
	ask.after = 9;
	s->subjects(s, &ask, on_subjects, &got);
	while (got.calls < 2)
		assert_true(net_turn(&n));
	assert_false(got.ok);
	assert_true(got.last);
	assert_int_equal(got.code, SR_E_OK);
	sr_ps_client_free(c);
}

static void optional_grants_are_no_error(void **state)
{
	static const net_step script[] = { TOKEN,
		{ "POST", QUERY "roles?page=1&pagesize=1000", "{\"after\":\"0\"}", 403, "" },
		{ "POST", QUERY "prefs?page=1&pagesize=1000", "{}", 404, "{\"message\":\"Query not found\"}" },
		{ "POST", QUERY "roles?page=1&pagesize=1000", NULL, 200,
			"{\"record\":{\"id\":\"7\",\"name\":\"Lead\",\"rolekey\":\"x.lead\"}}" },
		{ "POST", QUERY "prefs?page=1&pagesize=1000", NULL, 200,
			"{\"record\":[{\"name\":\"districtnumber\",\"value\":\"1\"},{\"name\":\"CourseArchiveYear\","
			"\"value\":\"36\"}]}" },
		{ "POST", QUERY "roles?page=1&pagesize=1000", NULL, 400,
			"{\"message\":\"Invalid field specified: rolekey is not valid column for table: RoleDef\"}" } };
	net n = NET(script);
	sr_ps_client *c = client(&n);
	sr_source *s = sr_ps_client_source(c);
	told roles = { .ok = true }, year = { .number = 5 };

	(void)state;
	s->roles(s, on_roles, &roles);
	while (!roles.calls)
		assert_true(net_turn(&n));
	assert_false(roles.ok);
	assert_int_equal(roles.err.code, SR_E_OK);
	s->current_year(s, on_year, &year);
	while (!year.calls)
		assert_true(net_turn(&n));
	assert_int_equal(year.number, 0);
	s->roles(s, on_roles, &roles);
	while (roles.calls < 2)
		assert_true(net_turn(&n));
	assert_true(roles.ok);
	assert_int_equal(roles.number, 7);
	assert_string_equal(roles.text, "x.lead");
	s->current_year(s, on_year, &year);
	while (year.calls < 2)
		assert_true(net_turn(&n));
	assert_int_equal(year.number, 36);
	s->roles(s, on_roles, &roles);
	net_run(&n);
	assert_false(roles.ok);
	assert_int_equal(roles.err.code, SR_E_OK);
	sr_ps_client_free(c);
}

static void terms_are_asked_by_year(void **state)
{
	static const net_step script[] = { TOKEN,
		{ "POST", QUERY "terms?page=1&pagesize=10", "{\"after\":\"0\",\"yearlo\":\"35\"}", 200, "{}" } };
	net n = NET(script);
	sr_ps_client *c = client(&n);
	sr_source *s = sr_ps_client_source(c);
	told t = { 0 };

	(void)state;
	s->page(s, &(sr_page_ask){ .kind = SR_SRC_TERM, .termid_low = 35, .page_size = 10 }, on_page, &t);
	net_run(&n);
	assert_true(t.last);
	sr_ps_client_free(c);
}

/* Who cancels is not called, wherever his question is: waiting for a token, under way, or in the
 * very callback that makes him cancel all his others. */
static void cancelled_is_forgotten(void **state)
{
	static const net_step script[] = { { "POST", PS "/oauth/access_token", NULL, 401, "" } };
	net n = NET(script);
	sr_ps_client *c = client(&n);
	sr_source *s = sr_ps_client_source(c);
	told gone = { 0 }, t = { .cancel = s };

	(void)state;
	s->count(s, &(sr_page_ask){ .kind = SR_SRC_STUDENT }, on_count, &gone);
	s->cancel(s, &gone);
	s->count(s, &(sr_page_ask){ .kind = SR_SRC_STUDENT }, on_count, &t);
	s->count(s, &(sr_page_ask){ .kind = SR_SRC_SECTION }, on_count, &t);
	net_run(&n);
	assert_int_equal(gone.calls, 0);
	assert_int_equal(t.calls, 1);
	sr_ps_client_free(c);
}

static void freed_is_forgotten(void **state)
{
	static const net_step script[] = { TOKEN };
	net n = NET(script);
	sr_ps_client *c = client(&n);
	sr_source *s = sr_ps_client_source(c);
	told t = { 0 };

	(void)state;
	s->count(s, &(sr_page_ask){ .kind = SR_SRC_STUDENT }, on_count, &t);
	sr_ps_client_free(c);
	net_run(&n);
	assert_int_equal(t.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_by_key_with_one_token),
		cmocka_unit_test(a_short_page_is_the_last),
		cmocka_unit_test(an_expired_token_is_fetched_again_once),
		cmocka_unit_test(one_fetch_serves_all),
		cmocka_unit_test(a_server_without_counts_is_no_refusal),
		cmocka_unit_test(the_same_token_again_may_be_good),
		cmocka_unit_test(the_same_token_again_needs_an_administrator),
		cmocka_unit_test(says_what_an_administrator_has_to_do),
		cmocka_unit_test(a_moment_of_trouble_passes),
		cmocka_unit_test(wrong_client_secret),
		cmocka_unit_test(reads_info_and_schools_page_by_page),
		cmocka_unit_test(optional_grants_are_no_error),
		cmocka_unit_test(subjects_come_in_pages_or_not_at_all),
		cmocka_unit_test(terms_are_asked_by_year),
		cmocka_unit_test(cancelled_is_forgotten),
		cmocka_unit_test(freed_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
