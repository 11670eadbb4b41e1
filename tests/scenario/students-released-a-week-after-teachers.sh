#!/usr/bin/env bash
# Teachers and sections are there a week before the students. The students come into their classes on their day by
# themselves; another school's are let in at once. A day that is moved later takes nobody out of a class.
. "$(dirname -- "$0")/lib.sh"

# Members of this year's sections in Schoology: ADMIN (1: teachers) SCHOOL.
members() {
	sim query "select count(*) from sgy_enrollment e join sgy_section s on s.id = e.section_id
		where e.admin = $1 and e.status = 1 and s.section_school_code like '$2-2025-%'"
}

# Enrollments of the school that the last run did not release.
not_released() {
	school "$1" .release.not_released
}

nobody_waits() { # SCHOOL
	nothing_runs "$1" && [ "$(not_released "$1")" -eq 0 ]
}

somebody_waits() { # SCHOOL
	nothing_runs "$1" && [ "$(not_released "$1")" -gt 0 ]
}

district small,hold=0 2025-08-19
choose_year 2025-2026 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_equal "periods of the whole year, named by it once" 1 \
	"$(ctl periods list --json | jq '[.periods[] | select(.title == "2025-2026")] | length')"
expect_refusal SR-INVALID 1 ctl release 312
expect_refusal SR-INVALID 1 ctl release 312 --on 2027-01-01
expect_exit 0 ctl release "${schools[@]}" --on 2025-08-26 --reason 'schedules are mended until then'
expect_text 'students come into their classes on 2025-08-26'
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
expect_exit 0 ctl resume "${schools[@]}" --wait --timeout 60
wait_phase syncing "${schools[@]}"

for number in "${schools[@]}"; do
	[ "$(members 1 "$number")" -gt 0 ] || fail "no teacher is in a class of $number"
	expect_equal "students in classes of $number a week before" 0 "$(members 0 "$number")"
	waiting=$(not_released "$number")
	[ "$waiting" -gt 0 ] || fail "status does not count who waits at $number"
	expect_exit 0 ctl status "$number"
	expect_text "students released on 2025-08-26: $waiting enrollments wait"
	run=$(school "$number" .last_run.id)
	expect_equal "not-released in run $run" "$waiting" \
		"$(ctl run show "$run" --json | jq '.. | .verdicts? // empty | .enrollment["not-released"]' | head -n 1)"
done
expect_exit 0 ctl history 312
expect_text 'schedules are mended until then'
student=$(sim query "select cast(s.student_number as integer) from students s join cc on cc.studentid = s.id
	where cc.schoolid = 415 and cc.sectionid > 0 and cc.termid = 3500 and s.schoolid = 415 order by s.id limit 1")
expect_exit 0 ctl explain student "$student"

# One school does not wait for its day; the other one still does.
expect_exit 0 ctl release 312 --now
wait_until 30 "students in the classes of 312" nobody_waits 312
[ "$(members 0 312)" -gt 0 ] || fail "no student is in a class of 312"
expect_equal "students in classes of 415 meanwhile" 0 "$(members 0 415)"
inside=$(members 0 312)

# Later again: whoever is in a class stays.
seq=$(last_write)
expect_exit 0 ctl release 312 --on 2025-09-15
wait_until 30 "the count of those not released" somebody_waits 312
run_all_of 312
expect_equal "students in classes of 312 after the day was moved" "$inside" "$(members 0 312)"
expect_no_writes_since "$seq" "for a day that was moved later"
expect_exit 0 ctl release 312 --as-configured
expect_exit 0 ctl release 312 --as-configured
expect_text 'nothing to do'

# On the day they come by themselves.
day_is 2025-08-26
wait_until 30 "students in the classes of 415" nobody_waits 415
wait_until 30 "the end of all runs" nothing_runs
[ "$(members 0 415)" -gt 0 ] || fail "no student is in a class of 415 on the day"
expect_exact 2025-2026
expect_no_other_year_writes
