/* Planning: what should be against what is confirmed, kind by kind, in bounded turns, into a plan
 * that is sealed by one small transaction. Nothing is sent from here. */
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

#define PEOPLE_A_TURN 60

static void plan_turn(void *arg);

static void fail_or(sr_run *r, int rc, const sr_err *err)
{
	if (rc < 0)
		sr_run_fail(r, err);
	else
		sr_run_later(r, 0, plan_turn);
}

/* ---- emitting ------------------------------------------------------------------------------ */

static bool in_scope(const sr_run *r, sr_tgt kind, sr_ident ident)
{
	const sr_scope *s = &r->scope;

	if (s->kind >= 0 && (int)kind != s->kind)
		return false;
	if (s->person && (kind == SR_TGT_USER ? ident.a : kind == SR_TGT_MEMBERSHIP ? ident.b : -1) != s->person)
		return false;
	return !s->section || ((kind == SR_TGT_SECTION || kind == SR_TGT_MEMBERSHIP) && ident.a == s->section);
}

/* Whether Schoology refused this very thing; that it is wanted still is noted. */
static int refused_before(sr_run *r, sr_txn *t, const sr_plan_item *item, sr_arena *a, sr_err *err)
{
	sr_quar_row q;
	sr_hash now = sr_hash_bytes(r->e->seed, item->after.bytes, item->after.len);
	int found = sr_store_quar_get(t, a, r->s->number, SR_Q_TARGET, (int)item->kind, item->ident, &q, err);

	if (found > 0 && sr_store_quar_meet(t, r->s->number, (int)item->kind, item->ident, r->plan, err) < 0)
		return -1;
	return found <= 0 ? found : sr_hash_eq(&q.digest, &now);
}

static sr_item_state item_state(const sr_plan_item *item, bool defer)
{
	if (sr_stage_drops(item->stage))
		return SR_IS_HELD;
	if (item->waits)
		return SR_IS_WAITING;
	return defer ? SR_IS_DEFERRED : SR_IS_PLANNED;
}

static int emit(sr_run *r, sr_txn *t, sr_plan_item *item, bool defer, sr_arena *a, sr_err *err)
{
	sr_planner *p = &r->planner;
	int64_t *const counters[SR_IS_COUNT] = { [SR_IS_PLANNED] = &p->planned,
		[SR_IS_HELD] = &p->held,
		[SR_IS_WAITING] = &p->waiting,
		[SR_IS_DEFERRED] = &p->deferred };
	sr_item_state state = item_state(item, defer);
	int refused;

	if (!in_scope(r, item->kind, item->ident))
		return 0;
	refused = refused_before(r, t, item, a, err);
	if (refused < 0)
		return -1;
	if (refused && (state == SR_IS_PLANNED || state == SR_IS_HELD)) {
		p->quarantined++;
		return 0;
	}
	item->seq = ++p->seq;
	sr_digest_add(&p->digest, item);
	sr_guard_count(p, item, state);
	p->creates_users += item->kind == SR_TGT_USER && item->op == SR_OP_CREATE;
	++*counters[state];
	return sr_store_plan_add(t, r->plan, item, state, err) < 0 ? -1 : state == SR_IS_PLANNED;
}

/* ---- one target object ---------------------------------------------------------------------- */

static const char *text_key(sr_tgt kind, const sr_record *desired, sr_arena *a)
{
	const char *first = sr_record_text(desired, 0) ?: "";

	if (kind != SR_TGT_MEMBERSHIP)
		return first;
	return sr_arena_printf(a, "%s/%s", first, sr_record_text(desired, SR_M_SCHOOL_UID) ?: "");
}

typedef struct sr_object {
	sr_tgt kind;
	sr_ident ident;
	sr_want want;
	const sr_record *desired; /* NULL unless wanted */
	bool may_update, defer, admin;
	bool anew; /* what is believed of it went with its person's account */
} sr_object;

