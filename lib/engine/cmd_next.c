/* NEXT: for each school the command to type, or what it waits for. The first rule that applies speaks,
 * so the table below is also what "worst first" means. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

#include "engine/run_priv.h"

#define DAY_MS (24 * 3600 * 1000LL)
#define COMING_DAYS 120 /* a year that begins within these is the one to choose */

#define SAY(next, ...) snprintf((next)->command, sizeof((next)->command), __VA_ARGS__)
#define BECAUSE(next, ...) snprintf((next)->why, sizeof((next)->why), __VA_ARGS__)
#define NUMBER(s) ((long long)(s)->number)

static bool in_phase(const sr_school *s, sr_phase phase)
{
	return s->row.state.phase == phase;
}

/* --- Blocked --- */

static bool is_blocked(const sr_school *s, const sr_facts *f)
{
	(void)s;
	return f->block_count > 0;
}

static void say_blocked(const sr_school *s, const sr_facts *f, sr_next *out)
{
	static const struct {
		const char *command;
		bool of_school;
	} looks[SR_BL_COUNT] = {
		[SR_BL_OTHER_YEAR_WRITE] = { "runs", true },
		[SR_BL_WRONG_DISTRICT] = { "doctor", false },
		[SR_BL_ACTING_USER_INVALID] = { "acting-user show", false },
		[SR_BL_SCHOOLOGY_AUTH] = { "doctor", false },
		[SR_BL_POWERSCHOOL_AUTH] = { "doctor", false },
		[SR_BL_PLUGIN_RIGHT] = { "doctor", false },
		[SR_BL_DUPLICATE_SUSPECT] = { "plan list", true },
		[SR_BL_FOREIGN_WRITER] = { "runs", true },
		[SR_BL_NO_BUILDING] = { "schools list", true },
		[SR_BL_YEAR_LOST] = { "terms list", true },
	};
	const sr_block_def *def = sr_block_find(f->blocks[0].code);
	size_t at = (size_t)(def - sr_blocks);

	if (looks[at].of_school)
		SAY(out, "%s %lld", looks[at].command, NUMBER(s));
	else
		SAY(out, "%s", looks[at].command);
	BECAUSE(out, "%s: %s", def->code, def->clear);
}

/* --- Terms --- */

static const sr_term_use *first_unsound(const sr_facts *f)
{
	for (size_t i = 0; i < f->ctx.term_count; i++) {
		const sr_term_use *use = &f->ctx.terms[i];

		if (use->used && !sr_term_sound(use, f->ctx.filter.active, f->ctx.year_first, f->ctx.year_last))
			return use;
	}
	return NULL;
}

static bool sections_wait(const sr_school *s, const sr_facts *f)
{
	return sr_phase_scheduled(s->row.state.phase) && f->mapped < f->used;
}

static void say_map(const sr_school *s, const sr_facts *f, sr_next *out)
{
	const sr_term_use *use = first_unsound(f);

	/* All are mapped, but nobody has looked yet which of them are in use. */
	if (!use) {
		SAY(out, "wait");
		BECAUSE(out, "the next poll looks which terms are in use");
		return;
	}
	if (use->period_count)
		SAY(out, "terms lint %lld", NUMBER(s));
	else
		SAY(out, "terms map %lld %lld --create", NUMBER(s), (long long)use->term.id);
	if (use->sections && use->enrollments)
		BECAUSE(out, "%s: %lld sections, %lld enrollments wait", use->term.abbreviation,
			(long long)use->sections, (long long)use->enrollments);
	else
		BECAUSE(out, "%s; %d of %d used terms mapped", use->term.abbreviation, f->mapped, f->used);
}

/* --- Paused --- */

static bool paused_behind(const sr_school *s, const sr_facts *f)
{
	const sr_phase_state *st = &s->row.state;

	return in_phase(s, SR_PH_PAUSED) && st->active && !st->chosen && (st->sis_rolled_noted || f->ctx.year_over);
}

