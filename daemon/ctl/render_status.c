/* `status`: three lines for the district, one for each school, then what blocks whom. */
#include "render.h"

#include <string.h>

/* Phases in the order in which the header counts them. */
static const char *const phases[] = { "syncing", "resumed", "terms-mapped", "year-set", "paused" };

/* --- The header --- */

static void count_phases(const json_t *schools, sr_buf *text)
{
	const char *separator = ": ";

	for (size_t p = 0; p < SR_COUNT_OF(phases); p++) {
		int n = 0;
		size_t i;
		json_t *school;

		json_array_foreach(schools, i, school)
			n += sr_streq(sr_json_text(school, "phase"), phases[p]);
		if (n > 0)
			sr_buf_printf(text, "%s%d %s", separator, n, phases[p]);
		separator = n > 0 ? ", " : separator;
	}
}

static void add_text(sr_buf *text, const json_t *object, const char *key, const char *otherwise)
{
	const char *value = sr_json_text(object, key);

	ctl_clean(text, value ? value : otherwise);
}

static void add_ago(sr_buf *text, const json_t *object, const char *now, const char *before)
{
	int64_t seconds;

	if (!ctl_seconds_between(sr_json_text(object, "checked_at"), now, &seconds))
		return;
	sr_buf_puts(text, before);
	ctl_span(seconds, text);
	sr_buf_puts(text, " ago");
}

static void first_line(const json_t *daemon, const json_t *schools, sr_buf *text)
{
	size_t n = json_array_size(schools);

	add_text(text, daemon, "district", "District not known yet");
	sr_buf_puts(text, " · ");
	ctl_cell_time(daemon, "now", text);
	if (sr_json_text(daemon, "timezone")) {
		sr_buf_putc(text, ' ');
		add_text(text, daemon, "timezone", "");
	}
	sr_buf_puts(text, " · sisrolld ");
	add_text(text, daemon, "version", "?");
	sr_buf_printf(text, " · %zu school%s", n, n == 1 ? "" : "s");
	count_phases(schools, text);
	sr_buf_putc(text, '\n');
}

static void acting_user_line(const json_t *daemon, const char *now, sr_buf *text)
{
	const json_t *user = sr_json_object(daemon, "acting_user");
	const char *buildings = sr_json_text(user, "buildings");

	sr_buf_puts(text, "acting user  ");
	add_text(text, user, "uid", "not known");
	sr_buf_puts(text, " (");
	add_text(text, user, "role", "no role");
	if (buildings) {
		sr_buf_puts(text, sr_streq(buildings, "all") ? ", all buildings" : ", only building ");
		ctl_clean(text, sr_streq(buildings, "all") ? "" : buildings);
	}
	sr_buf_printf(text, ")  %s", sr_json_bool(user, "ok", false) ? "valid" : "NOT VALID");
	add_ago(text, user, now, ", checked ");
	if (sr_json_text(user, "why") && !sr_json_bool(user, "ok", false)) {
		sr_buf_puts(text, ": ");
		add_text(text, user, "why", "");
	}
	sr_buf_puts(text, "        operator  ");
	add_text(text, daemon, "operator", "-");
	sr_buf_putc(text, '\n');
}

static void system_state(const json_t *system, const char *name, const char *now, sr_buf *text)
{
	bool ok = sr_json_bool(system, "ok", false);

	sr_buf_printf(text, "%s  %s", name, !system ? "not asked yet" : ok ? "ok" : "NOT OK");
	add_ago(text, system, now, " ");
	if (system && !ok && sr_json_text(system, "why")) {
		sr_buf_puts(text, ": ");
		add_text(text, system, "why", "");
	}
}

static void systems_line(const json_t *daemon, const json_t *schools, const char *now, sr_buf *text)
{
	const json_t *ps = sr_json_object(daemon, "powerschool"), *sgy = sr_json_object(daemon, "schoology");

	system_state(ps, "PowerSchool", now, text);
	if (sr_json_int(ps, "rolled", -1) >= 0)
		sr_buf_printf(text, " · rolled over at %lld of %zu", (long long)sr_json_int(ps, "rolled", 0),
			json_array_size(schools));
	sr_buf_puts(text, "       ");
	system_state(sgy, "Schoology", now, text);
	if (sr_json_int(sgy, "budget", 0) > 0)
		sr_buf_printf(text, " · %lld/%lld per %lld s", (long long)sr_json_int(sgy, "credits", 0),
			(long long)sr_json_int(sgy, "budget", 0), (long long)sr_json_int(sgy, "window_s", 5));
	sr_buf_printf(
		text, "        other-year writes  %lld\n\n", (long long)sr_json_int(daemon, "other_year_writes", 0));
}

