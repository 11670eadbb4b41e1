#!/usr/bin/env bash
# Somebody points sisroll at a test copy of PowerSchool, which has another district_uuid: everything is refused.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
sim mutate district-uuid 00000000-1111-2222-3333-444444444444 >/dev/null
sim mutate new-student 312 7 >/dev/null
wait_block wrong-district 312
expect_refusal SR-WRONG-DISTRICT 1 ctl sync 312 --wait --timeout 30
crash_and_restart
wait_block wrong-district 312
expect_no_writes_since "$seq" "with a test copy"
expect_phase syncing "${schools[@]}"
