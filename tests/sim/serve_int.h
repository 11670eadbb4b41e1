/* The parts of a running sandbox.
 * Never used outside serve*.c. */
#pragma once
#include <event2/event.h>

#include "serve.h"

/* --- serve_http.c: one service on one port --- */
typedef struct sim_http sim_http;
sim_http *sim_http_new(
	struct event_base *base, sim_front *front, sim_service service, const char *address, sr_err *err);
void sim_http_free(sim_http *h);
const char *sim_http_url(const sim_http *h); /* "http://127.0.0.1:8901" */

/* --- serve_control.c --- */
typedef struct sim_control sim_control;
sim_control *sim_control_new(struct event_base *base, sim_admin *admin, const char *path, sr_err *err);
void sim_control_free(sim_control *c); /* removes the socket */

/* --- serve_files.c --- */
/* Writes the four secret files, mode 0600, into `folder` (made if missing). */
int sim_credentials_write(const char *folder, uint64_t seed, sr_err *err);
/* Installs a folder, or a zip by way of unzip(1) into a temporary folder. */
int sim_plugin_install(sim_ps *ps, const char *path, sr_err *err);
