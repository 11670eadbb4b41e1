/* One run: what the files run*.c share. */
#pragma once
#include <jansson.h>

#include "core/figure.h"
#include "core/merge.h"
#include "engine/engine_priv.h"

#define SR_PULL_KINDS 6

/* A person as one school's run sees him. */
typedef struct sr_person {
	int64_t ident;
	int64_t home;     /* school number */
	int64_t main_key; /* the source row that speaks for him */
	int64_t grade;    /* of a student */
	bool here, teaches, current_here, current_somewhere, home_synced, judged_in;
	bool will_exist;   /* in Schoology, once this plan is carried out */
	bool comes_back;   /* his account is inactive: what he had before does not come back with it */
	bool in_elsewhere; /* nothing here is his any more, but he is let in at another school */
	sr_verdict verdict;
} sr_person;

/* A section as one school's run sees it. */
typedef struct sr_section_view {
	int64_t dcid, termid;
	int64_t course_ident; /* by its number */
	char course_number[24];
	sr_verdict verdict;
	sr_yearid year;
	bool will_exist;
	bool gone; /* deleted in Schoology: its members went with it */
} sr_section_view;

/* A course number of the school, resolved to one COURSES row (contracts/powerschool.md 16.8). */
typedef struct sr_course_view {
	int64_t ident;
	int64_t key;    /* source key of the chosen row; 0: no row at all */
	int rank;       /* 3 same school, 2 district, 1 another school */
	int64_t let_in; /* let-in sections */
	sr_verdict verdict;
	char number[24]; /* as the first section writes it; for a number without a row */
} sr_course_view;

typedef struct sr_judge {
	sr_context ctx;
	bool ctx_loaded;
	int step;
	int64_t after; /* source key the step has come to */
	sr_section_view *sections;
	size_t section_count, section_cap;
	sr_course_view *courses;
	size_t course_count, course_cap;
	sr_person *people;
	size_t people_count, people_cap;
	int64_t counts[SR_FK_COUNT][SR_V_COUNT];
	sr_term_count *terms;
	size_t term_count;
	int64_t *children; /* dcids of attendance splits */
	size_t children_count, children_cap;
	int64_t *confirm; /* (kind, key) pairs to ask for again */
	size_t confirm_count, confirm_cap;
	bool asked; /* they were asked for: not again in this run */
} sr_judge;

typedef struct sr_pull {
	size_t index; /* into the kinds, in dependency order */
	int64_t after, before, seen;
	bool again;    /* this kind is pulled for the second time */
	bool unproven; /* counts still moved: additions go on, absence is not judged */
	struct {
		int64_t before, now; /* rows; before 0: it did not shrink */
	} shrunk[SR_SRC_COUNT];
	size_t confirm_at;
	int64_t active_students, promoted;
} sr_pull;

/* What a run of leavers is about. */
typedef struct sr_leave_ask {
	int64_t plan;       /* to be carried out; 0: one is made */
	bool graduated;     /* graduates alone */
	sr_day left_before; /* those who left by then; SR_DAY_NONE: whenever */
} sr_leave_ask;

/* What an undo is about. */
typedef struct sr_undo_ask {
	int64_t first, last; /* runs of the school; 0: none */
	char shown[33];      /* digest of the plan that a person has seen and confirmed; "": one is only made */
} sr_undo_ask;

/* What a look at Schoology is about. */
typedef struct sr_check_ask {
	int64_t budget;  /* requests */
	int64_t members; /* sections whose members are read, at most; -1: all */
	bool repair;     /* what stands there is taken in, and a run follows */
	bool afresh;     /* from the beginning, wherever the last look ended */
	bool daily;      /* the daemon's own, beside an ordinary run */
} sr_check_ask;

/* What a person asked a run to be confined to. */
typedef struct sr_scope sr_scope;
struct sr_scope {
	sr_undo_ask undo;
	int kind;        /* sr_tgt, -1: all */
	int64_t person;  /* 0: all */
	int64_t section; /* dcid, 0: all */
	sr_leave_ask leave;
	sr_check_ask check;
	bool drops;             /* send them in this run, whatever the hour */
	int64_t raised_percent; /* the limit of drops for this run, in no other place: it ends with it; 0: not raised */
};

static inline bool sr_scope_confines(const sr_scope *s)
{
	return s->kind >= 0 || s->person || s->section || s->undo.first;
}

/* One side of the walk over memberships: rows fetched SR_CHUNK at a time, kept between turns. */
typedef struct sr_side {
	sr_run *run;
	sr_txn *txn; /* of this turn */
	sr_arena arena;
	sr_ident after;
	void *rows;
	size_t count, at;
	bool end;
	sr_votes votes; /* desired side: of the group just given */
} sr_side;

