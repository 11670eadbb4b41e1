/* What Schoology holds before anybody syncs: the organisation, its buildings and roles, the
 * acting user with his key, and what people made by hand. No grading period, no synced object.
 * Hand-made things belong to the organisation itself, so that every building is still empty. */
#include <stdio.h>

#include "district_int.h"
#include "verify.h"

/* clang-format off */
static const char ground_sql[] =
	"insert into sgy_school(id, title) values(2908525646, 'Cedar Valley SD');"
	"insert into sgy_role(id, title, faculty, role_type) values"
	" (1211, 'System Admin', 1, 1), (1212, 'School Admin', 1, 1), (1213, 'Teacher', 1, 1),"
	" (1214, 'Staff', 1, 1),"
	" (1215, 'Student', 0, 1), (1216, 'Parent', 0, 1);"
	/* The acting user teaches as well: same key, name and e-mail as USERS.DCID 2000, if there is one. */
	"insert into sgy_user(id, school_uid, name_first, name_last, username, primary_email, role_id,"
	" building_id, synced)"
	" select 4711902, coalesce('T' || u.teachernumber, ''), coalesce(u.first_name, 'System'),"
	" coalesce(u.last_name, 'Admin'), 'sync.admin', coalesce(u.email_addr,"
	" 'sync.admin@cedarvalley.example'), 1211,"
	" 2908525646, 0 from sgy_school left join users u on u.dcid = 2000"
	" and exists (select 1 from sim_district where key = 'hurts' and value = 1);";

static const char handmade_sql[] =
	"insert into sgy_user(id, school_uid, name_first, name_last, username, primary_email, role_id,"
	" building_id, synced)"
	" values (4700001, '', 'Visiting', 'Librarian', 'visiting.librarian', 'librarian@library.example',"
	" 1214,"
	" 2908525646, 0), (4700002, 'GUEST-1', 'Guest', 'Student', 'guest.student', '', 1215, 2908525646, 0);"
	"insert into sgy_course(id, course_code, title, building_id, synced)"
	" values (310100001, 'LOUNGE', 'Staff Lounge', 2908525646, 0);"
	"insert into sgy_section(id, course_id, title, section_school_code, section_code, synced)"
	" values (4712000001, 310100001, 'Welcome', '', 'welcome', 0);"
	"insert into sgy_enrollment(id, section_id, uid, admin, status) values"
	" (5430000001, 4712000001, 4700001, 1, 1), (5430000002, 4712000001, 4700002, 0, 1),"
	" (5430000003, 4712000001, 4711902, 1, 1);";

static const char buildings_sql[] =
	"insert into sgy_building(id, title, building_code) select 5170000 + dcid, name,"
	" case when ?1 = 1 and dcid = ?2 then '' else cast(school_number as text) end"
	" from schools where issummerschool = 0 and school_number <> 999999";
/* clang-format on */

int gen_schoology(sim_gen *g, uint64_t seed, sr_err *err)
{
	char key[33], secret[41], id[37], id_secret[37];

	sim_district_keys(seed, key, secret, id, id_secret);
	if (sim_sql_script(g->db, ground_sql, err) ||
		sim_sql_run(g->db, err, buildings_sql, "nn", g->spec.no_code, g->spec.schools) ||
		sim_sql_run(g->db, err,
			"insert into sgy_key(consumer_key, secret, uid, sees_all)"
			" values(?,?,?,1)",
			"tti", key, secret, SIM_ACTING_UID))
		return -1;
	if (g->spec.handmade && sim_sql_script(g->db, handmade_sql, err))
		return -1;
	return sim_snapshot_take(g->db, SIM_SNAPSHOT_HANDMADE, err);
}
