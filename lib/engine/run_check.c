/* Verifying: what Schoology really holds, read piece by piece within a number of requests, against what was confirmed.
 * A look that does not come to its end is gone on with by the next one. It writes nothing to Schoology, whatever it
 * finds: to repair is to take in what stands there, so that an ordinary run plans the rest, with fence, guards and
 * waiting room. */
#include "engine/check_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAILY_MS (20 * 3600 * 1000LL) /* less than a day, lest it come later every day */
#define DAILY_BUDGET 100

static void check_turn(void *arg);

void sr_check_free(struct sr_check *k)
{
	if (!k)
		return;
	free(k->courses);
	free(k->missing);
	free(k->strangers);
	json_decref(k->findings);
	sr_arena_done(&k->arena);
	free(k);
}

/* ---- the steps: what each asks, and what becomes of the answer --------------------------------------- */

static int rows_next(sr_run *r, sr_txn *t, sr_tgt kind, sr_arena *a, sr_mirror_row **rows, size_t *n, sr_err *err)
{
	sr_ident after = { r->check->pass.after, 0 };

	return sr_store_mirror_range(t, a, kind, r->s->number, kind == SR_TGT_USER ? SR_YEARID_NONE : r->year, after,
		SR_CHECK_KEYS, rows, n, err);
}

