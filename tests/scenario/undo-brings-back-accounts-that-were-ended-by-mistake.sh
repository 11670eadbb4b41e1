#!/usr/bin/env bash
# Leavers' accounts were made inactive, and one of them was no leaver. The act is undone: the accounts are active
# again, and nobody who was not in that list is touched.
. "$(dirname -- "$0")/lib.sh"

schools=(312)
installed small,hold=0 2025-10-06
leaver=$(sim query "select cast(s.student_number as integer) from students s where s.schoolid = 312 and s.enroll_status = 0
	order by s.dcid limit 1")
active() {
	sim query "select active from sgy_user where school_uid = '$leaver'"
}
sim mutate transfer-out "$leaver" >/dev/null
run_all
expect_exit 0 ctl inactive plan 312 --wait --timeout 30
plan=$(newest_plan 312)
expect_exit 4 ctl inactive apply "$plan" --json
count=$(jq .preview.count <<<"$out")
expect_exit 0 ctl inactive apply "$plan" --token "$(jq -r .preview.token <<<"$out")" --count "$count" --wait --timeout 30
expect_equal "made inactive" 0 "$(active)"

run=$(ctl runs 312 --json | jq '[.runs[].id] | max')
expect_refusal SR-UNDO-NOT-PAUSED 1 ctl undo "$run"
expect_exit 0 ctl pause 312 --reason 'he has not left'
expect_exit 4 ctl undo "$run" --json
expect_equal "accounts to bring back" "$count" "$(jq '[.preview.put_back[] | select(.op == "restore")] | length' <<<"$out")"
seq=$(last_write)
expect_exit 0 ctl undo "$run" --token "$(jq -r .preview.token <<<"$out")"
expect_equal "active again" 1 "$(active)"
expect_equal "accounts written" "$count" "$(written_of user "$seq")"
expect_exit 0 ctl undo "$run"
expect_text 'nothing is left to put back'
expect_no_other_year_writes
