/* Plans, runs and explanations: what was done or would be done, item by item. */
#include "render.h"

#include <string.h>

/* --- Label and value, one a line --- */

static void pair(sr_buf *text, const char *label, const json_t *value)
{
	if (!value || json_is_null(value))
		return;
	sr_buf_printf(text, "%-10s ", label);
	ctl_value(value, text);
	sr_buf_putc(text, '\n');
}

typedef struct label {
	const char *label, *field;
} label;

static void pairs(sr_buf *text, const json_t *object, const label *labels, size_t count)
{
	for (size_t i = 0; i < count; i++)
		pair(text, labels[i].label, json_object_get(object, labels[i].field));
}

/* {kind: {word: n}}, one kind a line: "section    create 214, update 3". */
static void nested_counts(sr_buf *text, const json_t *counts)
{
	const char *kind;
	json_t *inner;

	json_object_foreach((json_t *)counts, kind, inner) {
		SR_AUTO(sr_buf) name = { 0 };

		ctl_clean(&name, kind);
		sr_buf_printf(text, "  %-12s ", sr_buf_text(&name));
		ctl_value(inner, text);
		sr_buf_putc(text, '\n');
	}
}

/* --- plan show --- */

/* field: before -> after */
static void cell_changes(const json_t *row, const char *field, sr_buf *out)
{
	const char *name, *separator = "";
	json_t *change;

	json_object_foreach(sr_json_object(row, field), name, change) {
		sr_buf_puts(out, separator);
		ctl_clean(out, name);
		sr_buf_puts(out, ": ");
		if (json_is_array(change) && json_array_size(change) == 2) {
			ctl_value(json_array_get(change, 0), out);
			sr_buf_puts(out, " -> ");
			ctl_value(json_array_get(change, 1), out);
		} else {
			ctl_value(change, out);
		}
		separator = "; ";
	}
	if (!*separator)
		sr_buf_putc(out, '-');
}

/* clang-format off */
static const ctl_column item_columns[] = {
	{ "SEQ",     "seq",     CTL_COL_RIGHT, NULL },
	{ "KIND",    "kind",    0,             NULL },
	{ "OP",      "op",      0,             NULL },
	{ "KEY",     "key",     0,             NULL },
	{ "STATE",   "state",   0,             NULL },
	{ "CHANGES", "changes", CTL_COL_WRAP,  cell_changes },
	{ "WHY",     "why",     CTL_COL_WRAP,  NULL },
};

static const label plan_labels[] = {
	{ "plan", "id" }, { "school", "school" }, { "year", "year" }, { "state", "state" }, { "run", "run" },
	{ "made", "at" }, { "digest", "digest" },
};

static const label run_labels[] = {
	{ "run", "id" }, { "school", "school" }, { "kind", "kind" }, { "state", "state" }, { "began", "at" },
	{ "ended", "ended" }, { "plan", "plan" }, { "created", "created" }, { "updated", "updated" },
	{ "dropped", "dropped" }, { "waiting", "waiting" }, { "failed", "failed" }, { "why", "why" },
};

static const label record_labels[] = {
	{ "verdict", "verdict" }, { "effect", "effect" }, { "rule", "rule" }, { "school", "school" },
	{ "judged", "judged_at" }, { "values", "values" }, { "target", "target" },
};

static const ctl_column failure_columns[] = {
	{ "KIND", "kind", 0,            NULL },
	{ "KEY",  "key",  0,            NULL },
	{ "WHY",  "why",  CTL_COL_WRAP, NULL },
};

static const ctl_column sent_columns[] = {
	{ "AT",     "at",     0,            ctl_cell_time },
	{ "OP",     "op",     0,            NULL },
	{ "STATE",  "state",  0,            NULL },
	{ "ANSWER", "answer", CTL_COL_WRAP, NULL },
};
/* clang-format on */

