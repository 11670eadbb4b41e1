/* Commands that look and say: the write log, the request log, verify, and any question in SQL. */
#include <jansson.h>
#include <stddef.h>
#include <string.h>

#include "admin_int.h"
#include "sgy_api.h"

typedef struct log_options {
	int64_t since, window_ms;
	int flag; /* ?2 of the statements */
	bool json, list, all, windows, powerschool;
} log_options;

/* clang-format off */
#define LOG(name, type, field) { name, type, offsetof(log_options, field) }
static const admin_option log_table[] = {
	LOG("--since", 'i', since), LOG("--json", 'f', json), LOG("--list", 'f', list), LOG("--all", 'f', all),
	LOG("--window-ms", 'i', window_ms), LOG("--windows", 'f', windows), LOG("--powerschool", 'f', powerschool),
};
/* clang-format on */

/* Rows as an array of objects named by their columns. */
static json_t *rows_json(sqlite3_stmt *q, sr_err *err)
{
	json_t *rows = json_array();
	int rc = q ? 1 : -1;

	while (rc == 1 && (rc = sim_stmt_step(q, err)) == 1) {
		json_t *row = json_object();
		for (int i = 0; i < sqlite3_column_count(q); i++) {
			const char *text = (const char *)sqlite3_column_text(q, i);
			json_object_set_new(row, sqlite3_column_name(q, i),
				sqlite3_column_type(q, i) == SQLITE_INTEGER ? json_integer(sqlite3_column_int64(q, i))
				: text                                      ? json_string(text)
									    : json_null());
		}
		json_array_append_new(rows, row);
	}
	if (rc == 0)
		return rows;
	json_decref(rows);
	return NULL;
}

static void rows_text(sqlite3_stmt *q, sr_buf *out, int *rc, sr_err *err)
{
	while (*rc == 1 && (*rc = sim_stmt_step(q, err)) == 1) {
		for (int i = 0; i < sqlite3_column_count(q); i++) {
			const char *text = (const char *)sqlite3_column_text(q, i);
			sr_buf_printf(out, "%s%s", i ? "\t" : "", text ? text : "");
		}
		sr_buf_putc(out, '\n');
	}
}

static int put_json(json_t *json, sr_buf *out, sr_err *err)
{
	SR_AUTO_FREE char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	if (!text)
		return sr_fail_nomem(err);
	sr_buf_printf(out, "%s\n", text);
	return 0;
}

/* One or two queries as a JSON object, or as lines of tab-separated columns. ?1 since, ?2 a flag, ?3 the window. */
static int answer(sim_admin *a, const log_options *o, const char *summary, const char *list, sr_buf *out, sr_err *err)
{
	SR_AUTO(sim_stmt) sums = sim_sql(a->world->db, err, summary, "ini", o->since, o->flag, o->window_ms);
	SR_AUTO(sim_stmt) rows = sums ? sim_sql(a->world->db, err, list, "ini", o->since, o->flag, o->window_ms) : NULL;
	int rc = rows ? 1 : -1;

	if (rc < 0)
		return -1;
	if (o->json) {
		json_t *sum = rows_json(sums, err), *all = sum && o->list ? rows_json(rows, err) : json_array();
		if (!sum || !all) {
			json_decref(sum);
			return -1;
		}
		return put_json(json_pack("{s:o,s:o}", "summary", sum, "list", all), out, err);
	}
	rows_text(sums, out, &rc, err);
	if (rc == 0 && o->list) {
		rc = 1;
		rows_text(rows, out, &rc, err);
	}
	return rc;
}

int admin_writes(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	static const char summary[] =
		"select 'writes' what, count(*) objects, coalesce(sum(changed), 0) changed, coalesce(max(seq),"
		" ?1) last_seq"
		" from sgy_write_log where seq > ?1 and (?2 = 1 or changed = 1)"
		" union all select * from (select kind || case when before is null then ' created'"
		" when after is null then"
		" ' deleted' else ' updated' end, count(*), sum(changed), max(seq) from sgy_write_log"
		" where seq > ?1 and (?2 = 1 or changed = 1) group by 1 order by 1)";
	static const char list[] =
		"select seq, method, path, kind, object_id, school_uid, section_code, changed, before, after"
		" from sgy_write_log"
		" where seq > ?1 and (?2 = 1 or changed = 1) order by seq";
	log_options o = { 0 };

	if (admin_parse(argc, argv, log_table, SR_COUNT_OF(log_table), &o, NULL, NULL, 0, err))
		return 2;
	o.flag = o.all;
	return answer(a, &o, summary, list, out, err) ? 1 : 0;
}

/* Schoology's log, and PowerSchool's as if each of its requests cost 1. */
#define BOTH_LOGS                                                                                      \
	"(select seq, mono_ms, method, path, cost, status from sgy_request_log where ?2 = 0 union all" \
	" select seq, mono_ms, method, path, 1, status from sim_ps_request_log where ?2 = 1)"

/* What a list of requests shows: each, or how many in each window that had any. */
static const char *const request_lists[] = {
	"select seq, mono_ms, method, path, cost, status from " BOTH_LOGS " where seq > ?1 and ?3 = ?3 order by seq",
	"select mono_ms / ?3 * ?3 window_begins_ms, count(*) requests, sum(cost) cost, sum(status = 429) refused from"
	" " BOTH_LOGS " where seq > ?1 group by 1 order by 1",
};

