#!/usr/bin/env bash
# PowerSchool is in maintenance and shows its HTML page under 200: an error, never an empty school.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
sim fault add html200 --service ps --count 0
expect_exit 1 ctl sync 312 --wait --timeout 60
expect_text "[SR-"
sim fault clear
sim fault add html200 --service ps --path /ws/schema/query/org.sisroll.sync.roster.enrollments --count 0
expect_exit 1 ctl sync 312 --wait --timeout 60
sim fault clear
expect_no_writes_since "$seq" "while PowerSchool showed its page"
wait_until 30 "PowerSchool seen again" powerschool_ok
run_all
expect_no_writes_since "$seq" "and nothing was taken for absent"
expect_exact 2025-2026
