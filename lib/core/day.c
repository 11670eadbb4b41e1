/* Days as numbers. The calendar arithmetic counts years from March, so that the leap day comes
 * last and months need no table (the well-known civil-from-days form, 400 years an era). */
#include <string.h>

#include "base/str.h"
#include "core/model.h"

#define ERA_DAYS 146097
#define EPOCH_OFFSET 719468 /* 0000-03-01 to 1970-01-01 */
#define YEAR_OF_NONE 1901   /* contracts/powerschool.md 16.16: dates before it mean "none" */

static int month_days(int year, int month)
{
	static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

sr_day sr_day_make(int year, int month, int day)
{
	int era, of_era, of_year;

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return SR_DAY_NONE;
	if (month <= 2)
		year--;
	era = year / 400;
	of_era = year - era * 400;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_OFFSET;
}

void sr_day_split(sr_day day, int *year, int *month, int *dayofmonth)
{
	int64_t z = (int64_t)day + EPOCH_OFFSET;
	int era = (int)((z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS);
	int of_era = (int)(z - (int64_t)era * ERA_DAYS);
	int years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * years + years / 4 - years / 100);
	int m = (5 * of_year + 2) / 153;

	*dayofmonth = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = years + era * 400 + (*month <= 2);
}

static void put_digits(char *out, int digits, int n)
{
	for (int i = digits - 1; i >= 0; i--, n /= 10)
		out[i] = (char)('0' + n % 10);
}

void sr_day_print(sr_day day, char out[11])
{
	int year, month, dayofmonth;

	out[0] = '\0';
	if (day == SR_DAY_NONE)
		return;
	sr_day_split(day, &year, &month, &dayofmonth);
	if (year < 1 || year > 9999)
		return;
	memcpy(out, "0000-00-00", 11);
	put_digits(out, 4, year);
	put_digits(out + 5, 2, month);
	put_digits(out + 8, 2, dayofmonth);
}

/* Reads min..max digits, moves `*at` behind them. */
static bool digits(const char **at, int min, int max, int *out)
{
	int n = 0, count = 0;

	for (; count < max && sr_is_digit(**at); count++)
		n = n * 10 + *(*at)++ - '0';
	*out = n;
	return count >= min && !sr_is_digit(**at);
}

static bool literal(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

/* Z, +hh:mm, +hhmm or nothing. The zone does not move the day: it is a date that was written. */
static bool zone(const char *at)
{
	const char *plain;
	int h, m;

	if (literal(&at, 'Z') || !*at)
		return !*at;
	if (!literal(&at, '+') && !literal(&at, '-'))
		return false;
	plain = at;
	if (digits(&plain, 4, 4, &h))
		return !*plain;
	return digits(&at, 2, 2, &h) && literal(&at, ':') && digits(&at, 2, 2, &m) && !*at;
}

static bool time_of_day(const char *at, bool zoned)
{
	int h, m, s;

	if (!digits(&at, 2, 2, &h) || !literal(&at, ':') || !digits(&at, 2, 2, &m) || !literal(&at, ':') ||
		!digits(&at, 2, 2, &s) || h > 23 || m > 59 || s > 60)
		return false;
	if (literal(&at, '.')) {
		if (!sr_is_digit(*at))
			return false;
		while (sr_is_digit(*at))
			at++;
	}
	return zoned ? zone(at) : !*at;
}

static bool year_first(const char *at, int *y, int *m, int *d)
{
	if (!digits(&at, 4, 4, y) || !literal(&at, '-') || !digits(&at, 2, 2, m) || !literal(&at, '-') ||
		!digits(&at, 2, 2, d))
		return false;
	if (literal(&at, ' '))
		return time_of_day(at, false);
	if (literal(&at, 'T'))
		return time_of_day(at, true);
	return !*at;
}

static bool month_first(const char *at, int *y, int *m, int *d)
{
	return digits(&at, 1, 2, m) && literal(&at, '/') && digits(&at, 1, 2, d) && literal(&at, '/') &&
	       digits(&at, 4, 4, y) && !*at;
}

bool sr_day_parse(const char *text, sr_day *out)
{
	int y, m, d;
	sr_day day;

	if (!year_first(text, &y, &m, &d) && !month_first(text, &y, &m, &d))
		return false;
	if (y < YEAR_OF_NONE) {
		if (m < 1 || m > 12 || d < 1 || d > 31)
			return false;
		*out = SR_DAY_NONE;
		return true;
	}
	day = sr_day_make(y, m, d);
	if (day == SR_DAY_NONE)
		return false;
	*out = day;
	return true;
}
