/* Terms, years, the preview of a choice, and the gate: what is read before a decision. */
#include "render.h"

static void heading(const ctl_out *o, const json_t *school, const char *extra_key)
{
	SR_AUTO(sr_buf) text = { 0 };

	ctl_cell_school(school, "school", &text);
	if (sr_json_text(school, extra_key)) {
		sr_buf_puts(&text, "  ");
		ctl_value(json_object_get(school, extra_key), &text);
	}
	fprintf(o->io->out, "%s%s%s\n", o->color ? "\033[1m" : "", sr_buf_text(&text), o->color ? "\033[0m" : "");
}

/* --- terms list, terms lint --- */

static void cell_dates(const json_t *row, const char *field, sr_buf *out)
{
	(void)field;
	ctl_value(json_object_get(row, "first_day"), out);
	sr_buf_puts(out, " to ");
	ctl_value(json_object_get(row, "last_day"), out);
}

/* clang-format off */
static const ctl_column term_columns[] = {
	{ "TERM",        "term",         CTL_COL_RIGHT, NULL },
	{ "ABBR",        "abbreviation", 0,             NULL },
	{ "NAME",        "name",         0,             NULL },
	{ "DATES",       "first_day",    0,             cell_dates },
	{ "USED",        "used",         0,             NULL },
	{ "SECTIONS",    "sections",     CTL_COL_RIGHT, NULL },
	{ "ENROLLMENTS", "enrollments",  CTL_COL_RIGHT, NULL },
	{ "PERIODS",     "periods",      CTL_COL_WRAP,  ctl_cell_titled },
};
/* clang-format on */

static void findings(const json_t *term, sr_buf *text)
{
	size_t i;
	json_t *finding;

	if (sr_json_text(term, "forced")) {
		sr_buf_puts(text, "  forced: ");
		ctl_value(json_object_get(term, "term"), text);
		sr_buf_puts(text, ": ");
		ctl_value(json_object_get(term, "forced"), text);
		sr_buf_putc(text, '\n');
	}
	json_array_foreach(sr_json_array(term, "findings"), i, finding) {
		sr_buf_puts(text, "  ");
		ctl_value(json_object_get(finding, "level"), text);
		sr_buf_puts(text, ": ");
		ctl_value(json_object_get(term, "term"), text);
		sr_buf_putc(text, ' ');
		ctl_value(json_object_get(term, "abbreviation"), text);
		sr_buf_puts(text, ": ");
		ctl_value(json_object_get(finding, "rule"), text);
		sr_buf_puts(text, ": ");
		if (sr_json_int(finding, "period", 0))
			sr_buf_printf(text, "period %lld: ", (long long)sr_json_int(finding, "period", 0));
		ctl_value(json_object_get(finding, "text"), text);
		sr_buf_putc(text, '\n');
		if (sr_json_text(finding, "do")) {
			sr_buf_puts(text, "         Do:  sisrollctl ");
			ctl_value(json_object_get(finding, "do"), text);
			sr_buf_putc(text, '\n');
		}
	}
}

int ctl_render_terms(const ctl_out *o, const json_t *reply, sr_err *err)
{
	size_t i, j;
	json_t *school, *term;

	json_array_foreach(sr_json_array(reply, "schools"), i, school) {
		const json_t *terms = sr_json_array(school, "terms");
		SR_AUTO(sr_buf) text = { 0 };

		fputs(i ? "\n" : "", o->io->out);
		heading(o, school, "year");
		if (ctl_table_print(o, term_columns, SR_COUNT_OF(term_columns), terms, "  nothing to show", err) != 0)
			return -1;
		json_array_foreach(terms, j, term)
			findings(term, &text);
		fputs(sr_buf_text(&text), o->io->out);
	}
	if (json_array_size(sr_json_array(reply, "schools")) == 0)
		ctl_say(o, "No school.\n");
	return 0;
}

/* --- year list, year set --- */

/* Nobody has looked at a year of which no student was counted. */
static void cell_promoted(const json_t *row, const char *field, sr_buf *out)
{
	int64_t students = sr_json_int(row, "students", 0);

	if (students)
		sr_buf_printf(out, "%lld of %lld", (long long)sr_json_int(row, field, 0), (long long)students);
	else
		sr_buf_putc(out, '-');
}

