#!/usr/bin/env bash
# Schoology carries requests out, and their answers are lost. sisroll asks by key and makes nothing twice.
. "$(dirname -- "$0")/lib.sh"

district
choose_year 2025-2026 "${schools[@]}"
wait_phase year-set "${schools[@]}"
sim fault add lost-answer --service sgy --method POST --path /v1/gradingperiods --count 2
ctl terms automap "${schools[@]}" --yes >/dev/null 2>&1 || map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_equal "grading periods of one title" 1 \
	"$(sim query "select max(n) from (select count(*) n from sgy_period group by title)")"
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
sim fault clear
sim fault add lost-answer --service sgy --method POST --after 1 --count 4
sim fault add lost-answer --service sgy --method PUT --after 1 --count 2
ctl resume "${schools[@]}" --wait --timeout 60 >/dev/null 2>&1 || true
wait_phase syncing "${schools[@]}"
sim fault clear
expect_exact 2025-2026
seq=$(last_write)
run_all
expect_no_writes_since "$seq" "a second run"
