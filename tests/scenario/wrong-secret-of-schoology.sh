#!/usr/bin/env bash
# The API secret is wrong, then the key is withdrawn: one clear sentence each, nothing lost.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
cp "$box/credentials/schoology-secret" "$box/right"
printf 0123456789012345678901234567890123456789 >"$box/credentials/schoology-secret"
crash_and_restart
wait_block schoology-auth 312
expect_refusal SR-SCHOOLOGY-AUTH 1 ctl sync 312 --wait --timeout 30
expect_exit 1 ctl doctor
cp "$box/right" "$box/credentials/schoology-secret"
crash_and_restart
wait_no_block schoology-auth 312
sim mutate key-disable
wait_block schoology-auth 312
expect_phase syncing "${schools[@]}"
sim mutate key-restore
wait_no_block schoology-auth 312
run_all
expect_no_writes_since "$seq" "and nothing was lost"
