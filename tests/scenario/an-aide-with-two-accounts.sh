#!/usr/bin/env bash
# An aide has two accounts in Schoology: an old one with his unique id, and one that somebody made by hand with his
# e-mail. Neither is touched and no third one is made: he waits, both are named, and once a person has merged them he
# comes in by himself.
. "$(dirname -- "$0")/lib.sh"

schools=(312)
district small,hold=0 2025-10-06
aide=$(sim query "select u.teachernumber || ' ' || u.email_addr || ' ' || u.last_name || ' ' || u.first_name
	from users u join schoolstaff f on f.users_dcid = u.dcid where f.schoolid = 312 and f.status = 1 and f.staffstatus = 2
	and u.email_addr is not null and u.teachernumber is not null order by u.dcid limit 1")
read -r number mail last first <<<"$aide"
say "the aide: T$number"
sim mutate hand-made-user aide.old "" "T$number" >/dev/null
sim mutate hand-made-user aide.new "$mail" >/dev/null
old=$(sim query "select id from sgy_user where username = 'aide.old'")
new=$(sim query "select id from sgy_user where username = 'aide.new'")
other=$(sim query "select id from sgy_building where building_code = '415'")
sim mutate give-building aide.old "$other" >/dev/null
take_to_syncing 2025-2026 312
seq=$(last_write)
run_all
expect_equal "accounts with the aide's id or e-mail" 2 \
	"$(sim query "select count(*) from sgy_user where school_uid = 'T$number' or primary_email = '$mail'")"
expect_exit 0 ctl waiting list 312
expect_text "two accounts of this person"
expect_text "$old holds his unique id, $new his e-mail"
expect_equal "of his accounts written" 0 "$(sim writes --since "$seq" --list --json |
	jq "[.list[] | select(.kind == \"user\" and (.object_id == $old or .object_id == $new))] | length")"

# Somebody merges the two, and gives what is left his name: the next run takes it for his.
sim mutate remove-user aide.new >/dev/null
sim mutate rename-user aide.old "$first" "$last" >/dev/null
run_all
run_all
expect_equal "accounts with the aide's id" 1 "$(sim query "select count(*) from sgy_user where school_uid = 'T$number'")"
expect_equal "his account" "$old" "$(sim query "select id from sgy_user where school_uid = 'T$number'")"
expect_equal "his e-mail there" "$mail" "$(sim query "select primary_email from sgy_user where id = $old")"
expect_equal "the building that was given by hand" "$other" "$(sim query "select additional_buildings from sgy_user where id = $old")"
expect_equal "waiting" 0 "$(school 312 .waiting)"

# A new aide, and the configuration says that nobody is taken in unasked: a hand-made account with his id waits.
printf '[sync]\nfound_active = ask\nfound_none = ask\n' >>"$box/sisrolld.conf"
daemon_stop
daemon_start "$today"
look
student=$(sim mutate new-student 312 7 | grep -o '[0-9]\+' | head -n 1)
run_all
expect_exit 0 ctl waiting list 312
expect_text "found_none = ask"
expect_exit 0 ctl waiting approve 312 --yes --wait
wait_until 30 "the end of the run" nothing_runs 312
run_all
expect_equal "accounts of the new student" 1 "$(sim query "select count(*) from sgy_user where school_uid = '$student'")"
