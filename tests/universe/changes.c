/* One row a change: the statement draws its arguments from the tables as they are, in the order: the
 * mutation's, those that undo it, and the differences that it explains. A draw that finds nothing
 * changes nothing. */
#include "changes.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS 8

typedef struct change {
	const char *name;
	int args;
	const char *undo; /* the mutation that takes it back; NULL: it stays */
	int undo_args;
	const char *excuses[2]; /* checks of the oracle */
	bool term_runs;         /* only while the year's classes run or are to come */
	const char *sql;        /* ?1 chance, ?2 and ?3 the year's term ids, ?4 today, ?5 the year's start */
} change;

#define CHANCE(id) " order by (" id " * 7919 + ?1) % 104729 limit 1"
#define CODE "s.schoolid || '-' || ?5 || '-' || s.dcid"
#define NUMBER "cast(st.student_number as integer)"
#define STUDENT "students st where st.enroll_status = 0 and st.schoolid < 999999"
#define SECTION "sections s where s.termid between ?2 and ?3"
#define WRITTEN " and exists (select 1 from sgy_section g where g.section_school_code = " CODE ")"
#define ENROLLED                                                                                                       \
	"cc join sections s on s.id = cc.sectionid join students st on st.id = cc.studentid where s.termid between ?2" \
	" and ?3 and st.enroll_status = 0 and (cc.dateleft is null or cc.dateleft > ?4)"

