#!/usr/bin/env bash
# The account whose key sisroll uses also teaches. It is enrolled as a teacher, and nothing of the account itself
# changes: not role, name, building, login.
. "$(dirname -- "$0")/lib.sh"

account() {
	sim query "select id, school_uid, name_first, name_last, username, primary_email, role_id, building_id, active
		from sgy_user where id = 4711902"
}

district
before=$(account)
take_to_syncing 2025-2026 "${schools[@]}"
expect_equal "the account after the first run" "$before" "$(account)"
expect_exit 0 ctl pause --all
day_is 2026-07-20
end_of_year
take_to_syncing 2026-2027 "${schools[@]}"
run_all
expect_equal "the account after the rollover" "$before" "$(account)"
expect_exit 0 ctl acting-user show
expect_text "System Admin"
