/* Verify must be right about what should be, and must see every single thing that is not so. The
 * perfect sync here is one INSERT per kind from verify's own derivation; the derivation itself is
 * held against facts that were worked out by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_district.h"
#include "verify_int.h"

static const char perfect_sql[] =
	"insert into sgy_period(id, title, start, end_) select coalesce((select max(id)"
	" from sgy_period), 900) + row_number() over"
	" (order by schoolid, id), yearid || ' ' || schoolid || ' ' || id, firstday, lastday from v_term t"
	" where not exists"
	" (select 1 from sgy_period p where p.title = t.yearid || ' ' || t.schoolid || ' ' || t.id);"

	"delete from sgy_user where school_uid in (select key from v_person) and id not in (select uid"
	" from v_acting);"
	"insert into sgy_user(id, school_uid, name_first, name_last, name_first_preferred, username,"
	" primary_email, role_id,"
	" building_id, additional_buildings, grad_year, synced) select p.person + case p.sort when 'S'"
	" then 47200000 else 47300000 end,"
	" p.key, p.first, p.last, p.preferred, coalesce(p.username, ''), p.email,"
	" (select id from sgy_role r where r.title = p.role), v.building, coalesce((select"
	" group_concat(distinct w.building)"
	" from v_place l join v_school w on w.number = l.number where l.sort = p.sort and l.person = p.person"
	" and l.number <> p.owner and l.sure = 1), ''), coalesce(p.grad, ''), 1 from v_person p"
	" join v_school v on v.number = p.owner"
	" where p.key not in (select school_uid from sgy_user);"

	"insert into sgy_course(id, course_code, title, building_id, synced) select 310300000 +"
	" (select count(*) from sgy_course) +"
	" row_number() over (order by course_code), course_code, title, building, 1 from v_course c"
	" where not exists"
	" (select 1 from sgy_course x where x.course_code = c.course_code);"
	"update sgy_course set title = c.title from v_course c where c.course_code = sgy_course.course_code;"

	"insert into sgy_section(id, course_id, title, section_school_code, synced) select 4713000000 + s.dcid,"
	" (select id from sgy_course c where c.course_code = s.course_code), s.course_name || ' - ' ||"
	" s.section_number, s.code, 1"
	" from v_section s where not exists (select 1 from sgy_section x where x.section_school_code = s.code);"
	"insert or ignore into sgy_section_period select 4713000000 + s.dcid, p.id from v_section s"
	" join sgy_period p on p.title = s.yearid || ' ' || s.schoolid || ' ' || s.termid;"

	"insert or ignore into sgy_enrollment(section_id, uid, admin, status) select x.id, u.id, m.admin, 1"
	" from v_member m"
	" join sgy_section x on x.section_school_code = m.code join sgy_user u on u.school_uid = m.key"
	" where m.want = 'in';";

static void sync_perfectly(town *t, const sim_verify_options *o)
{
	sim_verify_report report = { 0 };
	verify_run v = { .world = &t->world, .db = t->world.db, .o = o, .report = &report };
	sr_err err = { 0 };

	if (verify_build(&v, &err) || sim_sql_script(t->world.db, perfect_sql, &err))
		fail_msg("%s", err.text);
}

static sim_verify_report verify(town *t, const sim_verify_options *o)
{
	sim_verify_report r;
	sr_err err = { 0 };

	if (sim_verify(&t->world, o, &r, &err))
		fail_msg("%s", err.text);
	return r;
}

static void must_be_exact(town *t, const sim_verify_options *o)
{
	SR_AUTO(sim_verify_report) r = verify(t, o);

	if (r.differences)
		fail_msg("%s", sr_buf_text(&r.text));
}

/* The differences are of this code alone. */
static void must_say(town *t, const sim_verify_options *o, const char *code)
{
	SR_AUTO(sim_verify_report) r = verify(t, o);
	SR_AUTO_FREE char *wanted = sr_asprintf("\n  %s ", code);

	if (!strstr(sr_buf_text(&r.text), wanted) || r.differences == 0)
		fail_msg("no %s in: %s", code, sr_buf_text(&r.text));
}

