/* release: the day from which students come into their classes; teachers and sections are there before. The command's
 * word goes over the configuration's students_from until it is given back. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

typedef struct release {
	sr_day day; /* SR_DAY_NONE: as configured */
	const char *who;
} release;

static bool day_read(sr_call *c, const char *text, sr_day *out)
{
	sr_no no;

	if (sr_day_parse(text, out))
		return true;
	sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_INVALID, "\"%.40s\" is no day; write 2026-08-24", text));
	return false;
}

/* Exactly one of the three. False: the call was refused. */
static bool release_read(sr_call *c, release *out)
{
	const char *on = sr_json_text(c->params, "on");
	bool now = sr_json_bool(c->params, "now", false), back = sr_json_bool(c->params, "as_configured", false);
	sr_no no;

	*out = (release){ .day = now ? sr_today(c->e) : SR_DAY_NONE, .who = c->who };
	if ((on != NULL) + now + back == 1)
		return !on || day_read(c, on, &out->day);
	sr_no_init(&no, SR_CODE_INVALID, "students are released either --on a day, --now, or --as-configured");
	sr_no_todo(&no, "sisrollctl release SCHOOL --on 2026-08-24");
	sr_call_refuse_no(c, &no);
	return false;
}

/* The last day of the year that the school syncs or will; SR_DAY_NONE: not known. */
static int year_last(sr_txn *t, sr_school *s, sr_day *out, sr_err *err)
{
	const sr_phase_state *st = &s->row.state;
	sr_context ctx = { 0 };
	int rc = sr_context_load(t, s, st->chosen ? st->chosen : st->active, &ctx, err);

	if (rc == 0)
		*out = ctx.year_last;
	sr_context_done(&ctx);
	return rc;
}

static bool beyond_year(sr_call *c, sr_school *s, sr_day day)
{
	sr_day last = SR_DAY_NONE;
	sr_err err = { 0 };
	char text[11];
	sr_txn *t;
	sr_no no;

	if (sr_txn_begin(c->e->c.store, SR_TXN_READ, &t, &err) < 0 ||
		sr_txn_end(c->e, t, year_last(t, s, &last, &err), &err) < 0) {
		sr_result_failed(c, s, &err);
		return true;
	}
	if (last == SR_DAY_NONE || day <= last)
		return false;
	sr_day_print(last, text);
	sr_no_init(&no, SR_CODE_INVALID, "the year ends here on %s: no student would ever come into a class", text);
	sr_no_todo(&no, "sisrollctl terms list %lld", (long long)s->number);
	sr_result_refused(c, s, &no);
	return true;
}

static int release_write(sr_school *s, sr_txn *t, const sr_choice *choice, sr_err *err)
{
	const release *r = choice->arg;

	(void)t;
	s->row.released_from = r->day;
	s->row.released_who = r->day == SR_DAY_NONE ? NULL : sr_arena_strdup(&s->row_arena, r->who);
	return r->day == SR_DAY_NONE || s->row.released_who ? 0 : sr_fail_nomem(err);
}

static void release_words(const sr_school *s, const release *r, char *out, size_t size)
{
	sr_day day = r->day != SR_DAY_NONE ? r->day : s->config.students_from;
	const char *by = r->day == SR_DAY_NONE ? ", as configured" : "";
	char text[11];

	sr_day_print(day, text);
	if (day == SR_DAY_NONE || day <= sr_today(s->e))
		snprintf(out, size, "students are in their classes from now on%s", by);
	else
		snprintf(out, size, "students come into their classes on %s%s", text, by);
}

static void release_school(sr_call *c, sr_school *s, const release *r)
{
	sr_err err = { 0 };
	char words[120], why[300];

	release_words(s, r, words, sizeof(words));
	if (s->row.released_from == r->day) {
		sr_result_done(c, s, true, words);
		return;
	}
	if (beyond_year(c, s, r->day))
		return;
	snprintf(why, sizeof(why), "%s%s%.150s", words, sr_call_reason(c) ? ": " : "", sr_call_reason(c) ?: "");
	/* Whoever is in a class already stays there: the day decides who comes in. */
	if (sr_choice_make(s,
		    &(sr_choice){ .event = "release", .why = why, .write = release_write, .arg = r, .who = c->who },
		    &err) < 0) {
		sr_result_failed(c, s, &err);
		return;
	}
	s->wanted = true;
	sr_sched_school(s);
	sr_result_done(c, s, false, words);
}

void sr_cmd_release(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	release r;

	if (!release_read(c, &r) || sr_select(c, SR_PICK_REFUSE, &picks) < 0)
		return;
	for (size_t i = 0; i < picks.count; i++)
		if (!sr_result_unsynced(c, &picks.at[i]))
			release_school(c, picks.at[i].s, &r);
	sr_call_results(c);
}
