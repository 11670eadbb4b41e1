/* One value, by its kind: a reader that checks and converts, and where the result goes. Readers
 * are a table, so that a new kind is one function and one row. */
#include <ctype.h>
#include <string.h>

#include "codec/config_priv.h"
#include "core/match.h"

#define TEXT_MAX 1000

typedef int (*value_reader)(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err);

static int in_bounds(const config_row *row, int64_t n, const char *what, sr_err *err)
{
	if (n < row->min || n > row->max)
		return sr_fail(
			err, SR_E_RANGE, "%s is outside %lld..%lld", what, (long long)row->min, (long long)row->max);
	return 0;
}

/* ---- texts ---- */

static int read_text(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	const char *copy = sr_arena_strdup(arena, text);

	(void)row;
	if (!copy)
		return sr_fail_nomem(err);
	out->text = copy;
	return 0;
}

static int read_path(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	if (*text && *text != '/')
		return sr_fail(err, SR_E_INVALID, "expected an absolute path");
	return read_text(row, text, arena, out, err);
}

static bool is_loopback(const char *authority)
{
	static const char *const hosts[] = { "localhost", "127.0.0.1", "[::1]" };
	size_t len = strcspn(authority, "/");

	for (size_t i = 0; i < SR_COUNT_OF(hosts); i++) {
		size_t n = strlen(hosts[i]);

		if (n <= len && strncmp(authority, hosts[i], n) == 0 && (n == len || authority[n] == ':'))
			return !memchr(authority, '@', len);
	}
	return false;
}

/* A user part, a query or a fragment has no place in a base address, and a `@` could hide the host. */
static int read_url(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	bool tls = sr_starts(text, "https://"), plain = sr_starts(text, "http://");
	const char *authority = text + (tls ? 8 : 7);
	size_t len = strlen(text);
	char *copy;

	if (!tls && !plain)
		return sr_fail(err, SR_E_INVALID, "expected an address that begins with https://");
	if (strcspn(authority, "/") == 0 || strpbrk(authority, "@?# \"\\"))
		return sr_fail(err, SR_E_INVALID, "expected https://HOST[:PORT][/PATH]");
	if (plain && !is_loopback(authority))
		return sr_fail(err, SR_E_INVALID, "http:// is accepted for this machine alone; use https://");
	while (len && text[len - 1] == '/')
		len--;
	copy = sr_arena_strndup(arena, text, len);
	if (!copy)
		return sr_fail_nomem(err);
	(void)row;
	out->text = copy;
	return 0;
}

static int read_address(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	const char *colon = strrchr(text, ':');
	int64_t port;

	if (*text && (!colon || colon == text || !sr_parse_i64(colon + 1, &port) || port < 1 || port > 65535))
		return sr_fail(err, SR_E_INVALID, "expected ADDRESS:PORT, like 127.0.0.1:9464");
	return read_text(row, text, arena, out, err);
}

static int read_title(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	if (!*text) {
		out->text = NULL;
		return 0;
	}
	return read_text(row, text, arena, out, err);
}

static bool uses_field(const char *tpl, const char *field)
{
	size_t len = strlen(field);

	for (const char *p = strchr(tpl, '{'); p; p = strchr(p + 1, '{'))
		if (strncmp(p + 1, field, len) == 0 && p[1 + len] == '}')
			return true;
	return false;
}

/* A key made without any identifying field would make one object of many. */
static int check_needs(const config_row *row, const char *tpl, sr_err *err)
{
	sr_buf list = { .max_bytes = 200 };

	if (!row->needs)
		return 0;
	for (size_t i = 0; row->needs[i]; i++) {
		if (uses_field(tpl, row->needs[i]))
			return 0;
		sr_buf_printf(&list, "%s{%s}", i ? ", " : "", row->needs[i]);
	}
	sr_fail(err, SR_E_INVALID, "expected one of %s in it", sr_buf_text(&list));
	sr_buf_done(&list);
	return -1;
}

static int read_template(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	if (sr_template_check(text, row->words, err) < 0 || check_needs(row, text, err) < 0)
		return -1;
	return read_title(row, text, arena, out, err);
}

/* ---- numbers and times ---- */

static int read_int(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	int64_t n;

	(void)arena;
	if (!sr_parse_i64(text, &n))
		return sr_fail(err, SR_E_PARSE, "expected a whole number");
	if (in_bounds(row, n, text, err) < 0)
		return -1;
	out->n = n;
	return 0;
}

static const struct {
	const char *unit;
	int64_t ms;
} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "sec", 1000 }, { "min", 60000 }, { "m", 60000 },
	{ "h", 3600000 }, { "d", 86400000 }, { "w", 604800000 } };