static int item_fill(sr_run *r, const sr_object *o, const sr_change *change, const sr_mirror_row *mirror, sr_arena *a,
	sr_plan_item *item, sr_err *err)
{
	const sr_record *of = o->desired ? o->desired : &mirror->object.values;

	(void)r;
	*item = (sr_plan_item){ .kind = o->kind,
		.op = change->op,
		.ident = o->ident,
		.fields = change->fields,
		.login = change->login,
		.waits = change->waits,
		.why = change->why,
		.stage = sr_stage_of(o->kind, change->op, o->admin),
		.key = mirror ? mirror->key : text_key(o->kind, of, a) };
	if (!item->key)
		return sr_fail_nomem(err);
	if (mirror && sr_record_pack(&mirror->object.values, a, &item->before, err) < 0)
		return -1;
	return o->desired ? sr_record_pack(o->desired, a, &item->after, err) : 0;
}

/* What of a membership depends on its person: the acting user's is left alone, and an inactive account has none. */
static int drop_of_person(sr_run *r, sr_txn *t, sr_ident ident, sr_arena *a, sr_mirror_object *member, sr_err *err)
{
	sr_mirror_row user;
	int found = sr_store_mirror_get(t, a, SR_TGT_USER, (sr_ident){ ident.b, 0 }, &user, err);

	if (found > 0) {
		member->is_acting_user = user.object.is_acting_user || user.object.sgy_id == r->e->acting.id;
		member->restorable |= user.object.restorable;
	}
	return found < 0 ? -1 : 0;
}

/* What is to be changed of an account that comes back goes behind that. Of one that others made inactive, little is
 * known: the next run asks first. */
static int account_behind(sr_run *r, sr_txn *t, const sr_object *o, sr_mirror_row *mirror, const sr_diff_ctx *ctx,
	sr_arena *a, sr_err *err)
{
	sr_change change;
	sr_plan_item item;

	if (mirror->object.gone)
		return 1;
	mirror->object.restorable = false;
	change = sr_diff(o->kind, o->want, o->desired, &mirror->object, ctx);
	if (change.op != SR_OP_UPDATE)
		return 1;
	if (item_fill(r, o, &change, mirror, a, &item, err) < 0 || emit(r, t, &item, o->defer, a, err) < 0)
		return -1;
	return 1;
}

/* Is there an account to be made, and does the configuration leave that to a person? */
static bool waits_unfound(const sr_run *r, const sr_object *o, const sr_change *change)
{
	return o->kind == SR_TGT_USER && change->op == SR_OP_CREATE && !change->waits &&
	       r->e->c.config->sync.found_none == SR_FOUND_ASK;
}

/* What the search for an account says of the change that the difference makes. */
static void change_adjust(const sr_run *r, const sr_object *o, sr_adopt adopted, const char *why, sr_change *change)
{
	/* What was given by hand is kept beside ours, and was not known when the wanted list was made: the next run's
	 * is made from both. */
	if (adopted == SR_ADOPT_DONE && o->kind == SR_TGT_USER && change->op == SR_OP_UPDATE) {
		change->fields &= ~(1u << SR_U_ADDITIONAL_BUILDINGS);
		change->op = change->fields ? SR_OP_UPDATE : SR_OP_KEEP;
	}
	if (adopted == SR_ADOPT_WAITS) {
		change->waits = true;
		change->why = why;
	}
	if (waits_unfound(r, o, change)) {
		change->waits = true;
		change->why = "no account holds his key, e-mail or username; [sync] found_none = ask";
	}
}

/* Diffs one object and plans what is needed. 1: an operation stands in the plan, or the object is in
 * Schoology already; 0: it will not be there; -1. */
