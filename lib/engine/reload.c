/* A new configuration: taken as a whole, or not at all. What would move objects under the feet of a
 * running year (a building, a key template) needs a person and a restart. */
#include "engine/run_priv.h"

#include <stdio.h>
#include <string.h>

static bool same(const char *a, const char *b)
{
	return sr_streq(a ? a : "", b ? b : "");
}

/* Names the first setting that may not change while it runs; NULL: none does. */
static const char *refuses(const sr_school_config *old, const sr_school_config *now)
{
	const struct {
		const char *name, *was, *is;
	} keys[] = {
		{ "student_uid", old->student_uid, now->student_uid },
		{ "staff_uid", old->staff_uid, now->staff_uid },
		{ "course_code", old->course_code, now->course_code },
		{ "section_code", old->section_code, now->section_code },
	};

	if (!old->sync)
		return NULL; /* nothing of it is in Schoology yet */
	if (old->building != now->building)
		return "building";
	for (size_t i = 0; i < SR_COUNT_OF(keys); i++)
		if (!same(keys[i].was, keys[i].is))
			return keys[i].name;
	return NULL;
}

static int check(const sr_engine *e, const sr_config *config, sr_err *err)
{
	if (!same(config->daemon.state_dir, e->c.config->daemon.state_dir))
		return sr_fail(err, SR_E_STATE, "state_dir cannot change while the daemon runs: restart it");
	if (!same(config->powerschool.url, e->c.config->powerschool.url) ||
		!same(config->schoology.url, e->c.config->schoology.url))
		return sr_fail(err, SR_E_STATE,
			"the url of PowerSchool or Schoology cannot change while the daemon runs: restart it");
	for (size_t i = 0; i < e->school_count; i++) {
		sr_school_config now;
		const char *key;

		sr_config_school(config, e->schools[i]->number, &now);
		key = refuses(&e->schools[i]->config, &now);
		if (key)
			return sr_fail(err, SR_E_STATE,
				"school %lld: %s changed: objects in Schoology hang on it; stop the daemon, make sure, "
				"start it again",
				(long long)e->schools[i]->number, key);
	}
	return 0;
}

/* A rehearsal speaks of the configuration it was made under: from now on a new one is needed. */
static int mark_changed(sr_engine *e, sr_txn *t, sr_err *err)
{
	for (size_t i = 0; i < e->school_count; i++) {
		if (sr_school_reload_row(e->schools[i], t, err) < 0)
			return -1;
		e->schools[i]->row.changed_ms = sr_now_ms(e);
		if (sr_school_save_row(e->schools[i], t, err) < 0)
			return -1;
	}
	return 0;
}

int sr_engine_reload(sr_engine *e, const sr_config *config, sr_err *err)
{
	sr_txn *t;

	if (check(e, config, err) < 0 || sr_txn_begin(e->c.store, SR_TXN_WRITE, &t, err) < 0 ||
		sr_txn_end(e, t, mark_changed(e, t, err), err) < 0)
		return -1;
	e->c.config = config;
	e->keys_stale = true;
	for (size_t i = 0; i < e->school_count; i++) {
		sr_school_reconfigure(e->schools[i]);
		if (!e->schools[i]->config.sync)
			sr_run_stop(e->schools[i], "the school is not synced any more by the configuration");
		sr_sched_school(e->schools[i]);
	}
	if (*config->daemon.timezone)
		snprintf(e->timezone, sizeof(e->timezone), "%s", config->daemon.timezone);
	sr_district_find_buildings(e);
	sr_poll_now(e);
	return 0;
}
