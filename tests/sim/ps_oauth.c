/* OAuth 2 as PowerSchool does it: one opaque token per plugin, the same at every request until it
 * expires or is revoked. It lives in sim_ps_state, so a restart of the sandbox keeps it. */
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "ps_call.h"

static int64_t stored_number(sim_ps_call *c, const sim_ps_slot *slot, const char *key)
{
	int64_t n = 0;

	sr_parse_i64(sim_ps_slot_setting(c, slot, key, "0"), &n);
	return n;
}

/* The token in force, or NULL. */
static const char *current_token(sim_ps_call *c, const sim_ps_slot *slot, int64_t *left_ms)
{
	const char *token = sim_ps_slot_setting(c, slot, "token", NULL);

	*left_ms = stored_number(c, slot, "token_expires_ms") - sr_clock_wall_ms(&c->ps->world->clock);
	return token && *left_ms > 0 ? token : NULL;
}

static bool is_shut_out(sim_ps_call *c, const sim_ps_slot *slot)
{
	return c->ps->quirks.disabled_token_refused && !sim_ps_slot_runs(c, slot);
}

sim_ps_slot *sim_ps_token_owner(sim_ps_call *c)
{
	const char *given = sim_ps_header(c, "Authorization");
	int64_t left_ms;

	if (!given || strncasecmp(given, "Bearer ", 7) != 0)
		return NULL;
	for (sim_ps_slot *slot = &c->ps->main; slot; slot = slot->next) {
		const char *token = current_token(c, slot, &left_ms);

		if (token && !strcmp(given + 7, token))
			return is_shut_out(c, slot) ? NULL : slot;
	}
	return NULL;
}

/* splitmix64: enough chance for a sandbox, and the same world deals the same tokens. */
static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

void sim_ps_uuid(uint64_t seed, const char *name, int64_t serial, char out[37])
{
	uint64_t a = seed ^ mix((uint64_t)serial), b;

	for (; *name; name++)
		a = mix(a ^ (unsigned char)*name);
	a = mix(a);
	b = mix(a);
	snprintf(out, 37, "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-8%03" PRIx64 "-%012" PRIx64, a >> 32,
		(a >> 16) & 0xffff, a & 0xfff, b >> 52, b & UINT64_C(0xffffffffffff));
}

static int store(sim_ps_call *c, const sim_ps_slot *slot, const char *key, const char *value)
{
	SR_AUTO_FREE char *full = sim_ps_slot_key(slot, key);

	return full ? sim_ps_state_set(c->ps->world, full, value, NULL) : -1;
}

static int store_number(sim_ps_call *c, const sim_ps_slot *slot, const char *key, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	return store(c, slot, key, text);
}

static const char *new_token(sim_ps_call *c, const sim_ps_slot *slot, int64_t *left_ms)
{
	int64_t serial = stored_number(c, slot, "token_serial") + 1;
	char token[37];

	sim_ps_uuid(c->ps->world->seed, slot->name ? slot->name : "", serial, token);
	*left_ms = (int64_t)c->ps->token_life_s * 1000;
	if (store_number(c, slot, "token_serial", serial) ||
		store_number(c, slot, "token_expires_ms", sr_clock_wall_ms(&c->ps->world->clock) + *left_ms) ||
		store(c, slot, "token", token))
		return NULL;
	return sr_arena_strdup(&c->arena, token);
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

static bool credentials_fit(const sim_ps_call *c, const char *id, const char *secret)
{
	const char *header = sim_ps_header(c, "Authorization");
	SR_AUTO_FREE char *basic = header && id && secret ? basic_credentials(id, secret) : NULL;

	if (header)
		return basic && !strcmp(header, basic);
	return id && secret && sr_streq(sim_ps_param_get(c, "client_id"), id) &&
	       sr_streq(sim_ps_param_get(c, "client_secret"), secret);
}

/* Whose credentials these are, or NULL. */
static const sim_ps_slot *find_client(sim_ps_call *c)
{
	for (const sim_ps_slot *slot = &c->ps->main; slot; slot = slot->next) {
		SR_AUTO_FREE char *id = NULL, *secret = NULL;

		if (!sim_ps_plugin_credentials(c->ps, slot->name ? slot->name : "", &id, &secret, NULL) &&
			credentials_fit(c, id, secret))
			return is_shut_out(c, slot) ? NULL : slot;
	}
	return NULL;
}

static void refuse_client(sim_ps_call *c)
{
	if (c->ps->quirks.client_error_described)
		sim_ps_answer(c, 401,
			json_pack("{s:s, s:s}", "error", "invalid_client", "error_description",
				"Client authentication failed"));
	else
		sim_ps_answer(c, 401, json_pack("{s:s}", "error", "invalid_client"));
}

static void answer_token(sim_ps_call *c, const sim_ps_slot *client)
{
	int64_t left_ms;
	const char *token = current_token(c, client, &left_ms);
	char seconds[24];

	if (!token)
		token = new_token(c, client, &left_ms);
	if (!token) {
		sim_ps_internal(c);
		return;
	}
	snprintf(seconds, sizeof(seconds), "%" PRId64, left_ms / 1000);
	sim_ps_answer(c, 200,
		json_pack("{s:s, s:s, s:s}", "access_token", token, "token_type", "Bearer", "expires_in", seconds));
}

/* Some clients misspell Content-Type, so the body is read as a form whatever it is called. */
void sim_ps_token(sim_ps_call *c)
{
	const sim_ps_slot *client;

	if (sim_ps_params_add(c, c->request->body, c->request->body ? c->request->body_bytes : 0)) {
		sim_ps_answer(c, 400, json_pack("{s:s}", "error", "invalid_request"));
		return;
	}
	client = find_client(c);
	if (!client)
		refuse_client(c);
	else if (!sr_streq(sim_ps_param_get(c, "grant_type"), "client_credentials"))
		sim_ps_answer(c, 400, json_pack("{s:s}", "error", "unsupported_grant_type"));
	else
		answer_token(c, client);
}
