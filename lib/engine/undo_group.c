/* A group of objects of an undo: what the runs did to each, what stands in Schoology now, and what follows. What is
 * not as the runs left it has been changed by somebody since, and is not touched. */
#include "engine/undo_priv.h"

#include <stdio.h>
#include <string.h>

#define MEMBER_ACTIVE 1
#define MEMBER_EXPIRED 2

/* ---- loading ------------------------------------------------------------------------------------ */

static int undone_load(sr_run *r, sr_txn *t, sr_undo_group *g, const sr_object_ref *of, sr_undone *u, sr_err *err)
{
	sr_run_span span = sr_undo_span(r);
	sr_deed deed = { .kind = of->kind };
	sr_item_row *rows;
	size_t count;
	int found = sr_store_mirror_get(t, &g->arena, of->kind, of->ident, &u->mirror, err);

	if (found < 0 || sr_store_undo_items(t, &g->arena, &span, of, &rows, &count, err) < 0)
		return -1;
	u->known = found;
	for (size_t i = 0; i < count; i++)
		if (sr_deed_add(&deed, &rows[i].item, &g->arena, err) < 0)
			return -1;
	u->back = sr_deed_reverse(&deed);
	u->act = sr_deed_judge(&u->back);
	return 0;
}

int sr_undo_group_load(sr_run *r, sr_txn *t, sr_undo_group *g, sr_err *err)
{
	const struct sr_undo *u = r->undo;
	const sr_object_ref *first = &u->work[u->at];
	int found;

	g->kind = first->kind;
	g->n = u->group;
	g->at = sr_arena_alloc(&g->arena, g->n * sizeof(*g->at));
	if (!g->at)
		return sr_fail_nomem(err);
	if (g->kind == SR_TGT_MEMBERSHIP) {
		found = sr_store_mirror_get(
			t, &g->arena, SR_TGT_SECTION, (sr_ident){ first->ident.a, 0 }, &g->section, err);
		if (found < 0)
			return -1;
		g->has_section = found && g->section.object.sgy_id && !g->section.object.gone;
	}
	for (size_t i = 0; i < g->n; i++) {
		if (undone_load(r, t, g, &first[i], &g->at[i], err) < 0)
			return -1;
		g->asks |= g->at[i].known && g->at[i].act.op != SR_OP_KEEP;
	}
	g->asks &= g->kind != SR_TGT_MEMBERSHIP || g->has_section;
	return 0;
}

void sr_undo_group_ask(const sr_run *r, const sr_undo_group *g, const char **keys, sr_read_ask *ask)
{
	static const sr_read reads[SR_TGT_COUNT] = { [SR_TGT_USER] = SR_READ_USERS_BY_KEY,
		[SR_TGT_COURSE] = SR_READ_COURSES,
		[SR_TGT_SECTION] = SR_READ_SECTIONS_BY_CODE,
		[SR_TGT_MEMBERSHIP] = SR_READ_MEMBERS };
	bool by_key = g->kind == SR_TGT_USER || g->kind == SR_TGT_SECTION;
	size_t n = 0;

	for (size_t i = 0; by_key && i < g->n; i++)
		if (g->at[i].known && g->at[i].act.op != SR_OP_KEEP)
			keys[n++] = g->at[i].mirror.key;
	*ask = (sr_read_ask){ .what = reads[g->kind],
		.id = g->section.object.sgy_id,
		.building = g->kind == SR_TGT_COURSE ? r->s->building : 0,
		.keys = by_key ? keys : NULL,
		.key_count = n };
}

/* ---- what stands there now ---------------------------------------------------------------------- */

static bool user_now(sr_undo_group *g, const sr_undone *u, const sr_read_answer *a, sr_deed_side *now)
{
	const struct {
		size_t field, offset;
	} texts[] = { { SR_U_NAME_FIRST, offsetof(sr_target_user, first) },
		{ SR_U_NAME_LAST, offsetof(sr_target_user, last) },
		{ SR_U_NAME_FIRST_PREFERRED, offsetof(sr_target_user, preferred) },
		{ SR_U_USERNAME, offsetof(sr_target_user, username) },
		{ SR_U_PRIMARY_EMAIL, offsetof(sr_target_user, email) },
		{ SR_U_ADDITIONAL_BUILDINGS, offsetof(sr_target_user, additional_buildings) } };
	const sr_target_user *found = NULL;
	int64_t grad_year = 0;

	for (size_t i = 0; i < a->count && !found; i++)
		if (sr_strcaseeq(a->users[i].school_uid, u->mirror.key))
			found = &a->users[i];
	if (!found)
		return true;
	now->stand = SR_STAND_THERE;
	for (size_t i = 0; i < SR_COUNT_OF(texts); i++)
		if (!sr_record_set_text(&now->values, texts[i].field,
			    *(const char *const *)((const char *)found + texts[i].offset), &g->arena))
			return false;
	sr_parse_i64(found->grad_year ? found->grad_year : "", &grad_year);
	sr_record_set_int(&now->values, SR_U_GRAD_YEAR, grad_year);
	sr_record_set_int(&now->values, SR_U_ROLE_ID, found->role_id);
	sr_record_set_int(&now->values, SR_U_BUILDING_ID, found->building_id);
	return true;
}