/* clang-format off */
static const change changes[] = {
	{ .name = "name-change", .args = 3,
	  .sql = "select " NUMBER ", 'O''Changed', 'Zoë' from " STUDENT CHANCE("st.id") },
	{ .name = "new-student", .args = 2, .sql = "select st.schoolid, st.grade_level from " STUDENT CHANCE("st.id") },
	{ .name = "rename-old-section", .args = 1, .sql = "select st.schoolid from " STUDENT CHANCE("st.id") },
	{ .name = "late-correction", .args = 1, .sql = "select " NUMBER " from " STUDENT CHANCE("st.id") },
	{ .name = "login-change", .args = 2,
	  .sql = "select " NUMBER ", 'new' || " NUMBER " from " STUDENT CHANCE("st.id") },
	{ .name = "change-school", .args = 2,
	  .sql = "select " NUMBER ", (select min(x.schoolid) from students x where x.enroll_status = 0 and x.schoolid <"
		 " 999999 and x.schoolid <> st.schoolid) from " STUDENT CHANCE("st.id") },
	/* Since the snapshot he may have come into the new year, and he leaves as he is by now. */
	{ .name = "transfer-out", .args = 1, .excuses = { "user-not-as-before" },
	  .sql = "select " NUMBER ", (select u.id from sgy_user u where u.school_uid = " NUMBER ") from " STUDENT
		 CHANCE("st.id") },
	/* The key drifts and waits; nobody must become a second account by it. */
	{ .name = "number-change", .args = 2, .undo = "number-change", .undo_args = 2,
	  .sql = "select " NUMBER ", " NUMBER " + 500000, " NUMBER " + 500000, " NUMBER " from " STUDENT
		 " and exists (select 1 from sgy_user u where u.school_uid = " NUMBER ")" CHANCE("st.id") },

	{ .name = "logins-change", .args = 3, .sql = "select st.schoolid, 12, 'n' || ?1 % 90 || '-' from " STUDENT
	  CHANCE("st.id") },
	{ .name = "readmit", .args = 1, .sql = "select " NUMBER " from students st where st.enroll_status = 2 and exists"
	  " (select 1 from cc where cc.studentid = st.id and cc.sectionid < 0 and cc.dateleft = st.exitdate)"
	  CHANCE("st.id") },
	/* The feed of one school is empty, or a part of it is missing, until somebody notices. */
	{ .name = "lose-classes", .args = 2, .undo = "find-classes", .undo_args = 1,
	  .sql = "select st.schoolid, 100, st.schoolid from " STUDENT CHANCE("st.id") },
	{ .name = "lose-classes", .args = 2, .undo = "find-classes", .undo_args = 1,
	  .sql = "select st.schoolid, 30, st.schoolid from " STUDENT CHANCE("st.id") },
	{ .name = "staff-number", .args = 2, .undo = "staff-number", .undo_args = 2,
	  .sql = "select u.teachernumber, u.teachernumber || '9', u.teachernumber || '9', u.teachernumber from users u"
		 " where exists (select 1 from sgy_user g where g.school_uid = 'T' || u.teachernumber)"
		 CHANCE("u.dcid") },
	{ .name = "vacate-section", .args = 1, .undo = "take-section", .undo_args = 1,
	  .sql = "select s.dcid, s.dcid from " SECTION CHANCE("s.id") },
	{ .name = "add-enrollment", .args = 2,
	  .sql = "select " NUMBER ", (select x.dcid from sections x where x.schoolid = st.schoolid and x.termid between ?2"
		 " and ?3 and not exists (select 1 from cc y where y.studentid = st.id and abs(y.sectionid) = x.id)"
		 " limit 1) other from " STUDENT " and other is not null" CHANCE("st.id") },

	{ .name = "drop-enrollment", .args = 2, .sql = "select " NUMBER ", s.dcid from " ENROLLED CHANCE("cc.id") },
	{ .name = "remove-enrollment", .args = 2,
	  .sql = "select " NUMBER ", s.dcid, (select e.id from sgy_enrollment e join sgy_section g on g.id = e.section_id"
		 " join sgy_user u on u.id = e.uid where g.section_school_code = " CODE " and u.school_uid = " NUMBER
		 " limit 1) known from " ENROLLED " and known is not null" CHANCE("cc.id") },
	{ .name = "end-enrollment", .args = 3,
	  .sql = "select " NUMBER ", s.dcid, ?4 from " ENROLLED CHANCE("cc.id") },
	{ .name = "move-student", .args = 3,
	  .sql = "select " NUMBER ", s.dcid, (select x.dcid from sections x where x.schoolid = s.schoolid and x.termid ="
		 " s.termid and not exists (select 1 from cc y where y.studentid = st.id and abs(y.sectionid) = x.id)"
		 " limit 1) other from " ENROLLED " and other is not null" CHANCE("cc.id") },
	{ .name = "teacher-leaves", .args = 1, .sql = "select s.dcid from " SECTION CHANCE("s.id") },
	{ .name = "replace-lead", .args = 1, .sql = "select s.dcid from " SECTION CHANCE("s.id") },
	{ .name = "substitute", .args = 1, .sql = "select s.dcid from " SECTION CHANCE("s.id") },

	{ .name = "rename-section", .args = 2,
	  .sql = "select s.dcid, s.section_number || 'b' from " SECTION CHANCE("s.id") },
	{ .name = "rename-course", .args = 3,
	  .sql = "select c.schoolid, c.course_number, c.course_name || ' II' from courses c where exists (select 1 from"
		 " " SECTION " and s.course_number = c.course_number)" CHANCE("c.id") },
	{ .name = "change-course", .args = 2, .undo = "change-course", .undo_args = 2,
	  .sql = "select s.dcid, (select x.course_number from sections x where x.schoolid = s.schoolid and x.termid"
		 " between ?2 and ?3 and x.course_number <> s.course_number limit 1) other, s.dcid, s.course_number from"
		 " " SECTION WRITTEN " and other is not null" CHANCE("s.id") },
	{ .name = "new-term", .args = 3, .term_runs = true,
	  .sql = "select s.schoolid, ?5, s.dcid from " SECTION CHANCE("s.id") },
	{ .name = "term-dates", .args = 4, .term_runs = true,
	  .sql = "select t.schoolid, t.id, date(t.firstday, '+1 day'), date(t.lastday, '-1 day') from terms t where"
		 " t.isyearrec = 0 and t.id between ?2 and ?3 and t.schoolid > 0 and t.portion < 8" CHANCE("t.dcid") },

	{ .name = "add-period", .args = 3,
	  .sql = "select 'Made by hand ' || ?1, ?5 || '-08-20', ?5 || '-12-20'" },
	{ .name = "move-period", .args = 3, .undo = "move-period", .undo_args = 3, .term_runs = true,
	  .sql = "select p.title, date(p.start, '-2 years'), date(p.end_, '-2 years'), p.title, p.start, p.end_ from"
		 " sgy_period p where p.title like ?5 || '%'" CHANCE("p.id") },
	{ .name = "delete-section", .args = 1, .excuses = { "section-missing", "member-missing" },
	  .sql = "select " CODE ", " CODE ", " CODE " from " SECTION WRITTEN CHANCE("s.id") },
	{ .name = "retitle-section", .args = 2, .excuses = { "section-title" },
	  .sql = "select " CODE ", 'By another hand', " CODE " from " SECTION WRITTEN CHANCE("s.id") },
	{ .name = "delete-period", .args = 1, .term_runs = true,
	  .sql = "select p.title from sgy_period p where p.title like ?5 || '%'" CHANCE("p.id") },
	{ .name = "remove-member", .args = 2, .excuses = { "member-missing" },
	  .sql = "select " CODE ", " NUMBER ", " CODE " || ' ' || " NUMBER " from " ENROLLED " and exists (select 1 from"
		 " sgy_section g join sgy_enrollment e on e.section_id = g.id join sgy_user u on u.id = e.uid"
		 " where g.section_school_code = " CODE " and u.school_uid = " NUMBER ")" CHANCE("cc.id") },
	{ .name = "rename-user", .args = 3, .excuses = { "user-name" },
	  .sql = "select u.username, 'By', 'Hand', u.school_uid from sgy_user u join " STUDENT " and u.school_uid = " NUMBER
		 " and u.username <> ''" CHANCE("u.id") },
	{ .name = "activate-user", .args = 1,
	  .sql = "select u.school_uid from sgy_user u join " STUDENT " and u.school_uid = " NUMBER " and u.active = 0"
		 CHANCE("u.id") },

	{ .name = "acting-user-demote", .undo = "acting-user-restore", .sql = "select ''" },
	{ .name = "acting-user-deactivate", .undo = "acting-user-restore", .sql = "select ''" },
	{ .name = "key-self-only", .undo = "key-restore", .sql = "select ''" },
	{ .name = "plugin-disable", .undo = "plugin-enable", .sql = "select ''" },
	{ .name = "revoke-field", .args = 1, .undo = "grant-fields", .sql = "select 'CC.DATELEFT'" },
	{ .name = "revoke-token", .sql = "select ''" },
	{ .name = "district-uuid", .args = 1, .undo = "district-uuid", .undo_args = 1,
	  .sql = "select 'a-test-copy', (select value from sim_ps_state where key = 'district_uuid')" },
	{ .name = "building-code", .args = 2, .undo = "building-code", .undo_args = 2,
	  .sql = "select b.building_code, b.building_code || 'x', b.building_code || 'x', b.building_code from"
		 " sgy_building b where b.building_code <> ''" CHANCE("b.id") },
	{ .name = "archive-year", .args = 1, .undo = "archive-year", .undo_args = 1,
	  .sql = "select ?5 + 1, ?5 + 0" },
	{ .name = "add-next-terms", .args = 2, .sql = "select 'all', ?5 + 1" },

	{ .name = "deactivate-user", .args = 1, .excuses = { "user-missing", "member-missing" },
	  .sql = "select u.school_uid, u.school_uid, u.school_uid from sgy_user u join " STUDENT
		 " and u.school_uid = " NUMBER " and u.active = 1" CHANCE("u.id") },
};
/* clang-format on */

