#!/usr/bin/env bash
# Somebody sets the vendor's own app to automatic again. It makes a synced section in a course of ours, a course of
# its own and an account, and writes its titles over ours. The daily look blocks the school; after a person's word these objects are
# known, and what the app does afterwards blocks the school anew.
. "$(dirname -- "$0")/lib.sh"

title_of() {
	sim query "select title from sgy_section where section_school_code = '$1'"
}

known_to_verify() { # KIND OF FINDING
	jq "[.schools[0].report.findings[] | select(.what == \"$1\")] | length" <<<"$out"
}

installed
run_all
course=$(sim query "select c.course_code from sgy_course c join sgy_section s on s.course_id = c.id
	where s.section_school_code like '312-2025-%' order by c.id limit 1")

# What a teacher makes by hand is no integration's doing.
sim mutate other-writer-section "$course" made-by-hand >/dev/null
sim mutate by-hand-section made-by-hand >/dev/null
day_is 2026-03-03
wait_until 30 "quiet" nothing_runs
expect_equal "blocks" 0 "$(school 312 '.blocks | length')"

sim mutate other-writer-section "$course" 4411 >/dev/null
sim mutate other-writer-course 'ALG-2' 312 >/dev/null
sim mutate other-writer-user 4711-X 312 >/dev/null
seq=$(last_write)
day_is 2026-03-04
wait_block foreign-writer 312
has_no_block foreign-writer 415 || fail "415 has nothing to do with it"
out=$(ctl status 312)
expect_text "foreign-writer"
out=$(school 312 '.blocks[].clear')
expect_text "unblock SCHOOL foreign-writer"
sim mutate new-student 312 7 >/dev/null
expect_refusal SR-FOREIGN-WRITER 1 ctl sync 312
expect_no_writes_since "$seq" "while another writes here"

# A look names them, and a person's word makes them known.
expect_exit 4 ctl verify 312 --afresh --json
expect_equal "another's objects" 3 "$(known_to_verify foreign)"
expect_exit 0 ctl unblock 312 foreign-writer --reason 'the app is on Manual again' --yes
run_all
expect_exit 0 ctl verify 312 --afresh --json
expect_equal "another's objects" 0 "$(known_to_verify foreign)"
expect_equal "left alone" 1 "$(sim query "select count(*) from sgy_section where section_school_code = '4411'")"
day_is 2026-03-05
wait_until 30 "quiet" nothing_runs
expect_equal "blocks" 0 "$(school 312 '.blocks | length')"

# A title that is written over is repaired once; put back within the day, it is no hand's doing.
code="312-2025-$(sim query "select min(dcid) from sections where schoolid = 312 and termid = 3500")"
ours=$(title_of "$code")
sim mutate retitle-section "$code" 'Theirs' >/dev/null
expect_exit 0 ctl verify 312 --repair --afresh
expect_equal "its title" "$ours" "$(title_of "$code")"
sim mutate retitle-section "$code" 'Theirs' >/dev/null
expect_exit 4 ctl verify 312 --afresh --json
expect_equal "put back" 1 "$(known_to_verify flipped)"
wait_block foreign-writer 312
seq=$(last_write)
expect_exit 4 ctl verify 312 --repair --afresh
expect_no_writes_since "$seq" "while another writes here"
expect_exit 0 ctl unblock 312 foreign-writer --reason 'once more on Manual' --yes
run_all
expect_equal "its title" "$ours" "$(title_of "$code")"
expect_equal "blocks" 0 "$(school 312 '.blocks | length')"
expect_phase syncing "${schools[@]}"
expect_no_other_year_writes
