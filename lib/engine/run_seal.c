/* Sealing: the guards judge the finished plan, one small transaction seals it, and the run hears
 * whether it may be carried out. Nothing is sent from here. */
#include "engine/run_priv.h"
#include "engine/waiting.h"

#include <stdio.h>
#include <string.h>

/* DESIGN section 4: where others' accounts already stand, a plan that creates a large share of the
 * school's users is more likely a wrong key template than a new school. */
static int suspect(sr_run *r, sr_txn *t, bool *out, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_planner *p = &r->planner;
	int64_t in_use = p->people_in / 10 > 5 ? p->people_in / 10 : 5;
	sr_override_row *rows;
	size_t count;

	*out = false;
	if (r->s->row.found_users < in_use ||
		p->creates_users * 100 <= p->people_in * r->e->c.config->sync.duplicate_percent)
		return 0;
	if (sr_store_overrides(t, &arena, r->s->number, r->year, &rows, &count, err) < 0)
		return -1;
	*out = true;
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].check, sr_blocks[SR_BL_DUPLICATE_SUSPECT].code) == 0)
			*out = false;
	return 0;
}

static json_t *admitted(const sr_judge *j)
{
	/* "enrollments" are memberships' rows of both kinds in the operator's words. */
	static const struct {
		const char *name;
		sr_fkind kinds[2];
		int n;
	} rows[] = {
		{ "users", { SR_FK_STUDENT, SR_FK_STAFF }, 2 },
		{ "courses", { SR_FK_COURSE }, 1 },
		{ "sections", { SR_FK_SECTION }, 1 },
		{ "enrollments", { SR_FK_ENROLLMENT }, 1 },
		{ "teachings", { SR_FK_TEACHING }, 1 },
	};
	json_t *in = json_object(), *verdicts = json_object();

	for (size_t i = 0; i < SR_COUNT_OF(rows); i++) {
		int64_t n = 0;

		for (int k = 0; k < rows[i].n; k++)
			n += j->counts[rows[i].kinds[k]][SR_V_IN];
		json_object_set_new(in, rows[i].name, json_integer(n));
	}
	for (int k = 0; k < SR_FK_COUNT; k++) {
		json_t *of = json_object();

		for (int v = 0; v < SR_V_COUNT; v++)
			if (v != SR_V_IN && j->counts[k][v])
				json_object_set_new(of, sr_verdict_name((sr_verdict)v), json_integer(j->counts[k][v]));
		json_object_set_new(verdicts, sr_fkind_name((sr_fkind)k), of);
	}
	return json_pack("{s:o, s:o}", "in", in, "verdicts", verdicts);
}

/* What was refused once and is wanted no more, for its class is of last year or its row is gone, is not set aside
 * for ever. Only a whole plan that may be carried out says so. */
static int forget_refusals(sr_run *r, sr_txn *t, sr_err *err)
{
	if (r->kind == SR_RK_REHEARSAL || r->pull.unproven || sr_scope_confines(&r->scope))
		return 0;
	return sr_store_quar_sweep(t, r->s->number, r->plan, err);
}

static int seal(sr_run *r, sr_txn *t, bool *suspected, sr_err *err)
{
	char digest[33];

	if (sr_run_guard(r, t, err) < 0 || suspect(r, t, suspected, err) < 0)
		return -1;
	if (sr_waiting_reconcile(r, t, err) < 0 || forget_refusals(r, t, err) < 0)
		return -1;
	sr_digest_text(&r->planner.digest, digest);
	if (sr_store_plan_seal(t, r->plan, digest, r->planner.seq, sr_now_ms(r->e), err) < 0)
		return -1;
	if (sr_run_guard_sealed(r, t, err) < 0)
		return -1;
	if (r->pass == 1 || r->planner.planned)
		r->shown_plan = r->plan;
	json_decref(r->admitted);
	r->admitted = admitted(&r->judge);
	r->waiting = r->planner.waiting;
	r->held = r->planner.held;
	r->deferred = r->planner.deferred;
	r->total = r->planner.planned;
	r->done = 0;
	return sr_run_save(r, t, err);
}

static sr_run_event sealed_event(sr_run *r, bool suspected, bool blocked)
{
	if (r->kind == SR_RK_REHEARSAL)
		return SR_RE_PLAN_ONLY;
	if (suspected || blocked)
		return SR_RE_PLAN_REFUSED;
	if (!sr_phase_may_write(&r->s->row.state, r->manual, r->judge.ctx.year_over))
		return SR_RE_PLAN_ONLY;
	return r->planner.planned ? SR_RE_PLAN_READY : SR_RE_PLAN_EMPTY;
}

void sr_run_seal(sr_run *r)
{
	bool suspected = false, blocked;
	const char *code = NULL;
	char why[160];
	sr_err err;
	sr_txn *t;

	if (sr_txn_begin(r->e->c.store, SR_TXN_DURABLE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, seal(r, t, &suspected, &err), &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	if (suspected) {
		snprintf(why, sizeof(why),
			"the plan would create %lld of %lld users although %lld accounts stand in the building",
			(long long)r->planner.creates_users, (long long)r->planner.people_in,
			(long long)r->s->row.found_users);
		sr_block_raise(r->e, r->s->number, SR_BL_DUPLICATE_SUSPECT, why);
	}
	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	blocked = sr_blocked(r->e, t, r->s, false, &code);
	sr_txn_rollback(t);
	snprintf(why, sizeof(why), "%s", blocked ? code : "");
	if (blocked && r->kind != SR_RK_REHEARSAL)
		snprintf(r->stop_why, sizeof(r->stop_why), "blocked: %s", code);
	sr_run_raise(r, sealed_event(r, suspected, blocked), NULL);
}
