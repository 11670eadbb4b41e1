/* Alerts over time: every few minutes, and soon after something changed, each school and then the district is
 * looked at in a turn of its own. What is new is kept first and told then, so that a restart tells nothing twice. */
#include "engine/alert.h"

#include <stdio.h>
#include <string.h>

#include "engine/alert_priv.h"

#define EVERY_MS (5 * 60 * 1000)
#define SOON_MS 1000
#define AGAIN_MS (7 * 24 * 3600 * 1000LL)

struct sr_alerts {
	sr_timer *timer;
	bool soon;    /* the timer stands for the next look */
	bool passing; /* a look is under way, at `at` */
	bool again;   /* and something changed meanwhile */
	size_t at;
	int64_t looked_ms; /* wall; when the last whole look ended, 0: none yet */
};

/* One row to keep, and whether it is told. */
typedef struct change {
	sr_alert_row row;
	sr_alert_state state; /* SR_AL_STATES: kept, not told */
	const char *text;
} change;

typedef struct changes {
	change at[SR_ALERT_RULES];
	size_t count;
	int64_t acting; /* the account taken as the acting user from now on; 0: as before */
} changes;

const char *sr_alert_state_name(sr_alert_state state)
{
	static const char *const names[SR_AL_STATES] = { "raised", "again", "cleared", "test" };

	return (unsigned)state < SR_AL_STATES ? names[state] : "unknown";
}

/* ---- judging: what is found against what was told ---- */

static bool judge(const sr_alert_row *known, const sr_alert_finding *f, int64_t now_ms, change *out)
{
	out->state = SR_AL_STATES;
	out->text = f->text;
	if (f->unknown || (!known && !f->stands))
		return false;
	if (known)
		out->row = *known;
	out->row.text = f->text;
	out->row.step = f->step;
	if (!known) {
		out->row.since_ms = out->row.said_ms = now_ms;
		out->state = SR_AL_RAISED;
	} else if (!f->stands) {
		out->row.text = known->text;
		out->row.cleared_ms = now_ms;
		out->state = SR_AL_CLEARED;
	} else if (f->step != known->step || now_ms - known->said_ms >= AGAIN_MS) {
		out->row.said_ms = now_ms;
		out->state = SR_AL_AGAIN;
	} else {
		return !sr_streq(f->text, known->text);
	}
	return true;
}

static int look_at_rule(const sr_alert_look *l, size_t i, changes *out, sr_err *err)
{
	sr_alert_finding *f = sr_arena_alloc(l->arena, sizeof(*f));
	change *c = &out->at[out->count];
	sr_alert_rule rule;

	if (!f)
		return sr_fail_nomem(err);
	sr_alert_rule_get(i, &rule);
	if (!(l->s ? rule.of_school : rule.of_district))
		return 0;
	/* What is not synced any more is nobody's worry. */
	if ((!l->s || l->s->config.sync) && rule.find(l, i, f, err) < 0)
		return -1;
	*c = (change){ .row = { .code = rule.code, .school = l->s ? l->s->number : 0 } };
	if (!judge(sr_alert_known(l, rule.code), f, l->now_ms, c))
		return 0;
	if (c->state == SR_AL_CLEARED)
		c->text = sr_arena_printf(l->arena, "Over: %s. It was: %s", rule.over, c->row.text);
	out->count += c->text != NULL;
	return 0;
}

/* The first valid account is the district's; another becomes it when its news has stood long enough. */
static void look_at_acting(const sr_alert_look *l, changes *out)
{
	const sr_acting_user *a = &l->e->acting;
	const sr_alert_row *known = sr_alert_known(l, SR_ALERT_ACTING_CHANGED);

	if (l->s || !a->known || !a->ok || a->id == l->acting_known)
		return;
	if (!l->acting_known || (known && known->step == a->id && l->now_ms - known->since_ms >= SR_ALERT_NEWS_MS))
		out->acting = a->id;
}

static int look_read(sr_alert_look *l, changes *out, sr_err *err)
{
	sr_alert_row *known;

	if (sr_store_alerts(l->t, l->arena, l->s ? l->s->number : 0, &known, &l->known_count, err) < 0 ||
		sr_meta_get_int(l->t, "acting_user_known", &l->acting_known, err) < 0)
		return -1;
	l->known = known;
	for (size_t i = 0; i < SR_ALERT_RULES; i++)
		if (look_at_rule(l, i, out, err) < 0)
			return -1;
	look_at_acting(l, out);
	return 0;
}

/* ---- keeping and telling ---- */

static int keep(sr_txn *t, const changes *c, sr_err *err)
{
	for (size_t i = 0; i < c->count; i++)
		if (sr_store_alert_put(t, &c->at[i].row, err) < 0)
			return -1;
	return c->acting ? sr_meta_set_int(t, "acting_user_known", c->acting, err) : 0;
}

