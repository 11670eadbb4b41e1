/* The table below is DESIGN section 2, one row an event as it stands there. Whether an event
 * happened is decided elsewhere; what follows from it is decided here and nowhere else. */
#include "core/phase.h"

#include <assert.h>

/* clang-format off */
#define GO(phase, act, why) { SR_PH_##phase, SR_PACT_##act, false, (why) }
#define NO(phase, why)      { SR_PH_##phase, SR_PACT_NONE,  true,  (why) }

#define NO_CHOICE   "no chosen year waits to become active"
#define NOT_FIRST   "no first run is under way"
#define TERMS_LATER "terms count once a year is set"
#define STILL_READS "goes on where it stood; what was in flight is settled by reads first"
#define STILL       "goes on where it stood"

static const sr_pcell table[SR_PEV_COUNT][SR_PH_COUNT] = {
	[SR_PEV_PAUSE] = {
		[SR_PH_SYNCING]      = GO(PAUSED, NONE, "paused: nothing runs by itself"),
		[SR_PH_PAUSED]       = GO(PAUSED, NONE, "paused already"),
		[SR_PH_YEAR_SET]     = GO(YEAR_SET, NONE, "nothing writes in this phase anyway"),
		[SR_PH_TERMS_MAPPED] = GO(TERMS_MAPPED, NONE, "nothing writes in this phase anyway"),
		[SR_PH_RESUMED]      = GO(PAUSED, NONE, "paused in its first run: the new year is kept, not yet verified"),
	},
	[SR_PEV_SIS_ROLLED] = {
		[SR_PH_SYNCING]      = GO(PAUSED, NOTE_ROLLED, "PowerSchool has promoted the school beyond its active year"),
		[SR_PH_PAUSED]       = GO(PAUSED, NOTE_ROLLED, "noted: no more manual runs of the old year"),
		[SR_PH_YEAR_SET]     = GO(YEAR_SET, NONE, "expected: the chosen year is active here"),
		[SR_PH_TERMS_MAPPED] = GO(TERMS_MAPPED, NONE, "expected: the chosen year is active here"),
		[SR_PH_RESUMED]      = GO(RESUMED, NONE, "expected: the chosen year is active here"),
	},
	[SR_PEV_YEAR_CHOSEN] = {
		[SR_PH_SYNCING]      = NO(SYNCING, "the school is syncing: pause it first"),
		[SR_PH_PAUSED]       = GO(PAUSED, CHOOSE, "chosen: active once its terms exist and PowerSchool has rolled over"),
		[SR_PH_YEAR_SET]     = GO(PAUSED, RETURN_CHOOSE, "another year is chosen: the school waits for that one"),
		[SR_PH_TERMS_MAPPED] = GO(PAUSED, RETURN_CHOOSE, "another year is chosen: the school waits for that one"),
		[SR_PH_RESUMED]      = NO(RESUMED, "the first run of the active year is under way: pause it first"),
	},
	[SR_PEV_YEAR_CHOSEN_AGAIN] = {
		[SR_PH_SYNCING]      = NO(SYNCING, "the school is syncing: pause it first"),
		[SR_PH_PAUSED]       = GO(PAUSED, CHOOSE, "chosen again: a fresh poll starts"),
		[SR_PH_YEAR_SET]     = GO(YEAR_SET, NONE, "this very year is set already"),
		[SR_PH_TERMS_MAPPED] = GO(TERMS_MAPPED, NONE, "this very year is set already"),
		[SR_PH_RESUMED]      = NO(RESUMED, "the first run of the active year is under way: pause it first"),
	},
	[SR_PEV_YEAR_READY] = {
		[SR_PH_SYNCING]      = GO(SYNCING, NONE, NO_CHOICE),
		[SR_PH_PAUSED]       = GO(YEAR_SET, ADOPT, "the chosen year has terms here and PowerSchool has rolled over to it"),
		[SR_PH_YEAR_SET]     = GO(YEAR_SET, NONE, "the year is set already"),
		[SR_PH_TERMS_MAPPED] = GO(TERMS_MAPPED, NONE, "the year is set already"),
		[SR_PH_RESUMED]      = GO(RESUMED, NONE, NO_CHOICE),
	},
	[SR_PEV_YEAR_LOST] = {
		[SR_PH_SYNCING]      = GO(SYNCING, BLOCK_LOST, "PowerSchool has no term of the active year any more: blocked"),
		[SR_PH_PAUSED]       = GO(PAUSED, NONE, "noted: PowerSchool has no term of the active year"),
		[SR_PH_YEAR_SET]     = GO(PAUSED, RETURN_KEEP, "the terms of the year are gone: the choice waits for them"),
		[SR_PH_TERMS_MAPPED] = GO(PAUSED, RETURN_KEEP, "the terms of the year are gone: the choice waits for them"),
		[SR_PH_RESUMED]      = GO(RESUMED, BLOCK_LOST, "PowerSchool has no term of the active year any more: blocked"),
	},
	[SR_PEV_TERMS_MAPPED] = {
		[SR_PH_SYNCING]      = GO(SYNCING, NONE, "all used terms are mapped"),
		[SR_PH_PAUSED]       = GO(PAUSED, NONE, TERMS_LATER),
		[SR_PH_YEAR_SET]     = GO(TERMS_MAPPED, NONE, "every used term has a sound grading period"),
		[SR_PH_TERMS_MAPPED] = GO(TERMS_MAPPED, NONE, "mapped already"),
		[SR_PH_RESUMED]      = GO(RESUMED, NONE, "all used terms are mapped"),
	},
	[SR_PEV_TERMS_BROKEN] = {
		[SR_PH_SYNCING]      = GO(SYNCING, NONE, "a used term has no sound grading period: its sections wait"),
		[SR_PH_PAUSED]       = GO(PAUSED, NONE, "noted: a used term has no sound grading period"),
		[SR_PH_YEAR_SET]     = GO(YEAR_SET, NONE, "terms are still to be mapped"),
		[SR_PH_TERMS_MAPPED] = GO(YEAR_SET, NONE, "a used term has no sound grading period any more"),
		[SR_PH_RESUMED]      = GO(RESUMED, NONE, "a used term has no sound grading period: its sections wait"),
	},
	[SR_PEV_RESUME_FIRST] = {
		[SR_PH_SYNCING]      = GO(SYNCING, NONE, "syncing already"),
		[SR_PH_PAUSED]       = GO(RESUMED, NONE, "the gate passed: the first full run begins again"),
		[SR_PH_YEAR_SET]     = NO(YEAR_SET, "used terms are not mapped: map them first"),
		[SR_PH_TERMS_MAPPED] = GO(RESUMED, NONE, "the gate passed: the first full run begins"),
		[SR_PH_RESUMED]      = GO(RESUMED, NONE, "resumed already"),
	},
	[SR_PEV_RESUME] = {
		[SR_PH_SYNCING]      = GO(SYNCING, NONE, "syncing already"),
		[SR_PH_PAUSED]       = GO(SYNCING, NONE, "the active year is verified: scheduled runs go on"),
		[SR_PH_YEAR_SET]     = NO(YEAR_SET, "used terms are not mapped: map them first"),
		[SR_PH_TERMS_MAPPED] = NO(TERMS_MAPPED, "a year that was set begins with its first full run, through the gate"),
		[SR_PH_RESUMED]      = GO(RESUMED, NONE, "resumed already"),
	},
	[SR_PEV_FIRST_SYNC_VERIFIED] = {
		[SR_PH_SYNCING]      = GO(SYNCING, NONE, NOT_FIRST),
		[SR_PH_PAUSED]       = GO(PAUSED, NONE, NOT_FIRST),
		[SR_PH_YEAR_SET]     = GO(YEAR_SET, NONE, NOT_FIRST),
		[SR_PH_TERMS_MAPPED] = GO(TERMS_MAPPED, NONE, NOT_FIRST),
		[SR_PH_RESUMED]      = GO(SYNCING, VERIFIED, "the first full run is verified"),
	},
	[SR_PEV_YEAR_CANCEL] = {
		[SR_PH_SYNCING]      = NO(SYNCING, "the school is syncing: there is no choice to cancel"),
		[SR_PH_PAUSED]       = GO(PAUSED, DROP_CHOICE, "the choice is dropped"),
		[SR_PH_YEAR_SET]     = GO(PAUSED, RETURN, "cancelled: the fallback year is back"),
		[SR_PH_TERMS_MAPPED] = GO(PAUSED, RETURN, "cancelled: the fallback year is back"),
		[SR_PH_RESUMED]      = NO(RESUMED, "the first run has written under this year: it can only be paused"),
	},
	[SR_PEV_STARTED] = {
		[SR_PH_SYNCING]      = GO(SYNCING, NONE, STILL_READS),
		[SR_PH_PAUSED]       = GO(PAUSED, NONE, "stays paused; reads only"),
		[SR_PH_YEAR_SET]     = GO(YEAR_SET, NONE, STILL),
		[SR_PH_TERMS_MAPPED] = GO(TERMS_MAPPED, NONE, STILL),
		[SR_PH_RESUMED]      = GO(RESUMED, NONE, "goes on: what was in flight is settled, then the first run repeats"),
	},
};

