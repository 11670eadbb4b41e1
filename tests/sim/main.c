/* sisroll-sim: `serve` runs the sandbox, every other command goes to a running one. */
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quirks.h"
#include "serve.h"
#include "synced.h"

#define ORDER_PATHS 4

static const char usage_text[] =
	"sisroll-sim: PowerSchool and Schoology on this machine, for trying and testing a rollover.\n"
	"\n"
	"sisroll-sim serve --powerschool ADDR:PORT --schoology ADDR:PORT [OPTION VALUE]...\n"
	"  --district SPEC         quickstart (default), small, tiny, huge (200 schools, 1,000,000 students); or\n"
	"                          schools=N,students=N,year=N,slots=N,class_size=N,history=0|1,hurts=0|1,\n"
	"                          extras=0|1,hold=N,early=N,emails=0|1,handmade=0|1,no_code=0|1, after a\n"
	"                          preset or alone; or oneroster:FOLDER|ZIP, a OneRoster 1.1 or 1.2 CSV bundle\n"
	"  --already-synced-by W   Schoology as another writer left it, under his own codes:\n"
	"%s"
	"  --seed N                the same seed makes the same district (1)\n"
	"  --plugin FOLDER|ZIP     the plugin to install in PowerSchool\n"
	"  --credentials DIR       writes powerschool-id, powerschool-secret, schoology-key, schoology-secret"
	" there\n"
	"  --control SOCKET        where orders are taken ($SISROLL_SIM, or ./sim.sock)\n"
	"  --db FILE               keeps the world in a file, and takes it up again; needed for large districts\n"
	"                          (memory)\n"
	"  --date YYYY-MM-DD       the sandbox's date (today)\n"
	"  --quirk NAME=VALUE      how a service behaves where its contract leaves it open; may be repeated\n"
	"                          (`sisroll-sim quirks` lists them)\n"
	"  --public-base URL       what Schoology calls itself in links, and what signatures may be made for:\n"
	"                          https://api.schoology.com/v1 (http and the host received)\n"
	"  --tls-cert PEM --tls-key PEM  https instead of http on both ports\n"
	"  --rate-credits N --rate-window-ms N --limiter none|fixed|sliding|bucket\n"
	"  Port 0 takes a free one; once all is up a line `ready powerschool=URL schoology=URL control=PATH`"
	" is printed.\n"
	"\n"
	"sisroll-sim quirks [--json]   the switches: name, values, [default], meaning, section of the contract\n"
	"\n"
	"sisroll-sim COMMAND ... [--control SOCKET]\n";

static void print_usage(FILE *to)
{
	SR_AUTO(sr_buf) commands = { 0 };
	SR_AUTO(sr_buf) writers = { 0 };

	sim_admin_help(&commands);
	sim_synced_help(&writers);
	fprintf(to, usage_text, sr_buf_text(&writers));
	fputs(sr_buf_text(&commands), to);
}

static const char *default_control(void)
{
	const char *named = getenv("SISROLL_SIM");

	return named && *named ? named : "sim.sock";
}

/* clang-format off */
#define TEXT(name, field) { name, offsetof(sim_serve_options, field) }
static const struct { const char *name; size_t at; } texts[] = {
	TEXT("--powerschool", powerschool), TEXT("--schoology", schoology), TEXT("--district", district),
	TEXT("--already-synced-by", synced_by), TEXT("--plugin", plugin), TEXT("--credentials", credentials),
	TEXT("--control", control), TEXT("--db", db), TEXT("--date", date),
	TEXT("--tls-cert", tls_cert), TEXT("--tls-key", tls_key), TEXT("--public-base", sgy.public_base),
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
		return sim_quirk_set(&o->ps, &o->sgy, value, err);
	if (!sr_streq(name, "--seed"))
		return sr_fail(err, SR_E_INVALID, "serve: unknown option %s", name);
	if (!sr_parse_i64(value, &seed))
		return sr_fail(err, SR_E_INVALID, "--seed %s is not a number", value);
	o->seed = (uint64_t)seed;
	return 0;
}

