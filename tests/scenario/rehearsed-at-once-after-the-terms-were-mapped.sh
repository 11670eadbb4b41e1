#!/usr/bin/env bash
# An impatient administrator types year, map and rehearsal without waiting for anything. The rehearsal's own look at
# the sections may be what maps the terms: it goes on all the same.
. "$(dirname -- "$0")/lib.sh"

installed
sim snapshot spring >/dev/null
expect_exit 0 ctl pause --all --reason "summer"
day_is 2026-07-20
end_of_year

# The poll is far away: what the daemon knows of the new year is what the commands themselves find out.
daemon_stop
sed -i 's/^poll_interval = .*/poll_interval = 10min/' "$box/sisrolld.conf"
daemon_start "$today"
look
token=$(token_for 2026-2027 "${schools[@]}")
expect_exit 0 ctl year set 2026-2027 "${schools[@]}" --token "$token"
expect_phase year-set "${schools[@]}"
expect_exit 0 ctl terms automap "${schools[@]}" --yes
expect_exit 0 ctl rehearse "${schools[@]}" --wait --timeout 60
expect_phase terms-mapped "${schools[@]}"
expect_exit 0 ctl resume "${schools[@]}" --wait --timeout 60
wait_phase syncing "${schools[@]}"
expect_exact 2026-2027 --snapshot spring
expect_no_other_year_writes
