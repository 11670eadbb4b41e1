#!/usr/bin/env bash
# The operator raises the limit of drops, and PowerSchool fails in that very run; he does it again, and the daemon dies
# under him. Neither run took anything away. The limit went with them: the night finds the usual one.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06 <<'END'
[guard]
drop_count = 1
drop_percent = 1
settle_days = 0
END
read -r student section <<<"$(a_class 312)"
read -r other second <<<"$(a_class 312 2)"
sim mutate drop-enrollment "$student" "$section" >/dev/null
sim mutate drop-enrollment "$other" "$second" >/dev/null
seq=$(last_write)

sim fault add 5xx --service ps --count 0 >/dev/null
expect_exit 1 ctl sync 312 --raise-drops 100 --reason "schedules were rebuilt" --wait --timeout 60
sim fault clear >/dev/null
wait_until 30 "PowerSchool seen again" powerschool_ok
drop_now 312
expect_drops waiting 2 "$(newest_plan 312)" "on they wait"
expect_no_writes_since "$seq" "after a run that failed with a raised limit"

sim fault add slow --service ps --ms 3000 --count 0 >/dev/null
expect_exit 0 ctl sync 312 --raise-drops 100 --reason "schedules were rebuilt" --no-wait
sim fault clear >/dev/null
crash_and_restart
wait_until 30 "the end of what runs by itself" nothing_runs
drop_now 312
expect_drops waiting 2 "$(newest_plan 312)" "on they wait"
expect_no_writes_since "$seq" "after a run that died with a raised limit"

# The way out: the same once more, now that PowerSchool answers.
expect_exit 0 ctl sync 312 --raise-drops 100 --reason "schedules were rebuilt" --wait --timeout 60
expect_text "2 dropped"
expect_equal "archived by it" "5 5" "$(member_status "$student" "$section") $(member_status "$other" "$second")"
expect_no_other_year_writes
