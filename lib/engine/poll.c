/* The district poller: what is the same for all schools is asked for once, in a fixed order of steps,
 * and fanned out. A step that fails ends its system's part; what was known stays known. */
#include "engine/canary.h"
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

#include "engine/poll_priv.h"

static void poll_step(sr_engine *e);

static void poll_turn(void *arg)
{
	sr_engine *e = arg;

	e->poll->timer = NULL;
	poll_step(e);
}

void sr_poll_next(sr_engine *e)
{
	e->poll->step++;
	sr_timer_cancel(&e->c.timers, e->poll->timer);
	e->poll->timer = sr_timer_start(&e->c.timers, 0, poll_turn, e);
}

static void note_error(sr_engine *e, bool target, const sr_err *err)
{
	sr_err *known = target ? &e->target_err : &e->source_err;

	if (known->code != err->code || strcmp(known->text, err->text) != 0)
		sr_engine_say(e, SR_WARNING, SR_MSG_POLL_FAILED, 0, sr_errc_name(err->code), "%s: %s",
			target ? "Schoology" : "PowerSchool", err->text);
	*known = *err;
	sr_block_by_error(e, target, err);
}

/* The rest of this system's steps is skipped: nothing is concluded from half an answer. */
void sr_poll_fail(sr_engine *e, bool target, const sr_err *err)
{
	note_error(e, target, err);
	(target ? &e->poll->target_failed : &e->poll->source_failed)[0] = true;
	sr_poll_next(e);
}

int sr_poll_store(
	sr_engine *e, int (*work)(sr_engine *e, sr_txn *t, const void *arg, sr_err *err), const void *arg, sr_err *err)
{
	sr_txn *t;

	if (sr_txn_begin(e->c.store, SR_TXN_WRITE, &t, err) < 0)
		return -1;
	return sr_txn_end(e, t, work(e, t, arg, err), err);
}

/* ---- PowerSchool ----------------------------------------------------------------------------- */

/* The database belongs to one district: 0 yes (bound now, if it was not), 1 no, -1 error. */
static int bind_uuid(sr_engine *e, sr_txn *t, const void *arg, sr_err *err)
{
	const sr_source_info *info = arg;
	SR_AUTO_FREE char *known = NULL;
	int found = sr_meta_get_text(t, "district_uuid", &known, err);

	(void)e;
	if (found < 0)
		return -1;
	if (found && *info->district_uuid && strcmp(known, info->district_uuid) != 0)
		return sr_fail(err, SR_E_STATE, "this database belongs to the PowerSchool district %s, not to %s",
			known, info->district_uuid);
	if (!found && *info->district_uuid && sr_meta_set_text(t, "district_uuid", info->district_uuid, err) < 0)
		return -1;
	return *info->timezone ? sr_meta_set_text(t, "timezone", info->timezone, err) : 0;
}

static void wrong_district(sr_engine *e, bool target, const sr_err *err)
{
	sr_engine_say(e, SR_ERROR, SR_MSG_WRONG_DISTRICT, 0, sr_blocks[SR_BL_WRONG_DISTRICT].code, "%s", err->text);
	sr_block_raise(e, 0, SR_BL_WRONG_DISTRICT, err->text);
	e->poll->source_failed = e->poll->target_failed = true;
	(target ? &e->target_err : &e->source_err)[0] = *err;
	sr_poll_next(e);
}

static void info_came(void *arg, const sr_source_info *info, const sr_err *failed)
{
	sr_engine *e = arg;
	sr_err err;

	if (failed) {
		sr_poll_fail(e, false, failed);
		return;
	}
	if (sr_poll_store(e, bind_uuid, info, &err) < 0) {
		if (err.code == SR_E_STATE)
			wrong_district(e, false, &err);
		else
			sr_poll_fail(e, false, &err);
		return;
	}
	e->poll->uuid_fits = true;
	if (*info->timezone && !*e->c.config->daemon.timezone)
		snprintf(e->timezone, sizeof(e->timezone), "%s", info->timezone);
	sr_poll_next(e);
}

static void ask_info(sr_engine *e)
{
	e->c.source->info(e->c.source, info_came, e);
}

