#!/usr/bin/env bash
# 0 done, 1 refused, 2 usage, 3 unreachable, 4 waits for a person, 5 not permitted, 6 timed out.
. "$(dirname -- "$0")/lib.sh"

district
expect_exit 0 ctl status
expect_exit 0 ctl status --json
expect_exit 0 ctl pause --all
expect_exit 1 ctl resume 312
expect_exit 2 ctl stauts
expect_text status
expect_exit 2 ctl pause --no-such-option
expect_exit 3 ctl status --socket "$box/nobody-listens"
expect_text "[SR-UNREACHABLE]"
expect_exit 4 ctl year set 2025-2026 312

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$box"
	as_nobody() {
		setpriv --reuid 65534 --regid 65534 --clear-groups "$bin/sisrollctl" "$@" --socket "$SISROLL_SOCKET"
	}
	expect_exit 5 as_nobody status
	expect_text "[SR-NOT-PERMITTED]"
	expect_exit 5 as_nobody pause --all
else
	say "exit 5 is not tried: only root can ask as somebody else"
fi

expect_refusal SR-INVALID 1 ctl runs --limit 0
expect_refusal SR-INVALID 1 ctl history --limit -5
sim fault add slow --service ps --ms 8000 --count 0
expect_exit 6 ctl refresh --wait --timeout 1
expect_text "[SR-TIMED-OUT]"
sim fault clear