/* One key's dearest window; PowerSchool has no budget, there it is the most requests. */
static int64_t dearest(sim_admin *a, const log_options *o, sr_err *err)
{
	int64_t most = 0;

	if (!o->powerschool)
		return sim_sgy_max_cost(a->world->db, o->window_ms, o->since);
	return sim_sql_int(a->world->db, &most, err,
		       "select coalesce(max((select count(*) from sim_ps_request_log b where b.mono_ms >= a.mono_ms and"
		       " b.mono_ms < a.mono_ms + ?1 and b.seq >= a.seq and b.seq < a.seq + 100000)), 0)"
		       " from sim_ps_request_log a where a.seq > ?2",
		       "ii", o->window_ms, o->since) < 0
		       ? -1
		       : most;
}

int admin_requests(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	static const char summary[] =
		"select 'requests' what, count(*) requests, coalesce(sum(cost), 0) cost, coalesce(max(seq), ?1) "
		"last_seq"
		" from " BOTH_LOGS
		" where seq > ?1 and ?3 = ?3 union all select * from (select status, count(*), sum(cost),"
		" max(seq) from " BOTH_LOGS " where seq > ?1 group by 1 order by 1)";
	log_options o = { .window_ms = 5000 };
	int64_t max;

	if (admin_parse(argc, argv, log_table, SR_COUNT_OF(log_table), &o, NULL, NULL, 0, err))
		return 2;
	if (o.window_ms < 1)
		return sr_fail(err, SR_E_RANGE, "requests: --window-ms is at least 1"), 2;
	if (sim_front_log_open(&(sim_front){ .world = a->world }, err))
		return 1;
	max = dearest(a, &o, err);
	if (max < 0)
		return sr_fail(err, SR_E_DB, "requests: the log cannot be read"), 1;
	if (!o.json)
		sr_buf_printf(out, "max cost in any %lld ms: %lld\n", (long long)o.window_ms, (long long)max);
	o.list |= o.windows;
	o.flag = o.powerschool;
	return answer(a, &o, summary, request_lists[o.windows], out, err) ? 1 : 0;
}

typedef struct verify_request {
	sim_verify_options o;
	admin_schools schools;
	bool json;
	int list_max;
} verify_request;

/* clang-format off */
#define VERIFY(name, type, field) { name, type, offsetof(verify_request, field) }
static const admin_option verify_table[] = {
	VERIFY("--year", 'y', o.yearid), VERIFY("--schools", 's', schools), VERIFY(
		"--snapshot", 't', o.snapshot),
	VERIFY("--today", 'd', o.today), VERIFY("--end-grace", 'n', o.end_grace),
	VERIFY("--preregistered", 'f', o.preregistered), VERIFY("--allow-left", 'f', o.allow_left),
	VERIFY("--roles-refused", 'f', o.roles_refused), VERIFY("--past-refused", 'f', o.past_refused),
	 VERIFY("--allow-drops", 'f', o.allow_drops), VERIFY("--no-logins", 'f', o.no_logins),
	VERIFY("--role-student", 't', o.role_student), VERIFY("--role-teacher", 't', o.role_teacher),
	VERIFY("--role-staff", 't', o.role_staff), VERIFY("--role-substitute", 't', o.role_substitute),
	VERIFY("--json", 'f', json), VERIFY("--list", 'n', list_max),
};
/* clang-format on */

static json_t *counts_json(const int64_t counts[SIM_VERIFY_KIND_COUNT])
{
	return json_pack("{s:I,s:I,s:I,s:I}", "users", (json_int_t)counts[SIM_VERIFY_USERS], "courses",
		(json_int_t)counts[SIM_VERIFY_COURSES], "sections", (json_int_t)counts[SIM_VERIFY_SECTIONS],
		"memberships", (json_int_t)counts[SIM_VERIFY_MEMBERS]);
}

int admin_verify(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	verify_request v = { 0 };
	SR_AUTO(sim_verify_report) r = { 0 };

	if (admin_parse(argc, argv, verify_table, SR_COUNT_OF(verify_table), &v, NULL, NULL, 0, err))
		return 2;
	if (admin_schools_there(a, &v.schools, err))
		return 1;
	v.o.schools = v.schools.list;
	v.o.school_count = v.schools.count;
	v.o.list_max = (size_t)v.list_max;
	if (sim_verify(a->world, &v.o, &r, err))
		return 1;
	if (!v.json)
		sr_buf_puts(out, sr_buf_text(&r.text));
	else if (put_json(json_pack("{s:b,s:I,s:I,s:I,s:o,s:o,s:s}", "exact", r.differences == 0, "differences",
				  (json_int_t)r.differences, "pending_drops", (json_int_t)r.pending_drops, "handmade",
				  (json_int_t)r.handmade, "expected", counts_json(r.expected), "kept",
				  counts_json(r.kept), "text", sr_buf_text(&r.text)),
			 out, err))
		return 1;
	return r.differences ? 1 : 0;
}

int admin_query(sim_admin *a, int argc, const char *const *argv, sr_buf *out, sr_err *err)
{
	if (argc != 2)
		return sr_fail(err, SR_E_INVALID, "query SQL"), 2;
	SR_AUTO(sim_stmt) q = sim_sql(a->world->db, err, argv[1], "");
	int rc = q ? 1 : -1;
	if (rc == 1 && !sqlite3_stmt_readonly(q))
		return sr_fail(err, SR_E_INVALID, "query: reads only; use mutate to change"), 1;
	rows_text(q, out, &rc, err);
	return rc ? 1 : 0;
}
