#!/usr/bin/env bash
# The plugin was never installed in PowerSchool; later it is switched off. The sentence a PowerSchool administrator
# needs, nothing written.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
sim mutate plugin-disable >/dev/null
# A PowerSchool may give a disabled plugin no token at all: then it is the keys that are refused.
block=plugin-right
! in_world disabled_token_refused=1 || block=powerschool-auth
wait_block $block 312
expect_refusal "SR-${block^^}" 1 ctl sync 312 --wait --timeout 30
expect_exit 1 ctl doctor
expect_text "lugin"
sim mutate new-student 312 7 >/dev/null
expect_no_writes_since "$seq" "without the plugin"
sim mutate plugin-enable >/dev/null
wait_no_block $block 312
run_all
expect_exact 2025-2026
