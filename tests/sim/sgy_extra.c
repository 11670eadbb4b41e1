/* Fields that few objects have, kept by name beside them, and what answers add to a row: a user's
 * relatives and profile, a course's district name, a section's options in their odd shapes. */
#include <string.h>

#include "sgy_int.h"

/* A list or one value, as comma text. */
static const char *comma_text(sgy_call *call, const json_t *value)
{
	SR_AUTO(sr_buf) text = { 0 };
	size_t i;
	json_t *item;

	if (!json_is_array(value))
		return sgy_json_text(call, value);
	json_array_foreach(value, i, item) {
		const char *one = sgy_json_text(call, item);
		if (one && *one)
			sr_buf_printf(&text, "%s%s", text.len ? "," : "", one);
	}
	return sgy_printf(call, "%s", sr_buf_text(&text));
}

void sgy_store_extra(sgy_call *call, const sgy_kind *kind, int64_t id, const sgy_field *field, const json_t *value)
{
	static const char drop_sql[] = "DELETE FROM sgy_extra WHERE kind = ?1 AND object_id = ?2 AND name = ?3";
	static const char set_sql[] = "INSERT OR REPLACE INTO sgy_extra (kind, object_id, name, value)"
				      " VALUES (?1, ?2, ?3, ?4)";
	const char *text = comma_text(call, value);

	if (text && *text)
		sgy_run(call->sgy, set_sql, "siss", kind->name, id, field->name, text);
	else
		sgy_run(call->sgy, drop_sql, "sis", kind->name, id, field->name);
}

json_t *sgy_extras(sgy_call *call, const sgy_kind *kind, int64_t id)
{
	static const char sql[] = "SELECT name, value FROM sgy_extra WHERE kind = ?1 AND object_id = ?2";
	sqlite3_stmt *stmt = sgy_query(call->sgy, sql, "si", kind->name, id);
	json_t *extras = NULL;

	while (sgy_step(call->sgy, stmt)) {
		extras = extras ? extras : json_object();
		json_object_set_new(extras, (const char *)sqlite3_column_text(stmt, 0),
			json_string((const char *)sqlite3_column_text(stmt, 1)));
	}
	return extras;
}

static const char *extra(const json_t *extras, const char *name)
{
	const char *text = json_string_value(json_object_get(extras, name));

	return text ? text : "";
}

static int64_t row_id(const json_t *row)
{
	return sgy_item_int(row, "id", 0);
}

/* --- users --- */

/* Every answer shows these once they are set. */
static void show_plain(json_t *row, const json_t *extras)
{
	static const char *const numbers[] = { "name_title_show", "name_middle_show" };
	int64_t n;

	for (size_t i = 0; i < SR_COUNT_OF(numbers); i++)
		if (sr_parse_i64(extra(extras, numbers[i]), &n))
			json_object_set_new(row, numbers[i], json_integer(n));
	if (*extra(extras, "tz_name"))
		json_object_set_new(row, "tz_name", json_string(extra(extras, "tz_name")));
}

const char *sgy_relatives(sgy_call *call, const char *kind, int64_t student, int64_t other)
{
	static const char sql[] = "SELECT group_concat(who) FROM (SELECT CASE WHEN ?2 = 0 THEN student_uid ELSE uid END"
				  " AS who FROM sgy_association WHERE kind = ?1 AND (student_uid = ?2 OR uid = ?3)"
				  " ORDER BY 1)";

	return sgy_text(call, sql, "sii", kind, student, other);
}

/* The parents as users, as far as a user object inside another goes. */
static json_t *parents_of(sgy_call *call, int64_t uid)
{
	static const char sql[] =
		"SELECT CAST(u.id AS TEXT) AS \"uid:s\", u.id AS \"id:i\", u.school_uid AS \"school_uid:s\","
		" u.name_first AS \"name_first:s\", u.name_last AS \"name_last:s\", u.primary_email AS"
		" \"primary_email:s\" FROM sgy_association a JOIN sgy_user u ON u.id = a.uid AND u.active = 1"
		" WHERE a.kind = 'parent' AND a.student_uid = ?1 ORDER BY u.id";
	json_t *list = json_array();
	sqlite3_stmt *stmt = sgy_query(call->sgy, sql, "i", uid);

	while (sgy_step(call->sgy, stmt))
		json_array_append_new(list, sgy_row(stmt));
	if (json_array_size(list) > 0)
		return json_pack("{s:o}", "parent", list);
	json_decref(list);
	return json_null();
}

static void show_relatives(sgy_call *call, json_t *row, int64_t uid)
{
	const char *children = sgy_relatives(call, "parent", 0, uid);

	json_object_set_new(row, "parents", parents_of(call, uid));
	if (children)
		json_object_set_new(row, "child_uids", json_string(children));
}

static void show_extended(sgy_call *call, json_t *row, const json_t *extras, int64_t uid)
{
	static const char *const profile[] = { "profile_url", "language", "use_preferred_first_name", "subjects_taught",
		"grades_taught", "department", "bio", "phone", "website", "address", "interests", "activities" };
	const char *parents = sgy_relatives(call, "parent", uid, 0), *advisors = sgy_relatives(call, "advisor", uid, 0);

	for (size_t i = 0; i < SR_COUNT_OF(profile); i++)
		json_object_set_new(row, profile[i], json_string(extra(extras, profile[i])));
	json_object_set_new(row, "parent_uids", json_string(parents ? parents : ""));
	json_object_set_new(row, "advisor_uids", json_string(advisors ? advisors : ""));
}