/* --- Cells. A school needs attention if it is blocked, or writes while a used term has no sound map. --- */

static bool blocked(const json_t *school)
{
	return json_array_size(sr_json_array(school, "blocks")) > 0;
}

static bool terms_wait(const json_t *school)
{
	const json_t *terms = sr_json_object(school, "terms");
	const char *phase = sr_json_text(school, "phase");

	return (sr_streq(phase, "syncing") || sr_streq(phase, "resumed")) &&
	       sr_json_int(terms, "mapped", 0) < sr_json_int(terms, "used", 0);
}

static void cell_phase(const json_t *row, const char *field, sr_buf *out)
{
	sr_buf_puts(out, blocked(row) || terms_wait(row) ? "! " : "  ");
	ctl_value(json_object_get(row, field), out);
}

static void cell_since(const json_t *row, const char *field, sr_buf *out)
{
	ctl_when(sr_json_text(row, field), sr_json_text(row, "now"), out);
}

static void cell_year(const json_t *row, const char *field, sr_buf *out)
{
	const char *chosen = sr_json_text(row, "chosen_year");

	ctl_value(json_object_get(row, field), out);
	if (chosen) {
		sr_buf_puts(out, " > ");
		ctl_clean(out, chosen);
	}
}

static void cell_sis(const json_t *row, const char *field, sr_buf *out)
{
	const json_t *sis = sr_json_object(row, field);
	int64_t students = sr_json_int(sis, "students", 0), part = sr_json_int(sis, "promoted", 0);
	const char *word = "rolled";

	/* Without a year there is nothing to have terms of. */
	if (!sis || !(sr_json_text(row, "active_year") || sr_json_text(row, "chosen_year"))) {
		sr_buf_puts(out, "-");
		return;
	}
	if (!sr_json_bool(sis, "terms", false)) {
		sr_buf_puts(out, "no terms");
		return;
	}
	if (!sr_json_bool(sis, "rolled", false)) {
		word = "not rolled";
	} else if (sr_json_int(sis, "scheduled", -1) >= 0) {
		word = "sched";
		part = sr_json_int(sis, "scheduled", 0);
	}
	sr_buf_puts(out, word);
	if (students > 0)
		sr_buf_printf(out, " %lld%%", (long long)(100 * part / students));
}

static void cell_terms(const json_t *row, const char *field, sr_buf *out)
{
	const json_t *terms = sr_json_object(row, field);

	if (sr_json_int(terms, "used", 0) == 0)
		sr_buf_putc(out, '-');
	else
		sr_buf_printf(out, "%lld/%lld", (long long)sr_json_int(terms, "mapped", 0),
			(long long)sr_json_int(terms, "used", 0));
}

/* "first run 61%, 6 min" while it goes; "update ok 06:41" once it has ended. */
static void cell_last_run(const json_t *row, const char *field, sr_buf *out)
{
	const json_t *run = sr_json_object(row, field);
	const char *state = sr_json_text(run, "state");
	int64_t total = sr_json_int(run, "total", 0), eta = sr_json_int(run, "eta_s", -1);
	SR_AUTO(sr_buf) when = { 0 };
	const char *at;

	if (!run) {
		sr_buf_putc(out, '-');
		return;
	}
	ctl_value(json_object_get(run, "kind"), out);
	if (total > 0 && !sr_streq(state, "done")) {
		sr_buf_printf(out, " %lld%%", (long long)(100 * sr_json_int(run, "done", 0) / total));
		if (eta >= 0) {
			sr_buf_puts(out, ", ");
			ctl_span(eta, out);
		}
		return;
	}
	sr_buf_putc(out, ' ');
	ctl_clean(out, sr_streq(state, "done") ? "ok" : state ? state : "?");
	ctl_when(sr_json_text(run, "at"), sr_json_text(row, "now"), &when);
	at = sr_buf_text(&when);
	sr_buf_printf(out, " %s", sr_starts(at, "today ") ? at + strlen("today ") : at);
}

