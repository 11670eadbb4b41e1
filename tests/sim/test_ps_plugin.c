/* The plugin that ships, held against PowerSchool's rules and our own; and bad plugins refused. */
#include "test_ps.h"

#include <ctype.h>

static int setup(void **state)
{
	kit *k = calloc(1, sizeof(*k));

	*state = k;
	return k ? kit_open(k, NULL) : -1;
}

static int teardown(void **state)
{
	kit_close(*state);
	free(*state);
	return 0;
}

static sim_ps_plugin *shipped(kit *k)
{
	SR_AUTO_FREE char *folder = kit_plugin_folder();
	sr_err err = { 0 };
	sim_ps_plugin *plugin = sim_ps_plugin_load(k->world.db, folder, &err);

	if (!plugin)
		fail_msg("%s", err.text);
	return plugin;
}

/* The columns of each query, by name and in order: lib/core/model.h counts on them. */
static const struct {
	const char *query, *columns;
} contract[] = {
	/* clang-format off */
	{ "terms",       "dcid,id,schoolid,yearid,isyearrec,portion,name,abbreviation,firstday,lastday," },
	{ "sections",    "dcid,id,course_number,section_number,schoolid,termid,teacher,teacher_users_dcid," },
	{ "courses",     "dcid,course_number,course_name,schoolid," },
	{ "students",    "dcid,id,student_number,student_web_id,first_name,last_name,grade_level,enroll_status,"
			 "schoolid,entrydate,exitdate,grad_year," },
	{ "staff",       "dcid,id,users_dcid,schoolid,status,staffstatus,first_name,last_name,preferredname,"
			 "email_addr,teachernumber,loginid,teacherloginid,homeschoolid," },
	{ "enrollments", "dcid,studentid,student_dcid,sectionid,section_dcid,termid,schoolid,dateenrolled,dateleft,"
			 "attendance_type_code," },
	{ "teachings",   "id,sectionid,section_dcid,termid,teacherid,users_dcid,roleid,start_date,end_date," },
	{ "roles",       "id,name,rolekey," },
	{ "prefs",       "name,value," },
	{ "subjects",    "dcid,course_number,credittype,sched_department," },
	{ "student_email_person", "dcid,email," },
	{ "student_email_psm",    "dcid,email," },
	/* clang-format on */
};

static void columns_are_the_contract(void **state)
{
	sim_ps_plugin *plugin = shipped(*state);
	size_t queries = 0;

	for (const sim_ps_query *q = plugin->queries; q; q = q->next)
		queries++;
	assert_int_equal(queries, SR_COUNT_OF(contract));
	for (size_t i = 0; i < SR_COUNT_OF(contract); i++) {
		SR_AUTO_FREE char *name = sr_asprintf("org.sisroll.sync.roster.%s", contract[i].query);
		const sim_ps_query *q = sim_ps_plugin_query(plugin, name);
		SR_AUTO(sr_buf) declared = { 0 };
		SR_AUTO(sr_buf) selected = { 0 };

		assert_non_null(q);
		assert_true(q->flattened);
		for (size_t n = 0; n < q->column_count; n++) {
			sr_buf_printf(&declared, "%s,", q->columns[n].name);
			sr_buf_printf(&selected, "%s,", sqlite3_column_name(q->stmt, (int)n));
		}
		assert_string_equal(sr_buf_text(&declared), contract[i].columns);
		assert_string_equal(sr_buf_text(&selected), contract[i].columns);
	}
	sim_ps_plugin_free(plugin);
}

static bool reads_field(const sim_ps_plugin *plugin, const sim_ps_field *f)
{
	for (const sim_ps_query *q = plugin->queries; q; q = q->next) {
		for (size_t i = 0; i < q->read_count; i++) {
			if (!strcmp(q->reads[i].table, f->table) && !strcmp(q->reads[i].field, f->field))
				return true;
		}
	}
	return false;
}

static void every_right_is_used_and_every_use_has_a_right(void **state)
{
	sim_ps_plugin *plugin = shipped(*state);

	for (const sim_ps_grant *g = plugin->grants; g; g = g->next) {
		if (!reads_field(plugin, &g->what))
			fail_msg("%s.%s is granted, but no query reads it", g->what.table, g->what.field);
		for (const sim_ps_grant *other = g->next; other; other = other->next)
			assert_false(
				!strcmp(g->what.table, other->what.table) && !strcmp(g->what.field, other->what.field));
	}
	for (const sim_ps_query *q = plugin->queries; q; q = q->next) {
		for (size_t i = 0; i < q->read_count; i++) {
			if (!sim_ps_plugin_grants(plugin, &q->reads[i]))
				fail_msg("%s reads %s.%s without a right", q->name, q->reads[i].table,
					q->reads[i].field);
		}
		/* What a column is declared as must be what its expression reads. */
		for (size_t i = 0; i < q->column_count; i++)
			assert_true(reads_field(plugin, &q->columns[i].source));
	}
	assert_string_equal(plugin->v1_access, "READ");
	sim_ps_plugin_free(plugin);
}

