#!/usr/bin/env bash
# kill -9 in the middle of an undo. The school stays paused and nothing goes on by itself; the same command again
# finishes it: what was put back already is not written twice.
. "$(dirname -- "$0")/lib.sh"

titles() {
	sim query "select section_school_code, title from sgy_section where section_school_code like '312-2025-%' order by 1"
	sim query "select course_code, title from sgy_course where course_code like '312-%' order by 1"
	sim query "select g.section_school_code, u.school_uid from sgy_enrollment e join sgy_section g on g.id = e.section_id
		join sgy_user u on u.id = e.uid where e.status = 1 and g.section_school_code like '312-2025-%' order by 1, 2"
}

installed small,hold=0 2025-10-06 <<'END'
[schoology]
concurrency = 1
[guard]
name_changes = 1000
END
titles >"$box/before"
for dcid in $(sim query "select dcid from sections where schoolid = 312 and termid between 3500 and 3599"); do
	sim mutate rename-section "$dcid" "X$dcid" >/dev/null
done
for n in 1 2 3; do
	read -r student from < <(a_class 312 "$n")
	sim mutate drop-enrollment "$student" "$from" >/dev/null
done
drop_now 312
run=$(ctl runs 312 --json | jq '[.runs[].id] | max')
expect_exit 0 ctl pause 312 --reason 'wrong names'
expect_exit 4 ctl undo "$run" --json
all=$(jq .preview.count <<<"$out")
token=$(jq -r .preview.token <<<"$out")

# The answers come late, and there is one call at a time, so that there is a middle.
sim fault add slow --service sgy --method PUT --ms 600 --count 0
seq=$(last_write)
expect_exit 0 ctl undo "$run" --token "$token" --no-wait
begun() {
	[ "$(writes_since "$seq")" -gt 0 ]
}
wait_until 30 "the first object put back" begun
daemon_end KILL || true
sim fault clear
done_then=$(writes_since "$seq")
[ "$done_then" -lt "$all" ] || fail "it was over before it was killed"
say "killed with $done_then of $all put back"
daemon_start "$today"
look
expect_phase paused 312
expect_equal "objects written after the restart" "$done_then" "$(writes_since "$seq")"
expect_exit 0 ctl runs 312 --json
expect_equal "the run" interrupted "$(jq -r '.runs[0].state' <<<"$out")"

expect_exit 4 ctl undo "$run" --json
left=$(jq .preview.count <<<"$out")
[ "$left" -lt "$all" ] || fail "what was put back is put back again"
expect_equal "nothing of it is refused" 0 "$(jq .preview.refused_count <<<"$out")"
expect_exit 0 ctl undo "$run" --token "$(jq -r .preview.token <<<"$out")"
titles >"$box/after"
cmp -s "$box/before" "$box/after" || fail "$(diff "$box/before" "$box/after" | head -n 8)"
expect_equal "objects written in all" "$all" "$(writes_since "$seq")"
expect_exit 0 ctl undo "$run"
expect_text 'nothing is left to put back'
