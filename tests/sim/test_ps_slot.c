/* Several plugins at once, and what an administrator does to them. */
#include "test_ps.h"

#define QUERIES(name)                                                                                            \
	"<queries>" KIT_QUERY(name, "coreTable=\"terms\" flattened=\"true\"", "", "<column>terms.dcid</column>", \
		"select t.dcid from terms t order by t.dcid") "</queries>"
#define TERMS_GRANT "<access_request>" KIT_GRANT("TERMS", "DCID") "</access_request>"

static void add(kit *k, const char *plugin, const char *queries)
{
	sr_err err = { 0 };

	if (kit_install(k, sim_ps_plugin_add, plugin, queries, &err))
		fail_msg("%s", err.text);
}

static void refuse(kit *k, int (*install)(sim_ps *, const char *, sr_err *), const char *plugin, const char *queries,
	const char *reason)
{
	sr_err err = { 0 };

	assert_int_equal(kit_install(k, install, plugin, queries, &err), -1);
	if (!strstr(err.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
}

/* Asks for a token with this plugin's credentials by form fields; "" when it is refused. */
static void login(kit *k, const char *plugin, char token[64])
{
	char *id = NULL, *secret = NULL;
	json_t *answer;

	assert_int_equal(sim_ps_plugin_credentials(k->ps, plugin, &id, &secret, NULL), 0);
	SR_AUTO_FREE char *body = sr_asprintf(
		"grant_type=client_credentials&client_id=%s&client_secret=%s", id ? id : "", secret ? secret : "");
	free(id);
	free(secret);
	*token = '\0';
	if (kit_send(k, "POST", "/oauth/access_token", NULL, body) != 200)
		return;
	answer = kit_json(k);
	snprintf(token, 64, "Bearer %s", json_string_value(json_object_get(answer, "access_token")));
	json_decref(answer);
}

static void each_plugin_has_its_own_credentials_rights_and_level(void **state)
{
	kit *k = *state;
	char main_token[64], other[64];

	add(k, KIT_PLUGIN("other", "1.0", "<oauth/>" TERMS_GRANT), QUERIES("org.other.a.b.terms"));
	login(k, "", main_token);
	login(k, "other", other);
	assert_true(*other && strcmp(main_token, other) != 0);
	/* Its level is NONE, the main plugin's READ. */
	assert_int_equal(kit_send(k, "GET", "/ws/v1/district/school", other, NULL), 401);
	assert_true(kit_says(k, "~accessLevelV1Api READ"));
	assert_int_equal(kit_send(k, "GET", "/ws/v1/district/school", main_token, NULL), 200);
	assert_int_equal(sim_ps_plugin_access(k->ps, "other", "READ", NULL), 0);
	assert_int_equal(kit_send(k, "GET", "/ws/v1/district/school", other, NULL), 200);
	/* Queries are everybody's, rights are not. */
	assert_int_equal(kit_send(k, "POST", "/ws/schema/query/org.other.a.b.terms", other, "{}"), 200);
	assert_int_equal(kit_send(k, "POST", "/ws/schema/query/org.other.a.b.terms", main_token, "{}"), 200);
	assert_int_equal(kit_send(k, "POST", QUERY("roles"), other, "{\"after\":\"0\"}"), 403);
	assert_int_equal(kit_send(k, "GET", "/ws/schema/table/roledef?projection=name", other, NULL), 403);
	assert_int_equal(kit_send(k, "GET", "/ws/schema/table/roledef?projection=name", main_token, NULL), 200);
	/* One may be off while the other works. */
	assert_int_equal(sim_ps_plugin_enable(k->ps, "other", false, NULL), 0);
	assert_int_equal(kit_send(k, "POST", "/ws/schema/query/org.other.a.b.terms", main_token, "{}"), 404);
	assert_int_equal(kit_send(k, "POST", QUERY("roles"), main_token, "{\"after\":\"0\"}"), 200);
	assert_int_equal(sim_ps_plugin_remove(k->ps, "other", NULL), 0);
	assert_int_equal(kit_send(k, "GET", "/ws/v1/district/school", other, NULL), 401);
}

static void expect_sizes(kit *k, const char *token, int student, int term)
{
	json_t *answer, *m;

	assert_int_equal(kit_send(k, "GET", "/ws/v1/metadata", token, NULL), 200);
	answer = kit_json(k);
	m = json_object_get(answer, "metadata");
	assert_int_equal(json_integer_value(json_object_get(m, "student_max_page_size")), student);
	assert_int_equal(json_integer_value(json_object_get(m, "term_max_page_size")), term);
	json_decref(answer);
}

static void page_sizes_are_a_plugins_own(void **state)
{
	kit *k = *state;
	char main_token[64], other[64];

	add(k, KIT_PLUGIN("other", "1.0", KIT_OAUTH), NULL);
	login(k, "", main_token);
	login(k, "other", other);
	assert_int_equal(sim_ps_plugin_page_max(k->ps, "other", NULL, 1000, NULL), 0);
	assert_int_equal(sim_ps_plugin_page_max(k->ps, "other", "student", 2, NULL), 0);
	expect_sizes(k, NULL, 100, 100);
	expect_sizes(k, main_token, 100, 100);
	expect_sizes(k, other, 2, 1000);
	assert_int_equal(kit_send(k, "GET", "/ws/v1/district/student?pagesize=4", other, NULL), 200);
	assert_true(kit_says(k, "!\"id\":13"));
	assert_int_equal(kit_send(k, "GET", "/ws/v1/district/student", main_token, NULL), 200);
	assert_true(kit_says(k, "~\"id\":13"));
	assert_int_equal(sim_ps_plugin_page_max(k->ps, "other", "shoe", 2, NULL), -1);
	assert_int_equal(sim_ps_plugin_page_max(k->ps, "other", NULL, 1001, NULL), -1);
	assert_int_equal(sim_ps_plugin_page_max(k->ps, "nobody", NULL, 10, NULL), -1);
}

static void regenerated_credentials_void_the_old(void **state)
{
	kit *k = *state;
	char before[64], after[64];
	char *id = NULL, *secret = NULL;

	login(k, "", before);
	assert_int_equal(sim_ps_plugin_regenerate(k->ps, "sisroll", NULL), 0);
	assert_int_equal(kit_send(k, "GET", "/ws/v1/district", before, NULL), 401);
	assert_int_equal(kit_send(k, "POST", "/oauth/access_token", NULL,
				 "grant_type=client_credentials&client_id=sandbox-id&client_secret=sandbox-secret"),
		401);
	login(k, "", after);
	assert_true(*after && strcmp(before, after) != 0);
	assert_int_equal(kit_send(k, "GET", "/ws/v1/district", after, NULL), 200);
	assert_int_equal(sim_ps_plugin_credentials(k->ps, "", &id, &secret, NULL), 0);
	assert_string_not_equal(id, "sandbox-id");
	free(id);
	free(secret);
}

static void only_oauth_mints_credentials(void **state)
{
	kit *k = *state;
	char *id, *secret;
	char token[64];

	add(k, KIT_PLUGIN("silent", "1.0", ""), NULL);
	assert_int_equal(sim_ps_plugin_credentials(k->ps, "silent", &id, &secret, NULL), 0);
	assert_null(id);
	assert_null(secret);
	login(k, "silent", token);
	assert_string_equal(token, "");
	assert_int_equal(sim_ps_plugin_regenerate(k->ps, "silent", NULL), -1);
	/* A newer version brings them. */
	add(k, KIT_PLUGIN("silent", "1.1", KIT_OAUTH), NULL);
	login(k, "silent", token);
	assert_true(*token);
}

static void versions_rise_and_names_are_unique(void **state)
{
	static const char one[] = KIT_PLUGIN("other", "1.9", "<oauth/>");
	kit *k = *state;
	char before[64], after[64];
	SR_AUTO(sr_buf) list = { 0 };

	add(k, one, QUERIES("org.other.a.b.terms"));
	login(k, "other", before);
	assert_int_equal(sim_ps_plugin_access(k->ps, "other", "FULL", NULL), 0);
	add(k, one, QUERIES("org.other.a.b.terms")); /* the same again keeps what was set */
	assert_int_equal(kit_send(k, "GET", "/ws/v1/district", before, NULL), 200);
	add(k, KIT_PLUGIN("other", "1.10", "<oauth/>"),
		NULL); /* a newer one starts afresh, with the same credentials */
	assert_int_equal(kit_send(k, "GET", "/ws/v1/district", before, NULL), 401);
	login(k, "other", after);
	assert_string_equal(before, after);
	refuse(k, sim_ps_plugin_add, one, NULL, "newer");
	refuse(k, sim_ps_install, one, NULL, "installed already");
	refuse(k, sim_ps_plugin_add, KIT_PLUGIN("third", "1", ""), QUERIES("org.sisroll.sync.roster.roles"),
		"is used by");
	refuse(k, sim_ps_plugin_add, KIT_PLUGIN("third", "1", "<surprise/>"), NULL, "may not stand here");
	assert_int_equal(sim_ps_plugin_list(k->ps, &list, NULL), 0);
	assert_true(sr_starts(sr_buf_text(&list), "sisroll\t"));
	assert_non_null(strstr(sr_buf_text(&list), "\nother\t1.10\ton\tNONE\t"));
	assert_null(strstr(sr_buf_text(&list), "third"));
	assert_int_equal(sim_ps_plugin_remove(k->ps, "sisroll", NULL), -1);
	assert_int_equal(sim_ps_plugin_access(k->ps, "other", "WRITE", NULL), -1);
}

static void tokens_outlive_a_restart(void **state)
{
	kit *k = *state;
	char before[64];

	add(k, KIT_PLUGIN("other", "1.0", KIT_OAUTH), NULL);
	login(k, "other", before);
	sim_ps_free(k->ps);
	k->ps = sim_ps_new(&k->world, NULL, NULL);
	assert_int_equal(kit_send(k, "GET", "/ws/v1/district", before, NULL), 401); /* not there yet */
	add(k, KIT_PLUGIN("other", "1.0", KIT_OAUTH), NULL);
	assert_int_equal(kit_send(k, "GET", "/ws/v1/district", before, NULL), 200);
}

static void levels_begin_with_25_2(void **state)
{
	static const struct {
		const char *version;
		int status;
	} servers[] = { { "25.10.0.1", 401 }, { "25.2", 401 }, { "25.1.9", 200 }, { "24.11.0.0", 200 },
		{ "9.2", 200 } };
	kit *k = *state;

	kit_login(k);
	assert_int_equal(sim_ps_plugin_access(k->ps, "", "NONE", NULL), 0);
	for (size_t i = 0; i < SR_COUNT_OF(servers); i++) {
		assert_int_equal(sim_ps_state_set(&k->world, "powerschool_version", servers[i].version, NULL), 0);
		assert_int_equal(kit_send(k, "GET", "/ws/v1/district/school", k->token, NULL), servers[i].status);
		assert_int_equal(kit_send(k, "GET", "/ws/v1/metadata", k->token, NULL), 200);
		assert_true(kit_says(k, "~powerschool_version"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(each_plugin_has_its_own_credentials_rights_and_level),
		KIT_TEST(page_sizes_are_a_plugins_own),
		KIT_TEST(regenerated_credentials_void_the_old),
		KIT_TEST(only_oauth_mints_credentials),
		KIT_TEST(versions_rise_and_names_are_unique),
		KIT_TEST(tokens_outlive_a_restart),
		KIT_TEST(levels_begin_with_25_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
