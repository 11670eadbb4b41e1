/* The laws are asked of the database and of the services, never of the engine's memory, but for what a
 * person would be shown: that is asked by command. */
#include "laws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "engine/block.h"
#include "io/store_history.h"
#include "io/store_outbox.h"
#include "io/store_school.h"
#include "io/store_waiting.h"

#define HISTORY_MAX 4000
#define DIFFERENCES_MAX 400
#define LOGINS_MAX 10 /* the default of [guard] login_changes */

static bool any_may_make_periods(sr_txn *t)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_school_row *rows;
	size_t count;
	bool may = false;

	if (sr_store_schools(t, &arena, &rows, &count, NULL) < 0)
		return false;
	for (size_t i = 0; i < count; i++)
		may |= rows[i].state.phase != SR_PH_PAUSED;
	return may;
}

static sr_run_kind plan_kind(sr_txn *t, int64_t plan)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_plan_row row;

	return sr_store_plan_get(t, &arena, plan, &row, NULL) > 0 ? row.kind : SR_RK_REHEARSAL;
}

/* What a person has rejected stays here; what waits, and every drop of a first run, goes with his word alone. */
static bool decided(sr_txn *t, int64_t school, sr_run_kind kind, const sr_item_row *row, bool *approved)
{
	SR_AUTO(sr_arena) arena = { 0 };
	bool asks = row->item.waits || (kind == SR_RK_FIRST && row->item.op == SR_OP_DROP);
	sr_waiting_row w;
	int found = sr_store_waiting_get(t, &arena, school, row->item.kind, row->item.ident, &w, NULL);

	*approved = found > 0 && w.op == row->item.op && w.state == SR_WT_APPROVED;
	if (found <= 0 || w.op != row->item.op)
		return found >= 0 && !asks;
	return *approved || (w.state == SR_WT_OPEN && !asks);
}

