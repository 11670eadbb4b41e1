/* The switches: one row says what is uncertain, where the contract says so, and which member it sets. */
#include <stddef.h>

#include "ps_service.h"

#define AT(section) "powerschool.md " section

/* clang-format off */
#define SWITCHES(X) \
	X(single_row_array, "4", "a list of one row is an array, not an object") \
	X(bare_numbers, "4, 16.20", "PowerQuery numbers are JSON numbers, not text") \
	X(null_members, "16.16", "flattened PowerQuery rows and rows of tables keep null columns as null") \
	X(nested_nulls_omitted, "16.16", "default PowerQuery rows leave null columns out") \
	X(timestamp_dates, "16.17", "PowerQuery dates as 2026-08-17 00:00:00.0") \
	X(us_dates, "16.17", "PowerQuery dates as 8/17/2026") \
	X(fraction_numbers, "16.4, 16.20", "figures that may have a fraction as 204881.0") \
	X(over_maximum_refused, "4", "a page above the maximum is a 400, not clamped") \
	X(joins_need_no_grant, "7", "only projected columns need a grant, not what the SQL joins by") \
	X(optional_tables_refused, "16.15", "ROLEDEF, CALENDAR_DAY, PSM_*, SYNC_STUDENTMAP and views take no grant") \
	X(client_error_described, "2", "the 401 for bad client credentials describes itself") \
	X(bare_challenge, "2", "WWW-Authenticate has nothing behind error=\"invalid_token\"") \
	X(token_error_body, "2", "the 401 for a bad token has a body") \
	X(disabled_token_refused, "7", "a disabled plugin gets no token and its token is void") \
	X(json_without_accept, "2", "v1 answers JSON although Accept does not ask for it") \
	X(schema_xml, "2", "tables and PowerQueries answer XML as well where JSON is not asked for") \
	X(wrapped_errors, "10", "errors of v1 as {\"errorMessage\":{\"message\":...}}") \
	X(time_server_names, "3", "/ws/v1/time names its members server_date, server_time, server_timestamp") \
	X(q_or_works, "4", "a comma outside a value list of q means or; else it is a 400") \
	X(students_without_q_all, "5", "a school's students without q: all, not the active alone") \
	X(enrollments_unpaged, "5", "section_enrollment ignores page and pagesize") \
	X(exit_date_last_day, "5", "v1 exit_date of an enrollment is its last day, not the day after") \
	X(status_code_name, "5", "the student's status number is called status_code") \
	X(negative_section_id, "15", "section_id of a dropped enrollment is negative") \
	X(next_school_dcid, "16.4", "next_school is the school's DCID, not its number") \
	X(between_years_next, "9", "between two years the coming one is the current year") \
	X(writes_need_full, "2", "changing a subscription needs the v1 level FULL") \
	X(dataversion_needs_subscription, "8.1", "an application nobody subscribed gets a 404") \
	X(dataversion_deletes, "8.1", "keys of deleted rows are listed") \
	X(dataversion_ids, "8.1", "keys are ID where a table has one, not DCID") \
	X(dataversion_number, "8.1", "$dataversion of /ws/dataversion is a number") \
	X(event_body_flat, "8.2", "an event's body is one flat object") \
	X(event_retries, "8.2", "an event that was not taken is sent twice again") \
	X(old_server_refuses_access_level, "11", "a server before 25.2 refuses accessLevelV1Api at install") \
	X(access_request_first, "16.15", "plugin.xml must have access_request before publisher") \
	X(drop_keeps_termid, "15, 16.20", "a dropped row of CC has a negative SECTIONID and a positive TERMID") \
	X(live_origsectionid, "16.11, 16.20", "live rows of CC name their section in ORIGSECTIONID too, instead of 0") \
	X(dateleft_last_day, "16.11, 16.20", "DATELEFT of a class that lasts as long as its term is the term's last day")

#define AS_ROW(member, section, help) { #member, AT(section), "0|1", "0", help },
#define AS_OFFSET(member, section, help) offsetof(sim_ps_quirks, member),
/* clang-format on */

