/* The run of leavers, in two kinds: one lists those whom PowerSchool has nowhere active any more, as a plan that a
 * person looks at; the other carries out such a plan. Both ask PowerSchool for the whole district first: who left a
 * school may have moved to another, and that one need not be synced. Nothing else may make an account inactive. */
#include "engine/run_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/store_leaver.h"

#define ITEMS_A_TURN 100
#define GRADUATES 999999 /* PowerSchool's pseudo-school */
enum { PREREGISTERED = -1, ACTIVE = 0, GRADUATED = 3 };
enum { STAFF_CURRENT = 1 };

/* One account that might be made inactive, and what PowerSchool said of its person just now. */
typedef struct sr_leaver {
	int64_t ident, seq; /* seq: of the plan's item; 0: a plan is being made */
	int64_t school, status;
	sr_day left_excl;
	bool seen, active, graduated;
} sr_leaver;

struct sr_leave {
	sr_leaver *people; /* by ident */
	size_t count, cap, at;
	int64_t after; /* gathering: the last ident, or seq */
	size_t kind;   /* into `looks` */
	int64_t page_after, seen, before, known;
	sr_digest digest;
	int64_t left_out;
};

static const struct look {
	sr_src kind;
	bool staff;
} looks[] = { { SR_SRC_STUDENT, false }, { SR_SRC_STAFF, true } };

static void look_next(sr_run *r);
static void look_page(sr_run *r);

void sr_leave_free(struct sr_leave *l)
{
	if (!l)
		return;
	free(l->people);
	free(l);
}

int64_t sr_leave_left_out(const sr_run *r)
{
	return r->leave ? r->leave->left_out : 0;
}

/* ---- whose account it might be ------------------------------------------------------------------ */

static int leaver_push(struct sr_leave *l, int64_t ident, int64_t seq, sr_err *err)
{
	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 256;
		sr_leaver *grown = realloc(l->people, cap * sizeof(*grown));

		if (!grown)
			return sr_fail_nomem(err);
		l->people = grown;
		l->cap = cap;
	}
	l->people[l->count++] = (sr_leaver){ .ident = ident, .seq = seq, .left_excl = SR_DAY_NONE };
	return 0;
}

static bool ours_to_end(const sr_run *r, const sr_mirror_object *o)
{
	return o->sgy_id && !o->gone && !o->restorable && !o->is_acting_user && o->sgy_id != r->e->acting.id;
}

