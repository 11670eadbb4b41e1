/* Schools and their phase. `sr_school_step` is the only writer of a phase: one transaction is the
 * new state, the history row and, once committed, the journal line. */
#include "engine/engine_priv.h"

#include <stdio.h>
#include <string.h>

#include "engine/canary.h"
#include "engine/run_priv.h"

int64_t sr_school_title(const sr_school *s, char *out, size_t size)
{
	snprintf(out, size, "%lld %s", (long long)s->number, s->row.name ? s->row.name : "");
	return s->number;
}

static void row_keep(sr_school *s, const sr_school_row *row)
{
	SR_AUTO_FREE char *name = sr_strdup(row->name);
	SR_AUTO_FREE char *by = sr_strdup(row->by_who);
	SR_AUTO_FREE char *released = sr_strdup(row->released_who);

	sr_arena_clear(&s->row_arena);
	s->row = *row;
	s->row.name = sr_arena_strdup(&s->row_arena, name);
	s->row.by_who = sr_arena_strdup(&s->row_arena, by);
	s->row.released_who = released ? sr_arena_strdup(&s->row_arena, released) : NULL;
}

int sr_school_reload_row(sr_school *s, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_school_row row;
	int found = sr_store_school_load(t, &arena, s->number, &row, err);

	if (found < 0)
		return -1;
	if (!found)
		return sr_fail(err, SR_E_DB, "school %lld is not in the database", (long long)s->number);
	row_keep(s, &row);
	return 0;
}

int sr_school_save_row(sr_school *s, sr_txn *t, sr_err *err)
{
	return sr_store_school_save(t, &s->row, err);
}

void sr_school_reconfigure(sr_school *s)
{
	sr_config_school(s->e->c.config, s->number, &s->config);
}

static sr_school *school_new(sr_engine *e, const sr_school_row *row)
{
	sr_school *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->e = e;
	s->number = row->number;
	row_keep(s, row);
	sr_school_reconfigure(s);
	return s;
}

void sr_school_free(sr_school *s)
{
	if (!s)
		return;
	sr_run_free(s->run);
	sr_timer_cancel(&s->e->c.timers, s->due);
	sr_follow_forget(s);
	sr_arena_done(&s->row_arena);
	free(s->counts);
	free(s->last_problem);
	free(s->held_why);
	free(s);
}

static int school_insert(sr_engine *e, sr_school *s)
{
	sr_school **grown = realloc(e->schools, (e->school_count + 1) * sizeof(*grown));
	size_t at = e->school_count;

	if (!grown)
		return -1;
	e->schools = grown;
	while (at > 0 && grown[at - 1]->number > s->number) {
		grown[at] = grown[at - 1];
		at--;
	}
	grown[at] = s;
	e->school_count++;
	return 0;
}

