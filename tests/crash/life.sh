#!/usr/bin/env bash
# One life of a daemon that dies at its Nth effect, told to its end by an operator who knows nothing of the death: he
# types what NEXT says. tests/crash/run starts it; the last line it prints is what the walk shows.
#
#   life.sh installation N     from nothing to `syncing` on 2025-2026
#   life.sh rollover N         from there, in a copy of $TEMPLATE, to `syncing` on 2026-2027
#   life.sh template           leaves in $TEMPLATE what a rollover begins with
#
# DISTRICT and SCHOOLS say whose life it is. Status 0: all holds; 3: all holds, and nobody died.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../scenario/lib.sh"

life=$1
die_at=${2:-0}
name="$life $die_at"
read -r -a schools <<<"${SCHOOLS:?}"
# Few credits, so that a tiny district meets its limit too, and so that a budget forgotten in the death shows.
credits=12
window_ms=200
# The phase's number in the database, and what may have happened by itself between a death and the next look.
phases=(syncing paused year-set terms-mapped resumed)
by_itself='["year-ready","terms-mapped","terms-broken","first-sync-verified"]'
snapshot=()
typed=nothing
deaths=0

case $life in
rollover) year=2026-2027 ;;
*) year=2025-2026 ;;
esac

# ---- the machine ----

sandbox_up() { # DATE
	sandbox_start "${DISTRICT:?}" "$1" --db "$box/world.db" --limiter sliding --rate-credits $credits
	config_write "${schools[@]}" </dev/null
	sed -i "s/^rate_credits = .*/rate_credits = $credits/; s/^rate_window = .*/rate_window = ${window_ms}ms/
		s/^settle = .*/settle = 100ms/; s/^poll_interval = .*/poll_interval = 500ms/
		s/^retry_first = .*/retry_first = 100ms/" "$box/sisrolld.conf"
}

is_dead() {
	! kill -0 "$daemon_pid" 2>/dev/null
}

# The daemon may die before it is ready; then there is nothing to wait for.
daemon_up() {
	[ "$die_at" -eq 0 ] || daemon_options=(--test-die-at "$die_at")
	daemon_start "$today" "${daemon_options[@]}" 2>/dev/null || is_dead || fail "the daemon is not ready"
}
daemon_options=()

# What the database holds of each school, read from a copy: {"101": {"phase": 1, "active": 35, ...}}.
database() {
	python3 - "$box/state" "$box/copy" <<-'END'
		import glob, json, os, shutil, sqlite3, sys
		shutil.rmtree(sys.argv[2], ignore_errors=True)
		shutil.copytree(sys.argv[1], sys.argv[2], ignore=shutil.ignore_patterns("*-shm")) \
		    if os.path.isdir(sys.argv[1]) else os.mkdir(sys.argv[2])
		held = {}
		for path in glob.glob(sys.argv[2] + "/*.db"):
		    db = sqlite3.connect(path)
		    db.row_factory = sqlite3.Row
		    if not db.execute("select 1 from sqlite_master where name = 'history'").fetchone():
		        continue
		    for row in db.execute("select number, phase, active, chosen, verified, epoch, (select count(*) from"
		                          " history h where h.school = number) steps, (select to_ from history h where"
		                          " h.school = number order by id desc limit 1) told from school"):
		        held[row["number"]] = dict(row)
		print(json.dumps(held))
	END
}

# ---- what must hold about a death ----

year_name() { # YEARID
	[ "$1" -eq 0 ] && echo null || echo "$((1990 + $1))-$((1991 + $1))"
}

# Nothing but grading periods may have been written since the last phase that could write.
expect_no_forbidden_writes() { # PHASE WHEN
	local count

	case $1 in syncing | resumed) return ;; esac
	count=$(sim writes --since "$mark" --all --list --json | jq '[.list[] | select(.kind != "grading_period")] | length')
	[ "$count" -eq 0 ] || fail "$count objects were written by a daemon in $1 ($2)"
}

# compare_school SCHOOL HELD: as the dead daemon held it, or one step of the daemon's own further.
compare_school() {
	local number=$1 held=$2 before after steps active chosen verified

	before=${phases[$(jq -r .phase <<<"$held")]}
	[ "$(jq -r '.told // "paused"' <<<"$held")" = "$before" ] || fail "$number died in $before, its history says otherwise"
	active=$(year_name "$(jq .active <<<"$held")")
	chosen=$(year_name "$(jq .chosen <<<"$held")")
	verified=$(year_name "$(jq .verified <<<"$held")")
	expect_no_forbidden_writes "$before" "at its death"

	after=$(ctl status "$number" --json | jq -c '.schools[0] | [.phase, .active_year, .chosen_year, .verified_year]')
	steps=$(ctl history "$number" --json --limit 1000 |
		jq -c --argjson seen "$(jq .steps <<<"$held")" '[.history | reverse | .[$seen:][] | select(.from != .to)]')
	jq -e --argjson may "$by_itself" 'length <= 1 and all(.event as $e | $may | index($e) != null)' <<<"$steps" >/dev/null ||
		fail "$number went on by itself: $steps"
	case $(jq -r '.[0].event // ""' <<<"$steps") in
	year-ready) active=$chosen chosen=null ;;
	first-sync-verified) verified=$active ;;
	esac
	wanted=$(jq -nc '$ARGS.positional | map(if . == "null" then null else . end)' --args \
		"$(jq -r --arg before "$before" '.[0].to // $before' <<<"$steps")" "$active" "$chosen" "$verified")
	[ "$after" = "$wanted" ] || fail "$number was $wanted when the daemon died, and is $after"
	epitaph+=" $number $before $active chosen $chosen"
}

