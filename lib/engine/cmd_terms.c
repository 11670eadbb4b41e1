/* terms list and lint: a school's terms in a year, their use, their periods, and what is wrong with them. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

#define FINDINGS_MAX 32

typedef struct terms_ask {
	const sr_picks *picks;
	json_t *list;
	sr_yearid year; /* none: each school's own */
	bool only_wrong;
} terms_ask;

static const char *const levels[] = {
	[SR_LINT_ERROR] = "error", [SR_LINT_WARNING] = "warning", [SR_LINT_NOTE] = "note"
};

/* The way out of each finding, for school and term between the two; the shape of a whole map is the operator's. */
static const struct {
	const char *verb, *rest;
} ways[SR_LINT_COUNT] = {
	[SR_LINT_UNMAPPED] = { "terms map", " --create   (or --period ID)" },
	[SR_LINT_PERIOD_GONE] = { "terms map", " --create   (or --period ID)" },
	[SR_LINT_LAST_YEAR_PERIOD] = { "terms map", " --create   (or --period ID)" },
	[SR_LINT_NO_OVERLAP] = { "terms map", " --create   (or --period ID)" },
	[SR_LINT_GAP] = { "terms map", " --period ID,ID   (or --create)" },
	[SR_LINT_DOUBLE_COVER] = { "terms map", " --period ID,ID   (or --create)" },
	[SR_LINT_DATES_DIFFER] = { "terms dates", " --as-powerschool   (shows first what it moves)" },
	[SR_LINT_TITLE_YEAR] = { "terms map", " --create   (or --period ID)" },
	[SR_LINT_NOT_USED] = { "terms unmap", "" },
};

static void put_way(sr_json_obj *o, sr_lint_rule rule, const sr_term *term)
{
	char text[120];

	snprintf(text, sizeof(text), "%s %lld %lld%s", ways[rule].verb, (long long)term->school, (long long)term->id,
		ways[rule].rest);
	sr_json_put_text(o, "do", text);
}

static json_t *finding_json(const sr_lint_finding *f, const sr_term *term)
{
	sr_json_obj o = sr_json_obj_new();

	sr_json_put_text(&o, "rule", sr_lint_rule_name(f->rule));
	sr_json_put_text(&o, "level", levels[f->level]);
	sr_put_text(&o, "text", f->text);
	if (f->period)
		sr_json_put_int(&o, "period", f->period);
	put_way(&o, f->rule, term);
	return sr_json_obj_take(&o);
}

static json_t *moved_json(const sr_term *term, const char *text)
{
	sr_json_obj o = sr_json_obj_new();

	sr_json_put_text(&o, "rule", "term-moved");
	sr_json_put_text(&o, "level", "warning");
	sr_json_put_text(&o, "text", text);
	put_way(&o, SR_LINT_DATES_DIFFER, term);
	return sr_json_obj_take(&o);
}

/* A term whose dates moved after it was mapped: told here, pushed nowhere. */
static void moved_finding(sr_call *c, const sr_context *ctx, const sr_term_use *use, json_t *list)
{
	char a[11], b[11], text[160];

	for (size_t i = 0; i < ctx->all_count; i++) {
		const sr_term_row *row = &ctx->all[i];

		if (row->term.id != use->term.id || row->term.yearid != use->term.yearid || !sr_term_moved(row))
			continue;
		sr_day_print(row->mapped_first, a);
		sr_day_print(row->mapped_last, b);
		snprintf(
			text, sizeof(text), "its dates moved in PowerSchool: it was %s to %s when it was mapped", a, b);
		sr_list_add(c, list, moved_json(&use->term, text));
	}
}

/* An unused term without a map is as it should be: nothing to find. */
static json_t *findings_json(sr_call *c, const sr_context *ctx, const sr_term_use *use)
{
	sr_lint_finding found[FINDINGS_MAX];
	json_t *list = json_array();
	size_t count;

	if (!list || (!use->used && use->period_count == 0))
		return list;
	count = sr_term_lint(use, ctx->filter.active, ctx->year_first, ctx->year_last, found, FINDINGS_MAX);
	for (size_t i = 0; i < count && i < FINDINGS_MAX; i++)
		sr_list_add(c, list, finding_json(&found[i], &use->term));
	if (use->period_count)
		moved_finding(c, ctx, use, list);
	return list;
}

static json_t *term_json(const sr_term_use *use, json_t *findings)
{
	const sr_term *term = &use->term;
	sr_json_obj o = sr_json_obj_new();

	sr_json_put_int(&o, "term", term->id);
	sr_put_text(&o, "name", term->name ? term->name : "");
	sr_put_text(&o, "abbreviation", term->abbreviation ? term->abbreviation : "");
	sr_json_put_int(&o, "portion", term->portion);
	sr_put_day(&o, "first_day", term->first);
	sr_put_day(&o, "last_day", term->last);
	sr_json_put_bool(&o, "used", use->used);
	sr_json_put_int(&o, "sections", use->sections);
	sr_json_put_int(&o, "enrollments", use->enrollments);
	sr_json_put(&o, "periods", sr_terms_periods(use));
	sr_json_put_text(&o, "forced", use->forced_why);
	sr_json_put(&o, "findings", findings);
	return sr_json_obj_take(&o);
}

static int school_read(sr_call *c, sr_txn *t, sr_school *s, const terms_ask *ask, sr_err *err)
{
	const sr_phase_state *st = &s->row.state;
	sr_yearid year = ask->year ? ask->year : st->chosen ? st->chosen : st->active;
	json_t *terms = json_array();
	sr_context ctx = { 0 };
	sr_json_obj o = sr_json_obj_new();
	int rc = sr_context_load(t, s, year, &ctx, err);

	for (size_t i = 0; rc == 0 && i < ctx.term_count; i++) {
		json_t *findings = findings_json(c, &ctx, &ctx.terms[i]);

		if (ask->only_wrong && json_array_size(findings) == 0)
			json_decref(findings);
		else
			sr_list_add(c, terms, term_json(&ctx.terms[i], findings));
	}
	sr_context_done(&ctx);
	sr_put_school(&o, s);
	sr_put_year(&o, "year", year);
	sr_json_put(&o, "terms", terms);
	sr_list_add(c, ask->list, sr_json_obj_take(&o));
	return rc;
}

static int terms_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	const terms_ask *ask = arg;

	for (size_t i = 0; i < ask->picks->count; i++)
		if (school_read(c, t, ask->picks->at[i].s, ask, err) < 0)
			return -1;
	return 0;
}

static void terms_answer(sr_call *c, bool only_wrong)
{
	const char *text = sr_json_text(c->params, "year");
	SR_AUTO(sr_picks) picks = { 0 };
	json_auto_t *list = json_array();
	terms_ask ask = { &picks, list, SR_YEARID_NONE, only_wrong };
	sr_err err = { 0 };
	sr_no no;

	if (text && sr_year_parse(text, &ask.year, &err) < 0) {
		sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_UNKNOWN_YEAR, "%s", err.text));
		return;
	}
	if (sr_select(c, SR_PICK_SYNCED, &picks) == 0 && sr_call_read(c, terms_read, &ask) == 0)
		sr_call_done(c, json_pack("{s:O}", "schools", list));
}

void sr_cmd_terms_list(sr_call *c)
{
	terms_answer(c, false);
}

void sr_cmd_terms_lint(sr_call *c)
{
	terms_answer(c, true);
}
