#!/usr/bin/env bash
# A registrar's mistake on Monday: sections and a course under wrong names, a student in the wrong class, somebody
# renamed. It is noticed, the school is paused, the run is undone: everything stands as on Sunday. Then PowerSchool
# is mended and the school goes on, with nothing to write.
. "$(dirname -- "$0")/lib.sh"

# What the school's people see: accounts, courses, sections and who is in them.
picture() {
	sim query "select 'user', school_uid, name_first, name_last, username, role_id, building_id from sgy_user order by school_uid"
	sim query "select 'course', course_code, title from sgy_course order by course_code"
	sim query "select 'section', section_school_code, title from sgy_section order by section_school_code"
	sim query "select 'member', g.section_school_code, u.school_uid, e.admin from sgy_enrollment e
		join sgy_section g on g.id = e.section_id join sgy_user u on u.id = e.uid where e.status = 1 order by 2, 3"
}

installed small,hold=0 2025-10-06
read -r student from < <(a_class 312)
to=$(sim query "select s.dcid from sections s where s.schoolid = 312 and s.termid = 3500 and s.id not in
	(select abs(cc.sectionid) from cc join students st on st.id = cc.studentid where st.student_number = $student)
	order by s.id limit 1")
old_number=$(sim query "select section_number from sections where dcid = $from")
course=$(sim query "select course_number from sections where dcid = $from")
last=$(sim query "select last_name from students where student_number = $student")
read -r of_course title < <(sim query "select schoolid || ' ' || course_name from courses where course_number = '$course'
	and schoolid in (0, 312) order by schoolid desc limit 1")
picture >"$box/sunday"

sim mutate rename-section "$from" 'XX' >/dev/null
sim mutate rename-course "$of_course" "$course" 'Wrong course' >/dev/null
sim mutate name-change "$student" 'Wrongname' >/dev/null
sim mutate move-student "$student" "$from" "$to" >/dev/null
drop_now 312
picture >"$box/monday"
! cmp -s "$box/sunday" "$box/monday" || fail "Monday changed nothing"
expect_exit 0 ctl runs 312 --json
run=$(jq '[.runs[].id] | max' <<<"$out")

seq=$(last_write)
expect_refusal SR-UNDO-NOT-PAUSED 1 ctl undo "$run"
expect_exit 0 ctl pause 312 --reason 'a bad Monday'
expect_exit 4 ctl undo "$run"
expect_text 'put back:'
expect_text 'Wrong course'
expect_text 'The next run would write it again'
expect_exit 0 ctl undo "$run" --check
expect_no_writes_since "$seq" "for previews"
expect_exit 4 ctl undo "$run" --json
token=$(jq -r .preview.token <<<"$out")
count=$(jq .preview.count <<<"$out")
expect_equal "nothing is refused" 0 "$(jq .preview.refused_count <<<"$out")"
expect_refusal SR-COUNT 1 ctl undo "$run" --token "$token" --count $((count + 1))
expect_exit 4 ctl undo "$run" --json
token=$(jq -r .preview.token <<<"$out")
expect_exit 0 ctl undo "$run" --token "$token" --count "$count"
expect_text 'the next run would write it again'
say "$count objects were put back"

picture >"$box/undone"
cmp -s "$box/sunday" "$box/undone" || fail "$(diff "$box/sunday" "$box/undone" | head -n 8)"
expect_equal "NEXT" "resume 312" "$(school 312 .next)"
expect_exit 0 ctl status 312
expect_text 'would write again what run'
expect_exit 0 ctl history 312 --json
expect_equal "in the history" undo "$(jq -r '.history[0].event' <<<"$out")"
expect_refusal SR-TOKEN-STALE 1 ctl undo "$run" --token "$token"

# A second time there is nothing to put back.
seq=$(last_write)
expect_exit 0 ctl undo "$run"
expect_text 'nothing is left to put back'
expect_no_writes_since "$seq" "for a second undo"

# An undo is a run like any other: it can be undone itself, and so can that.
expect_exit 0 ctl runs 312 --json
undo=$(jq '[.runs[] | select(.kind == "undo" and .updated + .dropped > 0) | .id] | max' <<<"$out")
for mistake in "$undo" again; do
	[ "$mistake" != again ] || mistake=$(ctl runs 312 --json | jq '[.runs[] | select(.kind == "undo" and .updated + .dropped > 0) | .id] | max')
	expect_exit 4 ctl undo "$mistake" --json
	expect_exit 0 ctl undo "$mistake" --token "$(jq -r .preview.token <<<"$out")"
done
picture >"$box/undone"
cmp -s "$box/sunday" "$box/undone" || fail "$(diff "$box/sunday" "$box/undone" | head -n 8)"
say "undone, redone and undone again"

sim mutate rename-section "$from" "$old_number" >/dev/null
sim mutate rename-course "$of_course" "$course" "$title" >/dev/null
sim mutate name-change "$student" "$last" >/dev/null
sim mutate move-student "$student" "$to" "$from" >/dev/null
expect_exit 0 ctl resume 312 --wait --timeout 60
seq=$(last_write)
drop_now 312
expect_no_writes_since "$seq" "once PowerSchool is mended"
picture >"$box/mended"
cmp -s "$box/sunday" "$box/mended" || fail "$(diff "$box/sunday" "$box/mended" | head -n 8)"
expect_no_other_year_writes
