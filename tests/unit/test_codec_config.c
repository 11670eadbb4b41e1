/* The configuration: defaults, drop-ins, schools on top of each other, and every problem at once. */
#include "codec_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#include "codec/config.h"
#include "codec/oauth1.h"

#define MINIMAL "[powerschool]\nurl = https://ps.example.org/\n"

typedef struct folder {
	char path[64], conf[80], conf_d[80];
} folder;

static int folder_make(void **state)
{
	folder *f = calloc(1, sizeof(*f));

	strcpy(f->path, "/tmp/sisroll-config-XXXXXX");
	if (!f || !mkdtemp(f->path))
		return -1;
	snprintf(f->conf, sizeof(f->conf), "%s/c.conf", f->path);
	snprintf(f->conf_d, sizeof(f->conf_d), "%s/c.conf.d", f->path);
	*state = f;
	return mkdir(f->conf_d, 0700);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void put_drop_in(const folder *f, const char *name, const char *text)
{
	SR_AUTO_FREE char *path = sr_asprintf("%s/%s", f->conf_d, name);

	put(path, text);
}

static int folder_drop(void **state)
{
	folder *f = *state;
	SR_AUTO_FREE char *command = sr_asprintf("rm -r '%s'", f->path);
	int rc = system(command);

	free(f);
	return rc;
}

static sr_config *load(const folder *f)
{
	SR_AUTO(sr_buf) problems = { 0 };
	sr_config *c = NULL;
	sr_err err;

	if (sr_config_load(f->conf, f->conf_d, &c, &problems, &err) < 0)
		fail_msg("%s: %s", err.text, sr_buf_text(&problems));
	return c;
}

static void has_a_default_for_everything(void **state)
{
	const folder *f = *state;
	sr_school_config s;
	sr_config *c;

	put(f->conf, MINIMAL);
	c = load(f);
	assert_string_equal(c->powerschool.url, "https://ps.example.org");
	assert_int_equal(c->powerschool.page_size, 1000);
	assert_int_equal(c->powerschool.timeout_ms, 60000);
	assert_string_equal(c->schoology.url, "https://api.schoology.com/v1");
	assert_int_equal(c->schoology.rate_window_ms, 5000);
	assert_int_equal(c->schoology.signature, SR_OAUTH1_HMAC_SHA1);
	assert_int_equal(c->sync.interval_ms, 3600000);
	assert_int_equal(c->sync.drops_at_min, 120);
	assert_int_equal(c->sync.window.from_min, c->sync.window.to_min);
	assert_int_equal(sr_config_school(c, 312, &s), 1);
	assert_int_equal(s.number, 312);
	assert_false(s.sync);
	assert_null(s.role_student);
	assert_null(s.student_email);
	assert_string_equal(s.staff_uid, "T{teacher_number}");
	assert_int_equal(s.end_grace_days, 7);
	assert_int_equal(s.drop_percent, 5);
	assert_int_equal(s.settle_days, 21);
	assert_int_equal(s.students_from, SR_DAY_NONE);
	assert_int_equal(s.exclude_courses_count, 0);
	sr_config_free(c);
}

static void lays_schools_over_all_schools_over_the_district(void **state)
{
	const folder *f = *state;
	const sr_number_range *ranges;
	const int64_t *numbers;
	sr_school_config s;
	sr_config *c;
	size_t count;

	put(f->conf, MINIMAL "[roles]\nstudent = Student\nteacher = Teacher ; a remark\n"
			     "[filter]\nexclude_courses = HR* LUNCH\n  STUDY?\nexclude_grades = -1, 0\n"
			     "[school *]\nsync = yes\nteacher = Educator\n"
			     "[school 312]\nbuilding = 5171921\nstudents_from = 2026-08-15\nteacher =\n"
			     "[school 101]\nsync = no\nsection_code = {section_dcid}\n"
			     "[group high]\nschools = 400 410-419\n"
			     "[sync]\nwindow = 19:00-06:00\ninterval = 1h 30min\nend_grace = 10d\n"
			     "[calendar]\nlast_day = 2026-06-05\n");
	c = load(f);
	assert_int_equal(sr_config_school(c, 312, &s), 0);
	assert_true(s.sync);
	assert_int_equal(s.building, 5171921);
	assert_int_equal(s.students_from, sr_day_make(2026, 8, 15));
	assert_string_equal(s.role_student, "Student");
	assert_null(s.role_teacher);
	assert_int_equal(s.exclude_courses_count, 3);
	assert_string_equal(s.exclude_courses[2], "STUDY?");
	assert_int_equal(s.exclude_grades_count, 2);
	assert_int_equal(s.exclude_grades[0], -1);
	assert_int_equal(s.end_grace_days, 10);
	assert_int_equal(s.last_day, sr_day_make(2026, 6, 5));
	assert_int_equal(sr_config_school(c, 101, &s), 0);
	assert_false(s.sync);
	assert_string_equal(s.role_teacher, "Educator");
	assert_string_equal(s.section_code, "{section_dcid}");
	assert_int_equal(sr_config_school(c, 999, &s), 1);
	assert_true(s.sync);
	assert_int_equal(sr_config_school_list(c, &numbers), 2);
	assert_int_equal(numbers[0], 101);
	assert_int_equal(numbers[1], 312);
	assert_true(sr_config_group(c, "high", &ranges, &count));
	assert_int_equal(count, 2);
	assert_int_equal(ranges[1].high, 419);
	assert_false(sr_config_group(c, "low", &ranges, &count));
	assert_int_equal(c->sync.window.from_min, 19 * 60);
	assert_int_equal(c->sync.interval_ms, 90 * 60000);
	sr_config_free(c);
}

static void drop_ins_replace_in_the_order_of_their_names(void **state)
{
	const folder *f = *state;
	sr_school_config s;
	sr_config *c;

	put(f->conf, MINIMAL "[schoology]\nconcurrency = 2\n[school 312]\nsync = no\n");
	put_drop_in(f, "20.conf", "[schoology]\nconcurrency = 4\n");
	put_drop_in(f, "10.conf", "[schoology]\nconcurrency = 3\n[school 312]\nsync = yes\n");
	put_drop_in(f, "30.conf.bak", "[nonsense]\n");
	c = load(f);
	assert_int_equal(c->schoology.concurrency, 4);
	sr_config_school(c, 312, &s);
	assert_true(s.sync);
	sr_config_free(c);
}

static void http_is_for_this_machine_alone(void **state)
{
	static const struct {
		const char *url;
		bool ok;
	} rows[] = {
		{ "http://127.0.0.1:18080", true },
		{ "http://localhost/v1/", true },
		{ "http://[::1]:80", true },
		{ "http://ps.example.org", false },
		{ "http://127.0.0.1.example.org", false },
		{ "http://localhost@example.org", false },
		{ "http://user@localhost", false },
		{ "ftp://localhost", false },
		{ "https://", false },
		{ "https:///x", false },
		{ "https://h?x=1", false },
		{ "", false },
	};
	const folder *f = *state;

	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		SR_AUTO_FREE char *text = sr_asprintf("[powerschool]\nurl = %s\n", rows[i].url);
		sr_config *c = NULL;
		int rc;

		put(f->conf, text);
		rc = sr_config_load(f->conf, NULL, &c, NULL, NULL);
		if ((rc == 0) != rows[i].ok)
			fail_msg("%s: %d", rows[i].url, rc);
		sr_config_free(c);
	}
}

