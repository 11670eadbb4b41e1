/* What a look at Schoology found: how much was read, and each difference by key and fields. */
#include "render.h"

#include <inttypes.h>

static void cell_list(const json_t *row, const char *field, sr_buf *out)
{
	const char *separator = "";
	size_t i;
	json_t *name;

	json_array_foreach(sr_json_array(row, field), i, name) {
		sr_buf_puts(out, separator);
		ctl_value(name, out);
		separator = ", ";
	}
	if (!*separator)
		sr_buf_putc(out, '-');
}

static void cell_repair(const json_t *row, const char *field, sr_buf *out)
{
	sr_buf_puts(out, sr_json_bool(row, field, false) ? "a person" : "a run");
}

/* clang-format off */
static const ctl_column columns[] = {
	{ "FOUND",       "what",   0,            NULL },
	{ "KIND",        "kind",   0,            NULL },
	{ "KEY",         "key",    0,            NULL },
	{ "FIELDS",      "fields", CTL_COL_WRAP, cell_list },
	{ "REPAIRED BY", "waits",  0,            cell_repair },
	{ "TEXT",        "text",   CTL_COL_WRAP, NULL },
};

static const struct {
	const char *what, *text;
} covered[] = {
	{ "users",       "users" },
	{ "sections",    "sections" },
	{ "courses",     "courses" },
	{ "accounts",    "accounts of the building" },
	{ "class_lists", "courses' lists of sections" },
	{ "members",     "sections' members" },
};
/* clang-format on */

static const char *covered_text(const char *what)
{
	for (size_t i = 0; i < SR_COUNT_OF(covered); i++)
		if (sr_streq(covered[i].what, what))
			return covered[i].text;
	return what ? what : "?";
}

static void coverage(const ctl_out *o, const json_t *report)
{
	SR_AUTO(sr_buf) line = { 0 };
	size_t i;
	json_t *row;

	json_array_foreach(sr_json_array(report, "coverage"), i, row) {
		sr_buf_printf(&line, "%s%" PRId64 " of %" PRId64 " ", i ? ", " : "read: ", sr_json_int(row, "read", 0),
			sr_json_int(row, "total", 0));
		ctl_clean(&line, covered_text(sr_json_text(row, "what")));
	}
	fprintf(o->io->out, "%s (%" PRId64 " of %" PRId64 " requests)\n", sr_buf_text(&line),
		sr_json_int(report, "requests", 0), sr_json_int(report, "budget", 0));
}

int ctl_render_verify_report(const ctl_out *o, const json_t *report, sr_err *err)
{
	const json_t *findings = sr_json_array(report, "findings");
	int64_t found = sr_json_int(report, "found_count", 0), extra = sr_json_int(report, "extra_members", 0);
	int64_t more = found - (int64_t)json_array_size(findings);

	coverage(o, report);
	if (json_array_size(findings) > 0 && ctl_table_print(o, columns, SR_COUNT_OF(columns), findings, "", err) != 0)
		return -1;
	if (more > 0)
		fprintf(o->io->out, "… and %" PRId64 " more\n", more);
	if (extra > 0)
		fprintf(o->io->out, "%" PRId64 " members that sisroll did not make: they are left alone\n", extra);
	return 0;
}

int ctl_render_verify(const ctl_out *o, const json_t *reply, sr_err *err)
{
	size_t i;
	json_t *school;

	json_array_foreach(sr_json_array(reply, "schools"), i, school) {
		const json_t *report = sr_json_object(school, "report");
		SR_AUTO(sr_buf) name = { 0 };

		if (!report)
			continue;
		ctl_cell_school(school, "school", &name);
		fprintf(o->io->out, "%s%s\n", i ? "\n" : "", sr_buf_text(&name));
		if (ctl_render_verify_report(o, report, err) != 0)
			return -1;
	}
	return 0;
}
