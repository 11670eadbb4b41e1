/* The request line: percent coding, query, path segments, and where a location points. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "sgy_int.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *sgy_decode(sr_arena *mem, const char *s, size_t len, bool plus_is_space)
{
	char *out = sr_arena_alloc(mem, len + 1);
	size_t n = 0;

	for (size_t i = 0; out && i < len; i++) {
		int hi = s[i] == '%' && i + 2 < len ? hex_digit(s[i + 1]) : -1;
		int lo = hi >= 0 ? hex_digit(s[i + 2]) : -1;

		if (lo >= 0) {
			out[n++] = (char)(hi * 16 + lo);
			i += 2;
		} else {
			out[n++] = plus_is_space && s[i] == '+' ? ' ' : s[i];
		}
	}
	return out;
}

void sgy_encode(sr_buf *out, const char *s)
{
	for (; *s; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~", *s))
			sr_buf_putc(out, *s);
		else
			sr_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*s);
	}
}

int sgy_parse_query(sgy_call *call, const char *query, sgy_param *params, size_t max, size_t *count)
{
	for (const char *p = query; p && *p;) {
		size_t len = strcspn(p, "&"), name_len = strcspn(p, "=&");
		const char *value = name_len < len ? p + name_len + 1 : p + len;

		if (len > 0) {
			if (*count == max)
				return -1;
			params[*count].name = sgy_decode(&call->mem, p, name_len, true);
			params[*count].value = sgy_decode(&call->mem, value, (size_t)(p + len - value), true);
			if (!params[*count].name || !params[*count].value)
				return -1;
			(*count)++;
		}
		p += len + (p[len] == '&');
	}
	return 0;
}

const char *sgy_request_header(const sr_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (!strcasecmp(request->headers[i].name, name))
			return request->headers[i].value;
	return NULL;
}

/* Scheme and authority of an absolute URL; returns where its path begins. */
static const char *split_authority(sgy_call *call, const char *url)
{
	const char *sep = strstr(url, "://"), *host;

	call->scheme = "http";
	call->authority = sgy_request_header(call->request, "Host");
	if (*url == '/' || !sep)
		return url;
	call->scheme = sr_arena_strndup(&call->mem, url, (size_t)(sep - url));
	host = sep + 3;
	size_t len = strcspn(host, "/?#");
	if (!call->authority)
		call->authority = sr_arena_strndup(&call->mem, host, len);
	return host + len;
}

/* Slashes may double or trail; a leading "v1" is the service's root. */
static int split_path(sgy_call *call, const char *path, size_t len)
{
	bool root = true;

	for (size_t i = 0; i < len;) {
		size_t n = 0;
		while (i + n < len && path[i + n] != '/')
			n++;
		if (n > 0 && root && n == 2 && !strncasecmp(path + i, "v1", 2)) {
			root = false;
		} else if (n > 0) {
			if (call->segment_count == SGY_SEGMENTS_MAX)
				return -1;
			const char *segment = sgy_decode(&call->mem, path + i, n, false);
			if (!segment)
				return -1;
			call->segments[call->segment_count++] = segment;
			root = false;
		}
		i += n + 1;
	}
	return 0;
}

int sgy_parse_url(sgy_call *call)
{
	const char *path = split_authority(call, call->request->url);
	size_t len = strcspn(path, "?#");
	const char *query = path[len] == '?' ? path + len + 1 : "";

	if (!call->authority)
		call->authority = "localhost";
	if (!sr_utf8_valid(call->authority, strlen(call->authority)))
		return -1;
	call->path = len ? sr_arena_strndup(&call->mem, path, len) : "/";
	call->base = call->sgy->public_base ? call->sgy->public_base
					    : sgy_printf(call, "http://%s/v1", call->authority);
	if (!call->path || !call->scheme || !call->base || split_path(call, path, len) < 0)
		return -1;
	size_t query_len = strcspn(query, "#");
	query = sr_arena_strndup(&call->mem, query, query_len);
	return sgy_parse_query(call, query, call->query, SGY_PARAMS_MAX, &call->query_count);
}

const char *sgy_param_text(const sgy_call *call, const char *name)
{
	for (size_t i = 0; i < call->query_count; i++)
		if (!strcmp(call->query[i].name, name))
			return call->query[i].value;
	return NULL;
}

int64_t sgy_param_int(const sgy_call *call, const char *name, int64_t otherwise)
{
	const char *text = sgy_param_text(call, name);
	int64_t n;

	return text && sr_parse_i64(text, &n) ? n : otherwise;
}

const char *sgy_csv_json(sgy_call *call, const char *csv, size_t *count)
{
	json_t *list = json_array();

	*count = 0;
	if (!csv || !*csv) {
		json_decref(list);
		return NULL;
	}
	for (const char *p = csv;;) {
		size_t len = strcspn(p, ",");
		json_array_append_new(list, json_stringn(p, len));
		if (!p[len])
			break;
		p += len + 1;
	}
	*count = json_array_size(list);
	SR_AUTO_FREE char *text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text ? sr_arena_strdup(&call->mem, text) : NULL;
}

const char *sgy_printf(sgy_call *call, const char *fmt, ...)
{
	SR_AUTO_FREE char *text = NULL;
	const char *copy = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (text)
		copy = sr_arena_strdup(&call->mem, text);
	call->sgy->failed |= !copy;
	return copy ? copy : "";
}
