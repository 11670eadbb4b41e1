/* The checks of the gate that look into the rehearsed plan: its figures beside last year's, and what the
 * guards would hold back. */
#include "engine/gate_priv.h"

#include <stdio.h>
#include <string.h>

#include "io/store_waiting.h"

/* Judged only on a rehearsal of the year in question; that it is missing is another check's to say. */
static bool rehearsed(const sr_gate_facts *f)
{
	return f->rehearsed && f->rehearsal.year == f->s->row.state.active;
}

/* ---- counts ---------------------------------------------------------------------------------------- */

static bool knows_subjects(const sr_figure *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (*rows[i].subject && strcmp(rows[i].subject, SR_FIGURE_ALL) != 0)
			return true;
	return false;
}

static void say_counts(const sr_figure_ask *ask, const char *year, sr_gate_check *c)
{
	const sr_figure *now = sr_figure_find(ask->now, ask->now_count, SR_FIGURE_SCHOOL, SR_FIGURE_ALL);
	const sr_figure *last = sr_figure_find(ask->last, ask->last_count, SR_FIGURE_SCHOOL, SR_FIGURE_ALL);
	const char *subjects = knows_subjects(ask->last, ask->last_count) && knows_subjects(ask->now, ask->now_count)
				       ? ""
				       : "; subjects are not granted, or were not in ";
	static const sr_figure none;

	now = now ? now : &none;
	last = last ? last : &none;
	EVIDENCE(c, "%lld sections, %lld students, %lld memberships (%s: %lld, %lld, %lld)%s%s",
		(long long)now->sections, (long long)now->students, (long long)now->memberships, year,
		(long long)last->sections, (long long)last->students, (long long)last->memberships, subjects,
		*subjects ? year : "");
}

int sr_gate_counts(sr_gate_facts *f, sr_gate_check *c, sr_err *err)
{
	char year[SR_YEAR_LABEL_BYTES];
	sr_yearid before = f->s->row.state.active - 1;
	sr_figure_ask ask = { .percent = f->s->config.counts_percent };
	SR_AUTO(sr_buf) missing = { 0 };
	sr_figure *now, *last;

	sr_year_print(before, year);
	if (!rehearsed(f)) {
		c->pass = false;
		EVIDENCE(c, "counted by a rehearsal: none of this year yet");
		return 0;
	}
	if (!json_object_get(f->counts, "figures")) {
		c->pass = false;
		EVIDENCE(c, "run %lld counted no figures: rehearse again", (long long)f->rehearsal.id);
		return 0;
	}
	if (sr_figures_read(f->counts, &f->arena, &now, &ask.now_count, err) < 0 ||
		sr_figures_of_year(f->t, f->s, before, &f->arena, &last, &ask.last_count, err) < 0)
		return -1;
	ask.now = now;
	ask.last = last;
	c->pass = sr_figures_missing(&ask, &missing) == 0;
	if (ask.last_count == 0)
		EVIDENCE(c, "no figures of %s: there is nothing to compare with", year);
	else if (c->pass)
		say_counts(&ask, year, c);
	else
		EVIDENCE(c, "%s", sr_buf_text(&missing));
	return 0;
}

/* ---- guards ---------------------------------------------------------------------------------------- */

typedef struct held {
	int64_t guarded, single;
	char first[200]; /* why the first of the guarded ones waits */
} held;

/* What is doubtful by itself keeps no school out. What waits is asked for as it stands now: what was decided since the
 * rehearsal keeps nothing back. */
static int held_count(sr_gate_facts *f, held *out, sr_err *err)
{
	sr_waiting_row *rows = NULL;
	size_t count = 0;

	do {
		const sr_waiting_row *after = count ? &rows[count - 1] : NULL;

		if (sr_store_waiting_list(f->t, &f->arena, f->s->number, f->s->row.state.active, after, SR_CHUNK, &rows,
			    &count, err) < 0)
			return -1;
		for (size_t i = 0; i < count; i++) {
			if (rows[i].state != SR_WT_OPEN)
				continue;
			if (rows[i].guarded && !out->guarded)
				snprintf(out->first, sizeof(out->first), "%s", rows[i].why);
			out->guarded += rows[i].guarded;
			out->single += !rows[i].guarded;
		}
	} while (count == SR_CHUNK);
	return 0;
}

int sr_gate_guards(sr_gate_facts *f, sr_gate_check *c, sr_err *err)
{
	held h = { 0 };

	if (!rehearsed(f)) {
		c->pass = false;
		EVIDENCE(c, "judged by a rehearsal: none of this year yet");
		return 0;
	}
	if (held_count(f, &h, err) < 0)
		return -1;
	c->pass = h.guarded == 0;
	if (c->pass)
		EVIDENCE(c, "no guard holds anything back; %lld single operations wait for a person",
			(long long)h.single);
	else
		EVIDENCE(c, "%lld operations wait for a person: %s", (long long)h.guarded, h.first);
	return 0;
}
