#!/bin/sh
# Every header compiles alone: what it uses, it includes.
# usage: headers.sh ROOT CC
set -u
cd "$1" || exit 2
failed=0
count=0
for header in $(find lib daemon tests -name '*.h' ! -path '*/lint/bad/*' | sort); do
	count=$((count + 1))
	"$2" -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-unused-function -Wno-missing-field-initializers \
		-DSISROLL_GOLDEN='"."' -DSISROLL_SOURCE='"."' -fsyntax-only -I lib -I daemon -I daemon/ctl -I tests/sim \
		-I "$(dirname "$header")" -include "$header" -x c /dev/null || {
		echo "$header does not compile alone"
		failed=$((failed + 1))
	}
done
echo "headers: $count compiled, $failed failed"
[ "$failed" -eq 0 ] && [ "$count" -gt 0 ]
