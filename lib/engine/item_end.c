/* How an operation ends. The mirror moves here on a confirmed answer alone; what is read of
 * Schoology itself comes into it by the looks (check_compare.c, run_verify.c). */
#include "engine/run_priv.h"
#include "io/store_check.h"
#include "io/store_waiting.h"

#include <stdio.h>
#include <string.h>

static int unpack(const sr_plan_item *item, const sr_packed *p, sr_arena *a, sr_record *out, sr_err *err)
{
	if (!p->len) {
		sr_record_init(out, &sr_tgt_kinds[item->kind]);
		return 0;
	}
	return sr_record_unpack(&sr_tgt_kinds[item->kind], p->bytes, p->len, a, out, err);
}

static sr_yearid later(sr_yearid a, sr_yearid b)
{
	return a > b ? a : b;
}

/* The object as Schoology holds it now that `item` is done. */
static int mirror_after(sr_run *r, const sr_plan_item *item, sr_yearid year, const sr_mirror_row *old, bool had,
	sr_arena *a, sr_mirror_row *out, sr_err *err)
{
	sr_change change = { .op = item->op, .fields = item->fields };
	sr_record desired, before;

	if (unpack(item, &item->after, a, &desired, err) < 0)
		return -1;
	before = had ? old->object.values : desired;
	*out = had ? *old
		   : (sr_mirror_row){ .kind = item->kind,
			     .ident = item->ident,
			     .key = item->key,
			     .object = { .origin = SR_OR_OURS } };
	out->school = r->s->number;
	out->confirmed_ms = sr_now_ms(r->e);
	out->read_ms = 0;
	out->object.year = later(out->object.year, year);
	out->object.restorable = item->op == SR_OP_INACTIVATE || item->op == SR_OP_DROP;
	if (item->op == SR_OP_CREATE || (item->kind == SR_TGT_USER && item->op == SR_OP_RESTORE))
		out->object.gone = false;
	if (item->kind == SR_TGT_USER && (item->op == SR_OP_CREATE || item->fields & (1u << SR_U_ROLE_ID)))
		out->object.role_by_us = sr_record_int(&desired, SR_U_ROLE_ID, 0);
	return sr_diff_apply(item->kind, &change, had ? &before : NULL, &desired, a, &out->object.values, err);
}

/* What was set aside or waited about the object is over: it was done. */
static int item_cleared(sr_run *r, sr_txn *t, const sr_plan_item *item, sr_err *err)
{
	if (sr_store_quar_clear(t, r->s->number, SR_Q_TARGET, (int)item->kind, item->ident, err) < 0)
		return -1;
	return sr_store_waiting_clear(t, r->s->number, item->kind, item->ident, err);
}

/* A section that was deleted is there again, and empty: the next run, which comes at once, brings its members. */
static int section_anew(sr_run *r, sr_txn *t, const sr_plan_item *item, bool was_gone, sr_err *err)
{
	if (item->kind != SR_TGT_SECTION || item->op != SR_OP_CREATE || !was_gone)
		return 0;
	r->s->wanted = true;
	return sr_store_section_members_forget(t, item->ident.a, err);
}

int sr_item_confirm(sr_run *r, sr_txn *t, const sr_item_row *row, sr_yearid year, int64_t sgy_id, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	const sr_plan_item *item = &row->item;
	sr_mirror_row old, now;
	int found = sr_store_mirror_get(t, &arena, item->kind, item->ident, &old, err);
	int64_t owner = found > 0 ? old.school : r->s->number;

	if (found < 0 || mirror_after(r, item, year, &old, found > 0, &arena, &now, err) < 0)
		return -1;
	/* An update by another school does not move the account: its home school owns it. */
	if (item->kind == SR_TGT_USER && item->op != SR_OP_CREATE)
		now.school = owner;
	if (sgy_id)
		now.object.sgy_id = sgy_id;
	if (sr_store_mirror_put(t, &now, err) < 0 || section_anew(r, t, item, found > 0 && old.object.gone, err) < 0)
		return -1;
	if (item->kind == SR_TGT_USER && item->op == SR_OP_RESTORE &&
		sr_return_confirmed(t, &old, r->s->row.state.active, err) < 0)
		return -1;
	if (item_cleared(r, t, item, err) < 0)
		return -1;
	*(item->op == SR_OP_CREATE ? &r->created : item->op == SR_OP_DROP ? &r->dropped : &r->updated) += 1;
	r->done++;
	return 0;
}

/* Who is not in the class any more need not be taken out; should he come back, he is added like anybody. */
int sr_item_gone(sr_run *r, sr_txn *t, const sr_item_row *row, sr_err *err)
{
	const sr_plan_item *item = &row->item;

	if (sr_store_mirror_forget(t, item->kind, item->ident, err) < 0 || item_cleared(r, t, item, err) < 0)
		return -1;
	r->dropped++;
	r->done++;
	return 0;
}

int sr_item_refuse(sr_run *r, sr_txn *t, const sr_item_row *row, int code, const char *message, sr_err *err)
{
	const sr_plan_item *item = &row->item;
	char text[24];

	snprintf(text, sizeof(text), "schoology-%d", code);
	r->failed++;
	r->done++;
	sr_log_write(r->e->c.log, &(sr_log_entry){ .level = SR_WARNING,
					  .id = SR_MSG_QUARANTINE,
					  .school = r->s->number,
					  .run = r->id,
					  .plan = r->plan,
					  .operation = item->seq,
					  .code = text,
					  .event = sr_tgt_name(item->kind),
					  .text = "Schoology refused an object: it is quarantined" });
	if (sr_return_suspect(t, item, code, err) < 0)
		return -1;
	return sr_store_quar_put(t,
		&(sr_quar_row){ .school = r->s->number,
			.what = SR_Q_TARGET,
			.kind = (int)item->kind,
			.ident = item->ident,
			.digest = sr_hash_bytes(r->e->seed, item->after.bytes, item->after.len),
			.code = text,
			.message = message,
			.since_ms = sr_now_ms(r->e) },
		err);
}