int ctl_render_plan(const ctl_out *o, const json_t *reply, sr_err *err)
{
	const json_t *plan = sr_json_object(reply, "plan");
	SR_AUTO(sr_buf) text = { 0 };

	pairs(&text, plan, plan_labels, SR_COUNT_OF(plan_labels));
	nested_counts(&text, sr_json_object(plan, "counts"));
	fprintf(o->io->out, "%s\n", sr_buf_text(&text));
	return ctl_table_print(o, item_columns, SR_COUNT_OF(item_columns), sr_json_array(reply, "items"),
		"The plan holds nothing to do.", err);
}

/* --- plan summary --- */

void ctl_cell_ops(const json_t *row, const char *field, sr_buf *out)
{
	const json_t *ops = sr_json_object(sr_json_object(row, "counts"), field);

	if (!ops) {
		sr_buf_putc(out, '-');
		return;
	}
	sr_buf_printf(out, "+%lld ~%lld -%lld", (long long)sr_json_int(ops, "create", 0),
		(long long)sr_json_int(ops, "update", 0), (long long)sr_json_int(ops, "drop", 0));
}

void ctl_cell_off(const json_t *row, const char *field, sr_buf *out)
{
	sr_buf_printf(out, "%s%lld %%", sr_json_bool(row, "outlier", false) ? "! " : "",
		(long long)sr_json_int(row, field, 0));
}

/* --- plan show --csv --- */

/* Quotes as RFC 4180 has it; a leading = + - @ would be a formula to a spreadsheet, so it gets a quote mark. */
static void csv_cell(sr_buf *line, const char *text)
{
	sr_buf_puts(line, strchr("=+-@", *text) && *text ? "\"'" : "\"");
	for (; *text; text++) {
		if (*text == '"')
			sr_buf_putc(line, '"');
		sr_buf_putc(line, *text);
	}
	sr_buf_putc(line, '"');
}

/* One side of the changes: "title: Algebra 1; grading_periods: 7,8". What is unset is left out. */
static void cell_side(const json_t *row, size_t side, sr_buf *out)
{
	const char *name;
	json_t *change;

	json_object_foreach(sr_json_object(row, "changes"), name, change) {
		const json_t *value = json_array_get(change, side);

		if (!value || json_is_null(value))
			continue;
		sr_buf_puts(out, out->len ? "; " : "");
		ctl_clean(out, name);
		sr_buf_puts(out, ": ");
		ctl_value(value, out);
	}
}

static void cell_before(const json_t *row, const char *field, sr_buf *out)
{
	(void)field;
	cell_side(row, 0, out);
}

static void cell_after(const json_t *row, const char *field, sr_buf *out)
{
	(void)field;
	cell_side(row, 1, out);
}

/* clang-format off */
/* What a registrar looks for: whom or what it is about, what is done, from what to what, and why. */
static const ctl_column csv_columns[] = {
	{ "seq",    "seq",     0, NULL },
	{ "kind",   "kind",    0, NULL },
	{ "op",     "op",      0, NULL },
	{ "ident",  "ident",   0, NULL },
	{ "key",    "key",     0, NULL },
	{ "state",  "state",   0, NULL },
	{ "before", "changes", 0, cell_before },
	{ "after",  "changes", 0, cell_after },
	{ "why",    "why",     0, NULL },
};
/* clang-format on */

static void csv_line(const ctl_out *o, const json_t *item)
{
	SR_AUTO(sr_buf) line = { 0 };

	for (size_t i = 0; i < SR_COUNT_OF(csv_columns); i++) {
		const ctl_column *column = &csv_columns[i];
		SR_AUTO(sr_buf) cell = { 0 };

		if (column->cell)
			column->cell(item, column->field, &cell);
		else
			ctl_value(json_object_get(item, column->field), &cell);
		if (i > 0)
			sr_buf_putc(&line, ',');
		/* The dash that stands for nothing in a table is nothing in a file. */
		csv_cell(&line, sr_streq(sr_buf_text(&cell), "-") ? "" : sr_buf_text(&cell));
	}
	fprintf(o->io->out, "%s\n", sr_buf_text(&line));
}

