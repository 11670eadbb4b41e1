/* The base string is where clients and servers drift apart: parameters are decoded, encoded again in
 * the RFC's own way, and sorted in their encoded form. A comma in a list is %2C in the URL and
 * %252C in the base string (contracts/schoology.md section 2). */
#include "codec/oauth1.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PARAMS_MAX 64
#define SHA1_BYTES 20
#define BASE64_ROOM 32
#define REALM "Schoology API"

typedef struct params {
	char *pairs[PARAMS_MAX]; /* "name=value", both encoded */
	size_t count;
} params;

static const char *const method_names[SR_OAUTH1_COUNT] = {
	[SR_OAUTH1_HMAC_SHA1] = "HMAC-SHA1",
	[SR_OAUTH1_PLAINTEXT] = "PLAINTEXT",
};

static bool unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || sr_is_digit((char)c) || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

void sr_pct_encode(sr_buf *out, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (unreserved(c))
			sr_buf_putc(out, (char)c);
		else
			sr_buf_printf(out, "%%%02X", c);
	}
}

static void encode(sr_buf *out, const char *s)
{
	sr_pct_encode(out, s, strlen(s));
}

/* One side of a query's pair: decoded as a server will, then encoded again. */
static void recode(sr_buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%' && i + 2 < len && sr_hex_digit(s[i + 1]) >= 0 && sr_hex_digit(s[i + 2]) >= 0) {
			c = (char)(sr_hex_digit(s[i + 1]) * 16 + sr_hex_digit(s[i + 2]));
			i += 2;
		}
		sr_pct_encode(out, &c, 1);
	}
}

/* ---- parameters ---- */

static void params_done(params *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->pairs[i]);
}

static int params_add(params *p, sr_buf *pair, sr_err *err)
{
	char *text;

	if (p->count == PARAMS_MAX) {
		sr_buf_done(pair);
		return sr_fail(err, SR_E_LIMIT, "more than %d query parameters to sign", PARAMS_MAX);
	}
	text = sr_buf_take(pair);
	if (!text)
		return sr_fail_nomem(err);
	p->pairs[p->count++] = text;
	return 0;
}

static int params_add_query(params *p, const char *query, sr_err *err)
{
	while (query && *query) {
		size_t len = strcspn(query, "&");
		const char *eq = memchr(query, '=', len);
		size_t name = eq ? (size_t)(eq - query) : len;
		sr_buf pair = { 0 };

		recode(&pair, query, name);
		sr_buf_putc(&pair, '=');
		if (eq)
			recode(&pair, eq + 1, len - name - 1);
		if (len && params_add(p, &pair, err) < 0)
			return -1;
		sr_buf_done(&pair);
		query += len + (query[len] == '&');
	}
	return 0;
}

/* The protocol's own parameters, in the order of the header; the signature comes behind them. */
static const char *const own_names[] = { "oauth_consumer_key", "oauth_nonce", "oauth_signature_method",
	"oauth_timestamp", "oauth_token", "oauth_version" };

typedef struct own {
	char nonce[2 * SR_OAUTH1_NONCE_BYTES + 1], timestamp[24];
	const char *values[SR_COUNT_OF(own_names)];
} own;

static void own_fill(own *w, const sr_oauth1 *o)
{
	sr_hex(w->nonce, o->nonce, sizeof(o->nonce));
	snprintf(w->timestamp, sizeof(w->timestamp), "%lld", (long long)o->timestamp_s);
	w->values[0] = o->key;
	w->values[1] = w->nonce;
	w->values[2] = method_names[o->method];
	w->values[3] = w->timestamp;
	w->values[4] = "";
	w->values[5] = "1.0";
}

static int params_add_own(params *p, const sr_oauth1 *o, sr_err *err)
{
	own w;

	own_fill(&w, o);
	for (size_t i = 0; i < SR_COUNT_OF(own_names); i++) {
		sr_buf pair = { 0 };

		sr_buf_printf(&pair, "%s=", own_names[i]);
		encode(&pair, w.values[i]);
		if (params_add(p, &pair, err) < 0)
			return -1;
	}
	return 0;
}

/* Names come before values: in "a=..." against "a-b=..." the sign `=` must count as the end. */
static int by_name_and_value(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	size_t nx = strcspn(x, "="), ny = strcspn(y, "=");
	int c = memcmp(x, y, nx < ny ? nx : ny);

	if (!c && nx != ny)
		c = nx < ny ? -1 : 1;
	return c ? c : strcmp(x + nx, y + ny);
}

/* ---- the address ---- */

/* Scheme and host in lower case, the default port left out, the query cut off (RFC 5849 3.4.1.2). */
static int base_address(const char *url, sr_buf *out, sr_err *err)
{
	bool tls = strncasecmp(url, "https://", 8) == 0;
	const char *host = url + (tls ? 8 : 7), *colon;
	const char *default_port = tls ? ":443" : ":80";
	size_t len;

	if (!tls && strncasecmp(url, "http://", 7) != 0)
		return sr_fail(err, SR_E_INVALID, "only http and https addresses can be signed");
	len = strcspn(host, "/?#");
	colon = memchr(host, ':', len);
	sr_buf_puts(out, tls ? "https://" : "http://");
	for (size_t i = 0; i < len; i++) {
		if (host + i == colon && len - i == strlen(default_port) && strncmp(colon, default_port, len - i) == 0)
			break;
		sr_buf_putc(out, host[i] >= 'A' && host[i] <= 'Z' ? (char)(host[i] | 0x20) : host[i]);
	}
	if (host[len] != '/')
		sr_buf_putc(out, '/');
	sr_buf_add(out, host + len, strcspn(host + len, "?#"));
	return 0;
}

