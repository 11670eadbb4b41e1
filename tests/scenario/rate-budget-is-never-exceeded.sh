#!/usr/bin/env bash
# Schoology's limiter counts strictly. A first run spends its budget and never draws a 429.
. "$(dirname -- "$0")/lib.sh"

# Every world allows what the daemon believes here; too-many-requests-says-schoology shows the rest.
sandbox_options=(--limiter sliding --rate-credits 50 --rate-window-ms 200 --quirk read_cost=1 --quirk write_cost=3
	--quirk rate_scope=key --quirk multiget_cost=call)
installed
expect_equal "answers 429" 0 "$(sim query "select count(*) from sgy_request_log where status = 429")"
expect_exit 0 sim requests --window-ms 200
max=$(sed -n 's/^max cost in any 200 ms: //p' <<<"$out")
[ "$max" -le 50 ] || fail "$max credits within a window of 50"
say "at most $max of 50 credits in any window"
