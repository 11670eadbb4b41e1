#!/usr/bin/env bash
# Schoology answers 429, with and without Retry-After, for a while. The run slows down and comes to its end.
. "$(dirname -- "$0")/lib.sh"

district
choose_year 2025-2026 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
sim fault add 429 --service sgy --after 3 --count 4
sim fault add 429 --service sgy --after 12 --count 3 --retry-after 1
ctl resume "${schools[@]}" --wait --timeout 60 >/dev/null 2>&1 || true
wait_phase syncing "${schools[@]}"
sim fault clear
expect_exact 2025-2026
expect_exit 0 sim requests --window-ms 200
say "$(head -n 1 <<<"$out")"