/* Does PowerSchool have this student in this class, at this very moment? */
static bool in_class(uv_world *w, sr_ident ident)
{
	static const char sql[] =
		"select 1 from cc join sections s on s.id = cc.sectionid join students st on st.id = cc.studentid"
		" where s.dcid = ?1 and st.dcid = ?2 and st.enroll_status = 0 and cc.termid > 0 and cc.dateenrolled <= "
		"?3"
		" and (cc.dateleft is null or cc.dateleft > ?3)";
	char today[11];
	sqlite3_stmt *q;
	bool in;

	sr_day_print(uv_today(w, &(int){ 0 }), today);
	if (ident.b != sr_person_student(sr_person_dcid(ident.b)) ||
		sqlite3_prepare_v2(w->sim.db, sql, -1, &q, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_int64(q, 1, ident.a);
	sqlite3_bind_int64(q, 2, sr_person_dcid(ident.b));
	sqlite3_bind_text(q, 3, today, -1, SQLITE_STATIC);
	in = sqlite3_step(q) == SQLITE_ROW;
	sqlite3_finalize(q);
	return in;
}

/* No row at all comes of a school that had ten or more: that is no ground for taking anybody away. */
static bool feed_lost(uv_world *w, int64_t school)
{
	sqlite3_stmt *q;
	bool lost;

	/* Before the first loss there is no such table, and no loss. */
	if (sqlite3_prepare_v2(w->sim.db,
		    "select 1 where (select count(*) from sim_lost_cc where schoolid = ?1) >= 10"
		    " and not exists (select 1 from cc where schoolid = ?1)",
		    -1, &q, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_int64(q, 1, school);
	lost = sqlite3_step(q) == SQLITE_ROW;
	sqlite3_finalize(q);
	return lost;
}

/* NULL: every operation of it may go. */
static const char *batch_objection(uv_world *w, sr_txn *t, const sr_batch_row *batch, sr_run_kind kind)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_item_row *rows;
	size_t count;
	int64_t logins = 0;

	if (kind == SR_RK_UNDO) /* shown and confirmed as a whole */
		return NULL;
	if (sr_store_plan_batch_items(t, &arena, batch->id, &rows, &count, NULL) < 0)
		return "its operations cannot be read";
	for (size_t i = 0; i < count; i++) {
		bool approved;

		if (!decided(t, batch->school, kind, &rows[i], &approved))
			return "nobody has approved it";
		if (rows[i].item.op == SR_OP_DROP && rows[i].item.kind == SR_TGT_MEMBERSHIP &&
			in_class(w, rows[i].item.ident))
			return "PowerSchool has the student in the class";
		if (rows[i].item.op == SR_OP_DROP && feed_lost(w, batch->school))
			return "PowerSchool sent no class at all";
		logins += rows[i].item.login && !approved;
	}
	return logins >= LOGINS_MAX ? "so many logins change" : NULL;
}

static bool blocked(sr_txn *t, int64_t school)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_block_row *rows;
	size_t count;

	if (sr_store_blocks(t, &arena, &rows, &count, NULL) < 0)
		return true;
	for (size_t i = 0; i < count; i++) {
		const sr_block_def *def = sr_block_find(rows[i].code);

		if ((!rows[i].school || rows[i].school == school) && def && def->stops_writes)
			return true;
	}
	return false;
}

static bool phase_allows(const sr_phase_state *st, sr_run_kind kind)
{
	bool by_hand = kind == SR_RK_MANUAL || kind == SR_RK_UNDO || kind == SR_RK_INACTIVE;

	if (kind == SR_RK_REHEARSAL || kind == SR_RK_VERIFY)
		return false;
	if (st->phase == SR_PH_PAUSED)
		return by_hand && st->active && !st->sis_rolled_noted;
	return st->phase == SR_PH_SYNCING || st->phase == SR_PH_RESUMED;
}

/* ---- no other year ------------------------------------------------------------------------------- */

static int year_of_code(const char *code)
{
	int school, year;

	return code && sscanf(code, "%d-%4d-", &school, &year) == 2 ? year : 0;
}

/* By id, as Schoology has it now. 0: it has no such section. */
static int year_of_section(uv_world *w, int64_t id)
{
	sqlite3_stmt *q;
	int year = 0;

	if (sqlite3_prepare_v2(w->sim.db, "select section_school_code from sgy_section where id = ?1", -1, &q, NULL) !=
		SQLITE_OK)
		return -1;
	sqlite3_bind_int64(q, 1, id);
	if (sqlite3_step(q) == SQLITE_ROW)
		year = year_of_code((const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	return year;
}

static bool names_other_year(const json_t *body, int year)
{
	int found = year_of_code(json_string_value(json_object_get(body, "section_school_code")));
	const json_t *child;
	const char *key;
	size_t i;

	if (found && found != year)
		return true;
	json_object_foreach((json_t *)body, key, child)
		if (names_other_year(child, year))
			return true;
	json_array_foreach((json_t *)body, i, child)
		if (names_other_year(child, year))
			return true;
	return false;
}

/* Every section that the request names, in its path or its body, by id or by code, is of the school's active year. */
static bool of_another_year(uv_world *w, const sr_request *r, int year)
{
	const char *at = strstr(r->url, "/sections/");
	json_auto_t *body = r->body ? json_loadb(r->body, r->body_bytes, 0, NULL) : NULL;
	const json_t *section;
	size_t i;

	if (at) { /* one that somebody has deleted is of no year */
		int of = year_of_section(w, atoll(at + strlen("/sections/")));

		if (of && of != year)
			return true;
	}
	json_array_foreach(json_object_get(json_object_get(body, "sections"), "section"), i, section) {
		const char *id = json_string_value(json_object_get(section, "id"));
		int of = id ? year_of_section(w, atoll(id)) : 0;

		if (of && of != year)
			return true;
	}
	return names_other_year(body, year);
}

/* ---- no DELETE ----------------------------------------------------------------------------------- */

/* Nobody whom PowerSchool has active, at this very moment, by the number of his account. */
static bool is_active(uv_world *w, int64_t uid)
{
	static const char sql[] =
		"select 1 from sgy_user u join students st on u.school_uid = cast(st.student_number as"
		" integer) where u.id = ?1 and st.enroll_status = 0";
	sqlite3_stmt *q;
	bool active;

	if (sqlite3_prepare_v2(w->sim.db, sql, -1, &q, NULL) != SQLITE_OK)
		return true;
	sqlite3_bind_int64(q, 1, uid);
	active = sqlite3_step(q) == SQLITE_ROW;
	sqlite3_finalize(q);
	return active;
}

/* Leavers alone, by a plan that a person has confirmed, with the two options without which it would destroy. */
static void delete_begins(uv_world *w, const sr_request *r, sr_run_kind kind)
{
	const char *uids = strstr(r->url, "uids=");
	char id[24], *end;

	if (!w->inactivated || kind != SR_RK_INACTIVE || !uids || !strstr(r->url, "option_keep_enrollments=1") ||
		!strstr(r->url, "email_notification=0"))
		return uv_break(w, "%s %s was begun", r->method, r->url);
	for (uids += strlen("uids="); *uids; uids = end + (*end != '\0')) {
		int64_t uid = strtoll(uids, &end, 10);

		while (*end && !strchr("0123456789", *end) && strncmp(end, "%2C", 3) == 0)
			end += 2;
		if (is_active(w, uid))
			uv_break(w, "account %lld was made inactive, and PowerSchool has him", (long long)uid);
		snprintf(id, sizeof(id), "%lld", (long long)uid);
		uv_excuse_add(w, "user-not-as-before", id);
	}
}

/* ---- a write begins ------------------------------------------------------------------------------ */

/* The intent is on disk before the request leaves: the newest open batch is this very call, and the school as it
 * stands in the database must allow it. NULL: it does. */
static const char *objection(uv_world *w, sr_txn *t, const sr_request *r, sr_run_kind *kind)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_school_row school;
	sr_batch_row *rows;
	size_t count;

	if (sr_outbox_open(t, &arena, 0, &rows, &count, NULL) < 0 || count == 0 ||
		rows[count - 1].state != SR_BS_SENT || rows[count - 1].sent_ms != w->base_ms + w->now_ms ||
		sr_store_school_load(t, &arena, rows[count - 1].school, &school, NULL) <= 0)
		return "it was not recorded before";
	*kind = plan_kind(t, rows[count - 1].plan);
	if (school.state.epoch != rows[count - 1].epoch)
		return "its epoch is over";
	if (!phase_allows(&school.state, *kind))
		return "its school's phase forbids it";
	if (blocked(t, school.number))
		return "its school is blocked";
	if (of_another_year(w, r, school.state.active + 1990))
		return "it is of another year";
	return batch_objection(w, t, &rows[count - 1], *kind);
}

/* A write that its school must not make is a broken law, wherever it came from. */
void uv_write_begins(uv_world *w, const sr_request *r)
{
	sr_run_kind kind = SR_RK_REHEARSAL;
	const char *why;
	sr_txn *t;

	if (sr_txn_begin(w->store, SR_TXN_READ, &t, NULL) < 0) {
		uv_break(w, "a write leaves while a transaction is open");
		return;
	}
	if (strstr(r->url, "/gradingperiods"))
		why = any_may_make_periods(t) ? NULL : "no school's phase allows periods";
	else
		why = objection(w, t, r, &kind);
	sr_txn_rollback(t);
	if (why)
		uv_break(w, "%s %s was begun although %s", r->method, r->url, why);
	if (sr_streq(r->method, "DELETE"))
		delete_begins(w, r, kind);
}

/* ---- at any quiet moment ------------------------------------------------------------------------- */

static void budget_held(uv_world *w)
{
	int64_t max = sim_sgy_max_cost(w->sim.db, w->config->schoology.rate_window_ms, 0);

	if (max > w->config->schoology.rate_credits)
		uv_break(w, "a window of requests cost %lld credits", (long long)max);
}

/* Every transition begins where the one before ended, and the last ends where the school stands now. */
static void history_of_school(uv_world *w, sr_txn *t, const sr_school_row *school)
{
	SR_AUTO(sr_arena) arena = { 0 };
	const char *at = sr_phase_name(SR_PH_PAUSED); /* where a school begins that was never synced */
	sr_history_row *rows;
	size_t count;

	if (sr_store_history(t, &arena, school->number, 0, HISTORY_MAX, &rows, &count, NULL) < 0)
		return uv_break(w, "history of %lld cannot be read", (long long)school->number);
	for (size_t i = count; i-- > 0;) { /* the newest stands first */
		if (strcmp(rows[i].from, at) != 0)
			uv_break(w, "history of %lld: %s comes after %s", (long long)school->number, rows[i].from, at);
		if (!*rows[i].why || !*rows[i].who)
			uv_break(w, "history of %lld: %s by nobody, or for nothing", (long long)school->number,
				rows[i].event);
		at = rows[i].to;
	}
	if (strcmp(at, sr_phase_name(school->state.phase)) != 0)
		uv_break(w, "history of %lld ends at %s, and it stands at %s", (long long)school->number, at,
			sr_phase_name(school->state.phase));
}

static void history_is_a_chain(uv_world *w)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_school_row *rows;
	size_t count;
	sr_txn *t;

	if (sr_txn_begin(w->store, SR_TXN_READ, &t, NULL) < 0)
		return uv_break(w, "the database cannot be read");
	if (sr_store_schools(t, &arena, &rows, &count, NULL) < 0)
		count = 0;
	for (size_t i = 0; i < count; i++)
		history_of_school(w, t, &rows[i]);
	sr_txn_rollback(t);
}

static bool shown(const json_t *list, const char *key, const char *text)
{
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)list, i, row)
		if (sr_streq(json_string_value(json_object_get(row, key)), text))
			return true;
	return false;
}

