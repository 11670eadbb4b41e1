#!/usr/bin/env bash
# The first semester ends: its classes close, some with a negative sign. Nobody is dropped, nothing is written.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-12-01
day_is 2026-01-16
run_all
seq=$(last_write)
sim mutate semester-end 312 3502 >/dev/null
run_all
drop_now 312 415
expect_no_writes_since "$seq" "the night of the semester's end, the run of the drops too"
for time in 01:30:00 02:30:00 23:30:00; do
	night_is 2026-01-17 "$time"
	run_all
	drop_now 312 415
	expect_no_writes_since "$seq" "the night after it, $time"
done
expect_exit 0 ctl plan show "$(newest_plan 312)" --json
expect_equal "drops planned" 0 "$(jq '[.plan.counts[].drop] | add' <<<"$out")"