typedef struct sr_planner {
	int step;
	size_t at; /* into people, courses or sections */
	int64_t seq;
	sr_digest digest;
	sr_side desired, mirror;
	sr_merge merge;
	int64_t people_in, creates_users;
	int64_t guarded[SR_GD_COUNT]; /* operations that a guard counts */
	int64_t active[2];            /* memberships of the year that stand: students', teachers' */
	int64_t planned, waiting, held, deferred, quarantined;
} sr_planner;

typedef struct sr_verify {
	int64_t after; /* section dcid that reading back has come to */
	size_t at;     /* into the sample */
	int64_t wrong, passed;
	int64_t *sample; /* section dcids */
	size_t sample_count;
} sr_verify;

/* run_figures.c: what the run counts by grade and subject */
typedef struct sr_figures {
	void (*done)(sr_run *r);
	int64_t after; /* key that the pages of subjects have come to */
	bool subjects; /* subjects are known */
	sr_figure_member *members;
	size_t count, cap;
	sr_arena arena;
	sr_figure *rows; /* in the arena */
	size_t row_count;
} sr_figures;

struct sr_run {
	sr_school *s;
	sr_engine *e;
	int64_t id, epoch, started_ms;
	sr_run_kind kind;
	sr_run_state state;
	sr_yearid year;
	char who[64];
	bool manual, stopping, inventoried, closing;
	bool by_hand; /* stopped by a person: no failure that is tried again soon */
	char stop_why[sizeof(((sr_err *)0)->text)];
	int pass; /* 1; a first run comes again to see that nothing is left */
	sr_scope scope;
	sr_timer *timer; /* the next step of its own */
	sr_pull pull;
	sr_judge judge;
	sr_planner planner;
	sr_verify verify;
	sr_figures figures;
	int64_t plan;       /* being built or applied */
	int64_t shown_plan; /* the plan a person is shown: the first with something in it */
	int in_flight;      /* writing calls without an answer */
	int stage;          /* of those */
	int attempts;       /* answers in a row that said "not now" of an object, for the back-off */
	bool busy;          /* the last answer was such a one */
	size_t alone;       /* operations that go one a call, for a call with many was refused as a whole */
	int64_t lost_batches;
	void (*settled)(sr_run *r);
	int64_t periods_for; /* seq of the section update whose periods were just read */
	char *periods;       /* theirs - ours before + ours now */
	int64_t ids_for;     /* dcid of the section whose members are being read for their ids */
	bool reading;
	int64_t done, total; /* progress of the applying plan */
	int64_t created, updated, dropped, waiting, failed, deferred, held;
	bool takes_drops;     /* its end is the day's end of drops */
	int64_t ended_before; /* created, updated and failed before this pass */
	json_t *admitted;
	struct sr_leave *leave;      /* run_inactive.c */
	struct sr_undo *undo;        /* run_undo.c */
	struct sr_return *returning; /* run_return.c */
	struct sr_check *check;      /* run_check.c */
	json_t *guards;              /* what each guard counted and said, as sr_guard_json makes it */
};

/* run.c */
int sr_run_start(
	sr_school *s, sr_run_kind kind, const char *who, bool manual, const sr_scope *scope, int64_t *id, sr_err *err);
void sr_run_raise(sr_run *r, sr_run_event event, const char *why);
void sr_run_fail(sr_run *r, const sr_err *err);  /* LOST: back off, or the end */
void sr_run_stop(sr_school *s, const char *why); /* no request of it begins after this */
void sr_run_free(sr_run *r);
int sr_runs_reconcile(sr_engine *e, sr_err *err); /* what a dead process left */
void sr_run_later(sr_run *r, int64_t delay_ms, sr_timer_fn fn);
bool sr_run_close_late(sr_run *r);  /* true: the run was over, and may be gone now */
bool sr_run_stale(const sr_run *r); /* stopped, or the school's epoch has moved on */
int sr_run_save(sr_run *r, sr_txn *t, sr_err *err);
void sr_run_progress(sr_run *r);

/* follow.c: a run after the one under way, if that is the daemon's own */
bool sr_follow_may(const sr_school *s, const sr_scope *scope);
int sr_follow_ask(sr_school *s, const char *who, const sr_scope *scope, sr_err *err);
void sr_follow_begin(sr_school *s); /* a run of `s` has ended: its wish, and the schools that are wanted */
void sr_follow_forget(sr_school *s);
/* A person's row has come in or gone out at the run's school: the school that owns his account runs too. */
int sr_follow_owner(sr_run *r, sr_txn *t, const sr_source_row *row, int64_t home, bool in, sr_err *err);

/* run_periods.c: the section of r->periods_for has been read */
void sr_run_periods_read(sr_run *r, const sr_read_answer *answer);

