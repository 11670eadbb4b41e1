/* What Schoology should hold: target objects made from judged source rows.
 * Keys come from the mirror once they were written: a key is frozen (DESIGN section 4). */
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

/* A person's rows that let him in, over all schools, and who owns the account. */
typedef struct sr_account {
	sr_source_row *rows;
	size_t count;
	sr_school *owner;
	const sr_source_row *main;
} sr_account;

static int64_t row_home(const sr_source_row *row, sr_arena *a)
{
	sr_record rec;

	if (sr_record_unpack(&sr_src_kinds[row->kind], row->data.bytes, row->data.len, a, &rec, NULL) < 0)
		return 0;
	return row->kind == SR_SRC_STUDENT ? sr_record_int(&rec, SR_STU_SCHOOLID, 0)
					   : sr_record_int(&rec, SR_STF_HOMESCHOOLID, 0);
}

/* A row that is missing since it was judged still counts as it was judged: that it is gone is only known
 * when its own school's pull was proven and judged. */
static bool lets_in(sr_engine *e, const sr_source_row *row)
{
	const sr_school *s = sr_engine_school(e, row->school);

	return row->judged.effect == SR_EF_SYNC && s && s->config.sync;
}

/* The home school owns the account; if it is not synced, the lowest synced school number. */
static int account_load(sr_run *r, sr_txn *t, const sr_person *p, sr_arena *a, sr_account *acc, sr_err *err)
{
	sr_school *lowest = NULL, *home = NULL;

	if (sr_store_source_by_ident(
		    t, a, SR_SRC_STUDENT, SR_SRC_STAFF, (sr_ident){ p->ident, 0 }, &acc->rows, &acc->count, err) < 0)
		return -1;
	for (size_t i = 0; i < acc->count; i++) {
		sr_school *s = sr_engine_school(r->e, acc->rows[i].school);

		if (!lets_in(r->e, &acc->rows[i]))
			continue;
		if (!lowest || s->number < lowest->number)
			lowest = s;
		if (s->number == row_home(&acc->rows[i], a))
			home = s;
		if (acc->rows[i].school == r->s->number && (!acc->main || acc->rows[i].key == p->main_key))
			acc->main = &acc->rows[i];
	}
	acc->owner = home ? home : lowest;
	return 0;
}

static const sr_school *school_of(const sr_engine *e, int64_t building)
{
	for (size_t i = 0; i < e->school_count; i++)
		if (e->schools[i]->config.sync && e->schools[i]->building == building)
			return e->schools[i];
	return NULL;
}

/* A building that is listed already stays if somebody gave it by hand (it belongs to no synced school), and where a
 * class that was completed or waits keeps him there: leave is no removal. */
static int held_building(
	sr_run *r, sr_txn *t, const sr_account *acc, int64_t ident, int64_t building, sr_buf *list, sr_err *err)
{
	const sr_school *s = school_of(r->e, building);
	bool keep = !s;

	if (s == acc->owner || !building)
		return 0;
	for (size_t i = 0; s && i < acc->count; i++)
		if (acc->rows[i].school == s->number && lets_in(r->e, &acc->rows[i]))
			return 0; /* listed as desired */
	if (s && sr_store_source_keeps(t, ident, s->number, &keep, err) < 0)
		return -1;
	if (keep)
		sr_buf_printf(list, "%s%lld", list->len ? "," : "", (long long)building);
	return 0;
}

static int held_buildings(
	sr_run *r, sr_txn *t, const sr_account *acc, int64_t ident, sr_arena *a, sr_buf *list, sr_err *err)
{
	sr_mirror_row mirror;
	const char *at;
	char *end;
	int found = sr_store_mirror_get(t, a, SR_TGT_USER, (sr_ident){ ident, 0 }, &mirror, err);

	if (found <= 0)
		return found;
	at = sr_record_text(&mirror.object.values, SR_U_ADDITIONAL_BUILDINGS);
	while (at && *at) {
		int64_t building = strtoll(at, &end, 10);

		if (end == at)
			break;
		if (held_building(r, t, acc, ident, building, list, err) < 0)
			return -1;
		at = *end == ',' ? end + 1 : end;
	}
	return 0;
}

