/* The parts of a running sandbox.
 * Never used outside serve*.c. */
#pragma once
#include <event2/event.h>
#include <openssl/types.h>

#include "serve.h"

/* --- serve_tls.c --- */
struct bufferevent;
SSL_CTX *sim_tls_new(const char *cert, const char *key, sr_err *err);
void sim_tls_free(SSL_CTX *tls); /* may be NULL */
struct bufferevent *sim_tls_connection(struct event_base *base, void *tls);

/* --- serve_http.c: one service on one port --- */
typedef struct sim_http sim_http;
/* tls: NULL for plain http; outlives it otherwise. */
sim_http *sim_http_new(
	struct event_base *base, SSL_CTX *tls, sim_front *front, sim_service service, const char *address, sr_err *err);
void sim_http_free(sim_http *h);
const char *sim_http_url(const sim_http *h); /* "http://127.0.0.1:8901" */

/* --- serve_control.c --- */
typedef struct sim_control sim_control;
sim_control *sim_control_new(struct event_base *base, sim_admin *admin, const char *path, sr_err *err);
void sim_control_free(sim_control *c); /* removes the socket */

/* --- serve_files.c --- */
/* Writes the four secret files, mode 0600, into `folder` (made if missing). */
int sim_credentials_write(const char *folder, uint64_t seed, sim_ps *ps, sr_err *err);
/* A folder, or a zip by way of unzip(1) in a temporary one that is removed at the end. Where `holds`
 * (a file's name) lies one folder deeper, as in a zip of a folder, that one is meant. */
typedef struct sim_folder {
	char *path, *temporary;
} sim_folder;
int sim_folder_open(sim_folder *f, const char *path, const char *holds, sr_err *err);
void sim_folder_close(sim_folder *f);
/* Installs a folder or a zip. */
int sim_plugin_install(sim_ps *ps, const char *path, bool beside, sr_err *err);
