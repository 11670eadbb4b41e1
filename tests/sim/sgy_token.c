/* Three-legged OAuth: a request token, the page on which a user lets the application in, and an
 * access token that stands for him. Answers are form-encoded. Nobody logs in here: the page says yes
 * at once, for the key's owner, or for the user named by `uid`. */
#include <string.h>
#include <strings.h>

#include "sgy_int.h"

#define REQUEST_TOKEN_LIFE_S 3600
#define DAY_S 86400

static int64_t now_s(sgy_call *call)
{
	return sr_clock_wall_ms(&call->sgy->world->clock) / 1000;
}

/* Repeatable from the world's seed: a sandbox's secrets guard nothing. */
static const char *make_text(sgy_call *call)
{
	uint64_t x = call->sgy->world->seed ^
		     (uint64_t)sgy_int(call->sgy, 0, "SELECT n FROM sgy_counter WHERE name = 'tokens'", "") << 32;

	sgy_count(call, "tokens", 1);
	for (int i = 0; i < 3; i++) {
		x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
		x = (x ^ x >> 27) * 0x94D049BB133111EBu + 0x9E3779B97F4A7C15u;
	}
	return sgy_printf(call, "%016llx%016llx", (unsigned long long)x, (unsigned long long)(x * 0xD6E8FEB86659FD93u));
}

static void reply_token(sgy_call *call, const char *kind, int64_t uid, int64_t life_s)
{
	static const char sql[] = "INSERT INTO sgy_token (token, secret, consumer_key, kind, uid, expires_s)"
				  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
	const char *token = make_text(call), *secret = make_text(call);

	sgy_run(call->sgy, sql, "ssssii", token, secret, call->consumer_key, kind, uid, now_s(call) + life_s);
	sgy_reply_body(call, 200, "application/x-www-form-urlencoded",
		sgy_printf(call, "oauth_token=%s&oauth_token_secret=%s&xoauth_token_ttl=%lld", token, secret,
			(long long)life_s));
}

void sgy_request_token(sgy_call *call)
{
	if (call->token)
		sgy_reply_text(call, 401, "Can't verify request, a request token is asked for without a token");
	else
		reply_token(call, "request", 0, REQUEST_TOKEN_LIFE_S);
}

void sgy_access_token(sgy_call *call)
{
	if (!call->token || !call->token_uid) {
		sgy_reply_text(call, 401, "Can't exchange request token, it has not been authorized");
		return;
	}
	sgy_run(call->sgy, "DELETE FROM sgy_token WHERE token = ?1", "s", call->token);
	reply_token(call, "access", call->token_uid, (int64_t)call->sgy->options.token_days * DAY_S);
}

bool sgy_is_authorize(const sgy_call *call)
{
	return call->segment_count == 2 && !strcasecmp(call->segments[0], "oauth") &&
	       !strcasecmp(call->segments[1], "authorize") && !strcmp(call->request->method, "GET");
}

/* Back to the application, which gave the address itself; it must not end the header line. */
static void send_back(sgy_call *call, const char *callback, const char *token)
{
	if (callback[strcspn(callback, "\r\n")]) {
		sgy_reply_text(call, 400, "Bad oauth_callback.");
		return;
	}
	sgy_reply_empty(call, 302);
	sim_reply_header(call->reply, "Location",
		sgy_printf(call, "%s%coauth_token=%s", callback, strchr(callback, '?') ? '&' : '?', token));
}

void sgy_authorize(sgy_call *call)
{
	static const char owner_sql[] = "SELECT k.uid FROM sgy_token t JOIN sgy_key k USING (consumer_key)"
					" WHERE t.token = ?1 AND t.kind = 'request' AND t.expires_s > ?2";
	static const char grant_sql[] = "UPDATE sgy_token SET uid = ?2 WHERE token = ?1";
	const char *token = sgy_param_text(call, "oauth_token"), *callback = sgy_param_text(call, "oauth_callback");
	int64_t owner = token ? sgy_int(call->sgy, 0, owner_sql, "si", token, now_s(call)) : 0;
	int64_t uid = sgy_param_int(call, "uid", owner);

	if (!owner || !sgy_int(call->sgy, 0, "SELECT 1 FROM sgy_user WHERE id = ?1 AND active = 1", "i", uid)) {
		sgy_reply_text(call, 404, "No such request token or user.");
		return;
	}
	sgy_run(call->sgy, grant_sql, "si", token, uid);
	if (callback && *callback)
		send_back(call, callback, token);
	else
		sgy_reply_body(call, 200, "text/html; charset=UTF-8",
			"<!DOCTYPE html><html><body>The application may now act for you.</body></html>");
}
