#!/usr/bin/env bash
# The principal knows why there is so little this year. The operator goes through the gate all the same: with a reason,
# on the record, and in everybody's sight until the next rollover.
. "$(dirname -- "$0")/lib.sh"

installed
expect_exit 0 ctl pause --all --reason "summer"
day_is 2026-07-20
end_of_year
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set "${schools[@]}"
# Nothing asks the gate yet, so there is nothing to override: a refusal records none.
expect_refusal SR-TERMS-UNMAPPED 1 ctl resume 312 --override terms --reason "we know"
expect_equal "overrides of a refused command" '[]' "$(school 312 '.overrides // [] | tojson')"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
sim mutate lose-classes 312 80 >/dev/null
# Without a rehearsal there is one thing to do, and an override of what nobody has seen is none of them.
expect_refusal SR-GATE 1 ctl resume 312
expect_exit 1 ctl resume 312
expect_equal "what to type" "sisrollctl rehearse 312" "$(sed -n 's/^Do:  //p' <<<"$out")"
! grep -q -e '--override' <<<"$out" || fail "an override is offered before anything was counted"
expect_exit 0 ctl rehearse 312 --wait --timeout 60
expect_refusal SR-COUNTS 1 ctl resume 312
expect_text "memberships (last year "
expect_exit 1 ctl resume 312 --override counts
expect_text "[SR-REASON-NEEDED]"
expect_phase terms-mapped 312

# What passes needs no override, and gets none for later.
expect_exit 1 ctl resume 312 --override people --reason "to be safe"
expect_text "[SR-COUNTS]"
expect_text "Nothing was changed"
expect_equal "overrides of what passes" '[]' "$(school 312 '.overrides // [] | tojson')"

expect_exit 0 ctl resume 312 --override counts --reason "block schedule this year" --wait --timeout 60
wait_phase syncing 312
expect_exit 0 ctl status 312
expect_text "counts"
expect_equal "overrides in the status" '["counts"]' "$(school 312 '.overrides | tojson')"
expect_exit 0 ctl history 312
expect_text "counts: block schedule this year"
crash_and_restart
expect_equal "overrides after a restart" '["counts"]' "$(school 312 '.overrides | tojson')"
expect_no_other_year_writes
