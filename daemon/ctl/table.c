/* Column tables into libsmartcols. The last column wraps on a terminal; in a pipe nothing is cut or wrapped. */
#include "print.h"

#include <libsmartcols.h>

static int add_columns(struct libscols_table *table, const ctl_column *columns, size_t count, sr_err *err)
{
	for (size_t i = 0; i < count; i++) {
		int flags = columns[i].flags & CTL_COL_RIGHT ? SCOLS_FL_RIGHT : 0;

		if (columns[i].flags & CTL_COL_WRAP)
			flags |= SCOLS_FL_WRAP;
		if (!scols_table_new_column(table, columns[i].head, columns[i].flags & CTL_COL_WRAP ? 0.5 : 0, flags))
			return sr_fail_nomem(err);
	}
	return 0;
}

static void fill_cell(const ctl_column *column, const json_t *row, sr_buf *cell)
{
	if (column->cell)
		column->cell(row, column->field, cell);
	else
		ctl_value(json_object_get(row, column->field), cell);
}

static int add_row(
	struct libscols_table *table, const ctl_column *columns, size_t count, const json_t *row, sr_err *err)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	if (!line)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < count; i++) {
		SR_AUTO(sr_buf) cell = { 0 };

		fill_cell(&columns[i], row, &cell);
		if (cell.failed || scols_line_set_data(line, i, sr_buf_text(&cell)) != 0)
			return sr_fail_nomem(err);
	}
	return 0;
}

static int print_rows(const ctl_out *o, struct libscols_table *table, const ctl_column *columns, size_t count,
	const json_t *rows, sr_err *err)
{
	size_t i;
	json_t *row;

	scols_table_set_stream(table, o->io->out);
	scols_table_set_termforce(table, o->io->out_tty ? SCOLS_TERMFORCE_AUTO : SCOLS_TERMFORCE_NEVER);
	scols_table_enable_colors(table, o->color);
	if (scols_table_set_column_separator(table, "  ") != 0 || add_columns(table, columns, count, err) != 0)
		return sr_fail_nomem(err);
	json_array_foreach(rows, i, row)
		if (add_row(table, columns, count, row, err) != 0)
			return -1;
	return scols_print_table(table) == 0 ? 0 : sr_fail(err, SR_E_IO, "the table could not be printed");
}

int ctl_table_print(
	const ctl_out *o, const ctl_column *columns, size_t count, const json_t *rows, const char *empty, sr_err *err)
{
	struct libscols_table *table;
	int rc;

	if (json_array_size(rows) == 0) {
		ctl_say(o, "%s\n", empty);
		return 0;
	}
	table = scols_new_table();
	if (!table)
		return sr_fail_nomem(err);
	rc = print_rows(o, table, columns, count, rows, err);
	scols_unref_table(table);
	return rc;
}
