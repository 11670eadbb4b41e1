#!/usr/bin/env bash
# The whole road from 2025-2026 to 2026-2027. Last year's sections and memberships, courses that are not offered
# any more and the accounts of graduates stay byte for byte.
. "$(dirname -- "$0")/lib.sh"

installed
sim snapshot spring
expect_exit 0 ctl pause --all --reason "summer"
expect_phase paused "${schools[@]}"
day_is 2026-07-20
end_of_year
seq=$(last_write)

choose_year 2026-2027 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
expect_only_periods_since "$seq"
expect_exit 0 ctl resume --all --wait --timeout 60
wait_phase syncing "${schools[@]}"
expect_exact 2026-2027 --snapshot spring
expect_no_other_year_writes

seq=$(last_write)
run_all
expect_no_writes_since "$seq" "a second run"