/* Each asks answers 1: `ask` is the question, 0: the step is done. */
static int keys_ask(sr_run *r, sr_txn *t, sr_arena *a, const char **keys, sr_read_ask *ask, sr_err *err)
{
	bool users = r->check->pass.step == SR_CK_USERS;
	sr_mirror_row *rows;
	size_t n;

	if (rows_next(r, t, users ? SR_TGT_USER : SR_TGT_SECTION, a, &rows, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		keys[i] = *rows[i].key ? rows[i].key : "-";
	*ask = (sr_read_ask){
		.what = users ? SR_READ_USERS_BY_KEY : SR_READ_SECTIONS_BY_CODE, .keys = keys, .key_count = n
	};
	return n > 0;
}

static int users_note(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	SR_AUTO(sr_arena) a = { 0 };
	struct sr_check *k = r->check;
	sr_mirror_row *rows;
	size_t n;

	if (rows_next(r, t, SR_TGT_USER, &a, &rows, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		k->pass.after = rows[i].ident.a;
		k->pass.seen[SR_CK_USERS] += !rows[i].object.gone;
		if (!sr_check_skips(r, &rows[i]) && sr_check_user(r, t, &rows[i], answer, &a, err) < 0)
			return -1;
	}
	return 0;
}

static int sections_note(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	SR_AUTO(sr_arena) a = { 0 };
	struct sr_check *k = r->check;
	sr_mirror_row *rows;
	size_t n;

	if (rows_next(r, t, SR_TGT_SECTION, &a, &rows, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		k->pass.after = rows[i].ident.a;
		k->pass.seen[SR_CK_SECTIONS] += !rows[i].object.gone;
		if (sr_check_section(r, t, &rows[i], answer, &a, err) < 0)
			return -1;
	}
	return 0;
}

static int courses_ask(sr_run *r, sr_txn *t, sr_arena *a, const char **keys, sr_read_ask *ask, sr_err *err)
{
	(void)t, (void)a, (void)keys, (void)err;
	*ask = (sr_read_ask){ .what = SR_READ_COURSES, .building = r->s->building };
	return !r->check->courses_known && r->s->building;
}

static int by_id(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

/* Our courses of the year: yearless ones, and those that an earlier year wrote last, are not looked at. */
static int our_courses(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	sr_ident after = { INT64_MIN, INT64_MIN };
	size_t n;

	do {
		SR_AUTO(sr_arena) a = { 0 };
		sr_mirror_row *rows;

		if (sr_store_mirror_range(
			    t, &a, SR_TGT_COURSE, r->s->number, r->year, after, SR_CHUNK, &rows, &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			after = rows[i].ident;
			r->check->pass.seen[SR_CK_COURSES] += !rows[i].object.gone;
			if (sr_check_course(r, t, &rows[i], answer, &a, err) < 0)
				return -1;
		}
	} while (n == SR_CHUNK);
	return 0;
}

static int courses_note(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	struct sr_check *k = r->check;

	free(k->courses);
	k->courses = calloc(answer->count + 1, sizeof(*k->courses));
	if (!k->courses)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < answer->count; i++) {
		k->courses[i] = answer->courses[i].id;
		if (sr_check_strange_course(r, t, &answer->courses[i], err) < 0)
			return -1;
	}
	k->course_count = answer->count;
	k->courses_known = true;
	qsort(k->courses, k->course_count, sizeof(*k->courses), by_id);
	/* A look that goes on behind them reads the list again only to know whose sections to ask for. */
	return k->pass.step == SR_CK_COURSES ? our_courses(r, t, answer, err) : 0;
}

static int accounts_ask(sr_run *r, sr_txn *t, sr_arena *a, const char **keys, sr_read_ask *ask, sr_err *err)
{
	(void)t, (void)a, (void)keys, (void)err;
	*ask = (sr_read_ask){ .what = SR_READ_USERS, .building = r->s->building };
	return r->s->building && r->check->pass.after != INT64_MAX;
}

static int accounts_note(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	struct sr_check *k = r->check;

	for (size_t i = 0; i < answer->count; i++)
		if (sr_check_strange_user(r, t, &answer->users[i], err) < 0)
			return -1;
	k->pass.after = INT64_MAX;
	k->pass.seen[SR_CK_ACCOUNTS] = (int64_t)answer->count;
	return 0;
}

static int classes_ask(sr_run *r, sr_txn *t, sr_arena *a, const char **keys, sr_read_ask *ask, sr_err *err)
{
	const struct sr_check *k = r->check;

	if (courses_ask(r, t, a, keys, ask, err))
		return 1;
	for (size_t i = 0; i < k->course_count; i++)
		if (k->courses[i] > k->pass.after) {
			*ask = (sr_read_ask){ .what = SR_READ_SECTIONS, .id = k->courses[i] };
			return 1;
		}
	return 0;
}

static int classes_note(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	struct sr_check *k = r->check;
	size_t at = 0;

	if (k->asked == SR_READ_COURSES)
		return courses_note(r, t, answer, err);
	for (size_t i = 0; i < answer->count; i++)
		if (sr_check_strange_section(r, t, &answer->sections[i], err) < 0)
			return -1;
	while (at < k->course_count && k->courses[at] <= k->pass.after)
		at++;
	k->pass.after = at < k->course_count ? k->courses[at] : INT64_MAX;
	k->pass.seen[SR_CK_CLASSES]++;
	return 0;
}

/* 1: `out` is the next section whose members can be read. */
static int section_next(sr_run *r, sr_txn *t, sr_arena *a, sr_mirror_row *out, sr_err *err)
{
	int64_t after = r->check->pass.after;
	sr_mirror_row *rows;
	size_t n;

	do {
		if (sr_store_mirror_range(t, a, SR_TGT_SECTION, r->s->number, r->year, (sr_ident){ after, 0 },
			    SR_CHECK_KEYS, &rows, &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			after = rows[i].ident.a;
			*out = rows[i];
			if (!rows[i].object.gone && rows[i].object.sgy_id)
				return 1;
		}
	} while (n == SR_CHECK_KEYS);
	return 0;
}

static int members_ask(sr_run *r, sr_txn *t, sr_arena *a, const char **keys, sr_read_ask *ask, sr_err *err)
{
	sr_mirror_row section;
	int found = section_next(r, t, a, &section, err);

	(void)keys;
	if (found > 0)
		*ask = (sr_read_ask){ .what = SR_READ_MEMBERS, .id = section.object.sgy_id };
	return found;
}

static int members_note(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	SR_AUTO(sr_arena) a = { 0 };
	struct sr_check *k = r->check;
	sr_mirror_row section;
	int found = section_next(r, t, &a, &section, err);

	if (found <= 0)
		return found;
	k->pass.after = section.ident.a;
	k->pass.seen[SR_CK_MEMBERS]++;
	k->members_left -= k->members_left > 0;
	/* Deleted between the two reads: the next look says so. */
	return answer->requests ? sr_check_members(r, t, section.ident.a, answer, err) : 0;
}

static const struct {
	int (*ask)(sr_run *, sr_txn *, sr_arena *, const char **, sr_read_ask *, sr_err *);
	int (*note)(sr_run *, sr_txn *, const sr_read_answer *, sr_err *);
	bool daily;
} steps[SR_CK_COUNT] = {
	[SR_CK_USERS] = { keys_ask, users_note, false },
	[SR_CK_SECTIONS] = { keys_ask, sections_note, true },
	[SR_CK_COURSES] = { courses_ask, courses_note, true },
	[SR_CK_ACCOUNTS] = { accounts_ask, accounts_note, true },
	[SR_CK_CLASSES] = { classes_ask, classes_note, true },
	[SR_CK_MEMBERS] = { members_ask, members_note, false },
};

/* ---- the end ---------------------------------------------------------------------------------------- */

static int totals_read(sr_run *r, sr_txn *t, sr_err *err)
{
	struct sr_check *k = r->check;

	if (sr_store_mirror_count(t, SR_TGT_USER, r->s->number, 0, &k->totals[SR_CK_USERS], err) < 0 ||
		sr_store_mirror_count(t, SR_TGT_SECTION, r->s->number, r->year, &k->totals[SR_CK_SECTIONS], err) < 0 ||
		sr_store_mirror_count(t, SR_TGT_COURSE, r->s->number, r->year, &k->totals[SR_CK_COURSES], err) < 0)
		return -1;
	k->totals[SR_CK_MEMBERS] = k->totals[SR_CK_SECTIONS];
	k->totals[SR_CK_CLASSES] = (int64_t)k->course_count ?: k->totals[SR_CK_COURSES];
	return 0;
}

static int end_write(sr_run *r, sr_txn *t, const char **why, sr_err *err)
{
	struct sr_check *k = r->check;

	k->complete = k->pass.step == SR_CK_COUNT;
	k->pass.at_ms = sr_now_ms(r->e);
	if (totals_read(r, t, err) < 0 || sr_check_strangers(r, t, why, err) < 0)
		return -1;
	return sr_store_check_put(t, &k->pass, err);
}

static void check_failed(sr_run *r, const sr_err *err)
{
	/* The daemon's own look is beside the run: that has done its work. */
	if (r->check->ask.daily) {
		sr_engine_say(
			r->e, SR_INFO, SR_MSG_NONE, r->s->number, NULL, "the daily look ended early: %s", err->text);
		r->check->done(r);
	} else {
		sr_block_by_error(r->e, true, err);
		sr_run_fail(r, err);
	}
}

static void check_end(sr_run *r)
{
	struct sr_check *k = r->check;
	const char *why = NULL;
	sr_err err;
	sr_txn *t;

	if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) < 0 ||
		sr_txn_end(r->e, t, end_write(r, t, &why, &err), &err) < 0) {
		check_failed(r, &err);
		return;
	}
	if (why)
		sr_block_raise(r->e, r->s->number, SR_BL_FOREIGN_WRITER, why);
	if (k->ask.daily && k->taken) {
		sr_engine_say(r->e, SR_WARNING, SR_MSG_NONE, r->s->number, NULL,
			"%lld sections are not in Schoology any more, or there again: the next run asks a person",
			(long long)k->taken);
		r->s->wanted = true;
	}
	k->done(r);
}

static int absent_note(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	struct sr_check *k = r->check;

	for (size_t i = 0; i < k->missing_count; i++) {
		SR_AUTO(sr_arena) a = { 0 };
		bool inactive = false;
		sr_mirror_row row;
		int found = sr_store_mirror_get(t, &a, SR_TGT_USER, (sr_ident){ k->missing[i], 0 }, &row, err);

		if (found < 0)
			return -1;
		for (size_t n = 0; found && n < answer->count; n++)
			inactive |= answer->users[n].id == row.object.sgy_id;
		if (found && sr_check_absent(r, t, &row, inactive, err) < 0)
			return -1;
	}
	k->missing_count = 0;
	return 0;
}

/* ---- turn by turn ------------------------------------------------------------------------------------- */

static int answer_note(sr_run *r, sr_txn *t, const sr_read_answer *answer, sr_err *err)
{
	struct sr_check *k = r->check;

	if (k->asked == SR_READ_INACTIVE)
		return absent_note(r, t, answer, err);
	if (steps[k->pass.step].note(r, t, answer, err) < 0)
		return -1;
	return k->nomem ? sr_fail_nomem(err) : 0;
}

static void check_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	/* What was asked about is not there at all; no request says so of its own. */
	static const sr_read_answer none = { .total_agrees = true };
	sr_run *r = arg;
	bool gone = failed && failed->code == SR_E_NOTFOUND;
	sr_err err;
	sr_txn *t;

	if (failed && !gone) {
		check_failed(r, failed);
		return;
	}
	answer = gone ? &none : answer;
	r->check->requests += answer->requests ?: 1;
	r->done = r->check->requests;
	if (!answer->total_agrees)
		sr_fail(&err, SR_E_PROTO,
			"Schoology's list is not what it announced: nothing can be concluded from it");
	else if (sr_txn_begin(r->e->c.store, SR_TXN_WRITE, &t, &err) == 0 &&
		 sr_txn_end(r->e, t, answer_note(r, t, answer, &err), &err) == 0) {
		sr_run_progress(r);
		sr_run_later(r, 0, check_turn);
		return;
	}
	check_failed(r, &err);
}

static void ask(sr_run *r, const sr_read_ask *question)
{
	r->check->asked = question->what;
	r->e->c.target->read(r->e->c.target, question, check_came, r);
}

/* 1: asked; 0: the step is done; -1. */
static int step_ask(sr_run *r, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	const char *keys[SR_CHECK_KEYS];
	sr_read_ask question;
	sr_txn *t;
	int more;

	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, err) < 0)
		return -1;
	more = steps[r->check->pass.step].ask(r, t, &arena, keys, &question, err);
	sr_txn_rollback(t);
	if (more > 0)
		ask(r, &question);
	return more;
}

static bool spent(const struct sr_check *k)
{
	return k->pass.step == SR_CK_COUNT || k->requests >= k->ask.budget ||
	       (k->pass.step == SR_CK_MEMBERS && k->members_left == 0);
}

static void step_over(struct sr_check *k)
{
	k->pass.step++;
	k->pass.after = INT64_MIN;
}

static void check_turn(void *arg)
{
	sr_run *r = arg;
	struct sr_check *k = r->check;
	sr_err err;
	int asked = 0;

	if (sr_run_turn_over(r))
		return;
	while (!spent(k) && asked == 0) {
		asked = k->ask.daily && !steps[k->pass.step].daily ? 0 : step_ask(r, &err);
		if (asked == 0)
			step_over(k);
	}
	if (asked < 0)
		check_failed(r, &err);
	else if (!asked && k->missing_count)
		ask(r, &(sr_read_ask){ .what = SR_READ_INACTIVE });
	else if (!asked)
		check_end(r);
}

/* ---- the beginning -------------------------------------------------------------------------------------- */

/* A look goes on where the last one ended, in the year it was of. */
static int pass_load(sr_run *r, sr_txn *t, sr_err *err)
{
	struct sr_check *k = r->check;
	int found = sr_store_check_get(t, r->s->number, k->ask.daily, &k->pass, err);

	if (found < 0)
		return -1;
	if (!found || k->ask.afresh || k->pass.year != r->year || k->pass.step >= SR_CK_COUNT)
		k->pass = (sr_check_pass){
			.school = r->s->number, .daily = k->ask.daily, .year = r->year, .after = INT64_MIN
		};
	return 0;
}

static void check_begin(sr_run *r, const sr_check_ask *about, void (*done)(sr_run *r))
{
	struct sr_check *k = calloc(1, sizeof(*k));
	sr_err err;
	sr_txn *t;

	sr_check_free(r->check);
	r->check = k;
	if (!k || !(k->findings = json_array())) {
		sr_fail_nomem(&err);
		sr_run_fail(r, &err);
		return;
	}
	k->ask = *about;
	k->done = done;
	k->members_left = about->members;
	if (sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, &err) < 0 ||
		sr_txn_end(r->e, t, pass_load(r, t, &err), &err) < 0) {
		check_failed(r, &err);
		return;
	}
	sr_run_later(r, 0, check_turn);
}

