/* The v1 resources that a roster sync reads. A list is a select whose column names are the JSON
 * members; one function turns rows into what PowerSchool's XML-to-JSON bridge makes of them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ps_call.h"

#define GRADUATED_SCHOOL "999999"

/* ---- rows ---- */

/* Text of digits alone becomes a number, and loses its leading zeros: the bridge does that. */
static json_t *bridged_text(const char *s)
{
	int64_t n;

	if (*s && strspn(s, "0123456789") == strlen(s) && sr_parse_i64(s, &n))
		return json_integer(n);
	return json_string(s);
}

static json_t *row_object(sqlite3_stmt *stmt)
{
	json_t *row = json_object();
	int rc = row ? 0 : -1;

	for (int i = 0; !rc && i < sqlite3_column_count(stmt); i++) {
		const char *name = sqlite3_column_name(stmt, i);

		switch (sqlite3_column_type(stmt, i)) {
		case SQLITE_NULL:
			break; /* blank fields are left out */
		case SQLITE_INTEGER:
			rc = json_object_set_new(row, name, json_integer(sqlite3_column_int64(stmt, i)));
			break;
		default:
			rc = json_object_set_new(row, name, bridged_text((const char *)sqlite3_column_text(stmt, i)));
		}
	}
	if (!rc)
		return row;
	json_decref(row);
	return NULL;
}

/* `values` are ?1, ?2, ... of the select. */
static sqlite3_stmt *select_rows(sim_ps_call *c, const char *sql, const int64_t *values, int count)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(c->ps->world->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	for (int i = 0; i < count; i++)
		sqlite3_bind_int64(stmt, i + 1, values[i]);
	return stmt;
}

