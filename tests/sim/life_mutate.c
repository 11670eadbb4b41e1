/* Small changes, a row each. Most are statements over resolved arguments. A mutation that matches nothing is
 * an error: a script that changes nothing proves nothing. */
#include <stdio.h>
#include <string.h>

#include "life_int.h"

bool sim_year_parse(const char *text, int *yearid)
{
	int start, end, used = 0;
	int64_t n;

	if (sscanf(text, "%4d-%4d%n", &start, &end, &used) == 2 && text[used] == '\0') {
		if (end != start + 1 && end != (start + 1) % 100)
			return false;
		n = start;
	} else if (!sr_parse_i64(text, &n)) {
		return false;
	}
	if (n >= 1991 && n < 2190)
		n -= 1990;
	if (n < 1 || n > 199)
		return false;
	*yearid = (int)n;
	return true;
}

/* SECTIONS.ID of `DCID` or `SCHOOL:YEAR[:N]`, the N-th (from 0) of that school and year. */
static int find_section(sqlite3 *db, const char *text, int64_t *id, sr_err *err)
{
	char copy[64], *save = NULL;
	int64_t school, n = 0;
	int yearid, rc;

	snprintf(copy, sizeof(copy), "%s", text);
	const char *first = strtok_r(copy, ":", &save), *year = strtok_r(NULL, ":", &save),
		   *nth = strtok_r(NULL, ":", &save);
	if (!first || !sr_parse_i64(first, &school) || (nth && !sr_parse_i64(nth, &n)) ||
		(year && !sim_year_parse(year, &yearid)))
		return sr_fail(err, SR_E_INVALID, "%s is neither a section's DCID nor SCHOOL:YEAR[:N]", text);
	if (!year)
		rc = sim_sql_int(db, id, err, "select id from sections where dcid = ?", "i", school);
	else
		rc = sim_sql_int(db, id, err,
			"select id from sections where schoolid = ? and termid between ? and ? order by id"
			" limit 1 offset ?",
			"inni", school, yearid * 100, yearid * 100 + 99, n);
	return rc == 1 ? 0 : rc < 0 ? -1 : sr_fail(err, SR_E_NOTFOUND, "no section %s", text);
}

/* STUDENTS.ID of a student number, or of `SCHOOL:N`, the N-th active one there. */
static int find_student(sqlite3 *db, const char *text, int64_t *id, sr_err *err)
{
	const char *colon = strchr(text, ':');
	int64_t number, n = 0;
	char school[32];
	int rc;

	snprintf(school, sizeof(school), "%.*s", colon ? (int)(colon - text) : 31, text);
	if (!sr_parse_i64(school, &number) || (colon && !sr_parse_i64(colon + 1, &n)))
		return sr_fail(err, SR_E_INVALID, "%s is neither a student number nor SCHOOL:N", text);
	if (colon)
		rc = sim_sql_int(db, id, err,
			"select id from students where schoolid = ? and enroll_status = 0"
			" and exitdate > entrydate order by id"
			" limit 1 offset ?",
			"ii", number, n);
	else
		rc = sim_sql_int(db, id, err, "select id from students where student_number = ?", "i", number);
	return rc == 1 ? 0 : rc < 0 ? -1 : sr_fail(err, SR_E_NOTFOUND, "no student %s", text);
}

static int resolve(sqlite3 *db, char type, const char *text, mutate_arg *out, sr_err *err)
{
	int day, yearid;

	*out = (mutate_arg){ .text = text };
	switch (type) {
	case 'S':
		return find_section(db, text, &out->n, err);
	case 'P':
		return find_student(db, text, &out->n, err);
	case 'H':
		return sr_parse_i64(text, &out->n) ? sim_school_there(db, out->n, err)
						   : sr_fail(err, SR_E_INVALID, "%s is no school's number", text);
	case 'n':
		return sr_parse_i64(text, &out->n) ? 0 : sr_fail(err, SR_E_INVALID, "%s is not a number", text);
	case 'd':
		return sim_day_parse(text, &day) ? 0 : sr_fail(err, SR_E_INVALID, "%s is not a date YYYY-MM-DD", text);
	case 'y':
		if (!sim_year_parse(text, &yearid))
			return sr_fail(err, SR_E_INVALID, "%s is not a school year", text);
		out->n = yearid;
		return 0;
	default:
		return 0;
	}
}

