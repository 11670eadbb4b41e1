/* Who comes back: before a plan, Schoology is asked about the accounts of people who were out and are in again, and of
 * those whom it refused. One that somebody made inactive meanwhile is brought back, never made a second time. */
#include "engine/run_priv.h"

#include <stdlib.h>

#include "io/store_leaver.h"

#define ASKED_AT_MOST 2000
#define KEYS_A_CALL 50

struct sr_return {
	sr_recheck *people;
	size_t count, at, asking;
	size_t missing; /* those not among the active users stand in front */
	void (*done)(sr_run *r);
};

static void ask_keys(void *arg);

void sr_return_free(struct sr_return *w)
{
	if (!w)
		return;
	free(w->people);
	free(w);
}

/* ---- who is asked about --------------------------------------------------------------------------- */

int sr_return_confirmed(sr_txn *t, const sr_mirror_row *before, sr_yearid year, sr_err *err)
{
	const sr_recheck row = { before->ident.a, true };

	if (sr_store_members_forget(t, before->ident.a, year, err) < 0)
		return -1;
	/* Of one that was inactive by somebody's hand little is known: the next run takes what Schoology says. */
	return before->object.gone ? sr_store_recheck_add(t, &row, err) : 0;
}

int sr_return_suspect(sr_txn *t, const sr_plan_item *item, int code, sr_err *err)
{
	bool user = item->kind == SR_TGT_USER && item->op == SR_OP_UPDATE && code == 404;
	bool member = item->kind == SR_TGT_MEMBERSHIP && !sr_stage_drops(item->stage);
	const sr_recheck row = { user ? item->ident.a : item->ident.b, false };

	return user || member ? sr_store_recheck_add(t, &row, err) : 0;
}

static bool wanted(sr_run *r, int64_t person)
{
	const sr_person *p = sr_judge_person(&r->judge, person);

	return p && p->verdict == SR_V_IN;
}

static int people_read(sr_run *r, sr_txn *t, struct sr_return *w, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_recheck *rows;
	size_t count;

	if (sr_store_recheck_list(t, &arena, INT64_MIN, ASKED_AT_MOST, &rows, &count, err) < 0)
		return -1;
	w->people = calloc(count + 1, sizeof(*w->people));
	if (!w->people)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < count; i++)
		if (wanted(r, rows[i].person))
			w->people[w->count++] = rows[i];
	return 0;
}

/* ---- what is said of them ------------------------------------------------------------------------- */

static int note_active(sr_run *r, sr_txn *t, const sr_recheck *who, sr_mirror_row *mirror, const sr_target_user *u,
	sr_arena *a, sr_err *err)
{
	bool back = mirror->object.restorable || mirror->object.gone;

	(void)r;
	if ((back || who->fresh) && sr_adopt_take_user(u, a, &mirror->object.values, err) < 0)
		return -1;
	/* Somebody else brought him back: what he had before is not known to stand. */
	if (back && sr_store_members_forget(t, mirror->ident.a, r->year, err) < 0)
		return -1;
	if (back || who->fresh) {
		mirror->object.restorable = mirror->object.gone = false;
		if (sr_store_mirror_put(t, mirror, err) < 0)
			return -1;
	}
	return sr_store_recheck_done(t, who->person, err);
}

/* Not active. `inactive`: he stands among the inactive; else nobody knows him any more. */
static int note_missing(sr_txn *t, const sr_recheck *who, sr_mirror_row *mirror, bool inactive, sr_err *err)
{
	/* What we made inactive ourselves comes back by itself, whatever is asked of others' doings. */
	if (!mirror->object.restorable || mirror->object.gone) {
		mirror->object.gone = true;
		mirror->object.restorable = inactive;
	}
	if (sr_store_mirror_put(t, mirror, err) < 0 || sr_store_person_unquarantine(t, who->person, err) < 0)
		return -1;
	return sr_store_recheck_done(t, who->person, err);
}

static const sr_target_user *user_of(const sr_read_answer *answer, int64_t id)
{
	for (size_t i = 0; i < answer->count; i++)
		if (answer->users[i].id == id)
			return &answer->users[i];
	return NULL;
}

static int keys_note(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	struct sr_return *w = r->returning;

	for (size_t end = w->at + w->asking; w->at < end; w->at++) {
		SR_AUTO(sr_arena) arena = { 0 };
		const sr_recheck who = w->people[w->at];
		const sr_target_user *u;
		sr_mirror_row mirror;
		int found = sr_store_mirror_get(t, &arena, SR_TGT_USER, (sr_ident){ who.person, 0 }, &mirror, err);

		if (found < 0)
			return -1;
		u = found ? user_of(answer, mirror.object.sgy_id) : NULL;
		if (found && !u)
			w->people[w->missing++] = who;
		else if (found && note_active(r, t, &who, &mirror, u, &arena, err) < 0)
			return -1;
	}
	return 0;
}

