/* Both stand-ins behind evhttp, and the control socket, on one loop.
 * Never listens beyond loopback. */
#pragma once
#include "admin.h"
#include "ps_service.h"
#include "sgy_api.h"

typedef struct sim_serve_options {
	const char *powerschool, *schoology; /* ADDR:PORT; port 0: any free one */
	const char *district;                /* spec, or "oneroster:FOLDER|ZIP" */
	const char *synced_by;               /* another writer that has filled Schoology before; NULL: none */
	uint64_t seed;
	const char *plugin;             /* folder or zip; NULL: none installed */
	const char *credentials;        /* folder for the four secret files; NULL: none are written */
	const char *control;            /* path of the control socket */
	const char *db;                 /* file; NULL: in memory */
	const char *tls_cert, *tls_key; /* PEM files, both or none: https instead of http */
	const char *date;               /* YYYY-MM-DD; NULL: today, or what the database was set to */
	sim_ps_options ps;
	sim_sgy_options sgy;
} sim_serve_options;

/* Serves until `quit`, SIGINT or SIGTERM. Prints one line "ready powerschool=URL schoology=URL
 * control=PATH" on standard output once requests are answered. */
int sim_serve(const sim_serve_options *options, sr_err *err);

/* Sends a command to a running sandbox and prints what it says; answers the exit code,
 * 3 if nobody listens. */
int sim_order(const char *control, int argc, const char *const *argv);
