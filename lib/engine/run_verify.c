/* Verifying. An ordinary run is verified by its confirmed answers. A first run is pulled and planned
 * once more, which must leave nothing to do; then section codes are read back, and the members of a
 * bounded random sample of sections must agree. */
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

#define CODES_A_CALL 50

static void verify_codes(void *arg);
static void verify_sample(void *arg);

static void differs(sr_run *r, const char *why)
{
	snprintf(r->stop_why, sizeof(r->stop_why), "%s", why);
	sr_run_raise(r, SR_RE_DIFFERS, why);
}

static bool failed_read(sr_run *r, const sr_err *failed)
{
	if (!failed)
		return false;
	sr_block_by_error(r->e, true, failed);
	sr_run_fail(r, failed);
	return true;
}

/* ---- section codes ----------------------------------------------------------------------------- */

static int sections_from(
	sr_run *r, sr_txn *t, sr_arena *a, size_t max, sr_mirror_row **rows, size_t *count, sr_err *err)
{
	sr_ident after = { r->verify.after, 0 };

	return sr_store_mirror_range(t, a, SR_TGT_SECTION, r->s->number, r->year, after, max, rows, count, err);
}

static bool has_code(const sr_read_answer *answer, const sr_mirror_row *row)
{
	for (size_t i = 0; i < answer->count; i++)
		if (answer->sections[i].id == row->object.sgy_id && sr_strcaseeq(answer->sections[i].code, row->key))
			return true;
	return false;
}

/* Each of the sections just asked for must have come; one that has not was deleted: it waits. One that
 * was thought to be gone and has come is back. */
static int codes_check(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_mirror_row *rows;
	size_t count;

	if (!answer->total_agrees)
		return sr_fail(err, SR_E_PROTO, "Schoology announced another number of sections than it sent");
	if (sections_from(r, t, &arena, CODES_A_CALL, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		bool gone = !has_code(answer, &rows[i]);

		r->verify.after = rows[i].ident.a;
		if (rows[i].object.gone == gone)
			continue;
		rows[i].object.gone = gone;
		rows[i].read_ms = sr_now_ms(r->e);
		r->verify.wrong++;
		if (sr_store_mirror_put(t, &rows[i], err) < 0)
			return -1;
	}
	return 0;
}

static void codes_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_run *r = arg;
	sr_err err;
	sr_txn *t;

	if (failed_read(r, failed))
		return;
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, codes_check(r, t, answer, &err), &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	sr_run_later(r, 0, verify_codes);
}

/* ---- the sample --------------------------------------------------------------------------------- */

/* Reservoir sampling over the sections as they pass: every one has the same chance. */
static int sample_add(sr_run *r, int64_t dcid)
{
	sr_verify *v = &r->verify;
	int64_t max = r->e->c.config->sync.verify_sample;

	if (!v->sample && max > 0)
		v->sample = calloc((size_t)max, sizeof(*v->sample));
	if (max > 0 && !v->sample)
		return -1;
	v->passed++;
	if ((int64_t)v->sample_count < max) {
		v->sample[v->sample_count++] = dcid;
	} else if (max > 0) {
		int64_t slot = sr_random_u32(r->e) % v->passed;

		if (slot < max)
			v->sample[slot] = dcid;
	}
	return 0;
}

static const sr_target_member *member_find(const sr_read_answer *answer, const char *uid)
{
	for (size_t i = 0; i < answer->count; i++)
		if (sr_strcaseeq(answer->members[i].school_uid, uid) && sr_member_stands(answer->members[i].status))
			return &answer->members[i];
	return NULL;
}

/* What Schoology really holds goes into the mirror: a member that somebody took out waits for a
 * person; another admin flag is planned again. */
static int member_check(sr_run *r, sr_txn *t, sr_mirror_row *row, const sr_read_answer *answer, sr_err *err)
{
	const sr_target_member *m = member_find(answer, sr_record_text(&row->object.values, SR_M_SCHOOL_UID));
	int64_t admin = sr_record_int(&row->object.values, SR_M_ADMIN, 0) != 0;

	if (row->object.restorable || row->object.gone || (m && m->admin == admin))
		return 0;
	r->verify.wrong++;
	if (m)
		sr_record_set_int(&row->object.values, SR_M_ADMIN, m->admin);
	else
		row->object.gone = true;
	row->read_ms = sr_now_ms(r->e);
	return sr_store_mirror_put(t, row, err);
}

