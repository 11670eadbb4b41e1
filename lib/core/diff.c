/* What stands in Schoology against what should. The fields' flags (model.c) say what may be sent
 * when; only the role, the grading periods and the status have a rule of their own here. */
#include "core/diff.h"

#include <stdlib.h>
#include <string.h>

#define MEMBER_ACTIVE 1
#define MEMBER_ARCHIVED 5

static const char *const op_names[SR_OP_COUNT] = {
	[SR_OP_KEEP] = "keep",
	[SR_OP_CREATE] = "create",
	[SR_OP_UPDATE] = "update",
	[SR_OP_DROP] = "drop",
	[SR_OP_RESTORE] = "restore",
	[SR_OP_INACTIVATE] = "inactivate",
};

const char *sr_op_name(sr_op op)
{
	return (unsigned)op < SR_OP_COUNT ? op_names[op] : "?";
}

static sr_change keep(const char *why)
{
	return (sr_change){ .op = SR_OP_KEEP, .why = why };
}

static uint32_t bit(size_t field)
{
	return (uint32_t)1 << field;
}

static bool is_active_member(const sr_record *membership)
{
	return sr_record_int(membership, SR_M_STATUS, MEMBER_ACTIVE) == MEMBER_ACTIVE;
}

static sr_change diff_drop(sr_tgt kind, const sr_mirror_object *mirror)
{
	if (kind != SR_TGT_MEMBERSHIP || !mirror || mirror->gone)
		return keep(NULL);
	if (mirror->origin != SR_OR_OURS)
		return keep("found in Schoology, not made by sisroll");
	if (mirror->is_acting_user)
		return keep("the acting user is left alone");
	if (mirror->restorable || !is_active_member(&mirror->values))
		return keep("archived already");
	return (sr_change){ .op = SR_OP_DROP, .fields = bit(SR_M_STATUS) };
}

static sr_change diff_create(const sr_record *desired, const char *waits_for)
{
	sr_change c = { .op = SR_OP_CREATE, .waits = waits_for != NULL, .why = waits_for };

	for (size_t i = 0; i < desired->kind->count; i++)
		if (desired->v[i].set && (desired->kind->fields[i].flags & SR_F_CREATE))
			c.fields |= bit(i);
	return c;
}

static bool among(const sr_diff_ctx *ctx, int64_t role)
{
	for (size_t i = 0; i < ctx->mapped_roles_count; i++)
		if (ctx->mapped_roles[i] == role)
			return true;
	return false;
}

/* A role is changed only if sisroll set the one that stands, from a mapped one to another. */
static bool role_may_change(const sr_record *desired, const sr_mirror_object *mirror, const sr_diff_ctx *ctx)
{
	const int64_t now = sr_record_int(&mirror->values, SR_U_ROLE_ID, 0);

	return now && now == mirror->role_by_us && among(ctx, now) &&
	       among(ctx, sr_record_int(desired, SR_U_ROLE_ID, 0));
}

/* Whether a field that differs, and whose difference makes an update, may be updated by its own rule. */
static bool guard_passes(
	sr_tgt kind, size_t field, const sr_record *desired, const sr_mirror_object *mirror, const sr_diff_ctx *ctx)
{
	if (kind == SR_TGT_USER)
		return field == SR_U_ROLE_ID && role_may_change(desired, mirror, ctx);
	/* Periods: both sides are our own set, so a difference is a change of ours. */
	return kind == SR_TGT_SECTION && field == SR_S_GRADING_PERIODS;
}

/* The fields with any of `flags` that differ. An unset field is not sent, so it differs only where it is cleared. */
static uint32_t differing(const sr_record *desired, const sr_record *held, unsigned flags)
{
	uint32_t fields = 0;

	for (size_t i = 0; i < desired->kind->count; i++) {
		const sr_field *f = &desired->kind->fields[i];

		if ((f->flags & flags) && (desired->v[i].set || (f->flags & SR_F_CLEAR)) &&
			!sr_value_eq(f->type, &desired->v[i], &held->v[i]))
			fields |= bit(i);
	}
	return fields;
}

