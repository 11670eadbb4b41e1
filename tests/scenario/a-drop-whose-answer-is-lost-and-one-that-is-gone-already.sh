#!/usr/bin/env bash
# The answer to a drop is lost on the way: Schoology is asked what became of it, and nothing is sent twice. And somebody
# was faster in Schoology: who is out of the class already need not be dropped, and is added anew when he comes back.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06
read -r student section <<<"$(a_class 312)"
sim mutate drop-enrollment "$student" "$section" >/dev/null
sim fault add lost-answer --service sgy --method PUT --count 1
seq=$(last_write)
drop_now 312
sim fault clear
expect_equal "the drop whose answer was lost" 5 "$(member_status "$student" "$section")"
expect_equal "objects written" 1 "$(writes_since "$seq")"
expect_equal "dropped by the run" 1 "$(school 312 .last_run.dropped)"

read -r student section <<<"$(a_class 312 2)"
code=$(sim query "select section_school_code from sgy_section where section_school_code like '%-$section'")
sim mutate drop-enrollment "$student" "$section" >/dev/null
sim mutate remove-member "$code" "$student" >/dev/null
seq=$(last_write)
drop_now 312
expect_equal "quarantined" 0 "$(school 312 .quarantined)"
expect_exit 0 ctl plan show "$(newest_plan 312)" --json
expect_text "it was gone already"
drop_now 312
expect_no_writes_since "$seq" "for somebody who is not there"
day_is 2025-10-07
wait_until 30 "the end of what runs by itself" nothing_runs
sim mutate add-enrollment "$student" "$section" >/dev/null
run_all
expect_equal "back in the class" 1 "$(member_status "$student" "$section")"
expect_exact 2025-2026