static void say_behind(const sr_school *s, const sr_facts *f, sr_next *out)
{
	char year[SR_YEAR_LABEL_BYTES], day[11];

	SAY(out, "year set %s %lld", sr_year_print(s->row.state.active + 1, year), NUMBER(s));
	sr_day_print(f->ctx.year_last, day);
	if (f->ctx.year_over)
		BECAUSE(out, "the active year ended on %s", day);
	else
		BECAUSE(out, "PowerSchool has rolled over (%lld of %lld)", (long long)s->row.rolled_promoted,
			(long long)s->row.rolled_active);
}

static bool paused_without_year(const sr_school *s, const sr_facts *f)
{
	(void)f;
	return in_phase(s, SR_PH_PAUSED) && !s->row.state.active && !s->row.state.chosen;
}

/* The latest year that has begun or begins soon. */
static sr_yearid year_to_choose(const sr_facts *f)
{
	sr_yearid best = SR_YEARID_NONE;

	for (size_t i = 0; i < f->ctx.all_count; i++) {
		const sr_term *t = &f->ctx.all[i].term;

		if (t->is_year && t->first <= f->ctx.filter.today + COMING_DAYS && t->yearid > best)
			best = t->yearid;
	}
	return best;
}

static void say_choose(const sr_school *s, const sr_facts *f, sr_next *out)
{
	char year[SR_YEAR_LABEL_BYTES];
	sr_yearid best = year_to_choose(f);

	if (best) {
		SAY(out, "year set %s %lld", sr_year_print(best, year), NUMBER(s));
		BECAUSE(out, "never synced");
	} else {
		SAY(out, "wait");
		BECAUSE(out, "no school year of PowerSchool is known at %lld", NUMBER(s));
	}
}

static bool choice_pending(const sr_school *s, const sr_facts *f)
{
	(void)f;
	return in_phase(s, SR_PH_PAUSED) && s->row.state.chosen;
}

/* A summer school: whether PowerSchool has rolled over there is a person's to say. */
static bool nobody_to_promote(const sr_school *s)
{
	return s->row.rolled_year == s->row.state.chosen && s->row.rolled_active == 0;
}

static void say_pending(const sr_school *s, const sr_facts *f, sr_next *out)
{
	char year[SR_YEAR_LABEL_BYTES];

	SAY(out, "wait");
	sr_year_print(s->row.state.chosen, year);
	if (f->asked_terms && !f->rolled && nobody_to_promote(s))
		SAY(out, "year set %s %lld --before-sis-rollover", year, NUMBER(s));
	if (!f->asked_terms)
		BECAUSE(out, "PowerSchool has no %s terms at %lld", year, NUMBER(s));
	else if (f->rolled)
		BECAUSE(out, "becomes active with the next poll");
	else if (nobody_to_promote(s))
		BECAUSE(out, "no students of its own tell whether it has rolled over");
	else
		BECAUSE(out, "PowerSchool has not rolled over (%lld of %lld)", (long long)f->promoted,
			(long long)f->students);
}

static bool always(const sr_school *s, const sr_facts *f)
{
	(void)s;
	(void)f;
	return true;
}

/* --- The way to the first run --- */

static bool rehearsed(const sr_school *s, const sr_facts *f)
{
	return f->has_last && f->last.kind == SR_RK_REHEARSAL && sr_streq(f->last.outcome, "done") &&
	       f->last.year == s->row.state.active && f->last.started_ms >= s->row.changed_ms &&
	       sr_now_ms(s->e) - f->last.started_ms <= DAY_MS;
}

static bool is_year_set(const sr_school *s, const sr_facts *f)
{
	(void)f;
	return in_phase(s, SR_PH_YEAR_SET);
}

static bool is_follower(const sr_school *s, const sr_facts *f)
{
	return f->canary && in_phase(s, SR_PH_TERMS_MAPPED);
}

