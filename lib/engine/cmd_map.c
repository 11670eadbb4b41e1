/* The jobs of mapping: find or create the period, judge the map by the linter, write it as a choice.
 * Creating is a call to Schoology, so the command is held meanwhile, and goes on without its caller. */
#include "engine/cmd_map.h"

#include <stdio.h>
#include <string.h>

static void map_step(sr_call *c);

static void mapping_free(void *state)
{
	sr_mapping *m = state;

	free(m->jobs);
	json_decref(m->mapped);
	free(m);
}

sr_mapping *sr_mapping_new(sr_call *c)
{
	sr_mapping *m = calloc(1, sizeof(*m));

	if (m && (m->mapped = json_array())) {
		c->state = m;
		c->state_free = mapping_free;
		return m;
	}
	free(m);
	sr_call_done(c, NULL);
	return NULL;
}

sr_map_job *sr_mapping_add(sr_mapping *m, sr_school *s, int64_t term)
{
	if (m->count == m->cap) {
		size_t cap = m->cap ? m->cap * 2 : 16;
		sr_map_job *grown = realloc(m->jobs, cap * sizeof(*grown));

		if (!grown)
			return NULL;
		m->jobs = grown;
		m->cap = cap;
	}
	m->jobs[m->count] = (sr_map_job){ .s = s, .term = term };
	return &m->jobs[m->count++];
}

bool sr_map_allowed(sr_call *c, sr_school *s)
{
	char year[SR_YEAR_LABEL_BYTES];
	sr_no no;

	if (s->row.state.phase != SR_PH_PAUSED)
		return true;
	sr_no_init(&no, SR_CODE_NO_PHASE, "terms are mapped once a year is set; the school is paused");
	sr_no_todo(&no, "sisrollctl status %lld", (long long)s->number);
	/* Paused with a term unmapped, it cannot resume either: the same year, chosen again, leads through the map. */
	if (s->row.state.active && !s->row.state.chosen)
		sr_no_todo(&no, "sisrollctl year set %s %lld", sr_year_print(s->row.state.active, year),
			(long long)s->number);
	sr_result_refused(c, s, &no);
	return false;
}

const sr_term_use *sr_map_term(const sr_context *ctx, int64_t id)
{
	for (size_t i = 0; i < ctx->term_count; i++)
		if (ctx->terms[i].term.id == id)
			return &ctx->terms[i];
	return NULL;
}

/* --- One job --- */

static void refuse(sr_call *c, sr_map_job *job, sr_no *no)
{
	job->failed = true;
	sr_result_refused(c, job->s, no);
}

/* What is known now; false: the job is refused. `ctx` has to be done in any case. */
static bool job_context(sr_call *c, sr_map_job *job, sr_context *ctx, sr_period_intent **intents, size_t *intent_count)
{
	sr_err err = { 0 };
	sr_txn *t;
	sr_no no;
	int rc;

	if (sr_txn_begin(c->e->c.store, SR_TXN_READ, &t, &err) < 0) {
		refuse(c, job, sr_no_init(&no, SR_CODE_DATABASE, "%s", err.text));
		return false;
	}
	rc = sr_context_load(t, job->s, job->s->row.state.active, ctx, &err);
	if (rc == 0)
		rc = sr_store_period_intents(t, &ctx->arena, intents, intent_count, &err);
	if (sr_txn_end(c->e, t, rc, &err) < 0) {
		refuse(c, job, sr_no_init(&no, SR_CODE_DATABASE, "%s", err.text));
		return false;
	}
	if (job->s->row.state.phase == SR_PH_PAUSED || !sr_map_term(ctx, job->term)) {
		sr_no_init(&no, SR_CODE_UNKNOWN_TERM, "the school has no term %lld in its active year",
			(long long)job->term);
		sr_no_todo(&no, "sisrollctl terms list %lld", (long long)job->s->number);
		refuse(c, job, &no);
		return false;
	}
	return true;
}

static const sr_period *period_of(const sr_context *ctx, int64_t id)
{
	for (size_t i = 0; i < ctx->period_count; i++)
		if (ctx->periods[i].id == id && ctx->periods[i].exists)
			return &ctx->periods[i];
	return NULL;
}

