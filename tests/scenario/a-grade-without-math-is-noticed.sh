#!/usr/bin/env bash
# The master schedule of the new year has no math for one grade of Cedar Middle: nothing a sync could call an error.
# The gate holds last year's figures beside it, and says so before anything is written.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=1
sim snapshot spring >/dev/null
expect_exit 0 ctl pause --all --reason "summer"
day_is 2026-07-20
sim mutate add-next-terms 415 >/dev/null
end_of_year
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"

expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
expect_exit 0 ctl resume 312 --check
expect_text "counts"
expect_text "2025-2026:"

sections=$(sim query "select s.dcid from sections s join courses c on c.course_number = s.course_number
	where s.schoolid = 312 and s.termid between 3600 and 3699 and c.credittype = 'Mathematics' and c.course_number = '0208'")
[ -n "$sections" ] || fail "the district has no mathematics in grade 8"
for section in $sections; do
	sim mutate remove-section "$section" >/dev/null
done
seq=$(last_write)
expect_exit 0 ctl rehearse 312 --wait --timeout 60
expect_exit 1 ctl resume 312 --check
expect_text "grade 8 has no section in Mathematics (last year "
expect_refusal SR-COUNTS 1 ctl resume 312
expect_text "sisrollctl plan summary 312"
expect_exit 0 ctl plan summary
expect_text "grade 8 has no section in Mathematics"
expect_equal "the strangest school" 312 "$(ctl plan summary --json | jq '.summary[0].school')"
expect_equal "an outlier" true "$(ctl plan summary --json | jq '.summary[0].outlier')"
expect_no_writes_since "$seq" "while the figures cannot be true"
expect_phase terms-mapped 312

# The other school's figures are right: --all resumes it, and lists the one that stays.
expect_exit 1 ctl resume --all --wait --timeout 60
expect_text "SR-COUNTS"
wait_phase syncing 415
expect_phase terms-mapped 312
expect_no_other_year_writes
