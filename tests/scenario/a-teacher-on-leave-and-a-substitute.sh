#!/usr/bin/env bash
# A teacher goes on leave, and nobody is there yet: a section is never left without its last teacher. A colleague comes:
# he is added and confirmed first, then the one on leave is archived.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06
section=$(a_led_class 312)
teachers() {
	sim query "select count(*) from sgy_enrollment e join sgy_section g on g.id = e.section_id
		where g.section_school_code like '%-$section' and e.admin = 1 and e.status = 1"
}
old=$(lead_of "$section")
expect_equal "teachers of the section" 1 "$(teachers)"
sim mutate vacate-section "$section" >/dev/null
seq=$(last_write)
drop_now 312
drop_now 312
expect_no_writes_since "$seq" "while nobody else teaches it"
expect_equal "the teacher on leave" 1 "$(member_status "$old" "$section")"
expect_exit 0 ctl run show "$(ctl runs 312 --json | jq '.runs[0].id')"
expect_text "last-teacher"
expect_exit 0 ctl explain section "$section"

sim mutate take-section "$section" >/dev/null
new=$(lead_of "$section")
[ "$old" != "$new" ] || fail "the colleague is the same"
drop_now 312
expect_equal "the colleague" 1 "$(member_status "$new" "$section")"
drop_now 312
expect_equal "the teacher on leave" 5 "$(member_status "$old" "$section")"
expect_equal "teachers of the section" 1 "$(teachers)"
