/* Matching what came back with what was sent. The rule is the same for every call and for the
 * sections nested in courses: an answer names its object by the key that was sent, or by nothing, and
 * then its place tells. Anything less is "unknown", which costs a question; a wrong match would cost
 * a student his class. */
#include <string.h>

#include "codec/body.h"
#include "codec/sgy_codec.h"
#include "codec/sgy_group.h"
#include "wire/json.h"

#define MESSAGE_MAX 200

/* ---- how the items of a call are named ---- */

typedef struct answer_row {
	const char *outer, *inner;
	const char *keys[2]; /* members that name an object; NULL: no second */
	int fields[2];       /* the same in our record; -1: our id */
	const char *part;    /* in a location, in front of the object's id */
	bool uid_is_id;      /* "uid" is the object's own id */
} answer_row;

/* clang-format off */
#define IMPORT                                                                          \
	{ "enrollments", "enrollment", { "section_school_code", "school_uid" },         \
	  { SR_M_SECTION_SCHOOL_CODE, SR_M_SCHOOL_UID }, "/enrollments/", false }

#define MEMBERS_BY_ID { "enrollments", "enrollment", { "id" }, { -1 }, "/enrollments/", false }

static const answer_row stages[SR_SG_COUNT] = {
	/* A reactivated user is named in his location alone: by place, then. */
	[SR_SG_USER_REACTIVATE] = { "users", "user", { "uid" }, { -1 }, "/users/", true },
	[SR_SG_USER_INACTIVATE] = { "users", "user", { "id" }, { -1 }, "/users/", true },
	[SR_SG_USER_CREATE]    = { "users", "user", { "school_uid" }, { SR_U_SCHOOL_UID }, "/users/", true },
	[SR_SG_USER_UPDATE]    = { "users", "user", { "id" }, { -1 }, "/users/", true },
	[SR_SG_COURSE_UPSERT]  = { "courses", "course", { "course_code" }, { SR_C_COURSE_CODE }, "/courses/", false },
	[SR_SG_COURSE_UPDATE]  = { "courses", "course", { "id" }, { -1 }, "/courses/", false },
	[SR_SG_SECTION_UPDATE] = { "sections", "section", { "id" }, { -1 }, "/sections/", false },
	[SR_SG_TEACHER_ADD]    = IMPORT,
	[SR_SG_STUDENT_ADD]    = IMPORT,
	[SR_SG_TEACHER_RESTORE] = MEMBERS_BY_ID,
	[SR_SG_STUDENT_RESTORE] = MEMBERS_BY_ID,
	[SR_SG_TEACHER_DROP]   = MEMBERS_BY_ID,
	[SR_SG_STUDENT_DROP]   = MEMBERS_BY_ID,
};

static const answer_row nested_section =
	{ "sections", "section", { "section_school_code" }, { SR_S_SECTION_SCHOOL_CODE }, "/sections/", false };
/* clang-format on */

/* Numbers may be text and text may be numbers: both sides are compared as text. */
static const char *plain(const json_t *v, char room[24])
{
	if (!json_is_integer(v))
		return json_is_string(v) ? json_string_value(v) : "";
	snprintf(room, 24, "%lld", (long long)json_integer_value(v));
	return room;
}

static int64_t number(const json_t *v)
{
	char room[24];
	int64_t n;

	return sr_parse_i64(plain(v, room), &n) ? n : 0;
}

static const char *our_key(const answer_row *row, size_t which, int64_t id, const sr_record *values, char room[24])
{
	if (row->fields[which] >= 0)
		return sr_record_text(values, (size_t)row->fields[which]);
	snprintf(room, 24, "%lld", (long long)id);
	return room;
}

static bool has_keys(const answer_row *row, const json_t *answer)
{
	char room[24];

	for (size_t i = 0; i < 2 && row->keys[i]; i++)
		if (!*plain(json_object_get(answer, row->keys[i]), room))
			return false;
	return true;
}

static bool keys_agree(const answer_row *row, const json_t *answer, int64_t id, const sr_record *values)
{
	char theirs[24], ours[24];

	for (size_t i = 0; i < 2 && row->keys[i]; i++) {
		const char *a = plain(json_object_get(answer, row->keys[i]), theirs);

		if (!sr_streq(a, our_key(row, i, id, values, ours)))
			return false;
	}
	return true;
}

/* ---- matching ---- */

/* One object that was sent: an item, or the course that stands for one. */
typedef struct sent {
	int64_t id;
	const sr_record *values;
	const json_t *answer; /* what was matched with it */
} sent;

static bool match_by_key(const answer_row *row, const json_t *list, sent *objects, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const json_t *answer = json_array_get(list, i);
		size_t at = 0;

		if (!has_keys(row, answer))
			continue;
		while (at < count && !keys_agree(row, answer, objects[at].id, objects[at].values))
			at++;
		if (at == count || objects[at].answer)
			return false;
		objects[at].answer = answer;
	}
	return true;
}

