#!/usr/bin/env bash
# A six-week term appears in October. Its sections wait for a map and the rest of the school goes on; once mapped,
# they come in.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06
sim mutate new-term 312 2025-2026 312:2025:2 >/dev/null
seq=$(last_write)
expect_exit 0 ctl refresh --wait --timeout 30
run_all
expect_no_writes_since "$seq" "while the term has no grading period"
expect_phase syncing "${schools[@]}"
term=$(sim query "select max(id) from terms where schoolid = 312 and yearid = 35")
expect_exit 0 ctl status 312
expect_text "terms map 312 $term --create"
expect_exit 1 ctl terms lint 312
expect_text "$term"
expect_text unmapped
expect_exit 0 ctl terms map 312 "$term" --create
run_all
expect_exact 2025-2026
