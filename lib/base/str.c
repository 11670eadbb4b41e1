/* Growth doubles, so a buffer's cost stays linear in what is added. */
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void sr_buf_done(sr_buf *b)
{
	free(b->p);
	*b = (sr_buf){ .max_bytes = b->max_bytes };
}

void sr_buf_clear(sr_buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->p)
		b->p[0] = '\0';
}

static bool buf_reserve(sr_buf *b, size_t more)
{
	size_t want, cap;
	char *p;

	if (b->failed)
		return false;
	if (more > SIZE_MAX / 2 - b->len - 1 || (b->max_bytes && b->len + more > b->max_bytes)) {
		b->failed = true;
		return false;
	}
	want = b->len + more + 1;
	if (want <= b->cap)
		return true;
	cap = b->cap ? b->cap : 64;
	while (cap < want)
		cap *= 2;
	p = realloc(b->p, cap);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void sr_buf_add(sr_buf *b, const void *bytes, size_t len)
{
	if (!buf_reserve(b, len))
		return;
	if (len)
		memcpy(b->p + b->len, bytes, len);
	b->len += len;
	b->p[b->len] = '\0';
}

void sr_buf_puts(sr_buf *b, const char *s)
{
	sr_buf_add(b, s, strlen(s));
}

void sr_buf_putc(sr_buf *b, char c)
{
	sr_buf_add(b, &c, 1);
}

void sr_buf_vprintf(sr_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || !buf_reserve(b, (size_t)n)) {
		b->failed = true;
		return;
	}
	vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void sr_buf_printf(sr_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sr_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

char *sr_buf_take(sr_buf *b)
{
	char *p;

	if (!b->p)
		buf_reserve(b, 0);
	if (b->failed) {
		sr_buf_done(b);
		return NULL;
	}
	p = b->p;
	p[b->len] = '\0';
	*b = (sr_buf){ .max_bytes = b->max_bytes };
	return p;
}

const char *sr_buf_text(const sr_buf *b)
{
	return b->p && b->len ? b->p : "";
}

char *sr_strdup(const char *s)
{
	return s ? strdup(s) : NULL;
}

char *sr_strndup(const char *s, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *sr_asprintf(const char *fmt, ...)
{
	sr_buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	sr_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	return sr_buf_take(&b);
}

bool sr_streq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool sr_strcaseeq(const char *a, const char *b)
{
	return a == b || (a && b && strcasecmp(a, b) == 0);
}

bool sr_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool sr_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

const char *sr_trimmed(const char *s, size_t *len)
{
	size_t n;

	while (isspace((unsigned char)*s))
		s++;
	n = strlen(s);
	while (n > 0 && isspace((unsigned char)s[n - 1]))
		n--;
	*len = n;
	return s;
}

char *sr_trim(char *s)
{
	size_t len;
	const char *view = sr_trimmed(s, &len);

	memmove(s, view, len);
	s[len] = '\0';
	return s;
}

char *sr_fold(char *s)
{
	for (char *p = s; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return s;
}

bool sr_parse_i64(const char *s, int64_t *out)
{
	char *end;
	long long v;

	if (!s || (!isdigit((unsigned char)s[0]) && s[0] != '-'))
		return false;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno || *end || end == s)
		return false;
	*out = v;
	return true;
}

/* Length of the sequence that starts with `c`, and the bits its first byte carries. */
static int utf8_len(unsigned char c, uint32_t *bits)
{
	if (c < 0x80)
		return *bits = c, 1;
	if (c >= 0xc2 && c < 0xe0)
		return *bits = c & 0x1f, 2;
	if (c >= 0xe0 && c < 0xf0)
		return *bits = c & 0x0f, 3;
	if (c >= 0xf0 && c < 0xf5)
		return *bits = c & 0x07, 4;
	return 0;
}

bool sr_utf8_valid(const char *s, size_t len)
{
	static const uint32_t least[5] = { 0, 1, 0x80, 0x800, 0x10000 };

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		int n = utf8_len((unsigned char)s[i], &cp);

		if (n == 0 || i + (size_t)n > len)
			return false;
		for (int k = 1; k < n; k++) {
			unsigned char c = (unsigned char)s[i + (size_t)k];

			if ((c & 0xc0) != 0x80)
				return false;
			cp = cp << 6 | (c & 0x3f);
		}
		if (cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
			return false;
		i += (size_t)n;
	}
	return true;
}

void sr_hex(char *out, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
}

int sr_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool sr_unhex(const char *hex, uint8_t *out, size_t len)
{
	if (strlen(hex) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int hi = sr_hex_digit(hex[2 * i]), lo = sr_hex_digit(hex[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}
