/* One row a kind says under which name its list comes and how one object is read. Types are mixed
 * on the wire (contracts/schoology.md section 12): every reader here takes a number as text and
 * text as a number, an object for a list of one, and all the ways of saying "not set". */
#include <stdlib.h>
#include <string.h>

#include "codec/body.h"
#include "codec/sgy_codec.h"
#include "wire/json.h"

#define SYSTEM "Schoology"
#define PERIODS_MAX 64

/* ---- tolerant values ---- */

static int64_t number_of(const json_t *v, int64_t otherwise)
{
	int64_t n;

	if (json_is_integer(v))
		return json_integer_value(v);
	if (json_is_boolean(v))
		return json_is_true(v);
	if (json_is_string(v) && sr_parse_i64(json_string_value(v), &n))
		return n;
	return otherwise;
}

static int64_t number(const json_t *o, const char *key)
{
	return number_of(json_object_get(o, key), 0);
}

/* An arena that fails once is remembered, so that readers need not test every text. */
typedef struct texts {
	sr_arena *arena;
	bool failed;
} texts;

static const char *keep(texts *t, const char *s)
{
	const char *copy = s && *s ? sr_arena_strdup(t->arena, s) : "";

	if (copy)
		return copy;
	t->failed = true;
	return "";
}

static const char *text_of(texts *t, const json_t *v)
{
	const char *s;

	if (json_is_array(v))
		v = json_array_get(v, 0);
	if (!json_is_integer(v))
		return keep(t, json_string_value(v));
	s = sr_arena_printf(t->arena, "%lld", (long long)json_integer_value(v));
	t->failed |= !s;
	return s ? s : "";
}

static const char *text(texts *t, const json_t *o, const char *key)
{
	return text_of(t, json_object_get(o, key));
}

/* ---- one reader a kind: false when the object has no id ---- */

static bool read_user(const json_t *o, texts *t, void *slot)
{
	sr_target_user *u = slot;
	int64_t uid = number(o, "uid");

	*u = (sr_target_user){
		.id = uid ? uid : number(o, "id"),
		.school_uid = text(t, o, "school_uid"),
		.first = text(t, o, "name_first"),
		.preferred = text(t, o, "name_first_preferred"),
		.last = text(t, o, "name_last"),
		.username = text(t, o, "username"),
		.email = text(t, o, "primary_email"),
		.role_id = number(o, "role_id"),
		.building_id = number(o, "building_id"),
		.additional_buildings = text(t, o, "additional_buildings"),
		.grad_year = text(t, o, "grad_year"),
		.synced = number(o, "synced") == 1,
	};
	return u->id != 0;
}

/* An inactive user has one name only. It is cut at its first blank: a longer name then compares
 * unequal, and a person decides, which is the safe side. */
static bool read_inactive(const json_t *o, texts *t, void *slot)
{
	sr_target_user *u = slot;
	const char *name = json_string_value(json_object_get(o, "name")), *blank;
	char *first;

	if (!read_user(o, t, slot))
		return false;
	u->inactive = true;
	if (*u->first || *u->last || !name)
		return true;
	blank = strchr(name, ' ');
	if (!blank) {
		u->last = keep(t, name);
		return true;
	}
	first = sr_arena_strndup(t->arena, name, (size_t)(blank - name));
	t->failed |= !first;
	u->first = first ? first : "";
	u->last = keep(t, blank + 1);
	return true;
}

static bool read_building(const json_t *o, texts *t, void *slot)
{
	sr_target_building *b = slot;

	*b = (sr_target_building){
		.id = number(o, "id"), .title = text(t, o, "title"), .code = text(t, o, "building_code")
	};
	return b->id != 0;
}

static bool read_role(const json_t *o, texts *t, void *slot)
{
	sr_target_role *r = slot;

	*r = (sr_target_role){
		.id = number(o, "id"), .title = text(t, o, "title"), .role_type = (int)number(o, "role_type")
	};
	return r->id != 0;
}

static sr_day day(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	sr_day d;

	return s && sr_day_parse(s, &d) ? d : SR_DAY_NONE;
}

static bool read_period(const json_t *o, texts *t, void *slot)
{
	sr_period *p = slot;

	*p = (sr_period){ .id = number(o, "id"),
		.title = text(t, o, "title"),
		.start = day(o, "start"),
		.end = day(o, "end"),
		.exists = true };
	return p->id != 0;
}

