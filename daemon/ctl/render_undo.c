/* The preview of an undo: what is put back, what stays, and what is not touched because somebody changed it since. */
#include "render.h"

/* before -> after, of the fields that are put back */
static void cell_changes(const json_t *row, const char *field, sr_buf *out)
{
	const char *name, *separator = "";
	json_t *change;

	json_object_foreach(sr_json_object(row, field), name, change) {
		sr_buf_puts(out, separator);
		ctl_clean(out, name);
		sr_buf_puts(out, ": ");
		ctl_value(json_array_get(change, 0), out);
		sr_buf_puts(out, " -> ");
		ctl_value(json_array_get(change, 1), out);
		separator = "; ";
	}
	if (!*separator)
		sr_buf_putc(out, '-');
}

/* clang-format off */
static const ctl_column put_back_columns[] = {
	{ "KIND",    "kind",    0,            NULL },
	{ "OP",      "op",      0,            NULL },
	{ "KEY",     "key",     0,            NULL },
	{ "CHANGES", "changes", CTL_COL_WRAP, cell_changes },
	{ "WHY",     "why",     CTL_COL_WRAP, NULL },
};

static const ctl_column left_columns[] = {
	{ "KIND", "kind", 0,            NULL },
	{ "KEY",  "key",  0,            NULL },
	{ "WHY",  "why",  CTL_COL_WRAP, NULL },
};
/* clang-format on */

typedef struct part {
	const char *list, *count, *title;
	const ctl_column *columns;
	size_t column_count;
} part;

static const part parts[] = {
	{ "put_back", "count", "put back", put_back_columns, SR_COUNT_OF(put_back_columns) },
	{ "stays", "stays_count", "stay as they are", left_columns, SR_COUNT_OF(left_columns) },
	{ "refused", "refused_count", "are not touched", left_columns, SR_COUNT_OF(left_columns) },
};

static int part_print(const ctl_out *o, const json_t *preview, const part *p, sr_err *err)
{
	const json_t *rows = sr_json_array(preview, p->list);
	int64_t count = sr_json_int(preview, p->count, 0);

	if (count == 0)
		return 0;
	fprintf(o->io->out, "\n%lld %s %s:\n", (long long)count, count == 1 ? "object" : "objects", p->title);
	if (ctl_table_print(o, p->columns, p->column_count, rows, "", err) != 0)
		return -1;
	if ((int64_t)json_array_size(rows) < count)
		fprintf(o->io->out, "… and %lld more: sisrollctl plan show %lld\n",
			(long long)(count - (int64_t)json_array_size(rows)),
			(long long)sr_json_int(preview, "plan", 0));
	return 0;
}

int ctl_render_undo(const ctl_out *o, const json_t *preview, sr_err *err)
{
	SR_AUTO(sr_buf) school = { 0 };
	bool nothing = sr_json_int(preview, "count", 0) == 0;

	ctl_cell_school(preview, "school", &school);
	fprintf(o->io->out, "Undoing run %lld%s at %s:%s\n", (long long)sr_json_int(preview, "run", 0),
		sr_json_bool(preview, "and_later", false) ? " and every later one" : "", sr_buf_text(&school),
		nothing ? " nothing is left to put back." : "");
	for (size_t i = 0; i < SR_COUNT_OF(parts); i++)
		if (part_print(o, preview, &parts[i], err) != 0)
			return -1;
	if (!nothing)
		fputs("\nThe next run would write it again as long as PowerSchool says the same: mend PowerSchool or "
		      "the\n"
		      "configuration before you resume.\n",
			o->io->out);
	return 0;
}