/* One code a student, the same for all who ask: "XXXX-XXXX-XXXX". */
static void show_access_code(sgy_call *call, json_t *row, int64_t uid)
{
	static const char alphabet[] = "BCDFGHJKLMNPQRSTVWXZ23456789";
	static const char student_sql[] = "SELECT 1 FROM sgy_role WHERE id = ?1 AND faculty = 0 AND title <> 'Parent'";
	uint64_t x = (uint64_t)uid * 0x9E3779B97F4A7C15u ^ call->sgy->world->seed;
	char code[15] = "";

	if (!sgy_int(call->sgy, 0, student_sql, "i", sgy_item_int(row, "role_id", 0)))
		return;
	for (size_t i = 0; i < 14; i++) {
		x = (x ^ x >> 29) * 0xBF58476D1CE4E5B9u;
		code[i] = i % 5 == 4 ? '-' : alphabet[(x >> 32) % (sizeof(alphabet) - 1)];
	}
	json_object_set_new(row, "parent_access_code", json_string(code));
}

void sgy_extend_user(sgy_call *call, json_t *row)
{
	int64_t uid = row_id(row);
	const char *extended = sgy_param_text(call, "extended");
	json_t *extras = sgy_extras(call, &sgy_user_kind, uid);

	if (extras)
		show_plain(row, extras);
	show_relatives(call, row, uid);
	if (extended && *extended && strcmp(extended, "0"))
		show_extended(call, row, extras, uid);
	if (sgy_param_int(call, "parent_access_codes", 0) == 1)
		show_access_code(call, row, uid);
	json_decref(extras);
}

void sgy_extend_single_user(sgy_call *call, json_t *row)
{
	sgy_extend_user(call, row);
	json_object_set_new(row, "send_message", json_integer(1));
}

/* --- courses and sections --- */

void sgy_extend_course(sgy_call *call, json_t *row)
{
	if (sgy_param_int(call, "fetch_district_course_name", 0) != 1)
		return;
	json_t *extras = sgy_extras(call, &sgy_course_kind, row_id(row));
	json_object_set_new(row, "district_course_name", json_string(extra(extras, "district_course_name")));
	json_decref(extras);
}

/* Comma text as a list of texts, which for nothing is the list of one empty text. */
static json_t *text_list(const char *csv)
{
	json_t *list = json_array();

	for (;;) {
		size_t len = strcspn(csv, ",");
		json_array_append_new(list, json_stringn(csv, len));
		if (!csv[len])
			return list;
		csv += len + 1;
	}
}

static const struct {
	const char *key, *name, *standard;
} option_fields[] = {
	{ "course_format", "options.course_format", "1" },
	{ "weighted_grading_categories", "options.weighted_grading_categories", "0" },
	{ "upload_documents", "options.upload_documents", "0" },
	{ "create_discussion", "options.create_discussion", "0" },
	{ "member_post", "options.member_post", "0" },
	{ "member_post_comment", "options.member_post_comment", "0" },
};

/* Values are texts; null in the answer to a POST, as long as nobody has set them. */
static json_t *section_options(const json_t *extras, bool is_new)
{
	static const char *const shown[] = { "topics", "assignments", "assessments", "documents", "discussion", "album",
		"pages" };
	json_t *options = json_object(), *visible = is_new ? json_array() : json_object();

	for (size_t i = 0; i < SR_COUNT_OF(option_fields); i++) {
		const char *text = extra(extras, option_fields[i].name);
		json_object_set_new(options, option_fields[i].key,
			*text    ? json_string(text)
			: is_new ? json_null()
				 : json_string(option_fields[i].standard));
	}
	for (size_t i = 0; !is_new && i < SR_COUNT_OF(shown); i++)
		json_object_set_new(visible, shown[i], json_integer(1));
	json_object_set_new(options, "content_index_visibility", visible);
	return options;
}

static void extend_section(sgy_call *call, json_t *row, bool is_new)
{
	static const char picture[] = "http://asset-cdn.schoology.com/sites/all/themes/schoology_theme/images/"
				      "course-default.gif";
	json_t *extras = sgy_extras(call, &sgy_section_kind, row_id(row));
	const char *url = extra(extras, "profile_url");

	json_object_set_new(row, "profile_url", json_string(*url ? url : picture));
	json_object_set_new(row, "meeting_days", text_list(extra(extras, "meeting_days")));
	json_object_set_new(row, "class_periods", text_list(extra(extras, "class_periods")));
	json_object_set_new(row, "options", section_options(extras, is_new));
	if (call->sgy->options.zero_period)
		json_array_append_new(json_object_get(row, "grading_periods"), json_integer(0));
	json_decref(extras);
}

void sgy_extend_section(sgy_call *call, json_t *row)
{
	extend_section(call, row, false);
}

void sgy_extend_new_section(sgy_call *call, json_t *row)
{
	extend_section(call, row, true);
}
