/* The writable objects as tables of fields, and the one way in which they are written: image
 * before, row, image after, log. Field order follows the parameters of each UPDATE. */
#include <string.h>

#include "sgy_int.h"

#define NEXT_ID(table, name) \
	"SELECT max(n, coalesce((SELECT max(id) + 1 FROM " table "), 0)) FROM sgy_counter WHERE name = 'next_" name "'"

/* clang-format off */
#define EXTRA(name, type) { name, type, .clears = true, .extra = true }

static const sgy_field user_fields[] = {
	{ "school_uid", 's' },          { "name_first", 's' },     { "name_last", 's' },
	{ "name_first_preferred", 's', .clears = true },           { "name_middle", 's', .clears = true },
	{ "name_title", 's', .clears = true },                     { "username", 's', .clears = true },
	{ "primary_email", 's', .clears = true },                  { "role_id", 'i' },
	{ "building_id", 'i' },                                    { "additional_buildings", 's', .clears = true },
	{ "grad_year", 's', .clears = true },                      { "position", 's', .clears = true },
	{ "gender", 's', .clears = true },                         { "birthday_date", 'd', .clears = true },
	{ "synced", 'i' },
	EXTRA("name_title_show", 'i'), EXTRA("name_middle_show", 'i'), EXTRA("tz_name", 's'), EXTRA("profile_url", 's'),
	EXTRA("language", 's'), EXTRA("use_preferred_first_name", 'i'), EXTRA("subjects_taught", 's'),
	EXTRA("grades_taught", 's'), EXTRA("department", 's'), EXTRA("bio", 's'), EXTRA("phone", 's'),
	EXTRA("website", 's'), EXTRA("address", 's'), EXTRA("interests", 's'), EXTRA("activities", 's'),
};
const sgy_kind sgy_user_kind = {
	.name = "user", .fields = user_fields, .field_count = SR_COUNT_OF(user_fields),
	.next_id = NEXT_ID("sgy_user", "user"),
	.insert = "INSERT INTO sgy_user (id) VALUES (?1)",
	.remove = "DELETE FROM sgy_user WHERE id = ?1",
	.update = "UPDATE sgy_user SET school_uid = coalesce(?2, school_uid), name_first = coalesce(?3, name_first),"
		" name_last = coalesce(?4, name_last), name_first_preferred = coalesce(?5, name_first_preferred),"
		" name_middle = coalesce(?6, name_middle), name_title = coalesce(?7, name_title),"
		" username = coalesce(?8, username), primary_email = coalesce(?9, primary_email),"
		" role_id = coalesce(?10, role_id), building_id = coalesce(?11, building_id),"
		" additional_buildings = coalesce(?12, additional_buildings), grad_year = coalesce(?13, grad_year),"
		" position = coalesce(?14, position), gender = coalesce(?15, gender),"
		" birthday_date = coalesce(?16, birthday_date), synced = coalesce(?17, synced) WHERE id = ?1",
	.image = "SELECT json_object('id', id, 'school_uid', school_uid, 'name_first', name_first,"
		" 'name_last', name_last,"
		" 'name_first_preferred', name_first_preferred, 'name_middle', name_middle, 'name_title', name_title,"
		" 'username', username, 'primary_email', primary_email, 'role_id', role_id, 'building_id',"
		" building_id,"
		" 'additional_buildings', additional_buildings, 'grad_year', grad_year, 'position', position,"
		" 'gender', gender, 'birthday_date', birthday_date, 'synced', synced, 'active', active),"
		" school_uid, '' FROM sgy_user WHERE id = ?1",
};

static const sgy_field course_fields[] = {
	{ "course_code", 's' },                           { "title", 's' },
	{ "building_id", 'i' },                           { "department", 's', .clears = true },
	{ "description", 's', .clears = true },           { "credits", 's', .clears = true },
	{ "grade_level_range_start", 'i' },               { "grade_level_range_end", 'i' },
	{ "subject_area", 'i' },                          { "synced", 'i' },
	EXTRA("district_course_name", 's'),
};
const sgy_kind sgy_course_kind = {
	.name = "course", .fields = course_fields, .field_count = SR_COUNT_OF(course_fields),
	.next_id = NEXT_ID("sgy_course", "course"),
	.insert = "INSERT INTO sgy_course (id) VALUES (?1)",
	.remove = "DELETE FROM sgy_course WHERE id = ?1",
	.update = "UPDATE sgy_course SET course_code = coalesce(?2, course_code), title = coalesce(?3, title),"
		" building_id = coalesce(?4, building_id), department = coalesce(?5, department),"
		" description = coalesce(?6, description), credits = coalesce(?7, credits),"
		" grade_level_range_start = coalesce(?8, grade_level_range_start),"
		" grade_level_range_end = coalesce(?9, grade_level_range_end),"
		" subject_area = coalesce(?10, subject_area), synced = coalesce(?11, synced) WHERE id = ?1",
	.image = "SELECT json_object('id', id, 'course_code', course_code, 'title', title, 'building_id',"
		" building_id,"
		" 'department', department, 'description', description, 'credits', credits,"
		" 'grade_level_range_start', grade_level_range_start, 'grade_level_range_end', grade_level_range_end,"
		" 'subject_area', subject_area, 'synced', synced), '', '' FROM sgy_course WHERE id = ?1",
};

