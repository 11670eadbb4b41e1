/* An operator's command: method and parameters in, progress and one reply out.
 * Never knows a socket; never trusts the caller to have checked anything but who he is. */
#pragma once
#include <jansson.h>

#include "engine/engine.h"

typedef struct sr_caller {
	uint32_t uid;
	const char *name; /* recorded with every change */
	bool look, admin, operator_;
	bool break_glass; /* root acting for the operator: recorded as such */
	bool second;      /* the account that confirms what the operator asks for, and he what it asks for */
} sr_caller;

typedef struct sr_call sr_call;

typedef struct sr_call_ops {
	void (*progress)(void *arg, json_t *parameters);                   /* borrowed */
	void (*done)(void *arg, json_t *parameters);                       /* taken */
	void (*refused)(void *arg, const char *error, json_t *parameters); /* parameters taken */
} sr_call_ops;

/* Begins `method` ("YearSet"). Exactly one of done and refused is called, maybe before this
 * returns; progress any number of times before it if `more`. Returns a handle while the command
 * is under way, else NULL. */
sr_call *sr_command_start(sr_engine *e, const char *method, const json_t *parameters, const sr_caller *who, bool more,
	const sr_call_ops *ops, void *arg);
/* The caller has gone: his callbacks are forgotten, what was begun goes on. */
void sr_command_cancel(sr_call *call);
