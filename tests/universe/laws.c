/* The laws are asked of the database and of the services, never of the engine's memory, but for what a
 * person would be shown: that is asked by command. */
#include "laws.h"

#include <stdio.h>
#include <string.h>

#include "changes.h"
#include "io/store_history.h"
#include "io/store_outbox.h"
#include "io/store_school.h"

#define HISTORY_MAX 4000
#define DIFFERENCES_MAX 400

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

/* The intent is on disk before the request leaves: the newest open batch is this very call, and its school's phase
 * must allow it, by the phase in the database. */
static bool school_may_write(uv_world *w, sr_txn *t)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_school_row school;
	sr_batch_row *rows;
	size_t count;

	if (sr_outbox_open(t, &arena, 0, &rows, &count, NULL) < 0 || count == 0 ||
		rows[count - 1].state != SR_BS_SENT || rows[count - 1].sent_ms != w->base_ms + w->now_ms ||
		sr_store_school_load(t, &arena, rows[count - 1].school, &school, NULL) <= 0)
		return false;
	if (school.state.epoch != rows[count - 1].epoch)
		return false;
	return school.state.phase == SR_PH_SYNCING || school.state.phase == SR_PH_RESUMED ||
	       (school.state.phase == SR_PH_PAUSED && school.state.active && !school.state.sis_rolled_noted);
}

/* A write that its school's phase forbids is a broken law, wherever it came from. */
void uv_write_begins(uv_world *w, const sr_request *r)
{
	bool allowed;
	sr_txn *t;

	if (sr_txn_begin(w->store, SR_TXN_READ, &t, NULL) < 0) {
		uv_break(w, "a write leaves while a transaction is open");
		return;
	}
	allowed = strstr(r->url, "/gradingperiods") ? any_may_make_periods(t) : school_may_write(w, t);
	sr_txn_rollback(t);
	if (!allowed)
		uv_break(w, "%s %s was begun although its school's phase forbids it", r->method, r->url);
}

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