void ctl_render_plan_csv(const ctl_out *o, const json_t *reply)
{
	size_t i;
	json_t *item;

	for (size_t c = 0; c < SR_COUNT_OF(csv_columns); c++)
		fprintf(o->io->out, "%s%s", c ? "," : "", csv_columns[c].head);
	fputc('\n', o->io->out);
	json_array_foreach(sr_json_array(reply, "items"), i, item)
		csv_line(o, item);
}

/* --- run show, explain --- */

/* Only what made something wait is said in words. */
static void guards(sr_buf *out, const json_t *list)
{
	size_t i;
	json_t *guard;

	json_array_foreach(list, i, guard)
		if (json_object_get(guard, "why"))
			sr_buf_printf(out, "waits: %s\n", sr_json_text(guard, "why"));
}

int ctl_render_run(const ctl_out *o, const json_t *reply, sr_err *err)
{
	const json_t *failures = sr_json_array(reply, "failures");
	SR_AUTO(sr_buf) text = { 0 };

	pairs(&text, sr_json_object(reply, "run"), run_labels, SR_COUNT_OF(run_labels));
	pair(&text, "admitted", json_object_get(reply, "admitted"));
	sr_buf_puts(&text, "left out\n");
	nested_counts(&text, sr_json_object(reply, "verdicts"));
	guards(&text, sr_json_array(reply, "guards"));
	fputs(sr_buf_text(&text), o->io->out);
	if (json_array_size(sr_json_array(reply, "waits")) > 0) {
		fputs("\nwaits for a person (sisrollctl waiting approve, or reject)\n", o->io->out);
		if (ctl_render_waiting_items(o, sr_json_array(reply, "waits"), "", err) != 0)
			return -1;
	}
	if (sr_json_object(reply, "verify")) {
		fputs("\nlooked at Schoology\n", o->io->out);
		if (ctl_render_verify_report(o, sr_json_object(reply, "verify"), err) != 0)
			return -1;
	}
	if (json_array_size(failures) == 0)
		return 0;
	fputc('\n', o->io->out);
	return ctl_table_print(o, failure_columns, SR_COUNT_OF(failure_columns), failures, "", err);
}

/* "waits since 2026-08-04 09:12: why; approve with: ..." */
static void waits(sr_buf *out, const json_t *item)
{
	if (!item)
		return;
	sr_buf_printf(out, "%-10s since ", "waits");
	ctl_cell_time(item, "since", out);
	sr_buf_puts(out, ": ");
	ctl_value(json_object_get(item, "why"), out);
	sr_buf_puts(out, " (");
	ctl_value(json_object_get(item, "state"), out);
	sr_buf_printf(
		out, ")\n%-10s sisrollctl waiting approve %lld --kind ", "", (long long)sr_json_int(item, "school", 0));
	ctl_value(json_object_get(item, "kind"), out);
	sr_buf_puts(out, ", or reject\n");
}

int ctl_render_explain(const ctl_out *o, const json_t *reply, sr_err *err)
{
	size_t i;
	json_t *record;

	json_array_foreach(sr_json_array(reply, "records"), i, record) {
		const json_t *sent = sr_json_array(record, "sent");
		SR_AUTO(sr_buf) text = { 0 };

		sr_buf_puts(&text, i ? "\n" : "");
		ctl_value(json_object_get(record, "kind"), &text);
		sr_buf_putc(&text, ' ');
		ctl_value(json_object_get(record, "key"), &text);
		sr_buf_putc(&text, '\n');
		pairs(&text, record, record_labels, SR_COUNT_OF(record_labels));
		waits(&text, sr_json_object(record, "waiting"));
		fputs(sr_buf_text(&text), o->io->out);
		if (json_array_size(sent) > 0 &&
			ctl_table_print(o, sent_columns, SR_COUNT_OF(sent_columns), sent, "", err) != 0)
			return -1;
	}
	return 0;
}
