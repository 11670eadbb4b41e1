/* Judging: every source row of the school gets its verdict anew from its packed values, in dependency
 * order, SR_CHUNK rows a turn. What did not change is not written. Nothing is remembered from the
 * last time but the rows themselves, so a verdict can never be stale. */
#include "engine/judge_priv.h"

#include <stdio.h>
#include <string.h>

#include "io/store_leaver.h"

typedef int (*judge_fn)(sr_run *r, sr_txn *t, sr_source_row *row, const sr_record *rec, sr_err *err);

static void judge_turn(void *arg);

void sr_judge_done(sr_judge *j)
{
	if (j->ctx_loaded)
		sr_context_done(&j->ctx);
	free(j->sections);
	free(j->courses);
	free(j->people);
	free(j->terms);
	free(j->children);
	free(j->confirm);
	*j = (sr_judge){ 0 };
}

/* Makes room for one more in an array that only grows. */
static int grow(void **array, size_t *cap, size_t count, size_t size, sr_err *err)
{
	size_t more = *cap ? *cap * 2 : 256;
	void *grown;

	if (count < *cap)
		return 0;
	grown = realloc(*array, more * size);
	if (!grown)
		return sr_fail_nomem(err);
	*array = grown;
	*cap = more;
	return 0;
}

#define GROW(array, cap, count, err) grow((void **)&(array), &(cap), (count), sizeof(*(array)), (err))

static int by_first(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return a < b ? -1 : a > b;
}

/* The three views start with their key. */
sr_section_view *sr_judge_section(const sr_judge *j, int64_t dcid)
{
	return j->section_count ? bsearch(&dcid, j->sections, j->section_count, sizeof(*j->sections), by_first) : NULL;
}

sr_course_view *sr_judge_course(const sr_judge *j, int64_t ident)
{
	return j->course_count ? bsearch(&ident, j->courses, j->course_count, sizeof(*j->courses), by_first) : NULL;
}

sr_person *sr_judge_person(const sr_judge *j, int64_t ident)
{
	return j->people_count ? bsearch(&ident, j->people, j->people_count, sizeof(*j->people), by_first) : NULL;
}

/* Verdicts that say "this record itself is wrong": it is set aside by name until it changes. */
static bool sets_aside(sr_verdict v)
{
	return v == SR_V_YEAR_UNKNOWN || v == SR_V_KEY_EMPTY || v == SR_V_KEY_COLLISION;
}

static int quarantine_follow(sr_run *r, sr_txn *t, const sr_source_row *row, sr_verdict verdict, sr_err *err)
{
	bool now = sets_aside(verdict) && !row->missing, before = row->judged_ms && sets_aside(row->judged.verdict);
	sr_ident ident = { row->key, 0 };

	if (now)
		return sr_store_quar_put(t,
			&(sr_quar_row){ .school = row->school,
				.what = SR_Q_RECORD,
				.kind = (int)row->kind,
				.ident = ident,
				.digest = row->raw_hash,
				.code = sr_verdict_name(verdict),
				.message = sr_verdict_rule(verdict),
				.since_ms = sr_now_ms(r->e) },
			err);
	return before ? sr_store_quar_clear(t, row->school, SR_Q_RECORD, (int)row->kind, ident, err) : 0;
}

int sr_judge_save(sr_run *r, sr_txn *t, const sr_source_row *row, sr_judged judged, sr_err *err)
{
	if (quarantine_follow(r, t, row, judged.verdict, err) < 0)
		return -1;
	r->judge.counts[sr_fkind_of(row->kind)][judged.verdict]++;
	if (row->judged_ms && row->judged.verdict == judged.verdict && row->judged.effect == judged.effect &&
		row->judged.again == judged.again)
		return 0;
	return sr_store_source_judge(t, row->school, row->kind, row->key, row->ident, &judged, sr_now_ms(r->e), err);
}

static sr_judged judged_as(sr_fkind kind, sr_verdict verdict)
{
	return (sr_judged){ .verdict = verdict, .effect = sr_filter_effect(kind, verdict), .again = SR_DAY_NONE };
}

sr_term_count *sr_judge_term(sr_judge *j, int64_t termid)
{
	int64_t id = termid < 0 ? -termid : termid;

	for (size_t i = 0; i < j->term_count; i++)
		if (j->terms[i].term == id)
			return &j->terms[i];
	return NULL;
}

#define CHILD_ROW 1 /* CC.ATTENDANCE_TYPE_CODE (contracts/powerschool.md 16.9): would double a student */

