/* What the poller's two files share. */
#pragma once
#include "engine/engine_priv.h"

struct sr_poll {
	sr_engine *e;
	bool busy, again;
	size_t step;
	uint64_t done;
	bool source_failed, target_failed, uuid_fits;
	sr_timer *timer;
	/* the acting user, as he is being read */
	int64_t me, my_role, my_building;
	char my_title[80];
	size_t scope_asked; /* in how many buildings the people stand that were asked for */
	/* terms of all schools, page by page */
	sr_arena arena;
	sr_term *terms;
	size_t term_count, term_cap;
	int64_t after;
	size_t roster; /* which query of a run is asked about */
	/* the probe: one school after another, students, then sections */
	size_t school;
	int64_t active, promoted;
	sr_yearid rolled_year; /* the year that `since` and the counts are about */
	sr_day since;
	sr_term_count *counts;
	size_t count_len, count_cap;
};

void sr_poll_next(sr_engine *e);
void sr_poll_fail(sr_engine *e, bool target, const sr_err *err);
int sr_poll_store(
	sr_engine *e, int (*work)(sr_engine *e, sr_txn *t, const void *arg, sr_err *err), const void *arg, sr_err *err);
void sr_acting_invalid(sr_engine *e, const char *why);

void sr_poll_ask_rights(sr_engine *e); /* poll_rights.c */

/* poll_look.c */
void sr_poll_ask_terms(sr_engine *e);
void sr_poll_ask_scope(sr_engine *e);
void sr_poll_ask_probes(sr_engine *e);
void sr_poll_tell_moved(sr_school *s);
