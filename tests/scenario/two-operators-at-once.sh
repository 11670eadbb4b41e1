#!/usr/bin/env bash
# Two people press the same button in the same second. One of them does it, the other is told that it is done: each
# change is sent once.
. "$(dirname -- "$0")/lib.sh"

# at_once COMMAND...: twice beside each other; their outputs, and how they ended.
at_once() {
	local first=0 second=0 one two

	"$@" >"$box/one" 2>&1 & one=$!
	"$@" >"$box/two" 2>&1 & two=$!
	wait "$one" || first=$?
	wait "$two" || second=$?
	ends="$first $second"
}

installed
seq=$(last_write)
sim mutate logins-change 312 10 new- >/dev/null
run_all
number=$(ctl waiting list 312 --json | jq -r '.waiting[0].key')

at_once ctl waiting approve 312 --student "$number" --json
expect_equal "how both ended" "0 0" "$ends"
expect_equal "approved by both together" 1 "$(jq -s 'map(.approved // 0) | add' "$box/one" "$box/two")"
wait_until 30 "the end of the run" nothing_runs 312
run_all_of 312
expect_equal "writes of one approval" 1 "$(sim writes --since "$seq" --list --json | jq '[.list[] | select(.kind == "user")] | length')"

# A token is good for one of them.
sim mutate logins-change 312 11 newer- >/dev/null
run_all_of 312
count=$(school 312 .waiting)
expect_exit 4 ctl waiting approve 312 --json
token=$(jq -r .preview.token <<<"$out")
seq=$(last_write)
at_once ctl waiting approve 312 --token "$token" --count "$count" --json
case $ends in
"0 1" | "1 0") say "one approved, the other was refused" ;;
*) fail "both ended with $ends" ;;
esac
out=$(cat "$box/one" "$box/two")
expect_text "SR-PREVIEW-STALE"
wait_until 30 "the end of the run" nothing_runs 312
run_all_of 312
expect_equal "users written" "$count" "$(written_of user "$seq")"
expect_equal "writes of them" "$count" "$(sim writes --since "$seq" --list --json | jq '[.list[] | select(.kind == "user")] | length')"

# Resumed twice: one begins it, for the other there is nothing to do.
expect_exit 0 ctl pause 312 --wait
at_once ctl resume 312 --json
expect_equal "how both ended" "0 0" "$ends"
expect_equal "no-ops among both" 1 "$(jq -s '[.[].results[] | select(.noop)] | length' "$box/one" "$box/two")"
expect_phase syncing 312
expect_exact 2025-2026