/* Attendance splits are known by their class rows: SECTIONS.PARENT_SECTION_ID may not be there at all. */
static int on_class_row(sr_run *r, sr_txn *t, sr_source_row *row, const sr_record *rec, sr_err *err)
{
	sr_judge *j = &r->judge;

	(void)t;
	if (row->missing == 2 || sr_record_int(rec, SR_CC_ATTENDANCE_TYPE_CODE, 0) != CHILD_ROW)
		return 0;
	if (GROW(j->children, j->children_cap, j->children_count, err) < 0)
		return -1;
	j->children[j->children_count++] = row->ident.a;
	return 0;
}

static int after_class_rows(sr_run *r, sr_err *err)
{
	(void)err;
	if (r->judge.children_count)
		qsort(r->judge.children, r->judge.children_count, sizeof(*r->judge.children), by_first);
	return 0;
}

static bool is_child(const sr_judge *j, int64_t dcid)
{
	return j->children_count && bsearch(&dcid, j->children, j->children_count, sizeof(*j->children), by_first);
}

/* A section that Schoology holds under another course: no documented call moves it, so it waits. */
static int course_changed(sr_run *r, sr_txn *t, const sr_record *section, bool *out, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	SR_AUTO(sr_buf) code = { 0 };
	sr_record course;
	sr_mirror_row mirror;
	int found = sr_store_mirror_get(
		t, &arena, SR_TGT_SECTION, (sr_ident){ sr_record_int(section, SR_SEC_DCID, 0), 0 }, &mirror, err);
	const char *known;

	*out = false;
	if (found <= 0)
		return found;
	known = sr_record_text(&mirror.object.values, SR_S_COURSE_CODE);
	sr_record_init(&course, &sr_src_kinds[SR_SRC_COURSE]);
	course.v[SR_CRS_COURSE_NUMBER] = section->v[SR_SEC_COURSE_NUMBER];
	if (sr_key_expand(r->s, r->s->config.course_code, SR_SRC_COURSE, &course, &(sr_key_facts){ .year = r->year },
		    &code, err) < 0)
		return -1;
	*out = known && code.len && !sr_strcaseeq(known, code.p);
	return 0;
}

static int on_section(sr_run *r, sr_txn *t, sr_source_row *row, const sr_record *rec, sr_err *err)
{
	sr_judge *j = &r->judge;
	int64_t termid = sr_record_int(rec, SR_SEC_TERMID, 0);
	sr_section_fact fact = { .term = sr_context_term(&j->ctx, termid), .child = is_child(j, row->key) };
	const char *number = sr_record_text(rec, SR_SEC_COURSE_NUMBER) ?: "";
	sr_term_count *count = sr_judge_term(j, termid);
	sr_section_view *view;
	sr_judged judged;

	if (course_changed(r, t, rec, &fact.course_changed, err) < 0)
		return -1;
	judged = row->missing ? judged_as(SR_FK_SECTION, SR_V_YEAR_UNKNOWN)
			      : sr_filter_section(&j->ctx.filter, rec, &fact);
	if (count && !row->missing && judged.verdict != SR_V_EXCLUDED)
		count->sections++;
	if (GROW(j->sections, j->section_cap, j->section_count, err) < 0)
		return -1;
	view = &j->sections[j->section_count++];
	*view = (sr_section_view){ .dcid = row->key,
		.termid = termid,
		.verdict = judged.verdict,
		.year = fact.term.yearid,
		.course_ident = sr_text_ident(number) };
	snprintf(view->course_number, sizeof(view->course_number), "%s", number);
	return sr_judge_save(r, t, row, judged, err);
}

static int on_course_row(sr_run *r, sr_txn *t, sr_source_row *row, const sr_record *rec, sr_err *err)
{
	sr_judge *j = &r->judge;
	int64_t owner = sr_record_int(rec, SR_CRS_SCHOOLID, 0);
	int rank = owner == r->s->number ? 3 : owner == 0 ? 2 : 1;

	(void)t;
	if (row->missing)
		return 0;
	for (size_t i = 0; i < j->course_count; i++)
		if (j->courses[i].ident == row->ident.a) {
			if (rank > j->courses[i].rank) {
				j->courses[i].rank = rank;
				j->courses[i].key = row->key;
			}
			return 0;
		}
	if (GROW(j->courses, j->course_cap, j->course_count, err) < 0)
		return -1;
	j->courses[j->course_count++] = (sr_course_view){
		.ident = row->ident.a, .key = row->key, .rank = rank, .verdict = SR_V_NO_ACTIVE_SECTION
	};
	return 0;
}

