/* Bodies of the bulk calls. Which fields an object has, and under which names, is the kind's own
 * table (core/model.c): its names are Schoology's names. What is sent beside them stands here. */
#include <string.h>

#include "codec/oauth1.h"
#include "codec/sgy_codec.h"
#include "codec/sgy_group.h"
#include "wire/json.h"

/* ---- one object ---- */

static json_t *period_list(const char *list)
{
	json_t *array = json_array();
	int64_t id = 0;

	for (const char *p = list; array && *p; p++) {
		if (sr_is_digit(*p))
			id = id * 10 + (*p - '0');
		if (sr_is_digit(*p) && !sr_is_digit(p[1])) {
			json_array_append_new(array, json_integer(id));
			id = 0;
		}
	}
	return array;
}

static json_t *value_json(const sr_field *f, const sr_value *v)
{
	if (!v->set)
		return json_string("");
	return f->type == SR_T_TEXT ? json_string(v->s) : json_integer(v->n);
}

/* Columns of a record that are not members of the object of the same kind: a section stands inside
 * its course, and its periods are a list that the engine makes. */
static bool sent_elsewhere(const sr_write_item *item, size_t field)
{
	return item->kind == SR_TGT_SECTION && (field == SR_S_COURSE_CODE || field == SR_S_GRADING_PERIODS);
}

/* What is unset is left out on create. On update an unset text is sent blank, to clear it; a login
 * or a number is never cleared. */
static bool is_sent(const sr_write_item *item, bool create, size_t field)
{
	const sr_field *f = &item->values->kind->fields[field];
	const sr_value *v = &item->values->v[field];

	if (sent_elsewhere(item, field))
		return false;
	if (create)
		return (f->flags & SR_F_CREATE) && v->set;
	if (!(item->fields >> field & 1) || (f->flags & SR_F_KEY) || !(f->flags & SR_F_UPDATE))
		return false;
	return v->set || !(f->flags & (SR_F_LOGIN | SR_F_GUARD));
}

static void put_id(sr_json_obj *o, int64_t id)
{
	sr_buf text = { 0 };

	sr_buf_printf(&text, "%lld", (long long)id);
	sr_json_put_text(o, "id", sr_buf_text(&text));
	sr_buf_done(&text);
}

static void put_fields(sr_json_obj *o, const sr_write_item *item, bool create)
{
	const sr_kind *kind = item->values->kind;

	for (size_t i = 0; i < kind->count; i++)
		if (is_sent(item, create, i))
			sr_json_put(o, kind->fields[i].name, value_json(&kind->fields[i], &item->values->v[i]));
	if (item->kind == SR_TGT_SECTION && item->periods)
		sr_json_put(o, "grading_periods", period_list(item->periods));
	if (create && item->kind != SR_TGT_MEMBERSHIP)
		sr_json_put_int(o, "synced", 1);
}

static json_t *created_object(const sr_write_item *item)
{
	sr_json_obj o = sr_json_obj_new();

	put_fields(&o, item, true);
	return sr_json_obj_take(&o);
}

static json_t *updated_object(const sr_write_item *item)
{
	sr_json_obj o = sr_json_obj_new();

	put_id(&o, item->id);
	put_fields(&o, item, false);
	return sr_json_obj_take(&o);
}

/* An import row. It makes an active member; a status has no place in it. */
static json_t *imported_member(const sr_write_item *item)
{
	sr_json_obj o = sr_json_obj_new();

	sr_json_put_text(&o, "section_school_code", sr_record_text(item->values, SR_M_SECTION_SCHOOL_CODE));
	sr_json_put_text(&o, "school_uid", sr_record_text(item->values, SR_M_SCHOOL_UID));
	sr_json_put_int(&o, "admin", sr_record_int(item->values, SR_M_ADMIN, 0));
	return sr_json_obj_take(&o);
}

static json_t *member_status(const sr_write_item *item)
{
	sr_json_obj o = sr_json_obj_new();

	put_id(&o, item->id);
	sr_json_put_int(&o, "status", sr_record_int(item->values, SR_M_STATUS, 1));
	if (item->values->v[SR_M_ADMIN].set && item->op != SR_OP_DROP)
		sr_json_put_int(&o, "admin", item->values->v[SR_M_ADMIN].n);
	return sr_json_obj_take(&o);
}

/* Without former classes: what he had is brought back, or not, by the memberships that the roster says. */
static json_t *reactivated_user(const sr_write_item *item)
{
	sr_json_obj o = sr_json_obj_new();
	char uid[24];

	snprintf(uid, sizeof(uid), "%lld", (long long)item->id);
	sr_json_put_text(&o, "uid", uid);
	sr_json_put_text(&o, "option_reenroll", "0");
	return sr_json_obj_take(&o);
}

