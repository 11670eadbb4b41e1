/* Runs that a person begins: sync, rehearse; and the one he stops. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

#include "engine/run_priv.h"

/* --- What may be run --- */

/* Facts that the row does not have. */
static bool year_over(sr_school *s)
{
	sr_context ctx = { 0 };
	bool over = true; /* not to know is not to write */
	sr_txn *t;

	if (sr_txn_begin(s->e->c.store, SR_TXN_READ, &t, NULL) == 0 &&
		sr_txn_end(s->e, t, sr_context_load(t, s, s->row.state.active, &ctx, NULL), NULL) == 0)
		over = ctx.year_over;
	sr_context_done(&ctx);
	return over;
}

bool sr_busy_refusal(const sr_school *s, sr_no *no)
{
	if (!s->run)
		return false;
	sr_no_init(no, SR_CODE_RUN_BUSY, "run %lld (%s) is under way", (long long)s->run->id,
		sr_run_kind_name(s->run->kind));
	sr_no_todo(no, "sisrollctl runs %lld", (long long)s->number);
	sr_no_todo(no, "sisrollctl run stop %lld", (long long)s->run->id);
	return true;
}

/* Buildings, roles and the acting user are known only after the first look at both systems; a plan made before
 * that would take every building for none. */
static bool unpolled(const sr_school *s, sr_no *no)
{
	if (sr_poll_done_count(s->e) > 0)
		return false;
	sr_no_init(no, SR_CODE_NOT_POLLED, "sisrolld has just started and has not looked at both systems yet");
	sr_no_todo(no, "sisrollctl refresh");
	return true;
}

static bool yearless(const sr_school *s, sr_no *no)
{
	if (s->row.state.active)
		return false;
	sr_no_init(no, s->row.state.chosen ? SR_CODE_CHOICE_PENDING : SR_CODE_NO_YEAR, "the school has no active year");
	sr_no_todo(no, "sisrollctl status %lld", (long long)s->number);
	return true;
}

/* The old year may go on by hand while it is alive on both sides (DESIGN section 2). */
static bool paused_refuses(sr_school *s, sr_no *no)
{
	const sr_phase_state *st = &s->row.state;
	char year[SR_YEAR_LABEL_BYTES], next[SR_YEAR_LABEL_BYTES];
	const char *number_next = sr_year_print(st->active + 1, next);

	sr_year_print(st->active, year);
	if (st->sis_rolled_noted)
		sr_no_init(no, SR_CODE_SIS_ROLLED,
			"PowerSchool has rolled over beyond %s: what it says now is not that year's", year);
	else if (year_over(s))
		sr_no_init(no, SR_CODE_YEAR_OVER, "the active year %s has ended", year);
	else if (st->verified != st->active)
		sr_no_init(no, SR_CODE_GATE, "the first run under %s was never verified: it begins through the gate",
			year);
	else
		return false;
	if (no->refusal.code == SR_CODE_GATE)
		sr_no_todo(no, "sisrollctl resume %lld", (long long)s->number);
	else
		sr_no_todo(no, "sisrollctl year set %s %lld", number_next, (long long)s->number);
	return true;
}

/* `scope`: what may also come after the daemon's own run; NULL: nothing may. */
static bool sync_refused(sr_school *s, const sr_scope *scope, sr_no *no)
{
	sr_phase phase = s->row.state.phase;

	if (unpolled(s, no) || yearless(s, no) || (!(scope && sr_follow_may(s, scope)) && sr_busy_refusal(s, no)))
		return true;
	if (phase == SR_PH_YEAR_SET || phase == SR_PH_TERMS_MAPPED) {
		sr_no_init(no, SR_CODE_RUN_NOT_ALLOWED, "nothing may write in %s: the first run begins with resume",
			sr_phase_name(phase));
		sr_no_todo(no, phase == SR_PH_YEAR_SET ? "sisrollctl terms list %lld" : "sisrollctl rehearse %lld",
			(long long)s->number);
		sr_no_todo(no, "sisrollctl resume %lld", (long long)s->number);
		return true;
	}
	return (phase == SR_PH_PAUSED && paused_refuses(s, no)) || sr_block_refusal(s, true, "sync", no) ||
	       sr_block_refusal(s, false, "sync", no);
}

