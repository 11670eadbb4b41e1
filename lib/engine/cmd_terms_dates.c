/* terms dates: the only way in which the dates of a grading period move. A preview shows everything that goes by the
 * period, at every school; the confirmation with its token sends one call a period, under the fence. */
#include "engine/cmd_dates.h"

#include <stdio.h>
#include <string.h>

#define ACTION "terms-dates"

static void dates_step(sr_call *c);

static void dates_free(void *state)
{
	sr_dates *d = state;

	sr_arena_done(&d->arena);
	json_decref(d->shown);
	json_decref(d->moved);
	free(d);
}

/* --- What is asked for --- */

static bool day_of(sr_call *c, const char *field, sr_day *out)
{
	const char *text = sr_json_text(c->params, field);
	sr_no no;

	if (!text || sr_day_parse(text, out))
		return true;
	sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_INVALID, "\"%.40s\" is no day; write 2026-08-24", text));
	return false;
}

/* False: the call was refused. */
static bool dates_shape(sr_call *c, sr_dates *d)
{
	d->as_powerschool = sr_json_bool(c->params, "as_powerschool", false);
	d->from = d->to = SR_DAY_NONE;
	if (!day_of(c, "from", &d->from) || !day_of(c, "to", &d->to))
		return false;
	if (sr_json_bool(c->params, "force", false) && !sr_call_needs_reason(c, "forcing dates"))
		return false;
	if (d->as_powerschool ? d->from == SR_DAY_NONE && d->to == SR_DAY_NONE
			      : d->from != SR_DAY_NONE && d->to != SR_DAY_NONE && d->from <= d->to)
		return true;
	sr_no_init(&d->no, SR_CODE_INVALID, "a term's periods get either --from a day --to a day, or --as-powerschool");
	sr_no_todo(&d->no, "sisrollctl terms dates SCHOOL TERM --as-powerschool");
	sr_call_refuse_no(c, &d->no);
	return false;
}

static bool dates_school(sr_call *c, sr_dates *d)
{
	sr_no no;

	d->s = sr_select_one(c, sr_json_text(c->params, "school"));
	if (!d->s)
		return false;
	if (!sr_result_unsynced(c, &(sr_pick){ d->s, true })) {
		if (d->s->row.state.phase != SR_PH_PAUSED)
			return true;
		sr_no_init(&no, SR_CODE_NO_PHASE, "dates move for the active year alone; the school is paused");
		sr_no_todo(&no, "sisrollctl status %lld", (long long)d->s->number);
		sr_result_refused(c, d->s, &no);
	}
	sr_call_results(c);
	return false;
}

/* --- The preview --- */

static int preview_digest(sr_call *c, sr_dates *d, sr_err *err)
{
	char beside[120];

	snprintf(beside, sizeof(beside), "%lld %lld %d", (long long)d->s->row.state.epoch, (long long)d->term,
		sr_json_bool(c->params, "force", false));
	return sr_preview_digest(c, d->shown, beside, d->digest) < 0 ? sr_fail_nomem(err) : 0;
}

static int preview_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	sr_dates *d = arg;

	return sr_dates_look(c, t, d, err) < 0 || (!d->refused && preview_digest(c, d, err) < 0) ? -1 : 0;
}

static void preview_answer(sr_call *c, const sr_dates *d)
{
	char token[SR_PREVIEW_TOKEN_BYTES], from[11], to[11], dates[40];
	sr_json_obj o = sr_json_obj_new();
	sr_err err = { 0 };

	c->looked = true;
	if (sr_preview_token(c, ACTION, d->digest, token, &err) < 0) {
		json_decref(sr_json_obj_take(&o));
		sr_call_fail(c, &err);
		return;
	}
	sr_day_print(d->from, from);
	sr_day_print(d->to, to);
	snprintf(dates, sizeof(dates), "%s to %s", from, to);
	sr_json_put_text(&o, "dates", dates);
	sr_put_school(&o, d->s);
	sr_json_put_int(&o, "term", d->term);
	sr_json_put_text(&o, "token", token);
	sr_json_put_int(&o, "expires_s", SR_PREVIEW_LIFE_MS / 1000);
	sr_json_put(&o, "periods", json_incref(d->shown));
	sr_call_done(c, json_pack("{s:o}", "preview", sr_json_obj_take(&o)));
}

/* --- Carrying it out --- */

static int dates_write(sr_school *s, sr_txn *t, const sr_choice *choice, sr_err *err)
{
	const sr_dates *d = choice->arg;

	for (size_t i = 0; i < d->term_count; i++) {
		const sr_dates_term *term = &d->terms[i];

		if (sr_store_term_dated(t, term->s->number, term->id, err) < 0)
			return -1;
		if (term->s != s && sr_act_record(s->e, term->s, t, choice->who, choice->event, choice->why, err) < 0)
			return -1;
	}
	return 0;
}