static int object_plan(sr_run *r, sr_txn *t, const sr_object *o, sr_arena *a, sr_err *err)
{
	sr_diff_ctx ctx = { .may_update_person = o->may_update,
		.mapped_roles = r->judge.ctx.mapped_roles,
		.mapped_roles_count = r->judge.ctx.mapped_roles_count,
		.ask_inactive = r->e->c.config->sync.found_inactive == SR_FOUND_ASK };
	sr_mirror_row mirror;
	sr_adopt adopted = SR_ADOPT_NONE;
	const char *why = NULL;
	sr_change change;
	sr_plan_item item;
	int found = o->anew ? 0 : sr_store_mirror_get(t, a, o->kind, o->ident, &mirror, err);

	if (found < 0)
		return -1;
	if (!found && o->want == SR_WANT_PRESENT &&
		sr_adopt_try(r, t, o->kind, o->ident, o->desired, a, &adopted, &why, err) < 0)
		return -1;
	if (adopted == SR_ADOPT_DONE && (found = sr_store_mirror_get(t, a, o->kind, o->ident, &mirror, err)) < 0)
		return -1;
	if (found && o->kind == SR_TGT_USER)
		mirror.object.is_acting_user |= mirror.object.sgy_id == r->e->acting.id;
	if (found && o->want == SR_WANT_DROP && drop_of_person(r, t, o->ident, a, &mirror.object, err) < 0)
		return -1;
	change = sr_diff(o->kind, o->want, o->desired, found ? &mirror.object : NULL, &ctx);
	change_adjust(r, o, adopted, why, &change);
	if (change.op == SR_OP_KEEP)
		return found;
	if (item_fill(r, o, &change, found ? &mirror : NULL, a, &item, err) < 0)
		return -1;
	switch (emit(r, t, &item, o->defer, a, err)) {
	case -1:
		return -1;
	case 1:
		return o->kind == SR_TGT_USER && change.op == SR_OP_RESTORE
			       ? account_behind(r, t, o, &mirror, &ctx, a, err)
			       : 1;
	default:
		return found && !mirror.object.gone && !(o->kind == SR_TGT_USER && mirror.object.restorable);
	}
}

/* ---- the steps ------------------------------------------------------------------------------- */

static int account_inactive(sr_txn *t, sr_person *p, sr_arena *a, sr_err *err)
{
	sr_mirror_row mirror;
	int found = sr_store_mirror_get(t, a, SR_TGT_USER, (sr_ident){ p->ident, 0 }, &mirror, err);

	p->comes_back = found > 0 && mirror.object.restorable;
	return found < 0 ? -1 : 0;
}

static int plan_people(sr_run *r, sr_txn *t, sr_err *err)
{
	sr_planner *p = &r->planner;
	size_t upto = p->at + PEOPLE_A_TURN;

	for (; p->at < r->judge.people_count && p->at < upto; p->at++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_person *person = &r->judge.people[p->at];
		sr_record desired;
		sr_object o = {
			.kind = SR_TGT_USER, .ident = { person->ident, 0 }, .want = SR_WANT_PRESENT, .desired = &desired
		};
		int there;

		if (person->verdict != SR_V_IN)
			continue;
		p->people_in++;
		if (sr_desired_user(r, t, person, &arena, &desired, &o.may_update, err) < 0 ||
			account_inactive(t, person, &arena, err) < 0)
			return -1;
		there = object_plan(r, t, &o, &arena, err);
		if (there < 0)
			return -1;
		person->will_exist = there;
	}
	return p->at < r->judge.people_count;
}

static int section_gone(sr_txn *t, sr_section_view *v, sr_arena *a, sr_err *err)
{
	sr_mirror_row mirror;
	int found = sr_store_mirror_get(t, a, SR_TGT_SECTION, (sr_ident){ v->dcid, 0 }, &mirror, err);

	v->gone = found > 0 && mirror.object.gone;
	return found < 0 ? -1 : 0;
}

static int plan_sections_of(sr_run *r, sr_txn *t, const sr_course_view *c, bool course_there, sr_err *err)
{
	for (size_t i = 0; i < r->judge.section_count; i++) {
		SR_AUTO(sr_arena) arena = { 0 };
		sr_section_view *v = &r->judge.sections[i];
		sr_record desired;
		sr_object o = { .kind = SR_TGT_SECTION,
			.ident = { v->dcid, 0 },
			.want = SR_WANT_PRESENT,
			.desired = &desired,
			.defer = !course_there };
		int there;

		if (v->verdict != SR_V_IN || v->course_ident != c->ident)
			continue;
		if (sr_desired_section(r, t, v, &arena, &desired, err) < 0 || section_gone(t, v, &arena, err) < 0)
			return -1;
		there = object_plan(r, t, &o, &arena, err);
		if (there < 0)
			return -1;
		v->will_exist = there;
	}
	return 0;
}

