#!/usr/bin/env bash
# Another program was seen writing at Cedar Middle, so it is blocked. On Tuesday one of its students moves to North
# High. His account goes with him and he is in his new classes; his old ones are Cedar's, which may not write, and are
# ended by Cedar as soon as a person has cleared it.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06
read -r student old <<<"$(a_class 312)"
course=$(sim query "select c.course_code from sgy_course c join sgy_section s on s.course_id = c.id
	where s.section_school_code like '312-2025-%' order by c.id limit 1")
sim mutate other-writer-section "$course" 4411 >/dev/null
expect_exit 4 ctl verify 312 --afresh
wait_block foreign-writer 312

day_is 2025-10-07
sim mutate change-school "$student" 415 >/dev/null
sim mutate take-classes "$student" >/dev/null 2>&1 || say "nobody of his grade is at North High"
new=$(sim query "select min(sec.dcid) from sections sec where sec.schoolid = 415 and sec.termid = 3500")
sim query "select count(*) from cc join students s on s.id = cc.studentid where s.student_number = $student
	and cc.schoolid = 415 and cc.sectionid > 0" | grep -qv '^0$' || sim mutate add-enrollment "$student" "$new" >/dev/null
seq=$(last_write)
run_all_of 415
expect_refusal SR-FOREIGN-WRITER 1 ctl sync 312 --drops

expect_equal "accounts of the student" 1 "$(sim query "select count(*) from sgy_user where school_uid = '$student'")"
expect_equal "his building" 415 "$(sim query "select b.building_code from sgy_user u join sgy_building b
	on b.id = u.building_id where u.school_uid = '$student'")"
expect_equal "his classes at North High" "$(sim query "select count(distinct cc.sectionid) from cc join students s
	on s.id = cc.studentid where s.student_number = $student and cc.schoolid = 415 and cc.sectionid > 0
	and cc.termid between 3500 and 3599")" "$(sim query "select count(*) from sgy_enrollment e join sgy_section g
	on g.id = e.section_id join sgy_user u on u.id = e.uid where u.school_uid = '$student' and e.status = 1
	and g.section_school_code like '415-2025-%'")"
expect_equal "his class at Cedar Middle" 1 "$(member_status "$student" "$old")"
expect_equal "objects of Cedar Middle written" 0 "$(sim writes --since "$seq" --all --list --json | jq --argjson ids \
	"$(sim query "select json_group_array(id) from sgy_section where section_school_code like '312-%'")" \
	'[.list[] | select(.kind == "section" and ([.object_id] | inside($ids)))] | length')"
expect_exit 0 ctl status 312
expect_text "foreign-writer"
expect_exit 0 ctl explain student "$student"
expect_text 415

# The way out, as the block says it; what the other program left is somebody's to clear away.
sim mutate delete-section 4411 >/dev/null
expect_exit 0 ctl unblock 312 foreign-writer --reason 'the app is on Manual again' --yes
run_all_of 312
drop_now 312
expect_equal "his class at Cedar Middle" 5 "$(member_status "$student" "$old")"
expect_equal "his building" 415 "$(sim query "select b.building_code from sgy_user u join sgy_building b
	on b.id = u.building_id where u.school_uid = '$student'")"
expect_exact 2025-2026
seq=$(last_write)
run_all
drop_now 312
expect_no_writes_since "$seq" "by one more run"
expect_no_other_year_writes
