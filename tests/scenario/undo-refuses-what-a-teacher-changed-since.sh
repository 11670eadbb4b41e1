#!/usr/bin/env bash
# Two sections got wrong names from PowerSchool. A teacher has mended one of them in Schoology by hand since: an undo
# puts the other back, and does not touch hers. A class that the run made stays, and is said to.
. "$(dirname -- "$0")/lib.sh"

title_of() { # DCID
	sim query "select title from sgy_section where section_school_code like '312-2025-$1'"
}

installed small,hold=0 2025-10-06
read -r mine hers < <(sim query "select group_concat(dcid, ' ') from (select dcid from sections where schoolid = 312 and termid = 3500
	order by id limit 2)")
before=$(title_of "$mine")
sim mutate rename-section "$mine" XX >/dev/null
sim mutate rename-section "$hers" YY >/dev/null
sim mutate new-student 312 7 >/dev/null
drop_now 312
run=$(ctl runs 312 --json | jq '[.runs[].id] | max')
sim mutate retitle-section "312-2025-$hers" 'Homeroom of Ms. K' >/dev/null
expect_exit 0 ctl pause 312 --reason 'wrong names'

expect_exit 4 ctl undo "$run"
expect_text 'changed in Schoology since: its title is not what the run left'
expect_text 'the account stays: an undo makes nobody inactive'
expect_exit 4 ctl undo "$run" --json
expect_equal "refused" 1 "$(jq .preview.refused_count <<<"$out")"
seq=$(last_write)
expect_exit 0 ctl undo "$run" --token "$(jq -r .preview.token <<<"$out")"
expect_equal "sections written" 1 "$(written_of section "$seq")"
expect_equal "the one" "$before" "$(title_of "$mine")"
expect_equal "hers" 'Homeroom of Ms. K' "$(title_of "$hers")"
expect_equal "accounts written" 0 "$(written_of user "$seq")"

# Between preview and confirmation somebody changes the last of it: nothing is sent, and why is said.
undo=$(ctl runs 312 --json | jq '[.runs[] | select(.kind == "undo" and .updated > 0) | .id] | max')
expect_exit 4 ctl undo "$undo" --section "312-2025-$mine" --json
token=$(jq -r .preview.token <<<"$out")
sim mutate retitle-section "312-2025-$mine" 'By hand too' >/dev/null
seq=$(last_write)
expect_exit 1 ctl undo "$undo" --section "312-2025-$mine" --token "$token"
expect_text 'what would be put back is not what was shown any more'
expect_no_writes_since "$seq" "when it changed after the preview"
expect_phase paused 312
