/* Texts of alerts carry school names, which come from outside: every way out cleans and encodes for itself. */
#include "alert_text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "codec/signature.h"
#include "wire/json.h"

#define WORDS_MAX 64
#define ENCODED_BYTES 42 /* of text in one encoded word: 56 characters of base64, under RFC 2047's 75 */

/* ---- a command's words ---- */

/* Copies one word to `out`; returns what follows it, NULL: a quote is not closed. */
static const char *take_word(const char *p, char *out)
{
	char quote = 0;

	for (; *p && (quote || !strchr(" \t", *p)); p++) {
		if (quote && *p == quote)
			quote = 0;
		else if (!quote && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (*p == '\\' && p[1])
			*out++ = *++p;
		else
			*out++ = *p;
	}
	*out = '\0';
	return quote ? NULL : p;
}

int sr_alert_words(const char *command, sr_arena *arena, char ***out, sr_err *err)
{
	char **words = sr_arena_alloc(arena, (WORDS_MAX + 1) * sizeof(*words));
	size_t n = 0;

	if (!words)
		return sr_fail_nomem(err);
	for (const char *p = command + strspn(command, " \t"); *p; p += strspn(p, " \t")) {
		if (n == WORDS_MAX)
			return sr_fail(err, SR_E_LIMIT, "more than %d words", WORDS_MAX);
		words[n] = sr_arena_alloc(arena, strlen(p) + 1);
		if (!words[n])
			return sr_fail_nomem(err);
		p = take_word(p, words[n++]);
		if (!p)
			return sr_fail(err, SR_E_PARSE, "a quote is not closed");
	}
	if (n == 0 || words[0][0] != '/')
		return sr_fail(err, SR_E_INVALID, "expected the absolute path of a program first");
	*out = words;
	return 0;
}

bool sr_alert_address_ok(const char *address)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+/=?^_`{|}~-@";
	const char *at = strchr(address, '@');

	return at && at != address && at[1] && !strchr(at + 1, '@') && *address != '-' &&
	       address[strspn(address, allowed)] == '\0' && strlen(address) <= 254;
}

char *sr_alert_clean(const char *text)
{
	char *copy = sr_strdup(text);
	bool utf8 = sr_utf8_valid(text, strlen(text));

	for (char *p = copy; p && *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
		else if (!utf8 && (unsigned char)*p >= 0x80)
			*p = '?';
	}
	return copy;
}

/* ---- JSON and its signature ---- */

static const char *stamp(int64_t ms, const char *format, char out[40])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, 40, format, &tm);
	return out;
}

char *sr_alert_json(const sr_alert *alert)
{
	sr_json_obj o = sr_json_obj_new();
	char when[40];
	json_t *object;
	char *text;

	sr_json_put_text(&o, "code", alert->code);
	sr_json_put_int(&o, "school", alert->school);
	sr_json_put_text(&o, "subject", alert->subject);
	sr_json_put_text(&o, "text", alert->text);
	sr_json_put_text(&o, "state", sr_alert_state_name(alert->state));
	sr_json_put_text(&o, "since", stamp(alert->since_ms, "%Y-%m-%dT%H:%M:%SZ", when));
	sr_json_put_text(&o, "at", stamp(alert->at_ms, "%Y-%m-%dT%H:%M:%SZ", when));
	object = sr_json_obj_take(&o);
	text = object ? sr_json_dump(object, NULL) : NULL;
	json_decref(object);
	return text;
}

int sr_alert_sign(const char *secret, size_t secret_bytes, const char *body, size_t body_bytes,
	char out[SR_ALERT_SIGNATURE_BYTES], sr_err *err)
{
	memcpy(out, "sha256=", 7);
	return sr_hmac_sha256_hex(secret, secret_bytes, body, body_bytes, out + 7, err);
}

/* ---- a mail ---- */

static bool plain(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p >= 0x80)
			return false;
	return !strstr(text, "=?");
}

/* As many bytes as fit into one encoded word without cutting a character. */
static size_t piece(const char *text)
{
	size_t len = strlen(text);

	if (len <= ENCODED_BYTES)
		return len;
	len = ENCODED_BYTES;
	while (len > 1 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void put_header(sr_buf *out, const char *name, const char *value)
{
	sr_buf_printf(out, "%s:", name);
	if (plain(value)) {
		sr_buf_printf(out, " %s\n", value);
		return;
	}
	for (const char *p = value; *p;) {
		char encoded[SR_BASE64_BYTES(ENCODED_BYTES)];
		size_t len = piece(p);

		sr_base64(p, len, encoded);
		sr_buf_printf(out, "%s =?UTF-8?B?%s?=", p == value ? "" : "\n", encoded);
		p += len;
	}
	sr_buf_putc(out, '\n');
}

static void put_subject(const sr_alert_mail *mail, sr_buf *out)
{
	static const char *const states[SR_AL_STATES] = { "", "still: ", "over: ", "test: " };
	const sr_alert *a = mail->alerts[0];
	SR_AUTO(sr_buf) subject = { .max_bytes = 400 };

	if (mail->count == 1)
		sr_buf_printf(&subject, "[sisroll] %s%s: %s", states[a->state], a->subject, a->code);
	else
		sr_buf_printf(&subject, "[sisroll] %zu alerts, the first: %s: %s", mail->count, a->subject, a->code);
	put_header(out, "Subject", sr_buf_text(&subject));
}

static void put_alert(const sr_alert *a, sr_buf *out)
{
	char since[40];

	sr_buf_printf(out, "%s: %s (%s, since %s)\n%s\n\n", a->subject, a->code, sr_alert_state_name(a->state),
		stamp(a->since_ms, "%Y-%m-%d %H:%M UTC", since), a->text);
}

void sr_alert_mail_print(const sr_alert_mail *mail, sr_buf *out)
{
	char date[40];

	sr_buf_puts(out, "To: ");
	for (size_t i = 0; i < mail->to_count; i++)
		sr_buf_printf(out, "%s%s", i ? ",\n " : "", mail->to[i]);
	sr_buf_putc(out, '\n');
	if (*mail->from)
		sr_buf_printf(out, "From: %s\n", mail->from);
	put_subject(mail, out);
	sr_buf_printf(out, "Date: %s\n", stamp(mail->now_ms, "%a, %d %b %Y %H:%M:%S +0000", date));
	sr_buf_puts(out, "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
			 "Content-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n");
	for (size_t i = 0; i < mail->count; i++)
		put_alert(mail->alerts[i], out);
	sr_buf_puts(out, "What stands now: sisrollctl alerts list\n");
}
