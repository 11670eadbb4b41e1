#!/usr/bin/env bash
# The end of the first semester moves in PowerSchool. It is reported, once and with the command; nothing moves in
# Schoology by itself. The operator looks at what the grading periods would take along, and lets them follow.
. "$(dirname -- "$0")/lib.sh"

period() { # TERM FIELD: of the grading period the term is mapped to at 312
	sim query "select $2 from sgy_period where id = $(ctl terms list 312 --json |
		jq ".schools[0].terms[] | select(.term == $1) | .periods[0].id")"
}

finding_of() { # RULE
	ctl terms list 312 --json | jq -r "[.schools[0].terms[].findings[] | select(.rule == \"$1\") | .do] | first // \"\""
}

installed small,hold=0 2025-11-10
term=$(sim query "select id from terms where schoolid = 312 and yearid = 35 and abbreviation = 'S1'")
other=$(sim query "select id from terms where schoolid = 312 and yearid = 35 and abbreviation = 'S2'")
first=$(sim query "select date(firstday) from terms where schoolid = 312 and id = $term")
was=$(period "$term" end_)
sim mutate term-dates 312 "$term" "$first" 2026-01-09 >/dev/null
seq=$(last_write)
expect_exit 0 ctl refresh --wait --timeout 30
run_all
run_all
expect_no_writes_since "$seq" "for dates that moved in PowerSchool"
expect_equal "the period's end" "$was" "$(period "$term" end_)"
expect_equal "lines of the journal about it" 1 "$(grep -c 'dates of a mapped term moved' "$box/sisrolld.log")"
[[ $(finding_of term-moved) == "terms dates 312 $term --as-powerschool"* ]] || fail "'terms list' does not say what to type"
expect_exit 0 ctl status 312
expect_text "terms dates 312 $term --as-powerschool"

# What would not do is refused before anything is sent.
expect_refusal SR-INVALID 1 ctl terms dates 312 "$term" --from 2026-01-09 --to 2025-09-01
expect_refusal SR-PERIOD-YEAR 1 ctl terms dates 312 "$term" --from "$first" --to 2026-09-30
expect_refusal SR-UNKNOWN-TERM 1 ctl terms dates 312 3777 --as-powerschool
expect_refusal SR-LINT 1 ctl terms dates 312 "$other" --from "$first" --to 2025-10-01

# The preview names everything that goes by the period; only its own token counts.
expect_exit 4 ctl terms dates 312 "$term" --as-powerschool
expect_text "to 2026-01-09"
expect_text "312 Cedar Middle"
expect_exit 4 ctl terms dates 312 "$term" --as-powerschool --json
token=$(jq -r .preview.token <<<"$out")
sections=$(sim query "select count(*) from sgy_section_period where period_id = $(jq '.preview.periods[0].id' <<<"$out")")
expect_equal "sections that the preview counts" "$sections" "$(jq '.preview.periods[0].sections' <<<"$out")"
expect_refusal SR-TOKEN-STALE 1 ctl terms dates 312 "$term" --from "$first" --to 2026-01-12 --token "$token"
expect_no_writes_since "$seq" "by previews and refusals"

# The answer of the call is lost on the way: the list of periods settles it.
expect_exit 4 ctl terms dates 312 "$term" --as-powerschool --json
token=$(jq -r .preview.token <<<"$out")
sim fault add lost-answer --service sgy --method PUT --count 1 >/dev/null
expect_exit 0 ctl terms dates 312 "$term" --as-powerschool --token "$token"
expect_equal "the period's end now" 2026-01-09 "$(period "$term" end_)"
expect_only_periods_since "$seq"
expect_equal "grading periods written" 1 "$(written_of grading_period "$seq")"
expect_equal "what is left to say of it" "" "$(finding_of term-moved)"
expect_exit 0 ctl history 312
expect_text term-dates
run_all
expect_exact 2025-2026
expect_no_other_year_writes
