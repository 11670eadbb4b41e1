/* The request log and the limiter over it. A budget of credits per key and window, counted by the
 * world's monotonic clock; refused requests are logged with their cost and do not use the budget. */
#include <string.h>

#include "sgy_int.h"

/* How many paths a multiget names; 0: this is none. */
static int multiget_paths(const sgy_call *call)
{
	json_t *wrapped = json_object_get(call->body, "requests");
	json_t *paths = json_object_get(wrapped ? wrapped : call->body, "request");

	if (call->segment_count != 1 || strcmp(call->segments[0], "multiget"))
		return 0;
	return json_is_array(paths) ? (int)json_array_size(paths) : 1;
}

static int cost_of(const sgy_call *call)
{
	const sim_sgy_options *o = &call->sgy->options;
	const char *m = call->request->method;
	int paths = o->multiget_cost ? multiget_paths(call) : 0;

	if (paths > 0)
		return paths * o->read_cost;
	return !strcmp(m, "GET") || !strcmp(m, "OPTIONS") || !strcmp(m, "HEAD") ? o->read_cost : o->write_cost;
}

/* The log says 429 of every request over budget, whatever it was answered. */
#define ADMITTED " AND status <> 429"

/* What the key's accepted requests (or everybody's) cost at or after `from_ms`. */
static int64_t spent_since(sgy_call *call, const char *key, int64_t from_ms)
{
	static const char all_sql[] = "SELECT coalesce(sum(cost), 0) FROM sgy_request_log"
				      " WHERE mono_ms >= ?2 AND seq > ?3 AND ?1 IS NOT NULL" ADMITTED;
	static const char sql[] = "SELECT coalesce(sum(cost), 0) FROM sgy_request_log"
				  " WHERE consumer_key = ?1 AND mono_ms >= ?2 AND seq > ?3" ADMITTED;

	return sgy_int(
		call->sgy, 0, call->sgy->options.rate_scope ? all_sql : sql, "sii", key, from_ms, call->sgy->first_seq);
}

/* Milliseconds to wait before `cost` fits; 0: it fits now. One function a kind of limiter. */
typedef int64_t (*wait_fn)(sgy_call *call, const char *key, int cost, int64_t now_ms);

static int64_t wait_none(sgy_call *call, const char *key, int cost, int64_t now_ms)
{
	(void)call, (void)key, (void)cost, (void)now_ms;
	return 0;
}

static int64_t wait_fixed(sgy_call *call, const char *key, int cost, int64_t now_ms)
{
	const sim_sgy_options *o = &call->sgy->options;
	int64_t begin = now_ms - now_ms % o->window_ms;

	return spent_since(call, key, begin) + cost <= o->credits ? 0 : begin + o->window_ms - now_ms;
}

static int64_t wait_sliding(sgy_call *call, const char *key, int cost, int64_t now_ms)
{
	static const char all_sql[] = "SELECT min(mono_ms) FROM sgy_request_log"
				      " WHERE mono_ms > ?2 AND seq > ?3 AND ?1 IS NOT NULL" ADMITTED;
	static const char one_sql[] = "SELECT min(mono_ms) FROM sgy_request_log"
				      " WHERE consumer_key = ?1 AND mono_ms > ?2 AND seq > ?3" ADMITTED;
	const sim_sgy_options *o = &call->sgy->options;
	int64_t begin = now_ms - o->window_ms;

	if (spent_since(call, key, begin + 1) + cost <= o->credits)
		return 0;
	const char *oldest_sql = o->rate_scope ? all_sql : one_sql;
	int64_t oldest = sgy_int(call->sgy, now_ms, oldest_sql, "sii", key, begin, call->sgy->first_seq);
	return oldest + o->window_ms - now_ms;
}

