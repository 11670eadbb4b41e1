/* Opens the database that both stand-ins live in, and keeps replies in order. */
#include <stdio.h>
#include <string.h>

#include "ps_service.h"
#include "sgy_api.h"
#include "sim.h"

/* The sandbox is rebuilt from its seed at will: nothing here is worth an fsync. */
static const char pragmas[] = "pragma journal_mode = memory; pragma synchronous = off; pragma temp_store = memory;";

int sim_world_open(sim_world *w, const char *path, const sr_clock *clock, uint64_t seed, sr_err *err)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK) {
		sr_fail(err, SR_E_IO, "%s: %s", path, db ? sqlite3_errmsg(db) : "out of memory");
		goto out;
	}
	if (sqlite3_exec(db, pragmas, NULL, NULL, NULL) != SQLITE_OK) {
		sr_fail(err, SR_E_DB, "%s: %s", path, sqlite3_errmsg(db));
		goto out;
	}
	if (sim_ps_schema(db, err) || sim_sgy_schema(db, err))
		goto out;
	*w = (sim_world){ .db = db, .clock = *clock, .seed = seed };
	return 0;
out:
	sqlite3_close(db);
	return -1;
}

void sim_world_close(sim_world *w)
{
	sim_world_forget(w);
	sqlite3_close(w->db);
	w->db = NULL;
}

void sim_reply_reset(sim_reply *r)
{
	r->status = 0;
	r->header_count = 0;
	sr_buf_clear(&r->body);
}

void sim_reply_done(sim_reply *r)
{
	sr_buf_done(&r->body);
	*r = (sim_reply){ 0 };
}

void sim_reply_header(sim_reply *r, const char *name, const char *value)
{
	size_t i = r->header_count;

	if (i == SR_COUNT_OF(r->headers))
		return;
	snprintf(r->headers[i].name, sizeof(r->headers[i].name), "%s", name);
	snprintf(r->headers[i].value, sizeof(r->headers[i].value), "%s", value);
	r->header_count++;
}
