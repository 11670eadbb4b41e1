/* Users: reads under the key owner's scope, and the bulk calls with one answer an item. DELETE
 * means "make inactive"; what that does to memberships and mail boxes is counted. */
#include <string.h>

#include "sgy_int.h"

#define USER_COLUMNS                                                                                                   \
	"CAST(u.id AS TEXT) AS \"uid:s\", u.id AS \"id:i\", (SELECT max(id) FROM sgy_school) AS \"school_id:i\","      \
	" u.synced AS \"synced:i\", u.school_uid AS \"school_uid:s\", u.building_id AS \"building_id:i\","             \
	" u.additional_buildings AS \"additional_buildings:s\", u.name_title AS \"name_title:s\","                     \
	" 0 AS \"name_title_show:i\", u.name_first AS \"name_first:s\","                                               \
	" u.name_first_preferred AS \"name_first_preferred:s\", u.name_middle AS \"name_middle:s\","                   \
	" 0 AS \"name_middle_show:i\", u.name_last AS \"name_last:s\","                                                \
	" coalesce(nullif(u.name_first_preferred, ''), u.name_first) || ' ' || u.name_last AS \"name_display:s\","     \
	" u.username AS \"username:s\", u.primary_email AS \"primary_email:s\", u.position AS \"position:s\","         \
	" u.gender AS \"gender:s\", u.grad_year AS \"grad_year:s\", '' AS \"password:s\", u.role_id AS \"role_id:i\"," \
	" 'https://asset-cdn.schoology.com/sites/all/themes/schoology_theme/images/user-default.gif'"                  \
	" AS \"picture_url:s\", 'America/New_York' AS \"tz_name:s\", -5 AS \"tz_offset:i\", NULL AS \"parents:n\","    \
	" NULL AS \"child_uids:n\""

/* ?1: the caller's only building, 0 for all. */
#define IN_SCOPE "(?1 = 0 OR u.building_id = ?1)"

static const char user_sql[] = "SELECT " USER_COLUMNS " FROM sgy_user u WHERE u.active = 1 AND (" IN_SCOPE
			       " OR u.id = ?2) AND u.id = ?3";

void sgy_me(sgy_call *call)
{
	sgy_reply_location(call, sgy_printf(call, "users/%lld", (long long)call->uid));
}

void sgy_app_user_info(sgy_call *call)
{
	if (!call->sgy->options.web_session) {
		sgy_reply_text(call, 403, "The user has no active web session.");
		return;
	}
	sgy_reply_json(call, 200,
		json_pack("{s:I,s:I}", "web_session_timestamp",
			(json_int_t)(sr_clock_wall_ms(&call->sgy->world->clock) / 1000), "api_uid",
			(json_int_t)call->uid));
}

int64_t sgy_user_by_uid(sgy_call *call, const char *school_uid, bool active)
{
	static const char exact_sql[] = "SELECT id FROM sgy_user WHERE school_uid = ?1 AND active = ?2";
	static const char fold_sql[] = "SELECT id FROM sgy_user WHERE school_uid = ?1 COLLATE NOCASE AND active = ?2";

	return sgy_int(
		call->sgy, 0, call->sgy->options.uid_case ? fold_sql : exact_sql, "si", school_uid, (int64_t)active);
}

void sgy_mail(sgy_call *call, int64_t uid, const char *reason)
{
	static const char sql[] = "INSERT INTO sgy_mail (at_ms, uid, reason, comment) VALUES (?1, ?2, ?3, ?4)";
	const char *comment = sgy_param_text(call, "option_comment");

	sgy_count(call, "mails_sent", 1);
	sgy_run(call->sgy, sql, "iiss", sr_clock_wall_ms(&call->sgy->world->clock), uid, reason,
		comment ? comment : "");
}

static void reply_user(sgy_call *call, int64_t id, int status)
{
	sgy_reply_row(call, sgy_query(call->sgy, user_sql, "iii", call->scope, call->uid, id), status,
		sgy_printf(call, "users/%lld", (long long)id), "User not found.", sgy_extend_single_user);
}

void sgy_user_get(sgy_call *call)
{
	reply_user(call, call->id, 200);
}