bool sr_rehearsal_refuses(sr_school *s, sr_no *no)
{
	return unpolled(s, no) || yearless(s, no) || sr_busy_refusal(s, no) ||
	       sr_block_refusal(s, true, "rehearse", no);
}

/* --- What is asked for --- */

/* The first row of a scan of one kind whose text or number is the one asked for. */
static bool find_person(sr_txn *t, const char *number, int64_t *person, sr_err *err)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_mirror_row row;
	int found = sr_store_mirror_by_key(t, &a, SR_TGT_USER, number, &row, err);

	if (found > 0)
		*person = row.ident.a;
	return found > 0;
}

static bool find_section(sr_txn *t, const char *code, int64_t *section, sr_err *err)
{
	SR_AUTO(sr_arena) a = { 0 };
	sr_mirror_row row;
	int found = sr_store_mirror_by_key(t, &a, SR_TGT_SECTION, code, &row, err);

	if (found > 0)
		*section = row.ident.a;
	return found > 0 || sr_parse_i64(code, section);
}

/* A student by student number, where he was not written yet: looked for among the school's rows. */
static int find_student(sr_txn *t, const sr_school *s, const char *number, int64_t *person, sr_err *err)
{
	int64_t after = INT64_MIN;
	size_t count;

	do {
		SR_AUTO(sr_arena) a = { 0 };
		sr_source_row *rows;

		if (sr_store_source_range(
			    t, &a, s->number, SR_SRC_STUDENT, after, INT64_MAX, SR_CHUNK, &rows, &count, err) < 0)
			return -1;
		for (size_t i = 0; i < count; i++) {
			sr_record rec;

			sr_packed_values(&sr_src_kinds[SR_SRC_STUDENT], &rows[i].data, &a, &rec);
			after = rows[i].key;
			if (sr_streq(sr_record_text(&rec, SR_STU_STUDENT_NUMBER), number)) {
				*person = rows[i].ident.a;
				return 1;
			}
		}
	} while (count == SR_CHUNK);
	return 0;
}

typedef struct scope_ask {
	sr_scope scope;
	const sr_picks *picks;
	const char *student, *section;
	bool unknown_student, unknown_section;
} scope_ask;

static int scope_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	scope_ask *ask = arg;
	int found = !ask->student || find_person(t, ask->student, &ask->scope.person, err);

	(void)c;
	for (size_t i = 0; found == 0 && i < ask->picks->count; i++)
		found = find_student(t, ask->picks->at[i].s, ask->student, &ask->scope.person, err);
	if (found < 0)
		return -1;
	ask->unknown_student = !found;
	ask->unknown_section = ask->section && !find_section(t, ask->section, &ask->scope.section, err);
	return 0;
}

static bool kind_parse(const char *name, int *out)
{
	for (int k = 0; name && k < SR_TGT_COUNT; k++)
		if (strcmp(name, sr_tgt_name((sr_tgt)k)) == 0) {
			*out = k;
			return true;
		}
	return name == NULL;
}

int sr_scope_find(
	sr_txn *t, const sr_picks *picks, const char *student, const char *section, sr_scope *out, sr_err *err)
{
	scope_ask ask = { .scope = *out, .picks = picks, .student = student, .section = section };

	if (scope_read(NULL, t, &ask, err) < 0)
		return -1;
	*out = ask.scope;
	return 0;
}

bool sr_scope_kind(sr_call *c, int *kind)
{
	const char *name = sr_json_text(c->params, "kind");
	sr_no no;

	*kind = -1;
	if (kind_parse(name, kind))
		return true;
	sr_call_refuse_no(
		c, sr_no_init(&no, SR_CODE_INVALID, "\"%.40s\" is no kind: user, course, section or membership", name));
	return false;
}

