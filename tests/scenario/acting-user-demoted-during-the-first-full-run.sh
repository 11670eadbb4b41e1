#!/usr/bin/env bash
# In the middle of the first full run of the new year somebody makes the acting user a teacher. The schools stop where they
# are and say why; they stay resumed. When he is an administrator again the runs go on by themselves, and nothing is twice.
. "$(dirname -- "$0")/lib.sh"

written() { # AT LEAST
	[ "$(writes_since "$seq")" -ge "$1" ]
}

installed
sim snapshot spring >/dev/null
expect_exit 0 ctl pause --all --reason "summer"
day_is 2026-07-20
end_of_year
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60

seq=$(last_write)
sim fault add slow --service sgy --method POST --ms 700 --count 0 >/dev/null
expect_exit 0 ctl resume "${schools[@]}"
wait_until 30 "the first writes of the new year" written 1
sim mutate acting-user-demote >/dev/null
wait_block acting-user-invalid 312
expect_phase resumed "${schools[@]}"
sim fault clear >/dev/null
expect_exit 0 ctl status 312
expect_text "acting-user-invalid"
expect_equal "acting user sound" false "$(ctl acting-user show --json | jq .acting_user.ok)"
wait_until 30 "what was in flight" nothing_runs
half=$(last_write)
expect_refusal SR-ACTING-USER-INVALID 1 ctl sync 312
expect_exit 0 ctl resume 312
expect_refusal SR-ACTING-USER-INVALID 1 ctl refresh --wait --timeout 30
crash_and_restart
expect_phase resumed "${schools[@]}"
wait_block acting-user-invalid 312
expect_no_writes_since "$half" "as long as the acting user is a teacher"
alerted() {
	ctl alerts list | grep -q acting-user-invalid
}
wait_until 30 "an alert" alerted

sim mutate acting-user-restore >/dev/null
wait_no_block acting-user-invalid 312
wait_phase syncing "${schools[@]}"
expect_exact 2026-2027 --snapshot spring
expect_equal "accounts that are there twice" 0 "$(sim query "select count(*) from (select school_uid from sgy_user
	where school_uid <> '' group by school_uid having count(*) > 1)")"
seq=$(last_write)
run_all
expect_no_writes_since "$seq" "by one more run"
expect_no_other_year_writes
