/* The active-year filter: one record and its school's context -> one verdict, one effect.
 * Never deletes, never reads a clock, never looks anything up: facts are passed in.
 * DESIGN section 3; contracts/powerschool.md 16.11 (windows and signs). */
#pragma once
#include "core/model.h"
#include "core/year.h"

typedef enum sr_verdict {
	SR_V_IN,
	SR_V_SCHOOL_NOT_SYNCED,
	SR_V_YEAR_UNKNOWN,
	SR_V_OTHER_YEAR,
	SR_V_EXCLUDED,
	SR_V_TERM_UNMAPPED,
	SR_V_COURSE_CHANGED,
	SR_V_NO_ACTIVE_SECTION,
	SR_V_PSEUDO_SCHOOL,
	SR_V_GRADUATED,
	SR_V_NEVER_ATTENDED,
	SR_V_NOT_IN_YEAR,
	SR_V_INACTIVE,
	SR_V_ROLE_NOT_MAPPED,
	SR_V_KEY_EMPTY,
	SR_V_KEY_COLLISION,
	SR_V_INCOMPLETE,
	SR_V_SECTION_NOT_IN,
	SR_V_PERSON_NOT_IN,
	SR_V_NOT_RELEASED,
	SR_V_COMPLETED,
	SR_V_DROPPED,
	SR_V_LEFT_EARLY,
	SR_V_ABSENT,
	SR_V_LAST_TEACHER,
	SR_V_ENDED,
	SR_V_COUNT
} sr_verdict;

typedef enum sr_effect { SR_EF_SYNC, SR_EF_LEAVE, SR_EF_DROP, SR_EF_IMPOSSIBLE, SR_EF_COUNT } sr_effect;

/* What the filter judges; LEAD counts as a teaching. */
typedef enum sr_fkind {
	SR_FK_SECTION,
	SR_FK_COURSE,
	SR_FK_STUDENT,
	SR_FK_STAFF,
	SR_FK_ENROLLMENT,
	SR_FK_TEACHING,
	SR_FK_COUNT
} sr_fkind;

/* The effect is data: one constant table kind x verdict. IMPOSSIBLE: this kind never gets it. */
sr_effect sr_filter_effect(sr_fkind kind, sr_verdict verdict);
const char *sr_verdict_name(sr_verdict v);
const char *sr_verdict_rule(sr_verdict v); /* one sentence for `explain` */
bool sr_verdict_parse(const char *name, sr_verdict *out);
const char *sr_effect_name(sr_effect e);
const char *sr_fkind_name(sr_fkind k);
sr_fkind sr_fkind_of(sr_src src); /* not for SR_SRC_TERM */

typedef struct sr_judged {
	sr_verdict verdict;
	sr_effect effect;
	sr_day again; /* the next date on which the verdict can change by itself; SR_DAY_NONE: never */
} sr_judged;

/* The school's context. All pointers borrowed. */
typedef struct sr_filter_ctx {
	int64_t school;
	bool school_synced;
	sr_yearid active;
	sr_day year_first, year_last; /* of the active year's year term; SR_DAY_NONE if unknown */
	sr_day today;
	int end_grace_days;
	bool preregistered;
	bool role_student, role_teacher, role_staff, role_substitute; /* mapped to a Schoology role? */
	const char *const *exclude_courses;                           /* fnmatch patterns on course numbers */
	size_t exclude_courses_count;
	const int *exclude_grades;
	size_t exclude_grades_count;
} sr_filter_ctx;

/* What is known of a section's term (by its school and abs(termid)); `known` false: no such row. */
typedef struct sr_term_fact {
	bool known, mapped;
	sr_yearid yearid;
	sr_day first, last;
} sr_term_fact;

typedef struct sr_section_fact {
	sr_term_fact term;
	bool child;          /* an attendance split: excluded by itself */
	bool course_changed; /* the section was written under another course */
} sr_section_fact;

/* What is known of a person beside his record. */
typedef struct sr_person_fact {
	bool home_synced;       /* his home school is synced */
	bool here;              /* student: home, or a let-in enrollment; staff: a current post or a let-in teaching */
	bool teaches;           /* staff: teaches a let-in section */
	bool current_somewhere; /* staff: any SCHOOLSTAFF row of his at a synced school is current */
	bool key_empty, key_collision;
	bool has_login; /* a username or an e-mail comes out of the templates */
} sr_person_fact;

sr_judged sr_filter_section(const sr_filter_ctx *c, const sr_record *section, const sr_section_fact *f);
sr_judged sr_filter_course(const sr_filter_ctx *c, const sr_record *course, int64_t let_in_sections);
sr_judged sr_filter_student(const sr_filter_ctx *c, const sr_record *student, const sr_person_fact *f);
sr_judged sr_filter_staff(const sr_filter_ctx *c, const sr_record *staff, const sr_person_fact *f);

/* The Schoology role a person is given; mapped to a title by the configuration. */
typedef enum sr_role { SR_ROLE_STUDENT, SR_ROLE_TEACHER, SR_ROLE_STAFF, SR_ROLE_SUBSTITUTE, SR_ROLE_COUNT } sr_role;
/* Whoever teaches a let-in section is a teacher, whatever his staff type. SR_ROLE_COUNT: none (an
 * unassigned post that teaches nothing). */
sr_role sr_filter_staff_role(const sr_record *staff, bool teaches);

/* Facts for memberships. `confirmed` true once the row was asked for again by its key. */
typedef struct sr_member_fact {
	sr_term_fact term;
	sr_verdict section, person; /* SR_V_IN or why not; unseen parent: SECTION/PERSON_NOT_IN */
	bool confirmed;
	sr_day released_from; /* students_from; SR_DAY_NONE: released */
	bool role_teaches;    /* teaching: role among teaching_roles */
	bool another_teacher; /* teaching: another teacher of the section is confirmed in Schoology */
} sr_member_fact;

sr_judged sr_filter_enrollment(const sr_filter_ctx *c, const sr_record *cc, const sr_member_fact *f);
/* `row` is SR_SRC_TEACHING or SR_SRC_LEAD (a lead has no dates: the window is always open). */
sr_judged sr_filter_teaching(const sr_filter_ctx *c, const sr_record *row, const sr_member_fact *f);
/* The verdict of a row that is gone from PowerSchool, confirmed by asking for its key, when
 * nothing else is known of it. Only memberships are ever dropped for it. */
sr_judged sr_filter_absent(sr_fkind kind);
/* The same for a membership's row, judged from its last known values: what would have been left
 * alone when the row was there (term unmapped, class over, not released, ...) is left alone now. A row
 * that vanishes counts as closed today. Until `confirmed` its effect is leave. */
sr_judged sr_filter_gone(const sr_filter_ctx *c, const sr_record *row, const sr_member_fact *f);

/* Many rows -> one target object (DESIGN section 3): present if any row lets it in; dropped only
 * if at least one drops and none says leave; admin if any let-in row is a teacher's. */
typedef enum sr_want { SR_WANT_NOTHING, SR_WANT_PRESENT, SR_WANT_LEAVE, SR_WANT_DROP } sr_want;
typedef struct sr_votes {
	bool sync, leave, drop, admin;
} sr_votes;
void sr_votes_add(sr_votes *f, sr_effect effect, bool teacher);
sr_want sr_votes_want(const sr_votes *f);
