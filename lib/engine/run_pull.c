/* Pulling: every kind by key, counted before and after, merged into `source` page by page.
 * A page that fails fails the run; what is missing is judged only when the whole pull is proven. */
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

static const sr_src pull_kinds[SR_PULL_KINDS] = { SR_SRC_SECTION, SR_SRC_COURSE, SR_SRC_STUDENT, SR_SRC_STAFF,
	SR_SRC_ENROLLMENT, SR_SRC_TEACHING };

static void pull_kind(sr_run *r);
static void pull_page(sr_run *r);

static sr_src pull_src(const sr_run *r)
{
	return pull_kinds[r->pull.index];
}

/* Last year's and next year's rows are asked for too: the filter judges them, so that what is left
 * alone is counted and can be explained, and nothing rests on the query alone. */
static sr_page_ask pull_ask(const sr_run *r)
{
	return (sr_page_ask){ .kind = pull_src(r),
		.school = r->s->number,
		.termid_low = (int64_t)(r->year - 1) * 100,
		.termid_high = (int64_t)(r->year + 1) * 100 + 99,
		.after = r->pull.after,
		.page_size = r->e->c.config->powerschool.page_size };
}

/* The term of a row that has one; 0: a kind without. */
static int64_t row_termid(sr_src kind, const sr_record *rec)
{
	static const int field[SR_SRC_COUNT] = { [SR_SRC_TERM] = -1,
		[SR_SRC_SECTION] = SR_SEC_TERMID,
		[SR_SRC_COURSE] = -1,
		[SR_SRC_STUDENT] = -1,
		[SR_SRC_STAFF] = -1,
		[SR_SRC_ENROLLMENT] = SR_CC_TERMID,
		[SR_SRC_TEACHING] = SR_ST_TERMID,
		[SR_SRC_LEAD] = SR_LEAD_TERMID };

	return field[kind] < 0 ? 0 : sr_record_int(rec, (size_t)field[kind], 0);
}

/* The target object that a row speaks of. */
static sr_ident row_ident(sr_src kind, const sr_record *rec, int64_t school)
{
	switch (kind) {
	case SR_SRC_SECTION:
		return (sr_ident){ sr_record_int(rec, SR_SEC_DCID, 0), 0 };
	case SR_SRC_COURSE:
		return (sr_ident){ sr_text_ident(sr_record_text(rec, SR_CRS_COURSE_NUMBER) ?: ""), school };
	case SR_SRC_STUDENT:
		return (sr_ident){ sr_person_student(sr_record_int(rec, SR_STU_DCID, 0)), 0 };
	case SR_SRC_STAFF:
		return (sr_ident){ sr_person_staff(sr_record_int(rec, SR_STF_USERS_DCID, 0)), 0 };
	case SR_SRC_ENROLLMENT:
		return (sr_ident){ sr_record_int(rec, SR_CC_SECTION_DCID, 0),
			sr_person_student(sr_record_int(rec, SR_CC_STUDENT_DCID, 0)) };
	case SR_SRC_TEACHING:
		return (sr_ident){ sr_record_int(rec, SR_ST_SECTION_DCID, 0),
			sr_person_staff(sr_record_int(rec, SR_ST_USERS_DCID, 0)) };
	case SR_SRC_LEAD:
		return (sr_ident){ sr_record_int(rec, SR_LEAD_SECTION_DCID, 0),
			sr_person_staff(sr_record_int(rec, SR_LEAD_USERS_DCID, 0)) };
	default:
		return (sr_ident){ 0, 0 };
	}
}

#define FORMER ((int64_t)1 << 60) /* no key of PowerSchool's is as high */

/* PowerSchool may write another person, or another section, over a row where it stands: the lead on the section's
 * page, above all. Nothing ends then, and no row would say any more that who stood there is gone. So the row as it
 * was is kept beside it, as one that was asked for by its key and is no more (2). */
static int former_keep(sr_txn *t, const sr_source_row *old, sr_ident now, sr_err *err)
{
	sr_source_row former = *old;
	char text[48];

	if (old->kind < SR_SRC_ENROLLMENT || sr_ident_cmp(old->ident, now) == 0 || !old->ident.a ||
		!sr_person_dcid(old->ident.b) || !now.a || (!sr_person_dcid(now.b) && old->kind != SR_SRC_LEAD))
		return 0;
	snprintf(text, sizeof(text), "%lld/%lld", (long long)old->ident.a, (long long)old->ident.b);
	former.key = FORMER | sr_text_ident(text);
	former.missing = 2;
	return sr_store_source_put(t, &former, err);
}