static void cell_next(const json_t *row, const char *field, sr_buf *out)
{
	const char *next = sr_json_text(row, field), *why = sr_json_text(row, "next_why");

	ctl_clean(out, next && *next ? next : "-");
	if (!why || !*why)
		return;
	sr_buf_puts(out, sr_streq(next, "wait") ? ": " : "   (");
	ctl_clean(out, why);
	sr_buf_puts(out, sr_streq(next, "wait") ? "" : ")");
}

/* clang-format off */
static const ctl_column columns[] = {
	{ "SCHOOL",   "school",      0,             ctl_cell_school },
	{ "  PHASE",  "phase",       0,             cell_phase },
	{ "SINCE",    "since",       0,             cell_since },
	{ "BY",       "by",          0,             NULL },
	{ "YEAR",     "active_year", 0,             cell_year },
	{ "SIS",      "sis",         0,             cell_sis },
	{ "TERMS",    "terms",       0,             cell_terms },
	{ "LAST RUN", "last_run",    0,             cell_last_run },
	{ "WAIT",     "waiting",     CTL_COL_RIGHT, NULL },
	{ "QUAR",     "quarantined", CTL_COL_RIGHT, NULL },
	{ "NEXT",     "next",        0,             cell_next },
};
/* clang-format on */

/* --- The whole --- */

/* Blocked schools first, then those that need attention, each group in the daemon's order. Every row is given
 * the answer's time, which its cells measure from. */
static json_t *worst_first(const json_t *schools, const char *now)
{
	json_t *sorted = json_array();

	for (int rank = 0; sorted && rank < 3; rank++) {
		size_t i;
		json_t *school;

		json_array_foreach(schools, i, school) {
			int own = blocked(school) ? 0 : terms_wait(school) ? 1 : 2;
			json_t *row = own == rank ? json_copy(school) : NULL;

			if (row && now)
				json_object_set_new(row, "now", json_string(now));
			if (row)
				json_array_append_new(sorted, row);
		}
	}
	return sorted;
}

static void block_line(const json_t *school, const json_t *block, const char *now, sr_buf *text)
{
	sr_buf_puts(text, "\n! ");
	ctl_cell_school(school, "school", text);
	sr_buf_puts(text, " is blocked: ");
	add_text(text, block, "code", "?");
	sr_buf_puts(text, ", since ");
	ctl_when(sr_json_text(block, "since"), now, text);
	if (sr_json_text(block, "why")) {
		sr_buf_puts(text, ": ");
		add_text(text, block, "why", "");
	}
	sr_buf_puts(text, "\n  Cleared by: ");
	add_text(text, block, "clear", "-");
}

static void remarks(const json_t *schools, const char *now, sr_buf *text)
{
	size_t i, j;
	json_t *school, *block;

	json_array_foreach(schools, i, school) {
		const json_t *overrides = sr_json_array(school, "overrides");

		json_array_foreach(sr_json_array(school, "blocks"), j, block)
			block_line(school, block, now, text);
		if (json_array_size(overrides) == 0)
			continue;
		sr_buf_puts(text, "\n  ");
		ctl_cell_school(school, "school", text);
		sr_buf_puts(text, " goes on with overridden checks: ");
		ctl_value(overrides, text);
	}
	if (text->len)
		sr_buf_putc(text, '\n');
}

int ctl_render_status(const ctl_out *o, const json_t *reply, sr_err *err)
{
	const json_t *daemon = sr_json_object(reply, "daemon"), *schools = sr_json_array(reply, "schools");
	const char *now = sr_json_text(daemon, "now");
	json_auto_t *rows = worst_first(schools, now);
	SR_AUTO(sr_buf) head = { 0 }, tail = { 0 };
	int rc;

	first_line(daemon, schools, &head);
	acting_user_line(daemon, now, &head);
	systems_line(daemon, schools, now, &head);
	fputs(sr_buf_text(&head), o->io->out);
	rc = ctl_table_print(
		o, columns, SR_COUNT_OF(columns), rows, "No school is synced. See: sisrollctl schools list", err);
	remarks(rows, now, &tail);
	fputs(sr_buf_text(&tail), o->io->out);
	return rc;
}
