/* Sections. Three traps of the live service are kept: a reused section_school_code updates the
 * section that holds it and moves it to the new grading periods, wherever it was; section_code is
 * ignored beside section_school_code; and sections whose periods are over leave the lists by
 * themselves, unless include_past asks for them. */
#include <stdio.h>
#include <string.h>

#include "sgy_int.h"

/* ?1: the day before which an end is past. Without a known period a section is never over. */
#define PERIODS_OF_S "sgy_section_period x JOIN sgy_period p ON p.id = x.period_id WHERE x.section_id = s.id"
#define PAST                                                \
	"(EXISTS (SELECT 1 FROM " PERIODS_OF_S ") AND NOT " \
	"EXISTS (SELECT 1 FROM " PERIODS_OF_S " AND p.end_ >= ?1))"
#define FUTURE                                              \
	"(EXISTS (SELECT 1 FROM " PERIODS_OF_S ") AND NOT " \
	"EXISTS (SELECT 1 FROM " PERIODS_OF_S " AND p.start <= ?4))"

#define SECTION_COLUMNS                                                                                             \
	"CAST(s.id AS TEXT) AS \"id:s\", c.title AS \"course_title:s\", c.course_code AS \"course_code:s\","        \
	" CAST(s.course_id AS TEXT) AS \"course_id:s\", (SELECT CAST(max(id) AS TEXT) FROM sgy_school)"             \
	" AS \"school_id:s\", CAST(c.building_id AS TEXT) AS \"building_id:s\", s.access_code AS"                   \
	" \"access_code:s\", s.title AS \"section_title:s\", s.section_code AS \"section_code:s\","                 \
	" s.section_school_code AS \"section_school_code:s\", s.synced AS \"synced:n\", NOT " PAST                  \
	" AS \"active:i\", s.description AS \"description:s\", (SELECT group_concat(period_id) FROM"                \
	" (SELECT period_id FROM sgy_section_period WHERE section_id = s.id ORDER BY period_id))"                   \
	" AS \"grading_periods:l\", s.location AS \"location:s\", s.start_time AS \"start_time:s\", s.end_time AS " \
	"\"end_time:s\", 0 AS \"weight:i\", 0 AS \"admin:i\""

/* ?2: the caller's only building, 0 for all. */
#define SECTION_FROM " FROM sgy_section s JOIN sgy_course c ON c.id = s.course_id WHERE (?2 = 0 OR c.building_id = ?2)"
/* ?3: include_past, ?4: today, if sections not yet begun need it too; else NULL. */
#define SECTION_LIST SECTION_FROM " AND (?3 = 1 OR NOT (" PAST " OR (?4 IS NOT NULL AND " FUTURE ")))"
#define SECTION_PAGE(where) "SELECT " SECTION_COLUMNS SECTION_LIST where SGY_PAGE("s.id")
#define SECTION_COUNT(where) "SELECT count(*)" SECTION_LIST where " AND ?1 IS NOT NULL"

static const char *future_day(sgy_call *call)
{
	return call->sgy->options.future_hidden ? sgy_today(call) : NULL;
}

static void list_by_id(sgy_call *call, const sgy_list *list)
{
	sgy_reply_list(call, list, "siisi", sgy_archive_day(call), call->scope, sgy_param_int(call, "include_past", 0),
		future_day(call), call->id);
}

