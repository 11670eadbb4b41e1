/* Facts about the server: metadata, time, the district. */
#include <time.h>

#include "ps_call.h"

#define PLUGIN_ID 41

/* Without a token the sizes are the server's own; with one, the plugin's. */
static int put_sizes(sim_ps_call *c, json_t *m)
{
	static const char *const resources[] = { "school", "student", "staff", "course", "term", "section",
		"section_enrollment", "schema_table_query" };
	int rc = 0;

	for (size_t i = 0; i < SR_COUNT_OF(resources); i++) {
		const char *name = sr_arena_printf(&c->arena, "%s_max_page_size", resources[i]);

		rc |= name ? json_object_set_new(m, name, json_integer(sim_ps_page_max(c, resources[i]))) : -1;
	}
	return rc;
}

static int64_t plugin_id(const sim_ps_call *c)
{
	int64_t id = PLUGIN_ID;

	for (const sim_ps_slot *slot = &c->ps->main; slot && slot != c->caller; slot = slot->next)
		id++;
	return id;
}

static int put_texts(sim_ps_call *c, json_t *m)
{
	static const struct {
		const char *name, *setting, *otherwise;
	} texts[] = {
		{ "powerschool_version", "powerschool_version", SIM_PS_VERSION },
		{ "district_timezone", "district_timezone", "America/New_York" },
		{ "district_uuid", "district_uuid", SIM_PS_DISTRICT_UUID },
		{ "state", "state", "NC" },
		{ "state_reporting_version", "state_reporting_version", "25.10.1" },
		{ "mobile_api_version", "mobile_api_version", "2.0.0" },
		{ "sso_enabled_teachers", "sso_enabled_teachers", "false" },
		{ "sso_enabled_admins", "sso_enabled_admins", "false" },
		{ "sso_enabled_students", "sso_enabled_students", "false" },
	};
	int rc = 0;

	for (size_t i = 0; i < SR_COUNT_OF(texts); i++)
		rc |= json_object_set_new(
			m, texts[i].name, json_string(sim_ps_setting(c, texts[i].setting, texts[i].otherwise)));
	return rc;
}

void sim_ps_metadata(sim_ps_call *c)
{
	int64_t uptime_s = sr_clock_mono_ms(&c->ps->world->clock) / 1000;
	json_t *m = json_object();
	int rc = m ? 0 : -1;

	if (!rc && c->caller)
		rc |= json_object_set_new(m, "plugin_id", json_integer(plugin_id(c)));
	if (!rc)
		rc |= put_texts(c, m) | put_sizes(c, m) |
		      json_object_set_new(m, "machine_uptime", json_integer(uptime_s)) |
		      json_object_set_new(m, "powerschool_uptime", json_integer(uptime_s));
	if (rc) {
		json_decref(m);
		m = NULL;
	}
	sim_ps_answer_tree(c, 200, m ? json_pack("{s:o}", "metadata", m) : NULL);
}

void sim_ps_time(sim_ps_call *c)
{
	bool server = c->ps->quirks.time_server_names;
	int64_t now_ms = sr_clock_wall_ms(&c->ps->world->clock);
	time_t now_s = (time_t)(now_ms / 1000);
	char date[16], time_of_day[16];
	struct tm tm;

	gmtime_r(&now_s, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	strftime(time_of_day, sizeof(time_of_day), "%H:%M:%S", &tm);
	sim_ps_answer_tree(c, 200,
		json_pack("{s:{s:s, s:s, s:I}}", "time", server ? "server_date" : "date", date,
			server ? "server_time" : "time", time_of_day, server ? "server_timestamp" : "timestamp",
			(json_int_t)now_ms));
}

void sim_ps_district(sim_ps_call *c)
{
	static const char *const parts[] = { "addresses", "phones" };
	const char *wanted = sim_ps_param_get(c, "expansions");
	json_t *d = json_pack("{s:s, s:s, s:s, s:s}", "@expansions", "addresses, phones", "uuid",
		sim_ps_setting(c, "district_uuid", SIM_PS_DISTRICT_UUID), "name",
		sim_ps_setting(c, "district_name", "Sandbox District"), "district_number",
		sim_ps_setting(c, "district_number", "4100"));

	for (size_t i = 0; d && i < SR_COUNT_OF(parts); i++) {
		if (sim_ps_in_list(wanted, parts[i]))
			json_object_set_new(d, parts[i], json_string(""));
	}
	sim_ps_answer_tree(c, 200, d ? json_pack("{s:o}", "district", d) : NULL);
}
