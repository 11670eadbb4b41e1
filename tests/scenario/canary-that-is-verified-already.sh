#!/usr/bin/env bash
# One school was resumed alone, by its plan, and is verified clean. Only then somebody says that the others follow it:
# there is nothing left to wait for, and they go at once, each through its own gate.
. "$(dirname -- "$0")/lib.sh"

installed
sim snapshot spring >/dev/null
expect_exit 0 ctl pause --all --reason "summer"
day_is 2026-07-20
end_of_year
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
expect_exit 0 ctl resume 312 --plan "$(newest_plan 312)" --wait --timeout 60
wait_phase syncing 312
expect_phase terms-mapped 415

expect_exit 0 ctl resume --canary 312 --then-all --reason "312 is well"
wait_phase syncing 415
expect_exit 0 ctl history 415
expect_text "follows 312, whose first run is verified clean: 312 is well"
expect_exact 2026-2027 --snapshot spring
expect_no_other_year_writes
