/* The PowerSchool stand-in: installs the plugin that ships, runs its SQL, answers its API.
 * Never talks HTTP itself; never shares code with the daemon's PowerSchool client. */
#pragma once
#include <stdbool.h>

#include "sim.h"

#define SIM_PS_DISTRICT_UUID "6f2c1d8e-3a57-4b90-9c41-7e15d0a2b8f3" /* unless sim_ps_state says otherwise */
#define SIM_PS_VERSION "25.10.0.1"                                  /* likewise */

/* PowerSchool's tables under their real names (contracts/powerschool.md section 16), and
 * sim_ps_state. Oracle's empty string is NULL, so every text column refuses ''. Column types say
 * how a value is rendered: `date text` an ISO date, `number` a figure that may carry a fraction. */
int sim_ps_schema(sqlite3 *db, sr_err *err);

/* What the contract leaves open, or what real servers do in turns; sim_ps_quirks_table says more
 * of each. All off: the common case. */
typedef struct sim_ps_quirks {
	bool single_row_array, bare_numbers, null_members, nested_nulls_omitted, timestamp_dates, us_dates,
		fraction_numbers;
	bool over_maximum_refused, joins_need_no_grant, optional_tables_refused;
	bool client_error_described, bare_challenge, token_error_body, disabled_token_refused;
	bool json_without_accept, schema_xml, wrapped_errors, time_server_names;
	bool q_or_works, students_without_q_all, enrollments_unpaged, exit_date_last_day, status_code_name,
		negative_section_id, next_school_dcid, between_years_next, writes_need_full;
	bool dataversion_needs_subscription, dataversion_deletes, dataversion_ids, dataversion_number;
	bool event_body_flat, event_retries;
	bool old_server_refuses_access_level, access_request_first;
	bool drop_keeps_termid, live_origsectionid, dateleft_last_day;
} sim_ps_quirks;

typedef struct sim_ps_options {
	const char *client_id, *client_secret; /* copied; NULL: "sandbox-id", "sandbox-secret" */
	int page_max;                          /* the plugins' Maximum Page Size for v1; 0: 100 */
	int token_life_s;                      /* 0: 30 days */
	sim_ps_quirks quirks;
} sim_ps_options;

/* Sets one quirk by the name of its member ("single_row_array"). False: no such quirk. */
bool sim_ps_quirk_set(sim_ps_quirks *quirks, const char *name, bool on);
/* Those that lie in what is stored: changes the rows that are there, and sees to those that come. */
int sim_ps_quirk_habits(sqlite3 *db, const sim_ps_quirks *quirks, sr_err *err);
/* The same from the text of `--quirk NAME=VALUE`, where page_max and token_life_s count as well. */
int sim_ps_option_set(sim_ps_options *options, const char *name, const char *value, sr_err *err);

/* `w` must outlive the result; `options` may be NULL. NULL: `err` says why. */
sim_ps *sim_ps_new(sim_world *w, const sim_ps_options *options, sr_err *err);
void sim_ps_free(sim_ps *ps);

/* Installs a plugin folder (plugin.xml, queries_root/) by PowerSchool's rules as the main plugin,
 * in the place of the one before. Another name or version counts as a fresh install: it is enabled
 * and its v1 level is the file's; the same again keeps what the district has set since. On failure
 * the plugin before stays. */
int sim_ps_install(sim_ps *ps, const char *folder, sr_err *err);

/* ---- plugins beside the main one, and what an administrator does to any ----
 * `plugin` is the name in plugin.xml; "" or the main plugin's own name mean the main one. */

/* Installs a further plugin, or a newer version of one that is there. Names of plugins and of
 * queries must be unique. With <oauth/> it gets credentials of its own. */
int sim_ps_plugin_add(sim_ps *ps, const char *folder, sr_err *err);
int sim_ps_plugin_remove(sim_ps *ps, const char *plugin, sr_err *err); /* never the main one */
/* Enabling a plugin that has no credentials yet mints them. */
int sim_ps_plugin_enable(sim_ps *ps, const char *plugin, bool on, sr_err *err);
/* New client id and secret; the token in use is void. */
int sim_ps_plugin_regenerate(sim_ps *ps, const char *plugin, sr_err *err);
/* NONE, READ or FULL. Means nothing while the server is older than 25.2. */
int sim_ps_plugin_access(sim_ps *ps, const char *plugin, const char *level, sr_err *err);
/* Maximum Page Size of "school", "student", "staff", "course", "term", "section",
 * "section_enrollment" or "schema_table_query"; NULL: of all of them. 1 to 1000. */
int sim_ps_plugin_page_max(sim_ps *ps, const char *plugin, const char *resource, int max, sr_err *err);
/* The credentials in force, the caller's to free; both NULL where the plugin has none. */
int sim_ps_plugin_credentials(sim_ps *ps, const char *plugin, char **id, char **secret, sr_err *err);
/* One line a plugin: name, version, on or off, level, client id, separated by tabs. */
int sim_ps_plugin_list(sim_ps *ps, sr_buf *out, sr_err *err);

/* ---- data versions and events ---- */

/* Subscribes an application to the changes of these tables (comma list); NULL ends it. */
int sim_ps_dataversion_subscribe(sim_ps *ps, const char *application, const char *tables, sr_err *err);

/* A message that waits to be posted to a subscriber. */
typedef struct sim_ps_event {
	int64_t seq;
	char *url, *body;
} sim_ps_event;

/* The oldest one that waits: 1, none: 0, failure: -1. Free url and body with sim_ps_event_done. */
int sim_ps_event_next(sim_ps *ps, sim_ps_event *out, sr_err *err);
/* `taken`: the listener answered 2xx. If not, it waits again or is given up, as the quirk says. */
int sim_ps_event_settle(sim_ps *ps, const sim_ps_event *event, bool taken, sr_err *err);
void sim_ps_event_done(sim_ps_event *event);

struct event_base;
typedef struct sim_ps_courier sim_ps_courier;
/* Posts what waits to listeners on this machine, one message at a time, every `interval_ms`.
 * Never connects beyond loopback. NULL: out of memory. */
sim_ps_courier *sim_ps_courier_new(struct event_base *base, sim_ps *ps, int interval_ms);
void sim_ps_courier_free(sim_ps_courier *courier);

/* What the district may change while the service runs: rows of sim_ps_state, read at every
 * request. An absent row means the value in brackets. Those of a plugin beside the main one
 * begin with its name and a slash.
 *   plugin_installed  "name version" of the installed plugin (none: every query is 404)
 *   plugin_enabled    0 or 1 (1)
 *   v1_access         NONE, READ or FULL (NONE)
 *   client_id, client_secret (the options', or none)
 *   page_max, page_max_RESOURCE (the options' page_max)
 *   revoked_fields    comma list of TABLE.FIELD whose grant was taken away (none)
 *   customisation     0: no PowerQuery is found (1)
 *   district_uuid     (SIM_PS_DISTRICT_UUID), district_name, district_number
 *   district_timezone (America/New_York), powerschool_version (25.10.0.1)
 *   token, token_expires_ms, token_serial: removing `token` revokes it */
int sim_ps_state_set(sim_world *w, const char *key, const char *value, sr_err *err); /* NULL: removes the row */
/* "" when there is no such row. The text is the caller's. NULL: `err` says why. */
char *sim_ps_state_get(sim_world *w, const char *key, sr_err *err);
