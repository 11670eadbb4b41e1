#!/usr/bin/env bash
# Two bad runs in a row, of two days. The newer one has changed again what the older one wrote: alone, the older one is
# not put back there. With --and-later the school is as before both; but a class whose only teacher the runs put in
# keeps him, and its old teacher comes back before the new one goes.
. "$(dirname -- "$0")/lib.sh"

teachers() { # DCID STATUS
	sim query "select u.school_uid from sgy_enrollment e join sgy_section g on g.id = e.section_id
		join sgy_user u on u.id = e.uid where g.section_school_code like '312-2025-$1' and e.admin = 1 and e.status = $2
		order by 1" | paste -sd,
}

title_of() {
	sim query "select title from sgy_section where section_school_code like '312-2025-$1'"
}

newest_run() {
	ctl runs 312 --json | jq '[.runs[].id] | max'
}

installed small,hold=0 2025-10-06
read -r one two < <(sim query "select group_concat(dcid, ' ') from (select dcid from sections where schoolid = 312 and termid = 3500
	order by id limit 2)")
title=$(title_of "$one")
old=$(teachers "$two" 1)
sim mutate rename-section "$one" XX >/dev/null
drop_now 312
first=$(newest_run)
sim mutate rename-section "$one" YY >/dev/null
sim mutate teacher-leaves "$two" >/dev/null
drop_now 312
second=$(newest_run)
drop_now 312
new=$(teachers "$two" 1)
[ "$new" != "$old" ] || fail "the teacher did not change: $old"
expect_exit 0 ctl pause 312 --reason 'two bad days'

seq=$(last_write)
expect_exit 0 ctl undo "$first" --check
expect_text "run $second has changed it since"
expect_exit 0 ctl undo "$first"
expect_text 'nothing is left to put back'
expect_no_writes_since "$seq" "for the older run alone"

expect_exit 4 ctl undo "$first" --and-later --json
expect_exit 0 ctl undo "$first" --and-later --token "$(jq -r .preview.token <<<"$out")"
expect_equal "the title" "$title" "$(title_of "$one")"
expect_equal "the teacher" "$old" "$(teachers "$two" 1)"

# Only the new teacher's part of it: he is the last one, once the old one has left by hand.
undo=$(newest_run)
expect_exit 4 ctl undo "$undo" --section "312-2025-$two" --json
expect_exit 0 ctl undo "$undo" --section "312-2025-$two" --token "$(jq -r .preview.token <<<"$out")"
expect_equal "the new teacher again" "$new" "$(teachers "$two" 1)"
seq=$(last_write)
expect_exit 0 ctl undo "$first" --and-later --staff "$new"
expect_text 'the last teacher of a section stays until another stands'
expect_no_writes_since "$seq" "for the last teacher alone"
expect_no_other_year_writes
