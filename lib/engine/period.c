/* Creating a grading period, or giving one other dates, because a person asked: the intent is on disk before the
 * request leaves, a lost answer is settled by reading the list, and asking twice comes to the same. */
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

#define SLOWED_MAX 5

typedef struct sr_period_job {
	struct sr_period_job *next;
	sr_engine *e;
	sr_school *s;
	sr_timer *timer;
	int64_t moves; /* the period that gets other dates; 0: one is created */
	char *title, *who;
	sr_day start, end;
	sr_yearid year;
	bool lost;
	int slowed; /* times the server was too busy for it */
	sr_period_fn fn;
	void *arg;
} sr_period_job;

static void job_send(void *arg);

static void job_free(sr_period_job *j)
{
	sr_period_job **p = &j->e->period_jobs;

	while (*p && *p != j)
		p = &(*p)->next;
	if (*p)
		*p = j->next;
	j->e->c.target->cancel(j->e->c.target, j);
	sr_timer_cancel(&j->e->c.timers, j->timer);
	free(j->title);
	free(j->who);
	free(j);
}

void sr_periods_free(sr_engine *e)
{
	while (e->period_jobs)
		job_free(e->period_jobs);
}

void sr_period_forget(sr_engine *e, void *arg)
{
	for (sr_period_job *j = e->period_jobs; j; j = j->next)
		if (j->arg == arg)
			j->fn = NULL;
}

static void job_end(sr_period_job *j, int64_t period, const sr_err *err)
{
	sr_period_fn fn = j->fn;
	void *arg = j->arg;

	job_free(j);
	if (fn)
		fn(arg, period, err);
}

static int intent_put(sr_period_job *j, sr_txn *t, sr_pi_state state, int64_t period, sr_err *err)
{
	int64_t id;

	return sr_store_period_intent_put(t,
		&(sr_period_intent){ .title = j->title,
			.who = j->who,
			.start = j->start,
			.end = j->end,
			.year = j->year,
			.state = state,
			.period = period,
			.at_ms = sr_now_ms(j->e) },
		&id, err);
}

/* Recorded before anyone is told. */
static int job_record(sr_period_job *j, sr_pi_state state, int64_t period, sr_err *err)
{
	sr_txn *t;
	int rc;

	if (sr_txn_begin(j->e->c.store, SR_TXN_DURABLE, &t, err) < 0)
		return -1;
	rc = intent_put(j, t, state, period, err);
	if (rc == 0 && period)
		rc = sr_store_period_add(t,
			&(sr_period){
				.id = period, .title = j->title, .start = j->start, .end = j->end, .exists = true },
			err);
	return sr_txn_end(j->e, t, rc, err);
}

static void job_done(sr_period_job *j, int64_t period)
{
	sr_err err;

	if (job_record(j, SR_PI_DONE, period, &err) < 0)
		job_end(j, 0, &err);
	else
		job_end(j, period, NULL);
}

static const sr_period *listed(const sr_period_job *j, const sr_read_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		if (j->moves ? answer->periods[i].id == j->moves : sr_streq(answer->periods[i].title, j->title))
			return &answer->periods[i];
	return NULL;
}

/* It is not as intended: sent again if nobody knows what became of the request, else it was refused. */
static void job_missed(sr_period_job *j)
{
	sr_err err;

	if (j->lost) {
		j->lost = false;
		j->timer = sr_timer_start(&j->e->c.timers, 0, job_send, j);
		return;
	}
	sr_fail(&err, SR_E_REJECTED,
		j->moves ? "Schoology refused other dates for the grading period '%s'"
			 : "Schoology refused the grading period '%s'",
		j->title);
	job_record(j, SR_PI_REFUSED, 0, NULL);
	job_end(j, 0, &err);
}

/* What stands in the list decides: the same dates are as intended; under the title of one to create others are
 * somebody else's. */
static void list_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_period_job *j = arg;
	const sr_period *p = failed ? NULL : listed(j, answer);
	sr_err err;

	if (failed) {
		job_end(j, 0, failed);
	} else if (p && p->start == j->start && p->end == j->end) {
		job_done(j, p->id);
	} else if (p && !j->moves) {
		sr_fail(&err, SR_E_REJECTED, "a grading period with this title but other dates exists (%lld)",
			(long long)p->id);
		job_end(j, 0, &err);
	} else {
		job_missed(j);
	}
}

static void ask_list(void *arg)
{
	sr_period_job *j = arg;

	j->timer = NULL;
	j->e->c.target->read(j->e->c.target, &(sr_read_ask){ .what = SR_READ_PERIODS }, list_came, j);
}

