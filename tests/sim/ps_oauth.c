/* OAuth 2 as PowerSchool does it: one opaque token per plugin, the same at every request until it
 * expires or is revoked. It lives in sim_ps_state, so a restart of the sandbox keeps it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ps_call.h"

static int64_t stored_number(sim_ps_call *c, const char *key)
{
	int64_t n = 0;

	sr_parse_i64(sim_ps_setting(c, key, "0"), &n);
	return n;
}

/* The token in force, or NULL. */
static const char *current_token(sim_ps_call *c, int64_t *left_ms)
{
	const char *token = sim_ps_setting(c, "token", NULL);

	*left_ms = stored_number(c, "token_expires_ms") - sr_clock_wall_ms(&c->ps->world->clock);
	return token && *left_ms > 0 ? token : NULL;
}

bool sim_ps_token_valid(sim_ps_call *c)
{
	const char *given = sim_ps_header(c, "Authorization"), *token;
	int64_t left_ms;

	if (!given || strncasecmp(given, "Bearer ", 7) != 0)
		return false;
	token = current_token(c, &left_ms);
	return token && !strcmp(given + 7, token);
}

/* splitmix64: enough chance for a sandbox, and the same world deals the same tokens. */
static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static int store_number(sim_world *w, const char *key, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	return sim_ps_state_set(w, key, text, NULL);
}

static const char *new_token(sim_ps_call *c, int64_t *left_ms)
{
	sim_world *w = c->ps->world;
	int64_t serial = stored_number(c, "token_serial") + 1;
	uint64_t a = mix(w->seed ^ mix((uint64_t)serial)), b = mix(a);
	char token[37];

	snprintf(token, sizeof(token), "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-8%03" PRIx64 "-%012" PRIx64, a >> 32,
		(a >> 16) & 0xffff, a & 0xfff, b >> 52, b & UINT64_C(0xffffffffffff));
	*left_ms = (int64_t)c->ps->token_life_s * 1000;
	if (store_number(w, "token_serial", serial) ||
		store_number(w, "token_expires_ms", sr_clock_wall_ms(&w->clock) + *left_ms) ||
		sim_ps_state_set(w, "token", token, NULL))
		return NULL;
	return sr_arena_strdup(&c->arena, token);
}

static bool credentials_fit(const sim_ps_call *c)
{
	const char *header = sim_ps_header(c, "Authorization");

	if (header)
		return !strcmp(header, c->ps->basic);
	return sr_streq(sim_ps_param_get(c, "client_id"), c->ps->client_id) &&
	       sr_streq(sim_ps_param_get(c, "client_secret"), c->ps->client_secret);
}

/* Some clients misspell Content-Type, so the body is read as a form whatever it is called. */
void sim_ps_token(sim_ps_call *c)
{
	const char *token;
	char seconds[24];
	int64_t left_ms;

	if (sim_ps_params_add(c, c->request->body, c->request->body ? c->request->body_bytes : 0)) {
		sim_ps_answer(c, 400, json_pack("{s:s}", "error", "invalid_request"));
		return;
	}
	if (!credentials_fit(c)) {
		sim_ps_answer(c, 401, json_pack("{s:s}", "error", "invalid_client"));
		return;
	}
	if (!sr_streq(sim_ps_param_get(c, "grant_type"), "client_credentials")) {
		sim_ps_answer(c, 400, json_pack("{s:s}", "error", "unsupported_grant_type"));
		return;
	}
	token = current_token(c, &left_ms);
	if (!token)
		token = new_token(c, &left_ms);
	if (!token) {
		sim_ps_internal(c);
		return;
	}
	snprintf(seconds, sizeof(seconds), "%" PRId64, left_ms / 1000);
	sim_ps_answer(c, 200,
		json_pack("{s:s, s:s, s:s}", "access_token", token, "token_type", "Bearer", "expires_in", seconds));
}
