/* Gathering a batch: the plan's next items of one stage, each with what it needs of the mirror as it is
 * in this very turn. Nothing is sent from here. */
#include "engine/apply_priv.h"

typedef enum sr_fit { SR_FIT_SEND, SR_FIT_WAIT, SR_FIT_END, SR_FIT_ERROR } sr_fit;

/* Ends an item that is not going to be sent. */
static sr_fit fit_end(sr_run *r, sr_txn *t, const sr_item_row *row, sr_item_state state, const char *why, sr_err *err)
{
	r->deferred += state == SR_IS_DEFERRED;
	r->done++;
	return sr_outbox_item_end(t, r->plan, row->item.seq, state, 0, why, sr_now_ms(r->e), err) < 0 ? SR_FIT_ERROR
												      : SR_FIT_END;
}

static sr_fit fit_user(
	sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, sr_write_item *w, sr_fence_object *f, sr_err *err)
{
	const char *why = NULL;
	sr_mirror_row mirror;
	int found;

	if (sr_flight_has(r->e, row->item.ident.a))
		return SR_FIT_WAIT; /* another school is writing this very person */
	found = sr_store_mirror_get(t, &l->arena, SR_TGT_USER, row->item.ident, &mirror, err);
	if (found < 0)
		return SR_FIT_ERROR;
	if (found && row->item.op == SR_OP_CREATE)
		return fit_end(r, t, row, SR_IS_CONFIRMED, "another school created this person meanwhile", err);
	if (found && row->item.op == SR_OP_RESTORE && !mirror.object.restorable)
		return fit_end(r, t, row, SR_IS_CONFIRMED, "another school brought this person back meanwhile", err);
	if (row->item.op == SR_OP_INACTIVATE && (!found || sr_leave_judge(r, t, &mirror, &why, err) < 0))
		return found ? SR_FIT_ERROR : fit_end(r, t, row, SR_IS_ABANDONED, "not ours any more", err);
	if (why)
		return fit_end(r, t, row, SR_IS_ABANDONED, why, err);
	if (found) {
		f->highest = mirror.object.year;
		f->is_acting_user = mirror.object.is_acting_user;
		w->id = mirror.object.sgy_id;
	}
	f->is_acting_user |= w->id && w->id == r->e->acting.id;
	return SR_FIT_SEND;
}

static sr_fit fit_course(
	sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, sr_write_item *w, sr_fence_object *f, sr_err *err)
{
	const sr_course_view *c = sr_judge_course(&r->judge, row->item.ident.a);
	sr_mirror_row mirror;
	int found = sr_store_mirror_get(t, &l->arena, SR_TGT_COURSE, row->item.ident, &mirror, err);

	if (found < 0)
		return SR_FIT_ERROR;
	if (found) {
		w->id = mirror.object.sgy_id;
		f->highest = mirror.object.year;
	}
	f->course_has_section = c && c->let_in > 0 && c->verdict == SR_V_IN;
	return SR_FIT_SEND;
}

/* The course that a new section is nested in: of this batch, or confirmed before. */
static sr_fit fit_nest(sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, sr_write_item *w, sr_err *err)
{
	const char *code = sr_record_text(w->values, SR_S_COURSE_CODE);
	sr_mirror_row mirror;
	int found;

	for (size_t i = 0; i < l->n; i++)
		if (l->write[i].kind == SR_TGT_COURSE && sr_streq(l->items[i]->key, code)) {
			w->course = l->write[i].values;
			return SR_FIT_SEND;
		}
	found = code ? sr_store_mirror_by_key(t, &l->arena, SR_TGT_COURSE, code, &mirror, err) : 0;
	if (found < 0)
		return SR_FIT_ERROR;
	if (found) {
		l->courses[l->n] = mirror.object.values;
		w->course = &l->courses[l->n];
		return SR_FIT_SEND;
	}
	return r->in_flight || l->n ? SR_FIT_WAIT
				    : fit_end(r, t, row, SR_IS_DEFERRED, "its course is not confirmed", err);
}

static sr_fit fit_section(
	sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, sr_write_item *w, sr_fence_object *f, sr_err *err)
{
	const sr_section_view *v = sr_judge_section(&r->judge, row->item.ident.a);
	sr_mirror_row mirror;
	int found = sr_store_mirror_get(t, &l->arena, SR_TGT_SECTION, row->item.ident, &mirror, err);

	if (found < 0)
		return SR_FIT_ERROR;
	f->year = found ? mirror.object.year : v ? v->year : SR_YEARID_NONE;
	if (found)
		w->id = mirror.object.sgy_id;
	if (row->item.op == SR_OP_CREATE) {
		w->periods = sr_record_text(w->values, SR_S_GRADING_PERIODS);
		return fit_nest(r, t, l, row, w, err);
	}
	if (row->item.fields & (1u << SR_S_GRADING_PERIODS)) {
		if (l->n)
			return SR_FIT_WAIT; /* goes alone, right after its periods were read */
		if (r->periods_for != row->item.seq) {
			sr_fail(err, SR_E_STATE, "the grading periods of the section were not read");
			return SR_FIT_ERROR;
		}
		w->periods = r->periods;
	}
	return SR_FIT_SEND;
}

/* The last teacher of a section stays until another one is confirmed. Those who go in the same call count as gone,
 * and no two such calls are under way at once. */
