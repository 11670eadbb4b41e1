#!/usr/bin/env bash
# A first installation in March, at a Schoology that takes nobody into a section whose periods have ended: the leads
# of the classes of the autumn stay out, each is set aside with Schoology's reason, and the school is in step all the
# same, in the next year too.
. "$(dirname -- "$0")/lib.sh"

sandbox_options=(--quirk past_import_refused=1)
installed
expect_exact 2025-2026 --past-refused
missing=$(sim verify --year 2025-2026 --schools 312,415 --allow-drops 2>&1 | grep -c '^  member-missing ') || true
[ "$missing" -gt 0 ] || fail "nothing of this district is over: the scenario shows nothing"

# The operator sees as many set aside as are missing, each a membership with a reason, and is told how to go on.
aside=$(ctl quarantine list --all --json)
expect_equal "set aside" "$missing" "$(jq '.quarantine | length' <<<"$aside")"
expect_equal "of them without a reason" 0 "$(jq '[.quarantine[] | select((.why // "") == "")] | length' <<<"$aside")"
expect_equal "what they are" membership "$(jq -r '[.quarantine[].kind] | unique | join(",")' <<<"$aside")"
out=$(ctl quarantine list 312)
# In a Schoology that gives no reasons with its refusals, its code is all there is.
expect_text "$(in_world item_message=0 && echo schoology-400 || echo archived)"

# Not asked again and again; when he says so, they are.
seq=$(last_write)
run_all
expect_no_writes_since "$seq" "a further run"
expect_equal "still set aside" "$missing" "$(ctl quarantine list --all --json | jq '.quarantine | length')"

sim snapshot spring
expect_exit 0 ctl pause --all --reason "summer"
day_is 2026-07-20
end_of_year
take_to_syncing 2026-2027 "${schools[@]}"
expect_exact 2026-2027 --snapshot spring
# What was refused for last year's classes is nobody's question any more.
expect_equal "still set aside" 0 "$(ctl quarantine list --all --json | jq '.quarantine | length')"
expect_no_other_year_writes
