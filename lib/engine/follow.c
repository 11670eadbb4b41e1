/* Runs that come after another: of the school itself, because a person asked while the daemon's own run was under
 * way; of another school, because it owns an account and what it says of it has changed here. */
#include "engine/run_priv.h"

#include <string.h>

struct sr_wish {
	char who[64];
	sr_scope scope;
};

/* The daemon's own, or a look at Schoology, whoever asked for it: it is no reason to refuse a run. */
static bool own_run(const sr_school *s)
{
	if (!s->run || s->run->kind == SR_RK_REHEARSAL)
		return false;
	return s->run->kind == SR_RK_VERIFY || strcmp(s->run->who, "sisrolld") == 0;
}

bool sr_follow_may(const sr_school *s, const sr_scope *scope)
{
	bool same = s->wish && !sr_scope_confines(scope) && !sr_scope_confines(&s->wish->scope) &&
		    scope->drops == s->wish->scope.drops;

	return own_run(s) && (!s->wish || same);
}

int sr_follow_ask(sr_school *s, const char *who, const sr_scope *scope, sr_err *err)
{
	if (s->wish)
		return 0; /* the same was asked for: one run answers both */
	s->wish = calloc(1, sizeof(*s->wish));
	if (!s->wish)
		return sr_fail_nomem(err);
	snprintf(s->wish->who, sizeof(s->wish->who), "%s", who);
	s->wish->scope = *scope;
	return 0;
}

void sr_follow_forget(sr_school *s)
{
	free(s->wish);
	s->wish = NULL;
}

static bool may_write(sr_school *s)
{
	bool blocked = true;
	sr_txn *t;

	if (!sr_phase_scheduled(s->row.state.phase) || !s->config.sync || !s->row.state.active || s->e->stopping)
		return false;
	if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, NULL) == 0) {
		blocked = sr_blocked(s->e, t, s, false, NULL) || sr_blocked(s->e, t, s, true, NULL);
		sr_txn_rollback(t);
	}
	return !blocked;
}

/* The school may have been paused or blocked meanwhile: then the wish is over, and who waits for it is told. */
static void wish_begin(sr_school *s)
{
	struct sr_wish *w = SR_TAKE(s->wish);
	bool first = s->row.state.phase == SR_PH_RESUMED && !sr_scope_confines(&w->scope);

	if (may_write(s))
		sr_run_start(s, first ? SR_RK_FIRST : SR_RK_MANUAL, w->who, !first, &w->scope, NULL, NULL);
	free(w);
}

void sr_follow_begin(sr_school *s)
{
	sr_engine *e = s->e;

	if (s->wish && !s->run)
		wish_begin(s);
	for (size_t i = 0; i < e->school_count; i++)
		if (e->schools[i]->wanted && !e->schools[i]->run)
			sr_sched_school(e->schools[i]);
}

/* The home school owns an account; if it does not let him in, the lowest that does. */
int sr_follow_owner(sr_run *r, sr_txn *t, const sr_source_row *row, int64_t home, bool in, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_school *owner = NULL;
	sr_source_row *rows;
	size_t count;

	if (home == r->s->number)
		return 0;
	if (sr_store_source_by_ident(
		    t, &arena, SR_SRC_STUDENT, SR_SRC_STAFF, (sr_ident){ row->ident.a, 0 }, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		sr_school *s = sr_engine_school(r->e, rows[i].school);

		if (!s || s == r->s || !s->config.sync || rows[i].judged.effect != SR_EF_SYNC)
			continue;
		if (!owner || s->number == home || (owner->number != home && s->number < owner->number))
			owner = s;
	}
	if (owner && (owner->number == home || owner->number < r->s->number || !in))
		owner->wanted = true;
	return 0;
}
