/* The poll reads neither students nor classes, so its own success says nothing of the right to them: while
 * that is missing, each query of a run is asked for no row at all before the block is lifted. */
#include "engine/poll_priv.h"

#include <string.h>

static const sr_src rosters[] = { SR_SRC_SECTION, SR_SRC_COURSE, SR_SRC_STUDENT, SR_SRC_STAFF, SR_SRC_ENROLLMENT,
	SR_SRC_TEACHING };
#define BEHIND_ALL_KEYS ((int64_t)1 << 52)

static bool right_is_missing(sr_engine *e)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_block_row *rows;
	size_t count;
	sr_txn *t;
	bool missing = false;

	if (sr_txn_begin(e->c.store, SR_TXN_READ, &t, NULL) < 0)
		return true;
	if (sr_store_blocks(t, &arena, &rows, &count, NULL) < 0)
		count = 0;
	for (size_t i = 0; i < count; i++)
		missing |= strcmp(rows[i].code, sr_blocks[SR_BL_PLUGIN_RIGHT].code) == 0;
	sr_txn_rollback(t);
	return missing;
}

static void ask_next(sr_engine *e);

static void roster_came(void *arg, const sr_page *page, const sr_err *failed)
{
	sr_engine *e = arg;

	(void)page;
	if (failed) {
		sr_poll_fail(e, false, failed);
		return;
	}
	e->poll->roster++;
	ask_next(e);
}

static void ask_next(sr_engine *e)
{
	if (e->poll->roster == SR_COUNT_OF(rosters)) {
		sr_block_lift(e, 0, SR_BL_PLUGIN_RIGHT);
		sr_poll_next(e);
		return;
	}
	e->c.source->page(e->c.source,
		&(sr_page_ask){ .kind = rosters[e->poll->roster],
			.school = e->schools[0]->number,
			.after = BEHIND_ALL_KEYS,
			.page_size = 1 },
		roster_came, e);
}

void sr_poll_ask_rights(sr_engine *e)
{
	/* Without a school there is nothing to ask about, and no run to be refused. */
	e->poll->roster = e->school_count && right_is_missing(e) ? 0 : SR_COUNT_OF(rosters);
	ask_next(e);
}