#define MUST_DIFFER "section-missing" /* what somebody deleted waits: it is not made again */

static int draw(uv_world *w, const change *c, int start_year, char out[COLUMNS][UV_TEXT])
{
	sqlite3_stmt *q;
	char today[11], year[8];
	int n = 0;

	sr_day_print((sr_day)((w->base_ms + w->now_ms) / 86400000), today);
	snprintf(year, sizeof(year), "%d", start_year);
	if (sqlite3_prepare_v2(w->sim.db, c->sql, -1, &q, NULL) != SQLITE_OK) {
		uv_break(w, "%s: %s", c->name, sqlite3_errmsg(w->sim.db));
		return 0;
	}
	sqlite3_bind_int64(q, 1, uv_range(&w->op_rng, 0, 1 << 20));
	sqlite3_bind_int(q, 2, (start_year - 1990) * 100);
	sqlite3_bind_int(q, 3, (start_year - 1990) * 100 + 99);
	sqlite3_bind_text(q, 4, today, -1, SQLITE_STATIC);
	sqlite3_bind_text(q, 5, year, -1, SQLITE_STATIC);
	if (sqlite3_step(q) == SQLITE_ROW)
		for (; n < sqlite3_column_count(q) && n < COLUMNS; n++)
			snprintf(out[n], UV_TEXT, "%s", (const char *)sqlite3_column_text(q, n) ?: "");
	sqlite3_finalize(q);
	return n;
}

static int mutate(uv_world *w, const char *name, int args, char values[][UV_TEXT])
{
	SR_AUTO(sr_buf) said = { 0 };
	const char *argv[COLUMNS];
	sr_err err;
	int rc;

	for (int i = 0; i < args; i++)
		argv[i] = values[i];
	rc = sim_mutate(&w->sim, name, args, argv, &said, &err);
	uv_tally_count(w->tallies, "change", name, rc == 0);
	if (w->verbose)
		fprintf(stderr, "%10lld district: %s %s %s %s\n", (long long)w->now_ms, name, args ? argv[0] : "",
			args > 1 ? argv[1] : "", rc < 0 ? err.text : "");
	return rc;
}