static sr_change diff_update(
	sr_tgt kind, const sr_record *desired, const sr_mirror_object *mirror, const sr_diff_ctx *ctx)
{
	sr_change c = { .op = SR_OP_UPDATE, .fields = differing(desired, &mirror->values, SR_F_UPDATE) };

	for (size_t i = 0; i < desired->kind->count; i++) {
		const unsigned flags = desired->kind->fields[i].flags;

		if (!(c.fields & bit(i)))
			continue;
		if ((flags & SR_F_GUARD) && !guard_passes(kind, i, desired, mirror, ctx))
			c.fields &= ~bit(i);
		else
			c.login |= (flags & SR_F_LOGIN) != 0;
	}
	return c.fields ? c : keep(NULL);
}

static sr_change diff_status(const sr_mirror_object *mirror)
{
	sr_change c = { .op = SR_OP_RESTORE, .fields = bit(SR_M_STATUS) };

	if (!mirror->restorable) {
		c.waits = true;
		c.why = "archived in Schoology, not by sisroll";
	}
	return c;
}

/* An account comes back as it is; what of it is to be changed is another operation, once it is there. */
static sr_change diff_inactive(const sr_mirror_object *mirror, const sr_diff_ctx *ctx)
{
	sr_change c = { .op = SR_OP_RESTORE };

	if (mirror->gone && ctx->ask_inactive) {
		c.waits = true;
		c.why = "made inactive in Schoology by somebody; [sync] found_inactive = ask";
	}
	return c;
}

static sr_change diff_present(
	sr_tgt kind, const sr_record *desired, const sr_mirror_object *mirror, const sr_diff_ctx *ctx)
{
	uint32_t drifted;

	if (!mirror)
		return diff_create(desired, NULL);
	if (kind == SR_TGT_USER && mirror->is_acting_user)
		return keep("the acting user is left alone");
	if (kind == SR_TGT_USER && mirror->restorable)
		return diff_inactive(mirror, ctx);
	if (mirror->gone)
		return diff_create(desired, "deleted in Schoology by somebody; not made again by itself");
	drifted = differing(desired, &mirror->values, SR_F_KEY);
	if (drifted)
		return (sr_change){ .op = SR_OP_UPDATE,
			.fields = drifted,
			.waits = true,
			.why = "its key would change, and a key is frozen once written" };
	if (kind == SR_TGT_USER && !ctx->may_update_person)
		return keep("the account is updated by the home school only");
	if (kind == SR_TGT_MEMBERSHIP && is_active_member(desired) &&
		(mirror->restorable || !is_active_member(&mirror->values)))
		return diff_status(mirror);
	return diff_update(kind, desired, mirror, ctx);
}

sr_change sr_diff(
	sr_tgt kind, sr_want want, const sr_record *desired, const sr_mirror_object *mirror, const sr_diff_ctx *ctx)
{
	if (want == SR_WANT_DROP)
		return diff_drop(kind, mirror);
	if (want != SR_WANT_PRESENT || !desired)
		return keep(NULL);
	return diff_present(kind, desired, mirror, ctx);
}

static bool copy_value(sr_record *to, const sr_record *from, size_t field, sr_arena *arena)
{
	if (from->v[field].set && from->kind->fields[field].type == SR_T_TEXT)
		return sr_record_set_text(to, field, from->v[field].s, arena);
	to->v[field] = from->v[field];
	return true;
}

/* Copies the fields of `mask` that are set in `from`; one that can be cleared is, where it is not. */
static bool copy_fields(sr_record *to, const sr_record *from, uint32_t mask, sr_arena *arena)
{
	for (size_t i = 0; i < from->kind->count; i++) {
		if (!(mask & bit(i)))
			continue;
		if (from->v[i].set && !copy_value(to, from, i, arena))
			return false;
		if (!from->v[i].set && (from->kind->fields[i].flags & SR_F_CLEAR))
			to->v[i] = (sr_value){ 0 };
	}
	return true;
}

static uint32_t key_fields(const sr_kind *kind)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < kind->count; i++)
		mask |= kind->fields[i].flags & SR_F_KEY ? bit(i) : 0;
	return mask;
}

