/* terms map, unmap, copy, automap: which terms get which periods. */
#include "engine/cmd_map.h"

#include <stdio.h>
#include <string.h>

#define JOIN_DAYS 3 /* a long weekend between two periods of a tiling is no gap (core/term.c) */

/* One school's terms and all periods. False: the call failed or was refused. */
static bool context_of(sr_call *c, sr_school *s, sr_context *ctx)
{
	sr_err err = { 0 };
	sr_txn *t;

	if (sr_txn_begin(c->e->c.store, SR_TXN_READ, &t, &err) == 0 &&
		sr_txn_end(c->e, t, sr_context_load(t, s, s->row.state.active, ctx, &err), &err) == 0)
		return true;
	sr_call_fail(c, &err);
	return false;
}

static bool mapping_reply(sr_call *c)
{
	sr_mapping *m = c->state;

	sr_call_done(c, json_pack("{s:o, s:O}", "results", sr_results_take(c), "mapped", m->mapped));
	return false;
}

/* --- terms map --- */

static bool map_shape(sr_call *c, const json_t *periods, bool create)
{
	size_t n = json_array_size(periods);
	sr_no no;

	if (create == (n > 0))
		sr_call_refuse_no(
			c, sr_no_init(&no, SR_CODE_INVALID, "a term is mapped either with --create or with --period"));
	else if (n > SR_PERIODS_PER_TERM_MAX)
		sr_call_refuse_no(c,
			sr_no_init(&no, SR_CODE_INVALID, "a term takes at most %d periods", SR_PERIODS_PER_TERM_MAX));
	else if (sr_json_bool(c->params, "force", false))
		return sr_call_needs_reason(c, "forcing a map");
	else
		return true;
	return false;
}

/* Each id once: Schoology would take a section's period twice as an error. */
static void job_periods(sr_map_job *job, const json_t *periods)
{
	size_t i;
	json_t *id;

	json_array_foreach((json_t *)periods, i, id) {
		bool again = false;

		for (size_t k = 0; k < job->count; k++)
			again |= job->periods[k] == json_integer_value(id);
		if (!again)
			job->periods[job->count++] = json_integer_value(id);
	}
}

/* The school of `terms map` and `unmap`, with room for its one job. NULL: answered. */
static sr_school *one_school(sr_call *c)
{
	sr_school *s = sr_select_one(c, sr_json_text(c->params, "school"));

	if (!s || !sr_mapping_new(c))
		return NULL;
	if (sr_result_unsynced(c, &(sr_pick){ s, true }) || !sr_map_allowed(c, s)) {
		mapping_reply(c);
		return NULL;
	}
	return s;
}

void sr_cmd_terms_map(sr_call *c)
{
	const json_t *periods = sr_json_array(c->params, "periods");
	const char *title = sr_json_text(c->params, "title");
	bool create = sr_json_bool(c->params, "create", false) || title;
	sr_map_job *job;
	sr_school *s;

	if (!map_shape(c, periods, create) || !(s = one_school(c)))
		return;
	job = sr_mapping_add(c->state, s, sr_json_int(c->params, "term", 0));
	if (!job) {
		sr_call_done(c, NULL);
		return;
	}
	job->title = title && *title ? title : NULL;
	job_periods(job, periods);
	sr_mapping_run(c);
}

/* --- terms unmap --- */

typedef struct unmap {
	int64_t term;
} unmap;

static int unmap_put(sr_school *s, sr_txn *t, const sr_choice *choice, sr_err *err)
{
	const unmap *u = choice->arg;

	return sr_store_map_set(t, s->number, u->term, NULL, 0, choice->who, NULL, sr_now_ms(s->e), err);
}