static void dates_end(sr_call *c, sr_dates *d)
{
	char from[11], to[11], why[300];
	sr_err err = { 0 };

	sr_day_print(d->from, from);
	sr_day_print(d->to, to);
	snprintf(why, sizeof(why), "the periods of %lld %lld run from %s to %s%s%.120s", (long long)d->s->number,
		(long long)d->term, from, to, sr_call_reason(c) ? ": " : "", sr_call_reason(c) ?: "");
	if (sr_choice_make(d->s,
		    &(sr_choice){ .event = "term-dates", .why = why, .write = dates_write, .arg = d, .who = c->who },
		    &err) < 0)
		sr_result_failed(c, d->s, &err);
	else
		sr_result_done(c, d->s, false,
			json_array_size(d->moved) ? "the grading periods have their new dates"
						  : "the grading periods had these dates already");
	for (size_t i = 0; i < d->term_count; i++)
		if (d->terms[i].s != d->s)
			sr_school_review(d->terms[i].s);
	sr_call_done(c, json_pack("{s:O, s:o}", "moved", d->moved, "results", sr_results_take(c)));
}

static void period_failed(sr_call *c, sr_dates *d, const sr_err *err)
{
	sr_no no;

	sr_no_init(&no, SR_CODE_PERIOD_DATES, "%s", err->text);
	snprintf(no.untouched, sizeof(no.untouched), "%zu of its grading periods got their new dates before.",
		json_array_size(d->moved));
	sr_no_todo(&no, "sisrollctl refresh");
	sr_no_todo(
		&no, "sisrollctl terms dates %lld %lld --as-powerschool", (long long)d->s->number, (long long)d->term);
	sr_result_refused(c, d->s, &no);
	sr_call_done(c, json_pack("{s:O, s:o}", "moved", d->moved, "results", sr_results_take(c)));
}

static void period_came(void *arg, int64_t period, const sr_err *failed)
{
	sr_call *c = arg;
	sr_dates *d = c->state;

	(void)period;
	d->answered = true;
	d->err = failed ? *failed : (sr_err){ 0 };
	sr_call_wake(c);
}

static void dates_step(sr_call *c)
{
	sr_dates *d = c->state;
	sr_err err = { 0 };

	if (d->asked && !d->answered)
		return;
	if (d->asked && d->err.code != SR_E_OK) {
		period_failed(c, d, &d->err);
		return;
	}
	if (d->asked)
		sr_list_add(c, d->moved,
			json_pack("{s:I, s:o}", "id", (json_int_t)d->periods[d->at].was.id, "title",
				sr_text_json(d->periods[d->at].was.title)));
	d->at += d->asked;
	while (d->at < d->count && !sr_dates_moves(&d->periods[d->at]))
		d->at++;
	if (d->at == d->count) {
		dates_end(c, d);
		return;
	}
	d->asked = true;
	d->answered = false;
	c->finish_alone = true;
	if (sr_period_move(d->s, &d->periods[d->at].was, d->periods[d->at].start, d->periods[d->at].end, c->who,
		    period_came, c, &err) < 0)
		period_failed(c, d, &err);
	else
		sr_call_hold(c, dates_step);
}

static void confirm(sr_call *c, sr_dates *d, const char *token)
{
	sr_err err = { 0 };
	const char *why = sr_preview_take(c, ACTION, d->digest, token, &err);
	sr_no no;

	if (!why && sr_block_refusal(d->s, false, "moving a grading period", &no)) {
		sr_result_refused(c, d->s, &no);
		sr_call_results(c);
	} else if (!why) {
		dates_step(c);
	} else if (!*why) {
		sr_call_fail(c, &err);
	} else {
		sr_no_init(&no, SR_CODE_TOKEN_STALE, "%s", why);
		sr_no_todo(&no, "sisrollctl terms dates %lld %lld --as-powerschool   (shows a fresh preview)",
			(long long)d->s->number, (long long)d->term);
		sr_call_refuse_no(c, &no);
	}
}

static bool any_moves(const sr_dates *d)
{
	bool any = false;

	for (size_t i = 0; i < d->count; i++)
		any |= sr_dates_moves(&d->periods[i]);
	return any;
}

void sr_cmd_terms_dates(sr_call *c)
{
	const char *token = sr_json_text(c->params, "token");
	sr_dates *d = calloc(1, sizeof(*d));

	if (!d || !(d->moved = json_array())) {
		free(d);
		sr_call_done(c, NULL);
		return;
	}
	c->state = d;
	c->state_free = dates_free;
	d->term = sr_json_int(c->params, "term", 0);
	if (!dates_shape(c, d) || !dates_school(c, d) || sr_call_read(c, preview_read, d) < 0)
		return;
	if (d->refused) {
		sr_result_refused(c, d->s, &d->no);
		sr_call_results(c);
	} else if (!any_moves(d)) {
		dates_end(c, d); /* somebody moved them in Schoology: the map goes by them from now on */
	} else if (token) {
		confirm(c, d, token);
	} else {
		preview_answer(c, d);
	}
}
