/* The gate of `resume`: named checks, each pass or fail with its evidence. */
#include "engine/gate_priv.h"

#include <stdio.h>
#include <string.h>

#define REHEARSAL_MAX_AGE_MS (24 * 3600 * 1000LL)

static int check_acting_user(sr_gate_facts *f, sr_gate_check *c, sr_err *err)
{
	const sr_acting_user *a = &f->s->e->acting;

	(void)err;
	c->pass = a->known && a->ok;
	if (!a->known)
		EVIDENCE(c, "not checked yet");
	else if (a->ok)
		EVIDENCE(c, "%lld, %s", (long long)a->id, a->role);
	else
		EVIDENCE(c, "%s", a->why);
	return 0;
}

static int check_sis_rolled(sr_gate_facts *f, sr_gate_check *c, sr_err *err)
{
	const sr_school_row *row = &f->s->row;
	sr_rolled r = sr_rolled_judge(row->rolled_active, row->rolled_promoted);
	bool known = row->rolled_year == row->state.active;
	/* Paused in its first run: what is looked at by now is the year after; this one was set on evidence. */
	bool set = !known && row->state.phase == SR_PH_PAUSED;

	(void)err;
	c->pass = (known && r.rolled) || set || row->state.before_sis_rollover;
	if (set)
		EVIDENCE(c, "PowerSchool had rolled over when the year was set");
	else if (!known)
		EVIDENCE(c, "not looked at yet");
	else
		EVIDENCE(c, "PowerSchool promoted %lld of %lld active students%s", (long long)r.promoted,
			(long long)r.active,
			row->state.before_sis_rollover && !r.rolled ? "; chosen before its rollover, with a reason"
								    : "");
	return 0;
}

static int check_terms(sr_gate_facts *f, sr_gate_check *c, sr_err *err)
{
	int used = 0, unmapped = sr_context_unmapped(&f->ctx, &used);
	int64_t sections = 0;

	(void)err;
	for (size_t i = 0; i < f->s->counts_len && f->s->counts_year == f->s->row.state.active; i++)
		sections += f->s->counts[i].sections;
	c->pass = used > 0 && unmapped == 0 && sections > 0;
	if (unmapped)
		EVIDENCE(c, "%d of %d used terms have no sound grading period", unmapped, used);
	else if (sections == 0)
		EVIDENCE(c, "PowerSchool has no section of this year at this school yet");
	else
		EVIDENCE(c, "%d of %d used terms mapped, %lld sections", used - unmapped, used, (long long)sections);
	return 0;
}

static int check_rehearsal(sr_gate_facts *f, sr_gate_check *c, sr_err *err)
{
	int64_t age = f->rehearsed ? sr_now_ms(f->s->e) - f->rehearsal.started_ms : 0;
	bool year = f->rehearsed && f->rehearsal.year == f->s->row.state.active;

	(void)err;
	c->pass = year && f->rehearsal.started_ms >= f->s->row.changed_ms && age <= REHEARSAL_MAX_AGE_MS;
	if (!f->rehearsed || !year)
		EVIDENCE(c, "none of this year yet");
	else if (f->rehearsal.started_ms < f->s->row.changed_ms)
		EVIDENCE(c, "run %lld is older than the last change of choice or map", (long long)f->rehearsal.id);
	else if (age > REHEARSAL_MAX_AGE_MS)
		EVIDENCE(c, "run %lld is older than 24 hours", (long long)f->rehearsal.id);
	else
		EVIDENCE(c, "run %lld, plan %lld, %lld min ago", (long long)f->rehearsal.id,
			(long long)f->rehearsal.plan, (long long)(age / 60000));
	return 0;
}

static int64_t verdict_count(const json_t *counts, const char *kind, const char *verdict)
{
	return json_integer_value(json_object_get(
		json_object_get(json_object_get(json_object_get(counts, "admitted"), "verdicts"), kind), verdict));
}

