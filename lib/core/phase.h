/* THE phase table: where a school stands in the rollover, and what each event makes of it.
 * Never decides whether an event happened; never touches the database. DESIGN section 2. */
#pragma once
#include "base/str.h"
#include "core/year.h"

typedef enum sr_phase {
	SR_PH_SYNCING,
	SR_PH_PAUSED,
	SR_PH_YEAR_SET,
	SR_PH_TERMS_MAPPED,
	SR_PH_RESUMED,
	SR_PH_COUNT
} sr_phase;

typedef enum sr_pev {
	SR_PEV_PAUSE,
	SR_PEV_SIS_ROLLED,
	SR_PEV_YEAR_CHOSEN,       /* a year other than the active one (or any, in paused) */
	SR_PEV_YEAR_CHOSEN_AGAIN, /* the very year that is already set */
	SR_PEV_YEAR_READY,
	SR_PEV_YEAR_LOST,
	SR_PEV_TERMS_MAPPED,
	SR_PEV_TERMS_BROKEN,
	SR_PEV_RESUME_FIRST, /* the gate passed and the active year was never verified */
	SR_PEV_RESUME,       /* the active year is verified, acting user and terms sound */
	SR_PEV_FIRST_SYNC_VERIFIED,
	SR_PEV_YEAR_CANCEL,
	SR_PEV_STARTED,
	SR_PEV_COUNT
} sr_pev;

/* What a step does to the school's years, beside the phase. */
typedef enum sr_pact {
	SR_PACT_NONE,
	SR_PACT_NOTE_ROLLED,   /* remember that PowerSchool has rolled beyond the active year */
	SR_PACT_CHOOSE,        /* chosen = the event's year */
	SR_PACT_ADOPT,         /* fallback = active; active = chosen; chosen = none */
	SR_PACT_RETURN_KEEP,   /* chosen = active; active = fallback */
	SR_PACT_RETURN_CHOOSE, /* active = fallback; chosen = the event's year */
	SR_PACT_RETURN,        /* active = fallback; nothing chosen */
	SR_PACT_DROP_CHOICE,   /* chosen = none */
	SR_PACT_VERIFIED,      /* verified = active; fallback = none */
	SR_PACT_BLOCK_LOST,    /* stay, blocked: year-lost */
	SR_PACT_COUNT
} sr_pact;

typedef struct sr_pcell {
	sr_phase next;
	sr_pact act;
	bool refuse;     /* an operator's event that is not taken here; `why` says what to do */
	const char *why; /* never NULL */
} sr_pcell;

sr_pcell sr_phase_step(sr_phase phase, sr_pev event);

/* What is persisted per school. */
typedef struct sr_phase_state {
	sr_phase phase;
	int64_t epoch; /* raised by every transition and every choice */
	sr_yearid active, chosen, fallback, verified;
	bool sis_rolled_noted;
	bool before_sis_rollover; /* the operator's override of "not rolled over yet" */
} sr_phase_state;

/* Applies `event` (with `year` where the event carries one). Returns the cell that was used;
 * *changed tells whether anything (phase, choice, note) differs and must be recorded. A refused
 * event changes nothing. */
sr_pcell sr_phase_apply(sr_phase_state *s, sr_pev event, sr_yearid year, bool *changed);

const char *sr_phase_name(sr_phase phase); /* "syncing", "paused", "year-set", ... */
bool sr_phase_parse(const char *name, sr_phase *out);
const char *sr_pev_name(sr_pev event);

/* The facts from which `resume` picks its event or its refusal. */
typedef struct sr_resume_facts {
	sr_phase phase;
	sr_yearid active, chosen, verified;
	bool year_over;  /* the active year's last day is past */
	bool sis_rolled; /* PowerSchool rolled beyond the active year */
	int used_terms, unmapped_terms;
	bool gate_passes; /* all checks passed or overridden */
	bool acting_user_ok, terms_sound;
} sr_resume_facts;

typedef enum sr_resume {
	SR_RESUME_NOOP,
	SR_RESUME_GO_FIRST,
	SR_RESUME_GO_SYNC,
	SR_RESUME_NO_YEAR,
	SR_RESUME_CHOICE_PENDING,
	SR_RESUME_YEAR_OVER,
	SR_RESUME_TERMS_UNMAPPED,
	SR_RESUME_GATE,
	SR_RESUME_ACTING_USER,
	SR_RESUME_TERMS_BROKEN,
	SR_RESUME_COUNT
} sr_resume;

sr_resume sr_resume_decide(const sr_resume_facts *f);

/* May a write begin? `manual`: a run a person started. DESIGN section 2, "what never runs". */
bool sr_phase_may_write(const sr_phase_state *s, bool manual, bool year_over);
/* Does the phase run by its schedule / repeat by itself until verified? */
bool sr_phase_scheduled(sr_phase phase);

/* The table as a picture for the documentation. */
void sr_phase_print_md(sr_buf *out);
void sr_phase_print_dot(sr_buf *out);
