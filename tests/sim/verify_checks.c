/* What may differ, one row each: the statement answers the ids (keys, codes, Schoology's ids;
 * never a name) of what is not as it should be. "Tolerated" means: in the named snapshot, where
 * another check compares its bytes, or made by hand, or left by a verdict when that is allowed.
 * Parameters: :snapshot :left (allow_left) :past (past_refused) :logins (compare them) :today. */
#include "verify_int.h"

#define SNAPSHOT_HAS(kind, id)                                                                                      \
	"exists (select 1 from sim_snapshot kept where kept.name in ('handmade', :snapshot) and kept.kind = '" kind \
	"' and kept.id = cast(" id " as text))"

#define WRONG_USER(code, condition)                                                          \
	{                                                                                    \
		SIM_VERIFY_USERS, code,                                                      \
			"select p.key from v_person p join v_school v on v.number = p.owner" \
			" join sgy_user u on u.school_uid = p.key and u.active = 1"          \
			" where u.id not in (select uid from v_acting) and " condition,      \
			false                                                                \
	}

/* The buildings of a person besides his own, and the ids in Schoology's comma list. */
#define OTHER_PLACES(condition)                                                                         \
	"select w.building from v_place l join v_school w on w.number = l.number where l.sort = p.sort" \
	" and l.person = p.person and l.number <> p.owner" condition
#define LISTED                                                                                                    \
	"select cast(value as integer) from json_each('[\"' || replace(u.additional_buildings, ',', '\",\"') || " \
	"'\"]') where value <> ''"

#define NOT_EXPECTED_SECTION "not exists (select 1 from v_section x where x.code = s.section_school_code)"

