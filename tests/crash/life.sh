#!/usr/bin/env bash
# One life of a daemon that dies at its Nth effect, told to its end by an operator who types what NEXT says and never
# learns that anybody died. tests/crash/run starts it; the line that begins with `death:` is what the walk shows.
#
#   life.sh installation N     from nothing to `syncing` on 2025-2026
#   life.sh rollover N         from there, in a copy of $TEMPLATE, to `syncing` on 2026-2027
#   life.sh drops N            in a copy of $TEMPLATE: a class dropped, and taken again
#   life.sh template LIFE      leaves in $TEMPLATE what that life begins with
#
# DISTRICT and SCHOOLS say whose life it is. Status 0: all holds; 3: all holds, and nobody died.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../scenario/lib.sh"

life=$1
die_at=$([ "$life" = template ] && echo 0 || echo "${2:-0}")
name="$life $die_at"
read -r -a schools <<<"${SCHOOLS:?}"
# Few credits in a window that outlasts a death: a tiny district meets the limit too, and what the dead daemon spent
# shows where the next one forgets it.
credits=16
window_ms=600
year=2025-2026
# By the phase's number in the database.
phases=(syncing paused year-set terms-mapped resumed)
daemon_options=()
verify_options=(--allow-drops)
sync_options=()
typed=nothing
died=

# ---- the machine ----

# Every effect should be the operator's doing: only he and the start of a process make the daemon poll.
sandbox_up() { # DATE
	sandbox_start "${DISTRICT:?}" "$1" --db "$box/world.db" --limiter sliding --rate-credits $credits \
		--rate-window-ms $window_ms
	config_write "${schools[@]}" </dev/null
	sed -i "s/^rate_credits = .*/rate_credits = $credits/; s/^rate_window = .*/rate_window = ${window_ms}ms/
		s/^settle = .*/settle = 100ms/; s/^poll_interval = .*/poll_interval = 1h/
		s/^retry_first = .*/retry_first = 100ms/" "$box/sisrolld.conf"
}

is_dead() {
	! kill -0 "$daemon_pid" 2>/dev/null
}

# It may die before it is ready; then there is nothing to wait for.
daemon_up() {
	daemon_start "$today" "${daemon_options[@]}" 2>/dev/null || is_dead || fail "the daemon is not ready"
}

count_of() { # TABLE-AND-CONDITION
	sim query "select count(*) from $1"
}

