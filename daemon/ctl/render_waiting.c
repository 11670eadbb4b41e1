/* The waiting room: what waits, school by school, and what a preview would decide. */
#include "render.h"

/* "user: username, primary_email"; a create or a drop is the whole object. */
static void cell_what(const json_t *row, const char *field, sr_buf *out)
{
	const json_t *fields = sr_json_array(row, field);

	ctl_value(json_object_get(row, "op"), out);
	sr_buf_putc(out, ' ');
	ctl_value(json_object_get(row, "kind"), out);
	if (json_array_size(fields) == 0)
		return;
	sr_buf_puts(out, ": ");
	ctl_value(fields, out);
}

static void cell_age(const json_t *row, const char *field, sr_buf *out)
{
	ctl_span(sr_json_int(row, field, 0), out);
}

/* "approved by ops: TEXT" */
static void cell_decision(const json_t *row, const char *field, sr_buf *out)
{
	ctl_value(json_object_get(row, field), out);
	if (!sr_json_text(row, "who"))
		return;
	sr_buf_puts(out, " by ");
	ctl_clean(out, sr_json_text(row, "who"));
	if (!sr_json_text(row, "reason"))
		return;
	sr_buf_puts(out, ": ");
	ctl_clean(out, sr_json_text(row, "reason"));
}

/* clang-format off */
static const ctl_column waiting_columns[] = {
	{ "SCHOOL", "school", CTL_COL_RIGHT, NULL },
	{ "WHAT",   "fields", CTL_COL_WRAP,  cell_what },
	{ "KEY",    "key",    0,             NULL },
	{ "AGE",    "age_s",  CTL_COL_RIGHT, cell_age },
	{ "STATE",  "state",  CTL_COL_WRAP,  cell_decision },
	{ "PLAN",   "plan",   CTL_COL_RIGHT, NULL },
	{ "WHY",    "why",    CTL_COL_WRAP,  NULL },
};
static const ctl_column total_columns[] = {
	{ "SCHOOL",   "school",   0,             ctl_cell_school },
	{ "WAITING",  "open",     CTL_COL_RIGHT, NULL },
	{ "OLDEST",   "oldest",   0,             ctl_cell_time },
	{ "APPROVED", "approved", CTL_COL_RIGHT, NULL },
	{ "REJECTED", "rejected", CTL_COL_RIGHT, NULL },
};
static const ctl_column preview_columns[] = {
	{ "SCHOOL", "school", 0,             ctl_cell_school },
	{ "COUNT",  "count",  CTL_COL_RIGHT, NULL },
	{ "OLDEST", "oldest", 0,             ctl_cell_time },
	{ "WHAT",   "what",   CTL_COL_WRAP,  NULL },
};
/* clang-format on */

int ctl_render_waiting_items(const ctl_out *o, const json_t *items, const char *empty, sr_err *err)
{
	return ctl_table_print(o, waiting_columns, SR_COUNT_OF(waiting_columns), items, empty, err);
}

int ctl_render_waiting(const ctl_out *o, const json_t *reply, sr_err *err)
{
	const json_t *totals = sr_json_array(reply, "totals");
	int64_t left_out = sr_json_int(reply, "left_out", 0);

	if (ctl_render_waiting_items(o, sr_json_array(reply, "waiting"), "Nothing waits.", err) != 0)
		return -1;
	if (left_out)
		fprintf(o->io->out, "... and %lld more.\n", (long long)left_out);
	if (json_array_size(totals) == 0)
		return 0;
	fputc('\n', o->io->out);
	return ctl_table_print(o, total_columns, SR_COUNT_OF(total_columns), totals, "", err);
}

int ctl_render_waiting_preview(const ctl_out *o, const json_t *preview, sr_err *err)
{
	const json_t *items = sr_json_array(preview, "items");
	int64_t count = sr_json_int(preview, "count", 0), more = count - (int64_t)json_array_size(items);

	fprintf(o->io->out, "This is about %lld operations:\n\n", (long long)count);
	if (ctl_table_print(
		    o, preview_columns, SR_COUNT_OF(preview_columns), sr_json_array(preview, "schools"), "", err) != 0)
		return -1;
	fputc('\n', o->io->out);
	if (ctl_render_waiting_items(o, items, "", err) != 0)
		return -1;
	if (more > 0)
		fprintf(o->io->out, "... and %lld more; sisrollctl waiting list shows them.\n", (long long)more);
	return 0;
}