static int add_buildings(
	sr_run *r, sr_txn *t, const sr_account *acc, int64_t ident, sr_arena *a, sr_record *out, sr_err *err)
{
	SR_AUTO(sr_buf) list = { 0 };
	int64_t last = 0;

	for (size_t i = 0; i < acc->count; i++) {
		const sr_school *s = sr_engine_school(r->e, acc->rows[i].school);

		if (!lets_in(r->e, &acc->rows[i]) || s == acc->owner || !s->building || s->building == last ||
			s->building == acc->owner->building)
			continue;
		sr_buf_printf(&list, "%s%lld", list.len ? "," : "", (long long)s->building);
		last = s->building;
	}
	if (held_buildings(r, t, acc, ident, a, &list, err) < 0)
		return -1;
	if (list.failed || !sr_record_set_text(out, SR_U_ADDITIONAL_BUILDINGS, sr_buf_text(&list), a))
		return sr_fail_nomem(err);
	return 0;
}

static int64_t staff_role(const sr_context *c, const sr_record *staff, bool teaches)
{
	switch (sr_filter_staff_role(staff, teaches)) {
	case SR_ROLE_TEACHER:
		return c->role_teacher;
	case SR_ROLE_SUBSTITUTE:
		return c->role_substitute;
	case SR_ROLE_STAFF:
		return c->role_staff;
	default:
		return 0;
	}
}

/* Field of the user, template of the school (NULL: not sent). */
static int put_expanded(const sr_school *s, const char *tpl, const sr_source_row *row, const sr_record *rec,
	size_t field, sr_arena *a, sr_record *out, sr_err *err)
{
	SR_AUTO(sr_buf) text = { 0 };

	if (sr_key_expand(s, tpl, row->kind, rec, NULL, &text, err) < 0)
		return -1;
	return sr_record_set_text(out, field, sr_buf_text(&text), a) ? 0 : sr_fail_nomem(err);
}

static int student_fields(
	const sr_school *s, const sr_source_row *row, const sr_record *rec, sr_arena *a, sr_record *out, sr_err *err)
{
	int64_t grad = sr_record_int(rec, SR_STU_GRAD_YEAR, 0);

	out->v[SR_U_NAME_FIRST] = rec->v[SR_STU_FIRST_NAME];
	out->v[SR_U_NAME_LAST] = rec->v[SR_STU_LAST_NAME];
	if (grad >= 1990 && grad < 2200)
		sr_record_set_int(out, SR_U_GRAD_YEAR, grad);
	if (put_expanded(s, s->config.student_username, row, rec, SR_U_USERNAME, a, out, err) < 0)
		return -1;
	return put_expanded(s, s->config.student_email, row, rec, SR_U_PRIMARY_EMAIL, a, out, err);
}

static int staff_fields(
	const sr_school *s, const sr_source_row *row, const sr_record *rec, sr_arena *a, sr_record *out, sr_err *err)
{
	out->v[SR_U_NAME_FIRST] = rec->v[SR_STF_FIRST_NAME];
	out->v[SR_U_NAME_LAST] = rec->v[SR_STF_LAST_NAME];
	out->v[SR_U_NAME_FIRST_PREFERRED] = rec->v[SR_STF_PREFERREDNAME];
	if (put_expanded(s, s->config.staff_username, row, rec, SR_U_USERNAME, a, out, err) < 0)
		return -1;
	return put_expanded(s, s->config.staff_email, row, rec, SR_U_PRIMARY_EMAIL, a, out, err);
}

/* The frozen key of the mirror, else the template's. */
static int put_key(sr_run *r, sr_txn *t, sr_tgt kind, sr_ident ident, const char *made, size_t field, sr_arena *a,
	sr_record *out, sr_err *err)
{
	sr_mirror_row mirror;
	int found = sr_store_mirror_get(t, a, kind, ident, &mirror, err);

	(void)r;
	if (found < 0)
		return -1;
	return sr_record_set_text(out, field, found ? mirror.key : made, a) ? 0 : sr_fail_nomem(err);
}

