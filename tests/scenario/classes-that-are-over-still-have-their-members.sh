#!/usr/bin/env bash
# A first installation in the middle of the year, at a Schoology that calls the members of classes that are over
# `expired`: they still stand, nothing is missed, and the first run is verified.
. "$(dirname -- "$0")/lib.sh"

sandbox_options=(--quirk past_members_expire=1)
installed
seq=$(last_write)
run_all
expect_no_writes_since "$seq" "a further run over unchanged data"
expect_no_other_year_writes
