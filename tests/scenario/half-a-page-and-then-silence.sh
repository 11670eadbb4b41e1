#!/usr/bin/env bash
# A page of enrollments comes half, or not at all, and then silence: nobody is taken for absent, not even in the run
# that sends drops, and the next run is whole again.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
for fault in truncate cut reset; do # half as if it were all; half and silence; silence
	sim fault add "$fault" --service ps --path /ws/schema/query/org.sisroll.sync.roster.enrollments --count 0
	expect_exit 1 ctl sync 415 --drops --wait --timeout 60
	say "$fault: $(grep -F '[SR-' <<<"$out" | head -n 1)"
	sim fault clear
	wait_until 30 "PowerSchool seen again" powerschool_ok
done
expect_no_writes_since "$seq" "after half a page"
drop_now 415
expect_no_writes_since "$seq" "after the whole pages"
expect_exit 0 ctl plan show "$(newest_plan 415)" --json
expect_equal "drops planned" 0 "$(jq '[.plan.counts[].drop] | add' <<<"$out")"
