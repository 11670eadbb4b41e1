#!/usr/bin/env bash
# systemd's own varlinkctl talks to the daemon's socket, unmodified: what it introspects is the file under schema/.
. "$(dirname -- "$0")/../scenario/lib.sh"

command -v varlinkctl >/dev/null || skip "varlinkctl is missing (it comes with systemd 255)"
district
expect_exit 0 varlinkctl info "unix:$SISROLL_SOCKET"
expect_text org.sisroll.Control
expect_exit 0 varlinkctl introspect "unix:$SISROLL_SOCKET" org.sisroll.Control
expect_text "method YearSet"
expect_exit 0 varlinkctl call -j "unix:$SISROLL_SOCKET" org.sisroll.Control.Status '{}'
expect_equal "schools" 2 "$(jq '.schools | length' <<<"$out")"
