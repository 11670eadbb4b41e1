#!/usr/bin/env bash
# Over night the feed loses half of one school's classes, and PowerSchool says so with a straight face: every count
# agrees. Nobody is dropped there, however many nights it lasts; the other school goes on; when the feed is back,
# nothing was lost and nothing is to be done.
. "$(dirname -- "$0")/lib.sh"

# The numbers alone would let them go here: it is the shrunk feed that holds them.
installed small,hold=0 2025-10-06 <<'END'
[guard]
drop_count = 100000
END
before=$(sim query "select count(*) from sgy_enrollment where status = 1")
sim mutate lose-classes 312 50 >/dev/null
read -r student section <<<"$(a_class 415)"
sim mutate drop-enrollment "$student" "$section" >/dev/null
seq=$(last_write)
for day in 2025-10-07 2025-10-08; do
	day_is "$day"
	wait_until 30 "the end of what runs by itself" nothing_runs
	run_all
	plan=$(newest_plan 312)
	expect_exit 0 ctl plan show "$plan" --json
	waiting=$(jq '[.items[] | select(.op == "drop" and .state == "waiting")] | length' <<<"$out")
	[ "$waiting" -gt 10 ] || fail "$waiting drops wait at 312"
	expect_text "a feed that shrinks by more than 30 % drops nobody by itself"
	say "$waiting drops wait at 312"
done
expect_equal "enrollments written, all of the other school" 1 "$(written_of enrollment "$seq")"
expect_equal "the drop at the other school" 5 "$(member_status "$student" "$section")"
expect_equal "active memberships" $((before - 1)) "$(sim query "select count(*) from sgy_enrollment where status = 1")"

sim mutate find-classes 312 >/dev/null
seq=$(last_write)
run_all
drop_now 312
expect_no_writes_since "$seq" "when the feed is whole again"
expect_equal "waiting" 0 "$(school 312 .last_run.waiting)"