/* Courses are known: count their let-in sections. A section is never lost for want of a course row. */
static int after_courses(sr_run *r, sr_err *err)
{
	sr_judge *j = &r->judge;
	size_t known = j->course_count;

	if (known)
		qsort(j->courses, known, sizeof(*j->courses), by_first);
	for (size_t i = 0; i < j->section_count; i++) {
		sr_section_view *v = &j->sections[i];
		sr_course_view *c = NULL;

		if (v->verdict != SR_V_IN)
			continue;
		for (size_t k = 0; k < j->course_count && !c; k++)
			if (j->courses[k].ident == v->course_ident)
				c = &j->courses[k];
		if (!c) {
			if (GROW(j->courses, j->course_cap, j->course_count, err) < 0)
				return -1;
			c = &j->courses[j->course_count++];
			*c = (sr_course_view){ .ident = v->course_ident, .verdict = SR_V_IN };
			snprintf(c->number, sizeof(c->number), "%s", v->course_number);
		}
		c->let_in++;
	}
	if (j->course_count)
		qsort(j->courses, j->course_count, sizeof(*j->courses), by_first);
	return 0;
}

static int on_course(sr_run *r, sr_txn *t, sr_source_row *row, const sr_record *rec, sr_err *err)
{
	sr_course_view *c = sr_judge_course(&r->judge, row->ident.a);
	sr_judged judged = judged_as(SR_FK_COURSE, SR_V_NO_ACTIVE_SECTION);

	if (c && c->key == row->key) {
		judged = sr_filter_course(&r->judge.ctx.filter, rec, c->let_in);
		c->verdict = judged.verdict;
	}
	return sr_judge_save(r, t, row, judged, err);
}

/* An excluded course takes its sections with it. */
static int after_judged_courses(sr_run *r, sr_err *err)
{
	(void)err;
	for (size_t i = 0; i < r->judge.section_count; i++) {
		sr_section_view *v = &r->judge.sections[i];
		sr_course_view *c = sr_judge_course(&r->judge, v->course_ident);

		if (v->verdict == SR_V_IN && c && c->verdict == SR_V_EXCLUDED)
			v->verdict = SR_V_EXCLUDED;
	}
	return 0;
}

static bool school_synced(const sr_engine *e, int64_t number)
{
	const sr_school *s = sr_engine_school(e, number);

	return s && s->config.sync;
}

static int person_push(sr_run *r, const sr_person *p, sr_err *err)
{
	sr_judge *j = &r->judge;

	if (GROW(j->people, j->people_cap, j->people_count, err) < 0)
		return -1;
	j->people[j->people_count++] = *p;
	return 0;
}

static int on_student_row(sr_run *r, sr_txn *t, sr_source_row *row, const sr_record *rec, sr_err *err)
{
	int64_t home = sr_record_int(rec, SR_STU_SCHOOLID, 0);

	(void)t;
	return person_push(r,
		&(sr_person){ .ident = row->ident.a,
			.home = home,
			.grade = sr_record_int(rec, SR_STU_GRADE_LEVEL, 0),
			.main_key = row->key,
			.here = home == r->s->number,
			.home_synced = school_synced(r->e, home),
			.verdict = SR_V_INACTIVE },
		err);
}

static int on_staff_row(sr_run *r, sr_txn *t, sr_source_row *row, const sr_record *rec, sr_err *err)
{
	int64_t home = sr_record_int(rec, SR_STF_HOMESCHOOLID, 0), at = sr_record_int(rec, SR_STF_SCHOOLID, 0);
	bool current = !row->missing && sr_record_int(rec, SR_STF_STATUS, 2) == 1;

	(void)t;
	return person_push(r,
		&(sr_person){ .ident = row->ident.a,
			.home = home,
			.main_key = row->key,
			.here = current && at == r->s->number,
			.current_here = current && at == r->s->number,
			.current_somewhere = current && school_synced(r->e, at),
			.home_synced = school_synced(r->e, home),
			.verdict = SR_V_INACTIVE },
		err);
}

