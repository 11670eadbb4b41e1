/* What is alerted, one row a matter: each looks at what is known and says whether it is so, in ids and counts.
 * Ages are left out of the texts, so that a standing alert keeps its words. */
#include <stdio.h>
#include <string.h>

#include "engine/alert_priv.h"

#define HOUR_MS (3600 * 1000LL)
#define WAITING_MS (24 * HOUR_MS)
#define RUN_MS (36 * HOUR_MS)
#define RUN_SLACK_MS (12 * HOUR_MS) /* where the configured interval is longer than that */
#define OVERDUE_DAYS 60             /* a day that is longer past is history, not a reminder */
#define LISTED_MAX 12
#define NUMBER(s) ((long long)(s)->number)

#define SAY(f, ...) ((f)->stands = true, snprintf((f)->text, sizeof((f)->text), __VA_ARGS__))

static bool runs_by_itself(const sr_school *s)
{
	return s->row.state.phase == SR_PH_SYNCING || s->row.state.phase == SR_PH_RESUMED;
}

/* ---- blocks: rule i is sr_blocks[i] ---- */

static int find_block(const sr_alert_look *l, size_t rule, sr_alert_finding *out, sr_err *err)
{
	sr_block_row *rows;
	size_t count;

	if (sr_store_blocks(l->t, l->arena, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (rows[i].school == (l->s ? l->s->number : 0) && strcmp(rows[i].code, sr_blocks[rule].code) == 0)
			SAY(out, "Blocked: %s. %s.", sr_blocks[rule].code, sr_blocks[rule].clear);
	return 0;
}

/* ---- schools ---- */

static int find_waiting(const sr_alert_look *l, size_t rule, sr_alert_finding *out, sr_err *err)
{
	int64_t count;

	(void)rule;
	if (sr_store_waiting_before(l->t, l->s->number, l->now_ms - WAITING_MS, &count, err) < 0)
		return -1;
	if (count)
		SAY(out,
			"%lld operations have waited for a person's approval for over 24 h: sisrollctl waiting list "
			"%lld",
			(long long)count, NUMBER(l->s));
	return 0;
}

/* A school whose next run is set and has not failed yet gets its chance first: after a week switched off, say. */
static bool gets_its_chance(const sr_school *s)
{
	return s->run || (s->due && s->attempts == 0);
}

static int find_no_good_run(const sr_alert_look *l, size_t rule, sr_alert_finding *out, sr_err *err)
{
	int64_t interval = l->e->c.config->sync.interval_ms, good, since = l->s->row.since_ms;
	int64_t limit = interval + RUN_SLACK_MS > RUN_MS ? interval + RUN_SLACK_MS : RUN_MS;

	(void)rule;
	if (!runs_by_itself(l->s))
		return 0;
	if (sr_store_good_run(l->t, l->s->number, &good, err) < 0)
		return -1;
	if (l->now_ms - (good > since ? good : since) < limit)
		return 0;
	out->unknown = gets_its_chance(l->s);
	if (!out->unknown)
		SAY(out, "No run has ended well for %lld h: sisrollctl runs %lld; sisrollctl doctor",
			(long long)(limit / HOUR_MS), NUMBER(l->s));
	return 0;
}

static int find_rolled(const sr_alert_look *l, size_t rule, sr_alert_finding *out, sr_err *err)
{
	const sr_school_row *row = &l->s->row;
	char year[SR_YEAR_LABEL_BYTES], active[SR_YEAR_LABEL_BYTES];
	const char *paused = "It was paused already.";

	(void)rule;
	(void)err;
	if (!row->state.active || row->rolled_year <= row->state.active ||
		!sr_rolled_judge(row->rolled_active, row->rolled_promoted).rolled)
		return 0;
	if (row->state.phase == SR_PH_PAUSED && sr_streq(row->by_who, "sisrolld"))
		paused = "It was not paused: sisrolld paused it.";
	else if (row->state.phase != SR_PH_PAUSED)
		paused = "It is not paused yet.";
	sr_year_print(row->rolled_year, year);
	SAY(out,
		"PowerSchool has rolled over to %s here (%lld of %lld active students); sisroll still stands on %s. %s "
		"Next: sisrollctl year set %s %lld",
		year, (long long)row->rolled_promoted, (long long)row->rolled_active,
		sr_year_print(row->state.active, active), paused, year, NUMBER(l->s));
	return 0;
}

static int find_moved(const sr_alert_look *l, size_t rule, sr_alert_finding *out, sr_err *err)
{
	SR_AUTO(sr_buf) ids = { .max_bytes = 120 };
	sr_term_row *rows;
	int moved = 0;
	size_t count;

	(void)rule;
	if (!l->s->row.state.active)
		return 0;
	if (sr_store_terms(l->t, l->arena, l->s->number, l->s->row.state.active, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const sr_term *t = &rows[i].term;

		if (rows[i].mapped_first == SR_DAY_NONE ||
			(rows[i].mapped_first == t->first && rows[i].mapped_last == t->last))
			continue;
		out->step = out->step * 31 + t->id + t->first * 7 + t->last;
		sr_buf_printf(&ids, " %lld", (long long)t->id);
		moved++;
	}
	if (moved)
		SAY(out,
			"Dates of %d mapped terms moved in PowerSchool (term%s); their grading periods were not "
			"changed: "
			"sisrollctl terms lint %lld",
			moved, sr_buf_text(&ids), NUMBER(l->s));
	return 0;
}

/* ---- the district ---- */

static int find_acting_changed(const sr_alert_look *l, size_t rule, sr_alert_finding *out, sr_err *err)
{
	const sr_alert_row *known = sr_alert_known(l, SR_ALERT_ACTING_CHANGED);
	const sr_acting_user *a = &l->e->acting;

	(void)rule;
	(void)err;
	out->unknown = !a->known || !a->ok;
	if (out->unknown || !l->acting_known || a->id == l->acting_known)
		return 0;
	if (known && known->step == a->id && l->now_ms - known->since_ms >= SR_ALERT_NEWS_MS)
		return 0;
	out->step = a->id;
	SAY(out,
		"The acting user in Schoology is account %lld now, not %lld as before. If nobody changed the key: "
		"sisrollctl pause --all --reason 'unknown key'; sisrollctl acting-user show",
		(long long)a->id, (long long)l->acting_known);
	return 0;
}

sr_yearid sr_calendar_year(sr_day day, bool is_first)
{
	int year, month, date;

	sr_day_split(day + (is_first ? 60 : -60), &year, &month, &date);
	return (month >= 7 ? year : year - 1) - sr_year_start(0);
}

/* The schools of one calendar day, and those of them that are not where they should be then. */
typedef struct calendar {
	sr_day day; /* SR_DAY_NONE: no school is late for any */
	int64_t step;
	size_t schools, late, unmapped, by_itself;
	sr_buf ids;
} calendar;

static sr_day calendar_day(const sr_school *s, bool first)
{
	return !s->config.sync ? SR_DAY_NONE : first ? s->config.first_day : s->config.last_day;
}

static bool is_late(const sr_school *s, bool first)
{
	sr_yearid year = sr_calendar_year(calendar_day(s, first), first), active = s->row.state.active;

	return first ? !runs_by_itself(s) || active < year : runs_by_itself(s) && active <= year;
}

/* The smallest reminder that has come: -1 once the day is past; SR_DAY_NONE: none yet. */
static int64_t reminder(const sr_config_calendar *k, int days)
{
	int64_t step = SR_DAY_NONE;

	if (days < 0)
		return days < -OVERDUE_DAYS ? SR_DAY_NONE : -1;
	for (size_t i = 0; i < k->remind_count; i++)
		if (k->remind[i] >= days && (step == SR_DAY_NONE || k->remind[i] < step))
			step = k->remind[i];
	return step;
}

static void calendar_count(const sr_engine *e, bool first, calendar *c)
{
	for (size_t i = 0; i < e->school_count; i++) {
		const sr_school *s = e->schools[i];

		if (calendar_day(s, first) != c->day)
			continue;
		c->schools++;
		if (!is_late(s, first))
			continue;
		c->late++;
		c->unmapped += s->row.state.phase == SR_PH_YEAR_SET;
		c->by_itself += s->config.auto_pause;
		if (c->late <= LISTED_MAX)
			sr_buf_printf(&c->ids, "%s%lld", c->late > 1 ? " " : "", NUMBER(s));
	}
	sr_buf_puts(&c->ids, c->late > LISTED_MAX ? " ..." : "");
}

static void calendar_find(const sr_alert_look *l, bool first, calendar *c)
{
	*c = (calendar){ .day = SR_DAY_NONE };
	for (size_t i = 0; i < l->e->school_count; i++) {
		sr_day day = calendar_day(l->e->schools[i], first);

		if (day == SR_DAY_NONE || (c->day != SR_DAY_NONE && day >= c->day) ||
			!is_late(l->e->schools[i], first) ||
			reminder(&l->e->c.config->calendar, day - l->today) == SR_DAY_NONE)
			continue;
		c->day = day;
	}
	if (c->day == SR_DAY_NONE)
		return;
	c->step = reminder(&l->e->c.config->calendar, c->day - l->today);
	calendar_count(l->e, first, c);
}

/* "in 3 days", "today", "2 days ago" */
static const char *when(int days, char out[32])
{
	int n = days < 0 ? -days : days;

	if (days == 0)
		snprintf(out, 32, "today");
	else
		snprintf(out, 32, "%s%d day%s%s", days > 0 ? "in " : "", n, n == 1 ? "" : "s", days < 0 ? " ago" : "");
	return out;
}

static int find_first_day(const sr_alert_look *l, size_t rule, sr_alert_finding *out, sr_err *err)
{
	char day[11], relative[32];
	calendar c;

	(void)rule;
	(void)err;
	calendar_find(l, true, &c);
	if (c.day == SR_DAY_NONE)
		return 0;
	out->step = c.step;
	sr_day_print(c.day, day);
	SAY(out,
		"First day of school %s (%s): %zu of %zu schools are not resumed, %zu of them with unmapped terms: %s. "
		"Next: sisrollctl status",
		when(c.day - l->today, relative), day, c.late, c.schools, c.unmapped, sr_buf_text(&c.ids));
	sr_buf_done(&c.ids);
	return 0;
}

static int find_last_day(const sr_alert_look *l, size_t rule, sr_alert_finding *out, sr_err *err)
{
	char day[11], relative[32];
	calendar c;

	(void)rule;
	(void)err;
	calendar_find(l, false, &c);
	if (c.day == SR_DAY_NONE)
		return 0;
	out->step = c.step;
	sr_day_print(c.day, day);
	SAY(out,
		"Last day of school %s (%s): %zu of %zu schools still sync: %s. %zu pause by themselves after it; the "
		"others: sisrollctl pause SCHOOL... --reason summer",
		when(c.day - l->today, relative), day, c.late, c.schools, sr_buf_text(&c.ids), c.by_itself);
	sr_buf_done(&c.ids);
	return 0;
}

/* ---- the table ---- */

/* clang-format off */
static const sr_alert_rule rules[SR_ALERT_RULES - SR_BL_COUNT] = {
	{ "waiting",               false, true,  find_waiting,        "nothing waits for over 24 h any more" },
	{ "no-good-run",           false, true,  find_no_good_run,    "a run has ended well again, or none is due" },
	{ "sis-rolled",            false, true,  find_rolled,         "the school stands on PowerSchool's year" },
	{ "term-moved",            false, true,  find_moved,          "the dates of terms and map agree again" },
	{ SR_ALERT_ACTING_CHANGED, true,  false, find_acting_changed, "the acting user is the known one" },
	{ "first-day",             true,  false, find_first_day,      "every school of that day is resumed" },
	{ "last-day",              true,  false, find_last_day,       "every school of that day has stopped syncing" },
};
/* clang-format on */

void sr_alert_rule_get(size_t rule, sr_alert_rule *out)
{
	if (rule >= SR_BL_COUNT)
		*out = rules[rule - SR_BL_COUNT];
	else
		*out = (sr_alert_rule){ sr_blocks[rule].code, true, true, find_block, "this block is over" };
}

const sr_alert_row *sr_alert_known(const sr_alert_look *l, const char *code)
{
	for (size_t i = 0; i < l->known_count; i++)
		if (strcmp(l->known[i].code, code) == 0)
			return &l->known[i];
	return NULL;
}
