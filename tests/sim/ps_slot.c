/* Plugins in their places: the main one and those beside it, and what an administrator does to
 * them. Whatever is set here is a row of sim_ps_state, so that it outlives a restart. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ps_call.h"

/* ---- places ---- */

char *sim_ps_slot_key(const sim_ps_slot *slot, const char *key)
{
	return slot->name ? sr_asprintf("%s/%s", slot->name, key) : sr_strdup(key);
}

static bool is_named(const sim_ps_slot *slot, const char *name)
{
	if (slot->name)
		return !strcmp(slot->name, name);
	return !*name || (slot->plugin && !strcmp(slot->plugin->name, name));
}

sim_ps_slot *sim_ps_slot_find(sim_ps *ps, const char *name)
{
	for (sim_ps_slot *slot = &ps->main; slot; slot = slot->next) {
		if (is_named(slot, name))
			return slot;
	}
	return NULL;
}

static sim_ps_slot *find_slot(sim_ps *ps, const char *name, sr_err *err)
{
	sim_ps_slot *slot = sim_ps_slot_find(ps, name);

	if (!slot)
		sr_fail(err, SR_E_NOTFOUND, "no plugin named %s is installed", name);
	return slot;
}

static void slot_free(sim_ps_slot *slot)
{
	sim_ps_plugin_free(slot->plugin);
	free(slot->name);
	free(slot);
}

void sim_ps_slots_free(sim_ps *ps)
{
	while (ps->main.next) {
		sim_ps_slot *slot = ps->main.next;

		ps->main.next = slot->next;
		slot_free(slot);
	}
	sim_ps_plugin_free(ps->main.plugin);
	ps->main.plugin = NULL;
}

/* ---- settings ---- */

static int slot_set(sim_ps *ps, const sim_ps_slot *slot, const char *key, const char *value, sr_err *err)
{
	SR_AUTO_FREE char *full = sim_ps_slot_key(slot, key);

	return full ? sim_ps_state_set(ps->world, full, value, err) : sr_fail_nomem(err);
}

/* "" when it is not set; the caller frees. */
static char *slot_get(sim_ps *ps, const sim_ps_slot *slot, const char *key, sr_err *err)
{
	SR_AUTO_FREE char *full = sim_ps_slot_key(slot, key);

	if (full)
		return sim_ps_state_get(ps->world, full, err);
	sr_fail_nomem(err);
	return NULL;
}

const char *sim_ps_slot_setting(sim_ps_call *c, const sim_ps_slot *slot, const char *key, const char *otherwise)
{
	SR_AUTO_FREE char *full = sim_ps_slot_key(slot, key);

	return full ? sim_ps_setting(c, full, otherwise) : otherwise;
}

bool sim_ps_slot_runs(sim_ps_call *c, const sim_ps_slot *slot)
{
	return slot->plugin && sim_ps_slot_setting(c, slot, "plugin_installed", NULL) &&
	       !strcmp(sim_ps_slot_setting(c, slot, "plugin_enabled", "1"), "1");
}

int64_t sim_ps_page_max(sim_ps_call *c, const char *resource)
{
	const char *key = sr_arena_printf(&c->arena, "page_max_%s", resource), *text = NULL;
	int64_t max = c->ps->page_max;

	if (!c->caller)
		return 100;
	text = sim_ps_slot_setting(c, c->caller, key ? key : "", NULL);
	if (!text)
		text = sim_ps_slot_setting(c, c->caller, "page_max", NULL);
	if (text)
		sr_parse_i64(text, &max);
	return max;
}

static bool version_before(const char *version, int major, int minor)
{
	int have_major = 0, have_minor = 0;

	if (sscanf(version, "%d.%d", &have_major, &have_minor) < 1)
		return false;
	return have_major < major || (have_major == major && have_minor < minor);
}

bool sim_ps_server_before(sim_ps_call *c, int major, int minor)
{
	return version_before(sim_ps_setting(c, "powerschool_version", SIM_PS_VERSION), major, minor);
}

/* ---- rights ---- */

