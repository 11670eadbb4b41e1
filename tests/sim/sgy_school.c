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

const char *sgy_today(sgy_call *call)
{
	int64_t s = sr_clock_wall_ms(&call->sgy->world->clock) / 1000 + (int64_t)call->sgy->options.utc_offset_min * 60;
	const char *today = sgy_text(call, "SELECT date(?1, 'unixepoch')", "i", s);

	return today ? today : "";
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

	json_object_set_new(page, "role", linked_rows(call, sgy_query(call->sgy, sql, "i", (int64_t)0), "roles"));
	json_object_set_new(
		page, "building_role", linked_rows(call, sgy_query(call->sgy, sql, "i", (int64_t)1), "roles"));
	if (json_array_size(json_object_get(page, "building_role")) == 0)
		json_object_del(page, "building_role");
	sgy_reply_json(call, 200, page);
}

void sgy_role_get(sgy_call *call)
{
	static const char sql[] = "SELECT " ROLE_COLUMNS " WHERE id = ?1";

	sgy_reply_row(call, sgy_query(call->sgy, sql, "i", call->id), 200,
		sgy_printf(call, "roles/%lld", (long long)call->id), "Role not found.");
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

	sgy_reply_json(call, 200, json_pack("{s:o}", "school", rows));
}

static void reply_school(sgy_call *call, int64_t id, int status)
{
	static const char sql[] = SCHOOL_SELECT " WHERE id = ?1 UNION ALL " BUILDING_SELECT " WHERE id = ?1";

	sgy_reply_row(call, sgy_query(call->sgy, sql, "i", id), status, sgy_printf(call, "schools/%lld", (long long)id),
		"School not found.");
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
	json_t *rows = linked_rows(call, sgy_query(call->sgy, sql, ""), "schools");
	sgy_reply_json(call, 200, json_pack("{s:o}", "building", rows));
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

void sgy_buildings_post(sgy_call *call)
{
	if (call->id == sgy_school_id(call))
		write_building(call, 0);
	else
		sgy_reply_text(call, 404, "School not found.");
}

void sgy_school_put(sgy_call *call)
{
	if (sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_building WHERE id = ?1", "i", call->id))
		write_building(call, call->id);
	else
		sgy_reply_text(call, 404, "School not found.");
}

/* --- the CSV export: everybody in one answer, for administrators of all buildings --- */

static const char csv_sql[] =
	"SELECT u.id AS uid, u.school_uid, u.building_id AS building_nid, u.name_title, u.name_first,"
	" u.name_first_preferred, u.name_middle, u.name_last, r.title AS role_name, u.username AS name,"
	" u.primary_email AS mail, u.position, u.grad_year, u.birthday_date AS birthday, u.gender"
	" FROM sgy_user u LEFT JOIN sgy_role r ON r.id = u.role_id WHERE u.active = 1 ORDER BY u.id";

static int csv_column(sqlite3_stmt *stmt, const char *name)
{
	for (int i = 0; i < sqlite3_column_count(stmt); i++)
		if (!strcmp(sqlite3_column_name(stmt, i), name))
			return i;
	return -1;
}

static void csv_value(sr_buf *out, const char *text)
{
	bool quoted = text[strcspn(text, "\",\r\n")] != '\0';

	if (quoted)
		sr_buf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			sr_buf_putc(out, '"');
		sr_buf_putc(out, *text);
	}
	if (quoted)
		sr_buf_putc(out, '"');
}

/* One line; `stmt` NULL: the names themselves. */
static void csv_line(sr_buf *out, const json_t *fields, sqlite3_stmt *stmt)
{
	size_t i;
	json_t *field;

	json_array_foreach(fields, i, field) {
		int column = stmt ? csv_column(stmt, json_string_value(field)) : -1;
		const char *text = column >= 0 ? (const char *)sqlite3_column_text(stmt, column) : "";
		if (i)
			sr_buf_putc(out, ',');
		csv_value(out, stmt ? (text ? text : "") : json_string_value(field));
	}
	sr_buf_putc(out, '\n');
}

void sgy_users_csv(sgy_call *call)
{
	SR_AUTO(sr_buf) csv = { 0 };
	const char *names = sgy_param_text(call, "fields");
	size_t n;

	if (call->scope != 0) {
		sgy_reply_text(call, 403, "Access denied.");
		return;
	}
	const char *list = sgy_csv_json(call, names && *names ? names : "uid,school_uid", &n);
	json_t *fields = list ? json_loads(list, 0, NULL) : NULL;
	csv_line(&csv, fields, NULL);
	sqlite3_stmt *stmt = sgy_query(call->sgy, csv_sql, "");
	while (sgy_step(call->sgy, stmt))
		csv_line(&csv, fields, stmt);
	json_decref(fields);
	call->sgy->failed |= csv.failed;
	sgy_reply_body(call, 200, "text/csv; charset=UTF-8", sr_buf_text(&csv));
}