int sr_desired_user(
	sr_run *r, sr_txn *t, const sr_person *p, sr_arena *a, sr_record *out, bool *may_update, sr_err *err)
{
	SR_AUTO(sr_buf) key = { 0 };
	sr_account acc = { 0 };
	bool teaches = false;
	sr_record rec;
	int64_t role;

	sr_record_init(out, &sr_tgt_kinds[SR_TGT_USER]);
	if (account_load(r, t, p, a, &acc, err) < 0 || sr_store_source_teaches(t, p->ident, &teaches, err) < 0)
		return -1;
	if (!acc.main || !acc.owner)
		return sr_fail(err, SR_E_DB, "person has no row that lets him in");
	if (sr_record_unpack(&sr_src_kinds[acc.main->kind], acc.main->data.bytes, acc.main->data.len, a, &rec, err) <
			0 ||
		sr_key_person(r->s, acc.main->kind, &rec, &key, err) < 0 ||
		put_key(r, t, SR_TGT_USER, (sr_ident){ p->ident, 0 }, sr_buf_text(&key), SR_U_SCHOOL_UID, a, out, err) <
			0)
		return -1;
	if ((acc.main->kind == SR_SRC_STUDENT ? student_fields : staff_fields)(r->s, acc.main, &rec, a, out, err) < 0)
		return -1;
	role = acc.main->kind == SR_SRC_STUDENT ? r->judge.ctx.role_student
						: staff_role(&r->judge.ctx, &rec, teaches || p->teaches);
	if (!role) /* he teaches elsewhere, and here that role is not mapped: the one that let him in */
		role = staff_role(&r->judge.ctx, &rec, p->teaches);
	sr_record_set_int(out, SR_U_ROLE_ID, role);
	sr_record_set_int(out, SR_U_BUILDING_ID, acc.owner->building ? acc.owner->building : r->s->building);
	*may_update = acc.owner == r->s &&
		      (r->s->row.state.phase == SR_PH_SYNCING || r->s->row.state.phase == SR_PH_RESUMED || r->manual ||
			      r->kind == SR_RK_REHEARSAL);
	return add_buildings(r, t, &acc, p->ident, a, out, err);
}

static int course_record(sr_run *r, sr_txn *t, const sr_course_view *c, sr_arena *a, sr_record *out, sr_err *err)
{
	sr_source_row row;
	int found = c->key ? sr_store_source_get(t, a, r->s->number, SR_SRC_COURSE, c->key, &row, err) : 0;

	sr_record_init(out, &sr_src_kinds[SR_SRC_COURSE]);
	if (found <= 0)
		return found;
	return sr_record_unpack(&sr_src_kinds[SR_SRC_COURSE], row.data.bytes, row.data.len, a, out, err) < 0 ? -1 : 1;
}

int sr_desired_course(sr_run *r, sr_txn *t, const sr_course_view *c, sr_arena *a, sr_record *out, sr_err *err)
{
	SR_AUTO(sr_buf) code = { 0 };
	sr_record rec;
	const char *title;

	sr_record_init(out, &sr_tgt_kinds[SR_TGT_COURSE]);
	if (course_record(r, t, c, a, &rec, err) < 0)
		return -1;
	if (!rec.v[SR_CRS_COURSE_NUMBER].set)
		rec.v[SR_CRS_COURSE_NUMBER] = (sr_value){ .set = *c->number, .s = c->number };
	if (sr_key_expand(r->s, r->s->config.course_code, SR_SRC_COURSE, &rec, &(sr_key_facts){ .year = r->year },
		    &code, err) < 0)
		return -1;
	/* Schoology wants a title; a number without a COURSES row gives its own. */
	title = sr_record_text(&rec, SR_CRS_COURSE_NAME) ?: sr_record_text(&rec, SR_CRS_COURSE_NUMBER);
	if (!sr_record_set_text(out, SR_C_TITLE, title, a))
		return sr_fail_nomem(err);
	sr_record_set_int(out, SR_C_BUILDING_ID, r->s->building);
	return put_key(r, t, SR_TGT_COURSE, (sr_ident){ c->ident, r->s->number }, sr_buf_text(&code), SR_C_COURSE_CODE,
		a, out, err);
}

static const sr_term_use *term_of(const sr_run *r, int64_t termid)
{
	for (size_t i = 0; i < r->judge.ctx.term_count; i++)
		if (r->judge.ctx.terms[i].term.id == termid)
			return &r->judge.ctx.terms[i];
	return NULL;
}

static int by_id(const void *x, const void *y)
{
	int64_t a = (*(const sr_period *const *)x)->id, b = (*(const sr_period *const *)y)->id;

	return a < b ? -1 : a > b;
}

