#!/usr/bin/env bash
# The daemon is killed while leavers are being made inactive: the call had left, its answer never came. Asked again,
# the plan is carried out to its end, and nobody is sent twice.
. "$(dirname -- "$0")/lib.sh"

schools=(312)
installed small,hold=0 2025-10-06
sim grades 3 >/dev/null
for n in 1 2 3 4; do
	sim mutate transfer-out "312:$n" >/dev/null
done
run_all
apply_plan() { # PLAN COUNT
	local token

	expect_exit 4 ctl inactive apply "$1" --json
	token=$(jq -r .preview.token <<<"$out")
	expect_exit "${3:-0}" ctl inactive apply "$1" --token "$token" --count "$2" "${@:4}"
}
# items_are STATE COUNT: so many of the plan's operations stand there.
items_are() {
	[ "$(ctl plan show "$plan" --json | jq "[.items[] | select(.state == \"$1\")] | length")" -eq "$2" ]
}
ended() {
	sim query "select n from sgy_counter where name = 'users_deleted'"
}

expect_exit 0 ctl inactive plan 312 --wait --timeout 30
plan=$(ctl plan list 312 --json | jq '[.plans[] | select(.kind == "inactive") | .id] | max')

# The call is carried out, but slowly: the process dies before the answer.
sim fault add slow --service sgy --method DELETE --ms 3000 --count 1
apply_plan "$plan" 4 0 --no-wait
wait_until 10 "the call under way" items_are sent 4
daemon_end KILL || true
sleep 3.2
sim fault clear
daemon_start "$today"
look
wait_until 30 "the end of what runs by itself" nothing_runs 312
run_all
expect_equal "accounts ended in Schoology" 4 "$(ended)"
expect_equal "of the plan confirmed by asking" 4 \
	"$(ctl plan show "$plan" --json | jq '[.items[] | select(.state == "confirmed")] | length')"

# A call that never arrived: the plan is taken up again where it stood.
for n in 5 6; do
	sim mutate transfer-out "312:$n" >/dev/null
done
run_all
expect_exit 0 ctl inactive plan 312 --wait --timeout 30
plan=$(ctl plan list 312 --json | jq '[.plans[] | select(.kind == "inactive") | .id] | max')
expect_equal "listed" 2 "$(ctl plan show "$plan" --json | jq '.items | length')"
sim fault add reset --service sgy --method DELETE --count 1
sim fault add slow --service sgy --path /v1/users/inactive --ms 3000 --count 0
apply_plan "$plan" 2 0 --no-wait
wait_until 10 "the answer is lost" items_are lost 2
daemon_end KILL || true
sim fault clear
daemon_start "$today"
look
wait_until 30 "the end of what runs by itself" nothing_runs 312
run_all
expect_equal "accounts ended in Schoology" 4 "$(ended)"
apply_plan "$plan" 2 0 --wait --timeout 30
expect_text "2 accounts made inactive"
expect_equal "accounts ended in Schoology" 6 "$(ended)"
expect_equal "grades destroyed" 0 "$(sim query "select n from sgy_counter where name = 'grades_destroyed'")"
expect_equal "mails sent" 0 "$(sim query "select n from sgy_counter where name = 'mails_sent'")"