static const sgy_field section_fields[] = {
	{ "title", 's', .also = "section_title" },        { "section_school_code", 's' },
	{ "section_code", 's' },                          { "description", 's', .clears = true },
	{ "location", 's', .clears = true },              { "start_time", 's', .clears = true },
	{ "end_time", 's', .clears = true },              { "synced", 'i' },
	EXTRA("profile_url", 's'), EXTRA("meeting_days", 'l'), EXTRA("class_periods", 'l'),
	EXTRA("options.course_format", 'i'), EXTRA("options.weighted_grading_categories", 'i'),
	EXTRA("options.upload_documents", 'i'), EXTRA("options.create_discussion", 'i'),
	EXTRA("options.member_post", 'i'), EXTRA("options.member_post_comment", 'i'),
};
const sgy_kind sgy_section_kind = {
	.name = "section", .fields = section_fields, .field_count = SR_COUNT_OF(section_fields),
	.next_id = NEXT_ID("sgy_section", "section"),
	.insert = "INSERT INTO sgy_section (id, course_id) VALUES (?1, 0)",
	.remove = "DELETE FROM sgy_section WHERE id = ?1",
	.update = "UPDATE sgy_section SET title = coalesce(?2, title),"
		" section_school_code = coalesce(?3, section_school_code), section_code = coalesce(?4,"
		" section_code), description = coalesce(?5, description),"
		" location = coalesce(?6, location), start_time = coalesce(?7, start_time),"
		" end_time = coalesce(?8, end_time), synced = coalesce(?9, synced) WHERE id = ?1",
	.image = "SELECT json_object('id', id, 'course_id', course_id, 'title', title, 'section_school_code',"
		" section_school_code, 'section_code', section_code, 'description', description,"
		" 'location', location,"
		" 'start_time', start_time, 'end_time', end_time, 'synced', synced, 'grading_periods',"
		" json((SELECT json_group_array(period_id) FROM (SELECT period_id FROM sgy_section_period"
		" WHERE section_id = ?1 ORDER BY period_id)))), '', coalesce(nullif(section_school_code,"
		" ''), section_code)"
		" FROM sgy_section WHERE id = ?1",
};

static const sgy_field period_fields[] = { { "title", 's' }, { "start", 'd' }, { "end", 'd' } };
const sgy_kind sgy_period_kind = {
	.name = "grading_period", .fields = period_fields, .field_count = SR_COUNT_OF(period_fields),
	.next_id = NEXT_ID("sgy_period", "grading_period"),
	.insert = "INSERT INTO sgy_period (id, title, start, end_) VALUES (?1, '', '', '')",
	.remove = "DELETE FROM sgy_period WHERE id = ?1",
	.update = "UPDATE sgy_period SET title = coalesce(?2, title), start = coalesce(?3, start),"
		" end_ = coalesce(?4, end_) WHERE id = ?1",
	.image = "SELECT json_object('id', id, 'title', title, 'start', start, 'end', end_), '', ''"
		" FROM sgy_period WHERE id = ?1",
};

static const sgy_field enrollment_fields[] = { { "admin", 'i' }, { "status", 'i' } };
const sgy_kind sgy_enrollment_kind = {
	.name = "enrollment", .fields = enrollment_fields, .field_count = SR_COUNT_OF(enrollment_fields),
	.next_id = NEXT_ID("sgy_enrollment", "enrollment"),
	/* Section and user follow at once; until then no pair may repeat. */
	.insert = "INSERT INTO sgy_enrollment (id, section_id, uid) VALUES (?1, 0, ?1)",
	.remove = "DELETE FROM sgy_enrollment WHERE id = ?1",
	.update = "UPDATE sgy_enrollment SET admin = coalesce(?2, admin), status = coalesce(?3, status) WHERE id = ?1",
	.image = "SELECT json_object('id', e.id, 'section_id', e.section_id, 'uid', e.uid, 'admin',"
		" e.admin, 'status',"
		" e.status), coalesce(u.school_uid, ''), coalesce(nullif(s.section_school_code, ''),"
		" s.section_code, '')"
		" FROM sgy_enrollment e LEFT JOIN sgy_user u ON u.id = e.uid LEFT JOIN sgy_section s ON"
		" s.id = e.section_id"
		" WHERE e.id = ?1",
};