static bool course_now(sr_undo_group *g, const sr_undone *u, const sr_read_answer *a, sr_deed_side *now)
{
	for (size_t i = 0; i < a->count; i++)
		if (sr_strcaseeq(a->courses[i].code, u->mirror.key)) {
			now->stand = SR_STAND_THERE;
			return sr_record_set_text(&now->values, SR_C_TITLE, a->courses[i].title, &g->arena);
		}
	return true;
}

static bool section_now(sr_undo_group *g, const sr_undone *u, const sr_read_answer *a, sr_deed_side *now)
{
	for (size_t i = 0; i < a->count; i++)
		if (sr_strcaseeq(a->sections[i].code, u->mirror.key)) {
			now->stand = SR_STAND_THERE;
			return sr_record_set_text(&now->values, SR_S_TITLE, a->sections[i].title, &g->arena) &&
			       sr_record_set_text(
				       &now->values, SR_S_GRADING_PERIODS, a->sections[i].periods, &g->arena);
		}
	return true;
}

/* `expired` says of itself neither that somebody was taken out nor that he stands: where we archive by it, the
 * mirror tells (run_priv.h, sr_member_stands). */
static bool stands(const sr_target_member *m, bool archived_by_us)
{
	return m->status == MEMBER_ACTIVE || (m->status == MEMBER_EXPIRED && !archived_by_us);
}

static const sr_target_member *member_of(const sr_undone *u, const sr_read_answer *a)
{
	const char *uid = sr_record_text(&u->mirror.object.values, SR_M_SCHOOL_UID);
	const sr_target_member *found = NULL;

	for (size_t i = 0; i < a->count; i++)
		if (sr_strcaseeq(a->members[i].school_uid, uid) &&
			(!found || stands(&a->members[i], u->mirror.object.restorable)))
			found = &a->members[i];
	return found;
}

static bool member_now(sr_undo_group *g, const sr_undone *u, const sr_read_answer *a, sr_deed_side *now)
{
	const sr_target_member *m = member_of(u, a);

	(void)g;
	if (!m)
		return true;
	now->stand = stands(m, u->mirror.object.restorable) ? SR_STAND_THERE : SR_STAND_AWAY;
	sr_record_set_int(&now->values, SR_M_ADMIN, m->admin);
	return true;
}

/* False: out of memory. What is not in the answer is not there. */
static bool (*const nows[SR_TGT_COUNT])(sr_undo_group *, const sr_undone *, const sr_read_answer *, sr_deed_side *) = {
	[SR_TGT_USER] = user_now,
	[SR_TGT_COURSE] = course_now,
	[SR_TGT_SECTION] = section_now,
	[SR_TGT_MEMBERSHIP] = member_now,
};

/* ---- judging ------------------------------------------------------------------------------------ */

static bool course_in_use(const struct sr_undo *u, const char *code)
{
	int64_t ident = sr_text_ident(code);

	for (size_t i = 0; i < u->course_count; i++)
		if (u->courses[i] == ident)
			return true;
	return false;
}

