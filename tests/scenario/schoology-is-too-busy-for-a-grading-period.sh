#!/usr/bin/env bash
# Too many requests, just as grading periods are made: they are made a moment later, each once.
. "$(dirname -- "$0")/lib.sh"

district
choose_year 2025-2026 "${schools[@]}"
wait_phase year-set "${schools[@]}"
sim fault add 429 --service sgy --method POST --path /v1/gradingperiods --count 3 >/dev/null
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_equal "titles that two periods have" 0 \
	"$(ctl periods list --json | jq '[.periods | group_by(.title)[] | select(length > 1)] | length')"
