#!/bin/sh
# .clang-format is applied. Exit 77 (skipped, and said) where clang-format is not installed.
# usage: format.sh ROOT
set -u
cd "$1" || exit 2
command -v clang-format >/dev/null 2>&1 || {
	echo "format: skipped, clang-format is not installed"
	exit 77
}
find lib daemon tests -name '*.[ch]' ! -path '*/lint/bad/*' -print0 | xargs -0 clang-format --dry-run -Werror 2>&1 |
	sed -n 's/^\([^:]*:[0-9]*\):.*\[-Wclang-format-violations\]$/\1: not as clang-format writes it/p' | sort -u >"${TMPDIR:-/tmp}/format.$$"
head -60 "${TMPDIR:-/tmp}/format.$$"
found=$(wc -l <"${TMPDIR:-/tmp}/format.$$")
rm -f "${TMPDIR:-/tmp}/format.$$"
echo "format: $found lines"
[ "$found" -eq 0 ]
