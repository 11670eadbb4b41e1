#!/usr/bin/env bash
# In October the accounts of people who have left are ended: listed first, looked at, then done with the number typed.
# Who merely moved to a school that is not synced is no leaver. No grade is lost, nobody gets a mail.
. "$(dirname -- "$0")/lib.sh"

schools=(312)
installed small,hold=0 2025-10-06
sim grades 3 >/dev/null
leaver=$(sim query "select cast(s.student_number as integer) from students s where s.schoolid = 312 and s.enroll_status = 0
	order by s.dcid limit 1")
mover=$(sim query "select cast(s.student_number as integer) from students s where s.schoolid = 312 and s.enroll_status = 0
	order by s.dcid limit 1 offset 1")
classes_of() {
	sim query "select count(*) from sgy_enrollment e join sgy_user u on u.id = e.uid where u.school_uid = '$1' and e.status = 1
		and u.active = 1 and not exists (select 1 from sgy_former f where f.enrollment_id = e.id)"
}
classes=$(classes_of "$leaver")
sim mutate transfer-out "$leaver" >/dev/null
sim mutate change-school "$mover" 415 >/dev/null
run_all
before=$(sim query "select sum(n) from sgy_grade")
seq=$(last_write)

expect_exit 0 ctl inactive plan 312 --wait --timeout 30
expect_text "leavers are listed; nothing was sent"
expect_no_writes_since "$seq" "while leavers are listed"
plan=$(ctl plan list 312 --json | jq '[.plans[] | select(.kind == "inactive") | .id] | max')
expect_exit 0 ctl plan show "$plan" --csv
expect_text "not enrolled at any school"
grep -q "\"$leaver\"" <<<"$out" || fail "the leaver $leaver is not listed"
! grep -q "\"$mover\"" <<<"$out" || fail "$mover moved to another school and is listed as a leaver"
count=$(ctl plan show "$plan" --json | jq '.items | length')
say "listed: $count"
expect_exit 0 ctl inactive plan --school 312 --graduated --wait --timeout 30
expect_exit 1 ctl inactive apply "$plan"
expect_text "[SR-INACTIVE-PLAN]"
expect_exit 0 ctl inactive plan 312 --csv --wait --timeout 30
expect_text "seq,kind,op,ident,key,state,before,after,why"
plan=$(ctl plan list 312 --json | jq '[.plans[] | select(.kind == "inactive") | .id] | max')

expect_exit 4 ctl inactive apply "$plan"
expect_text "Classes and grades are kept, nobody is mailed."
expect_exit 4 ctl inactive apply "$plan" --json
token=$(jq -r .preview.token <<<"$out")
expect_equal "accounts in the preview" "$count" "$(jq .preview.count <<<"$out")"
expect_exit 1 ctl inactive apply "$plan" --token "$token" --count 999 --yes
expect_text "[SR-COUNT]"
expect_exit 0 ctl inactive apply "$plan" --token "$token" --count "$count" --wait --timeout 30
expect_text "$count accounts made inactive"
expect_equal "accounts written" "$count" "$(written_of user "$seq")"
expect_equal "$leaver active in Schoology" 0 "$(sim query "select active from sgy_user where school_uid = '$leaver'")"
expect_equal "$mover active in Schoology" 1 "$(sim query "select active from sgy_user where school_uid = '$mover'")"
expect_equal "grades" "$before" "$(sim query "select sum(n) from sgy_grade")"
for counter in grades_destroyed memberships_destroyed mails_sent; do
	expect_equal "$counter" 0 "$(sim query "select n from sgy_counter where name = '$counter'")"
done
expect_equal "in the history" 1 "$(ctl history 312 --json | jq '[.history[] | select(.event == "inactive-apply")] | length')"

seq=$(last_write)
expect_exit 1 ctl inactive apply "$plan" --token "$token" --count "$count"
expect_text "it was carried out"
run_all
expect_equal "accounts written afterwards" 0 "$(written_of user "$seq")"

# The leaver comes back: his account is brought back, with his classes, and never made a second time.
sim mutate readmit "$leaver" >/dev/null
run_all
run_all
expect_equal "accounts of $leaver" 1 "$(sim query "select count(*) from sgy_user where school_uid = '$leaver'")"
expect_equal "$leaver active in Schoology" 1 "$(sim query "select active from sgy_user where school_uid = '$leaver'")"
expect_equal "classes of $leaver" "$classes" "$(classes_of "$leaver")"
seq=$(last_write)
run_all
expect_no_writes_since "$seq" "once he is back"
expect_no_other_year_writes
