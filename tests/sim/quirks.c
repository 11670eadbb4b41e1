/* The switches of both services as one list. */
#include <string.h>

#include <jansson.h>

#include "quirks.h"

typedef const sim_quirk_row *(*quirk_table)(size_t *count);

/* clang-format off */
static const struct { const char *service; quirk_table rows; } services[] = {
	{ "PowerSchool", sim_ps_quirks_table }, { "Schoology", sim_sgy_quirks_table },
};
/* clang-format on */

static bool has_row(quirk_table table, const char *name)
{
	size_t count;
	const sim_quirk_row *rows = table(&count);

	for (size_t i = 0; i < count; i++)
		if (sr_streq(rows[i].name, name))
			return true;
	return false;
}

int sim_quirk_set(sim_ps_options *ps, sim_sgy_options *sgy, const char *text, sr_err *err)
{
	SR_AUTO_FREE char *name = sr_strdup(text);
	char *value = name ? strchr(name, '=') : NULL;

	if (!name)
		return sr_fail_nomem(err);
	if (!value)
		return sr_fail(err, SR_E_INVALID, "quirk %s: NAME=VALUE is wanted", text);
	*value++ = '\0';
	if (has_row(sim_ps_quirks_table, name))
		return sim_ps_option_set(ps, name, value, err);
	if (has_row(sim_sgy_quirks_table, name))
		return sim_sgy_option_set(sgy, name, value, err);
	return sr_fail(err, SR_E_INVALID, "no service has a quirk %s (sisroll-sim quirks)", name);
}

void sim_quirks_text(sr_buf *out)
{
	for (size_t s = 0; s < SR_COUNT_OF(services); s++) {
		size_t count;
		const sim_quirk_row *rows = services[s].rows(&count);

		sr_buf_printf(out, "%s%s\n", s ? "\n" : "", services[s].service);
		for (size_t i = 0; i < count; i++)
			sr_buf_printf(out, "  %-32s %-28s [%s]  %s (%s)\n", rows[i].name, rows[i].values,
				rows[i].standard, rows[i].help, rows[i].section);
	}
}

int sim_quirks_json(sr_buf *out, sr_err *err)
{
	json_t *list = json_array();

	for (size_t s = 0; s < SR_COUNT_OF(services); s++) {
		size_t count;
		const sim_quirk_row *rows = services[s].rows(&count);

		for (size_t i = 0; i < count; i++)
			json_array_append_new(
				list, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "service", services[s].service, "name",
					      rows[i].name, "section", rows[i].section, "values", rows[i].values,
					      "default", rows[i].standard, "help", rows[i].help));
	}
	SR_AUTO_FREE char *text = json_dumps(list, JSON_INDENT(1));
	json_decref(list);
	if (!text)
		return sr_fail_nomem(err);
	sr_buf_printf(out, "%s\n", text);
	return 0;
}
