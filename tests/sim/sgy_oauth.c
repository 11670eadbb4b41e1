/* OAuth 1.0a as the live service seems to check it (contracts/schoology.md section 2): key, then
 * timestamp and nonce, then signature, so that a bad signature burns its nonce; the refusals are
 * the texts of oauth-php, plain, under 401. Two-legged the token is empty; three-legged it has a
 * secret of its own and stands for the user who let the application in. */
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sgy_int.h"

#define NEWEST_TIMESTAMP 99999999999 /* seconds; what lies behind is nonsense, and must not overflow */

typedef struct oauth {
	sgy_param params[SGY_PARAMS_MAX]; /* of the header, without realm; then of query and form */
	size_t count;
	const char *key, *token, *nonce, *timestamp, *method, *signature, *secret, *token_secret;
} oauth;

static const char *skip_separators(const char *p)
{
	return p + strspn(p, " \t\r\n,");
}

/* One name="value" of the header; values may lack their quotes. Returns the rest, NULL at a mess. */
static const char *header_param(sgy_call *call, const char *p, sgy_param *out)
{
	size_t name_len = strcspn(p, "=, \t"), value_len;
	const char *name = p;

	p += name_len;
	p += strspn(p, " \t");
	if (name_len == 0 || *p != '=')
		return NULL;
	p++;
	p += strspn(p, " \t");
	bool quoted = *p == '"';
	p += quoted;
	value_len = strcspn(p, quoted ? "\"" : ", \t");
	if (quoted && p[value_len] != '"')
		return NULL;
	out->name = sgy_decode(&call->mem, name, name_len, false);
	out->value = sgy_decode(&call->mem, p, value_len, false);
	return out->name && out->value ? p + value_len + quoted : NULL;
}

static int parse_header(sgy_call *call, oauth *o)
{
	const char *p = sgy_request_header(call->request, "Authorization");

	if (!p || strncasecmp(p, "OAuth", 5) || (p[5] && !strchr(" \t\r\n", p[5])))
		return 0;
	for (p = skip_separators(p + 5); *p; p = skip_separators(p)) {
		sgy_param param;
		p = header_param(call, p, &param);
		if (!p)
			return -1;
		if (!strcasecmp(param.name, "realm"))
			continue;
		if (o->count == SGY_PARAMS_MAX)
			return -1;
		o->params[o->count++] = param;
	}
	return 0;
}

/* RFC 5849 3.4.1.3.1: header, query, and a form body; JSON is not signed. */
static int collect(sgy_call *call, oauth *o)
{
	const sr_request *r = call->request;
	const char *type = sgy_request_header(r, "Content-Type");

	if (parse_header(call, o) < 0 || o->count + call->query_count > SGY_PARAMS_MAX)
		return -1;
	for (size_t i = 0; i < call->query_count; i++)
		o->params[o->count++] = call->query[i];
	if (!type || strncasecmp(type, "application/x-www-form-urlencoded", 33) || !r->body)
		return 0;
	const char *form = sr_arena_strndup(&call->mem, r->body, r->body_bytes);
	return form ? sgy_parse_query(call, form, o->params, SGY_PARAMS_MAX, &o->count) : -1;
}

/* Protocol parameters must not repeat (RFC 5849 3.1). */
static int pick(oauth *o)
{
	const struct {
		const char *name;
		const char **into;
	} wanted[] = {
		{ "oauth_consumer_key", &o->key },
		{ "oauth_token", &o->token },
		{ "oauth_nonce", &o->nonce },
		{ "oauth_timestamp", &o->timestamp },
		{ "oauth_signature_method", &o->method },
		{ "oauth_signature", &o->signature },
	};

	for (size_t i = 0; i < o->count; i++)
		for (size_t w = 0; w < SR_COUNT_OF(wanted); w++) {
			if (strcmp(o->params[i].name, wanted[w].name))
				continue;
			if (*wanted[w].into)
				return -1;
			*wanted[w].into = o->params[i].value;
		}
	return 0;
}

