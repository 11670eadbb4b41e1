#!/usr/bin/env bash
# Two have left and are listed. While the list is looked at, one of them comes back: PowerSchool is asked again at the
# last moment, he is left out, and that is said.
. "$(dirname -- "$0")/lib.sh"

schools=(312)
installed small,hold=0 2025-10-06
students=$(sim query "select cast(s.student_number as integer) from students s where s.schoolid = 312 and s.enroll_status = 0
	order by s.dcid limit 2")
gone=${students%%$'\n'*} back=${students##*$'\n'}
sim mutate transfer-out "$gone" >/dev/null
sim mutate transfer-out "$back" >/dev/null
run_all
expect_exit 0 ctl inactive plan 312 --wait --timeout 30
plan=$(ctl plan list 312 --json | jq '[.plans[] | select(.kind == "inactive") | .id] | max')
expect_equal "listed" 2 "$(ctl plan show "$plan" --json | jq '.items | length')"
expect_exit 4 ctl inactive apply "$plan" --json
token=$(jq -r .preview.token <<<"$out")

sim mutate readmit "$back" >/dev/null
expect_exit 0 ctl inactive apply "$plan" --token "$token" --count 2 --wait --timeout 30
expect_text "1 accounts made inactive, 1 left out (came back)"
expect_exit 0 ctl plan show "$plan"
expect_text "came back: PowerSchool has him active again"
expect_equal "$gone active in Schoology" 0 "$(sim query "select active from sgy_user where school_uid = '$gone'")"
expect_equal "$back active in Schoology" 1 "$(sim query "select active from sgy_user where school_uid = '$back'")"
expect_equal "accounts ended" 1 "$(sim query "select n from sgy_counter where name = 'users_deleted'")"
