/* The PowerSchool stand-in: installs the plugin that ships, runs its SQL, answers its API.
 * Never talks HTTP itself; never shares code with the daemon's PowerSchool client. */
#pragma once
#include <stdbool.h>

#include "sim.h"

#define SIM_PS_DISTRICT_UUID "6f2c1d8e-3a57-4b90-9c41-7e15d0a2b8f3" /* unless sim_ps_state says otherwise */

/* PowerSchool's tables under their real names (contracts/powerschool.md section 16), and
 * sim_ps_state. Oracle's empty string is NULL, so every text column refuses ''. Column types say
 * how a value is rendered: `date text` an ISO date, `number` a figure that may carry a fraction. */
int sim_ps_schema(sqlite3 *db, sr_err *err);

/* What the contract leaves open, or what real servers do in turns. All off: the common case. */
typedef struct sim_ps_quirks {
	bool single_row_array;     /* one row comes as an array of one, not as an object */
	bool bare_numbers;         /* PowerQuery numbers as JSON numbers, not as strings */
	bool null_members;         /* flattened rows keep NULL columns as null */
	bool timestamp_dates;      /* dates as 2026-08-17 00:00:00.0 */
	bool us_dates;             /* dates as 8/17/2026 */
	bool fraction_numbers;     /* columns of type `number` as 204881.0 */
	bool over_maximum_refused; /* v1 pagesize above the maximum: 400, not clamped */
	bool joins_need_no_grant;  /* only projected columns are held against access_request */
} sim_ps_quirks;

typedef struct sim_ps_options {
	const char *client_id, *client_secret; /* copied; NULL: "sandbox-id", "sandbox-secret" */
	int page_max;                          /* the plugin's Maximum Page Size for v1; 0: 100 */
	int token_life_s;                      /* 0: 30 days */
	sim_ps_quirks quirks;
} sim_ps_options;

/* Sets one quirk by the name of its member ("single_row_array"). False: no such quirk. */
bool sim_ps_quirk_set(sim_ps_quirks *quirks, const char *name, bool on);

/* `w` must outlive the result; `options` may be NULL. NULL: `err` says why. */
sim_ps *sim_ps_new(sim_world *w, const sim_ps_options *options, sr_err *err);
void sim_ps_free(sim_ps *ps);

/* Installs a plugin folder (plugin.xml, queries_root/) by PowerSchool's rules, in the place of
 * the one before. Another name or version counts as a fresh install: it is enabled and its v1
 * level is the file's; the same again keeps what the district has set since. On failure the
 * plugin before stays. */
int sim_ps_install(sim_ps *ps, const char *folder, sr_err *err);

/* What the district may change while the service runs: rows of sim_ps_state, read at every
 * request. An absent row means the value in brackets.
 *   plugin_installed  "name version" of the installed plugin (none: every query is 404)
 *   plugin_enabled    0 or 1 (1)
 *   v1_access         NONE, READ or FULL (NONE)
 *   revoked_fields    comma list of TABLE.FIELD whose grant was taken away (none)
 *   district_uuid     (SIM_PS_DISTRICT_UUID), district_name, district_number
 *   district_timezone (America/New_York), powerschool_version (25.10.0.1)
 *   token, token_expires_ms, token_serial: removing `token` revokes it */
int sim_ps_state_set(sim_world *w, const char *key, const char *value, sr_err *err); /* NULL: removes the row */
/* "" when there is no such row. The text is the caller's. NULL: `err` says why. */
char *sim_ps_state_get(sim_world *w, const char *key, sr_err *err);