static bool refused_at_some_districts(const sim_ps_field *f)
{
	static const char *const names[] = { "ROLEDEF", "CALENDAR_DAY", "SYNC_STUDENTMAP" };

	for (size_t i = 0; i < SR_COUNT_OF(names); i++) {
		if (!strcmp(f->table, names[i]))
			return true;
	}
	return sr_starts(f->table, "PSM_") || sr_starts(f->table, "PS_");
}

bool sim_ps_may_read(sim_ps_call *c, const sim_ps_field *f)
{
	const char *name = sr_arena_printf(&c->arena, "%s.%s", f->table, f->field);

	if (!name || !c->caller || !c->caller->plugin || !sim_ps_plugin_grants(c->caller->plugin, f))
		return false;
	if (c->ps->quirks.optional_tables_refused && refused_at_some_districts(f))
		return false;
	return !sim_ps_in_list(sim_ps_slot_setting(c, c->caller, "revoked_fields", ""), name);
}

void sim_ps_refuse_field(sim_ps_call *c, const char *table, const char *field)
{
	sim_ps_answer(c, 403,
		json_pack("{s:s, s:[{s:s, s:s, s:s}]}", "message", "At least one column lacks sufficient permission",
			"errors", "code", "NoAccess", "field", field, "resource", table));
}

/* ---- installing ---- */

/* What an older server, or a strict one, does not take. */
static int check_manners(sim_ps *ps, const sim_ps_plugin *plugin, sr_err *err)
{
	SR_AUTO_FREE char *version = sim_ps_state_get(ps->world, "powerschool_version", err);

	if (!version)
		return -1;
	if (ps->quirks.old_server_refuses_access_level && plugin->names_v1_access &&
		version_before(*version ? version : SIM_PS_VERSION, 25, 2))
		return sr_fail(err, SR_E_INVALID, "plugin.xml: oauth may not have an attribute accessLevelV1Api");
	if (ps->quirks.access_request_first && plugin->access_after_publisher)
		return sr_fail(err, SR_E_INVALID, "plugin.xml: access_request must stand before publisher");
	return 0;
}

static int check_query_names(sim_ps *ps, const sim_ps_slot *own, const sim_ps_plugin *plugin, sr_err *err)
{
	for (const sim_ps_slot *slot = &ps->main; slot; slot = slot->next) {
		for (const sim_ps_query *q = plugin->queries; slot != own && slot->plugin && q; q = q->next) {
			if (sim_ps_plugin_query(slot->plugin, q->name))
				return sr_fail(err, SR_E_INVALID, "query name %s is used by the plugin %s", q->name,
					slot->plugin->name);
		}
	}
	return 0;
}

/* Another name or version is a fresh install. */
static int note_install(sim_ps *ps, const sim_ps_slot *slot, const sim_ps_plugin *plugin, sr_err *err)
{
	SR_AUTO_FREE char *identity = sr_asprintf("%s %s", plugin->name, plugin->version);
	SR_AUTO_FREE char *before = slot_get(ps, slot, "plugin_installed", err);

	if (!before)
		return -1;
	if (!identity)
		return sr_fail_nomem(err);
	if (sr_streq(identity, before))
		return 0;
	return slot_set(ps, slot, "v1_access", plugin->v1_access, err) ||
			       slot_set(ps, slot, "plugin_enabled", "1", err) ||
			       slot_set(ps, slot, "plugin_installed", identity, err)
		       ? -1
		       : 0;
}

/* Puts `plugin` into its place. Takes it only on success. */
static int settle(sim_ps *ps, sim_ps_slot *slot, sim_ps_plugin *plugin, sr_err *err)
{
	if (check_manners(ps, plugin, err) || check_query_names(ps, slot, plugin, err) ||
		note_install(ps, slot, plugin, err))
		return -1;
	sim_ps_plugin_free(slot->plugin);
	slot->plugin = plugin;
	return 0;
}

int sim_ps_install(sim_ps *ps, const char *folder, sr_err *err)
{
	sim_ps_plugin *plugin = sim_ps_plugin_load(ps->world->db, folder, err);
	const sim_ps_slot *other = plugin ? sim_ps_slot_find(ps, plugin->name) : NULL;

	if (!plugin)
		return -1;
	if (other && other != &ps->main)
		sr_fail(err, SR_E_INVALID, "a plugin named %s is installed already", plugin->name);
	else if (!settle(ps, &ps->main, plugin, err))
		return 0;
	sim_ps_plugin_free(plugin);
	return -1;
}

