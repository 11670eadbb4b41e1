/* Enrollment ids. What goes by the id of an enrollment (a drop, a return) needs one, and an import does not
 * always tell it: then the members of the section are read first. Nothing is written to Schoology from here. */
#include "engine/run_priv.h"

int sr_run_ids_ask(sr_run *r, sr_txn *t, const sr_item_row *row, sr_read_fn came, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	const sr_ident section = { row->item.ident.a, 0 };
	sr_mirror_row own, of;
	int found = sr_store_mirror_get(t, &arena, SR_TGT_MEMBERSHIP, row->item.ident, &own, err);

	if (found <= 0 || own.object.sgy_id || r->ids_for == section.a)
		return found < 0 ? -1 : 0;
	found = sr_store_mirror_get(t, &arena, SR_TGT_SECTION, section, &of, err);
	if (found <= 0 || of.object.gone)
		return found < 0 ? -1 : 0;
	r->ids_for = section.a;
	r->reading = true;
	r->e->c.target->read(
		r->e->c.target, &(sr_read_ask){ .what = SR_READ_MEMBERS, .id = of.object.sgy_id }, came, r);
	return 1;
}

static int64_t id_of(const sr_read_answer *answer, const sr_mirror_row *row)
{
	const char *uid = sr_record_text(&row->object.values, SR_M_SCHOOL_UID);

	for (size_t i = 0; answer && i < answer->count; i++)
		if (sr_strcaseeq(answer->members[i].school_uid, uid))
			return answer->members[i].id;
	return 0;
}

/* The operations of this plan that need the id get it by the mirror; a drop of somebody whom Schoology does not
 * list has nothing to do. */
static int ids_keep(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_item_row *rows;
	size_t count;

	if (sr_store_plan_next(t, &arena, r->plan, SR_CHUNK, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		sr_mirror_row own;
		int found = 0;

		if (rows[i].item.ident.a == r->ids_for)
			found = sr_store_mirror_get(t, &arena, SR_TGT_MEMBERSHIP, rows[i].item.ident, &own, err);
		if (found < 0)
			return -1;
		if (found == 0 || own.object.sgy_id)
			continue;
		own.object.sgy_id = id_of(answer, &own);
		if (own.object.sgy_id
				? sr_store_mirror_put(t, &own, err) < 0
				: rows[i].item.op == SR_OP_DROP &&
					  (sr_item_gone(r, t, &rows[i], err) < 0 ||
						  sr_outbox_item_end(t, r->plan, rows[i].item.seq, SR_IS_CONFIRMED, 0,
							  "it was gone already", sr_now_ms(r->e), err) < 0))
			return -1;
	}
	return 0;
}

int sr_run_ids_read(sr_run *r, const sr_read_answer *answer, sr_err *err)
{
	sr_txn *t;

	if (answer && !answer->total_agrees)
		return sr_fail(err, SR_E_PROTO, "Schoology announced another number of members than it sent");
	if (sr_txn_begin(r->e->c.store, SR_TXN_DURABLE, &t, err) < 0)
		return -1;
	return sr_txn_end(r->e, t, ids_keep(r, t, answer, err), err);
}
