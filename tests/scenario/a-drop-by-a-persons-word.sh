#!/usr/bin/env bash
# Who cannot wait for the night says so: sync --drops sends in this run, for a school, or for one student alone. A paused
# school drops nobody unless it is said; a run that is confined to a section or a kind never does.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06
read -r one section <<<"$(a_class 312)"
read -r other _ <<<"$(a_class 312 2)"
both=$(sim query "select distinct sec.dcid from cc join sections sec on sec.id = cc.sectionid join students s
	on s.id = cc.studentid where s.student_number = $other and cc.sectionid > 0 and cc.schoolid = 312
	and cc.termid = 3500 order by 1 desc limit 1")
sim mutate drop-enrollment "$one" "$section" >/dev/null
sim mutate drop-enrollment "$other" "$both" >/dev/null
seq=$(last_write)
run_all_of 312
expect_drops held 2 "$(newest_plan 312)" "sent at 02:00"
expect_exit 0 ctl sync 312 --kind membership --drops --wait --timeout 60
expect_drops held 2 "$(newest_plan 312)" "confined to a part"
expect_no_writes_since "$seq" "without the word, or for a part"

expect_exit 0 ctl sync 312 --student "$one" --drops --wait --timeout 60
expect_equal "the student who was named" 5 "$(member_status "$one" "$section")"
expect_equal "the other one" 1 "$(member_status "$other" "$both")"

expect_exit 0 ctl pause 312
day_is 2025-10-08
seq=$(last_write)
expect_exit 0 ctl sync 312 --wait --timeout 60
expect_drops held 1 "$(newest_plan 312)" "a paused school drops nobody"
expect_no_writes_since "$seq" "by a run of a paused school"
drop_now 312
expect_equal "the other one, by a person's word" 5 "$(member_status "$other" "$both")"
