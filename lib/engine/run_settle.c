/* Lost answers: wait, then ask Schoology by key what is there. What is as intended is confirmed; the
 * rest is sent again (own plan, upserting calls only) or planned anew (a dead process's plan). */
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

static void settle_next(sr_run *r);
static void ask(sr_run *r);

bool sr_settle_needed(sr_run *r)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_batch_row *rows;
	size_t count = 0;
	sr_txn *t;

	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, NULL) < 0)
		return true;
	if (sr_outbox_open(t, &arena, r->s->number, &rows, &count, NULL) < 0)
		count = 1;
	sr_txn_rollback(t);
	return count > 0;
}

/* ---- as intended? ---------------------------------------------------------------------------- */

/* Is the field one that the operation sent? One that is unset was only sent where that clears it. */
static bool sent(const sr_plan_item *item, const sr_record *want, size_t field)
{
	bool clears = item->op == SR_OP_UPDATE && (want->kind->fields[field].flags & SR_F_CLEAR);

	return (item->fields & (1u << field)) && (want->v[field].set || clears);
}

/* A field of the operation against what Schoology says; NULL and "" are the same. */
static bool text_is(const sr_plan_item *item, const sr_record *want, size_t field, const char *text)
{
	const char *wanted = sr_record_text(want, field) ?: "";
	bool login = want->kind->fields[field].flags & SR_F_LOGIN;

	return !sent(item, want, field) || (login ? sr_strcaseeq : sr_streq)(wanted, text ? text : "");
}

static bool number_is(const sr_plan_item *item, const sr_record *want, size_t field, int64_t number)
{
	return !sent(item, want, field) || sr_record_int(want, field, 0) == number;
}

/* Every id of `ids` stands in `list`. */
static bool listed(const char *list, const char *ids)
{
	SR_AUTO_FREE char *hay = sr_asprintf(",%s,", list ? list : "");
	SR_AUTO_FREE char *copy = sr_strdup(ids ? ids : "");
	char *save = NULL;

	for (char *p = copy && hay ? strtok_r(copy, ", ", &save) : NULL; p; p = strtok_r(NULL, ", ", &save)) {
		char needle[32];

		snprintf(needle, sizeof(needle), ",%s,", p);
		if (!strstr(hay, needle))
			return false;
	}
	return hay && copy;
}

static bool same_list(const sr_plan_item *item, const sr_record *want, size_t field, const char *theirs)
{
	const char *ours = sr_record_text(want, field);

	return !sent(item, want, field) || (listed(theirs, ours) && listed(ours, theirs));
}

static bool user_is(const sr_plan_item *item, const sr_record *want, const sr_target_user *u)
{
	const struct {
		size_t field;
		const char *text;
	} texts[] = { { SR_U_NAME_FIRST, u->first }, { SR_U_NAME_LAST, u->last },
		{ SR_U_NAME_FIRST_PREFERRED, u->preferred }, { SR_U_USERNAME, u->username },
		{ SR_U_PRIMARY_EMAIL, u->email } };
	int64_t grad_year = 0;

	for (size_t i = 0; i < SR_COUNT_OF(texts); i++)
		if (!text_is(item, want, texts[i].field, texts[i].text))
			return false;
	sr_parse_i64(u->grad_year, &grad_year);
	return number_is(item, want, SR_U_ROLE_ID, u->role_id) &&
	       number_is(item, want, SR_U_BUILDING_ID, u->building_id) &&
	       number_is(item, want, SR_U_GRAD_YEAR, grad_year) &&
	       same_list(item, want, SR_U_ADDITIONAL_BUILDINGS, u->additional_buildings);
}