static void unmap_do(sr_call *c, sr_school *s, const sr_term_use *use)
{
	sr_mapping *m = c->state;
	unmap u = { use->term.id };
	sr_err err = { 0 };
	char why[200];

	snprintf(why, sizeof(why), "term %lld %s -> no period%s%.100s", (long long)u.term, use->term.abbreviation,
		sr_call_reason(c) ? ": " : "", sr_call_reason(c) ?: "");
	if (use->period_count == 0)
		sr_result_done(c, s, true, "the term was not mapped");
	else if (sr_choice_make(s,
			 &(sr_choice){
				 .event = "term-unmapped", .why = why, .write = unmap_put, .arg = &u, .who = c->who },
			 &err) < 0)
		sr_result_failed(c, s, &err);
	else
		sr_result_done(c, s, false, "the period stays, and what is in Schoology stays");
	sr_list_add(c, m->mapped,
		json_pack("{s:I, s:I, s:[], s:b}", "school", (json_int_t)s->number, "term", (json_int_t)u.term,
			"periods", "created", 0));
}

void sr_cmd_terms_unmap(sr_call *c)
{
	int64_t term = sr_json_int(c->params, "term", 0);
	sr_school *s = one_school(c);
	sr_context ctx = { 0 };
	const sr_term_use *use;
	sr_no no;

	if (!s)
		return;
	if (context_of(c, s, &ctx)) {
		use = sr_map_term(&ctx, term);
		if (use) {
			unmap_do(c, s, use);
		} else {
			sr_no_init(&no, SR_CODE_UNKNOWN_TERM, "the school has no term %lld in its active year",
				(long long)term);
			sr_no_todo(&no, "sisrollctl terms list %lld", (long long)s->number);
			sr_result_refused(c, s, &no);
		}
		mapping_reply(c);
	}
	sr_context_done(&ctx);
}

/* --- terms copy --- */

/* The term there that is the one here: the same abbreviation. */
static const sr_term_use *twin_of(const sr_context *ctx, const sr_term *term)
{
	for (size_t i = 0; i < ctx->term_count; i++)
		if (sr_strcaseeq(ctx->terms[i].term.abbreviation, term->abbreviation))
			return &ctx->terms[i];
	return NULL;
}

static void refuse_dates(sr_call *c, sr_school *s, const sr_term *term)
{
	sr_no no;

	sr_no_init(&no, SR_CODE_DATES_DIFFER, "%lld %s has other dates here", (long long)term->id, term->abbreviation);
	sr_no_todo(&no, "sisrollctl terms automap %lld", (long long)s->number);
	sr_result_refused(c, s, &no);
}

/* 0: jobs were added; 1: refused or nothing to copy, told; -1: out of memory. */
static int copy_jobs(sr_call *c, const sr_context *from, const sr_context *to, sr_school *s)
{
	size_t added = 0;

	for (size_t i = 0; i < from->term_count; i++) {
		const sr_term_use *theirs = &from->terms[i], *ours = twin_of(to, &theirs->term);
		sr_map_job *job;

		if (theirs->period_count == 0 || !ours)
			continue;
		if (ours->term.first != theirs->term.first || ours->term.last != theirs->term.last) {
			refuse_dates(c, s, &ours->term);
			return 1;
		}
		job = sr_mapping_add(c->state, s, ours->term.id);
		if (!job)
			return -1;
		for (size_t k = 0; k < theirs->period_count; k++)
			job->periods[job->count++] = theirs->periods[k]->id;
		added++;
	}
	if (added == 0)
		sr_result_done(c, s, true, "no term of the same abbreviation is mapped there");
	return added == 0;
}

static bool copy_school(sr_call *c, const sr_context *from, const sr_pick *pick)
{
	sr_mapping *m = c->state;
	size_t before = m->count;
	sr_context to = { 0 };
	bool good = true;
	int rc;

	if (sr_result_unsynced(c, pick) || !sr_map_allowed(c, pick->s))
		return true;
	good = context_of(c, pick->s, &to);
	rc = good ? copy_jobs(c, from, &to, pick->s) : 0;
	if (rc > 0)
		m->count = before; /* a school is copied to whole, or not at all */
	if (rc < 0)
		sr_call_done(c, NULL);
	sr_context_done(&to);
	return good && rc >= 0;
}