static const char *const phase_names[SR_PH_COUNT] = {
	[SR_PH_SYNCING] = "syncing", [SR_PH_PAUSED] = "paused", [SR_PH_YEAR_SET] = "year-set",
	[SR_PH_TERMS_MAPPED] = "terms-mapped", [SR_PH_RESUMED] = "resumed",
};

static const char *const event_names[SR_PEV_COUNT] = {
	[SR_PEV_PAUSE] = "pause", [SR_PEV_SIS_ROLLED] = "sis-rolled", [SR_PEV_YEAR_CHOSEN] = "year-chosen",
	[SR_PEV_YEAR_CHOSEN_AGAIN] = "year-chosen-again", [SR_PEV_YEAR_READY] = "year-ready",
	[SR_PEV_YEAR_LOST] = "year-lost", [SR_PEV_TERMS_MAPPED] = "terms-mapped",
	[SR_PEV_TERMS_BROKEN] = "terms-broken", [SR_PEV_RESUME_FIRST] = "resume-first", [SR_PEV_RESUME] = "resume",
	[SR_PEV_FIRST_SYNC_VERIFIED] = "first-sync-verified", [SR_PEV_YEAR_CANCEL] = "year-cancel",
	[SR_PEV_STARTED] = "started",
};
/* clang-format on */