/* One person, several SCHOOLSTAFF rows: the row at this school speaks for him, else the first. */
static int after_people(sr_run *r, sr_err *err)
{
	sr_judge *j = &r->judge;
	size_t n = 0;

	(void)err;
	if (!j->people_count)
		return 0;
	qsort(j->people, j->people_count, sizeof(*j->people), by_first);
	for (size_t i = 0; i < j->people_count; i++) {
		sr_person *p = &j->people[i];

		if (n == 0 || j->people[n - 1].ident != p->ident) {
			j->people[n++] = *p;
			continue;
		}
		if (p->current_here)
			j->people[n - 1].main_key = p->main_key;
		j->people[n - 1].here |= p->here;
		j->people[n - 1].current_here |= p->current_here;
		j->people[n - 1].current_somewhere |= p->current_somewhere;
	}
	j->people_count = n;
	return 0;
}

static int person_fact(
	sr_run *r, const sr_source_row *row, const sr_record *rec, const sr_person *p, sr_person_fact *f, sr_err *err)
{
	const sr_school_config *k = &r->s->config;
	const char *logins[2][2] = { { k->student_username, k->student_email }, { k->staff_username, k->staff_email } };
	SR_AUTO(sr_buf) text = { 0 };

	*f = (sr_person_fact){ .home_synced = p->home_synced,
		.here = p->here,
		.teaches = p->teaches,
		.current_somewhere = p->current_somewhere };
	if (sr_key_person(r->s, row->kind, rec, &text, err) < 0)
		return -1;
	f->key_empty = text.len == 0;
	f->key_collision = text.len && sr_keys_collides(r->e->keys, sr_key_fold(text.p));
	for (int i = 0; i < 2; i++) {
		if (sr_key_expand(r->s, logins[row->kind == SR_SRC_STAFF][i], row->kind, rec, NULL, &text, err) < 0)
			return -1;
		f->has_login |= text.len > 0;
	}
	return 0;
}

static sr_judged person_judge(const sr_run *r, sr_fkind kind, const sr_record *rec, const sr_person_fact *f)
{
	return kind == SR_FK_STUDENT ? sr_filter_student(&r->judge.ctx.filter, rec, f)
				     : sr_filter_staff(&r->judge.ctx.filter, rec, f);
}

/* Who is another school's and has left his last class here is not let in here any more. His end in that class
 * must count all the same, so it is asked what he would be if he were still here. */
static bool in_elsewhere(const sr_run *r, sr_fkind kind, const sr_record *rec, sr_person_fact f)
{
	if (f.here || !(kind == SR_FK_STUDENT ? f.home_synced : f.current_somewhere))
		return false;
	f.here = true;
	return person_judge(r, kind, rec, &f).verdict == SR_V_IN;
}

static int on_person(sr_run *r, sr_txn *t, sr_source_row *row, const sr_record *rec, sr_err *err)
{
	sr_person *p = sr_judge_person(&r->judge, row->ident.a);
	sr_fkind kind = sr_fkind_of(row->kind);
	sr_judged judged = judged_as(kind, SR_V_INACTIVE);
	sr_person_fact f;

	if (row->missing && r->pull.unproven)
		return 0; /* not known to be gone: other schools go by what was judged before */
	if (p && !row->missing) {
		if (person_fact(r, row, rec, p, &f, err) < 0)
			return -1;
		judged = person_judge(r, kind, rec, &f);
		p->in_elsewhere |= in_elsewhere(r, kind, rec, f);
	}
	/* Of several rows of one person the one that speaks for him decides. */
	if (p && (row->key == p->main_key || (!p->judged_in && judged.verdict == SR_V_IN))) {
		p->verdict = judged.verdict;
		p->judged_in = judged.verdict == SR_V_IN;
		if (p->judged_in)
			p->main_key = row->key;
	}
	/* He was out, or was not known here: somebody may have ended his account meanwhile. */
	if (judged.verdict == SR_V_IN && !(row->judged_ms && row->judged.verdict == SR_V_IN) &&
		sr_store_recheck_add(t, &(sr_recheck){ row->ident.a, false }, err) < 0)
		return -1;
	/* Another school may own his account, and lists this one's building in it. */
	if ((judged.effect == SR_EF_SYNC) != (row->judged_ms && row->judged.effect == SR_EF_SYNC) &&
		sr_follow_owner(r, t, row, p ? p->home : 0, judged.effect == SR_EF_SYNC, err) < 0)
		return -1;
	return sr_judge_save(r, t, row, judged, err);
}