/* Brings the schools of the database into memory; those already there get their row anew. */
int sr_schools_load(sr_engine *e, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_school_row *rows;
	size_t count;
	sr_txn *t;

	if (sr_txn_begin(e->c.store, SR_TXN_READ, &t, err) < 0)
		return -1;
	if (sr_txn_end(e, t, sr_store_schools(t, &arena, &rows, &count, err), err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		sr_school *s = sr_engine_school(e, rows[i].number);

		if (s) {
			row_keep(s, &rows[i]);
			continue;
		}
		s = school_new(e, &rows[i]);
		if (!s || school_insert(e, s) < 0) {
			sr_school_free(s);
			return sr_fail_nomem(err);
		}
	}
	return 0;
}

/* A state that differs is history: who, when, why. */
static int step_record(
	sr_school *s, sr_txn *t, sr_phase from, sr_pev event, const char *who, const char *why, sr_err *err)
{
	return sr_store_history_add(t,
		&(sr_history_row){ .at_ms = sr_now_ms(s->e),
			.school = s->number,
			.epoch = s->row.state.epoch,
			.from = sr_phase_name(from),
			.event = sr_pev_name(event),
			.to = sr_phase_name(s->row.state.phase),
			.year = s->row.state.chosen ? s->row.state.chosen : s->row.state.active,
			.why = why,
			.who = who },
		err);
}

static void step_say(const sr_school *s, sr_phase from, sr_pev event, const char *who, const char *why)
{
	char year[SR_YEAR_LABEL_BYTES];
	const sr_phase_state *st = &s->row.state;
	bool loud = event == SR_PEV_SIS_ROLLED || event == SR_PEV_YEAR_LOST;

	sr_log_write(s->e->c.log, &(sr_log_entry){ .level = loud ? SR_WARNING : SR_NOTICE,
					  .id = event == SR_PEV_SIS_ROLLED ? SR_MSG_SIS_ROLLED
						: from == st->phase        ? SR_MSG_CHOICE
									   : SR_MSG_PHASE,
					  .school = s->number,
					  .epoch = st->epoch,
					  .from = sr_phase_name(from),
					  .event = sr_pev_name(event),
					  .to = sr_phase_name(st->phase),
					  .year = sr_year_print(st->chosen ? st->chosen : st->active, year),
					  .who = who,
					  .text = why });
}

static int step_in_txn(sr_school *s, sr_txn *t, sr_pev event, sr_yearid year, const char *who, const char *why,
	sr_pcell *cell, bool *changed, sr_err *err)
{
	sr_phase_state before;
	sr_phase from;

	if (sr_school_reload_row(s, t, err) < 0)
		return -1;
	before = s->row.state;
	from = before.phase;
	*cell = sr_phase_apply(&s->row.state, event, year, changed);
	if (!*changed)
		return 0;
	/* A pause is no change of choice: a rehearsal made before it still speaks of the same thing. */
	if (s->row.state.active != before.active || s->row.state.chosen != before.chosen)
		s->row.changed_ms = sr_now_ms(s->e);
	if (s->row.state.phase != from) {
		s->row.since_ms = sr_now_ms(s->e);
		s->row.by_who = who;
	}
	if (s->row.state.phase != from && (s->row.state.phase == SR_PH_PAUSED || s->row.state.phase == SR_PH_RESUMED) &&
		sr_canary_left(s, t, err) < 0)
		return -1;
	if (sr_school_save_row(s, t, err) < 0 || step_record(s, t, from, event, who, why ? why : cell->why, err) < 0)
		return -1;
	row_keep(s, &s->row);
	return 0;
}

/* What follows outside the transaction: work that the new phase forbids ends, work it asks for begins. */
static void step_follow(
	sr_school *s, sr_phase from, sr_pev event, const sr_pcell *cell, const char *who, const char *why)
{
	step_say(s, from, event, who, why ? why : cell->why);
	/* A rehearsal may itself find that all terms are mapped: it sends nothing in either phase, and goes on. */
	if (s->run && s->run->kind == SR_RK_REHEARSAL && event == SR_PEV_TERMS_MAPPED)
		s->run->epoch = s->row.state.epoch;
	if (s->run && s->run->epoch != s->row.state.epoch && event != SR_PEV_FIRST_SYNC_VERIFIED)
		sr_run_stop(s, "the school's phase or choice changed");
	if (s->row.state.phase != from)
		free(SR_TAKE(s->held_why));
	if (s->row.state.phase != from)
		s->attempts = 0; /* failures of another phase are no ground to hesitate in this one */
	if (s->counts_year != s->row.state.active && s->counts_year != s->row.state.chosen)
		s->counts_year = SR_YEARID_NONE;
	if (cell->act == SR_PACT_BLOCK_LOST)
		sr_block_raise(s->e, s->number, SR_BL_YEAR_LOST,
			"PowerSchool has no term of the active year at this school any more");
	sr_sched_school(s);
	sr_engine_notify(s->e, s);
}

int sr_school_step(
	sr_school *s, sr_pev event, sr_yearid year, const char *who, const char *why, const char **refused, sr_err *err)
{
	sr_phase from = s->row.state.phase;
	bool changed = false;
	sr_pcell cell = { .next = from };
	sr_txn *t;

	if (refused)
		*refused = NULL;
	if (sr_txn_begin(s->e->c.store, SR_TXN_DURABLE, &t, err) < 0)
		return -1;
	if (sr_txn_end(s->e, t, step_in_txn(s, t, event, year, who, why, &cell, &changed, err), err) < 0) {
		/* Memory must not run ahead of the disk. */
		if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, NULL) == 0)
			sr_txn_end(s->e, t, sr_school_reload_row(s, t, NULL), NULL);
		return -1;
	}
	if (cell.refuse && refused)
		*refused = cell.why;
	if (changed)
		step_follow(s, from, event, &cell, who, why);
	else if (cell.act == SR_PACT_BLOCK_LOST)
		sr_block_raise(s->e, s->number, SR_BL_YEAR_LOST,
			"PowerSchool has no term of the active year at this school any more");
	return 0;
}