static bool has_word(const char *sql, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = sql; (p = strstr(p, word)); p++) {
		bool begins = p == sql || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');

		if (begins && !(isalnum((unsigned char)p[len]) || p[len] == '_'))
			return true;
	}
	return false;
}

/* contracts/powerschool.md 16.17: what one of Oracle and SQLite lacks or means otherwise. */
static void sql_stays_in_the_common_subset(void **state)
{
	static const char *const avoided[] = { "with", "limit", "offset", "fetch", "rownum", "using", "except", "minus",
		"nvl", "ifnull", "decode", "instr", "mod", "sysdate", "trunc", "extract", "dual", "full", "glob",
		"group_concat", "listagg" };
	sim_ps_plugin *plugin = shipped(*state);

	for (const sim_ps_query *q = plugin->queries; q; q = q->next) {
		for (size_t i = 0; i < SR_COUNT_OF(avoided); i++) {
			if (has_word(q->sql, avoided[i]))
				fail_msg("%s uses %s", q->name, avoided[i]);
		}
		assert_null(strpbrk(q->sql, "\"[]`/%;"));
		assert_null(strstr(q->sql, "''"));
		for (const char *p = q->sql; (p = strchr(p, ':')); p++)
			assert_true(p - q->sql >= 5 && !strncmp(p - 5, "cast(", 5));
		assert_true(has_word(q->sql, "order"));
	}
	sim_ps_plugin_free(plugin);
}

/* ---- bad plugins ---- */

#define HEAD "<plugin xmlns=\"http://plugin.powerschool.pearson.com\" name=\"p\" version=\"1.0\">"
#define TAIL "<publisher name=\"P\"><contact email=\"p@example.org\"/></publisher></plugin>"
#define QHEAD "<queries><query name=\"a.b.c.d.e\" coreTable=\"terms\" flattened=\"true\">"
#define ONE_COLUMN "<columns><column>terms.dcid</column></columns>"
#define SQL(text) "<sql><![CDATA[" text "]]></sql>"
#define QTAIL "</query></queries>"
#define FORTY "1234567890123456789012345678901234567890"

static const struct {
	const char *plugin, *queries, *complaint;
} bad[] = {
	/* clang-format off */
	{ "<plugin name=\"p\" version=\"1\">" TAIL, NULL, "namespace" },
	{ "<plugin xmlns=\"http://plugin.powerschool.pearson.com\" version=\"1\">" TAIL, NULL, "name is missing" },
	{ "<plugin xmlns=\"http://plugin.powerschool.pearson.com\" name=\"" FORTY "x\" version=\"1\">" TAIL, NULL,
	  "longer than 40" },
	{ "<plugin xmlns=\"http://plugin.powerschool.pearson.com\" name=\"p\" version=\"1.0b\">" TAIL, NULL, "digits" },
	{ HEAD "</plugin>", NULL, "publisher" },
	{ HEAD "<oauth accessLevelV1Api=\"WRITE\"/>" TAIL, NULL, "WRITE" },
	{ HEAD "<access_request><field table=\"T\" field=\"F\" access=\"All\"/></access_request>" TAIL, NULL, "All" },
	{ HEAD "<surprise/>" TAIL, NULL, "may not stand here" },
	{ HEAD TAIL "<more/>", NULL, "junk" },
	{ HEAD TAIL, "<queries><query name=\"a.b.c.d\" coreTable=\"terms\">" ONE_COLUMN SQL("select 1") QTAIL, "five" },
	{ HEAD TAIL, "<queries><query name=\"com.powerschool.c.d.e\">" ONE_COLUMN QTAIL, "com.powerschool" },
	{ HEAD TAIL, QHEAD ONE_COLUMN SQL("select t.dcid, t.id from terms t") QTAIL, "but the select has 2" },
	{ HEAD TAIL, QHEAD ONE_COLUMN SQL("select t.dcid from terms t;") QTAIL, "semicolon" },
	{ HEAD TAIL, QHEAD ONE_COLUMN SQL("select t.none from terms t") QTAIL, "no such column" },
	{ HEAD TAIL, QHEAD ONE_COLUMN SQL("select t.dcid from terms t where t.id = :x") QTAIL, ":x" },
	{ HEAD TAIL, QHEAD ONE_COLUMN SQL("delete from terms returning dcid") QTAIL, "not authorized" },
	{ HEAD TAIL, QHEAD ONE_COLUMN SQL("select key from sim_ps_state") QTAIL, "prohibited" },
	{ HEAD TAIL, QHEAD "<columns><column>terms.sum</column></columns>" SQL("select t.id from terms t") QTAIL,
	  "no column TERMS.SUM" },
	{ HEAD TAIL, QHEAD "<columns><column>terms.id</column><column>terms.id</column></columns>"
	  SQL("select t.id, t.dcid from terms t") QTAIL, "twice" },
	{ HEAD TAIL, QHEAD "<columns><column>terms.id</column><column>terms.dcid</column></columns>"
	  SQL("select t.id, t.dcid as id from terms t") QTAIL, "two select items" },
	{ HEAD TAIL, "<queries><query name=\"a.b.c.d.e\"><columns><column>id</column></columns>" SQL("select 1") QTAIL,
	  "coreTable" },
	{ HEAD TAIL, QHEAD ONE_COLUMN SQL("select t.dcid from terms t") "</query><query name=\"a.b.c.d.e\">" QTAIL,
	  "used twice" },
	{ HEAD TAIL, QHEAD "<args><arg name=\"x\" column=\"terms.none\"/></args>" ONE_COLUMN
	  SQL("select t.dcid from terms t where t.id = :x") QTAIL, "names no column" },
	/* clang-format on */
};

