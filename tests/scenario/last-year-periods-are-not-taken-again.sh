#!/usr/bin/env bash
# Mapping a term of the new year to last year's grading period is refused by the linter, and so is a period that
# does not exist.
. "$(dirname -- "$0")/lib.sh"

installed
expect_exit 0 ctl pause --all
day_is 2026-07-20
end_of_year
choose_year 2026-2027 312
wait_phase year-set 312
old=$(ctl periods list --year 2025-2026 --json | jq '.periods[0].id')
seq=$(last_write)
expect_refusal SR-LINT 1 ctl terms map 312 3600 --period "$old"
expect_text last-year-period
expect_refusal SR-UNKNOWN-PERIOD 1 ctl terms map 312 3600 --period 123456
expect_refusal SR-UNKNOWN-TERM 1 ctl terms map 312 3699 --create
expect_no_writes_since "$seq" "by refused maps"
expect_phase year-set 312
map_terms 312
wait_phase terms-mapped 312
expect_exit 0 ctl terms lint 312