static int school_put(sr_engine *e, sr_txn *t, const sr_source_school *row, sr_err *err)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_school_row known;
	int found = sr_store_school_load(t, &arena, row->number, &known, err);

	if (found < 0)
		return -1;
	if (!found)
		known = (sr_school_row){ .number = row->number,
			.released_from = SR_DAY_NONE,
			.state = { .phase = SR_PH_PAUSED },
			.since_ms = sr_now_ms(e),
			.by_who = "sisrolld" };
	else if (known.listed && known.dcid == row->dcid && sr_streq(known.name, row->name))
		return 0;
	known.dcid = row->dcid;
	known.name = row->name ? row->name : "";
	known.listed = true;
	return sr_store_school_save(t, &known, err);
}

typedef struct sr_school_list {
	const sr_source_school *rows;
	size_t count;
} sr_school_list;

static bool listed_now(const sr_school_list *l, int64_t number)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->rows[i].number == number)
			return true;
	return false;
}

static int schools_put(sr_engine *e, sr_txn *t, const void *arg, sr_err *err)
{
	const sr_school_list *l = arg;

	for (size_t i = 0; i < l->count; i++)
		if (school_put(e, t, &l->rows[i], err) < 0)
			return -1;
	for (size_t i = 0; i < e->school_count; i++) {
		sr_school *s = e->schools[i];

		if (s->row.listed && !listed_now(l, s->number)) {
			if (sr_school_reload_row(s, t, err) < 0)
				return -1;
			s->row.listed = false;
			if (sr_school_save_row(s, t, err) < 0)
				return -1;
		}
	}
	return 0;
}

static void schools_came(void *arg, const sr_source_school *rows, size_t count, const sr_err *failed)
{
	sr_engine *e = arg;
	sr_school_list list = { rows, count };
	sr_err err;

	if (!failed && count == 0)
		sr_fail(&err, SR_E_PROTO, "PowerSchool listed no school at all");
	if (failed || count == 0 || sr_poll_store(e, schools_put, &list, &err) < 0 || sr_schools_load(e, &err) < 0)
		sr_poll_fail(e, false, failed ? failed : &err);
	else
		sr_poll_next(e);
}

static void ask_schools(sr_engine *e)
{
	e->c.source->schools(e->c.source, schools_came, e);
}

static void roles_came(
	void *arg, bool ok, const int64_t *ids, const char *const *keys, size_t count, const sr_err *failed)
{
	sr_engine *e = arg;

	if (failed) {
		sr_poll_fail(e, false, failed);
		return;
	}
	sr_engine_roles_clear(e);
	e->role_ids = calloc(count + 1, sizeof(*e->role_ids));
	e->role_keys = calloc(count + 1, sizeof(*e->role_keys));
	for (size_t i = 0; ok && e->role_ids && e->role_keys && i < count; i++) {
		e->role_ids[i] = ids[i];
		e->role_keys[i] = sr_strdup(keys[i]);
		e->role_count += e->role_keys[i] != NULL;
	}
	sr_poll_next(e);
}

static void ask_roles(sr_engine *e)
{
	e->c.source->roles(e->c.source, roles_came, e);
}

static void prefs_came(void *arg, sr_yearid year, const sr_err *failed)
{
	sr_engine *e = arg;

	if (failed) {
		sr_poll_fail(e, false, failed);
		return;
	}
	e->prefs_year = year;
	e->source_ok_ms = sr_now_ms(e);
	e->source_err = (sr_err){ 0 };
	sr_block_lift(e, 0, SR_BL_POWERSCHOOL_AUTH);
	sr_poll_next(e);
}

static void ask_prefs(sr_engine *e)
{
	e->c.source->current_year(e->c.source, prefs_came, e);
}

/* ---- Schoology ------------------------------------------------------------------------------- */

/* Remembered across restarts: whoever he is, his account is never touched, not even before the first
 * poll of a new process. */
static int me_put(sr_engine *e, sr_txn *t, const void *arg, sr_err *err)
{
	const sr_target_user *me = arg;

	(void)e;
	return sr_meta_set_int(t, "acting_user", me->id, err);
}

static void me_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_engine *e = arg;
	sr_err err;

	if (failed && (failed->code == SR_E_NOTFOUND || failed->code == SR_E_FORBIDDEN)) {
		sr_acting_invalid(e, "the acting user is not an active member of the organisation");
		e->poll->target_failed = true;
		sr_poll_next(e);
		return;
	}
	if (failed || answer->count != 1) {
		sr_poll_fail(
			e, true, failed ? failed : &(sr_err){ .code = SR_E_PROTO, .text = "users/me gave no user" });
		return;
	}
	if (e->acting.id != answer->users[0].id && sr_poll_store(e, me_put, &answer->users[0], &err) < 0) {
		sr_poll_fail(e, true, &err);
		return;
	}
	e->poll->me = answer->users[0].id;
	e->poll->my_role = answer->users[0].role_id;
	e->poll->my_building = answer->users[0].building_id;
	sr_poll_next(e);
}