# The daemon has died by its own hand; a new one, without the option, stands where it stood.
bury_and_restart() {
	local status=0 held number

	wait "$daemon_pid" || status=$?
	[ $status -eq 137 ] || fail "the daemon ended with $status"
	daemon_pid=
	deaths=$((deaths + 1))
	held=$(database)
	epitaph="effect $die_at, operator at '$typed', $(writes_since "$born") written:"
	die_at=0
	daemon_options=()
	daemon_lines=$(wc -l <"$box/sisrolld.log")
	daemon_up
	for number in "${schools[@]}"; do
		jq -e --arg n "$number" '.[$n]' <<<"$held" >/dev/null || continue
		compare_school "$number" "$(jq -c --arg n "$number" '.[$n]' <<<"$held")"
	done
	say "died: $epitaph"
}

# ---- the operator ----

# type COMMAND...: as somebody does who looks at the table afterwards, whatever was answered.
type_command() {
	local got=0

	typed=$*
	out=$(ctl "$@" 2>&1) || got=$?
	say "sisrollctl $* ($got)"
}

type_year() { # year set YEAR SCHOOL
	local token

	typed=$*
	token=$(ctl "$@" --json 2>/dev/null | jq -r '.preview.token // empty') || return 0
	[ -z "$token" ] || type_command "$@" --token "$token"
}

# One look at the school, and what follows from it. Answers whether it is where it should be.
tend() { # SCHOOL
	local seen phase next

	seen=$(ctl status "$1" --json 2>/dev/null | jq -c '.schools[0] // empty') || return 1
	[ -n "$seen" ] || return 1
	phase=$(jq -r .phase <<<"$seen")
	read -r -a next <<<"$(jq -r .next <<<"$seen")"
	expect_no_forbidden_writes "$phase" "seen alive"
	[ "$phase $(jq -r .verified_year <<<"$seen")" != "syncing $year" ] || return 0
	if [ "$phase $life" = "syncing rollover" ]; then
		next=(pause "$1" --wait)
	elif [ "$phase" = paused ] && [ "$life" = rollover ] && [ -z "$rolled" ]; then
		rolled=yes
		mark=$(last_write)
		sim eoy >/dev/null
		next=(refresh --wait)
	fi
	case ${next[0]} in
	wait) sleep 0.05 ;;
	year) type_year "${next[@]}" ;;
	rehearse) type_command "${next[@]}" --wait --timeout 30 ;;
	*) type_command "${next[@]}" ;;
	esac
	return 1
}

everywhere_there() {
	local number

	for number in "${schools[@]}"; do
		tend "$number" || return 1
	done
}

# live WHAT: until it holds, burying the daemon when it has died.
live() {
	local deadline=$((SECONDS + 40))

	while is_dead || ! "$@"; do
		if is_dead; then
			bury_and_restart
		elif [ $SECONDS -ge $deadline ]; then
			out=$(ctl status --all 2>&1 && ctl runs 2>&1 && ctl history 2>&1) || true
			fail "the operator got nowhere: $*"
		fi
	done
}

synced_once_more() {
	typed="sync ${schools[*]}"
	nothing_runs "${schools[@]}" || return 1
	out=$(ctl sync "${schools[@]}" --wait --timeout 30 2>&1)
}

# ---- the lives ----

live_on() {
	born=$(last_write)
	mark=$born
	rolled=
	daemon_up
	live everywhere_there
	live synced_once_more
}

expect_all_well() {
	local seq

	expect_exact "$year" "${snapshot[@]}"
	seq=$(last_write)
	live synced_once_more
	expect_no_writes_since "$seq" "one more sync"
	expect_no_other_year_writes
	expect_equal "memberships doubled" 0 "$(sim query "select count(*) from (select 1 from sgy_enrollment
		group by section_id, uid having count(*) > 1)")"
	expect_equal "answers 429" 0 "$(sim query "select count(*) from sgy_request_log where status = 429")"
	out=$(sim requests --window-ms $window_ms)
	[ "$(sed -n 's/^max cost in any [0-9]* ms: //p' <<<"$out")" -le $credits ] || fail "more than $credits credits in a window"
}

make_template() {
	sandbox_up "$today"
	live_on
	sim snapshot spring >/dev/null
	day_is 2026-07-20
	live synced_once_more
	daemon_stop || fail "the daemon did not stop cleanly"
	sandbox_stop
	cp -r "$box/state" "$box/world.db"* "${TEMPLATE:?}/"
}

case $life in
template)
	make_template
	exit 0
	;;
rollover)
	today=2026-07-20
	snapshot=(--snapshot spring)
	cp -r "${TEMPLATE:?}"/* "$box/"
	;;
esac
sandbox_up "$today"
live_on
expect_all_well
if [ $deaths -eq 0 ]; then
	echo "nobody died: the life has fewer than $die_at effects"
	daemon_end KILL || true
	sandbox_stop
	rm -rf -- "$box"
	trap - EXIT
	exit 3
fi
echo "$epitaph"
