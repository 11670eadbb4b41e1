/* What command.c, selector.c and cmd_*.c share: one call under way, and the forms of its answers.
 * Never included by the engine itself: a command drives the engine, not the other way round. */
#pragma once
#include <jansson.h>

#include "engine/command.h"
#include "engine/engine_priv.h"
#include "io/store_waiting.h"
#include "wire/codes.h"
#include "wire/commands.h"
#include "wire/ctl_msg.h"
#include "wire/json.h"

typedef struct sr_scope sr_scope;

typedef void (*sr_step_fn)(sr_call *c);

/* A run that a call waits for. */
typedef struct sr_awaited {
	sr_school *s;
	int64_t run;  /* 0: not begun yet; the next one of the school above `mark` */
	int64_t mark; /* the newest run before the command */
	bool first;   /* wait for the first run's end, and the phase that follows */
	bool follows; /* wait for the run that a person's wish becomes once another has ended */
	bool over;
	sr_run_state shown; /* what was streamed last */
	int64_t shown_done, shown_total;
} sr_awaited;

struct sr_call {
	sr_watch watch; /* first: the engine's list leads back here */
	sr_engine *e;
	const sr_command *command;
	json_t *params;
	uint32_t uid;
	bool look, admin, operator_; /* what the caller may */
	bool second, break_glass;    /* he is the second account of the two-person rule; root for the operator */
	bool two;                    /* this call needs two persons */
	char two_why[160];
	char who[80]; /* as recorded */
	bool wait, more;
	const sr_call_ops *ops; /* NULL: the caller has gone */
	void *arg;
	bool held, over, busy; /* busy: inside its handler or step */
	bool failed;           /* a part of the answer could not be made */
	bool looked;           /* changed nothing, so nothing is journaled */
	bool finish_alone;     /* goes on without its caller: what was begun has to come to an end */
	sr_timer *turn;
	bool turn_later;     /* `turn` is a deadline, not a step to come at once */
	int64_t deadline_ms; /* monotonic; 0: none */
	sr_step_fn step;
	void *state; /* of the handler; freed by `state_free` */
	void (*state_free)(void *state);
	json_t *results;
	sr_awaited *awaited;
	size_t awaited_count;
	uint64_t poll_mark;
};

/* command.c: exactly one of done, refuse, fail and hold ends a handler or step. */
void sr_call_done(sr_call *c, json_t *stolen); /* NULL: out of memory */
void sr_call_refuse(sr_call *c, const sr_refusal *refusal);
void sr_call_fail(sr_call *c, const sr_err *err); /* the database or memory failed */
/* Keeps the call open: `step` comes in a turn of its own after whatever the engine notifies. */
void sr_call_hold(sr_call *c, sr_step_fn step);
void sr_call_wake(sr_call *c);                       /* a step soon, without an event */
void sr_call_deadline(sr_call *c, int64_t after_ms); /* a step at the latest then */
bool sr_call_late(const sr_call *c);                 /* the deadline has passed, or the engine stops */
bool sr_call_waits(const sr_call *c);                /* does the caller want to see the end? */
void sr_call_progress(sr_call *c, const sr_school *s, int64_t run, const char *phase, int64_t done, int64_t total);
/* One reading transaction. -1: it failed, and the call with it. */
int sr_call_read(sr_call *c, int (*read)(sr_call *c, sr_txn *t, void *arg, sr_err *err), void *arg);
const char *sr_call_reason(const sr_call *c); /* NULL: none was given */
/* Overrides and forced acts need one. False: the call was refused. */
bool sr_call_needs_reason(sr_call *c, const char *what);
/* An option that asks for more than its verb does. False: the call was refused. */
bool sr_call_needs_access(sr_call *c, sr_access access, const char *what);

/* selector.c */
typedef struct sr_pick {
	sr_school *s;
	bool named; /* by its number or name, not by a range or the like */
} sr_pick;
typedef struct sr_picks {
	sr_pick *at;
	size_t count;
	bool given; /* there was a selector at all */
} sr_picks;
void sr_picks_done(sr_picks *p);
SR_AUTO_DEFINE(sr_picks, sr_picks_done);
/* What no selector at all means. */
typedef enum sr_pick_default { SR_PICK_REFUSE, SR_PICK_SYNCED, SR_PICK_EVERY } sr_pick_default;
int sr_select(sr_call *c, sr_pick_default otherwise, sr_picks *out); /* -1: the call was refused */
sr_school *sr_select_one(sr_call *c, const char *text);              /* NULL: the call was refused */

