/* What the engine's own files share. Never included from outside this folder. */
#pragma once
#include "core/filter.h"
#include "core/guard.h"
#include "core/match.h"
#include "core/phase.h"
#include "core/retry.h"
#include "core/run.h"
#include "engine/block.h"
#include "engine/engine.h"
#include "io/store_history.h"
#include "io/store_mirror.h"
#include "io/store_outbox.h"
#include "io/store_plan.h"
#include "io/store_school.h"
#include "io/store_source.h"

typedef struct sr_school sr_school;
typedef struct sr_run sr_run;
typedef struct sr_poll sr_poll;
typedef struct sr_inventory sr_inventory;

#define SR_CHUNK 500 /* rows a turn of the loop works through */

/* Terms and sections as the last probe or pull saw them: what `used term` is judged by. */
typedef struct sr_term_count {
	int64_t term, sections, enrollments;
} sr_term_count;

typedef struct sr_school {
	sr_engine *e;
	int64_t number;
	sr_arena row_arena;
	sr_school_row row; /* as in the database; strings in row_arena */
	sr_school_config config;
	int64_t building;      /* Schoology's id; 0: none found */
	sr_run *run;           /* what is under way; NULL: idle */
	sr_timer *due;         /* the next run by itself */
	int64_t due_at_ms;     /* monotonic; 0: none */
	int attempts;          /* failed first runs in a row, for the back-off */
	sr_term_count *counts; /* of counts_year */
	size_t counts_len;
	sr_yearid counts_year; /* SR_YEARID_NONE: not probed yet */
	int64_t ended_ms;      /* monotonic; the last good run */
	sr_day slot;           /* the day of drops (sr_drops_slot) in which the last run of all began */
	bool decided;          /* a person approved something while a run was under way: the next one begins at once */
	int64_t said_moved;    /* fingerprint of the moved terms already told */
	char *held_why;        /* why the school does not follow its canary, as it was said last; NULL: nothing was */
	char *last_problem;    /* why the last run failed, for NEXT; NULL: it did not */
	bool wanted;           /* runs as soon as it may: what it owns has changed at another school, or its release */
	struct sr_wish *wish;  /* a run that a person asked for while another was under way (follow.c) */
} sr_school;

typedef struct sr_acting_user {
	bool known, ok;
	int64_t id;
	char role[80];
	char why[200]; /* when not ok */
	int64_t checked_ms;
} sr_acting_user;

/* A call that waits for runs or a poll to end (engine/command.c). */
typedef struct sr_watch sr_watch;
struct sr_watch {
	sr_watch *next;
	void (*event)(sr_watch *w, sr_school *s); /* something of the school changed; NULL: the district */
};

typedef struct sr_flight {
	int64_t ident, batch;
} sr_flight;

struct sr_engine {
	sr_engine_config c;
	uint64_t seed;       /* of fingerprints, drawn once per installation */
	sr_school **schools; /* by number */
	size_t school_count;
	sr_poll *poll;
	sr_inventory *inventory;
	sr_acting_user acting;
	int64_t org_id; /* Schoology's school id; 0: not known yet */
	char timezone[64];
	int64_t source_ok_ms, target_ok_ms; /* wall time of the last good answer; 0: never */
	sr_err source_err, target_err;      /* of the last poll, code SR_E_OK if fine */
	int64_t term_duplicates;            /* TERMS rows that stand twice, at the last poll */
	sr_yearid prefs_year;               /* PREFS.coursearchiveyear; 0: not granted */
	char **role_keys;
	int64_t *role_ids;
	size_t role_count;
	sr_keys *keys;   /* of all people of the district, as the last judging of a school saw them */
	bool keys_stale; /* people's rows have changed since */
	int64_t other_year_writes;
	sr_flight *in_flight; /* people in a call just now, over all schools */
	size_t in_flight_count, in_flight_cap;
	bool stopping, started;
	bool disk_refuses; /* and that was said */
	void (*stop_done)(void *arg);
	void *stop_arg;
	sr_timer *stop_timer, *beat;
	uint64_t beats, beats_seen, beat_turns;
	int64_t longest_turn;
	sr_watch *watches;
	struct sr_period_job *period_jobs;
	struct sr_alerts *alerts;
};

/* engine.c */
int64_t sr_now_ms(const sr_engine *e); /* wall */
int64_t sr_mono_ms(const sr_engine *e);
sr_day sr_today(const sr_engine *e);
int sr_minute(const sr_engine *e);                               /* of the district's day */
sr_day sr_engine_slot(const sr_engine *e, int64_t at_ms);        /* of drops, for a wall time */
sr_school *sr_engine_school(const sr_engine *e, int64_t number); /* NULL: unknown */
void sr_engine_say(const sr_engine *e, sr_level level, sr_msg msg, int64_t school, const char *code, const char *fmt,
	...) __attribute__((format(printf, 6, 7)));
void sr_engine_notify(sr_engine *e, sr_school *s); /* wakes the watches */
void sr_engine_check_stopped(sr_engine *e);
void sr_engine_look_at_disk(sr_engine *e); /* says once that it refuses, once that it takes again */
int sr_txn_end(
	sr_engine *e, sr_txn *t, int rc, sr_err *err); /* commit on rc 0, else roll back; notes the turn's length */
int64_t sr_random_u32(const sr_engine *e);
void sr_engine_roles_clear(sr_engine *e);

