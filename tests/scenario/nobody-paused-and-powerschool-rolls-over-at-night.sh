#!/usr/bin/env bash
# Everybody forgot to pause. PowerSchool's end-of-year process runs at night: the schools pause themselves, nothing
# is written, and `resume` without a new year is refused.
. "$(dirname -- "$0")/lib.sh"

installed
day_is 2026-06-03
run_all
sim snapshot spring
seq=$(last_write)
sim eoy >/dev/null
wait_phase paused "${schools[@]}"
expect_no_writes_since "$seq" "the night of the rollover"
expect_exit 0 ctl history 312 --json
expect_equal "who paused it" sisrolld "$(jq -r '[.history[] | select(.from == "syncing" and .to == "paused")][0].who' <<<"$out")"
expect_equal "why" sis-rolled "$(jq -r '[.history[] | select(.from == "syncing" and .to == "paused")][0].event' <<<"$out")"

expect_refusal SR-SIS-ROLLED 1 ctl resume 312
expect_text "sisrollctl year set 2026-2027"
expect_refusal SR-SIS-ROLLED 1 ctl sync 312
crash_and_restart
expect_phase paused "${schools[@]}"
expect_no_writes_since "$seq" "after a restart"

take_to_syncing 2026-2027 "${schools[@]}"
expect_exact 2026-2027 --snapshot spring
expect_no_other_year_writes