/* A block of the district is shown at each school. */
static void block_is_shown(uv_world *w, const json_t *status, const sr_block_row *block)
{
	const json_t *school;
	size_t i;

	json_array_foreach(json_object_get(status, "schools"), i, school)
		if ((!block->school || json_integer_value(json_object_get(school, "school")) == block->school) &&
			!shown(json_object_get(school, "blocks"), "code", block->code))
			uv_break(w, "block %s of %lld is not shown by status", block->code, (long long)block->school);
}

static void all_is_shown(uv_world *w)
{
	SR_AUTO(sr_arena) arena = { 0 };
	char code[40];
	json_auto_t *status = uv_command(w, "Status", json_object(), code);
	json_auto_t *quarantine = uv_command(w, "QuarantineList", json_object(), code);
	sr_block_row *blocks = NULL;
	size_t count = 0;
	int64_t quarantined = 0;
	sr_txn *t;

	if (!status || !quarantine || sr_txn_begin(w->store, SR_TXN_READ, &t, NULL) < 0)
		return; /* the process died under it */
	sr_store_blocks(t, &arena, &blocks, &count, NULL);
	sr_store_quar_count(t, 0, &quarantined, NULL);
	sr_txn_rollback(t);
	for (size_t i = 0; i < count; i++)
		block_is_shown(w, status, &blocks[i]);
	if ((int64_t)json_array_size(json_object_get(quarantine, "quarantine")) != quarantined)
		uv_break(w, "%lld things are quarantined, %zu are listed", (long long)quarantined,
			json_array_size(json_object_get(quarantine, "quarantine")));
}