void sr_school_counts_set(sr_school *s, sr_yearid year, const sr_term_count *counts, size_t len)
{
	sr_term_count *copy = malloc((len + 1) * sizeof(*copy));

	if (!copy)
		return;
	if (len)
		memcpy(copy, counts, len * sizeof(*copy));
	free(s->counts);
	s->counts = copy;
	s->counts_len = len;
	s->counts_year = year;
}

/* The events that follow from what polls and pulls have seen; NONE: none. */
typedef struct sr_review {
	bool ready, lost, rolled, mapped, broken, found_again;
	char why[240];
} sr_review;

static bool review_has_year(const sr_context *c, sr_yearid year)
{
	for (size_t i = 0; i < c->all_count; i++)
		if (c->all[i].term.yearid == year && c->all[i].term.is_year)
			return true;
	return false;
}

static void review_terms(const sr_school *s, const sr_context *c, sr_review *r)
{
	int used = 0, unmapped;

	if (s->counts_year != s->row.state.active)
		return; /* nobody has looked yet which terms are in use */
	unmapped = sr_context_unmapped(c, &used);
	r->mapped = used > 0 && unmapped == 0;
	r->broken = unmapped > 0;
	if (r->mapped)
		snprintf(r->why, sizeof(r->why), "all %d used terms have a sound grading period", used);
	else
		snprintf(r->why, sizeof(r->why), "%d of %d used terms have no sound grading period", unmapped, used);
}

static void review_choice(const sr_school *s, const sr_context *c, sr_review *r)
{
	const sr_school_row *row = &s->row;
	bool rolled = row->rolled_year == row->state.chosen &&
		      sr_rolled_judge(row->rolled_active, row->rolled_promoted).rolled;

	if (!review_has_year(c, row->state.chosen) || (!rolled && !row->state.before_sis_rollover))
		return;
	r->ready = true;
	snprintf(r->why, sizeof(r->why), "terms exist; PowerSchool promoted %lld of %lld active students%s",
		(long long)row->rolled_promoted, (long long)row->rolled_active,
		rolled ? "" : " (overridden: before its rollover)");
}

static int review_look(sr_school *s, sr_review *r, sr_err *err)
{
	const sr_phase_state *st = &s->row.state;
	sr_context c = { 0 };
	sr_txn *t;

	if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, err) < 0)
		return -1;
	if (sr_txn_end(s->e, t, sr_context_load(t, s, st->active, &c, err), err) < 0) {
		sr_context_done(&c);
		return -1;
	}
	r->lost = st->active && !c.year_exists;
	r->rolled = st->active && s->row.rolled_year == st->active + 1 && !st->sis_rolled_noted &&
		    sr_rolled_judge(s->row.rolled_active, s->row.rolled_promoted).rolled;
	if (st->phase == SR_PH_PAUSED && st->chosen)
		review_choice(s, &c, r);
	else if (!r->lost && st->active &&
		 (st->phase == SR_PH_YEAR_SET || st->phase == SR_PH_TERMS_MAPPED || st->phase == SR_PH_SYNCING ||
			 st->phase == SR_PH_RESUMED))
		review_terms(s, &c, r);
	sr_context_done(&c);
	return 0;
}