/* False: the call was refused. */
static bool scope_of(sr_call *c, const sr_picks *picks, scope_ask *ask)
{
	sr_no no;

	*ask = (scope_ask){ .scope = { .kind = -1,
				    .drops = sr_json_bool(c->params, "drops", false) ||
					     sr_json_int(c->params, "raise_drops", 0),
				    .raised_percent = sr_json_int(c->params, "raise_drops", 0) },
		.picks = picks,
		.student = sr_json_text(c->params, "student"),
		.section = sr_json_text(c->params, "section") };
	if (!sr_scope_kind(c, &ask->scope.kind))
		return false;
	if (sr_call_read(c, scope_read, ask) < 0)
		return false;
	if (ask->unknown_student)
		sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_UNKNOWN_RECORD,
					     "no student of the number %.40s is known here", ask->student));
	else if (ask->unknown_section)
		sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_UNKNOWN_RECORD,
					     "no section of the code %.80s is known here", ask->section));
	else
		return true;
	return false;
}

/* --- A limit raised for one run --- */

static int raise_write(sr_school *s, sr_txn *t, sr_call *c, int64_t percent, sr_err *err)
{
	char why[240];

	snprintf(why, sizeof(why), "up to %lld %% of drops for one run: %.180s", (long long)percent, sr_call_reason(c));
	return sr_act_record(s->e, s, t, c->who, "raise-drops", why, err);
}

/* On the record before the run begins; the limit itself goes with the run's scope, and ends with it. */
static int raise_record(sr_call *c, sr_school *s, int64_t percent, sr_err *err)
{
	sr_txn *t;

	if (!percent)
		return 0;
	if (sr_txn_begin(s->e->c.store, SR_TXN_DURABLE, &t, err) < 0)
		return -1;
	return sr_txn_end(s->e, t, raise_write(s, t, c, percent, err), err);
}

/* False: the call was refused. */
static bool raise_allowed(sr_call *c, const sr_scope *scope)
{
	const json_t *given = json_object_get(c->params, "raise_drops");
	int64_t percent = sr_json_int(c->params, "raise_drops", 0);
	sr_no no;

	if (!json_is_integer(given))
		return true;
	if (percent < 1 || percent > 100)
		sr_call_refuse_no(
			c, sr_no_init(&no, SR_CODE_INVALID, "%lld is no share: 1 to 100 percent", (long long)percent));
	else if (sr_scope_confines(scope))
		sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_INVALID,
					     "a raised limit is for a whole run, not for a part of the school"));
	else
		return sr_call_needs_access(c, ACCESS_OPERATOR, "--raise-drops") &&
		       sr_call_needs_reason(c, "--raise-drops");
	return false;
}

/* --- Beginning --- */

static void begin(sr_call *c, sr_school *s, sr_run_kind kind, const sr_scope *scope)
{
	sr_err err = { 0 };
	int64_t id = 0;

	if ((scope && raise_record(c, s, scope->raised_percent, &err) < 0) ||
		sr_run_start(s, kind, c->who, kind == SR_RK_MANUAL, scope, &id, &err) < 0)
		sr_result_failed(c, s, &err);
	else
		sr_call_await_run(c, s, id);
}

/* The daemon's own run began before the question: it is let finish, and another one answers. */
static void follow(sr_call *c, sr_school *s, const sr_scope *scope)
{
	sr_err err = { 0 };

	if (sr_follow_ask(s, c->who, scope, &err) < 0)
		sr_result_failed(c, s, &err);
	else
		sr_call_await_next(c, s, s->run->id);
}

static sr_run_kind sync_kind(const sr_school *s, const sr_scope *scope)
{
	if (s->row.state.phase == SR_PH_RESUMED && !sr_scope_confines(scope))
		return SR_RK_FIRST;
	return SR_RK_MANUAL;
}

