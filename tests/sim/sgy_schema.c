/* The organisation's tables. Anybody in the sandbox may fill or change them by SQL: the stand-in
 * keeps nothing of them in memory. Ids are Schoology's, 64-bit; dates are ISO text; text that is
 * not set is '' unless a comment says NULL. Uniqueness that Schoology checks (school_uid, username,
 * e-mail, codes, titles) is checked by the handlers, with Schoology's answers, not by an index. */
#include "sgy_api.h"

static const char people_sql[] =
	"CREATE TABLE IF NOT EXISTS sgy_school ("
	" id INTEGER PRIMARY KEY, title TEXT NOT NULL DEFAULT '');"

	"CREATE TABLE IF NOT EXISTS sgy_building ("
	" id INTEGER PRIMARY KEY, title TEXT NOT NULL DEFAULT '', building_code TEXT NOT NULL DEFAULT '',"
	" address1 TEXT NOT NULL DEFAULT '', address2 TEXT NOT NULL DEFAULT '', city TEXT NOT NULL DEFAULT '',"
	" state TEXT NOT NULL DEFAULT '', postal_code TEXT NOT NULL DEFAULT '', country TEXT NOT NULL DEFAULT '',"
	" website TEXT NOT NULL DEFAULT '', phone TEXT NOT NULL DEFAULT '', fax TEXT NOT NULL DEFAULT '');"

	/* role_type: 1 organisation, 2 building override. */
	"CREATE TABLE IF NOT EXISTS sgy_role ("
	" id INTEGER PRIMARY KEY, title TEXT NOT NULL, faculty INTEGER NOT NULL DEFAULT 0,"
	" role_type INTEGER NOT NULL DEFAULT 1);"

	/* building_id: a building, or the school itself. scope_building_id: the only building that an
	 * administrator sees; NULL: all of them. active 0: listed under users/inactive alone. */
	"CREATE TABLE IF NOT EXISTS sgy_user ("
	" id INTEGER PRIMARY KEY, school_uid TEXT NOT NULL DEFAULT '',"
	" name_first TEXT NOT NULL DEFAULT '', name_last TEXT NOT NULL DEFAULT '',"
	" name_first_preferred TEXT NOT NULL DEFAULT '', name_middle TEXT NOT NULL DEFAULT '',"
	" name_title TEXT NOT NULL DEFAULT '', username TEXT NOT NULL DEFAULT '',"
	" primary_email TEXT NOT NULL DEFAULT '', role_id INTEGER NOT NULL DEFAULT 0,"
	" building_id INTEGER NOT NULL DEFAULT 0, additional_buildings TEXT NOT NULL DEFAULT '',"
	" grad_year TEXT NOT NULL DEFAULT '', position TEXT NOT NULL DEFAULT '', gender TEXT NOT NULL DEFAULT '',"
	" birthday_date TEXT NOT NULL DEFAULT '', synced INTEGER NOT NULL DEFAULT 0,"
	" active INTEGER NOT NULL DEFAULT 1, inactive_at_s INTEGER NOT NULL DEFAULT 0,"
	" modified_by_uid INTEGER NOT NULL DEFAULT 0, scope_building_id INTEGER);"
	"CREATE INDEX IF NOT EXISTS sgy_user_by_school_uid ON sgy_user(school_uid);"
	"CREATE INDEX IF NOT EXISTS sgy_user_by_username ON sgy_user(username COLLATE NOCASE);"
	"CREATE INDEX IF NOT EXISTS sgy_user_by_email ON sgy_user(primary_email COLLATE NOCASE);"

	/* E-mail addresses that accounts of other organisations hold; verified 1: in our own domain. */
	"CREATE TABLE IF NOT EXISTS sgy_foreign_email ("
	" email TEXT PRIMARY KEY COLLATE NOCASE, verified INTEGER NOT NULL DEFAULT 0);";