static const sgy_field building_fields[] = {
	{ "title", 's' }, { "building_code", 's' }, { "address1", 's' }, { "address2", 's' }, { "city", 's' },
	{ "state", 's' }, { "postal_code", 's' },   { "country", 's' },  { "website", 's' },  { "phone", 's' },
	{ "fax", 's' },
};
const sgy_kind sgy_building_kind = {
	.name = "building", .fields = building_fields, .field_count = SR_COUNT_OF(building_fields),
	.next_id = NEXT_ID("sgy_building", "building"),
	.insert = "INSERT INTO sgy_building (id) VALUES (?1)",
	.remove = "DELETE FROM sgy_building WHERE id = ?1",
	.update = "UPDATE sgy_building SET title = coalesce(?2, title), building_code = coalesce(?3, building_code),"
		" address1 = coalesce(?4, address1), address2 = coalesce(?5, address2), city = coalesce(?6, city),"
		" state = coalesce(?7, state), postal_code = coalesce(?8, postal_code),"
		" country = coalesce(?9, country),"
		" website = coalesce(?10, website), phone = coalesce(?11, phone), fax = coalesce(?12,"
		" fax) WHERE id = ?1",
	.image = "SELECT json_object('id', id, 'title', title, 'building_code', building_code, 'address1', address1,"
		" 'address2', address2, 'city', city, 'state', state, 'postal_code', postal_code, 'country', country,"
		" 'website', website, 'phone', phone, 'fax', fax), '', '' FROM sgy_building WHERE id = ?1",
};
/* clang-format on */

const json_t *sgy_field_value(const sgy_field *field, const json_t *item)
{
	const char *dot = strchr(field->name, '.');
	char outer[32] = "";

	if (dot && (size_t)(dot - field->name) < sizeof(outer)) {
		memcpy(outer, field->name, (size_t)(dot - field->name));
		return json_object_get(json_object_get(item, outer), dot + 1);
	}
	const json_t *v = json_object_get(item, field->name);
	return v || !field->also ? v : json_object_get(item, field->also);
}

static bool real_date(sgy_call *call, const char *text)
{
	return sgy_int(call->sgy, 0, "SELECT length(?1) = 10 AND date(?1, '+0 days') = ?1", "s", text) != 0;
}

/* Null and "" are "not set" for a number; a number where text belongs is fine. */
static bool field_wrong(sgy_call *call, const sgy_field *field, const json_t *v)
{
	const char *text = sgy_json_text(call, v);
	size_t i;
	json_t *item;
	int64_t n;

	if (field->type == 'l' && json_is_array(v)) {
		json_array_foreach(v, i, item)
			if (!sgy_json_int(item, &n) && !(json_is_string(item) && !*json_string_value(item)))
				return true;
		return false;
	}

	if (!v || json_is_null(v) || (text && !*text))
		return false;
	if (field->type == 'i')
		return !sgy_json_int(v, &n);
	return !text || (field->type == 'd' && !real_date(call, text));
}

const char *sgy_fields_wrong(sgy_call *call, const sgy_kind *kind, const json_t *item)
{
	for (size_t i = 0; i < kind->field_count; i++)
		if (field_wrong(call, &kind->fields[i], sgy_field_value(&kind->fields[i], item)))
			return sgy_printf(call, "Invalid value for %s.", kind->fields[i].name);
	return NULL;
}

static void add_relatives(sgy_call *call, int64_t uid, json_t *beside)
{
	const char *parents = sgy_relatives(call, "parent", uid, 0), *advisors = sgy_relatives(call, "advisor", uid, 0);

	if (parents)
		json_object_set_new(beside, "parent_uids", json_string(parents));
	if (advisors)
		json_object_set_new(beside, "advisor_uids", json_string(advisors));
}

