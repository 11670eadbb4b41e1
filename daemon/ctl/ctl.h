/* What every part of sisrollctl is given: the streams, the terminal, the clock, and the request of this call.
 * Never reads the environment (main does) and never keeps anything between calls. */
#pragma once
#include <stdio.h>

#include "base/clock.h"
#include "wire/ctl_msg.h"

/* Exit codes, as DESIGN section 7 fixes them. */
typedef enum ctl_exit {
	CTL_DONE = 0,   /* a no-op too */
	CTL_FAILED = 1, /* refused or failed */
	CTL_USAGE = 2,
	CTL_UNREACHABLE = 3,
	CTL_WAITS = 4, /* for a person */
	CTL_NOT_PERMITTED = 5,
	CTL_TIMED_OUT = 6,
} ctl_exit;

/* The outside, as main found it or a test made it. All borrowed. */
typedef struct ctl_io {
	FILE *in, *out, *err;
	bool interactive; /* a person reads `out` and types into `in` */
	bool out_tty;
	int columns;             /* of the terminal; 0: unknown */
	bool no_color;           /* NO_COLOR was set */
	const char *socket;      /* unless --socket says otherwise */
	const char *self_folder; /* where sisrollctl stands; NULL: unknown */
	const sr_clock *clock;
} ctl_io;

/* Options that every verb takes. */
typedef struct ctl_common {
	const char *socket, *reason, *timeout;
	bool json, yes, force, quiet, no_color, wait, no_wait, help, version;
} ctl_common;

typedef struct ctl_request {
	const sr_command *command; /* NULL: none was named */
	ctl_common common;         /* texts borrowed from argv */
	int64_t timeout_ms;        /* 0: none */
	bool waits;                /* stream until the work has ended */
	json_t *params;            /* what is sent; an object */
	json_t *render;            /* what stays here: csv, config; an object */
	char *typed;               /* what stood behind the verb, for refusals: "101 102" */
} ctl_request;

void ctl_request_done(ctl_request *request);
SR_AUTO_DEFINE(ctl_request, ctl_request_done);

/* verbs.c: the command line into a request. -1: `err` says what was not understood. */
int ctl_parse(int argc, char *const *argv, ctl_request *out, sr_err *err);

/* run.c: everything behind the command line. Returns the exit code. */
ctl_exit ctl_run(const ctl_io *io, const ctl_request *request);
/* Parses, then runs; says itself what was not understood. */
ctl_exit ctl_main(const ctl_io *io, int argc, char *const *argv);

/* help.c */
void ctl_help_overview(const ctl_io *io);
void ctl_help_verb(const ctl_io *io, const sr_command *command, bool json);
ctl_exit ctl_help(const ctl_io *io, const ctl_request *request);

/* config.c: `config check` and `config example` are sisrolld's to answer. */
ctl_exit ctl_config_check(const ctl_io *io, const ctl_request *request);
ctl_exit ctl_config_example(const ctl_io *io, const ctl_request *request);

/* suggest.c: the verb nearest to what was typed, or NULL if none is near. */
const char *ctl_suggest(const char *typed);
