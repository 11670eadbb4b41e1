#!/usr/bin/env bash
# A student takes a class at a second school. His account belongs to his home school, which follows right after the
# other's run, without being asked and without waiting for its hour; and back again. Whoever asks for a run while the
# daemon's own is under way gets one that begins after it.
. "$(dirname -- "$0")/lib.sh"

own_run() { # SCHOOL: the number of the daemon's run that is under way
	ctl runs "$1" --json | jq -e '[.runs[] | select(.ended == null and .who == "sisrolld") | .id] | first // empty'
}

last_who() {
	ctl runs 312 --json | jq -r '.runs[0].who'
}

installed small,hold=0 2025-10-06
read -r student _ <<<"$(a_class 312 2)"
read -r _ class <<<"$(a_class 415 2)"
before=$(ctl runs 312 --json | jq '.runs[0].id')
sim mutate add-enrollment "$student" "$class" >/dev/null
run_all_of 415
expect_equal "who began the home school's run" sisrolld "$(last_who)"
expect_equal "runs of the home school" 1 "$(ctl runs 312 --json | jq "[.runs[] | select(.id > $before)] | length")"
expect_exact 2025-2026

# The class is dropped: his home school takes the building out of his account again.
sim mutate drop-enrollment "$student" "$class" >/dev/null
expect_exit 0 ctl sync 415 --drops --wait --timeout 60
wait_until 30 "the end of what runs by itself" nothing_runs
expect_equal "runs of the home school" 2 "$(ctl runs 312 --json | jq "[.runs[] | select(.id > $before)] | length")"
expect_exact 2025-2026

# A run that the daemon began itself is let finish; then comes the one that was asked for, once for all who ask.
sim fault add slow --service ps --path /ws/schema/query --ms 200 --count 0 >/dev/null
crash_and_restart
wait_until 30 "a run of the daemon's own" own_run 312
running=$(own_run 312)
expect_exit 0 ctl sync 312
expect_text "begins when the run under way has ended"
sim fault clear
expect_exit 0 ctl sync 312 --wait --timeout 60 --json
run=$(jq '.results[0].run' <<<"$out")
[ "$run" -gt "$running" ] || fail "run $run is not the one that was asked for"
wait_until 30 "the end of what runs by itself" nothing_runs
expect_equal "who is behind run $run" "$(id -un)" "$(ctl run show "$run" --json | jq -r .run.who)"
expect_equal "runs that were asked for" 1 "$(ctl runs 312 --json | jq "[.runs[] | select(.id > $running and .who == \"$(id -un)\")] | length")"
expect_exact 2025-2026
