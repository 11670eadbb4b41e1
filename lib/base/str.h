/* Text that grows, and the few things done to text everywhere.
 * Never grows past the bound it was given; never knows what the text means. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

/* A growable byte buffer, always NUL-terminated when `p` is not NULL.
 * Zero-initialise; `max_bytes` 0 means no bound. A failed addition (memory, bound) sets
 * `failed`, and every later addition is a no-op: check once, at the end. */
typedef struct sr_buf {
	char *p;
	size_t len, cap, max_bytes;
	bool failed;
} sr_buf;

void sr_buf_done(sr_buf *b);
void sr_buf_clear(sr_buf *b); /* keeps the memory; clears `failed` */
void sr_buf_add(sr_buf *b, const void *bytes, size_t len);
void sr_buf_puts(sr_buf *b, const char *s);
void sr_buf_putc(sr_buf *b, char c);
void sr_buf_printf(sr_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sr_buf_vprintf(sr_buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* Gives the text away (caller frees); NULL if an addition failed. Never NULL otherwise:
 * an empty buffer yields "". The buffer is empty afterwards. */
char *sr_buf_take(sr_buf *b);
/* The text, borrowed; "" when nothing was added. */
const char *sr_buf_text(const sr_buf *b);

SR_AUTO_DEFINE(sr_buf, sr_buf_done);

char *sr_strdup(const char *s); /* NULL for NULL */
char *sr_strndup(const char *s, size_t len);
char *sr_asprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool sr_streq(const char *a, const char *b); /* NULL equals only NULL */
bool sr_strcaseeq(const char *a, const char *b);
bool sr_starts(const char *s, const char *prefix);
bool sr_ends(const char *s, const char *suffix);

/* The text without ASCII white space at its ends: a view into `s`, `*len` bytes long. */
const char *sr_trimmed(const char *s, size_t *len);
/* The same in place; returns `s`. */
char *sr_trim(char *s);
/* Folds ASCII letters to lower case, in place; other bytes stay. Returns `s`. */
char *sr_fold(char *s);

/* An ASCII digit, whatever the locale. */
static inline bool sr_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whole-string decimal; false (and *out untouched) on anything else or overflow. */
bool sr_parse_i64(const char *s, int64_t *out);

/* True if the bytes are well-formed UTF-8 without NUL. */
bool sr_utf8_valid(const char *s, size_t len);

void sr_hex(char *out, const uint8_t *bytes, size_t len); /* 2*len+1 bytes are written */
int sr_hex_digit(char c);                                 /* -1: is none */
bool sr_unhex(const char *hex, uint8_t *out, size_t len);
