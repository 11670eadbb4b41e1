#!/usr/bin/env bash
# kill -9 and a new process in each of the five phases: same phase, same choice, nothing doubled, and no write that
# the phase forbids.
. "$(dirname -- "$0")/lib.sh"

killed_in() { # PHASE ACTIVE CHOSEN
	crash_and_restart
	expect_phase "$1" 312
	expect_equal "active year" "$2" "$(school 312 .active_year)"
	expect_equal "chosen year" "$3" "$(school 312 .chosen_year)"
}

district small,hold=0 2026-03-02
seq=$(last_write)
killed_in paused null null
choose_year 2025-2026 312
wait_phase year-set 312
killed_in year-set 2025-2026 null
expect_no_writes_since "$seq" "paused and year-set"
map_terms 312
wait_phase terms-mapped 312
seq=$(last_write)
killed_in terms-mapped 2025-2026 null
expect_exit 0 ctl rehearse 312 --wait --timeout 60
killed_in terms-mapped 2025-2026 null
expect_no_writes_since "$seq" "terms-mapped, rehearsed"

sim fault add slow --service sgy --method POST --ms 300 --count 0
expect_exit 0 ctl resume 312
for after in 1 40 90; do
	written() { [ "$(writes_since "$seq")" -ge "$after" ]; }
	wait_until 30 "$after objects written" written
	[ "$(phase_of 312)" = resumed ] || break
	crash_and_restart
	say "killed with $(writes_since "$seq") objects written, in $(phase_of 312)"
done
sim fault clear
wait_phase syncing 312
schools=(312)
expect_exact 2025-2026
killed_in syncing 2025-2026 null
run_all
seq=$(last_write)
run_all
expect_no_writes_since "$seq" "a further run"

expect_exit 0 ctl pause 312
day_is 2026-05-01
choose_year 2026-2027 312
expect_phase paused 312
killed_in paused 2025-2026 2026-2027
expect_no_writes_since "$seq" "paused with a choice"
expect_no_other_year_writes
