/* Moving the dates of a term's grading periods: what is asked for, and everything that would move with it.
 * Never included but by cmd_terms_dates.c and cmd_dates_look.c. */
#pragma once
#include "engine/cmd_priv.h"

typedef struct sr_dates_period {
	sr_period was;
	sr_day start, end; /* as they would be */
	sr_period_use use;
} sr_dates_period;

/* A term, of any school, that is mapped to one of the periods. */
typedef struct sr_dates_term {
	sr_school *s;
	int64_t id;
} sr_dates_term;

typedef struct sr_dates {
	sr_school *s;
	int64_t term;
	bool as_powerschool;
	sr_day from, to;
	sr_arena arena;
	sr_dates_period periods[SR_PERIODS_PER_TERM_MAX];
	size_t count;
	sr_dates_term *terms; /* in `arena` */
	size_t term_count;
	json_t *shown; /* of the periods, in order */
	char digest[SR_PREVIEW_DIGEST_BYTES];
	bool refused; /* with `no` */
	sr_no no;
	/* carrying it out */
	size_t at;
	bool asked, answered; /* for the period of this place */
	sr_err err;
	json_t *moved;
} sr_dates;

/* Gathers periods, terms and what to show, and judges whether it may be done at all. */
int sr_dates_look(sr_call *c, sr_txn *t, sr_dates *d, sr_err *err);
static inline bool sr_dates_moves(const sr_dates_period *p)
{
	return p->start != p->was.start || p->end != p->was.end;
}
