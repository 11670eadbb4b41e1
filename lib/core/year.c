/* The school year as PowerSchool numbers it: 2026-2027 is yearid 36. */
#include "core/year.h"

#include <stdio.h>
#include <string.h>

#define ROLLED_MIN 5          /* students, or all if the school has fewer */
#define EARLY_PROMOTE_DAYS 60 /* how long before the first day a new entry date may lie */

/* The value of `count` digits at `s`, or -1. */
static int read_digits(const char *s, int count)
{
	int n = 0;

	for (int i = 0; i < count; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		n = n * 10 + s[i] - '0';
	}
	return n;
}

int sr_year_parse(const char *text, sr_yearid *out, sr_err *err)
{
	size_t len = strlen(text);
	bool shortened = len == 7;
	int start, end;

	if ((len != 9 && len != 7) || text[4] != '-')
		return sr_fail(err, SR_E_PARSE, "a school year is written 2026-2027 (or 2026-27)");
	start = read_digits(text, 4);
	end = read_digits(text + 5, shortened ? 2 : 4);
	if (start < 0 || end < 0)
		return sr_fail(err, SR_E_PARSE, "a school year is written 2026-2027 (or 2026-27)");
	if (end != (shortened ? (start + 1) % 100 : start + 1))
		return sr_fail(err, SR_E_PARSE, "%s is not one school year: %d ends in %d", text, start, start + 1);
	if (start - 1990 < SR_YEARID_MIN || start - 1990 > SR_YEARID_MAX)
		return sr_fail(err, SR_E_RANGE, "year %d is outside %d..%d", start, sr_year_start(SR_YEARID_MIN),
			sr_year_start(SR_YEARID_MAX));
	*out = start - 1990;
	return 0;
}

const char *sr_year_print(sr_yearid year, char out[SR_YEAR_LABEL_BYTES])
{
	if (year == SR_YEARID_NONE)
		return strcpy(out, "none");
	if (year < SR_YEARID_MIN || year > SR_YEARID_MAX)
		return strcpy(out, "?");
	snprintf(out, SR_YEAR_LABEL_BYTES, "%04u-%04u", (unsigned)sr_year_start(year) % 10000u,
		(unsigned)sr_year_start(year + 1) % 10000u);
	return out;
}

sr_yearid sr_year_of_termid(int64_t termid)
{
	int64_t year = termid / 100;

	if (year < 0)
		year = -year;
	return year >= SR_YEARID_MIN && year <= SR_YEARID_MAX ? (sr_yearid)year : SR_YEARID_NONE;
}

sr_day sr_rolled_since(sr_day last_day_of_previous, sr_day first_day_of_year)
{
	if (last_day_of_previous != SR_DAY_NONE)
		return last_day_of_previous + 1;
	return first_day_of_year == SR_DAY_NONE ? SR_DAY_NONE : first_day_of_year - EARLY_PROMOTE_DAYS;
}

sr_rolled sr_rolled_judge(int64_t active, int64_t promoted)
{
	int64_t least = active < ROLLED_MIN ? active : ROLLED_MIN;

	return (sr_rolled){
		.active = active,
		.promoted = promoted,
		.rolled = active > 0 && promoted >= least && promoted >= active - promoted,
	};
}