static int base_string(
	const sr_oauth1 *o, const char *http_method, const char *url, params *p, sr_buf *out, sr_err *err)
{
	SR_AUTO(sr_buf) address = { 0 };
	const char *query = strchr(url, '?');

	if (base_address(url, &address, err) < 0 || params_add_query(p, query ? query + 1 : NULL, err) < 0 ||
		params_add_own(p, o, err) < 0)
		return -1;
	qsort(p->pairs, p->count, sizeof(p->pairs[0]), by_name_and_value);
	sr_buf_printf(out, "%s&", http_method);
	encode(out, sr_buf_text(&address));
	sr_buf_putc(out, '&');
	for (size_t i = 0; i < p->count; i++) {
		if (i)
			encode(out, "&");
		encode(out, p->pairs[i]);
	}
	return out->failed || address.failed ? sr_fail_nomem(err) : 0;
}

int sr_oauth1_base_string(const sr_oauth1 *o, const char *http_method, const char *url, sr_buf *out, sr_err *err)
{
	params p = { .count = 0 };
	int rc = base_string(o, http_method, url, &p, out, err);

	params_done(&p);
	return rc;
}

/* ---- the signature ---- */

static void wipe(sr_buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->cap);
	sr_buf_done(b);
}

static int hmac_sha1(const sr_buf *key, const sr_buf *text, char out[BASE64_ROOM], sr_err *err)
{
	unsigned char digest[SHA1_BYTES];
	unsigned int len = sizeof(digest);

	if (key->failed || text->failed)
		return sr_fail_nomem(err);
	if (!HMAC(EVP_sha1(), key->p, (int)key->len, (const unsigned char *)text->p, text->len, digest, &len))
		return sr_fail(err, SR_E_IO, "the cryptographic library refuses HMAC-SHA1");
	EVP_EncodeBlock((unsigned char *)out, digest, (int)len);
	return 0;
}

/* The key of either method: the encoded secret, and the empty token secret behind the `&`. */
static void signing_key(const sr_oauth1 *o, sr_buf *out)
{
	encode(out, o->secret);
	sr_buf_putc(out, '&');
}

static int signature(const sr_oauth1 *o, const char *http_method, const char *url, sr_buf *out, sr_err *err)
{
	SR_AUTO(sr_buf) text = { 0 };
	/* Its whole room at once: growing would leave copies of the secret behind. */
	sr_buf key = { .cap = strlen(o->secret) * 3 + 2 };
	char base64[BASE64_ROOM];
	int rc = 0;

	key.p = calloc(1, key.cap);
	if (!key.p)
		return sr_fail_nomem(err);
	signing_key(o, &key);
	if (o->method == SR_OAUTH1_PLAINTEXT) {
		sr_buf_add(out, key.p, key.len);
	} else {
		rc = sr_oauth1_base_string(o, http_method, url, &text, err);
		if (rc == 0)
			rc = hmac_sha1(&key, &text, base64, err);
		if (rc == 0)
			sr_buf_puts(out, base64);
	}
	wipe(&key);
	return rc;
}

int sr_oauth1_header(const sr_oauth1 *o, const char *http_method, const char *url, sr_buf *out, sr_err *err)
{
	SR_AUTO(sr_buf) header = { 0 };
	sr_buf sign = { 0 };
	own w;
	int rc;

	rc = signature(o, http_method, url, &sign, err);
	own_fill(&w, o);
	sr_buf_puts(&header, "OAuth realm=\"" REALM "\"");
	for (size_t i = 0; i < SR_COUNT_OF(own_names); i++) {
		sr_buf_printf(&header, ",%s=\"", own_names[i]);
		encode(&header, w.values[i]);
		sr_buf_putc(&header, '"');
	}
	sr_buf_puts(&header, ",oauth_signature=\"");
	encode(&header, sr_buf_text(&sign));
	sr_buf_putc(&header, '"');
	if (rc == 0 && (header.failed || sign.failed))
		rc = sr_fail_nomem(err);
	if (rc == 0)
		sr_buf_add(out, header.p, header.len);
	wipe(&sign);
	return rc;
}

int sr_basic_header(const char *id, const char *secret, sr_buf *out, sr_err *err)
{
	sr_buf pair = { .cap = strlen(id) + strlen(secret) + 2 }, base64 = { .cap = pair.cap / 3 * 4 + 8 };
	int rc = -1;

	pair.p = calloc(1, pair.cap);
	base64.p = calloc(1, base64.cap);
	if (!pair.p || !base64.p) {
		sr_fail_nomem(err);
	} else {
		sr_buf_printf(&pair, "%s:%s", id, secret);
		EVP_EncodeBlock((unsigned char *)base64.p, (const unsigned char *)pair.p, (int)pair.len);
		sr_buf_printf(out, "Basic %s", base64.p);
		rc = out->failed ? sr_fail_nomem(err) : 0;
	}
	wipe(&pair);
	wipe(&base64);
	return rc;
}