const char *sgy_presented_key(sgy_call *call)
{
	oauth o = { 0 };

	return collect(call, &o) == 0 && pick(&o) == 0 && o.key ? o.key : "";
}

static int compare_pairs(const void *a, const void *b)
{
	const sgy_param *x = a, *y = b;
	int d = strcmp(x->name, y->name);

	return d ? d : strcmp(x->value, y->value);
}

/* The parameters encoded, sorted as bytes, joined: RFC 5849 3.4.1.3.2. */
static void normalised(sgy_call *call, const oauth *o, sr_buf *out)
{
	sgy_param pairs[SGY_PARAMS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < o->count; i++) {
		SR_AUTO(sr_buf) name = { 0 }, value = { 0 };
		if (!strcmp(o->params[i].name, "oauth_signature"))
			continue;
		sgy_encode(&name, o->params[i].name);
		sgy_encode(&value, o->params[i].value);
		pairs[n++] = (sgy_param){ sgy_printf(call, "%s", sr_buf_text(&name)),
			sgy_printf(call, "%s", sr_buf_text(&value)) };
	}
	qsort(pairs, n, sizeof(pairs[0]), compare_pairs);
	for (size_t i = 0; i < n; i++)
		sr_buf_printf(out, "%s%s=%s", i ? "&" : "", pairs[i].name, pairs[i].value);
}

/* Scheme and host in lower case, default ports left out. */
static const char *origin(sgy_call *call, const char *scheme, const char *authority, size_t len)
{
	char *host = sr_fold((char *)(uintptr_t)sgy_printf(call, "%.*s", (int)len, authority));
	const char *port = !strcasecmp(scheme, "https") ? ":443" : ":80";

	if (sr_ends(host, port))
		host[strlen(host) - strlen(port)] = '\0';
	return sgy_printf(call, "%s://%s", scheme, host);
}

static const char *base_string(sgy_call *call, const oauth *o, const char *from)
{
	SR_AUTO(sr_buf) base = { 0 }, params = { 0 };

	normalised(call, o, &params);
	sr_buf_printf(&base, "%s&", call->request->method);
	sgy_encode(&base, sgy_printf(call, "%s%s", from, call->path));
	sr_buf_putc(&base, '&');
	sgy_encode(&base, sr_buf_text(&params));
	return sgy_printf(call, "%s", sr_buf_text(&base));
}

static bool same(const char *a, const char *b)
{
	size_t len = strlen(a);

	return len == strlen(b) && CRYPTO_memcmp(a, b, len) == 0;
}

/* *shown: the base string to quote in a refusal: the first that was tried. */
static bool hmac_matches(sgy_call *call, const oauth *o, const char *from, const char **shown)
{
	SR_AUTO(sr_buf) key = { 0 };
	unsigned char mac[EVP_MAX_MD_SIZE], text[4 * ((EVP_MAX_MD_SIZE + 2) / 3) + 1];
	unsigned mac_len = 0;

	const char *base = base_string(call, o, from);
	*shown = *shown ? *shown : base;
	sgy_encode(&key, o->secret);
	sr_buf_putc(&key, '&');
	sgy_encode(&key, o->token_secret);
	if (!HMAC(EVP_sha1(), sr_buf_text(&key), (int)key.len, (const unsigned char *)base, strlen(base), mac,
		    &mac_len))
		return false;
	EVP_EncodeBlock(text, mac, (int)mac_len);
	return same((const char *)text, o->signature);
}

/* The signed URL is the public base's where one is configured, else (and as a fallback, for
 * clients that talk to the sandbox directly) the host as received, under either scheme. */
