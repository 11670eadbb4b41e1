/* The preview of `terms dates`: who stands in the periods, which terms of which schools go by them, and what the
 * linter would say of each afterwards. A period that another year uses is never moved. */
#include "engine/cmd_dates.h"

#include <stdio.h>
#include <string.h>

static sr_no *refuse(sr_dates *d, sr_code code)
{
	d->refused = true;
	sr_no_init(&d->no, code, " ");
	return &d->no;
}

#define WHAT(no, ...) snprintf((no)->what, sizeof((no)->what), __VA_ARGS__)

/* --- The periods of the term --- */

static int by_start(const void *a, const void *b)
{
	const sr_dates_period *x = a, *y = b;

	return (x->was.start > y->was.start) - (x->was.start < y->was.start);
}

/* From the beginning of the first to the end of the last; what lies between stays. */
static int periods_of(sr_txn *t, sr_dates *d, const sr_context *ctx, const sr_term_use *use, sr_err *err)
{
	for (size_t i = 0; i < use->period_count; i++) {
		sr_dates_period *p = &d->periods[d->count++];

		*p = (sr_dates_period){
			.was = *use->periods[i], .start = use->periods[i]->start, .end = use->periods[i]->end
		};
		p->was.title = sr_arena_strdup(&d->arena, p->was.title);
		if (!p->was.title)
			return sr_fail_nomem(err);
		if (sr_store_period_use(t, p->was.id, ctx->filter.active, &p->use, err) < 0)
			return -1;
	}
	qsort(d->periods, d->count, sizeof(*d->periods), by_start);
	d->periods[0].start = d->from;
	d->periods[d->count - 1].end = d->to;
	return 0;
}

static bool year_fits(sr_dates *d, const sr_context *ctx)
{
	char a[11], b[11];

	if (ctx->year_first != SR_DAY_NONE && d->from >= ctx->year_first && d->to <= ctx->year_last)
		return true;
	sr_day_print(ctx->year_first, a);
	sr_day_print(ctx->year_last, b);
	WHAT(refuse(d, SR_CODE_PERIOD_YEAR), "the dates would leave the active year, which is %s to %s here", a, b);
	sr_no_todo(&d->no, "sisrollctl terms list %lld", (long long)d->s->number);
	return false;
}

static bool period_fits(sr_dates *d, const sr_dates_period *p)
{
	if (!p->was.exists) {
		WHAT(refuse(d, SR_CODE_UNKNOWN_PERIOD), "grading period %lld does not exist in Schoology any more",
			(long long)p->was.id);
		sr_no_todo(
			&d->no, "sisrollctl terms map %lld %lld --create", (long long)d->s->number, (long long)d->term);
	} else if (p->start > p->end) {
		WHAT(refuse(d, SR_CODE_INVALID), "grading period %lld \"%.60s\" would end before it begins",
			(long long)p->was.id, p->was.title);
		sr_no_todo(&d->no, "sisrollctl terms list %lld", (long long)d->s->number);
	} else if (p->use.other_year) {
		WHAT(refuse(d, SR_CODE_PERIOD_YEAR),
			"%lld sections of another year stand in grading period %lld \"%.60s\"",
			(long long)p->use.other_year, (long long)p->was.id, p->was.title);
		sr_no_todo(
			&d->no, "sisrollctl terms map %lld %lld --create", (long long)d->s->number, (long long)d->term);
	} else {
		return true;
	}
	return false;
}

static int term_periods(sr_txn *t, sr_dates *d, const sr_context *ctx, sr_err *err)
{
	const sr_term_use *use = NULL;

	for (size_t i = 0; i < ctx->term_count; i++)
		if (ctx->terms[i].term.id == d->term)
			use = &ctx->terms[i];
	if (!use) {
		WHAT(refuse(d, SR_CODE_UNKNOWN_TERM), "the school has no term %lld in its active year",
			(long long)d->term);
		sr_no_todo(&d->no, "sisrollctl terms list %lld", (long long)d->s->number);
		return 0;
	}
	if (use->period_count == 0) {
		WHAT(refuse(d, SR_CODE_TERMS_UNMAPPED), "term %lld is mapped to no grading period", (long long)d->term);
		sr_no_todo(
			&d->no, "sisrollctl terms map %lld %lld --create", (long long)d->s->number, (long long)d->term);
		return 0;
	}
	if (d->as_powerschool) {
		d->from = use->term.first;
		d->to = use->term.last;
	}
	if (!year_fits(d, ctx))
		return 0;
	if (periods_of(t, d, ctx, use, err) < 0)
		return -1;
	for (size_t i = 0; i < d->count && !d->refused; i++)
		period_fits(d, &d->periods[i]);
	return 0;
}

