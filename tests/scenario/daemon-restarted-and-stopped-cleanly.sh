#!/usr/bin/env bash
# SIGTERM ends the daemon with 0 and removes its socket; a second daemon on the same state is refused.
. "$(dirname -- "$0")/lib.sh"

installed
expect_exit 1 daemon_run_to_end
expect_exit 0 ctl status
daemon_stop || fail "the daemon ended with $?"
[ ! -e "$SISROLL_SOCKET" ] || fail "the socket is left behind"
expect_refusal_unreachable() {
	expect_exit 3 ctl status
	expect_text "[SR-UNREACHABLE]"
}
expect_refusal_unreachable
daemon_start "$today"
expect_phase syncing "${schools[@]}"
expect_exit 0 ctl backup "$box/state/copy.db"
[ -s "$box/state/copy.db" ] || fail "the backup is empty"
expect_refusal SR-BACKUP 1 ctl backup "$box/state/copy.db"
