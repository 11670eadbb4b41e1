#!/usr/bin/env bash
# North High has no terms of the next year yet. It stays paused with its choice while Cedar Middle goes on, and
# follows by itself as soon as its terms exist.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=1
sim snapshot spring
expect_exit 0 ctl pause --all
day_is 2026-07-20
end_of_year
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set 312
expect_phase paused 415
expect_equal "chosen year" 2026-2027 "$(school 415 .chosen_year)"
expect_equal "active year" 2025-2026 "$(school 415 .active_year)"
expect_refusal SR-CHOICE-PENDING 1 ctl resume 415
map_terms 312
wait_phase terms-mapped 312
expect_exit 0 ctl rehearse 312 --wait --timeout 60
expect_exit 0 ctl resume 312 --wait --timeout 60
wait_phase syncing 312
expect_phase paused 415

sim mutate add-next-terms 415 >/dev/null
end_of_year
wait_phase year-set 415
map_terms 415
wait_phase terms-mapped 415
expect_exit 0 ctl rehearse 415 --wait --timeout 60
expect_exit 0 ctl resume 415 --wait --timeout 60
wait_phase syncing 415
expect_exact 2026-2027 --snapshot spring
expect_no_other_year_writes
