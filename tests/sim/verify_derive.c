/* What should be: the SIS tables turned into Schoology's objects by DESIGN sections 3 and 4, in
 * steps that can each be read by themselves. Written from the design alone; the daemon's filter
 * must not be consulted here, or both would share one mistake.
 *
 * Parameters: :today :grace (days) :prereg :noroles (roles_refused) and the role titles :student :teacher :staff
 * :substitute. temp.v_set(number, yearid) is filled by the caller. */
#include "verify_int.h"

/* clang-format off */
const char *const verify_derive[] = {
	/* Synced schools with their building: the one with their code; the organisation if it has none. */
	"create temp table v_school as select v.number, v.yearid,"
	" case when not exists (select 1 from sgy_building) then (select id from sgy_school limit 1)"
	"  when (select count(*) from sgy_building b where b.building_code = cast(v.number as text)) = 1"
	"  then (select id from sgy_building b where b.building_code = cast(v.number as text)) end building"
	" from v_set v",

	/* Year terms of every school in its own active year; unsynced schools in the lowest one. */
	"create temp table v_year as select t.schoolid, t.yearid, t.firstday, t.lastday, min(t.dcid)"
	" from terms t"
	" where t.isyearrec = 1 group by t.schoolid, t.yearid",
	"create index v_year_key on v_year(schoolid, yearid)",

	"create temp table v_term as select t.schoolid, t.id, t.firstday, t.lastday, v.yearid, min(t.dcid)"
	" from terms t"
	" join v_school v on v.number = t.schoolid and v.yearid = t.yearid where t.id / 100 = t.yearid"
	" group by t.schoolid, t.id",
	"create index v_term_key on v_term(schoolid, id)",

	/* Sections let in. The course: the school's own, else the district's, else the only other. */
	"create temp table v_section as select s.id, s.dcid, s.schoolid, s.teacher, t.id termid, t.firstday,"
	" t.lastday, t.yearid,"
	" v.building, s.schoolid || '-' || (t.yearid + 1990) || '-' || s.dcid code,"
	" s.schoolid || '-' || trim(s.course_number) course_code, trim(s.section_number) section_number,"
	" coalesce((select trim(c.course_name) from courses c where c.course_number = s.course_number"
	"   and c.schoolid = s.schoolid order by c.dcid limit 1),"
	"  (select trim(c.course_name) from courses c where c.course_number = s.course_number"
	" and c.schoolid = 0"
	"   order by c.dcid limit 1),"
	"  (select trim(max(c.course_name)) from courses c where c.course_number = s.course_number"
	"   having count(*) = 1)) course_name"
	" from sections s join v_term t on t.schoolid = s.schoolid and t.id = abs(s.termid)"
	" join v_school v on v.number = s.schoolid where coalesce(s.attendance_type_code, 0) <> 1",
	"create index v_section_id on v_section(id)",
	"create index v_section_code on v_section(code)",

	"create temp table v_course as select course_code, max(course_name) title, max(building) building,"
	" count(*) sections"
	" from v_section group by course_code",
	"create index v_course_code on v_course(course_code)",

	/* Class rows of let-in sections, judged without their student. */
	"create temp table v_class as select c.dcid, s.id sectionid, s.code, s.schoolid, st.dcid student,"
	" case when coalesce(c.attendance_type_code, 0) = 1 or abs(c.termid) / 100 <> s.yearid then 'leave'"
	"  when c.dateleft is not null and c.dateleft <= c.dateenrolled then 'drop'"
	"  when c.dateleft is null or :today < c.dateleft then 'in'"
	"  when c.dateleft >= date(s.lastday, '-' || :grace || ' days') then 'leave' else 'drop' end effect"
	" from v_section s join cc c on c.sectionid in (s.id, -s.id) and c.schoolid = s.schoolid"
	" join students st on st.id = c.studentid",
	"create index v_class_student on v_class(student)",

	/* Teaching rows of let-in sections: the lead (always open), the others by role and window. */
	"create temp table v_teach as select s.id sectionid, s.code, s.schoolid, f.users_dcid person, 'in'"
	" effect"
	" from v_section s join schoolstaff f on f.id = s.teacher"
	" union all select s.id, s.code, s.schoolid, f.users_dcid,"
	" case when :noroles = 0 and (r.rolekey like '%aide%' or r.rolekey like '%observer%') then 'leave'"
	"  when x.end_date is null or :today <= substr(x.end_date, 1, 10) then 'in'"
	"  when substr(x.end_date, 1, 10) >= date(s.lastday, '-' || :grace || ' days') then 'leave'"
	" else 'drop' end"
	" from v_section s join sectionteacher x on x.sectionid = s.id join schoolstaff f on f.id = x.teacherid"
	" left join roledef r on r.id = x.roleid",
	"create index v_teach_person on v_teach(person)",

	/* Where a person is, of the synced schools: surely (sure 1), or kept there by a `leave`. */
	"create temp table v_place as select sort, person, number, max(sure) sure from ("
	" select 'S' sort, st.dcid person, v.number, 1 sure from students st join v_school v"
	" on v.number = st.schoolid"
	" union all select 'S', c.student, c.schoolid, c.effect = 'in' from v_class c"
	" union all select 'T', f.users_dcid, f.schoolid, f.status = 1 from schoolstaff f join v_school v"
	" on v.number = f.schoolid"
	" union all select 'T', t.person, t.schoolid, t.effect = 'in' from v_teach t) group by 1, 2, 3",
	"create index v_place_person on v_place(sort, person)",

	/* Everybody's key, let in or not. */
	"create temp table v_key as select 'S' sort, dcid person, coalesce(cast(cast(student_number as"
	" integer) as text), '') key,"
	" schoolid home from students union all select 'T', dcid, coalesce('T' || trim(teachernumber), ''),"
	" homeschoolid from users",
	"create index v_key_person on v_key(sort, person)",
	"create index v_key_key on v_key(key)",

	"create temp table v_person as select k.sort, k.person, k.key,"
	" coalesce((select number from v_school where number = k.home),"
	"  (select min(p.number) from v_place p where p.sort = k.sort and p.person = k.person"
	" and p.sure = 1)) owner,"
	" st.first_name first, st.last_name last, '' preferred, st.student_web_id username, '' email, :student"
	" role,"
	" cast(st.sched_yearofgraduation as text) grad"
	" from v_key k join students st on st.dcid = k.person where k.sort = 'S' and length(:student) > 0"
	" and (st.enroll_status = 0 or (:prereg = 1 and st.enroll_status = -1)) and st.schoolid <> 999999"
	" and (st.exitdate is null or st.exitdate > st.entrydate)",

	/* Current posts at synced schools; the one at home speaks first. */
	"create temp table v_post as select f.users_dcid person, f.schoolid <> u.homeschoolid away, f.schoolid"
	" school, f.dcid,"
	" f.staffstatus from schoolstaff f join users u on u.dcid = f.users_dcid join v_school v"
	" on v.number = f.schoolid"
	" where f.status = 1",

	"insert into v_person select k.sort, k.person, k.key,"
	" coalesce((select number from v_school where number = k.home),"
	"  (select min(p.number) from v_place p where p.sort = k.sort and p.person = k.person and p.sure = 1)),"
	" u.first_name, u.last_name, coalesce(u.preferredname, ''), u.loginid, coalesce(u.email_addr, ''),"
	" case when exists (select 1 from v_teach t where t.person = u.dcid and t.effect = 'in') then :teacher"
	" else"
	"  (select case f.staffstatus when 1 then :teacher when 4 then :substitute when 2 then :staff when 3"
	" then :staff else '' end"
	"   from v_post f where f.person = u.dcid order by f.away, f.school, f.dcid limit 1) end, ''"
	" from v_key k join users u on u.dcid = k.person where k.sort = 'T'",

	"delete from v_person where key = '' or role is null or role = '' or owner is null"
	" or (coalesce(username, '') = '' and email = '')"
	" or not exists (select 1 from v_place p where p.sort = v_person.sort and p.person = v_person.person"
	" and p.sure = 1)",
	/* Not in the year of his school: neither promoted into it nor still there. */
	"delete from v_person where sort = 'S' and not exists (select 1 from students st join v_school v"
	" on v.number = v_person.owner"
	" join v_year y on y.schoolid = v.number and y.yearid = v.yearid"
	" where st.dcid = v_person.person and st.entrydate <= y.lastday"
	" and coalesce(st.exitdate, '9999') > y.firstday)",
	"delete from v_person where lower(trim(key)) in (select lower(trim(key)) from v_key group by 1"
	" having count(*) > 1)",
	"create index v_person_person on v_person(sort, person)",
	"create index v_person_key on v_person(key)",

	/* Every row's vote about a membership, then the membership. */
	"create temp table v_vote as select c.code, c.sectionid, k.key, 0 admin, case when p.key is null"
	" then 'leave' else c.effect end effect"
	" from v_class c join v_key k on k.sort = 'S' and k.person = c.student"
	" left join v_person p on p.sort = 'S' and p.person = c.student"
	" union all select t.code, t.sectionid, k.key, 1, case when p.key is null then 'leave'"
	" else t.effect end"
	" from v_teach t join v_key k on k.sort = 'T' and k.person = t.person"
	" left join v_person p on p.sort = 'T' and p.person = t.person",
	"create temp table v_member as select code, key, max(case when effect = 'in' then admin end) admin,"
	" case when sum(effect = 'in') > 0 then 'in' when sum(effect = 'leave') > 0 then 'leave'"
	" else 'drop' end want"
	" from v_vote group by code, key",
	"create index v_member_key on v_member(code, key)",

	/* Schoology's side, ids resolved; the acting user is everybody's exception. */
	"create temp table v_acting as select uid from sgy_key",
	"create temp table v_has as select e.id, e.section_id, s.section_school_code code, u.school_uid key,"
	" e.admin, e.uid"
	" from sgy_enrollment e left join sgy_section s on s.id = e.section_id left join sgy_user u"
	" on u.id = e.uid"
	" where e.status = 1",
	"create index v_has_key on v_has(code, key)",
	NULL,
};
/* clang-format on */
