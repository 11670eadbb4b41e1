#!/usr/bin/env bash
# Two students were moved to other classes by mistake; only one of them is put back. The other stays as he is.
. "$(dirname -- "$0")/lib.sh"

members() { # NUMBER: his classes, as Schoology has them
	sim query "select g.section_school_code, e.status from sgy_enrollment e join sgy_section g on g.id = e.section_id
		join sgy_user u on u.id = e.uid where u.school_uid = '$1' order by 1"
}

another_class() { # NUMBER: one of a whole year that he does not sit in
	sim query "select s.dcid from sections s where s.schoolid = 312 and s.termid = 3500 and s.id not in
		(select abs(cc.sectionid) from cc join students st on st.id = cc.studentid where st.student_number = $1)
		order by s.id limit 1"
}

installed small,hold=0 2025-10-06
read -r one from < <(a_class 312)
read -r two from_two < <(a_class 312 2)
before=$(members "$one")
sim mutate move-student "$one" "$from" "$(another_class "$one")" >/dev/null
sim mutate move-student "$two" "$from_two" "$(another_class "$two")" >/dev/null
drop_now 312
run=$(ctl runs 312 --json | jq '[.runs[].id] | max')
other=$(members "$two")
expect_exit 0 ctl pause 312 --reason 'wrong classes'

expect_refusal SR-UNKNOWN-RECORD 1 ctl undo "$run" --student 99999999
expect_exit 4 ctl undo "$run" --student "$one"
expect_text "undo $run --student $one --token"
expect_exit 4 ctl undo "$run" --student "$one" --json
expect_equal "objects of one student" 2 "$(jq .preview.count <<<"$out")"
token=$(jq -r .preview.token <<<"$out")
# The token is for this student: not for the whole run.
expect_refusal SR-TOKEN-STALE 1 ctl undo "$run" --token "$token"
expect_exit 4 ctl undo "$run" --student "$one" --json
seq=$(last_write)
expect_exit 0 ctl undo "$run" --student "$one" --token "$(jq -r .preview.token <<<"$out")"
expect_equal "enrollments written" 2 "$(written_of enrollment "$seq")"
# Back in his class, archived in the wrong one: nothing is ever removed.
expect_equal "in his classes again" "$(grep -c . <<<"$before")" "$(members "$one" | grep -cw 1)"
[ -z "$(comm -23 <(sort <<<"$before") <(members "$one" | sort))" ] || fail "not as before: $(members "$one")"
expect_equal "the other student" "$other" "$(members "$two")"
expect_no_other_year_writes
