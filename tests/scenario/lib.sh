# What every scenario is made of: a sandbox and a daemon in a folder that is gone afterwards, sisrollctl, and
# statements about what must be so. The first statement that does not hold ends the scenario.
# Never sleeps for luck: whatever is waited for has a condition and a bound.
#
# shellcheck shell=bash
# Sourced by a scenario, which tests/scenario/run starts. SISROLL_BUILD is the build folder (build/check).
set -euo pipefail

source_dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
build=${SISROLL_BUILD:-$source_dir/build/check}
bin=$build/bin
box=$(mktemp -d "${TMPDIR:-/tmp}/sisroll-scenario-XXXXXX")
# shellcheck source=packaging/sandbox.sh
. "$source_dir/packaging/sandbox.sh"

name=$(basename -- "$0" .sh)
# The small district: Cedar Middle (semesters) and North High (quarters), forty students, everything that hurts.
schools=(312 415)
today=2026-03-02

finish() {
	local status=$?

	trap - EXIT
	daemon_end KILL || true
	sandbox_stop
	if [ $status -eq 0 ] || [ $status -eq 77 ]; then
		[ $status -eq 77 ] || echo "ok    $name"
		rm -rf -- "$box"
		exit $status
	fi
	echo "FAIL  $name"
	echo "--- the end of the daemon's log"
	tail -n "${LOG_LINES:-15}" "$box/sisrolld.log" 2>/dev/null || true
	if [ -n "${KEEP-}" ]; then
		echo "--- kept: $box"
	else
		rm -rf -- "$box"
	fi
	exit 1
}
trap finish EXIT
trap 'exit 143' TERM INT

say() {
	echo "      $*"
}

# What cannot be tried on this machine is said, and counted.
skip() {
	echo "skip  $name: $*"
	exit 77
}

fail() {
	echo "      NOT SO: $*"
	[ -z "${out-}" ] || printf '%s\n' "$out" | sed 's/^/      | /' | head -n 40
	exit 1
}

# in_world QUIRK=VALUE: whether the scenario is played in a world with that switch. What is then rightly different says so
# with a comment; nothing is left out in silence.
in_world() {
	[[ " ${SANDBOX_QUIRKS-} " == *" $1 "* ]]
}

# ---- statements ----

# expect_exit STATUS COMMAND...: leaves what the command said in $out.
expect_exit() {
	local wanted=$1 got=0
	shift

	out=$("$@" 2>&1) || got=$?
	[ "$got" -eq "$wanted" ] || fail "'$*' ended with $got, not $wanted"
}

# expect_refusal CODE STATUS COMMAND...: a refusal in its form: what and why with its code, what is untouched, what
# to type; the code is explained by `help`, and --json carries the same code.
expect_refusal() {
	local code=$1 wanted=$2
	shift 2

	expect_exit "$wanted" "$@"
	grep -q "^sisrollctl: .*\[$code\]" <<<"$out" || fail "'$*' was not refused with $code"
	grep -q '^Do:  ' <<<"$out" || fail "the refusal of '$*' does not say what to do"
	ctl help "$code" | grep -q . || fail "'help $code' says nothing"
	expect_exit "$wanted" "$@" --json
	jq -e --arg code "$code" '[.. | .code? // empty] | index($code) != null' <<<"$out" >/dev/null ||
		fail "'$* --json' does not carry $code"
	say "refused, exit $wanted: ${*:2} [$code]"
}

# expect_text TEXT: the last command said it.
expect_text() {
	grep -qF -- "$1" <<<"$out" || fail "nothing said '$1'"
}

expect_equal() { # WHAT WANTED GOT
	[ "$2" = "$3" ] || fail "$1: $3, not $2"
	say "$1: $3"
}

# ---- looking ----

# school NUMBER PATH: a value of the school's status.
school() {
	ctl status "$1" --json | jq -r ".schools[] | select(.school == $1) | $2"
}

phase_of() {
	school "$1" .phase
}

expect_phase() { # PHASE SCHOOL...
	local wanted=$1 number
	shift

	for number in "$@"; do
		out=$(ctl status "$number" 2>&1) || true
		[ "$(phase_of "$number")" = "$wanted" ] || fail "school $number is in $(phase_of "$number"), not $wanted"
	done
	say "in $wanted: $*"
}

# wait_until SECONDS WHAT COMMAND...: asks ten times a second, no longer than that.
wait_until() {
	local deadline=$((SECONDS + $1)) what=$2
	shift 2

	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $deadline ]; then
			out=$(ctl status --all 2>&1) || true
			fail "waited in vain for: $what"
		fi
		sleep 0.1
	done
}

