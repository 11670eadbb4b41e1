#!/usr/bin/env bash
# A secret's file is readable by the group: the daemon does not start, and says which file and what to do.
. "$(dirname -- "$0")/lib.sh"

installed
daemon_stop
chmod 640 "$box/credentials/schoology-secret"
expect_exit 1 daemon_run_to_end
expect_text "schoology-secret"
! grep -q "$(cat "$box/credentials/schoology-secret")" "$box/sisrolld.log" || fail "the secret stands in the log"
chmod 600 "$box/credentials/schoology-secret"
daemon_start "$today"
expect_phase syncing "${schools[@]}"