static void tell(const sr_alert_look *l, const change *c)
{
	const sr_alert_ways *ways = l->e->c.alert_ways;
	char subject[160] = "the district";
	sr_alert alert = { .code = c->row.code,
		.school = c->row.school,
		.subject = subject,
		.text = c->text,
		.state = c->state,
		.since_ms = c->row.since_ms,
		.at_ms = l->now_ms };

	if (l->s)
		sr_school_title(l->s, subject, sizeof(subject));
	sr_engine_say(l->e, c->state == SR_AL_CLEARED ? SR_NOTICE : SR_WARNING, SR_MSG_ALERT, c->row.school,
		c->row.code, "alert %s: %s", sr_alert_state_name(c->state), c->text);
	if (ways)
		ways->send(ways->self, &alert);
}

static void look_at(sr_engine *e, sr_school *s)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_alert_look l = { .e = e, .s = s, .arena = &arena, .today = sr_today(e), .now_ms = sr_now_ms(e) };
	changes found = { .count = 0 };
	sr_err err;

	if (sr_txn_begin(e->c.store, SR_TXN_READ, &l.t, &err) < 0 ||
		sr_txn_end(e, l.t, look_read(&l, &found, &err), &err) < 0 || (!found.count && !found.acting))
		return;
	/* What could not be kept is not told now: the next look finds it again. */
	if (sr_txn_begin(e->c.store, SR_TXN_DURABLE, &l.t, &err) < 0 ||
		sr_txn_end(e, l.t, keep(l.t, &found, &err), &err) < 0)
		return;
	for (size_t i = 0; i < found.count; i++)
		if (found.at[i].state != SR_AL_STATES)
			tell(&l, &found.at[i]);
}

/* ---- the calendar's pause ---- */

static int pause_noted(sr_school *s, sr_yearid year, bool set)
{
	char name[48];
	int64_t noted = 0;
	sr_txn *t;
	int rc;

	snprintf(name, sizeof(name), "auto_pause.%lld", (long long)s->number);
	if (sr_txn_begin(s->e->c.store, set ? SR_TXN_DURABLE : SR_TXN_READ, &t, NULL) < 0)
		return -1;
	rc = set ? sr_meta_set_int(t, name, year, NULL) : sr_meta_get_int(t, name, &noted, NULL);
	if (sr_txn_end(s->e, t, rc < 0 ? -1 : 0, NULL) < 0)
		return -1;
	return noted == year;
}

/* Once a year and school: whoever paused the school after its last day, the calendar does not do it again.
 * The note comes after the step; a crash between the two leaves a paused school, which is noted then. */
static void auto_pause(sr_school *s)
{
	const sr_school_config *k = &s->config;
	sr_yearid year;
	char why[120], day[11];

	if (!k->sync || !k->auto_pause || k->last_day == SR_DAY_NONE || sr_today(s->e) <= k->last_day)
		return;
	year = sr_calendar_year(k->last_day, false);
	if (s->row.state.active != year || pause_noted(s, year, false) != 0)
		return;
	sr_day_print(k->last_day, day);
	snprintf(why, sizeof(why), "the calendar: the last day of school was %s ([calendar] auto_pause)", day);
	if (s->row.state.phase != SR_PH_SYNCING || sr_school_step(s, SR_PEV_PAUSE, 0, "sisrolld", why, NULL, NULL) == 0)
		pause_noted(s, year, true);
}

/* ---- time ---- */

static void turn(void *arg);

static void again_in(sr_engine *e, int64_t delay_ms)
{
	sr_timer_cancel(&e->c.timers, e->alerts->timer);
	e->alerts->timer = sr_timer_start(&e->c.timers, delay_ms, turn, e);
}

static void pass_over(sr_engine *e)
{
	struct sr_alerts *a = e->alerts;

	a->passing = false;
	a->looked_ms = sr_now_ms(e);
	a->at = 0;
	a->soon = a->again;
	a->again = false;
	again_in(e, a->soon ? SOON_MS : EVERY_MS);
}

static void turn(void *arg)
{
	sr_engine *e = arg;
	struct sr_alerts *a = e->alerts;

	a->timer = NULL;
	if (e->stopping)
		return;
	if (sr_poll_done_count(e) == 0) { /* nothing is known yet but what was true before the restart */
		again_in(e, SOON_MS);
		return;
	}
	a->passing = true;
	if (a->at < e->school_count)
		auto_pause(e->schools[a->at]);
	look_at(e, a->at < e->school_count ? e->schools[a->at] : NULL);
	if (a->at++ < e->school_count)
		again_in(e, 0);
	else
		pass_over(e);
}

void sr_alerts_soon(sr_engine *e)
{
	struct sr_alerts *a = e->alerts;

	if (!a || !e->started || e->stopping || a->soon)
		return;
	if (a->passing) {
		a->again = true;
		return;
	}
	a->soon = true;
	again_in(e, SOON_MS);
}

int64_t sr_alerts_looked_ms(const sr_engine *e)
{
	return e->alerts->looked_ms;
}

int sr_alerts_new(sr_engine *e, sr_err *err)
{
	e->alerts = calloc(1, sizeof(*e->alerts));
	return e->alerts ? 0 : sr_fail_nomem(err);
}

void sr_alerts_free(sr_engine *e)
{
	if (!e->alerts)
		return;
	sr_timer_cancel(&e->c.timers, e->alerts->timer);
	free(SR_TAKE(e->alerts));
}