/* --- The terms that go by them --- */

/* The term with its periods as they would be; the worst that the linter says of it then. */
static bool worst_after(const sr_dates *d, const sr_context *ctx, const sr_term_use *use, sr_lint_finding *worst)
{
	sr_period moved[SR_PERIODS_PER_TERM_MAX];
	sr_term_use after = *use;

	for (size_t i = 0; i < use->period_count; i++) {
		moved[i] = *use->periods[i];
		for (size_t k = 0; k < d->count; k++)
			if (d->periods[k].was.id == moved[i].id) {
				moved[i].start = d->periods[k].start;
				moved[i].end = d->periods[k].end;
			}
		after.periods[i] = &moved[i];
	}
	return sr_term_lint(&after, ctx->filter.active, ctx->year_first, ctx->year_last, worst, 1) > 0;
}

static bool uses_period(const sr_term_use *use, int64_t period)
{
	for (size_t i = 0; i < use->period_count; i++)
		if (use->periods[i]->id == period)
			return true;
	return false;
}

static void judge_finding(
	sr_call *c, sr_dates *d, const sr_school *s, const sr_term_use *use, const sr_lint_finding *worst)
{
	if (worst->level != SR_LINT_ERROR || sr_json_bool(c->params, "force", false) || d->refused)
		return;
	WHAT(refuse(d, SR_CODE_LINT), "%lld %lld %s would not be sound: %s: %.150s", (long long)s->number,
		(long long)use->term.id, use->term.abbreviation, sr_lint_rule_name(worst->rule), worst->text);
	sr_no_todo(&d->no, "sisrollctl terms map %lld %lld --create", (long long)s->number, (long long)use->term.id);
}

static json_t *term_json(const sr_school *s, const sr_term_use *use, const sr_lint_finding *worst)
{
	static const char *const levels[] = {
		[SR_LINT_ERROR] = "error", [SR_LINT_WARNING] = "warning", [SR_LINT_NOTE] = "note"
	};
	SR_AUTO_FREE char *finding = NULL;
	sr_json_obj o = sr_json_obj_new();

	sr_put_school(&o, s);
	sr_json_put_int(&o, "term", use->term.id);
	sr_put_text(&o, "abbreviation", use->term.abbreviation ? use->term.abbreviation : "");
	sr_put_year(&o, "year", use->term.yearid);
	sr_put_day(&o, "first_day", use->term.first);
	sr_put_day(&o, "last_day", use->term.last);
	if (worst) {
		finding = sr_asprintf("%s: %s", sr_lint_rule_name(worst->rule), worst->text);
		sr_json_put_text(&o, "level", levels[worst->level]);
		sr_put_text(&o, "finding", finding);
	}
	return sr_json_obj_take(&o);
}

static bool known_term(const sr_dates *d, const sr_school *s, int64_t term)
{
	for (size_t i = 0; i < d->term_count; i++)
		if (d->terms[i].s == s && d->terms[i].id == term)
			return true;
	return false;
}

/* Another year's term in the same period: whichever of the two years it is of, it is not this one's alone. */
static void refuse_shared(sr_dates *d, const sr_school *s, const sr_term *term, int64_t period)
{
	char year[SR_YEAR_LABEL_BYTES];

	WHAT(refuse(d, SR_CODE_PERIOD_YEAR), "grading period %lld is mapped to term %lld of %s at %lld too",
		(long long)period, (long long)term->id, sr_year_print(term->yearid, year), (long long)s->number);
	sr_no_todo(&d->no, "sisrollctl terms map %lld %lld --create", (long long)d->s->number, (long long)d->term);
}