static void tells_every_problem_with_its_line(void **state)
{
	const folder *f = *state;
	SR_AUTO(sr_buf) problems = { 0 };
	SR_AUTO(sr_buf) expected = { 0 };
	sr_config *c = NULL;
	sr_err err;
	static const struct {
		int line;
		const char *text;
	} rows[] = {
		{ 1, "`lost` stands before the first [section]" },
		{ 3, "interval: expected a time span like 90s, 5min, 1h 30min or 7d" },
		{ 4, "[sync] has no setting `intervall`" },
		{ 5, "expected `name = value`" },
		{ 6, "interval: 40d is outside 1..2592000 s" },
		{ 7, "there is no section [shcool 312]" },
		{ 9, "there is no section [school x]" },
		{ 12, "sync is set twice, first on line 11" },
		{ 13, "building: expected a whole number" },
		{ 14, "student_uid: expected one of {student_number}, {student_web_id}, {dcid}, {id} in it" },
		{ 16, "concurrency: 65 is outside 1..64" },
		{ 17, "signature: expected one of hmac-sha1, plaintext" },
		{ 18, "an indented line goes on with `signature`; begin a setting at the start of its line" },
		{ 20, "last_day: expected a date like 2026-08-17" },
		{ 21, "expected [section]: the closing bracket is missing" },
		{ 23, "schools: expected school numbers and ranges, like 101 300-319" },
		{ 24, "there is no section [group bad name]" },
	};

	put(f->conf, "lost = 1\n[sync]\ninterval = soon\nintervall = 1h\nnothing\ninterval = 40d\n[shcool 312]\nx = "
		     "1\n[school x]\n"
		     "[school 312]\nsync = yes\nsync = no\nbuilding = North\nstudent_uid = S\n[schoology]\nconcurrency "
		     "= 65\n"
		     "signature = md5\n  key_file = /x\n[calendar]\nlast_day = June\n[open\n[group a]\nschools = "
		     "319-300\n[group bad name]\n");
	assert_int_equal(sr_config_load(f->conf, f->conf_d, &c, &problems, &err), -1);
	assert_null(c);
	assert_int_equal(err.code, SR_E_INVALID);
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		sr_buf_printf(&expected, "%s:%d: %s\n", f->conf, rows[i].line, rows[i].text);
	sr_buf_printf(&expected, "%s: [powerschool] url must be given\n", f->conf);
	assert_string_equal(problems.p, expected.p);
	assert_string_equal(err.text, "18 problems in the configuration");
}

