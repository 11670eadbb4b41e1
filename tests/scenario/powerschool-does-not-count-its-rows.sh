#!/usr/bin/env bash
# A PowerSchool that answers 404 where it is asked how many enrollments there are: what is new goes on, but nobody is
# taken out of a class, since nothing shows that the rows were all; once it counts again he is.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06
sim fault add 5xx --status 404 --service ps --path /ws/schema/query/org.sisroll.sync.roster.enrollments/count --count 0
row=$(sim query "select st.student_number || ' ' || s.dcid from cc c join students st on st.id = c.studentid
	join sections s on s.id = c.sectionid where c.schoolid = 312 and s.termid = 3500 and st.schoolid = 312
	and st.enroll_status = 0 and c.dateleft > '2026-01-01' order by c.dcid limit 1" | tail -n 1)
# shellcheck disable=SC2086 # a student and a section
sim mutate remove-enrollment $row >/dev/null

still_there() {
	sim query "select count(*) from sgy_enrollment e join sgy_user u on u.id = e.uid join sgy_section x
		on x.id = e.section_id where u.school_uid = '${row% *}' and x.section_school_code like '312-2025-${row#* }'
		and e.status = 1" | tail -n 1
}

seq=$(last_write)
sim mutate new-student 312 7 >/dev/null
expect_exit 0 ctl sync 312 --drops --wait --timeout 60
expect_equal "users written" 1 "$(written_of user "$seq")"
expect_equal "dropped without a count" 0 "$(school 312 .last_run.dropped)"
expect_equal "he is in his class" 1 "$(still_there)"
is_free 312 || fail "school 312 is blocked"
expect_exit 0 ctl run show "$(school 312 .last_run.id)"
expect_text "the pull was not proven: nobody counts as gone"
expect_no_other_year_writes

sim fault clear
expect_exit 0 ctl sync 312 --drops --wait --timeout 60
expect_equal "dropped once the rows are counted" 1 "$(school 312 .last_run.dropped)"
expect_equal "he is in his class" 0 "$(still_there)"
