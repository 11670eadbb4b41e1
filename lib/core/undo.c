/* An undo goes from state to state, not from operation to operation: what was made and changed again in one
 * run is one step, and one step back. */
#include "core/undo.h"

#include <string.h>

/* Where an operation finds an object, and where it leaves it. */
static const struct {
	sr_stand from, to;
} steps[SR_OP_COUNT] = {
	[SR_OP_CREATE] = { SR_STAND_NONE, SR_STAND_THERE },
	[SR_OP_UPDATE] = { SR_STAND_THERE, SR_STAND_THERE },
	[SR_OP_DROP] = { SR_STAND_THERE, SR_STAND_AWAY },
	[SR_OP_RESTORE] = { SR_STAND_AWAY, SR_STAND_THERE },
	[SR_OP_INACTIVATE] = { SR_STAND_THERE, SR_STAND_AWAY },
};

/* What leads from one standing to another. Nothing leads to NONE: the most that is done is to archive. */
static const sr_op leads[SR_STAND_COUNT][SR_STAND_COUNT] = {
	[SR_STAND_NONE] = { SR_OP_KEEP, SR_OP_KEEP, SR_OP_CREATE },
	[SR_STAND_AWAY] = { SR_OP_KEEP, SR_OP_KEEP, SR_OP_RESTORE },
	[SR_STAND_THERE] = { SR_OP_DROP, SR_OP_DROP, SR_OP_UPDATE },
};

/* Why the making of these is not taken back; NULL: it is, by archiving. */
static const char *const stays[SR_TGT_COUNT] = {
	[SR_TGT_USER] = "the account stays: an undo makes nobody inactive",
	[SR_TGT_COURSE] = "the course stays: an undo deletes nothing",
	[SR_TGT_SECTION] = "the section stays: an undo deletes nothing",
};

static int values_read(const sr_plan_item *item, const sr_packed *p, sr_arena *arena, sr_record *out, sr_err *err)
{
	sr_record_init(out, &sr_tgt_kinds[item->kind]);
	return p->len ? sr_record_unpack(out->kind, p->bytes, p->len, arena, out, err) : 0;
}

int sr_deed_add(sr_deed *d, const sr_plan_item *item, sr_arena *arena, sr_err *err)
{
	const sr_change change = { .op = item->op, .fields = item->fields };
	sr_record before, after, left;

	if (item->op == SR_OP_KEEP)
		return 0;
	if (item->kind != d->kind)
		return sr_fail(err, SR_E_INVALID, "operations on two kinds do not make one deed");
	if (values_read(item, &item->before, arena, &before, err) < 0 ||
		values_read(item, &item->after, arena, &after, err) < 0 ||
		sr_diff_apply(item->kind, &change, &before, &after, arena, &left, err) < 0)
		return -1;
	if (!d->begun)
		d->from = (sr_deed_side){ steps[item->op].from, before };
	d->begun = true;
	d->fields |= item->fields;
	d->to = (sr_deed_side){ steps[item->op].to, left };
	return 0;
}

sr_deed sr_deed_reverse(const sr_deed *d)
{
	sr_deed back = *d;

	back.from = d->to;
	back.to = d->from;
	return back;
}

/* Fields that an update may send: keys are frozen, and an archived membership is no other field. */
static uint32_t open_fields(const sr_deed *d)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < sr_tgt_kinds[d->kind].count; i++) {
		unsigned flags = sr_tgt_kinds[d->kind].fields[i].flags;

		if ((d->fields >> i & 1) && (flags & SR_F_UPDATE) && !(flags & SR_F_KEY) &&
			!(d->kind == SR_TGT_MEMBERSHIP && i == SR_M_STATUS))
			mask |= 1u << i;
	}
	return mask;
}

