/* The request log and the limiter over it. A budget of credits per key and window, counted by the
 * world's monotonic clock; refused requests are logged with their cost and do not use the budget. */
#include <string.h>

#include "sgy_int.h"

static int cost_of(const sgy_call *call)
{
	const sim_sgy_options *o = &call->sgy->options;
	const char *m = call->request->method;

	return !strcmp(m, "GET") || !strcmp(m, "OPTIONS") || !strcmp(m, "HEAD") ? o->read_cost : o->write_cost;
}

/* What the key's accepted requests cost at or after `from_ms`. */
static int64_t spent_since(sgy_call *call, const char *key, int64_t from_ms)
{
	static const char sql[] = "SELECT coalesce(sum(cost), 0) FROM sgy_request_log"
				  " WHERE consumer_key = ?1 AND mono_ms >= ?2 AND status <> 429 AND seq > ?3";

	return sgy_int(call->sgy, 0, sql, "sii", key, from_ms, call->sgy->first_seq);
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
	static const char oldest_sql[] = "SELECT min(mono_ms) FROM sgy_request_log"
					 " WHERE consumer_key = ?1 AND mono_ms > ?2 AND status <> 429 AND seq > ?3";
	const sim_sgy_options *o = &call->sgy->options;
	int64_t begin = now_ms - o->window_ms;

	if (spent_since(call, key, begin + 1) + cost <= o->credits)
		return 0;
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
	sgy_reply_text(call, 429, "Too Many Requests");
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
	int64_t wait_ms = wait_fns[sgy->options.limiter](call, key, cost, now);

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
