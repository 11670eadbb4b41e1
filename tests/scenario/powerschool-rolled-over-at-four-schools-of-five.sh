#!/usr/bin/env bash
# PowerSchool's end-of-year process went through at four schools of five. The four go on into the new year; the fifth
# waits with its choice, says what for, and writes nothing. On the day after it has rolled over too, and follows.
. "$(dirname -- "$0")/lib.sh"

schools=(101 102 312 415 420)
four=(101 102 312 415)
installed small,schools=5,students=100,hold=0,early=0
sim snapshot spring >/dev/null
expect_exit 0 ctl pause --all --reason "summer"
day_is 2026-07-20
end_of_year --except 420
expect_exit 0 ctl status
expect_text "rolled over at 4 of 5"
expect_equal "South High has rolled over" false "$(school 420 .sis.rolled)"

seq=$(last_write)
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set "${four[@]}"
expect_phase paused 420
expect_equal "its choice" 2026-2027 "$(school 420 .chosen_year)"
expect_equal "its year" 2025-2026 "$(school 420 .active_year)"
expect_refusal SR-CHOICE-PENDING 1 ctl resume 420
expect_text "waits for PowerSchool's rollover here (0 of "
expect_refusal SR-NO-PHASE 1 ctl terms automap 420 --yes
expect_exit 0 ctl year list
expect_text "2026-2027"
map_terms "${four[@]}"
wait_phase terms-mapped "${four[@]}"
expect_exit 0 ctl rehearse "${four[@]}" --wait --timeout 60
expect_only_periods_since "$seq"
expect_exit 0 ctl resume "${four[@]}" --wait --timeout 80
wait_phase syncing "${four[@]}"

# A restart and a new look change nothing for the fifth: no class of it is touched, in either year.
crash_and_restart
expect_phase paused 420
expect_equal "what South High waits for" 2026-2027 "$(school 420 .chosen_year)"
expect_equal "sections of South High in the new year" 0 \
	"$(sim query "select count(*) from sgy_section where section_school_code like '420-2026-%'")"
expect_equal "runs of South High on the new year" 0 "$(ctl runs 420 --json | jq '[.runs[] | select(.year == "2026-2027")] | length')"

# The way out: PowerSchool rolls it over; by itself it goes as far as a person is needed.
end_of_year
wait_phase year-set 420
map_terms 420
wait_phase terms-mapped 420
expect_exit 0 ctl rehearse 420 --wait --timeout 60
expect_exit 0 ctl resume 420 --wait --timeout 60
wait_phase syncing 420
expect_exact 2026-2027 --snapshot spring
expect_no_other_year_writes
