/* Log entries as fields; where they go is the sink's business.
 * Never carries a name, an e-mail or a token: entries take ids, counts and our own words. */
#pragma once
#include <stdint.h>

typedef enum sr_level { SR_ERROR, SR_WARNING, SR_NOTICE, SR_INFO, SR_DEBUG, SR_LEVEL_COUNT } sr_level;

/* One kind of event that an operator may meet; each has a stable MESSAGE_ID. */
typedef enum sr_msg {
	SR_MSG_NONE,
	SR_MSG_START,
	SR_MSG_STOP,
	SR_MSG_RELOAD,
	SR_MSG_PHASE,      /* a school changed phase */
	SR_MSG_CHOICE,     /* a year was chosen or cancelled, a term mapped */
	SR_MSG_SIS_ROLLED, /* PowerSchool promoted a school beyond its active year */
	SR_MSG_RUN_DONE,
	SR_MSG_RUN_FAILED,
	SR_MSG_BLOCKED,
	SR_MSG_UNBLOCKED,
	SR_MSG_POLL_FAILED,
	SR_MSG_ACTING_USER,
	SR_MSG_TERM_MOVED,
	SR_MSG_TERMS_BROKEN,
	SR_MSG_OTHER_YEAR, /* the fence refused a write */
	SR_MSG_QUARANTINE,
	SR_MSG_WRONG_DISTRICT,
	SR_MSG_CONTROL,  /* an operator's act was carried out */
	SR_MSG_ALERT,    /* something that must reach a person: raised, again, cleared */
	SR_MSG_DATABASE, /* the state database cannot be written; can again */
	SR_MSG_COUNT
} sr_msg;

typedef struct sr_log_entry {
	sr_level level;
	sr_msg id;
	int64_t school;                             /* 0: the district */
	int64_t epoch, run, operation, plan, count; /* 0: not said */
	const char *from, *event, *to, *year;
	const char *code; /* stable code of a refusal or block */
	const char *who;
	const char *text; /* the sentence for people */
} sr_log_entry;

typedef struct sr_log {
	void *self;
	void (*write)(void *self, const sr_log_entry *entry);
	sr_level max_level;
} sr_log;

/* `log` may be NULL: then nothing is said. */
void sr_log_write(const sr_log *log, const sr_log_entry *entry);
const char *sr_level_name(sr_level level);
/* 32 hex digits, the journal's MESSAGE_ID; NULL for SR_MSG_NONE. */
const char *sr_msg_id(sr_msg msg);
const char *sr_msg_name(sr_msg msg);
