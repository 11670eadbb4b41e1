#!/usr/bin/env bash
# A real mass of drops: the operator raises the limit for one run, with a reason. That run sends them; the next mass
# waits again. Who is no operator may not, and without a reason nobody may.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06 <<'END'
[guard]
drop_count = 1
drop_percent = 1
settle_days = 0
END
drop_class_of() { # N
	read -r student section <<<"$(a_class 312 "$1")"
	sim query "select sec.dcid from cc join sections sec on sec.id = cc.sectionid join students s on s.id = cc.studentid
		where s.student_number = $student and cc.sectionid > 0 and cc.dateleft > '2026-01-01'" |
		while read -r class; do
			sim mutate drop-enrollment "$student" "$class" >/dev/null
		done
	count=$(sim query "select count(distinct cc.sectionid) from cc join students s on s.id = cc.studentid
		where s.student_number = $student and cc.sectionid < 0 and abs(cc.termid) between 3500 and 3599 and cc.schoolid = 312")
}
drop_class_of 1
day_is 2025-10-07
wait_until 30 "the end of what runs by itself" nothing_runs
seq=$(last_write)
drop_now 312
expect_no_writes_since "$seq" "for drops over the limit"
expect_drops waiting "$count" "$(newest_plan 312)" "on they wait"

expect_refusal SR-REASON-NEEDED 1 ctl sync 312 --raise-drops 50
expect_refusal SR-INVALID 1 ctl sync 312 --raise-drops 101 --reason "schedules were rebuilt"
expect_exit 0 ctl sync 312 --raise-drops 100 --reason "schedules were rebuilt" --wait --timeout 60
expect_equal "memberships archived" "$count" "$(written_of enrollment "$seq")"
expect_equal "the first of them" 5 "$(member_status "$student" "$section")"
expect_exit 0 ctl history 312
expect_text "up to 100 % of drops for one run: schedules were rebuilt"

seq=$(last_write)
drop_class_of 2
day_is 2025-10-08
wait_until 30 "the end of what runs by itself" nothing_runs
drop_now 312
expect_no_writes_since "$seq" "for the next mass: the limit is back"
expect_drops waiting "$count" "$(newest_plan 312)" "on they wait"