/* The change of periods was carried out if doing it again would change nothing. */
static bool periods_are(const sr_plan_item *item, const sr_record *want, const char *theirs)
{
	SR_AUTO(sr_arena) arena = { 0 };
	SR_AUTO(sr_buf) again = { 0 };
	sr_record before;

	if (!sent(item, want, SR_S_GRADING_PERIODS))
		return true;
	sr_record_init(&before, want->kind);
	if (item->before.len &&
		sr_record_unpack(want->kind, item->before.bytes, item->before.len, &arena, &before, NULL) < 0)
		return false;
	return sr_diff_periods(theirs, sr_record_text(&before, SR_S_GRADING_PERIODS),
		       sr_record_text(want, SR_S_GRADING_PERIODS), &again, NULL) == 0 &&
	       listed(theirs, sr_buf_text(&again)) && listed(sr_buf_text(&again), theirs);
}

static bool section_is(const sr_plan_item *item, const sr_record *want, const sr_target_section *s)
{
	return text_is(item, want, SR_S_TITLE, s->title) && periods_are(item, want, s->periods);
}

static bool course_is(const sr_plan_item *item, const sr_record *want, const sr_target_course *c)
{
	return text_is(item, want, SR_C_TITLE, c->title);
}

static bool member_is(const sr_plan_item *item, const sr_record *want, const sr_target_member *m)
{
	if (item->op == SR_OP_DROP)
		return m->status == sr_record_int(want, SR_M_STATUS, 0);
	return (item->op == SR_OP_RESTORE ? m->status == 1 : sr_member_stands(m->status)) &&
	       m->admin == (sr_record_int(want, SR_M_ADMIN, 0) != 0);
}

/* A drop is done, too, where Schoology does not know the member, or the section, at all. */
static bool drop_of_nothing(const sr_plan_item *item, const sr_record *want, const sr_read_answer *a)
{
	const char *uid = item->kind == SR_TGT_MEMBERSHIP ? sr_record_text(want, SR_M_SCHOOL_UID) : NULL;

	if (item->op != SR_OP_DROP || !uid)
		return false;
	for (size_t i = 0; a && i < a->count; i++)
		if (sr_strcaseeq(a->members[i].school_uid, uid))
			return false;
	return true;
}

/* Looks for the item among what was read. 1: as intended, *id is its Schoology id; 0: not. */
static int item_is(const sr_plan_item *item, const sr_record *want, const sr_read_answer *a, int64_t *id)
{
	const char *key = sr_record_text(want, item->kind == SR_TGT_MEMBERSHIP ? SR_M_SCHOOL_UID : 0);

	for (size_t i = 0; key && i < a->count; i++) {
		if (item->kind == SR_TGT_USER && sr_strcaseeq(a->users[i].school_uid, key) &&
			(item->op == SR_OP_RESTORE || item->op == SR_OP_INACTIVATE ||
				user_is(item, want, &a->users[i])))
			return *id = a->users[i].id, 1;
		if (item->kind == SR_TGT_COURSE && sr_strcaseeq(a->courses[i].code, key) &&
			course_is(item, want, &a->courses[i]))
			return *id = a->courses[i].id, 1;
		if (item->kind == SR_TGT_SECTION && sr_strcaseeq(a->sections[i].code, key) &&
			section_is(item, want, &a->sections[i]))
			return *id = a->sections[i].id, 1;
		if (item->kind == SR_TGT_MEMBERSHIP && sr_strcaseeq(a->members[i].school_uid, key) &&
			member_is(item, want, &a->members[i]))
			return *id = a->members[i].id, 1;
	}
	return 0;
}

/* ---- one batch ------------------------------------------------------------------------------- */

typedef struct sr_asked {
	sr_arena arena;
	sr_batch_row batch;
	sr_yearid year; /* of its plan: a process that died may have been of another year than the school is now */
	sr_item_row *rows;
	size_t count;
} sr_asked;

