/* The rules of DESIGN section 3, in the order of its table: the first that holds is the verdict.
 * The effect of a verdict is not decided by a rule but read from the table of verdict.c. */
#include "core/filter.h"

#include <fnmatch.h>
#include <string.h>

#define SCHOOL_GRADUATED 999999 /* PowerSchool's pseudo-school of graduates */

enum { STATUS_PREREGISTERED = -1, STATUS_ACTIVE = 0, STATUS_GRADUATED = 3 };           /* STUDENTS.ENROLL_STATUS */
enum { STAFF_CURRENT = 1 };                                                            /* SCHOOLSTAFF.STATUS */
enum { STAFF_TYPE_UNASSIGNED = 0, STAFF_TYPE_TEACHER = 1, STAFF_TYPE_SUBSTITUTE = 4 }; /* SCHOOLSTAFF.STAFFSTATUS */

static sr_judged judged_again(sr_fkind kind, sr_verdict verdict, sr_day again)
{
	return (sr_judged){ .verdict = verdict, .effect = sr_filter_effect(kind, verdict), .again = again };
}

static sr_judged judged(sr_fkind kind, sr_verdict verdict)
{
	return judged_again(kind, verdict, SR_DAY_NONE);
}

/* What must be asked for again by its key before it counts. */
static sr_judged unless_confirmed(sr_judged j, bool confirmed)
{
	if (!confirmed && j.effect == SR_EF_DROP)
		j.effect = SR_EF_LEAVE;
	return j;
}

