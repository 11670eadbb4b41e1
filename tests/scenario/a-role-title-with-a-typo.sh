#!/usr/bin/env bash
# A role title that Schoology does not have leaves out everybody of that role. The gate does not open over it.
. "$(dirname -- "$0")/lib.sh"

district
daemon_stop
sed -i 's/^student = Student$/student = Studnet/' "$box/sisrolld.conf"
daemon_start "$today"
look
expect_exit 1 ctl doctor
expect_text "no such role in Schoology: Studnet"

choose_year 2025-2026 "${schools[@]}"
wait_phase year-set "${schools[@]}"
map_terms "${schools[@]}"
wait_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
seq=$(last_write)
expect_refusal SR-PEOPLE 1 ctl resume 312
expect_text "Studnet"
expect_phase terms-mapped "${schools[@]}"
expect_no_writes_since "$seq" "the gate was closed"

daemon_stop
sed -i 's/Studnet/Student/' "$box/sisrolld.conf"
daemon_start "$today"
look
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
expect_exit 0 ctl resume "${schools[@]}" --wait --timeout 60
wait_phase syncing "${schools[@]}"
expect_exact 2025-2026
