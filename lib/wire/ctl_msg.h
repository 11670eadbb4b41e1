/* Varlink messages: calls, replies and errors, built and read in one place for both ends.
 * Never sends, never decides who may do what. */
#pragma once
#include "wire/codes.h"
#include "wire/commands.h"
#include "wire/json.h"

#define SR_CTL_INTERFACE "org.sisroll.Control"
#define SR_VARLINK_INTERFACE "org.varlink.service"

/* The errors that cross the socket. */
#define SR_CTL_REFUSED SR_CTL_INTERFACE ".Refused"            /* code, what, untouched, do */
#define SR_CTL_NOT_PERMITTED SR_CTL_INTERFACE ".NotPermitted" /* needs, who */
#define SR_VARLINK_NO_INTERFACE SR_VARLINK_INTERFACE ".InterfaceNotFound"
#define SR_VARLINK_NO_METHOD SR_VARLINK_INTERFACE ".MethodNotFound"
#define SR_VARLINK_NOT_IMPLEMENTED SR_VARLINK_INTERFACE ".MethodNotImplemented"
#define SR_VARLINK_BAD_PARAMETER SR_VARLINK_INTERFACE ".InvalidParameter"
#define SR_VARLINK_EXPECTED_MORE SR_VARLINK_INTERFACE ".ExpectedMore"

#define SR_CTL_NAME_MAX 128 /* bytes of a method's or an error's full name */

typedef struct sr_ctl_call {
	char interface[SR_CTL_NAME_MAX], method[SR_CTL_NAME_MAX]; /* split at the last dot */
	json_t *params;                                           /* an object, never NULL */
	bool more, oneway, upgrade;
} sr_ctl_call;

/* SR_E_PARSE or SR_E_PROTO: not a Varlink call; nothing sensible can be answered: close. */
int sr_ctl_call_parse(const char *text, size_t len, sr_ctl_call *out, sr_err *err);
void sr_ctl_call_done(sr_ctl_call *call);
SR_AUTO_DEFINE(sr_ctl_call, sr_ctl_call_done);

/* Checks `params` against the command's rows. -1: `field` (of SR_CTL_NAME_MAX bytes) names the culprit for
 * InvalidParameter and `err` says why: unknown field, wrong type, missing. */
int sr_ctl_params_check(const sr_command *command, const json_t *params, char *field, sr_err *err);

/* The texts to send, without the closing NUL that the caller sends too (it is there: send strlen + 1
 * bytes). The caller frees. `params` is borrowed; NULL means {}. NULL: out of memory, `err` filled. */
char *sr_ctl_call_text(const char *method_full, json_t *params, bool more, sr_err *err);
char *sr_ctl_reply_text(json_t *params, bool continues, sr_err *err);
char *sr_ctl_error_text(const char *error_full, json_t *params, sr_err *err);

typedef struct sr_ctl_reply {
	char error[SR_CTL_NAME_MAX]; /* "": a reply */
	json_t *params;              /* an object, never NULL */
	bool continues;
} sr_ctl_reply;

int sr_ctl_reply_parse(const char *text, size_t len, sr_ctl_reply *out, sr_err *err);
void sr_ctl_reply_done(sr_ctl_reply *reply);
SR_AUTO_DEFINE(sr_ctl_reply, sr_ctl_reply_done);

/* A refusal: what and why; what is untouched; what to type. All text is borrowed; `todo` ends with NULL
 * or after SR_ADVICE_MAX. No `todo`: the code's own advice is used. */
#define SR_ADVICE_MAX 6
typedef struct sr_refusal {
	sr_code code;
	const char *what, *untouched;
	const char *todo[SR_ADVICE_MAX];
} sr_refusal;

/* {code, what, untouched, do}: the parameters of SR_CTL_REFUSED. NULL: out of memory. */
json_t *sr_refusal_json(const sr_refusal *refusal);
/* Puts code, why, untouched and do into one row of "results". False: out of memory. */
bool sr_refusal_into(const sr_refusal *refusal, json_t *result);