static void cell_rolled(const json_t *row, const char *field, sr_buf *out)
{
	bool rolled = sr_json_bool(row, field, false);

	if (rolled || sr_json_int(row, "students", 0))
		sr_buf_puts(out, rolled ? "yes" : "no");
	else
		sr_buf_putc(out, '-');
}

/* clang-format off */
static const ctl_column year_columns[] = {
	{ "YEAR",     "year",      0,             NULL },
	{ "SCHOOL",   "school",    0,             ctl_cell_school },
	{ "TERMS",    "terms",     CTL_COL_RIGHT, NULL },
	{ "DATES",    "first_day", 0,             cell_dates },
	{ "ROLLED",   "rolled",    0,             cell_rolled },
	{ "PROMOTED", "promoted",  CTL_COL_RIGHT, cell_promoted },
	{ "USE",      "use",       0,             NULL },
};

static const ctl_column preview_columns[] = {
	{ "SCHOOL",   "school",      0,             ctl_cell_school },
	{ "FROM",     "from",        0,             NULL },
	{ "TO",       "to",          0,             NULL },
	{ "TERMS",    "terms_exist", 0,             NULL },
	{ "ROLLED",   "rolled",      0,             cell_rolled },
	{ "PROMOTED", "promoted",    CTL_COL_RIGHT, cell_promoted },
	{ "STOPS",    "stops",       CTL_COL_WRAP,  ctl_cell_counts },
	{ "COMES IN", "comes_in",    CTL_COL_WRAP,  ctl_cell_counts },
	{ "THEN",     "why",         CTL_COL_WRAP,  NULL },
};

static const ctl_column gate_columns[] = {
	{ "CHECK",    "check",    0,            NULL },
	{ "PASS",     "pass",     0,            NULL },
	{ "OVERRIDE", "overridden", 0,          NULL },
	{ "EVIDENCE", "evidence", CTL_COL_WRAP, NULL },
};
/* clang-format on */

/* Years hold schools; the table holds one row for each pair. */
static json_t *flatten_years(const json_t *years)
{
	json_t *rows = json_array();
	size_t i, j;
	json_t *year, *school;

	json_array_foreach(years, i, year) {
		json_array_foreach(sr_json_array(year, "schools"), j, school) {
			json_t *row = json_copy(school);

			if (row && json_object_set(row, "year", json_object_get(year, "year")) == 0)
				json_array_append(rows, row);
			json_decref(row);
		}
	}
	return rows;
}

int ctl_render_years(const ctl_out *o, const json_t *reply, sr_err *err)
{
	json_auto_t *rows = flatten_years(sr_json_array(reply, "years"));

	return ctl_table_print(o, year_columns, SR_COUNT_OF(year_columns), rows,
		"No school year is known yet. See: sisrollctl doctor", err);
}

int ctl_render_preview(const ctl_out *o, const json_t *preview, sr_err *err)
{
	const json_t *schools = sr_json_array(preview, "schools");
	SR_AUTO(sr_buf) year = { 0 };

	if (sr_json_array(preview, "plans"))
		return ctl_render_leavers(o, preview, err);
	if (sr_json_array(preview, "items"))
		return ctl_render_waiting_preview(o, preview, err);
	if (sr_json_array(preview, "put_back"))
		return ctl_render_undo(o, preview, err);
	if (sr_json_array(preview, "periods"))
		return ctl_render_dates(o, preview, err);
	ctl_value(json_object_get(preview, "year"), &year);
	fprintf(o->io->out, "Choosing %s would mean, for %zu school%s:\n\n", sr_buf_text(&year),
		json_array_size(schools), json_array_size(schools) == 1 ? "" : "s");
	return ctl_table_print(o, preview_columns, SR_COUNT_OF(preview_columns), schools, "  no school", err);
}

/* --- resume --check --- */

int ctl_render_gates(const ctl_out *o, const json_t *reply, sr_err *err)
{
	size_t i;
	json_t *gate;

	json_array_foreach(sr_json_array(reply, "gates"), i, gate) {
		fputs(i ? "\n" : "", o->io->out);
		heading(o, gate, "phase");
		if (ctl_table_print(o, gate_columns, SR_COUNT_OF(gate_columns), sr_json_array(gate, "checks"),
			    "  no checks", err) != 0)
			return -1;
		fprintf(o->io->out, "The gate %s.\n", sr_json_bool(gate, "passes", false) ? "opens" : "stays shut");
	}
	return 0;
}