/* A new row goes in unjudged; the judge comes when the pull is whole. A changed one (`old`) counts as it was
 * judged until then: other schools plan meanwhile, and a person of theirs must not seem to have left here. */
static int row_put(sr_run *r, sr_txn *t, sr_src kind, const sr_source_row *old, const sr_record *rec,
	const sr_packed *raw, sr_arena *a, sr_err *err)
{
	sr_source_row row = { .school = r->s->number,
		.kind = kind,
		.key = rec->v[0].n,
		.context = r->year,
		.ident = row_ident(kind, rec, r->s->number),
		.judged = { .verdict = SR_V_YEAR_UNKNOWN, .effect = SR_EF_LEAVE, .again = SR_DAY_NONE } };

	if (old && former_keep(t, old, row.ident, err) < 0)
		return -1;
	if (old) {
		row.judged = old->judged;
		row.judged_ms = old->judged_ms;
	}
	row.raw_hash = sr_hash_bytes(r->e->seed, raw->bytes, raw->len);
	if (sr_record_pack(rec, a, &row.data, err) < 0)
		return -1;
	r->e->keys_stale |= kind == SR_SRC_STUDENT || kind == SR_SRC_STAFF;
	return sr_store_source_put(t, &row, err);
}

/* SECTIONS.TEACHER is a teaching of its own: the lead (contracts/powerschool.md 16.10). */
static int lead_put(sr_run *r, sr_txn *t, const sr_record *section, sr_arena *a, sr_err *err)
{
	sr_source_row old;
	sr_record lead;
	sr_packed packed;
	int found = sr_store_source_get(
		t, a, r->s->number, SR_SRC_LEAD, sr_record_int(section, SR_SEC_DCID, 0), &old, err);

	if (found < 0)
		return -1;
	sr_record_init(&lead, &sr_src_kinds[SR_SRC_LEAD]);
	sr_record_set_int(&lead, SR_LEAD_SECTION_DCID, sr_record_int(section, SR_SEC_DCID, 0));
	sr_record_set_int(&lead, SR_LEAD_TERMID, sr_record_int(section, SR_SEC_TERMID, 0));
	if (section->v[SR_SEC_TEACHER].set)
		sr_record_set_int(&lead, SR_LEAD_TEACHERID, section->v[SR_SEC_TEACHER].n);
	if (section->v[SR_SEC_TEACHER_USERS_DCID].set)
		sr_record_set_int(&lead, SR_LEAD_USERS_DCID, section->v[SR_SEC_TEACHER_USERS_DCID].n);
	if (sr_record_pack(&lead, a, &packed, err) < 0)
		return -1;
	return row_put(r, t, SR_SRC_LEAD, found ? &old : NULL, &lead, &packed, a, err);
}

static int record_take(
	sr_run *r, sr_txn *t, const sr_page *page, size_t i, const sr_source_row *old, sr_arena *a, sr_err *err)
{
	sr_src kind = pull_src(r);
	const sr_record *rec = &page->records[i];
	sr_hash hash = sr_hash_bytes(r->e->seed, page->raw[i].bytes, page->raw[i].len);

	/* One that was asked for by its key (3) stays asked for until it changes. */
	if (old && (old->missing == 0 || old->missing == 3) && old->context == r->year &&
		sr_hash_eq(&old->raw_hash, &hash))
		return 0;
	if (row_put(r, t, kind, old, rec, &page->raw[i], a, err) < 0)
		return -1;
	if (sr_store_quar_clear(t, r->s->number, SR_Q_RECORD, (int)kind, (sr_ident){ rec->v[0].n, 0 }, err) < 0)
		return -1;
	return kind == SR_SRC_SECTION ? lead_put(r, t, rec, a, err) : 0;
}