sr_pcell sr_phase_step(sr_phase phase, sr_pev event)
{
	assert((unsigned)phase < SR_PH_COUNT && (unsigned)event < SR_PEV_COUNT);
	return table[event][phase];
}

/* The year that was set goes back to the fallback. If PowerSchool had to roll over before it was
 * set, then it has rolled beyond an earlier fallback too: manual runs stay forbidden. */
static void return_to_fallback(sr_phase_state *s)
{
	s->sis_rolled_noted = s->fallback != SR_YEARID_NONE && s->fallback < s->active && !s->before_sis_rollover;
	s->active = s->fallback;
	s->fallback = SR_YEARID_NONE;
}

static void adopt_choice(sr_phase_state *s)
{
	if (s->chosen != s->active) /* the same year chosen again has the fallback that it had */
		s->fallback = s->active;
	s->active = s->chosen;
	s->chosen = SR_YEARID_NONE;
	s->sis_rolled_noted = false;
}

static void drop_choice(sr_phase_state *s)
{
	s->chosen = SR_YEARID_NONE;
	s->before_sis_rollover = false;
}

static void act(sr_phase_state *s, sr_pact what, sr_yearid year)
{
	switch (what) {
	case SR_PACT_NOTE_ROLLED:
		s->sis_rolled_noted = true;
		break;
	case SR_PACT_CHOOSE:
		s->chosen = year;
		break;
	case SR_PACT_ADOPT:
		adopt_choice(s);
		break;
	case SR_PACT_RETURN_KEEP:
		s->chosen = s->active;
		return_to_fallback(s);
		break;
	case SR_PACT_RETURN_CHOOSE:
		return_to_fallback(s);
		s->chosen = year;
		break;
	case SR_PACT_RETURN:
		return_to_fallback(s);
		drop_choice(s);
		break;
	case SR_PACT_DROP_CHOICE:
		drop_choice(s);
		break;
	case SR_PACT_VERIFIED:
		s->verified = s->active;
		s->fallback = SR_YEARID_NONE;
		s->before_sis_rollover = false;
		break;
	case SR_PACT_NONE:
	case SR_PACT_BLOCK_LOST:
	case SR_PACT_COUNT:
		break;
	}
}

static bool same_years(const sr_phase_state *a, const sr_phase_state *b)
{
	return a->active == b->active && a->chosen == b->chosen && a->fallback == b->fallback &&
	       a->verified == b->verified;
}

sr_pcell sr_phase_apply(sr_phase_state *s, sr_pev event, sr_yearid year, bool *changed)
{
	const sr_phase_state before = *s;
	bool year_stands = s->phase == SR_PH_YEAR_SET || s->phase == SR_PH_TERMS_MAPPED;
	sr_pcell cell;

	if (event == SR_PEV_YEAR_CHOSEN && year_stands && year == s->active)
		event = SR_PEV_YEAR_CHOSEN_AGAIN;
	cell = sr_phase_step(s->phase, event);
	*changed = false;
	if (cell.refuse)
		return cell;
	if (cell.act == SR_PACT_ADOPT && s->chosen == SR_YEARID_NONE)
		return (sr_pcell)GO(PAUSED, NONE, NO_CHOICE);
	s->phase = cell.next;
	act(s, cell.act, year);
	/* A choice is recorded and makes older answers void, though the year may be the same. */
	if (s->phase != before.phase || !same_years(s, &before) || cell.act == SR_PACT_CHOOSE)
		s->epoch++;
	*changed = s->epoch != before.epoch || s->sis_rolled_noted != before.sis_rolled_noted ||
		   s->before_sis_rollover != before.before_sis_rollover;
	return cell;
}