static bool check_hmac(sgy_call *call, const oauth *o, const char **shown)
{
	const char *authority = call->authority, *public = call->sgy->public_base;
	const char *sep = public ? strstr(public, "://") : NULL;

	if (sep) {
		const char *scheme = sgy_printf(call, "%.*s", (int)(sep - public), public);
		if (hmac_matches(call, o, origin(call, scheme, sep + 3, strcspn(sep + 3, "/")), shown))
			return true;
	}
	return hmac_matches(call, o, origin(call, "http", authority, strlen(authority)), shown) ||
	       hmac_matches(call, o, origin(call, "https", authority, strlen(authority)), shown);
}

/* The header carries "secret%26" or "secret&"; both are "secret&" by now, and the token's secret behind.
 * A refusal quotes a base string here too, although none is signed: the library makes one for every request. */
static bool check_plaintext(sgy_call *call, const oauth *o, const char **shown)
{
	SR_AUTO(sr_buf) encoded = { 0 };

	*shown = base_string(call, o, origin(call, "http", call->authority, strlen(call->authority)));
	sgy_encode(&encoded, o->secret);
	sr_buf_putc(&encoded, '&');
	sgy_encode(&encoded, o->token_secret);
	return same(sr_buf_text(&encoded), o->signature) ||
	       same(sgy_printf(call, "%s&%s", o->secret, o->token_secret), o->signature);
}

static bool refuse(sgy_call *call, const char *text)
{
	sgy_reply_text(call, 401, text);
	return false;
}

/* An access token opens everything, a request token only the way to one. */
static void find_token(sgy_call *call, oauth *o)
{
	static const char sql[] = "SELECT secret, uid FROM sgy_token WHERE token = ?1 AND consumer_key = ?2"
				  " AND kind = ?3 AND expires_s > ?4";
	bool exchange = call->segment_count == 2 && !strcasecmp(call->segments[0], "oauth") &&
			!strcasecmp(call->segments[1], "access_token");
	int64_t now = sr_clock_wall_ms(&call->sgy->world->clock) / 1000;
	sqlite3_stmt *stmt = sgy_query(call->sgy, sql, "sssi", o->token, o->key, exchange ? "request" : "access", now);

	o->token_secret = NULL;
	if (!sgy_step(call->sgy, stmt))
		return;
	o->token_secret = sgy_printf(call, "%s", (const char *)sqlite3_column_text(stmt, 0));
	call->token_uid = sqlite3_column_int64(stmt, 1);
	call->token = o->token;
	sqlite3_reset(stmt);
}

static bool find_key(sgy_call *call, oauth *o)
{
	static const char sql[] = "SELECT secret FROM sgy_key WHERE consumer_key = ?1 AND enabled <> 0";

	if (!o->key)
		return refuse(call, "Can't verify request, missing oauth_consumer_key or oauth_token");
	o->secret = sgy_text(call, sql, "s", o->key);
	o->token_secret = "";
	if (o->token && *o->token)
		find_token(call, o);
	if (!o->secret || !o->token_secret)
		return refuse(call,
			sgy_printf(call,
				"The consumer_key \"%s\" token \"%s\" combination does not exist or is not enabled.",
				o->key, o->token ? o->token : ""));
	return true;
}

