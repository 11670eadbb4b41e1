#!/usr/bin/env bash
# Between the plan that the registrar read and the resume, somebody changed the schedule. sisroll sees it, writes
# nothing, and says what moved.
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
expect_exit 0 ctl rehearse 312 --wait --timeout 60
plan=$(ctl plan summary 312 --json | jq '.summary[0].plan')

for section in $(sim query "select dcid from sections where schoolid = 312 and termid between 3600 and 3699 limit 3"); do
	sim mutate rename-section "$section" "9$section" >/dev/null
done
student=$(sim query "select cast(min(student_number) as integer) from students where schoolid = 312 and enroll_status = 0")
sim mutate transfer-out "$student" >/dev/null
seq=$(last_write)
expect_exit 1 ctl resume 312 --plan "$plan" --timeout 60
expect_text "[SR-PLAN-MOVED]"
expect_text "plan $plan does not hold any more"
expect_text "section create new"
expect_text "Nothing was changed"
expect_phase terms-mapped 312
expect_no_writes_since "$seq" "by a plan that moved"

# Dying in the middle of it is no harm either: nothing was begun.
rehearses() {
	[ "$(ctl runs 312 --json | jq '[.runs[] | select(.ended == null and .kind == "rehearsal")] | length')" -eq 1 ]
}
sim fault add slow --service ps --ms 700 --count 0 >/dev/null
ctl resume 312 --plan "$plan" --timeout 60 >/dev/null 2>&1 &
asking=$!
wait_until 20 "the fresh rehearsal" rehearses
sim fault clear >/dev/null
crash_and_restart
wait "$asking" || true
expect_phase terms-mapped 312
expect_no_writes_since "$seq" "by a daemon that died in between"

# The way out: look at what would be done now, and resume by that.
expect_exit 0 ctl rehearse 312 --wait --timeout 60
plan=$(ctl plan summary 312 --json | jq '.summary[0].plan')
expect_exit 0 ctl resume 312 --plan "$plan" --wait --timeout 60
wait_phase syncing 312
expect_no_other_year_writes
