/* Times as people say them. Answers carry RFC 3339 with the district's offset; its wall-clock digits are shown as they
 * stand, so that what the operator reads is the district's time whatever the zone of his terminal. */
#include "print.h"

#include <string.h>
#include <time.h>

typedef struct stamp {
	int year, month, day, hour, minute, second, offset_s;
} stamp;

static bool read_stamp(const char *text, stamp *out)
{
	int zone_hour = 0, zone_minute = 0, used = 0;
	stamp s = { 0 };
	char sign = 'Z';

	if (!text || sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &s.year, &s.month, &s.day, &s.hour, &s.minute, &s.second,
			     &used) != 6)
		return false;
	text += used;
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	if (*text != 'Z' && sscanf(text, "%c%2d:%2d", &sign, &zone_hour, &zone_minute) != 3)
		return false;
	s.offset_s = (sign == '-' ? -1 : 1) * (zone_hour * 3600 + zone_minute * 60);
	if (s.month < 1 || s.month > 12 || s.day < 1 || s.day > 31)
		return false;
	*out = s;
	return true;
}

static time_t as_if_utc(const stamp *s)
{
	struct tm tm = { .tm_year = s->year - 1900,
		.tm_mon = s->month - 1,
		.tm_mday = s->day,
		.tm_hour = s->hour,
		.tm_min = s->minute,
		.tm_sec = s->second };

	return timegm(&tm);
}

bool ctl_seconds_between(const char *from, const char *to, int64_t *out)
{
	stamp a, b;

	if (!read_stamp(from, &a) || !read_stamp(to, &b))
		return false;
	*out = (int64_t)(as_if_utc(&b) - b.offset_s) - (int64_t)(as_if_utc(&a) - a.offset_s);
	return true;
}

static int64_t day_number(const stamp *s)
{
	return (int64_t)as_if_utc(s) / 86400;
}

void ctl_when(const char *time, const char *now, sr_buf *out)
{
	static const char *const weekdays[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
		"Nov", "Dec" };
	stamp t, n;
	int64_t days;

	if (!read_stamp(time, &t)) {
		ctl_clean(out, time && *time ? time : "-");
		return;
	}
	days = read_stamp(now, &n) ? day_number(&n) - day_number(&t) : 1000;
	if (days == 0)
		sr_buf_printf(out, "today %02d:%02d", t.hour, t.minute);
	else if (days > 0 && days < 7)
		sr_buf_printf(out, "%s %02d:%02d", weekdays[day_number(&t) % 7], t.hour, t.minute);
	else if (days > 0 && days < 300)
		sr_buf_printf(out, "%d %s %02d:%02d", t.day, months[t.month - 1], t.hour, t.minute);
	else
		sr_buf_printf(out, "%04d-%02d-%02d", t.year, t.month, t.day);
}

void ctl_span(int64_t seconds, sr_buf *out)
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" } };

	if (seconds < 0)
		seconds = 0;
	for (size_t i = 0; i < SR_COUNT_OF(units); i++) {
		if (seconds >= units[i].seconds) {
			sr_buf_printf(out, "%lld %s", (long long)(seconds / units[i].seconds), units[i].unit);
			return;
		}
	}
	sr_buf_printf(out, "%lld s", (long long)seconds);
}