bool sr_sync_refusal(sr_school *s, sr_no *no)
{
	return sync_refused(s, &(sr_scope){ .kind = -1 }, no);
}

int sr_sync_begin(sr_call *c, sr_school *s, int64_t *run, sr_err *err)
{
	const sr_scope whole = { .kind = -1 };
	sr_run_kind kind = sync_kind(s, &whole);

	return sr_run_start(s, kind, c->who, kind == SR_RK_MANUAL, &whole, run, err);
}

void sr_cmd_sync(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	scope_ask ask;
	sr_no no;

	if (sr_select(c, SR_PICK_REFUSE, &picks) < 0 || !scope_of(c, &picks, &ask) || !raise_allowed(c, &ask.scope))
		return;
	for (size_t i = 0; i < picks.count; i++) {
		sr_school *s = picks.at[i].s;

		if (sr_result_unsynced(c, &picks.at[i]))
			continue;
		/* A raised limit would be used by the run under way. */
		if (sync_refused(s, sr_json_int(c->params, "raise_drops", 0) ? NULL : &ask.scope, &no))
			sr_result_refused(c, s, &no);
		else if (s->run)
			follow(c, s, &ask.scope);
		else
			begin(c, s, sync_kind(s, &ask.scope), &ask.scope);
	}
	sr_call_end_runs(c);
}

void sr_cmd_rehearse(sr_call *c)
{
	SR_AUTO(sr_picks) picks = { 0 };
	sr_no no;

	if (sr_select(c, SR_PICK_REFUSE, &picks) < 0)
		return;
	for (size_t i = 0; i < picks.count; i++) {
		sr_school *s = picks.at[i].s;

		if (sr_result_unsynced(c, &picks.at[i]))
			continue;
		if (sr_rehearsal_refuses(s, &no))
			sr_result_refused(c, s, &no);
		else
			begin(c, s, SR_RK_REHEARSAL, NULL);
	}
	sr_call_end_runs(c);
}

/* --- run stop --- */

static void stop_step(sr_call *c)
{
	const sr_awaited *w = &c->awaited[0];

	if (!w->s->run || w->s->run->id != w->run || c->e->stopping)
		sr_call_results(c);
}

static int stop_record(sr_call *c, sr_school *s, int64_t id, sr_err *err)
{
	char why[200];
	sr_txn *t;

	snprintf(why, sizeof(why), "run %lld: %.150s", (long long)id, sr_call_reason(c) ?: "stopped by hand");
	if (sr_txn_begin(c->e->c.store, SR_TXN_DURABLE, &t, err) < 0)
		return -1;
	return sr_txn_end(c->e, t, sr_act_record(c->e, s, t, c->who, "run-stop", why, err), err);
}

void sr_cmd_run_stop(sr_call *c)
{
	int64_t id = sr_json_int(c->params, "run", 0);
	sr_school *s = NULL;
	sr_err err = { 0 };
	json_t *row;
	sr_no no;

	for (size_t i = 0; i < c->e->school_count; i++)
		if (c->e->schools[i]->run && c->e->schools[i]->run->id == id)
			s = c->e->schools[i];
	if (!s) {
		sr_call_refuse_no(c, sr_no_init(&no, SR_CODE_UNKNOWN_RUN, "run %lld is not under way", (long long)id));
		return;
	}
	if (stop_record(c, s, id, &err) < 0) {
		sr_call_fail(c, &err);
		return;
	}
	s->run->by_hand = true;
	sr_run_stop(s, "stopped by a person");
	row = sr_result_done(c, s, false, "no request of it begins any more");
	if (row && json_object_set_new(row, "run", json_integer(id)) != 0)
		c->failed = true;
	sr_call_await_run(c, s, id);
	if (c->awaited_count && sr_call_waits(c))
		sr_call_hold(c, stop_step);
	else
		sr_call_results(c);
}