/* Why it may not be touched at all, whatever stands there. 0: *why says, or it may. */
static int untouchable(sr_run *r, sr_txn *t, sr_undo_group *g, const sr_undone *u, const char **why, sr_err *err)
{
	const sr_mirror_object *o = &u->mirror.object;
	sr_mirror_row person = u->mirror;
	int found = 1;

	if (g->kind == SR_TGT_MEMBERSHIP)
		found = sr_store_mirror_get(
			t, &g->arena, SR_TGT_USER, (sr_ident){ u->mirror.ident.b, 0 }, &person, err);
	if (found < 0)
		return -1;
	if (!u->known || o->gone || (g->kind == SR_TGT_MEMBERSHIP && !g->has_section))
		*why = "it is not in Schoology any more";
	else if (g->kind != SR_TGT_COURSE && g->kind != SR_TGT_SECTION && found &&
		 (person.object.is_acting_user || person.object.sgy_id == r->e->acting.id))
		*why = "the acting user is left alone";
	else if (g->kind == SR_TGT_MEMBERSHIP && u->act.op == SR_OP_RESTORE &&
		 (!found || person.object.gone || person.object.restorable))
		*why = "the account is not active";
	else if (o->year > r->year)
		*why = "a later school year has written it";
	else if ((g->kind == SR_TGT_SECTION || g->kind == SR_TGT_MEMBERSHIP) && o->year != r->year)
		*why = "it belongs to another school year";
	else if (g->kind == SR_TGT_COURSE && !course_in_use(r->undo, u->mirror.key))
		*why = "no section of the active year stands in it";
	return 0;
}

static int changed_since(
	sr_run *r, sr_txn *t, sr_undo_group *g, const sr_undone *u, const char *differs, const char **why, sr_err *err)
{
	sr_run_span span = sr_undo_span(r);
	sr_object_ref of = { u->mirror.kind, u->mirror.ident };
	int64_t later = 0;

	if (sr_store_undo_later_run(t, &span, &of, &later, err) < 0)
		return -1;
	if (later)
		*why = sr_arena_printf(&g->arena, "run %lld has changed it since", (long long)later);
	else if (differs)
		*why = sr_arena_printf(
			&g->arena, "changed in Schoology since: its %s is not what the run left", differs);
	else if (u->back.from.stand == SR_STAND_THERE)
		*why = "taken away in Schoology since";
	else
		*why = "brought back in Schoology since";
	return *why ? 0 : sr_fail_nomem(err);
}

static int undone_judge(sr_run *r, sr_txn *t, sr_undo_group *g, sr_undone *u, const sr_read_answer *answer, sr_err *err)
{
	sr_deed_side now = { .stand = SR_STAND_NONE };
	const char *differs = NULL;

	u->why = u->act.why;
	if (u->act.op == SR_OP_KEEP) {
		u->nothing = !u->why;
		return 0;
	}
	if (untouchable(r, t, g, u, &u->why, err) < 0)
		return -1;
	if (u->why != u->act.why)
		return 0;
	sr_record_init(&now.values, &sr_tgt_kinds[g->kind]);
	if (!answer || !nows[g->kind](g, u, answer, &now))
		return sr_fail_nomem(err);
	u->nothing = sr_deed_at(&u->back, true, &now, NULL);
	u->go = !u->nothing && sr_deed_at(&u->back, false, &now, &differs);
	return u->go || u->nothing ? 0 : changed_since(r, t, g, u, differs, &u->why, err);
}

/* ---- the last teacher --------------------------------------------------------------------------- */

static bool is_admin(const sr_deed_side *side)
{
	return side->stand == SR_STAND_THERE && sr_record_int(&side->values, SR_M_ADMIN, 0) == 1;
}

/* Teachers of the section as it stands, and with those whom this undo brings back. */
static int64_t teachers_of(const sr_run *r, const sr_undo_group *g, const sr_read_answer *answer)
{
	bool by_expiry = r->e->c.config->sync.drop_status == MEMBER_EXPIRED;
	int64_t n = 0;

	for (size_t i = 0; answer && i < answer->count; i++)
		n += answer->members[i].admin && stands(&answer->members[i], by_expiry);
	for (size_t i = 0; i < g->n; i++)
		n += g->at[i].go && !is_admin(&g->at[i].back.from) && is_admin(&g->at[i].back.to);
	return n;
}

static void last_teacher_stays(const sr_run *r, sr_undo_group *g, const sr_read_answer *answer)
{
	int64_t left = g->kind == SR_TGT_MEMBERSHIP ? teachers_of(r, g, answer) : 0;

	for (size_t i = 0; g->kind == SR_TGT_MEMBERSHIP && i < g->n; i++) {
		sr_undone *u = &g->at[i];

		if (!u->go || !is_admin(&u->back.from) || is_admin(&u->back.to))
			continue;
		if (left > 1) {
			left--;
			continue;
		}
		u->go = false;
		u->why = "the last teacher of a section stays until another stands";
	}
}

/* ---- into the plan ------------------------------------------------------------------------------ */

