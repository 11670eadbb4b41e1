/* Statements that request after request uses are prepared once and kept by their text: preparing was
 * a quarter of all that a request cost. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define KEPT 128

typedef struct kept {
	char *sql;
	sqlite3_stmt *stmt;
	bool out; /* somebody steps it just now */
} kept;

struct sim_statements {
	kept at[KEPT];
	size_t count;
};

static kept *find(struct sim_statements *s, const char *sql)
{
	for (size_t i = 0; s && i < s->count; i++)
		if (strcmp(s->at[i].sql, sql) == 0)
			return &s->at[i];
	return NULL;
}

/* Beyond the room that there is, and while out of memory, a statement is simply not kept. */
static void keep(sim_world *w, const char *sql, sqlite3_stmt *stmt)
{
	struct sim_statements *s = w->statements ? w->statements : calloc(1, sizeof(*s));
	char *copy = s && s->count < KEPT ? sr_strdup(sql) : NULL;

	w->statements = s;
	if (copy)
		s->at[s->count++] = (kept){ copy, stmt, true };
}

sqlite3_stmt *sim_world_take(sim_world *w, const char *sql)
{
	kept *k = find(w->statements, sql);
	sqlite3_stmt *stmt = NULL;

	if (k && !k->out) {
		k->out = true;
		return k->stmt;
	}
	if (sqlite3_prepare_v2(w->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	if (!k)
		keep(w, sql, stmt);
	return stmt;
}

void sim_world_give(sim_world *w, sqlite3_stmt *stmt)
{
	for (size_t i = 0; stmt && w->statements && i < w->statements->count; i++) {
		kept *k = &w->statements->at[i];

		if (k->stmt != stmt)
			continue;
		sqlite3_reset(stmt);
		sqlite3_clear_bindings(stmt);
		k->out = false;
		return;
	}
	sqlite3_finalize(stmt);
}

void sim_world_forget(sim_world *w)
{
	for (size_t i = 0; w->statements && i < w->statements->count; i++) {
		sqlite3_finalize(w->statements->at[i].stmt);
		free(w->statements->at[i].sql);
	}
	free(w->statements);
	w->statements = NULL;
}
