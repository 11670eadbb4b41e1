/* Both services, and what stands between them and us, answer with a page for people when they have no data. */
#include "codec/body.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "wire/json.h"

bool sr_body_is_html(const char *body, size_t len)
{
	static const char *const starts[] = { "<!doctype", "<html", "<head", "<body", "<?xml", "<!--" };
	size_t i = 0;

	if (len >= 3 && memcmp(body, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	while (i < len && strchr(" \t\r\n", body[i]) && body[i])
		i++;
	for (size_t k = 0; k < SR_COUNT_OF(starts); k++) {
		size_t n = strlen(starts[k]);

		if (len - i >= n && strncasecmp(body + i, starts[k], n) == 0)
			return true;
	}
	return false;
}

int sr_body_is_data(const char *system, const char *body, size_t len, sr_err *err)
{
	if (sr_body_is_html(body, len))
		return sr_fail(err, SR_E_REMOTE,
			"%s answered with a web page instead of data: it may be down or starting", system);
	return 0;
}

int sr_body_object(const char *system, const char *body, size_t len, json_t **out, sr_err *err)
{
	json_auto_t *doc = NULL;
	sr_err why;

	if (sr_body_is_data(system, body, len, err) < 0)
		return -1;
	if (sr_json_parse(body, len, len, &doc, &why) < 0)
		return why.code == SR_E_NOMEM ? sr_fail_nomem(err)
					      : sr_fail(err, SR_E_PROTO, "%s's answer is cut off or damaged", system);
	if (!json_is_object(doc))
		return sr_fail(err, SR_E_PROTO, "%s's answer is not an object", system);
	*out = SR_TAKE(doc);
	return 0;
}

/* How many bytes a character has that is no text but steers a terminal: C0, DEL, C1, and the marks that turn the
 * direction of writing. 0: it is text. */
static size_t steering(const unsigned char *p)
{
	if (*p < ' ' || *p == 0x7f)
		return 1;
	if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
		return 2;
	if (p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xaa && p[2] <= 0xae)))
		return 3;
	return p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9 ? 3 : 0;
}

const char *sr_body_words(const char *text, size_t len, size_t max_bytes, sr_arena *arena)
{
	size_t keep = len < max_bytes ? len : max_bytes;
	char *words;

	while (keep && keep < len && ((unsigned char)text[keep] & 0xc0) == 0x80)
		keep--;
	words = sr_arena_strndup(arena, text, keep);
	for (char *p = words; p && *p; p++)
		memset(p, ' ', steering((const unsigned char *)p));
	return words;
}