/* One course a turn, with its sections behind it: they are sent nested in it. */
static int plan_courses(sr_run *r, sr_txn *t, sr_err *err)
{
	sr_planner *p = &r->planner;
	SR_AUTO(sr_arena) arena = { 0 };
	sr_course_view *c;
	sr_record desired;
	sr_object o = { .kind = SR_TGT_COURSE, .want = SR_WANT_PRESENT, .desired = &desired, .may_update = true };
	int there;

	while (p->at < r->judge.course_count &&
		(r->judge.courses[p->at].let_in == 0 || r->judge.courses[p->at].verdict != SR_V_IN))
		p->at++;
	if (p->at == r->judge.course_count)
		return 0;
	c = &r->judge.courses[p->at++];
	o.ident = (sr_ident){ c->ident, r->s->number };
	if (sr_desired_course(r, t, c, &arena, &desired, err) < 0)
		return -1;
	there = object_plan(r, t, &o, &arena, err);
	if (there < 0 || plan_sections_of(r, t, c, there, err) < 0)
		return -1;
	return 1;
}

static int member_pair(void *arg, const sr_merge_row *left, const sr_merge_row *right, sr_err *err)
{
	sr_run *r = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	const sr_votes *votes = left ? left->opaque : NULL;
	const sr_mirror_row *mirror = right ? right->opaque : NULL;
	sr_txn *t = r->planner.desired.txn;
	sr_record desired;
	sr_object o = { .kind = SR_TGT_MEMBERSHIP };
	sr_section_view *v;
	sr_person *p;

	if (mirror && !mirror->object.gone && !mirror->object.restorable &&
		sr_record_int(&mirror->object.values, SR_M_STATUS, 1) == 1)
		r->planner.active[sr_record_int(&mirror->object.values, SR_M_ADMIN, 0) == 1]++;
	if (!left)
		return 0; /* no row speaks of it: left alone */
	o.ident = left->key;
	o.want = sr_votes_want(votes);
	o.admin = votes->admin;
	v = sr_judge_section(&r->judge, o.ident.a);
	p = sr_judge_person(&r->judge, o.ident.b);
	if (mirror && v && v->gone)
		return 0; /* they went with their section, and come with the new one */
	o.anew = p && p->comes_back;
	if (o.anew)
		mirror = NULL;
	if (o.want == SR_WANT_PRESENT) {
		if (mirror) {
			desired = mirror->object.values;
			sr_record_set_int(&desired, SR_M_ADMIN, votes->admin);
			sr_record_set_int(&desired, SR_M_STATUS, 1);
		} else if (sr_desired_member(r, t, o.ident, votes->admin, &arena, &desired, err) < 0) {
			return -1;
		}
		o.desired = &desired;
		o.defer = !mirror && (!v || !v->will_exist || !p || !p->will_exist);
	} else if (mirror) {
		o.admin = sr_record_int(&mirror->object.values, SR_M_ADMIN, 0) == 1;
		desired = mirror->object.values;
		sr_record_set_int(&desired, SR_M_STATUS, r->e->c.config->sync.drop_status);
		o.desired = &desired; /* for a drop it says with which status */
	}
	return object_plan(r, t, &o, &arena, err) < 0 ? -1 : 0;
}

/* Fetches the next rows of the desired side; the store never cuts a group in two. */
static int desired_fetch(sr_side *s, sr_err *err)
{
	sr_source_row *rows;
	size_t count;

	sr_arena_clear(&s->arena);
	if (sr_store_source_targets(s->txn, &s->arena, s->run->s->number, SR_SRC_ENROLLMENT, SR_SRC_LEAD, s->after,
		    SR_CHUNK, &rows, &count, err) < 0)
		return -1;
	s->end = count < SR_CHUNK;
	if (count)
		s->after = rows[count - 1].ident;
	s->rows = rows;
	s->count = count;
	s->at = 0;
	return 0;
}

static int desired_next(void *self, sr_merge_row *row, sr_err *err)
{
	sr_side *s = self;

	for (;;) {
		const sr_source_row *rows;
		sr_ident ident;

		if (s->at == s->count) {
			if (s->end)
				return 0;
			if (desired_fetch(s, err) < 0)
				return -1;
			continue;
		}
		rows = s->rows;
		ident = rows[s->at].ident;
		s->votes = (sr_votes){ 0 };
		for (; s->at < s->count && sr_ident_cmp(rows[s->at].ident, ident) == 0; s->at++)
			sr_votes_add(&s->votes, rows[s->at].judged.effect, rows[s->at].kind != SR_SRC_ENROLLMENT);
		if (ident.a == 0 || sr_person_dcid(ident.b) == 0)
			continue; /* of a section or person that PowerSchool does not have */
		*row = (sr_merge_row){ .key = ident, .opaque = &s->votes };
		return 1;
	}
}

