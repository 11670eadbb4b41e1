#!/usr/bin/env bash
# After the rollover somebody corrects a last day in REENROLLMENTS and an old class row. Last year is not touched.
. "$(dirname -- "$0")/lib.sh"

installed
sim snapshot spring
expect_exit 0 ctl pause --all
day_is 2026-07-20
end_of_year
take_to_syncing 2026-2027 "${schools[@]}"
run_all
seq=$(last_write)
for n in 1 5 9; do
	sim mutate late-correction "312:$n" >/dev/null
done
run_all
expect_no_writes_since "$seq" "a late correction in old rows"
expect_exact 2026-2027 --snapshot spring
expect_no_other_year_writes