void sr_cmd_terms_copy(sr_call *c)
{
	sr_school *from = sr_select_one(c, sr_json_text(c->params, "from"));
	SR_AUTO(sr_picks) picks = { 0 };
	sr_context ctx = { 0 };
	bool good;

	if (!from || sr_select(c, SR_PICK_REFUSE, &picks) < 0 || !sr_mapping_new(c))
		return;
	good = context_of(c, from, &ctx);
	for (size_t i = 0; good && i < picks.count; i++)
		if (picks.at[i].s != from)
			good = copy_school(c, &ctx, &picks.at[i]);
	sr_context_done(&ctx);
	if (good)
		sr_mapping_run(c);
}

/* --- terms automap --- */

static bool usable(const sr_period *p)
{
	return p->exists && !p->used_last_year && p->start != SR_DAY_NONE && p->end != SR_DAY_NONE;
}

static bool equal_dates(const sr_context *ctx, const sr_term *term, sr_map_job *job)
{
	for (size_t i = 0; i < ctx->period_count; i++) {
		const sr_period *p = &ctx->periods[i];

		if (!usable(p) || p->start != term->first || p->end != term->last)
			continue;
		job->periods[0] = p->id;
		job->count = 1;
		return true;
	}
	return false;
}

/* The longest period that begins where the last one ended, and ends within the term. */
static const sr_period *tile_next(const sr_context *ctx, sr_day from, bool first, sr_day last)
{
	const sr_period *best = NULL;

	for (size_t i = 0; i < ctx->period_count; i++) {
		const sr_period *p = &ctx->periods[i];

		if (!usable(p) || p->start < from || p->start > from + (first ? 0 : JOIN_DAYS) || p->end > last)
			continue;
		if (!best || p->end > best->end)
			best = p;
	}
	return best;
}

/* Periods that cover the term exactly, one after the other: four quarters for a year. */
static bool tiling(const sr_context *ctx, const sr_term *term, sr_map_job *job)
{
	sr_day from = term->first;

	for (job->count = 0; job->count < SR_PERIODS_PER_TERM_MAX;) {
		const sr_period *p = tile_next(ctx, from, job->count == 0, term->last);

		if (!p)
			break;
		job->periods[job->count++] = p->id;
		if (p->end == term->last)
			return true;
		from = p->end + 1;
	}
	job->count = 0;
	return false;
}

/* False: out of memory, told. */
static bool automap_school(sr_call *c, const sr_pick *pick)
{
	sr_mapping *m = c->state;
	size_t before = m->count;
	sr_context ctx = { 0 };
	bool good;

	if (sr_result_unsynced(c, pick) || !sr_map_allowed(c, pick->s))
		return true;
	good = context_of(c, pick->s, &ctx);
	for (size_t i = 0; good && i < ctx.term_count; i++) {
		const sr_term_use *use = &ctx.terms[i];
		sr_map_job *job;

		if (!use->used || sr_term_sound(use, ctx.filter.active, ctx.year_first, ctx.year_last))
			continue;
		job = sr_mapping_add(m, pick->s, use->term.id);
		if (!job) {
			sr_call_done(c, NULL);
			good = false;
		} else if (!equal_dates(&ctx, &use->term, job)) {
			tiling(&ctx, &use->term, job);
		}
	}
	sr_context_done(&ctx);
	if (good && m->count == before)
		sr_result_done(c, pick->s, true, "every used term is mapped");
	return good;
}

void sr_cmd_terms_automap(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };

	if (sr_json_bool(c->params, "force", false) && !sr_call_needs_reason(c, "forcing a map"))
		return;
	if (sr_select(c, SR_PICK_REFUSE, &picks) < 0 || !sr_mapping_new(c))
		return;
	for (size_t i = 0; i < picks.count; i++)
		if (!automap_school(c, &picks.at[i]))
			return;
	sr_mapping_run(c);
}
