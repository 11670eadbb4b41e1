#!/usr/bin/env bash
# A manual run of a paused school is stopped: what is in flight is answered, nothing begins afterwards, and the next
# run finishes.
. "$(dirname -- "$0")/lib.sh"

installed
for _ in 1 2 3 4 5 6; do
	sim mutate new-student 415 10 >/dev/null
done
expect_exit 0 ctl pause 415
sim fault add slow --service sgy --method POST --ms 1500 --count 0
expect_exit 0 ctl sync 415 --json
run=$(jq '.results[0].run' <<<"$out")
expect_exit 0 ctl run show "$run" --json
expect_equal "kind of run $run" manual "$(jq -r .run.kind <<<"$out")"
expect_exit 0 ctl run stop "$run" --wait --timeout 30
sim fault clear
seq=$(last_write)
crash_and_restart
expect_refusal SR-UNKNOWN-RUN 1 ctl run stop "$run"
expect_refusal SR-UNKNOWN-RUN 1 ctl run show 999999
expect_no_writes_since "$seq" "after the run was stopped"
run_all
expect_exact 2025-2026