static void say_follower(const sr_school *s, const sr_facts *f, sr_next *out)
{
	if (s->held_why)
		SAY(out, "resume %lld --check", NUMBER(s));
	else
		SAY(out, "wait");
	BECAUSE(out, "follows %lld: %s", (long long)f->canary, f->follows_why);
}

static bool before_gate(const sr_school *s, const sr_facts *f)
{
	(void)f;
	return in_phase(s, SR_PH_TERMS_MAPPED) ||
	       (in_phase(s, SR_PH_PAUSED) && s->row.state.verified != s->row.state.active);
}

static void say_gate(const sr_school *s, const sr_facts *f, sr_next *out)
{
	if (s->run)
		SAY(out, "wait");
	else
		SAY(out, "%s %lld", rehearsed(s, f) ? "resume" : "rehearse", NUMBER(s));
	if (s->run)
		BECAUSE(out, "run %lld is under way", (long long)s->run->id);
	else if (s->last_problem)
		BECAUSE(out, "%s", s->last_problem);
}

static bool is_resumed(const sr_school *s, const sr_facts *f)
{
	(void)f;
	return in_phase(s, SR_PH_RESUMED);
}

static void say_resumed(const sr_school *s, const sr_facts *f, sr_next *out)
{
	(void)f;
	SAY(out, "wait");
	if (s->run && s->run->total > 0)
		BECAUSE(out, "first run: %s, %lld of %lld", sr_run_state_name(s->run->state), (long long)s->run->done,
			(long long)s->run->total);
	else if (s->run)
		BECAUSE(out, "first run: %s", sr_run_state_name(s->run->state));
	else if (s->last_problem)
		BECAUSE(out, "tries again by itself: %s", s->last_problem);
}

static bool is_paused(const sr_school *s, const sr_facts *f)
{
	(void)f;
	return in_phase(s, SR_PH_PAUSED);
}

static void say_resume(const sr_school *s, const sr_facts *f, sr_next *out)
{
	(void)f;
	SAY(out, "resume %lld", NUMBER(s));
}

/* An undo that has written: what it put back is only safe until the next run. */
static bool undone(const sr_school *s, const sr_facts *f)
{
	return in_phase(s, SR_PH_PAUSED) && !s->run && f->has_last && f->last.kind == SR_RK_UNDO &&
	       sr_streq(f->last.outcome, "done") && f->numbers.updated + f->numbers.dropped > 0;
}

static void say_undone(const sr_school *s, const sr_facts *f, sr_next *out)
{
	SAY(out, "resume %lld", NUMBER(s));
	BECAUSE(out, "mend PowerSchool or the configuration first: the next run would write again what run %lld undid",
		(long long)f->last.id);
}

/* --- Syncing --- */

static bool last_run_failed(const sr_school *s, const sr_facts *f)
{
	(void)f;
	return in_phase(s, SR_PH_SYNCING) && s->last_problem && !s->run;
}

static void say_failed(const sr_school *s, const sr_facts *f, sr_next *out)
{
	if (f->has_last)
		SAY(out, "run show %lld", (long long)f->last.id);
	else
		SAY(out, "doctor");
	BECAUSE(out, "%s", s->last_problem);
}

static bool something_waits(const sr_school *s, const sr_facts *f)
{
	(void)s;
	return f->waiting.open > 0;
}

static void say_waits(const sr_school *s, const sr_facts *f, sr_next *out)
{
	int64_t minutes = (sr_now_ms(s->e) - f->waiting.oldest_ms) / 60000;
	const char *unit = "minutes";

	if (minutes >= 48 * 60) {
		minutes /= 24 * 60;
		unit = "days";
	} else if (minutes >= 120) {
		minutes /= 60;
		unit = "hours";
	}
	SAY(out, "waiting list %lld", NUMBER(s));
	BECAUSE(out, "%lld wait for a person, the oldest for %lld %s", (long long)f->waiting.open,
		(long long)(minutes > 0 ? minutes : 0), unit);
}