static const sim_quirk_row rows[] = {
	/* clang-format off */
	SWITCHES(AS_ROW)
	{ "page_max", AT("3"), "1-1000", "100", "the plugins' Maximum Page Size" },
	{ "token_life_s", AT("2"), "seconds", "2592000", "how long a token lives" },
	/* clang-format on */
};

/* Of the switches alone, in the same order. */
static const size_t offsets[] = { SWITCHES(AS_OFFSET) };

bool sim_ps_quirk_set(sim_ps_quirks *quirks, const char *name, bool on)
{
	for (size_t i = 0; i < SR_COUNT_OF(offsets); i++) {
		if (sr_streq(rows[i].name, name)) {
			*(bool *)((char *)quirks + offsets[i]) = on;
			return true;
		}
	}
	return false;
}

int sim_ps_option_set(sim_ps_options *options, const char *name, const char *value, sr_err *err)
{
	int64_t n;

	if (!sr_parse_i64(value, &n) || n < 0 || n > INT32_MAX)
		return sr_fail(err, SR_E_INVALID, "%s=%s: a number is wanted", name, value);
	if (n < 2 && sim_ps_quirk_set(&options->quirks, name, n == 1))
		return 0;
	if (sr_streq(name, "page_max") && n >= 1 && n <= 1000)
		options->page_max = (int)n;
	else if (sr_streq(name, "token_life_s") && n >= 1)
		options->token_life_s = (int)n;
	else
		return sr_fail(err, SR_E_INVALID, "PowerSchool has no switch %s=%s", name, value);
	return 0;
}

const sim_quirk_row *sim_ps_quirks_table(size_t *count)
{
	*count = SR_COUNT_OF(rows);
	return rows;
}

/* ---- switches that lie in what is stored ---- */

/* clang-format off */
static const struct {
	size_t quirk;
	const char *name, *of, *change; /* columns it looks at; what is done to rows that do not have the habit */
} habits[] = {
	{ offsetof(sim_ps_quirks, drop_keeps_termid), "termid", "termid",
	  "update cc set termid = -termid where termid < 0" },
	{ offsetof(sim_ps_quirks, live_origsectionid), "orig", "sectionid, origsectionid",
	  "update cc set origsectionid = sectionid where sectionid > 0 and origsectionid is not sectionid" },
	{ offsetof(sim_ps_quirks, dateleft_last_day), "dateleft", "dateleft",
	  "update cc set dateleft = date(dateleft, '-1 day') where exists (select 1 from terms t where"
	  " t.schoolid = cc.schoolid and t.id = abs(cc.termid) and cc.dateleft = date(t.lastday, '+1 day'))" },
};
/* clang-format on */

/* Rows that are there already, then triggers for whatever changes them; a database may come from a run without. */
static char *habit_sql(size_t i, bool on)
{
	SR_AUTO(sr_buf) sql = { 0 };
	static const char *const actions[] = { "insert", "update" };

	for (size_t a = 0; a < SR_COUNT_OF(actions); a++)
		sr_buf_printf(&sql, "drop trigger if exists sim_ps_habit_%s_%s;", habits[i].name, actions[a]);
	if (!on)
		return sr_buf_take(&sql);
	sr_buf_printf(&sql, "%s;", habits[i].change);
	for (size_t a = 0; a < SR_COUNT_OF(actions); a++)
		sr_buf_printf(&sql,
			"create trigger sim_ps_habit_%s_%s after %s%s%s on cc begin %s and dcid = new.dcid; end;",
			habits[i].name, actions[a], actions[a], a ? " of " : "", a ? habits[i].of : "",
			habits[i].change);
	return sr_buf_take(&sql);
}

int sim_ps_quirk_habits(sqlite3 *db, const sim_ps_quirks *quirks, sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT_OF(habits); i++) {
		SR_AUTO_FREE char *sql = habit_sql(
			i, *(const bool *)(const void *)((const char *)quirks + habits[i].quirk));
		if (!sql)
			return sr_fail_nomem(err);
		if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
			return sr_fail(err, SR_E_DB, "PowerSchool's habits: %s", sqlite3_errmsg(db));
	}
	return 0;
}