is_in_phase() {
	[ "$(phase_of "$2")" = "$1" ]
}

wait_phase() { # PHASE SCHOOL...
	local wanted=$1 number
	shift

	for number in "$@"; do
		wait_until 30 "school $number in $wanted" is_in_phase "$wanted" "$number"
	done
	say "in $wanted: $*"
}

has_block() {
	school "$2" '.blocks[].code' | grep -qx "$1"
}

has_no_block() {
	! has_block "$1" "$2"
}

is_blocked() {
	[ "$(school "$1" '.blocks | length')" -gt 0 ]
}

is_free() {
	! is_blocked "$1"
}

powerschool_ok() {
	[ "$(ctl status --json | jq .daemon.powerschool.ok)" = true ]
}

schoology_ok() {
	[ "$(ctl status --json | jq .daemon.schoology.ok)" = true ]
}

wait_block() { # CODE SCHOOL
	wait_until 30 "school $2 blocked by $1" has_block "$1" "$2"
	say "school $2 is blocked: $1"
}

wait_no_block() { # CODE SCHOOL
	wait_until 30 "school $2 no more blocked by $1" has_no_block "$1" "$2"
	say "school $2 is free again: $1 is over"
}

# ---- what was written ----

last_write() {
	sim writes --all --json | jq '.summary[0].last_seq'
}

# Objects written behind the given place of the write log, unchanged ones too.
writes_since() {
	sim writes --since "$1" --all --json | jq '.summary[0].objects'
}

expect_no_writes_since() { # SEQ WHILE
	local count

	count=$(writes_since "$1")
	out=$(sim writes --since "$1" --all --list)
	[ "$count" -eq 0 ] || fail "$count objects were written: $2"
	say "0 objects written: $2"
}

# Objects of KIND (user, course, section, enrollment, grading_period) that were changed since.
written_of() { # KIND SEQ
	sim writes --since "$2" --list --json | jq --arg kind "$1" '[.list[] | select(.kind == $kind) | .object_id] | unique | length'
}

expect_only_periods_since() { # SEQ
	expect_equal "objects written that are no grading periods" 0 \
		"$(sim writes --since "$1" --all --list --json | jq '[.list[] | select(.kind != "grading_period")] | length')"
}

expect_no_other_year_writes() {
	expect_equal "writes of another year" 0 "$(ctl status --json | jq .daemon.other_year_writes)"
}

nothing_runs() {
	[ "$(ctl runs "$@" --json | jq '[.runs[] | select(.ended == null)] | length')" -eq 0 ]
}

# A full pull and comparison, to its end, and to that of the runs it brings about at other schools.
run_all_of() { # SCHOOL...
	expect_exit 0 ctl sync "$@" --wait --timeout 60
	wait_until 30 "the end of what runs by itself" nothing_runs
}

run_all() {
	run_all_of "${schools[@]}"
}

# Schoology holds what PowerSchool's tables say, by the sandbox's own reckoning; earlier years as in the snapshot.
expect_exact() { # YEAR [OPTION...]
	local year=$1 list
	shift

	list=$(IFS=,; echo "${schools[*]}")
	# A world whose Schoology takes nobody into a section that is over: whoever was not in it before stays out.
	! in_world past_import_refused=1 || set -- --past-refused "$@"
	# A plugin that may not read ROLEDEF cannot tell aides from teachers.
	! in_world optional_tables_refused=1 || set -- --roles-refused "$@"
	wait_until 30 "the end of what runs by itself" nothing_runs
	expect_exit 0 sim verify --year "$year" --schools "$list" --allow-drops "$@"
	say "Schoology holds $year exactly: $(sim verify --year "$year" --schools "$list" --allow-drops --json "$@" |
		jq -r '.expected | to_entries | map("\(.value) \(.key)") | join(", ")')"
}

# ---- memberships ----

# a_class SCHOOL [N]: the N-th student of a school who sits in a class all year, and that class: NUMBER DCID.
a_class() {
	sim query "select cast(s.student_number as integer) || ' ' || min(sec.dcid) from students s
		join cc on cc.studentid = s.id join sections sec on sec.id = cc.sectionid
		where cc.schoolid = $1 and s.schoolid = $1 and cc.termid = 3500 and cc.sectionid > 0 and s.enroll_status = 0
		and cc.dateleft > '2026-04-01' group by s.id order by s.id limit 1 offset $((${2:-1} - 1))"
}