static void sql(town *t, const char *text)
{
	sr_err err = { 0 };

	if (sim_sql_script(t->world.db, text, &err))
		fail_msg("%s: %s", text, err.text);
}

static void a_perfect_sync_is_exact(void **state)
{
	static const char *const specs[] = { "tiny", "small", "quickstart,students=400" };
	const sim_verify_options o = { 0 };

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(specs); i++) {
		town *t = town_open(specs[i], 4);
		sync_perfectly(t, &o);
		must_be_exact(t, &o);
		must_be_exact(t, &o);
		town_close(t);
	}
}

static bool wants(town *t, const char *sort, const char *key)
{
	char text[160];

	snprintf(text, sizeof(text),
		"select count(*) from v_person where sort = '%s'"
		" and key = '%s'",
		sort, key);
	return town_int(t, text) == 1;
}

/* Facts of the small district of seed 4, worked out from the tables and DESIGN section 3 alone. */
/* clang-format off */
static const struct { const char *fact, *counts; int64_t count; } facts[] = {
	{ "nobody's: graduates, transferred out, never came, pre-registered",
	  "select count(*) from v_person p join students s on s.dcid = p.person where p.sort = 'S'"
	  " and (s.enroll_status <> 0 or s.schoolid = 999999 or s.exitdate <= s.entrydate)", 0 },
	{ "everybody else who is active in a school is there",
	  "select (select count(*) from v_person where sort = 'S') - (select count(*) from students"
	  " where enroll_status = 0 and exitdate > entrydate and schoolid in (312, 415))", 0 },
	{ "some dropped a class",
	  "select count(*) > 0 from cc where sectionid < 0 and termid / 100 = -35", 1 },
	{ "a dropped class is no membership once its window has closed",
	  "select count(*) from v_member m join v_section s on s.code = m.code"
	  " join v_key k on k.key = m.key and k.sort = 'S' join students st on st.dcid = k.person"
	  " where m.want = 'in' and not exists (select 1 from cc where cc.studentid = st.id"
	  " and abs(cc.sectionid) = s.id and (dateleft is null or dateleft > '2026-03-02'))", 0 },
	{ "first semester's and quarters' classes are over: completed, not wanted (but where the row is open)",
	  "select count(*) from v_member m join v_section s on s.code = m.code"
	  " where m.want = 'in' and m.admin = 0 and s.lastday < '2026-02-20'"
	  " and not exists (select 1 from cc where abs(cc.sectionid) = s.id and cc.dateleft is null)", 0 },
	{ "and not dropped either",
	  "select count(*) > 20 from v_member m join v_section s on s.code = m.code"
	  " where m.want = 'leave' and s.lastday < '2026-02-20'", 1 },
	{ "every section has its lead",
	  "select count(*) from v_section s where not exists (select 1 from v_member m"
	  " where m.code = s.code and m.admin = 1 and m.want = 'in')", 0 },
	{ "aides are not members",
	  "select count(*) > 0 from v_vote where admin = 1 and effect = 'leave'", 1 },
	{ "the teacher of two schools: home building, and the other one besides",
	  "select count(*) from sgy_user where school_uid = 'T0013'"
	  " and additional_buildings = '5170002' and building_id = 5170001", 1 },
	{ "the first school's own course name",
	  "select count(*) from sgy_course where course_code = '312-0106' and title = 'Reader''s Workshop 6'", 1 },
	{ "the borrowed one",
	  "select count(*) from sgy_course where course_code = '415-X509' and title = 'Children''s Theatre 9'", 1 },
	{ "the district's",
	  "select count(*) from sgy_course where course_code = '415-0109' and title = 'Language Arts 9'", 1 },
};
/* clang-format on */

