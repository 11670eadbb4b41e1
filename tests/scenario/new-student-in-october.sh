#!/usr/bin/env bash
# A student comes in October, another changes her name, a section is renamed: exactly that is written.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06
seq=$(last_write)
sim mutate new-student 312 7 >/dev/null
sim mutate name-change 415:3 Umbenannt >/dev/null
sim mutate rename-section 312:2025:1 77 >/dev/null
run_all
expect_exact 2025-2026
expect_equal "users written" 2 "$(written_of user "$seq")"
expect_equal "sections written" 1 "$(written_of section "$seq")"