/* NULL: the database failed, or memory ran out. */
static json_t *rows_array(sim_ps_call *c, const char *sql, const int64_t *values, int count)
{
	sqlite3_stmt *stmt = select_rows(c, sql, values, count);
	json_t *rows = json_array();
	int rc = stmt && rows ? SQLITE_ROW : SQLITE_ERROR;

	while (rc == SQLITE_ROW && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (json_array_append_new(rows, row_object(stmt)))
			rc = SQLITE_NOMEM;
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return rows;
	json_decref(rows);
	return NULL;
}

/* One row is an object, several are an array, none leaves the member out. Takes `rows`. */
static json_t *bridged_list(const sim_ps_call *c, const char *plural, const char *singular, json_t *rows)
{
	json_t *inner = json_object(), *only = NULL;
	int rc = 0;

	if (json_array_size(rows) == 1 && !c->ps->quirks.single_row_array)
		only = json_array_get(rows, 0);
	if (json_array_size(rows))
		rc = json_object_set(inner, singular, only ? only : rows);
	json_decref(rows);
	if (!rc)
		return json_pack("{s:o}", plural, inner);
	json_decref(inner);
	return NULL;
}

/* ---- lists ---- */

typedef struct list {
	const char *plural, *singular;
	const char *select; /* ends in an order; ?1, ?2 are the caller's */
} list;

/* The last two parameters are the page: `limit ?3 offset ?4`. */
static void answer_page(sim_ps_call *c, const list *l, int64_t first, int64_t second)
{
	SR_AUTO_FREE char *sql = sr_asprintf("%s limit ?3 offset ?4", l->select);
	int64_t page, size, max = c->ps->page_max;
	json_t *rows;

	if (sim_ps_param_number(c, "page", 1, 1, &page) || sim_ps_param_number(c, "pagesize", 1, max, &size))
		return;
	if (size > max && c->ps->quirks.over_maximum_refused) {
		sim_ps_refuse(c, 400, "The page size is larger than the maximum of this plugin");
		return;
	}
	size = size > max ? max : size;
	rows = sql ? rows_array(c, sql, (int64_t[]){ first, second, size, (page - 1) * size }, 4) : NULL;
	sim_ps_answer(c, 200, rows ? bridged_list(c, l->plural, l->singular, rows) : NULL);
}

static void answer_count(sim_ps_call *c, const list *l, int64_t first, int64_t second)
{
	SR_AUTO_FREE char *sql = sr_asprintf("select count(*) as count from (%s)", l->select);
	json_t *rows = sql ? rows_array(c, sql, (int64_t[]){ first, second }, 2) : NULL;

	sim_ps_answer(c, 200, rows ? json_pack("{s:O}", "resource", json_array_get(rows, 0)) : NULL);
	json_decref(rows);
}

/* ---- district and schools ---- */

#define SCHOOL_COLUMNS                                                                                   \
	"dcid as id, school_number, name, abbreviation, low_grade, high_grade, alternate_school_number " \
	"from schools where school_number <> " GRADUATED_SCHOOL

static const list schools = { "schools", "school", "select " SCHOOL_COLUMNS " order by name, dcid" };

void sim_ps_schools(sim_ps_call *c)
{
	answer_page(c, &schools, 0, 0);
}

void sim_ps_schools_count(sim_ps_call *c)
{
	answer_count(c, &schools, 0, 0);
}

void sim_ps_district(sim_ps_call *c)
{
	sim_ps_answer(c, 200,
		json_pack("{s:{s:s, s:s, s:s, s:o}}", "district", "@expansions", "addresses, phones", "uuid",
			sim_ps_setting(c, "district_uuid", SIM_PS_DISTRICT_UUID), "name",
			sim_ps_setting(c, "district_name", "Sandbox District"), "district_number",
			bridged_text(sim_ps_setting(c, "district_number", "4100"))));
}

/* The school of the path, by DCID. 1 found, 0 not (answered), -1 failed (answered). */
static int find_school(sim_ps_call *c, json_t **school)
{
	int64_t id = -1;
	json_t *rows = NULL;

	if (sr_parse_i64(c->capture, &id))
		rows = rows_array(c, "select " SCHOOL_COLUMNS " and dcid = ?1", (int64_t[]){ id }, 1);
	else
		rows = json_array();
	if (!rows) {
		sim_ps_internal(c);
		return -1;
	}
	*school = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	if (*school)
		return 1;
	sim_ps_refuse(c, 404, "School not found");
	return 0;
}

void sim_ps_school(sim_ps_call *c)
{
	json_t *school = NULL;

	if (find_school(c, &school) == 1)
		sim_ps_answer(c, 200, json_pack("{s:o}", "school", school));
}

/* ---- terms ---- */

#define TERM_COLUMNS                                                                                       \
	"select t.dcid as id, coalesce(s.dcid, 0) as school_id, t.yearid + 1990 as start_year, t.portion," \
	" t.firstday as start_date, t.lastday as end_date, t.abbreviation, t.name"                         \
	" from terms t left join schools s on s.school_number = t.schoolid where t.schoolid = ?1"
#define TERM_ORDER " order by t.portion, t.firstday, t.dcid"

/* What `q` may say of start_year, and what holds without a `q`: the current school year, by the
 * preference that the end-of-year process raises. */
static const struct {
	const char *op;
	list terms;
} term_lists[] = {
	/* clang-format off */
	{ "==",   { "terms", "term", TERM_COLUMNS " and t.yearid + 1990 = ?2" TERM_ORDER } },
	{ "=gt=", { "terms", "term", TERM_COLUMNS " and t.yearid + 1990 > ?2" TERM_ORDER } },
	{ "=ge=", { "terms", "term", TERM_COLUMNS " and t.yearid + 1990 >= ?2" TERM_ORDER } },
	{ "=lt=", { "terms", "term", TERM_COLUMNS " and t.yearid + 1990 < ?2" TERM_ORDER } },
	{ "=le=", { "terms", "term", TERM_COLUMNS " and t.yearid + 1990 <= ?2" TERM_ORDER } },
	/* clang-format on */
};

static const list current_terms = { "terms", "term",
	TERM_COLUMNS " and ?2 = 0 and t.yearid = (select coalesce("
		     "(select max(cast(value as integer)) from prefs where lower(name) = 'coursearchiveyear'),"
		     " (select max(yearid) from terms where schoolid = ?1)))" TERM_ORDER };

/* Reads "start_year==2026" with or without the trailing semicolon. NULL: answered with a 400. */
static const list *chosen_terms(sim_ps_call *c, int64_t *year)
{
	static const char selector[] = "start_year";
	const char *q = sim_ps_param_get(c, "q");

	*year = 0;
	if (!q || !*q)
		return &current_terms;
	for (size_t i = 0; sr_starts(q, selector) && i < SR_COUNT_OF(term_lists); i++) {
		const char *digits = q + sizeof(selector) - 1;
		char value[12];
		size_t len;

		if (!sr_starts(digits, term_lists[i].op))
			continue;
		digits += strlen(term_lists[i].op);
		len = strcspn(digits, ";");
		snprintf(value, sizeof(value), "%.*s", (int)len, digits);
		if (sr_parse_i64(value, year) && (!digits[len] || !digits[len + 1]))
			return &term_lists[i].terms;
	}
	sim_ps_refuse(c, 400, "Invalid query");
	return NULL;
}

/* School 0 of the path is the district office, whose terms stand under SCHOOLID 0. */
static int term_school(sim_ps_call *c, int64_t *number)
{
	json_t *school = NULL;

	*number = 0;
	if (!strcmp(c->capture, "0"))
		return 0;
	if (find_school(c, &school) != 1)
		return -1;
	*number = json_integer_value(json_object_get(school, "school_number"));
	json_decref(school);
	return 0;
}

static void with_terms(sim_ps_call *c, void (*answer)(sim_ps_call *, const list *, int64_t, int64_t))
{
	int64_t number, year;
	const list *l;

	if (term_school(c, &number))
		return;
	l = chosen_terms(c, &year);
	if (l)
		answer(c, l, number, year);
}

void sim_ps_terms(sim_ps_call *c)
{
	with_terms(c, answer_page);
}

void sim_ps_terms_count(sim_ps_call *c)
{
	with_terms(c, answer_count);
}

/* ---- facts about the server ---- */

/* Without a token the sizes are the server's own; with one, the plugin's. */
void sim_ps_metadata(sim_ps_call *c)
{
	static const char *const sizes[] = { "school_max_page_size", "student_max_page_size", "staff_max_page_size",
		"course_max_page_size", "term_max_page_size", "section_max_page_size",
		"section_enrollment_max_page_size", "schema_table_query_max_page_size" };
	bool known = sim_ps_token_valid(c);
	json_t *m = json_pack("{s:s, s:s, s:s}", "powerschool_version",
		sim_ps_setting(c, "powerschool_version", "25.10.0.1"), "district_timezone",
		sim_ps_setting(c, "district_timezone", "America/New_York"), "district_uuid",
		sim_ps_setting(c, "district_uuid", SIM_PS_DISTRICT_UUID));
	int rc = m ? 0 : -1;

	if (known)
		rc |= json_object_set_new(m, "plugin_id", json_integer(41));
	for (size_t i = 0; i < SR_COUNT_OF(sizes); i++)
		rc |= json_object_set_new(m, sizes[i], json_integer(known ? c->ps->page_max : 100));
	if (rc) {
		json_decref(m);
		m = NULL;
	}
	sim_ps_answer(c, 200, m ? json_pack("{s:o}", "metadata", m) : NULL);
}

void sim_ps_time(sim_ps_call *c)
{
	int64_t now_ms = sr_clock_wall_ms(&c->ps->world->clock);
	time_t now_s = (time_t)(now_ms / 1000);
	char date[16], time_of_day[16];
	struct tm tm;

	gmtime_r(&now_s, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	strftime(time_of_day, sizeof(time_of_day), "%H:%M:%S", &tm);
	sim_ps_answer(c, 200,
		json_pack("{s:{s:s, s:s, s:I}}", "time", "date", date, "time", time_of_day, "timestamp",
			(json_int_t)now_ms));
}
