#!/usr/bin/env bash
# A whole class is dropped, and the drops wait. By day they go on waiting, with their age; once a person has approved
# them they do not wait for the night as well, and nobody else's drop goes with them.
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
all=$(wc -w <<<"$students")
[ "$all" -ge 3 ] || fail "the class is too small for this: $all"
for student in $students; do
	sim mutate drop-enrollment "$student" "$section" >/dev/null
done
day_is 2025-10-07
wait_until 30 "the end of what runs by itself" nothing_runs
drop_now 312
seq=$(last_write)
expect_equal "waiting at 312" "$all" "$(school 312 .waiting)"
since=$(ctl waiting list 312 --json | jq -r '.waiting[0].since')
run_all_of 312
expect_equal "waiting by day too" "$all" "$(school 312 .waiting)"
expect_equal "since when" "$since" "$(ctl waiting list 312 --json | jq -r '.waiting[0].since')"
expect_equal "enrollments written" 0 "$(written_of enrollment "$seq")"

first=${students%%$'\n'*}
expect_exit 0 ctl waiting approve 312 --student "$first" --wait --timeout 60
expect_equal "enrollments written" 1 "$(written_of enrollment "$seq")"
expect_equal "waiting at 312" $((all - 1)) "$(school 312 .waiting)"
code=$(ctl waiting list 312 --json | jq -r '.waiting[0].key | split("/")[0]')
if [ "$all" -gt 10 ]; then
	expect_exit 4 ctl waiting approve 312 --section "$code" --json
	expect_exit 0 ctl waiting approve 312 --section "$code" --token "$(jq -r .preview.token <<<"$out")" \
		--count $((all - 1)) --wait --timeout 60
else
	expect_exit 0 ctl waiting approve 312 --section "$code" --wait --timeout 60
fi
expect_equal "enrollments written" "$all" "$(written_of enrollment "$seq")"
expect_equal "waiting at 312" 0 "$(school 312 .waiting)"
expect_no_other_year_writes