/* cmd_reply.c: refusals with texts of their own, results, and values as the wire writes them */
typedef struct sr_no {
	sr_refusal refusal;
	char what[400], untouched[200];
	char todo[SR_ADVICE_MAX][200];
	size_t todos;
} sr_no;
sr_no *sr_no_init(sr_no *no, sr_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void sr_no_todo(sr_no *no, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sr_call_refuse_no(sr_call *c, sr_no *no);
/* A row of "results", appended. The row is borrowed; NULL: out of memory (the call knows). */
json_t *sr_result_done(sr_call *c, const sr_school *s, bool noop, const char *why);
json_t *sr_result_refused(sr_call *c, const sr_school *s, sr_no *no);
/* True: the school is not synced, and the results say so. */
bool sr_result_unsynced(sr_call *c, const sr_pick *pick);
void sr_result_failed(sr_call *c, const sr_school *s, const sr_err *err);
json_t *sr_results_take(sr_call *c);
void sr_call_results(sr_call *c); /* done: {"results": [...]} */

#define SR_WHEN_BYTES 32
const char *sr_when(int64_t ms, char out[SR_WHEN_BYTES]); /* RFC 3339 with the district's offset */
json_t *sr_text_json(const char *text);                   /* cut texts too: what is no UTF-8 becomes '?'; NULL: null */
void sr_put_text(sr_json_obj *o, const char *key, const char *text);
void sr_put_when(sr_json_obj *o, const char *key, int64_t ms); /* 0: null */
void sr_put_day(sr_json_obj *o, const char *key, sr_day day);
void sr_put_year(sr_json_obj *o, const char *key, sr_yearid year);   /* none: null */
void sr_put_school(sr_json_obj *o, const sr_school *s);              /* school, name */
void sr_list_add(sr_call *c, json_t *list, json_t *stolen);          /* NULL: the call's answer cannot be made */
json_t *sr_value_json(const sr_field *field, const sr_value *value); /* unset: null */
json_t *sr_record_values(const sr_record *record);                   /* column -> value, unset ones left out */
json_t *sr_terms_periods(const sr_term_use *use);                    /* [{id, title}] */
void sr_packed_values(const sr_kind *kind, const sr_packed *packed, sr_arena *a, sr_record *out); /* unset on failure */

/* cmd_choice.c: an operator's choice beside the phase table: one transaction, epoch raised, history, journal */
typedef struct sr_choice {
	const char *event, *why;
	int (*write)(sr_school *s, sr_txn *t, const struct sr_choice *choice, sr_err *err);
	const void *arg;
	const char *who;
} sr_choice;
int sr_choice_make(sr_school *s, const sr_choice *choice, sr_err *err);
/* History only: nothing about the school's choices changes. */
int sr_act_record(
	sr_engine *e, sr_school *s, sr_txn *t, const char *who, const char *event, const char *why, sr_err *err);

/* cmd_token.c: a preview that a person confirms with the token it showed */
#define SR_PREVIEW_LIFE_MS (15 * 60 * 1000LL)
#define SR_PREVIEW_TOKEN_BYTES 33
#define SR_PREVIEW_DIGEST_BYTES 33
/* Over everything shown, and over what counts beside it (epochs, options). -1: out of memory. */
int sr_preview_digest(sr_call *c, const json_t *shown, const char *beside, char out[SR_PREVIEW_DIGEST_BYTES]);
int sr_preview_token(sr_call *c, const char *action, const char *digest, char out[SR_PREVIEW_TOKEN_BYTES], sr_err *err);
/* Spends the token, unless it is somebody else's: nobody can spend another's. NULL: it counts; "": the database
 * failed (err); else the sentence why it does not count. */
const char *sr_preview_take(sr_call *c, const char *action, const char *digest, const char *token, sr_err *err);

/* cmd_two.c: the rule of two persons, [operator] two_person */
/* Says that this call needs two persons, and so whose tokens count for it. False: one is enough, for the rule is off,
 * or root breaks the glass, which the taking of the token records. */
bool sr_call_two_person(sr_call *c);
const char *sr_call_other_person(const sr_call *c); /* who has to confirm what this caller asks for; NULL: himself */
/* True: refused. The second account confirms, and asks; it decides nothing by itself. */
bool sr_call_alone_refused(sr_call *c);
/* May the token that `uid` was given be spent by this caller? */
bool sr_two_token_counts(const sr_call *c, int64_t uid);
int sr_two_break_glass(sr_call *c, sr_txn *t, const char *action, sr_err *err); /* recorded, if that is what it is */
/* Refuses a token for the reason that sr_preview_take gave. */
void sr_call_refuse_token(sr_call *c, sr_code otherwise, const char *why);

/* cmd_run.c */
/* Why no run may begin at this school now. False: one may. */
bool sr_busy_refusal(const sr_school *s, sr_no *no); /* a run of the school is under way */
bool sr_sync_refusal(sr_school *s, sr_no *no);
int sr_sync_begin(sr_call *c, sr_school *s, int64_t *run, sr_err *err); /* as `sync SCHOOL` does */
/* The person of a student's number and the section of a code; 0 where there is none. */
int sr_scope_find(
	sr_txn *t, const sr_picks *picks, const char *student, const char *section, sr_scope *out, sr_err *err);
bool sr_scope_kind(sr_call *c, int *kind); /* field kind; -1: all. False: the call was refused */

/* cmd_plan.c */
json_t *sr_item_json(const sr_item_row *row, sr_arena *a); /* an operation as plan show has it */

/* cmd_wait.c */
int64_t sr_run_newest(sr_txn *t, int64_t school);
void sr_call_await_run(sr_call *c, sr_school *s, int64_t run);
void sr_call_await_first(sr_call *c, sr_school *s, int64_t mark);
void sr_call_await_next(sr_call *c, sr_school *s, int64_t mark);
/* Ends the handler: at once with the results, or, if the caller waits, when all awaited runs have ended. */
void sr_call_end_runs(sr_call *c);
void sr_poll_begin(sr_call *c);      /* a poll that begins from now on */
bool sr_poll_over(const sr_call *c); /* that one has ended */
sr_code sr_code_of_system(bool target, const sr_err *err);

/* cmd_run.c: may a rehearsal begin? True: not, and `no` says why. */
bool sr_rehearsal_refuses(sr_school *s, sr_no *no);

/* cmd_plan.c */
json_t *sr_plan_counts_json(const sr_plan_counts *counts); /* kind -> {create, update, drop} */
/* whom or what an operation is about, by SIS identity */
void sr_ident_text(sr_tgt kind, sr_ident ident, char *out, size_t size);

/* cmd_runs.c */
bool sr_call_limit(sr_call *c, int64_t otherwise, int64_t max, size_t *out); /* of --limit; false: refused */
typedef struct sr_run_numbers {
	json_t *counts; /* owned */
	int64_t created, updated, dropped, held, waiting, failed;
} sr_run_numbers;
void sr_run_numbers_read(const sr_run_row *row, sr_run_numbers *out);
void sr_run_numbers_put(const sr_run_numbers *n, sr_json_obj *o);

/* cmd_facts.c: what is known of one school, for status, next, year and resume */
typedef struct sr_facts {
	sr_context ctx;  /* of the active year */
	sr_yearid asked; /* the year in question: chosen, else the one PowerSchool moves to, else active */
	bool asked_terms, rolled;
	int64_t promoted, students, sections;
	int used, mapped;
	sr_block_row *blocks; /* of the school or the district, gravest first */
	size_t block_count;
	int64_t quarantined;
	sr_waiting_count waiting; /* the room, not the last plan alone */
	sr_run_row last;
	bool has_last;
	sr_run_numbers numbers; /* of `last` */
	int64_t canary;         /* the school that this one follows; 0: none */
	char follows_why[200];
	sr_override_row *overrides;
	size_t override_count;
} sr_facts;
int sr_facts_load(sr_txn *t, sr_school *s, sr_facts *out, sr_err *err);
void sr_facts_done(sr_facts *f);
SR_AUTO_DEFINE(sr_facts, sr_facts_done);
int64_t sr_facts_not_released(const sr_facts *f); /* enrollments, as the last run counted them */
bool sr_facts_year_has_terms(const sr_context *c, sr_yearid year, sr_day *first, sr_day *last);

/* cmd_next.c */
typedef struct sr_next {
	char command[120]; /* without "sisrollctl"; "wait" */
	char why[240];
	int rank; /* worst first */
} sr_next;
void sr_next_of(const sr_school *s, const sr_facts *f, sr_next *out);

/* cmd_gate.c */
json_t *sr_gate_json(sr_call *c, const sr_school *s, const sr_gate_check *checks, size_t count);
void sr_gate_refusal(sr_no *no, const sr_school *s, const sr_gate_check *checks, size_t count);

/* cmd_block.c */
/* The gravest block that stops writes (or reads), as a refusal. False: none stands. */
bool sr_block_refusal(sr_school *s, bool reads, const char *verb, sr_no *no);

/* cmd_title.c: which grading period a term gets */
typedef struct sr_title_ask {
	sr_school *s;
	const sr_term *term;
	const char *title; /* NULL: by the template */
	const sr_period *periods;
	size_t period_count;
	const sr_period_intent *intents;
	size_t intent_count;
} sr_title_ask;
/* Answers the title to create; or *existing: the period that is this one already. -1: the title is
 * taken with other dates. */
int sr_title_find(const sr_title_ask *ask, sr_buf *title, int64_t *existing, sr_err *err);

#define CTL_COMMAND(verb, min, max, access, handler, since, help) void sr_##handler(sr_call *c);
#include "wire/commands.def"
