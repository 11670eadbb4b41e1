/* The guards of a plan that is about to be sealed. Drops come here as held: each kind of them is let go,
 * left for the run of the day that sends them, or made to wait for a person. Nothing is sent from here. */
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

#define NAME_FIELDS (1u << SR_U_NAME_FIRST | 1u << SR_U_NAME_LAST | 1u << SR_U_NAME_FIRST_PREFERRED)
#define WHY_BYTES 200

/* Which operations a guard speaks of. Drifted keys wait from the beginning, so none is to be moved. */
/* clang-format off */
static const sr_item_match guarded[SR_GD_COUNT] = {
	[SR_GD_STUDENTS] = { .state = SR_IS_HELD,    .stage = SR_SG_STUDENT_DROP },
	[SR_GD_TEACHERS] = { .state = SR_IS_HELD,    .stage = SR_SG_TEACHER_DROP },
	[SR_GD_LOGINS]   = { .state = SR_IS_PLANNED, .stage = SR_SG_USER_UPDATE, .login = true },
	[SR_GD_NAMES]    = { .state = SR_IS_PLANNED, .stage = SR_SG_USER_UPDATE, .fields = NAME_FIELDS },
	[SR_GD_TITLES]   = { .state = SR_IS_PLANNED, .stage = SR_SG_SECTION_UPDATE, .fields = 1u << SR_S_TITLE },
	[SR_GD_KEYS]     = { .state = SR_IS_WAITING, .stage = SR_SG_USER_UPDATE, .fields = 1u << SR_U_SCHOOL_UID },
};
/* clang-format on */

static bool drops(int kind)
{
	return kind == SR_GD_STUDENTS || kind == SR_GD_TEACHERS;
}

void sr_guard_count(sr_planner *p, const sr_plan_item *item, sr_item_state state)
{
	for (int k = 0; k < SR_GD_COUNT; k++) {
		const sr_item_match *m = &guarded[k];

		p->guarded[k] += m->state == state && m->stage == (int)item->stage && (!m->login || item->login) &&
				 (!m->fields || item->fields & m->fields);
	}
}

/* ---- may drops go in this run at all? ----------------------------------------------------------- */

static bool may_write(const sr_run *r)
{
	return r->kind != SR_RK_REHEARSAL && sr_phase_may_write(&r->s->row.state, r->manual, r->judge.ctx.year_over);
}

static bool first_of_year(const sr_run *r)
{
	return r->kind == SR_RK_FIRST || r->s->row.state.verified != r->year;
}

/* The first run that begins at or after drops_at; one that a person asks to; and a first run, whose drops
 * wait for a person anyway. */
static bool is_time(const sr_run *r)
{
	const sr_school_row *row = &r->s->row;

	if (r->scope.drops || first_of_year(r))
		return true;
	return row->state.phase != SR_PH_PAUSED && row->drops_ms &&
	       sr_engine_slot(r->e, r->started_ms) > sr_engine_slot(r->e, row->drops_ms);
}

/* Nothing can be concluded about drops from a run like this. NULL: something can. */
static const char *no_ground(const sr_run *r)
{
	const sr_scope *s = &r->scope;

	if (r->pull.unproven)
		return "the pull is not proven: PowerSchool's counts still move, or it gives none";
	if (s->section || s->kind >= 0)
		return "a run that is confined to a part drops nobody";
	return NULL;
}

static void say_when(const sr_run *r, char out[WHY_BYTES])
{
	int at = r->e->c.config->sync.drops_at_min;

	if (r->s->row.state.phase == SR_PH_PAUSED)
		snprintf(out, WHY_BYTES, "a paused school drops nobody, unless by sync --drops");
	else
		snprintf(out, WHY_BYTES, "sent at %02d:%02d", at / 60, at % 60);
}

/* A feed of this school that came back far smaller than before. */
static bool shrunk(const sr_run *r, char out[WHY_BYTES])
{
	for (int k = 0; k < SR_SRC_COUNT; k++) {
		if (!r->pull.shrunk[k].before)
			continue;
		snprintf(out, WHY_BYTES,
			"PowerSchool sent %lld %s rows, the last proven pull had %lld: "
			"a feed that shrinks by more than %lld %% drops nobody by itself",
			(long long)r->pull.shrunk[k].now, sr_src_name((sr_src)k), (long long)r->pull.shrunk[k].before,
			(long long)r->s->config.shrink_percent);
		return true;
	}
	return false;
}

/* ---- carrying a verdict out --------------------------------------------------------------------- */

static int move(sr_run *r, sr_txn *t, int kind, sr_item_state to, const char *why, sr_err *err)
{
	sr_planner *p = &r->planner;
	int64_t *const counters[SR_IS_COUNT] = {
		[SR_IS_PLANNED] = &p->planned, [SR_IS_HELD] = &p->held, [SR_IS_WAITING] = &p->waiting
	};
	int moved = sr_store_plan_divert(t, r->plan, &guarded[kind], to, why, err);

	if (moved < 0)
		return -1;
	*counters[guarded[kind].state] -= moved;
	*counters[to] += moved;
	return 0;
}