static int check_options(const sim_serve_options *o, sr_err *err)
{
	const char *base = o->sgy.public_base;

	if (!o->powerschool || !o->schoology)
		return sr_fail(err, SR_E_INVALID, "serve: --powerschool and --schoology are needed");
	if (!o->tls_cert != !o->tls_key)
		return sr_fail(err, SR_E_INVALID, "serve: --tls-cert and --tls-key belong together");
	if (base && (!strstr(base, "://") || base[strlen(base) - 1] == '/'))
		return sr_fail(err, SR_E_INVALID, "--public-base %s is not like https://api.schoology.com/v1", base);
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
	if (rc == 0)
		rc = check_options(&o, &err);
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

/* Folders and files are named as the caller sees them; the sandbox lives elsewhere. */
static char *seen_from_here(const char *name)
{
	char here[PATH_MAX];

	if (*name == '/' || !getcwd(here, sizeof(here)))
		return sr_strdup(name);
	return sr_asprintf("%s/%s", here, name);
}

static bool is_path(int argc, const char *const *argv, int i)
{
	struct stat st;

	if (sr_streq(argv[0], "export"))
		return sr_streq(argv[i - 1], "--json") || sr_streq(argv[i - 1], "--csv");
	return sr_streq(argv[0], "plugin") && i == argc - 1 && stat(argv[i], &st) == 0;
}

/* Takes `--control SOCKET` out of the arguments, wherever it stands. */
static int order(int argc, const char **argv)
{
	const char *control = default_control();
	char *paths[ORDER_PATHS] = { NULL };
	int kept = 0, named = 0;

	for (int i = 0; i < argc; i++) {
		if (sr_streq(argv[i], "--control") && i + 1 < argc)
			control = argv[++i];
		else
			argv[kept++] = argv[i];
	}
	for (int i = 1; i < kept && named < ORDER_PATHS; i++)
		if (is_path(kept, argv, i) && (paths[named] = seen_from_here(argv[i])))
			argv[i] = paths[named++];
	int rc = sim_order(control, kept, argv);
	for (int i = 0; i < named; i++)
		free(paths[i]);
	return rc;
}

/* Told here, since no sandbox may be running yet. */
static int command_help(const char *const *argv)
{
	SR_AUTO(sr_buf) out = { 0 };
	sim_admin nobody = { 0 };
	int rc = sim_admin_run(&nobody, 2, argv, &out);

	fputs(sr_buf_text(&out), rc == 0 ? stdout : stderr);
	return rc;
}

static int quirks(bool json)
{
	SR_AUTO(sr_buf) out = { 0 };
	sr_err err = { 0 };

	if (!json)
		sim_quirks_text(&out);
	else if (sim_quirks_json(&out, &err))
		return fprintf(stderr, "sisroll-sim: %s\n", err.text), 1;
	fputs(sr_buf_text(&out), stdout);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2 || sr_streq(argv[1], "--help") || sr_streq(argv[1], "help")) {
		print_usage(argc < 2 ? stderr : stdout);
		return argc < 2 ? 2 : 0;
	}
	if (sr_streq(argv[1], "serve")) {
		if (argc == 3 && sr_streq(argv[2], "--help"))
			return print_usage(stdout), 0;
		return serve(argc - 1, (const char *const *)argv + 1);
	}
	if (argc == 3 && sr_streq(argv[1], "quirks") && sr_streq(argv[2], "--help"))
		return print_usage(stdout), 0;
	if (sr_streq(argv[1], "quirks") && (argc == 2 || (argc == 3 && sr_streq(argv[2], "--json"))))
		return quirks(argc == 3);
	if (argc == 3 && sr_streq(argv[2], "--help"))
		return command_help((const char *const *)argv + 1);
	return order(argc - 1, (const char **)argv + 1);
}