static void the_derivation_follows_the_design(void **state)
{
	town *t = town_open("small", 4);
	const sim_verify_options o = { 0 };

	(void)state;
	sync_perfectly(t, &o);
	assert_true(wants(t, "S", "1042") && wants(t, "T", "T1042"));
	for (size_t i = 0; i < SR_COUNT_OF(facts); i++)
		if (town_int(t, facts[i].counts) != facts[i].count)
			fail_msg("not so: %s", facts[i].fact);
	town_close(t);
}

/* clang-format off */
static const struct { const char *code, *damage; } damages[] = {
	{ "user-missing", "delete from sgy_user where school_uid = '204000'" },
	{ "user-missing", "update sgy_user set active = 0 where school_uid = '204000'" },
	{ "user-twice", "insert into sgy_user(id, school_uid, name_first, name_last)"
	  " values(1, 't1042', 'a', 'b')" },
	{ "user-twin", "update sgy_user set primary_email = 'T0013@cedarvalley.example'"
	  " where school_uid = 'T0016'" },
	{ "user-extra", "insert into sgy_user(id, school_uid, name_first, name_last)"
	  " values(1, '999', 'a', 'b')" },
	{ "user-name", "update sgy_user set name_last = 'Other' where school_uid = '204000'" },
	{ "user-preferred-name", "update sgy_user set name_first_preferred = 'Other'"
	  " where school_uid = '204000'" },
	{ "user-building", "update sgy_user set building_id = 2908525646 where school_uid = '204000'" },
	{ "user-role", "update sgy_user set role_id = 1211 where school_uid = 'T1042'" },
	{ "user-grad-year", "update sgy_user set grad_year = '' where school_uid = '204000'" },
	{ "user-username", "update sgy_user set username = 'x' where school_uid = '204000'" },
	{ "user-email", "update sgy_user set primary_email = '' where school_uid = 'T1042'" },
	{ "user-synced", "update sgy_user set synced = 0 where school_uid = 'T1042'" },
	{ "user-additional-buildings", "update sgy_user set additional_buildings = ''"
	  " where school_uid = 'T0013'" },
	{ "user-additional-buildings", "update sgy_user set additional_buildings = '5170002'"
	  " where school_uid = 'T1042'" },
	{ "course-missing", "update sgy_course set course_code = 'LOST' where course_code = '312-0106'" },
	{ "course-twice", "insert into sgy_course(id, course_code, title) values(1, '312-0106', 'x')" },
	{ "course-title", "update sgy_course set title = 'x' where course_code = '312-0106'" },
	{ "course-building", "update sgy_course set building_id = 5170002 where course_code = '312-0106'" },
	{ "course-extra", "insert into sgy_course(id, course_code, title) values(1, '312-0666', 'x')" },
	{ "section-missing", "delete from sgy_section where id = (select min(id) from sgy_section"
	  " where section_school_code <> '')" },
	{ "section-twice", "insert into sgy_section(id, course_id, section_school_code)"
	  " select 1, course_id, section_school_code"
		" from sgy_section where section_school_code <> '' limit 1" },
	{ "section-title", "update sgy_section set title = 'x' where section_school_code <> ''" },
	{ "section-course", "update sgy_section set course_id = (select id from sgy_course"
	  " where course_code = '415-0109')"
		" where section_school_code like '312-%'" },
	{ "section-without-period", "delete from sgy_section_period" },
	{ "section-period-of-another-year", "update sgy_period set start = '2024-08-01', end_ = '2025-06-01'" },
	{ "section-period-beside-its-term", "update sgy_section_period set period_id = (select id"
	  " from sgy_period where title like '35 312 3502')"
		" where period_id = (select id from sgy_period where title = '35 312 3501')" },
	{ "section-extra", "insert into sgy_section(id, course_id, section_school_code)"
	  " select 1, id, '312-2024-1' from sgy_course limit 1" },
	{ "member-missing", "delete from sgy_enrollment where id = (select max(id) from sgy_enrollment)" },
	{ "member-missing", "update sgy_enrollment set status = 5 where id = (select max(id)"
	  " from sgy_enrollment)" },
	{ "member-admin", "update sgy_enrollment set admin = 1" },
	{ "member-extra", "insert or ignore into sgy_enrollment(section_id, uid) select s.id, 4700001"
	  " from sgy_section s" },
	{ "handmade-touched", "update sgy_user set role_id = 1213 where id = 4711902" },
	{ "handmade-touched", "update sgy_section set title = 'x' where id = 4712000001" },
	{ "handmade-touched", "delete from sgy_enrollment where id = 5430000002" },
	{ "period-twice", "insert into sgy_period(id, title, start, end_) select 1, upper(title), start, end_"
	  " from sgy_period limit 1" },
};
/* clang-format on */

