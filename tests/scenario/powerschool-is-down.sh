#!/usr/bin/env bash
# PowerSchool does not answer, then answers 503, then cuts its pages: errors, never a change. Afterwards all goes on.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
for fault in reset 5xx cut truncate; do
	sim fault add "$fault" --service ps --count 0
	expect_exit 1 ctl sync 312 --wait --timeout 60
	say "PowerSchool: $fault: $(head -n 1 <<<"$out")"
	sim fault clear
done
expect_no_writes_since "$seq" "while PowerSchool was down"
expect_phase syncing "${schools[@]}"
wait_until 30 "PowerSchool seen again" powerschool_ok
sim mutate new-student 312 7 >/dev/null
run_all
expect_exact 2025-2026
