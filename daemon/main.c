/* sisrolld: options and environment in, exit status out. The only place that reads the environment. */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "codec/config.h"
#include "core/phase.h"
#include "core/run.h"
#include "daemon.h"
#include "settings.h"

static int print(sr_buf *text)
{
	bool ok = !text->failed && fputs(sr_buf_text(text), stdout) >= 0 && fflush(stdout) == 0;

	sr_buf_done(text);
	return ok ? SR_EXIT_OK : SR_EXIT_FAILED;
}

static int run(const sr_options *options)
{
	sr_surroundings surroundings = {
		.credentials_dir = getenv("CREDENTIALS_DIRECTORY"),
		.journal_stream = getenv("JOURNAL_STREAM"),
		.exec_pid = getenv("SYSTEMD_EXEC_PID"),
	};

	return sr_daemon_run(options, &surroundings);
}

static int help(const sr_options *options)
{
	sr_buf text = { 0 };

	(void)options;
	sr_options_help(&text);
	return print(&text);
}

static int version(const sr_options *options)
{
	sr_buf text = { 0 };

	(void)options;
	sr_buf_puts(&text, "sisrolld " SISROLL_VERSION "\n");
	return print(&text);
}

static int config_check(const sr_options *options)
{
	SR_AUTO(sr_buf) problems = { 0 };
	sr_config *config = NULL;
	sr_err err = { 0 };

	if (sr_settings_load(options->config, &config, &problems, &err) < 0) {
		fputs(sr_buf_text(&problems), stderr);
		fprintf(stderr, "sisrolld: %s\n", err.text);
		return SR_EXIT_FAILED;
	}
	sr_config_free(config);
	printf("%s: no problem found\n", options->config);
	return SR_EXIT_OK;
}

static int config_example(const sr_options *options)
{
	sr_buf text = { 0 };

	(void)options;
	sr_config_example(&text);
	return print(&text);
}

static int print_phases(const sr_options *options)
{
	sr_buf text = { 0 };

	(options->as_dot ? sr_phase_print_dot : sr_phase_print_md)(&text);
	return print(&text);
}

static int print_runs(const sr_options *options)
{
	sr_buf text = { 0 };

	(void)options;
	sr_run_print_md(&text);
	return print(&text);
}

static int (*const modes[SR_MODE_COUNT])(const sr_options *options) = {
	[SR_MODE_RUN] = run,
	[SR_MODE_HELP] = help,
	[SR_MODE_VERSION] = version,
	[SR_MODE_CONFIG_CHECK] = config_check,
	[SR_MODE_CONFIG_EXAMPLE] = config_example,
	[SR_MODE_PRINT_PHASES] = print_phases,
	[SR_MODE_PRINT_RUNS] = print_runs,
};

/* Secrets are in our memory: no core dump, no file that others may read. A refusal is survived: under
 * systemd the unit has said the same before. */
static void harden(void)
{
	umask(077);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
#ifndef __SANITIZE_ADDRESS__ /* whose leak check must attach to us */
	prctl(PR_SET_DUMPABLE, 0);
#endif
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	sr_options options;
	sr_err err = { 0 };

	harden();
	if (sr_options_parse(argc, argv, &options, &err) < 0) {
		fprintf(stderr, "sisrolld: %s\nTry: sisrolld --help\n", err.text);
		return SR_EXIT_CONFIG;
	}
	return modes[options.mode](&options);
}