/* A known row that the page should have held and does not. */
static int record_missing(sr_run *r, sr_txn *t, const sr_source_row *old, sr_arena *a, sr_err *err)
{
	sr_page_ask ask = pull_ask(r);
	int64_t termid;
	sr_record rec;

	if (old->missing == 1 || old->missing == 2)
		return 0;
	if (sr_record_unpack(&sr_src_kinds[old->kind], old->data.bytes, old->data.len, a, &rec, err) < 0)
		return -1;
	termid = row_termid(old->kind, &rec);
	termid = termid < 0 ? -termid : termid;
	/* Outside the years that are asked for: it was not expected. */
	if (termid && (termid < ask.termid_low || termid > ask.termid_high))
		return sr_store_source_delete(t, old->school, old->kind, old->key, err);
	return sr_store_source_missing(t, old->school, old->kind, old->key, 1, err);
}

static bool key_bad(const sr_page *page, int64_t key)
{
	for (size_t i = 0; i < page->bad; i++)
		if (page->bad_keys[i] == key)
			return true;
	return false;
}

static int bad_keep(sr_run *r, sr_txn *t, const sr_page *page, sr_err *err)
{
	for (size_t i = 0; i < page->bad; i++) {
		if (!page->bad_keys[i])
			r->pull.unproven = true; /* which row it was is not known: nothing may count as gone */
		if (sr_store_quar_put(t,
			    &(sr_quar_row){ .school = r->s->number,
				    .what = SR_Q_RECORD,
				    .kind = (int)pull_src(r),
				    .ident = { page->bad_keys[i], 0 },
				    .code = "unreadable",
				    .message = page->bad_paths[i],
				    .since_ms = sr_now_ms(r->e) },
			    err) < 0)
			return -1;
	}
	return 0;
}

/* The merge of one page with what is known in its key range; both are in key order. */
static int page_merge(sr_run *r, sr_txn *t, const sr_page *page, sr_arena *a, sr_err *err)
{
	int64_t upto = page->last ? INT64_MAX : page->last_key;
	sr_source_row *old;
	size_t known, k = 0;

	if (sr_store_source_range(t, a, r->s->number, pull_src(r), r->pull.after, upto, SIZE_MAX, &old, &known, err) <
		0)
		return -1;
	for (size_t i = 0; i < page->count; i++) {
		int64_t key = page->records[i].v[0].n;

		for (; k < known && old[k].key < key; k++)
			if (!key_bad(page, old[k].key) && record_missing(r, t, &old[k], a, err) < 0)
				return -1;
		if (record_take(r, t, page, i, k < known && old[k].key == key ? &old[k] : NULL, a, err) < 0)
			return -1;
		if (k < known && old[k].key == key)
			k++;
	}
	for (; k < known; k++)
		if (!key_bad(page, old[k].key) && record_missing(r, t, &old[k], a, err) < 0)
			return -1;
	return bad_keep(r, t, page, err);
}

/* Evidence for "PowerSchool has rolled": judged on what has just come, before anything is planned. */
static void count_promoted(sr_run *r, const sr_page *page, sr_day since)
{
	for (size_t i = 0; i < page->count; i++) {
		const sr_record *rec = &page->records[i];

		if (sr_record_int(rec, SR_STU_SCHOOLID, 0) != r->s->number ||
			sr_record_int(rec, SR_STU_ENROLL_STATUS, -9) != 0)
			continue;
		r->pull.active_students++;
		if (since != SR_DAY_NONE && sr_record_day(rec, SR_STU_ENTRYDATE) >= since)
			r->pull.promoted++;
	}
}

static void pull_failed(sr_run *r, const sr_err *err)
{
	sr_block_by_error(r->e, false, err);
	sr_run_fail(r, err);
}

static void page_came(void *arg, const sr_page *page, const sr_err *failed)
{
	sr_run *r = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	sr_err err;
	sr_txn *t;

	if (failed) {
		pull_failed(r, failed);
		return;
	}
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, page_merge(r, t, page, &arena, &err), &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	r->pull.seen += (int64_t)(page->count + page->bad);
	r->pull.after = page->last_key;
	if (pull_src(r) == SR_SRC_STUDENT)
		count_promoted(r, page, sr_school_rolled_since(r->s, sr_school_rolled_year(r->s)));
	sr_run_progress(r);
	if (page->last)
		r->e->c.source->count(r->e->c.source,
			&(sr_page_ask){ .kind = pull_src(r),
				.school = r->s->number,
				.termid_low = pull_ask(r).termid_low,
				.termid_high = pull_ask(r).termid_high },
			sr_pull_counted_after, r);
	else
		pull_page(r);
}

