#!/usr/bin/env bash
# An unknown key, a bad value, an address that is not https: every problem with file and line, exit 2; a reload
# keeps the old configuration.
. "$(dirname -- "$0")/lib.sh"

installed
cp "$box/sisrolld.conf" "$box/good.conf"
cat >>"$box/sisrolld.conf" <<-END
	[filter]
	exclude_grade = 1
	exclude_grades = twelve
	[nonsense]
	key = value
END
expect_exit 1 ctl config check --config "$box/sisrolld.conf"
expect_text "sisrolld.conf:$(grep -n 'exclude_grade =' "$box/sisrolld.conf" | cut -d: -f1)"
expect_text nonsense
kill -HUP "$daemon_pid"
wait_until 10 "the refusal in the log" grep -q 'the old one stays in force' "$box/sisrolld.log"
expect_exit 0 ctl status
expect_phase syncing "${schools[@]}"

daemon_stop
expect_exit 2 daemon_run_to_end
expect_text nonsense
sed 's,^url = .*/v1$,url = http://schoology.example/v1,' "$box/good.conf" >"$box/sisrolld.conf"
expect_exit 2 daemon_run_to_end
cp "$box/good.conf" "$box/sisrolld.conf"
expect_exit 0 ctl config check --config "$box/sisrolld.conf"
"$bin/sisrolld" --config-example >"$box/example.conf"
[ -s "$box/example.conf" ] || fail "the example is empty"
daemon_start "$today"
expect_phase syncing "${schools[@]}"
