/* The stand-in's front: takes a request apart, finds its route, asks for the right it needs. */
#include <stdio.h>
#include <string.h>

#include "ps_call.h"
#include "ps_v1.h"

/* ---- life ---- */

/* Two arguments, as Oracle has them; dates are ISO text here, so the format changes nothing. */
static void same_text(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	(void)argc;
	sqlite3_result_value(context, argv[0]);
}

/* What plugins' SQL may call, and the triggers: changes count from the day the service opens. */
static int prepare_database(sqlite3 *db, const sim_ps_quirks *quirks, sr_err *err)
{
	static const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;

	if (sqlite3_create_function(db, "to_char", 2, flags, NULL, same_text, NULL, NULL) != SQLITE_OK ||
		sqlite3_create_function(db, "to_date", 2, flags, NULL, same_text, NULL, NULL) != SQLITE_OK)
		return sr_fail(err, SR_E_DB, "%s", sqlite3_errmsg(db));
	return sim_ps_quirk_habits(db, quirks, err) || sim_ps_watch_changes(db, err) || sim_ps_watch_events(db, err)
		       ? -1
		       : 0;
}

sim_ps *sim_ps_new(sim_world *w, const sim_ps_options *options, sr_err *err)
{
	static const sim_ps_options none;
	const sim_ps_options *o = options ? options : &none;
	sim_ps *ps = calloc(1, sizeof(*ps));

	if (!ps) {
		sr_fail_nomem(err);
		return NULL;
	}
	*ps = (sim_ps){ .world = w,
		.quirks = o->quirks,
		.page_max = o->page_max ? o->page_max : 100,
		.token_life_s = o->token_life_s ? o->token_life_s : 30 * 86400 };
	ps->client_id = sr_strdup(o->client_id ? o->client_id : "sandbox-id");
	ps->client_secret = sr_strdup(o->client_secret ? o->client_secret : "sandbox-secret");
	if (!ps->client_id || !ps->client_secret)
		sr_fail_nomem(err);
	else if (!prepare_database(w->db, &o->quirks, err))
		return ps;
	sim_ps_free(ps);
	return NULL;
}

void sim_ps_free(sim_ps *ps)
{
	if (!ps)
		return;
	sim_ps_slots_free(ps);
	free(ps->client_id);
	free(ps->client_secret);
	free(ps);
}

/* ---- routes ---- */

/* RIGHT_V1: the plugin's level for v1 is not NONE; RIGHT_V1_WRITE: a change is asked for. */
typedef enum right { RIGHT_NONE, RIGHT_TOKEN, RIGHT_V1, RIGHT_V1_WRITE } right;

static const struct route {
	const char *method, *path; /* `*`: any one segment */
	right right;
	void (*handle)(sim_ps_call *c);
	const void *what;
} routes[] = {
/* clang-format off */
#define LIST(path, list) \
	{ "GET", "ws/v1/" path "/count", RIGHT_V1, sim_ps_list_count, &list }, \
	{ "GET", "ws/v1/" path, RIGHT_V1, sim_ps_list_rows, &list }
#define ONE(path, resource) { "GET", "ws/v1/" path "/*", RIGHT_V1, sim_ps_list_one, &resource }
	{ "POST", "oauth/access_token",       RIGHT_NONE,  sim_ps_token, NULL },
	{ "GET",  "ws/v1/metadata",           RIGHT_NONE,  sim_ps_metadata, NULL },
	{ "GET",  "ws/v1/time",               RIGHT_NONE,  sim_ps_time, NULL },
	{ "GET",  "ws/v1/district",           RIGHT_V1,    sim_ps_district, NULL },
	LIST("district/school",               sim_ps_district_schools),
	LIST("district/student",              sim_ps_district_students),
	LIST("school/*/term",                 sim_ps_school_terms),
	LIST("school/*/student",              sim_ps_school_students),
	LIST("school/*/staff",                sim_ps_school_staff),
	LIST("school/*/course",               sim_ps_school_courses),
	LIST("school/*/section",              sim_ps_school_sections),
	LIST("section/*/section_enrollment",  sim_ps_section_enrollments),
	ONE("school",                         sim_ps_school),
	ONE("term",                           sim_ps_term),
	ONE("student",                        sim_ps_student),
	ONE("staff",                          sim_ps_staff),
	ONE("course",                         sim_ps_course),
	ONE("section",                        sim_ps_section),
	ONE("section_enrollment",             sim_ps_section_enrollment),
	{ "GET",  "ws/v1/event_subscription", RIGHT_V1,    sim_ps_subscription_get, NULL },
	{ "PUT",  "ws/v1/event_subscription", RIGHT_V1_WRITE, sim_ps_subscription_put, NULL },
	{ "DELETE", "ws/v1/event_subscription", RIGHT_V1_WRITE, sim_ps_subscription_delete, NULL },
	{ "GET",  "ws/schema/table",          RIGHT_TOKEN, sim_ps_tables, NULL },
	{ "GET",  "ws/schema/table/*",        RIGHT_TOKEN, sim_ps_table_rows, NULL },
	{ "GET",  "ws/schema/table/*/count",  RIGHT_TOKEN, sim_ps_table_count, NULL },
	{ "GET",  "ws/schema/table/*/metadata", RIGHT_TOKEN, sim_ps_table_metadata, NULL },
	{ "GET",  "ws/schema/table/*/*",      RIGHT_TOKEN, sim_ps_table_one, NULL },
	{ "GET",  "ws/schema/query/api",      RIGHT_TOKEN, sim_ps_queries, NULL },
	{ "POST", "ws/schema/query/*",        RIGHT_TOKEN, sim_ps_query_rows, NULL },
	{ "POST", "ws/schema/query/*/count",  RIGHT_TOKEN, sim_ps_query_count, NULL },
	{ "GET",  "ws/dataversion/*/*",       RIGHT_TOKEN, sim_ps_dataversion, NULL },
#undef LIST
#undef ONE
	/* clang-format on */
};