void sgy_user_ext(sgy_call *call)
{
	static const char sql[] = "SELECT building_id FROM sgy_user WHERE id = ?1";
	int64_t id = sgy_user_by_uid(call, call->text, true);

	if (!id || !sgy_in_scope(call, sgy_int(call->sgy, 0, sql, "i", id)))
		sgy_reply_text(call, call->sgy->options.ext_missing_code, "User not found.");
	else if (call->nested)
		reply_user(call, id, 200);
	else
		sgy_reply_location(call, sgy_printf(call, "users/%lld", (long long)id));
}

#define LIST_WHERE                                                                                \
	" FROM sgy_user u WHERE u.active = 1 AND " IN_SCOPE " AND (?2 = 0 OR u.building_id = ?2)" \
	" AND (?3 IS NULL OR u.role_id IN (SELECT CAST(value AS INTEGER) FROM json_each(?3)))"
#define UID_WHERE(fold) LIST_WHERE " AND u.school_uid" fold " IN (SELECT value FROM json_each(?4))"
#define USER_LIST(where)                                                                        \
	{                                                                                       \
		"user", "SELECT " USER_COLUMNS where SGY_PAGE("u.id"), "SELECT count(*)" where, \
			.total_is_text = true, .extend = sgy_extend_user                        \
	}

void sgy_users_get(sgy_call *call)
{
	static const sgy_list all = USER_LIST(LIST_WHERE), by_uid = USER_LIST(UID_WHERE("")),
			      by_folded_uid = USER_LIST(UID_WHERE(" COLLATE NOCASE"));
	size_t roles, uids;
	int64_t building = sgy_param_int(call, "building_id", 0);
	const char *role_ids = sgy_csv_json(call, sgy_param_text(call, "role_ids"), &roles);
	const char *csv = sgy_param_text(call, "school_uids");
	if (!csv && call->sgy->options.school_uid_filter)
		csv = sgy_param_text(call, "school_uid");
	const char *wanted = sgy_csv_json(call, csv, &uids);

	if (uids > SGY_BULK_MAX)
		sgy_reply_text(call, 400, "You may not ask for more than 50 school_uids.");
	else if (wanted)
		sgy_reply_list(call, call->sgy->options.uid_case ? &by_folded_uid : &by_uid, "iiss", call->scope,
			building, role_ids, wanted);
	else
		sgy_reply_list(call, &all, "iis", call->scope, building, role_ids);
}

#define INACTIVE_COLUMNS                                                                                         \
	"u.id AS \"uid:i\", u.name_first || ' ' || u.name_last AS \"name:s\", u.school_uid AS \"school_uid:s\"," \
	" u.synced AS \"synced:i\", u.inactive_at_s AS \"inactive_timestamp:i\","                                \
	" u.modified_by_uid AS \"modified_by_uid:i\" FROM sgy_user u WHERE u.active = 0 AND " IN_SCOPE

void sgy_inactive_get(sgy_call *call)
{
	static const sgy_list list = { "user", "SELECT " INACTIVE_COLUMNS SGY_PAGE("u.id"),
		"SELECT count(*) FROM sgy_user u WHERE u.active = 0 AND " IN_SCOPE };

	sgy_reply_list(call, &list, "i", call->scope);
}

void sgy_inactive_one(sgy_call *call)
{
	static const char sql[] = "SELECT " INACTIVE_COLUMNS " AND u.id = ?2";

	sgy_reply_row(call, sgy_query(call->sgy, sql, "ii", call->scope, call->id), 200,
		sgy_printf(call, "users/inactive/%lld", (long long)call->id), "User not found.", NULL);
}

/* --- writes --- */

static int64_t login_holder(sgy_call *call, const char *sql, const char *login, int64_t except)
{
	int64_t duplicates = call->sgy->options.inactive_match == SIM_SGY_INACTIVE_DUPLICATE;

	return login && *login ? sgy_int(call->sgy, 0, sql, "sii", login, except, duplicates) : 0;
}

static int64_t username_holder(sgy_call *call, const char *username, int64_t except)
{
	static const char sql[] = "SELECT id FROM sgy_user WHERE username = ?1 COLLATE NOCASE AND id <> ?2"
				  " AND (active = 1 OR ?3 = 0)";

	return login_holder(call, sql, username, except);
}

static int64_t email_holder(sgy_call *call, const char *email, int64_t except)
{
	static const char sql[] = "SELECT id FROM sgy_user WHERE primary_email = ?1 COLLATE NOCASE AND id <> ?2"
				  " AND (active = 1 OR ?3 = 0)";

	return login_holder(call, sql, email, except);
}

