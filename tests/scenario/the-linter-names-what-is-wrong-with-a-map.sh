#!/usr/bin/env bash
# Every rule of the linter in turn, at a school whose new year is set: what `terms lint` says, with term, period,
# numbers and the way out, and whether it stands in the way of `resume`.
. "$(dirname -- "$0")/lib.sh"

# lint RULE LEVEL TEXT WAY: the linter says so of the first semester.
lint() {
	local found

	expect_exit "$([ "$2" = error ] && echo 1 || echo 0)" ctl terms lint 312 --json
	found=$(jq -c --arg rule "$1" "[.schools[0].terms[] | select(.term == ${5:-$fall}) | .findings[] |
		select(.rule == \$rule)] | first" <<<"$out")
	[ "$found" != null ] || fail "the linter does not say $1"
	[ "$(jq -r .level <<<"$found")" = "$2" ] || fail "$1 is no $2: $found"
	[[ $(jq -r .text <<<"$found") == *"$3"* ]] || fail "$1 does not say '$3': $found"
	[[ $(jq -r .do <<<"$found") == "$4"* ]] || fail "$1 does not lead to '$4': $found"
	ctl terms lint 312 >"$box/lint.txt" || true
	grep -F "$1: " "$box/lint.txt" | grep -qF "${5:-$fall}" || fail "the page does not say $1"
}

# stops yes|no: the gate's check of the terms, and resume itself.
stops() {
	local pass

	out=$(ctl resume 312 --check --json) || true
	pass=$(jq -r '.gates[0].checks[] | select(.check == "terms") | .pass' <<<"$out")
	if [ "$1" = yes ]; then
		[ "$pass" = false ] || fail "the gate lets an unsound map pass"
		expect_exit 1 ctl resume 312
		expect_text "SR-TERMS"
	else
		expect_exit 1 ctl resume 312
		! grep -q 'SR-TERMS' <<<"$out" || fail "a warning stops resume"
	fi
	say "${2}: stops resume: $1"
}

# period TITLE START END: somebody made it in Schoology; prints its id.
period() {
	sim mutate add-period "$1" "$2" "$3" >/dev/null
	ctl refresh --wait --timeout 30 >/dev/null
	ctl periods list --json | jq ".periods[] | select(.title == \"$1\") | .id"
}

map() { # PERIODS [OPTION...]
	ctl terms map 312 "$fall" --period "$@" >/dev/null
	ctl refresh --wait --timeout 30 >/dev/null
}

installed
expect_exit 0 ctl pause --all
day_is 2026-07-20
end_of_year
choose_year 2026-2027 312
wait_phase year-set 312
seq=$(last_write)
fall=$(sim query "select id from terms where schoolid = 312 and yearid = 36 and abbreviation = 'S1'")
first=$(sim query "select date(firstday) from terms where schoolid = 312 and id = $fall")
last=$(sim query "select date(lastday) from terms where schoolid = 312 and id = $fall")
old=$(ctl terms list 312 --year 2025-2026 --json | jq '.schools[0].terms[] | select(.abbreviation == "S1") | .periods[0].id')

lint unmapped error 'sections' "terms map 312 $fall --create"
stops yes unmapped
map_terms 312
wait_phase terms-mapped 312
good=$(ctl terms list 312 --json | jq ".schools[0].terms[] | select(.term == $fall) | .periods[0].id")

# Last year's period: refused, unless somebody says why.
expect_refusal SR-LINT 1 ctl terms map 312 "$fall" --period "$old"
expect_text last-year-period
expect_refusal SR-REASON-NEEDED 1 ctl terms map 312 "$fall" --period "$old" --force
map "$old" --force --reason 'the old one is prolonged by hand'
lint last-year-period warning 'an earlier year' "terms map 312 $fall --create"
stops no 'last-year-period, forced'
expect_exit 0 ctl terms list 312
expect_text 'the old one is prolonged by hand'
expect_exit 0 ctl history 312
expect_text 'the old one is prolonged by hand'

early=$(period 'Summer camp' 2026-07-01 2026-08-10)
expect_refusal SR-LINT 1 ctl terms map 312 "$fall" --period "$early"
expect_text last-year-period
late=$(period 'Spring only' 2027-03-01 2027-04-30)
expect_refusal SR-LINT 1 ctl terms map 312 "$fall" --period "$late"
expect_text no-overlap
map "$late" --force --reason 'wrong on purpose'
lint no-overlap warning 'no day in common' "terms map 312 $fall --create"
stops no 'no-overlap, forced'

half=$(period 'Fall, first half' "$first" 2026-10-15)
map "$half"
lint gap warning '2026-10-16' "terms map 312 $fall --period"
lint dates-differ warning "$first to $last" "terms dates 312 $fall --as-powerschool"
stops no 'gap and dates-differ'

map "$half,$good"
lint double-cover warning 'overlaps' "terms map 312 $fall --period"
stops no double-cover

named=$(period 'Fall 2024' "$first" "$last")
map "$named"
lint title-year warning 2024 "terms map 312 $fall --create"
stops no title-year

# The period of a map is deleted by hand.
sim mutate delete-period 'Fall 2024' >/dev/null
ctl refresh --wait --timeout 30 >/dev/null
wait_phase year-set 312
lint period-gone error 'does not exist' "terms map 312 $fall --create"
stops yes period-gone
map "$good"
wait_phase terms-mapped 312

# The only section of a mapped term is taken away: the term needs no period any more.
sim mutate new-term 312 2026-2027 312:2026:2 >/dev/null
ctl refresh --wait --timeout 30 >/dev/null
unused=$(sim query "select max(id) from terms where schoolid = 312 and yearid = 36")
expect_exit 0 ctl terms map 312 "$unused" --create
sim mutate remove-section 312:2026:2 >/dev/null
ctl refresh --wait --timeout 30 >/dev/null
lint not-used note 'no section' "terms unmap 312 $unused" "$unused"
stops no not-used
expect_only_periods_since "$seq"
expect_no_other_year_writes
