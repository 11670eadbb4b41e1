/* The conformance table holds: every test it names is there, every switch has a row. */
#include "test_ps.h"

#include <ctype.h>

static char *read_source(const char *name)
{
	SR_AUTO_FREE char *path = sr_asprintf(SIM_SOURCE_FOLDER "/tests/sim/%s", name);
	FILE *f = fopen(path, "re");
	SR_AUTO(sr_buf) text = { 0 };
	char chunk[4096];
	size_t n;

	if (!f)
		return NULL;
	while ((n = fread(chunk, 1, sizeof(chunk), f)))
		sr_buf_add(&text, chunk, n);
	fclose(f);
	return sr_buf_take(&text);
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* "sim_ps_v1/orders_are_fixed": is that a test of test_ps_v1.c? */
static bool test_exists(const char *named, size_t len)
{
	const char *slash = memchr(named, '/', len);
	SR_AUTO_FREE char *file = sr_asprintf("test_%.*s.c", (int)(slash - named - 4), named + 4);
	SR_AUTO_FREE char *source = read_source(file);
	SR_AUTO_FREE char *function = sr_asprintf(
		"static void %.*s(void **state)", (int)(named + len - slash - 1), slash + 1);

	return source && strstr(source, function);
}

/* How many tests the line names, each of which exists. */
static size_t check_line(const char *line, size_t len)
{
	const char *end = line + len;
	size_t count = 0;

	for (const char *p = line; (p = memmem(p, (size_t)(end - p), "sim_", 4)); count++) {
		size_t name = 0;

		while (p + name < end && (is_name(p[name]) || p[name] == '/'))
			name++;
		if (!memchr(p, '/', name) || !test_exists(p, name))
			fail_msg("there is no test %.*s", (int)name, p);
		p += name;
	}
	return count;
}

static void every_row_names_tests_that_exist(void **state)
{
	SR_AUTO_FREE char *table = read_source("conformance_ps.md");
	size_t rows = 0;

	(void)state;
	assert_non_null(table);
	for (const char *line = strstr(table, "|---|"); line && *line;) {
		size_t len = strcspn(line, "\n");

		if (*line != '|')
			break;
		if (!sr_starts(line, "|---") && !check_line(line, len))
			fail_msg("no test shows this: %.*s", (int)len, line);
		rows++;
		line += len + (line[len] == '\n');
	}
	assert_true(rows > 50);
}

static void every_switch_has_a_row(void **state)
{
	SR_AUTO_FREE char *table = read_source("conformance_ps.md");
	size_t count;
	const sim_quirk_row *quirks = sim_ps_quirks_table(&count);

	(void)state;
	assert_non_null(table);
	for (size_t i = 0; i < count; i++) {
		SR_AUTO_FREE char *name = sr_asprintf("`%s`", quirks[i].name);

		if (!strstr(table, name))
			fail_msg("%s has no row", quirks[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_names_tests_that_exist),
		cmocka_unit_test(every_switch_has_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
