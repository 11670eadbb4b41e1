#!/usr/bin/env bash
# One school goes first. The daemon dies while the others wait for it; they follow all the same once the first run of
# the canary is verified clean, each through its own gate.
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

seq=$(last_write)
expect_exit 1 ctl resume --canary 312
expect_text "sisrollctl resume --canary 312 --then-all"
expect_refusal SR-INVALID 1 ctl resume 312 --then-all
expect_refusal SR-INVALID 1 ctl resume --canary 312 --then-all --plan "$(newest_plan 312)"
expect_refusal SR-INVALID 1 ctl resume --canary 312 --then-all --override counts --reason "block schedule"
expect_phase terms-mapped "${schools[@]}"
expect_no_writes_since "$seq" "by half a command"

# Schoology answers slowly: the canary is still at it when the daemon is killed.
sim fault add slow --service sgy --method POST --ms 1500 --count 0 >/dev/null
expect_exit 0 ctl resume --canary 312 --then-all --reason "as planned in May"
expect_text "415"
expect_text "when the first run of 312 is verified clean"
expect_phase terms-mapped 415
expect_equal "whom North High follows" 312 "$(school 415 .follows)"
expect_exit 0 ctl status 415
expect_text "follows 312"
expect_phase resumed 312
crash_and_restart
sim fault clear >/dev/null

wait_phase syncing "${schools[@]}"
expect_exit 0 ctl history 415
expect_text "follows 312, whose first run is verified clean: as planned in May"
expect_equal "nobody follows any more" null "$(school 415 .follows)"
expect_exact 2026-2027 --snapshot spring
expect_no_other_year_writes
