#!/usr/bin/env bash
# The year is chosen before PowerSchool has rolled over at one of the schools. That school alone waits.
. "$(dirname -- "$0")/lib.sh"

installed
expect_exit 0 ctl pause --all
day_is 2026-07-20
end_of_year --except 415
choose_year 2026-2027 "${schools[@]}"
wait_phase year-set 312
expect_phase paused 415
expect_equal "rolled over at 312" true "$(school 312 .sis.rolled)"
expect_equal "rolled over at 415" false "$(school 415 .sis.rolled)"
expect_refusal SR-CHOICE-PENDING 1 ctl resume 415
end_of_year
wait_phase year-set 415