static int mint(sim_ps *ps, const sim_ps_slot *slot, sr_err *err)
{
	SR_AUTO_FREE char *serial = slot_get(ps, slot, "client_serial", err);
	const char *name = slot->name ? slot->name : "";
	char id[37], secret[37], text[24];
	int64_t n = 0;

	if (!serial)
		return -1;
	sr_parse_i64(serial, &n);
	snprintf(text, sizeof(text), "%" PRId64, n + 1);
	sim_ps_uuid(ps->world->seed ^ 1, name, n + 1, id);
	sim_ps_uuid(ps->world->seed ^ 2, name, n + 1, secret);
	return slot_set(ps, slot, "client_serial", text, err) || slot_set(ps, slot, "client_id", id, err) ||
			       slot_set(ps, slot, "client_secret", secret, err) ||
			       slot_set(ps, slot, "token", NULL, err)
		       ? -1
		       : 0;
}

static int mint_once(sim_ps *ps, const sim_ps_slot *slot, sr_err *err)
{
	SR_AUTO_FREE char *id = slot_get(ps, slot, "client_id", err);

	if (!id)
		return -1;
	return *id || !slot->name || !slot->plugin->oauth ? 0 : mint(ps, slot, err);
}

static sim_ps_slot *slot_new(const char *name)
{
	sim_ps_slot *slot = calloc(1, sizeof(*slot));

	if (slot && !(slot->name = sr_strdup(name))) {
		free(slot);
		slot = NULL;
	}
	return slot;
}

/* -1, 0 or 1, part by part between the dots. */
static int compare_versions(const char *a, const char *b)
{
	while (*a || *b) {
		long x = strtol(a, (char **)&a, 10), y = strtol(b, (char **)&b, 10);

		if (x != y)
			return x < y ? -1 : 1;
		a += *a == '.';
		b += *b == '.';
	}
	return 0;
}

int sim_ps_plugin_add(sim_ps *ps, const char *folder, sr_err *err)
{
	sim_ps_plugin *plugin = sim_ps_plugin_load(ps->world->db, folder, err);
	sim_ps_slot *slot = plugin ? sim_ps_slot_find(ps, plugin->name) : NULL, *fresh = NULL;

	if (!plugin)
		return -1;
	if (slot && slot->plugin && compare_versions(plugin->version, slot->plugin->version) < 0) {
		sr_fail(err, SR_E_INVALID, "%s %s is installed, which is newer", slot->plugin->name,
			slot->plugin->version);
		goto out;
	}
	if (!slot && !(slot = fresh = slot_new(plugin->name))) {
		sr_fail_nomem(err);
		goto out;
	}
	if (settle(ps, slot, plugin, err))
		goto out;
	plugin = NULL;
	if (fresh) {
		fresh->next = ps->main.next;
		ps->main.next = SR_TAKE(fresh);
	}
	return mint_once(ps, slot, err);
out:
	sim_ps_plugin_free(plugin);
	if (fresh)
		slot_free(fresh);
	return -1;
}

/* ---- what an administrator does ---- */

static int forget_settings(sim_ps *ps, const sim_ps_slot *slot, sr_err *err)
{
	static const char *const keys[] = { "plugin_installed", "plugin_enabled", "v1_access", "client_id",
		"client_secret", "token", "revoked_fields" };

	for (size_t i = 0; i < SR_COUNT_OF(keys); i++) {
		if (slot_set(ps, slot, keys[i], NULL, err))
			return -1;
	}
	return 0;
}

int sim_ps_plugin_remove(sim_ps *ps, const char *name, sr_err *err)
{
	sim_ps_slot *slot = find_slot(ps, name, err), **link = &ps->main.next;

	if (!slot)
		return -1;
	if (slot == &ps->main)
		return sr_fail(err, SR_E_INVALID, "the main plugin stays; another can be installed in its place");
	if (forget_settings(ps, slot, err))
		return -1;
	while (*link != slot)
		link = &(*link)->next;
	*link = slot->next;
	slot_free(slot);
	return 0;
}