/* Compares segment by segment; those that met a `*` become the captures. */
static bool route_fits(sim_ps_call *c, const char *pattern, const char *path)
{
	size_t captured = 0;

	for (;;) {
		size_t want = strcspn(pattern, "/"), have = strcspn(path, "/");

		if (want == 1 && *pattern == '*' && have && captured < SIM_PS_CAPTURES_MAX) {
			c->captures[captured] = sr_arena_strndup(&c->arena, path, have);
			if (!c->captures[captured++])
				return false;
		} else if (want != have || strncmp(pattern, path, want) != 0) {
			return false;
		}
		if (!pattern[want] || !path[have])
			return pattern[want] == path[have];
		pattern += want + 1;
		path += have + 1;
	}
}

/* The path without scheme, host, query and slashes at its ends, as received otherwise. */
static const char *request_path(sim_ps_call *c, const char **query)
{
	const char *p = strstr(c->request->url, "://");
	size_t len;

	p = p ? p + 3 + strcspn(p + 3, "/?") : c->request->url;
	len = strcspn(p, "?");
	*query = p[len] ? p + len + 1 : "";
	for (; len && *p == '/'; len--)
		p++;
	while (len && p[len - 1] == '/')
		len--;
	return sr_arena_strndup(&c->arena, p, len);
}

/* The first of the two 401s of contracts/powerschool.md section 2: a fresh token cures it. */
static void refuse_token(sim_ps_call *c)
{
	c->reply->status = 401;
	if (c->ps->quirks.token_error_body)
		sim_ps_answer(c, 401, json_pack("{s:s}", "error", "invalid_token"));
	sim_reply_header(c->reply, "WWW-Authenticate",
		c->ps->quirks.bare_challenge
			? "Bearer error=\"invalid_token\""
			: "Bearer error=\"invalid_token\",realm=\"PowerSchool\",error_description=\"The access token "
			  "is unknown or has expired\"");
}

/* The second: a person has to raise the plugin's level. Servers before 25.2 know no levels. */
static bool has_level(sim_ps_call *c, right needed)
{
	const char *level = sim_ps_slot_setting(c, c->caller, "v1_access", "NONE");
	const char *wanted = needed == RIGHT_V1_WRITE && c->ps->quirks.writes_need_full ? "FULL" : "READ";
	const char *message = sr_arena_printf(
		&c->arena, "Plugin is missing required accessLevelV1Api %s permission", wanted);

	if (sim_ps_server_before(c, 25, 2) || !strcmp(level, "FULL") || !strcmp(level, wanted))
		return true;
	sim_ps_answer(c, 401, json_pack("{s:{s:s}}", "errorMessage", "message", message ? message : ""));
	return false;
}

static bool has_right(sim_ps_call *c, right needed)
{
	c->caller = sim_ps_token_owner(c);
	if (needed == RIGHT_NONE)
		return true;
	if (!c->caller) {
		refuse_token(c);
		return false;
	}
	return needed == RIGHT_TOKEN || has_level(c, needed);
}

/* v1 speaks XML unless JSON is asked for; tables and PowerQueries JSON unless XML is. */
static bool wants_xml(const sim_ps_call *c, bool v1)
{
	const char *accept = sim_ps_header(c, "Accept");

	if (accept && strstr(accept, "json"))
		return false;
	if (v1 ? !c->ps->quirks.json_without_accept : c->ps->quirks.schema_xml)
		return true;
	return accept && (strstr(accept, "/xml") != NULL) && !strstr(accept, "html");
}

static void route(sim_ps_call *c, const char *path)
{
	const struct route *mixed_up = NULL;

	c->v1 = sr_starts(path, "ws/v1/");
	c->xml = sr_starts(path, "ws/") && wants_xml(c, c->v1);
	for (size_t i = 0; i < SR_COUNT_OF(routes); i++) {
		if (!route_fits(c, routes[i].path, path))
			continue;
		if (!strcmp(routes[i].method, c->request->method)) {
			c->what = routes[i].what;
			if (has_right(c, routes[i].right))
				routes[i].handle(c);
			return;
		}
		mixed_up = &routes[i];
	}
	if (mixed_up)
		sim_ps_refuse(c, 404, "Resource not found for this method. Did you mean to use another one?");
	else if (!sr_starts(path, "ws/") || has_right(c, RIGHT_TOKEN))
		sim_ps_refuse(c, 404, "The requested resource does not exist");
}

void sim_ps_handle(sim_ps *ps, const sr_request *request, sim_reply *reply)
{
	sim_ps_call c = { .ps = ps, .request = request, .reply = reply };
	const char *query = "", *path = request_path(&c, &query);

	sim_reply_reset(reply);
	if (!path)
		sim_ps_internal(&c);
	else if (sim_ps_params_add(&c, query, strcspn(query, "#")))
		sim_ps_refuse(&c, 400, "The query string could not be read");
	else
		route(&c, path);
	if (reply->body.failed)
		sim_ps_internal(&c);
	sr_arena_done(&c.arena);
}
