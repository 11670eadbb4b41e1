#include "options.h"

#include <getopt.h>
#include <string.h>

#define LONG_ONLY 256 /* above every letter */

typedef struct row {
	const char *name;
	int letter; /* 0: the long form alone */
	int has_argument;
	sr_mode mode; /* SR_MODE_COUNT: no mode, `set` takes the value */
	int (*set)(sr_options *options, const char *value, sr_err *err);
	const char *left, *help; /* NULL: for tests, not shown */
} row;

static int set_config(sr_options *options, const char *value, sr_err *err)
{
	(void)err;
	options->config = value;
	return 0;
}

static int set_format(sr_options *options, const char *value, sr_err *err)
{
	options->as_dot = value && strcmp(value, "dot") == 0;
	if (value && !options->as_dot && strcmp(value, "md") != 0)
		return sr_fail(err, SR_E_INVALID, "--print-phases knows dot and md, not '%s'", value);
	return 0;
}

static int set_clock_offset(sr_options *options, const char *value, sr_err *err)
{
	const int64_t century_s = (int64_t)100 * 366 * 86400;

	if (!sr_parse_i64(value, &options->clock_offset_s) || options->clock_offset_s > century_s ||
		options->clock_offset_s < -century_s)
		return sr_fail(err, SR_E_INVALID, "--test-clock-offset-s takes a number of seconds, not '%s'", value);
	return 0;
}

static int set_die_at(sr_options *options, const char *value, sr_err *err)
{
	if (!sr_parse_i64(value, &options->die_at) || options->die_at < 1)
		return sr_fail(err, SR_E_INVALID, "--test-die-at takes the number of an effect, not '%s'", value);
	return 0;
}

static const row rows[] = {
	/* clang-format off */
	{ "config", 'c',         required_argument, SR_MODE_COUNT,          set_config,
		"-c, --config FILE", "another file than " SR_CONFIG_DEFAULT " (and FILE.d beside it)" },
	{ "config-check", 0,   no_argument,       SR_MODE_CONFIG_CHECK,   NULL,
		"--config-check", "check the configuration and say every problem; start nothing" },
	{ "config-example", 0, no_argument,       SR_MODE_CONFIG_EXAMPLE, NULL,
		"--config-example", "print a configuration with every setting explained" },
	{ "print-phases", 0,   optional_argument, SR_MODE_PRINT_PHASES,   set_format,
		"--print-phases[=md|dot]", "print the table of the rollover's phases" },
	{ "print-runs", 0,     no_argument,       SR_MODE_PRINT_RUNS,     NULL,
		"--print-runs", "print the table of a run's states" },
	{ "version", 0,        no_argument,       SR_MODE_VERSION,        NULL,
		"--version", "print the version" },
	{ "help", 'h',           no_argument,       SR_MODE_HELP,           NULL,
		"-h, --help", "print this" },
	{ "test-clock-offset-s", 0, required_argument, SR_MODE_COUNT,     set_clock_offset, NULL, NULL },
	{ "test-die-at", 0,      required_argument, SR_MODE_COUNT,          set_die_at,       NULL, NULL },
	/* clang-format on */
};

static const row *row_of(int found)
{
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		if (found == rows[i].letter || found == LONG_ONLY + (int)i)
			return &rows[i];
	return NULL;
}

static int apply(sr_options *options, int found, const char *value, const char *word, sr_err *err)
{
	const row *r = row_of(found);

	if (!r)
		return sr_fail(err, SR_E_INVALID, found == ':' ? "%s needs a value" : "no such option: %s", word);
	if (r->mode != SR_MODE_COUNT)
		options->mode = r->mode;
	return r->set ? r->set(options, value, err) : 0;
}

int sr_options_parse(int argc, char **argv, sr_options *out, sr_err *err)
{
	struct option longs[SR_COUNT_OF(rows) + 1] = { 0 };
	sr_options options = { .mode = SR_MODE_RUN, .config = SR_CONFIG_DEFAULT };
	int found;

	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		longs[i] = (struct option){ rows[i].name, rows[i].has_argument, NULL,
			rows[i].letter ? rows[i].letter : LONG_ONLY + (int)i };
	optind = 0; /* starts anew, also in a process that has parsed before */
	opterr = 0;
	while ((found = getopt_long(argc, argv, ":c:h", longs, NULL)) != -1)
		if (apply(&options, found, optarg, argv[optind - 1], err) < 0)
			return -1;
	if (optind < argc)
		return sr_fail(err, SR_E_INVALID, "sisrolld takes options only, not '%s'", argv[optind]);
	*out = options;
	return 0;
}

void sr_options_help(sr_buf *out)
{
	sr_buf_puts(out, "Usage: sisrolld [OPTION]...\n"
			 "Keeps a district's Schoology in step with its PowerSchool; see sisrollctl.\n\n");
	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		if (rows[i].help)
			sr_buf_printf(out, "  %-26s %s\n", rows[i].left, rows[i].help);
}