/* The image's object gets what stands beside it as one more member. */
static void add_extras(sgy_call *call, const sgy_kind *kind, int64_t id, sgy_image *image)
{
	json_t *found = sgy_extras(call, kind, id), *beside = found ? found : json_object();

	if (kind == &sgy_user_kind)
		add_relatives(call, id, beside);
	if (json_object_size(beside) > 0) {
		SR_AUTO_FREE char *text = json_dumps(beside, JSON_COMPACT | JSON_SORT_KEYS);
		image->json = sgy_printf(
			call, "%.*s,\"extra\":%s}", (int)strlen(image->json) - 1, image->json, text ? text : "{}");
	}
	json_decref(beside);
}

sgy_image sgy_image_of(sgy_call *call, const sgy_kind *kind, int64_t id)
{
	sgy_image image = { 0 };
	sqlite3_stmt *stmt = sgy_query(call->sgy, kind->image, "i", id);

	if (!sgy_step(call->sgy, stmt))
		return image;
	image.json = sgy_printf(call, "%s", (const char *)sqlite3_column_text(stmt, 0));
	image.school_uid = sgy_printf(call, "%s", (const char *)sqlite3_column_text(stmt, 1));
	image.section_code = sgy_printf(call, "%s", (const char *)sqlite3_column_text(stmt, 2));
	sqlite3_reset(stmt);
	add_extras(call, kind, id, &image);
	return image;
}

int64_t sgy_new_id(sgy_call *call, const sgy_kind *kind)
{
	static const char raise_sql[] = "INSERT INTO sgy_counter (name, n) VALUES ('next_' || ?1, ?2)"
					" ON CONFLICT (name) DO UPDATE SET n = excluded.n";
	int64_t id = sgy_int(call->sgy, 1, kind->next_id, "");

	sgy_run(call->sgy, raise_sql, "si", kind->name, id + 1);
	return id;
}

int64_t sgy_create(sgy_call *call, const sgy_kind *kind)
{
	int64_t id = sgy_new_id(call, kind);

	sgy_run(call->sgy, kind->insert, "i", id);
	return id;
}

static void bind_field(sgy_call *call, sqlite3_stmt *stmt, int at, const sgy_field *field, const json_t *v, bool clears)
{
	const char *text = sgy_json_text(call, v);
	int64_t n;

	if (field->type == 'i' && v && sgy_json_int(v, &n))
		sqlite3_bind_int64(stmt, at, n);
	else if (field->type != 'i' && text)
		sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
	else if (field->type != 'i' && clears && field->clears && !v)
		sqlite3_bind_text(stmt, at, "", -1, SQLITE_STATIC);
}

void sgy_store(sgy_call *call, const sgy_kind *kind, int64_t id, const json_t *item, bool upsert)
{
	bool clears = upsert && call->sgy->options.upsert_clears;
	sqlite3_stmt *stmt = sgy_query(call->sgy, kind->update, "i", id);

	for (size_t i = 0; stmt && i < kind->field_count && !kind->fields[i].extra; i++)
		bind_field(call, stmt, (int)i + 2, &kind->fields[i], sgy_field_value(&kind->fields[i], item), clears);
	while (sgy_step(call->sgy, stmt))
		;
	for (size_t i = 0; i < kind->field_count; i++) {
		const sgy_field *field = &kind->fields[i];
		const json_t *v = sgy_field_value(field, item);
		if (field->extra && (v || (clears && field->clears)))
			sgy_store_extra(call, kind, id, field, v);
	}
}

void sgy_log_write(sgy_call *call, const sgy_kind *kind, int64_t id, const sgy_image *before)
{
	static const char sql[] = "INSERT INTO sgy_write_log (at_ms, method, path, kind, object_id, school_uid, "
				  "section_code, before, after,"
				  " changed, by_uid) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
	sgy_image after = sgy_image_of(call, kind, id);
	const sgy_image *named = after.json ? &after : before;
	int64_t changed = !sr_streq(before->json, after.json);

	sgy_run(call->sgy, sql, "isssissssii", sr_clock_wall_ms(&call->sgy->world->clock), call->request->method,
		call->path, kind->name, id, named->school_uid ? named->school_uid : "",
		named->section_code ? named->section_code : "", before->json, after.json, changed, call->uid);
}

void sgy_remove(sgy_call *call, const sgy_kind *kind, int64_t id)
{
	sgy_image before = sgy_image_of(call, kind, id);

	sgy_run(call->sgy, kind->remove, "i", id);
	sgy_run(call->sgy, "DELETE FROM sgy_extra WHERE kind = ?1 AND object_id = ?2", "si", kind->name, id);
	sgy_log_write(call, kind, id, &before);
}

void sgy_count(sgy_call *call, const char *counter, int64_t n)
{
	sgy_run(call->sgy, "UPDATE sgy_counter SET n = n + ?2 WHERE name = ?1", "si", counter, n);
}