# a_led_class SCHOOL: a class all year with one teacher, who is not the acting user (he is left alone).
a_led_class() {
	sim query "select min(s.dcid) from sections s join schoolstaff f on f.id = s.teacher join users u
		on u.dcid = f.users_dcid where s.schoolid = $1 and s.termid = 3500 and u.teachernumber <> '0007'
		and 1 = (select count(*) from sectionteacher t where t.sectionid = s.id)"
}

# lead_of DCID: the key of the one who leads that class in PowerSchool.
lead_of() {
	sim query "select 'T' || u.teachernumber from sections s join schoolstaff f on f.id = s.teacher
		join users u on u.dcid = f.users_dcid where s.dcid = $1"
}

# member_status UID DCID: Schoology's status of each enrollment of that person in the class of that number in PowerSchool.
member_status() {
	sim query "select e.status from sgy_enrollment e join sgy_section g on g.id = e.section_id join sgy_user u
		on u.id = e.uid where u.school_uid = '$1' and g.section_school_code like '%-$2' order by e.id"
}

# newest_plan SCHOOL: its number.
newest_plan() {
	ctl plan list "$1" --json | jq '[.plans[].id] | max'
}

# The run of the day that sends drops, by a person's word.
drop_now() { # SCHOOL...
	expect_exit 0 ctl sync "$@" --drops --wait --timeout 60
}

# expect_drops STATE COUNT PLAN [TEXT]: that many drops of the plan stand there like this, each with that reason.
expect_drops() {
	expect_exit 0 ctl plan show "$3" --json
	expect_equal "drops $1 in plan $3" "$2" "$(jq --arg state "$1" \
		'[.items[] | select(.op == "drop" and .state == $state)] | length' <<<"$out")"
	[ -z "${4-}" ] || [ "$2" -eq 0 ] || expect_text "$4"
}

# ---- the road, in strides ----

# The daemon has looked at both systems and has drawn its conclusions, where they could be read.
look() {
	ctl refresh --wait --timeout 30 >/dev/null 2>&1 || true
}

# district [SPEC] [DATE]: sandbox, configuration and daemon; a line of configuration a time on standard input.
district() {
	local spec=${1:-small,hold=0}

	today=${2:-$today}
	sandbox_start "$spec" "$today" "${sandbox_options[@]}"
	config_write "${schools[@]}"
	daemon_start "$today"
	look
}
sandbox_options=()

token_for() { # YEAR SCHOOL...
	local got=0

	out=$(ctl year set "$@" --json) || got=$?
	[ $got -eq 4 ] || fail "a preview ends with 4, not $got"
	jq -er .preview.token <<<"$out"
}

choose_year() { # YEAR SCHOOL...
	local token

	token=$(token_for "$@")
	expect_exit 0 ctl year set "$@" --token "$token" --wait --timeout 30
}

map_terms() { # SCHOOL...
	expect_exit 0 ctl terms automap "$@" --yes
}

# From paused to syncing: YEAR SCHOOL...
take_to_syncing() {
	local year=$1
	shift

	choose_year "$year" "$@"
	wait_phase year-set "$@"
	map_terms "$@"
	wait_phase terms-mapped "$@"
	expect_exit 0 ctl rehearse "$@" --wait --timeout 60
	expect_exit 0 ctl resume "$@" --wait --timeout 60
	wait_phase syncing "$@"
}

# The first installation, on 2025-2026.
installed() {
	district "$@"
	take_to_syncing 2025-2026 "${schools[@]}"
}

# Both ends move to another day; the daemon is restarted, as it is over a summer anyway.
day_is() {
	today=$1
	daemon_stop || fail "the daemon did not stop cleanly"
	sim date "${1%% *}" >/dev/null
	daemon_start "$1"
	look
	say "it is $1"
}

# The same to the second, in UTC: night_is DATE HH:MM:SS.
night_is() {
	day_is "$1 $2"
	today=$1
}

# PowerSchool's end-of-year process, and the daemon has seen it.
end_of_year() {
	sim eoy "$@" >/dev/null
	look
}

# For a daemon that must not stay up: what it says, and how it ends.
daemon_run_to_end() {
	timeout 20 "$bin/sisrolld" -c "$box/sisrolld.conf" --test-clock-offset-s "$(offset_to "$today")"
}

# kill -9 and a new process on the same day.
crash_and_restart() {
	daemon_end KILL || true
	daemon_start "$today"
	look
}
