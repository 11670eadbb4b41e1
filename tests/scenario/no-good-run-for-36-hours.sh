#!/usr/bin/env bash
# PowerSchool is down over a long weekend. Two days after the last good run each syncing school says so, once; a
# school that is paused does not; and all is clear after the first good run.
. "$(dirname -- "$0")/lib.sh"

alerts_of() { # CODE
	ctl alerts list --json | jq -r --arg code "$1" '[.alerts[] | select(.code == $code) | .school] | sort | join(" ")'
}
alerts_looked() {
	ctl alerts list --json | jq -e '.looked != null'
}
alerted() { # CODE SCHOOLS
	[ "$(alerts_of "$1")" = "$2" ]
}
raised() {
	grep -c 'alert raised: No run has ended well' "$box/sisrolld.log" || true
}

installed
run_all
wait_until 20 "a look" alerts_looked
expect_equal "alerted on a good day" "" "$(alerts_of no-good-run)"
seq=$(last_write)
sim fault add 5xx --service ps --count 0 >/dev/null
day_is 2026-03-03
has_failed() {
	[ "$(ctl runs "$1" --json | jq '[.runs[] | select(.at > "2026-03-03" and .state == "failed")] | length')" -ge 2 ]
}
wait_until 20 "two runs that failed" has_failed 312
wait_until 20 "a look" alerts_looked
expect_equal "alerted after one day" "" "$(alerts_of no-good-run)"
day_is 2026-03-05
wait_until 40 "the alert of both schools" alerted no-good-run "312 415"
expect_equal "times it was said" 2 "$(raised)"
crash_and_restart
wait_until 20 "a look" alerts_looked
wait_until 20 "the alert stands" alerted no-good-run "312 415"
expect_equal "times it was said, after a restart" 2 "$(raised)"
expect_exit 0 ctl pause 415
wait_until 10 "a paused school is no worry" alerted no-good-run 312
expect_no_writes_since "$seq" "while PowerSchool is down"

sim fault clear >/dev/null
wait_until 40 "the all-clear" alerted no-good-run ""
grep -q 'alert cleared: Over: a run has ended well' "$box/sisrolld.log" || fail "the all-clear was not said"
