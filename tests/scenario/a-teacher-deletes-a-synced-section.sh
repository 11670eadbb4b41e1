#!/usr/bin/env bash
# Two teachers delete a section of ours in Schoology. The daily look sees it: both wait, nothing is made again behind
# anybody's back, and nothing is sent about their members. One stays away by a person's word; the other is made again by
# his approval, with its students and its teacher.
. "$(dirname -- "$0")/lib.sh"

sections_of() { # CODE
	sim query "select count(*) from sgy_section where section_school_code = '$1'"
}

members_of() { # CODE
	sim query "select count(*) from sgy_enrollment e join sgy_section s on s.id = e.section_id
		where s.section_school_code = '$1' and e.status = 1"
}

waits_at_312() {
	[ "$(school 312 .waiting)" -eq "$1" ]
}

installed
read -r unwanted wanted < <(sim query "select group_concat(code, ' ') from (select '312-2025-' || dcid code from sections
	where schoolid = 312 and termid = 3500 order by dcid limit 2)")
members=$(members_of "$wanted")
[ "$members" -gt 1 ] || fail "the class has $members members"
for code in "$unwanted" "$wanted"; do
	sim mutate delete-section "$code" >/dev/null
done
seq=$(last_write)

# On the next day the look is due.
day_is 2026-03-03
wait_until 30 "two sections that wait" waits_at_312 2
wait_until 30 "quiet" nothing_runs
run_all
expect_equal "objects written" 0 "$(writes_since "$seq")"
expect_equal "sections of these codes" 0 "$(($(sections_of "$unwanted") + $(sections_of "$wanted")))"
expect_equal "what comes next" "waiting list 312" "$(school 312 .next)"
expect_exit 0 ctl waiting list 312
expect_text "deleted in Schoology by somebody"
expect_exit 0 ctl explain section "$wanted"
expect_text "waiting approve 312"

# One stays deleted: it is not asked about again.
expect_exit 0 ctl waiting reject 312 --section "$unwanted" --reason 'the teacher does without'
expect_exit 0 ctl waiting approve 312 --section "$wanted" --reason 'deleted by mistake' --wait --timeout 60
expect_equal "the wanted one" 1 "$(sections_of "$wanted")"
wait_until 30 "quiet" nothing_runs
run_all
expect_equal "its members" "$members" "$(members_of "$wanted")"
expect_equal "the unwanted one" 0 "$(sections_of "$unwanted")"
expect_equal "waiting" 0 "$(school 312 .waiting)"
expect_equal "sections written" 1 "$(written_of section "$seq")"
seq=$(last_write)
run_all
expect_no_writes_since "$seq" "by another run"
expect_phase syncing "${schools[@]}"
expect_no_other_year_writes
