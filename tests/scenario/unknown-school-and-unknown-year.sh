#!/usr/bin/env bash
# A school or a year that does not exist: refused, and told where to look.
. "$(dirname -- "$0")/lib.sh"

district
expect_refusal SR-UNKNOWN-SCHOOL 1 ctl pause 9999
expect_text "sisrollctl schools list"
expect_refusal SR-UNKNOWN-SCHOOL 1 ctl status Nowhere
expect_refusal SR-UNKNOWN-YEAR 1 ctl year set 2031-2032
expect_text "sisrollctl year list"
expect_refusal SR-UNKNOWN-YEAR 1 ctl year set next-year
expect_refusal SR-NO-SCHOOL-NAMED 1 ctl pause
expect_exit 0 ctl status Cedar
expect_text "Cedar Middle"
expect_exit 0 ctl status 300-319
expect_phase paused "${schools[@]}"
