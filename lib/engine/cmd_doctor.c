/* doctor: what the poller has found out about both ends, each finding with its fix. A fresh poll answers
 * first, so that what is shown is what is true now. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

#define DISK_ROOM_MIN (256 << 20) /* a large district's plans and a backup of them */
#define POLL_PATIENCE_MS 15000    /* then what is known is told; a system that hangs is a finding too */

typedef struct finding {
	bool ok;
	char evidence[340];
	sr_code code;  /* of what is wrong */
	char fix[240]; /* "": the code's own advice */
} finding;

#define EVIDENCE(f, ...) snprintf((f)->evidence, sizeof((f)->evidence), __VA_ARGS__)
#define FIX(f, ...) snprintf((f)->fix, sizeof((f)->fix), __VA_ARGS__)

typedef struct doctor {
	sr_engine *e;
	sr_txn *t;
	sr_block_row *blocks;
	size_t block_count;
	size_t building_count, role_count, period_count;
	char missing_roles[200];
} doctor;

static void check_system(finding *f, int64_t ok_ms, const sr_err *err, bool target)
{
	char when[SR_WHEN_BYTES];

	f->ok = ok_ms && err->code == SR_E_OK;
	f->code = sr_code_of_system(target, err);
	if (f->ok)
		EVIDENCE(f, "answered at %s", sr_when(ok_ms, when));
	else
		EVIDENCE(f, "%s", err->code != SR_E_OK ? err->text : "has not answered yet");
	/* What the code advises is to ask the doctor. */
	if (f->code == SR_CODE_POWERSCHOOL_DOWN || f->code == SR_CODE_SCHOOLOGY_DOWN)
		FIX(f, "See that it is up, and that url in [%s] is right and reachable from here",
			target ? "schoology" : "powerschool");
}

static void check_powerschool(const doctor *d, finding *f)
{
	check_system(f, d->e->source_ok_ms, &d->e->source_err, false);
}

static void check_schoology(const doctor *d, finding *f)
{
	check_system(f, d->e->target_ok_ms, &d->e->target_err, true);
}

static const sr_block_row *block_standing(const doctor *d, sr_block code)
{
	for (size_t i = 0; i < d->block_count; i++)
		if (strcmp(d->blocks[i].code, sr_blocks[code].code) == 0)
			return &d->blocks[i];
	return NULL;
}

static void check_block(const doctor *d, finding *f, sr_block code, sr_code refusal, const char *fine)
{
	const sr_block_row *row = block_standing(d, code);

	f->ok = row == NULL;
	f->code = refusal;
	EVIDENCE(f, "%s", row ? row->why : fine);
	if (row)
		FIX(f, "%s", sr_blocks[code].clear);
}

static void check_plugin(const doctor *d, finding *f)
{
	check_block(d, f, SR_BL_PLUGIN_RIGHT, SR_CODE_PLUGIN_RIGHT, "its queries answer");
	if (f->ok && (!d->e->source_ok_ms || d->e->source_err.code != SR_E_OK)) {
		f->ok = false;
		EVIDENCE(f, "its queries could not be asked: see powerschool");
	}
}

static void check_binding(const doctor *d, finding *f)
{
	check_block(d, f, SR_BL_WRONG_DISTRICT, SR_CODE_WRONG_DISTRICT, "the database belongs to these two systems");
}

static void check_acting_user(const doctor *d, finding *f)
{
	const sr_acting_user *a = &d->e->acting;

	f->ok = a->known && a->ok && d->e->target_err.code == SR_E_OK;
	f->code = SR_CODE_ACTING_USER;
	if (!a->known)
		EVIDENCE(f, "not checked yet");
	else if (a->ok && !f->ok)
		EVIDENCE(f, "could not be checked: see schoology");
	else if (a->ok)
		EVIDENCE(f, "%lld, %s, sees others' data", (long long)a->id, a->role);
	else
		EVIDENCE(f, "%s", a->why);
}

static void check_roles(const doctor *d, finding *f)
{
	f->ok = d->role_count > 0 && !*d->missing_roles;
	f->code = SR_CODE_CONFIG;
	if (d->role_count == 0)
		EVIDENCE(f, "Schoology's roles are not known yet");
	else if (f->ok)
		EVIDENCE(f, "every configured title is one of %zu roles", d->role_count);
	else
		EVIDENCE(f, "no such role in Schoology: %s", d->missing_roles);
	FIX(f, "sisrollctl roles list   (titles in [roles] have to match exactly)");
}

static void check_buildings(const doctor *d, finding *f)
{
	SR_AUTO(sr_buf) without = { 0 };
	size_t synced = 0;

	for (size_t i = 0; i < d->e->school_count; i++) {
		const sr_school *s = d->e->schools[i];

		synced += s->config.sync;
		if (s->config.sync && !s->building)
			sr_buf_printf(&without, " %lld", (long long)s->number);
	}
	f->ok = d->building_count > 0 && synced > 0 && without.len == 0;
	f->code = synced ? SR_CODE_NO_BUILDING : SR_CODE_NOT_SYNCED;
	if (d->building_count == 0)
		EVIDENCE(f, "Schoology's buildings are not known yet");
	else if (synced == 0)
		EVIDENCE(f, "no school of PowerSchool's is synced");
	else if (without.len)
		EVIDENCE(f, "no building for school%s", without.p);
	else
		EVIDENCE(f, "%zu synced schools have one", synced);
}

static void check_periods(const doctor *d, finding *f)
{
	f->ok = true;
	EVIDENCE(f, "%zu grading periods", d->period_count);
}

