#!/usr/bin/env bash
# Student 1042 and teacher 1042 are two people, and stay two accounts through a rollover.
. "$(dirname -- "$0")/lib.sh"

two_people() {
	expect_equal "accounts 1042 and T1042" "1042 T1042" \
		"$(sim query "select group_concat(school_uid, ' ') from (select school_uid from sgy_user
			where school_uid in ('1042', 'T1042') order by 1)")"
	expect_equal "names of the student" "$(sim query "select first_name || ' ' || last_name from students where student_number = 1042")" \
		"$(sim query "select name_first || ' ' || name_last from sgy_user where school_uid = '1042'")"
	expect_equal "role of the student" Student \
		"$(sim query "select r.title from sgy_user u join sgy_role r on r.id = u.role_id where school_uid = '1042'")"
	expect_equal "role of the teacher" Teacher \
		"$(sim query "select r.title from sgy_user u join sgy_role r on r.id = u.role_id where school_uid = 'T1042'")"
}

installed
two_people
expect_exit 0 ctl pause --all
day_is 2026-07-20
end_of_year
take_to_syncing 2026-2027 "${schools[@]}"
two_people
expect_exit 0 ctl explain student 1042
expect_exit 0 ctl explain staff 1042