static int members_check(sr_run *r, sr_txn *t, int64_t section, const sr_read_answer *answer, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_mirror_row *rows;
	size_t count;

	if (!answer->total_agrees)
		return sr_fail(err, SR_E_PROTO, "Schoology announced another number of members than it sent");
	if (sr_store_mirror_range(t, &arena, SR_TGT_MEMBERSHIP, r->s->number, r->year, (sr_ident){ section, INT64_MIN },
		    2000, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && rows[i].ident.a == section; i++)
		if (member_check(r, t, &rows[i], answer, err) < 0)
			return -1;
	return 0;
}

static void members_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_run *r = arg;
	sr_err err;
	sr_txn *t;

	if (failed_read(r, failed))
		return;
	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, members_check(r, t, r->verify.sample[r->verify.at], answer, &err), &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	r->verify.at++;
	sr_run_later(r, 0, verify_sample);
}

static void verify_end(sr_run *r)
{
	char why[120];

	if (r->verify.wrong == 0) {
		sr_run_raise(r, SR_RE_VERIFIED, NULL);
		return;
	}
	snprintf(why, sizeof(why), "read back from Schoology: %lld sections or members are not as confirmed",
		(long long)r->verify.wrong);
	differs(r, why);
}

static void verify_sample(void *arg)
{
	sr_run *r = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	sr_mirror_row mirror;
	int found = 0;
	sr_txn *t;

	r->timer = NULL;
	if (sr_run_stale(r)) {
		sr_run_raise(r, SR_RE_STOP, r->stop_why);
		return;
	}
	if (r->verify.at == r->verify.sample_count) {
		verify_end(r);
		return;
	}
	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, NULL) == 0) {
		found = sr_store_mirror_get(
			t, &arena, SR_TGT_SECTION, (sr_ident){ r->verify.sample[r->verify.at], 0 }, &mirror, NULL);
		sr_txn_rollback(t);
	}
	if (found <= 0 || mirror.object.gone) {
		r->verify.at++;
		sr_run_later(r, 0, verify_sample);
		return;
	}
	r->e->c.target->read(
		r->e->c.target, &(sr_read_ask){ .what = SR_READ_MEMBERS, .id = mirror.object.sgy_id }, members_came, r);
}

static void verify_codes(void *arg)
{
	sr_run *r = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	const char *keys[CODES_A_CALL];
	sr_mirror_row *rows;
	size_t count = 0, n = 0;
	sr_err err;
	sr_txn *t;

	r->timer = NULL;
	if (sr_run_stale(r)) {
		sr_run_raise(r, SR_RE_STOP, r->stop_why);
		return;
	}
	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, &err) < 0 ||
		sr_txn_end(r->e, t, sections_from(r, t, &arena, CODES_A_CALL, &rows, &count, &err), &err) < 0) {
		sr_run_fail(r, &err);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		keys[n++] = rows[i].key;
		if (!rows[i].object.gone)
			sample_add(r, rows[i].ident.a);
	}
	if (n)
		r->e->c.target->read(r->e->c.target,
			&(sr_read_ask){ .what = SR_READ_SECTIONS_BY_CODE, .keys = keys, .key_count = n }, codes_came,
			r);
	else
		sr_run_later(r, 0, verify_sample);
}

static void looked(sr_run *r)
{
	sr_run_raise(r, SR_RE_VERIFIED, NULL);
}

void sr_run_verify(sr_run *r)
{
	if (r->kind != SR_RK_FIRST) {
		if (sr_check_due(r))
			sr_check_daily(r, looked);
		else
			looked(r);
		return;
	}
	if (r->planner.planned && r->created + r->updated + r->failed != r->ended_before) {
		/* Something was sent: pull again, and only an empty plan counts. What was planned and not sent
		 * (deferred, with its reason) would only be planned and deferred again. */
		r->ended_before = r->created + r->updated + r->failed;
		r->pass++;
		sr_run_raise(r, SR_RE_AGAIN, NULL);
		return;
	}
	free(r->verify.sample);
	r->verify = (sr_verify){ .after = INT64_MIN };
	sr_run_later(r, 0, verify_codes);
}