static void remember(uv_world *w, const change *c, char values[COLUMNS][UV_TEXT])
{
	if (c->undo && w->undo_count < UV_CHANGES) {
		uv_undo *u = &w->undos[w->undo_count++];

		u->name = c->undo;
		u->args = c->undo_args;
		memcpy(u->values, values[c->args], sizeof(u->values));
	}
	for (int i = 0; i < 2 && c->excuses[i] && w->excuse_count < UV_CHANGES; i++) {
		uv_excuse *e = &w->excuses[w->excuse_count++];

		e->check = c->excuses[i];
		snprintf(e->id, sizeof(e->id), "%s", values[c->args + c->undo_args + i]);
	}
}

void uv_excuse_add(uv_world *w, const char *check, const char *key)
{
	uv_excuse *e;

	if (w->excuse_count == UV_CHANGES)
		return;
	e = &w->excuses[w->excuse_count++];
	e->check = check;
	snprintf(e->id, sizeof(e->id), "%s", key);
	for (char *slash = e->id; (slash = strchr(slash, '/'));)
		*slash = ' ';
}

void uv_may_be_made_again(uv_world *w, const char *code)
{
	for (size_t i = 0; i < w->excuse_count; i++)
		if (strcmp(w->excuses[i].id, code) == 0 && strcmp(w->excuses[i].check, MUST_DIFFER) == 0)
			w->excuses[i].check = ""; /* it may, or may not, be there */
}

void uv_changes_expect(uv_tallies *t)
{
	for (size_t i = 0; i < SR_COUNT_OF(changes); i++)
		uv_tally_expect(t, "change", changes[i].name);
}

/* The same thing is not changed twice for a while: the second undo would bring the first change back. */
static bool changed_already(const uv_world *w, const change *c, char values[COLUMNS][UV_TEXT])
{
	for (size_t i = 0; i < w->undo_count; i++)
		if (c->undo && strcmp(w->undos[i].name, c->undo) == 0 &&
			(strcmp(w->undos[i].values[0], values[c->args]) == 0 ||
				strcmp(w->undos[i].values[0], values[0]) == 0))
			return true;
	return false;
}

static void change_make(uv_world *w, const change *c, int start_year)
{
	char values[COLUMNS][UV_TEXT] = { 0 };

	if (draw(w, c, start_year, values) && !changed_already(w, c, values) &&
		mutate(w, c->name, c->args, values) == 0)
		remember(w, c, values);
}

void uv_change(uv_world *w, int start_year, bool term_runs)
{
	const change *c = &changes[uv_range(&w->op_rng, 0, (int64_t)SR_COUNT_OF(changes) - 1)];

	if (!c->term_runs || term_runs)
		change_make(w, c, start_year);
}

void uv_change_named(uv_world *w, const char *name, int start_year)
{
	for (size_t i = 0; i < SR_COUNT_OF(changes); i++)
		if (strcmp(changes[i].name, name) == 0)
			change_make(w, &changes[i], start_year);
}

void uv_changes_undo(uv_world *w)
{
	while (w->undo_count) {
		uv_undo *u = &w->undos[--w->undo_count];

		mutate(w, u->name, u->args, u->values);
	}
}

/* `id` is the whole, the beginning or the end of what the oracle names. */
static bool names(const char *what, const char *id)
{
	size_t len = strlen(what), part = strlen(id);

	if (part == 0 || len < part)
		return false;
	return strcmp(what, id) == 0 || (strncmp(what, id, part) == 0 && what[part] == ' ') ||
	       (len > part && strcmp(what + len - part, id) == 0 && what[len - part - 1] == ' ');
}

bool uv_excused(uv_world *w, const char *difference)
{
	for (size_t i = 0; i < w->excuse_count; i++) {
		const uv_excuse *e = &w->excuses[i];
		size_t len = *e->check ? strlen(e->check) : strcspn(difference, " ");

		if (strncmp(difference, e->check, *e->check ? len : 0) == 0 && difference[len] == ' ' &&
			names(difference + len + 1, e->id))
			return true;
	}
	return false;
}

void uv_excuses_check(uv_world *w, int start_year, const char *differences)
{
	char year[16];

	snprintf(year, sizeof(year), "-%d-", start_year); /* stands in the code of its sections */
	for (size_t i = 0; i < w->excuse_count; i++) {
		const uv_excuse *e = &w->excuses[i];
		SR_AUTO_FREE char *line = sr_asprintf("  %s %s\n", MUST_DIFFER, e->id);

		if (strcmp(e->check, MUST_DIFFER) == 0 && strstr(e->id, year) && line && !strstr(differences, line))
			uv_break(w, "section %s was deleted by hand and made again", e->id);
	}
}
