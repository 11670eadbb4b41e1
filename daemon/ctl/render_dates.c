/* The preview of other dates for grading periods: what would move, period by period, and whom it touches. */
#include "render.h"

static void cell_now(const json_t *row, const char *field, sr_buf *out)
{
	(void)field;
	ctl_value(json_object_get(row, "start"), out);
	sr_buf_puts(out, " to ");
	ctl_value(json_object_get(row, "end"), out);
}

static void cell_then(const json_t *row, const char *field, sr_buf *out)
{
	(void)field;
	ctl_value(json_object_get(row, "new_start"), out);
	sr_buf_puts(out, " to ");
	ctl_value(json_object_get(row, "new_end"), out);
}

static void cell_term(const json_t *row, const char *field, sr_buf *out)
{
	ctl_value(json_object_get(row, field), out);
	sr_buf_putc(out, ' ');
	ctl_value(json_object_get(row, "abbreviation"), out);
}

static void cell_term_dates(const json_t *row, const char *field, sr_buf *out)
{
	ctl_value(json_object_get(row, field), out);
	sr_buf_puts(out, " to ");
	ctl_value(json_object_get(row, "last_day"), out);
}

static void cell_finding(const json_t *row, const char *field, sr_buf *out)
{
	if (sr_json_text(row, field))
		ctl_value(json_object_get(row, field), out);
	else
		sr_buf_puts(out, "fits");
}

/* clang-format off */
static const ctl_column period_columns[] = {
	{ "PERIOD",         "id",       CTL_COL_RIGHT, NULL },
	{ "TITLE",          "title",    CTL_COL_WRAP,  NULL },
	{ "NOW",            "start",    0,             cell_now },
	{ "THEN",           "new_end",  0,             cell_then },
	{ "SECTIONS",       "sections", CTL_COL_RIGHT, NULL },
	{ "OTHERS' FOUND",  "found",    CTL_COL_RIGHT, NULL },
};

static const ctl_column term_columns[] = {
	{ "SCHOOL",     "school",    0,            ctl_cell_school },
	{ "YEAR",       "year",      0,            NULL },
	{ "TERM",       "term",      0,            cell_term },
	{ "POWERSCHOOL","first_day", 0,            cell_term_dates },
	{ "AFTERWARDS", "finding",   CTL_COL_WRAP, cell_finding },
};
/* clang-format on */

/* One row for each term and period. */
static json_t *flatten(const json_t *periods)
{
	json_t *rows = json_array();
	size_t i, j;
	json_t *period, *term;

	json_array_foreach(periods, i, period)
		json_array_foreach(sr_json_array(period, "terms"), j, term)
			json_array_append(rows, term);
	return rows;
}

int ctl_render_dates(const ctl_out *o, const json_t *preview, sr_err *err)
{
	const json_t *periods = sr_json_array(preview, "periods");
	json_auto_t *terms = flatten(periods);
	SR_AUTO(sr_buf) text = { 0 };

	ctl_cell_school(preview, "school", &text);
	sr_buf_puts(&text, ", term ");
	ctl_value(json_object_get(preview, "term"), &text);
	sr_buf_puts(&text, ", ");
	ctl_value(json_object_get(preview, "dates"), &text);
	fprintf(o->io->out, "%s: in Schoology this would move\n\n", sr_buf_text(&text));
	if (ctl_table_print(o, period_columns, SR_COUNT_OF(period_columns), periods, "  no period", err) != 0)
		return -1;
	fputs("\nTerms that go by them:\n\n", o->io->out);
	return ctl_table_print(o, term_columns, SR_COUNT_OF(term_columns), terms, "  no term", err);
}
