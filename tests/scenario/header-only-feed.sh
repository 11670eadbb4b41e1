#!/usr/bin/env bash
# PowerSchool answers well, and with no class row at all. That is an error, said in words, and never a change; the next
# whole answer is taken as if nothing had been.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06
sim mutate lose-classes 312 100 >/dev/null
seq=$(last_write)
expect_exit 1 ctl sync 312 --drops --wait --timeout 60
expect_exit 0 ctl runs 312 --json
jq -r '.runs[0].why' <<<"$out" | grep -q 'no enrollment row at all; the last proven pull had ' ||
	fail "the run does not say that nothing came"
day_is 2025-10-07
failed() { [ "$(school 312 .last_run.state)" = failed ]; }
wait_until 30 "the run of the night failed" failed
expect_no_writes_since "$seq" "with nothing but a header"
expect_exit 0 ctl status 312
expect_text "no enrollment row at all"
expect_text "If the school has closed: sisrollctl pause 312"

sim mutate find-classes 312 >/dev/null
run_all_of 312
drop_now 312
expect_no_writes_since "$seq" "when the rows are back"
