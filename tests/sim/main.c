/* sisroll-sim: `serve` runs the sandbox, every other command goes to a running one. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve.h"

static const char usage_text[] =
	"sisroll-sim: PowerSchool and Schoology on this machine, for trying and testing a rollover.\n"
	"\n"
	"sisroll-sim serve --powerschool ADDR:PORT --schoology ADDR:PORT [OPTION VALUE]...\n"
	"  --district SPEC         quickstart (default), small, tiny; or schools=N,students=N,year=N,slots=N,\n"
	"                          class_size=N,history=0|1,hurts=0|1,extras=0|1,hold=N,early=N,emails=0|1,\n"
	"                          handmade=0|1,no_code=0|1, after a preset or alone\n"
	"  --seed N                the same seed makes the same district (1)\n"
	"  --plugin FOLDER|ZIP     the plugin to install in PowerSchool\n"
	"  --credentials DIR       writes powerschool-id, powerschool-secret, schoology-key, schoology-secret"
	" there\n"
	"  --control SOCKET        where orders are taken ($SISROLL_SIM, or ./sim.sock)\n"
	"  --db FILE               keeps the world in a file, and takes it up again (memory)\n"
	"  --date YYYY-MM-DD       the sandbox's date (today)\n"
	"  --quirk NAME=VALUE      how a service behaves where its contract leaves it open; may be repeated\n"
	"  --rate-credits N --rate-window-ms N --limiter none|fixed|sliding|bucket\n"
	"  Port 0 takes a free one; once all is up a line `ready powerschool=URL schoology=URL control=PATH`"
	" is printed.\n"
	"\n"
	"sisroll-sim COMMAND ... [--control SOCKET]\n";

static void print_usage(FILE *to)
{
	SR_AUTO(sr_buf) commands = { 0 };

	sim_admin_help(&commands);
	fputs(usage_text, to);
	fputs(sr_buf_text(&commands), to);
}

static const char *default_control(void)
{
	const char *named = getenv("SISROLL_SIM");

	return named && *named ? named : "sim.sock";
}

/* A quirk is PowerSchool's by the name of a switch, else an option of either service. */
static int set_quirk(sim_serve_options *o, const char *text, sr_err *err)
{
	SR_AUTO_FREE char *name = sr_strdup(text);
	char *value = name ? strchr(name, '=') : NULL;
	int64_t n = 0;

	if (!value)
		return sr_fail(err, SR_E_INVALID, "--quirk %s: NAME=VALUE is wanted", text);
	*value++ = '\0';
	bool number = sr_parse_i64(value, &n);
	if (number && sim_ps_quirk_set(&o->ps.quirks, name, n != 0))
		return 0;
	if (number && sr_streq(name, "page_max"))
		o->ps.page_max = (int)n;
	else if (number && sr_streq(name, "token_life_s"))
		o->ps.token_life_s = (int)n;
	else
		return sim_sgy_option_set(&o->sgy, name, value, err);
	return 0;
}

/* clang-format off */
#define TEXT(name, field) { name, offsetof(sim_serve_options, field) }
static const struct { const char *name; size_t at; } texts[] = {
	TEXT("--powerschool", powerschool), TEXT("--schoology", schoology), TEXT("--district", district),
	TEXT("--plugin", plugin), TEXT("--credentials", credentials), TEXT("--control", control), TEXT(
		"--db", db),
	TEXT("--date", date),
};
static const struct { const char *name, *option; } rates[] = {
	{ "--rate-credits", "credits" }, { "--rate-window-ms", "window_ms" }, { "--limiter", "limiter" },
};
/* clang-format on */

static int set_option(sim_serve_options *o, const char *name, const char *value, sr_err *err)
{
	int64_t seed;

	for (size_t i = 0; i < SR_COUNT_OF(texts); i++) {
		if (sr_streq(texts[i].name, name)) {
			*(const char **)(void *)((char *)o + texts[i].at) = value;
			return 0;
		}
	}
	for (size_t i = 0; i < SR_COUNT_OF(rates); i++)
		if (sr_streq(rates[i].name, name))
			return sim_sgy_option_set(&o->sgy, rates[i].option, value, err);
	if (sr_streq(name, "--quirk"))
		return set_quirk(o, value, err);
	if (!sr_streq(name, "--seed"))
		return sr_fail(err, SR_E_INVALID, "serve: unknown option %s", name);
	if (!sr_parse_i64(value, &seed))
		return sr_fail(err, SR_E_INVALID, "--seed %s is not a number", value);
	o->seed = (uint64_t)seed;
	return 0;
}

static int serve(int argc, const char *const *argv)
{
	sim_serve_options o = {
		.district = "quickstart", .seed = 1, .control = default_control(), .sgy = sim_sgy_defaults
	};
	sr_err err = { 0 };
	int rc = argc % 2 == 1 ? 0 : sr_fail(&err, SR_E_INVALID, "serve: every option has a value");

	for (int i = 1; i < argc && rc == 0; i += 2)
		rc = set_option(&o, argv[i], argv[i + 1], &err);
	if (rc == 0 && (!o.powerschool || !o.schoology))
		rc = sr_fail(&err, SR_E_INVALID, "serve: --powerschool and --schoology are needed");
	if (rc != 0) {
		fprintf(stderr, "sisroll-sim: %s\n", err.text);
		return 2;
	}
	if (sim_serve(&o, &err)) {
		fprintf(stderr, "sisroll-sim: %s\n", err.text);
		return 1;
	}
	return 0;
}

/* Takes `--control SOCKET` out of the arguments, wherever it stands. */
static int order(int argc, const char **argv)
{
	const char *control = default_control();
	int kept = 0;

	for (int i = 0; i < argc; i++) {
		if (sr_streq(argv[i], "--control") && i + 1 < argc)
			control = argv[++i];
		else
			argv[kept++] = argv[i];
	}
	return sim_order(control, kept, argv);
}

int main(int argc, char **argv)
{
	if (argc < 2 || sr_streq(argv[1], "--help") || sr_streq(argv[1], "help")) {
		print_usage(argc < 2 ? stderr : stdout);
		return argc < 2 ? 2 : 0;
	}
	if (sr_streq(argv[1], "serve")) {
		if (argc == 3 && sr_streq(argv[2], "--help")) {
			print_usage(stdout);
			return 0;
		}
		return serve(argc - 1, (const char *const *)argv + 1);
	}
	return order(argc - 1, (const char **)argv + 1);
}