static bool match_by_place(const answer_row *row, const json_t *list, sent *objects, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const json_t *answer = json_array_get(list, i);

		if (has_keys(row, answer))
			continue;
		if (!json_is_object(answer) || objects[i].answer)
			return false;
		objects[i].answer = answer;
	}
	return true;
}

/* Each object gets the answer that is its own, or false. */
static bool match(const answer_row *row, const json_t *list, sent *objects, size_t count)
{
	return json_array_size(list) == count && match_by_key(row, list, objects, count) &&
	       match_by_place(row, list, objects, count);
}

/* The list, with or without its outer wrapper; one object for a list of one. New reference. */
static json_t *list_in(const answer_row *row, const json_t *doc)
{
	const json_t *outer = json_object_get(doc, row->outer);
	json_t *v = json_object_get(json_is_object(outer) ? outer : doc, row->inner);
	json_t *list;

	if (json_is_array(v))
		return json_incref(v);
	list = json_array();
	if (json_is_object(v))
		json_array_append(list, v);
	return list;
}

/* ---- one result ---- */

static sr_item_end end_of(int code)
{
	if (code >= 200 && code < 300)
		return SR_ITEM_DONE;
	if (code == 429 || (code >= 500 && code < 600))
		return SR_ITEM_RETRY;
	return code >= 400 && code < 500 ? SR_ITEM_REJECTED : SR_ITEM_UNKNOWN;
}

static int64_t id_of(const answer_row *row, const json_t *answer)
{
	int64_t id = number(json_object_get(answer, "id"));

	if (!id && row->uid_is_id)
		id = number(json_object_get(answer, "uid"));
	return id ? id : sr_sgy_id_in(json_string_value(json_object_get(answer, "location")), row->part);
}

static sr_item_result result_of(const answer_row *row, const sent *object, sr_arena *arena)
{
	const char *message = json_string_value(json_object_get(object->answer, "message"));
	sr_item_result r = { .code = (int)number(json_object_get(object->answer, "response_code")) };

	r.end = end_of(r.code);
	r.id = id_of(row, object->answer);
	if (r.end == SR_ITEM_DONE && !r.id)
		r.id = object->id;
	if (message && r.end != SR_ITEM_DONE)
		r.message = sr_sgy_redact(message, strlen(message), arena);
	return r;
}

static void all_unknown(sr_item_result *results, size_t count)
{
	for (size_t i = 0; i < count; i++)
		results[i] = (sr_item_result){ .end = SR_ITEM_UNKNOWN,
			.message = "the answer does not tell what became of each object" };
}

static bool plain_results(const answer_row *row, const sr_write_item *items, size_t count, const json_t *doc,
	sr_arena *arena, sr_item_result *results)
{
	sent objects[SR_BATCH_MAX] = { 0 };
	json_t *list = list_in(row, doc);
	bool told;

	for (size_t i = 0; i < count; i++)
		objects[i] = (sent){ .id = items[i].id, .values = items[i].values };
	told = match(row, list, objects, count);
	for (size_t i = 0; i < count && told; i++)
		results[i] = result_of(row, &objects[i], arena);
	json_decref(list);
	return told;
}

/* ---- courses with their sections ---- */

/* The sections of one course. A course that was refused may leave them out: nothing was made. */
static bool section_results(const sgy_groups *groups, size_t at, const sent *course, const sr_write_item *items,
	size_t count, sr_arena *arena, sr_item_result *results)
{
	sent objects[SR_BATCH_MAX] = { 0 };
	size_t index[SR_BATCH_MAX], n = 0;
	sr_item_result of_course = result_of(&stages[SR_SG_COURSE_UPSERT], course, arena);
	json_t *list = list_in(&nested_section, course->answer);
	bool told;

	for (size_t i = 0; i < count; i++) {
		if (groups->of_item[i] != at || items[i].kind != SR_TGT_SECTION)
			continue;
		objects[n] = (sent){ .id = items[i].id, .values = items[i].values };
		index[n++] = i;
	}
	told = !n || match(&nested_section, list, objects, n);
	for (size_t k = 0; k < n && told; k++)
		results[index[k]] = result_of(&nested_section, &objects[k], arena);
	if (!told && of_course.end != SR_ITEM_DONE && of_course.end != SR_ITEM_UNKNOWN && !json_array_size(list)) {
		told = true;
		for (size_t k = 0; k < n; k++)
			results[index[k]] = (sr_item_result){
				.end = of_course.end, .code = of_course.code, .message = "its course was not taken"
			};
	}
	json_decref(list);
	return told;
}

