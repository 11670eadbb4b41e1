#!/usr/bin/env bash
# Another lead is put over the old one on the section's page: nothing ends in PowerSchool, the old name is simply gone.
# The new one is added first; once he is confirmed, the old one is archived.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06
section=$(a_led_class 312)
old=$(lead_of "$section")
expect_equal "the old lead" 1 "$(member_status "$old" "$section")"
sim mutate replace-lead "$section" >/dev/null
new=$(lead_of "$section")
[ "$old" != "$new" ] || fail "the lead is the same"
drop_now 312
expect_equal "the new lead" 1 "$(member_status "$new" "$section")"
expect_equal "the old lead, while the new one is only just confirmed" 1 "$(member_status "$old" "$section")"
drop_now 312
expect_equal "the old lead" 5 "$(member_status "$old" "$section")"
expect_equal "the new lead" 1 "$(member_status "$new" "$section")"
seq=$(last_write)
drop_now 312
expect_no_writes_since "$seq" "after it"
