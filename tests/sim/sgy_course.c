/* Courses: yearless containers, one code each over the whole organisation. The bulk POST carries
 * sections inside, each with an answer of its own. */
#include <string.h>

#include "sgy_int.h"

#define COURSE_COLUMNS                                                                                       \
	"c.id AS \"id:i\", c.title AS \"title:s\", c.course_code AS \"course_code:s\","                      \
	" c.department AS \"department:s\", c.description AS \"description:s\", c.credits AS \"credits:r\"," \
	" c.synced AS \"synced:i\", CAST(c.building_id AS TEXT) AS \"building_id:s\","                       \
	" c.grade_level_range_start AS \"grade_level_range_start:i\","                                       \
	" c.grade_level_range_end AS \"grade_level_range_end:i\", c.subject_area AS \"subject_area:i\""

#define COURSE_FROM " FROM sgy_course c WHERE (?1 = 0 OR c.building_id = ?1)"
#define COURSE_LIST COURSE_FROM " AND (?2 = 0 OR c.building_id = ?2)"

void sgy_courses_get(sgy_call *call)
{
	static const sgy_list list = { "course", "SELECT " COURSE_COLUMNS COURSE_LIST SGY_PAGE("c.id"),
		"SELECT count(*)" COURSE_LIST, .total_is_text = true, .extend = sgy_extend_course };

	sgy_reply_list(call, &list, "ii", call->scope, sgy_param_int(call, "building_id", 0));
}

static void reply_course(sgy_call *call, int64_t id, int status)
{
	static const char sql[] = "SELECT " COURSE_COLUMNS COURSE_FROM " AND c.id = ?2";

	sgy_reply_row(call, sgy_query(call->sgy, sql, "ii", call->scope, id), status,
		sgy_printf(call, "courses/%lld", (long long)id), "Course not found.", sgy_extend_course);
}

void sgy_course_get(sgy_call *call)
{
	reply_course(call, call->id, 200);
}

static json_t *course_answer(sgy_call *call, int64_t id)
{
	const char *code = sgy_text(call, "SELECT course_code FROM sgy_course WHERE id = ?1", "i", id);

	return json_pack("{s:i,s:s,s:s,s:s}", "response_code", 200, "id", sgy_printf(call, "%lld", (long long)id),
		"course_code", code ? code : "", "location",
		sgy_printf(call, "%s/courses/%lld", call->base, (long long)id));
}

static json_t *course_fail(sgy_call *call, const json_t *item, int code, const char *message)
{
	json_t *answer = sgy_item_fail(code, message);
	const char *course_code = sgy_item_text(call, item, "course_code");

	if (course_code)
		json_object_set_new(answer, "course_code", json_string(course_code));
	return answer;
}

static int64_t course_by_code(sgy_call *call, const char *code)
{
	return sgy_int(call->sgy, 0, "SELECT id FROM sgy_course WHERE course_code = ?1", "s", code ? code : "");
}

/* `id` 0: a new course. */
static const char *course_wrong(sgy_call *call, const json_t *item, int64_t id, int *code)
{
	const char *wrong = sgy_fields_wrong(call, &sgy_course_kind, item), *title = sgy_item_text(call, item, "title");
	const char *course_code = sgy_item_text(call, item, "course_code");
	int64_t building = sgy_item_int(item, "building_id", 0), from, to;

	*code = 400;
	if (wrong)
		return wrong;
	if ((title || !id) && (!title || !*title))
		return "The title is required.";
	if ((course_code || !id) && (!course_code || !*course_code))
		return "The course_code is required.";
	int64_t holder = course_code ? course_by_code(call, course_code) : 0;
	if (holder && holder != id)
		return "The course_code is already in use.";
	if (building && !sgy_building_exists(call, building))
		return "The building_id does not exist.";
	from = sgy_item_int(item, "grade_level_range_start", 0);
	to = sgy_item_int(item, "grade_level_range_end", 0);
	if (to && to <= from)
		return "The grade level range ends before it begins.";
	int64_t home = sgy_int(call->sgy, building, "SELECT building_id FROM sgy_course WHERE id = ?1", "i", id);
	if ((home && !sgy_in_scope(call, home)) || (building && !sgy_in_scope(call, building))) {
		*code = 403;
		return "You do not have permission for this building.";
	}
	return NULL;
}