static void every_damage_is_seen(void **state)
{
	const sim_verify_options o = { 0 };
	town *t = town_open("small", 4);

	(void)state;
	sync_perfectly(t, &o);
	for (size_t i = 0; i < SR_COUNT_OF(damages); i++) {
		int before = sqlite3_total_changes(t->world.db);
		sql(t, "begin");
		sql(t, damages[i].damage);
		if (sqlite3_total_changes(t->world.db) == before)
			fail_msg("%s damages nothing", damages[i].damage);
		must_say(t, &o, damages[i].code);
		sql(t, "rollback");
	}
	must_be_exact(t, &o);
	town_close(t);
}

static void every_check_is_tried(void **state)
{
	static const char *const elsewhere[] = { "member-drop-pending", "user-not-as-before", "course-not-as-before",
		"section-not-as-before", "period-not-as-before", "section-periods-not-as-before",
		"member-not-as-before", "member-gone" };

	(void)state;
	for (size_t i = 0; i < verify_check_count; i++) {
		bool tried = false;
		for (size_t k = 0; k < SR_COUNT_OF(damages); k++)
			tried = tried || sr_streq(damages[k].code, verify_checks[i].code);
		for (size_t k = 0; k < SR_COUNT_OF(elsewhere); k++)
			tried = tried || sr_streq(elsewhere[k], verify_checks[i].code);
		if (!tried)
			fail_msg("%s is not tried", verify_checks[i].code);
	}
}

static void drops_are_pending_or_tolerated(void **state)
{
	sim_verify_options o = { 0 };
	town *t = town_open("small", 4);

	(void)state;
	sync_perfectly(t, &o);
	town_must(t, "snapshot before");
	town_must(t, "mutate drop-enrollment 204000 312:2025:0");
	must_say(t, &o, "member-drop-pending");
	o.allow_drops = true;
	SR_AUTO(sim_verify_report) r = verify(t, &o);
	assert_int_equal(r.pending_drops, 1);
	assert_int_equal(r.differences, 0);
	town_close(t);
}

/* Transferred out, or over: what was there stays, and only a snapshot (or allow_left) says so. */
static void what_is_left_needs_a_snapshot(void **state)
{
	sim_verify_options o = { 0 };
	town *t = town_open("small", 4);

	(void)state;
	sync_perfectly(t, &o);
	town_must(t, "snapshot before");
	town_must(t, "mutate transfer-out 204000");
	must_say(t, &o, "user-extra");
	must_say(t, &o, "member-extra");
	o.allow_left = true;
	must_be_exact(t, &o);
	o.allow_left = false;
	o.snapshot = "before";
	must_be_exact(t, &o);
	sql(t, "delete from sgy_enrollment where uid = (select id from sgy_user where school_uid = '204000')");
	must_say(t, &o, "member-gone");
	town_close(t);
}

