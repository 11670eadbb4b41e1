#!/usr/bin/env bash
# Somebody maps a term of the new year to last year's grading period, with a reason. It is refused without one; with
# it the school may go on, last year's sections are left alone, and that period is never moved into the new year. The
# way out is a period of its own: the sections follow with the next run.
. "$(dirname -- "$0")/lib.sh"

in_period() { # PERIOD YEAR: sections of 312 of that year that stand in it
	sim query "select count(*) from sgy_section_period p join sgy_section s on s.id = p.section_id
		where p.period_id = $1 and s.section_school_code like '312-$2-%'"
}

installed
expect_exit 0 ctl pause --all
day_is 2026-08-20
end_of_year
schools=(312)
choose_year 2026-2027 312
wait_phase year-set 312
map_terms 312
wait_phase terms-mapped 312
fall=$(sim query "select id from terms where schoolid = 312 and yearid = 36 and abbreviation = 'S1'")
old=$(ctl terms list 312 --year 2025-2026 --json | jq '.schools[0].terms[] | select(.abbreviation == "S1") | .periods[0].id')
sections=$(in_period "$old" 2025)
expect_refusal SR-LINT 1 ctl terms map 312 "$fall" --period "$old"
expect_exit 0 ctl terms map 312 "$fall" --period "$old" --force --reason 'prolonged by hand'
seq=$(last_write)
expect_refusal SR-PERIOD-YEAR 1 ctl terms dates 312 "$fall" --as-powerschool
expect_text "sections of another year"
expect_no_writes_since "$seq" "by dates of a period of last year"

expect_exit 0 ctl rehearse 312 --wait --timeout 60
expect_exit 0 ctl resume 312 --wait --timeout 60
wait_phase syncing 312
expect_equal "last year's sections in last year's period" "$sections" "$(in_period "$old" 2025)"
[ "$(in_period "$old" 2026)" -gt 0 ] || fail "no section of the new year went where it was forced to"
expect_exit 0 ctl terms lint 312
expect_text "last-year-period: period $old"

expect_exit 0 ctl terms map 312 "$fall" --create
run_all
if in_world past_put_refused=1; then
	# There a section that ended is not changed any more: they stay, set aside with the reason, and the list says so.
	out=$(ctl quarantine list 312)
	expect_text "section"
	expect_equal "last year's sections in last year's period" "$sections" "$(in_period "$old" 2025)"
	expect_no_other_year_writes
	exit 0
fi
expect_equal "sections of the new year in last year's period" 0 "$(in_period "$old" 2026)"
expect_equal "last year's sections in last year's period" "$sections" "$(in_period "$old" 2025)"
seq=$(last_write)
run_all
expect_no_writes_since "$seq" "by one more run"
expect_no_other_year_writes
