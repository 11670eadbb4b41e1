#!/usr/bin/env bash
# The command that should tell alerts hangs, floods or fails, and the webhook is not there: runs go on, the daemon
# answers, the failure is said once, and nothing is left running.
. "$(dirname -- "$0")/lib.sh"

cat >"$box/broken" <<-'END'
	#!/bin/sh
	here=$(dirname "$0")
	echo begun >>"$here/begun"
	case $(cat "$here/mode") in
	hang) sleep 300 & echo $! >>"$here/left"; wait ;;
	flood) exec yes flood ;;
	fail) echo "it is broken" >&2; exit 3 ;;
	esac
END
chmod +x "$box/broken"
echo hang >"$box/mode"

sandbox_start small,hold=0 "$today"
config_write "${schools[@]}" <<-END
	[alert]
	command = $box/broken
	timeout = 1s
END
daemon_start "$today"
look
take_to_syncing 2025-2026 "${schools[@]}"

begun() {
	wc -l <"$box/begun" 2>/dev/null || echo 0
}
break_and_mend() {
	sim mutate revoke-field STUDENTS.STUDENT_NUMBER >/dev/null
	ctl sync 312 --wait --timeout 60 >/dev/null 2>&1 || true
	wait_block plugin-right 312
	wait_until 20 "the alert is raised" is_raised # the next look of the poll ends the block
	sim mutate grant-fields >/dev/null
	wait_no_block plugin-right 312
	run_all
}
is_raised() {
	ctl alerts list --json | jq -e '[.. | .code? // empty] | index("plugin-right") != null' >/dev/null
}
begun_twice() {
	[ "$(begun)" -ge $(($1 + 2)) ]
}
said() {
	grep -c "alerts by command: $1" "$box/sisrolld.log" || true
}

break_and_mend
wait_until 20 "both alerts were tried" begun_twice 0
expect_exit 0 ctl status
wait_until 10 "the one that hangs is killed" grep -q 'was killed' "$box/sisrolld.log"
expect_exit 1 ctl alert test
expect_text "was killed"
while read -r pid; do
	# A dead one that nobody has reaped yet does not run.
	! kill -0 "$pid" 2>/dev/null || grep -q '^State:.*Z' "/proc/$pid/status" || fail "process $pid was left running"
done <"$box/left"

echo flood >"$box/mode"
before=$(begun)
break_and_mend
wait_until 20 "two floods" begun_twice "$before"
expect_exit 0 ctl status
expect_exit 1 ctl alert test
[ "$(wc -c <"$box/sisrolld.log")" -lt 200000 ] || fail "the flood went into the log"

echo fail >"$box/mode"
expect_exit 1 ctl alert test
expect_text "status 3"
expect_text "it is broken"
expect_equal "times the failing command was said" 1 "$(said 'command')"

echo good >"$box/mode"
expect_exit 0 ctl alert test
expect_equal "and that it works again" 1 "$(said 'it works again')"
sed -i "s,^command = .*,command = not/absolute," "$box/sisrolld.conf"
expect_exit 1 "$bin/sisrolld" -c "$box/sisrolld.conf" --config-check
expect_text "[alert] command: expected the absolute path"
sed -i "s,^command = .*,command =," "$box/sisrolld.conf"
kill -HUP "$daemon_pid"
wait_until 10 "the new configuration" grep -q 'the configuration was read again' "$box/sisrolld.log"
expect_refusal SR-NO-ALERT-WAY 1 ctl alert test
run_all
expect_exact 2025-2026
