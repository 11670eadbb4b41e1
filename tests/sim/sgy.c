/* The Schoology stand-in from outside: its life, one request. Every request is one
 * savepoint: log row, nonce and writes stay together, or go together if the database fails. */
#include <stdlib.h>
#include <string.h>

#include "sgy_int.h"

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

	sgy_formats(call);
	if (sgy_parse_url(call) < 0) {
		sgy_reply_text(call, 400, "Bad request.");
		return;
	}
	if (r->body && r->body_bytes)
		call->body = call->body_format == SGY_XML ? sgy_xml_parse(r->body, r->body_bytes)
							  : json_loadb(r->body, r->body_bytes, 0, NULL);
	if (!sgy_admit(call, &seq))
		return;
	if (sgy_is_authorize(call))
		sgy_authorize(call);
	else if (sgy_authenticate(call))
		sgy_dispatch(call);
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
	json_decref(call.seen);
	sr_arena_done(&call.mem);
}
