#!/usr/bin/env bash
# No way leads to an account's end but a plan of leavers, made today, looked at and confirmed with its number. Every
# other attempt is refused with the reason and the way out, and nothing is sent.
. "$(dirname -- "$0")/lib.sh"

schools=(312)
district small,hold=0 2025-10-06
expect_exit 1 ctl inactive plan 312
expect_text "[SR-NO-YEAR]"
choose_year 2025-2026 312
wait_phase year-set 312
expect_refusal SR-RUN-NOT-ALLOWED 1 ctl inactive plan 312
map_terms 312
wait_phase terms-mapped 312
expect_exit 0 ctl rehearse 312 --wait --timeout 60
rehearsal=$(ctl plan list 312 --json | jq '[.plans[].id] | max')
expect_exit 0 ctl resume 312 --wait --timeout 60
wait_phase syncing 312
for n in 1 2 3; do
	sim mutate transfer-out "312:$n" >/dev/null
done
run_all
seq=$(last_write)

# While a run reads who is there, nobody can be told to have left.
sim fault add slow --service ps --path /ws/schema/query/org.sisroll.sync.roster.enrollments --ms 1500 --count 0 >/dev/null
expect_exit 0 ctl sync 312 --no-wait
expect_refusal SR-RUN-BUSY 1 ctl inactive plan 312
sim fault clear >/dev/null
wait_until 30 "the end of the run" nothing_runs 312
expect_refusal SR-UNKNOWN-PLAN 1 ctl inactive apply 9999
expect_refusal SR-INACTIVE-PLAN 1 ctl inactive apply "$rehearsal"
expect_exit 1 ctl inactive plan 312 --left-before yesterday
expect_text "write it as 2026-06-30"
expect_exit 0 ctl inactive plan 312 --left-before 2025-09-01 --wait --timeout 30
expect_text "0 leavers are listed"
expect_exit 0 ctl inactive plan 312 --wait --timeout 30
plan=$(ctl plan list 312 --json | jq '[.plans[] | select(.kind == "inactive") | .id] | max')
expect_equal "listed" 3 "$(ctl plan show "$plan" --json | jq '.items | length')"
expect_exit 4 ctl inactive apply "$plan" --yes
expect_exit 1 ctl inactive apply "$plan" --yes --token 00000000000000000000000000000000 --count 3
expect_text "[SR-TOKEN-STALE]"
expect_exit 4 ctl inactive apply "$plan" --json
token=$(jq -r .preview.token <<<"$out")
expect_exit 1 ctl inactive apply "$plan" --token "$token" --count 2
expect_text "[SR-COUNT]"

# A share that is out of the common needs to be said twice.
printf '[guard]\ninactive_percent = 5\n' >>"$box/sisrolld.conf"
daemon_stop
daemon_start "$today"
look
wait_until 30 "the end of what runs by itself" nothing_runs 312
expect_refusal SR-INACTIVE-MANY 1 ctl inactive apply "$plan"
expect_exit 1 ctl inactive apply "$plan" --force
expect_text "[SR-INACTIVE-MANY]"

# PowerSchool does not answer, or not for the whole district: nobody has left.
sim fault add 5xx --service ps --count 0
expect_exit 4 ctl inactive apply "$plan" --force --reason "graduation" --json
token=$(jq -r .preview.token <<<"$out")
expect_exit 1 ctl inactive apply "$plan" --force --reason "graduation" --token "$token" --count 3 --wait --timeout 60
expect_text "[SR-RUN-FAILED]"
sim fault clear
look
expect_no_writes_since "$seq" "for all these attempts"

# A paused school may still do it, as long as it was read today; a day later it has to be read first.
expect_exit 0 ctl pause 312
expect_exit 1 ctl inactive apply "$plan" --force --reason "graduation"
expect_text "[SR-INACTIVE-PLAN]"
expect_exit 0 ctl inactive plan 312 --wait --timeout 30
day_is 2025-10-09
expect_refusal SR-PULL-STALE 1 ctl inactive plan 312
expect_equal "accounts ended" 0 "$(sim query "select n from sgy_counter where name = 'users_deleted'")"
expect_no_writes_since "$seq" "for all these attempts"
