/* What each verdict is called, what it says, and what it does to each kind: data beside the rules.
 * A cell that is not named is IMPOSSIBLE: the kind never gets that verdict. DESIGN section 3. */
#include "core/filter.h"

#include <assert.h>

#include "base/str.h"

typedef struct verdict_row {
	const char *name, *rule;
	/* Stored one higher, so that an unnamed cell (0) reads as impossible. */
	unsigned char effect[SR_FK_COUNT];
} verdict_row;

/* clang-format off */
#define SYNC  (SR_EF_SYNC + 1)
#define LEAVE (SR_EF_LEAVE + 1)
#define DROP  (SR_EF_DROP + 1)

#define SECTION(e)    [SR_FK_SECTION] = (e)
#define COURSE(e)     [SR_FK_COURSE] = (e)
#define STUDENT(e)    [SR_FK_STUDENT] = (e)
#define STAFF(e)      [SR_FK_STAFF] = (e)
#define PEOPLE(e)     STUDENT(e), STAFF(e)
#define ENROLLMENT(e) [SR_FK_ENROLLMENT] = (e)
#define TEACHING(e)   [SR_FK_TEACHING] = (e)
#define MEMBERS(e)    ENROLLMENT(e), TEACHING(e)

static const verdict_row rows[SR_V_COUNT] = {
	[SR_V_IN] = { "in", "It belongs to the active year and is kept in step.",
		{ SECTION(SYNC), COURSE(SYNC), PEOPLE(SYNC), MEMBERS(SYNC) } },
	[SR_V_SCHOOL_NOT_SYNCED] = { "school-not-synced", "It is not of this school in PowerSchool, or the school is not synced.",
		{ SECTION(LEAVE), PEOPLE(LEAVE) } },
	[SR_V_YEAR_UNKNOWN] = { "year-unknown", "Its term is unknown, or the term's year and the term's number disagree.",
		{ SECTION(LEAVE) } },
	[SR_V_OTHER_YEAR] = { "other-year", "Its term is not of the active year.",
		{ SECTION(LEAVE), MEMBERS(LEAVE) } },
	[SR_V_EXCLUDED] = { "excluded", "A pattern, a grade, a teaching role or its being a child section excludes it.",
		{ SECTION(LEAVE), COURSE(LEAVE), PEOPLE(LEAVE), TEACHING(LEAVE) } },
	[SR_V_TERM_UNMAPPED] = { "term-unmapped", "Its term is not mapped to a sound grading period; it comes in once it is.",
		{ SECTION(LEAVE) } },
	[SR_V_COURSE_CHANGED] = { "course-changed", "It was written under another course; moving it needs a person.",
		{ SECTION(LEAVE) } },
	[SR_V_NO_ACTIVE_SECTION] = { "no-active-section", "No section of it is let in at this school.",
		{ COURSE(LEAVE) } },
	[SR_V_PSEUDO_SCHOOL] = { "pseudo-school", "The student stands in PowerSchool's school of graduates.",
		{ STUDENT(LEAVE) } },
	[SR_V_GRADUATED] = { "graduated", "The student has graduated; the account stays as it is.",
		{ STUDENT(LEAVE) } },
	[SR_V_NEVER_ATTENDED] = { "never-attended", "It ended on or before the day it began.",
		{ STUDENT(LEAVE), ENROLLMENT(DROP) } },
	[SR_V_NOT_IN_YEAR] = { "not-in-year", "The student's time at school does not meet the active year.",
		{ STUDENT(LEAVE) } },
	[SR_V_INACTIVE] = { "inactive", "PowerSchool does not count this person as active.",
		{ PEOPLE(LEAVE) } },
	[SR_V_ROLE_NOT_MAPPED] = { "role-not-mapped", "No Schoology role is configured for this kind of person.",
		{ PEOPLE(LEAVE) } },
	[SR_V_KEY_EMPTY] = { "key-empty", "A part of the key is empty in PowerSchool.",
		{ PEOPLE(LEAVE) } },
	[SR_V_KEY_COLLISION] = { "key-collision", "Somebody else of the district has the same key.",
		{ PEOPLE(LEAVE) } },
	[SR_V_INCOMPLETE] = { "incomplete", "There is neither a username nor an e-mail address.",
		{ PEOPLE(LEAVE) } },
	[SR_V_SECTION_NOT_IN] = { "section-not-in", "Its section is not let in.",
		{ MEMBERS(LEAVE) } },
	[SR_V_PERSON_NOT_IN] = { "person-not-in", "Its student or teacher is not let in.",
		{ MEMBERS(LEAVE) } },
	[SR_V_NOT_RELEASED] = { "not-released", "Students come into their classes later: by students_from, or by the command release.",
		{ ENROLLMENT(LEAVE) } },
	[SR_V_COMPLETED] = { "completed", "The class ended in the ordinary way; who was in it stays in it.",
		{ MEMBERS(LEAVE) } },
	[SR_V_DROPPED] = { "dropped", "The student was dropped from the class during the term.",
		{ ENROLLMENT(DROP) } },
	[SR_V_LEFT_EARLY] = { "left-early", "The student's time in the class ended during the term, without a drop.",
		{ ENROLLMENT(DROP) } },
	[SR_V_ABSENT] = { "absent", "PowerSchool does not have this row any more.",
		{ SECTION(LEAVE), COURSE(LEAVE), PEOPLE(LEAVE), MEMBERS(DROP) } },
	[SR_V_LAST_TEACHER] = { "last-teacher", "No other teacher of the section is confirmed in Schoology yet.",
		{ TEACHING(LEAVE) } },
	[SR_V_ENDED] = { "ended", "The teacher's assignment ended during the term.",
		{ TEACHING(DROP) } },
};