/* What holds of every write, new or not. NULL: fine. `*code` is 400 unless said otherwise. */
static const char *user_wrong(sgy_call *call, const json_t *item, int64_t id, int *code)
{
	const char *wrong = sgy_fields_wrong(call, &sgy_user_kind, item);
	int64_t role = sgy_item_int(item, "role_id", 0), building = sgy_item_int(item, "building_id", 0);

	*code = 400;
	if (wrong)
		return wrong;
	if (role && !sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_role WHERE id = ?1", "i", role))
		return "The role_id does not exist.";
	if (building && !sgy_building_exists(call, building))
		return "The building_id does not exist.";
	if (building && !sgy_in_scope(call, building)) {
		*code = 403;
		return "You do not have permission for this building.";
	}
	if (username_holder(call, sgy_item_text(call, item, "username"), id))
		return "The username is already in use.";
	if (email_holder(call, sgy_item_text(call, item, "primary_email"), id))
		return "The email address is already in use.";
	return NULL;
}

static bool given(sgy_call *call, const json_t *item, const char *key)
{
	const char *text = sgy_item_text(call, item, key);

	return text && *text;
}

static const char *new_user_wrong(sgy_call *call, const json_t *item)
{
	static const char *const required[] = { "name_first", "name_last", "role_id" };

	for (size_t i = 0; i < SR_COUNT_OF(required); i++)
		if (!given(call, item, required[i]))
			return sgy_printf(call, "%s is required.", required[i]);
	if (!given(call, item, "username") && !given(call, item, "primary_email"))
		return "A username or primary_email is required.";
	return NULL;
}

/* An address that an account of another organisation holds. The flags of the bulk call decide:
 * refuse, drop the address (with a username made up if there is none), or take it over. */
static const char *settle_foreign_email(sgy_call *call, json_t *item)
{
	static const char find_sql[] = "SELECT verified FROM sgy_foreign_email WHERE email = ?1";
	const char *email = sgy_item_text(call, item, "primary_email");
	int64_t verified = email && *email ? sgy_int(call->sgy, -1, find_sql, "s", email) : -1;
	int64_t resolution = sgy_param_int(call, "email_conflict_resolution", 0);
	bool ignore = sgy_param_int(call, "ignore_email_conflicts", 0) == 1;

	if (verified < 0)
		return NULL;
	if (resolution == 2 && verified == 1) {
		sgy_run(call->sgy, "DELETE FROM sgy_foreign_email WHERE email = ?1", "s", email);
		return NULL;
	}
	if (resolution == 0 && !ignore)
		return "The email address is in use by an account of another school.";
	const char *made = ignore && resolution == 0 ? sgy_item_text(call, item, "school_uid")
						     : sgy_printf(call, "%.*s", (int)strcspn(email, "@"), email);
	if (!given(call, item, "username"))
		json_object_set_new(item, "username", json_string(made));
	json_object_del(item, "primary_email");
	return NULL;
}

static json_t *user_answer(sgy_call *call, int64_t id)
{
	const char *uid = sgy_text(call, "SELECT school_uid FROM sgy_user WHERE id = ?1", "i", id);

	return json_pack("{s:i,s:s,s:s,s:s}", "response_code", 200, "location",
		sgy_printf(call, "%s/users/%lld", call->base, (long long)id), "school_uid", uid ? uid : "", "id",
		sgy_printf(call, "%lld", (long long)id));
}

static json_t *user_fail(sgy_call *call, const json_t *item, int code, const char *message)
{
	json_t *answer = sgy_item_fail(code, message);
	const char *uid = sgy_item_text(call, item, "school_uid"), *id = sgy_item_text(call, item, "id");

	if (uid)
		json_object_set_new(answer, "school_uid", json_string(uid));
	if (id)
		json_object_set_new(answer, "id", json_string(id));
	return answer;
}

static void wake(sgy_call *call, int64_t id)
{
	sgy_run(call->sgy, "UPDATE sgy_user SET active = 1, inactive_at_s = 0 WHERE id = ?1", "i", id);
}

static json_t *user_update(sgy_call *call, const json_t *item, int64_t id, bool upsert)
{
	int64_t building = sgy_int(call->sgy, 0, "SELECT building_id FROM sgy_user WHERE id = ?1", "i", id);
	int code;
	const char *wrong = user_wrong(call, item, id, &code);

	if (!wrong && !sgy_in_scope(call, building)) {
		code = 403;
		wrong = "You do not have permission for this user.";
	}
	if (wrong)
		return user_fail(call, item, code, wrong);
	sgy_image before = sgy_image_of(call, &sgy_user_kind, id);
	if (upsert)
		wake(call, id);
	sgy_store(call, &sgy_user_kind, id, item, upsert);
	sgy_store_relatives(call, id, item);
	sgy_log_write(call, &sgy_user_kind, id, &before);
	return user_answer(call, id);
}

static json_t *user_create(sgy_call *call, json_t *item)
{
	static const char home_sql[] = "UPDATE sgy_user SET building_id = ?2 WHERE id = ?1 AND building_id = 0";
	const sgy_image nothing = { 0 };
	int code = 400;
	const char *wrong = new_user_wrong(call, item);

	wrong = wrong ? wrong : user_wrong(call, item, 0, &code);
	wrong = wrong ? wrong : settle_foreign_email(call, item);
	/* Again: the username may have been made up just now. */
	wrong = wrong ? wrong : user_wrong(call, item, 0, &code);
	if (wrong)
		return user_fail(call, item, code, wrong);
	int64_t id = sgy_create(call, &sgy_user_kind);
	sgy_store(call, &sgy_user_kind, id, item, false);
	sgy_run(call->sgy, home_sql, "ii", id, call->scope ? call->scope : sgy_school_id(call));
	sgy_store_relatives(call, id, item);
	sgy_log_write(call, &sgy_user_kind, id, &nothing);
	if (sgy_item_int(item, "email_login_info", 0) == 1 && given(call, item, "primary_email"))
		sgy_mail(call, id, "login information");
	return user_answer(call, id);
}

/* Notes the school_uid; true: this batch had it already. */
static bool seen_before(sgy_call *call, const char *uid)
{
	if (!call->seen)
		call->seen = json_object();
	if (json_object_get(call->seen, uid))
		return true;
	json_object_set_new(call->seen, uid, json_true());
	return false;
}

static json_t *user_post(sgy_call *call, json_t *item)
{
	const char *uid = sgy_item_text(call, item, "school_uid");
	bool update = sgy_param_int(call, "update_existing", 0) == 1;

	if (!uid || !*uid)
		return user_fail(call, item, 400, "school_uid is required.");
	if (seen_before(call, uid) && call->sgy->options.batch_duplicate)
		return user_fail(call, item, 400, "The school_uid comes twice in this request.");
	int64_t id = sgy_user_by_uid(call, uid, true);
	if (id)
		return update ? user_update(call, item, id, true)
			      : user_fail(call, item, 400, "A user with this school_uid already exists.");
	id = sgy_user_by_uid(call, uid, false);
	if (!id || call->sgy->options.inactive_match == SIM_SGY_INACTIVE_DUPLICATE)
		return user_create(call, item);
	if (update && call->sgy->options.inactive_match == SIM_SGY_INACTIVE_REACTIVATE)
		return user_update(call, item, id, true);
	return user_fail(call, item, 400, "An inactive user holds this school_uid.");
}

void sgy_users_post(sgy_call *call)
{
	if (json_object_get(call->body, "users") || json_object_get(call->body, "user")) {
		sgy_bulk(call, "users", "user", false, 207, user_post);
		return;
	}
	json_t *answer = user_post(call, call->body);
	if (!sgy_single_failed(call, answer))
		reply_user(call, sgy_item_int(answer, "id", 0), 201);
	json_decref(answer);
}

static json_t *user_put_item(sgy_call *call, json_t *item)
{
	int64_t id = sgy_item_int(item, "id", sgy_item_int(item, "uid", 0));
	const char *uid = sgy_item_text(call, item, "school_uid");
	int64_t holder = uid && *uid ? sgy_user_by_uid(call, uid, true) : 0;

	if (!sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_user WHERE id = ?1 AND active = 1", "i", id))
		return user_fail(call, item, 404, "User not found.");
	if (uid && (!*uid || (holder && holder != id)))
		return user_fail(call, item, 400, "The school_uid is empty or already in use.");
	return user_update(call, item, id, false);
}

void sgy_users_put(sgy_call *call)
{
	sgy_bulk(call, "users", "user", false, call->sgy->options.bulk_put_status, user_put_item);
}

void sgy_user_put(sgy_call *call)
{
	sgy_single_put(call, user_put_item);
}

/* The item's option_reenroll brings back what DELETE kept; the answer names the user in location alone. */
static json_t *reactivate_item(sgy_call *call, json_t *item)
{
	static const char find_sql[] = "SELECT u.id FROM sgy_user u WHERE u.active = 0 AND " IN_SCOPE " AND u.id = ?2";
	static const char back_sql[] = "DELETE FROM sgy_former WHERE enrollment_id IN"
				       " (SELECT id FROM sgy_enrollment WHERE uid = ?1)";
	int64_t id = sgy_item_int(item, "uid", 0);

	if (!sgy_int(call->sgy, 0, find_sql, "ii", call->scope, id))
		return user_fail(call, item, 404, "Inactive user not found.");
	sgy_image before = sgy_image_of(call, &sgy_user_kind, id);
	wake(call, id);
	if (sgy_item_int(item, "option_reenroll", 0) == 1)
		sgy_run(call->sgy, back_sql, "i", id);
	sgy_log_write(call, &sgy_user_kind, id, &before);
	return json_pack("{s:i,s:s,s:s}", "response_code", 200, "location",
		sgy_printf(call, "%s/users/%lld", call->base, (long long)id), "message",
		"You have successfully re-actived this user.");
}

void sgy_users_reactivate(sgy_call *call)
{
	sgy_bulk(call, "users", "user", false, call->sgy->options.bulk_put_status, reactivate_item);
}

/* Without option_keep_enrollments=1 the memberships go, and grades with them. */
static void destroy_memberships(sgy_call *call, int64_t uid)
{
	static const char sql[] = "SELECT id FROM sgy_enrollment WHERE uid = ?1 LIMIT 1";
	int64_t id;

	while ((id = sgy_int(call->sgy, 0, sql, "i", uid)) != 0) {
		sgy_drop_member(call, id, true);
		sgy_count(call, "memberships_destroyed", 1);
	}
}

/* With it they stay, grades and all, but out of sight until somebody brings them back. */
static void keep_memberships(sgy_call *call, int64_t uid)
{
	static const char sql[] = "INSERT OR IGNORE INTO sgy_former (enrollment_id)"
				  " SELECT id FROM sgy_enrollment WHERE uid = ?1";

	if (!call->sgy->options.inactive_members)
		sgy_run(call->sgy, sql, "i", uid);
}

static json_t *user_delete_item(sgy_call *call, json_t *item)
{
	static const char sql[] =
		"UPDATE sgy_user SET active = 0, inactive_at_s = ?2, modified_by_uid = ?3 WHERE id = ?1";
	static const char find_sql[] = "SELECT u.id FROM sgy_user u WHERE u.active = 1 AND " IN_SCOPE " AND u.id = ?2";
	int64_t id = 0;

	sgy_json_int(item, &id);
	const char *text = sgy_printf(call, "%lld", (long long)id);
	if (!sgy_int(call->sgy, 0, find_sql, "ii", call->scope, id))
		return json_pack("{s:i,s:s,s:s}", "response_code", 404, "message", "User not found.", "id", text);
	sgy_image before = sgy_image_of(call, &sgy_user_kind, id);
	sgy_run(call->sgy, sql, "iii", id, sr_clock_wall_ms(&call->sgy->world->clock) / 1000, call->uid);
	sgy_log_write(call, &sgy_user_kind, id, &before);
	if (sgy_param_int(call, "option_keep_enrollments", 0) == 1)
		keep_memberships(call, id);
	else
		destroy_memberships(call, id);
	if (sgy_param_int(call, "email_notification", 1) != 0)
		sgy_mail(call, id, "account made inactive");
	sgy_count(call, "users_deleted", 1);
	return json_pack("{s:i,s:s}", "response_code", 200, "id", text);
}

void sgy_users_delete(sgy_call *call)
{
	sgy_bulk_ids(call, "uids", NULL, "user", user_delete_item);
}

void sgy_user_delete(sgy_call *call)
{
	sgy_single_delete(call, user_delete_item);
}