# What the copy of the dead daemon's database holds, a line a school:
# NUMBER PHASE ACTIVE CHOSEN VERIFIED STEPS LAST-PHASE-OF-ITS-HISTORY
what_was_held() {
	[ -d "$box/copy" ] || return 0
	python3 -I -S - "$box"/copy/*.db <<-'END'
		import sqlite3, sys
		db = sqlite3.connect(sys.argv[1])
		if db.execute("select count(*) from sqlite_master where name in ('school', 'history')").fetchone()[0] == 2:
		    for row in db.execute("select number, phase, active, chosen, verified, (select count(*) from history h"
		                          " where h.school = number), coalesce((select to_ from history h where h.school ="
		                          " number order by id desc limit 1), 'paused') from school"):
		        print(*row)
	END
}

# alive SCHOOL STEPS: PHASE ACTIVE CHOSEN VERIFIED EVENT..., the events being those that moved it after so many steps.
alive() {
	{ ctl status "$1" --json && ctl history "$1" --json --limit 1000; } | jq -rs --argjson seen "$2" '
		def yearid: if . then .[:4] | tonumber - 1990 else 0 end;
		(.[0].schools[0] | [.phase, (.active_year, .chosen_year, .verified_year | yearid)])
		+ [.[1].history | reverse | .[$seen:][] | select(.from != .to) | .event] | join(" ")'
}

# ---- what must hold about a death ----

# Nothing but grading periods may have been written since the last phase that could write.
expect_no_forbidden_writes() { # PHASE WHEN
	local count

	case $1 in syncing | resumed) return ;; esac
	count=$(count_of "sgy_write_log where seq > $mark and kind <> 'grading_period'")
	[ "$count" -eq 0 ] || fail "$count objects were written by a daemon in $1 ($2)"
}

# As the dead daemon left it, or further by one step that a daemon takes by itself.
stands_where_it_stood() { # NUMBER PHASE ACTIVE CHOSEN VERIFIED STEPS
	local number=$1 phase=$2 active=$3 chosen=$4 verified=$5 now events

	now=$(alive "$number" "$6") || return 1
	events=$(cut -d ' ' -f 5- <<<"$now")
	case "$phase $events" in
	"$phase ") ;;
	"paused year-ready") phase="year-set" active=$chosen chosen=0 ;;
	"year-set terms-mapped") phase="terms-mapped" ;;
	"terms-mapped terms-broken") phase="year-set" ;;
	"resumed first-sync-verified") phase=syncing verified=$active ;;
	*) out="$phase, then $events" && return 1 ;;
	esac
	out="$phase $active $chosen $verified, but: $now"
	[ "$now" = "$phase $active $chosen $verified${events:+ $events}" ]
}

compare_school() { # NUMBER PHASE ACTIVE CHOSEN VERIFIED STEPS TOLD
	local phase=${phases[$2]}

	epitaph+=" school $1 in $phase, active $3, chosen $4;"
	[ "$7" = "$phase" ] || fail "school $1 died in $phase, and its history says $7"
	expect_no_forbidden_writes "$phase" "at its death"
	# Status and history are two questions: a step may come between them.
	stands_where_it_stood "$1" "$phase" "${@:3:4}" || stands_where_it_stood "$1" "$phase" "${@:3:4}" ||
		fail "school $1 does not stand where it stood"
}

# The daemon has died by its own hand; another, without the option, takes its place.
bury_and_restart() {
	local status=0 row held

	wait "$daemon_pid" || status=$?
	[ $status -eq 137 ] || fail "the daemon ended with $status"
	[ -z "$died" ] || fail "the second daemon died too"
	died=yes
	epitaph="effect $die_at at '$typed', $(count_of "sgy_write_log where seq > $born") written;"
	[ ! -d "$box/state" ] || cp -r "$box/state" "$box/copy"
	daemon_options=()
	daemon_lines=$(wc -l <"$box/sisrolld.log")
	daemon_up
	held=$(what_was_held) || fail "what the dead daemon held cannot be read"
	while read -r -a row; do
		[[ " ${schools[*]} " != *" ${row[0]-} "* ]] || compare_school "${row[@]}"
	done <<<"$held"
	say "died: $epitaph"
}

# ---- the operator ----

# What is answered does not matter to him: he looks at the table again.
type_command() {
	local got=0

	typed=$*
	out=$(ctl "$@" 2>&1) || got=$?
	say "sisrollctl $* ($got)"
}

# A preview, and the confirmation with its token.
type_year() { # year set YEAR SCHOOL
	local token

	typed=$*
	out=$(ctl "$@" --json 2>/dev/null) || true
	token=$(jq -r '.preview.token // empty' <<<"$out" 2>/dev/null) || return 0
	[ -z "$token" ] || type_command "$@" --token "$token"
}

# A summer: the operator pauses, PowerSchool rolls over, and NEXT says the rest.
summer() { # SCHOOL PHASE: answers whether that was all for this look
	[ "$life" = rollover ] || return 1
	if [ "$2" = syncing ]; then
		type_command pause "$1" --wait
	elif [ "$2" = paused ] && [ ! -e "$box/rolled" ]; then
		touch "$box/rolled"
		mark=$(last_write)
		sim eoy >/dev/null
		type_command refresh --wait
	else
		return 1
	fi
}

# One look at a school, and what follows from it. Answers whether it is where it should be.
tend() { # SCHOOL
	local phase verified next

	IFS=$'\t' read -r phase verified next < <(ctl status "$1" --json 2>/dev/null |
		jq -r '.schools[]? | [.phase, .verified_year // "never", .next] | @tsv') || return 1
	expect_no_forbidden_writes "$phase" "seen alive"
	[ "$phase $verified" != "syncing $year" ] || return 0
	summer "$1" "$phase" && return 1
	read -r -a next <<<"$next"
	case ${next[0]} in
	wait) sleep 0.05 ;;
	year) type_year "${next[@]}" ;;
	rehearse) type_command "${next[@]}" --wait --timeout 30 ;;
	*) type_command "${next[@]}" ;;
	esac
	return 1
}

all_are_there() {
	local number

	for number in "${schools[@]}"; do
		tend "$number" || return 1
	done
}

synced_once_more() {
	typed="sync ${schools[*]}"
	out=$(ctl sync "${schools[@]}" "${sync_options[@]}" --wait --timeout 30 2>&1) || sleep 0.05
	is_dead || grep -q 'done' <<<"$out"
}

# live WHAT: until it holds; a daemon that has died meanwhile is buried.
live() {
	local deadline=$((SECONDS + 60))

	until "$@" && ! is_dead; do
		if is_dead; then
			bury_and_restart
		elif [ $SECONDS -ge $deadline ]; then
			out=$(ctl status --all 2>&1 && ctl runs 2>&1 && ctl history 2>&1) || true
			fail "the operator got nowhere: $*"
		fi
	done
}

# ---- the lives ----

live_on() {
	born=$(last_write)
	mark=$born
	asked=$(sim query "select coalesce(max(seq), 0) from sgy_request_log")
	daemon_up
	live all_are_there
	live synced_once_more
}

expect_all_well() {
	local seq

	seq=$(last_write)
	live synced_once_more
	expect_no_writes_since "$seq" "one more sync"
	expect_exit 0 sim verify --year "$year" --schools "$(IFS=, && echo "${schools[*]}")" "${verify_options[@]}"
	expect_no_other_year_writes
	expect_equal "answers 429" 0 "$(count_of "sgy_request_log where status = 429 and seq > $asked")"
	out=$(sim requests --since "$asked" --window-ms $window_ms)
	[ "$(sed -n 's/^max cost in any [0-9]* ms: //p' <<<"$out")" -le $credits ] || fail "over $credits credits in a window"
}

# A class is dropped, and when that is done the student takes it again, on the enrollment that he had.
october() {
	read -r student class < <(sim query "select cast(s.student_number as integer) || ' ' || min(c.dcid) from students s
		join cc on cc.studentid = s.id join sections c on c.id = cc.sectionid where s.enroll_status = 0
		and cc.dateleft > '2026-01-01' and cc.dateenrolled < '2025-10-01' group by s.id limit 1")
	sim mutate drop-enrollment "$student" "$class" >/dev/null
	sync_options=(--drops)
	live_on
	out="$student in $class"
	[ "$(member_status "$student" "$class")" = 5 ] || fail "the drop was not sent"
	sim mutate add-enrollment "$student" "$class" >/dev/null
	live synced_once_more
	out="$student in $class"
	[ "$(member_status "$student" "$class")" = 1 ] || fail "the student did not come back"
	verify_options=()
}

make_template() { # LIFE
	[ "$1" = rollover ] || today=2025-10-06
	sandbox_up "$today"
	live_on
	if [ "$1" = rollover ]; then
		sim snapshot spring >/dev/null
		day_is 2026-07-20
		live synced_once_more
	fi
	daemon_stop || fail "the daemon did not stop cleanly"
	sandbox_stop
	cp -r "$box/state" "$box"/world.db* "${TEMPLATE:?}/"
}

case $life in
template)
	make_template "$2"
	exit 0
	;;
rollover)
	today=2026-07-20
	year=2026-2027
	verify_options+=(--snapshot spring)
	cp -r "${TEMPLATE:?}"/* "$box/"
	;;
drops)
	today=2025-10-06
	cp -r "${TEMPLATE:?}"/* "$box/"
	;;
esac
daemon_options=(--test-die-at "$die_at")
sandbox_up "$today"
if [ "$life" = drops ]; then october; else live_on; fi
expect_all_well
if [ -z "$died" ]; then
	# The form of a scenario knows no such end: it cleans up as after a success.
	trap 'trap - EXIT; daemon_end KILL || true; sandbox_stop; rm -rf -- "$box"; exit 3' EXIT
	say "nobody died: this life has fewer than $die_at effects"
	exit 3
fi
echo "death: $epitaph"
