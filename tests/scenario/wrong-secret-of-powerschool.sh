#!/usr/bin/env bash
# The plugin's client secret is wrong: one clear sentence, no write, and after the right secret all goes on.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
cp "$box/credentials/powerschool-secret" "$box/right"
printf wrong-secret-wrong-secret >"$box/credentials/powerschool-secret"
crash_and_restart
wait_block powerschool-auth 312
expect_refusal SR-POWERSCHOOL-AUTH 1 ctl sync 312 --wait --timeout 30
expect_exit 1 ctl doctor
expect_no_writes_since "$seq" "with a wrong secret"
cp "$box/right" "$box/credentials/powerschool-secret"
crash_and_restart
wait_no_block powerschool-auth 312
run_all
expect_no_writes_since "$seq" "and nothing was lost"
