#!/usr/bin/env bash
# A registrar gives every section of a school another number in one afternoon. No section is made anew or moved, and no
# title is sent: so many at once wait for a person, who sees them. He lets them go, or the registrar puts them back.
. "$(dirname -- "$0")/lib.sh"

titles() { # SCHOOL: title and the sections' own numbers, which never change
	sim query "select id, title from sgy_section where section_school_code like '$1-2025-%' order by id"
}
rename_all() { # SCHOOL LETTER
	local dcid number

	sim query "select dcid || ' ' || section_number from sections where schoolid = $1 and termid between 3500 and 3599" |
		while read -r dcid number; do
			sim mutate rename-section "$dcid" "$2$number" >/dev/null
		done
}
put_back() { # SCHOOL LETTER
	local dcid number

	sim query "select dcid || ' ' || section_number from sections where schoolid = $1 and termid between 3500 and 3599" |
		while read -r dcid number; do
			sim mutate rename-section "$dcid" "${number#"$2"}" >/dev/null
		done
}

installed small,hold=0 2025-10-06
run_all
titles 312 >"$box/before"
all=$(wc -l <"$box/before")
[ "$all" -ge 10 ] || fail "only $all sections at 312"

# A few are ordinary: they are sent, and listed.
seq=$(last_write)
few=$(sim query "select min(dcid) from sections where schoolid = 415 and termid between 3500 and 3599")
sim mutate rename-section "$few" 'A9' >/dev/null
rename_all 312 R
read -r _ section <<<"$(a_class 312)"
student=$(sim mutate new-student 312 7 | grep -o '[0-9]\+' | head -n 1)
run_all
expect_equal "sections of 415 written" 1 "$(written_of section "$seq")"
titles 312 >"$box/after"
cmp -s "$box/before" "$box/after" || fail "$(diff "$box/before" "$box/after" | head -n 6)"
expect_equal "waiting at 312" "$all" "$(school 312 .waiting)"
expect_equal "accounts of the new student, who did not have to wait" 1 \
	"$(sim query "select count(*) from sgy_user where school_uid = '$student'")"
expect_equal "next at 312" "waiting list 312" "$(school 312 .next)"
expect_exit 0 ctl waiting list 312
expect_text "$all changed section titles in one run; from 10 on they wait"
expect_exit 0 ctl explain section "$section"
expect_text "waiting approve 312"

# The registrar puts them back: nothing waits, nothing is written.
put_back 312 R
seq=$(last_write)
run_all
expect_equal "waiting at 312" 0 "$(school 312 .waiting)"
expect_no_writes_since "$seq" "when the numbers are put back"

# This time it is meant: the count is typed, and exactly these titles are sent, on the sections that are there.
rename_all 312 N
run_all
expect_exit 4 ctl waiting approve 312 --json
token=$(jq -r .preview.token <<<"$out")
expect_equal "to be approved" "$all" "$(jq .preview.count <<<"$out")"
expect_refusal SR-PREVIEW-STALE 1 ctl waiting approve 312 --token "$token" --count $((all - 1))
expect_exit 4 ctl waiting approve 312 --json
token=$(jq -r .preview.token <<<"$out")
expect_exit 0 ctl waiting approve 312 --token "$token" --count "$all" --wait --timeout 60
wait_until 30 "the end of what runs by itself" nothing_runs
run_all
expect_equal "sections written" "$all" "$(written_of section "$seq")"
expect_equal "other things written" 0 "$(sim writes --since "$seq" --list --json | jq '[.list[] | select(.kind != "section")] | length')"
expect_equal "sections that are the same as before" "$all" "$(cut -f1 "$box/before" | sort -u |
	join - <(titles 312 | cut -f1 | sort -u) | wc -l)"
expect_equal "waiting at 312" 0 "$(school 312 .waiting)"
expect_exact 2025-2026
expect_no_other_year_writes
