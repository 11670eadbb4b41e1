#!/usr/bin/env bash
# The drops of a replaced teacher and of a whole class wait. The teacher is approved alone, by the key that the list
# shows; then the class, and the daemon is killed over it. What was approved is sent once, by the run that comes next.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06 <<'END'
[guard]
drop_count = 1
drop_percent = 1
settle_days = 0
END
section=$(a_led_class 312)
old=$(lead_of "$section")
sim mutate replace-lead "$section" >/dev/null
run_all_of 312
read -r _ class <<<"$(a_class 312)"
students=$(sim query "select u.school_uid from sgy_enrollment e join sgy_section g on g.id = e.section_id
	join sgy_user u on u.id = e.uid where g.section_school_code like '%-$class' and e.admin = 0 and e.status = 1
	and exists (select 1 from students s where s.student_number = u.school_uid and s.enroll_status = 0)")
for student in $students; do
	sim mutate drop-enrollment "$student" "$class" >/dev/null
done
all=$(wc -w <<<"$students")
drop_now 312
seq=$(last_write)
expect_equal "waiting at 312" $((all + 1)) "$(school 312 .waiting)"
expect_equal "waiting of the teacher" 1 "$(ctl waiting list 312 --student "$old" --json | jq '.waiting | length')"

expect_exit 0 ctl waiting approve 312 --student "$old" --wait --timeout 60
expect_equal "the teacher's membership" 5 "$(member_status "$old" "$section")"
expect_equal "enrollments written" 1 "$(written_of enrollment "$seq")"

sim fault add slow --service sgy --method PUT --ms 1500 --count 0 >/dev/null
expect_exit 0 ctl waiting approve 312 --section "312-2025-$class" --no-wait
crash_and_restart
sim fault clear >/dev/null
sent() { [ "$(written_of enrollment "$seq")" -eq $((all + 1)) ]; }
wait_until 30 "what was approved is sent" sent
run_all_of 312
expect_equal "still in the class" 0 "$(for student in $students; do member_status "$student" "$class"; done | grep -c 1 || true)"
expect_equal "enrollments written, each once" $((all + 1)) \
	"$(sim writes --since "$seq" --list --json | jq '[.list[] | select(.kind == "enrollment")] | length')"
expect_equal "waiting at 312" 0 "$(school 312 .waiting)"
expect_exit 0 ctl waiting approve 312 --section "312-2025-$class"
expect_text "nothing of this waits here"
expect_no_other_year_writes
