#!/usr/bin/env bash
# The calendar of the configuration: reminders before the last day of school, the schools pause by themselves once
# after it (a summer school that resumes stays resumed), and reminders before the first day until all are resumed.
. "$(dirname -- "$0")/lib.sh"

config_add() {
	cat >>"$box/sisrolld.conf" <<-END
		[calendar]
		last_day = 2026-05-29
		first_day = 2026-08-17
		auto_pause = yes
	END
}
alerts_looked() {
	ctl alerts list --json | jq -e '.looked != null'
}
text_of() { # CODE
	ctl alerts list --json | jq -r --arg code "$1" '.alerts[] | select(.code == $code) | .text'
}
reminds() { # CODE TEXT
	text_of "$1" | grep -qF -- "$2"
}
silent() { # CODE
	[ -z "$(text_of "$1")" ]
}
paused_by_calendar() {
	ctl history "$1" --json | jq '[.history[] | select(.event == "pause" and .who == "sisrolld")] | length'
}

installed
daemon_stop
config_add
daemon_start "$today"
look
wait_until 20 "a look" alerts_looked
expect_equal "reminders in March" "" "$(text_of last-day)$(text_of first-day)"
day_is 2026-05-20
wait_until 20 "the first reminder" reminds last-day "Last day of school in 9 days (2026-05-29): 2 of 2 schools still sync"
day_is 2026-05-28
wait_until 20 "the last reminder" reminds last-day "in 1 day"
expect_equal "times it was said" "1 1" "$(grep -c 'alert raised: Last day' "$box/sisrolld.log") $(grep -c 'alert again: Last day' "$box/sisrolld.log")"
expect_phase syncing "${schools[@]}"
day_is 2026-05-29
wait_until 20 "a look" alerts_looked
expect_phase syncing "${schools[@]}"

day_is 2026-05-30
wait_phase paused "${schools[@]}"
seq=$(last_write)
expect_equal "pauses by the calendar" 1 "$(paused_by_calendar 312)"
expect_exit 0 ctl history 312 --json
jq -e '.history[0].why | test("the last day of school was 2026-05-29")' <<<"$out" >/dev/null || fail "the history does not say why"
wait_until 20 "no reminder for whom is paused" silent last-day
expect_no_writes_since "$seq" "by itself after the last day"

# Summer school: a person resumes, and the calendar does not interfere again.
expect_exit 0 ctl resume 312 --wait --timeout 60
wait_phase syncing 312
crash_and_restart
wait_until 20 "a look" alerts_looked
expect_phase syncing 312
expect_equal "pauses by the calendar still" 1 "$(paused_by_calendar 312)"
expect_exit 0 ctl pause 312

end_of_year
day_is 2026-08-10
wait_until 20 "the reminder of the first day" reminds first-day "First day of school in 7 days (2026-08-17): 2 of 2 schools are not resumed"
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set "${schools[@]}"
wait_until 20 "unmapped schools are counted" reminds first-day "2 of them with unmapped terms"
take_rest() {
	map_terms "$@"
	wait_phase terms-mapped "$@"
	expect_exit 0 ctl rehearse "$@" --wait --timeout 60
	expect_exit 0 ctl resume "$@" --wait --timeout 60
	wait_phase syncing "$@"
}
take_rest 312
wait_until 20 "one is left" reminds first-day "1 of 2 schools are not resumed"
take_rest 415
wait_until 20 "the all-clear" silent first-day
day_is 2026-08-16
wait_until 20 "a look" alerts_looked
expect_phase syncing "${schools[@]}"
expect_equal "reminders" "" "$(text_of last-day)$(text_of first-day)"
