/* What a row may say, as a table of questions: each finds rows of one file that cannot stand, with
 * the reason; they are reported and leave the stage. Order matters: a class of a school that was
 * left out is left out too, and so are its enrollments. */
#include <stdio.h>

#include "oneroster_int.h"

typedef struct or_rule {
	const char *file; /* without .csv */
	const char *sql;  /* line, reason */
} or_rule;

#define TWICE(file)                                                                                                    \
	{                                                                                                              \
		file, "select line, 'sourcedId ' || sourcedId || ' is already that of line ' ||"                       \
		      " (select min(line) from temp.or_" file " o where o.sourcedId = x.sourcedId) from temp.or_" file \
		      " x where line > (select min(line) from temp.or_" file " o where o.sourcedId = x.sourcedId)"     \
	}
#define UNKNOWN(file, column, other)                                                                                  \
	{                                                                                                             \
		file, "select line, '" column " ' || " column " || ' is not in " other ".csv' from temp.or_" file     \
		      " where " column " is not null and " column " not in (select sourcedId from temp.or_" other ")" \
	}
#define NOT_ONE_OF(file, column, list)                                                                                \
	{                                                                                                             \
		file, "select line, '" column " ' || " column " || ' is unknown' from temp.or_" file " where " column \
		      " not in (" list ")"                                                                            \
	}
#define NOT_A_DATE(file, column)                                                                                   \
	{                                                                                                          \
		file, "select line, '" column " ' || " column " || ' is not a date YYYY-MM-DD' from temp.or_" file \
		      " where " column " is not null and (" column                                                 \
		      " not glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'"                                     \
		      " or date(" column ", '+0 days') is not " column ")"                                         \
	}
#define STAFF_ROLES                                                                         \
	"'administrator','aide','counselor','districtAdministrator','principal','proctor'," \
	"'siteAdministrator','systemAdministrator','teacher'"

/* clang-format off */
static const or_rule rules[] = {
	TWICE("orgs"),
	NOT_ONE_OF("orgs", "type", "'department','district','local','national','school','state'"),
	{ "orgs", "select line, 'there is no school in this bundle' from temp.or_orgs where not exists"
	  " (select 1 from temp.or_orgs where type = 'school')" },

	TWICE("academicSessions"),
	NOT_A_DATE("academicSessions", "startDate"),
	NOT_A_DATE("academicSessions", "endDate"),
	{ "academicSessions", "select line, 'endDate ' || endDate || ' is not after startDate ' || startDate"
	  " from temp.or_academicSessions where endDate <= startDate" },
	NOT_ONE_OF("academicSessions", "type", "'gradingPeriod','schoolYear','semester','term'"),
	{ "academicSessions", "select line, 'schoolYear ' || schoolYear || ' is not a year' from"
	  " temp.or_academicSessions where schoolYear not glob '[12][0-9][0-9][0-9]'" },

	TWICE("courses"),
	UNKNOWN("courses", "orgSourcedId", "orgs"),

	TWICE("classes"),
	UNKNOWN("classes", "courseSourcedId", "courses"),
	{ "classes", "select line, 'schoolSourcedId ' || schoolSourcedId || ' is no school of orgs.csv'"
	  " from temp.or_classes where schoolSourcedId not in"
	  " (select sourcedId from temp.or_orgs where type = 'school')" },
	{ "classes", "select line, 'no session of ' || termSourcedIds || ' is in academicSessions.csv'"
	  " from temp.or_classes c where termSourcedIds is not null and not exists (select 1 from json_each('['"
	  " || replace(json_quote(c.termSourcedIds), ',', '\",\"') || ']') t join temp.or_academicSessions a"
	  " on a.sourcedId = trim(t.value))" },

	TWICE("users"),
	{ "users", "select line, 'enabledUser ' || enabledUser || ' is neither true nor false' from temp.or_users"
	  " where lower(enabledUser) not in ('true', 'false', '1', '0')" },
	NOT_ONE_OF("users", "role", STAFF_ROLES ",'guardian','parent','relative','student'"),

	TWICE("roles"),
	UNKNOWN("roles", "userSourcedId", "users"),
	UNKNOWN("roles", "orgSourcedId", "orgs"),
	NOT_ONE_OF("roles", "role", STAFF_ROLES ",'guardian','parent','relative','student'"),
	{ "users", "select line, 'neither users.csv nor roles.csv names a role' from temp.or_users u"
	  " where role is null and not exists (select 1 from temp.or_roles r where r.userSourcedId = u.sourcedId)" },

	TWICE("enrollments"),
	UNKNOWN("enrollments", "classSourcedId", "classes"),
	UNKNOWN("enrollments", "userSourcedId", "users"),
	NOT_ONE_OF("enrollments", "role", "'administrator','aide','proctor','student','teacher'"),
	NOT_A_DATE("enrollments", "beginDate"),
	NOT_A_DATE("enrollments", "endDate"),
	{ "enrollments", "select line, 'endDate ' || endDate || ' is before beginDate ' || beginDate"
	  " from temp.or_enrollments where endDate < beginDate" },
	{ "enrollments", "select e.line, 'schoolSourcedId ' || e.schoolSourcedId || ' is not the school of the class'"
	  " from temp.or_enrollments e join temp.or_classes c on c.sourcedId = e.classSourcedId"
	  " where e.schoolSourcedId <> c.schoolSourcedId" },
};

static const char indexes[] =
	"create index temp.or_orgs_id on or_orgs(sourcedId); create index temp.or_session_id on"
	" or_academicSessions(sourcedId); create index temp.or_course_id on or_courses(sourcedId);"
	"create index temp.or_class_id on or_classes(sourcedId); create index temp.or_user_id on or_users(sourcedId);"
	"create index temp.or_role_id on or_roles(sourcedId); create index temp.or_role_user on"
	" or_roles(userSourcedId); create index temp.or_enrollment_id on or_enrollments(sourcedId);";
/* clang-format on */

static int apply(or_load *l, const or_rule *rule, sr_err *err)
{
	SR_AUTO_FREE char *found = sr_asprintf(
		"drop table if exists temp.or_bad; create temp table or_bad(line integer primary key, reason text);"
		"insert or ignore into temp.or_bad %s;"
		"insert into sim_load_report(file, line, reason) select '%s.csv', line, reason from temp.or_bad order "
		"by line;"
		"delete from temp.or_%s where line in (select line from temp.or_bad)",
		rule->sql, rule->file, rule->file);

	return found ? sim_sql_script(l->db, found, err) : sr_fail_nomem(err);
}

int or_check(or_load *l, sr_err *err)
{
	int64_t schools = 0;

	if (sim_sql_script(l->db, indexes, err))
		return -1;
	for (size_t i = 0; i < SR_COUNT_OF(rules); i++)
		if (apply(l, &rules[i], err))
			return -1;
	if (sim_sql_int(l->db, &schools, err, "select count(*) from temp.or_orgs where type = 'school'", "") < 0)
		return -1;
	return schools ? 0 : sr_fail(err, SR_E_INVALID, "orgs.csv holds no school that can be read");
}
