#!/usr/bin/env bash
# The key is replaced by one of another Schoology organisation: everything is refused.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
sim mutate school-id 777 >/dev/null
sim mutate new-student 312 7 >/dev/null
wait_block wrong-district 312
expect_refusal SR-WRONG-DISTRICT 1 ctl sync 312 --wait --timeout 30
expect_no_writes_since "$seq" "into another organisation"