static int inactive_note(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	struct sr_return *w = r->returning;

	for (size_t i = 0; i < w->missing; i++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_mirror_row mirror;
		int found = sr_store_mirror_get(
			t, &arena, SR_TGT_USER, (sr_ident){ w->people[i].person, 0 }, &mirror, err);

		if (found < 0 || (found && note_missing(t, &w->people[i], &mirror,
						   user_of(answer, mirror.object.sgy_id) != NULL, err) < 0))
			return -1;
	}
	return 0;
}

/* False: the run has failed. */
static bool noted(sr_run *r, const sr_read_answer *answer, const sr_err *failed,
	int (*note)(sr_run *, sr_txn *, const sr_read_answer *, sr_err *))
{
	sr_err err;
	sr_txn *t;

	if (failed) {
		sr_block_by_error(r->e, true, failed);
		sr_run_fail(r, failed);
		return false;
	}
	if (!answer->total_agrees)
		sr_fail(&err, SR_E_PROTO, "Schoology announced another number of users than it sent");
	else if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) == 0 &&
		 sr_txn_end(r->e, t, note(r, t, answer, &err), &err) == 0)
		return true;
	sr_run_fail(r, &err);
	return false;
}

/* ---- the steps --------------------------------------------------------------------------------------- */

/* The list of users is older than is good for making new ones: somebody may have made one by hand since. */
static void users_look(sr_run *r)
{
	void (*done)(sr_run *) = r->returning->done;
	bool wanting = false;
	sr_err err;
	sr_txn *t;

	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, &err) < 0 ||
		sr_txn_end(r->e, t, sr_store_people_wanting(t, r->s->number, &wanting, &err), &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	sr_return_free(SR_TAKE(r->returning));
	if (wanting)
		sr_run_users(r, done);
	else
		done(r);
}

static void inactive_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	if (noted(arg, answer, failed, inactive_note))
		users_look(arg);
}

static void keys_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_run *r = arg;

	if (noted(r, answer, failed, keys_note))
		sr_run_later(r, 0, ask_keys);
}

static int keys_read(sr_run *r, sr_txn *t, sr_arena *a, const char **keys, sr_err *err)
{
	struct sr_return *w = r->returning;

	for (w->asking = 0; w->asking < KEYS_A_CALL && w->at + w->asking < w->count; w->asking++) {
		const sr_ident ident = { w->people[w->at + w->asking].person, 0 };
		sr_mirror_row mirror;
		int found = sr_store_mirror_get(t, a, SR_TGT_USER, ident, &mirror, err);

		if (found < 0)
			return -1;
		keys[w->asking] = found ? mirror.key : "-";
	}
	return 0;
}

static void ask_keys(void *arg)
{
	SR_AUTO(sr_arena) arena = { 0 };
	const char *keys[KEYS_A_CALL];
	sr_run *r = arg;
	struct sr_return *w = r->returning;
	sr_err err;
	sr_txn *t;

	r->timer = NULL;
	if (sr_run_stale(r)) {
		sr_run_raise(r, SR_RE_STOP, r->stop_why);
	} else if (w->at == w->count && w->missing) {
		r->e->c.target->read(r->e->c.target, &(sr_read_ask){ .what = SR_READ_INACTIVE }, inactive_came, r);
	} else if (w->at == w->count) {
		users_look(r);
	} else if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, &err) < 0 ||
		   sr_txn_end(r->e, t, keys_read(r, t, &arena, keys, &err), &err) < 0) {
		sr_run_fail(r, &err);
	} else {
		r->e->c.target->read(r->e->c.target,
			&(sr_read_ask){ .what = SR_READ_USERS_BY_KEY, .keys = keys, .key_count = w->asking }, keys_came,
			r);
	}
}

void sr_run_return(sr_run *r, void (*done)(sr_run *r))
{
	struct sr_return *w = calloc(1, sizeof(*w));
	sr_err err;
	sr_txn *t;

	sr_return_free(r->returning);
	r->returning = w;
	if (!w) {
		sr_fail_nomem(&err);
		sr_run_fail(r, &err);
		return;
	}
	w->done = done;
	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, &err) < 0 ||
		sr_txn_end(r->e, t, people_read(r, t, w, &err), &err) < 0)
		sr_run_fail(r, &err);
	else
		sr_run_later(r, 0, ask_keys);
}