static int64_t wait_bucket(sgy_call *call, const char *key, int cost, int64_t now_ms)
{
	static const char read_sql[] = "SELECT level, mono_ms FROM sgy_bucket WHERE consumer_key = ?1";
	static const char write_sql[] = "INSERT OR REPLACE INTO sgy_bucket (consumer_key, level, mono_ms)"
					" VALUES (?1, ?2 / 1000.0, ?3)";
	const sim_sgy_options *o = &call->sgy->options;
	double level = o->credits, per_ms = (double)o->credits / o->window_ms;
	sqlite3_stmt *stmt = sgy_query(call->sgy, read_sql, "s", key);

	if (sgy_step(call->sgy, stmt)) {
		int64_t since = now_ms - sqlite3_column_int64(stmt, 1);
		level = sqlite3_column_double(stmt, 0) + (since > 0 ? (double)since : 0.0) * per_ms;
		sqlite3_reset(stmt);
	}
	level = level > o->credits ? o->credits : level;
	if (level < cost)
		return (int64_t)((cost - level) / per_ms) + 1;
	sgy_run(call->sgy, write_sql, "sii", key, (int64_t)((level - cost) * 1000.0), now_ms);
	return 0;
}

static const wait_fn wait_fns[SIM_SGY_LIMIT_COUNT] = {
	[SIM_SGY_LIMIT_NONE] = wait_none,
	[SIM_SGY_LIMIT_FIXED] = wait_fixed,
	[SIM_SGY_LIMIT_SLIDING] = wait_sliding,
	[SIM_SGY_LIMIT_BUCKET] = wait_bucket,
};

static void refuse(sgy_call *call, int64_t wait_ms)
{
	static const char page[] = "<!DOCTYPE html><html><head><title>Schoology</title></head><body>You have made more"
				   " than 15 requests in 5 seconds.</body></html>";
	int status = call->sgy->options.over_budget;

	if (status == 200) {
		sgy_reply_body(call, 200, "text/html; charset=UTF-8", page);
		return;
	}
	sgy_reply_body(
		call, status, "text/plain; charset=UTF-8", status == 429 ? "Too Many Requests" : "Service Unavailable");
	if (call->sgy->options.retry_after)
		sim_reply_header(
			call->reply, "Retry-After", sgy_printf(call, "%lld", (long long)((wait_ms + 999) / 1000)));
}

bool sgy_admit(sgy_call *call, int64_t *seq)
{
	static const char insert_sql[] =
		"INSERT INTO sgy_request_log (at_ms, mono_ms, consumer_key, method, path, cost, status)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
	sim_sgy *sgy = call->sgy;
	const char *key = sgy_presented_key(call);
	int64_t now = sr_clock_mono_ms(&sgy->world->clock);
	int cost = cost_of(call);
	int64_t wait_ms = wait_fns[sgy->options.limiter](call, sgy->options.rate_scope ? "" : key, cost, now);

	sgy_run(sgy, insert_sql, "iisssii", sr_clock_wall_ms(&sgy->world->clock), now, key, call->request->method,
		call->path, (int64_t)cost, wait_ms > 0 ? (int64_t)429 : (int64_t)0);
	*seq = sqlite3_last_insert_rowid(sgy->world->db);
	if (wait_ms > 0)
		refuse(call, wait_ms);
	return wait_ms <= 0;
}

/* Every window that matters begins at a request: its cost and that of those within window_ms. */
static const char max_cost_sql[] =
	"SELECT coalesce(max(spent), 0) FROM (SELECT sum(cost) OVER (PARTITION BY consumer_key ORDER BY mono_ms"
	" RANGE BETWEEN CURRENT ROW AND ?1 FOLLOWING) AS spent FROM sgy_request_log WHERE seq > ?2)";

static int64_t one_number(sqlite3 *db, const char *sql, int64_t a, int64_t b)
{
	sqlite3_stmt *stmt;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return -1;
	sqlite3_bind_int64(stmt, 1, a);
	sqlite3_bind_int64(stmt, 2, b);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

int64_t sim_sgy_max_cost(sqlite3 *db, int64_t window_ms, int64_t since_seq)
{
	return one_number(db, max_cost_sql, window_ms - 1, since_seq);
}

int64_t sim_sgy_write_count(sqlite3 *db, int64_t since_seq, bool changed_only)
{
	return one_number(
		db, "SELECT count(*) FROM sgy_write_log WHERE seq > ?1 AND changed >= ?2", since_seq, changed_only);
}
