#!/usr/bin/env bash
# `year cancel` brings the fallback year back, from a pending choice and from a year that is set.
. "$(dirname -- "$0")/lib.sh"

installed
expect_exit 0 ctl pause --all
seq=$(last_write)
choose_year 2026-2027 312
expect_equal "chosen year" 2026-2027 "$(school 312 .chosen_year)"
expect_exit 0 ctl year cancel 312
expect_equal "chosen year" null "$(school 312 .chosen_year)"
expect_exit 0 ctl resume 312
wait_phase syncing 312

expect_exit 0 ctl pause 312
day_is 2026-07-20
end_of_year
choose_year 2026-2027 312
wait_phase year-set 312
expect_exit 0 ctl year cancel 312
expect_phase paused 312
expect_equal "active year" 2025-2026 "$(school 312 .active_year)"
expect_exit 1 ctl resume 312
expect_phase paused 312
expect_equal "objects written all the while" 0 "$(writes_since "$seq")"
