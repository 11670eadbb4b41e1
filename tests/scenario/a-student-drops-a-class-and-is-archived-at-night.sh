#!/usr/bin/env bash
# A student drops a class. By day that is shown and not sent; the first run at or after two in the morning archives the
# membership, and nothing else; nothing is deleted, and the next nights have nothing to do.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06 <<'END'
[daemon]
timezone = UTC
END
read -r student section <<<"$(a_class 312)"
expect_equal "before" 1 "$(member_status "$student" "$section")"
sim mutate drop-enrollment "$student" "$section" >/dev/null
night_is 2025-10-07 01:00:00
seq=$(last_write)
run_all
expect_no_writes_since "$seq" "for a drop, by day"
expect_drops held 1 "$(newest_plan 312)" "sent at 02:00"
ctl status 312 --json | jq -r '.schools[0].next_why' | grep -q 'drops are sent at 02:00: 1' || fail "next does not say when"

night_is 2025-10-07 01:59:57
dropped() { [ "$(member_status "$student" "$section")" = 5 ]; }
wait_until 30 "the membership archived at two in the morning" dropped
wait_until 30 "the end of the run" nothing_runs 312
at=$(date -u -d "$(ctl runs 312 --json | jq -r '[.runs[] | select(.dropped > 0)][0].at')" +%H:%M)
expect_equal "the run that sent it began at" 02:00 "$at"
expect_equal "objects written" 1 "$(writes_since "$seq")"
expect_equal "enrollments written" 1 "$(written_of enrollment "$seq")"

seq=$(last_write)
night_is 2025-10-08 02:30:00
run_all
expect_no_writes_since "$seq" "the night after"
expect_no_other_year_writes
