/* What a district has few of: roles, the school, its buildings, grading periods; and the CSV of
 * all users. */
#include <string.h>

#include "sgy_int.h"

int64_t sgy_school_id(sgy_call *call)
{
	return sgy_int(call->sgy, 0, "SELECT min(id) FROM sgy_school", "");
}

bool sgy_building_exists(sgy_call *call, int64_t building_id)
{
	static const char sql[] = "SELECT 1 WHERE EXISTS (SELECT 1 FROM sgy_building WHERE id = ?1)"
				  " OR EXISTS (SELECT 1 FROM sgy_school WHERE id = ?1)";

	return sgy_int(call->sgy, 0, sql, "i", building_id) != 0;
}

bool sgy_in_scope(const sgy_call *call, int64_t building_id)
{
	return call->scope == 0 || call->scope == building_id;
}

static const char *local_day(sgy_call *call, int64_t hours_ago)
{
	int64_t s = sr_clock_wall_ms(&call->sgy->world->clock) / 1000 +
		    (int64_t)call->sgy->options.utc_offset_min * 60 - hours_ago * 3600;
	const char *day = sgy_text(call, "SELECT date(?1, 'unixepoch')", "i", s);

	return day ? day : "";
}

const char *sgy_today(sgy_call *call)
{
	return local_day(call, 0);
}

const char *sgy_archive_day(sgy_call *call)
{
	return local_day(call, call->sgy->options.archive_after_h);
}

/* All rows of a statement with their self links under `path`/id; the list. */
static json_t *linked_rows(sgy_call *call, sqlite3_stmt *stmt, const char *path)
{
	json_t *rows = json_array();

	while (sgy_step(call->sgy, stmt)) {
		json_t *row = sgy_row(stmt);
		const char *self = sgy_printf(call, "%s/%s/%s", call->base, path, sgy_item_text(call, row, "id"));
		json_object_set_new(row, "links", json_pack("{s:s}", "self", self));
		json_array_append_new(rows, row);
	}
	return rows;
}

#define ROLE_COLUMNS                                                                    \
	"CAST(id AS TEXT) AS \"id:s\", title AS \"title:s\", faculty AS \"faculty:i\"," \
	" role_type AS \"role_type:i\" FROM sgy_role"

void sgy_roles_get(sgy_call *call)
{
	static const char sql[] = "SELECT " ROLE_COLUMNS " WHERE (role_type = 2) = ?1 ORDER BY id";
	json_t *page = json_object();

	sgy_add_small_list(call, page, "role", linked_rows(call, sgy_query(call->sgy, sql, "i", (int64_t)0), "roles"));
	json_t *overrides = linked_rows(call, sgy_query(call->sgy, sql, "i", (int64_t)1), "roles");
	if (json_array_size(overrides) > 0)
		json_object_set(page, "building_role", overrides);
	json_decref(overrides);
	sgy_reply_json(call, 200, page);
}

void sgy_role_get(sgy_call *call)
{
	static const char sql[] = "SELECT " ROLE_COLUMNS " WHERE id = ?1";

	sgy_reply_row(call, sgy_query(call->sgy, sql, "i", call->id), 200,
		sgy_printf(call, "roles/%lld", (long long)call->id), "Role not found.", NULL);
}

#define ADDRESS                                                                                             \
	"address1 AS \"address1:s\", address2 AS \"address2:s\", city AS \"city:s\", state AS \"state:s\"," \
	" postal_code AS \"postal_code:s\", country AS \"country:s\", website AS \"website:s\","            \
	" phone AS \"phone:s\", fax AS \"fax:s\", building_code AS \"building_code:s\", '' AS \"picture_url:s\""
#define BUILDING_SELECT "SELECT CAST(id AS TEXT) AS \"id:s\", title AS \"title:s\", " ADDRESS " FROM sgy_building"
#define SCHOOL_SELECT                                                                                    \
	"SELECT CAST(id AS TEXT) AS \"id:s\", title AS \"title:s\", " ADDRESS " FROM (SELECT id, title," \
	" '' AS address1, '' AS address2, '' AS city, '' AS state, '' AS postal_code, '' AS country,"    \
	" '' AS website, '' AS phone, '' AS fax, '' AS building_code FROM sgy_school)"

