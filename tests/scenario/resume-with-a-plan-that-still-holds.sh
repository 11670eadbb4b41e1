#!/usr/bin/env bash
# The registrar has read plan N line by line. The operator resumes by that plan: sisroll rehearses once more, finds
# that it still means the same, and begins.
. "$(dirname -- "$0")/lib.sh"

installed
sim snapshot spring >/dev/null
expect_exit 0 ctl pause --all --reason "summer"
day_is 2026-07-20
end_of_year
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
plan=$(ctl plan summary 312 --json | jq '.summary[0].plan')
other=$(ctl plan summary 415 --json | jq '.summary[0].plan')
expect_exit 0 ctl plan show "$plan" --csv
expect_text 'seq,kind,op,ident,key,state,before,after,why'
expect_equal "lines for the registrar" "$(ctl plan show "$plan" --json | jq '.items | length + 1')" "$(wc -l <<<"$out")"

seq=$(last_write)
expect_refusal SR-PLAN-MOVED 1 ctl resume 312 --plan "$other"
expect_text "is another school's"
expect_refusal SR-UNKNOWN-PLAN 1 ctl resume 312 --plan 999999
expect_exit 1 ctl resume 312 415 --plan "$plan"
expect_text "name that school alone"
expect_no_writes_since "$seq" "by plans that do not fit"
expect_phase terms-mapped 312 415

expect_exit 0 ctl resume 312 --plan "$plan" --wait --timeout 60
wait_phase syncing 312
expect_phase terms-mapped 415
# Without --wait the call still lasts until the comparison is over.
expect_exit 0 ctl resume 415 --plan "$other" --timeout 60
wait_phase syncing 415
expect_exact 2026-2027 --snapshot spring
expect_no_other_year_writes