/* run_ids.c: enrollments go by ids that Schoology does not always tell. 1: their section's members are being read,
 * 0: the id of `row`'s is known. */
int sr_run_ids_ask(sr_run *r, sr_txn *t, const sr_item_row *row, sr_read_fn came, sr_err *err);
/* Keeps what was read; NULL: Schoology does not have the section. */
int sr_run_ids_read(sr_run *r, const sr_read_answer *answer, sr_err *err);

/* run_pull.c: what the next pull of this kind is measured by */
int sr_pull_keep_rows(sr_run *r, sr_txn *t, sr_src kind, int64_t rows, sr_err *err);
/* run_turn.c: the form that steps share */
/* True: the school or the run has moved on, and the run was told so; a turn begins with it. */
bool sr_run_turn_over(sr_run *r);
/* One transaction: `work` answers 1 for more of the same, 0 for the next step, -1 for the run's end. */
void sr_run_turn(sr_run *r, sr_txn_kind kind, int (*work)(sr_run *r, sr_txn *t, sr_err *err), sr_timer_fn again,
	void (*next)(sr_run *r));
/* For runs without a pull: loads the school's context, settles what a dead process had in flight, then begins. */
void sr_run_prepare(sr_run *r, void (*begin)(sr_run *r));

void sr_pull_counted_after(void *arg, int64_t count, const sr_err *failed);

/* The steps, each begun by the run table's act and ended by an event. */
void sr_run_pull(sr_run *r);      /* run_pull.c: PULLED, UNPROVEN, LOST */
void sr_run_plan(sr_run *r);      /* run_judge.c, run_plan.c: PLAN_* */
void sr_run_plan_diff(sr_run *r); /* run_plan.c, after judging */
void sr_run_seal(sr_run *r);      /* run_seal.c: the end of planning */
void sr_run_apply(sr_run *r);     /* run_apply.c: APPLIED, ANSWER_LOST */
void sr_run_settle(sr_run *r);    /* run_settle.c: SETTLED */
void sr_run_verify(sr_run *r);    /* run_verify.c: VERIFIED, DIFFERS */

/* run_guard.c: counts what the guards limit, as it goes into the plan */
void sr_guard_count(sr_planner *p, const sr_plan_item *item, sr_item_state state);
/* While the plan is being sealed, which drops go, which stay for another run, and what must wait
 * for a person. */
int sr_run_guard(sr_run *r, sr_txn *t, sr_err *err);
/* In the same transaction, once nothing is moved between the states any more: a limit that was raised for one run
 * is used up, and a run without a drop left to send has done the day's drops. */
int sr_run_guard_sealed(sr_run *r, sr_txn *t, sr_err *err);
int sr_run_drops_taken(sr_run *r, sr_txn *t, sr_err *err); /* the run has sent what it was to send */

/* run_return.c: asks about people who come back, then calls `done`; failure fails the run */
void sr_run_return(sr_run *r, void (*done)(sr_run *r));
void sr_return_free(struct sr_return *w);
/* An account was brought back, or an object refused, which may be because its person's account is inactive. */
int sr_return_confirmed(sr_txn *t, const sr_mirror_row *before, sr_yearid year, sr_err *err);
int sr_return_suspect(sr_txn *t, const sr_plan_item *item, int code, sr_err *err);

/* run_undo.c: the run that puts back what earlier ones did */
void sr_undo_pull(sr_run *r);
void sr_undo_plan(sr_run *r);
void sr_undo_free(struct sr_undo *u);

/* run_check.c: what Schoology really holds, against what was confirmed. As a run of its own that a person asks for;
 * and, once a day, as the end of an ordinary run, which calls `done` whatever the look met. */
void sr_check_pull(sr_run *r);
void sr_check_plan(sr_run *r);
bool sr_check_due(sr_run *r);
void sr_check_daily(sr_run *r, void (*done)(sr_run *r));
void sr_check_free(struct sr_check *k);
json_t *sr_check_json(const sr_run *r); /* NULL: nothing was looked at */

/* run_inactive.c: the run of leavers */
void sr_leave_pull(sr_run *r);
void sr_leave_plan(sr_run *r);
void sr_leave_free(struct sr_leave *l);
int64_t sr_leave_left_out(const sr_run *r); /* people of the plan who came back */
/* *why: why this account may not be made inactive after all; NULL: it may. */
int sr_leave_judge(sr_run *r, sr_txn *t, const sr_mirror_row *mirror, const char **why, sr_err *err);

