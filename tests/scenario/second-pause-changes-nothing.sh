#!/usr/bin/env bash
# Pausing twice is no error and changes nothing: who paused first, and when, stays.
. "$(dirname -- "$0")/lib.sh"

installed
expect_exit 0 ctl pause 312 --reason "first"
since=$(school 312 .since)
expect_exit 0 ctl pause 312 --reason "second"
expect_exit 0 ctl pause 312 --json
expect_equal "a no-op" true "$(jq '.results[0].noop' <<<"$out")"
expect_equal "since" "$since" "$(school 312 .since)"
expect_phase paused 312
expect_phase syncing 415
