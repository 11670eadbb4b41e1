/* The run of an undo. It asks nothing of PowerSchool: what it plans is what earlier runs did, backwards. Each object
 * is read again from Schoology first, for what was written then need not be what stands there now. The plan is
 * sealed, applied, settled and confirmed like any other; the guards do not judge it, since a person has seen it
 * object by object and confirmed it by its digest. */
#include "engine/undo_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_A_CALL 50

static void group_turn(void *arg);

void sr_undo_free(struct sr_undo *u)
{
	if (!u)
		return;
	free(u->work);
	free(u->courses);
	free(u);
}

sr_run_span sr_undo_span(const sr_run *r)
{
	return (sr_run_span){ r->s->number, r->scope.undo.first, r->scope.undo.last };
}

/* Makes room for one more of `size` bytes. */
static int grow(void **array, size_t *cap, size_t count, size_t size, sr_err *err)
{
	size_t more = *cap ? 2 * *cap : 256;
	void *grown;

	if (count < *cap)
		return 0;
	grown = realloc(*array, more * size);
	if (!grown)
		return sr_fail_nomem(err);
	*array = grown;
	*cap = more;
	return 0;
}

/* ---- what the runs did -------------------------------------------------------------------------- */

static bool wanted(const sr_run *r, const sr_object_ref *o)
{
	const sr_scope *s = &r->scope;
	bool member = o->kind == SR_TGT_MEMBERSHIP;

	if (s->person && (o->kind == SR_TGT_USER ? o->ident.a : member ? o->ident.b : -1) != s->person)
		return false;
	return !s->section || ((member || o->kind == SR_TGT_SECTION) && o->ident.a == s->section);
}

