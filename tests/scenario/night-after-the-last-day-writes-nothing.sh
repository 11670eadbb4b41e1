#!/usr/bin/env bash
# The school year is over, and PowerSchool has not rolled over yet: the nights after the last day write nothing,
# and a paused school is not resumed into the ended year.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2026-05-04
day_is 2026-06-05
run_all
seq=$(last_write)
for time in 01:30:00 02:30:00 23:30:00; do
	night_is 2026-06-06 "$time"
	run_all
	drop_now 312 415
	expect_no_writes_since "$seq" "the night after the last day, $time"
done
day_is 2026-06-20
run_all
expect_no_writes_since "$seq" "two weeks later"
expect_exit 0 ctl pause 312
expect_refusal SR-YEAR-OVER 1 ctl resume 312
expect_text "sisrollctl year set 2026-2027"