static void checks_what_no_line_shows(void **state)
{
	const folder *f = *state;
	SR_AUTO(sr_buf) problems = { 0 };
	SR_AUTO_FREE char *missing = sr_asprintf("%s/none.conf", f->path);
	sr_config *c = NULL;
	sr_err err;

	put(f->conf,
		MINIMAL "[schoology]\nrate_credits = 2\n[sync]\nretry_first = 1h\nretry_max = 1min\ndrop_status = 3\n");
	assert_int_equal(sr_config_load(f->conf, NULL, &c, &problems, &err), -1);
	assert_non_null(strstr(problems.p, "rate_credits is less than one request costs"));
	assert_non_null(strstr(problems.p, "retry_first is longer than retry_max"));
	assert_non_null(strstr(problems.p, "drop_status is 5 or 2"));
	assert_int_equal(sr_config_load(missing, NULL, &c, &problems, &err), -1);
	assert_int_equal(err.code, SR_E_IO);
}

static void cuts_no_long_line_in_pieces(void **state)
{
	const folder *f = *state;
	SR_AUTO(sr_buf) text = { 0 };
	SR_AUTO(sr_buf) problems = { 0 };
	sr_config *c = NULL;

	sr_buf_puts(&text, MINIMAL "[filter]\nexclude_courses = ");
	for (int i = 0; i < 3000; i++)
		sr_buf_puts(&text, "A* ");
	sr_buf_puts(&text, "\n[sync]\ninterval = 2h\n");
	put(f->conf, text.p);
	assert_int_equal(sr_config_load(f->conf, NULL, &c, &problems, NULL), -1);
	assert_non_null(strstr(problems.p, ":4: the line is too long"));
	assert_null(strstr(problems.p, ":5"));
}

/* Every setting of the example, taken out of its comment, is a configuration that means the same. */
static void example_is_a_configuration(void **state)
{
	const folder *f = *state;
	SR_AUTO(sr_buf) example = { 0 };
	SR_AUTO(sr_buf) active = { 0 };
	sr_config *c;

	sr_config_example(&example);
	for (const char *line = strtok(example.p, "\n"); line; line = strtok(NULL, "\n")) {
		if (line[0] == '#' && line[1] != ' ')
			line++;
		if (sr_starts(line, "[school N]"))
			line = "[school 312]";
		if (sr_starts(line, "url = https://") && strlen(line) == 14)
			line = "url = https://ps.example.org";
		sr_buf_printf(&active, "%s\n", line);
	}
	put(f->conf, active.p);
	c = load(f);
	assert_int_equal(c->schoology.settle_ms, 10000);
	assert_string_equal(c->powerschool.query_prefix, "org.sisroll.sync.roster");
	sr_config_free(c);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(has_a_default_for_everything),
		WITH_FOLDER(lays_schools_over_all_schools_over_the_district),
		WITH_FOLDER(drop_ins_replace_in_the_order_of_their_names),
		WITH_FOLDER(http_is_for_this_machine_alone),
		WITH_FOLDER(tells_every_problem_with_its_line),
		WITH_FOLDER(checks_what_no_line_shows),
		WITH_FOLDER(cuts_no_long_line_in_pieces),
		WITH_FOLDER(example_is_a_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