static void pull_page(sr_run *r)
{
	sr_page_ask ask = pull_ask(r);

	r->e->c.source->page(r->e->c.source, &ask, page_came, r);
}

/* The end of all kinds. */
static void pull_done(sr_run *r)
{
	if (!sr_run_stale(r)) {
		r->s->row.rolled_year = sr_school_rolled_year(r->s);
		r->s->row.rolled_active = r->pull.active_students;
		r->s->row.rolled_promoted = r->pull.promoted;
		sr_school_rolled_save(r->s);
	}
	sr_school_review(r->s);
	if (sr_run_stale(r))
		return; /* the review paused the school: the run is being stopped */
	sr_run_raise(r, r->pull.unproven ? SR_RE_UNPROVEN : SR_RE_PULLED, NULL);
}

static void rows_name(const sr_run *r, sr_src kind, char out[80])
{
	snprintf(out, 80, "proven/%lld/%d/%d", (long long)r->s->number, (int)kind, r->year);
}

int sr_pull_keep_rows(sr_run *r, sr_txn *t, sr_src kind, int64_t rows, sr_err *err)
{
	char name[80];

	rows_name(r, kind, name);
	return sr_meta_set_int(t, name, rows, err);
}

/* "Zero rows where the last proven pull had 10 or more" is an error, never a change. One that shrank far goes
 * on being measured by what it was, until the guards believe it. */
static int proven_check(sr_run *r, sr_txn *t, bool proven, sr_err *err)
{
	char name[80];
	int64_t last = 0;

	rows_name(r, pull_src(r), name);
	if (sr_meta_get_int(t, name, &last, err) < 0)
		return -1;
	if (r->pull.seen == 0 && last >= 10)
		return sr_fail(err, SR_E_PROTO,
			"PowerSchool sent no %s row at all; the last proven pull had %lld: an error, never a change. "
			"If the school has closed: sisrollctl pause %lld",
			sr_src_name(pull_src(r)), (long long)last, (long long)r->s->number);
	if (r->pull.seen == last || !proven)
		return 0;
	if (sr_guard_shrunk(last, r->pull.seen, r->s->config.shrink_percent)) {
		r->pull.shrunk[pull_src(r)].before = last;
		r->pull.shrunk[pull_src(r)].now = r->pull.seen;
		return 0;
	}
	return sr_meta_set_int(t, name, r->pull.seen, err);
}

static void kind_done(sr_run *r, int64_t after_count)
{
	bool agrees = r->pull.seen == r->pull.before && r->pull.seen == after_count;
	bool counted = r->pull.before >= 0 && after_count >= 0; /* else asking again tells nothing more */
	sr_err err;
	sr_txn *t;

	if (!agrees && counted && !r->pull.again) {
		r->pull.again = true;
		pull_kind(r);
		return;
	}
	if (!agrees)
		r->pull.unproven = true;
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, proven_check(r, t, agrees, &err), &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	r->pull.again = false;
	if (++r->pull.index == SR_PULL_KINDS)
		sr_run_subjects(r, pull_done);
	else
		pull_kind(r);
}

void sr_pull_counted_after(void *arg, int64_t count, const sr_err *failed)
{
	if (failed)
		pull_failed(arg, failed);
	else
		kind_done(arg, count);
}

static void counted_before(void *arg, int64_t count, const sr_err *failed)
{
	sr_run *r = arg;

	if (failed) {
		pull_failed(r, failed);
		return;
	}
	r->pull.before = count;
	pull_page(r);
}

static void pull_kind(sr_run *r)
{
	sr_page_ask ask;

	r->pull.after = 0;
	r->pull.seen = 0;
	if (pull_src(r) == SR_SRC_STUDENT)
		r->pull.active_students = r->pull.promoted = 0;
	ask = pull_ask(r);
	r->e->c.source->count(r->e->c.source, &ask, counted_before, r);
}

void sr_run_pull(sr_run *r)
{
	r->pull = (sr_pull){ 0 };
	sr_judge_done(&r->judge);
	pull_kind(r);
}
