#!/usr/bin/env bash
# A paused school runs nothing by itself; a person may still start a run on the active year, until it is over.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2026-05-04
expect_exit 0 ctl pause --all --reason "before the summer"
seq=$(last_write)
sim mutate new-student 312 7 >/dev/null
crash_and_restart
expect_exit 0 ctl refresh --wait --timeout 30
expect_no_writes_since "$seq" "by itself, while paused"
run_all
[ "$(writes_since "$seq")" -gt 0 ] || fail "a manual run wrote nothing"
expect_exact 2025-2026
expect_phase paused "${schools[@]}"

day_is 2026-06-20
seq=$(last_write)
expect_refusal SR-YEAR-OVER 1 ctl sync 312
expect_no_writes_since "$seq" "after the year is over"
