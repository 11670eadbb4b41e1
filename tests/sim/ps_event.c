/* Event subscriptions: one per plugin, replaced as a whole. Triggers put a message in the queue for
 * every change somebody listens to; who sends it is not the handler's business. */
#include <inttypes.h>
#include <string.h>

#include "ps_call.h"

#define TEST_RESOURCE "/ws/v1/test_subscription"
#define ATTEMPTS_WITH_RETRIES 3

/* What a table's rows are called outside. */
static const struct {
	const char *resource, *table, *id; /* `id` of OLD or NEW, by its place */
} sources[] = {
	/* clang-format off */
	{ "student",            "students",    "dcid" },
	{ "staff",              "schoolstaff", "dcid" },
	{ "section",            "sections",    "dcid" },
	{ "section_enrollment", "cc",          "dcid" },
	{ "course",             "courses",     "dcid" },
	/* clang-format on */
};

static const struct {
	const char *type, *timing, *row, *only; /* `only`: the one resource that knows it */
} types[] = {
	/* clang-format off */
	{ "INSERT", "after insert on", "new", NULL },
	{ "UPDATE", "after update on", "new", NULL },
	{ "DELETE", "after delete on", "old", NULL },
	{ "SCHOOL_ENROLLMENT", "after update of schoolid, grade_level, enroll_status, entrydate, exitdate on", "new",
	  "student" },
	/* clang-format on */
};

static int watch(sqlite3 *db, size_t s, size_t t, sr_err *err)
{
	SR_AUTO_FREE char *sql = sr_asprintf(
		"create trigger if not exists sim_ps_event_%s_%s %s %s begin"
		" insert into sim_ps_event(plugin, resource, event_type, id) select plugin, '/ws/v1/%s/' || %s.%s, "
		"'%s', %s.%s"
		" from sim_ps_subscription where resource = '/ws/v1/%s/*' and event_type = '%s'; end",
		sources[s].table, types[t].type, types[t].timing, sources[s].table, sources[s].resource, types[t].row,
		sources[s].id, types[t].type, types[t].row, sources[s].id, sources[s].resource, types[t].type);

	if (!sql)
		return sr_fail_nomem(err);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sr_fail(err, SR_E_DB, "watching for events: %s", sqlite3_errmsg(db));
	return 0;
}

int sim_ps_watch_events(sqlite3 *db, sr_err *err)
{
	for (size_t s = 0; s < SR_COUNT_OF(sources); s++) {
		for (size_t t = 0; t < SR_COUNT_OF(types); t++) {
			if (types[t].only && strcmp(types[t].only, sources[s].resource) != 0)
				continue;
			if (watch(db, s, t, err))
				return -1;
		}
	}
	return 0;
}

/* ---- what a subscription may say ---- */

static bool is_known(const char *resource, const char *type)
{
	for (size_t s = 0; s < SR_COUNT_OF(sources); s++) {
		SR_AUTO_FREE char *pattern = sr_asprintf("/ws/v1/%s/*", sources[s].resource);

		for (size_t t = 0; sr_streq(pattern, resource) && t < SR_COUNT_OF(types); t++) {
			if (sr_streq(types[t].type, type) &&
				(!types[t].only || !strcmp(types[t].only, sources[s].resource)))
				return true;
		}
	}
	return sr_streq(resource, TEST_RESOURCE);
}

/* The subscriptions of a body, whether one object or several. */
static size_t entry_count(const json_t *entries)
{
	return json_is_array(entries) ? json_array_size(entries) : entries != NULL;
}

static const json_t *entry_at(const json_t *entries, size_t i)
{
	return json_is_array(entries) ? json_array_get(entries, i) : entries;
}

static const char *text_of(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}

/* What is wrong with the body, or NULL. */
static const char *complaint(const json_t *head)
{
	const json_t *entries = json_object_get(head, "event_subscription");
	const char *url = text_of(head, "callback_url");

	if (!json_is_object(head) || !text_of(head, "key"))
		return "event_subscriptions with a key are required";
	if (!url || (!sr_starts(url, "http://") && !sr_starts(url, "https://")))
		return "callback_url must be an http or https address";
	for (size_t i = 0; i < entry_count(entries); i++) {
		const json_t *e = entry_at(entries, i);

		if (!is_known(text_of(e, "resource"), text_of(e, "event_type")))
			return "A resource or an event_type is not known";
	}
	return NULL;
}