static const char roster_sql[] =
	"CREATE TABLE IF NOT EXISTS sgy_course ("
	" id INTEGER PRIMARY KEY, course_code TEXT NOT NULL DEFAULT '', title TEXT NOT NULL DEFAULT '',"
	" building_id INTEGER NOT NULL DEFAULT 0, department TEXT NOT NULL DEFAULT '',"
	" description TEXT NOT NULL DEFAULT '', credits TEXT NOT NULL DEFAULT '',"
	" grade_level_range_start INTEGER NOT NULL DEFAULT 0, grade_level_range_end INTEGER NOT NULL DEFAULT 0,"
	" subject_area INTEGER NOT NULL DEFAULT 0, synced INTEGER NOT NULL DEFAULT 0);"
	"CREATE INDEX IF NOT EXISTS sgy_course_by_code ON sgy_course(course_code);"

	/* synced NULL: never said. */
	"CREATE TABLE IF NOT EXISTS sgy_section ("
	" id INTEGER PRIMARY KEY, course_id INTEGER NOT NULL, title TEXT NOT NULL DEFAULT '',"
	" section_school_code TEXT NOT NULL DEFAULT '', section_code TEXT NOT NULL DEFAULT '',"
	" description TEXT NOT NULL DEFAULT '', location TEXT NOT NULL DEFAULT '',"
	" start_time TEXT NOT NULL DEFAULT '', end_time TEXT NOT NULL DEFAULT '',"
	" access_code TEXT NOT NULL DEFAULT '', synced INTEGER);"
	"CREATE INDEX IF NOT EXISTS sgy_section_by_course ON sgy_section(course_id);"
	"CREATE INDEX IF NOT EXISTS sgy_section_by_school_code ON sgy_section(section_school_code);"

	/* end_ is the last day, inclusive. A period id 0 in sgy_section_period is a trap of the live service. */
	"CREATE TABLE IF NOT EXISTS sgy_period ("
	" id INTEGER PRIMARY KEY, title TEXT NOT NULL, start TEXT NOT NULL, end_ TEXT NOT NULL);"
	"CREATE TABLE IF NOT EXISTS sgy_section_period ("
	" section_id INTEGER NOT NULL, period_id INTEGER NOT NULL,"
	" PRIMARY KEY (section_id, period_id)) WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS sgy_section_period_by_period ON sgy_section_period(period_id);"

	/* status: 1 active, 2 expired, 3 invited, 4 requested, 5 archived. */
	"CREATE TABLE IF NOT EXISTS sgy_enrollment ("
	" id INTEGER PRIMARY KEY, section_id INTEGER NOT NULL, uid INTEGER NOT NULL,"
	" admin INTEGER NOT NULL DEFAULT 0, status INTEGER NOT NULL DEFAULT 1, UNIQUE (section_id, uid));"
	"CREATE INDEX IF NOT EXISTS sgy_enrollment_by_uid ON sgy_enrollment(uid);";

/* Tables beside the objects: an older database gets them empty, and the objects stay as they are. */
static const char beside_sql[] =
	/* Fields that few objects have. kind: user, course, section; lists are comma text. */
	"CREATE TABLE IF NOT EXISTS sgy_extra ("
	" kind TEXT NOT NULL, object_id INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"
	" PRIMARY KEY (kind, object_id, name)) WITHOUT ROWID;"

	/* kind: parent, advisor; uid is the parent or advisor of student_uid. */
	"CREATE TABLE IF NOT EXISTS sgy_association ("
	" kind TEXT NOT NULL, student_uid INTEGER NOT NULL, uid INTEGER NOT NULL,"
	" PRIMARY KEY (kind, student_uid, uid)) WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS sgy_association_by_uid ON sgy_association(kind, uid);"

	/* Memberships kept from an inactive user and not brought back: in sgy_enrollment, but in no answer. */
	"CREATE TABLE IF NOT EXISTS sgy_former (enrollment_id INTEGER PRIMARY KEY);"

	/* How many grades and attendance marks somebody has in a section: what a deletion destroys. */
	"CREATE TABLE IF NOT EXISTS sgy_grade ("
	" section_id INTEGER NOT NULL, uid INTEGER NOT NULL, n INTEGER NOT NULL,"
	" PRIMARY KEY (section_id, uid)) WITHOUT ROWID;"

	/* Mails that the live service would have sent. */
	"CREATE TABLE IF NOT EXISTS sgy_mail ("
	" seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, uid INTEGER NOT NULL, reason TEXT NOT NULL,"
	" comment TEXT NOT NULL DEFAULT '');"

	/* Three-legged OAuth. kind: request, access; uid 0: nobody has let the application in yet. */
	"CREATE TABLE IF NOT EXISTS sgy_token ("
	" token TEXT PRIMARY KEY, secret TEXT NOT NULL, consumer_key TEXT NOT NULL, kind TEXT NOT NULL,"
	" uid INTEGER NOT NULL DEFAULT 0, expires_s INTEGER NOT NULL);"

	/* The totals of a million users are counted here. `active` must not come first: without statistics
	 * SQLite would take half the users for fewer than those of one school_uid. */
	"CREATE INDEX IF NOT EXISTS sgy_user_by_place ON sgy_user(building_id, role_id, active);"
	"CREATE INDEX IF NOT EXISTS sgy_user_by_folded_uid ON sgy_user(school_uid COLLATE NOCASE);"
	"INSERT OR IGNORE INTO sgy_counter (name, n) VALUES ('grades_destroyed', 0), ('tokens', 0);";