static int drops_move(sr_run *r, sr_txn *t, sr_guard_verdict *v, sr_err *err)
{
	const char *ground = no_ground(r);
	char why[WHY_BYTES];

	if (v->n == 0)
		return 0;
	if (ground) {
		v->waits = false;
		return move(r, t, (int)v->kind, SR_IS_HELD, ground, err);
	}
	if (shrunk(r, why)) {
		v->waits = true;
		memcpy(v->why, why, sizeof(why));
	}
	if (v->waits)
		return move(r, t, (int)v->kind, SR_IS_WAITING, v->why, err);
	if (is_time(r))
		return move(r, t, (int)v->kind, SR_IS_PLANNED, NULL, err);
	say_when(r, why);
	return move(r, t, (int)v->kind, SR_IS_HELD, why, err);
}

static int changes_move(sr_run *r, sr_txn *t, const sr_guard_verdict *v, sr_err *err)
{
	return v->waits && v->kind != SR_GD_KEYS ? move(r, t, (int)v->kind, SR_IS_WAITING, v->why, err) : 0;
}

static json_t *verdict_json(const sr_guard_verdict *v)
{
	json_t *o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:b}", "kind", sr_guard_name(v->kind), "count",
		(json_int_t)v->n, "of", (json_int_t)v->of, "percent", (json_int_t)v->percent, "limit",
		(json_int_t)v->limit, "limit_percent", (json_int_t)v->limit_percent, "waits", v->waits);

	if (o && v->waits)
		json_object_set_new(o, "why", json_string(v->why));
	return o;
}

static sr_guard_limits limits_of(const sr_run *r)
{
	const sr_school_config *k = &r->s->config;
	const sr_context *c = &r->judge.ctx;

	return (sr_guard_limits){ .drop_count = k->drop_count,
		.drop_percent = k->drop_percent,
		.settle_percent = k->settle_percent,
		.raised_percent = r->scope.raised_percent,
		.login_changes = k->login_changes,
		.name_changes = k->name_changes,
		.settling = sr_guard_settling(
			c->filter.today, k->first_day, c->year_first, c->year_last, k->settle_days),
		.first_run = first_of_year(r) };
}

int sr_run_guard(sr_run *r, sr_txn *t, sr_err *err)
{
	const sr_planner *p = &r->planner;
	sr_guard_limits limits = limits_of(r);
	json_t *list = json_array();
	int rc = list ? 0 : sr_fail_nomem(err);

	for (int k = 0; k < SR_GD_COUNT && rc == 0; k++) {
		sr_guard_verdict v;

		sr_guard_judge(
			&limits, (sr_guard_kind)k, p->guarded[k], drops(k) ? p->active[k == SR_GD_TEACHERS] : 0, &v);
		rc = drops(k) ? drops_move(r, t, &v, err) : changes_move(r, t, &v, err);
		if (rc == 0 && json_array_append_new(list, verdict_json(&v)) != 0)
			rc = sr_fail_nomem(err);
	}
	json_decref(r->guards);
	r->guards = list;
	r->takes_drops = may_write(r) && !no_ground(r) && !sr_scope_confines(&r->scope) && is_time(r);
	return rc;
}

/* ---- what a run uses up --------------------------------------------------------------------------- */

/* A feed that stays as small as it has become is believed once nobody is to be dropped for it. */
static int shrinking_believed(sr_run *r, sr_txn *t, sr_err *err)
{
	const sr_planner *p = &r->planner;

	if (p->guarded[SR_GD_STUDENTS] || p->guarded[SR_GD_TEACHERS] || sr_scope_confines(&r->scope) ||
		r->pull.unproven)
		return 0;
	for (int k = 0; k < SR_SRC_COUNT; k++)
		if (r->pull.shrunk[k].before && sr_pull_keep_rows(r, t, (sr_src)k, r->pull.shrunk[k].now, err) < 0)
			return -1;
	return 0;
}

int sr_run_guard_sealed(sr_run *r, sr_txn *t, sr_err *err)
{
	if (!may_write(r))
		return 0;
	if (r->takes_drops)
		r->scope.raised_percent = 0; /* what the run plans after this is not what was asked for */
	if (shrinking_believed(r, t, err) < 0)
		return -1;
	return r->planner.planned ? 0 : sr_run_drops_taken(r, t, err);
}

int sr_run_drops_taken(sr_run *r, sr_txn *t, sr_err *err)
{
	sr_school_row *row = &r->s->row;

	if (!r->takes_drops && row->drops_ms)
		return 0;
	row->drops_ms = r->started_ms; /* without one before, the days are counted from here */
	return sr_store_school_drops(t, row, err);
}
