#!/usr/bin/env bash
# The first semester ends: its classes close, some with a negative sign. Nobody is dropped, nothing is written.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-12-01
day_is 2026-01-16
run_all
seq=$(last_write)
sim mutate semester-end 312 3502 >/dev/null
run_all
expect_no_writes_since "$seq" "the night of the semester's end"
day_is 2026-01-17
run_all
expect_no_writes_since "$seq" "the night after it"
expect_equal "drops planned" 0 "$(school 312 .last_run.dropped)"