static bool read_course(const json_t *o, texts *t, void *slot)
{
	sr_target_course *c = slot;

	*c = (sr_target_course){ .id = number(o, "id"),
		.building_id = number(o, "building_id"),
		.code = text(t, o, "course_code"),
		.title = text(t, o, "title"),
		.synced = number(o, "synced") == 1 };
	return c->id != 0;
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Sorted comma list. A section can come back with a period 0, which is none. */
static const char *periods_of(texts *t, const json_t *v)
{
	int64_t ids[PERIODS_MAX];
	size_t count = json_is_array(v) ? json_array_size(v) : v ? 1 : 0, n = 0;
	const char *list = "";

	for (size_t i = 0; i < count && n < PERIODS_MAX; i++) {
		const json_t *item = json_is_array(v) ? json_array_get(v, i) : v;

		if (json_is_object(item))
			item = json_object_get(item, "id");
		ids[n] = number_of(item, 0);
		n += ids[n] > 0;
	}
	qsort(ids, n, sizeof(ids[0]), by_number);
	for (size_t i = 0; i < n && list; i++)
		if (i == 0 || ids[i] != ids[i - 1])
			list = sr_arena_printf(t->arena, "%s%s%lld", list, *list ? "," : "", (long long)ids[i]);
	t->failed |= !list;
	return list ? list : "";
}

static bool read_section(const json_t *o, texts *t, void *slot)
{
	sr_target_section *s = slot;
	const char *title = text(t, o, "section_title");

	*s = (sr_target_section){ .id = number(o, "id"),
		.course_id = number(o, "course_id"),
		.code = text(t, o, "section_school_code"),
		.title = *title ? title : text(t, o, "title"),
		.course_code = text(t, o, "course_code"),
		.periods = periods_of(t, json_object_get(o, "grading_periods")),
		.synced = number(o, "synced") == 1,
		.active = number_of(json_object_get(o, "active"), 1) == 1 };
	return s->id != 0;
}

static bool read_member(const json_t *o, texts *t, void *slot)
{
	sr_target_member *m = slot;

	*m = (sr_target_member){ .id = number(o, "id"),
		.uid = number(o, "uid"),
		.school_uid = text(t, o, "school_uid"),
		.admin = number(o, "admin") == 1,
		.status = (int)number(o, "status") };
	return m->id != 0;
}

static const struct {
	const char *list, *second; /* names of the list, and of one that continues it */
	size_t bytes;
	bool (*read)(const json_t *o, texts *t, void *slot);
} kinds[SR_SGY_KIND_COUNT] = {
	/* clang-format off */
	[SR_SGY_USER]     = { "user",           NULL,            sizeof(sr_target_user),     read_user },
	[SR_SGY_INACTIVE] = { "user",           NULL,            sizeof(sr_target_user),     read_inactive },
	[SR_SGY_SCHOOL]   = { "school",         NULL,            sizeof(sr_target_building), read_building },
	[SR_SGY_BUILDING] = { "building",       NULL,            sizeof(sr_target_building), read_building },
	[SR_SGY_ROLE]     = { "role",           "building_role", sizeof(sr_target_role),     read_role },
	[SR_SGY_PERIOD]   = { "gradingperiods", NULL,            sizeof(sr_period),          read_period },
	[SR_SGY_COURSE]   = { "course",         NULL,            sizeof(sr_target_course),   read_course },
	[SR_SGY_SECTION]  = { "section",        NULL,            sizeof(sr_target_section),  read_section },
	[SR_SGY_MEMBER]   = { "enrollment",     NULL,            sizeof(sr_target_member),   read_member },
	/* clang-format on */
};

/* ---- pages ---- */

static int make_room(sr_sgy_list *list, size_t more, sr_arena *arena, sr_err *err)
{
	size_t bytes = kinds[list->kind].bytes, room = list->room ? list->room * 2 : 64;
	void *items;

	if (list->count + more > SR_SGY_OBJECTS_MAX)
		return sr_fail(err, SR_E_LIMIT, "a list of more than %d objects", SR_SGY_OBJECTS_MAX);
	if (list->count + more <= list->room)
		return 0;
	while (room < list->count + more)
		room *= 2;
	items = sr_arena_alloc(arena, room * bytes);
	if (!items)
		return sr_fail_nomem(err);
	if (list->count)
		memcpy(items, list->items, list->count * bytes);
	list->items = items;
	list->room = room;
	return 0;
}

/* [""] is a list of nothing. */
static bool is_blank_list(const json_t *v)
{
	const json_t *only = json_array_size(v) == 1 ? json_array_get(v, 0) : NULL;

	return json_is_null(only) || (json_is_string(only) && json_string_length(only) == 0);
}

/* Adds the objects of one array, or of the one object that stands for it. */
static int add_objects(sr_sgy_list *list, const json_t *v, sr_arena *arena, sr_err *err)
{
	size_t count = json_is_array(v) ? json_array_size(v) : json_is_object(v) ? 1 : 0;
	texts t = { .arena = arena };

	if (is_blank_list(v))
		return 0;
	if (make_room(list, count, arena, err) < 0)
		return -1;
	for (size_t i = 0; i < count && !t.failed; i++) {
		const json_t *o = json_is_array(v) ? json_array_get(v, i) : v;
		char *slot = (char *)list->items + list->count * kinds[list->kind].bytes;

		if (kinds[list->kind].read(o, &t, slot))
			list->count++;
		else
			list->skipped = true;
	}
	list->seen += count;
	return t.failed ? sr_fail_nomem(err) : 0;
}

/* A list is told from any other object by its array, its total or its links. An empty list may come as
 * {"total":0} alone, and where total and links are left out too, as {}. */
static bool looks_like_list(const sr_sgy_list *list, const json_t *doc)
{
	const char *second = kinds[list->kind].second;

	return json_object_get(doc, kinds[list->kind].list) || json_object_get(doc, "total") ||
	       json_is_object(json_object_get(doc, "links")) || (second && json_object_get(doc, second)) ||
	       json_object_size(doc) == 0;
}

/* Every kind's struct begins with its id. */
static int64_t id_at(const sr_sgy_list *list, size_t i)
{
	int64_t id;

	memcpy(&id, (const char *)list->items + i * kinds[list->kind].bytes, sizeof(id));
	return id;
}

_Static_assert(offsetof(sr_target_user, id) == 0 && offsetof(sr_target_course, id) == 0 &&
		       offsetof(sr_target_section, id) == 0 && offsetof(sr_target_member, id) == 0 &&
		       offsetof(sr_target_role, id) == 0 && offsetof(sr_target_building, id) == 0 &&
		       offsetof(sr_period, id) == 0,
	"the id stands first");

/* A server that does not page sends its first page again, and again. */
static bool is_first_again(const sr_sgy_list *before, const sr_sgy_list *after)
{
	return before->count && after->count > before->count && after->total < 0 &&
	       id_at(after, before->count) == id_at(after, 0);
}

int sr_sgy_page_read(sr_sgy_list *list, const char *body, size_t len, sr_arena *arena, size_t *got, sr_err *err)
{
	json_auto_t *doc = NULL;
	sr_sgy_list next = *list;
	const char *second = kinds[list->kind].second;

	if (sr_body_object(SYSTEM, body, len, &doc, err) < 0)
		return -1;
	if (!looks_like_list(list, doc))
		return sr_fail(err, SR_E_PROTO, "%s: missing", kinds[list->kind].list);
	if (add_objects(&next, json_object_get(doc, kinds[list->kind].list), arena, err) < 0)
		return -1;
	if (second && add_objects(&next, json_object_get(doc, second), arena, err) < 0)
		return -1;
	next.total = number_of(json_object_get(doc, "total"), next.begun ? next.total : -1);
	next.begun = true;
	next.more_said = sr_json_text(json_object_get(doc, "links"), "next") != NULL;
	if (is_first_again(list, &next)) {
		*got = 0;
		return 0;
	}
	*got = next.seen - list->seen;
	*list = next;
	return 0;
}

/* ---- the end of a list ---- */

typedef struct seat {
	int64_t id;
	size_t at;
} seat;

static int by_id(const void *a, const void *b)
{
	const seat *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Keeps the first of each id, in the order in which they came. */
static void take_out_doubles(sr_sgy_list *list, const seat *seats, bool *twice)
{
	size_t bytes = kinds[list->kind].bytes, kept = 0;

	for (size_t i = 1; i < list->count; i++)
		twice[seats[i].at] = seats[i].id == seats[i - 1].id;
	for (size_t i = 0; i < list->count; i++) {
		if (twice[i])
			continue;
		if (kept != i)
			memcpy((char *)list->items + kept * bytes, (char *)list->items + i * bytes, bytes);
		kept++;
	}
	list->count = kept;
}

bool sr_sgy_list_finish(sr_sgy_list *list)
{
	SR_AUTO_FREE seat *seats = calloc(list->count + 1, sizeof(*seats));
	SR_AUTO_FREE bool *twice = calloc(list->count + 1, sizeof(*twice));

	if (!seats || !twice)
		return false;
	for (size_t i = 0; i < list->count; i++)
		seats[i] = (seat){ id_at(list, i), i };
	qsort(seats, list->count, sizeof(*seats), by_id);
	take_out_doubles(list, seats, twice);
	if (list->skipped)
		return false;
	if (list->total < 0)
		return list->count == list->seen;
	return (int64_t)list->count == list->total;
}

int sr_sgy_one_read(sr_sgy_kind kind, const char *body, size_t len, sr_arena *arena, void *out, sr_err *err)
{
	json_auto_t *doc = NULL;
	texts t = { .arena = arena };
	sr_sgy_list one = { .kind = kind };

	if (sr_body_object(SYSTEM, body, len, &doc, err) < 0 || make_room(&one, 1, arena, err) < 0)
		return -1;
	if (!kinds[kind].read(doc, &t, one.items))
		return sr_fail(err, SR_E_PROTO, "%s.id: missing", kinds[kind].list);
	if (t.failed)
		return sr_fail_nomem(err);
	memcpy(out, one.items, kinds[kind].bytes);
	return 0;
}
