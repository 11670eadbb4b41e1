/* Changing a section's grading periods: what others added stays (contracts/schoology.md 9,
 * DESIGN section 4): theirs - ours before + ours now, never empty. */
#include "engine/run_priv.h"

#include <string.h>

static int periods_make(sr_run *r, sr_txn *t, const sr_target_section *section, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	SR_AUTO(sr_buf) list = { 0 };
	sr_record before, after;
	sr_item_row *rows;
	size_t count;

	if (sr_store_plan_items(t, &arena, r->plan, r->periods_for - 1, -1, -1, 1, &rows, &count, err) < 0)
		return -1;
	if (count == 0 || rows[0].item.seq != r->periods_for)
		return sr_fail(err, SR_E_DB, "operation %lld is not in the plan", (long long)r->periods_for);
	if (!section)
		return 1; /* gone */
	if (sr_record_unpack(&sr_tgt_kinds[SR_TGT_SECTION], rows[0].item.before.bytes, rows[0].item.before.len, &arena,
		    &before, err) < 0 ||
		sr_record_unpack(&sr_tgt_kinds[SR_TGT_SECTION], rows[0].item.after.bytes, rows[0].item.after.len,
			&arena, &after, err) < 0 ||
		sr_diff_periods(section->periods, sr_record_text(&before, SR_S_GRADING_PERIODS),
			sr_record_text(&after, SR_S_GRADING_PERIODS), &list, err) < 0)
		return -1;
	free(r->periods);
	r->periods = sr_buf_take(&list);
	return r->periods ? 0 : sr_fail_nomem(err);
}

/* A section that is not there any more: somebody deleted it. It waits, it is not made again. */
static int section_gone(sr_run *r, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_mirror_row mirror;
	sr_item_row *rows;
	size_t count;

	if (sr_store_plan_items(t, &arena, r->plan, r->periods_for - 1, -1, -1, 1, &rows, &count, err) < 0 ||
		count == 0 || sr_store_mirror_get(t, &arena, SR_TGT_SECTION, rows[0].item.ident, &mirror, err) <= 0)
		return -1;
	mirror.object.gone = true;
	if (sr_store_mirror_put(t, &mirror, err) < 0)
		return -1;
	return sr_outbox_item_end(t, r->plan, r->periods_for, SR_IS_WAITING, 404,
		"the section was deleted in Schoology", sr_now_ms(r->e), err);
}

void sr_run_periods_read(sr_run *r, const sr_read_answer *answer)
{
	sr_err err;
	sr_txn *t;
	int rc;

	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0)
		return;
	rc = periods_make(r, t, answer->count ? &answer->sections[0] : NULL, &err);
	if (rc == 1)
		rc = section_gone(r, t, &err);
	if (sr_txn_end(r->e, t, rc, &err) < 0)
		r->periods_for = 0; /* read again */
}
