#!/usr/bin/env bash
# What nobody here has done is told: the key belongs to another account than before, a mapped term's dates move, and
# PowerSchool rolls over, at a school that was paused and at one that was not. Each once, and each with its all-clear.
. "$(dirname -- "$0")/lib.sh"

alert() { # CODE SCHOOL: its text
	ctl alerts list --json | jq -r --arg code "$1" --argjson school "$2" \
		'.alerts[] | select(.code == $code and .school == $school) | .text'
}
stands() { # CODE SCHOOL TEXT
	alert "$1" "$2" | grep -qF -- "$3"
}
is_over() { # CODE SCHOOL
	ctl alerts list --json | jq -e '.looked != null' && [ -z "$(alert "$1" "$2")" ]
}
said() { # TEXT
	grep -c "$1" "$box/sisrolld.log" || true
}

command -v python3 >/dev/null || skip "python3 is not installed"
installed
seq=$(last_write)

# The database remembers another account: as if the key had been changed over night.
remember() { # FROM TO
	daemon_stop
	python3 - "$box/state/sisroll.db" "$1" "$2" <<-'END'
		import sqlite3, sys
		db = sqlite3.connect(sys.argv[1])
		assert db.execute("UPDATE meta SET value = ? WHERE name = 'acting_user_known' AND value = ?", (int(sys.argv[3]), int(sys.argv[2]))).rowcount == 1
		db.commit()
	END
	daemon_start "$today"
	look
}
wait_until 20 "a look" is_over acting-user-changed 0
uid=$(ctl acting-user show --json | jq -r .acting_user.uid)
remember "$uid" 4242
wait_until 20 "the other account is told" stands acting-user-changed 0 "account $uid now, not 4242"
crash_and_restart
wait_until 20 "it stands" stands acting-user-changed 0 "not 4242"
expect_equal "times it was said" 1 "$(said 'alert raised: The acting user')"
remember 4242 "$uid"
wait_until 20 "the all-clear" is_over acting-user-changed 0

read -r term first last < <(ctl terms list 312 --json | jq -r '.schools[0].terms[0] | "\(.term) \(.first_day) \(.last_day)"')
sim mutate term-dates 312 "$term" "$first" "$(date -u -d "$last - 1 day" +%F)" >/dev/null
wait_until 20 "the moved term is told" stands term-moved 312 "Dates of 1 mapped terms moved in PowerSchool (term $term)"
sim mutate term-dates 312 "$term" "$first" "$last" >/dev/null
wait_until 20 "it has moved back" is_over term-moved 312
expect_no_writes_since "$seq" "for all of that"

expect_exit 0 ctl pause 415
day_is 2026-06-03
sim eoy >/dev/null
wait_phase paused 312
wait_until 20 "news of the school that was not paused" stands sis-rolled 312 "It was not paused: sisrolld paused it."
wait_until 20 "news of the school that was" stands sis-rolled 415 "It was paused already."
stands sis-rolled 312 "sisrollctl year set 2026-2027 312" || fail "the alert does not say what to type"
crash_and_restart
wait_until 20 "they stand" stands sis-rolled 415 paused
expect_equal "times it was said" 2 "$(said 'alert raised: PowerSchool has rolled over')"
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set "${schools[@]}"
wait_until 20 "the all-clear of one" is_over sis-rolled 312
wait_until 20 "and of the other" is_over sis-rolled 415