static void answered(
	void *arg, uint64_t cookie, const sr_item_result *results, size_t count, bool sent, const sr_err *failed)
{
	sr_period_job *j = arg;
	bool whole = !failed && count == 1;

	(void)cookie;
	if (whole && results[0].end == SR_ITEM_DONE && results[0].id) {
		job_done(j, results[0].id);
	} else if (failed && !sent) {
		job_record(j, SR_PI_WANTED, 0, NULL);
		/* How long a server that is too busy wants to wait, the target knows. */
		if (failed->code == SR_E_THROTTLED && j->slowed++ < SLOWED_MAX)
			j->timer = sr_timer_start(&j->e->c.timers, 0, job_send, j);
		else
			job_end(j, 0, failed);
	} else {
		/* Lost, or refused: perhaps because it is there already. Ask. */
		j->lost = !whole || results[0].end != SR_ITEM_REJECTED;
		job_record(j, SR_PI_LOST, 0, NULL);
		j->timer = sr_timer_start(
			&j->e->c.timers, j->lost ? j->e->c.config->schoology.settle_ms : 0, ask_list, j);
	}
}

static int permit_take(sr_period_job *j, sr_txn *t, sr_permit **permit, sr_err *err)
{
	sr_fence_verdict verdict;
	sr_fence_state state;

	if (sr_school_reload_row(j->s, t, err) < 0)
		return -1;
	state = (sr_fence_state){ .school = j->s->row.state,
		.school_number = j->s->number,
		.plan_epoch = j->s->row.state.epoch,
		.blocked = sr_blocked(j->e, t, j->s, false, NULL),
		.stop = j->e->stopping };
	*permit = sr_fence_pass_period(&state, j->year, &verdict);
	if (!*permit)
		return sr_fail(
			err, SR_E_STATE, "no grading period may be written now: %s", sr_fence_verdict_name(verdict));
	return intent_put(j, t, SR_PI_SENT, 0, err);
}

static int job_call(sr_period_job *j, sr_permit *permit, sr_err *err)
{
	sr_target *t = j->e->c.target;

	return j->moves ? t->move_period(t, j->moves, j->title, j->start, j->end, permit, answered, j, 0, err)
			: t->create_period(t, j->title, j->start, j->end, permit, answered, j, 0, err);
}

static void job_send(void *arg)
{
	sr_period_job *j = arg;
	int64_t wait = j->e->c.target->write_wait_ms(j->e->c.target);
	sr_permit *permit = NULL;
	sr_err err;
	sr_txn *t;

	j->timer = NULL;
	if (wait > 0) {
		j->timer = sr_timer_start(&j->e->c.timers, wait, job_send, j);
		return;
	}
	if (sr_txn_begin(j->e->c.store, SR_TXN_DURABLE, &t, &err) < 0 ||
		sr_txn_end(j->e, t, permit_take(j, t, &permit, &err), &err) < 0 || job_call(j, permit, &err) < 0)
		job_end(j, 0, &err);
	sr_permit_free(permit);
}

static int known_period(sr_school *s, sr_txn *t, const char *title, sr_day start, sr_day end, int64_t *out, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_period *rows;
	size_t count;

	*out = 0;
	if (sr_store_periods(t, &arena, s->row.state.active, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!rows[i].exists || !sr_streq(rows[i].title, title))
			continue;
		if (rows[i].start != start || rows[i].end != end)
			return sr_fail(err, SR_E_REJECTED,
				"a grading period with this title but other dates exists (%lld)",
				(long long)rows[i].id);
		*out = rows[i].id;
	}
	return 0;
}

static int job_new(sr_school *s, sr_period_job values, sr_err *err)
{
	sr_period_job *j = calloc(1, sizeof(*j));

	if (!j)
		return sr_fail_nomem(err);
	*j = values;
	j->next = s->e->period_jobs;
	j->e = s->e;
	j->s = s;
	j->year = s->row.state.active;
	j->title = sr_strdup(values.title);
	j->who = sr_strdup(values.who);
	s->e->period_jobs = j;
	if (!j->title || !j->who) {
		job_free(j);
		return sr_fail_nomem(err);
	}
	j->timer = sr_timer_start(&s->e->c.timers, 0, job_send, j);
	return 0;
}

int sr_period_create(sr_school *s, const char *title, sr_day start, sr_day end, const char *who, sr_period_fn fn,
	void *arg, sr_err *err)
{
	int64_t known;
	sr_txn *t;

	if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, err) < 0 ||
		sr_txn_end(s->e, t, known_period(s, t, title, start, end, &known, err), err) < 0)
		return -1;
	if (known) {
		fn(arg, known, NULL);
		return 0;
	}
	return job_new(s,
		(sr_period_job){
			.title = (char *)title, .who = (char *)who, .start = start, .end = end, .fn = fn, .arg = arg },
		err);
}

int sr_period_move(sr_school *s, const sr_period *period, sr_day start, sr_day end, const char *who, sr_period_fn fn,
	void *arg, sr_err *err)
{
	return job_new(s,
		(sr_period_job){ .moves = period->id,
			.title = (char *)period->title,
			.who = (char *)who,
			.start = start,
			.end = end,
			.fn = fn,
			.arg = arg },
		err);
}
