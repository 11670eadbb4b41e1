#!/usr/bin/env bash
# `explain` says of each record whether it was let in, by which rule, and what was sent; what PowerSchool does not
# have is refused.
. "$(dirname -- "$0")/lib.sh"

installed
expect_exit 0 ctl explain student 1042 --json
expect_equal "a student of this year" "in sync" "$(jq -r '.records[0] | "\(.verdict) \(.effect)"' <<<"$out")"
gone=$(sim query "select cast(student_number as integer) from students where enroll_status = 2 and schoolid in (312, 415) limit 1")
if [ -n "$gone" ]; then
	expect_exit 0 ctl explain student "$gone" --json
	expect_equal "a student who transferred out" leave "$(jq -r '.records[0].effect' <<<"$out")"
fi
section=$(sim query "select min(dcid) from sections where schoolid = 312 and termid = 3500")
expect_exit 0 ctl explain section "312-2025-$section"
expect_text "dcid $section"
expect_exit 0 ctl explain staff 1042
expect_refusal SR-UNKNOWN-RECORD 1 ctl explain student 99999999
