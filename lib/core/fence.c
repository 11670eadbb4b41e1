/* Nothing here looks at the plan: only at what is about to be written, and at the school as it is
 * in this very turn. A permit is spent by the first attempt, fitting or not. */
#include "core/fence.h"

#include <stdlib.h>

struct sr_permit {
	sr_stage stage;
	size_t count;
	bool period, spent;
};

/* clang-format off */
static const char *const names[SR_FENCE_COUNT] = {
	[SR_FENCE_OK] = "ok", [SR_FENCE_STALE] = "stale", [SR_FENCE_PHASE] = "phase", [SR_FENCE_BLOCKED] = "blocked",
	[SR_FENCE_STOPPED] = "stopped", [SR_FENCE_OTHER_YEAR] = "other-year", [SR_FENCE_OLDER_YEAR] = "older-year",
	[SR_FENCE_ACTING_USER] = "acting-user", [SR_FENCE_NO_SECTION] = "no-section", [SR_FENCE_NOT_SENT] = "not-sent",
};

/* What a stage may carry. A yearless kind must not slip through as a membership, nor the reverse. */
static const bool carries[SR_SG_COUNT][SR_TGT_COUNT] = {
	[SR_SG_USER_REACTIVATE] = { [SR_TGT_USER] = true },
	[SR_SG_USER_CREATE]     = { [SR_TGT_USER] = true },
	[SR_SG_USER_UPDATE]     = { [SR_TGT_USER] = true },
	[SR_SG_COURSE_UPSERT]   = { [SR_TGT_COURSE] = true, [SR_TGT_SECTION] = true },
	[SR_SG_COURSE_UPDATE]   = { [SR_TGT_COURSE] = true },
	[SR_SG_SECTION_UPDATE]  = { [SR_TGT_SECTION] = true },
	[SR_SG_TEACHER_ADD]     = { [SR_TGT_MEMBERSHIP] = true },
	[SR_SG_TEACHER_RESTORE] = { [SR_TGT_MEMBERSHIP] = true },
	[SR_SG_STUDENT_ADD]     = { [SR_TGT_MEMBERSHIP] = true },
	[SR_SG_STUDENT_RESTORE] = { [SR_TGT_MEMBERSHIP] = true },
	[SR_SG_TEACHER_DROP]    = { [SR_TGT_MEMBERSHIP] = true },
	[SR_SG_STUDENT_DROP]    = { [SR_TGT_MEMBERSHIP] = true },
	[SR_SG_USER_INACTIVATE] = { [SR_TGT_USER] = true },
};
/* clang-format on */

const char *sr_fence_verdict_name(sr_fence_verdict v)
{
	return (unsigned)v < SR_FENCE_COUNT ? names[v] : "?";
}

sr_fence_verdict sr_fence_school(const sr_fence_state *s)
{
	if (s->plan_epoch != s->school.epoch)
		return SR_FENCE_STALE;
	if (!sr_phase_may_write(&s->school, s->manual, s->year_over))
		return SR_FENCE_PHASE;
	if (s->blocked)
		return SR_FENCE_BLOCKED;
	return s->stop ? SR_FENCE_STOPPED : SR_FENCE_OK;
}

static sr_fence_verdict judge_year(const sr_fence_state *s, const sr_fence_object *o)
{
	const sr_yearid active = s->school.active;

	if (o->kind == SR_TGT_SECTION || o->kind == SR_TGT_MEMBERSHIP)
		return o->year != SR_YEARID_NONE && o->year == active ? SR_FENCE_OK : SR_FENCE_OTHER_YEAR;
	return o->highest > active ? SR_FENCE_OLDER_YEAR : SR_FENCE_OK;
}

sr_fence_verdict sr_fence_object_judge(const sr_fence_state *s, const sr_fence_object *o)
{
	sr_fence_verdict verdict;

	if ((unsigned)o->kind >= SR_TGT_COUNT)
		return SR_FENCE_NOT_SENT;
	verdict = judge_year(s, o);
	if (verdict != SR_FENCE_OK)
		return verdict;
	if (o->is_acting_user && (o->kind == SR_TGT_USER || sr_stage_drops(o->stage)))
		return SR_FENCE_ACTING_USER;
	if (o->kind == SR_TGT_COURSE && !o->course_has_section)
		return SR_FENCE_NO_SECTION;
	/* The only DELETE: no other run may carry it, and its own run carries nothing else. */
	if ((o->stage == SR_SG_USER_INACTIVATE) != s->inactivates)
		return SR_FENCE_NOT_SENT;
	return (unsigned)o->stage < SR_SG_COUNT && carries[o->stage][o->kind] ? SR_FENCE_OK : SR_FENCE_NOT_SENT;
}

static sr_permit *permit(sr_stage stage, size_t count, bool period)
{
	sr_permit *p = malloc(sizeof(*p));

	if (p)
		*p = (sr_permit){ .stage = stage, .count = count, .period = period };
	return p;
}

/* The first object that may not go, and why; `count`: all may. */
static size_t first_refused(
	const sr_fence_state *s, const sr_fence_object *objects, size_t count, sr_fence_verdict *verdict)
{
	for (size_t i = 0; i < count; i++) {
		*verdict = sr_fence_object_judge(s, &objects[i]);
		if (*verdict == SR_FENCE_OK && (i >= SR_BATCH_MAX || objects[i].stage != objects[0].stage))
			*verdict = SR_FENCE_NOT_SENT;
		if (*verdict != SR_FENCE_OK)
			return i;
	}
	return count;
}

sr_permit *sr_fence_pass(
	const sr_fence_state *s, const sr_fence_object *objects, size_t count, sr_fence_verdict *verdict, size_t *which)
{
	*which = count;
	*verdict = sr_fence_school(s);
	if (*verdict != SR_FENCE_OK)
		return NULL;
	if (count == 0) {
		*verdict = SR_FENCE_NOT_SENT;
		return NULL;
	}
	*which = first_refused(s, objects, count, verdict);
	return *which == count ? permit(objects[0].stage, count, false) : NULL;
}

sr_permit *sr_fence_pass_period(const sr_fence_state *s, sr_yearid period_year, sr_fence_verdict *verdict)
{
	if (s->school.phase == SR_PH_PAUSED)
		*verdict = SR_FENCE_PHASE;
	else if (s->blocked)
		*verdict = SR_FENCE_BLOCKED;
	else if (s->stop)
		*verdict = SR_FENCE_STOPPED;
	else if (period_year == SR_YEARID_NONE || period_year != s->school.active)
		*verdict = SR_FENCE_OTHER_YEAR;
	else
		*verdict = SR_FENCE_OK;
	return *verdict == SR_FENCE_OK ? permit(SR_SG_COUNT, 1, true) : NULL;
}

void sr_permit_free(sr_permit *p)
{
	free(p);
}

static bool spend(sr_permit *p, bool fits)
{
	bool good = fits && !p->spent;

	p->spent = true;
	return good;
}

bool sr_permit_spend(sr_permit *p, sr_stage stage, size_t count)
{
	return p && spend(p, !p->period && p->stage == stage && p->count == count);
}

bool sr_permit_spend_period(sr_permit *p)
{
	return p && spend(p, p->period);
}