void sgy_schools_get(sgy_call *call)
{
	json_t *rows = linked_rows(call, sgy_query(call->sgy, SCHOOL_SELECT " ORDER BY id", ""), "schools");

	json_t *page = json_object();

	sgy_add_small_list(call, page, "school", rows);
	sgy_reply_json(call, 200, page);
}

static void reply_school(sgy_call *call, int64_t id, int status)
{
	static const char sql[] = SCHOOL_SELECT " WHERE id = ?1 UNION ALL " BUILDING_SELECT " WHERE id = ?1";

	sgy_reply_row(call, sgy_query(call->sgy, sql, "i", id), status, sgy_printf(call, "schools/%lld", (long long)id),
		"School not found.", NULL);
}

void sgy_school_get(sgy_call *call)
{
	reply_school(call, call->id, 200);
}

void sgy_buildings_get(sgy_call *call)
{
	static const char sql[] = BUILDING_SELECT " ORDER BY id";

	if (call->id != sgy_school_id(call)) {
		sgy_reply_text(call, 404, "School not found.");
		return;
	}
	json_t *page = json_object();
	sgy_add_small_list(call, page, "building", linked_rows(call, sgy_query(call->sgy, sql, ""), "schools"));
	sgy_reply_json(call, 200, page);
}

/* `id` 0: a new one. Buildings carry a title; their codes need not differ. */
static void write_building(sgy_call *call, int64_t id)
{
	const char *wrong = sgy_fields_wrong(call, &sgy_building_kind, call->body);
	const char *title = sgy_item_text(call, call->body, "title");
	sgy_image before = { 0 };

	if (!wrong && (!id || title) && (!title || !*title))
		wrong = "The title is required.";
	if (wrong) {
		sgy_reply_text(call, 400, wrong);
		return;
	}
	bool new = id == 0;
	if (new)
		id = sgy_create(call, &sgy_building_kind);
	else
		before = sgy_image_of(call, &sgy_building_kind, id);
	sgy_store(call, &sgy_building_kind, id, call->body, false);
	sgy_log_write(call, &sgy_building_kind, id, &before);
	if (new)
		reply_school(call, id, 201);
	else
		sgy_reply_empty(call, 204);
}

/* `there`: what the path names exists. Administrators of one building have a say in that one alone. */
static bool may_write(sgy_call *call, bool there, int64_t building_id)
{
	if (!there)
		sgy_reply_text(call, 404, "School not found.");
	else if (!sgy_in_scope(call, building_id))
		sgy_reply_text(call, 403, "You do not have permission for this building.");
	else
		return true;
	return false;
}

static bool is_building(sgy_call *call)
{
	return sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_building WHERE id = ?1", "i", call->id) != 0;
}

void sgy_buildings_post(sgy_call *call)
{
	if (may_write(call, call->id == sgy_school_id(call), call->id))
		write_building(call, 0);
}

void sgy_school_put(sgy_call *call)
{
	if (may_write(call, is_building(call), call->id))
		write_building(call, call->id);
}

void sgy_school_delete(sgy_call *call)
{
	static const char used_sql[] = "SELECT 1 WHERE EXISTS (SELECT 1 FROM sgy_user WHERE building_id = ?1)"
				       " OR EXISTS (SELECT 1 FROM sgy_course WHERE building_id = ?1)";
	static const char users_sql[] = "UPDATE sgy_user SET building_id = ?2 WHERE building_id = ?1";
	static const char courses_sql[] = "UPDATE sgy_course SET building_id = ?2 WHERE building_id = ?1";

	if (!may_write(call, is_building(call), call->id))
		return;
	bool used = sgy_int(call->sgy, 0, used_sql, "i", call->id) != 0;
	if (used && !call->sgy->options.building_delete) {
		sgy_reply_text(call, 400, "The building has users or courses.");
		return;
	}
	if (used) {
		sgy_run(call->sgy, users_sql, "ii", call->id, sgy_school_id(call));
		sgy_run(call->sgy, courses_sql, "ii", call->id, sgy_school_id(call));
	}
	sgy_remove(call, &sgy_building_kind, call->id);
	sgy_reply_empty(call, 204);
}