/* ---- which call a stage is ---- */

typedef struct stage_row {
	const char *method, *path;                    /* %lld: the section */
	const char *outer, *inner;                    /* the wrappers of the list; no outer: the list alone */
	json_t *(*object)(const sr_write_item *item); /* NULL: nested courses */
	unsigned kinds;                               /* bits of sr_tgt */
	int key, key2;                                /* fields that must be set, -1: none */
	bool by_id;
} stage_row;

/* clang-format off */
/* The only DELETE there is. What it would destroy and whom it would mail without its two options is the contract's
 * (section 6): they stand in the address itself, so that no call can be made without them. */
#define DELETE_USERS "/users?option_keep_enrollments=1&email_notification=0&option_comment=sisroll&uids="

#define BIT(kind)   (1u << (kind))
#define BY_KEY(key) (key), -1, false
#define BY_ID       -1, -1, true
#define MEMBER_KEYS SR_M_SECTION_SCHOOL_CODE, SR_M_SCHOOL_UID, false
#define USERS       "users", "user"
#define COURSES     "courses", "course"
#define SECTIONS    "sections", "section"
#define ENROLLMENTS "enrollments", "enrollment"
#define IMPORT                                                                                    \
	{ "POST", "/enrollments/import/course", ENROLLMENTS, imported_member, BIT(SR_TGT_MEMBERSHIP), \
	  MEMBER_KEYS }

/* The status says whether they come back or go (contracts/schoology.md section 10). */
#define MEMBERS_BY_ID                                                                             \
	{ "PUT", "/sections/%lld/enrollments", ENROLLMENTS, member_status, BIT(SR_TGT_MEMBERSHIP), BY_ID }

static const stage_row stages[SR_SG_COUNT] = {
	[SR_SG_USER_REACTIVATE] = { "PUT", "/users/reactivate", NULL, "user", reactivated_user, BIT(SR_TGT_USER), BY_ID },
	[SR_SG_USER_INACTIVATE] = { "DELETE", DELETE_USERS, NULL, NULL, NULL, BIT(SR_TGT_USER), BY_ID },
	[SR_SG_USER_CREATE]    = { "POST", "/users?update_existing=1", USERS, created_object, BIT(SR_TGT_USER),
				   BY_KEY(SR_U_SCHOOL_UID) },
	[SR_SG_USER_UPDATE]    = { "PUT", "/users", USERS, updated_object, BIT(SR_TGT_USER), BY_ID },
	[SR_SG_COURSE_UPSERT]  = { "POST", "/courses?update_existing=1", COURSES, NULL, BIT(SR_TGT_COURSE) | BIT(SR_TGT_SECTION),
				   BY_KEY(0) },
	[SR_SG_COURSE_UPDATE]  = { "PUT", "/courses", COURSES, updated_object, BIT(SR_TGT_COURSE), BY_ID },
	[SR_SG_SECTION_UPDATE] = { "PUT", "/sections", SECTIONS, updated_object, BIT(SR_TGT_SECTION), BY_ID },
	[SR_SG_TEACHER_ADD]    = IMPORT,
	[SR_SG_STUDENT_ADD]    = IMPORT,
	[SR_SG_TEACHER_RESTORE] = MEMBERS_BY_ID,
	[SR_SG_STUDENT_RESTORE] = MEMBERS_BY_ID,
	[SR_SG_TEACHER_DROP]    = MEMBERS_BY_ID,
	[SR_SG_STUDENT_DROP]    = MEMBERS_BY_ID,
};
/* clang-format on */

_Static_assert(
	SR_C_COURSE_CODE == 0 && SR_S_SECTION_SCHOOL_CODE == 0, "both kinds of a nested call have their key first");

static bool same_object(const stage_row *row, const sr_write_item *a, const sr_write_item *b)
{
	if (row->by_id)
		return a->id == b->id;
	return a->kind == b->kind &&
	       sr_streq(sr_record_text(a->values, (size_t)row->key), sr_record_text(b->values, (size_t)row->key)) &&
	       (row->key2 < 0 || sr_streq(sr_record_text(a->values, (size_t)row->key2),
					 sr_record_text(b->values, (size_t)row->key2)));
}

