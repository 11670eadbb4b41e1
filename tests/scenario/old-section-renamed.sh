#!/usr/bin/env bash
# After the rollover somebody renames a section of last year in PowerSchool: 0 writes.
. "$(dirname -- "$0")/lib.sh"

installed
sim snapshot spring
expect_exit 0 ctl pause --all
day_is 2026-07-20
end_of_year
take_to_syncing 2026-2027 "${schools[@]}"
run_all
seq=$(last_write)
sim mutate rename-old-section 312 >/dev/null
sim mutate rename-old-section 415 >/dev/null
run_all
expect_no_writes_since "$seq" "an old section got another number"
expect_exact 2026-2027 --snapshot spring
expect_no_other_year_writes
