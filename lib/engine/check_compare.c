/* An object as Schoology holds it now against what it was confirmed to hold. What differs is told by the names of its
 * fields, never by their contents. Taking it in is not repairing: the next run plans that, with all that may stop it.
 */
#include "engine/check_priv.h"

#include <stdio.h>
#include <string.h>

#include "io/store_leaver.h"

#define MEMBER_ACTIVE 1
#define MEMBER_EXPIRED 2
#define MEMBERS_MAX 2000

/* ---- values ------------------------------------------------------------------------------------- */

static bool has_id(const char *list, int64_t id)
{
	for (const char *p = list; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (strtoll(p, NULL, 10) == id)
			return true;
	return false;
}

/* Every id of `ids` stands in `list`. */
static bool holds(const char *list, const char *ids)
{
	for (const char *p = ids; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (!has_id(list, strtoll(p, NULL, 10)))
			return false;
	return true;
}

static bool is_list(const sr_kind *kind, size_t field)
{
	return kind == &sr_tgt_kinds[SR_TGT_USER] && field == SR_U_ADDITIONAL_BUILDINGS;
}

static bool same(const sr_record *held, const sr_record *now, size_t field)
{
	const sr_field *f = &held->kind->fields[field];
	const char *ours, *theirs;

	if (f->type != SR_T_TEXT)
		return sr_record_int(held, field, 0) == sr_record_int(now, field, 0);
	ours = sr_record_text(held, field) ?: "";
	theirs = sr_record_text(now, field) ?: "";
	if (is_list(held->kind, field))
		return holds(theirs, ours) && holds(ours, theirs);
	return (f->flags & SR_F_LOGIN ? sr_strcaseeq : sr_streq)(ours, theirs);
}

/* Fields that we have given a value, or whose emptiness is ours as well. */
static uint32_t differing(const sr_record *held, const sr_record *now, uint32_t among)
{
	uint32_t fields = 0;

	for (size_t i = 0; i < held->kind->count; i++)
		if ((among >> i & 1) && (held->v[i].set || held->kind->fields[i].flags & SR_F_CLEAR) &&
			!same(held, now, i))
			fields |= 1u << i;
	return fields;
}

static void copy(sr_record *to, const sr_record *from, uint32_t fields)
{
	for (size_t i = 0; i < to->kind->count; i++)
		if (fields >> i & 1)
			to->v[i] = from->v[i];
}

/* It was thought to be gone and stands there: it waits no longer. */
static int back(sr_run *r, sr_txn *t, sr_mirror_row *row, sr_err *err)
{
	if (!r->check->ask.repair && !r->check->ask.daily)
		return 0;
	row->object.gone = row->object.restorable = false;
	return sr_check_take(r, t, row, err);
}

/* What differs of an object that is there. */
static int differs(sr_run *r, sr_txn *t, sr_mirror_row *row, const sr_record *now, uint32_t fields, sr_finding what,
	sr_arena *a, sr_err *err)
{
	int flipped = fields ? sr_check_flipped(r, t, row, now, fields, a, err) : 0;

	if (flipped < 0 || !fields)
		return flipped;
	sr_check_found(r,
		&(sr_flaw){
			.what = flipped ? SR_FI_FLIPPED : what, .kind = row->kind, .key = row->key, .fields = fields },
		flipped);
	if (!sr_check_takes(r, row->kind, what))
		return 0;
	copy(&row->object.values, now, fields);
	return sr_check_take(r, t, row, err);
}

/* ---- users -------------------------------------------------------------------------------------- */

bool sr_check_skips(const sr_run *r, const sr_mirror_row *row)
{
	const sr_mirror_object *o = &row->object;

	return o->is_acting_user || o->sgy_id == r->e->acting.id || (o->restorable && !o->gone);
}

static int missing_add(struct sr_check *k, int64_t person, sr_err *err)
{
	size_t cap = k->missing_cap ? 2 * k->missing_cap : 64;
	int64_t *grown;

	if (k->missing_count == k->missing_cap) {
		grown = realloc(k->missing, cap * sizeof(*grown));
		if (!grown)
			return sr_fail_nomem(err);
		k->missing = grown;
		k->missing_cap = cap;
	}
	k->missing[k->missing_count++] = person;
	return 0;
}

int sr_check_user(sr_run *r, sr_txn *t, sr_mirror_row *row, const sr_read_answer *answer, sr_arena *a, sr_err *err)
{
	const uint32_t all = ~(1u << SR_U_SCHOOL_UID);
	const sr_target_user *u = NULL;
	sr_record now;

	for (size_t i = 0; i < answer->count && !u; i++)
		if (answer->users[i].id == row->object.sgy_id)
			u = &answer->users[i];
	if (!u)
		return row->object.gone ? 0 : missing_add(r->check, row->ident.a, err);
	sr_record_init(&now, &sr_tgt_kinds[SR_TGT_USER]);
	if (sr_adopt_take_user(u, a, &now, err) < 0)
		return -1;
	/* Somebody brought him back: the next run asks what he has. */
	if (row->object.gone)
		return sr_store_recheck_add(t, &(sr_recheck){ row->ident.a, true }, err);
	return differs(r, t, row, &now, differing(&row->object.values, &now, all), SR_FI_DIFFERENT, a, err);
}

/* Not among the active users; a look at the inactive ones has told which it is. */
int sr_check_absent(sr_run *r, sr_txn *t, sr_mirror_row *row, bool inactive, sr_err *err)
{
	const sr_finding what = inactive ? SR_FI_INACTIVE : SR_FI_MISSING;

	/* An inactive account comes back by the next run, unless the configuration leaves that to a person. */
	sr_check_found(r, &(sr_flaw){ .what = what, .kind = SR_TGT_USER, .key = row->key },
		!inactive || r->e->c.config->sync.found_inactive == SR_FOUND_ASK);
	if (!sr_check_takes(r, SR_TGT_USER, what))
		return 0;
	row->object.gone = true;
	row->object.restorable = inactive;
	return sr_check_take(r, t, row, err);
}

/* ---- courses and sections ----------------------------------------------------------------------- */

static int gone(sr_run *r, sr_txn *t, sr_mirror_row *row, sr_finding what, sr_err *err)
{
	if (row->object.gone)
		return 0;
	sr_check_found(r, &(sr_flaw){ .what = what, .kind = row->kind, .key = row->key }, true);
	if (!sr_check_takes(r, row->kind, what))
		return 0;
	row->object.gone = true;
	return sr_check_take(r, t, row, err);
}

int sr_check_course(sr_run *r, sr_txn *t, sr_mirror_row *row, const sr_read_answer *answer, sr_arena *a, sr_err *err)
{
	const sr_target_course *c = NULL;
	sr_record now;

	for (size_t i = 0; i < answer->count && !c; i++)
		if (answer->courses[i].id == row->object.sgy_id)
			c = &answer->courses[i];
	if (!c)
		return gone(r, t, row, SR_FI_MISSING, err);
	if (row->object.gone)
		return back(r, t, row, err);
	sr_record_init(&now, &sr_tgt_kinds[SR_TGT_COURSE]);
	if (!sr_record_set_text(&now, SR_C_TITLE, c->title, a))
		return sr_fail_nomem(err);
	return differs(
		r, t, row, &now, differing(&row->object.values, &now, 1u << SR_C_TITLE), SR_FI_DIFFERENT, a, err);
}

/* Of the periods it has, ours; what is not there any more is ours to add again. */
static int our_periods(sr_record *now, const sr_record *held, const char *theirs, sr_arena *a, sr_err *err)
{
	SR_AUTO(sr_buf) kept = { 0 };

	for (const char *p = sr_record_text(held, SR_S_GRADING_PERIODS); p && *p;
		p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (has_id(theirs, strtoll(p, NULL, 10)))
			sr_buf_printf(&kept, "%s%lld", kept.len ? "," : "", strtoll(p, NULL, 10));
	if (kept.failed || !sr_record_set_text(now, SR_S_GRADING_PERIODS, sr_buf_text(&kept), a))
		return sr_fail_nomem(err);
	return 0;
}

/* Its course is never changed by sisroll, so a section that somebody moved waits for the person who moves it back. */
static int course_moved(
	sr_run *r, sr_txn *t, const sr_mirror_row *row, const sr_target_section *s, sr_arena *a, sr_err *err)
{
	const char *code = sr_record_text(&row->object.values, SR_S_COURSE_CODE);
	sr_mirror_row course;
	int found = code && s->course_id ? sr_store_mirror_by_key(t, a, SR_TGT_COURSE, code, &course, err) : 0;

	if (found <= 0 || course.object.gone || course.object.sgy_id == s->course_id)
		return found < 0 ? -1 : 0;
	sr_check_found(r,
		&(sr_flaw){ .what = SR_FI_MOVED,
			.kind = SR_TGT_SECTION,
			.key = row->key,
			.fields = 1u << SR_S_COURSE_CODE,
			.text = sr_arena_printf(
				a, "it stands in course %lld: move it back in Schoology", (long long)s->course_id) },
		true);
	return 0;
}

static const sr_target_section *section_of(const sr_read_answer *answer, const sr_mirror_row *row, bool *replaced)
{
	*replaced = false;
	for (size_t i = 0; i < answer->count; i++) {
		if (answer->sections[i].id == row->object.sgy_id)
			return &answer->sections[i];
		*replaced |= sr_strcaseeq(answer->sections[i].code, row->key);
	}
	return NULL;
}

int sr_check_section(sr_run *r, sr_txn *t, sr_mirror_row *row, const sr_read_answer *answer, sr_arena *a, sr_err *err)
{
	bool replaced;
	const sr_target_section *s = section_of(answer, row, &replaced);
	const sr_record *held = &row->object.values;
	sr_record now;

	if (!s)
		return gone(r, t, row, replaced ? SR_FI_REPLACED : SR_FI_MISSING, err);
	if (row->object.gone)
		return back(r, t, row, err);
	sr_record_init(&now, &sr_tgt_kinds[SR_TGT_SECTION]);
	if (!sr_record_set_text(&now, SR_S_TITLE, s->title, a))
		return sr_fail_nomem(err);
	if (our_periods(&now, held, s->periods, a, err) < 0 || course_moved(r, t, row, s, a, err) < 0 ||
		differs(r, t, row, &now, differing(held, &now, 1u << SR_S_GRADING_PERIODS), SR_FI_MOVED, a, err) < 0)
		return -1;
	return differs(r, t, row, &now, differing(held, &now, 1u << SR_S_TITLE), SR_FI_DIFFERENT, a, err);
}

/* ---- members ------------------------------------------------------------------------------------ */

/* The row that stands, if any does: a member may be listed with a former enrollment too. */
static const sr_target_member *member_of(const sr_read_answer *answer, const char *uid, bool archived_by_us)
{
	const sr_target_member *found = NULL;

	for (size_t i = 0; i < answer->count; i++) {
		const sr_target_member *m = &answer->members[i];

		if (!sr_strcaseeq(m->school_uid, uid))
			continue;
		if (m->status == MEMBER_ACTIVE || (m->status == MEMBER_EXPIRED && !archived_by_us))
			return m;
		found = m;
	}
	return found;
}

static bool stands(const sr_target_member *m, bool archived_by_us)
{
	return m && (m->status == MEMBER_ACTIVE || (m->status == MEMBER_EXPIRED && !archived_by_us));
}

/* Archived by us and active again: what PowerSchool says of him is planned anew. */
static int member_away(sr_run *r, sr_txn *t, sr_mirror_row *row, const sr_target_member *m, sr_err *err)
{
	if (!stands(m, true))
		return 0;
	sr_check_found(r, &(sr_flaw){ .what = SR_FI_REVIVED, .kind = SR_TGT_MEMBERSHIP, .key = row->key }, false);
	if (!sr_check_takes(r, SR_TGT_MEMBERSHIP, SR_FI_REVIVED))
		return 0;
	row->object.restorable = row->object.gone = false;
	row->object.sgy_id = m->id;
	sr_record_set_int(&row->object.values, SR_M_STATUS, MEMBER_ACTIVE);
	sr_record_set_int(&row->object.values, SR_M_ADMIN, m->admin);
	return sr_check_take(r, t, row, err);
}

/* Not there any more, or archived by somebody: it comes back by a person's word only. */
static int member_lost(sr_run *r, sr_txn *t, sr_mirror_row *row, const sr_target_member *m, sr_err *err)
{
	if (!m)
		return gone(r, t, row, SR_FI_MISSING, err);
	sr_check_found(r, &(sr_flaw){ .what = SR_FI_ARCHIVED, .kind = SR_TGT_MEMBERSHIP, .key = row->key }, true);
	if (!sr_check_takes(r, SR_TGT_MEMBERSHIP, SR_FI_ARCHIVED))
		return 0;
	row->object.sgy_id = m->id;
	sr_record_set_int(&row->object.values, SR_M_STATUS, m->status);
	return sr_check_take(r, t, row, err);
}

static int member_check(
	sr_run *r, sr_txn *t, sr_mirror_row *row, const sr_read_answer *answer, sr_arena *a, sr_err *err)
{
	const char *uid = sr_record_text(&row->object.values, SR_M_SCHOOL_UID);
	bool ours = row->object.restorable ||
		    !sr_member_stands((int)sr_record_int(&row->object.values, SR_M_STATUS, 1));
	const sr_target_member *m = member_of(answer, uid, row->object.restorable);
	sr_record now;

	if (row->object.restorable)
		return member_away(r, t, row, m, err);
	if (!stands(m, false))
		return ours || row->object.gone ? 0 : member_lost(r, t, row, m, err);
	if (row->object.gone || ours) {
		sr_record_set_int(&row->object.values, SR_M_STATUS, MEMBER_ACTIVE);
		return back(r, t, row, err);
	}
	sr_record_init(&now, &sr_tgt_kinds[SR_TGT_MEMBERSHIP]);
	sr_record_set_int(&now, SR_M_ADMIN, m->admin);
	return differs(
		r, t, row, &now, differing(&row->object.values, &now, 1u << SR_M_ADMIN), SR_FI_DIFFERENT, a, err);
}

/* Members that sisroll did not make are left alone, and counted. */
static int64_t extra(const sr_run *r, const sr_read_answer *answer, const sr_mirror_row *rows, size_t count)
{
	int64_t n = 0;

	for (size_t i = 0; i < answer->count; i++) {
		const sr_target_member *m = &answer->members[i];
		bool known = m->uid == r->e->acting.id || !sr_member_stands(m->status);

		for (size_t k = 0; k < count && !known; k++)
			known = sr_strcaseeq(m->school_uid, sr_record_text(&rows[k].object.values, SR_M_SCHOOL_UID));
		n += !known;
	}
	return n;
}

int sr_check_members(sr_run *r, sr_txn *t, int64_t section, const sr_read_answer *answer, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_mirror_row *rows;
	size_t count, n = 0;

	if (sr_store_mirror_range(t, &arena, SR_TGT_MEMBERSHIP, r->s->number, r->year, (sr_ident){ section, INT64_MIN },
		    MEMBERS_MAX, &rows, &count, err) < 0)
		return -1;
	while (n < count && rows[n].ident.a == section)
		n++;
	for (size_t i = 0; i < n; i++) {
		sr_mirror_row user;
		int found = sr_store_mirror_get(t, &arena, SR_TGT_USER, (sr_ident){ rows[i].ident.b, 0 }, &user, err);

		/* The memberships of an account that is not active are not shown; they go with it. */
		if (found < 0 || (found && !sr_check_skips(r, &user) && !user.object.gone &&
					 member_check(r, t, &rows[i], answer, &arena, err) < 0))
			return -1;
	}
	r->check->extra_members += extra(r, answer, rows, n);
	return 0;
}
