#!/usr/bin/env bash
# A student drops a class, is archived, and is back within the week: the same enrollment becomes active again, with all
# that hangs on it, and there is no second one. Drops are sent with the other status here: 2, expired.
. "$(dirname -- "$0")/lib.sh"

installed small,hold=0 2025-10-06 <<'END'
[sync]
drop_status = 2
END
read -r student section <<<"$(a_class 312)"
id=$(sim query "select e.id from sgy_enrollment e join sgy_section g on g.id = e.section_id join sgy_user u
	on u.id = e.uid where u.school_uid = '$student' and g.section_school_code like '%-$section'")
sim mutate drop-enrollment "$student" "$section" >/dev/null
drop_now 312
expect_equal "dropped with the configured status" 2 "$(member_status "$student" "$section")"
expect_equal "dropped by the run" 1 "$(school 312 .last_run.dropped)"

day_is 2025-10-09
wait_until 30 "the end of what runs by itself" nothing_runs
sim mutate add-enrollment "$student" "$section" >/dev/null
seq=$(last_write)
run_all
expect_equal "active again, and once" 1 "$(member_status "$student" "$section")"
expect_equal "objects written" 1 "$(writes_since "$seq")"
expect_equal "on the known id" "$id" "$(sim writes --since "$seq" --list --json | jq -r '.list[0].object_id')"
expect_exact 2025-2026
seq=$(last_write)
run_all
expect_no_writes_since "$seq" "after it is back"