static const char *const effect_names[SR_EF_COUNT] = {
	[SR_EF_SYNC] = "sync", [SR_EF_LEAVE] = "leave", [SR_EF_DROP] = "drop", [SR_EF_IMPOSSIBLE] = "impossible",
};

static const char *const kind_names[SR_FK_COUNT] = {
	[SR_FK_SECTION] = "section", [SR_FK_COURSE] = "course", [SR_FK_STUDENT] = "student", [SR_FK_STAFF] = "staff",
	[SR_FK_ENROLLMENT] = "enrollment", [SR_FK_TEACHING] = "teaching",
};

static const sr_fkind kind_of[SR_SRC_COUNT] = {
	[SR_SRC_TERM] = SR_FK_COUNT, [SR_SRC_SECTION] = SR_FK_SECTION, [SR_SRC_COURSE] = SR_FK_COURSE,
	[SR_SRC_STUDENT] = SR_FK_STUDENT, [SR_SRC_STAFF] = SR_FK_STAFF, [SR_SRC_ENROLLMENT] = SR_FK_ENROLLMENT,
	[SR_SRC_TEACHING] = SR_FK_TEACHING, [SR_SRC_LEAD] = SR_FK_TEACHING,
};
/* clang-format on */

sr_effect sr_filter_effect(sr_fkind kind, sr_verdict verdict)
{
	unsigned char stored;

	assert((unsigned)kind < SR_FK_COUNT && (unsigned)verdict < SR_V_COUNT);
	stored = rows[verdict].effect[kind];
	return stored ? (sr_effect)(stored - 1) : SR_EF_IMPOSSIBLE;
}

const char *sr_verdict_name(sr_verdict v)
{
	return (unsigned)v < SR_V_COUNT ? rows[v].name : "?";
}

const char *sr_verdict_rule(sr_verdict v)
{
	return (unsigned)v < SR_V_COUNT ? rows[v].rule : "?";
}

bool sr_verdict_parse(const char *name, sr_verdict *out)
{
	for (int i = 0; i < SR_V_COUNT; i++) {
		if (!sr_streq(name, rows[i].name))
			continue;
		*out = (sr_verdict)i;
		return true;
	}
	return false;
}

const char *sr_effect_name(sr_effect e)
{
	return (unsigned)e < SR_EF_COUNT ? effect_names[e] : "?";
}

const char *sr_fkind_name(sr_fkind k)
{
	return (unsigned)k < SR_FK_COUNT ? kind_names[k] : "?";
}

sr_fkind sr_fkind_of(sr_src src)
{
	assert((unsigned)src < SR_SRC_COUNT && src != SR_SRC_TERM);
	return kind_of[src];
}