/* Terms of the school that are mapped to one of the periods in another year. */
static int other_years(sr_txn *t, sr_dates *d, const sr_school *s, const sr_context *ctx, sr_err *err)
{
	sr_map_row *maps;
	size_t count;

	if (sr_store_maps(t, &d->arena, s->number, &maps, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < d->count; k++)
			for (size_t n = 0; n < ctx->all_count && !d->refused; n++) {
				const sr_term *term = &ctx->all[n].term;

				if (maps[i].period == d->periods[k].was.id && maps[i].term == term->id &&
					term->yearid != ctx->filter.active)
					refuse_shared(d, s, term, maps[i].period);
			}
	return 0;
}

static void look_term(
	sr_call *c, sr_dates *d, sr_school *s, const sr_context *ctx, const sr_term_use *use, json_t **lists)
{
	sr_lint_finding worst = { 0 };
	bool found = false;

	for (size_t k = 0; k < d->count; k++) {
		if (!uses_period(use, d->periods[k].was.id))
			continue;
		found = worst_after(d, ctx, use, &worst);
		sr_list_add(c, lists[k], term_json(s, use, found ? &worst : NULL));
		if (!known_term(d, s, use->term.id))
			d->terms[d->term_count++] = (sr_dates_term){ s, use->term.id };
	}
	if (found)
		judge_finding(c, d, s, use, &worst);
}

static int look_school(sr_call *c, sr_txn *t, sr_dates *d, sr_school *s, json_t **lists, sr_err *err)
{
	sr_context ctx = { 0 };
	int rc = sr_context_load(t, s, d->s->row.state.active, &ctx, err);
	sr_dates_term *terms =
		rc == 0 ? sr_arena_alloc(&d->arena, (d->term_count + ctx.term_count + 1) * sizeof(*terms)) : NULL;

	if (rc == 0 && !terms)
		rc = sr_fail_nomem(err);
	if (rc == 0)
		rc = other_years(t, d, s, &ctx, err);
	if (rc == 0) {
		if (d->term_count)
			memcpy(terms, d->terms, d->term_count * sizeof(*terms));
		d->terms = terms;
		for (size_t i = 0; i < ctx.term_count; i++)
			look_term(c, d, s, &ctx, &ctx.terms[i], lists);
	}
	sr_context_done(&ctx);
	return rc;
}

static json_t *period_json(const sr_dates_period *p, json_t *terms)
{
	sr_json_obj o = sr_json_obj_new();

	sr_json_put_int(&o, "id", p->was.id);
	sr_put_text(&o, "title", p->was.title);
	sr_put_day(&o, "start", p->was.start);
	sr_put_day(&o, "end", p->was.end);
	sr_put_day(&o, "new_start", p->start);
	sr_put_day(&o, "new_end", p->end);
	sr_json_put_int(&o, "sections", p->use.sections);
	sr_json_put_int(&o, "found", p->use.found);
	sr_json_put(&o, "terms", terms);
	return sr_json_obj_take(&o);
}

int sr_dates_look(sr_call *c, sr_txn *t, sr_dates *d, sr_err *err)
{
	json_t *lists[SR_PERIODS_PER_TERM_MAX] = { 0 };
	sr_context ctx = { 0 };
	int rc = sr_context_load(t, d->s, d->s->row.state.active, &ctx, err);

	if (rc == 0)
		rc = term_periods(t, d, &ctx, err);
	sr_context_done(&ctx);
	if (rc < 0 || d->refused)
		return rc;
	for (size_t k = 0; k < d->count; k++)
		lists[k] = json_array();
	for (size_t i = 0; rc == 0 && i < c->e->school_count; i++)
		rc = look_school(c, t, d, c->e->schools[i], lists, err);
	d->shown = json_array();
	for (size_t k = 0; k < d->count; k++)
		sr_list_add(c, d->shown, period_json(&d->periods[k], lists[k]));
	return rc;
}