/* --- the CSV export: everybody in one answer, for administrators of all buildings --- */

#define CSV_COLUMNS_MAX 64
#define CSV_EXTRA(name) \
	", (SELECT value FROM sgy_extra WHERE kind = 'user' AND object_id = u.id AND name = '" name "') AS " name
static const char csv_sql[] =
	"SELECT u.id AS uid, u.school_uid, u.building_id AS building_nid, u.name_title, u.name_first,"
	" u.name_first_preferred, u.name_middle, u.name_last, r.title AS role_name, u.username AS name,"
	" u.primary_email AS mail, u.position, u.grad_year, u.birthday_date AS birthday, u.gender" CSV_EXTRA("bio")
		CSV_EXTRA("subjects_taught") CSV_EXTRA("grades_taught") CSV_EXTRA("phone") CSV_EXTRA("address")
			CSV_EXTRA("website") CSV_EXTRA("interests")
				CSV_EXTRA("activities") " FROM sgy_user u LEFT JOIN sgy_role r ON r.id = u.role_id "
							"WHERE u.active = 1 ORDER BY u.id";

static void csv_value(sr_buf *out, const char *text)
{
	if (!text[strcspn(text, "\",\r\n")]) {
		sr_buf_puts(out, text);
		return;
	}
	sr_buf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			sr_buf_putc(out, '"');
		sr_buf_putc(out, *text);
	}
	sr_buf_putc(out, '"');
}

/* Which columns were asked for, in their order; -1: there is none of that name. */
typedef struct csv_plan {
	int columns[CSV_COLUMNS_MAX];
	size_t count;
} csv_plan;

static int csv_column(sqlite3_stmt *stmt, const char *name)
{
	for (int i = 0; i < sqlite3_column_count(stmt); i++)
		if (!strcmp(sqlite3_column_name(stmt, i), name))
			return i;
	return -1;
}

/* Reads `names` and writes the head line. */
static csv_plan csv_head(sr_buf *out, sqlite3_stmt *stmt, const char *names)
{
	csv_plan plan = { 0 };

	for (const char *p = names; plan.count < CSV_COLUMNS_MAX; p++) {
		size_t len = strcspn(p, ",");
		SR_AUTO_FREE char *name = sr_strndup(p, len);
		if (plan.count)
			sr_buf_putc(out, ',');
		csv_value(out, name ? name : "");
		plan.columns[plan.count++] = name ? csv_column(stmt, name) : -1;
		p += len;
		if (!*p)
			break;
	}
	sr_buf_putc(out, '\n');
	return plan;
}

static void csv_line(sr_buf *out, sqlite3_stmt *stmt, const csv_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		int column = plan->columns[i];
		const char *text = column >= 0 ? (const char *)sqlite3_column_text(stmt, column) : NULL;
		if (i)
			sr_buf_putc(out, ',');
		csv_value(out, text ? text : "");
	}
	sr_buf_putc(out, '\n');
}

static const char *all_columns(sgy_call *call, sqlite3_stmt *stmt)
{
	SR_AUTO(sr_buf) names = { 0 };

	for (int i = 0; stmt && i < sqlite3_column_count(stmt); i++)
		sr_buf_printf(&names, "%s%s", i ? "," : "", sqlite3_column_name(stmt, i));
	return sgy_printf(call, "%s", sr_buf_text(&names));
}

void sgy_users_csv(sgy_call *call)
{
	SR_AUTO(sr_buf) csv = { 0 };
	const char *names = sgy_param_text(call, "fields");

	if (call->scope != 0) {
		sgy_reply_text(call, 403, "Access denied.");
		return;
	}
	sqlite3_stmt *stmt = sgy_query(call->sgy, csv_sql, "");
	if (!stmt)
		return;
	csv_plan plan = csv_head(&csv, stmt, names && *names ? names : all_columns(call, stmt));
	while (sgy_step(call->sgy, stmt))
		csv_line(&csv, stmt, &plan);
	call->sgy->failed |= csv.failed;
	sgy_reply_body(call, 200, "text/csv; charset=UTF-8", sr_buf_text(&csv));
}