int sim_ps_plugin_enable(sim_ps *ps, const char *name, bool on, sr_err *err)
{
	sim_ps_slot *slot = find_slot(ps, name, err);

	if (!slot || slot_set(ps, slot, "plugin_enabled", on ? "1" : "0", err))
		return -1;
	return on ? mint_once(ps, slot, err) : 0;
}

int sim_ps_plugin_regenerate(sim_ps *ps, const char *name, sr_err *err)
{
	sim_ps_slot *slot = find_slot(ps, name, err);

	if (!slot)
		return -1;
	if (slot->name && !slot->plugin->oauth)
		return sr_fail(err, SR_E_STATE, "%s has no <oauth/>, so no credentials", name);
	return mint(ps, slot, err);
}

int sim_ps_plugin_access(sim_ps *ps, const char *name, const char *level, sr_err *err)
{
	sim_ps_slot *slot = find_slot(ps, name, err);

	if (!slot)
		return -1;
	if (!sr_streq(level, "NONE") && !sr_streq(level, "READ") && !sr_streq(level, "FULL"))
		return sr_fail(err, SR_E_INVALID, "%s is not NONE, READ or FULL", level);
	return slot_set(ps, slot, "v1_access", level, err);
}

int sim_ps_plugin_page_max(sim_ps *ps, const char *name, const char *resource, int max, sr_err *err)
{
	static const char known[] = "school,student,staff,course,term,section,section_enrollment,schema_table_query";
	sim_ps_slot *slot = find_slot(ps, name, err);
	SR_AUTO_FREE char *key = sr_asprintf(resource ? "page_max_%s" : "page_max", resource);
	char text[12];

	if (!slot)
		return -1;
	if (!key)
		return sr_fail_nomem(err);
	if (resource && !sim_ps_in_list(known, resource))
		return sr_fail(err, SR_E_INVALID, "%s is none of %s", resource, known);
	if (max < 1 || max > 1000)
		return sr_fail(err, SR_E_INVALID, "the maximum page size is 1 to 1000, not %d", max);
	snprintf(text, sizeof(text), "%d", max);
	return slot_set(ps, slot, key, text, err);
}

int sim_ps_plugin_credentials(sim_ps *ps, const char *name, char **id, char **secret, sr_err *err)
{
	sim_ps_slot *slot = find_slot(ps, name, err);
	SR_AUTO_FREE char *own_id = slot ? slot_get(ps, slot, "client_id", err) : NULL;
	SR_AUTO_FREE char *own_secret = own_id ? slot_get(ps, slot, "client_secret", err) : NULL;

	if (!own_secret)
		return -1;
	*id = *secret = NULL;
	if (!*own_id && slot->name)
		return 0;
	*id = *own_id ? SR_TAKE(own_id) : sr_strdup(ps->client_id);
	*secret = *own_secret ? SR_TAKE(own_secret) : sr_strdup(ps->client_secret);
	return *id && *secret ? 0 : sr_fail_nomem(err);
}

static int list_one(sim_ps *ps, const sim_ps_slot *slot, sr_buf *out, sr_err *err)
{
	SR_AUTO_FREE char *enabled = slot_get(ps, slot, "plugin_enabled", err), *id = NULL, *secret = NULL;
	SR_AUTO_FREE char *level = slot_get(ps, slot, "v1_access", err);

	if (!enabled || !level || sim_ps_plugin_credentials(ps, slot->name ? slot->name : "", &id, &secret, err))
		return -1;
	sr_buf_printf(out, "%s\t%s\t%s\t%s\t%s\n", slot->plugin->name, slot->plugin->version,
		sr_streq(enabled, "0") ? "off" : "on", *level ? level : "NONE", id ? id : "-");
	return 0;
}

int sim_ps_plugin_list(sim_ps *ps, sr_buf *out, sr_err *err)
{
	for (const sim_ps_slot *slot = &ps->main; slot; slot = slot->next) {
		if (slot->plugin && list_one(ps, slot, out, err))
			return -1;
	}
	return 0;
}
