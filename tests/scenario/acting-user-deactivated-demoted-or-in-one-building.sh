#!/usr/bin/env bash
# The acting user is made inactive, a teacher, or confined to one building: all writes stop, and go on by
# themselves once it is sound.
. "$(dirname -- "$0")/lib.sh"

installed
seq=$(last_write)
for harm in acting-user-deactivate acting-user-demote "acting-user-one-building 312"; do
	# shellcheck disable=SC2086 # the mutation and its argument
	sim mutate $harm
	say "$harm"
	wait_until 30 "a block" is_blocked 312
	expect_exit 1 ctl sync 312 --wait --timeout 30
	if [ "$harm" = acting-user-deactivate ] && in_world inactive_key_401=1; then
		# Schoology may refuse the key of an inactive user: then nobody can be asked who he is.
		expect_text "[SR-SCHOOLOGY-AUTH]"
	else
		expect_text "[SR-ACTING-USER-INVALID]"
		expect_equal "acting user sound" false "$(ctl acting-user show --json | jq .acting_user.ok)"
	fi
	sim mutate acting-user-restore
	wait_until 30 "no block" is_free 312
done
expect_no_writes_since "$seq" "by an acting user that is not sound"
expect_phase syncing "${schools[@]}"
