#!/usr/bin/env bash
# Over the summer twelve students of Cedar Middle got other usernames. The rehearsal shows that their logins would
# change; the gate stays shut until somebody has looked at them, and opens as soon as they are approved.
. "$(dirname -- "$0")/lib.sh"

installed
sim snapshot spring >/dev/null
expect_exit 0 ctl pause --all --reason "summer"
day_is 2026-07-20
end_of_year
sim mutate logins-change 312 12 new- >/dev/null
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
seq=$(last_write)
expect_refusal SR-GUARDS 1 ctl resume 312
expect_text "operations wait for a person"
expect_text "sisrollctl waiting list 312"
expect_exit 1 ctl resume 312 --check --json
expect_equal "checks that fail" '["guards"]' "$(jq -c '[.gates[0].checks[] | select(.pass | not) | .check]' <<<"$out")"
expect_no_writes_since "$seq" "while logins wait"

# Four get their old logins back. Eight are fewer than the guard asks about, but it has asked: they go on waiting.
back=$(sim query "select cast(student_number as integer) || ' ' || student_web_id from students
	where student_web_id like 'new-%' order by id limit 4")
while read -r student login; do
	sim mutate login-change "$student" "${login#new-}" >/dev/null
done <<<"$back"
expect_exit 0 ctl rehearse 312 --wait --timeout 60
expect_refusal SR-GUARDS 1 ctl resume 312
expect_exit 1 ctl resume 312
expect_text "8 operations wait for a person"
while read -r student login; do
	sim mutate login-change "$student" "$login" >/dev/null
done <<<"$back"
expect_exit 0 ctl rehearse 312 --wait --timeout 60
expect_no_writes_since "$seq" "while the rest of them wait"

expect_exit 4 ctl waiting approve 312 --json
token=$(jq -r .preview.token <<<"$out")
count=$(jq .preview.count <<<"$out")
expect_exit 0 ctl waiting approve 312 --token "$token" --count "$count" --reason "new login rule" --wait --timeout 60
expect_phase terms-mapped 312
expect_exit 0 ctl resume 312 --check
expect_text "no guard holds anything back"
expect_exit 0 ctl resume --all --wait --timeout 60
wait_phase syncing "${schools[@]}"
expect_exact 2026-2027 --snapshot spring
expect_no_other_year_writes
