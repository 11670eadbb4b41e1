/* The Schoology stand-in from outside: its options, its life, one request. Every request is one
 * savepoint: log row, nonce and writes stay together, or go together if the database fails. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sgy_int.h"

const sim_sgy_options sim_sgy_defaults = {
	.limiter = SIM_SGY_LIMIT_SLIDING,
	.credits = 50,
	.window_ms = 5000,
	.read_cost = 1,
	.write_cost = 3,
	.retry_after = 1,
	.bulk_put_status = 207,
	.delete_nonmember_code = 404,
	.skew_s = 600,
};

typedef struct option_row {
	const char *name;
	size_t offset;
	int min, max;
	const char *const *words; /* names of 0, 1, 2...; NULL: numbers alone */
} option_row;

static const char *const limiter_words[] = { "none", "fixed", "sliding", "bucket", NULL };
static const char *const inactive_words[] = { "error", "reactivate", "duplicate", NULL };

/* clang-format off */
#define OPTION(name, min, max) { #name, offsetof(sim_sgy_options, name), min, max, NULL }
/* clang-format on */
static const option_row option_rows[] = {
	{ "limiter", offsetof(sim_sgy_options, limiter), 0, SIM_SGY_LIMIT_COUNT - 1, limiter_words },
	{ "inactive_match", offsetof(sim_sgy_options, inactive_match), 0, SIM_SGY_INACTIVE_COUNT - 1, inactive_words },
	OPTION(credits, 1, 1000000),
	OPTION(window_ms, 1, 3600000),
	OPTION(read_cost, 0, 1000),
	OPTION(write_cost, 0, 1000),
	OPTION(retry_after, 0, 1),
	OPTION(utc_offset_min, -900, 900),
	OPTION(future_hidden, 0, 1),
	OPTION(inactive_key_401, 0, 1),
	OPTION(upsert_clears, 0, 1),
	OPTION(limit_over_error, 0, 1),
	OPTION(next_drops_filters, 0, 1),
	OPTION(bulk_put_status, 200, 207),
	OPTION(enrollments_active, 0, 1),
	OPTION(past_import_refused, 0, 1),
	OPTION(delete_nonmember_code, 200, 499),
	OPTION(readd_keeps_status, 0, 1),
	OPTION(skew_s, 0, 86400),
};

static bool option_value(const option_row *row, const char *text, int64_t *out)
{
	for (int i = 0; row->words && row->words[i]; i++)
		if (!strcmp(row->words[i], text)) {
			*out = i;
			return true;
		}
	return sr_parse_i64(text, out) && *out >= row->min && *out <= row->max;
}

int sim_sgy_option_set(sim_sgy_options *options, const char *name, const char *value, sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT_OF(option_rows); i++) {
		const option_row *row = &option_rows[i];
		int64_t n;

		if (strcmp(row->name, name))
			continue;
		if (!option_value(row, value, &n))
			return sr_fail(err, SR_E_RANGE, "schoology option %s: %d to %d", name, row->min, row->max);
		*(int *)((char *)options + row->offset) = (int)n;
		return 0;
	}
	return sr_fail(err, SR_E_INVALID, "no schoology option is called %s", name);
}

sim_sgy *sim_sgy_new(sim_world *world, const sim_sgy_options *options, sr_err *err)
{
	sim_sgy *sgy = calloc(1, sizeof(*sgy));

	if (!sgy)
		goto nomem;
	sgy->world = world;
	sgy->options = options ? *options : sim_sgy_defaults;
	sgy->public_base = sr_strdup(sgy->options.public_base);
	sgy->admin_role = sr_strdup(sgy->options.admin_role);
	if ((sgy->options.public_base && !sgy->public_base) || (sgy->options.admin_role && !sgy->admin_role))
		goto nomem;
	sgy->options.public_base = sgy->public_base;
	sgy->options.admin_role = sgy->admin_role;
	sgy->first_seq = sgy_int(sgy, 0, "SELECT max(seq) FROM sgy_request_log", "");
	if (!sgy->failed)
		return sgy;
	sim_sgy_free(sgy);
	sr_fail(err, SR_E_DB, "schoology tables: %s", sqlite3_errmsg(world->db));
	return NULL;
nomem:
	sim_sgy_free(sgy);
	sr_fail_nomem(err);
	return NULL;
}

void sim_sgy_free(sim_sgy *sgy)
{
	if (!sgy)
		return;
	sgy_prepare_cache_done(sgy);
	free(sgy->public_base);
	free(sgy->admin_role);
	free(sgy);
}

sim_sgy_options *sim_sgy_live_options(sim_sgy *sgy)
{
	return &sgy->options;
}

static void answer(sgy_call *call)
{
	static const char status_sql[] = "UPDATE sgy_request_log SET status = ?2 WHERE seq = ?1";
	const sr_request *r = call->request;
	int64_t seq = 0;

	if (sgy_parse_url(call) < 0) {
		sgy_reply_text(call, 400, "Bad request.");
		return;
	}
	if (!sgy_admit(call, &seq) || !sgy_authenticate(call))
		goto done;
	if (r->body && r->body_bytes)
		call->body = json_loadb(r->body, r->body_bytes, 0, NULL);
	sgy_dispatch(call);
done:
	sgy_run(call->sgy, status_sql, "ii", seq, (int64_t)call->reply->status);
}

/* Everything the call did is undone; statements in the middle of their rows go first. */
static void give_up(sgy_call *call)
{
	sim_sgy *sgy = call->sgy;

	for (size_t i = 0; i < sgy->cached; i++)
		sqlite3_reset(sgy->cache[i].stmt);
	sqlite3_exec(sgy->world->db, "ROLLBACK TO sgy_call", NULL, NULL, NULL);
	sim_reply_reset(call->reply);
	sim_reply_header(call->reply, "X-Schoology", "API");
	sgy_reply_text(call, 500, "Internal server error");
}

void sim_sgy_handle(sim_sgy *sgy, const sr_request *request, sim_reply *reply)
{
	sgy_call call = { .sgy = sgy, .request = request, .reply = reply };

	sim_reply_reset(reply);
	sim_reply_header(reply, "X-Schoology", "API");
	sgy->failed = sqlite3_exec(sgy->world->db, "SAVEPOINT sgy_call", NULL, NULL, NULL) != SQLITE_OK;
	if (!sgy->failed)
		answer(&call);
	if (sgy->failed)
		give_up(&call);
	if (sqlite3_exec(sgy->world->db, "RELEASE sgy_call", NULL, NULL, NULL) != SQLITE_OK) {
		sim_reply_reset(reply);
		sgy_reply_text(&call, 500, "Internal server error");
	}
	json_decref(call.body);
	sr_arena_done(&call.mem);
}
