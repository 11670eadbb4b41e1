/* Orders of a PowerSchool administrator: plugins, subscriptions. */
#include <string.h>

#include "admin_int.h"
#include "ps_service.h"

typedef int (*plugin_fn)(sim_admin *a, const char *const *argv, sr_buf *out, sr_err *err);

static int do_list(sim_admin *a, const char *const *argv, sr_buf *out, sr_err *err)
{
	(void)argv;
	return sim_ps_plugin_list(a->ps, out, err);
}

static int do_add(sim_admin *a, const char *const *argv, sr_buf *out, sr_err *err)
{
	(void)out;
	return a->install(a->self, argv[0], true, err);
}

static int do_remove(sim_admin *a, const char *const *argv, sr_buf *out, sr_err *err)
{
	(void)out;
	return sim_ps_plugin_remove(a->ps, argv[0], err);
}

static int do_enable(sim_admin *a, const char *const *argv, sr_buf *out, sr_err *err)
{
	(void)out;
	return sim_ps_plugin_enable(a->ps, argv[0], true, err);
}

static int do_disable(sim_admin *a, const char *const *argv, sr_buf *out, sr_err *err)
{
	(void)out;
	return sim_ps_plugin_enable(a->ps, argv[0], false, err);
}

static int do_credentials(sim_admin *a, const char *const *argv, sr_buf *out, sr_err *err)
{
	SR_AUTO_FREE char *id = NULL, *secret = NULL;

	if (sim_ps_plugin_credentials(a->ps, argv[0], &id, &secret, err))
		return -1;
	if (!id || !secret)
		return sr_fail(err, SR_E_NOTFOUND, "plugin %s has no credentials", argv[0]);
	sr_buf_printf(out, "%s\n%s\n", id, secret);
	return 0;
}

static int do_regenerate(sim_admin *a, const char *const *argv, sr_buf *out, sr_err *err)
{
	if (sim_ps_plugin_regenerate(a->ps, argv[0], err) || (a->credentials && a->credentials(a->self, err)))
		return -1;
	return do_credentials(a, argv, out, err);
}

static int do_access(sim_admin *a, const char *const *argv, sr_buf *out, sr_err *err)
{
	(void)out;
	return sim_ps_plugin_access(a->ps, argv[0], argv[1], err);
}

static int do_page_max(sim_admin *a, const char *const *argv, sr_buf *out, sr_err *err)
{
	int64_t n;

	(void)out;
	if (!sr_parse_i64(argv[2], &n) || n < 1 || n > 1000)
		return sr_fail(err, SR_E_RANGE, "plugin page-max: %s is not within 1..1000", argv[2]);
	return sim_ps_plugin_page_max(a->ps, argv[0], sr_streq(argv[1], "all") ? NULL : argv[1], (int)n, err);
}

/* clang-format off */
static const struct { const char *name; int args; plugin_fn fn; const char *help; } actions[] = {
	{ "list",        0, do_list,        "list                      name, version, on or off, level, client id" },
	{ "add",         1, do_add,         "add FOLDER|ZIP            a further plugin, beside the main one" },
	{ "remove",      1, do_remove,      "remove NAME" },
	{ "enable",      1, do_enable,      "enable NAME" },
	{ "disable",     1, do_disable,     "disable NAME" },
	{ "credentials", 1, do_credentials, "credentials NAME          client id and secret, a line each" },
	{ "regenerate",  1, do_regenerate,  "regenerate NAME           new ones; the token in use is void" },
	{ "access",      2, do_access,      "access NAME NONE|READ|FULL  level for /ws/v1" },
	{ "page-max",    3, do_page_max,    "page-max NAME RESOURCE|all N  Maximum Page Size" },
};
/* clang-format on */

static int plugin_help(sr_buf *out)
{
	sr_buf_puts(out, "plugin FOLDER|ZIP            installs the main plugin, in the place of the one before\n");
	for (size_t i = 0; i < SR_COUNT_OF(actions); i++)
		sr_buf_printf(out, "plugin %s\n", actions[i].help);
	return 0;
}

int admin_plugin(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	if (argc < 2 || sr_streq(argv[1], "--help"))
		return plugin_help(out), argc < 2 ? 2 : 0;
	if (!a->install || !a->ps)
		return sr_fail(err, SR_E_STATE, "plugin: there is no PowerSchool here"), 1;
	for (size_t i = 0; i < SR_COUNT_OF(actions); i++) {
		if (!sr_streq(actions[i].name, argv[1]))
			continue;
		if (argc - 2 != actions[i].args)
			return sr_fail(err, SR_E_INVALID, "plugin %s", actions[i].help), 2;
		return actions[i].fn(a, argv + 2, out, err) ? 1 : 0;
	}
	if (argc != 2)
		return plugin_help(out), 2;
	return a->install(a->self, argv[1], false, err) ? 1 : 0;
}

int admin_dataversion(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	(void)out;
	if (argc != 3)
		return sr_fail(err, SR_E_INVALID, "dataversion APPLICATION TABLE,...|none"), 2;
	if (!a->ps)
		return sr_fail(err, SR_E_STATE, "dataversion: there is no PowerSchool here"), 1;
	return sim_ps_dataversion_subscribe(a->ps, argv[1], sr_streq(argv[2], "none") ? NULL : argv[2], err) ? 1 : 0;
}