/* run_figures.c */
void sr_run_subjects(sr_run *r, void (*done)(sr_run *r)); /* asks for subjects where they are wanted, then goes on */
void sr_figures_reset(sr_run *r);
void sr_figures_free(sr_run *r);
int sr_figures_member(sr_run *r, const sr_source_row *row, sr_verdict verdict, sr_err *err);
int sr_figures_finish(sr_run *r, sr_err *err);                /* everything is judged */
json_t *sr_figures_json(const sr_run *r);                     /* NULL: none are shown */
int sr_figures_keep(const sr_run *r, sr_txn *t, sr_err *err); /* a good run leaves them as the year's */
/* The figures in a rehearsal's counts; their subjects are borrowed from it. */
int sr_figures_read(const json_t *counts, sr_arena *a, sr_figure **out, size_t *count, sr_err *err);
/* What is kept of a year; nothing: count 0. */
int sr_figures_of_year(
	sr_txn *t, const sr_school *s, sr_yearid year, sr_arena *a, sr_figure **out, size_t *count, sr_err *err);

void sr_judge_done(sr_judge *j);
void sr_planner_done(sr_planner *p);
sr_person *sr_judge_person(const sr_judge *j, int64_t ident);
sr_section_view *sr_judge_section(const sr_judge *j, int64_t dcid);
sr_course_view *sr_judge_course(const sr_judge *j, int64_t ident);
/* Asks PowerSchool again for rows whose absence or early end would count; run_confirm.c. */
void sr_run_confirm(sr_run *r);   /* then calls sr_run_confirmed */
void sr_run_confirmed(sr_run *r); /* run_judge.c: judges once more with what is known now */

/* item_end.c: how an operation ends, in the outbox, the mirror and the quarantine */
int sr_item_confirm(
	sr_run *r, sr_txn *t, const sr_item_row *row, sr_yearid year /* of its plan */, int64_t sgy_id, sr_err *err);
int sr_item_gone(sr_run *r, sr_txn *t, const sr_item_row *row, sr_err *err); /* a drop of what Schoology has not */
int sr_item_refuse(sr_run *r, sr_txn *t, const sr_item_row *row, int code, const char *message, sr_err *err);

/* run_settle.c: asks about calls without an answer, then calls `done`; failure fails the run */
void sr_settle(sr_run *r, void (*done)(sr_run *r));
bool sr_settle_needed(sr_run *r);

/* Schoology may say `expired` of the members of a section that is over by itself: they still stand
 * (contracts/schoology.md 10). What we archived ourselves is told apart by the mirror. */
static inline bool sr_member_stands(int status)
{
	return status == 1 || status == 2;
}

/* desired.c: what Schoology should hold, made from judged source rows */
int sr_desired_user(
	sr_run *r, sr_txn *t, const sr_person *p, sr_arena *a, sr_record *out, bool *may_update, sr_err *err);
int sr_desired_course(sr_run *r, sr_txn *t, const sr_course_view *c, sr_arena *a, sr_record *out, sr_err *err);
int sr_desired_section(sr_run *r, sr_txn *t, const sr_section_view *v, sr_arena *a, sr_record *out, sr_err *err);
int sr_desired_member(sr_run *r, sr_txn *t, sr_ident ident, bool admin, sr_arena *a, sr_record *out, sr_err *err);

/* keys.c: text keys and names from templates */
int sr_key_person(const sr_school *s, sr_src kind, const sr_record *row, sr_buf *out, sr_err *err);
typedef struct sr_key_facts {
	const sr_record *course; /* NULL: none */
	const sr_term *term;
	sr_yearid year;
} sr_key_facts;
/* "" when a field of the template is empty. `facts` may be NULL. */
int sr_key_expand(const sr_school *s, const char *tpl, sr_src kind, const sr_record *row, const sr_key_facts *facts,
	sr_buf *out, sr_err *err);
int sr_keys_build(sr_engine *e, sr_txn *t, sr_err *err); /* e->keys, of all people of the district */

/* adopt.c: is it there already? Decides a create against mirror and inventory. */
typedef enum sr_adopt { SR_ADOPT_NONE, SR_ADOPT_DONE /* now in the mirror */, SR_ADOPT_WAITS } sr_adopt;
int sr_adopt_try(sr_run *r, sr_txn *t, sr_tgt kind, sr_ident ident, const sr_record *desired, sr_arena *a,
	sr_adopt *out, const char **why, sr_err *err);

/* What Schoology says of a user, into the values of the mirror; what it does not say stays. */
int sr_adopt_take_user(const sr_target_user *u, sr_arena *a, sr_record *values, sr_err *err);

/* inventory.c */
void sr_run_users(sr_run *r, void (*done)(sr_run *r)); /* the district's users alone, unless read just now */
bool sr_inventory_needed(const sr_run *r);
void sr_run_inventory(sr_run *r, void (*done)(sr_run *r));
void sr_inventory_free(sr_inventory *i);
void sr_inventory_forget(sr_run *r); /* the run is going away */