static const struct {
	const char *code, *damage;
} later_damages[] = {
	/* clang-format off */
	{ "user-not-as-before", "update sgy_user set grad_year = '1999' where id in (select u.id"
	  " from sgy_user u join students s"
		" on cast(cast(s.student_number as integer) as text) = u.school_uid where s.enroll_status = 3"
		" limit 1)" },
	{ "course-not-as-before", "update sgy_course set title = 'x' where course_code = '312-0606R'" },
	{ "section-not-as-before", "update sgy_section set title = title || 'x'"
	  " where section_school_code like '312-2025-%'" },
	{ "section-not-as-before", "delete from sgy_section where section_school_code like '312-2025-%'" },
	{ "period-not-as-before", "update sgy_period set end_ = date(end_, '+1 day')"
	  " where title = '35 312 3500'" },
	{ "section-periods-not-as-before", "insert into sgy_section_period select id, (select max(id)"
	  " from sgy_period) from sgy_section"
		" where section_school_code like '312-2025-%' limit 1" },
	{ "section-periods-not-as-before", "delete from sgy_section_period where section_id in (select id"
	  " from sgy_section"
		" where section_school_code like '312-2025-%')" },
	{ "member-not-as-before", "update sgy_enrollment set status = 5 where section_id in (select id"
	  " from sgy_section"
		" where section_school_code like '312-2025-%')" },
	{ "member-extra", "insert or ignore into sgy_enrollment(section_id, uid) select s.id, u.id"
	  " from sgy_section s join sgy_user u"
		" where s.section_school_code like '312-2025-%' and u.school_uid = 'T0016'" },
	/* clang-format on */
};

/* The whole rollover: last year byte for byte, this year exact, the lagging school in its old year. */
static void a_rollover_is_judged_with_both_years(void **state)
{
	static const sim_verify_school both[] = { { 312, 36 }, { 415, 35 } };
	sim_verify_options o = { 0 };
	town *t = town_open("small", 4);

	(void)state;
	sync_perfectly(t, &o);
	town_must(t, "snapshot spring");
	town_must(t, "date 2026-07-20");
	town_must(t, "eoy");
	/* A class of the spring term was to be dropped in April: its drop is still pending. */
	o = (sim_verify_options){ .snapshot = "spring", .schools = both, .school_count = 2, .allow_drops = true };
	must_say(t, &o, "section-missing");
	sync_perfectly(t, &o);
	SR_AUTO(sim_verify_report) r = verify(t, &o);
	if (r.differences)
		fail_msg("%s", sr_buf_text(&r.text));
	assert_true(r.kept[SIM_VERIFY_SECTIONS] > 0 && r.kept[SIM_VERIFY_COURSES] > 0);
	assert_true(r.kept[SIM_VERIFY_MEMBERS] > 0 && r.kept[SIM_VERIFY_USERS] > 0);
	for (size_t i = 0; i < SR_COUNT_OF(later_damages); i++) {
		int before = sqlite3_total_changes(t->world.db);
		sql(t, "begin");
		sql(t, later_damages[i].damage);
		if (sqlite3_total_changes(t->world.db) == before)
			fail_msg("%s damages nothing", later_damages[i].damage);
		must_say(t, &o, later_damages[i].code);
		sql(t, "rollback");
	}
	/* Then the school that lagged. */
	town_must(t, "mutate add-next-terms 415");
	town_must(t, "eoy");
	o = (sim_verify_options){ .snapshot = "spring", .yearid = 36 };
	sync_perfectly(t, &o);
	must_be_exact(t, &o);
	town_close(t);
}

/* The nights on which nothing may be written: what is there stays right without a write. */
static void quiet_nights_stay_exact(void **state)
{
	static const char *const orders[] = { "date 2026-06-06", "mutate late-correction 204000",
		"mutate rename-old-section 312" };
	const sim_verify_options before = { 0 }, after = { .snapshot = "day", .allow_drops = true };

	(void)state;
	for (size_t i = 0; i < SR_COUNT_OF(orders); i++) {
		town *t = town_open("small", 4);
		sync_perfectly(t, &before);
		town_must(t, "snapshot day");
		town_must(t, orders[i]);
		must_be_exact(t, &after);
		town_close(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_perfect_sync_is_exact),
		cmocka_unit_test(the_derivation_follows_the_design),
		cmocka_unit_test(every_damage_is_seen),
		cmocka_unit_test(every_check_is_tried),
		cmocka_unit_test(drops_are_pending_or_tolerated),
		cmocka_unit_test(what_is_left_needs_a_snapshot),
		cmocka_unit_test(a_rollover_is_judged_with_both_years),
		cmocka_unit_test(quiet_nights_stay_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