/* Installs a plugin made of these two files; `err` as sim_ps_install leaves it. */
static int install_made(kit *k, const char *plugin, const char *queries, sr_err *err)
{
	return kit_install(k, sim_ps_install, plugin, queries, err);
}

static void bad_plugins_are_refused_with_a_reason(void **state)
{
	kit *k = *state;

	for (size_t i = 0; i < SR_COUNT_OF(bad); i++) {
		sr_err err = { 0 };

		if (!install_made(k, bad[i].plugin, bad[i].queries, &err))
			fail_msg("row %zu (%s) was installed", i, bad[i].complaint);
		if (!strstr(err.text, bad[i].complaint))
			fail_msg("row %zu: \"%s\" does not say \"%s\"", i, err.text, bad[i].complaint);
	}
	/* The one before is still there. */
	json_decref(kit_call(k, "POST", QUERY("roles"), "{\"after\":\"0\"}", 200));
}

static void another_plugin_takes_the_place_and_answers_in_the_default_shape(void **state)
{
	static const char queries[] =
		"<queries><query name=\"a.b.c.d.e\" coreTable=\"sections\"><summary>S</summary>"
		"<args><arg name=\"lo\" column=\"sections.dcid\" default=\"401\"/></args>"
		"<columns><column>dcid</column><column>sections.room</column>"
		"<column column=\"SCHOOLSTAFF.USERS_DCID\">schoolstaff.who</column></columns>" SQL(
			"select s.dcid, s.room, f.users_dcid from sections s join schoolstaff f on f.id = s.teacher "
			"where s.dcid > :lo order by s.dcid") QTAIL;
	static const char plugin[] = HEAD
		"<access_request><field table=\"SECTIONS\" field=\"DCID\" access=\"ViewOnly\"/>"
		"<field table=\"Sections\" field=\"room\" access=\"ViewOnly\"/>"
		"<field table=\"SECTIONS\" field=\"TEACHER\" access=\"FullAccess\"/>"
		"<field table=\"SCHOOLSTAFF\" field=\"ID\" access=\"ViewOnly\"/>"
		"<field table=\"SCHOOLSTAFF\" field=\"USERS_DCID\" access=\"ViewOnly\"/></access_request>" TAIL;
	kit *k = *state;
	sr_err err = { 0 };
	json_t *answer;

	kit_sql(k, kit_district);
	if (install_made(k, plugin, queries, &err))
		fail_msg("%s", err.text);
	json_decref(kit_call(k, "POST", QUERY("roles"), "{\"after\":\"0\"}", 404));
	answer = kit_call(k, "POST", "/ws/schema/query/a.b.c.d.e?count=true", "{}", 200);
	assert_string_equal(sr_buf_text(&k->reply.body),
		"{\"name\":\"Sections\",\"count\":2,\"record\":["
		"{\"id\":402,\"name\":\"Sections\",\"tables\":{\"sections\":{\"dcid\":\"402\",\"room\":null},"
		"\"schoolstaff\":{\"who\":\"503\"}}},"
		"{\"id\":403,\"name\":\"Sections\",\"tables\":{\"sections\":{\"dcid\":\"403\",\"room\":null},"
		"\"schoolstaff\":{\"who\":\"504\"}}}],\"@extensions\":\"\"}");
	json_decref(answer);
	/* A plugin without v1 level has none. */
	json_decref(kit_call(k, "GET", "/ws/v1/district/school", NULL, 401));
}

static void installing_the_same_again_keeps_what_the_district_set(void **state)
{
	SR_AUTO_FREE char *folder = kit_plugin_folder(), *enabled = NULL;
	kit *k = *state;

	assert_int_equal(sim_ps_state_set(&k->world, "plugin_enabled", "0", NULL), 0);
	assert_int_equal(sim_ps_install(k->ps, folder, NULL), 0);
	enabled = sim_ps_state_get(&k->world, "plugin_enabled", NULL);
	assert_string_equal(enabled, "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(columns_are_the_contract, setup, teardown),
		cmocka_unit_test_setup_teardown(every_right_is_used_and_every_use_has_a_right, setup, teardown),
		cmocka_unit_test_setup_teardown(sql_stays_in_the_common_subset, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_plugins_are_refused_with_a_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(
			another_plugin_takes_the_place_and_answers_in_the_default_shape, setup, teardown),
		cmocka_unit_test_setup_teardown(installing_the_same_again_keeps_what_the_district_set, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