/* The one event of a review that this phase acts upon; SR_PEV_COUNT: none. */
static sr_pev review_event(const sr_school *s, const sr_review *r)
{
	switch (s->row.state.phase) {
	case SR_PH_SYNCING:
		return r->rolled ? SR_PEV_SIS_ROLLED : r->lost ? SR_PEV_YEAR_LOST : SR_PEV_COUNT;
	case SR_PH_PAUSED:
		return r->ready ? SR_PEV_YEAR_READY : r->rolled ? SR_PEV_SIS_ROLLED : SR_PEV_COUNT;
	case SR_PH_YEAR_SET:
		return r->lost ? SR_PEV_YEAR_LOST : r->mapped ? SR_PEV_TERMS_MAPPED : SR_PEV_COUNT;
	case SR_PH_TERMS_MAPPED:
		return r->lost ? SR_PEV_YEAR_LOST : r->broken ? SR_PEV_TERMS_BROKEN : SR_PEV_COUNT;
	default:
		return r->lost ? SR_PEV_YEAR_LOST : SR_PEV_COUNT;
	}
}

static void review_why(const sr_school *s, sr_pev event, sr_review *r)
{
	if (event == SR_PEV_SIS_ROLLED)
		snprintf(r->why, sizeof(r->why),
			"PowerSchool promoted %lld of %lld active students beyond the active year",
			(long long)s->row.rolled_promoted, (long long)s->row.rolled_active);
	else if (event == SR_PEV_YEAR_LOST)
		snprintf(r->why, sizeof(r->why), "PowerSchool has no year term of the active year at this school");
}

void sr_school_review(sr_school *s)
{
	if (!s->config.sync)
		return;
	/* Each event changes the phase; more steps in a row than phases would be a loop of our own. */
	for (int i = 0; i < SR_PH_COUNT; i++) {
		sr_review r = { 0 };
		sr_phase before = s->row.state.phase;
		sr_pev event;

		if (review_look(s, &r, NULL) < 0)
			return;
		if (!r.lost)
			sr_block_lift(s->e, s->number, SR_BL_YEAR_LOST);
		event = review_event(s, &r);
		if (event == SR_PEV_COUNT)
			return;
		review_why(s, event, &r);
		if (sr_school_step(s, event, 0, "sisrolld", r.why, NULL, NULL) < 0 || s->row.state.phase == before)
			return;
	}
}

sr_yearid sr_school_rolled_year(const sr_school *s)
{
	const sr_phase_state *st = &s->row.state;

	if (st->chosen)
		return st->chosen;
	if (!st->active)
		return SR_YEARID_NONE;
	return st->phase == SR_PH_SYNCING || st->phase == SR_PH_PAUSED ? st->active + 1 : st->active;
}

sr_day sr_school_rolled_since(sr_school *s, sr_yearid year)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_day last_of_previous = SR_DAY_NONE, first = SR_DAY_NONE;
	sr_term_row *rows;
	size_t count;
	sr_txn *t;

	if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, NULL) < 0)
		return SR_DAY_NONE;
	if (sr_txn_end(s->e, t, sr_store_terms(t, &arena, s->number, 0, &rows, &count, NULL), NULL) < 0)
		return SR_DAY_NONE;
	for (size_t i = 0; i < count; i++) {
		if (!rows[i].term.is_year)
			continue;
		if (rows[i].term.yearid == year - 1)
			last_of_previous = rows[i].term.last;
		if (rows[i].term.yearid == year)
			first = rows[i].term.first;
	}
	return sr_rolled_since(last_of_previous, first);
}

static int rolled_save(sr_school *s, sr_txn *t, sr_err *err)
{
	sr_yearid year = s->row.rolled_year;
	int64_t active = s->row.rolled_active, promoted = s->row.rolled_promoted;

	/* The row may have moved on since it was read into memory: only the evidence is ours. */
	if (sr_school_reload_row(s, t, err) < 0)
		return -1;
	s->row.rolled_year = year;
	s->row.rolled_active = active;
	s->row.rolled_promoted = promoted;
	return sr_school_save_row(s, t, err);
}

int sr_school_rolled_save(sr_school *s)
{
	sr_err err;
	sr_txn *t;

	if (sr_txn_begin(s->e->c.store, SR_TXN_WRITE, &t, &err) < 0)
		return -1;
	return sr_txn_end(s->e, t, rolled_save(s, t, &err), &err);
}
