#!/usr/bin/env bash
# The database is lost and somebody has changed the templates of keys and logins: the buildings are full of people
# that would all be made a second time. Nothing is sent until a person has looked and said so.
. "$(dirname -- "$0")/lib.sh"

installed
daemon_stop
rm -r "$box/state"
cat >>"$box/sisrolld.conf" <<-END
	[identity]
	student_uid = N{student_number}
	student_username = n{student_number}
END
daemon_start "$today"
look
choose_year 2025-2026 312
wait_phase year-set 312
map_terms 312
wait_phase terms-mapped 312
seq=$(last_write)
ctl rehearse 312 --wait --timeout 60 >/dev/null 2>&1 || true
has_block duplicate-suspect 312 || expect_exit 1 ctl resume 312 --wait --timeout 60
wait_block duplicate-suspect 312
expect_exit 1 ctl resume 312
expect_phase terms-mapped 312
expect_no_writes_since "$seq" "while twins are suspected"

expect_refusal SR-UNKNOWN-BLOCK 1 ctl unblock 312 foreign-writer --reason "looked" --yes
expect_refusal SR-REASON-NEEDED 1 ctl unblock 312 duplicate-suspect --yes
expect_exit 0 ctl unblock 312 duplicate-suspect --reason "looked: other people" --yes
wait_no_block duplicate-suspect 312
expect_exit 0 ctl history 312
expect_text "looked: other people"