void sgy_course_sections(sgy_call *call)
{
	static const sgy_list list = { "section", SECTION_PAGE(" AND s.course_id = ?5"),
		SECTION_COUNT(" AND s.course_id = ?5"), .total_is_text = true, .extend = sgy_extend_section };

	if (sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_course WHERE id = ?1", "i", call->id))
		list_by_id(call, &list);
	else
		sgy_reply_text(call, 404, "Course not found.");
}

void sgy_user_sections(sgy_call *call)
{
#define OF_USER                                                                                     \
	" AND s.id IN (SELECT e.section_id FROM sgy_enrollment e WHERE e.uid = ?5 AND e.status = 1" \
	" AND NOT EXISTS (SELECT 1 FROM sgy_former f WHERE f.enrollment_id = e.id))"
	static const sgy_list list = { "section", SECTION_PAGE(OF_USER), SECTION_COUNT(OF_USER), .total_is_text = true,
		.extend = sgy_extend_section };

	list_by_id(call, &list);
}

void sgy_sections_get(sgy_call *call)
{
#define BY_CODE " AND s.section_school_code IN (SELECT value FROM json_each(?5))"
	static const sgy_list list = { "section", SECTION_PAGE(BY_CODE), SECTION_COUNT(BY_CODE), .total_is_text = true,
		.extend = sgy_extend_section };
	size_t count;
	const char *codes = sgy_csv_json(call, sgy_param_text(call, "section_school_codes"), &count);

	if (!codes)
		sgy_reply_text(call, 403, "Access denied.");
	else if (count > SGY_BULK_MAX)
		sgy_reply_text(call, 400, "You may not ask for more than 50 section_school_codes.");
	else
		sgy_reply_list(call, &list, "siiss", sgy_archive_day(call), call->scope,
			sgy_param_int(call, "include_past", 0), future_day(call), codes);
}

static void reply_section(sgy_call *call, int64_t id, int status)
{
	static const char sql[] = "SELECT " SECTION_COLUMNS SECTION_FROM " AND s.id = ?3";

	sgy_reply_row(call, sgy_query(call->sgy, sql, "sii", sgy_archive_day(call), call->scope, id), status,
		sgy_printf(call, "sections/%lld", (long long)id), "Section not found.",
		status == 201 ? sgy_extend_new_section : sgy_extend_section);
}

void sgy_section_get(sgy_call *call)
{
	reply_section(call, call->id, 200);
}

int64_t sgy_section_by_code(sgy_call *call, const char *school_code)
{
	static const char sql[] = "SELECT id FROM sgy_section WHERE section_school_code = ?1";

	return school_code && *school_code ? sgy_int(call->sgy, 0, sql, "s", school_code) : 0;
}

void sgy_section_ext(sgy_call *call)
{
	int64_t id = sgy_section_by_code(call, call->text);

	if (!id)
		sgy_reply_text(call, call->sgy->options.ext_missing_code, "Section not found.");
	else if (call->nested || call->sgy->options.section_ext)
		reply_section(call, id, 200);
	else
		sgy_reply_location(call, sgy_printf(call, "sections/%lld", (long long)id));
}

bool sgy_section_visible(sgy_call *call, int64_t section_id)
{
	static const char sql[] = "SELECT course_id FROM sgy_section WHERE id = ?1";
	int64_t course_id = sgy_int(call->sgy, -1, sql, "i", section_id);

	return course_id >= 0 && sgy_course_in_scope(call, course_id);
}

void sgy_section_periods(sgy_call *call)
{
	static const char sql[] =
		"SELECT p.id AS \"id:i\", p.title AS \"title:s\", 0 AS \"weight:i\", p.start || ' 00:00:00'"
		" AS \"start:s\", p.end_ || ' 00:00:00' AS \"end:s\" FROM sgy_section_period x"
		" JOIN sgy_period p ON p.id = x.period_id WHERE x.section_id = ?1 ORDER BY p.id";
	if (!sgy_section_visible(call, call->id)) {
		sgy_reply_text(call, 404, "Section not found.");
		return;
	}
	json_t *rows = json_array();
	sqlite3_stmt *stmt = sgy_query(call->sgy, sql, "i", call->id);
	while (sgy_step(call->sgy, stmt))
		json_array_append_new(rows, sgy_row(stmt));
	sgy_reply_json(call, 200, json_pack("{s:o}", "grading_period", rows));
}

bool sgy_section_past(sgy_call *call, int64_t section_id)
{
	static const char sql[] = "SELECT " PAST " FROM sgy_section s WHERE s.id = ?2";

	return sgy_int(call->sgy, 0, sql, "si", sgy_archive_day(call), section_id) != 0;
}

/* --- writes --- */

static json_t *section_answer(sgy_call *call, int64_t id)
{
	static const char sql[] =
		"SELECT CAST(id AS TEXT) AS \"id:s\", section_code AS \"section_code:s\", section_school_code AS"
		" \"section_school_code:s\", synced AS \"synced:n\", (SELECT group_concat(period_id) FROM"
		" (SELECT period_id FROM sgy_section_period WHERE section_id = ?1 ORDER BY period_id)) AS "
		"\"grading_periods:l\""
		" FROM sgy_section WHERE id = ?1";
	sqlite3_stmt *stmt = sgy_query(call->sgy, sql, "i", id);

	if (!sgy_step(call->sgy, stmt))
		return sgy_item_fail(500, "The section could not be read.");
	json_t *answer = sgy_row(stmt);
	sqlite3_reset(stmt);
	json_object_set_new(answer, "response_code", json_integer(200));
	json_object_set_new(
		answer, "location", json_string(sgy_printf(call, "%s/sections/%lld", call->base, (long long)id)));
	return answer;
}

static json_t *section_fail(sgy_call *call, const json_t *item, int code, const char *message)
{
	static const char *const keys[] = { "section_school_code", "section_code", "id" };
	json_t *answer = sgy_item_fail(code, message);

	for (size_t i = 0; i < SR_COUNT_OF(keys); i++) {
		const char *text = sgy_item_text(call, item, keys[i]);
		if (text)
			json_object_set_new(answer, keys[i], json_string(text));
	}
	return answer;
}

/* The item's grading_periods as a JSON text of integers; "[]" for an empty list; NULL: not given
 * (or, with *wrong set, not understood). [""] and "" are how "none" is written elsewhere. */
static const char *item_periods(sgy_call *call, const json_t *item, const char **wrong)
{
	json_t *given = json_object_get(item, "grading_periods"), *v;
	SR_AUTO(sr_buf) list = { 0 };
	size_t i;

	if (!given || json_is_null(given))
		return NULL;
	if (json_is_object(given)) /* an element around the list: its name means nothing */
		given = json_object_iter_value(json_object_iter(given));
	json_t *many = json_is_array(given) ? json_incref(given) : json_pack("[O]", given);
	json_array_foreach(many, i, v) {
		int64_t id;
		if (json_is_string(v) && !*json_string_value(v))
			continue;
		if (!sgy_json_int(v, &id) || !sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_period WHERE id = ?1", "i", id))
			*wrong = "A grading period does not exist.";
		else
			sr_buf_printf(&list, "%s%lld", list.len ? "," : "", (long long)id);
	}
	json_decref(many);
	return *wrong ? NULL : sgy_printf(call, "[%s]", sr_buf_text(&list));
}

static void store_periods(sgy_call *call, int64_t id, const char *periods)
{
	static const char insert_sql[] = "INSERT OR IGNORE INTO sgy_section_period (section_id, period_id)"
					 " SELECT ?1, value FROM json_each(?2)";

	if (!periods)
		return;
	sgy_run(call->sgy, "DELETE FROM sgy_section_period WHERE section_id = ?1", "i", id);
	sgy_run(call->sgy, insert_sql, "is", id, periods);
}

/* Whoever holds the item's code: its section_school_code anywhere, else its section_code in the
 * same course and one of the same grading periods. 0: nobody. */
static int64_t code_holder(sgy_call *call, int64_t course_id, const json_t *item, const char *periods)
{
	static const char code_sql[] =
		"SELECT s.id FROM sgy_section s WHERE s.course_id = ?1 AND s.section_code = ?2 AND EXISTS"
		" (SELECT 1 FROM sgy_section_period x JOIN json_each(?3) j ON j.value = x.period_id"
		" WHERE x.section_id = s.id)";
	const char *school_code = sgy_item_text(call, item, "section_school_code");
	const char *code = sgy_item_text(call, item, "section_code");

	if (school_code && *school_code)
		return sgy_section_by_code(call, school_code);
	if (code && *code)
		return sgy_int(call->sgy, 0, code_sql, "iss", course_id, code, periods ? periods : "[]");
	return 0;
}

static bool shares_period(sgy_call *call, int64_t id, const char *periods)
{
	static const char sql[] = "SELECT 1 FROM sgy_section_period x JOIN json_each(?2) j ON j.value = x.period_id"
				  " WHERE x.section_id = ?1";

	return sgy_int(call->sgy, 0, sql, "is", id, periods) != 0;
}

/* Why the section that holds the item's code may not be updated by it; NULL: it may. */
static const char *holder_wrong(sgy_call *call, const json_t *item, int64_t id, const char *periods)
{
	const char *school_code = sgy_item_text(call, item, "section_school_code");
	bool by_school_code = school_code && *school_code;

	if (sgy_param_int(call, "update_existing", 0) != 1)
		return "A section with this code already exists.";
	if (by_school_code && call->id && call->sgy->options.section_match)
		return "A section with this section_school_code already exists.";
	if (by_school_code && call->sgy->options.reused_code && periods && !shares_period(call, id, periods))
		return "The section_school_code is in use in another grading period.";
	return NULL;
}

static const char *new_section_wrong(sgy_call *call, const json_t *item, const char *periods)
{
	const char *title = sgy_item_text(call, item, "title"), *also = sgy_item_text(call, item, "section_title");
	const char *school_code = sgy_item_text(call, item, "section_school_code");
	const char *code = sgy_item_text(call, item, "section_code");

	if ((!title || !*title) && (!also || !*also))
		return "The title is required.";
	if ((!school_code || !*school_code) && (!code || !*code))
		return "A section_school_code or section_code is required.";
	return periods && strcmp(periods, "[]") ? NULL : "grading_periods is required.";
}

static void place_new_section(sgy_call *call, int64_t id, int64_t course_id)
{
	static const char sql[] = "UPDATE sgy_section SET course_id = ?2, access_code = ?3 WHERE id = ?1";
	uint64_t mixed = (uint64_t)id * 0x9E3779B97F4A7C15u;
	char code[20];

	snprintf(code, sizeof(code), "%04X-%04X-%04X", (unsigned)(mixed >> 48), (unsigned)(mixed >> 32 & 0xFFFF),
		(unsigned)(mixed >> 16 & 0xFFFF));
	sgy_run(call->sgy, sql, "iis", id, course_id, code);
}

typedef struct placement {
	int64_t id; /* 0: a new section, of course_id */
	int64_t course_id;
	const char *periods; /* JSON list; NULL: as they are */
	bool upsert;
} placement;

static json_t *section_write(sgy_call *call, json_t *item, placement p)
{
	const char *school_code = sgy_item_text(call, item, "section_school_code");
	sgy_image before = { 0 };

	if (school_code && *school_code)
		json_object_del(item, "section_code");
	if (p.id) {
		before = sgy_image_of(call, &sgy_section_kind, p.id);
	} else {
		p.id = sgy_create(call, &sgy_section_kind);
		place_new_section(call, p.id, p.course_id);
	}
	sgy_store(call, &sgy_section_kind, p.id, item, p.upsert);
	store_periods(call, p.id, p.periods);
	sgy_log_write(call, &sgy_section_kind, p.id, &before);
	return section_answer(call, p.id);
}

bool sgy_course_in_scope(sgy_call *call, int64_t course_id)
{
	static const char sql[] = "SELECT building_id FROM sgy_course WHERE id = ?1";

	return sgy_in_scope(call, sgy_int(call->sgy, 0, sql, "i", course_id));
}

json_t *sgy_section_upsert(sgy_call *call, int64_t course_id, json_t *item)
{
	const char *wrong = json_is_object(item) ? sgy_fields_wrong(call, &sgy_section_kind, item) : "Not an object.";
	const char *periods = wrong ? NULL : item_periods(call, item, &wrong);
	int64_t id = wrong ? 0 : code_holder(call, course_id, item, periods);

	if (!wrong)
		wrong = id ? holder_wrong(call, item, id, periods) : new_section_wrong(call, item, periods);
	if (wrong)
		return section_fail(call, item, 400, wrong);
	if (!sgy_course_in_scope(call, course_id))
		return section_fail(call, item, 403, "You do not have permission for this building.");
	return section_write(call, item, (placement){ id, course_id, periods, .upsert = true });
}

static json_t *post_item(sgy_call *call, json_t *item)
{
	return sgy_section_upsert(call, call->id, item);
}

void sgy_sections_post(sgy_call *call)
{
	if (!sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_course WHERE id = ?1", "i", call->id)) {
		sgy_reply_text(call, 404, "Course not found.");
		return;
	}
	if (json_object_get(call->body, "sections") || json_object_get(call->body, "section")) {
		sgy_bulk(call, "sections", "section", false, 207, post_item);
		return;
	}
	json_t *answer = post_item(call, call->body);
	if (!sgy_single_failed(call, answer))
		reply_section(call, sgy_item_int(answer, "id", 0), 201);
	json_decref(answer);
}

static json_t *section_put_item(sgy_call *call, json_t *item)
{
	int64_t id = sgy_item_int(item, "id", 0);
	int64_t course_id = sgy_int(call->sgy, 0, "SELECT course_id FROM sgy_section WHERE id = ?1", "i", id);
	const char *wrong = sgy_fields_wrong(call, &sgy_section_kind, item);
	const char *periods = wrong ? NULL : item_periods(call, item, &wrong);
	int64_t holder = wrong ? 0 : code_holder(call, course_id, item, periods);

	if (!course_id)
		return section_fail(call, item, 404, "Section not found.");
	if (!wrong && holder && holder != id)
		wrong = "The code is already in use.";
	if (!wrong && call->sgy->options.past_put_refused && sgy_section_past(call, id))
		wrong = "The section is archived.";
	if (wrong)
		return section_fail(call, item, 400, wrong);
	if (!sgy_course_in_scope(call, course_id))
		return section_fail(call, item, 403, "You do not have permission for this building.");
	return section_write(call, item, (placement){ id, course_id, periods, .upsert = false });
}

void sgy_sections_put(sgy_call *call)
{
	sgy_bulk(call, "sections", "section", false, call->sgy->options.bulk_put_status, section_put_item);
}

void sgy_section_put(sgy_call *call)
{
	sgy_single_put(call, section_put_item);
}

static json_t *section_delete_item(sgy_call *call, json_t *item)
{
	static const char member_sql[] = "SELECT id FROM sgy_enrollment WHERE section_id = ?1 LIMIT 1";
	int64_t id = 0, enrollment;

	sgy_json_int(item, &id);
	const char *text = sgy_printf(call, "%lld", (long long)id);
	int64_t course_id = sgy_int(call->sgy, 0, "SELECT course_id FROM sgy_section WHERE id = ?1", "i", id);
	if (!course_id || !sgy_course_in_scope(call, course_id))
		return json_pack("{s:i,s:s,s:s}", "response_code", 404, "message", "Section not found.", "id", text);
	while ((enrollment = sgy_int(call->sgy, 0, member_sql, "i", id)) != 0)
		sgy_drop_member(call, enrollment, true);
	sgy_remove(call, &sgy_section_kind, id);
	sgy_run(call->sgy, "DELETE FROM sgy_section_period WHERE section_id = ?1", "i", id);
	return json_pack("{s:i,s:s}", "response_code", 200, "id", text);
}

void sgy_sections_delete(sgy_call *call)
{
	sgy_bulk_ids(call, "section_ids", NULL, "section", section_delete_item);
}

/* Content is not kept here, so there is nothing to copy: said at once, and no section is made. */
void sgy_sections_copy(sgy_call *call)
{
	sgy_reply_text(call, 501, "This sandbox keeps no course content and copies no sections.");
}

void sgy_section_delete(sgy_call *call)
{
	sgy_single_delete(call, section_delete_item);
}
