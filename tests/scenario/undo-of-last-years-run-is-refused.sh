#!/usr/bin/env bash
# A year later somebody wants to undo a run of the year before, or one of a year that is over: never across years.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2026-03-02
run=$(ctl runs 312 --json | jq '[.runs[] | select(.kind == "first run") | .id] | max')
expect_exit 0 ctl pause "${schools[@]}"
seq=$(last_write)

# The year is over, but the next one is not chosen yet.
day_is 2026-07-20
expect_refusal SR-UNDO-YEAR 1 ctl undo "$run"
expect_text 'is over'
end_of_year
expect_refusal SR-UNDO-YEAR 1 ctl undo "$run"

# The next year is active.
take_to_syncing 2026-2027 312
expect_exit 0 ctl pause 312
seq=$(last_write)
expect_refusal SR-UNDO-YEAR 1 ctl undo "$run"
expect_text 'is of 2025-2026'
expect_text 'Nothing was changed'
expect_refusal SR-UNDO-YEAR 1 ctl undo "$run" --and-later
expect_refusal SR-UNKNOWN-RUN 1 ctl undo 99999
expect_no_writes_since "$seq" "for refused undos"
expect_no_other_year_writes