static int check_item(const stage_row *row, const sr_write_item *items, size_t i, sr_err *err)
{
	const sr_write_item *item = &items[i];

	if (!(row->kinds & BIT(item->kind)) || item->values->kind != &sr_tgt_kinds[item->kind])
		return sr_fail(err, SR_E_INVALID, "item %zu is not of this stage", i);
	if (row->by_id && item->id <= 0)
		return sr_fail(err, SR_E_INVALID, "item %zu has no id", i);
	if ((row->key >= 0 && !sr_record_text(item->values, (size_t)row->key)) ||
		(row->key2 >= 0 && !sr_record_text(item->values, (size_t)row->key2)))
		return sr_fail(err, SR_E_INVALID, "item %zu has no key", i);
	/* A section without a period would be no section of any year. */
	if (row == &stages[SR_SG_COURSE_UPSERT] && item->kind == SR_TGT_SECTION && (!item->periods || !*item->periods))
		return sr_fail(err, SR_E_INVALID, "item %zu is a section without a grading period", i);
	if (item->periods && !*item->periods)
		return sr_fail(err, SR_E_INVALID, "item %zu would take all grading periods away", i);
	if (strstr(row->path, "%lld") && item->section_id != items[0].section_id)
		return sr_fail(err, SR_E_INVALID, "item %zu is of another section", i);
	for (size_t k = 0; k < i; k++)
		if (same_object(row, item, &items[k]))
			return sr_fail(err, SR_E_INVALID, "items %zu and %zu are the same object", k, i);
	return 0;
}

/* ---- nested courses ---- */

static const sr_record *course_of(const sr_write_item *item)
{
	return item->kind == SR_TGT_COURSE ? item->values : item->course;
}

int sr_sgy_group(const sr_write_item *items, size_t count, sgy_groups *out, sr_err *err)
{
	out->count = 0;
	for (size_t i = 0; i < count; i++) {
		const sr_record *course = course_of(&items[i]);
		const char *code = course ? sr_record_text(course, SR_C_COURSE_CODE) : NULL;
		size_t at = 0;

		if (!code)
			return sr_fail(err, SR_E_INVALID, "item %zu has no course", i);
		while (at < out->count && strcmp(sr_record_text(out->courses[at].values, SR_C_COURSE_CODE), code) != 0)
			at++;
		if (at == out->count)
			out->courses[out->count++] = (sgy_course){ course, SIZE_MAX };
		if (items[i].kind == SR_TGT_COURSE)
			out->courses[at] = (sgy_course){ course, i };
		out->of_item[i] = at;
	}
	return 0;
}

/* A course that is there for its sections only exists already. What is known of it is said again as it is: whether an
 * upsert leaves alone what it does not name is not certain (contracts/schoology.md section 6). */
static void put_course(sr_json_obj *o, const sgy_course *c)
{
	sr_write_item item = { .kind = SR_TGT_COURSE, .op = SR_OP_CREATE, .values = c->values };

	if (c->item != SIZE_MAX) {
		put_fields(o, &item, true);
		return;
	}
	sr_json_put_text(o, "course_code", sr_record_text(c->values, SR_C_COURSE_CODE));
	sr_json_put_text(o, "title", sr_record_text(c->values, SR_C_TITLE));
	if (sr_record_int(c->values, SR_C_BUILDING_ID, 0))
		sr_json_put_int(o, "building_id", sr_record_int(c->values, SR_C_BUILDING_ID, 0));
}

static json_t *course_with_sections(const sgy_groups *groups, size_t at, const sr_write_item *items, size_t count)
{
	sr_json_obj o = sr_json_obj_new();
	json_t *sections = json_array();

	put_course(&o, &groups->courses[at]);
	for (size_t i = 0; i < count; i++)
		if (groups->of_item[i] == at && items[i].kind == SR_TGT_SECTION &&
			json_array_append_new(sections, created_object(&items[i])) < 0)
			o.failed = true;
	if (json_array_size(sections) || !sections)
		sr_json_put(&o, "sections", json_pack("{s:o*}", "section", sections));
	else
		json_decref(sections);
	return sr_json_obj_take(&o);
}

static json_t *nested_list(const sr_write_item *items, size_t count, sr_err *err)
{
	sgy_groups groups;
	json_t *list;

	if (sr_sgy_group(items, count, &groups, err) < 0)
		return NULL;
	list = json_array();
	for (size_t at = 0; at < groups.count; at++)
		if (json_array_append_new(list, course_with_sections(&groups, at, items, count)) < 0) {
			json_decref(list);
			sr_fail_nomem(err);
			return NULL;
		}
	return list;
}

/* jansson takes no other text, and does not tell that from lack of memory. */
static bool texts_are_utf8(const sr_record *r)
{
	for (size_t i = 0; r && i < r->kind->count; i++)
		if (r->kind->fields[i].type == SR_T_TEXT && r->v[i].set && !sr_utf8_valid(r->v[i].s, strlen(r->v[i].s)))
			return false;
	return true;
}

