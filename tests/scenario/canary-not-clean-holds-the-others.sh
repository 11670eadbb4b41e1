#!/usr/bin/env bash
# The canary's first run leaves something that Schoology refused. The others stay where they are, and the status says
# why; the operator settles it, or takes the order back.
. "$(dirname -- "$0")/lib.sh"

installed
expect_exit 0 ctl pause --all --reason "summer"
day_is 2026-07-20
end_of_year
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
sim fault add item-failure --service sgy --method POST --path /v1/enrollments --item 0 --count 1 >/dev/null
expect_exit 0 ctl resume --canary 312 --then-all --wait --timeout 60
wait_phase syncing 312
expect_exit 0 ctl refresh --wait --timeout 30
expect_phase terms-mapped 415
expect_exit 0 ctl status 415
expect_text "its first run is not clean: 0 operations wait, 1 objects were refused"

# Withdrawn: a pause of either ends the order, though nothing else changes.
expect_exit 0 ctl pause 415
expect_text "nothing follows, or is followed, here any more"
expect_equal "whom North High follows" null "$(school 415 .follows)"

# Ordered again, and settled: the refused object is tried once more, and goes through.
expect_exit 0 ctl resume --canary 312 --then-all
expect_equal "whom North High follows" 312 "$(school 415 .follows)"
expect_exit 0 ctl quarantine retry 312 --yes
expect_exit 0 ctl sync 312 --wait --timeout 60
wait_phase syncing 415
expect_no_other_year_writes
