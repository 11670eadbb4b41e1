#!/usr/bin/env bash
# An import gives students wrong usernames. The operator rejects them: they are not sent and not asked about again,
# run after run, until PowerSchool says something else.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
sim mutate logins-change 312 10 wrong- >/dev/null
run_all
expect_equal "waiting at 312" 10 "$(school 312 .waiting)"
expect_exit 4 ctl waiting reject 312 --reason "a bad import" --json
token=$(jq -r .preview.token <<<"$out")
expect_exit 0 ctl waiting reject 312 --reason "a bad import" --token "$token" --count 10
expect_text "not asked again until the change is another one"
expect_equal "waiting at 312" 0 "$(school 312 .waiting)"
run_all
run_all_of 312
expect_equal "users written" 0 "$(written_of user "$seq")"
expect_equal "waiting at 312" 0 "$(school 312 .waiting)"
# Where Schoology takes nobody into a class that is over, those set aside are what is left to look at.
next="wait"
! in_world past_import_refused=1 || next="quarantine list 312"
expect_equal "next at 312" "$next" "$(school 312 .next)"
expect_exit 0 ctl waiting list 312 --rejected
expect_text "a bad import"
expect_equal "rejected and remembered" 10 "$(ctl waiting list 312 --rejected --json | jq '.waiting | length')"

# One of them was right after all, and the operator may change his mind.
number=$(ctl waiting list 312 --rejected --json | jq -r '.waiting[0].key')
expect_exit 0 ctl waiting approve 312 --student "$number"
expect_text "nothing of this waits here"
expect_exit 0 ctl waiting approve 312 --student "$number" --rejected --wait --timeout 60
run_all
expect_equal "users written, now that only nine are left" 1 "$(written_of user "$seq")"

# Put right in PowerSchool: another change is another question. What is right again is over by itself.
sim mutate logins-change 312 10 right- >/dev/null
run_all_of 312
expect_equal "waiting at 312, asked anew" 10 "$(school 312 .waiting)"
expect_equal "waiting in its plan" 10 "$(school 312 .last_run.waiting)"
expect_equal "rejected ones left" 0 "$(ctl waiting list 312 --rejected --json | jq '.waiting | length')"
expect_exit 4 ctl waiting approve 312 --json
token=$(jq -r .preview.token <<<"$out")
expect_exit 0 ctl waiting approve 312 --token "$token" --count 10 --wait --timeout 60
expect_exact 2025-2026
