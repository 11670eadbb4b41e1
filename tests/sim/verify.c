/* Runs the derivation and the checks over temporary tables, and writes the report. Whatever the
 * comparison made is dropped again, so that verifying twice is verifying once. */
#include <string.h>

#include "verify_int.h"

static const char *const kind_names[SIM_VERIFY_KIND_COUNT] = { "users", "courses", "sections", "memberships" };

static const char *or_text(const char *given, const char *otherwise)
{
	return given ? given : otherwise;
}

static void bind_text(sqlite3_stmt *q, const char *name, const char *value)
{
	int at = sqlite3_bind_parameter_index(q, name);

	if (at)
		sqlite3_bind_text(q, at, value, -1, SQLITE_TRANSIENT);
}

static void bind_int(sqlite3_stmt *q, const char *name, int value)
{
	int at = sqlite3_bind_parameter_index(q, name);

	if (at)
		sqlite3_bind_int(q, at, value);
}

/* A statement with every parameter that it names. */
static sqlite3_stmt *prepare(verify_run *v, const char *sql, sr_err *err)
{
	sqlite3_stmt *q = sim_sql(v->db, err, sql, "");

	if (!q)
		return NULL;
	bind_text(q, ":today", v->today);
	bind_text(q, ":snapshot", or_text(v->o->snapshot, ""));
	bind_text(q, ":student", or_text(v->o->role_student, "Student"));
	bind_text(q, ":teacher", or_text(v->o->role_teacher, "Teacher"));
	bind_text(q, ":staff", or_text(v->o->role_staff, "Staff"));
	bind_text(q, ":substitute", or_text(v->o->role_substitute, ""));
	bind_int(q, ":grace", v->o->end_grace ? v->o->end_grace : 7);
	bind_int(q, ":prereg", v->o->preregistered);
	bind_int(q, ":left", v->o->allow_left);
	bind_int(q, ":noroles", v->o->roles_refused);
	bind_int(q, ":past", v->o->past_refused);
	bind_int(q, ":logins", !v->o->no_logins);
	return q;
}

/* Tables of an earlier run; sqlite_temp_schema is read to the end before anything is dropped. */
static int drop_tables(sqlite3 *db, sr_err *err)
{
	SR_AUTO(sr_buf) sql = { 0 };
	SR_AUTO(sim_stmt)
	q = sim_sql(db, err,
		"select name from sqlite_temp_schema where type = 'table' and name like 'v\\_%' escape '\\'", "");
	int rc = q ? 1 : -1;

	while (rc == 1 && (rc = sim_stmt_step(q, err)) == 1)
		sr_buf_printf(&sql, "drop table temp.%s;", (const char *)sqlite3_column_text(q, 0));
	sqlite3_reset(q);
	return rc < 0 ? -1 : sim_sql_script(db, sr_buf_text(&sql), err);
}

static int choose_year(verify_run *v, sr_err *err)
{
	int64_t year = 0;

	if (sim_sql_int(v->db, &year, err,
		    "select cast(value as integer) from prefs"
		    " where lower(name) = 'coursearchiveyear'",
		    "") < 0)
		return -1;
	v->yearid = v->o->yearid ? v->o->yearid : (int)year;
	return v->yearid > 0 ? 0 : sr_fail(err, SR_E_INVALID, "verify: which year?");
}

static int choose_schools(verify_run *v, sr_err *err)
{
	if (sim_sql_script(v->db, "create temp table v_set(number integer primary key, yearid integer)", err))
		return -1;
	for (size_t i = 0; i < v->o->school_count; i++) {
		const sim_verify_school *s = &v->o->schools[i];
		if (sim_sql_run(v->db, err, "insert or replace into v_set values(?, ?)", "in", s->number,
			    s->yearid ? s->yearid : v->yearid))
			return -1;
	}
	if (v->o->school_count)
		return 0;
	return sim_sql_run(v->db, err,
		"insert into v_set select s.school_number, ?1 from schools s where s.issummerschool = 0"
		" and s.school_number <>"
		" 999999 and exists (select 1 from terms t where t.schoolid = s.school_number"
		" and t.yearid = ?1)",
		"n", v->yearid);
}

static int derive(verify_run *v, sr_err *err)
{
	for (size_t i = 0; verify_derive[i]; i++) {
		SR_AUTO(sim_stmt) q = prepare(v, verify_derive[i], err);
		if (!q || sim_stmt_step(q, err) < 0)
			return -1;
	}
	return sim_snapshot_now(v->db, err);
}

static int check(verify_run *v, const verify_check *c, sr_err *err)
{
	SR_AUTO(sim_stmt) q = prepare(v, c->sql, err);
	size_t max = v->o->list_max ? v->o->list_max : 20, count = 0;
	bool tolerated = c->drops && v->o->allow_drops;
	int rc = q ? 1 : -1;

	while (rc == 1 && (rc = sim_stmt_step(q, err)) == 1) {
		const char *id = (const char *)sqlite3_column_text(q, 0);
		if (count++ < max && !tolerated)
			sr_buf_printf(&v->report->text, "  %s %s\n", c->code, id ? id : "?");
	}
	if (rc < 0)
		return sr_err_prefix(err, c->code);
	if (count > max && !tolerated)
		sr_buf_printf(&v->report->text, "  %s: %zu in all\n", c->code, count);
	if (c->drops)
		v->report->pending_drops += (int64_t)count;
	if (!tolerated)
		v->report->differences += (int64_t)count;
	return 0;
}