/* The first mapped term whose dates are others now than when it was mapped; NULL: none. */
static const sr_term_row *moved_term(const sr_facts *f)
{
	for (size_t i = 0; i < f->ctx.all_count; i++) {
		const sr_term_row *row = &f->ctx.all[i];

		if (row->term.yearid == f->ctx.filter.active && sr_term_moved(row))
			return row;
	}
	return NULL;
}

static bool term_moved(const sr_school *s, const sr_facts *f)
{
	(void)s;
	return moved_term(f) != NULL;
}

static void say_moved(const sr_school *s, const sr_facts *f, sr_next *out)
{
	const sr_term_row *row = moved_term(f);
	char was[2][11], now[2][11];

	sr_day_print(row->mapped_first, was[0]);
	sr_day_print(row->mapped_last, was[1]);
	sr_day_print(row->term.first, now[0]);
	sr_day_print(row->term.last, now[1]);
	SAY(out, "terms dates %lld %lld --as-powerschool", NUMBER(s), (long long)row->term.id);
	BECAUSE(out, "%s moved in PowerSchool: %s to %s, mapped as %s to %s", row->term.abbreviation, now[0], now[1],
		was[0], was[1]);
}

static int64_t not_released(const sr_school *s, const sr_facts *f)
{
	return sr_school_released_from(s) > f->ctx.filter.today ? sr_facts_not_released(f) : 0;
}

static bool students_wait(const sr_school *s, const sr_facts *f)
{
	return !s->run && not_released(s, f) > 0;
}

static void say_students_wait(const sr_school *s, const sr_facts *f, sr_next *out)
{
	char day[11];

	sr_day_print(sr_school_released_from(s), day);
	SAY(out, "wait");
	BECAUSE(out, "students released on %s: %lld enrollments wait", day, (long long)not_released(s, f));
}

static bool something_quarantined(const sr_school *s, const sr_facts *f)
{
	(void)s;
	return f->quarantined > 0;
}

static void say_quarantined(const sr_school *s, const sr_facts *f, sr_next *out)
{
	SAY(out, "quarantine list %lld", NUMBER(s));
	BECAUSE(out, "%lld set aside", (long long)f->quarantined);
}

static void say_nothing(const sr_school *s, const sr_facts *f, sr_next *out)
{
	int at = s->e->c.config->sync.drops_at_min;

	SAY(out, "wait");
	if (s->run || !f->numbers.held)
		BECAUSE(out, "%s", s->run ? "a run is under way" : "runs by itself");
	else
		BECAUSE(out, "runs by itself; drops are sent at %02d:%02d: %lld", at / 60, at % 60,
			(long long)f->numbers.held);
}

static const struct {
	bool (*applies)(const sr_school *s, const sr_facts *f);
	void (*say)(const sr_school *s, const sr_facts *f, sr_next *out);
} rules[] = {
	{ is_blocked, say_blocked },
	{ sections_wait, say_map },
	{ last_run_failed, say_failed },
	{ paused_behind, say_behind },
	{ paused_without_year, say_choose },
	{ choice_pending, say_pending },
	{ is_year_set, say_map },
	{ is_follower, say_follower },
	{ before_gate, say_gate },
	{ is_resumed, say_resumed },
	{ undone, say_undone },
	{ is_paused, say_resume },
	{ something_waits, say_waits },
	{ term_moved, say_moved },
	{ something_quarantined, say_quarantined },
	{ students_wait, say_students_wait },
	{ always, say_nothing },
};

void sr_next_of(const sr_school *s, const sr_facts *f, sr_next *out)
{
	*out = (sr_next){ 0 };
	while (!rules[out->rank].applies(s, f))
		out->rank++;
	rules[out->rank].say(s, f, out);
}