static int gather(sr_run *r, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	struct sr_undo *u = r->undo;
	sr_run_span span = sr_undo_span(r);
	sr_object_ref *rows;
	size_t count;

	if (sr_store_undo_objects(t, &arena, &span, u->begun ? &u->after : NULL, SR_CHUNK, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		u->after = rows[i];
		u->begun = true;
		if (!wanted(r, &rows[i]))
			continue;
		if (grow((void **)&u->work, &u->cap, u->count, sizeof(*u->work), err) < 0)
			return -1;
		u->work[u->count++] = rows[i];
	}
	return count == SR_CHUNK;
}

static void gathered(sr_run *r)
{
	sr_run_raise(r, SR_RE_PULLED, "what the run did is known");
}

static void gather_turn(void *arg)
{
	sr_run_turn(arg, SR_TXN_READ, gather, gather_turn, gathered);
}

static void gather_begin(sr_run *r)
{
	sr_run_later(r, 0, gather_turn);
}

void sr_undo_pull(sr_run *r)
{
	sr_err err;

	sr_judge_done(&r->judge);
	sr_undo_free(r->undo);
	r->undo = calloc(1, sizeof(*r->undo));
	if (!r->undo) {
		sr_fail_nomem(&err);
		sr_run_fail(r, &err);
		return;
	}
	r->undo->section_after = INT64_MIN;
	sr_run_prepare(r, gather_begin);
}

/* ---- courses that may be written ------------------------------------------------------------------ */

static int by_number(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

/* The fence writes a course only while a section of the year stands in it. */
static int courses_look(sr_run *r, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	struct sr_undo *u = r->undo;
	sr_mirror_row *rows;
	size_t count;

	if (sr_store_mirror_range(t, &arena, SR_TGT_SECTION, r->s->number, r->year,
		    (sr_ident){ u->section_after, INT64_MAX }, SR_CHUNK, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const char *code = sr_record_text(&rows[i].object.values, SR_S_COURSE_CODE);

		u->section_after = rows[i].ident.a;
		if (!code || rows[i].object.gone)
			continue;
		if (grow((void **)&u->courses, &u->course_cap, u->course_count, sizeof(*u->courses), err) < 0)
			return -1;
		u->courses[u->course_count++] = sr_text_ident(code);
	}
	return count == SR_CHUNK;
}

static void courses_known(sr_run *r)
{
	struct sr_undo *u = r->undo;

	if (u->course_count)
		qsort(u->courses, u->course_count, sizeof(*u->courses), by_number);
	sr_run_later(r, 0, group_turn);
}

static void courses_turn(void *arg)
{
	sr_run_turn(arg, SR_TXN_READ, courses_look, courses_turn, courses_known);
}

static size_t courses_in(const struct sr_undo *u)
{
	size_t n = 0;

	for (size_t i = 0; i < u->count; i++)
		n += u->work[i].kind == SR_TGT_COURSE;
	return n;
}

static int plan_new(sr_run *r, sr_txn *t, sr_err *err)
{
	sr_plan_row row = { .school = r->s->number,
		.run = r->id,
		.epoch = r->epoch,
		.year = r->year,
		.kind = r->kind,
		.created_ms = sr_now_ms(r->e) };

	return sr_store_plan_new(t, &row, &r->plan, err);
}

void sr_undo_plan(sr_run *r)
{
	size_t courses = courses_in(r->undo);
	sr_err err;
	sr_txn *t;

	sr_planner_done(&r->planner);
	sr_digest_init(&r->planner.digest, r->s->number, r->year);
	r->judge.courses = courses ? calloc(courses, sizeof(*r->judge.courses)) : NULL;
	r->judge.course_cap = courses;
	if (courses && !r->judge.courses) {
		sr_fail_nomem(&err);
		sr_run_fail(r, &err);
	} else if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		   sr_txn_end(r->e, t, plan_new(r, t, &err), &err) < 0) {
		sr_run_fail(r, &err);
	} else {
		sr_run_later(r, 0, courses ? courses_turn : group_turn);
	}
}

/* ---- the end of planning ------------------------------------------------------------------------ */

static int seal(sr_run *r, sr_txn *t, const char *digest, sr_err *err)
{
	if (sr_store_plan_seal(t, r->plan, digest, r->planner.seq, sr_now_ms(r->e), err) < 0)
		return -1;
	r->shown_plan = r->plan;
	r->total = r->planner.planned;
	r->done = 0;
	return sr_run_save(r, t, err);
}

/* NULL: it may be carried out; else why not. */
static const char *refusal(sr_run *r, sr_txn *t, const char *digest, char *room, size_t size)
{
	const sr_phase_state *st = &r->s->row.state;
	const char *code = NULL;

	if (strcmp(digest, r->scope.undo.shown) != 0)
		return "what would be put back is not what was shown any more";
	if (st->phase != SR_PH_PAUSED || !sr_phase_may_write(st, true, r->judge.ctx.year_over))
		return "an undo is for a paused school whose year goes on";
	if (!sr_blocked(r->e, t, r->s, false, &code))
		return NULL;
	snprintf(room, size, "blocked: %s", code);
	return room;
}

static void undo_seal(sr_run *r)
{
	char digest[33], room[80];
	const char *no = NULL;
	sr_err err;
	sr_txn *t;
	int rc;

	sr_digest_text(&r->planner.digest, digest);
	if (sr_txn_begin(r->e->c.store, SR_TXN_DURABLE, &t, &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	rc = seal(r, t, digest, &err);
	if (rc == 0 && *r->scope.undo.shown)
		no = refusal(r, t, digest, room, sizeof(room));
	if (sr_txn_end(r->e, t, rc, &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	if (no)
		snprintf(r->stop_why, sizeof(r->stop_why), "%s", no);
	sr_run_raise(r,
		!*r->scope.undo.shown ? SR_RE_PLAN_ONLY
		: no                  ? SR_RE_PLAN_REFUSED
		: r->planner.planned  ? SR_RE_PLAN_READY
				      : SR_RE_PLAN_EMPTY,
		NULL);
}

/* ---- group by group ----------------------------------------------------------------------------- */

/* What one read answers: fifty people or sections, the courses of the building, the members of a section. */
static size_t group_size(const struct sr_undo *u)
{
	const sr_object_ref *first = &u->work[u->at];
	size_t max = first->kind == SR_TGT_USER || first->kind == SR_TGT_SECTION ? KEYS_A_CALL : SR_CHUNK, n = 0;

	while (n < max && u->at + n < u->count && first[n].kind == first->kind &&
		(first->kind != SR_TGT_MEMBERSHIP || first[n].ident.a == first->ident.a))
		n++;
	return n;
}

static void group_over(sr_run *r)
{
	r->undo->at += r->undo->group;
	sr_run_progress(r);
	sr_run_later(r, 0, group_turn);
}

static int group_end(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	sr_undo_group g = { 0 };
	int rc = sr_undo_group_load(r, t, &g, err);

	if (rc == 0)
		rc = sr_undo_group_plan(r, t, &g, answer, err);
	sr_arena_done(&g.arena);
	return rc;
}

static void group_settle(sr_run *r, const sr_read_answer *answer)
{
	sr_err err;
	sr_txn *t;

	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, group_end(r, t, answer, &err), &err) < 0)
		sr_run_fail(r, &err);
	else
		group_over(r);
}

static void group_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	static const sr_read_answer none = { .total_agrees = true };
	sr_run *r = arg;
	sr_err err;

	if (failed && failed->code != SR_E_NOTFOUND) {
		sr_block_by_error(r->e, true, failed);
		sr_run_fail(r, failed);
	} else if (!failed && !answer->total_agrees) {
		sr_fail(&err, SR_E_PROTO,
			"Schoology's list is not what it announced: nothing can be concluded from it");
		sr_run_fail(r, &err);
	} else {
		group_settle(r, failed ? &none : answer);
	}
}

/* Asks what stands there, where that matters. */
static void group_ask(sr_run *r)
{
	sr_undo_group g = { 0 };
	const char *keys[KEYS_A_CALL];
	sr_read_ask ask;
	bool asks = false;
	sr_err err;
	sr_txn *t;
	int rc;

	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	rc = sr_undo_group_load(r, t, &g, &err);
	sr_txn_rollback(t);
	asks = rc == 0 && g.asks;
	if (rc < 0) {
		sr_run_fail(r, &err);
	} else if (asks) {
		sr_undo_group_ask(r, &g, keys, &ask);
		r->e->c.target->read(r->e->c.target, &ask, group_came, r);
	}
	sr_arena_done(&g.arena);
	if (rc == 0 && !asks)
		group_settle(r, NULL);
}

static void group_turn(void *arg)
{
	sr_run *r = arg;

	if (sr_run_turn_over(r))
		return;
	if (r->undo->at == r->undo->count) {
		undo_seal(r);
		return;
	}
	r->undo->group = group_size(r->undo);
	group_ask(r);
}
