/* Judging memberships: an enrollment or a teaching, with what is known of its section and person, and
 * what must be asked for again before its end counts. */
#include "engine/judge_priv.h"

/* 3 is there: it was asked for by its key, because its end would count. */
static bool gone(const sr_source_row *row)
{
	return row->missing == 1 || row->missing == 2;
}

/* What is known of a membership row, with the person taken as let in where `assume` says so. */
static int member_fact(sr_run *r, sr_txn *t, const sr_source_row *row, const sr_record *rec, bool assume,
	sr_member_fact *f, sr_err *err)
{
	const sr_section_view *v = sr_judge_section(&r->judge, row->ident.a);
	const sr_person *p = sr_judge_person(&r->judge, row->ident.b);
	sr_day end = row->kind == SR_SRC_TEACHING ? sr_record_day(rec, SR_ST_END_DATE) : SR_DAY_NONE;
	int64_t termid = row->kind == SR_SRC_ENROLLMENT ? sr_record_int(rec, SR_CC_TERMID, 0)
			 : row->kind == SR_SRC_TEACHING ? sr_record_int(rec, SR_ST_TERMID, 0)
							: sr_record_int(rec, SR_LEAD_TERMID, 0);
	int64_t others = 0;

	*f = (sr_member_fact){ .term = sr_context_term(&r->judge.ctx, termid),
		.section = v ? v->verdict : SR_V_SECTION_NOT_IN,
		.person = !p                          ? SR_V_PERSON_NOT_IN
			  : assume || p->in_elsewhere ? SR_V_IN
						      : p->verdict,
		.confirmed = row->missing >= 2,
		.released_from = sr_school_released_from(r->s),
		.role_teaches = true };
	if (row->kind == SR_SRC_TEACHING)
		f->role_teaches = sr_district_teaches(r->e, r->s, sr_record_int(rec, SR_ST_ROLEID, 0));
	if ((end != SR_DAY_NONE && end < r->judge.ctx.filter.today) || gone(row)) {
		if (row->kind != SR_SRC_ENROLLMENT &&
			sr_store_mirror_other_teachers(t, row->ident.a, row->ident.b, &others, err) < 0)
			return -1;
		f->another_teacher = others > 0;
	}
	return 0;
}

static sr_judged member_judge(const sr_run *r, const sr_source_row *row, const sr_record *rec, const sr_member_fact *f)
{
	const sr_filter_ctx *c = &r->judge.ctx.filter;

	return row->kind == SR_SRC_ENROLLMENT ? sr_filter_enrollment(c, rec, f) : sr_filter_teaching(c, rec, f);
}

/* First pass: who has a let-in enrollment or teaching here, his own verdict left aside? */
int sr_judge_member_mark(sr_run *r, sr_txn *t, sr_source_row *row, const sr_record *rec, sr_err *err)
{
	sr_person *p = sr_judge_person(&r->judge, row->ident.b);
	sr_term_count *count = row->kind == SR_SRC_ENROLLMENT
				       ? sr_judge_term(&r->judge, sr_record_int(rec, SR_CC_TERMID, 0))
				       : NULL;
	sr_member_fact f;

	if (gone(row))
		return 0;
	if (count)
		count->enrollments++;
	if (!p)
		return 0;
	if (member_fact(r, t, row, rec, true, &f, err) < 0)
		return -1;
	if (member_judge(r, row, rec, &f).verdict == SR_V_IN) {
		p->here = true;
		p->teaches |= row->kind != SR_SRC_ENROLLMENT;
	}
	return 0;
}

static int confirm_push(sr_run *r, const sr_source_row *row, sr_err *err)
{
	sr_judge *j = &r->judge;

	if (r->pull.unproven || j->asked)
		return 0; /* absence means nothing in a pull that is not proven */
	if (2 * j->confirm_count + 2 > j->confirm_cap) {
		size_t cap = j->confirm_cap ? j->confirm_cap * 2 : 64;
		int64_t *grown = realloc(j->confirm, cap * sizeof(*grown));

		if (!grown)
			return sr_fail_nomem(err);
		j->confirm = grown;
		j->confirm_cap = cap;
	}
	j->confirm[2 * j->confirm_count] = row->kind;
	j->confirm[2 * j->confirm_count++ + 1] = row->key;
	return 0;
}

int sr_judge_member(sr_run *r, sr_txn *t, sr_source_row *row, const sr_record *rec, sr_err *err)
{
	sr_member_fact f;
	sr_judged judged;

	if (member_fact(r, t, row, rec, false, &f, err) < 0)
		return -1;
	/* An end counts only once PowerSchool was asked for the row by its key. */
	judged = gone(row) ? sr_filter_gone(&r->judge.ctx.filter, rec, &f) : member_judge(r, row, rec, &f);
	if ((judged.verdict == SR_V_ABSENT || judged.verdict == SR_V_LEFT_EARLY) && !f.confirmed &&
		confirm_push(r, row, err) < 0)
		return -1;
	if (sr_figures_member(r, row, judged.verdict, err) < 0)
		return -1;
	return sr_judge_save(r, t, row, judged, err);
}