static int mirror_next(void *self, sr_merge_row *row, sr_err *err)
{
	sr_side *s = self;
	sr_mirror_row *rows;

	if (s->at == s->count) {
		if (s->end)
			return 0;
		sr_arena_clear(&s->arena);
		if (sr_store_mirror_range(s->txn, &s->arena, SR_TGT_MEMBERSHIP, s->run->s->number, s->run->year,
			    s->after, SR_CHUNK, &rows, &s->count, err) < 0)
			return -1;
		s->rows = rows;
		s->at = 0;
		s->end = s->count < SR_CHUNK;
		if (s->count == 0)
			return 0;
		s->after = rows[s->count - 1].ident;
	}
	rows = s->rows;
	*row = (sr_merge_row){ .key = rows[s->at].ident, .opaque = &rows[s->at] };
	s->at++;
	return 1;
}

static int plan_members(sr_run *r, sr_txn *t, sr_err *err)
{
	sr_planner *p = &r->planner;

	if (!p->desired.run) {
		p->desired.run = p->mirror.run = r;
		p->desired.after = p->mirror.after = (sr_ident){ INT64_MIN, INT64_MIN };
		sr_merge_init(
			&p->merge, (sr_cursor){ &p->desired, desired_next }, (sr_cursor){ &p->mirror, mirror_next });
	}
	p->desired.txn = p->mirror.txn = t;
	return sr_merge_walk(&p->merge, SR_CHUNK, member_pair, r, err);
}

void sr_planner_done(sr_planner *p)
{
	sr_arena_done(&p->desired.arena);
	sr_arena_done(&p->mirror.arena);
	*p = (sr_planner){ 0 };
}

/* Each answers 1: more to do, 0: the step is done. */
static int (*const plan_steps[])(sr_run *, sr_txn *, sr_err *) = { plan_people, plan_courses, plan_members };

static void plan_turn(void *arg)
{
	sr_run *r = arg;
	sr_err err;
	sr_txn *t;
	int more;

	if (sr_run_turn_over(r))
		return;
	if (r->planner.step == (int)SR_COUNT_OF(plan_steps)) {
		sr_run_seal(r);
		return;
	}
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	more = plan_steps[r->planner.step](r, t, &err);
	if (more == 0) {
		r->planner.step++;
		r->planner.at = 0;
	}
	fail_or(r, sr_txn_end(r->e, t, more < 0 ? -1 : 0, &err), &err);
}

static void plan_begin(sr_run *r)
{
	sr_plan_row row = { .school = r->s->number,
		.run = r->id,
		.epoch = r->epoch,
		.year = r->year,
		.kind = r->kind,
		.created_ms = sr_now_ms(r->e) };
	sr_err err;
	sr_txn *t;

	sr_planner_done(&r->planner);
	sr_digest_init(&r->planner.digest, r->s->number, r->year);
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	fail_or(r, sr_txn_end(r->e, t, sr_store_plan_new(t, &row, &r->plan, &err), &err), &err);
}

static void plan_inventoried(sr_run *r)
{
	sr_run_return(r, plan_begin);
}

static void plan_settled(sr_run *r)
{
	if (sr_inventory_needed(r))
		sr_run_inventory(r, plan_inventoried);
	else
		plan_inventoried(r);
}

/* Calls that a dead process, or a stopped run, left without an answer come first: what they did is
 * not in the mirror, and a plan made without it would do it twice. */
void sr_run_plan_diff(sr_run *r)
{
	sr_err err;

	if (!r->e->acting.id) {
		/* Not to know whose account may never be touched is no ground to plan on. */
		sr_fail(&err, SR_E_STATE, "the acting user is not known yet");
		sr_run_fail(r, &err);
	} else if (sr_settle_needed(r))
		sr_settle(r, plan_settled);
	else
		plan_settled(r);
}
