#!/usr/bin/env bash
# Schoology does not answer while a run wants to write. Nothing is lost: it arrives when Schoology is back.
. "$(dirname -- "$0")/lib.sh"

installed
sim mutate new-student 312 7 >/dev/null
sim mutate new-student 415 10 >/dev/null
for fault in 5xx reset; do
	sim fault add "$fault" --service sgy --count 0
	expect_exit 1 ctl sync 312 --wait --timeout 60
	say "Schoology: $fault: $(head -n 1 <<<"$out")"
	sim fault clear
done
expect_phase syncing "${schools[@]}"
wait_until 30 "Schoology seen again" schoology_ok
run_all
expect_exact 2025-2026
