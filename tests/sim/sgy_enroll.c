/* Enrollments: one row a person and section. Lists and creates answer in different types, bulk
 * answers keep both wrappers, and the import works by codes and never says an id but in location. */
#include <string.h>

#include "sgy_int.h"

#define ENROLLMENT_COLUMNS                                                                                          \
	"CAST(e.id AS TEXT) AS \"id:s\", CAST(e.uid AS TEXT) AS \"uid:s\", u.school_uid AS \"school_uid:s\","       \
	" u.name_title AS \"name_title:s\", '0' AS \"name_title_show:s\", '0' AS \"name_middle_show:s\","           \
	" u.name_middle AS \"name_middle:s\", u.name_first AS \"name_first:s\", u.name_first_preferred AS"          \
	" \"name_first_preferred:s\", u.name_last AS \"name_last:s\", coalesce(nullif(u.name_first_preferred, '')," \
	" u.name_first) || ' ' || u.name_last AS \"name_display:s\", e.admin AS \"admin:i\","                       \
	" '' AS \"picture_url:s\""
#define NOT_FORMER " NOT EXISTS (SELECT 1 FROM sgy_former f WHERE f.enrollment_id = e.id)"

/* ?1 section; ?2 uids, ?3 statuses, ?4 types: JSON lists or NULL; ?5: active members show as expired. */
#define STATUS "CASE WHEN ?5 = 1 AND e.status = 1 THEN 2 ELSE e.status END"
#define LIST_FROM                                                                                           \
	" FROM sgy_enrollment e JOIN sgy_user u ON u.id = e.uid WHERE e.section_id = ?1 AND" NOT_FORMER     \
	" AND (?2 IS NULL OR e.uid IN (SELECT CAST(value AS INTEGER) FROM json_each(?2)))"                  \
	" AND (?3 IS NULL OR " STATUS " IN (SELECT CAST(value AS INTEGER) FROM json_each(?3))) AND ?5 >= 0" \
	" AND (?4 IS NULL OR CASE e.admin WHEN 1 THEN 'admin' ELSE 'member' END IN (SELECT value FROM json_each(?4)))"

static int64_t shown_expired(sgy_call *call, int64_t section_id)
{
	return call->sgy->options.past_members_expire && sgy_section_past(call, section_id);
}

static void link_self(sgy_call *call, json_t *row)
{
	const char *self = sgy_printf(call, "%s/sections/%lld/enrollments/%lld", call->base, (long long)call->id,
		(long long)sgy_item_int(row, "id", 0));

	json_object_set_new(row, "links", json_pack("{s:s}", "self", self));
}

static bool section_exists(sgy_call *call, int64_t id)
{
	return sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_section WHERE id = ?1", "i", id) != 0;
}

void sgy_enrollments_get(sgy_call *call)
{
	static const sgy_list list = { "enrollment",
		"SELECT " ENROLLMENT_COLUMNS ", CAST(" STATUS " AS TEXT) AS \"status:s\"" LIST_FROM SGY_PAGE("e.id"),
		"SELECT count(*)" LIST_FROM, .total_is_text = true, .extend = link_self };
	size_t n;
	const char *uids = sgy_csv_json(call, sgy_param_text(call, "uid"), &n);
	const char *statuses = sgy_csv_json(call, sgy_param_text(call, "enrollment_status"), &n);
	const char *types = sgy_csv_json(call, sgy_param_text(call, "type"), &n);

	if (!statuses && call->sgy->options.enrollments_active)
		statuses = "[\"1\"]";
	if (sgy_section_visible(call, call->id))
		sgy_reply_list(call, &list, "isssi", call->id, uids, statuses, types, shown_expired(call, call->id));
	else
		sgy_reply_text(call, 404, "Section not found.");
}

#define ONE_FROM                                                                                              \
	" FROM sgy_enrollment e JOIN sgy_user u ON u.id = e.uid WHERE e.section_id = ?1 AND e.id = ?2 AND ?5" \
	" >= 0 AND" NOT_FORMER

/* The status is a number after a create, a text in a read. */
static void reply_enrollment(sgy_call *call, int64_t section_id, int64_t id, int status)
{
	static const char read_sql[] = "SELECT " ENROLLMENT_COLUMNS ", CAST(" STATUS
				       " AS TEXT) AS \"status:s\"" ONE_FROM;
	static const char made_sql[] = "SELECT " ENROLLMENT_COLUMNS ", " STATUS " AS \"status:i\"" ONE_FROM;
	sqlite3_stmt *stmt = sgy_query(call->sgy, status == 201 ? made_sql : read_sql, "iissi", section_id, id,
		(const char *)NULL, (const char *)NULL, shown_expired(call, section_id));

	sgy_reply_row(call, stmt, status,
		sgy_printf(call, "sections/%lld/enrollments/%lld", (long long)section_id, (long long)id),
		"Enrollment not found.", NULL);
}