/* The batch being asked about, read anew in each turn: no pointer outlives one. */
static int asked_load(sr_run *r, sr_txn *t, sr_asked *k, sr_err *err)
{
	sr_batch_row *rows;
	sr_plan_row plan;
	size_t count;

	if (sr_outbox_open(t, &k->arena, r->s->number, &rows, &count, err) < 0)
		return -1;
	if (count == 0)
		return 0;
	k->batch = rows[0];
	if (sr_store_plan_get(t, &k->arena, k->batch.plan, &plan, err) <= 0)
		return sr_fail(err, SR_E_DB, "plan %lld of a call without an answer is gone", (long long)k->batch.plan);
	k->year = plan.year;
	if (sr_store_plan_batch_items(t, &k->arena, k->batch.id, &k->rows, &k->count, err) < 0)
		return -1;
	return 1;
}

static bool open_item(const sr_item_row *row)
{
	return row->state == SR_IS_SENT || row->state == SR_IS_LOST;
}

/* What of a batch is asked for at once: one kind, and for memberships one section. */
static const sr_item_row *first_open(const sr_asked *k)
{
	for (size_t i = 0; i < k->count; i++)
		if (open_item(&k->rows[i]))
			return &k->rows[i];
	return NULL;
}

static bool same_question(const sr_plan_item *x, const sr_plan_item *y)
{
	return x->kind == y->kind && (x->kind != SR_TGT_MEMBERSHIP || x->ident.a == y->ident.a);
}

static int item_settle(sr_run *r, sr_txn *t, const sr_asked *k, const sr_item_row *row, const sr_read_answer *answer,
	sr_arena *a, sr_err *err)
{
	/* A plan of leavers is carried out further, if a person says so: what of it was not done stays to be done. */
	bool own = k->batch.plan == r->plan || row->item.op == SR_OP_INACTIVATE;
	int64_t id = 0;
	sr_record want;

	if (sr_record_unpack(&sr_tgt_kinds[row->item.kind], row->item.after.bytes, row->item.after.len, a, &want, err) <
		0)
		return -1;
	if (answer && item_is(&row->item, &want, answer, &id)) {
		if (sr_item_confirm(r, t, row, k->year, id, err) < 0)
			return -1;
		return sr_outbox_item_end(t, k->batch.plan, row->item.seq, SR_IS_CONFIRMED, 0,
			"asked by key: it is as intended", sr_now_ms(r->e), err);
	}
	if (drop_of_nothing(&row->item, &want, answer))
		return sr_item_gone(r, t, row, err) < 0
			       ? -1
			       : sr_outbox_item_end(t, k->batch.plan, row->item.seq, SR_IS_CONFIRMED, 0,
					 "asked by key: it was gone already", sr_now_ms(r->e), err);
	return sr_outbox_item_end(t, k->batch.plan, row->item.seq, own ? SR_IS_PLANNED : SR_IS_ABANDONED, 0,
		own ? NULL : "its answer was lost and it is not there: planned anew", own ? 0 : sr_now_ms(r->e), err);
}

/* The open items that this answer speaks of have their end; a batch without open ones is settled. */
static int answer_note(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_asked k = { 0 };
	const sr_item_row *first;
	int found = asked_load(r, t, &k, err), rc = 0;

	first = found > 0 ? first_open(&k) : NULL;
	for (size_t i = 0; first && rc == 0 && i < k.count; i++)
		if (open_item(&k.rows[i]) && same_question(&first->item, &k.rows[i].item))
			rc = item_settle(r, t, &k, &k.rows[i], answer, &arena, err);
	sr_arena_done(&k.arena);
	return found < 0 ? -1 : rc;
}