static void check_clock(const doctor *d, finding *f)
{
	char day[11], when[SR_WHEN_BYTES];

	sr_day_print(sr_today(d->e), day);
	f->ok = *d->e->timezone != '\0';
	f->code = SR_CODE_CONFIG;
	EVIDENCE(f, "%s, the district's day is %s, time zone %s", sr_when(sr_now_ms(d->e), when), day,
		*d->e->timezone ? d->e->timezone : "not known: the machine's is used");
	FIX(f, "Set timezone in [daemon]");
}

/* A district may do without: it is said, not held against it. */
static void check_alerts(const doctor *d, finding *f)
{
	const sr_config_alert *a = &d->e->c.config->alert;

	if (!*a->command && !a->mail_to_count && !*a->webhook)
		EVIDENCE(f, "leave this machine by no way ([alert] is empty): see sisrollctl alerts list");
	else
		EVIDENCE(f, "go by%s%s%s; try them: sisrollctl alert test", *a->command ? " command" : "",
			a->mail_to_count ? " mail" : "", *a->webhook ? " webhook" : "");
}

static void check_disk(const doctor *d, finding *f)
{
	int64_t room = 0;
	sr_err err;
	bool seen = sr_store_room(d->e->c.store, &room, &err) == 0;

	f->ok = seen && room >= DISK_ROOM_MIN;
	f->code = SR_CODE_DATABASE;
	if (seen)
		EVIDENCE(f, "%lld MiB free where the state database lies", (long long)(room >> 20));
	else
		EVIDENCE(f, "%s", err.text);
	FIX(f, "Make room on the disk of state_dir: at least %d MiB", DISK_ROOM_MIN >> 20);
}

static void check_years(const doctor *d, finding *f)
{
	f->ok = d->e->other_year_writes == 0;
	f->code = SR_CODE_OTHER_YEAR_WRITE;
	EVIDENCE(f, "%lld writes of another year were stopped", (long long)d->e->other_year_writes);
}

/* clang-format off */
static const struct {
	const char *name;
	void (*look)(const doctor *d, finding *f);
} checks[] = {
	{ "powerschool", check_powerschool }, { "plugin", check_plugin },       { "schoology", check_schoology },
	{ "binding", check_binding },         { "acting-user", check_acting_user }, { "roles", check_roles },
	{ "buildings", check_buildings },     { "periods", check_periods },     { "clock", check_clock },
	{ "disk", check_disk },               { "year-fence", check_years },
	{ "alerts", check_alerts },
};
/* clang-format on */

static json_t *check_json(const char *name, const finding *f)
{
	sr_refusal refusal = { .code = f->code, .what = f->evidence, .todo = { *f->fix ? f->fix : NULL } };
	json_auto_t *advice = f->ok ? NULL : sr_refusal_json(&refusal);
	sr_json_obj o = sr_json_obj_new();

	sr_json_put_text(&o, "check", name);
	sr_json_put_bool(&o, "ok", f->ok);
	sr_put_text(&o, "evidence", f->evidence);
	if (advice) {
		sr_json_put_text(&o, "code", sr_code_text(f->code));
		sr_json_put(&o, "fix", json_incref(json_object_get(advice, "do")));
	}
	return sr_json_obj_take(&o);
}

static void note_missing_roles(doctor *d, const sr_role_row *rows)
{
	SR_AUTO(sr_buf) text = { 0 };

	for (size_t i = 0; i < d->e->school_count; i++) {
		const sr_school_config *k = &d->e->schools[i]->config;
		const char *titles[] = { k->role_student, k->role_teacher, k->role_staff, k->role_substitute };

		for (size_t w = 0; k->sync && w < SR_COUNT_OF(titles); w++) {
			bool found = !titles[w];

			for (size_t r = 0; r < d->role_count && !found; r++)
				found = strcmp(rows[r].title, titles[w]) == 0;
			if (!found && !strstr(sr_buf_text(&text), titles[w]))
				sr_buf_printf(&text, "%s%s", text.len ? ", " : "", titles[w]);
		}
	}
	snprintf(d->missing_roles, sizeof(d->missing_roles), "%s", sr_buf_text(&text));
}

static int doctor_read(sr_call *c, sr_txn *t, void *arg, sr_err *err)
{
	json_t *list = arg;
	SR_AUTO(sr_arena) a = { 0 };
	doctor d = { .e = c->e, .t = t };
	sr_building_row *buildings;
	sr_role_row *roles;
	sr_period *periods;

	if (sr_store_blocks(t, &a, &d.blocks, &d.block_count, err) < 0 ||
		sr_store_roles(t, &a, &roles, &d.role_count, err) < 0 ||
		sr_store_buildings(t, &a, &buildings, &d.building_count, err) < 0 ||
		sr_store_periods(t, &a, SR_YEARID_NONE, &periods, &d.period_count, err) < 0)
		return -1;
	note_missing_roles(&d, roles);
	for (size_t i = 0; i < SR_COUNT_OF(checks); i++) {
		finding f = { .ok = true };

		checks[i].look(&d, &f);
		sr_list_add(c, list, check_json(checks[i].name, &f));
	}
	return 0;
}

static void doctor_step(sr_call *c)
{
	json_auto_t *list = json_array();

	if (!sr_poll_over(c) && !sr_call_late(c))
		return;
	if (sr_call_read(c, doctor_read, list) == 0)
		sr_call_done(c, json_pack("{s:O}", "checks", list));
}

void sr_cmd_doctor(sr_call *c)
{
	sr_poll_begin(c);
	sr_call_deadline(c, POLL_PATIENCE_MS);
	sr_call_hold(c, doctor_step);
}