void sgy_enrollment_get(sgy_call *call)
{
	if (sgy_section_visible(call, call->id))
		reply_enrollment(call, call->id, call->id2, 200);
	else
		sgy_reply_text(call, 404, "Section not found.");
}

/* --- writes --- */

typedef struct member {
	int64_t section_id, uid;
	int64_t admin;  /* -1: as it is, or 0 */
	int64_t status; /* 0: as it is, or 1 */
} member;

static int64_t kept_id(sgy_call *call, int64_t section_id, int64_t uid)
{
	static const char sql[] = "SELECT id FROM sgy_enrollment WHERE section_id = ?1 AND uid = ?2";

	return sgy_int(call->sgy, 0, sql, "ii", section_id, uid);
}

/* The same for those that anybody can see: not a former one that is merely kept. */
static int64_t member_id(sgy_call *call, int64_t section_id, int64_t uid)
{
	static const char sql[] =
		"SELECT e.id FROM sgy_enrollment e WHERE e.section_id = ?1 AND e.uid = ?2 AND" NOT_FORMER;

	return sgy_int(call->sgy, 0, sql, "ii", section_id, uid);
}

void sgy_drop_member(sgy_call *call, int64_t enrollment_id, bool destroy)
{
	static const char count_sql[] = "SELECT g.n FROM sgy_grade g JOIN sgy_enrollment e ON e.section_id ="
					" g.section_id AND e.uid = g.uid WHERE e.id = ?1";
	static const char drop_sql[] = "DELETE FROM sgy_grade WHERE (section_id, uid) = (SELECT section_id, uid"
				       " FROM sgy_enrollment WHERE id = ?1)";
	int64_t grades = destroy ? sgy_int(call->sgy, 0, count_sql, "i", enrollment_id) : 0;

	if (grades) {
		sgy_run(call->sgy, drop_sql, "i", enrollment_id);
		sgy_count(call, "grades_destroyed", grades);
	}
	sgy_run(call->sgy, "DELETE FROM sgy_former WHERE enrollment_id = ?1", "i", enrollment_id);
	sgy_remove(call, &sgy_enrollment_kind, enrollment_id);
}

/* Creates or updates, and brings a former one back; the enrollment's id. */
static int64_t put_member(sgy_call *call, const member *m)
{
	static const char place_sql[] = "UPDATE sgy_enrollment SET section_id = ?2, uid = ?3 WHERE id = ?1";
	static const char set_sql[] = "UPDATE sgy_enrollment SET admin = CASE WHEN ?2 < 0 THEN admin ELSE ?2 END,"
				      " status = CASE WHEN ?3 = 0 THEN status ELSE ?3 END WHERE id = ?1";
	int64_t id = kept_id(call, m->section_id, m->uid);
	sgy_image before = { 0 };

	if (id) {
		sgy_run(call->sgy, "DELETE FROM sgy_former WHERE enrollment_id = ?1", "i", id);
		before = sgy_image_of(call, &sgy_enrollment_kind, id);
	} else {
		id = sgy_create(call, &sgy_enrollment_kind);
		sgy_run(call->sgy, place_sql, "iii", id, m->section_id, m->uid);
	}
	sgy_run(call->sgy, set_sql, "iii", id, m->admin, m->status);
	sgy_log_write(call, &sgy_enrollment_kind, id, &before);
	return id;
}

static const char *location(sgy_call *call, int64_t section_id, int64_t id)
{
	return sgy_printf(call, "%s/sections/%lld/enrollments/%lld", call->base, (long long)section_id, (long long)id);
}

/* admin and status of an item; NULL: both fine. */
static const char *read_member(const json_t *item, member *m)
{
	m->admin = sgy_item_int(item, "admin", -1);
	m->status = sgy_item_int(item, "status", 0);
	if (m->admin < -1 || m->admin > 1)
		return "admin must be 0 or 1.";
	return m->status < 0 || m->status > 5 ? "status must be 1 to 5." : NULL;
}

static int64_t section_course(sgy_call *call, int64_t section_id)
{
	return sgy_int(call->sgy, 0, "SELECT course_id FROM sgy_section WHERE id = ?1", "i", section_id);
}

