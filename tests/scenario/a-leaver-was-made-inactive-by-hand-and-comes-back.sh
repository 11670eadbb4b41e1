#!/usr/bin/env bash
# An office makes accounts inactive by hand, before PowerSchool says that they left, or though they never do. Who is
# there again gets the account that he had, with his classes; no account is made a second time.
. "$(dirname -- "$0")/lib.sh"

schools=(312)
installed small,hold=0 2025-10-06
students=$(sim query "select cast(s.student_number as integer) from students s where s.schoolid = 312 and s.enroll_status = 0
	order by s.dcid limit 3")
mapfile -t who <<<"$students"
active() {
	sim query "select group_concat(active) from sgy_user where school_uid = '$1'"
}

# One leaves and comes back; his account was ended by hand meanwhile.
sim mutate deactivate-user "${who[0]}" >/dev/null
sim mutate transfer-out "${who[0]}" >/dev/null
run_all
sim mutate readmit "${who[0]}" >/dev/null
run_all
expect_equal "accounts of ${who[0]}, active" 1 "$(active "${who[0]}")"

# Another never left: the office was wrong. It is noticed by what Schoology refuses, and mended by the next run.
sim mutate deactivate-user "${who[1]}" >/dev/null
sim mutate name-change "${who[1]}" Newname >/dev/null
run_all
expect_equal "set aside" 1 "$(ctl quarantine list 312 --json | jq '.quarantine | length')"
run_all
run_all
expect_equal "accounts of ${who[1]}, active" 1 "$(active "${who[1]}")"
expect_equal "his name in Schoology" Newname "$(sim query "select name_last from sgy_user where school_uid = '${who[1]}'")"
expect_equal "set aside" 0 "$(ctl quarantine list 312 --json | jq '.quarantine | length')"
expect_exact 2025-2026

# Where a person is to be asked first, it waits for his approval.
printf '[sync]\nfound_inactive = ask\n' >>"$box/sisrolld.conf"
daemon_stop
daemon_start "$today"
look
sim mutate deactivate-user "${who[2]}" >/dev/null
sim mutate transfer-out "${who[2]}" >/dev/null
run_all
sim mutate readmit "${who[2]}" >/dev/null
run_all
expect_equal "accounts of ${who[2]}, active" 0 "$(active "${who[2]}")"
expect_exit 0 ctl plan show "$(ctl plan list 312 --json | jq '[.plans[].id] | max')"
expect_text "found_inactive = ask"
expect_exit 0 ctl waiting approve 312 --yes --wait
wait_until 30 "the end of the run" nothing_runs 312
run_all
expect_equal "accounts of ${who[2]}, active" 1 "$(active "${who[2]}")"
expect_exact 2025-2026