/* One `number unit` part; false: no such thing. Moves *at behind it. */
static bool duration_part(const char **at, int64_t *sum)
{
	const char *p = *at, *unit;
	int64_t n = 0;

	if (!sr_is_digit(*p))
		return false;
	for (; sr_is_digit(*p) && n < 1000000000; p++)
		n = n * 10 + (*p - '0');
	while (*p == ' ')
		p++;
	unit = p;
	while (isalpha((unsigned char)*p))
		p++;
	for (size_t i = 0; i < SR_COUNT_OF(units); i++) {
		if (strlen(units[i].unit) != (size_t)(p - unit) ||
			strncmp(units[i].unit, unit, (size_t)(p - unit)) != 0)
			continue;
		*sum += n * units[i].ms;
		*at = p;
		return *sum < (int64_t)1 << 55;
	}
	return false;
}

static int parse_duration(const char *text, int64_t *out, sr_err *err)
{
	int64_t sum = 0;

	do {
		if (!duration_part(&text, &sum))
			return sr_fail(err, SR_E_PARSE, "expected a time span like 90s, 5min, 1h 30min or 7d");
		while (*text == ' ')
			text++;
	} while (*text);
	*out = sum;
	return 0;
}

static int read_duration(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	int64_t ms;

	(void)arena;
	if (parse_duration(text, &ms, err) < 0)
		return -1;
	if (ms < row->min || ms > row->max)
		return sr_fail(err, SR_E_RANGE, "%s is outside %lld..%lld s", text, (long long)(row->min + 999) / 1000,
			(long long)row->max / 1000);
	out->n = ms;
	return 0;
}

static int read_days(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	int64_t ms, days;

	(void)arena;
	if (parse_duration(text, &ms, err) < 0)
		return -1;
	days = ms / 86400000;
	if (days * 86400000 != ms)
		return sr_fail(err, SR_E_INVALID, "expected whole days, like 7d");
	if (in_bounds(row, days, text, err) < 0)
		return -1;
	out->n = days;
	return 0;
}

static int read_bool(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

	(void)row;
	(void)arena;
	for (size_t i = 0; i < SR_COUNT_OF(words); i++) {
		if (!sr_strcaseeq(text, words[i]))
			continue;
		out->n = (int64_t)(i % 2);
		return 0;
	}
	return sr_fail(err, SR_E_PARSE, "expected yes or no");
}

static int read_word(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	sr_buf list = { .max_bytes = 200 };

	(void)arena;
	for (size_t i = 0; row->words[i]; i++) {
		if (sr_strcaseeq(text, row->words[i])) {
			out->n = (int64_t)i;
			sr_buf_done(&list);
			return 0;
		}
		sr_buf_printf(&list, "%s%s", i ? ", " : "", row->words[i]);
	}
	sr_fail(err, SR_E_PARSE, "expected one of %s", sr_buf_text(&list));
	sr_buf_done(&list);
	return -1;
}

static int read_date(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	sr_day day = SR_DAY_NONE;

	(void)row;
	(void)arena;
	if (*text && (strlen(text) != 10 || text[4] != '-' || !sr_day_parse(text, &day) || day == SR_DAY_NONE))
		return sr_fail(err, SR_E_PARSE, "expected a date like 2026-08-17");
	out->n = day;
	return 0;
}

static bool parse_time(const char *text, size_t len, int *minutes)
{
	int hour, minute;

	if (len != 5 || text[2] != ':')
		return false;
	for (size_t i = 0; i < len; i++)
		if (i != 2 && !sr_is_digit(text[i]))
			return false;
	hour = (text[0] - '0') * 10 + text[1] - '0';
	minute = (text[3] - '0') * 10 + text[4] - '0';
	if (hour > 24 || minute > 59 || hour * 60 + minute > 1440)
		return false;
	*minutes = hour * 60 + minute;
	return true;
}

static int read_time(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	int minutes;

	(void)row;
	(void)arena;
	if (!parse_time(text, strlen(text), &minutes))
		return sr_fail(err, SR_E_PARSE, "expected a time of day like 02:00");
	out->n = minutes;
	return 0;
}

static int read_window(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	sr_clock_window w = { 0, 0 };

	(void)row;
	(void)arena;
	if (*text && (strlen(text) != 11 || text[5] != '-' || !parse_time(text, 5, &w.from_min) ||
			     !parse_time(text + 6, 5, &w.to_min)))
		return sr_fail(err, SR_E_PARSE, "expected HH:MM-HH:MM, like 19:00-06:00");
	out->window = w;
	return 0;
}

/* ---- lists: separated by spaces or commas ---- */

typedef int (*item_reader)(const config_row *row, char *item, void *slot, sr_err *err);