/* The term as it would be with the job's periods; false: a period is unknown. */
static bool job_use(sr_call *c, sr_map_job *job, const sr_context *ctx, sr_term_use *out)
{
	sr_no no;

	*out = *sr_map_term(ctx, job->term);
	out->period_count = 0;
	out->forced = sr_json_bool(c->params, "force", false) && sr_call_reason(c);
	for (size_t i = 0; i < job->count; i++) {
		const sr_period *p = period_of(ctx, job->periods[i]);

		if (!p) {
			sr_no_init(&no, SR_CODE_UNKNOWN_PERIOD, "Schoology has no grading period %lld",
				(long long)job->periods[i]);
			sr_no_todo(&no, "sisrollctl periods list");
			refuse(c, job, &no);
			return false;
		}
		out->periods[out->period_count++] = p;
	}
	return true;
}

static bool job_lint(sr_call *c, sr_map_job *job, const sr_context *ctx, const sr_term_use *use)
{
	sr_lint_finding worst;
	sr_no no;

	if (sr_term_lint(use, ctx->filter.active, ctx->year_first, ctx->year_last, &worst, 1) == 0 ||
		worst.level != SR_LINT_ERROR)
		return true;
	sr_no_init(&no, SR_CODE_LINT, "%lld %s: %s: %s", (long long)job->term, use->term.abbreviation,
		sr_lint_rule_name(worst.rule), worst.text);
	sr_no_todo(&no, "sisrollctl periods list");
	sr_no_todo(&no, "sisrollctl terms map %lld %lld --create", (long long)job->s->number, (long long)job->term);
	sr_no_todo(&no, "sisrollctl terms map %lld %lld --period ID --force --reason 'TEXT'", (long long)job->s->number,
		(long long)job->term);
	refuse(c, job, &no);
	return false;
}

typedef struct map_write {
	const sr_map_job *job;
	const char *forced;
} map_write;

static int map_put(sr_school *s, sr_txn *t, const sr_choice *choice, sr_err *err)
{
	const map_write *w = choice->arg;

	return sr_store_map_set(t, s->number, w->job->term, w->job->periods, w->job->count, choice->who, w->forced,
		sr_now_ms(s->e), err);
}

static void map_why(const sr_map_job *job, const char *abbreviation, const char *reason, char *out, size_t size)
{
	SR_AUTO(sr_buf) text = { 0 };

	sr_buf_printf(&text, "term %lld %s ->", (long long)job->term, abbreviation ? abbreviation : "");
	for (size_t i = 0; i < job->count; i++)
		sr_buf_printf(&text, " %lld", (long long)job->periods[i]);
	if (job->count == 0)
		sr_buf_puts(&text, " no period");
	if (reason)
		sr_buf_printf(&text, ": %s", reason);
	snprintf(out, size, "%s", sr_buf_text(&text));
}

static void mapped_add(sr_call *c, sr_mapping *m, const sr_map_job *job, const sr_term_use *use)
{
	sr_json_obj o = sr_json_obj_new();

	sr_json_put_int(&o, "school", job->s->number);
	sr_json_put_int(&o, "term", job->term);
	sr_json_put(&o, "periods", sr_terms_periods(use));
	sr_json_put_bool(&o, "created", job->created);
	sr_list_add(c, m->mapped, sr_json_obj_take(&o));
}

static bool job_same(const sr_map_job *job, const sr_term_use *now)
{
	if (job->count != now->period_count)
		return false;
	for (size_t i = 0; i < job->count; i++) {
		bool found = false;

		for (size_t k = 0; k < now->period_count; k++)
			found |= now->periods[k]->id == job->periods[i];
		if (!found)
			return false;
	}
	return true;
}

static void job_write(sr_call *c, sr_mapping *m, sr_map_job *job, const sr_context *ctx)
{
	const sr_term_use *now = sr_map_term(ctx, job->term);
	map_write w = { .job = job };
	sr_err err = { 0 };
	sr_term_use use;
	char why[300];

	if (!job_use(c, job, ctx, &use) || !job_lint(c, job, ctx, &use))
		return;
	w.forced = use.forced ? sr_call_reason(c) : NULL;
	map_why(job, use.term.abbreviation, sr_call_reason(c), why, sizeof(why));
	/* The same map again is no change: what was rehearsed under it stays rehearsed. */
	if ((!job_same(job, now) || use.forced != now->forced) &&
		sr_choice_make(job->s,
			&(sr_choice){ .event = job->count ? "term-mapped" : "term-unmapped",
				.why = why,
				.write = map_put,
				.arg = &w,
				.who = c->who },
			&err) < 0) {
		job->failed = true;
		sr_result_failed(c, job->s, &err);
		return;
	}
	mapped_add(c, m, job, &use);
}

/* --- A period to create --- */

