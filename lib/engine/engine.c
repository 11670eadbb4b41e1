/* The engine's life: made, started, stopped, freed; and the small things all its files use. */
#include "engine/engine_priv.h"

#include <stdio.h>
#include <string.h>

#include "engine/run_priv.h"
#include "wire/codes.h"

int64_t sr_now_ms(const sr_engine *e)
{
	return sr_clock_wall_ms(&e->c.clock);
}

int64_t sr_mono_ms(const sr_engine *e)
{
	return sr_clock_mono_ms(&e->c.clock);
}

sr_day sr_today(const sr_engine *e)
{
	int minute;

	return e->c.today(e->c.today_arg, sr_now_ms(e), e->timezone, &minute);
}

int sr_minute(const sr_engine *e)
{
	int minute = 0;

	e->c.today(e->c.today_arg, sr_now_ms(e), e->timezone, &minute);
	return minute;
}

sr_day sr_engine_slot(const sr_engine *e, int64_t at_ms)
{
	int minute = 0;
	sr_day day = e->c.today(e->c.today_arg, at_ms, e->timezone, &minute);

	return sr_drops_slot(day, minute, e->c.config->sync.drops_at_min);
}

int64_t sr_random_u32(const sr_engine *e)
{
	uint32_t n = 0;

	e->c.random(e->c.random_arg, &n, sizeof(n));
	return n;
}

sr_school *sr_engine_school(const sr_engine *e, int64_t number)
{
	size_t low = 0, high = e->school_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (e->schools[mid]->number == number)
			return e->schools[mid];
		if (e->schools[mid]->number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

void sr_engine_say(
	const sr_engine *e, sr_level level, sr_msg msg, int64_t school, const char *code, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sr_log_write(
		e->c.log, &(sr_log_entry){ .level = level, .id = msg, .school = school, .code = code, .text = text });
}

void sr_engine_notify(sr_engine *e, sr_school *s)
{
	for (sr_watch *w = e->watches, *next; w; w = next) {
		next = w->next;
		w->event(w, s);
	}
	sr_alerts_soon(e);
}

void sr_engine_look_at_disk(sr_engine *e)
{
	const sr_err *trouble = sr_store_trouble(e->c.store);

	if ((trouble != NULL) == e->disk_refuses)
		return;
	e->disk_refuses = trouble != NULL;
	if (trouble)
		sr_engine_say(e, SR_ERROR, SR_MSG_DATABASE, 0, sr_code_text(SR_CODE_DATABASE),
			"%s. Nothing is sent meanwhile, because nothing can be recorded; it is tried again by itself",
			trouble->text);
	else
		sr_engine_say(e, SR_NOTICE, SR_MSG_DATABASE, 0, NULL, "the state database is written again");
}

int sr_txn_end(sr_engine *e, sr_txn *t, int rc, sr_err *err)
{
	int64_t steps = sr_txn_steps(t);

	if (steps > e->longest_turn)
		e->longest_turn = steps;
	if (rc == 0)
		rc = sr_txn_commit(t, err);
	else
		sr_txn_rollback(t);
	sr_engine_look_at_disk(e);
	return rc == 0 ? 0 : -1;
}

bool sr_flight_has(const sr_engine *e, int64_t ident)
{
	for (size_t i = 0; i < e->in_flight_count; i++)
		if (e->in_flight[i].ident == ident)
			return true;
	return false;
}

int sr_flight_add(sr_engine *e, int64_t ident, int64_t batch)
{
	if (e->in_flight_count == e->in_flight_cap) {
		size_t cap = e->in_flight_cap ? e->in_flight_cap * 2 : 64;
		sr_flight *grown = realloc(e->in_flight, cap * sizeof(*grown));

		if (!grown)
			return -1;
		e->in_flight = grown;
		e->in_flight_cap = cap;
	}
	e->in_flight[e->in_flight_count++] = (sr_flight){ ident, batch };
	return 0;
}

void sr_flights_end(sr_engine *e, int64_t batch)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->in_flight_count; i++)
		if (e->in_flight[i].batch != batch)
			e->in_flight[kept++] = e->in_flight[i];
	e->in_flight_count = kept;
}

/* The seed of the fingerprints: drawn once, kept in the database for ever. */
static int seed_load(sr_engine *e, sr_txn *t, sr_err *err)
{
	int64_t seed = 0;
	int found = sr_meta_get_int(t, "seed", &seed, err);

	if (found < 0)
		return -1;
	if (!found) {
		e->c.random(e->c.random_arg, &seed, sizeof(seed));
		if (sr_meta_set_int(t, "seed", seed, err) < 0)
			return -1;
	}
	e->seed = (uint64_t)seed;
	return 0;
}

/* What the database remembers of the district from before this process. */
static int memory_load(sr_engine *e, sr_txn *t, sr_err *err)
{
	SR_AUTO_FREE char *timezone = NULL;
	int64_t org = 0, refused = 0, acting = 0;

	if (seed_load(e, t, err) < 0 || sr_meta_get_text(t, "timezone", &timezone, err) < 0 ||
		sr_meta_get_int(t, "schoology_school", &org, err) < 0 ||
		sr_meta_get_int(t, "other_year_writes", &refused, err) < 0 ||
		sr_meta_get_int(t, "acting_user", &acting, err) < 0)
		return -1;
	e->org_id = org;
	e->acting.id = acting;
	e->other_year_writes = refused;
	if (timezone)
		snprintf(e->timezone, sizeof(e->timezone), "%s", timezone);
	return 0;
}

