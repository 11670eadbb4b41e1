#!/usr/bin/env bash
# A school that was never synced starts paused without a year, and comes in by the road of every rollover.
. "$(dirname -- "$0")/lib.sh"

district
expect_phase paused "${schools[@]}"
expect_refusal SR-NO-YEAR 1 ctl resume 312
expect_exit 0 ctl roles list
expect_text "System Admin"
seq=$(last_write)

choose_year 2025-2026 "${schools[@]}"
wait_phase year-set "${schools[@]}"
expect_refusal SR-TERMS-UNMAPPED 1 ctl resume 312
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
expect_only_periods_since "$seq"

expect_exit 0 ctl resume "${schools[@]}" --wait --timeout 60
wait_phase syncing "${schools[@]}"
expect_equal "verified year" 2025-2026 "$(school 312 .verified_year)"
expect_exact 2025-2026
expect_no_other_year_writes
expect_exit 0 ctl history 312 --json
expect_equal "the way" "paused year-set terms-mapped resumed syncing" \
	"$(jq -r '[.history[] | select(.from != .to) | .to] | reverse | ["paused"] + . | join(" ")' <<<"$out")"
