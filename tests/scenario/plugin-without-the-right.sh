#!/usr/bin/env bash
# PowerSchool does not grant one column to the plugin: every query that uses it answers 403, and the refusal names
# what is missing.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
sim mutate revoke-field STUDENTS.STUDENT_NUMBER >/dev/null
expect_exit 1 ctl sync 312 --wait --timeout 60
expect_text "STUDENTS.STUDENT_NUMBER"
wait_block plugin-right 312
# What the poll itself reads is granted: that does not lift the block.
expect_refusal SR-PLUGIN-RIGHT 1 ctl refresh
wait_block plugin-right 312
expect_refusal SR-PLUGIN-RIGHT 1 ctl sync 312 --wait --timeout 30
expect_no_writes_since "$seq" "without the right"
sim mutate grant-fields >/dev/null
wait_no_block plugin-right 312
run_all
expect_no_writes_since "$seq" "and nothing was lost"