static bool nested_results(
	const sr_write_item *items, size_t count, const json_t *doc, sr_arena *arena, sr_item_result *results)
{
	const answer_row *row = &stages[SR_SG_COURSE_UPSERT];
	sent courses[SR_BATCH_MAX] = { 0 };
	sgy_groups groups;
	json_t *list;
	bool told;

	if (sr_sgy_group(items, count, &groups, NULL) < 0)
		return false;
	for (size_t at = 0; at < groups.count; at++)
		courses[at] = (sent){ .values = groups.courses[at].values };
	list = list_in(row, doc);
	told = match(row, list, courses, groups.count);
	for (size_t at = 0; at < groups.count && told; at++) {
		if (groups.courses[at].item != SIZE_MAX)
			results[groups.courses[at].item] = result_of(row, &courses[at], arena);
		told = section_results(&groups, at, &courses[at], items, count, arena, results);
	}
	json_decref(list);
	return told;
}

int sr_sgy_results_read(sr_stage stage, const sr_write_item *items, size_t count, const char *body, size_t len,
	sr_arena *arena, sr_item_result *results, sr_err *err)
{
	json_auto_t *doc = NULL;
	bool told;

	if (!count || count > SR_BATCH_MAX)
		return sr_fail(err, SR_E_INVALID, "%zu results of one call", count);
	if (sr_body_object("Schoology", body, len, &doc, err) < 0)
		return -1;
	told = stage == SR_SG_COURSE_UPSERT ? nested_results(items, count, doc, arena, results)
					    : plain_results(&stages[stage], items, count, doc, arena, results);
	if (!told)
		all_unknown(results, count);
	return 0;
}

int64_t sr_sgy_created_id(const char *body, size_t len, const char *location, const char *part)
{
	json_auto_t *doc = NULL;
	int64_t id;

	if (!len || sr_json_parse(body, len, len, &doc, NULL) < 0)
		return sr_sgy_id_in(location, part);
	id = number(json_object_get(doc, "id"));
	if (!id)
		id = sr_sgy_id_in(sr_json_text(json_object_get(doc, "links"), "self"), part);
	if (!id)
		id = sr_sgy_id_in(sr_json_text(doc, "location"), part);
	return id ? id : sr_sgy_id_in(location, part);
}

/* ---- refusals ---- */

/* The texts of the library that the server very likely runs (contracts/schoology.md section 2). */
static const struct {
	const char *begins;
	sr_sgy_401 is;
} refusals[] = {
	{ "Duplicate timestamp/nonce combination", SR_SGY_401_NONCE },
	{ "Timestamp is out of sequence", SR_SGY_401_SEQUENCE },
	{ "The consumer_key ", SR_SGY_401_KEY },
	{ "Verification of signature failed", SR_SGY_401_SIGNATURE },
	{ "Can't verify request", SR_SGY_401_SIGNATURE },
};

static const char *find(const char *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what));
}

sr_sgy_401 sr_sgy_401_read(const char *body, size_t len, int64_t *newest_s)
{
	const char *max = find(body, len, "last max is "), *end = body + len;
	int64_t n = 0;

	if (max)
		for (max += strlen("last max is "); max < end && sr_is_digit(*max) && n < INT64_MAX / 100; max++)
			n = n * 10 + (*max - '0');
	*newest_s = n;
	for (size_t i = 0; i < SR_COUNT_OF(refusals); i++)
		if (find(body, len, refusals[i].begins))
			return refusals[i].is;
	return SR_SGY_401_OTHER;
}

static size_t word_length(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && !memchr(" \t\r\n", text[n], 4))
		n++;
	return n;
}

/* Copies word by word; a word with a `@` and everything between quotes is left out. */
static void copy_redacted(const char *text, size_t len, sr_buf *out)
{
	bool quoted = false;

	for (size_t i = 0; i < len;) {
		size_t word = word_length(text + i, len - i);
		const char *quote;

		if (!word) {
			if (!quoted && out->len && out->p[out->len - 1] != ' ')
				sr_buf_putc(out, ' ');
			i++;
			continue;
		}
		quote = memchr(text + i, '"', word);
		if (quote)
			word = (size_t)(quote - (text + i)) + 1;
		if (!quoted)
			sr_buf_add(out, memchr(text + i, '@', word) ? "..." : text + i,
				memchr(text + i, '@', word) ? 3 : word - (quote != NULL));
		if (quote && !quoted)
			sr_buf_puts(out, "\"...\"");
		quoted ^= quote != NULL;
		i += word;
	}
}

const char *sr_sgy_redact(const char *text, size_t len, sr_arena *arena)
{
	SR_AUTO(sr_buf) out = { 0 };
	const char *words;

	if (!len || sr_body_is_html(text, len))
		return NULL;
	copy_redacted(text, len < 4 * MESSAGE_MAX ? len : 4 * MESSAGE_MAX, &out);
	words = sr_body_words(sr_buf_text(&out), out.len, MESSAGE_MAX, arena);
	return words && *words && sr_utf8_valid(words, strlen(words)) ? words : NULL;
}