static int put_periods(const sr_term_use *use, sr_arena *a, sr_record *out, sr_err *err)
{
	const sr_period *sorted[SR_PERIODS_PER_TERM_MAX];
	SR_AUTO(sr_buf) list = { 0 };

	memcpy(sorted, use->periods, sizeof(sorted));
	qsort(sorted, use->period_count, sizeof(*sorted), by_id);
	for (size_t i = 0; i < use->period_count; i++)
		sr_buf_printf(&list, "%s%lld", i ? "," : "", (long long)sorted[i]->id);
	return !list.failed && sr_record_set_text(out, SR_S_GRADING_PERIODS, sr_buf_text(&list), a)
		       ? 0
		       : sr_fail_nomem(err);
}

int sr_desired_section(sr_run *r, sr_txn *t, const sr_section_view *v, sr_arena *a, sr_record *out, sr_err *err)
{
	const sr_term_use *use = term_of(r, v->termid);
	const sr_course_view *c = sr_judge_course(&r->judge, v->course_ident);
	SR_AUTO(sr_buf) text = { 0 };
	sr_record rec, course, target;
	sr_key_facts facts = { .course = &course, .term = use ? &use->term : NULL, .year = v->year };
	const char *title;
	sr_source_row row;

	sr_record_init(out, &sr_tgt_kinds[SR_TGT_SECTION]);
	if (!use || !c)
		return sr_fail(err, SR_E_DB, "section %lld has no term or course", (long long)v->dcid);
	if (sr_store_source_get(t, a, r->s->number, SR_SRC_SECTION, v->dcid, &row, err) <= 0 ||
		sr_record_unpack(&sr_src_kinds[SR_SRC_SECTION], row.data.bytes, row.data.len, a, &rec, err) < 0 ||
		course_record(r, t, c, a, &course, err) < 0 || sr_desired_course(r, t, c, a, &target, err) < 0)
		return -1;
	if (sr_key_expand(r->s, r->s->config.section_title, SR_SRC_SECTION, &rec, &facts, &text, err) < 0)
		return -1;
	title = text.len ? text.p : sr_record_text(&rec, SR_SEC_SECTION_NUMBER) ?: sr_record_text(&target, SR_C_TITLE);
	if (!sr_record_set_text(out, SR_S_TITLE, title, a))
		return sr_fail_nomem(err);
	out->v[SR_S_COURSE_CODE] = target.v[SR_C_COURSE_CODE];
	if (sr_key_expand(r->s, r->s->config.section_code, SR_SRC_SECTION, &rec, &facts, &text, err) < 0 ||
		put_periods(use, a, out, err) < 0)
		return -1;
	return put_key(r, t, SR_TGT_SECTION, (sr_ident){ v->dcid, 0 }, sr_buf_text(&text), SR_S_SECTION_SCHOOL_CODE, a,
		out, err);
}

/* The key a person or section has, or will have after this plan. */
static int member_user_key(sr_run *r, sr_txn *t, int64_t person, sr_arena *a, const char **out, sr_err *err)
{
	const sr_person *p = sr_judge_person(&r->judge, person);
	sr_record user;
	bool may;

	*out = NULL;
	if (!p || p->verdict != SR_V_IN)
		return 0;
	if (sr_desired_user(r, t, p, a, &user, &may, err) < 0)
		return -1;
	*out = sr_record_text(&user, SR_U_SCHOOL_UID);
	return 0;
}

int sr_desired_member(sr_run *r, sr_txn *t, sr_ident ident, bool admin, sr_arena *a, sr_record *out, sr_err *err)
{
	const sr_section_view *v = sr_judge_section(&r->judge, ident.a);
	const char *uid = NULL;
	sr_mirror_row mirror;
	sr_record section;
	int found;

	sr_record_init(out, &sr_tgt_kinds[SR_TGT_MEMBERSHIP]);
	found = sr_store_mirror_get(t, a, SR_TGT_USER, (sr_ident){ ident.b, 0 }, &mirror, err);
	if (found < 0 || (!found && member_user_key(r, t, ident.b, a, &uid, err) < 0))
		return -1;
	if (found)
		uid = mirror.key;
	if (!v || sr_desired_section(r, t, v, a, &section, err) < 0)
		return v ? -1 : 0;
	out->v[SR_M_SECTION_SCHOOL_CODE] = section.v[SR_S_SECTION_SCHOOL_CODE];
	if (!sr_record_set_text(out, SR_M_SCHOOL_UID, uid, a))
		return sr_fail_nomem(err);
	sr_record_set_int(out, SR_M_ADMIN, admin);
	sr_record_set_int(out, SR_M_STATUS, 1);
	return 0;
}
