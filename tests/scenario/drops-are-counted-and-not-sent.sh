#!/usr/bin/env bash
# A student drops a class. The drop is planned, counted and shown; it is not sent before the guards exist.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06
seq=$(last_write)
student=$(sim query "select cast(s.student_number as integer) from students s join cc on cc.studentid = s.id
	where cc.schoolid = 312 and cc.sectionid > 0 and cc.termid = 3500 and cc.dateleft > '2026-01-01' order by s.id limit 1")
section=$(sim query "select sec.dcid from cc join sections sec on sec.id = cc.sectionid join students s on s.id = cc.studentid
	where s.student_number = $student and cc.termid = 3500 and cc.sectionid > 0 and cc.dateleft > '2026-01-01' order by sec.dcid limit 1")
sim mutate drop-enrollment "$student" "$section" >/dev/null
run_all
expect_no_writes_since "$seq" "for a drop"
expect_exit 0 ctl plan list 312 --json
plan=$(jq '[.plans[].id] | max' <<<"$out")
expect_exit 0 ctl plan show "$plan" --json
expect_equal "drops in plan $plan" 1 "$(jq '[.plan.counts[].drop] | add' <<<"$out")"