static bool course_excluded(const sr_filter_ctx *c, const char *number)
{
	for (size_t i = 0; number && i < c->exclude_courses_count; i++)
		if (fnmatch(c->exclude_courses[i], number, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

static bool grade_excluded(const sr_filter_ctx *c, const sr_value *grade)
{
	for (size_t i = 0; grade->set && i < c->exclude_grades_count; i++)
		if (c->exclude_grades[i] == grade->n)
			return true;
	return false;
}

/* The arithmetic of the id is the cross-check: where the two disagree, nobody knows the year. */
static bool year_known(const sr_term_fact *term, int64_t termid)
{
	return term->known && term->yearid != SR_YEARID_NONE && term->yearid == sr_year_of_termid(termid);
}

static sr_verdict section_verdict(const sr_filter_ctx *c, const sr_record *section, const sr_section_fact *f)
{
	if (!c->school_synced)
		return SR_V_SCHOOL_NOT_SYNCED;
	if (!year_known(&f->term, sr_record_int(section, SR_SEC_TERMID, 0)))
		return SR_V_YEAR_UNKNOWN;
	if (f->term.yearid != c->active)
		return SR_V_OTHER_YEAR;
	if (f->child || course_excluded(c, sr_record_text(section, SR_SEC_COURSE_NUMBER)))
		return SR_V_EXCLUDED;
	if (!f->term.mapped)
		return SR_V_TERM_UNMAPPED;
	return f->course_changed ? SR_V_COURSE_CHANGED : SR_V_IN;
}

sr_judged sr_filter_section(const sr_filter_ctx *c, const sr_record *section, const sr_section_fact *f)
{
	return judged(SR_FK_SECTION, section_verdict(c, section, f));
}

sr_judged sr_filter_course(const sr_filter_ctx *c, const sr_record *course, int64_t let_in_sections)
{
	if (course_excluded(c, sr_record_text(course, SR_CRS_COURSE_NUMBER)))
		return judged(SR_FK_COURSE, SR_V_EXCLUDED);
	return judged(SR_FK_COURSE, let_in_sections > 0 ? SR_V_IN : SR_V_NO_ACTIVE_SECTION);
}

/* What is common to all people once they are of the school: can an account be made of this? */
static sr_verdict account_verdict(const sr_person_fact *f)
{
	if (f->key_empty)
		return SR_V_KEY_EMPTY;
	if (f->key_collision)
		return SR_V_KEY_COLLISION;
	return f->has_login ? SR_V_IN : SR_V_INCOMPLETE;
}

/* Does the span [entry, exit) meet the active year? A year without known days meets nothing. */
static bool in_year(const sr_filter_ctx *c, sr_day entry, sr_day exit_excl)
{
	if (c->year_first == SR_DAY_NONE || c->year_last == SR_DAY_NONE)
		return false;
	return (entry == SR_DAY_NONE || entry <= c->year_last) &&
	       (exit_excl == SR_DAY_NONE || exit_excl > c->year_first);
}

static bool never_attended(sr_day entry, sr_day exit_excl)
{
	return entry != SR_DAY_NONE && exit_excl != SR_DAY_NONE && exit_excl <= entry;
}

static bool student_active(const sr_filter_ctx *c, int64_t status)
{
	return status == STATUS_ACTIVE || (c->preregistered && status == STATUS_PREREGISTERED);
}

/* A guest is here by a class that is let in, which is of the active year: his spell may be of another one by now. A
 * summer school goes on with the old year when his own school has rolled over. */
static bool student_in_year(const sr_filter_ctx *c, const sr_record *s, sr_day entry, sr_day exit_excl)
{
	if (sr_record_int(s, SR_STU_SCHOOLID, 0) != c->school)
		entry = exit_excl = SR_DAY_NONE;
	return in_year(c, entry, exit_excl);
}

static sr_verdict student_verdict(const sr_filter_ctx *c, const sr_record *s, const sr_person_fact *f)
{
	const int64_t status = sr_record_int(s, SR_STU_ENROLL_STATUS, INT64_MIN);
	const sr_day entry = sr_record_day(s, SR_STU_ENTRYDATE), exit_excl = sr_record_day(s, SR_STU_EXITDATE_EXCL);

	if (sr_record_int(s, SR_STU_SCHOOLID, 0) == SCHOOL_GRADUATED)
		return SR_V_PSEUDO_SCHOOL;
	if (status == STATUS_GRADUATED)
		return SR_V_GRADUATED;
	if (!c->school_synced || !f->here)
		return SR_V_SCHOOL_NOT_SYNCED;
	if (never_attended(entry, exit_excl))
		return SR_V_NEVER_ATTENDED;
	if (!student_in_year(c, s, entry, exit_excl))
		return SR_V_NOT_IN_YEAR;
	if (!student_active(c, status))
		return SR_V_INACTIVE;
	if (!c->role_student)
		return SR_V_ROLE_NOT_MAPPED;
	if (grade_excluded(c, &s->v[SR_STU_GRADE_LEVEL]))
		return SR_V_EXCLUDED;
	return account_verdict(f);
}

sr_judged sr_filter_student(const sr_filter_ctx *c, const sr_record *student, const sr_person_fact *f)
{
	return judged(SR_FK_STUDENT, student_verdict(c, student, f));
}

sr_role sr_filter_staff_role(const sr_record *staff, bool teaches)
{
	const int64_t type = sr_record_int(staff, SR_STF_STAFFSTATUS, 0);

	if (teaches || type == STAFF_TYPE_TEACHER)
		return SR_ROLE_TEACHER;
	if (type == STAFF_TYPE_UNASSIGNED)
		return SR_ROLE_COUNT;
	return type == STAFF_TYPE_SUBSTITUTE ? SR_ROLE_SUBSTITUTE : SR_ROLE_STAFF;
}

static sr_verdict staff_verdict(const sr_filter_ctx *c, const sr_record *s, const sr_person_fact *f)
{
	const bool mapped[SR_ROLE_COUNT] = {
		[SR_ROLE_STUDENT] = c->role_student,
		[SR_ROLE_TEACHER] = c->role_teacher,
		[SR_ROLE_STAFF] = c->role_staff,
		[SR_ROLE_SUBSTITUTE] = c->role_substitute,
	};
	const sr_role role = sr_filter_staff_role(s, f->teaches);
	const bool row_here = sr_record_int(s, SR_STF_SCHOOLID, -1) == c->school;
	const bool row_current = row_here && sr_record_int(s, SR_STF_STATUS, 0) == STAFF_CURRENT;

	if (!c->school_synced || !(row_here || f->home_synced || f->here))
		return SR_V_SCHOOL_NOT_SYNCED;
	/* A post at another school does not keep him at this one. */
	if (!f->here || (!row_current && !f->current_somewhere))
		return SR_V_INACTIVE;
	if (role == SR_ROLE_COUNT || !mapped[role])
		return SR_V_ROLE_NOT_MAPPED;
	return account_verdict(f);
}

sr_judged sr_filter_staff(const sr_filter_ctx *c, const sr_record *staff, const sr_person_fact *f)
{
	return judged(SR_FK_STAFF, staff_verdict(c, staff, f));
}

/* The rules that all memberships begin with. SR_V_IN: none of them holds. */
static sr_verdict parents_verdict(const sr_filter_ctx *c, int64_t termid, const sr_member_fact *f)
{
	if (sr_year_of_termid(termid) != c->active || c->active == SR_YEARID_NONE ||
		(f->term.known && f->term.yearid != c->active))
		return SR_V_OTHER_YEAR;
	if (f->section != SR_V_IN)
		return SR_V_SECTION_NOT_IN;
	return f->person == SR_V_IN ? SR_V_IN : SR_V_PERSON_NOT_IN;
}

/* The first day on which an end is an ordinary end of the class, not a leaving. */
static sr_day completed_from(const sr_filter_ctx *c, const sr_term_fact *term)
{
	return term->last == SR_DAY_NONE ? SR_DAY_NONE : term->last - c->end_grace_days;
}

/* SR_DAY_NONE is the smallest day: with an unknown last day everything closed is completed, and
 * so nothing is dropped on a guess. */
static bool is_completed(const sr_filter_ctx *c, const sr_term_fact *term, sr_day end)
{
	return end >= completed_from(c, term);
}

static sr_verdict closed_enrollment(const sr_filter_ctx *c, const sr_record *cc, const sr_member_fact *f)
{
	if (is_completed(c, &f->term, sr_record_day(cc, SR_CC_DATELEFT_EXCL)))
		return SR_V_COMPLETED;
	if (sr_record_int(cc, SR_CC_SECTIONID, 0) < 0 || sr_record_int(cc, SR_CC_TERMID, 0) < 0)
		return SR_V_DROPPED;
	return SR_V_LEFT_EARLY;
}

sr_judged sr_filter_enrollment(const sr_filter_ctx *c, const sr_record *cc, const sr_member_fact *f)
{
	const sr_day enrolled = sr_record_day(cc, SR_CC_DATEENROLLED), left = sr_record_day(cc, SR_CC_DATELEFT_EXCL);
	sr_verdict verdict = parents_verdict(c, sr_record_int(cc, SR_CC_TERMID, 0), f);

	if (verdict != SR_V_IN)
		return judged(SR_FK_ENROLLMENT, verdict);
	if (f->released_from != SR_DAY_NONE && c->today < f->released_from)
		return judged_again(SR_FK_ENROLLMENT, SR_V_NOT_RELEASED, f->released_from);
	if (never_attended(enrolled, left))
		return judged(SR_FK_ENROLLMENT, SR_V_NEVER_ATTENDED);
	if (left == SR_DAY_NONE || c->today < left)
		return judged_again(SR_FK_ENROLLMENT, SR_V_IN, left);
	verdict = closed_enrollment(c, cc, f);
	return unless_confirmed(judged(SR_FK_ENROLLMENT, verdict), verdict != SR_V_LEFT_EARLY || f->confirmed);
}

static bool is_lead(const sr_record *row)
{
	return row->kind == &sr_src_kinds[SR_SRC_LEAD];
}

static sr_verdict closed_teaching(const sr_filter_ctx *c, sr_day end, const sr_member_fact *f)
{
	if (!f->another_teacher)
		return SR_V_LAST_TEACHER;
	return is_completed(c, &f->term, end) ? SR_V_COMPLETED : SR_V_ENDED;
}

sr_judged sr_filter_teaching(const sr_filter_ctx *c, const sr_record *row, const sr_member_fact *f)
{
	const bool lead = is_lead(row);
	const int64_t termid = sr_record_int(row, lead ? SR_LEAD_TERMID : SR_ST_TERMID, 0);
	const sr_day end = lead ? SR_DAY_NONE : sr_record_day(row, SR_ST_END_DATE);
	sr_verdict verdict = parents_verdict(c, termid, f);

	if (verdict != SR_V_IN)
		return judged(SR_FK_TEACHING, verdict);
	if (!lead && !f->role_teaches)
		return judged(SR_FK_TEACHING, SR_V_EXCLUDED);
	if (end == SR_DAY_NONE)
		return judged(SR_FK_TEACHING, SR_V_IN);
	if (c->today <= end)
		return judged_again(SR_FK_TEACHING, SR_V_IN, end + 1);
	return judged(SR_FK_TEACHING, closed_teaching(c, end, f));
}

sr_judged sr_filter_absent(sr_fkind kind)
{
	return judged(kind, SR_V_ABSENT);
}

static bool is_membership_end(sr_verdict v)
{
	return v == SR_V_IN || v == SR_V_NEVER_ATTENDED || v == SR_V_DROPPED || v == SR_V_LEFT_EARLY || v == SR_V_ENDED;
}

sr_judged sr_filter_gone(const sr_filter_ctx *c, const sr_record *row, const sr_member_fact *f)
{
	const sr_fkind kind = row->kind == &sr_src_kinds[SR_SRC_ENROLLMENT] ? SR_FK_ENROLLMENT : SR_FK_TEACHING;
	sr_judged last = kind == SR_FK_ENROLLMENT ? sr_filter_enrollment(c, row, f) : sr_filter_teaching(c, row, f);
	sr_day completes = completed_from(c, &f->term);

	if (!is_membership_end(last.verdict))
		return last;
	if (kind == SR_FK_TEACHING && !f->another_teacher)
		return judged(kind, SR_V_LAST_TEACHER);
	if (c->today >= completes)
		return judged(kind, SR_V_COMPLETED);
	return unless_confirmed(judged_again(kind, SR_V_ABSENT, completes), f->confirmed);
}

void sr_votes_add(sr_votes *f, sr_effect effect, bool teacher)
{
	f->sync |= effect == SR_EF_SYNC;
	f->admin |= effect == SR_EF_SYNC && teacher;
	f->drop |= effect == SR_EF_DROP;
	/* What a kind never gets is no reason to take anything away. */
	f->leave |= effect != SR_EF_SYNC && effect != SR_EF_DROP;
}

sr_want sr_votes_want(const sr_votes *f)
{
	if (f->sync)
		return SR_WANT_PRESENT;
	if (f->leave)
		return SR_WANT_LEAVE;
	return f->drop ? SR_WANT_DROP : SR_WANT_NOTHING;
}