int verify_build(verify_run *v, sr_err *err)
{
	sim_day_text(v->o->today ? v->o->today : sim_day_of_ms(sr_clock_wall_ms(&v->world->clock)), v->today);
	return drop_tables(v->db, err) || choose_year(v, err) || choose_schools(v, err) || derive(v, err) ? -1 : 0;
}

/* How many things there should be, and how many of the snapshot were kept as they were. */
static int count_all(verify_run *v, sr_err *err)
{
	static const char *const expected[SIM_VERIFY_KIND_COUNT] = { "select count(*) from v_person",
		"select count(*) from v_course", "select count(*) from v_section",
		"select count(*) from v_member where want = 'in'" };
	static const char kept[] =
		"select count(*) from sim_snapshot b join v_now n on n.kind = b.kind and n.id = b.id"
		" and n.bytes = b.bytes"
		" where b.name = ?1 and b.kind = ?2 and case ?2"
		" when 'user' then json_extract(b.bytes, '$[1]') not in (select key from v_person)"
		" when 'course' then json_extract(b.bytes, '$[1]') not in (select course_code from v_course)"
		" when 'section' then json_extract(b.bytes, '$[3]') not in (select code from v_section)"
		" else json_extract(b.bytes, '$[1]') not in (select x.id from sgy_section x join v_section s"
		"  on s.code = x.section_school_code) end";
	static const char *const kinds[SIM_VERIFY_KIND_COUNT] = { "user", "course", "section", "enrollment" };

	for (int i = 0; i < SIM_VERIFY_KIND_COUNT; i++) {
		if (sim_sql_int(v->db, &v->report->expected[i], err, expected[i], "") < 0)
			return -1;
		if (v->o->snapshot &&
			sim_sql_int(v->db, &v->report->kept[i], err, kept, "tt", v->o->snapshot, kinds[i]) < 0)
			return -1;
	}
	return sim_sql_int(v->db, &v->report->handmade, err,
		       "select count(*) from sim_snapshot"
		       " where name = 'handmade'",
		       "") < 0
		       ? -1
		       : 0;
}

static void head_line(verify_run *v, sr_buf *out)
{
	const sim_verify_report *r = v->report;

	sr_buf_printf(out, "verify %d-%d on %s: ", v->yearid + 1990, v->yearid + 1991, v->today);
	for (int i = 0; i < SIM_VERIFY_KIND_COUNT; i++)
		sr_buf_printf(out, "%s%lld %s", i ? ", " : "", (long long)r->expected[i], kind_names[i]);
	if (r->differences)
		sr_buf_printf(out, ": %lld differences\n", (long long)r->differences);
	else
		sr_buf_puts(out, ": exact\n");
	if (v->o->snapshot) {
		sr_buf_printf(out, "as in snapshot %s: ", v->o->snapshot);
		for (int i = 0; i < SIM_VERIFY_KIND_COUNT; i++)
			sr_buf_printf(out, "%s%lld %s", i ? ", " : "", (long long)r->kept[i], kind_names[i]);
		sr_buf_puts(out, " of other years or nobody's, byte for byte\n");
	}
	sr_buf_printf(out, "made by hand: %lld rows\n", (long long)r->handmade);
	if (r->pending_drops)
		sr_buf_printf(out,
			"to be dropped, still there: %lld"
			" memberships\n",
			(long long)r->pending_drops);
}

static int compare(verify_run *v, sr_err *err)
{
	if (verify_build(v, err))
		return -1;
	for (size_t i = 0; i < verify_check_count; i++)
		if (check(v, &verify_checks[i], err))
			return -1;
	return count_all(v, err);
}

int sim_verify(sim_world *w, const sim_verify_options *options, sim_verify_report *report, sr_err *err)
{
	verify_run v = { .world = w, .db = w->db, .o = options, .report = report };
	SR_AUTO(sr_buf) head = { 0 };

	*report = (sim_verify_report){ 0 };
	if (options->snapshot && !sim_snapshot_exists(w->db, options->snapshot))
		return sr_fail(err, SR_E_NOTFOUND, "verify: there is no snapshot %s", options->snapshot);
	int rc = compare(&v, err);
	if (drop_tables(w->db, rc ? NULL : err))
		rc = -1;
	if (rc != 0)
		return -1;
	head_line(&v, &head);
	sr_buf_add(&head, sr_buf_text(&report->text), report->text.len);
	sr_buf_done(&report->text);
	report->text = head;
	head = (sr_buf){ 0 };
	return report->text.failed ? sr_fail_nomem(err) : 0;
}

void sim_verify_report_done(sim_verify_report *report)
{
	sr_buf_done(&report->text);
}