int sr_engine_new(const sr_engine_config *config, sr_engine **out, sr_err *err)
{
	sr_engine *e = calloc(1, sizeof(*e));
	sr_txn *t;

	if (!e)
		return sr_fail_nomem(err);
	e->c = *config;
	if (sr_txn_begin(e->c.store, SR_TXN_WRITE, &t, err) < 0)
		goto fail;
	if (sr_txn_end(e, t, memory_load(e, t, err), err) < 0)
		goto fail;
	if (config->config->daemon.timezone && *config->config->daemon.timezone)
		snprintf(e->timezone, sizeof(e->timezone), "%s", config->config->daemon.timezone);
	if (sr_schools_load(e, err) < 0 || sr_poll_new(e, err) < 0 || sr_alerts_new(e, err) < 0)
		goto fail;
	*out = e;
	return 0;
fail:
	sr_engine_free(e);
	return -1;
}

/* Every so many beats the writer must show that it can still write: a loop that turns over a dead
 * disk is no life. */
#define BEATS_A_WRITE 15

static bool writer_lives(sr_engine *e)
{
	sr_txn *t;

	return sr_txn_begin(e->c.store, SR_TXN_WRITE, &t, NULL) == 0 &&
	       sr_txn_end(e, t, sr_meta_set_int(t, "beat_ms", sr_now_ms(e), NULL), NULL) == 0;
}

static void beat(void *arg)
{
	sr_engine *e = arg;

	if (e->beat_turns++ % BEATS_A_WRITE != 0 || writer_lives(e))
		e->beats++;
	sr_engine_look_at_disk(e); /* where not even a transaction began */
	e->beat = sr_timer_start(&e->c.timers, e->c.beat_ms, beat, e);
}

int sr_engine_start(sr_engine *e, sr_err *err)
{
	if (sr_runs_reconcile(e, err) < 0)
		return -1;
	e->started = true;
	for (size_t i = 0; i < e->school_count; i++)
		if (sr_school_step(e->schools[i], SR_PEV_STARTED, 0, "sisrolld", "process started", NULL, err) < 0)
			return -1;
	if (e->c.beat_ms)
		e->beat = sr_timer_start(&e->c.timers, 0, beat, e);
	sr_poll_now(e);
	sr_alerts_soon(e);
	return 0;
}

bool sr_engine_alive(sr_engine *e)
{
	bool advanced = e->beats != e->beats_seen;

	e->beats_seen = e->beats;
	return advanced || !e->started;
}

static void stop_now(void *arg)
{
	sr_engine *e = arg;

	e->stop_timer = NULL;
	if (e->stop_done) {
		void (*done)(void *) = e->stop_done;

		e->stop_done = NULL;
		done(e->stop_arg);
	}
}

/* The last answer has come: stop earlier than the grace period says. */
void sr_engine_check_stopped(sr_engine *e)
{
	if (!e->stopping || !e->stop_done)
		return;
	for (size_t i = 0; i < e->school_count; i++)
		if (e->schools[i]->run)
			return;
	sr_timer_cancel(&e->c.timers, e->stop_timer);
	e->stop_timer = sr_timer_start(&e->c.timers, 0, stop_now, e);
}

void sr_engine_stop(sr_engine *e, int64_t grace_ms, void (*done)(void *arg), void *arg)
{
	e->stopping = true;
	e->stop_done = done;
	e->stop_arg = arg;
	e->stop_timer = sr_timer_start(&e->c.timers, grace_ms, stop_now, e);
	for (size_t i = 0; i < e->school_count; i++) {
		sr_sched_school(e->schools[i]);
		sr_run_stop(e->schools[i], "the daemon stops");
	}
	sr_engine_check_stopped(e);
}

void sr_engine_free(sr_engine *e)
{
	if (!e)
		return;
	sr_commands_forget(e);
	sr_alerts_free(e);
	sr_poll_free(e->poll);
	sr_periods_free(e);
	for (size_t i = 0; i < e->school_count; i++)
		sr_school_free(e->schools[i]); /* runs leave the inventory as they go */
	sr_inventory_free(e->inventory);
	free(e->schools);
	sr_timer_cancel(&e->c.timers, e->stop_timer);
	sr_timer_cancel(&e->c.timers, e->beat);
	sr_keys_free(e->keys);
	sr_engine_roles_clear(e);
	free(e->in_flight);
	free(e);
}

void sr_engine_roles_clear(sr_engine *e)
{
	for (size_t i = 0; i < e->role_count; i++)
		free(e->role_keys[i]);
	free(e->role_keys);
	free(e->role_ids);
	e->role_keys = NULL;
	e->role_ids = NULL;
	e->role_count = 0;
}

int64_t sr_engine_other_year_writes(const sr_engine *e)
{
	return e->other_year_writes;
}

int64_t sr_engine_longest_turn(const sr_engine *e)
{
	return e->longest_turn;
}

bool sr_engine_quiet(const sr_engine *e)
{
	if (sr_poll_busy(e))
		return false;
	for (size_t i = 0; i < e->school_count; i++)
		if (e->schools[i]->run || e->schools[i]->row.state.phase == SR_PH_RESUMED)
			return false;
	return true;
}

void sr_engine_status_line(sr_engine *e, sr_buf *out)
{
	size_t by_phase[SR_PH_COUNT] = { 0 }, synced = 0;

	for (size_t i = 0; i < e->school_count; i++)
		if (e->schools[i]->config.sync) {
			by_phase[e->schools[i]->row.state.phase]++;
			synced++;
		}
	if (e->disk_refuses)
		sr_buf_puts(out, "the state database cannot be written, nothing is sent; ");
	sr_buf_printf(out, "%zu schools", synced);
	for (int p = 0; p < SR_PH_COUNT; p++)
		if (by_phase[p])
			sr_buf_printf(out, ", %zu %s", by_phase[p], sr_phase_name((sr_phase)p));
}
