/* An alert: what must reach a person who looks at no status. Found by the engine, carried by the daemon.
 * Never names a person, never waits for whoever carries it. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef enum sr_alert_state { SR_AL_RAISED, SR_AL_AGAIN, SR_AL_CLEARED, SR_AL_TEST, SR_AL_STATES } sr_alert_state;

typedef struct sr_alert {
	const char *code;    /* stable: a block's code, or one of lib/engine/alert_rules.c */
	int64_t school;      /* 0: the district */
	const char *subject; /* "312 Cedar Middle", "the district" */
	const char *text;    /* one or two sentences: ids and counts, and what to type */
	sr_alert_state state;
	int64_t since_ms, at_ms; /* wall */
} sr_alert;

/* What came of one way of a test; `way` NULL: that was all. */
typedef void (*sr_alert_told_fn)(void *arg, const char *way, bool ok, const char *text);

/* How alerts leave the machine. */
typedef struct sr_alert_ways {
	void *self;
	/* Copies the alert and carries it later; whatever fails is the carrier's business. */
	void (*send)(void *self, const sr_alert *alert);
	/* The same with an account: `told` comes once a way and once at the end, never from inside. -1: there is no
	 * way, or a test is under way; `told` is not called. */
	int (*test)(void *self, const sr_alert *alert, sr_alert_told_fn told, void *arg);
	void (*forget)(void *self, void *arg); /* `told` is not called any more */
} sr_alert_ways;

const char *sr_alert_state_name(sr_alert_state state);
