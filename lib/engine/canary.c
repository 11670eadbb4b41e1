/* Schools that follow a canary: they are resumed, each through its own gate, once the canary's first run under the
 * new year is verified and left nothing for a person. The order stands in the database, so a restart forgets none.
 * Nothing is resumed that a person did not order by name or by --then-all. */
#include "engine/canary.h"

#include <stdio.h>
#include <string.h>

#include "engine/run_priv.h"
#include "io/store_figure.h"
#include "io/store_waiting.h"

#define QUARANTINE_LOOK 1000
#define SAY(out, size, ...) snprintf((out), (size), __VA_ARGS__)

/* Objects that Schoology refused; records that PowerSchool sends wrongly are no sign against the new year. */
static int refused_objects(sr_txn *t, const sr_school *s, int64_t *out, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_quar_row *rows;
	size_t count;

	if (sr_store_quar_list(t, &arena, s->number, QUARANTINE_LOOK, &rows, &count, err) < 0)
		return -1;
	*out = 0;
	for (size_t i = 0; i < count; i++)
		*out += rows[i].what == SR_Q_TARGET;
	return 0;
}

/* What keeps the followers of `canary`, as a sentence; "": it is verified clean. */
static int canary_judge(sr_txn *t, const sr_school *canary, char *out, size_t size, sr_err *err)
{
	const sr_phase_state *st = &canary->row.state;
	sr_waiting_count waiting = { 0 };
	int64_t refused = 0;

	*out = '\0';
	if (st->phase != SR_PH_SYNCING || st->verified != st->active) {
		SAY(out, size, "its first run is not verified yet");
		return 0;
	}
	if (sr_store_waiting_count(t, canary->number, st->active, &waiting, err) < 0 ||
		refused_objects(t, canary, &refused, err) < 0)
		return -1;
	if (waiting.open || refused)
		SAY(out, size, "its first run is not clean: %lld operations wait, %lld objects were refused",
			(long long)waiting.open, (long long)refused);
	return 0;
}

int sr_canary_why(sr_txn *t, const sr_school *s, char *out, size_t size, int64_t *canary, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_follower_row row;
	const sr_school *c;
	int found = sr_store_follower_get(t, &arena, s->number, &row, err);

	if (found <= 0)
		return found;
	c = sr_engine_school(s->e, row.canary);
	*canary = row.canary;
	if (!c)
		SAY(out, size, "that school is not known any more");
	else if (canary_judge(t, c, out, size, err) < 0)
		return -1;
	if (!*out)
		SAY(out, size, "%s", s->held_why ? s->held_why : "it is verified clean; this school is next");
	return 1;
}

/* ---- following ------------------------------------------------------------------------------------- */

static void held(sr_school *s, const char *why)
{
	bool new = !sr_streq(s->held_why, why);

	if (!new)
		return;
	free(s->held_why);
	s->held_why = sr_strdup(why);
	sr_engine_say(s->e, SR_WARNING, SR_MSG_CHOICE, s->number, NULL,
		"the school was to follow its canary and stays: %s", why);
}

static void gate_sentence(const sr_gate_check *checks, size_t count, sr_buf *out)
{
	sr_buf_puts(out, "the gate does not open:");
	for (size_t i = 0; i < count; i++)
		if (!checks[i].pass && !checks[i].overridden)
			sr_buf_printf(out, " %s (%s)", checks[i].name, checks[i].evidence);
}

static bool blocked(sr_school *s, const char **code)
{
	bool is = true;
	sr_txn *t;

	if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, NULL) < 0)
		return true;
	is = sr_blocked(s->e, t, s, false, code);
	sr_txn_rollback(t);
	return is;
}

static void follow(sr_school *s, const sr_follower_row *row)
{
	sr_gate_check checks[SR_GATE_MAX];
	SR_AUTO(sr_buf) why = { 0 };
	const char *code = "?";
	size_t count = 0;

	if (s->row.state.phase != SR_PH_TERMS_MAPPED || sr_gate_judge(s, checks, &count, NULL) < 0)
		return;
	if (!sr_gate_passes(checks, count)) {
		gate_sentence(checks, count, &why);
		held(s, sr_buf_text(&why));
		return;
	}
	if (blocked(s, &code)) {
		sr_buf_printf(&why, "it is blocked: %s", code);
		held(s, sr_buf_text(&why));
		return;
	}
	sr_buf_printf(&why, "follows %lld, whose first run is verified clean%s%s", (long long)row->canary,
		row->reason ? ": " : "", row->reason ? row->reason : "");
	if (sr_school_step(s, SR_PEV_RESUME_FIRST, 0, row->who, sr_buf_text(&why), NULL, NULL) == 0)
		sr_sched_school(s);
}

/* Which followers may go now; read before any of them is moved. */
static int ready_read(sr_engine *e, sr_txn *t, sr_arena *a, sr_follower_row **rows, size_t *count, sr_err *err)
{
	size_t n = 0;

	if (sr_store_followers(t, a, rows, count, err) < 0)
		return -1;
	for (size_t i = 0; i < *count; i++) {
		const sr_follower_row row = (*rows)[i];
		const sr_school *c = sr_engine_school(e, row.canary);
		char why[200];

		if (!c)
			continue;
		if (canary_judge(t, c, why, sizeof(why), err) < 0)
			return -1;
		if (!*why && c->row.state.active == row.year)
			(*rows)[n++] = row;
	}
	*count = n;
	return 0;
}

void sr_canary_review(sr_engine *e)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_follower_row *rows;
	size_t count = 0;
	sr_txn *t;

	if (e->stopping || sr_txn_begin(e->c.store, SR_TXN_READ, &t, NULL) < 0 ||
		sr_txn_end(e, t, ready_read(e, t, &arena, &rows, &count, NULL), NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		sr_school *s = sr_engine_school(e, rows[i].school);

		if (s && s->row.state.active == rows[i].year)
			follow(s, &rows[i]);
	}
}

int sr_canary_left(sr_school *s, sr_txn *t, sr_err *err)
{
	int n = sr_store_followers_clear(t, s->number, s->row.state.phase == SR_PH_PAUSED, err);

	return n < 0 ? -1 : 0;
}

int sr_canary_withdraw(sr_school *s, sr_err *err)
{
	sr_txn *t;
	int n;

	if (sr_txn_begin(s->e->c.store, SR_TXN_WRITE, &t, err) < 0)
		return -1;
	n = sr_store_followers_clear(t, s->number, true, err);
	return sr_txn_end(s->e, t, n < 0 ? -1 : 0, err) < 0 ? -1 : n;
}