static void period_came(void *arg, int64_t period, const sr_err *failed)
{
	sr_call *c = arg;
	sr_mapping *m = c->state;

	m->answered = true;
	m->period = period;
	m->period_err = failed ? *failed : (sr_err){ 0 };
	sr_call_wake(c);
}

static void refuse_period(sr_call *c, sr_map_job *job, const sr_err *err, sr_code code)
{
	sr_no no;

	sr_no_init(&no, code, "%s", err->text);
	sr_no_todo(&no, "sisrollctl periods list");
	sr_no_todo(&no, "sisrollctl terms map %lld %lld --create --title 'TEXT'", (long long)job->s->number,
		(long long)job->term);
	refuse(c, job, &no);
}

/* True: the job has its period, or its end; false: Schoology is asked. */
static bool period_ask(sr_call *c, sr_mapping *m, sr_map_job *job, const sr_title_ask *ask)
{
	SR_AUTO(sr_buf) title = { 0 };
	int64_t existing = 0;
	sr_err err = { 0 };
	sr_no no;

	if (sr_title_find(ask, &title, &existing, &err) < 0) {
		refuse_period(c, job, &err, SR_CODE_TITLE_TAKEN);
		return true;
	}
	if (existing) {
		job->periods[job->count++] = existing;
		return true;
	}
	if (sr_block_refusal(job->s, false, "creating a grading period", &no)) {
		refuse(c, job, &no);
		return true;
	}
	m->asked = true;
	m->answered = false;
	c->finish_alone = true;
	if (sr_period_create(job->s, title.p, ask->term->first, ask->term->last, c->who, period_came, c, &err) < 0) {
		m->asked = false;
		refuse_period(c, job, &err, SR_CODE_PERIOD_FAILED);
		return true;
	}
	return m->answered;
}

static void period_take(sr_call *c, sr_mapping *m, sr_map_job *job)
{
	m->asked = false;
	if (m->period_err.code != SR_E_OK) {
		refuse_period(c, job, &m->period_err, SR_CODE_PERIOD_FAILED);
		return;
	}
	job->periods[job->count++] = m->period;
	job->created = true;
}

/* True: on to the next job. */
static bool job_step(sr_call *c, sr_mapping *m, sr_map_job *job)
{
	sr_period_intent *intents = NULL;
	size_t intent_count = 0;
	sr_context ctx = { 0 };
	bool over = true;

	if (m->asked && m->answered)
		period_take(c, m, job);
	if (!job->failed && job_context(c, job, &ctx, &intents, &intent_count)) {
		sr_title_ask ask = { .s = job->s,
			.term = &sr_map_term(&ctx, job->term)->term,
			.title = job->title,
			.periods = ctx.periods,
			.period_count = ctx.period_count,
			.intents = intents,
			.intent_count = intent_count };

		if (job->count == 0)
			over = period_ask(c, m, job, &ask);
		if (over && m->asked) {
			/* Answered at once: the period may be new, so the context is read again. */
			sr_context_done(&ctx);
			return job_step(c, m, job);
		}
		if (over && !job->failed)
			job_write(c, m, job, &ctx);
	}
	sr_context_done(&ctx);
	return over;
}

/* --- All of them --- */

static bool first_of_school(const sr_mapping *m, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (m->jobs[i].s == m->jobs[at].s)
			return false;
	return true;
}

/* One row a school that all went well at; the others have theirs already. */
static void mapping_end(sr_call *c, sr_mapping *m)
{
	for (size_t i = 0; i < m->count; i++) {
		bool failed = false;

		if (!first_of_school(m, i))
			continue;
		for (size_t k = i; k < m->count; k++)
			failed |= m->jobs[k].s == m->jobs[i].s && m->jobs[k].failed;
		if (!failed)
			sr_result_done(c, m->jobs[i].s, false, NULL);
	}
	sr_call_done(c, json_pack("{s:o, s:O}", "results", sr_results_take(c), "mapped", m->mapped));
}

static void map_step(sr_call *c)
{
	sr_mapping *m = c->state;

	if (m->asked && !m->answered)
		return;
	while (m->at < m->count) {
		sr_map_job *job = &m->jobs[m->at];

		if (!job_step(c, m, job)) {
			sr_call_hold(c, map_step);
			return;
		}
		m->at++;
		if (c->ops)
			sr_call_progress(c, job->s, 0, "mapping", (int64_t)m->at, (int64_t)m->count);
	}
	mapping_end(c, m);
}

void sr_mapping_run(sr_call *c)
{
	map_step(c);
}
