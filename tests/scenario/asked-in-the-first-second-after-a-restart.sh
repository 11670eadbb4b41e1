#!/usr/bin/env bash
# The daemon has just started and has looked at neither system: what is asked then is carried out soundly or refused,
# and writes nothing that is not due.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
for _ in 1 2 3; do
	daemon_end KILL || true
	daemon_start "$today"
	for verb in sync rehearse; do
		got=0
		out=$(ctl "$verb" 312 --wait --timeout 30 2>&1) || got=$?
		if [ $got -ne 0 ]; then
			grep -qE '\[SR-(NOT-POLLED|RUN-BUSY)\]' <<<"$out" || fail "'$verb' right after a start ended with $got"
		fi
	done
	expect_exit 0 ctl status
	expect_exit 0 ctl doctor
done
look
run_all
expect_no_writes_since "$seq" "by what was asked right after a start"
expect_exact 2025-2026
