#!/usr/bin/env bash
# The summer school teaches on the old year until the end of July; the other 39 schools have rolled over and sync the
# new one. Its classes go on: somebody joins, somebody leaves. It writes nothing of the new year, and no account that the
# new year has written; nobody loses a summer class because his own school moved on.
. "$(dirname -- "$0")/lib.sh"

summer=9900
spec=small,schools=39,students=195,extras=1,hold=0,early=0,hurts=0
mapfile -t others < <(for group in 0 1 2 3 4 5 6 7; do
	for number in 101 102 312 415 420; do echo $((group * 1000 + number)); done
done | head -n 39)
schools=("${others[@]}" "$summer")

# Who is in a summer class, with what status.
summer_members() {
	sim query "select g.section_school_code, u.school_uid, e.status, e.admin from sgy_enrollment e join sgy_section g
		on g.id = e.section_id join sgy_user u on u.id = e.uid where g.section_school_code like '$summer-%' order by 1, 2"
}

today=2026-06-01
sandbox_start "$spec" "$today"
sim mutate hire $summer >/dev/null
sim mutate summer-school 30 >/dev/null
config_write "${schools[@]}" <<END
building = $(sim query "select id from sgy_building where building_code = '415'")
END
daemon_start "$today"
look
# Nobody's own school is the summer school: by its students nobody can tell whether it has rolled over.
choose_year 2025-2026 $summer
expect_refusal SR-CHOICE-PENDING 1 ctl resume $summer
expect_text "--before-sis-rollover"
expect_exit 4 ctl year set 2025-2026 $summer --before-sis-rollover --reason 'it has no students of its own' --json
expect_exit 0 ctl year set 2025-2026 $summer --before-sis-rollover --reason 'it has no students of its own' \
	--token "$(jq -r .preview.token <<<"$out")"
take_to_syncing 2025-2026 "${others[@]}"
map_terms $summer
wait_phase terms-mapped $summer
expect_exit 0 ctl rehearse $summer --wait --timeout 60
expect_exit 0 ctl resume $summer --wait --timeout 60
wait_phase syncing $summer
expect_phase syncing 101 $summer
expect_exit 0 ctl pause --all --except $summer --reason "summer"
day_is 2026-07-06
wait_until 120 "the end of what runs by itself" nothing_runs # of forty schools
summer_members >"$box/before"
[ "$(wc -l <"$box/before")" -ge 30 ] || fail "nobody is in the summer classes"

end_of_year
expect_equal "paused and left behind by PowerSchool" 39 "$(ctl status --json |
	jq '[.schools[] | select(.phase == "paused" and .sis.rolled)] | length')"
choose_year 2026-2027 "${others[@]}"
wait_phase year-set "${others[@]}"
map_terms "${others[@]}"
wait_phase terms-mapped "${others[@]}"
expect_exit 0 ctl rehearse "${others[@]}" --wait --timeout 60
# Five students a school: here and there a grade is empty.
expect_exit 0 ctl resume "${others[@]}" --override counts --reason "small schools" --wait --timeout 80
wait_phase syncing "${others[@]}"
expect_phase syncing $summer
expect_equal "the summer school's year" 2025-2026 "$(school $summer .active_year)"
expect_equal "blocks of the summer school" 0 "$(school $summer '.blocks | length')"

# Nobody lost a class because his own school rolled over; the summer school has nothing to write.
seq=$(last_write)
run_all_of $summer
drop_now $summer
expect_no_writes_since "$seq" "for people whose own school is in the new year"
summer_members >"$box/after"
cmp -s "$box/before" "$box/after" || fail "$(diff "$box/before" "$box/after" | head -n 6)"

# Its classes live: one leaves, one comes.
read -r student section < <(sim query "select cast(s.student_number as integer) || ' ' || x.dcid from cc
	join students s on s.id = cc.studentid join sections x on x.id = cc.sectionid where cc.schoolid = $summer
	and s.enroll_status = 0 order by s.id limit 1")
newcomer=$(sim query "select cast(student_number as integer) from students where enroll_status = 0 and schoolid = 415 and id not in
	(select studentid from cc where schoolid = $summer) order by id limit 1")
sim mutate drop-enrollment "$student" "$section" >/dev/null
sim mutate add-enrollment "$newcomer" "$section" >/dev/null
sim mutate name-change "$newcomer" Summername >/dev/null
drop_now $summer
expect_equal "who left" 5 "$(member_status "$student" "$section")"
expect_equal "who came" 1 "$(member_status "$newcomer" "$section")"
# By the summer school's own plan: the newcomer's school may have brought his new name at this very moment.
expect_exit 0 ctl plan show "$(newest_plan $summer)" --json
expect_equal "carried out but two memberships" 0 "$(jq '[.items[] | select(.state == "confirmed" and .kind != "membership")]
	| length' <<<"$out")"
say "no account was touched by the summer school"
expect_exit 0 ctl explain student "$newcomer"
expect_text "$summer"

# The new name is his own school's to bring. A new choice for the summer school waits for its end in PowerSchool.
run_all_of 415
expect_equal "his name" Summername "$(sim query "select name_last from sgy_user where school_uid = '$newcomer'")"

# The night after its last day nothing is written; from then on the year is over there, and it says what comes next.
day_is 2026-07-27
wait_until 120 "the end of what runs by itself" nothing_runs # of forty schools
summer_members >"$box/over"
expect_equal "active in summer classes after the last day" "$(awk -F'[|\t ]' 'NF' "$box/over" | wc -l)" \
	"$(($(wc -l <"$box/before") + 1))"
expect_exit 0 ctl pause $summer --reason "summer school is over"
expect_refusal SR-YEAR-OVER 1 ctl resume $summer
expect_text "sisrollctl year set 2026-2027"
expect_no_other_year_writes
