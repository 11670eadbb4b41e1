#!/usr/bin/env bash
# Between the preview and its confirmation another student's username changes. What was shown is not what would be
# done any more: the token is refused, nothing is sent, and a fresh preview shows the rest.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
sim mutate logins-change 312 11 new- >/dev/null
run_all
expect_exit 4 ctl waiting approve 312 --json
token=$(jq -r .preview.token <<<"$out")
# The same number, but one of them is another change now.
sim mutate logins-change 312 1 newer- >/dev/null
run_all_of 312
expect_equal "waiting at 312" 11 "$(school 312 .waiting)"
expect_exit 1 ctl waiting approve 312 --token "$token" --count 11
expect_text "[SR-PREVIEW-STALE]"
expect_text "Do:  "
expect_equal "users written" 0 "$(written_of user "$seq")"

# A school that went another way meanwhile: the epoch is part of what the token stands for.
expect_exit 4 ctl waiting approve 312 --json
token=$(jq -r .preview.token <<<"$out")
expect_exit 0 ctl pause 312 --wait
expect_exit 0 ctl resume 312
expect_exit 1 ctl waiting approve 312 --token "$token" --count 11
expect_text "[SR-PREVIEW-STALE]"
wait_until 30 "the end of what runs by itself" nothing_runs 312
expect_equal "users written" 0 "$(written_of user "$seq")"

# The way out: look again.
expect_exit 4 ctl waiting approve 312 --json
token=$(jq -r .preview.token <<<"$out")
expect_exit 0 ctl waiting approve 312 --token "$token" --count 11 --wait --timeout 60
expect_equal "users written" 11 "$(written_of user "$seq")"
expect_exact 2025-2026