const char *sr_phase_name(sr_phase phase)
{
	return (unsigned)phase < SR_PH_COUNT ? phase_names[phase] : "?";
}

bool sr_phase_parse(const char *name, sr_phase *out)
{
	for (int i = 0; i < SR_PH_COUNT; i++) {
		if (!sr_streq(name, phase_names[i]))
			continue;
		*out = (sr_phase)i;
		return true;
	}
	return false;
}

const char *sr_pev_name(sr_pev event)
{
	return (unsigned)event < SR_PEV_COUNT ? event_names[event] : "?";
}

static sr_resume decide_paused(const sr_resume_facts *f)
{
	if (f->chosen != SR_YEARID_NONE)
		return SR_RESUME_CHOICE_PENDING;
	if (f->active == SR_YEARID_NONE)
		return SR_RESUME_NO_YEAR;
	if (f->year_over || f->sis_rolled)
		return SR_RESUME_YEAR_OVER;
	if (f->verified != f->active)
		return f->gate_passes ? SR_RESUME_GO_FIRST : SR_RESUME_GATE;
	if (!f->acting_user_ok)
		return SR_RESUME_ACTING_USER;
	return f->terms_sound ? SR_RESUME_GO_SYNC : SR_RESUME_TERMS_BROKEN;
}

sr_resume sr_resume_decide(const sr_resume_facts *f)
{
	switch (f->phase) {
	case SR_PH_PAUSED:
		return decide_paused(f);
	case SR_PH_YEAR_SET:
		return SR_RESUME_TERMS_UNMAPPED;
	case SR_PH_TERMS_MAPPED:
		return f->gate_passes ? SR_RESUME_GO_FIRST : SR_RESUME_GATE;
	case SR_PH_SYNCING:
	case SR_PH_RESUMED:
	case SR_PH_COUNT:
		break;
	}
	return SR_RESUME_NOOP;
}

bool sr_phase_may_write(const sr_phase_state *s, bool manual, bool year_over)
{
	if (s->active == SR_YEARID_NONE)
		return false;
	if (s->phase == SR_PH_PAUSED)
		return manual && !year_over && !s->sis_rolled_noted;
	return sr_phase_scheduled(s->phase);
}

bool sr_phase_scheduled(sr_phase phase)
{
	return phase == SR_PH_SYNCING || phase == SR_PH_RESUMED;
}

static void print_cell_md(sr_buf *out, sr_phase phase, sr_pev event)
{
	sr_pcell cell = sr_phase_step(phase, event);

	if (cell.refuse)
		sr_buf_printf(out, " refused: %s |", cell.why);
	else if (cell.next == phase)
		sr_buf_printf(out, " stays: %s |", cell.why);
	else
		sr_buf_printf(out, " **%s**: %s |", sr_phase_name(cell.next), cell.why);
}

void sr_phase_print_md(sr_buf *out)
{
	sr_buf_puts(out, "| event |");
	for (int p = 0; p < SR_PH_COUNT; p++)
		sr_buf_printf(out, " `%s` |", phase_names[p]);
	sr_buf_puts(out, "\n| --- | --- | --- | --- | --- | --- |\n");
	for (int e = 0; e < SR_PEV_COUNT; e++) {
		sr_buf_printf(out, "| `%s` |", event_names[e]);
		for (int p = 0; p < SR_PH_COUNT; p++)
			print_cell_md(out, (sr_phase)p, (sr_pev)e);
		sr_buf_putc(out, '\n');
	}
}

void sr_phase_print_dot(sr_buf *out)
{
	sr_buf_puts(out, "digraph phase {\n\trankdir=LR;\n\tnode [shape=box, style=rounded];\n");
	for (int p = 0; p < SR_PH_COUNT; p++)
		sr_buf_printf(out, "\t\"%s\";\n", phase_names[p]);
	for (int e = 0; e < SR_PEV_COUNT; e++) {
		for (int p = 0; p < SR_PH_COUNT; p++) {
			const sr_pcell *cell = &table[e][p];

			if ((int)cell->next != p)
				sr_buf_printf(out, "\t\"%s\" -> \"%s\" [label=\"%s\"];\n", phase_names[p],
					phase_names[cell->next], event_names[e]);
		}
	}
	sr_buf_puts(out, "}\n");
}
