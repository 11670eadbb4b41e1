#!/usr/bin/env bash
# Schools are blocked while nobody looks: a command, a mail and a signed request tell it, each once, over a restart
# too; and each tells when it is over. `alert test` says which way works.
. "$(dirname -- "$0")/lib.sh"

command -v python3 >/dev/null || skip "python3 is not installed"

# Stand-ins: a program that notes its environment, a sendmail that keeps mails, and a receiver of requests.
mkdir "$box/mails" "$box/posts"
cat >"$box/note" <<-'END'
	#!/bin/sh
	echo "$SISROLL_ALERT_STATE $SISROLL_ALERT_CODE $SISROLL_ALERT_SCHOOL $*: $SISROLL_ALERT_TEXT" >>"$(dirname "$0")/noted"
	cat >>"$(dirname "$0")/noted.json"; echo >>"$(dirname "$0")/noted.json"
	env | cut -d= -f1 >"$(dirname "$0")/noted.env"
END
cat >"$box/sendmail" <<-'END'
	#!/bin/sh
	echo "$@" >>"$(dirname "$0")/mails/arguments"
	cat >"$(mktemp "$(dirname "$0")/mails/mail-XXXXXX")"
END
chmod +x "$box/note" "$box/sendmail"
cat >"$box/receiver.py" <<-'END'
	import http.server, itertools, pathlib, sys
	folder, count = pathlib.Path(sys.argv[1]), itertools.count(1)

	class Receiver(http.server.BaseHTTPRequestHandler):
	    def do_POST(self):
	        n = next(count)
	        body = self.rfile.read(int(self.headers["Content-Length"]))
	        # The first is refused: it must come again.
	        if n > 1:
	            (folder / f"{n}.signature").write_text(self.headers["X-Sisroll-Signature"])
	            (folder / f"{n}.json").write_bytes(body)
	        self.send_response(503 if n == 1 else 204)
	        self.end_headers()

	    def log_message(self, *_):
	        pass

	server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
	print(server.server_port, flush=True)
	server.serve_forever()
END
exec {receiver_out}< <(exec python3 "$box/receiver.py" "$box/posts" 2>/dev/null)
receiver_pid=$!
trap 'status=$?; kill "$receiver_pid" 2>/dev/null; (exit $status); finish' EXIT
read -r -t 20 -u "$receiver_out" port || fail "the receiver did not start"

sandbox_start small,hold=0 "$today"
(umask 077 && printf 'a secret of ours\n' >"$box/credentials/alert-secret")
config_write "${schools[@]}" <<-END
	[alert]
	command = $box/note "two words"
	mail_to = ops@example.org second@example.org
	mail_from = sisroll@example.org
	sendmail = $box/sendmail
	webhook = http://127.0.0.1:$port/hook?key=1
	secret_file = $box/credentials/alert-secret
END
daemon_start "$today"
look

noted() { # STATE CODE
	grep -c "^$1 $2 " "$box/noted" 2>/dev/null || true
}
mailed() { # TEXT
	cat "$box"/mails/mail-* 2>/dev/null | grep -c "^$1" || true
}
posted() { # STATE CODE
	cat "$box"/posts/*.json 2>/dev/null | jq -s --arg s "$1" --arg c "$2" '[.[] | select(.state == $s and .code == $c)] | length'
}
alerts_looked() {
	ctl alerts list --json | jq -e '.looked != null'
}
told() { # STATE CODE: by every way
	[ "$(noted "$1" "$2")" -ge 1 ] && [ "$(posted "$1" "$2")" -ge 1 ] && [ "$(mailed "[^ ].*: $2 ($1")" -ge 1 ]
}
told_once() { # STATE CODE
	expect_equal "$2 $1 by command, webhook, mail" "1 1 1" \
		"$(noted "$1" "$2") $(posted "$1" "$2") $(mailed "[^ ].*: $2 ($1")"
}

take_to_syncing 2025-2026 "${schools[@]}"
seq=$(last_write)
sim mutate revoke-field STUDENTS.STUDENT_NUMBER >/dev/null
ctl sync 312 --wait --timeout 60 >/dev/null 2>&1 || true
wait_block plugin-right 312
wait_until 30 "the alert by every way" told raised plugin-right
told_once raised plugin-right
grep -q '^Subject: \[sisroll\] the district: plugin-right$' "$box"/mails/mail-* || fail "the mail's subject"
grep -q ' two words: the district: Blocked: plugin-right' "$box/noted" || fail "the command's arguments or text"
expect_equal "sendmail was called with" "-t -i" "$(sort -u "$box/mails/arguments")"
! grep -qE 'SISROLL_SOCKET|CREDENTIALS|NOTIFY' "$box/noted.env" || fail "the command got our environment"
for body in "$box"/posts/*.json; do
	wanted=sha256=$(openssl dgst -sha256 -hmac 'a secret of ours' -r "$body" | cut -d' ' -f1)
	expect_equal "signature of ${body##*/}" "$wanted" "$(cat "${body%.json}.signature")"
done
! grep -q 'a secret of ours' "$box/sisrolld.log" || fail "the secret stands in the log"
expect_exit 0 ctl alerts list
expect_text plugin-right
expect_no_writes_since "$seq" "while blocked"

crash_and_restart
wait_until 30 "a look at everything after the restart" alerts_looked
told_once raised plugin-right
expect_equal "times the journal has it" 1 "$(grep -c 'alert raised: Blocked: plugin-right' "$box/sisrolld.log")"

sim mutate grant-fields >/dev/null
wait_no_block plugin-right 312
wait_until 30 "the all-clear by every way" told cleared plugin-right
told_once cleared plugin-right
expect_exit 0 ctl alerts list --json
expect_equal "alerts of blocks that stand" 0 "$(jq '[.alerts[] | select(.code == "plugin-right")] | length' <<<"$out")"

expect_exit 0 ctl alert test
expect_exit 0 ctl alert test --json
expect_equal "ways that work" "command mail webhook" "$(jq -r '[.checks[] | select(.ok) | .check] | sort | join(" ")' <<<"$out")"
chmod -x "$box/sendmail"
expect_exit 1 ctl alert test --json
expect_equal "ways that do not" mail "$(jq -r '[.checks[] | select(.ok | not) | .check] | join(" ")' <<<"$out")"
