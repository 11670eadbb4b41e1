/* Asking again: a row that is gone, or that ended early, counts only once PowerSchool has been asked
 * for it by its key. The ordinary page query does it: everything after key - 1, one row. */
#include "engine/run_priv.h"

/* More than this in one run is no case of single rows: the rest is asked in the next run. */
#define CONFIRM_MAX 200

static void confirm_next(sr_run *r);

static sr_src confirm_kind(const sr_run *r)
{
	return (sr_src)r->judge.confirm[2 * r->pull.confirm_at];
}

static int64_t confirm_key(const sr_run *r)
{
	return r->judge.confirm[2 * r->pull.confirm_at + 1];
}

/* The answer: the very row (then it is there, and its early end is true) or another, or none. */
static int confirm_note(sr_run *r, sr_txn *t, bool there, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_source_row row;
	int found = sr_store_source_get(t, &arena, r->s->number, confirm_kind(r), confirm_key(r), &row, err);
	int now;

	if (found <= 0)
		return found;
	if (row.missing == 1)
		now = there ? 0 : 2;
	else
		now = there ? 3 : 1; /* 3: present, and asked for again by key */
	return sr_store_source_missing(t, r->s->number, row.kind, row.key, now, err);
}

static void confirm_came(void *arg, const sr_page *page, const sr_err *failed)
{
	sr_run *r = arg;
	sr_err err;
	sr_txn *t;
	bool there;

	if (failed) {
		sr_block_by_error(r->e, false, failed);
		sr_run_fail(r, failed);
		return;
	}
	there = page->count > 0 && page->records[0].v[0].n == confirm_key(r);
	/* A row that cannot be read says nothing, least of all that there is none. */
	if (!page->bad && (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
				  sr_txn_end(r->e, t, confirm_note(r, t, there, &err), &err) < 0)) {
		sr_run_fail(r, &err);
		return;
	}
	r->pull.confirm_at++;
	confirm_next(r);
}

static void confirm_next(sr_run *r)
{
	if (r->pull.confirm_at == r->judge.confirm_count || r->pull.confirm_at == CONFIRM_MAX) {
		sr_run_confirmed(r);
		return;
	}
	r->e->c.source->page(r->e->c.source,
		&(sr_page_ask){ .kind = confirm_kind(r) == SR_SRC_LEAD ? SR_SRC_SECTION : confirm_kind(r),
			.school = r->s->number,
			.termid_low = (int64_t)(r->year - 1) * 100,
			.termid_high = (int64_t)(r->year + 1) * 100 + 99,
			.after = confirm_key(r) - 1,
			.page_size = 1 },
		confirm_came, r);
}

void sr_run_confirm(sr_run *r)
{
	r->pull.confirm_at = 0;
	confirm_next(r);
}