static json_t *member_post(sgy_call *call, json_t *item, int64_t section_id)
{
	member m = { .section_id = section_id, .uid = sgy_item_int(item, "uid", 0) };
	const char *wrong = read_member(item, &m);
	int code = 400;

	if (!section_exists(call, section_id))
		wrong = "Section not found.", code = 404;
	else if (!sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_user WHERE id = ?1 AND active = 1", "i", m.uid))
		wrong = "User not found.", code = 404;
	else if (!sgy_course_in_scope(call, section_course(call, section_id)))
		wrong = "You do not have permission for this section.", code = 403;
	else if (!wrong && member_id(call, section_id, m.uid) && sgy_param_int(call, "update_existing", 0) != 1)
		wrong = "The user is already enrolled.";
	if (wrong)
		return json_pack("{s:i,s:s,s:I}", "response_code", code, "message", wrong, "uid", (json_int_t)m.uid);
	m.status = m.status ? m.status : 1;
	int64_t id = put_member(call, &m);
	return json_pack("{s:i,s:s,s:s,s:I}", "response_code", 200, "location", location(call, section_id, id), "id",
		sgy_printf(call, "%lld", (long long)id), "uid", (json_int_t)m.uid);
}

static json_t *section_member_post(sgy_call *call, json_t *item)
{
	return member_post(call, item, call->id);
}

void sgy_enrollments_post(sgy_call *call)
{
	if (json_object_get(call->body, "enrollments") || json_object_get(call->body, "enrollment")) {
		sgy_bulk(call, "enrollments", "enrollment", true, 207, section_member_post);
		return;
	}
	json_t *answer = section_member_post(call, call->body);
	if (!sgy_single_failed(call, answer))
		reply_enrollment(call, call->id, sgy_item_int(answer, "id", 0), 201);
	json_decref(answer);
}

static json_t *realm_post(sgy_call *call, json_t *item)
{
	const char *realm = sgy_item_text(call, item, "realm");
	bool group = sr_streq(realm, "group");

	if (!group && !sr_streq(realm, "section"))
		return sgy_item_fail(400, "The realm must be section or group.");
	int64_t id = sgy_item_int(item, group ? "group_id" : "section_id", 0);
	json_t *answer = group ? sgy_item_fail(404, "Group not found: this sandbox keeps no groups.")
			       : member_post(call, item, id);
	json_object_set_new(answer, "realm", json_string(realm));
	json_object_set_new(answer, "realm_id", json_string(sgy_printf(call, "%lld", (long long)id)));
	return answer;
}

void sgy_enrollments_realm(sgy_call *call)
{
	sgy_bulk(call, "enrollments", "enrollment", true, 207, realm_post);
}

/* By enrollment id; by uid where there is none. */
static json_t *member_put(sgy_call *call, json_t *item)
{
	static const char find_sql[] = "SELECT uid FROM sgy_enrollment WHERE id = ?1 AND section_id = ?2";
	int64_t id = sgy_item_int(item, "id", 0);
	member m = { .section_id = call->id };
	const char *wrong = read_member(item, &m);
	int code = 400;

	m.uid = id ? sgy_int(call->sgy, 0, find_sql, "ii", id, call->id) : sgy_item_int(item, "uid", 0);
	if (!member_id(call, call->id, m.uid))
		wrong = "Enrollment not found.", code = 404;
	else if (!sgy_course_in_scope(call, section_course(call, call->id)))
		wrong = "You do not have permission for this section.", code = 403;
	if (wrong)
		return json_pack("{s:i,s:s,s:s,s:I}", "response_code", code, "message", wrong, "id",
			sgy_printf(call, "%lld", (long long)id), "uid", (json_int_t)m.uid);
	id = put_member(call, &m);
	return json_pack("{s:i,s:s,s:s,s:I}", "response_code", 200, "location", location(call, call->id, id), "id",
		sgy_printf(call, "%lld", (long long)id), "uid", (json_int_t)m.uid);
}

void sgy_enrollments_put(sgy_call *call)
{
	sgy_bulk(call, "enrollments", "enrollment", true, call->sgy->options.bulk_put_status, member_put);
}

void sgy_enrollment_put(sgy_call *call)
{
	json_object_set_new(call->body, "id", json_integer(call->id2));
	json_t *answer = member_put(call, call->body);
	if (!sgy_single_failed(call, answer))
		sgy_reply_empty(call, 204);
	json_decref(answer);
}

static json_t *member_delete(sgy_call *call, json_t *item)
{
	static const char find_sql[] = "SELECT section_id FROM sgy_enrollment WHERE id = ?1";
	int64_t id = 0;

	sgy_json_int(item, &id);
	const char *text = sgy_printf(call, "%lld", (long long)id);
	int64_t section_id = sgy_int(call->sgy, 0, find_sql, "i", id);
	if (!section_id || (call->id && call->id != section_id) ||
		!sgy_course_in_scope(call, section_course(call, section_id)))
		return json_pack("{s:i,s:s,s:s}", "response_code", 404, "message", "Enrollment not found.", "id", text);
	sgy_drop_member(call, id, true);
	return json_pack("{s:i,s:s}", "response_code", 200, "id", text);
}

void sgy_enrollments_delete(sgy_call *call)
{
	sgy_bulk_ids(call, "enrollment_ids", "enrollments", "enrollment", member_delete);
}

void sgy_enrollment_delete(sgy_call *call)
{
	json_t *id = json_integer(call->id2);
	json_t *answer = member_delete(call, id);

	if (!sgy_single_failed(call, answer))
		sgy_reply_empty(call, 204);
	json_decref(answer);
	json_decref(id);
}

/* --- import by codes --- */

/* The documented answer carries all keys, the absent ones empty; failing items a message too. */
static json_t *import_answer(sgy_call *call, const json_t *item, int64_t section_id, int code, const char *message)
{
	static const char *const keys[] = { "school_uid", "section_school_code", "course_code", "section_code" };
	static const char course_sql[] =
		"SELECT c.course_code FROM sgy_section s JOIN sgy_course c ON c.id = s.course_id"
		" WHERE s.id = ?1";
	json_t *answer = json_pack("{s:i}", "response_code", code);

	for (size_t i = 0; i < SR_COUNT_OF(keys); i++) {
		const char *text = sgy_item_text(call, item, keys[i]);
		json_object_set_new(answer, keys[i], json_string(text ? text : ""));
	}
	const char *course = section_id ? sgy_text(call, course_sql, "i", section_id) : NULL;
	if (course)
		json_object_set_new(answer, "course_code", json_string(course));
	if (message)
		json_object_set_new(answer, "message", json_string(message));
	return answer;
}

static json_t *import_delete(sgy_call *call, const json_t *item, const member *m)
{
	int64_t id = member_id(call, m->section_id, m->uid);
	int code = id ? 200 : call->sgy->options.delete_nonmember_code;

	if (id)
		sgy_drop_member(call, id, call->sgy->options.import_delete_grades == 1);
	return import_answer(call, item, m->section_id, code, code < 300 ? NULL : "The user is not enrolled.");
}

static json_t *import_into(sgy_call *call, json_t *item, int64_t section_id)
{
	const char *uid = sgy_item_text(call, item, "school_uid");
	const sim_sgy_options *o = &call->sgy->options;
	member m = { .section_id = section_id };
	const char *wrong = read_member(item, &m);

	m.uid = uid && *uid ? sgy_user_by_uid(call, uid, true) : 0;
	if (!section_id)
		return import_answer(call, item, 0, 404, "Section not found.");
	if (!m.uid)
		return import_answer(call, item, section_id, 404, "User not found.");
	if (!sgy_course_in_scope(call, section_course(call, section_id)))
		return import_answer(call, item, section_id, 403, "You do not have permission for this section.");
	if (!wrong && o->past_import_refused && sgy_section_past(call, section_id))
		wrong = "The section is archived.";
	if (wrong)
		return import_answer(call, item, section_id, 400, wrong);
	if (sgy_item_int(item, "delete", 0) == 1)
		return import_delete(call, item, &m);
	m.status = o->import_status && m.status ? m.status : o->readd_keeps_status ? 0 : 1;
	int64_t id = put_member(call, &m);
	json_t *answer = import_answer(call, item, section_id, 200, NULL);
	json_object_set_new(answer, "location", json_string(location(call, section_id, id)));
	return answer;
}

static json_t *import_item(sgy_call *call, json_t *item)
{
	return import_into(call, item, sgy_section_by_code(call, sgy_item_text(call, item, "section_school_code")));
}

void sgy_enrollments_import(sgy_call *call)
{
	sgy_bulk(call, "enrollments", "enrollment", true, 207, import_item);
}

static json_t *import_gp_item(sgy_call *call, json_t *item)
{
	static const char sql[] =
		"SELECT s.id FROM sgy_section s JOIN sgy_course c ON c.id = s.course_id WHERE c.course_code = ?1"
		" AND s.section_code = ?2 AND EXISTS (SELECT 1 FROM sgy_section_period x WHERE x.section_id = s.id"
		" AND x.period_id IN (SELECT CAST(value AS INTEGER) FROM json_each(?3)))";
	size_t n;
	const char *course = sgy_item_text(call, item, "course_code"),
		   *code = sgy_item_text(call, item, "section_code");
	const char *periods = sgy_csv_json(call, call->text, &n);

	return import_into(call, item, course && code ? sgy_int(call->sgy, 0, sql, "sss", course, code, periods) : 0);
}

void sgy_enrollments_import_gp(sgy_call *call)
{
	sgy_bulk(call, "enrollments", "enrollment", true, 207, import_gp_item);
}
