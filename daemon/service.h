/* What systemd is told: ready, reloading, stopping, one line of status, and that we are alive.
 * Never feeds the watchdog by itself: only while the engine says that it advances. */
#pragma once
#include "base/str.h"
#include "io/loop.h"

typedef struct sr_service sr_service;

typedef struct sr_service_ops {
	bool (*alive)(void *arg);
	void (*status_line)(void *arg, sr_buf *out);
	void *arg;
} sr_service_ops;

/* Begins to beat: every third of the watchdog's time, and at least every few seconds for the status. */
sr_service *sr_service_new(sr_loop *loop, const sr_service_ops *ops, sr_err *err);
void sr_service_free(sr_service *s);

void sr_service_ready(sr_service *s);
void sr_service_reloading(sr_service *s); /* answer with sr_service_ready, whatever came of it */
void sr_service_stopping(sr_service *s);

/* The socket that systemd opened for us under the name `control`; -1: none. */
int sr_service_socket(void);
/* Are we the main process of a unit of the system's manager (not of a user's)? `exec_pid` is what
 * $SYSTEMD_EXEC_PID said, NULL: nothing. */
bool sr_service_is_system(const char *exec_pid);