static void ask_me(sr_engine *e)
{
	e->c.target->read(e->c.target, &(sr_read_ask){ .what = SR_READ_ME }, me_came, e);
}

static int buildings_put(sr_engine *e, sr_txn *t, const void *arg, sr_err *err)
{
	const sr_read_answer *a = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	sr_building_row *rows = sr_arena_alloc(&arena, a->count * sizeof(*rows));
	int64_t known = 0;
	int found = sr_meta_get_int(t, "schoology_school", &known, err);

	(void)e;
	if (found < 0 || !rows)
		return rows ? -1 : sr_fail_nomem(err);
	/* A district whose buildings are left out would look like one without any. */
	if (!a->total_agrees)
		return sr_fail(err, SR_E_PROTO, "Schoology announced another number of buildings than it sent");
	if (found && known != a->buildings[0].id)
		return sr_fail(err, SR_E_STATE, "this database belongs to the Schoology organisation %lld, not to %lld",
			(long long)known, (long long)a->buildings[0].id);
	for (size_t i = 0; i < a->count; i++)
		rows[i] = (sr_building_row){ .id = a->buildings[i].id,
			.title = a->buildings[i].title,
			.code = a->buildings[i].code,
			.is_school = i == 0 };
	if (!found && sr_meta_set_int(t, "schoology_school", a->buildings[0].id, err) < 0)
		return -1;
	return sr_store_buildings_replace(t, rows, a->count, err);
}

static void buildings_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_engine *e = arg;
	sr_err err;

	if (failed || answer->count == 0) {
		sr_poll_fail(e, true,
			failed ? failed : &(sr_err){ .code = SR_E_PROTO, .text = "Schoology names no school" });
		return;
	}
	if (sr_poll_store(e, buildings_put, answer, &err) < 0) {
		if (err.code == SR_E_STATE)
			wrong_district(e, true, &err);
		else
			sr_poll_fail(e, true, &err);
		return;
	}
	e->org_id = answer->buildings[0].id;
	if (e->poll->uuid_fits)
		sr_block_lift(e, 0, SR_BL_WRONG_DISTRICT);
	sr_poll_next(e);
}

static void ask_buildings(sr_engine *e)
{
	e->c.target->read(e->c.target, &(sr_read_ask){ .what = SR_READ_SCHOOLS }, buildings_came, e);
}

static int sgy_roles_put(sr_engine *e, sr_txn *t, const void *arg, sr_err *err)
{
	const sr_read_answer *a = arg;
	SR_AUTO(sr_arena) arena = { 0 };
	sr_role_row *rows = sr_arena_alloc(&arena, (a->count + 1) * sizeof(*rows));

	if (!rows)
		return sr_fail_nomem(err);
	if (!a->total_agrees)
		return sr_fail(err, SR_E_PROTO, "Schoology announced another number of roles than it sent");
	snprintf(e->poll->my_title, sizeof(e->poll->my_title), "%s", "");
	for (size_t i = 0; i < a->count; i++) {
		rows[i] = (sr_role_row){
			.id = a->roles[i].id, .title = a->roles[i].title, .role_type = a->roles[i].role_type
		};
		if (a->roles[i].id == e->poll->my_role)
			snprintf(e->poll->my_title, sizeof(e->poll->my_title), "%s", a->roles[i].title);
	}
	return sr_store_roles_replace(t, rows, a->count, err);
}

static void sgy_roles_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_engine *e = arg;
	sr_err err;

	if (failed || sr_poll_store(e, sgy_roles_put, answer, &err) < 0)
		sr_poll_fail(e, true, failed ? failed : &err);
	else
		sr_poll_next(e);
}

static void ask_sgy_roles(sr_engine *e)
{
	e->c.target->read(e->c.target, &(sr_read_ask){ .what = SR_READ_ROLES }, sgy_roles_came, e);
}

static int periods_put(sr_engine *e, sr_txn *t, const void *arg, sr_err *err)
{
	const sr_read_answer *a = arg;

	(void)e;
	return sr_store_periods_replace(t, a->periods, a->count, err);
}

