#!/usr/bin/env bash
# Pause while the first full run writes: no request begins afterwards. Resume leads back to `resumed`, since the
# year was never verified, and the run is finished without anything twice.
. "$(dirname -- "$0")/lib.sh"

district
choose_year 2025-2026 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
sim fault add slow --service sgy --method POST --ms 400 --count 0
sim fault add slow --service sgy --method PUT --ms 400 --count 0
seq=$(last_write)
expect_exit 0 ctl resume 312
some_written() {
	[ "$(writes_since "$seq")" -gt 0 ]
}
wait_until 30 "the first writes" some_written
expect_phase resumed 312
expect_exit 0 ctl pause 312 --wait --timeout 30
expect_phase paused 312
expect_equal "the new year is kept" 2025-2026 "$(school 312 .active_year)"
expect_equal "and not verified" null "$(school 312 .verified_year)"
sim fault clear

seq=$(last_write)
expect_exit 0 ctl refresh --wait --timeout 30
crash_and_restart
expect_phase paused 312
expect_no_writes_since "$seq" "while paused, over a poll and a restart"

expect_exit 0 ctl rehearse 312 --wait --timeout 60
expect_exit 0 ctl resume 312 --wait --timeout 60
expect_exit 0 ctl history 312 --json
expect_equal "back by" resumed "$(jq -r '[.history[] | select(.from == "paused" and .to != "paused")][0].to' <<<"$out")"
wait_phase syncing 312
expect_exit 0 ctl resume 415 --wait --timeout 60
expect_exact 2025-2026