static int read_list(const config_row *row, const char *text, size_t item_bytes, item_reader read, sr_arena *arena,
	config_value *out, sr_err *err)
{
	char *copy = sr_arena_strdup(arena, text), *rest = copy;
	/* No list has more items than half its characters. */
	char *items = sr_arena_alloc(arena, (strlen(text) / 2 + 1) * item_bytes);
	size_t count = 0;

	if (!copy || !items)
		return sr_fail_nomem(err);
	for (char *item = strtok_r(copy, " ,\t", &rest); item; item = strtok_r(NULL, " ,\t", &rest))
		if (read(row, item, items + count++ * item_bytes, err) < 0)
			return -1;
	out->list = (config_list){ items, count };
	return 0;
}

static int item_word(const config_row *row, char *item, void *slot, sr_err *err)
{
	(void)row;
	(void)err;
	*(const char **)slot = item;
	return 0;
}

static int item_number(const config_row *row, char *item, void *slot, sr_err *err)
{
	int64_t n;

	if (!sr_parse_i64(item, &n))
		return sr_fail(err, SR_E_PARSE, "expected whole numbers");
	if (in_bounds(row, n, item, err) < 0)
		return -1;
	*(int *)slot = (int)n;
	return 0;
}

static int item_range(const config_row *row, char *item, void *slot, sr_err *err)
{
	sr_number_range *range = slot;
	char *dash = strchr(item, '-');

	(void)row;
	if (dash)
		*dash++ = '\0';
	if (!sr_parse_i64(item, &range->low) || !sr_parse_i64(dash ? dash : item, &range->high) || range->low < 0 ||
		range->low > range->high)
		return sr_fail(err, SR_E_PARSE, "expected school numbers and ranges, like 101 300-319");
	return 0;
}

static int read_words(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	return read_list(row, text, sizeof(char *), item_word, arena, out, err);
}

static int read_numbers(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	return read_list(row, text, sizeof(int), item_number, arena, out, err);
}

static int read_ranges(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	return read_list(row, text, sizeof(sr_number_range), item_range, arena, out, err);
}

/* ---- the table, and where values go ---- */

#define STORED_TEXT(t)                  \
	{                               \
		t, sizeof(const char *) \
	}

static const struct {
	value_reader read;
	size_t bytes; /* of the member it is stored in */
} kinds[CONFIG_KIND_COUNT] = {
	/* clang-format off */
	[CONFIG_TEXT]     = STORED_TEXT(read_text),
	[CONFIG_PATH]     = STORED_TEXT(read_path),
	[CONFIG_URL]      = STORED_TEXT(read_url),
	[CONFIG_ADDRESS]  = STORED_TEXT(read_address),
	[CONFIG_TITLE]    = STORED_TEXT(read_title),
	[CONFIG_TEMPLATE] = STORED_TEXT(read_template),
	[CONFIG_INT]      = { read_int,      sizeof(int64_t) },
	[CONFIG_DURATION] = { read_duration, sizeof(int64_t) },
	[CONFIG_DAYS]     = { read_days,     sizeof(int) },
	[CONFIG_BOOL]     = { read_bool,     sizeof(bool) },
	[CONFIG_WORD]     = { read_word,     sizeof(int) },
	[CONFIG_DATE]     = { read_date,     sizeof(sr_day) },
	[CONFIG_TIME]     = { read_time,     sizeof(int) },
	[CONFIG_WINDOW]   = { read_window,   sizeof(sr_clock_window) },
	[CONFIG_WORDS]    = { read_words,    sizeof(config_list) },
	[CONFIG_NUMBERS]  = { read_numbers,  sizeof(config_list) },
	[CONFIG_RANGES]   = { read_ranges,   sizeof(config_list) },
	/* clang-format on */
};

/* A list is stored as the two members `X` and `X_count`, which stand together. */
#define STAND_TOGETHER(member)                                                                    \
	_Static_assert(offsetof(sr_school_config, member##_count) ==                              \
			       offsetof(sr_school_config, member) + offsetof(config_list, count), \
		"a list and its count stand together")
STAND_TOGETHER(exclude_courses);
STAND_TOGETHER(exclude_grades);
STAND_TOGETHER(teaching_roles);

int sr_config_value_read(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err)
{
	size_t len = strlen(text);

	if (len > TEXT_MAX)
		return sr_fail(err, SR_E_LIMIT, "longer than %d characters", TEXT_MAX);
	if (!sr_utf8_valid(text, len))
		return sr_fail(err, SR_E_PARSE, "not UTF-8 text");
	return kinds[row->kind].read(row, text, arena, out, err);
}

void sr_config_value_store(const config_row *row, const config_value *value, void *base)
{
	char *slot = (char *)base + row->offset;
	int n = (int)value->n;
	bool yes = value->n != 0;

	switch (row->kind) {
	case CONFIG_BOOL:
		memcpy(slot, &yes, sizeof(yes));
		break;
	case CONFIG_DAYS:
	case CONFIG_WORD:
	case CONFIG_DATE:
	case CONFIG_TIME:
		memcpy(slot, &n, sizeof(n));
		break;
	default: /* the union's own members */
		memcpy(slot, value, kinds[row->kind].bytes);
	}
}
