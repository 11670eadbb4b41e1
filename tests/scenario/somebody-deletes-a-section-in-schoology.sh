#!/usr/bin/env bash
# A section of ours is deleted by hand in Schoology. It is not made again behind that person's back.
. "$(dirname -- "$0")/lib.sh"

installed
code=$(sim query "select section_school_code from sgy_section where section_school_code like '312-2025-%' order by 1 limit 1")
sim mutate delete-section "$code" >/dev/null
seq=$(last_write)
run_all
expect_equal "sections of that code" 0 "$(sim query "select count(*) from sgy_section where section_school_code = '$code'")"
expect_equal "sections written" 0 "$(written_of section "$seq")"
expect_phase syncing "${schools[@]}"