/* 1: there may be more. */
static int gather_accounts(sr_run *r, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	struct sr_leave *l = r->leave;
	sr_ident after = { l->after, INT64_MAX };
	sr_mirror_row *rows;
	size_t count;

	if (sr_store_mirror_range(t, &arena, SR_TGT_USER, r->s->number, 0, after, SR_CHUNK, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		bool in = true;

		l->after = rows[i].ident.a;
		if (!ours_to_end(r, &rows[i].object))
			continue;
		if (sr_store_person_let_in(t, rows[i].ident.a, &in, err) < 0 ||
			(!in && leaver_push(l, rows[i].ident.a, 0, err) < 0))
			return -1;
	}
	return count == SR_CHUNK;
}

static int gather_items(sr_run *r, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	struct sr_leave *l = r->leave;
	sr_item_row *rows;
	size_t count;

	if (sr_store_plan_items(
		    t, &arena, r->scope.leave.plan, l->after, -1, SR_TGT_USER, SR_CHUNK, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		l->after = rows[i].item.seq;
		if ((rows[i].state == SR_IS_PLANNED || rows[i].state == SR_IS_RETRY) &&
			leaver_push(l, rows[i].item.ident.a, rows[i].item.seq, err) < 0)
			return -1;
	}
	return count == SR_CHUNK;
}

static int by_ident(const void *x, const void *y)
{
	int64_t a = ((const sr_leaver *)x)->ident, b = ((const sr_leaver *)y)->ident;

	return a < b ? -1 : a > b;
}

static sr_leaver *leaver_of(const struct sr_leave *l, int64_t ident)
{
	const sr_leaver key = { .ident = ident };

	return l->count ? bsearch(&key, l->people, l->count, sizeof(key), by_ident) : NULL;
}

static int gather(sr_run *r, sr_txn *t, sr_err *err)
{
	return r->scope.leave.plan ? gather_items(r, t, err) : gather_accounts(r, t, err);
}

static void gathered(sr_run *r)
{
	if (r->leave->count)
		qsort(r->leave->people, r->leave->count, sizeof(*r->leave->people), by_ident);
	look_next(r);
}

static void gather_turn(void *arg)
{
	sr_run_turn(arg, SR_TXN_READ, gather, gather_turn, gathered);
}

/* ---- what PowerSchool says of them, district-wide ------------------------------------------------ */

static sr_page_ask look_ask(const sr_run *r)
{
	return (sr_page_ask){ .kind = looks[r->leave->kind].kind,
		.school = 0, /* every school, synced or not */
		.termid_low = (int64_t)r->year * 100,
		.termid_high = (int64_t)r->year * 100 + 99,
		.after = r->leave->page_after,
		.page_size = r->e->c.config->powerschool.page_size };
}

static void look_failed(sr_run *r, const sr_err *err)
{
	sr_block_by_error(r->e, false, err);
	sr_run_fail(r, err);
}

static void note_student(struct sr_leave *l, const sr_record *rec)
{
	sr_leaver *p = leaver_of(l, sr_person_student(sr_record_int(rec, SR_STU_DCID, 0)));

	if (!p)
		return;
	p->seen = true;
	p->school = sr_record_int(rec, SR_STU_SCHOOLID, 0);
	p->status = sr_record_int(rec, SR_STU_ENROLL_STATUS, ACTIVE); /* not to know is to leave alone */
	p->left_excl = sr_record_day(rec, SR_STU_EXITDATE_EXCL);
	p->graduated = p->status == GRADUATED || p->school == GRADUATES;
	p->active |= !p->graduated && (p->status == ACTIVE || p->status == PREREGISTERED);
}

static void note_staff(struct sr_leave *l, const sr_record *rec)
{
	sr_leaver *p = leaver_of(l, sr_person_staff(sr_record_int(rec, SR_STF_USERS_DCID, 0)));

	if (!p)
		return;
	p->seen = true;
	p->status = sr_record_int(rec, SR_STF_STATUS, STAFF_CURRENT);
	p->active |= p->status == STAFF_CURRENT;
}

static int look_note(sr_run *r, const sr_page *page, sr_err *err)
{
	struct sr_leave *l = r->leave;

	/* A row that cannot be read might be anybody's, and might say that he is here. */
	if (page->bad)
		return sr_fail(err, SR_E_PROTO,
			"%zu rows of PowerSchool cannot be read: nobody can be told to have left", page->bad);
	for (size_t i = 0; i < page->count; i++)
		(looks[l->kind].staff ? note_staff : note_student)(l, &page->records[i]);
	l->seen += (int64_t)page->count;
	l->page_after = page->last_key;
	return 0;
}

/* The look counts only if it was whole: counts agree, and all that this school knows was among it. */
static int look_proven(const struct sr_leave *l, int64_t after, sr_err *err)
{
	if (l->before < 0 || after < 0)
		return sr_fail(err, SR_E_PROTO,
			"this PowerSchool does not say how many people it has, so that nobody counts as gone");
	if (l->seen != l->before || l->seen != after)
		return sr_fail(err, SR_E_REMOTE,
			"PowerSchool's people are changing just now (%lld, %lld and %lld rows): try again",
			(long long)l->before, (long long)l->seen, (long long)after);
	if (l->seen < l->known)
		return sr_fail(err, SR_E_PROTO,
			"PowerSchool showed %lld rows for the whole district and %lld for this school alone: is the "
			"plugin the one that belongs to this version?",
			(long long)l->seen, (long long)l->known);
	return 0;
}

static void counted_after(void *arg, int64_t count, const sr_err *failed)
{
	sr_run *r = arg;
	sr_err err;

	if (failed) {
		look_failed(r, failed);
	} else if (look_proven(r->leave, count, &err) < 0) {
		sr_run_fail(r, &err);
	} else {
		r->leave->kind++;
		look_next(r);
	}
}

static void page_came(void *arg, const sr_page *page, const sr_err *failed)
{
	sr_run *r = arg;
	sr_page_ask ask;
	sr_err err;

	if (failed) {
		look_failed(r, failed);
		return;
	}
	if (look_note(r, page, &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	sr_run_progress(r);
	ask = look_ask(r);
	ask.after = 0;
	if (page->last)
		r->e->c.source->count(r->e->c.source, &ask, counted_after, r);
	else
		look_page(r);
}

static void look_page(sr_run *r)
{
	sr_page_ask ask = look_ask(r);

	r->e->c.source->page(r->e->c.source, &ask, page_came, r);
}

static void counted_before(void *arg, int64_t count, const sr_err *failed)
{
	sr_run *r = arg;

	if (failed) {
		look_failed(r, failed);
		return;
	}
	r->leave->before = count;
	look_page(r);
}

/* Students and staff have keys of their own; whose sort is not asked about is not looked through. */
static bool any_of(const struct sr_leave *l, bool staff)
{
	for (size_t i = 0; i < l->count; i++)
		if (sr_person_is_staff(l->people[i].ident) == staff)
			return true;
	return false;
}

static void look_next(sr_run *r)
{
	struct sr_leave *l = r->leave;
	sr_page_ask ask;
	sr_err err;
	sr_txn *t;

	while (l->kind < SR_COUNT_OF(looks) && !any_of(l, looks[l->kind].staff))
		l->kind++;
	if (l->kind == SR_COUNT_OF(looks)) {
		sr_run_raise(r, SR_RE_PULLED, NULL);
		return;
	}
	l->page_after = l->seen = l->known = 0;
	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, &err) < 0 ||
		sr_txn_end(r->e, t, sr_store_source_count(t, r->s->number, looks[l->kind].kind, true, &l->known, &err),
			&err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	ask = look_ask(r);
	r->e->c.source->count(r->e->c.source, &ask, counted_before, r);
}

static void gather_begin(sr_run *r)
{
	sr_run_later(r, 0, gather_turn);
}

void sr_leave_pull(sr_run *r)
{
	sr_err err;

	sr_judge_done(&r->judge);
	sr_leave_free(r->leave);
	r->leave = calloc(1, sizeof(*r->leave));
	if (!r->leave) {
		sr_fail_nomem(&err);
		sr_run_fail(r, &err);
		return;
	}
	r->leave->after = r->scope.leave.plan ? 0 : INT64_MIN;
	sr_run_prepare(r, gather_begin);
}

/* ---- the plan ------------------------------------------------------------------------------------ */

static bool asked_for(const sr_leave_ask *ask, const sr_leaver *p)
{
	return !p->active && (!ask->graduated || p->graduated) &&
	       (ask->left_before == SR_DAY_NONE || (p->left_excl != SR_DAY_NONE && p->left_excl <= ask->left_before));
}

/* Why he counts as a leaver, for the list that a person reads. */
static const char *evidence(const sr_leaver *p, sr_arena *a)
{
	char left[11];

	sr_day_print(p->left_excl, left);
	if (!p->seen)
		return "PowerSchool has no such person any more";
	if (sr_person_is_staff(p->ident))
		return "PowerSchool has no current post of his at any school";
	if (p->graduated)
		return sr_arena_printf(a, "graduated%s%s", *left ? ", left " : "", left);
	return sr_arena_printf(a, "not enrolled at any school (enroll_status %lld)%s%s", (long long)p->status,
		*left ? ", left " : "", left);
}

static int item_add(sr_run *r, sr_txn *t, const sr_leaver *p, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_mirror_row mirror;
	sr_plan_item item;
	int found = sr_store_mirror_get(t, &arena, SR_TGT_USER, (sr_ident){ p->ident, 0 }, &mirror, err);

	if (found <= 0)
		return found;
	item = (sr_plan_item){ .seq = r->planner.seq + 1,
		.stage = sr_stage_of(SR_TGT_USER, SR_OP_INACTIVATE, false),
		.kind = SR_TGT_USER,
		.op = SR_OP_INACTIVATE,
		.ident = mirror.ident,
		.key = mirror.key,
		.why = evidence(p, &arena) };
	if (!item.why)
		return sr_fail_nomem(err);
	if (sr_record_pack(&mirror.object.values, &arena, &item.before, err) < 0)
		return -1;
	item.after = item.before; /* nothing of the account changes but that it is active */
	sr_digest_add(&r->leave->digest, &item);
	if (sr_store_plan_add(t, r->plan, &item, SR_IS_PLANNED, err) < 0)
		return -1;
	r->planner.seq++;
	r->planner.planned++;
	return 0;
}

static int plan_open(sr_run *r, sr_txn *t, sr_err *err)
{
	const sr_plan_row row = { .school = r->s->number,
		.run = r->id,
		.epoch = r->epoch,
		.year = r->year,
		.kind = r->kind,
		.created_ms = sr_now_ms(r->e) };

	sr_digest_init(&r->leave->digest, r->s->number, r->year);
	return sr_store_plan_new(t, &row, &r->plan, err);
}

static int plan_close(sr_run *r, sr_txn *t, sr_err *err)
{
	char digest[33];

	sr_digest_text(&r->leave->digest, digest);
	if (sr_store_plan_seal(t, r->plan, digest, r->planner.seq, sr_now_ms(r->e), err) < 0 ||
		sr_store_plans_supersede(t, r->s->number, SR_RK_INACTIVE, r->plan, err) < 0)
		return -1;
	r->shown_plan = r->plan;
	return sr_run_save(r, t, err);
}

/* 1: more to write. */
static int plan_chunk(sr_run *r, sr_txn *t, sr_err *err)
{
	struct sr_leave *l = r->leave;
	size_t upto = l->at + ITEMS_A_TURN < l->count ? l->at + ITEMS_A_TURN : l->count;

	if (!r->plan && plan_open(r, t, err) < 0)
		return -1;
	for (; l->at < upto; l->at++)
		if (asked_for(&r->scope.leave, &l->people[l->at]) && item_add(r, t, &l->people[l->at], err) < 0)
			return -1;
	return l->at < l->count ? 1 : plan_close(r, t, err);
}

static void plan_told(sr_run *r)
{
	char why[120];

	snprintf(why, sizeof(why), "%lld leavers are listed; nothing was sent", (long long)r->planner.planned);
	sr_run_raise(r, SR_RE_PLAN_ONLY, why);
}

/* ---- carrying one out ------------------------------------------------------------------------------ */

static int leave_out(sr_run *r, sr_txn *t, const sr_leaver *p, sr_err *err)
{
	r->leave->left_out++;
	return sr_outbox_item_end(t, r->scope.leave.plan, p->seq, SR_IS_ABANDONED, 0,
		"came back: PowerSchool has him active again", sr_now_ms(r->e), err);
}

static int take_up(sr_run *r, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_plan_row plan;
	int found = sr_store_plan_get(t, &arena, r->scope.leave.plan, &plan, err);

	if (found < 0)
		return -1;
	if (!found || plan.kind != SR_RK_INACTIVE || plan.school != r->s->number ||
		(!sr_streq(plan.state, "sealed") && !sr_streq(plan.state, "applying")))
		return sr_fail(
			err, SR_E_STATE, "plan %lld cannot be carried out any more", (long long)r->scope.leave.plan);
	r->plan = r->shown_plan = plan.id;
	r->planner.planned = r->total = (int64_t)r->leave->count - r->leave->left_out;
	return sr_run_save(r, t, err);
}

static int take_chunk(sr_run *r, sr_txn *t, sr_err *err)
{
	struct sr_leave *l = r->leave;
	size_t upto = l->at + ITEMS_A_TURN < l->count ? l->at + ITEMS_A_TURN : l->count;

	for (; l->at < upto; l->at++)
		if (l->people[l->at].active && leave_out(r, t, &l->people[l->at], err) < 0)
			return -1;
	return l->at < l->count ? 1 : take_up(r, t, err);
}

static void taken(sr_run *r)
{
	const char *code = NULL;
	bool blocked = true;
	sr_txn *t;

	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, NULL) == 0) {
		blocked = sr_blocked(r->e, t, r->s, false, &code);
		sr_txn_rollback(t);
	}
	if (blocked) {
		snprintf(r->stop_why, sizeof(r->stop_why), "blocked: %s", code ? code : "the database");
		r->plan = 0; /* the plan stays as it is, to be carried out later */
		sr_run_raise(r, SR_RE_PLAN_REFUSED, r->stop_why);
	} else {
		sr_run_raise(r, r->planner.planned ? SR_RE_PLAN_READY : SR_RE_PLAN_EMPTY, NULL);
	}
}

static int chunk(sr_run *r, sr_txn *t, sr_err *err)
{
	return r->scope.leave.plan ? take_chunk(r, t, err) : plan_chunk(r, t, err);
}

static void chunks_over(sr_run *r)
{
	(r->scope.leave.plan ? taken : plan_told)(r);
}

static void plan_turn(void *arg)
{
	sr_run_turn(arg, SR_TXN_DURABLE, chunk, plan_turn, chunks_over);
}

void sr_leave_plan(sr_run *r)
{
	r->leave->at = 0;
	sr_planner_done(&r->planner);
	sr_run_later(r, 0, plan_turn);
}

/* ---- the last word, in the very turn that sends ---------------------------------------------------- */

int sr_leave_judge(sr_run *r, sr_txn *t, const sr_mirror_row *mirror, const char **why, sr_err *err)
{
	const sr_leaver *p = r->leave ? leaver_of(r->leave, mirror->ident.a) : NULL;
	bool in = true;

	*why = NULL;
	if (sr_store_person_let_in(t, mirror->ident.a, &in, err) < 0)
		return -1;
	if (!p || p->active)
		*why = "PowerSchool was not asked about him, or has him active";
	else if (in)
		*why = "came back: a school has let him in since";
	else if (!ours_to_end(r, &mirror->object))
		*why = "not active any more, or not an account that may be ended";
	if (*why)
		r->leave->left_out++;
	return 0;
}