static const char books_sql[] =
	/* sees_all 0: the key reads its owner alone and gets 401 for anybody else. enabled 0: unknown. */
	"CREATE TABLE IF NOT EXISTS sgy_key ("
	" consumer_key TEXT PRIMARY KEY, secret TEXT NOT NULL, uid INTEGER NOT NULL,"
	" sees_all INTEGER NOT NULL DEFAULT 1, enabled INTEGER NOT NULL DEFAULT 1);"
	"CREATE TABLE IF NOT EXISTS sgy_nonce ("
	" consumer_key TEXT NOT NULL, timestamp INTEGER NOT NULL, nonce TEXT NOT NULL,"
	" PRIMARY KEY (consumer_key, timestamp, nonce)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS sgy_bucket ("
	" consumer_key TEXT PRIMARY KEY, level REAL NOT NULL, mono_ms INTEGER NOT NULL);"

	/* One row per object that a request touched. kind: user, course, section, enrollment,
	 * grading_period, building. before NULL: created; after NULL: deleted. changed 0: the write
	 * was accepted and made no difference. */
	"CREATE TABLE IF NOT EXISTS sgy_write_log ("
	" seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,"
	" kind TEXT NOT NULL, object_id INTEGER NOT NULL, school_uid TEXT NOT NULL DEFAULT '',"
	" section_code TEXT NOT NULL DEFAULT '', before TEXT, after TEXT, changed INTEGER NOT NULL,"
	" by_uid INTEGER NOT NULL);"
	/* cost is what the request would cost, also when it was refused; status 429: it was over budget. */
	"CREATE TABLE IF NOT EXISTS sgy_request_log ("
	" seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL,"
	" consumer_key TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, cost INTEGER NOT NULL,"
	" status INTEGER NOT NULL DEFAULT 0);"
	"CREATE INDEX IF NOT EXISTS sgy_request_log_by_key ON sgy_request_log(consumer_key, mono_ms);"

	/* next_<kind>: the lowest id for a new object (raised above ids already in use).
	 * users_deleted, mails_sent, memberships_destroyed: what DELETE users did to people.
	 * grades_destroyed: grades and attendance marks that went with a membership. */
	"CREATE TABLE IF NOT EXISTS sgy_counter (name TEXT PRIMARY KEY, n INTEGER NOT NULL);"
	"INSERT OR IGNORE INTO sgy_counter (name, n) VALUES"
	" ('next_user', 47119000), ('next_course', 310204000), ('next_section', 4712900000),"
	" ('next_grading_period', 901), ('next_enrollment', 5430250000), ('next_building', 5171921),"
	" ('users_deleted', 0), ('mails_sent', 0), ('memberships_destroyed', 0);";

int sim_sgy_schema(sqlite3 *db, sr_err *err)
{
	const char *const parts[] = { people_sql, roster_sql, books_sql, beside_sql };

	for (size_t i = 0; i < SR_COUNT_OF(parts); i++)
		if (sqlite3_exec(db, parts[i], NULL, NULL, NULL) != SQLITE_OK)
			return sr_fail(err, SR_E_DB, "schoology tables: %s", sqlite3_errmsg(db));
	return 0;
}

int sim_sgy_give_grades(sqlite3 *db, const char *day, int64_t n, sr_err *err)
{
	static const char sql[] =
		"INSERT OR REPLACE INTO sgy_grade (section_id, uid, n) SELECT DISTINCT e.section_id, e.uid, ?2"
		" FROM sgy_enrollment e JOIN sgy_section_period x ON x.section_id = e.section_id"
		" JOIN sgy_period p ON p.id = x.period_id WHERE e.admin = 0 AND p.start <= ?1";
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, day, -1, SQLITE_TRANSIENT);
		sqlite3_bind_int64(stmt, 2, n);
		rc = sqlite3_step(stmt);
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : sr_fail(err, SR_E_DB, "grades: %s", sqlite3_errmsg(db));
}
