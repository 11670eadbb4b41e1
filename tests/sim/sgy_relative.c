/* Who belongs to whom: parents and advisors of students, by import or inside a user's own item. */
#include <string.h>

#include "sgy_int.h"

static const char add_sql[] = "INSERT OR IGNORE INTO sgy_association (kind, student_uid, uid) VALUES (?1, ?2, ?3)";

/* --- by import --- */

/* The keys of one kind: whom a student is associated with. */
typedef struct relation {
	const char *kind, *school_uid_key, *uid_key, *missing;
} relation;

static const relation parent_relation = { "parent", "parent_school_uid", "parent_uid", "Parent not found." };
static const relation advisor_relation = { "advisor", "advisor_school_uid", "advisor_uid", "Advisor not found." };

static bool user_in_scope(sgy_call *call, int64_t uid)
{
	return sgy_in_scope(call, sgy_int(call->sgy, 0, "SELECT building_id FROM sgy_user WHERE id = ?1", "i", uid));
}

static int64_t find_user(sgy_call *call, const json_t *item, const char *key)
{
	const char *school_uid = sgy_item_text(call, item, key);

	return school_uid && *school_uid ? sgy_user_by_uid(call, school_uid, true) : 0;
}

static void name_user(
	sgy_call *call, json_t *answer, const json_t *item, const char *key, const char *uid_key, int64_t uid)
{
	const char *school_uid = sgy_item_text(call, item, key);

	json_object_set_new(answer, key, json_string(school_uid ? school_uid : ""));
	if (uid)
		json_object_set_new(answer, uid_key, json_string(sgy_printf(call, "%lld", (long long)uid)));
}

static json_t *associate(sgy_call *call, const json_t *item, const relation *r)
{
	static const char drop_sql[] = "DELETE FROM sgy_association WHERE kind = ?1 AND student_uid = ?2 AND uid = ?3";
	int64_t student = find_user(call, item, "student_school_uid"), other = find_user(call, item, r->school_uid_key);
	const char *wrong = !student ? "Student not found." : !other ? r->missing : NULL;
	int code = wrong ? 404 : 200;

	if (!wrong && (!user_in_scope(call, student) || student == other)) {
		code = student == other ? 400 : 403;
		wrong = student == other ? "Nobody belongs to himself." : "You do not have permission for this user.";
	}
	if (!wrong) {
		sgy_image before = sgy_image_of(call, &sgy_user_kind, student);
		sgy_run(call->sgy, sgy_item_int(item, "delete", 0) == 1 ? drop_sql : add_sql, "sii", r->kind, student,
			other);
		sgy_log_write(call, &sgy_user_kind, student, &before);
	}
	json_t *answer = wrong ? sgy_item_fail(code, wrong) : json_pack("{s:i}", "response_code", code);
	name_user(call, answer, item, "student_school_uid", "student_uid", student);
	name_user(call, answer, item, r->school_uid_key, r->uid_key, other);
	return answer;
}

static json_t *parent_item(sgy_call *call, json_t *item)
{
	return associate(call, item, &parent_relation);
}

static json_t *advisor_item(sgy_call *call, json_t *item)
{
	return associate(call, item, &advisor_relation);
}

void sgy_import_parents(sgy_call *call)
{
	sgy_bulk(call, "associations", "association", false, 207, parent_item);
}

void sgy_import_advisors(sgy_call *call)
{
	sgy_bulk(call, "associations", "association", false, 207, advisor_item);
}

/* --- inside a user --- */

void sgy_store_relatives(sgy_call *call, int64_t uid, const json_t *item)
{
	static const struct {
		const char *key, *kind;
		bool as_student;
	} lists[] = {
		{ "parent_uids", "parent", true },
		{ "advisor_uids", "advisor", true },
		{ "child_uids", "parent", false },
	};
	static const char drop_sql[] = "DELETE FROM sgy_association WHERE kind = ?1"
				       " AND CASE ?3 WHEN 1 THEN student_uid ELSE uid END = ?2";

	for (size_t i = 0; i < SR_COUNT_OF(lists); i++) {
		const char *csv = sgy_item_text(call, item, lists[i].key);
		if (!csv)
			continue;
		sgy_run(call->sgy, drop_sql, "sii", lists[i].kind, uid, (int64_t)lists[i].as_student);
		for (const char *p = csv; *p; p += strspn(p, ", ")) {
			char *end;
			int64_t other = strtoll(p, &end, 10);
			if (other > 0 && end > p)
				sgy_run(call->sgy, add_sql, "sii", lists[i].kind, lists[i].as_student ? uid : other,
					lists[i].as_student ? other : uid);
			p = end > p ? end : p + 1;
		}
	}
}