static sr_deed_act judge_update(const sr_deed *d)
{
	sr_deed_act act = { .op = SR_OP_UPDATE, .fields = open_fields(d) };

	for (size_t i = 0; i < sr_tgt_kinds[d->kind].count; i++) {
		const sr_field *f = &sr_tgt_kinds[d->kind].fields[i];

		if (!(act.fields >> i & 1))
			continue;
		if (sr_value_eq(f->type, &d->from.values.v[i], &d->to.values.v[i])) {
			act.fields &= ~(1u << i);
		} else if (!d->to.values.v[i].set && !(f->flags & SR_F_CLEAR)) {
			act.fields &= ~(1u << i);
			act.why = "a field that stood empty before stays as it is now";
		}
	}
	if (!act.fields)
		act.op = SR_OP_KEEP;
	return act;
}

sr_deed_act sr_deed_judge(const sr_deed *d)
{
	sr_op op = leads[d->from.stand][d->to.stand];

	if (!d->begun)
		return (sr_deed_act){ SR_OP_KEEP, 0, NULL };
	if (op == SR_OP_UPDATE)
		return judge_update(d);
	if (op == SR_OP_DROP && stays[d->kind])
		return (sr_deed_act){ SR_OP_KEEP, 0, stays[d->kind] };
	return (sr_deed_act){ op, d->kind == SR_TGT_MEMBERSHIP && op != SR_OP_KEEP ? 1u << SR_M_STATUS : 0, NULL };
}

/* Is `id`, len bytes long, one of the comma list? */
static bool listed(const char *list, const char *id, size_t len)
{
	while (*list) {
		size_t n = strcspn(list, ",");

		if (n == len && memcmp(list, id, len) == 0)
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

/* Every id of `ids` that is not in `but` stands in `list` (there true), or none does (false). */
static bool all_listed(const char *list, const char *ids, const char *but, bool there)
{
	while (*ids) {
		size_t n = strcspn(ids, ",");

		if (n && !listed(but, ids, n) && listed(list, ids, n) != there)
			return false;
		ids += n + (ids[n] == ',');
	}
	return true;
}

/* A list of ids: our own part of it is as `side` has it. What the deed never spoke of is not looked at where the
 * list is others' too (grading periods). */
static bool list_at(const sr_deed *d, size_t field, bool to, const char *now)
{
	const char *wanted = sr_record_text(to ? &d->to.values : &d->from.values, field) ?: "";
	const char *other = sr_record_text(to ? &d->from.values : &d->to.values, field) ?: "";

	if (!all_listed(now, wanted, "", true) || !all_listed(now, other, wanted, false))
		return false;
	return d->kind == SR_TGT_SECTION || all_listed(wanted, now, "", true);
}

static bool field_at(const sr_deed *d, size_t field, bool to, const sr_record *now)
{
	const sr_field *f = &sr_tgt_kinds[d->kind].fields[field];
	const sr_record *side = to ? &d->to.values : &d->from.values;
	const char *wanted, *there;

	if ((d->kind == SR_TGT_SECTION && field == SR_S_GRADING_PERIODS) ||
		(d->kind == SR_TGT_USER && field == SR_U_ADDITIONAL_BUILDINGS))
		return list_at(d, field, to, sr_record_text(now, field) ?: "");
	if (f->type != SR_T_TEXT)
		return sr_record_int(side, field, 0) == sr_record_int(now, field, 0);
	wanted = sr_record_text(side, field) ?: "";
	there = sr_record_text(now, field) ?: "";
	return (f->flags & SR_F_LOGIN ? sr_strcaseeq : sr_streq)(wanted, there);
}

bool sr_deed_at(const sr_deed *d, bool to, const sr_deed_side *now, const char **differs)
{
	const sr_deed_side *side = to ? &d->to : &d->from;
	const char *ignored;

	if (!differs)
		differs = &ignored;
	*differs = NULL;
	/* Archived, and not there at all, are the same to who looks from outside. */
	if ((side->stand == SR_STAND_THERE) != (now->stand == SR_STAND_THERE))
		return false;
	if (now->stand != SR_STAND_THERE)
		return true;
	for (size_t i = 0; i < sr_tgt_kinds[d->kind].count; i++) {
		if (!(open_fields(d) >> i & 1) || field_at(d, i, to, &now->values))
			continue;
		*differs = sr_tgt_kinds[d->kind].fields[i].name;
		return false;
	}
	return true;
}