void uv_laws(uv_world *w)
{
	if (sr_engine_other_year_writes(w->engine))
		uv_break(w, "the fence had to refuse %lld writes of another year",
			(long long)sr_engine_other_year_writes(w->engine));
	budget_held(w);
	history_is_a_chain(w);
	all_is_shown(w);
}

/* Differences stand indented, one a line, below the head. */
static void unexplained(uv_world *w, const char *report, sr_buf *out)
{
	SR_AUTO_FREE char *copy = sr_strdup(report);
	char *save = NULL;

	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save))
		if (sr_starts(line, "  ") && !uv_excused(w, line + 2))
			sr_buf_printf(out, "%s\n", line);
}

void uv_compare(uv_world *w, int start_year, const char *snapshot)
{
	SR_AUTO(sim_verify_report) report = { 0 };
	SR_AUTO(sr_buf) rest = { 0 };
	const sim_verify_options options = { .yearid = start_year - 1990,
		.snapshot = snapshot,
		.allow_left = true,
		.today = uv_today(w, &(int){ 0 }),
		.list_max = DIFFERENCES_MAX,
		.role_staff = "Staff" };
	sr_err err;

	if (sim_verify(&w->sim, &options, &report, &err) < 0)
		return uv_break(w, "verify: %s", err.text);
	unexplained(w, sr_buf_text(&report.text), &rest);
	if (rest.len)
		uv_break(w, "Schoology is not what the SIS says of %d:\n%s", start_year, sr_buf_text(&rest));
	uv_excuses_check(w, start_year, sr_buf_text(&report.text));
	if (w->verbose)
		fprintf(stderr, "%s\n", sr_buf_text(&report.text));
}