static int check_people(sr_gate_facts *f, sr_gate_check *c, sr_err *err)
{
	int64_t collisions = verdict_count(f->counts, "student", "key-collision") +
			     verdict_count(f->counts, "staff", "key-collision");
	bool suspect = false;
	sr_block_row *rows;
	size_t count;

	if (sr_store_blocks(f->t, &f->arena, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		suspect |= rows[i].school == f->s->number &&
			   strcmp(rows[i].code, sr_blocks[SR_BL_DUPLICATE_SUSPECT].code) == 0;
	c->pass = f->rehearsed && collisions == 0 && !suspect && !*f->ctx.missing_role;
	if (!f->rehearsed)
		EVIDENCE(c, "judged by a rehearsal: none yet");
	else if (*f->ctx.missing_role) /* a typo would leave out everybody of that role, and nobody would miss them */
		EVIDENCE(c, "Schoology has no role '%s', which [roles] names: its people are left out",
			f->ctx.missing_role);
	else if (suspect)
		EVIDENCE(c, "the plan looks like duplicates of accounts that stand in the building");
	else
		EVIDENCE(c, "%lld people share a key with another", (long long)collisions);
	return 0;
}

static const struct {
	const char *name, *code;
	int (*judge)(sr_gate_facts *f, sr_gate_check *c, sr_err *err);
} checks[] = {
	/* clang-format off */
	{ "acting-user", "SR-ACTING-USER-INVALID", check_acting_user },
	{ "sis-rolled",  "SR-NOT-ROLLED",     check_sis_rolled },
	{ "terms",       "SR-TERMS-UNMAPPED", check_terms },
	{ "rehearsal",   "SR-REHEARSAL",      check_rehearsal },
	{ "people",      "SR-PEOPLE",         check_people },
	{ "counts",      "SR-COUNTS",         sr_gate_counts },
	{ "guards",      "SR-GUARDS",         sr_gate_guards },
	/* clang-format on */
};
_Static_assert(SR_COUNT_OF(checks) <= SR_GATE_MAX, "the gate has room for its checks");

static int facts_load(sr_gate_facts *f, sr_err *err)
{
	int found = sr_store_run_last(f->t, &f->arena, f->s->number, SR_RK_REHEARSAL, "done", &f->rehearsal, err);

	if (found < 0 || sr_context_load(f->t, f->s, f->s->row.state.active, &f->ctx, err) < 0)
		return -1;
	f->rehearsed = found > 0;
	f->counts = found && f->rehearsal.counts ? json_loads(f->rehearsal.counts, 0, NULL) : NULL;
	return 0;
}

static int gate_in_txn(sr_gate_facts *f, sr_gate_check out[SR_GATE_MAX], size_t *count, sr_err *err)
{
	sr_override_row *rows;
	size_t n;

	if (facts_load(f, err) < 0 ||
		sr_store_overrides(f->t, &f->arena, f->s->number, f->s->row.state.active, &rows, &n, err) < 0)
		return -1;
	*count = SR_COUNT_OF(checks);
	for (size_t i = 0; i < SR_COUNT_OF(checks); i++) {
		out[i] = (sr_gate_check){ .name = checks[i].name, .code = checks[i].code };
		if (checks[i].judge(f, &out[i], err) < 0)
			return -1;
		for (size_t k = 0; k < n; k++)
			out[i].overridden |= strcmp(rows[k].check, checks[i].name) == 0;
	}
	return 0;
}

int sr_gate_judge(sr_school *s, sr_gate_check out[SR_GATE_MAX], size_t *count, sr_err *err)
{
	sr_gate_facts f = { .s = s };
	int rc;

	if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &f.t, err) < 0)
		return -1;
	rc = gate_in_txn(&f, out, count, err);
	rc = sr_txn_end(s->e, f.t, rc, err);
	sr_context_done(&f.ctx);
	sr_arena_done(&f.arena);
	json_decref(f.counts);
	return rc;
}

bool sr_gate_passes(const sr_gate_check *c, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!c[i].pass && !c[i].overridden)
			return false;
	return true;
}