static sr_fit fit_last_teacher(sr_run *r, sr_txn *t, const sr_load *l, const sr_item_row *row, sr_err *err)
{
	int64_t others;

	if (r->in_flight)
		return SR_FIT_WAIT;
	if (sr_store_mirror_other_teachers(t, row->item.ident.a, row->item.ident.b, &others, err) < 0)
		return SR_FIT_ERROR;
	return others > (int64_t)l->n ? SR_FIT_SEND
				      : fit_end(r, t, row, SR_IS_DEFERRED,
						"no other teacher of the section is confirmed in Schoology", err);
}

static sr_fit fit_drop(sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, const sr_mirror_row *own, sr_err *err)
{
	if (!own)
		return fit_end(r, t, row, SR_IS_CONFIRMED, "it was gone already", err);
	if (own->object.gone || own->object.origin != SR_OR_OURS)
		return fit_end(r, t, row, SR_IS_ABANDONED, "not ours any more", err);
	return row->item.stage == SR_SG_TEACHER_DROP ? fit_last_teacher(r, t, l, row, err) : SR_FIT_SEND;
}

static sr_fit fit_member(
	sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, sr_write_item *w, sr_fence_object *f, sr_err *err)
{
	sr_mirror_row section, user, own;
	int has_section = sr_store_mirror_get(
		t, &l->arena, SR_TGT_SECTION, (sr_ident){ row->item.ident.a, 0 }, &section, err);
	int has_user = sr_store_mirror_get(t, &l->arena, SR_TGT_USER, (sr_ident){ row->item.ident.b, 0 }, &user, err);
	int has_own = sr_store_mirror_get(t, &l->arena, SR_TGT_MEMBERSHIP, row->item.ident, &own, err);

	if (has_section < 0 || has_user < 0 || has_own < 0)
		return SR_FIT_ERROR;
	if (!has_section || section.object.gone)
		return fit_end(r, t, row, SR_IS_DEFERRED, "its section is not confirmed", err);
	if (!has_user || ((user.object.gone || user.object.restorable) && row->item.op != SR_OP_DROP))
		return fit_end(r, t, row, SR_IS_DEFERRED, "its person is not confirmed", err);
	f->year = section.object.year;
	f->is_acting_user = user.object.is_acting_user || user.object.sgy_id == r->e->acting.id;
	w->section_id = section.object.sgy_id;
	if (has_own)
		w->id = own.object.sgy_id;
	/* One without an id comes first in a batch, behind a read; it is not known if that did not tell. */
	if (sr_stage_by_section(row->item.stage) && !w->id && has_own)
		return l->n ? SR_FIT_WAIT
			    : fit_end(r, t, row, SR_IS_DEFERRED, "Schoology does not tell the enrollment's id", err);
	return row->item.op == SR_OP_DROP ? fit_drop(r, t, l, row, has_own ? &own : NULL, err) : SR_FIT_SEND;
}

static sr_fit (*const fits[SR_TGT_COUNT])(
	sr_run *, sr_txn *, sr_load *, const sr_item_row *, sr_write_item *, sr_fence_object *, sr_err *) = {
	[SR_TGT_USER] = fit_user,
	[SR_TGT_COURSE] = fit_course,
	[SR_TGT_SECTION] = fit_section,
	[SR_TGT_MEMBERSHIP] = fit_member,
};

static sr_fit load_item(sr_run *r, sr_txn *t, sr_load *l, const sr_item_row *row, sr_err *err)
{
	const sr_plan_item *item = &row->item;
	sr_write_item *w = &l->write[l->n];
	sr_fence_object *f = &l->fence[l->n];
	sr_fit fit;

	*w = (sr_write_item){ .kind = item->kind, .op = item->op, .values = &l->values[l->n], .fields = item->fields };
	*f = (sr_fence_object){ .kind = item->kind, .stage = item->stage };
	if (sr_record_unpack(&sr_tgt_kinds[item->kind], item->after.bytes, item->after.len, &l->arena, &l->values[l->n],
		    err) < 0)
		return SR_FIT_ERROR;
	fit = fits[item->kind](r, t, l, row, w, f, err);
	if (fit != SR_FIT_SEND)
		return fit;
	l->items[l->n] = item;
	l->seqs[l->n++] = item->seq;
	return SR_FIT_SEND;
}

void sr_load_remove(sr_load *l, size_t at)
{
	/* Values are pointed to: they stay, only the rows close up. */
	for (size_t i = at; i + 1 < l->n; i++) {
		l->write[i] = l->write[i + 1];
		l->fence[i] = l->fence[i + 1];
		l->seqs[i] = l->seqs[i + 1];
		l->items[i] = l->items[i + 1];
	}
	l->n--;
}

int sr_load_batch(sr_run *r, sr_txn *t, sr_load *l, sr_err *err)
{
	sr_plan_item items[SR_BATCH_MAX];
	size_t fit;

	if (sr_store_plan_next(t, &l->arena, r->plan, r->alone ? 1 : SR_BATCH_MAX, &l->rows, &l->count, err) < 0)
		return -1;
	if (l->count == 0)
		return 0;
	if (r->in_flight && (int)l->rows[0].item.stage != r->stage) {
		l->wait = true; /* the stage before must be answered: what follows leans on it */
		return 0;
	}
	for (size_t i = 0; i < l->count; i++)
		items[i] = l->rows[i].item;
	fit = sr_plan_batch(items, l->count);
	for (size_t i = 0; i < fit && !l->wait; i++) {
		switch (load_item(r, t, l, &l->rows[i], err)) {
		case SR_FIT_ERROR:
			return -1;
		case SR_FIT_WAIT:
			l->wait = true;
			break;
		default:
			break;
		}
	}
	return 0;
}