/* The order is the dependency: sections, courses, people, who is here, then memberships. */
static const struct {
	sr_src kind;
	judge_fn row;
	int (*after)(sr_run *r, sr_err *err);
} steps[] = {
	/* clang-format off */
	{ SR_SRC_ENROLLMENT, on_class_row,   after_class_rows },
	{ SR_SRC_SECTION,    on_section,     NULL },
	{ SR_SRC_COURSE,     on_course_row,  after_courses },
	{ SR_SRC_COURSE,     on_course,      after_judged_courses },
	{ SR_SRC_STUDENT,    on_student_row, NULL },
	{ SR_SRC_STAFF,      on_staff_row,   after_people },
	{ SR_SRC_ENROLLMENT, sr_judge_member_mark, NULL },
	{ SR_SRC_TEACHING,   sr_judge_member_mark, NULL },
	{ SR_SRC_LEAD,       sr_judge_member_mark, NULL },
	{ SR_SRC_STUDENT,    on_person,      NULL },
	{ SR_SRC_STAFF,      on_person,      NULL },
#define FIRST_MEMBER_STEP 11
	{ SR_SRC_ENROLLMENT, sr_judge_member,      NULL },
	{ SR_SRC_TEACHING,   sr_judge_member,      NULL },
	{ SR_SRC_LEAD,       sr_judge_member,      NULL },
	/* clang-format on */
};

/* One chunk of the present step. 1: more of it, 0: the step is done. */
static int judge_chunk(sr_run *r, sr_txn *t, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_judge *j = &r->judge;
	sr_source_row *rows;
	size_t count;

	if (sr_store_source_range(t, &arena, r->s->number, steps[j->step].kind, j->after, INT64_MAX, SR_CHUNK, &rows,
		    &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		sr_record rec;

		if (sr_record_unpack(
			    &sr_src_kinds[rows[i].kind], rows[i].data.bytes, rows[i].data.len, &arena, &rec, err) < 0 ||
			steps[j->step].row(r, t, &rows[i], &rec, err) < 0)
			return -1;
		j->after = rows[i].key;
	}
	if (count == SR_CHUNK)
		return 1;
	return steps[j->step].after ? steps[j->step].after(r, err) : 0;
}

static int judge_begin(sr_run *r, sr_txn *t, sr_err *err)
{
	sr_judge *j = &r->judge;

	sr_judge_done(j);
	sr_figures_reset(r);
	if (sr_keys_build(r->e, t, err) < 0)
		return -1;
	if (sr_context_load(t, r->s, r->year, &j->ctx, err) < 0) {
		sr_context_done(&j->ctx);
		return -1;
	}
	j->ctx_loaded = true;
	j->terms = calloc(j->ctx.term_count + 1, sizeof(*j->terms));
	if (!j->terms)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < j->ctx.term_count; i++)
		j->terms[j->term_count++].term = j->ctx.terms[i].term.id;
	return 0;
}

static void terms_say(const sr_run *r)
{
	int64_t waiting = r->judge.counts[SR_FK_SECTION][SR_V_TERM_UNMAPPED];

	if (waiting)
		sr_engine_say(r->e, SR_WARNING, SR_MSG_TERMS_BROKEN, r->s->number, NULL,
			"%lld sections wait: their term has no sound grading period", (long long)waiting);
}

static void judge_finish(sr_run *r)
{
	sr_err err;

	if (sr_figures_finish(r, &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	sr_school_counts_set(r->s, r->year, r->judge.terms, r->judge.term_count);
	terms_say(r);
	sr_run_plan_diff(r);
}

void sr_run_confirmed(sr_run *r)
{
	r->judge.step = FIRST_MEMBER_STEP;
	r->judge.after = 0;
	r->judge.confirm_count = 0;
	memset(r->judge.counts[SR_FK_ENROLLMENT], 0, sizeof(r->judge.counts[0]));
	memset(r->judge.counts[SR_FK_TEACHING], 0, sizeof(r->judge.counts[0]));
	sr_figures_reset(r);
	r->judge.asked = true; /* what is still open is left for the next run */
	sr_run_later(r, 0, judge_turn);
}

static void judge_next(sr_run *r)
{
	if (++r->judge.step < (int)SR_COUNT_OF(steps)) {
		r->judge.after = 0;
		sr_run_later(r, 0, judge_turn);
	} else if (r->judge.confirm_count) {
		sr_run_confirm(r);
	} else {
		judge_finish(r);
	}
}

static void judge_turn(void *arg)
{
	sr_run_turn(arg, SR_TXN_WRITE, judge_chunk, judge_turn, judge_next);
}

void sr_run_plan(sr_run *r)
{
	sr_err err;
	sr_txn *t;

	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, &err) < 0 ||
		sr_txn_end(r->e, t, judge_begin(r, t, &err), &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	sr_run_later(r, 0, judge_turn);
}
