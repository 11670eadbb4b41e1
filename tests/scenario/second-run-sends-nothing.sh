#!/usr/bin/env bash
# Nothing has changed in PowerSchool: a second full run plans nothing and sends nothing, before and after a restart.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
run_all
expect_no_writes_since "$seq" "a second run"
crash_and_restart
run_all
expect_no_writes_since "$seq" "a third run, after kill -9"
expect_exact 2025-2026