static bool check_nonce(sgy_call *call, const oauth *o)
{
	static const char newest_sql[] = "SELECT max(timestamp) FROM sgy_nonce WHERE consumer_key = ?1";
	static const char insert_sql[] =
		"INSERT OR IGNORE INTO sgy_nonce (consumer_key, timestamp, nonce) VALUES (?1, ?2, ?3)";
	static const char expire_sql[] = "DELETE FROM sgy_nonce WHERE consumer_key = ?1 AND timestamp < ?2";
	sim_sgy *sgy = call->sgy;
	int64_t skew = sgy->options.skew_s, timestamp;

	if (!o->nonce || !*o->nonce || !o->timestamp || !sr_parse_i64(o->timestamp, &timestamp) || timestamp < 0 ||
		timestamp > NEWEST_TIMESTAMP)
		return refuse(call, "Can't verify request, missing or bad oauth_nonce or oauth_timestamp");
	int64_t newest = sgy_int(sgy, timestamp, newest_sql, "s", o->key);
	if (timestamp + skew < newest)
		return refuse(call, sgy_printf(call,
					    "Timestamp is out of sequence. Request rejected. Got %lld last max is %lld "
					    "allowed skew is %lld",
					    (long long)timestamp, (long long)newest, (long long)skew));
	sgy_run(sgy, insert_sql, "sis", o->key, timestamp, o->nonce);
	if (!sgy->failed && sqlite3_changes(sgy->world->db) == 0)
		return refuse(call,
			sgy->options.nonce_text
				? "Duplicate timestamp/nonce combination, possible replay attack. Request rejected."
				: "Duplicate timestamp/nonce combination, possible replay attack.  Request rejected.");
	if (sgy->options.nonce_expiry)
		sgy_run(sgy, expire_sql, "si", o->key, (timestamp > newest ? timestamp : newest) - skew);
	return true;
}

static bool check_signature(sgy_call *call, const oauth *o)
{
	const char *shown = NULL;
	bool good;

	if (!o->signature)
		return refuse(call, "Verification of signature failed (no oauth_signature in request).");
	if (sr_strcaseeq(o->method, "PLAINTEXT"))
		good = check_plaintext(call, o, &shown);
	else if (sr_strcaseeq(o->method, "HMAC-SHA1"))
		good = check_hmac(call, o, &shown);
	else
		return refuse(
			call, sgy_printf(call, "Unsupported signature method \"%s\".", o->method ? o->method : ""));
	if (good)
		return true;
	return refuse(call, sgy_printf(call, "Verification of signature failed (signature base string was \"%s\").",
				    shown ? shown : ""));
}

/* Whose key it is and what he may see: asked again for every request, so a demotion counts at once. */
static bool identify(sgy_call *call, const oauth *o)
{
	static const char sql[] =
		"SELECT u.id, k.sees_all, u.active, coalesce(r.title = ?2, 0),"
		" CASE WHEN r.title = ?2 THEN coalesce(u.scope_building_id, 0) ELSE u.building_id END, k.uid"
		" FROM sgy_key k LEFT JOIN sgy_user u ON u.id = coalesce(nullif(?3, 0), k.uid)"
		" LEFT JOIN sgy_role r ON r.id = u.role_id WHERE k.consumer_key = ?1";
	sim_sgy *sgy = call->sgy;
	sqlite3_stmt *stmt = sgy_query(
		sgy, sql, "ssi", o->key, sgy->admin_role ? sgy->admin_role : "System Admin", call->token_uid);

	if (!sgy_step(sgy, stmt))
		return false;
	call->uid = sqlite3_column_int64(stmt, sqlite3_column_type(stmt, 0) == SQLITE_NULL ? 5 : 0);
	call->sees_all = sqlite3_column_int(stmt, 1) != 0;
	call->active = sqlite3_column_int(stmt, 2) != 0;
	call->admin = call->active && sqlite3_column_int(stmt, 3) != 0;
	call->scope = sqlite3_column_int64(stmt, 4);
	sqlite3_reset(stmt);
	if (call->active || !sgy->options.inactive_key_401)
		return true;
	return refuse(call,
		sgy_printf(call, "The consumer_key \"%s\" token \"\" combination does not exist or is not enabled.",
			o->key));
}

bool sgy_authenticate(sgy_call *call)
{
	oauth o = { 0 };

	if (collect(call, &o) < 0 || pick(&o) < 0)
		return refuse(call, "Can't verify request, malformed OAuth parameters");
	call->consumer_key = o.key;
	if (!find_key(call, &o))
		return false;
	bool good = call->sgy->options.burn_nonce ? check_nonce(call, &o) && check_signature(call, &o)
						  : check_signature(call, &o) && check_nonce(call, &o);
	return good && identify(call, &o);
}