static json_t *course_write(sgy_call *call, const json_t *item, int64_t id, bool upsert)
{
	static const char home_sql[] = "UPDATE sgy_course SET building_id = ?2 WHERE id = ?1 AND building_id = 0";
	sgy_image before = { 0 };
	int code;
	const char *wrong = course_wrong(call, item, id, &code);

	if (wrong)
		return course_fail(call, item, code, wrong);
	if (id)
		before = sgy_image_of(call, &sgy_course_kind, id);
	else
		id = sgy_create(call, &sgy_course_kind);
	sgy_store(call, &sgy_course_kind, id, item, upsert);
	sgy_run(call->sgy, home_sql, "ii", id, call->scope ? call->scope : sgy_school_id(call));
	sgy_log_write(call, &sgy_course_kind, id, &before);
	return course_answer(call, id);
}

static json_t *nested_sections(sgy_call *call, int64_t course_id, json_t *item)
{
	json_t *given = json_object_get(json_object_get(item, "sections"), "section"), *answers = json_array(),
	       *section;
	size_t i;

	size_t max = (size_t)call->sgy->options.nested_sections_max;
	if (json_is_object(given))
		json_array_append_new(answers, sgy_section_upsert(call, course_id, given));
	json_array_foreach(given, i, section)
		json_array_append_new(answers, max && i >= max ? sgy_item_fail(400, "Too many sections in one course.")
							       : sgy_section_upsert(call, course_id, section));
	return json_pack("{s:o}", "section", answers);
}

static json_t *course_post(sgy_call *call, json_t *item)
{
	int64_t id = course_by_code(call, sgy_item_text(call, item, "course_code"));

	if (id && sgy_param_int(call, "update_existing", 0) != 1)
		return course_fail(call, item, 400, "A course with this course_code already exists.");
	json_t *answer = course_write(call, item, id, true);
	if (sgy_item_ok(answer) && json_object_get(item, "sections"))
		json_object_set_new(answer, "sections", nested_sections(call, sgy_item_int(answer, "id", 0), item));
	return answer;
}

void sgy_courses_post(sgy_call *call)
{
	if (json_object_get(call->body, "courses") || json_object_get(call->body, "course")) {
		sgy_bulk(call, "courses", "course", false, 207, course_post);
		return;
	}
	json_t *answer = course_post(call, call->body);
	if (!sgy_single_failed(call, answer))
		reply_course(call, sgy_item_int(answer, "id", 0), 201);
	json_decref(answer);
}

static json_t *course_put_item(sgy_call *call, json_t *item)
{
	int64_t id = sgy_item_int(item, "id", 0);

	if (!id || !sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_course WHERE id = ?1", "i", id))
		return course_fail(call, item, 404, "Course not found.");
	json_t *answer = course_write(call, item, id, false);
	json_object_del(answer, "location");
	return answer;
}

void sgy_courses_put(sgy_call *call)
{
	sgy_bulk(call, "courses", "course", false, call->sgy->options.bulk_put_status, course_put_item);
}

void sgy_course_put(sgy_call *call)
{
	sgy_single_put(call, course_put_item);
}

static json_t *course_delete_item(sgy_call *call, json_t *item)
{
	int64_t id = 0;

	sgy_json_int(item, &id);
	const char *text = sgy_printf(call, "%lld", (long long)id), *wrong = NULL;
	int code = 404;
	int64_t building = sgy_int(call->sgy, -1, "SELECT building_id FROM sgy_course WHERE id = ?1", "i", id);
	if (building < 0 || !sgy_in_scope(call, building))
		wrong = "Course not found.";
	else if (sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_section WHERE course_id = ?1 LIMIT 1", "i", id))
		wrong = "The course has sections: delete them first.", code = 400;
	if (wrong)
		return json_pack("{s:i,s:s,s:s}", "response_code", code, "message", wrong, "id", text);
	sgy_remove(call, &sgy_course_kind, id);
	return json_pack("{s:i,s:s}", "response_code", 200, "id", text);
}

void sgy_courses_delete(sgy_call *call)
{
	sgy_bulk_ids(call, "course_ids", NULL, "course", course_delete_item);
}

void sgy_course_delete(sgy_call *call)
{
	sgy_single_delete(call, course_delete_item);
}