static bool is_number(char type)
{
	return type == 'S' || type == 'P' || type == 'H' || type == 'n' || type == 'y';
}

static void bind_args(mutate_call *call, sqlite3_stmt *stmt)
{
	int count = sqlite3_bind_parameter_count(stmt); /* the largest number in use */

	for (int i = 0; i < call->argc && i < count; i++) {
		if (is_number(call->row->types[i]))
			sqlite3_bind_int64(stmt, i + 1, call->args[i].n);
		else
			sqlite3_bind_text(stmt, i + 1, call->args[i].text, -1, SQLITE_TRANSIENT);
	}
	if (count >= MUTATE_TODAY)
		sqlite3_bind_text(stmt, MUTATE_TODAY, call->today, -1, SQLITE_TRANSIENT);
	if (count >= MUTATE_ACTING_USER)
		sqlite3_bind_int64(stmt, MUTATE_ACTING_USER, SIM_ACTING_UID);
}

/* All statements of the row, one after the other. */
static int run_sql(mutate_call *call, sr_err *err)
{
	const char *sql = call->row->sql;

	while (sql && *sql) {
		SR_AUTO(sim_stmt) stmt = NULL;
		if (sqlite3_prepare_v2(call->db, sql, -1, &stmt, &sql) != SQLITE_OK)
			return sr_fail(err, SR_E_DB, "%s: %s", call->row->name, sqlite3_errmsg(call->db));
		if (!stmt)
			continue;
		bind_args(call, stmt);
		if (sim_stmt_step(stmt, err) < 0)
			return -1;
	}
	return 0;
}

static int run_row(mutate_call *call, sr_err *err)
{
	int before = sqlite3_total_changes(call->db);

	if (run_sql(call, err) || (call->row->fn && call->row->fn(call, err)))
		return -1;
	if (sqlite3_total_changes(call->db) == before)
		return sr_fail(err, SR_E_NOTFOUND, "%s: nothing there to change", call->row->name);
	/* What was changed in Schoology on purpose counts as made by hand from now on. */
	return call->row->touches_acting_user
		       ? sim_snapshot_retake(call->db, SIM_SNAPSHOT_HANDMADE, "user", SIM_ACTING_UID, err)
		       : 0;
}

static const mutation *find_row(const char *name)
{
	for (size_t i = 0; i < mutation_count; i++)
		if (sr_streq(mutations[i].name, name))
			return &mutations[i];
	for (size_t i = 0; i < school_mutation_count; i++)
		if (sr_streq(school_mutations[i].name, name))
			return &school_mutations[i];
	return NULL;
}

int sim_mutate(sim_world *w, const char *name, int argc, const char *const *argv, sr_buf *say, sr_err *err)
{
	mutate_call call = { .world = w, .db = w->db, .row = find_row(name), .argc = argc, .say = say };

	if (!call.row)
		return sr_fail(err, SR_E_INVALID, "no mutation %s", name);
	int max = (int)strlen(call.row->types);
	if (argc < max - call.row->optional || argc > max)
		return sr_fail(err, SR_E_INVALID, "mutate %s %s", name, call.row->args);
	for (int i = 0; i < argc; i++)
		if (resolve(w->db, call.row->types[i], argv[i], &call.args[i], err))
			return -1;
	sim_day_text(sim_day_of_ms(sr_clock_wall_ms(&w->clock)), call.today);
	if (sim_sql_begin(w->db, err))
		return -1;
	return sim_sql_end(w->db, run_row(&call, err), err);
}

static void help_table(const mutation *rows, size_t count, sr_buf *out)
{
	for (size_t i = 0; i < count; i++) {
		SR_AUTO_FREE char *head = sr_asprintf("%s %s", rows[i].name, rows[i].args);
		sr_buf_printf(out, "  %-42s %s\n", head ? head : rows[i].name, rows[i].help);
	}
}

void sim_mutations_help(sr_buf *out)
{
	help_table(mutations, mutation_count, out);
	help_table(school_mutations, school_mutation_count, out);
}