static void settle_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_run *r = arg;
	bool gone = failed && failed->code == SR_E_NOTFOUND;
	sr_err err;
	sr_txn *t;

	if (failed && !gone) {
		sr_block_by_error(r->e, true, failed);
		sr_run_fail(r, failed);
		return;
	}
	if (answer && !answer->total_agrees) {
		sr_fail(&err, SR_E_PROTO,
			"Schoology's list is not what it announced: nothing can be concluded from it");
		sr_run_fail(r, &err);
		return;
	}
	if (sr_txn_begin(r->e->c.store, SR_TXN_DURABLE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, answer_note(r, t, gone ? NULL : answer, &err), &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	settle_next(r);
}

static int64_t section_id(sr_txn *t, sr_arena *a, int64_t dcid)
{
	sr_mirror_row mirror;

	return sr_store_mirror_get(t, a, SR_TGT_SECTION, (sr_ident){ dcid, 0 }, &mirror, NULL) > 0
		       ? mirror.object.sgy_id
		       : 0;
}

static size_t keys_of(const sr_asked *k, const sr_item_row *first, const char **keys)
{
	size_t n = 0;

	for (size_t i = 0; i < k->count && n < SR_BATCH_MAX; i++)
		if (open_item(&k->rows[i]) && same_question(&first->item, &k->rows[i].item))
			keys[n++] = k->rows[i].item.key;
	return n;
}

/* The question: by key where Schoology takes keys, else the list that the objects stand in. */
static void question(sr_run *r, sr_txn *t, sr_asked *k, const sr_item_row *first, const char **keys, sr_read_ask *out)
{
	static const sr_read reads[SR_TGT_COUNT] = { [SR_TGT_USER] = SR_READ_USERS_BY_KEY,
		[SR_TGT_COURSE] = SR_READ_COURSES,
		[SR_TGT_SECTION] = SR_READ_SECTIONS_BY_CODE,
		[SR_TGT_MEMBERSHIP] = SR_READ_MEMBERS };

	*out = (sr_read_ask){ .what = reads[first->item.kind], .building = r->s->building };
	if (first->item.op == SR_OP_INACTIVATE)
		*out = (sr_read_ask){ .what = SR_READ_INACTIVE };
	else if (first->item.kind == SR_TGT_USER || first->item.kind == SR_TGT_SECTION) {
		out->building = 0;
		out->keys = keys;
		out->key_count = keys_of(k, first, keys);
	} else if (first->item.kind == SR_TGT_MEMBERSHIP) {
		out->id = section_id(t, &k->arena, first->item.ident.a);
	}
}

static int batch_settled(sr_txn *t, int64_t batch, sr_err *err)
{
	return sr_outbox_batch_state(t, batch, SR_BS_SETTLED, err);
}

static void ask_about(sr_run *r, sr_asked *k, sr_txn *t)
{
	const sr_item_row *first = first_open(k);
	const char *keys[SR_BATCH_MAX];
	sr_read_ask question_;
	sr_err err;

	if (!first) {
		sr_txn_rollback(t);
		if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
			sr_txn_end(r->e, t, batch_settled(t, k->batch.id, &err), &err) < 0)
			sr_run_fail(r, &err);
		else
			settle_next(r);
		return;
	}
	question(r, t, k, first, keys, &question_);
	sr_txn_rollback(t);
	r->e->c.target->read(r->e->c.target, &question_, settle_came, r);
}

static void ask(sr_run *r)
{
	sr_asked k = { 0 };
	sr_err err;
	sr_txn *t;
	int found;

	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	found = asked_load(r, t, &k, &err);
	if (found > 0) {
		ask_about(r, &k, t);
	} else {
		sr_txn_rollback(t);
		if (found < 0)
			sr_run_fail(r, &err);
		else
			r->settled(r);
	}
	sr_arena_done(&k.arena);
}

static void settle_turn(void *arg)
{
	sr_run *r = arg;

	r->timer = NULL;
	if (sr_run_stale(r))
		sr_run_raise(r, SR_RE_STOP, r->stop_why);
	else
		ask(r);
}

static void settle_next(sr_run *r)
{
	sr_run_later(r, 0, settle_turn);
}

void sr_settle(sr_run *r, void (*done)(sr_run *r))
{
	r->settled = done;
	/* Schoology may still be at work on it: give it the settling time before asking. */
	sr_run_later(r, r->e->c.config->schoology.settle_ms, settle_turn);
}

static void settled_now(sr_run *r)
{
	r->lost_batches = 0;
	sr_run_raise(r, SR_RE_SETTLED, NULL);
}

void sr_run_settle(sr_run *r)
{
	sr_settle(r, settled_now);
}
