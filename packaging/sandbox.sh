# Starts the sandbox and a daemon in a folder of their own, and ends them: for the quickstart and the scenarios.
# Never touches anything outside that folder, nor any process that it did not start.
#
# shellcheck shell=bash
# To be sourced, with `bin` (folder of the binaries), `source_dir` (the tree) and `box` (the folder) set.

: "${bin?}" "${source_dir?}" "${box?}"
sandbox_pid=
daemon_pid=
powerschool_url=
schoology_url=

export SISROLL_SIM=$box/sim.sock SISROLL_SOCKET=$box/control.sock
export NO_COLOR=1

sim() {
	"$bin/sisroll-sim" "$@"
}

ctl() {
	"$bin/sisrollctl" "$@"
}

# sandbox_start DISTRICT DATE [OPTION...]: the folder of the plugin that ships is installed unless told otherwise.
# SANDBOX_QUIRKS (NAME=VALUE ...): the world it is played in; the options of the caller stand above it.
sandbox_start() {
	local district=$1 date=$2 ready quirk quirks=()
	shift 2

	for quirk in ${SANDBOX_QUIRKS-}; do
		quirks+=(--quirk "$quirk")
	done

	# A terminal that closes does not end it; who started it does.
	exec {sandbox_out}< <(trap '' HUP; exec "$bin/sisroll-sim" serve --powerschool 127.0.0.1:0 --schoology 127.0.0.1:0 \
		--district "$district" --date "$date" --credentials "$box/credentials" \
		--plugin "${plugin-$source_dir/schema/powerschool}" --rate-window-ms 200 "${quirks[@]}" "$@" 2>"$box/sandbox.log")
	sandbox_pid=$!
	if ! read -r -t 60 -u "$sandbox_out" ready; then
		echo "the sandbox did not start:" >&2
		cat "$box/sandbox.log" >&2
		return 1
	fi
	ready=${ready#* powerschool=}
	powerschool_url=${ready%% *}
	ready=${ready#* schoology=}
	schoology_url=${ready%% *}
}

sandbox_stop() {
	[ -n "$sandbox_pid" ] || return 0
	kill "$sandbox_pid" 2>/dev/null || true
	wait "$sandbox_pid" 2>/dev/null || true
	sandbox_pid=
}

# A configuration for the sandbox: short waits, since the sandbox's rate window is short too. Further lines
# follow on standard input.
config_write() { # SCHOOL...
	local school

	cat >"$box/sisrolld.conf" <<-END
		[daemon]
		state_dir = $box/state
		socket = $SISROLL_SOCKET
		log_level = info
		[powerschool]
		url = $powerschool_url
		id_file = $box/credentials/powerschool-id
		secret_file = $box/credentials/powerschool-secret
		[schoology]
		url = $schoology_url
		key_file = $box/credentials/schoology-key
		secret_file = $box/credentials/schoology-secret
		rate_credits = 50
		rate_window = 200ms
		settle = 300ms
		[sync]
		poll_interval = 1s
		retry_first = 300ms
		retry_max = 2s
		[roles]
		student = Student
		teacher = Teacher
		staff = Staff
	END
	for school in "$@"; do
		printf '[school %s]\nsync = yes\n' "$school"
	done >>"$box/sisrolld.conf"
	[ -t 0 ] || cat >>"$box/sisrolld.conf"
}

# Seconds from now to this time of day on DATE: both ends of the sandbox live on that date. To the very time, where
# DATE has one (in UTC).
offset_to() {
	local now

	now=$(date -u +%s)
	case $1 in
	*:*)
		echo $(($(date -u -d "$1" +%s) - now))
		return
		;;
	esac
	echo $(($(date -u -d "$1" +%s) + now % 86400 - now))
}

# daemon_start DATE [OPTION...]: returns once the daemon has said that it is ready.
daemon_start() {
	local offset

	offset=$(offset_to "$1")
	shift
	: >>"$box/sisrolld.log"
	"$bin/sisrolld" -c "$box/sisrolld.conf" --test-clock-offset-s "$offset" "$@" 2>>"$box/sisrolld.log" \
		{sandbox_out}<&- &
	daemon_pid=$!
	daemon_await_ready
}

# `tail --pid` ends with the daemon, so that one that fails to start is not waited for.
daemon_await_ready() {
	local lines=${daemon_lines-0}

	if ! timeout 30 grep -q -m1 'is ready' < <(exec tail -n "+$((lines + 1))" -s 0.05 --pid="$daemon_pid" -f \
		"$box/sisrolld.log" 2>/dev/null); then
		echo "the daemon did not start:" >&2
		tail -n 5 "$box/sisrolld.log" >&2
		return 1
	fi
	daemon_lines=$(wc -l <"$box/sisrolld.log")
}

# daemon_end SIGNAL: answers how it ended.
daemon_end() {
	local status=0

	[ -n "$daemon_pid" ] || return 0
	kill "-$1" "$daemon_pid" 2>/dev/null || true
	wait "$daemon_pid" 2>/dev/null || status=$?
	daemon_pid=
	daemon_lines=$(wc -l <"$box/sisrolld.log")
	return $status
}

daemon_stop() {
	daemon_end TERM
}
