#!/usr/bin/env bash
# A map is taken back: the school returns to year-set, and the grading period stays in Schoology. A school with the
# same dates gets its map by a copy; terms whose dates differ are not copied.
. "$(dirname -- "$0")/lib.sh"

schools=(101 312 415)
district small,schools=3,hold=0
choose_year 2025-2026 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms 312
wait_phase terms-mapped 312
seq=$(last_write)
expect_exit 0 ctl terms unmap 312 3501
wait_phase year-set 312
expect_no_writes_since "$seq" "by taking a map back"
expect_equal "grading periods" 3 "$(ctl periods list --json | jq '.periods | length')"
map_terms 312
wait_phase terms-mapped 312

seq=$(last_write)
expect_exit 0 ctl terms copy 312 101
wait_phase terms-mapped 101
expect_equal "the copied period" "$(ctl terms list 312 --json | jq '.schools[0].terms[] | select(.term == 3500) | .periods[0].id')" \
	"$(ctl terms list 101 --json | jq '.schools[0].terms[] | select(.term == 3500) | .periods[0].id')"
ctl terms copy 312 415 >/dev/null 2>&1 || true
expect_phase year-set 415
expect_no_writes_since "$seq" "by copying maps"
