#!/usr/bin/env bash
# Twelve students of Cedar Middle get other usernames in one night. None is sent: they wait for a person, who sees
# them with their age, lets one student go first, the others as one lot, and Schoology has them.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
sim mutate logins-change 312 12 new- >/dev/null
run_all
expect_equal "users written while nobody has decided" 0 "$(written_of user "$seq")"
expect_equal "waiting at 312" 12 "$(school 312 .waiting)"
expect_equal "next at 312" "waiting list 312" "$(school 312 .next)"
[ "$(school 312 .waiting_oldest)" != null ] || fail "status does not say since when the oldest waits"

expect_exit 0 ctl waiting list 312
expect_text "username"
expect_exit 0 ctl waiting list 312 --json
expect_equal "listed" 12 "$(jq '.waiting | length' <<<"$out")"
since=$(jq -r '.waiting[0].since' <<<"$out")
number=$(jq -r '.waiting[0].key' <<<"$out")
expect_exit 0 ctl explain student "$number"
expect_text "waiting approve 312"

# Another run asks the same question: its age is kept, and nothing is sent.
run_all_of 312
expect_equal "since when" "$since" "$(ctl waiting list 312 --json | jq -r '.waiting[0].since')"
expect_equal "users written" 0 "$(written_of user "$seq")"

# One student goes at once; approved again, nothing happens.
expect_exit 0 ctl waiting approve 312 --student "$number" --reason "spelled wrongly" --wait --timeout 60
expect_equal "users written" 1 "$(written_of user "$seq")"
expect_equal "waiting at 312" 11 "$(school 312 .waiting)"
expect_exit 0 ctl waiting approve 312 --student "$number"
expect_text "nothing of this waits here"

# Let three more go: fewer than ten wait now, and that is no answer to the question that is still open.
for number in $(ctl waiting list 312 --json | jq -r '.waiting[:3][].key'); do
	expect_exit 0 ctl waiting approve 312 --student "$number" --wait --timeout 60
done
run_all
expect_equal "users written" 4 "$(written_of user "$seq")"
expect_equal "waiting at 312" 8 "$(school 312 .waiting)"

# With three new ones they are many again: a preview, its token and their number.
sim mutate logins-change 312 3 newer- >/dev/null
run_all_of 312
expect_exit 4 ctl waiting approve 312 --json
token=$(jq -r .preview.token <<<"$out")
expect_equal "to be approved" 11 "$(jq .preview.count <<<"$out")"
expect_exit 0 ctl waiting approve 312 --token "$token" --count 11 --wait --timeout 60
expect_equal "users written" 12 "$(written_of user "$seq")"
expect_equal "waiting at 312" 0 "$(school 312 .waiting)"
expect_equal "approvals in the history" 5 "$(ctl history 312 --json | jq '[.history[] | select(.event == "waiting-approved")] | length')"
expect_exact 2025-2026
expect_no_other_year_writes
