#!/usr/bin/env bash
# A year is chosen in two steps. A token that was used, invented, or whose preview no longer holds is refused.
. "$(dirname -- "$0")/lib.sh"

district
token=$(token_for 2025-2026 312)
expect_refusal SR-TOKEN-STALE 1 ctl year set 2025-2026 312 --token 00000000000000000000000000000000
expect_refusal SR-TOKEN-STALE 1 ctl year set 2025-2026 415 --token "$token"
expect_equal "chosen at 415" null "$(school 415 .chosen_year)"

token=$(token_for 2025-2026 312)
expect_exit 0 ctl year set 2025-2026 312 --token "$token" --wait --timeout 30
wait_phase year-set 312
expect_exit 0 ctl year set 2025-2026 312 --token "$token"
expect_text "nothing to do"

used=$token
token=$(token_for 2026-2027 312)
expect_exit 0 ctl year cancel 312
expect_refusal SR-TOKEN-STALE 1 ctl year set 2025-2026 312 --token "$used"
expect_refusal SR-TOKEN-STALE 1 ctl year set 2026-2027 312 --token "$token"
expect_exit 4 ctl year set 2025-2026 312 --yes
expect_equal "chosen by --yes" null "$(school 312 .chosen_year)"
