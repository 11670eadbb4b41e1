#!/usr/bin/env bash
# Somebody takes all students out of a section. So many at once wait for a person: nothing is taken away, what else
# changed goes on, and the run says both numbers and the limit.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06 <<'END'
[guard]
drop_count = 3
drop_percent = 1
settle_days = 0
END
read -r _ section <<<"$(a_class 312)"
students=$(sim query "select u.school_uid from sgy_enrollment e join sgy_section g on g.id = e.section_id
	join sgy_user u on u.id = e.uid where g.section_school_code like '%-$section' and e.admin = 0 and e.status = 1
	and exists (select 1 from students s where s.student_number = u.school_uid and s.enroll_status = 0)")
for student in $students; do
	sim mutate drop-enrollment "$student" "$section" >/dev/null
done
all=$(wc -w <<<"$students")
[ "$all" -ge 3 ] || fail "the class is too small for this: $all"
sim mutate name-change "${students%%$'\n'*}" Changed >/dev/null
day_is 2025-10-07
wait_until 30 "the end of what runs by itself" nothing_runs
seq=$(last_write)
drop_now 312
expect_equal "enrollments written" 0 "$(written_of enrollment "$seq")"
plan=$(newest_plan 312)
expect_drops waiting "$all" "$plan" "would be dropped; from 3 and 1 % on they wait"
run=$(ctl runs 312 --json | jq '.runs[0].id')
expect_exit 0 ctl run show "$run"
expect_text "waits: $all of "
expect_text "students' memberships"
expect_exit 0 ctl run show "$run" --json
expect_equal "the guard of students waits" true "$(jq '.guards[] | select(.kind == "students") | .waits' <<<"$out")"
expect_equal "shown as waiting" "$all" "$(school 312 .last_run.waiting)"
expect_equal "still in the class" "$all" "$(for s in $students; do member_status "$s" "$section"; done | grep -c 1)"
expect_equal "the name change went on" 1 "$(sim query "select count(*) from sgy_user where school_uid = '${students%%$'\n'*}'
	and name_last = 'Changed'")"
expect_equal "NEXT" "waiting list 312" "$(school 312 .next)"

# One way out: the registrar puts the first one back, and nothing waits for him any more.
sim mutate add-enrollment "${students%%$'\n'*}" "$section" >/dev/null
seq=$(last_write)
run_all_of 312
# His account may be: if another school is his home, this building is one of his again.
expect_equal "enrollments written for the one who is back" 0 "$(written_of enrollment "$seq")"
expect_equal "shown as waiting" $((all - 1)) "$(school 312 .waiting)"

# The other: it was meant. The section's drops are approved, exactly those, and sent at once.
code=$(sim query "select section_school_code from sgy_section where section_school_code like '%-$section'")
expect_exit 0 ctl waiting approve 312 --section "$code" --reason "the class is over" --json
expect_equal "approved" $((all - 1)) "$(jq .approved <<<"$out")"
wait_until 30 "the end of the run" nothing_runs 312
expect_equal "archived" $((all - 1)) "$(for s in $students; do member_status "$s" "$section"; done | grep -c 5)"
expect_equal "waiting" 0 "$(school 312 .waiting)"
expect_exact 2025-2026
expect_no_other_year_writes
