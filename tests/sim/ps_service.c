/* The stand-in's front: takes a request apart, finds its route, asks for the right it needs. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "ps_call.h"

/* ---- life ---- */

static const struct {
	const char *name;
	size_t offset;
} quirk_rows[] = {
/* clang-format off */
#define QUIRK(member) { #member, offsetof(sim_ps_quirks, member) }
	QUIRK(single_row_array),
	QUIRK(bare_numbers),
	QUIRK(null_members),
	QUIRK(timestamp_dates),
	QUIRK(us_dates),
	QUIRK(fraction_numbers),
	QUIRK(over_maximum_refused),
	QUIRK(joins_need_no_grant),
#undef QUIRK
	/* clang-format on */
};

bool sim_ps_quirk_set(sim_ps_quirks *quirks, const char *name, bool on)
{
	for (size_t i = 0; i < SR_COUNT_OF(quirk_rows); i++) {
		if (!strcmp(quirk_rows[i].name, name)) {
			*(bool *)((char *)quirks + quirk_rows[i].offset) = on;
			return true;
		}
	}
	return false;
}

/* Two arguments, as Oracle has them; dates are ISO text here, so the format changes nothing. */
static void same_text(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	(void)argc;
	sqlite3_result_value(context, argv[0]);
}

static char *basic_credentials(const char *id, const char *secret)
{
	SR_AUTO_FREE char *pair = sr_asprintf("%s:%s", id, secret);
	size_t len = pair ? strlen(pair) : 0;
	SR_AUTO_FREE char *encoded = malloc(4 * (len / 3 + 1) + 1);

	if (!pair || !encoded)
		return NULL;
	EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)pair, (int)len);
	return sr_asprintf("Basic %s", encoded);
}

sim_ps *sim_ps_new(sim_world *w, const sim_ps_options *options, sr_err *err)
{
	static const sim_ps_options none;
	const sim_ps_options *o = options ? options : &none;
	static const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
	sim_ps *ps = calloc(1, sizeof(*ps));

	if (!ps)
		goto nomem;
	*ps = (sim_ps){ .world = w,
		.quirks = o->quirks,
		.page_max = o->page_max ? o->page_max : 100,
		.token_life_s = o->token_life_s ? o->token_life_s : 30 * 86400 };
	ps->client_id = sr_strdup(o->client_id ? o->client_id : "sandbox-id");
	ps->client_secret = sr_strdup(o->client_secret ? o->client_secret : "sandbox-secret");
	if (!ps->client_id || !ps->client_secret)
		goto nomem;
	ps->basic = basic_credentials(ps->client_id, ps->client_secret);
	if (!ps->basic)
		goto nomem;
	if (sqlite3_create_function(w->db, "to_char", 2, flags, NULL, same_text, NULL, NULL) != SQLITE_OK ||
		sqlite3_create_function(w->db, "to_date", 2, flags, NULL, same_text, NULL, NULL) != SQLITE_OK) {
		sr_fail(err, SR_E_DB, "%s", sqlite3_errmsg(w->db));
		goto out;
	}
	return ps;
nomem:
	sr_fail_nomem(err);
out:
	sim_ps_free(ps);
	return NULL;
}

void sim_ps_free(sim_ps *ps)
{
	if (!ps)
		return;
	sim_ps_plugin_free(ps->plugin);
	free(ps->client_id);
	free(ps->client_secret);
	free(ps->basic);
	free(ps);
}

int sim_ps_install(sim_ps *ps, const char *folder, sr_err *err)
{
	sim_ps_plugin *plugin = sim_ps_plugin_load(ps->world->db, folder, err);
	SR_AUTO_FREE char *identity = NULL, *before = NULL;

	if (!plugin)
		return -1;
	identity = sr_asprintf("%s %s", plugin->name, plugin->version);
	before = sim_ps_state_get(ps->world, "plugin_installed", err);
	if (!before)
		goto out;
	if (!identity) {
		sr_fail_nomem(err);
		goto out;
	}
	if (!sr_streq(identity, before) && (sim_ps_state_set(ps->world, "v1_access", plugin->v1_access, err) ||
						   sim_ps_state_set(ps->world, "plugin_enabled", "1", err) ||
						   sim_ps_state_set(ps->world, "plugin_installed", identity, err)))
		goto out;
	sim_ps_plugin_free(ps->plugin);
	ps->plugin = plugin;
	return 0;
out:
	sim_ps_plugin_free(plugin);
	return -1;
}

/* ---- routes ---- */

typedef enum right { RIGHT_NONE, RIGHT_TOKEN, RIGHT_V1 } right;

static const struct route {
	const char *method, *path; /* `*`: any one segment */
	right right;
	void (*handle)(sim_ps_call *c);
} routes[] = {
	/* clang-format off */
	{ "POST", "oauth/access_token",       RIGHT_NONE,  sim_ps_token },
	{ "GET",  "ws/v1/metadata",           RIGHT_NONE,  sim_ps_metadata },
	{ "GET",  "ws/v1/time",               RIGHT_NONE,  sim_ps_time },
	{ "GET",  "ws/v1/district",           RIGHT_V1,    sim_ps_district },
	{ "GET",  "ws/v1/district/school",    RIGHT_V1,    sim_ps_schools },
	{ "GET",  "ws/v1/district/school/count", RIGHT_V1, sim_ps_schools_count },
	{ "GET",  "ws/v1/school/*",           RIGHT_V1,    sim_ps_school },
	{ "GET",  "ws/v1/school/*/term",      RIGHT_V1,    sim_ps_terms },
	{ "GET",  "ws/v1/school/*/term/count", RIGHT_V1,   sim_ps_terms_count },
	{ "POST", "ws/schema/query/*",        RIGHT_TOKEN, sim_ps_query_rows },
	{ "POST", "ws/schema/query/*/count",  RIGHT_TOKEN, sim_ps_query_count },
	/* clang-format on */
};

/* Compares segment by segment; the last one that met a `*` becomes the capture. */
static bool route_fits(sim_ps_call *c, const char *pattern, const char *path)
{
	for (;;) {
		size_t want = strcspn(pattern, "/"), have = strcspn(path, "/");

		if (want == 1 && *pattern == '*' && have) {
			c->capture = sr_arena_strndup(&c->arena, path, have);
			if (!c->capture)
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

/* The two 401s of contracts/powerschool.md section 2: a fresh token cures the first alone. */
static bool has_right(sim_ps_call *c, right needed)
{
	if (needed == RIGHT_NONE)
		return true;
	if (!sim_ps_token_valid(c)) {
		c->reply->status = 401;
		sim_reply_header(c->reply, "WWW-Authenticate",
			"Bearer error=\"invalid_token\",realm=\"PowerSchool\",error_description=\"The access token "
			"is unknown or has expired\"");
		return false;
	}
	if (needed == RIGHT_V1 && !strcmp(sim_ps_setting(c, "v1_access", "NONE"), "NONE")) {
		sim_ps_answer(c, 401,
			json_pack("{s:{s:s}}", "errorMessage", "message",
				"Plugin is missing required accessLevelV1Api READ permission"));
		return false;
	}
	return true;
}

static void route(sim_ps_call *c, const char *path)
{
	const struct route *mixed_up = NULL;

	for (size_t i = 0; i < SR_COUNT_OF(routes); i++) {
		if (!route_fits(c, routes[i].path, path))
			continue;
		if (!strcmp(routes[i].method, c->request->method)) {
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