static json_t *plain_list(const stage_row *row, const sr_write_item *items, size_t count, sr_err *err)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(list, row->object(&items[i])) < 0) {
			json_decref(list);
			if (texts_are_utf8(items[i].values))
				sr_fail_nomem(err);
			else
				sr_fail(err, SR_E_INVALID, "item %zu cannot be written as JSON", i);
			return NULL;
		}
	return list;
}

/* ---- calls ---- */

void sr_sgy_call_done(sr_sgy_call *c)
{
	sr_buf_done(&c->path);
	sr_buf_done(&c->body);
	c->method = NULL;
}

static int dump(json_t *doc, sr_sgy_call *out, sr_err *err)
{
	SR_AUTO_FREE char *text = doc ? sr_json_dump(doc, err) : NULL;

	json_decref(doc);
	if (!text)
		return sr_fail_nomem(err);
	sr_buf_puts(&out->body, text);
	return out->body.failed || out->path.failed ? sr_fail_nomem(err) : 0;
}

static void put_path(const stage_row *row, const sr_write_item *items, sr_buf *path)
{
	const char *mark = strstr(row->path, "%lld");

	if (!mark) {
		sr_buf_puts(path, row->path);
		return;
	}
	sr_buf_add(path, row->path, (size_t)(mark - row->path));
	sr_buf_printf(path, "%lld%s", (long long)items[0].section_id, mark + 4);
}

/* The ids stand in the address; there is no body. */
static int ids_write(const stage_row *row, const sr_write_item *items, size_t count, sr_sgy_call *call, sr_err *err)
{
	sr_buf_puts(&call->path, row->path);
	for (size_t i = 0; i < count; i++)
		sr_buf_printf(&call->path, "%s%lld", i ? "%2C" : "", (long long)items[i].id);
	return call->path.failed ? sr_fail_nomem(err) : 0;
}

static int list_write(sr_stage stage, const sr_write_item *items, size_t count, sr_sgy_call *call, sr_err *err)
{
	const stage_row *row = &stages[stage];
	json_t *list = row->object ? plain_list(row, items, count, err) : nested_list(items, count, err);

	if (!list)
		return -1;
	put_path(row, items, &call->path);
	return dump(row->outer ? json_pack("{s:{s:o}}", row->outer, row->inner, list)
			       : json_pack("{s:o}", row->inner, list),
		call, err);
}

int sr_sgy_bulk_write(sr_stage stage, const sr_write_item *items, size_t count, sr_sgy_call *out, sr_err *err)
{
	const stage_row *row = &stages[stage];
	sr_sgy_call call = { .method = row->method };
	int rc;

	if (!row->method || !count || count > SR_BATCH_MAX)
		return sr_fail(err, SR_E_INVALID, "%zu objects do not make a call of stage %d", count, (int)stage);
	for (size_t i = 0; i < count; i++)
		if (check_item(row, items, i, err) < 0)
			return -1;
	rc = row->inner ? list_write(stage, items, count, &call, err) : ids_write(row, items, count, &call, err);
	if (rc < 0) {
		sr_sgy_call_done(&call);
		return -1;
	}
	*out = call;
	return 0;
}

int sr_sgy_period_write(int64_t id, const char *title, sr_day start, sr_day end, sr_sgy_call *out, sr_err *err)
{
	sr_sgy_call call = { .method = id ? "PUT" : "POST" };
	char from[11], to[11];

	sr_day_print(start, from);
	sr_day_print(end, to);
	if (!*title || !*from || !*to || end < start)
		return sr_fail(
			err, SR_E_INVALID, "a grading period needs a title, a start, and an end that is not before it");
	sr_buf_puts(&call.path, "/gradingperiods");
	if (id)
		sr_buf_printf(&call.path, "/%lld", (long long)id);
	if (dump(json_pack("{s:s,s:s,s:s}", "title", title, "start", from, "end", to), &call, err) < 0) {
		sr_sgy_call_done(&call);
		return -1;
	}
	*out = call;
	return 0;
}

int64_t sr_sgy_id_in(const char *location, const char *part)
{
	const char *at = location, *found = NULL;
	int64_t id = 0;

	if (!location)
		return 0;
	while ((at = strstr(at, part))) {
		at += strlen(part);
		found = at;
	}
	for (int i = 0; found && i < 18 && sr_is_digit(found[i]); i++)
		id = id * 10 + (found[i] - '0');
	return id;
}
