#!/usr/bin/env bash
# What `cmake --install` puts down is complete: the binaries run from there, the plugin is a zip that the sandbox
# takes, and systemd finds nothing wrong with the unit.
. "$(dirname -- "$0")/../scenario/lib.sh"

root=$box/root
expect_exit 0 env DESTDIR="$root" cmake --install "$build" --prefix /usr
for file in usr/sbin/sisrolld usr/bin/sisrollctl usr/lib/systemd/system/sisrolld.service usr/lib/sysusers.d/sisroll.conf; do
	[ -e "$root/$file" ] || fail "$file is not installed"
done
expect_exit 0 "$root/usr/bin/sisrollctl" config example
[ -n "$out" ] || fail "sisrollctl does not find the daemon beside it"

expect_exit 0 "$source_dir/packaging/powerschool-plugin/build" "$box/plugin"
plugin=$box/plugin/sisroll-plugin.zip
bin=$root/usr/bin
ln -s "$root/usr/sbin/sisrolld" "$build/bin/sisroll-sim" "$bin/"
installed
expect_exact 2025-2026