/* school.c: the only writer of a phase */
int sr_schools_load(sr_engine *e, sr_err *err);
void sr_school_free(sr_school *s);
void sr_school_reconfigure(sr_school *s);
/* Steps the phase; `refused` (may be NULL) gets the cell's reason when the table refuses. */
int sr_school_step(sr_school *s, sr_pev event, sr_yearid year, const char *who, const char *why, const char **refused,
	sr_err *err);
int sr_school_reload_row(sr_school *s, sr_txn *t, sr_err *err);
int sr_school_save_row(sr_school *s, sr_txn *t, sr_err *err);
/* Looks at what is known and raises the worker's events that follow from it, until none does. */
void sr_school_review(sr_school *s);
void sr_school_counts_set(sr_school *s, sr_yearid year, const sr_term_count *counts, size_t len);
int64_t sr_school_title(const sr_school *s, char *out, size_t size); /* "312 Cedar Middle" */

/* The first entry date that counts as promoted into `year` here, by the terms known. */
sr_day sr_school_rolled_since(sr_school *s, sr_yearid year);
/* The year whose rollover is looked for at this school just now; none: SR_YEARID_NONE. */
sr_yearid sr_school_rolled_year(const sr_school *s);
int sr_school_rolled_save(sr_school *s); /* keeps the evidence of s->row */

/* district.c: blocks, binding, buildings */
void sr_block_raise(sr_engine *e, int64_t school, sr_block code, const char *why);
void sr_block_lift(sr_engine *e, int64_t school, sr_block code);
/* Is anything standing that stops writes (reads) of this school? `code` (may be NULL): the gravest. */
bool sr_blocked(sr_engine *e, sr_txn *t, const sr_school *s, bool reads, const char **code);
void sr_block_by_error(sr_engine *e, bool target, const sr_err *err); /* auth, right, ... of a failed request */
void sr_district_find_buildings(sr_engine *e);
bool sr_district_teaches(const sr_engine *e, const sr_school *s, int64_t role_id);

/* poll.c */
int sr_poll_new(sr_engine *e, sr_err *err);
void sr_poll_free(sr_poll *p);
void sr_poll_now(sr_engine *e); /* starts one, or lets the running one be followed by another */
bool sr_poll_busy(const sr_engine *e);
uint64_t sr_poll_done_count(const sr_engine *e);

/* The day from which students come into classes here: the command's word, else the configuration's. */
static inline sr_day sr_school_released_from(const sr_school *s)
{
	return s->row.released_from != SR_DAY_NONE ? s->row.released_from : s->config.students_from;
}

/* sched.c */
void sr_sched_school(sr_school *s); /* sets or clears the timer of its next run by itself */
void sr_sched_after(sr_school *s, bool good, const sr_err *err);

/* context.c: what filter, plan, gate and status judge by */
typedef struct sr_context {
	sr_arena arena;
	sr_filter_ctx filter;
	sr_term_use *terms; /* of the year asked for */
	size_t term_count;
	sr_term_row *all; /* of all years */
	size_t all_count;
	sr_period *periods;
	size_t period_count;
	sr_day year_first, year_last;
	bool year_exists, year_over;
	int64_t role_student, role_teacher, role_staff, role_substitute; /* Schoology ids; 0: not mapped */
	int64_t *mapped_roles;                                           /* of the whole district */
	size_t mapped_roles_count;
	char missing_role[120]; /* a configured title that Schoology does not have; "" none */
} sr_context;
int sr_context_load(sr_txn *t, sr_school *s, sr_yearid year, sr_context *out, sr_err *err);
void sr_context_done(sr_context *c);
sr_term_fact sr_context_term(const sr_context *c, int64_t termid);
int sr_context_unmapped(const sr_context *c, int *used); /* used terms without a sound map */

/* gate.c */
typedef struct sr_gate_check {
	const char *name;
	bool pass, overridden;
	char evidence[240];
	const char *code; /* of the refusal when this check is the one that fails */
} sr_gate_check;
#define SR_GATE_MAX 8
int sr_gate_judge(sr_school *s, sr_gate_check checks[SR_GATE_MAX], size_t *count, sr_err *err);
bool sr_gate_passes(const sr_gate_check *checks, size_t count);

/* period.c: grading periods a person asked to create, or to give other dates */
typedef void (*sr_period_fn)(void *arg, int64_t period, const sr_err *err);
int sr_period_create(sr_school *s, const char *title, sr_day start, sr_day end, const char *who, sr_period_fn fn,
	void *arg, sr_err *err);

/* The fence allows it for the school's active year alone; whom else the period is mapped by is the caller's care. */
int sr_period_move(sr_school *s, const sr_period *period, sr_day start, sr_day end, const char *who, sr_period_fn fn,
	void *arg, sr_err *err);
void sr_period_forget(sr_engine *e, void *arg); /* its callbacks are not called any more */
void sr_periods_free(sr_engine *e);

/* alert.c */
int sr_alerts_new(sr_engine *e, sr_err *err);
void sr_alerts_free(sr_engine *e);
int64_t sr_alerts_looked_ms(const sr_engine *e); /* when everything was last looked at; 0: not yet */
void sr_alerts_soon(sr_engine *e);               /* something changed: look soon, not now */

/* command.c: the engine goes away, and with it the calls it holds */
void sr_commands_forget(sr_engine *e);

/* People in flight, over all schools; a call that has ended takes all of its people out, whatever became of it. */
bool sr_flight_has(const sr_engine *e, int64_t ident);
int sr_flight_add(sr_engine *e, int64_t ident, int64_t batch);
void sr_flights_end(sr_engine *e, int64_t batch);
