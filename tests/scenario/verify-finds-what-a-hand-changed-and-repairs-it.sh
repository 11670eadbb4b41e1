#!/usr/bin/env bash
# Hands have been at work in Schoology: a section has another name and no grading period any more, a student was taken
# out of a class, another made its admin, an account made inactive. A look tells it and changes nothing; a repair takes
# in what stands there, and the run that follows puts right what nobody has to decide.
. "$(dirname -- "$0")/lib.sh"

installed
run_all
expect_exit 0 ctl verify "${schools[@]}"
expect_text "Schoology holds what was confirmed"
expect_exit 0 ctl verify 312 --json
expect_equal "whole" true "$(jq '.schools[0].report.complete' <<<"$out")"

# What is changed by hand.
read -r out_of number < <(sim query "select dcid || ' ' || number from (select sec.dcid, cast(s.student_number as integer) number
	from students s join cc on cc.studentid = s.id join sections sec on sec.id = cc.sectionid where cc.schoolid = 312
	and s.schoolid = 312 and cc.termid = 3500 and cc.sectionid > 0 and s.enroll_status = 0 and cc.dateleft > '2026-04-01'
	order by s.id, sec.dcid limit 1)")
read -r other _ < <(a_class 312 3)
read -r away _ < <(a_class 312 5)
renamed="312-2025-$(sim query "select max(dcid) from sections where schoolid = 312 and termid = 3500")"
title=$(sim query "select title from sgy_section where section_school_code = '$renamed'")
other_class="312-2025-$(sim query "select max(sec.dcid) from cc join sections sec on sec.id = cc.sectionid
	join students s on s.id = cc.studentid where s.student_number = $other and cc.termid = 3500 and cc.sectionid > 0")"
sim mutate retitle-section "$renamed" 'My own name' >/dev/null
sim mutate unplace-section "$renamed" >/dev/null
sim mutate remove-member "312-2025-$out_of" "$number" >/dev/null
sim mutate change-admin "$other_class" "$other" 1 >/dev/null
sim mutate deactivate-user "$away" >/dev/null

# A look: told by kind and key, nothing is touched, neither there nor here.
seq=$(last_write)
expect_exit 4 ctl verify 312
expect_text "different"
expect_text "verify 312 --repair"
expect_exit 4 ctl verify 312 --json
found() {
	jq -c '.schools[0].report.found' <<<"$out"
}
expect_equal "found" '{"missing":1,"inactive":1,"different":2,"moved":1}' "$(found)"
expect_equal "the name" "$renamed title" \
	"$(jq -r '.schools[0].report.findings[] | select(.kind == "section" and .what == "different") | .key + " " + .fields[0]' <<<"$out")"
expect_equal "the member taken out" "312-2025-$out_of/$number" \
	"$(jq -r '.schools[0].report.findings[] | select(.what == "missing") | .key' <<<"$out")"
run_all_of 312
expect_no_writes_since "$seq" "by looks, and by a run after them"
expect_exit 0 ctl run show "$(ctl runs 312 --json | jq '[.runs[] | select(.kind == "verify") | .id] | max')"
expect_text "looked at Schoology"

# Somebody who may look and run may not repair; nor may a paused school be.
expect_exit 0 ctl pause 312 --reason 'looking'
expect_exit 4 ctl verify 312 --repair
expect_text "nothing is repaired while the school is paused"
expect_no_writes_since "$seq" "by a repair of a paused school"
expect_exit 0 ctl resume 312
wait_phase syncing 312
wait_until 30 "quiet" nothing_runs

# The repair: name, periods, admin and account come back by a run; who was taken out by hand waits for a person.
expect_exit 4 ctl verify 312 --repair --afresh
expect_text "taken in"
expect_equal "its name" "$title" "$(sim query "select title from sgy_section where section_school_code = '$renamed'")"
expect_equal "its periods" 1 "$(sim query "select count(*) > 0 from sgy_section_period p join sgy_section s on s.id = p.section_id
	where s.section_school_code = '$renamed'")"
expect_equal "the account" 1 "$(sim query "select active from sgy_user where school_uid = '$away'")"
expect_equal "no admin any more" 0 "$(sim query "select e.admin from sgy_enrollment e join sgy_user u on u.id = e.uid
	join sgy_section s on s.id = e.section_id where u.school_uid = '$other' and s.section_school_code = '$other_class' and e.status = 1")"
expect_equal "waiting" 1 "$(school 312 .waiting)"
expect_equal "who was taken out" "" "$(member_status "$number" "$out_of")"
expect_exit 0 ctl waiting approve 312 --wait --timeout 60
run_all_of 312
expect_equal "who was taken out is back" 1 "$(member_status "$number" "$out_of")"
expect_exit 0 ctl verify 312 --afresh

# A section in another course is never moved by sisroll: it is told until somebody has moved it back.
course_of() {
	sim query "select c.course_code from sgy_course c join sgy_section s on s.course_id = c.id where s.section_school_code = '$1'"
}
course=$(course_of "$renamed")
other_course=$(course_of "312-2025-$out_of")
sim mutate recourse-section "$renamed" "$other_course" >/dev/null
seq=$(last_write)
expect_exit 4 ctl verify 312 --repair --afresh
expect_text "move it back in Schoology"
expect_no_writes_since "$seq" "about a section in another course"
sim mutate recourse-section "$renamed" "$course" >/dev/null
expect_exit 0 ctl verify 312 --afresh
expect_exact 2025-2026
expect_no_other_year_writes