static void settled(sr_run *r)
{
	sr_run_raise(r, SR_RE_PULLED, "nothing is under way");
}

/* What a dead process had in flight is asked about first: it would be taken for another's. */
void sr_check_pull(sr_run *r)
{
	if (sr_settle_needed(r))
		sr_settle(r, settled);
	else
		settled(r);
}

static void verified(sr_run *r)
{
	static const sr_scope whole = { .kind = -1 };
	const struct sr_check *k = r->check;
	int64_t all = 0;
	char why[160];

	for (int i = 0; i < SR_FI_COUNT; i++)
		all += k->counts[i];
	if (k->ask.repair && k->taken)
		sr_follow_ask(r->s, r->who, &whole, NULL);
	snprintf(why, sizeof(why), "%lld differences%s", (long long)all, k->complete ? "" : "; not all was read");
	sr_run_raise(r, SR_RE_PLAN_ONLY, why);
}

void sr_check_plan(sr_run *r)
{
	r->total = r->scope.check.budget;
	check_begin(r, &r->scope.check, verified);
}

bool sr_check_due(sr_run *r)
{
	sr_check_pass pass = { 0 };
	sr_txn *t;
	int found;

	if (r->kind != SR_RK_SCHEDULED || !r->s->building || r->s->row.state.verified != r->year ||
		sr_txn_begin(r->e->c.store, SR_TXN_READ, &t, NULL) < 0)
		return false;
	found = sr_store_check_get(t, r->s->number, true, &pass, NULL);
	sr_txn_rollback(t);
	return found >= 0 && sr_now_ms(r->e) - (found ? pass.at_ms : r->s->row.since_ms) >= DAILY_MS;
}

void sr_check_daily(sr_run *r, void (*done)(sr_run *r))
{
	check_begin(r, &(sr_check_ask){ .budget = DAILY_BUDGET, .members = -1, .daily = true }, done);
}
