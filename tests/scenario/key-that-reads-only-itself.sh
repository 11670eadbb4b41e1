#!/usr/bin/env bash
# A personal key of after June 2025 reads its owner alone. sisroll says so before anything is written.
. "$(dirname -- "$0")/lib.sh"

district
sim mutate key-self-only
seq=$(last_write)
wait_block schoology-auth 312
expect_exit 1 ctl doctor
sim mutate key-restore
wait_no_block schoology-auth 312
take_to_syncing 2025-2026 "${schools[@]}"
expect_exact 2025-2026

seq=$(last_write)
sim mutate key-self-only
wait_block schoology-auth 312
sim mutate new-student 312 7 >/dev/null
expect_refusal SR-SCHOOLOGY-AUTH 1 ctl sync 312 --wait --timeout 30
expect_no_writes_since "$seq" "with a key that reads only itself"
sim mutate key-restore
