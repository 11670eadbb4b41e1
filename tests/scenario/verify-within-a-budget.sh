#!/usr/bin/env bash
# A look at a school may cost so many requests and no more: what was not read is said, the next look goes on there, and
# together they have seen everything. An ordinary run is not kept from its work.
. "$(dirname -- "$0")/lib.sh"


report() {
	jq "$1" <<<"$out"
}

installed
run_all
expect_exit 0 ctl verify 312 --budget 5
expect_text "not all was read, go on with: sisrollctl verify 312"
expect_text "(5 of 5 requests)"
# What was changed by hand in the last section of all is found by one of the looks that follow, and by one alone.
code="312-2025-$(sim query "select max(dcid) from sections where schoolid = 312 and termid in (3500, 3501, 3502)")"
uid=$(sim query "select u.school_uid from sgy_enrollment e join sgy_section s on s.id = e.section_id join sgy_user u
	on u.id = e.uid where s.section_school_code = '$code' and e.admin = 0 order by u.id limit 1")
sim mutate remove-member "$code" "$uid" >/dev/null
seq=$(last_write)
looks=0 found=0 complete=false
while [ "$complete" != true ]; do
	[ $((looks += 1)) -le 60 ] || fail "sixty looks and no end"
	out=$(ctl verify 312 --budget 5 --json) || [ $? -eq 4 ]
	complete=$(report '.schools[0].report.complete')
	[ "$(report '.schools[0].report.requests')" -le 5 ] || fail "more than five requests"
	found=$((found + $(report '.schools[0].report.found_count')))
done
say "looks: $looks"
[ "$looks" -gt 3 ] || fail "so few looks at so many sections"
expect_equal "found" 1 "$found"
expect_equal "members read" "$(report '.schools[0].report.coverage[] | select(.what == "members") | .total')" \
	"$(report '.schools[0].report.coverage[] | select(.what == "members") | .read')"

# A sample of the sections, and none at all.
expect_exit 0 ctl verify 312 --afresh --members 0 --json
expect_equal "members read" 0 "$(report '.schools[0].report.coverage[] | select(.what == "members") | .read')"
expect_exit 4 ctl verify 312 --members all --json
expect_equal "found" 1 "$(report '.schools[0].report.found_count')"
expect_no_writes_since "$seq" "by looks"

# A run that a person asks for during a look comes right after it; a pause ends the look.
expect_exit 0 ctl verify 312 --afresh --no-wait
expect_exit 0 ctl sync 312 --wait --timeout 60
expect_equal "newest run" manual "$(ctl runs 312 --json | jq -r '.runs[0].kind')"
expect_refusal SR-INVALID 1 ctl verify 312 --budget 0
expect_refusal SR-INVALID 1 ctl verify 312 --members some
expect_exit 0 ctl verify 312 --afresh --no-wait
expect_exit 0 ctl pause 312 --reason 'enough'
wait_until 30 "quiet" nothing_runs
expect_equal "the look" stopped "$(ctl runs 312 --json | jq -r '[.runs[] | select(.kind == "verify")][0].state')"
expect_phase paused 312
