#!/usr/bin/env bash
# Resume before terms are mapped, and before a rehearsal: refused with what is missing and what to type.
. "$(dirname -- "$0")/lib.sh"

district
seq=$(last_write)
choose_year 2025-2026 "${schools[@]}"
wait_phase year-set "${schools[@]}"
expect_refusal SR-TERMS-UNMAPPED 1 ctl resume 312
expect_text "sisrollctl terms map 312"
expect_no_writes_since "$seq" "by a refused resume"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
seq=$(last_write)
expect_exit 1 ctl resume 312 --check
expect_text rehearsal
expect_exit 1 ctl resume 312
expect_text "sisrollctl rehearse 312"
expect_phase terms-mapped 312
expect_no_writes_since "$seq" "by a refused resume"

expect_exit 0 ctl rehearse 312 --wait --timeout 60
expect_exit 0 ctl resume 312 --check
expect_exit 1 ctl resume --all --wait --timeout 60
wait_phase syncing 312
expect_phase terms-mapped 415