/* ---- the tables ---- */

static const char *plugin_of(const sim_ps_call *c)
{
	return c->caller->name ? c->caller->name : "";
}

/* Runs one statement with at most four texts. The rows it changed, or -1. */
static int change(sim_ps_call *c, const char *sql, const char *a, const char *b, const char *d)
{
	const char *const texts[] = { plugin_of(c), a, b, d };
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(c->ps->world->db, sql, -1, &stmt, NULL);

	for (int i = 0; rc == SQLITE_OK && i < 4; i++) {
		if (texts[i])
			sqlite3_bind_text(stmt, i + 1, texts[i], -1, SQLITE_STATIC);
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? sqlite3_changes(c->ps->world->db) : -1;
}

/* How many were there before; -1: the database failed. */
static int clear(sim_ps_call *c)
{
	int before = change(c, "delete from sim_ps_subscriber where plugin = ?1", NULL, NULL, NULL);

	if (change(c, "delete from sim_ps_subscription where plugin = ?1", NULL, NULL, NULL) < 0)
		return -1;
	return before;
}

static int store_entry(sim_ps_call *c, const json_t *e)
{
	static const char test[] =
		"insert into sim_ps_event(plugin, resource, event_type) values(?1, ?2, coalesce(?3, 'TEST'))";
	const char *resource = text_of(e, "resource"), *type = text_of(e, "event_type");

	if (change(c, "insert or replace into sim_ps_subscription values(?1, ?2, coalesce(?3, 'TEST'))", resource, type,
		    NULL) < 0)
		return -1;
	return sr_streq(resource, TEST_RESOURCE) ? change(c, test, resource, type, NULL) : 0;
}

static int store(sim_ps_call *c, const json_t *head)
{
	const json_t *entries = json_object_get(head, "event_subscription");
	int before = clear(c);

	if (before < 0 || change(c, "insert into sim_ps_subscriber values(?1, ?2, ?3)", text_of(head, "key"),
				  text_of(head, "callback_url"), NULL) < 0)
		return -1;
	for (size_t i = 0; i < entry_count(entries); i++) {
		if (store_entry(c, entry_at(entries, i)) < 0)
			return -1;
	}
	return before;
}

/* ---- handlers ---- */

static void answer_nothing(sim_ps_call *c, int status)
{
	c->reply->status = status;
}

void sim_ps_subscription_put(sim_ps_call *c)
{
	const char *type = sim_ps_header(c, "Content-Type"), *wrong;
	json_t *body, *head;
	int before;

	if (!type || strncasecmp(type, "application/json", strlen("application/json")) != 0) {
		sim_ps_refuse(c, 415, "Unsupported media type");
		return;
	}
	body = c->request->body ? json_loadb(c->request->body, c->request->body_bytes, 0, NULL) : NULL;
	head = json_object_get(body, "event_subscriptions");
	wrong = complaint(head);
	if (wrong) {
		sim_ps_refuse(c, 400, wrong);
	} else {
		before = store(c, head);
		if (before < 0)
			sim_ps_internal(c);
		else
			answer_nothing(c, before ? 204 : 201);
	}
	json_decref(body);
}

void sim_ps_subscription_delete(sim_ps_call *c)
{
	int before = clear(c);

	if (before < 0)
		sim_ps_internal(c);
	else if (before)
		answer_nothing(c, 204);
	else
		sim_ps_refuse(c, 404, "There is no event subscription");
}

static json_t *select_text_rows(sim_ps_call *c, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	json_t *rows = json_array();

	if (sqlite3_prepare_v2(c->ps->world->db, sql, -1, &stmt, NULL) == SQLITE_OK)
		sqlite3_bind_text(stmt, 1, plugin_of(c), -1, SQLITE_STATIC);
	while (rows && stmt && sqlite3_step(stmt) == SQLITE_ROW) {
		json_t *row = json_object();

		for (int i = 0; row && i < sqlite3_column_count(stmt); i++)
			json_object_set_new(row, sqlite3_column_name(stmt, i),
				json_string((const char *)sqlite3_column_text(stmt, i)));
		json_array_append_new(rows, row);
	}
	sqlite3_finalize(stmt);
	return rows;
}

void sim_ps_subscription_get(sim_ps_call *c)
{
	json_t *heads = select_text_rows(c, "select key, callback_url from sim_ps_subscriber where plugin = ?1");
	json_t *entries = select_text_rows(c, "select resource, event_type from sim_ps_subscription where plugin = ?1"
					      " order by resource, event_type");
	json_t *head = json_incref(json_array_get(heads, 0));

	json_decref(heads);
	if (!entries || (head && json_object_set(head, "event_subscription", entries)))
		sim_ps_internal(c);
	else if (!head)
		sim_ps_refuse(c, 404, "There is no event subscription");
	else
		sim_ps_answer_tree(c, 200, json_pack("{s:O}", "event_subscriptions", head));
	json_decref(entries);
	json_decref(head);
}

/* ---- the queue ---- */

/* Neither layout was seen: one like v1's wrappers, one flat. */
static char *event_body(const sim_ps *ps, sqlite3_stmt *row)
{
	const char *key = (const char *)sqlite3_column_text(row, 2),
		   *resource = (const char *)sqlite3_column_text(row, 3);
	const char *type = (const char *)sqlite3_column_text(row, 4);
	json_t *event = json_pack("{s:s, s:s, s:s}", "key", key, "resource", resource, "event_type", type), *body;
	char *text;

	if (event && sqlite3_column_type(row, 5) != SQLITE_NULL)
		json_object_set_new(event, "id", json_integer(sqlite3_column_int64(row, 5)));
	body = event && !ps->quirks.event_body_flat ? json_pack("{s:{s:O}}", "events", "event", event)
						    : json_incref(event);
	text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(event);
	json_decref(body);
	return text;
}

int sim_ps_event_next(sim_ps *ps, sim_ps_event *out, sr_err *err)
{
	static const char sql[] =
		"select e.seq, s.callback_url, s.key, e.resource, e.event_type, e.id from sim_ps_event e"
		" join sim_ps_subscriber s on s.plugin = e.plugin where e.state = 'waiting'"
		" order by e.attempts, e.seq limit 1";
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(ps->world->db, sql, -1, &stmt, NULL);
	sim_ps_event event = { 0 };

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		event.seq = sqlite3_column_int64(stmt, 0);
		event.url = sr_strdup((const char *)sqlite3_column_text(stmt, 1));
		event.body = event_body(ps, stmt);
	}
	sqlite3_finalize(stmt);
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? 0 : sr_fail(err, SR_E_DB, "%s", sqlite3_errmsg(ps->world->db));
	if (!event.url || !event.body) {
		sim_ps_event_done(&event);
		return sr_fail_nomem(err);
	}
	*out = event;
	return 1;
}

int sim_ps_event_settle(sim_ps *ps, const sim_ps_event *event, bool taken, sr_err *err)
{
	static const char sql[] = "update sim_ps_event set attempts = attempts + 1, state = case when ?2 then 'taken'"
				  " when attempts + 1 < ?3 then 'waiting' else 'given up' end where seq = ?1";
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(ps->world->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_bind_int64(stmt, 1, event->seq);
		sqlite3_bind_int(stmt, 2, taken);
		sqlite3_bind_int(stmt, 3, ps->quirks.event_retries ? ATTEMPTS_WITH_RETRIES : 1);
		rc = sqlite3_step(stmt);
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : sr_fail(err, SR_E_DB, "%s", sqlite3_errmsg(ps->world->db));
}

void sim_ps_event_done(sim_ps_event *event)
{
	free(event->url);
	free(event->body);
	*event = (sim_ps_event){ 0 };
}