/* The object as it will be: what stands, with what is put back. */
static void values_after(const sr_run *r, const sr_undone *u, sr_record *after)
{
	*after = u->mirror.object.values;
	for (size_t i = 0; u->act.op == SR_OP_UPDATE && i < after->kind->count; i++)
		if (u->act.fields >> i & 1)
			after->v[i] = u->back.to.values.v[i];
	if (u->mirror.kind != SR_TGT_MEMBERSHIP)
		return;
	if (u->act.op == SR_OP_DROP)
		sr_record_set_int(after, SR_M_STATUS, r->e->c.config->sync.drop_status);
	if (u->act.op == SR_OP_RESTORE) {
		sr_record_set_int(after, SR_M_STATUS, MEMBER_ACTIVE);
		sr_record_set_int(after, SR_M_ADMIN, sr_record_int(&u->back.to.values, SR_M_ADMIN, 0));
	}
}

static bool logs_in(sr_tgt kind, uint32_t fields)
{
	for (size_t i = 0; i < sr_tgt_kinds[kind].count; i++)
		if ((fields >> i & 1) && (sr_tgt_kinds[kind].fields[i].flags & SR_F_LOGIN))
			return true;
	return false;
}

static int item_make(
	sr_run *r, sr_undo_group *g, const sr_undone *u, const sr_object_ref *of, sr_plan_item *item, sr_err *err)
{
	bool stays = u->act.op == SR_OP_KEEP;
	sr_record after;

	*item = (sr_plan_item){ .seq = ++r->planner.seq,
		.kind = of->kind,
		.op = u->act.op,
		.ident = of->ident,
		.key = u->known ? u->mirror.key : "",
		.fields = u->act.fields,
		.login = logs_in(of->kind, u->act.fields),
		.why = u->why };
	/* What is not sent has no stage of its own: it stands where a change of it would. */
	item->stage = sr_stage_of(of->kind, stays ? SR_OP_UPDATE : item->op, false);
	if (!u->known)
		return 0;
	values_after(r, u, &after);
	if (of->kind == SR_TGT_MEMBERSHIP)
		item->stage = sr_stage_of(
			of->kind, stays ? SR_OP_UPDATE : item->op, sr_record_int(&after, SR_M_ADMIN, 0) == 1);
	return sr_record_pack(&u->mirror.object.values, &g->arena, &item->before, err) < 0 ||
			       sr_record_pack(&after, &g->arena, &item->after, err) < 0
		       ? -1
		       : 0;
}

/* Ids of enrollments come with the import's answer, or are learnt here. */
static int learn_id(sr_txn *t, sr_undone *u, const sr_read_answer *answer, sr_err *err)
{
	const sr_target_member *m;

	if (u->mirror.kind != SR_TGT_MEMBERSHIP || u->mirror.object.sgy_id)
		return 0;
	m = member_of(u, answer);
	u->mirror.object.sgy_id = m ? m->id : 0;
	return m ? sr_store_mirror_put(t, &u->mirror, err) : 0;
}

/* The fence asks whether the course may be written; the run's list of courses answers. */
static void course_allow(sr_run *r, const sr_object_ref *of)
{
	sr_judge *j = &r->judge;

	if (of->kind == SR_TGT_COURSE && j->course_count < j->course_cap)
		j->courses[j->course_count++] =
			(sr_course_view){ .ident = of->ident.a, .let_in = 1, .verdict = SR_V_IN };
}

static int undone_plan(sr_run *r, sr_txn *t, sr_undo_group *g, sr_undone *u, const sr_object_ref *of,
	const sr_read_answer *answer, sr_err *err)
{
	sr_plan_item item;

	if (u->nothing)
		return 0;
	if (u->go && learn_id(t, u, answer, err) < 0)
		return -1;
	if (item_make(r, g, u, of, &item, err) < 0)
		return -1;
	item.waits = !u->go; /* told apart in the digest: what is refused now may not be done unseen */
	sr_digest_add(&r->planner.digest, &item);
	item.waits = false;
	r->planner.planned += u->go;
	if (u->go)
		course_allow(r, of);
	return sr_store_plan_add(t, r->plan, &item, u->go ? SR_IS_PLANNED : SR_IS_ABANDONED, err);
}

int sr_undo_group_plan(sr_run *r, sr_txn *t, sr_undo_group *g, const sr_read_answer *answer, sr_err *err)
{
	const sr_object_ref *of = &r->undo->work[r->undo->at];

	for (size_t i = 0; i < g->n; i++)
		if (undone_judge(r, t, g, &g->at[i], answer, err) < 0)
			return -1;
	last_teacher_stays(r, g, answer);
	for (size_t i = 0; i < g->n; i++)
		if (undone_plan(r, t, g, &g->at[i], &of[i], answer, err) < 0)
			return -1;
	return 0;
}
