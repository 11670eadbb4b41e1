/* The limits are one row a kind; what a row does not name (a share, a number) does not bind it. */
#include "core/guard.h"

#include <stdio.h>

/* A first day of school may lie a little before the first day of the first term. */
#define FIRST_DAY_EARLY 45

/* clang-format off */
static const struct {
	const char *name;
	bool drops;
	const char *what; /* completes "N of M ..." or "N ..." */
} kinds[SR_GD_COUNT] = {
	[SR_GD_STUDENTS] = { "students", true,  "students' memberships" },
	[SR_GD_TEACHERS] = { "teachers", true,  "teachers' memberships" },
	[SR_GD_LOGINS]   = { "logins",   false, "login changes" },
	[SR_GD_NAMES]    = { "names",    false, "name changes" },
	[SR_GD_TITLES]   = { "titles",   false, "changed section titles" },
	[SR_GD_KEYS]     = { "keys",     false, "changed keys" },
};
/* clang-format on */

#define WHY(v, ...) snprintf((v)->why, sizeof((v)->why), __VA_ARGS__)

const char *sr_guard_name(sr_guard_kind kind)
{
	return (unsigned)kind < SR_GD_COUNT ? kinds[kind].name : "?";
}

static int64_t share_limit(const sr_guard_limits *l)
{
	if (l->raised_percent)
		return l->raised_percent;
	return l->settling ? l->settle_percent : l->drop_percent;
}

static void judge_drops(const sr_guard_limits *l, sr_guard_verdict *v)
{
	v->percent = v->of > 0 ? v->n * 100 / v->of : 0;
	v->limit = l->drop_count;
	v->limit_percent = share_limit(l);
	if (v->n == 0)
		return;
	if (l->first_run) {
		v->waits = true;
		v->limit = 1;
		v->limit_percent = 0;
		WHY(v, "the first run of a year drops nobody by itself: %lld of %lld %s", (long long)v->n,
			(long long)v->of, kinds[v->kind].what);
		return;
	}
	v->waits = v->n >= v->limit && v->n * 100 >= v->limit_percent * v->of && l->raised_percent < 100;
	if (v->waits)
		WHY(v, "%lld of %lld %s (%lld %%) would be dropped; from %lld and %lld %% on they wait",
			(long long)v->n, (long long)v->of, kinds[v->kind].what, (long long)v->percent,
			(long long)v->limit, (long long)v->limit_percent);
}

static void judge_changes(const sr_guard_limits *l, sr_guard_verdict *v)
{
	const int64_t limits[SR_GD_COUNT] = { [SR_GD_LOGINS] = l->login_changes,
		[SR_GD_NAMES] = l->name_changes,
		[SR_GD_TITLES] = l->name_changes,
		[SR_GD_KEYS] = 1 };

	v->limit = limits[v->kind];
	v->waits = v->n > 0 && v->n >= v->limit;
	if (v->waits)
		WHY(v, "%lld %s in one run; from %lld on they wait", (long long)v->n, kinds[v->kind].what,
			(long long)v->limit);
}

void sr_guard_judge(const sr_guard_limits *l, sr_guard_kind kind, int64_t n, int64_t of, sr_guard_verdict *out)
{
	*out = (sr_guard_verdict){ .kind = kind, .n = n, .of = of };
	if (kinds[kind].drops)
		judge_drops(l, out);
	else
		judge_changes(l, out);
}

bool sr_guard_settling(sr_day today, sr_day first_day, sr_day year_first, sr_day year_last, int settle_days)
{
	bool of_year = first_day != SR_DAY_NONE && year_first != SR_DAY_NONE && year_last != SR_DAY_NONE &&
		       first_day >= year_first - FIRST_DAY_EARLY && first_day <= year_last;
	sr_day begins = of_year ? first_day : year_first;

	return begins != SR_DAY_NONE && today < begins + settle_days;
}

bool sr_guard_shrunk(int64_t before, int64_t now, int64_t shrink_percent)
{
	return before >= SR_GUARD_SHRINK_MIN && now * 100 < before * (100 - shrink_percent);
}

sr_day sr_drops_slot(sr_day day, int minute, int drops_at_min)
{
	return minute >= drops_at_min ? day : day - 1;
}