/* clang-format off */
const verify_check verify_checks[] = {
	{ SIM_VERIFY_USERS, "user-missing",
	  "select key from v_person p where not exists (select 1 from sgy_user u where u.school_uid = p.key"
	  " and u.active = 1)", false },
	{ SIM_VERIFY_USERS, "user-twice",
	  "select lower(school_uid) from sgy_user where school_uid <> '' group by 1"
	  " having count(*) > 1", false },
	{ SIM_VERIFY_USERS, "user-twin",
	  "select max(id) from sgy_user where primary_email <> '' group by lower(primary_email)"
	  " having count(*) > 1", false },
	{ SIM_VERIFY_USERS, "user-extra",
	  "select id from sgy_user u where not exists (select 1 from v_person p where p.key = u.school_uid)"
	  " and not " SNAPSHOT_HAS("user", "u.id")
	  " and not (:left = 1 and exists (select 1 from v_key k where k.key = u.school_uid))", false },
	WRONG_USER("user-name", "(u.name_first <> p.first or u.name_last <> p.last)"),
	WRONG_USER("user-preferred-name", "u.name_first_preferred <> p.preferred"),
	WRONG_USER("user-building", "u.building_id is not v.building"),
	WRONG_USER("user-role", "u.role_id is not (select min(r.id) from sgy_role r where r.title = p.role"
		" and r.role_type = 1)"),
	WRONG_USER("user-grad-year", "u.grad_year <> coalesce(p.grad, '')"),
	WRONG_USER("user-synced", "u.synced <> 1"),
	WRONG_USER("user-username", ":logins = 1 and u.username <> coalesce(p.username, '')"),
	WRONG_USER("user-email", ":logins = 1 and u.primary_email <> p.email"),
	/* Where a `leave` keeps him he may be listed still. */
	WRONG_USER("user-additional-buildings",
		"(exists (" OTHER_PLACES(" and l.sure = 1 and w.building not in (" LISTED ")") ")"
		" or exists (" LISTED " and cast(value as integer) not in (" OTHER_PLACES("") ")))"),

	{ SIM_VERIFY_COURSES, "course-missing",
	  "select course_code from v_course c where not exists (select 1 from sgy_course x"
	  " where x.course_code = c.course_code)", false },
	{ SIM_VERIFY_COURSES, "course-twice",
	  "select lower(course_code) from sgy_course where course_code <> '' group by 1"
	  " having count(*) > 1", false },
	{ SIM_VERIFY_COURSES, "course-title",
	  "select c.course_code from v_course c join sgy_course x on x.course_code = c.course_code"
	  " where x.title <> c.title", false },
	{ SIM_VERIFY_COURSES, "course-building",
	  "select c.course_code from v_course c join sgy_course x on x.course_code = c.course_code"
	  " where x.building_id is not c.building", false },
	{ SIM_VERIFY_COURSES, "course-extra",
	  "select id from sgy_course x where not exists (select 1 from v_course c"
	  " where c.course_code = x.course_code)"
	  " and not " SNAPSHOT_HAS("course", "x.id")
	  " and not (:left = 1 and exists (select 1 from sections s"
	  " where s.schoolid || '-' || trim(s.course_number) = x.course_code))", false },

	{ SIM_VERIFY_SECTIONS, "section-missing",
	  "select code from v_section s where not exists (select 1 from sgy_section x"
	  " where x.section_school_code = s.code)", false },
	{ SIM_VERIFY_SECTIONS, "section-twice",
	  "select lower(section_school_code) from sgy_section where section_school_code <> '' group by 1"
	  " having count(*) > 1", false },
	{ SIM_VERIFY_SECTIONS, "section-title",
	  "select s.code from v_section s join sgy_section x on x.section_school_code = s.code"
	  " where x.title <> s.course_name || ' - ' || s.section_number", false },
	{ SIM_VERIFY_SECTIONS, "section-course",
	  "select s.code from v_section s join sgy_section x on x.section_school_code = s.code"
	  " join sgy_course c on c.id = x.course_id where c.course_code <> s.course_code", false },
	{ SIM_VERIFY_SECTIONS, "section-without-period",
	  "select s.code from v_section s join sgy_section x on x.section_school_code = s.code"
	  " where not exists (select 1 from sgy_section_period sp join sgy_period p on p.id = sp.period_id"
	  " where sp.section_id = x.id)", false },
	{ SIM_VERIFY_SECTIONS, "section-period-of-another-year",
	  "select s.code from v_section s join sgy_section x on x.section_school_code = s.code"
	  " join v_year y on y.schoolid = s.schoolid and y.yearid = s.yearid"
	  " join sgy_section_period sp on sp.section_id = x.id left join sgy_period p on p.id = sp.period_id"
	  " where p.id is null or p.end_ < y.firstday or p.start > y.lastday", false },
	{ SIM_VERIFY_SECTIONS, "section-period-beside-its-term",
	  "select s.code from v_section s join sgy_section x on x.section_school_code = s.code"
	  " where not exists (select 1 from sgy_section_period sp join sgy_period p on p.id = sp.period_id"
	  " where sp.section_id = x.id and p.start <= s.lastday and p.end_ >= s.firstday)", false },
	{ SIM_VERIFY_SECTIONS, "section-extra",
	  "select s.id from sgy_section s where " NOT_EXPECTED_SECTION " and not " SNAPSHOT_HAS("section",
	  "s.id")
	  " and not (:left = 1 and exists (select 1 from sections q join terms t on t.schoolid = q.schoolid"
	  " and t.id = q.termid"
	  " where q.schoolid || '-' || (t.yearid + 1990) || '-' || q.dcid = s.section_school_code))", false },

	{ SIM_VERIFY_MEMBERS, "member-missing",
	  "select code || ' ' || key from v_member m where want = 'in'"
	  " and not exists (select 1 from v_has h where h.code = m.code and h.key = m.key)"
	  " and not (:past = 1 and exists (select 1 from v_section s where s.code = m.code and s.lastday < :today))",
	  false },
	{ SIM_VERIFY_MEMBERS, "member-admin",
	  "select m.code || ' ' || m.key from v_member m join v_has h on h.code = m.code and h.key = m.key"
	  " where m.want = 'in' and h.admin <> m.admin", false },
	{ SIM_VERIFY_MEMBERS, "member-drop-pending",
	  "select m.code || ' ' || m.key from v_member m join v_has h on h.code = m.code and h.key = m.key"
	  " where m.want = 'drop' and h.uid not in (select uid from v_acting)", true },
	{ SIM_VERIFY_MEMBERS, "member-extra",
	  "select h.id from v_has h left join v_member m on m.code = h.code and m.key = h.key"
	  " where (m.want is null or m.want = 'leave') and h.uid not in (select uid from v_acting)"
	  " and not " SNAPSHOT_HAS("enrollment", "h.id")
	  " and not (:left = 1 and (m.want = 'leave' or not exists (select 1 from v_section s"
	  " where s.code = h.code)))", false },

	/* What was there before and is not of the active year: the same bytes, nothing gone. */
	{ SIM_VERIFY_USERS, "user-not-as-before",
	  "select b.id from sim_snapshot b left join v_now n on n.kind = b.kind and n.id = b.id"
	  " left join sgy_user u on u.id = cast(b.id as integer) where b.name = :snapshot and b.kind = 'user'"
	  " and n.bytes is not b.bytes and not exists (select 1 from v_person p"
	  " where p.key = u.school_uid)", false },
	{ SIM_VERIFY_COURSES, "course-not-as-before",
	  "select b.id from sim_snapshot b left join v_now n on n.kind = b.kind and n.id = b.id"
	  " left join sgy_course x on x.id = cast(b.id as integer) where b.name = :snapshot"
	  " and b.kind = 'course'"
	  " and n.bytes is not b.bytes and not exists (select 1 from v_course c"
	  " where c.course_code = x.course_code)", false },
	{ SIM_VERIFY_SECTIONS, "section-not-as-before",
	  "select b.id from sim_snapshot b left join v_now n on n.kind = b.kind and n.id = b.id"
	  " left join sgy_section s on s.id = cast(b.id as integer) where b.name = :snapshot"
	  " and b.kind = 'section'"
	  " and n.bytes is not b.bytes and " NOT_EXPECTED_SECTION, false },
	{ SIM_VERIFY_SECTIONS, "period-not-as-before",
	  "select b.id from sim_snapshot b left join v_now n on n.kind = b.kind and n.id = b.id"
	  " where b.name = :snapshot and b.kind = 'period' and n.bytes is not b.bytes", false },
	{ SIM_VERIFY_SECTIONS, "section-periods-not-as-before",
	  "select b.id from sim_snapshot b left join sgy_section s on s.id = cast(b.id as integer)"
	  " where b.name = :snapshot and b.kind = 'placement' and " NOT_EXPECTED_SECTION
	  " and not exists (select 1 from v_now n where n.kind = b.kind and n.id = b.id)"
	  " union select n.id from v_now n join sgy_section s on s.id = cast(n.id as integer)"
	  " where n.kind = 'placement' and " NOT_EXPECTED_SECTION " and " SNAPSHOT_HAS("section", "s.id")
	  " and not " SNAPSHOT_HAS("placement", "n.id"), false },
	{ SIM_VERIFY_MEMBERS, "member-not-as-before",
	  "select b.id from sim_snapshot b left join v_now n on n.kind = b.kind and n.id = b.id"
	  " left join sgy_section s on s.id = json_extract(b.bytes, '$[1]') where b.name = :snapshot"
	  " and b.kind = 'enrollment' and n.bytes is not b.bytes and " NOT_EXPECTED_SECTION, false },
	{ SIM_VERIFY_MEMBERS, "member-gone",
	  "select b.id from sim_snapshot b join sgy_section s on s.id = json_extract(b.bytes, '$[1]')"
	  " join sgy_user u on u.id = json_extract(b.bytes, '$[2]')"
	  " join v_member m on m.code = s.section_school_code and m.key = u.school_uid and m.want = 'leave'"
	  " left join v_now n on n.kind = b.kind and n.id = b.id"
	  " where b.name = :snapshot and b.kind = 'enrollment' and n.bytes is not b.bytes", false },

	{ SIM_VERIFY_USERS, "handmade-touched",
	  "select b.kind || ' ' || b.id from sim_snapshot b left join v_now n on n.kind = b.kind"
	  " and n.id = b.id"
	  " where b.name = 'handmade' and n.bytes is not b.bytes", false },
	{ SIM_VERIFY_SECTIONS, "period-twice",
	  "select lower(title) from sgy_period group by 1 having count(*) > 1", false },
};
/* clang-format on */

const size_t verify_check_count = SR_COUNT_OF(verify_checks);
