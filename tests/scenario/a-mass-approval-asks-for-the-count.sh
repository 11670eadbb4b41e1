#!/usr/bin/env bash
# Ten operations and more are decided only by somebody who says how many they are. --yes does not stand for it,
# a wrong number spends no token, and a token is good once.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
sim mutate logins-change 312 11 new- >/dev/null
run_all
expect_exit 4 ctl waiting approve 312 --yes
expect_text "This is about 11 operations"
expect_text "--count 11"
expect_equal "users written on a preview" 0 "$(written_of user "$seq")"
token=$(ctl waiting approve 312 --json | jq -r .preview.token) || true
expect_refusal SR-COUNT 1 ctl waiting approve 312 --token "$token"
expect_refusal SR-COUNT 1 ctl waiting approve 312 --token "$token" --yes
expect_refusal SR-PREVIEW-STALE 1 ctl waiting approve 312 --token "$token" --count 10
expect_equal "users written on a wrong number" 0 "$(written_of user "$seq")"
expect_equal "waiting at 312" 11 "$(school 312 .waiting)"

# Typed on a terminal, where this machine has one to give: another number is no agreement.
if script -qec true /dev/null >/dev/null 2>&1; then
	out=$(printf 'y\n12\n' | script -qec "'$bin/sisrollctl' waiting approve 312" /dev/null) || true
	expect_text "another number was typed"
	expect_equal "users written" 0 "$(written_of user "$seq")"
fi

expect_exit 0 ctl waiting approve 312 --token "$token" --count 11 --wait --timeout 60
expect_equal "users written" 11 "$(written_of user "$seq")"
seq=$(last_write)
expect_exit 1 ctl waiting approve 312 --token "$token" --count 11
expect_text "[SR-PREVIEW-STALE]"
expect_no_writes_since "$seq" "by a token that was used"
expect_exit 0 ctl waiting approve 312
expect_exact 2025-2026
