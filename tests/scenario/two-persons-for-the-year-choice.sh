#!/usr/bin/env bash
# The district wants two persons for what cannot be taken back easily. The one who asks for a year's preview cannot
# confirm it; the other can, in either order. Root may do it alone, and that is recorded.
. "$(dirname -- "$0")/lib.sh"

if [ "$(id -u)" -ne 0 ] || ! command -v setpriv >/dev/null || ! id daemon >/dev/null 2>&1 || ! id bin >/dev/null 2>&1; then
	skip "only root can ask as several people"
fi
# Two accounts that every machine has.
first=daemon
second=bin

district <<-END
	[operator]
	designated = $first
	two_person = yes
	second = $second
END
chmod 755 "$box"
as() {
	setpriv --reuid "$1" --regid "$1" --clear-groups "$bin/sisrollctl" "${@:2}"
}
chosen() {
	school 312 '.chosen_year // .active_year'
}

expect_equal "the second person in status" $second "$(ctl status --json | jq -r .daemon.second)"
expect_exit 4 as $first year set 2025-2026 312
expect_text "This takes two persons: $second has to type what follows"
expect_exit 4 as $first year set 2025-2026 312 --json
token=$(jq -r .preview.token <<<"$out")
expect_equal "who has to confirm" $second "$(jq -r .preview.confirm_by <<<"$out")"
expect_exit 1 as $first year set 2025-2026 312 --token "$token"
expect_text "[SR-SECOND-PERSON]"
expect_text "Ask $second"
expect_equal "the year" null "$(chosen)"
# His refusal spent nothing: the other confirms with the same token.
expect_exit 0 as $second year set 2025-2026 312 --token "$token" --wait --timeout 30
wait_phase year-set 312

# The other way round; and the second person decides nothing else.
expect_exit 4 as $second year set 2025-2026 415 --json
token=$(jq -r .preview.token <<<"$out")
expect_exit 1 as $second year set 2025-2026 415 --token "$token"
expect_text "Ask $first"
expect_exit 0 as $first year set 2025-2026 415 --token "$token" --wait --timeout 30
wait_phase year-set 415
expect_exit 0 as $second status
expect_exit 5 as $second terms automap 312
expect_exit 5 as $second resume 312
expect_exit 5 as $second pause 312
expect_no_writes_since 0 "by anybody"

# Root breaks the glass: alone, with what he leaves behind in the history.
expect_exit 0 as $first year cancel 312
choose_year 2025-2026 312
wait_phase year-set 312
expect_equal "acts of root alone" 1 "$(ctl history --json | jq '[.history[] | select(.event == "break-glass" and (.who | test("break-glass")))] | length')"
expect_only_periods_since 0

# Many operations at once take two persons as well; a few are the operator's alone, and never the second person's.
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
expect_exit 0 as $first resume "${schools[@]}" --wait --timeout 60
seq=$(last_write)
sim mutate logins-change 312 11 new- >/dev/null
run_all
expect_exit 4 as $first waiting approve 312 --json
token=$(jq -r .preview.token <<<"$out")
expect_exit 1 as $first waiting approve 312 --token "$token" --count 11
expect_text "[SR-SECOND-PERSON]"
number=$(ctl waiting list 312 --json | jq -r '.waiting[0].key')
expect_exit 1 as $second waiting approve 312 --student "$number"
expect_text "[SR-SECOND-PERSON]"
expect_equal "users written" 0 "$(written_of user "$seq")"
expect_exit 0 as $second waiting approve 312 --token "$token" --count 11 --wait --timeout 60
expect_equal "users written" 11 "$(written_of user "$seq")"
expect_equal "who approved" $second "$(ctl history 312 --json | jq -r '[.history[] | select(.event == "waiting-approved")][0].who')"

# The end of an account takes two persons, be it a single one.
for n in 1 2; do
	sim mutate transfer-out "312:$n" >/dev/null
done
run_all
expect_exit 5 as $second inactive plan 312
expect_exit 0 as $first inactive plan 312 --wait --timeout 30
plan=$(ctl plan list 312 --json | jq '[.plans[] | select(.kind == "inactive") | .id] | max')
seq=$(last_write)
expect_exit 4 as $first inactive apply "$plan" --json
token=$(jq -r .preview.token <<<"$out")
count=$(jq .preview.count <<<"$out")
expect_exit 1 as $first inactive apply "$plan" --token "$token" --count "$count"
expect_text "[SR-SECOND-PERSON]"
expect_no_writes_since "$seq" "by one person alone"
expect_exit 0 as $second inactive apply "$plan" --token "$token" --count "$count" --wait --timeout 30
expect_equal "accounts written" "$count" "$(written_of user "$seq")"
