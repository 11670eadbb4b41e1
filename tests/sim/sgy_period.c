/* Grading periods: administrators only, titles unique in the organisation, ids integers in the
 * list and text alone; an empty list comes without its array. */
#include <string.h>

#include "sgy_int.h"

/* ?1 today. */
#define PERIOD_REST                                                      \
	"title AS \"title:s\", start AS \"start:s\", end_ AS \"end:s\"," \
	" CASE WHEN start <= ?1 AND end_ >= ?1 THEN '1' ELSE '0' END AS \"active:s\" FROM sgy_period"
#define LIST_WHERE " WHERE (?2 IS NULL OR title = ?2 OR (?3 = 1 AND substr(title, 1, length(?2)) = ?2))"

static void link_self(sgy_call *call, json_t *row)
{
	const char *self = sgy_printf(
		call, "%s/gradingperiods/%lld", call->base, (long long)sgy_item_int(row, "id", 0));

	json_object_set_new(row, "links", json_pack("{s:s}", "self", self));
}

/* Administrators of one building are let in, or not: the contract says "school administrators". */
static bool let_in(sgy_call *call)
{
	if (call->scope == 0 || call->sgy->options.scoped_periods)
		return true;
	sgy_reply_text(call, 403, "Access denied.");
	return false;
}

void sgy_periods_get(sgy_call *call)
{
	static const sgy_list list = { "gradingperiods",
		"SELECT id AS \"id:i\", " PERIOD_REST LIST_WHERE SGY_PAGE("id"),
		"SELECT count(*) FROM sgy_period" LIST_WHERE " AND ?1 IS NOT NULL", .empty_without_array = true,
		.extend = link_self };

	if (let_in(call))
		sgy_reply_list(call, &list, "ssi", sgy_today(call), sgy_param_text(call, "title"),
			sgy_param_int(call, "startswith", 0));
}

static void reply_period(sgy_call *call, int64_t id, int status)
{
	static const char sql[] = "SELECT CAST(id AS TEXT) AS \"id:s\", " PERIOD_REST " WHERE id = ?2";

	sgy_reply_row(call, sgy_query(call->sgy, sql, "si", sgy_today(call), id), status,
		sgy_printf(call, "gradingperiods/%lld", (long long)id), "Grading period not found.", NULL);
}

void sgy_period_get(sgy_call *call)
{
	if (let_in(call))
		reply_period(call, call->id, 200);
}

static bool given(sgy_call *call, const char *key)
{
	const char *text = sgy_item_text(call, call->body, key);

	return text && *text;
}

/* `id` 0: a new one, which needs everything. */
static const char *period_wrong(sgy_call *call, int64_t id)
{
	static const char taken_sql[] = "SELECT 1 FROM sgy_period WHERE title = ?1 AND id <> ?2";
	static const char order_sql[] = "SELECT coalesce(?1, (SELECT start FROM sgy_period WHERE id = ?3))"
					" <= coalesce(?2, (SELECT end_ FROM sgy_period WHERE id = ?3))";
	static const char *const keys[] = { "title", "start", "end" };
	const char *wrong = sgy_fields_wrong(call, &sgy_period_kind, call->body);

	if (wrong)
		return wrong;
	for (size_t i = 0; i < SR_COUNT_OF(keys); i++)
		if ((!id || json_object_get(call->body, keys[i])) && !given(call, keys[i]))
			return sgy_printf(call, "%s is required.", keys[i]);
	if (given(call, "title") &&
		sgy_int(call->sgy, 0, taken_sql, "si", sgy_item_text(call, call->body, "title"), id))
		return "A grading period with this title already exists.";
	if (!sgy_int(call->sgy, 0, order_sql, "ssi", sgy_item_text(call, call->body, "start"),
		    sgy_item_text(call, call->body, "end"), id))
		return "The grading period ends before it begins.";
	return NULL;
}

static bool write_period(sgy_call *call, int64_t *id)
{
	sgy_image before = { 0 };
	const char *wrong = period_wrong(call, *id);

	if (wrong) {
		sgy_reply_text(call, 400, wrong);
		return false;
	}
	if (*id)
		before = sgy_image_of(call, &sgy_period_kind, *id);
	else
		*id = sgy_create(call, &sgy_period_kind);
	sgy_store(call, &sgy_period_kind, *id, call->body, false);
	sgy_log_write(call, &sgy_period_kind, *id, &before);
	return true;
}

void sgy_periods_post(sgy_call *call)
{
	int64_t id = 0;

	if (let_in(call) && write_period(call, &id))
		reply_period(call, id, 201);
}

static bool period_exists(sgy_call *call)
{
	bool exists = sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_period WHERE id = ?1", "i", call->id) != 0;

	if (!let_in(call))
		return false;
	if (!exists)
		sgy_reply_text(call, 404, "Grading period not found.");
	return exists;
}

void sgy_period_put(sgy_call *call)
{
	if (period_exists(call) && write_period(call, &call->id))
		sgy_reply_empty(call, 204);
}

void sgy_period_delete(sgy_call *call)
{
	static const char used_sql[] = "SELECT 1 FROM sgy_section_period WHERE period_id = ?1 LIMIT 1";

	if (!period_exists(call))
		return;
	if (sgy_int(call->sgy, 0, used_sql, "i", call->id)) {
		sgy_reply_text(call, 400, "The grading period is in use by sections.");
		return;
	}
	sgy_remove(call, &sgy_period_kind, call->id);
	sgy_reply_empty(call, 204);
}