int sr_diff_apply(sr_tgt kind, const sr_change *change, const sr_record *before, const sr_record *desired,
	sr_arena *arena, sr_record *after, sr_err *err)
{
	const bool creates = change->op == SR_OP_CREATE;
	const bool takes = creates || change->op == SR_OP_UPDATE || change->op == SR_OP_RESTORE;
	uint32_t mask = change->fields;
	sr_record out;

	if ((!creates && !before) || (takes && !desired))
		return sr_fail(err, SR_E_INVALID, "a %s of a %s lacks one of its sides", sr_op_name(change->op),
			sr_tgt_name(kind));
	if (!creates)
		mask &= ~key_fields(&sr_tgt_kinds[kind]);
	sr_record_init(&out, &sr_tgt_kinds[kind]);
	if (!creates && !copy_fields(&out, before, UINT32_MAX, arena))
		return sr_fail_nomem(err);
	if (takes && !copy_fields(&out, desired, mask, arena))
		return sr_fail_nomem(err);
	if (change->op == SR_OP_DROP)
		sr_record_set_int(&out, SR_M_STATUS,
			desired ? sr_record_int(desired, SR_M_STATUS, MEMBER_ARCHIVED) : MEMBER_ARCHIVED);
	*after = out;
	return 0;
}

typedef struct ids {
	int64_t *id;
	size_t count;
} ids;

static void ids_done(ids *list)
{
	free(list->id);
}

SR_AUTO_DEFINE(ids, ids_done);

static int by_id(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* One id of the list; `*at` is moved behind it and its comma. */
static bool read_id(const char **at, int64_t *out)
{
	size_t len = strcspn(*at, ",");
	char text[24];

	if (len >= sizeof(text))
		return false;
	memcpy(text, *at, len);
	text[len] = '\0';
	*at += len + ((*at)[len] == ',');
	return sr_parse_i64(sr_trim(text), out);
}

/* Reads a comma list (NULL or "": empty) into sorted ids. */
static int ids_read(const char *text, ids *out, sr_err *err)
{
	size_t room = text ? strlen(text) / 2 + 1 : 1;

	out->id = malloc(room * sizeof(*out->id));
	if (!out->id)
		return sr_fail_nomem(err);
	while (text && *text)
		if (!read_id(&text, &out->id[out->count++]))
			return sr_fail(err, SR_E_PARSE, "a list of grading periods cannot be read");
	qsort(out->id, out->count, sizeof(*out->id), by_id);
	return 0;
}

static bool ids_have(const ids *list, int64_t id)
{
	return bsearch(&id, list->id, list->count, sizeof(*list->id), by_id) != NULL;
}

static void put_id(sr_buf *out, int64_t id)
{
	sr_buf_printf(out, "%s%lld", out->len ? "," : "", (long long)id);
}

int sr_diff_periods(const char *theirs, const char *ours_before, const char *ours_now, sr_buf *out, sr_err *err)
{
	SR_AUTO(ids) there = { 0 };
	SR_AUTO(ids) before = { 0 };
	SR_AUTO(ids) now = { 0 };
	SR_AUTO(sr_buf) list = { 0 };
	size_t t = 0, n = 0;

	if (ids_read(theirs, &there, err) < 0 || ids_read(ours_before, &before, err) < 0 ||
		ids_read(ours_now, &now, err) < 0)
		return -1;
	while (t < there.count || n < now.count) {
		bool from_now = t == there.count || (n < now.count && now.id[n] <= there.id[t]);
		int64_t id = from_now ? now.id[n] : there.id[t];

		if (from_now || !ids_have(&before, id))
			put_id(&list, id);
		while (t < there.count && there.id[t] == id)
			t++;
		while (n < now.count && now.id[n] == id)
			n++;
	}
	if (list.failed)
		return sr_fail_nomem(err);
	if (list.len == 0)
		return sr_fail(err, SR_E_INVALID, "a section must keep at least one grading period");
	sr_buf_clear(out);
	sr_buf_puts(out, sr_buf_text(&list));
	return out->failed ? sr_fail_nomem(err) : 0;
}
