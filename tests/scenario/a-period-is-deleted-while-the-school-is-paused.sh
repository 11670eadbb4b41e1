#!/usr/bin/env bash
# While a school is paused, somebody deletes the grading period of one of its terms. The school can neither resume nor
# map: the refusals say the way out, which is to choose the year it has once more, so that it comes through the map
# and the gate again. Nothing is written meanwhile, and in the end everything stands as PowerSchool says.
. "$(dirname -- "$0")/lib.sh"

installed
expect_exit 0 ctl pause 312 --reason 'a look at the periods'
title=$(ctl terms list 312 --json | jq -r '[.schools[0].terms[] | select((.periods | length) > 0)][0].periods[0].title // empty')
[ -n "$title" ] || title=$(sim query "select p.title from sgy_period p join sgy_section_period x on x.period_id = p.id
	join sgy_section s on s.id = x.section_id where s.section_school_code like '312-2025-%' limit 1")
sim mutate delete-period "$title" >/dev/null
expect_exit 0 ctl refresh 312 --wait --timeout 30

seq=$(last_write)
expect_refusal SR-TERMS-BROKEN 1 ctl resume 312
expect_text 'sisrollctl year set 2025-2026 312'
expect_refusal SR-NO-PHASE 1 ctl terms automap 312
expect_text 'sisrollctl year set 2025-2026 312'
expect_phase paused 312
expect_no_writes_since "$seq" "while it is paused and its term has no period"

choose_year 2025-2026 312
wait_phase year-set 312
map_terms 312
wait_phase terms-mapped 312
expect_only_periods_since "$seq"
expect_exit 0 ctl rehearse 312 --wait --timeout 60
expect_exit 0 ctl resume 312 --wait --timeout 60
wait_phase syncing 312
map_terms 415 # schools of the same dates share their periods
run_all
expect_exact 2025-2026
expect_no_other_year_writes
