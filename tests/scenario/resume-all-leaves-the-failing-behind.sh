#!/usr/bin/env bash
# "resume --all" on the morning after: who passes goes, who does not is listed with what fails, and the exit code says
# that it was not everybody.
. "$(dirname -- "$0")/lib.sh"

installed
expect_exit 0 ctl pause --all --reason "summer"
day_is 2026-07-20
end_of_year
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl rehearse 415 --wait --timeout 60
seq=$(last_write)
expect_exit 1 ctl resume --all --check
expect_text "none of this year yet"
expect_equal "schools that pass" 415 "$(ctl resume --all --check --json | jq '.gates[] | select(.passes) | .school')"
expect_no_writes_since "$seq" "by looking at the gate"

expect_exit 1 ctl resume --all --wait --timeout 60
expect_text "resume 312 refused"
expect_text "sisrollctl rehearse 312"
wait_phase syncing 415
expect_phase terms-mapped 312
expect_exit 0 ctl rehearse 312 --wait --timeout 60
expect_exit 0 ctl resume --all --wait --timeout 60
wait_phase syncing "${schools[@]}"
expect_no_other_year_writes