static void periods_came(void *arg, const sr_read_answer *answer, const sr_err *failed)
{
	sr_engine *e = arg;
	sr_err err;

	/* Only school administrators may read them: the test of what the acting user can do. */
	if (failed && failed->code == SR_E_FORBIDDEN) {
		sr_acting_invalid(e, "the acting user may not read grading periods: he is no school administrator");
		e->poll->target_failed = true;
		sr_poll_next(e);
		return;
	}
	if (!failed && !answer->total_agrees)
		sr_fail(&err, SR_E_PROTO, "Schoology announced another number of grading periods than it sent");
	else if (!failed && sr_poll_store(e, periods_put, answer, &err) == 0) {
		sr_poll_next(e);
		return;
	}
	sr_poll_fail(e, true, failed ? failed : &err);
}

static void ask_periods(sr_engine *e)
{
	e->c.target->read(e->c.target, &(sr_read_ask){ .what = SR_READ_PERIODS }, periods_came, e);
}

/* ---- the order --------------------------------------------------------------------------------- */

static const struct {
	void (*ask)(sr_engine *e);
	bool target;
} steps[] = {
	/* clang-format off */
	{ ask_info,            false },
	{ ask_schools,         false },
	{ sr_poll_ask_terms,   false },
	{ ask_roles,           false },
	{ ask_prefs,           false },
	{ sr_poll_ask_rights,  false },
	{ ask_me,              true },
	{ ask_buildings,       true },
	{ ask_sgy_roles,       true },
	{ ask_periods,         true },
	{ sr_poll_ask_scope,   true },
	{ sr_poll_ask_probes,  false },
	/* clang-format on */
};

static void poll_due(void *arg)
{
	sr_engine *e = arg;

	e->poll->timer = NULL;
	sr_poll_now(e);
}

#define PLANS_KEPT_MS (60 * 24 * 3600 * 1000LL) /* DESIGN section 9 */

static int plans_expire(sr_engine *e, sr_txn *t, const void *arg, sr_err *err)
{
	(void)arg;
	return sr_store_plan_expire(t, sr_now_ms(e) - PLANS_KEPT_MS, err);
}

static void poll_end(sr_engine *e)
{
	sr_poll *p = e->poll;
	bool again = p->again;

	sr_poll_store(e, plans_expire, NULL, NULL);
	p->busy = p->again = false;
	p->done++;
	sr_district_find_buildings(e);
	for (size_t i = 0; i < e->school_count; i++) {
		sr_school *s = e->schools[i];

		if (!p->source_failed && !p->target_failed)
			sr_school_review(s);
		sr_poll_tell_moved(s);
		if (!s->run && !s->due)
			sr_sched_school(s);
	}
	if (!p->source_failed && !p->target_failed)
		sr_canary_review(e);
	sr_engine_notify(e, NULL);
	/* Whoever was just told may have asked for the next one already. */
	if (!e->stopping && !p->busy)
		p->timer = sr_timer_start(&e->c.timers, again ? 0 : e->c.config->sync.poll_interval_ms, poll_due, e);
}

static void poll_step(sr_engine *e)
{
	sr_poll *p = e->poll;

	if (e->stopping) {
		p->busy = false;
		return;
	}
	while (p->step < SR_COUNT_OF(steps) && (steps[p->step].target ? p->target_failed : p->source_failed))
		p->step++;
	if (p->step < SR_COUNT_OF(steps))
		steps[p->step].ask(e);
	else
		poll_end(e);
}

int sr_poll_new(sr_engine *e, sr_err *err)
{
	e->poll = calloc(1, sizeof(*e->poll));
	if (!e->poll)
		return sr_fail_nomem(err);
	e->poll->e = e;
	return 0;
}

void sr_poll_free(sr_poll *p)
{
	if (!p)
		return;
	p->e->c.source->cancel(p->e->c.source, p->e);
	p->e->c.target->cancel(p->e->c.target, p->e);
	sr_timer_cancel(&p->e->c.timers, p->timer);
	sr_arena_done(&p->arena);
	free(p->terms);
	free(p->counts);
	free(p);
}

void sr_poll_now(sr_engine *e)
{
	sr_poll *p = e->poll;

	if (e->stopping)
		return;
	if (p->busy) {
		p->again = true;
		return;
	}
	sr_timer_cancel(&e->c.timers, p->timer);
	p->busy = true;
	p->step = 0;
	p->source_failed = p->target_failed = p->uuid_fits = false;
	p->timer = sr_timer_start(&e->c.timers, 0, poll_turn, e);
}

bool sr_poll_busy(const sr_engine *e)
{
	return e->poll->busy;
}

uint64_t sr_poll_done_count(const sr_engine *e)
{
	return e->poll->done;
}
